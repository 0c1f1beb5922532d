"""How fast a workbook answers its reader: a real JupyterLab and Chromium on an invented pack of 2,000 services.

``python tests/benchmarks/interactive.py`` prints, for the coverage map, the overlap list and the journeys, the time from
releasing a control to the changed picture (median and 95th percentile), and the time from ``eis lab`` to the first workbook.
Each release asks for a choice that was not computed before. Wanted: 300 ms, 700 ms and 15 s on two cores.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import find_chromium  # noqa: E402

from tests.synthetic import write_packs  # noqa: E402

PATIENCE = 300_000

# resolves with the milliseconds from the key press to the first frame in which a chart of the cell is another one
WATCH = """
([cell, press]) => new Promise((resolve) => {
  const area = [...document.querySelectorAll('.jp-CodeCell')].find((one) => one.textContent.includes(cell));
  const picture = () => [...area.querySelectorAll('.vega-embed svg')].map((svg) => svg.outerHTML).join('');
  const before = picture();
  const start = performance.now();
  const look = () => {
    const now = picture();
    if (now && now !== before) requestAnimationFrame(() => resolve(performance.now() - start));
    else if (performance.now() - start > 60000) resolve(NaN);
    else setTimeout(look, 5);
  };
  look();
  const control = area.querySelector(press.selector);
  if (press.value === undefined) {
    control.focus();
    control.dispatchEvent(new KeyboardEvent('keydown', { key: press.key, code: press.key, bubbles: true, cancelable: true }));
  } else {
    control.selectedIndex = press.value;
    control.dispatchEvent(new Event('change', { bubbles: true }));
  }
})
"""


def start(root: Path, home: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Start ``eis lab`` and return its process and address."""
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    log = home / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "eis_lib.cli", "lab", "--no-browser"],
            cwd=root, env=environment, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    while not (found := re.search(r"http://127\.0\.0\.1:\d+/lab\S+token=\w+", log.read_text())):
        if process.poll() is not None:
            raise SystemExit(log.read_text())
        time.sleep(0.05)
    return process, found[0]


def open_workbook(page: Page, address: str, name: str) -> None:
    """Open a workbook and wait until it has run."""
    page.goto(address.replace("1_map", name) + "&reset", timeout=PATIENCE)
    page.wait_for_function("window.eisWorkbookHasRun === true", timeout=PATIENCE)
    page.wait_for_selector("text=| Idle", timeout=PATIENCE)
    page.wait_for_timeout(2000)


def measure(page: Page, cell: str, presses: list[dict[str, object]]) -> list[float]:
    """Return the milliseconds of each release."""
    times = []
    for press in presses:
        times.append(float(page.evaluate(WATCH, [cell, press])))
        page.wait_for_timeout(700)
    return times


def tell(name: str, times: list[float]) -> None:
    """Print median, 95th percentile and all the times."""
    ordered = sorted(times)
    last = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(
        f"{name:<14} median {statistics.median(times):6.0f} ms   95th percentile {last:6.0f} ms   "
        f"({', '.join(f'{t:.0f}' for t in times)})",
        flush=True,
    )


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--services", type=int, default=2000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root, home = Path(folder) / "project", Path(folder) / "home"
        home.mkdir()
        shutil.copytree(ROOT / "workbooks", root / "workbooks", ignore=shutil.ignore_patterns(".*"))
        (root / "outputs").mkdir()
        (region,) = write_packs(root / "parameters", 1, wanted.services)
        for path in (root / "workbooks").glob("*.ipynb"):
            path.write_text(path.read_text("utf-8").replace("koprivnica", region), "utf-8")
        began = time.monotonic()
        process, address = start(root, home)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1280, "height": 800})
                page.goto(address, timeout=PATIENCE)
                page.get_by_label("Region", exact=True).wait_for(timeout=PATIENCE)
                print(
                    f"first workbook usable after {time.monotonic() - began:.1f} s ({wanted.services} services)"
                )
                open_workbook(page, address, "1_map")

                presses = [
                    {"selector": ".widget-dropdown:nth-of-type(2) select", "value": n} for n in range(2, 12)
                ]
                tell("coverage map", measure(page, "combinations of", presses))
                open_workbook(page, address, "3_test")
                key = {"selector": ".noUi-handle", "key": "ArrowRight"}
                back = {"selector": ".noUi-handle", "key": "ArrowLeft"}
                times = measure(page, "to see why they are paired", [key] * 5 + [back] * 8)
                tell("overlap list", times[:5] + times[10:])  # those between go back over shares seen before
                tell("seen before", times[5:10])
                years = [{"selector": ".widget-dropdown select", "value": n} for n in range(3, 13)]
                tell("journeys", measure(page, "watch its path", years))
                browser.close()
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


if __name__ == "__main__":
    main()
