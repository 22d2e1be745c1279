"""Finds a Chromium for the browser tests, or unpacks the one of the npm packages. Needs no root.

An installed Chromium or Chrome is taken first (``CHROMIUM=/path`` names one). Otherwise the
package @sparticuz/chromium, pinned in package.json, is unpacked into ``.cache/chromium``: it brings
its own libraries, and the Chinese font is the one our certificates are set in.

    python -m tools.chromium    prints the path, unpacking first where needed
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import sys
import tarfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import brotli

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "node_modules" / "@sparticuz" / "chromium"
CACHE: Final = ROOT / ".cache" / "chromium"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS: Final = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{wheel}</dir>
  <dir>{packed}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer>
    <family>Noto Sans SC</family><family>Open Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A browser to start: where it is, and what it needs in its environment."""

    path: Path
    env: dict[str, str] = field(default_factory=dict)


def find() -> Chromium:
    """An installed browser, else the npm package's, unpacked once.

    Raises:
        FileNotFoundError: If there is neither.
    """
    named = os.environ.get("CHROMIUM")
    for name in (named,) if named else NAMES:
        if installed := shutil.which(name):
            return Chromium(Path(installed))
    if named:
        raise FileNotFoundError(f"CHROMIUM={named} is no program that can be started")
    program = CACHE / "chromium"
    if not (CACHE / ".complete").is_file():
        if not PACKAGE.is_dir():
            raise FileNotFoundError(
                "no Chromium is installed and its npm package is not there; run `make browser`"
            )
        unpack()
    libraries = [str(CACHE / "al2023" / "lib"), str(CACHE)]
    libraries += filter(None, [os.environ.get("LD_LIBRARY_PATH")])
    fonts = _fonts()
    return Chromium(
        program,
        {
            "LD_LIBRARY_PATH": os.pathsep.join(libraries),
            "FONTCONFIG_FILE": str(fonts),
            "FONTCONFIG_PATH": str(fonts.parent),
        },
    )


def unpack() -> None:
    """Unpack the browser and its libraries; several test processes may ask at once."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (CACHE / ".complete").is_file():
            return
        packed = PACKAGE / "bin"
        program = CACHE / "chromium"
        program.write_bytes(brotli.decompress((packed / "chromium.br").read_bytes()))
        program.chmod(0o755)
        for name, folder in (("al2023", "al2023"), ("swiftshader", "."), ("fonts", "fonts")):
            data = brotli.decompress((packed / f"{name}.tar.br").read_bytes())
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                # Python 3.11.2 of Debian 12 has no filters yet; npm has checked the package's hash.
                if hasattr(tarfile, "data_filter"):
                    archive.extractall(CACHE / folder, filter="data")
                else:
                    archive.extractall(CACHE / folder)  # noqa: S202 - as above
        (CACHE / ".complete").touch()


def _fonts() -> Path:
    """A font configuration that knows the Chinese font of the wheel pylopdf-fonts-zh-cn."""
    spec = find_spec("pylopdf_fonts_zh_cn")
    wheel = Path(spec.origin).parent if spec and spec.origin else CACHE
    file = CACHE / "fonts.conf"
    text = FONTS.format(wheel=wheel, packed=CACHE / "fonts", cache=CACHE / "fontcache")
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")
    return file


if __name__ == "__main__":
    try:
        print(find().path)
    except FileNotFoundError as error:
        sys.exit(str(error))
