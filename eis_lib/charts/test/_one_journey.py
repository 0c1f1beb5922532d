"""The way of one persona, service by service."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import theme
from eis_lib.charts.parts import distinct
from eis_lib.charts.test._journeys import STEP_HEIGHT, _path


def journey_of(
    steps: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    source: str,
    description: str,
) -> alt.TopLevelMixin:
    """Return one persona's best and typical path, node below node.

    Parameters
    ----------
    steps
        ``path`` (heading of the column), ``y`` (position from the top), ``label`` (first line: the stage and service),
        ``detail`` (below it, one line each: stages, who gives it, how the firm gets there), ``node`` (``start``, ``service``, ``outcome``, ``lost``), ``way`` (how it was
        reached, text), ``cold`` (bool).
    """
    lowest = float(steps["y"].max())
    panels = [
        _path(steps[steps["path"] == heading], lowest).properties(
            width=305,
            height=STEP_HEIGHT * int(lowest + 1),
            title=alt.TitleParams(heading, fontSize=12, fontWeight="bold", anchor="start", offset=4),
        )
        for heading in distinct(steps["path"])
    ]
    chart = alt.hconcat(*panels, spacing=14)
    return theme.finish(chart, title=title, subtitle=subtitle, source=source, description=description)
