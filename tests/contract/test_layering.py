# SPDX-License-Identifier: Apache-2.0
"""docs/architecture.md says which module may include which, and who may use which library. The sources have to agree."""
import re

import pytest

# How a library of the table shows up in an #include line.
HEADERS = {
    "fmt": r"fmt/", "tl::expected": r"tl/expected", "re2": r"re2/", "openssl": r"openssl/", "yaml-cpp": r"yaml-cpp/", "curl": r"curl/",
    "simdjson": r"simdjson", "cpp-httplib": r"httplib\.h", "prometheus-cpp": r"prometheus/", "nlohmann-json": r"nlohmann/",
    "sqlite": r"sqlite3", "librdkafka": r"librdkafka/", "zlib": r"zlib\.h", "CLI11": r"CLI/", "toml++": r"toml\+\+/", "spdlog": r"spdlog/",
}
SYSTEM_PREFIXES = ("sys/", "arpa/", "net/", "netinet/", "linux/", "sanitizer/")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def names(cell):
    return set() if cell == "–" else {name.strip() for name in cell.split(",")}


@pytest.fixture(scope="module")
def table(root):
    """{module: (may include, libraries)} in the order of the page."""
    rows = {}
    lines = iter((root / "docs/architecture.md").read_text().splitlines())
    for line in lines:
        if line.startswith("| module |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    break
                module, _, includes, libraries = cells(row)
                rows[module] = names(includes), names(libraries)
    assert rows, "docs/architecture.md has no module table"
    return rows


def sources(root):
    for folder in ("src", "include/seaworthy"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".hpp") and path.name != "main.cpp":
                yield path.relative_to(root / folder).parts[0], path


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def test_every_folder_of_sources_is_in_the_table(root, table):
    assert {module for module, _ in sources(root)} <= set(table)


def test_the_table_is_a_layering(table):
    for module, (allowed, _) in table.items():
        assert allowed <= set(table), f"{module} may include modules that the table lacks"
        for other in allowed:
            assert module not in table[other][0], f"{module} and {other} may include each other"


def test_modules_include_only_what_the_table_allows(root, table):
    wrong = []
    for module, path in sources(root):
        for number, own, header in includes(path):
            if not own:
                continue
            target = header.split("/")[1] if header.startswith("seaworthy/") else header.split("/")[0]
            public = header.startswith("seaworthy/")
            where = f"{path.relative_to(root)}:{number}: {header}"
            if not public and (root / "src" / header).is_file():
                if target != module:
                    wrong.append(f"{where} is private to {target}")
            elif not public and (path.parent / header).is_file():
                continue
            elif target not in table:
                wrong.append(f"{where} is no header of a module")
            elif target != module and target not in table[module][0]:
                wrong.append(f"{where}: {module} may not include {target}")
            elif public and not (root / "include" / header).is_file():
                wrong.append(f"{where} does not exist")
    assert not wrong, "\n".join(wrong)


def test_libraries_stay_with_the_modules_that_own_them(root, table):
    wrong = []
    for module, path in sources(root):
        allowed = {"tl::expected"} if "include" in path.relative_to(root).parts else table[module][1] | {"tl::expected", "fmt"}
        for number, own, header in includes(path):
            used = {library for library, pattern in HEADERS.items() if re.match(pattern, header)}
            if not own and not used and "/" in header and not header.startswith(SYSTEM_PREFIXES):
                wrong.append(f"{path.relative_to(root)}:{number}: {header} belongs to no library of the table")
            if not own and used - allowed:
                wrong.append(f"{path.relative_to(root)}:{number}: {module} may not use {', '.join(used)} here")
    assert not wrong, "\n".join(wrong)


def test_cmake_links_no_more_than_the_table_allows(root, table):
    text = (root / "src/CMakeLists.txt").read_text()
    declared = dict(re.findall(r"seaworthy_module\((\w+)(.*?)\)", text, re.S))
    assert set(declared) == set(table)
    for module, arguments in declared.items():
        depends = re.search(r"DEPENDS ([a-z ]+)", arguments)
        assert set(depends.group(1).split() if depends else []) <= table[module][0], module


def test_the_sources_use_no_backtracking_regular_expressions(root):
    users = [str(path.relative_to(root)) for _, path in sources(root) if any(header == "regex" for _, own, header in includes(path) if not own)]
    assert not users, f"std::regex is open to hostile text (docs/adr/0002): {users}"
