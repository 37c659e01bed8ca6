"""Debian's Chromium, driven by playwright: a letter opened at a width and in a colour scheme."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ripeline.values import Refusal

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 120_000
MISSING = (
    "no Chromium is on this machine: install it with `sudo apt-get install chromium fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji`, "
    "and the driver with `make test` or `pip install playwright`"
)


@dataclass(frozen=True)
class Look:
    """How a letter is looked at: width and height in pixels, and the colours that the reader's machine asks for."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


LOOKS = tuple(
    Look(f"{device}-{scheme}", width, height, scheme) for device, width, height in (("phone", 360, 740), ("desktop", 1024, 900)) for scheme in ("light", "dark")
)  # fmt: skip


def chromium() -> str | None:
    """Return the path of the browser, or None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@contextmanager
def opened() -> "Iterator[dict[Look, Page]]":
    """Give an empty page for each look, in one browser that reaches no network; Refusal says what to install where a part is missing."""
    path = chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise Refusal(MISSING, 3) from error
    if path is None:
        raise Refusal(MISSING, 3)
    # Chromium's own sandbox does not start for root, which is who works in a container.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*flags, "--disable-quic", "--disable-background-networking"], timeout=PATIENCE_MS)
        try:
            yield {look: _page(browser, look) for look in LOOKS}
        finally:
            browser.close()


def late() -> type[Exception]:
    """Return the exception by which a browser says that it does not answer."""
    from playwright.sync_api import TimeoutError as Late

    return Late


def _page(browser: "Browser", look: Look) -> "Page":
    context = browser.new_context(viewport={"width": look.width, "height": look.height}, color_scheme=look.scheme, offline=True)
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()
