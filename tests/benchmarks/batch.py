"""How long the workbooks of all regions take: `eis run` against papermill, ploomber-engine and the bare cells.

``python -m tests.benchmarks.batch`` executes the same notebooks with the same surroundings (packs, earlier tables and
record folder come from one complete run made first), on the same cores, and prints medians of three. A machine may change
its speed within minutes, and CPU seconds change with it: so `eis run` is measured before and after each line that takes
long, and a line's ratio is the median of those of its rounds.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from eis_lib.kernels.server import QUIET_ENVIRONMENT
from eis_lib.pack.folders import list_regions
from eis_lib.record.errand import Errand
from eis_lib.record.graph import BARRIER, Node, order, plan
from eis_lib.record.manifest import COMMON, read_manifest
from eis_lib.section.method import STEPS

ROOT = Path(__file__).parents[2]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
PLOOMBER = "ploomber-engine==0.0.33"
EIS = [sys.executable, "-m", "eis_lib.cli"]
PYTHON = [sys.executable, "-c"]
LONG = 2
"""A line that takes more than this many times `eis run` has it measured before and after."""


@dataclass
class Line:
    """One line of the table: a way to execute all notebooks, and how long it took each time."""

    name: str
    run: Callable[[], None]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    note: str = ""

    def measure(self) -> None:
        """Run once; keep seconds on the clock and CPU seconds of all processes it started and waited for."""
        before, begin = os.times(), time.perf_counter()
        self.run()
        self.seconds.append(time.perf_counter() - begin)
        after = os.times()
        self.cpu.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )

    @property
    def median(self) -> float:
        """Return the median of the seconds on the clock."""
        return statistics.median(self.seconds)

    @property
    def ratio(self) -> float:
        """Return the median of how many times the seconds of `eis run` beside it this took."""
        return statistics.median(self.ratios)

    @property
    def median_cpu(self) -> float:
        """Return the median of the CPU seconds."""
        return statistics.median(self.cpu)


def environment(workspace: Path, record: Path) -> dict[str, str]:
    """Return the environment every notebook is executed in, whoever executes it."""
    regions = list_regions(workspace / "parameters")
    return {
        **os.environ,
        **QUIET_ENVIRONMENT,
        "EIS_PARAMETERS": str(workspace / "parameters"),
        **Errand(str(record), str(workspace / "complete"), tuple(regions)).environment(),
    }


def new_record(workspace: Path) -> Path:
    """Return an empty folder for what a notebook makes."""
    return Path(tempfile.mkdtemp(dir=workspace / "records"))


def papermill_command(node: Node, workspace: Path) -> None:
    """Execute a notebook as papermill's documentation teaches."""
    record = new_record(workspace)
    subprocess.run(
        [
            str(Path(sys.executable).with_name("papermill")), str(ROOT / "workbooks" / STEPS[node.step].notebook),
            str(record / "out.ipynb"), "-p", "region", node.region, "--no-progress-bar",
        ],
        check=True, capture_output=True, env=environment(workspace, record),
    )  # fmt: skip


def papermill_python(node: Node, workspace: Path) -> None:
    """Execute a notebook by papermill's Python interface; run in a worker process."""
    import papermill

    record = new_record(workspace)
    os.environ.update(environment(workspace, record))
    papermill.execute_notebook(
        ROOT / "workbooks" / STEPS[node.step].notebook, record / "out.ipynb", {"region": node.region},
        progress_bar=False,
    )  # fmt: skip


def ploomber_python(node: Node, workspace: Path) -> None:
    """Execute a notebook by ploomber-engine inside the worker process; no kernel, no isolation."""
    sys.path.append(str(workspace / "ploomber"))
    from ploomber_engine import execute_notebook

    record = new_record(workspace)
    os.environ.update(environment(workspace, record))
    execute_notebook(
        str(ROOT / "workbooks" / STEPS[node.step].notebook), str(record / "out.ipynb"),
        parameters={"region": node.region}, progress_bar=False, verbose=False,
    )  # fmt: skip


