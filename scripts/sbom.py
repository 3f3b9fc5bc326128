#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sbom.py BINARY VERSION SECONDS ARCHIVE…: a CycloneDX 1.6 bill of materials of the program: the Debian packages of the libraries that it loads, of the
archives that it was linked from, and of the headers compiled in. SECONDS since 1970 is the time that it carries: the same sources give the same bytes.
sbom.py --inside ARCHIVE…: the packages of the latter two."""
import datetime
import json
import pathlib
import re
import subprocess
import sys
import uuid

COMPILED_IN = ("libcli11-dev", "libexpected-dev", "nlohmann-json3-dev")


def output(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def libraries(binary):
    return sorted({str(pathlib.Path(path).resolve()) for path in re.findall(r"=> (/\S+)", output("ldd", binary))})


def packages_of(paths):
    """Names of the packages that own the files; dpkg knows some under /lib, which is a link."""
    found = set()
    for path in paths:
        done = subprocess.run(["dpkg", "-S", path, path.removeprefix("/usr")], capture_output=True, text=True)
        owners = {line.split(":")[0] for line in done.stdout.splitlines()}
        if not owners:
            sys.exit(f"sbom.py: no Debian package has {path}")
        found |= owners
    return found


def packages_of_archives(archives):
    """An archive of scripts/static-libraries.sh is compiled from the source of the package that a list beside it names."""
    found, debian = set(), []
    for archive in map(pathlib.Path, archives):
        listed = archive.parent / "packages"
        if listed.exists():
            found.add(dict(line.split() for line in listed.read_text().splitlines())[archive.name])
        else:
            debian.append(str(archive.resolve()))
    return found | packages_of(debian)


def component(package, scope):
    version, source, architecture = output("dpkg-query", "-W", "-f", "${Version}\\t${source:Package}\\t${Architecture}", package).split("\t")
    purl = f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro=debian-12&upstream={source}"
    return {"type": "library", "bom-ref": purl, "name": package, "version": version, "scope": "required", "purl": purl,
            "properties": [{"name": "seaworthy:linkage", "value": scope}]}


def main(binary, version, seconds, *archives):
    loaded = packages_of(libraries(binary))
    components = [component(package, "dynamic") for package in sorted(loaded)]
    components += [component(package, "static") for package in sorted(packages_of_archives(archives))]
    components += [component(package, "header") for package in sorted(COMPILED_IN)]
    own = {"type": "application", "bom-ref": f"pkg:generic/seaworthy@{version}", "name": "seaworthy", "version": version,
           "purl": f"pkg:generic/seaworthy@{version}", "licenses": [{"license": {"id": "Apache-2.0"}}],
           "hashes": [{"alg": "SHA-256", "content": output("sha256sum", binary).split()[0]}]}
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([own, components], sort_keys=True)).urn,
        "metadata": {"timestamp": datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), "component": own},
        "components": components,
        "dependencies": [{"ref": own["bom-ref"], "dependsOn": [one["bom-ref"] for one in components]}, *({"ref": one["bom-ref"]} for one in components)],
    }
    json.dump(document, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    if sys.argv[1] == "--inside":
        print("\n".join(sorted(packages_of_archives(sys.argv[2:]) | set(COMPILED_IN))))
    else:
        main(*sys.argv[1:])
