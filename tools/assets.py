"""Copies the few files we serve from ``node_modules`` to ``cstrain/layout/static/vendor``.

Nothing is bundled and nothing is changed, but for the comment that points to a source map we do not
serve, and that the style sheet stands in the cascade layer ``vendor``, so that a plain rule of our
own always wins over it. The icons of ``tools/icons.txt`` become one SVG sprite. ``manifest.json``
in that folder says of every file which package and version it is from and what its digest is.

    python -m tools.assets
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ROOT / "node_modules"
VENDOR: Final = ROOT / "cstrain" / "layout" / "static" / "vendor"
FILES: Final = {
    "tabler.min.css": ("@tabler/core", "dist/css/tabler.min.css"),
    "tabler.min.js": ("@tabler/core", "dist/js/tabler.min.js"),
    "htmx.min.js": ("htmx.org", "dist/htmx.min.js"),
    "echarts.min.js": ("echarts", "dist/echarts.min.js"),
    "licences/htmx.txt": ("htmx.org", "LICENSE"),
    "licences/echarts.txt": ("echarts", "LICENSE"),
    "licences/echarts-notice.txt": ("echarts", "NOTICE"),
    "licences/tabler-icons.txt": ("@tabler/icons", "LICENSE"),
}
FILLED: Final = "-filled"
Nodes = dict[str, list[tuple[str, dict[str, str]]]]


def main() -> None:
    """Make the folder anew, so that nothing of an older version stays."""
    if not PACKAGES.is_dir():
        sys.exit("node_modules is missing; run `make setup`")
    shutil.rmtree(VENDOR, ignore_errors=True)
    manifest = {}
    for name, (package, source) in FILES.items():
        data = (PACKAGES / package / source).read_bytes()
        if name.endswith((".css", ".js")):
            data = re.sub(rb"\n?/[/*]# sourceMappingURL=.*?(\*/)?\s*$", b"\n", data)
        if name.endswith(".css"):
            data = b"@layer vendor{" + data.removeprefix(b'@charset "UTF-8";') + b"}\n"
        manifest[name] = _write(name, data, package)
    manifest["icons.svg"] = _write("icons.svg", sprite().encode(), "@tabler/icons")
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (VENDOR / "manifest.json").write_text(text, encoding="utf-8")
    print(f"{len(manifest)} files in {VENDOR.relative_to(ROOT)}")


def sprite() -> str:
    """One SVG with a ``<symbol>`` for every icon of ``tools/icons.txt``.

    The width of the strokes is left to the page's style; everything else is as drawn.
    """
    folder = PACKAGES / "@tabler" / "icons"
    outline: Nodes = json.loads((folder / "tabler-nodes-outline.json").read_bytes())
    filled: Nodes = json.loads((folder / "tabler-nodes-filled.json").read_bytes())
    lines = (ROOT / "tools" / "icons.txt").read_text(encoding="utf-8").splitlines()
    names = sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})
    symbols = []
    for name in names:
        nodes = (
            filled.get(name.removesuffix(FILLED)) if name.endswith(FILLED) else outline.get(name)
        )
        if nodes is None:
            sys.exit(f"tools/icons.txt: @tabler/icons has no icon {name!r}")
        style = (
            'fill="currentColor" stroke="none"'
            if name.endswith(FILLED)
            else 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
        )
        shapes = "".join(f"<{tag}{_attributes(values)}/>" for tag, values in nodes)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24" {style}>{shapes}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _attributes(values: dict[str, str]) -> str:
    return "".join(f' {key}="{value}"' for key, value in values.items())


def _write(name: str, data: bytes, package: str) -> dict[str, str]:
    target = VENDOR / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    version = json.loads((PACKAGES / package / "package.json").read_bytes())["version"]
    return {
        "package": package,
        "version": str(version),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


if __name__ == "__main__":
    main()
