# SPDX-License-Identifier: Apache-2.0
"""House rules that a reviewer should not have to look for."""
import re
import subprocess
import warnings

import pytest

CODE = (".cpp", ".hpp", ".py", ".sh", ".cmake")
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager"}
SOFT_LIMITS = {".cpp": 300, ".hpp": 150}


@pytest.fixture(scope="module")
def tracked(root):
    """Every file of the project: what git knows and what is new and not ignored."""
    listing = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"], check=True, capture_output=True, text=True)
    return [root / line for line in listing.stdout.splitlines() if (root / line).is_file()]


def test_every_source_names_its_licence(root, tracked):
    code = [path for path in tracked if path.suffix in CODE or path.name in ("CMakeLists.txt", "Makefile")]
    silent = [str(path.relative_to(root)) for path in code if "SPDX-License-Identifier: Apache-2.0" not in path.read_text()[:400]]
    assert len(code) > 20
    assert not silent


def named_by_us(path):
    """The parts of a path; ids of checks, which name folders of cases, are the catalogue's."""
    return path.parts[3:] if path.parts[:2] == ("tests", "checks") else path.parts


def test_no_file_or_folder_has_a_name_that_says_nothing(root, tracked):
    vague = [str(path.relative_to(root)) for path in tracked
             if any(set(re.split(r"[_\-.]", part.lower())) & VAGUE for part in named_by_us(path.relative_to(root)))]
    assert not vague


def test_no_type_or_namespace_has_a_name_that_says_nothing(root, tracked):
    declared = re.compile(r"\b(?:class|struct|namespace)\s+(\w*(?:[Uu]til|[Hh]elper|[Mm]anager|[Mm]isc)\w*)")
    vague = [f"{path.relative_to(root)}: {found.group(1)}" for path in tracked if path.suffix in (".cpp", ".hpp")
             for found in declared.finditer(path.read_text())]
    assert not vague


def test_sizes_stay_readable(root, tracked):
    """Soft: a list of the larger files in the run's warnings, a failure only where a file is twice as long as it should be."""
    sizes = {path.relative_to(root): len(path.read_text().splitlines()) for path in tracked
             if path.suffix in SOFT_LIMITS and path.relative_to(root).parts[0] in ("src", "include")}
    large = {path: lines for path, lines in sizes.items() if lines > SOFT_LIMITS[path.suffix]}
    if large:
        warnings.warn("larger than the soft limit: " + ", ".join(f"{path} ({lines})" for path, lines in sorted(large.items())))
    assert not [f"{path}: {lines} lines" for path, lines in large.items() if lines > 2 * SOFT_LIMITS[path.suffix]]


def test_no_source_is_bound_to_one_machine(root, tracked):
    here = str(root)
    bound = [str(path.relative_to(root)) for path in tracked if path.suffix in CODE + (".md", ".yaml", ".json", ".mod") and here in path.read_text(errors="replace")]
    assert not bound, f"these name the folder that the project happens to be in: {bound}"


def test_scripts_are_executable_and_stop_at_errors(root, tracked):
    for path in tracked:
        if path.suffix == ".sh" and path.name != "environment.sh":
            text = path.read_text()
            assert path.stat().st_mode & 0o111, path
            assert "set -euo pipefail" in text or '/environment.sh"' in text, path


def test_every_make_target_calls_something_that_exists(root):
    text = (root / "Makefile").read_text()
    called = set(re.findall(r"scripts/[\w-]+\.sh", text))
    assert called
    assert not [script for script in called if not (root / script).is_file()]


def test_no_two_headers_of_a_module_name_the_same_constant(root):
    """The linker would take one of them for both, without a word (one definition rule)."""
    seen = {}
    for path in sorted([*root.glob("src/**/*.hpp"), *root.glob("include/**/*.hpp")]):
        module = path.relative_to(root).parts[1 if path.is_relative_to(root / "src") else 2]
        for name in re.findall(r"^inline (?:constexpr|const) [^=;({]*?\b(k_\w+)\b", path.read_text(), re.MULTILINE):
            seen.setdefault((module, name), []).append(str(path.relative_to(root)))
    assert len(seen) > 50
    assert {key: paths for key, paths in seen.items() if len(paths) > 1} == {}
