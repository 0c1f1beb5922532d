"""The house look of every chart: one meaning per colour, a finding as title, a source line, a description.

Colours are from the palette of Okabe and Ito (2008), which people with the usual colour-vision deficiencies can
tell apart; colour is never the only carrier of a meaning.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from altair.utils import schemapi

from eis_lib.charts import quicker_altair
from eis_lib.language.messages import CHART, ENGLISH, english_left, language_spoken, pgettext
from eis_lib.language.numbers import chart_locale

TITLE_CHARACTERS = 78
SUBTITLE_CHARACTERS = 100
WIDTH = 560
"""Width in pixels of the plot of a full-width chart; with axis labels it stays within a page of 760 px."""

COLOURS = MappingProxyType(
    {
        "support": "#0072B2",  # what is there
        "gap": "#D55E00",  # what is missing
        "unknown": "#B8B8B8",  # what cannot be told
        "none": "#F2F2F2",  # looked for and not there
        "neutral": "#6B6B6B",
        "highlight": "#0072B2",  # the region under review
        "others": "#A6BDD0",  # the other regions
        "level_local": "#E69F00",
        "level_regional": "#009E73",
        "level_national": "#56B4E9",
        "level_eu": "#CC79A7",
        "good": "#009E73",
        "warning": "#E69F00",
        "bad": "#D55E00",
        "ink": "#222222",
        "faint": "#DDDDDD",
    }
)

SEQUENTIAL = ("#EAF2F8", "#C5DCEC", "#8FBBDA", "#4F93C0", "#0072B2", "#00446B")
DIVERGING = ("#A04500", "#D55E00", "#F1B48A", "#F2F2F2", "#9CC7E0", "#0072B2", "#00446B")
CATEGORICAL = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#6B6B6B")

_CONFIG: dict[str, Any] = {
    "background": "#FFFFFF",
    "font": "sans-serif",
    "padding": 8,
    "view": {"stroke": None},
    "title": {"anchor": "start", "fontSize": 15, "fontWeight": "bold", "color": COLOURS["ink"], "lineHeight": 19,
              "subtitleFontSize": 12, "subtitleColor": "#555555", "subtitleLineHeight": 16, "subtitlePadding": 6,
              "offset": 12},
    "axis": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": COLOURS["ink"],
             "titleColor": "#555555", "gridColor": "#E6E6E6", "domainColor": "#999999", "tickColor": "#999999",
             "labelLimit": 260},
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 300,
               "orient": "top"},
    "header": {"labelFontSize": 12, "titleFontSize": 12},
    "text": {"fontSize": 12, "color": COLOURS["ink"]},
    "range": {"category": list(CATEGORICAL), "heatmap": list(SEQUENTIAL), "ramp": list(SEQUENTIAL),
              "diverging": list(DIVERGING)},
}  # fmt: skip


@alt.theme.register("eis", enable=True)
def eis_theme() -> alt.theme.ThemeConfig:
    """Return the registered Altair theme."""
    if language_spoken() == ENGLISH:
        return {"config": _CONFIG}  # type: ignore[typeddict-item]
    # in the configuration, so that JupyterLab and the pictures write numbers and months alike
    return {"config": {**_CONFIG, "locale": chart_locale(language_spoken())}}  # type: ignore[typeddict-item]


def is_dark(values: pd.Series, domain: tuple[float, float], colours: Sequence[str]) -> pd.Series:
    """Return whether white is the text with more contrast on the colour that each value gets.

    Parameters
    ----------
    values : Series
        Numbers; missing ones are not dark.
    domain : tuple of float
        Values that get the first and the last colour.
    colours : sequence of str
        Colours of the scale as ``#RRGGBB``, evenly spread over the domain.

    Notes
    -----
    Contrast is that of WCAG 2.2 (ratio of relative luminances, each plus 0.05).
    """
    places = np.linspace(*domain, len(colours))
    light = np.interp(values.astype("float64"), places, [luminance(colour) for colour in colours])
    return pd.Series((light + 0.05) ** 2 < 1.05 * (luminance(COLOURS["ink"]) + 0.05), index=values.index)


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#RRGGBB`` (WCAG 2.2): 0 is black, 1 is white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def wrap(text: str, characters: int) -> list[str]:
    """Return text as lines of at most so many characters, broken between words."""
    return textwrap.wrap(text, characters, break_long_words=False) or [""]


def finish(
    chart: Any, *, title: str, description: str, subtitle: str = "", source: str = ""
) -> alt.TopLevelMixin:
    """Return the chart with the house's title, subtitle, source line and description.

    Parameters
    ----------
    chart : altair chart
    title : str
        The finding, as a sentence without full stop; broken into lines here.
    description : str
        What the chart says, for people who cannot see it: one or two sentences with the main numbers.
    subtitle : str
        What is shown: measure, unit, number of rows, year.
    source : str
        Where the rows come from; shown below the chart.
    """
    title, subtitle, description = (pgettext(CHART, text) for text in (title, subtitle, description))
    heading: dict[str, Any] = {"text": wrap(title, TITLE_CHARACTERS), "anchor": "start", "frame": "bounds"}
    if subtitle:
        heading["subtitle"] = wrap(subtitle, SUBTITLE_CHARACTERS)
    titled = chart.properties(title=alt.TitleParams(**heading))
    said: dict[str, Any] = {"description": str(description)}
    if english_left(title) or english_left(description):
        said["usermeta"] = {"eis": {"lang": ENGLISH}}  # for a page, which marks it
    if not source:
        return titled.properties(**said)
    below = alt.TitleParams(
        text=wrap(
            pgettext("chart", "Source: {source}").format(source=pgettext(CHART, source)), SUBTITLE_CHARACTERS + 8),
        orient="bottom", anchor="start", frame="bounds", fontSize=11, fontWeight="normal", color="#666666",
        lineHeight=14, offset=10,
    )  # fmt: skip
    # independent: otherwise a legend is lifted out of its chart and stands above the title
    framed = alt.vconcat(titled).resolve_legend(color="independent", shape="independent", size="independent")
    return framed.properties(title=below, **said)


# Altair checks each part of a chart when it is made, and the whole again on demand: the tests do that for every chart
schemapi.disable_debug_mode()

quicker_altair.install()

# a chart that a cell shows by itself stays off the network too
alt.renderers.enable("mimetype")
