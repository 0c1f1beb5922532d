"""Execute one workbook for one region in a folder of its own, and say what came of it.

Nothing here touches the outputs folder: a notebook, its tables and its charts are made in a scratch folder, and the
run moves them to their place. So it does not matter which process or machine executes a notebook, nor how often.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook, remove_error_markers

from eis_lib.batch import drawing
from eis_lib.batch.cleaning import INJECTED_ID, _is_injected, _save, in_language, plain_notebook
from eis_lib.charts import renderer
from eis_lib.kernels import warm
from eis_lib.kernels.server import QUIET_ENVIRONMENT, apart, remark
from eis_lib.language.messages import ENGLISH
from eis_lib.record.errand import Errand
from eis_lib.record.manifest import Input, sha256_of
from eis_lib.record.task import STOPPED, FailedNotebookError, Result, Task
from eis_lib.section.method import STEPS

ENGINE = "eis"
FAILED_TAG = "eis-failed"

# papermill and nbclient log what they also raise; the run says it once, in its own words.
logging.getLogger("papermill").addHandler(logging.NullHandler())

logging.getLogger("papermill").propagate = False


@dataclass
class _Watch:
    """What is seen of a notebook while it is executed."""

    deadline: float
    env: dict[str, str]
    cwd: str
    warm: bool
    notebook: NotebookNode | None = None
    cell: int | None = None
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str) -> None:
        self.marks[name] = time.monotonic()

    def seconds(self) -> dict[str, float]:
        marks = [("", self.marks["begin"]), *list(self.marks.items())[1:]]
        spent = {name: at - before for (_, before), (name, at) in pairwise(marks)}
        spent["total"] = marks[-1][1] - marks[0][1]
        return {name: round(value, 3) for name, value in spent.items()}

    def remaining(self, _cell: object) -> int:
        return max(1, round(self.deadline - time.monotonic()))

    def cell_starts(self, cell: NotebookNode, cell_index: int) -> None:  # noqa: ARG002
        self.cell = cell_index

    def kernel_is_ready(self, notebook: NotebookNode) -> None:  # noqa: ARG002
        self.mark("start")


class _Engine(NBClientEngine):
    """papermill's own engine, with the client's settings that take waiting out and noise off the notebook."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, watch: _Watch, **_kwargs: object
    ) -> None:
        watch.notebook = nb_man.nb
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=warm.manager_class(warm=watch.warm),
            # the deadline is the notebook's; nbclient asks before each cell how long that one may take
            timeout_func=watch.remaining,
            on_notebook_start=watch.kernel_is_ready,
            on_cell_execute=watch.cell_starts,
            iopub_timeout=60,
            record_timing=False,
            store_widget_state=False,
            # cells have finished and written their files: there is nothing left to be graceful about
            shutdown_kernel="immediate",
        )
        with client.setup_kernel(env=watch.env, cwd=watch.cwd):
            client.papermill_execute_cells()
            watch.mark("cells")
        watch.mark("shutdown")


papermill_engines.register(ENGINE, _Engine)


def execute(task: Task) -> Result:
    """Execute one notebook in a fresh kernel and return what came of it; a failure is a result, not an exception."""
    step = STEPS[task.step]
    # a cluster may execute a notebook twice, when it believes a worker to be lost
    folder = task.scratch / uuid.uuid4().hex
    record = folder / "record"
    here = folder / "here"
    watch = _Watch(
        deadline=time.monotonic() + task.timeout,
        env=_environment(task, folder),
        cwd=str(here),
        warm=task.warm,
    )
    watch.mark("begin")
    message = ""
    made: dict[str, Any] = {}
    outputs: dict[str, str] = {}
    read: tuple[Input, ...] = ()
    try:
        for new in (folder, record, here):
            new.mkdir()
        _run_cells(task, watch)
        made = read_record(record)
        check_made(record, made, task.step, _kinds_to_make(task))
        language = made.get("parameters", {}).get("language", ENGLISH)
        _save(folder / step.notebook, in_language(plain_notebook(_executed(watch)), language))
        if _is_there(record, "tables", "action_plan", "csv"):
            watch.cell = None
            read = apart(_make_documents, task, folder, language, warm=task.warm)
            watch.mark("documents")
        outputs = _hashes(folder, task.step)
    except KeyboardInterrupt:
        message = STOPPED
    except Exception as error:  # noqa: BLE001 - whatever happened is the result; the other notebooks go on
        message = _reason(error, task)
        if watch.notebook is not None:
            # papermill's markers have random ids, and shift the cells
            watch.notebook = remove_error_markers(watch.notebook)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    saved = step.notebook
    cell = ""
    if message:
        cell = _cell_name(watch)
        message = f"{cell}: {message}" if cell else message
        saved = _save_failed(task, watch, message, folder)
    watch.mark("save")
    return Result(
        task.region,
        task.step,
        message,
        cell,
        folder,
        saved,
        made,
        outputs,
        watch.seconds(),
        remark() if task.warm else "",
        read,
    )


def _run_cells(task: Task, watch: _Watch) -> None:
    execute_notebook(
        str(task.workbooks / STEPS[task.step].notebook),
        None,
        parameters={"region": task.region} | ({"language": task.language} if task.language else {}),
        engine_name=ENGINE,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        progress_bar=False,
        watch=watch,
    )


