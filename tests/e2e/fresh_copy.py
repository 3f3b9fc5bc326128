# SPDX-License-Identifier: Apache-2.0
"""The project as a clone has it, with what is not committed yet."""
import subprocess


def fresh_copy(root, folder):
    """Copies every file of the project into the folder, and gives that."""
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    for name in listed.split("\0")[:-1]:
        if not (root / name).exists():
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((root / name).read_bytes())
        (folder / name).chmod((root / name).stat().st_mode)
    return folder
