"""A real Chromium for the tests that need one; found, or installed where that is allowed, or the tests are skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """The path of a Chromium on this machine, or an empty text."""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


def install_chromium() -> str:
    """Install Debian's Chromium, once even where several test processes want it; what went wrong, or an empty text."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return "there is no Chromium, and it cannot be installed: that takes root and apt-get"
    with FileLock(Path(tempfile.gettempdir()) / "eis-chromium.lock"):
        if find_chromium():
            return ""
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            ["apt-get", "update", "-q"],
            ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-liberation"],
        ):
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if done.returncode:
                return f"there is no Chromium, and '{' '.join(command)}' failed: {done.stderr.strip()[-300:]}"
    return "" if find_chromium() else "apt-get installed no Chromium"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """A running Chromium; ``chromium.new_context()`` gives a fresh profile."""
    if not find_chromium():
        problem = install_chromium()
        if problem:
            pytest.skip(problem)
    # root may not use the sandbox; containers often have a small /dev/shm
    browser = playwright.chromium.launch(
        executable_path=find_chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=120_000
    )
    yield browser
    browser.close()