def bare_cells(nodes: Iterable[Node], workspace: Path) -> float:
    """Return the CPU seconds the cells take in this process, which has imported everything and drawn a chart."""
    import nbformat
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    seconds = 0.0
    for warm_up, node in [(True, next(iter(nodes))), *((False, node) for node in nodes)]:
        os.environ.update(environment(workspace, new_record(workspace)))
        shell.reset()
        notebook = nbformat.read(ROOT / "workbooks" / STEPS[node.step].notebook, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            source = cell.source
            if "parameters" in cell.metadata.get("tags", []):
                source += f"\nregion = {node.region!r}"
            begin = time.perf_counter()
            with capture_output():
                result = shell.run_cell(source)
            if not warm_up:
                seconds += time.perf_counter() - begin
            if not result.success:
                raise RuntimeError(f"{node}: {cell.id}: {result.error_in_exec}")
    return seconds


def in_processes(function: Callable[[Node, Path], None], nodes: list[Node], workspace: Path) -> None:
    """Execute all notebooks in as many processes as cores, in a process of its own so that all is counted."""
    code = (
        f"from tests.benchmarks import batch\nfrom pathlib import Path\nif __name__ == '__main__':\n"
        f"    batch.pool(batch.{function.__name__}, {[(n.region, n.step) for n in nodes]!r}, Path({str(workspace)!r}))\n"
    )
    script = workspace / f"{function.__name__}.py"
    script.write_text(code)
    subprocess.run(
        [sys.executable, str(script)], check=True, cwd=ROOT, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def pool(function: Callable[[Node, Path], None], names: list[tuple[str, str]], workspace: Path) -> None:
    """Map over notebooks; what the process of :func:`in_processes` does."""
    with ProcessPoolExecutor(CORES) as executor:
        for _ in executor.map(function, [Node(*name) for name in names], [workspace] * len(names)):
            pass


def bare_cells_apart(nodes: list[Node], workspace: Path) -> float:
    """Return what :func:`bare_cells` measures in a fresh process."""
    names = [(node.region, node.step) for node in nodes]
    code = (
        "import eis_lib.kernels.preload\nfrom pathlib import Path\nfrom tests.benchmarks import batch\n"
        f"print(batch.bare_cells([batch.Node(*name) for name in {names!r}], Path({str(workspace)!r})))"
    )
    done = subprocess.run(
        [*PYTHON, code],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, **QUIET_ENVIRONMENT},
    )
    return float(done.stdout.split()[-1])


def eis_run(outputs: Path, *, to_the_pages: bool = False) -> None:
    """Run `eis run` until its notebooks are in their place, or (as the others make none) until the pages are."""
    process = subprocess.Popen(
        [
            *EIS, "run", "--json", "--jobs", str(CORES), "--outputs", str(outputs),
            "--parameters", str(outputs.with_name("parameters")),
        ],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event["kind"] == "failed":
            raise RuntimeError(line)
        if event["kind"] == "summary" and not to_the_pages:
            process.kill()
    process.wait()
    while True:  # the fork servers, which belong to nobody once their workers have ended
        try:
            if os.waitpid(-1, 0)[0] == 0:
                break
        except ChildProcessError:
            break


def adopt_orphans() -> bool:
    """Let processes whose parents end become this one's children, so that their CPU seconds are counted."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


PR_SET_CHILD_SUBREAPER = 36


def fetch_ploomber(workspace: Path) -> str:
    """Install ploomber-engine where only the benchmark finds it; return why not, or nothing.

    It is not among the project's packages: an extension it brings reports home. Here it is told not to.
    """
    os.environ["PLOOMBER_STATS_ENABLED"] = "false"
    done = subprocess.run(
        [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(workspace / "ploomber"), PLOOMBER],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else f"{PLOOMBER} could not be installed: {done.stderr.strip()[-200:]}"


def profile(outputs: Path, regions: Iterable[str]) -> list[str]:
    """Return where the time of each step's notebook went, as medians over regions."""
    lines = [
        "| notebook | start | cells | shutdown | save | total |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    manifests = [read_manifest(outputs, region) for region in regions]
    for step in STEPS.values():
        spent = [manifest.steps[step.name].seconds for manifest in manifests if step.name in manifest.steps]
        cells = [f"{statistics.median(one[part] for one in spent):.2f}" for part in PARTS] if spent else []
        lines.append(f"| {step.stem} | {' | '.join(cells)} |")
    return lines


PARTS = ("start", "cells", "shutdown", "save", "total")


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="how often each line is measured")
    parser.add_argument("--regions", type=int, default=0, help="regions, the first by name; 0: all")
    parser.add_argument("--only", default="", help="lines to measure, by their first word, joined by commas")
    asked = parser.parse_args()
    regions = list(list_regions(ROOT / "parameters"))[: asked.regions or None]
    nodes = [node for node in order(plan(regions, list(STEPS), regions)) if node != BARRIER]
    # what is compiled once is compiled for all
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    counts_cpu = adopt_orphans()
    workspace = Path(tempfile.mkdtemp(prefix="eis-benchmark-"))
    (workspace / "records").mkdir()
    for pack in (COMMON, *regions):
        shutil.copytree(ROOT / "parameters" / pack, workspace / "parameters" / pack)
    try:
        eis_run(workspace / "complete", to_the_pages=True)
        missing = fetch_ploomber(workspace)
        fresh = iter(workspace / f"outputs{number}" for number in range(1000))
        bare: list[float] = []
        lines = [
            Line("eis run", lambda: eis_run(next(fresh))),
            Line(
                "papermill command, in a loop",
                lambda: [papermill_command(node, workspace) for node in nodes] and None,
            ),
            Line(
                f"papermill's Python interface, in {CORES} processes",
                lambda: in_processes(papermill_python, nodes, workspace),
            ),
            Line(
                f"ploomber-engine, in {CORES} processes (no kernel, no isolation)",
                lambda: in_processes(ploomber_python, nodes, workspace),
                note=missing,
            ),
            Line(
                f"floor: the cells in one warm process, divided by {CORES}",
                lambda: bare.append(bare_cells_apart(nodes, workspace)),
            ),
            Line(
                "nothing changed: eis run again",
                lambda: eis_run(workspace / "complete", to_the_pages=True),
            ),
        ]
        words = tuple(filter(None, asked.only.split(",")))
        lines = [
            line for line in lines if not line.note and (not words or line.name.startswith(("eis", *words)))
        ]
        ours, *others = lines

        def measure(line: Line) -> float:
            line.measure()
            if line.name.startswith("floor"):
                line.seconds[-1] = bare[-1] / CORES
            print(f"  {line.name}: {line.seconds[-1]:.2f} s, {line.cpu[-1]:.1f} s CPU", file=sys.stderr)
            shutil.rmtree(workspace / "records")
            (workspace / "records").mkdir()
            return line.seconds[-1]

        for _ in range(asked.runs):
            beside = measure(ours)
            for line in others:
                spent, before = measure(line), beside
                if spent > LONG * before:
                    beside = measure(ours)
                line.ratios.append(spent / statistics.mean([before, beside]))
        print(
            f"{len(nodes)} notebooks of {len(regions)} regions, {CORES} cores ({_processor()}), medians of {asked.runs}\n"
        )
        print("| how | seconds | CPU seconds | to eis run (rounds) |\n| --- | --- | --- | --- |")
        for line in lines:
            cpu = f"{line.median_cpu:.1f}" if counts_cpu else "–"
            ratio = (
                "1"
                if line is ours
                else f"{line.ratio:.2f} ({', '.join(f'{one:.2f}' for one in line.ratios)})"
            )
            print(f"| {line.name} | {line.median:.2f} | {cpu} | {ratio} |")
        if missing:
            print(f"\nploomber-engine was not measured: {missing}")
        print("\nSeconds per notebook in eis run, by what they went to (medians over regions):\n")
        print("\n".join(profile(workspace / "complete", regions)))
        print(f"\nPython {platform.python_version()}, {', '.join(_versions())}")
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _processor() -> str:
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _versions() -> list[str]:
    names = ("papermill", "nbclient", "jupyter-client", "ipykernel", "pandas", "altair", "vl-convert-python")
    return [f"{name} {importlib.metadata.version(name)}" for name in names]


if __name__ == "__main__":
    main()
