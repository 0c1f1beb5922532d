"""One section of a page in JupyterLab: its controls, its output, and what answers a click."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import ipywidgets
from IPython.display import display

from eis_lib.lab.controls import ChartClicks, Control, drop_down
from eis_lib.lab.host import Host
from eis_lib.lab.output import fill
from eis_lib.notebook.showing import Output, live_outputs_of, rest_of
from eis_lib.section.review import Review
from eis_lib.section.section import Section


class _SectionPart:
    """One section of the page: controls, output, and what answers a click."""

    def __init__(
        self, page: Host, section: Callable[..., Section], choices: Mapping[str, Any], answer: Any
    ) -> None:
        self.page = page
        self.section = section
        self.choices = choices
        self.answer = answer
        self.chosen: dict[str, Any] = {}
        self.controls: dict[str, Control] = {}
        self.above = ipywidgets.Output()
        self.below = ipywidgets.Output()
        self.answered = ipywidgets.Output()
        self.picks: dict[str, Any] = {}
        self._quiet = False
        parts: list[Any] = []
        for name in choices:
            if self._offered(name) is not None:
                offered, start = self._offered(name)
                self.controls[name] = Control(name, offered, start, self._chooser(name))
        if self.controls:
            row = [control.widget for control in self.controls.values()]
            parts.append(ipywidgets.HBox(row, layout={"flex_flow": "row wrap"}))
        parts.append(self.above)
        if answer is not None:
            parts.append(self._answer_box())
        parts.append(self.below)
        display(ipywidgets.VBox(parts))
        page.register(self._redraw_for_region)

    def _default(self, name: str) -> Any:
        start = inspect.signature(self.section).parameters[name].default
        review = self.page.review
        for holder in (getattr(review, "parameters", None), review):
            if start in (None, inspect.Parameter.empty):
                start = getattr(holder, name, None)
        return start

    def _offered(self, name: str) -> Any:
        choice = self.choices[name]
        if callable(choice):
            if self.page.review is None:
                return None
            choice = choice(self.page.review)
        return choice, self.chosen.get(name, self._default(name))

    def _chooser(self, name: str) -> Callable[[Any], None]:
        def changed(value: Any) -> None:
            self.chosen[name] = value
            self.draw()

        return changed

    def _redraw_for_region(self) -> None:
        if self.page.review is not None:
            for name, control in self.controls.items():
                control.show(*self._offered(name))
        self.draw()

    def draw(self) -> None:
        """Draw the section at its choices."""
        step = self.page.step
        if self.answer is None:
            self.page.guarded(
                self.above, lambda _: live_outputs_of(self.page.made(self.section, self.chosen), step)
            )
            return

        def upper(_review: Review) -> Iterable[Output]:
            made = self.page.made(self.section, self.chosen)
            return live_outputs_of(Section(made.answer, made.charts), step)

        if self.page.guarded(self.above, upper):
            self.page.guarded(self.below, lambda _: rest_of(self.page.made(self.section, self.chosen), step))
        else:
            fill(self.below, [])
        self._offer_picks()

    # --- what answers a click ------------------------------------------------------------------------------------

    def _answer_box(self) -> Any:
        name = f"eis-clicks-{self.section.__name__}"
        self.above.add_class(name)
        self.above.add_class("eis-clickable")
        clicks = ChartClicks(target=name)
        clicks.observe(self._clicked, names="clicked")
        for pick, label in self.answer.picks.items():
            self.picks[pick] = drop_down(label, [])
            self.picks[pick].observe(self._picked, names="value")
        hint = ipywidgets.HTML(f"<strong>{self.answer.hint}</strong>")
        return ipywidgets.VBox([hint, *self.picks.values(), clicks, self.answered])

    def _offer_picks(self) -> None:
        if self.page.review is None:
            options: Mapping[str, Sequence[tuple[str, Any]]] = {name: [] for name in self.picks}
        else:
            try:
                options = self.answer.options(self.page.review, **self.chosen)
            except Exception:  # noqa: BLE001 - the section itself has said what is wrong
                options = {name: [] for name in self.picks}
        self._quiet = True
        for name, widget in self.picks.items():
            before = widget.value
            if widget.options != tuple(options[name]):
                widget.options = tuple(options[name])
                values = [value for _label, value in options[name]]
                widget.value = before if before in values else None
        self._quiet = False
        self._picked()

    def _clicked(self, change: Mapping[str, Any]) -> None:
        if self.page.review is None:
            return
        found = self.answer.find(self.page.review, change["new"].get("row", {}))
        if not found:
            return
        self._quiet = True
        for name, value in found.items():
            if any(value == option for _label, option in self.picks[name].options):
                self.picks[name].value = value
        self._quiet = False
        self._picked()

    def _picked(self, _change: Any = None) -> None:
        if self._quiet:
            return
        picked = {name: widget.value for name, widget in self.picks.items()}
        if any(value is None for value in picked.values()):
            fill(self.answered, [])
            return
        chosen = {**self.chosen, **picked}
        takes = inspect.signature(self.answer.section).parameters
        chosen = {name: value for name, value in chosen.items() if name in takes}
        self.page.guarded(
            self.answered,
            lambda _: live_outputs_of(self.page.made(self.answer.section, chosen), self.page.step),
        )
