"""Widgets: each holds a choice, not logic; its callback is one call to a tested function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

Choice = Sequence[Any] | Mapping[str, Any]
"""What a control offers: a list of options, label → option, or a tuple (low, high, step) of numbers."""


def control(name: str, choice: Choice, value: Any, changed: Callable[[Any], None]) -> ipywidgets.Widget:
    """Return the right control for a choice: a slider for (low, high, step), a drop-down for options.

    Parameters
    ----------
    name : str
        Name of the choice; shown with spaces for underscores.
    choice : list, mapping or tuple
        Options, or the range of a number.
    value
        Value at the start.
    changed : callable
        Called with the new value once the reader has released the control.
    """
    label = name.replace("_", " ").capitalize()
    wide = {"style": {"description_width": "initial"}, "layout": ipywidgets.Layout(width="28em")}
    widget: ipywidgets.Widget
    if isinstance(choice, tuple):
        low, high, step = choice
        kind = ipywidgets.IntSlider if all(isinstance(x, int) for x in choice) else ipywidgets.FloatSlider
        widget = kind(
            value=value, min=low, max=high, step=step, description=label, continuous_update=False, **wide
        )
    else:
        options = list(choice.items()) if isinstance(choice, Mapping) else list(choice)
        widget = ipywidgets.Dropdown(options=options, value=value, description=label, **wide)
    widget.observe(lambda change: changed(change["new"]), names="value")
    return widget
