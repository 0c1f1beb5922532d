"""Fixtures of the batch tests: small projects, real kernels, real command lines."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import ROOT, write_project
from running import Running

from eis_lib.batch.request import Event, Request, Summary
from eis_lib.batch.run import run
from eis_lib.record.manifest import Surroundings
from eis_lib.record.task import Task


@pytest.fixture(scope="module", autouse=True)  # not longer: other folders' tests share the process
def _library_that_stays_as_it_is(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a library that is edited while its tests run from being what makes a notebook out of date."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(ROOT / "eis_lib", folder / "eis_lib", ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Surroundings, "code", "the library's code")
        patch.setenv("PYTHONPATH", str(folder))
        yield


@pytest.fixture
def ask() -> Callable[..., Request]:
    """Return what makes a request to run a small project."""

    def make(root: Path, *regions: str, **changes: object) -> Request:
        partners = tuple(sorted(p.name for p in (root / "parameters").iterdir() if p.name != "_common"))
        settings = {
            "workbooks": root / "workbooks",
            "parameters": root / "parameters",
            "outputs": root / "outputs",
            "regions": regions or partners,
            "partners": partners,
            "jobs": 2,
            **changes,
        }
        return Request(**settings)

    return make


@pytest.fixture
def go(ask: Callable[..., Request]) -> Callable[..., tuple[Summary, list[Event]]]:
    """Return what runs a small project in this process, and returns summary and events."""

    def make(root: Path, *regions: str, **changes: object) -> tuple[Summary, list[Event]]:
        events: list[Event] = []
        return run(ask(root, *regions, **changes), events.append), events

    return make


@pytest.fixture
def task(tmp_path: Path) -> Callable[..., Task]:
    """Return what makes a task to execute one workbook, with a cell of one's own, in this process."""
    counter = iter(range(100))

    def make(
        step: str = "map", *, root: Path | None = None, timeout: float = 60, warm: bool = True, **extra: str
    ) -> Task:
        if root is None:
            root = write_project(tmp_path / f"project{next(counter)}", "alpha", **extra)
        scratch = root / f"scratch{next(counter)}"
        scratch.mkdir()
        return Task(
            "alpha", step, root / "workbooks", root / "parameters", root / "outputs", ("alpha",),
            scratch / "checked.txt", scratch, timeout, warm,
        )  # fmt: skip

    return make


@pytest.fixture
def running() -> Iterator[Callable[..., Running]]:
    """Return what starts `eis run`; whatever is left at the end of the test is killed."""
    started: list[Running] = []

    def start(root: Path, *arguments: str) -> Running:
        started.append(Running(root, *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
