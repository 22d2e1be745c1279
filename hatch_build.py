"""Build hook: a wheel that works by itself in an empty environment.

The wheel carries the course and the migrations (as ``cstrain/_shipped``) and what a checkout makes
with `make setup`: the front-end packages' files and the compiled translations. An editable install
takes nothing along, because the checkout has it all.
"""

from __future__ import annotations

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
        if not (root / "node_modules" / ".run").is_file():
            self._run("tools.npm", "ci", "--omit=dev")
        self._run("tools.assets")
        self._run("tools.translations", "--compile")
        build_data["artifacts"] += [
            "cstrain/layout/static/vendor/**",
            "cstrain/translations/**/*.mo",
        ]
        for folder in ("content", "migrations"):
            build_data["force_include"][str(root / folder)] = f"cstrain/_shipped/{folder}"

    def _run(self, *arguments: str) -> None:
        """Run one of our own tools with the Python that builds."""
        subprocess.run([sys.executable, "-m", *arguments], cwd=self.root, check=True)  # noqa: S603
