"""A real JupyterLab, started by ``eis lab`` on a copy of the project, and workbooks open in a real Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from opened import PATIENCE, Lab, Shelf
from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[2]
PACKS = ("_common", "_layers", "koprivnica", "donegal", "alentejo")
"""What the copy of the project holds; the later workbooks compute every region there is, which takes its time."""


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    root = tmp_path_factory.mktemp("project")
    for name in ("workbooks", *(f"parameters/{pack}" for pack in PACKS)):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns(".*"))
    (root / "outputs").mkdir()
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-q", "-m", "Start"],
    ):
        subprocess.run(["git", *words], cwd=root, check=True)
    home = tmp_path_factory.mktemp("home")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("EIS_", "JPY_"))},
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    (home / "config").mkdir()
    (home / "config" / "jupyter_lab_config.json").write_text(
        json.dumps({"LabApp": {"expose_app_in_browser": True}}), "utf-8"
    )
    log = home / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "eis_lib.cli", "lab", "--no-browser"],
            cwd=root, env=environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE / 1000
        while not (found := re.search(r"http://127\.0\.0\.1:\d+/lab\S+token=\w+", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield Lab(root, found[0])
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


@pytest.fixture(scope="module")
def shelf(chromium: Browser, lab: Lab) -> Iterator[Shelf]:
    shelf = Shelf(chromium, lab)
    yield shelf
    shelf.context.close()
