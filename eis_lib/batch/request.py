"""What is asked of a run, what happens in it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from eis_lib.record.graph import Node
from eis_lib.section.method import STEPS


class BusyError(RuntimeError):
    """Raised when another run is writing to the same outputs folder."""


@dataclass(frozen=True)
class Request:
    """What is asked of a run.

    Attributes
    ----------
    workbooks, parameters, outputs : Path
        Absolute folders.
    regions : tuple of str
        The regions whose notebooks are wanted.
    partners : tuple of str
        All regions that are compared with one another, those wanted among them.
    steps : tuple of str
        The steps wanted; what they rest on is brought up to date too.
    jobs : int
        Notebooks executed at a time on this machine.
    force : bool
        Execute what is wanted even where nothing changed.
    timeout : float
        Seconds after which a notebook is given up.
    scheduler : str
        Address of a Dask scheduler; empty: this machine.
    warm : bool
        Whether kernels come from a fork server.
    language : str
        Language of the regions wanted; empty: each speaks its own.
    """

    workbooks: Path
    parameters: Path
    outputs: Path
    regions: tuple[str, ...]
    partners: tuple[str, ...]
    steps: tuple[str, ...] = tuple(STEPS)
    jobs: int = 1
    force: bool = False
    timeout: float = 600.0
    scheduler: str = ""
    warm: bool = True
    language: str = ""

    def language_of(self, region: str) -> str:
        """Return the language asked for; regions that are only compared with speak their own."""
        return self.language if region in self.regions else ""


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes
    ----------
    kind : str
        ``plan`` (the notebooks to look at are known), ``start``, ``done``, ``fresh`` (nothing changed), ``failed``,
        ``skipped``, ``refused`` (a region), ``gathered``, ``remark``.
    region, step : str
        Empty where the event is about the run.
    message : str
        Why, or what.
    seconds : float
    tables, charts : int
        Made by the notebook.
    path : str
        The notebook it is about, relative to the outputs folder.
    faults : tuple of str
        Of a refused region, as ``eis check`` words them.
    nodes : tuple of Node
        Of a plan: every notebook that is looked at.
    """

    kind: str
    region: str = ""
    step: str = ""
    message: str = ""
    seconds: float = 0.0
    tables: int = 0
    charts: int = 0
    path: str = ""
    faults: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()


@dataclass
class Summary:
    """What came of a run.

    Attributes
    ----------
    outputs : Path
    done, fresh, failed, skipped : list of Node
    refused : mapping of str to tuple of str
        Region → faults of its pack.
    tables, charts : int
        Made or found fresh.
    seconds : float
    stopped : bool
        Whether it was stopped by hand.
    """

    outputs: Path
    done: list[Node] = field(default_factory=list)
    fresh: list[Node] = field(default_factory=list)
    failed: list[Node] = field(default_factory=list)
    skipped: list[Node] = field(default_factory=list)
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tables: int = 0
    charts: int = 0
    seconds: float = 0.0
    stopped: bool = False

    @property
    def is_complete(self) -> bool:
        """Return whether every notebook that was looked at is there and up to date."""
        return not (self.failed or self.skipped or self.refused or self.stopped)


Show = Callable[[Event], None]
