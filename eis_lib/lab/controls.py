"""Widgets: each holds a choice, not logic; its callback is one call to a tested function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import ipywidgets
import traitlets

Choice = Sequence[Any] | Mapping[str, Any]
"""What a control offers: a list of options, label → option, or a tuple (low, high, step) of numbers."""

WIDE = {"style": {"description_width": "initial"}, "layout": {"width": "26em"}}


class Control:
    """One choice of a section: a slider for (low, high, step), a tick for yes or no, a drop-down for options.

    Attributes
    ----------
    widget : ipywidgets.Widget
    """

    def __init__(self, name: str, choice: Choice, value: Any, changed: Callable[[Any], None]) -> None:
        """Make the control; `changed` is called with the new value once the reader has released it."""
        self._changed = changed
        self._quiet = False
        self._values: dict[str, Any] = {}
        label = name.replace("_", " ").capitalize()
        if isinstance(choice, tuple):
            low, high, step = choice
            is_whole = all(isinstance(x, int) for x in choice)
            kind = ipywidgets.IntSlider if is_whole else ipywidgets.FloatSlider
            self.widget: Any = kind(
                value=low, min=low, max=high, step=step, description=label, continuous_update=False, **WIDE
            )
        elif not isinstance(choice, Mapping) and set(choice) == {True, False}:
            self.widget = ipywidgets.Checkbox(description=label, indent=False, **WIDE)
        else:
            self.widget = ipywidgets.Dropdown(description=label, **WIDE)
        self.widget.observe(self._observed, names="value")
        self.show(choice, value)

    def show(self, choice: Choice, value: Any) -> None:
        """Show a value (and other options) without calling anybody."""
        self._quiet = True
        try:
            if isinstance(self.widget, ipywidgets.Dropdown):
                # by label: a drop-down of this kind cannot hold the option "none"
                self._values = dict(choice) if isinstance(choice, Mapping) else {str(x): x for x in choice}
                labels = list(self._values)
                if self.widget.options != tuple(labels):
                    self.widget.options = labels
                wanted = [label for label, option in self._values.items() if option == value]
                self.widget.value = wanted[0] if wanted else (labels[0] if labels else None)
            elif value is not None:
                self.widget.value = value
        finally:
            self._quiet = False

    def _observed(self, change: Mapping[str, Any]) -> None:
        if not self._quiet:
            new = change["new"]
            self._changed(self._values.get(new) if isinstance(self.widget, ipywidgets.Dropdown) else new)


class BrowserWidget(ipywidgets.DOMWidget):
    """A widget whose view is drawn by our own extension of JupyterLab (``jupyter/extensions/eis-workbooks``).

    Not by anywidget: it gives a widget two seconds to begin with, and one that began later, on a busy machine, never
    hears from its kernel again (0.11.0, ``AbortSignal.timeout(2e3)``). A grid then shows no faults and no saves.
    """

    _view_module = traitlets.Unicode("eis-workbooks").tag(sync=True)
    _view_module_version = traitlets.Unicode("1.0.0").tag(sync=True)


class ChartClicks(BrowserWidget):
    """Listens for clicks on the charts of an output, and says which row of the chart's data was hit.

    The charts are those JupyterLab draws itself, so nothing has to be loaded: a bundled JupyterChart brings 0.9 MB per
    chart and takes seconds to bundle for every kernel.
    """

    _view_name = traitlets.Unicode("ClicksView").tag(sync=True)
    target = traitlets.Unicode().tag(sync=True)
    clicked = traitlets.Dict().tag(sync=True)


def button(text: str, pressed: Callable[[], None], *, is_main: bool = False) -> ipywidgets.Button:
    """Return a button as wide as its text."""
    made = ipywidgets.Button(
        description=text,
        button_style="primary" if is_main else "",
        layout={"width": "auto", "align_self": "flex-start"},
    )
    made.on_click(lambda _button: pressed())
    return made


FIELD = MappingProxyType(
    {"style": {"description_width": "15em"}, "layout": {"width": "64em", "max_width": "100%"}}
)
"""Width of a field of a form and of the words before it."""


def field(label: str, value: str = "", *, hint: str = "", kind: type = ipywidgets.Text) -> Any:
    """Return a field for text, its label in front."""
    return kind(
        value=value,
        description=label,
        placeholder=hint,
        **FIELD,
    )


def drop_down(label: str, options: Sequence[tuple[str, Any]]) -> Any:
    """Return a drop-down of (label, value) without a choice made."""
    return ipywidgets.Dropdown(
        options=options,
        value=None,
        description=label,
        **FIELD,
    )
