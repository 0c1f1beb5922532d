"""What a notebook imports: open a review, show sections, keep what they make.

In JupyterLab a section is shown with its controls and drawn again when one is released; in a batch run the same
section is shown once, at its defaults, and its charts and tables are kept. There is one code path: a section is a
function of the review.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eis_lib.charts.picture import Picture, draw
from eis_lib.language.messages import gettext, use_language
from eis_lib.notebook.opening import open_review
from eis_lib.notebook.record import write_record, write_section
from eis_lib.notebook.showing import outputs_of, show
from eis_lib.notebook.top import _provenance_outputs, _top_outputs
from eis_lib.pack.settings import PARAMETERS, ParameterError, unknown_parameter
from eis_lib.record.errand import read_errand
from eis_lib.section.section import Section, SectionFunction

_SETUP_NAMES = frozenset(
    {"step", "open_workbook", "book", "In", "Out", "exit", "quit", "get_ipython", "open"}
)


def open_workbook(step: str, namespace: Mapping[str, Any]) -> Workbook:
    """Return the workbook of a notebook, from the variables of its parameters cell.

    Parameters
    ----------
    step : str
        One of the six steps.
    namespace : mapping
        ``globals()`` of the notebook: ``region`` and the step's parameters.

    Raises
    ------
    ParameterError
        If the notebook was given a parameter the step does not know; the nearest name is named.
    """
    known = {"region", *PARAMETERS[step].model_fields}
    if "book" not in namespace:
        for name, value in namespace.items():
            given = isinstance(value, (str, int, float, bool, list, dict, type(None)))
            if given and name not in known and name not in _SETUP_NAMES and not name.startswith("_"):
                raise ParameterError(unknown_parameter(name, step))
    passed = {name: namespace[name] for name in known - {"region"} if name in namespace}
    if "JPY_SESSION_NAME" in os.environ and not read_errand().record:
        from eis_lib.lab.page import Page

        page = Page(step, namespace["region"], functools.partial(open_review, step, passed=passed))
        return Workbook(page.review, page)
    return Workbook(open_review(step, namespace["region"], passed))


@dataclass
class Workbook:
    """A notebook at work: it shows sections of a review and keeps what they make.

    Attributes
    ----------
    review : Review or None
        The review of the region the notebook was opened with; none if its pack has faults (on a live page only).
    page : Page or None
        The live page, where the notebook is open in JupyterLab (as against a batch run).
    """

    review: Any
    page: Any = None
    _kept: dict[str, list[str]] = field(default_factory=lambda: {"tables": [], "charts": []})
    _headline: str = ""

    def top(self) -> None:
        """Show which region is under review; in JupyterLab also the picker, the progress and what to do next."""
        if self.page:
            self.page.top(_top_outputs)
            return
        with use_language(self.review.language):
            for output in _top_outputs(self.review):
                show(output)

    def explore(self, section: SectionFunction, answer: Any = None, /, **choices: Any) -> None:
        """Show a section; in JupyterLab with a control for each choice, in a batch run at its defaults.

        Parameters
        ----------
        section : callable
            Function of the review that returns a :class:`~eis_lib.section.section.Section`.
        answer : Answer
            What a reader may pick in the section's chart, and the section that answers; JupyterLab only.
        **choices
            For each keyword of `section` that a reader may move: a list of options, label → option, a tuple
            (low, high, step), or a function of the review that returns one of these.

        Raises
        ------
        TypeError
            If `section` does not take one of the choices.
        """
        takes = inspect.signature(section).parameters
        for name in choices:
            if name not in takes:
                raise TypeError(
                    f"{section.__name__} takes no '{name}'; it takes {', '.join(list(takes)[1:])}"
                )
        if self.page:
            self.page.explore(section, choices, answer)
            return
        with use_language(self.review.language):
            outcome = section(self.review)
            if section.__name__ == "headline":
                self._headline = gettext(outcome.answer)
            pictures = {name: draw(chart) for name, chart in outcome.charts.items()}
            self._keep(outcome, pictures)
            for output in outputs_of(outcome, pictures, self.review.step):
                show(output)

    def edit(self, *tables: str) -> None:
        """Offer tables of the pack for editing; JupyterLab only (their static twin is the pack itself)."""
        if self.page:
            self.page.edit(tables)

    def decide(self, *kinds: str) -> None:
        """Offer to record a decision on subjects of these kinds; JupyterLab only (see ``decisions.csv``)."""
        if self.page:
            self.page.decide(kinds)

    def assess(self) -> None:
        """Offer to record a judgement of a policy; JupyterLab only (see ``assessments.csv``)."""
        if self.page:
            self.page.assess()

    def provenance(self) -> None:
        """Show what the page was made from: inputs with their hashes, parameters, versions."""
        if self.page:
            self.page.add(_provenance_outputs)
            return
        with use_language(self.review.language):
            for output in _provenance_outputs(self.review):
                show(output)

    def _keep(self, section: Section, pictures: Mapping[str, Picture]) -> None:
        for kind, names in (("tables", section.tables), ("charts", section.charts)):
            for name in names:
                if name in self._kept[kind]:
                    raise ValueError(f"two sections of '{self.review.step}' make {kind[:-1]} '{name}'")
                self._kept[kind].append(name)
        record = read_errand().record
        if record:
            write_section(Path(record), section, pictures)
            write_record(Path(record), self.review, self._headline, self._kept)


__all__ = ["Workbook", "open_review", "open_workbook"]
