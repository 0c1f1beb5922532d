"""What is handed to a worker and what comes back: light, as the process that runs them all needs nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eis_lib.record.manifest import Input

STOPPED = "stopped by hand"


@dataclass(frozen=True)
class Task:
    """One notebook to execute, as it is handed to a worker.

    Attributes
    ----------
    region, step : str
    workbooks, parameters, earlier : Path
        Absolute folders: the source workbooks, the packs, and the outputs in which earlier steps left their tables.
    chosen : tuple of str
        The regions that are compared with one another.
    checked : Path
        File with the hashes of tables that were checked and found sound.
    scratch : Path
        A folder that is there; each execution makes one of its own in it.
    timeout : float
        Seconds after which the notebook is given up.
    warm : bool
        Whether its kernel comes from a fork server.
    language : str
        Language passed to the workbook; empty: none is.
    """

    region: str
    step: str
    workbooks: Path
    parameters: Path
    earlier: Path
    chosen: tuple[str, ...]
    checked: Path
    scratch: Path
    timeout: float
    warm: bool = True
    language: str = ""


@dataclass(frozen=True)
class Result:
    """What came of a notebook.

    Attributes
    ----------
    region, step : str
    message : str
        Why it failed, in one line; empty if it succeeded.
    cell : str
        The cell it failed in, e.g. ``cell 5 [journeys]``.
    folder : Path
        The folder of this execution.
    saved : str
        File name, in that folder, of the notebook (whole, or as far as it got); empty if it could not be saved.
    record : mapping
        What the workbook said it read and made.
    outputs : mapping of str to str
        File, by its place under the region's outputs, → hash. Empty if it failed.
    seconds : mapping of str to float
        Where the time went: ``start``, ``cells``, ``shutdown``, ``documents``, ``save``, ``total``.
    remark : str
        Something to be said once about how it was executed.
    documents_read : tuple of Input
        What its documents were made from, besides what the workbook read.
    """

    region: str
    step: str
    message: str = ""
    cell: str = ""
    folder: Path = Path()
    saved: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    remark: str = ""
    documents_read: tuple[Input, ...] = ()


class FailedNotebookError(Exception):
    """Raised when a workbook ran to its end without making what it should."""
