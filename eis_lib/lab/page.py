"""A workbook open in JupyterLab: one page whose every section follows the region and the reader's choices.

A section is a function of the review, here as in a batch run. The page keeps what each made, so that a choice is
computed once, and hands it to an output widget as a whole, so that the old stays in sight until the new is there.
"""

from __future__ import annotations

import html
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets
from IPython.display import display

from eis_lib.lab import guidance
from eis_lib.lab.controls import button
from eis_lib.lab.output import fill, in_words
from eis_lib.lab.part import _SectionPart
from eis_lib.language.messages import use_language
from eis_lib.notebook.showing import Output, markdown
from eis_lib.pack.folders import find_parameters
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain


def state_of(parameters: Path) -> tuple[tuple[str, int, int], ...]:
    """Return a mark that changes with every file of the packs."""
    marks = []
    for path in sorted(parameters.glob("*/*")):
        if path.suffix in {".csv", ".yaml"}:
            stat = path.stat()
            marks.append((f"{path.parent.name}/{path.name}", stat.st_mtime_ns, stat.st_size))
    return tuple(marks)


class Page:
    """One workbook at work in JupyterLab.

    Attributes
    ----------
    step, region : str
    review : Review or None
        None where the region's pack cannot be opened; ``problem`` says why.
    problem : str
        Markdown.
    """

    def __init__(self, step: str, region: str, open_region: Callable[[str], Review]) -> None:
        """Open a region; `open_region` returns its review or raises."""
        self.step = step
        self.region = region
        self.review: Review | None = None
        self.problem = ""
        self._open = open_region
        self._parts: list[Callable[[], None]] = []
        self._opened: dict[str, tuple[Any, Review, dict[Any, Section]]] = {}
        self._editors: list[Any] = []
        self._busy = ipywidgets.HTML()
        self._busy.add_class("eis-busy")
        self._load()

    # --- the review ----------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Return the folder of the region's pack."""
        return find_parameters() / self.region

    def _load(self) -> None:
        self.review, self.problem = None, ""
        try:
            state = state_of(find_parameters())
            known = self._opened.get(self.region)
            if known is None or known[0] != state:
                known = self._opened[self.region] = (state, self._open(self.region), {})
            self.review = known[1]
        except Exception as error:  # noqa: BLE001 - the page stays; the reader is told in words
            self.problem = in_words(error)

    def made(self, section: Callable[..., Section], chosen: Mapping[str, Any]) -> Section:
        """Return a section of the review, computed at most once for the same choices."""
        if self.review is None:
            raise RuntimeError("the region's pack cannot be opened")
        memo = self._opened[self.region][2]
        key = (section.__module__, section.__qualname__, tuple(sorted(chosen.items())))
        if key not in memo:
            memo[key] = section(self.review, **chosen)
        return memo[key]

    def switch(self, region: str) -> None:
        """Draw the whole page for another region."""
        self.region = region
        self.reload()

    def reload(self) -> None:
        """Read the pack again and draw the whole page."""
        self.say(f"Reading {self.region} …")
        self._load()
        for number, draw in enumerate(self._parts, start=1):
            self.say(f"Drawing {number} of {len(self._parts)} …")
            draw()
        self.say("")

    def unsaved(self) -> str:
        """Return the names of the tables with edits that were not saved; empty if there are none."""
        return ", ".join(f"{name}.csv" for grid in self._editors for name in grid.unsaved())

    def say(self, text: str) -> None:
        """Say beside the picker what goes on."""
        self._busy.value = f'<span role="status">{html.escape(text)}</span>'

    # --- parts ---------------------------------------------------------------------------------------------------

    def _part(self, draw: Callable[[], None]) -> None:
        self._parts.append(draw)
        draw()

    def guarded(self, out: Any, outputs: Callable[[Review], Iterable[Output]]) -> bool:
        """Show outputs of the review, or in words why they cannot be shown; return whether they could."""
        if self.review is None:
            fill(
                out, [markdown(f"*{plain(self.region)}* cannot be opened yet; the top of the page says why.")]
            )
            return False
        try:
            with use_language(self.review.language):
                fill(out, list(outputs(self.review)))
        except Exception as error:  # noqa: BLE001 - the page goes on; the reader is told in place
            fill(out, [markdown(f"**This section cannot be shown for this region.** {in_words(error)}")])
            return False
        return True

    def add(self, outputs: Callable[[Review], Iterable[Output]]) -> None:
        """Add something that follows the region alone."""
        out = ipywidgets.Output()
        display(out)

        def draw() -> None:
            self.guarded(out, outputs)

        self._part(draw)

    def top(self, outputs: Callable[[Review], Iterable[Output]]) -> None:
        """Add the region picker, the progress strip, what to do next, and what `outputs` says of the region."""
        from eis_lib.lab.picker import Picker

        picker = Picker(self)
        out, guide = ipywidgets.Output(), ipywidgets.Output()
        again = button("Read the pack again", self.reload)
        update = button("Bring the results up to date", self._run)
        row = ipywidgets.HBox([picker.widget, again, update, self._busy], layout={"flex_flow": "row wrap"})
        display(ipywidgets.VBox([row, picker.form, out, guide]))

        def draw() -> None:
            picker.show(self.region)
            self.guarded(guide, self._guide)
            if self.review is None:
                fill(out, [markdown(f"**{plain(self.region)} cannot be opened.** {self.problem}")])
            else:
                self.guarded(out, outputs)

        self._part(draw)

    def _guide(self, review: Review) -> Iterable[Output]:
        parameters = find_parameters()
        states = guidance.progress(parameters, self.region)
        undecided = guidance.undecided_candidates(parameters.parent / "outputs", self.region)
        advice = guidance.what_next(review.pack, undecided)
        yield markdown(guidance.next_line(advice, states, self.step))
        yield markdown(guidance.strip(states, self.step))
        yield Output({"text/html": guidance.glossary_html(review.vocabulary, self.step), "text/plain": ""})

    def _run(self) -> None:
        """Run the region's workbooks in the background, as ``eis run`` does, and draw the page anew afterwards."""

        def work() -> None:
            command = [sys.executable, "-m", "eis_lib.cli", "run", self.region, "--quiet"]
            done = subprocess.run(
                command, cwd=find_parameters().parent, capture_output=True, text=True, check=False
            )
            self.reload()
            said = (done.stderr or done.stdout).strip().splitlines()
            self.say(
                "The results are up to date."
                if done.returncode == 0
                else "Not everything could be run: " + " ".join(said[:3])
            )

        self.say("Running the workbooks of this region; the page can be used meanwhile …")
        threading.Thread(target=work, daemon=True).start()

    def explore(
        self, section: Callable[..., Section], choices: Mapping[str, Any], answer: Any = None
    ) -> None:
        """Add a section with its controls and, where it has one, the answer to what is picked in its chart."""
        _SectionPart(self, section, choices, answer)

    def edit(self, tables: Sequence[str]) -> None:
        """Add the editing grid of some of the pack's tables."""
        from eis_lib.lab.editor import Editor

        editor = Editor(self, tables)
        self._editors.append(editor)
        display(editor.widget)
        self.register(editor.follow)

    def decide(self, kinds: Sequence[str]) -> None:
        """Add the form in which a decision is recorded."""
        from eis_lib.lab.judging import DecisionForm

        form = DecisionForm(self, kinds)
        display(form.widget)
        self.register(form.follow)

    def assess(self) -> None:
        """Add the form in which a policy is judged."""
        from eis_lib.lab.judging import AssessmentForm

        form = AssessmentForm(self)
        display(form.widget)
        self.register(form.follow)

    def register(self, draw: Callable[[], None]) -> None:
        """Have `draw` called now and whenever the page is drawn anew."""
        self._part(draw)