def _kinds_to_make(task: Task) -> tuple[str, ...]:
    # a region alone has nothing to be compared with, and so nothing to draw
    is_alone = STEPS[task.step].after_barrier and len(task.chosen) == 1
    return ("tables",) if is_alone else ("tables", "charts")


def _environment(task: Task, folder: Path) -> dict[str, str]:
    """Return the kernel's environment."""
    errand = Errand(str(folder / "record"), str(task.earlier), tuple(task.chosen), str(task.checked))
    return {
        **os.environ,
        **QUIET_ENVIRONMENT,
        # a user's IPython settings and start-up files are not part of a review
        "IPYTHONDIR": str(folder / "ipython"),
        "EIS_PARAMETERS": str(task.parameters),
        **errand.environment(),
        renderer.DRAWN_BY: drawing.drawing_address() if task.warm else "",
    }


def _executed(watch: _Watch) -> NotebookNode:
    if watch.notebook is None:
        msg = "the notebook was never opened"
        raise FailedNotebookError(msg)
    return watch.notebook


def read_record(record: Path) -> dict[str, Any]:
    """Return what the workbook wrote into ``record.json``.

    Raises
    ------
    FailedNotebookError
        If it wrote none: a workbook that leaves no record has not opened a review.
    """
    try:
        found = json.loads((record / "record.json").read_text("utf-8"))
    except FileNotFoundError:
        msg = "it left no record of what it read and made"
        raise FailedNotebookError(msg) from None
    if not isinstance(found, dict):
        msg = "its record.json is not a record"
        raise FailedNotebookError(msg)
    return found


def check_made(record: Path, made: Mapping[str, Any], step: str, kinds: Sequence[str]) -> None:
    """Check that a workbook made what it should: at least one of each kind, and each table that others read.

    Raises
    ------
    FailedNotebookError
        Naming what is missing.
    """
    missing = [kind for kind in kinds if not made.get(kind)]
    missing += [
        f"the table '{name}', which is gathered from every region"
        for name in STEPS[step].gathered
        if not (record / "tables" / f"{name}.csv").is_file()
    ]
    missing += [
        f"tables/{name}.csv"
        for name in made.get("tables", ())
        if not _is_there(record, "tables", name, "csv")
    ]
    missing += [
        f"charts/{name}.{ending}"
        for name in made.get("charts", ())
        for ending in ("json", "svg", "png")
        if not _is_there(record, "charts", name, ending)
    ]
    if missing:
        msg = f"it ran to its end but made no {', no '.join(missing)}"
        raise FailedNotebookError(msg)


def _is_there(record: Path, kind: str, name: str, ending: str) -> bool:
    path = record / kind / f"{name}.{ending}"
    return path.is_file() and path.stat().st_size > 0


def _make_documents(task: Task, folder: Path, language: str) -> tuple[Input, ...]:
    from eis_lib.batch.documents import make_documents

    return make_documents(task, folder, language)


def _hashes(folder: Path, step: str) -> dict[str, str]:
    """Return the hash of every output, by its place under the region's outputs."""
    made = (STEPS[step].notebook, *(path.name for path in sorted(folder.glob("*.docx"))))
    found = {name: sha256_of(folder / name) for name in made}
    for kind in ("charts", "tables"):
        for path in sorted((folder / "record" / kind).glob("*")):
            found[f"{kind}/{step}/{path.name}"] = sha256_of(path)
    return found


def _cell_name(watch: _Watch) -> str:
    if watch.notebook is None or watch.cell is None:
        return ""
    cell = watch.notebook.cells[watch.cell]
    return f"cell {watch.cell + 1} [{INJECTED_ID if _is_injected(cell) else cell.get('id', '')}]"


def _reason(error: Exception, task: Task) -> str:
    """Return in one line why a notebook failed. nbclient's three exceptions have no common parent."""
    if isinstance(error, PapermillExecutionError | CellExecutionError):
        return f"{error.ename}: {_one_line(str(error.evalue))}"
    if isinstance(error, DeadKernelError):
        return "its kernel was killed (out of memory?)"
    if isinstance(error, CellTimeoutError):
        return f"it was not done after {task.timeout:g} seconds"
    if isinstance(error, FailedNotebookError):
        return str(error)
    return f"{type(error).__name__}: {_one_line(str(error))}"


def _one_line(text: str, most: int = 300) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def failed_name(step: str) -> str:
    """Return the file name under which a notebook is kept that did not come to its end."""
    return f"{STEPS[step].stem}.failed.ipynb"


def _save_failed(task: Task, watch: _Watch, message: str, folder: Path) -> str:
    """Save the notebook as far as it got, marked; return its file name, or nothing where even that fails."""
    if watch.notebook is None:
        return ""
    name = failed_name(task.step)
    notebook = plain_notebook(watch.notebook)
    mark = nbformat.v4.new_markdown_cell(
        f"**This notebook did not come to its end.** Region {task.region}, step {task.step}: {_plain(message)}",
        id=FAILED_TAG,
        metadata={"tags": [FAILED_TAG]},
    )
    notebook.cells = [mark, *notebook.cells]
    try:
        _save(folder / name, notebook)
    except OSError:
        # a full disk: what the notebook had made takes the room it needs
        shutil.rmtree(folder / "record", ignore_errors=True)
        try:
            _save(folder / name, notebook)
        except OSError:
            return ""
    return name


def _plain(text: str) -> str:
    """Return text that Markdown and HTML show as it is."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+!|~<>&$" else sign for sign in text)
