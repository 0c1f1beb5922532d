"""The house look of every chart: one meaning per colour, a finding as title, a source line, a description.

Colours are from the palette of Okabe and Ito (2008), which people with the usual colour-vision deficiencies can
tell apart; colour is never the only carrier of a meaning.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from altair.utils import schemapi

from eis_lib.charts import quicker_altair, renderer
from eis_lib.language import (
    CHART,
    ENGLISH,
    chart_locale,
    english_left,
    language_spoken,
    pgettext,
)

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


def specification(chart: Any, *, validate: bool = True) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart, the same for the same chart in every process.

    Checking it against the Vega-Lite schema takes half the time; a batch run leaves that to the tests.
    """
    with alt.data_transformers.enable("default", max_rows=None):
        spec: dict[str, Any] = json.loads(chart.to_json(sort_keys=True, validate=validate))
    return spec if language_spoken() == ENGLISH else _in_words_of_the_language(spec)


def _in_words_of_the_language(part: Any) -> Any:
    """Return a specification with the titles of axes, legends, tooltips and panels in the language spoken.

    Titles are fixed words of the chart functions; here they are looked up all at once, wherever they stand, and so are
    the words of legends. Data are left alone: what is drawn from them is in the language already, or is text of a pack.
    """
    if isinstance(part, list):
        return [_in_words_of_the_language(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: pgettext(CHART, value)
        if key in {"title", "text"} and isinstance(value, str)
        else value
        if key in {"data", "datasets", "config", "usermeta"}
        else _in_words_of_the_language(_with_legend(value) if key in LEGENDS else value)
        for key, value in part.items()
    }


LEGENDS = ("color", "fill", "shape", "stroke")
"""Channels whose legend names fixed kinds of things."""


def legend_words(channel: Any) -> list[str]:
    """Return the words in the legend of a channel that lists what it stands for, none where it shows no such words."""
    if (
        not isinstance(channel, dict)
        or channel.get("legend", {}) is None
        or "labelExpr" in channel.get("legend", {})
    ):
        return []
    return [word for word in (channel.get("scale") or {}).get("domain") or () if isinstance(word, str)]


def _with_legend(channel: Any) -> Any:
    """Return a channel with a legend in the language spoken, as far as the catalogue has its words."""
    said = {word: str(found) for word in legend_words(channel) if (found := pgettext(CHART, word)) != word}
    if not said:
        return channel
    words = f"{json.dumps(said, ensure_ascii=False, sort_keys=True)}[datum.label] || datum.label"
    return {**channel, "legend": {**channel.get("legend", {}), "labelExpr": words}}


@dataclass(frozen=True)
class Picture:
    """A chart as it leaves the library: its specification, and the pictures drawn from it, each drawn once.

    Attributes
    ----------
    spec : dict
        Vega-Lite 5 specification.
    """

    spec: dict[str, Any]

    @cached_property
    def description(self) -> str:
        """Return the sentence for people who cannot see the chart."""
        return str(self.spec.get("description", ""))

    @cached_property
    def json(self) -> str:
        """Return the specification as sorted, indented JSON with a final line end."""
        return json.dumps(self.spec, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @cached_property
    def svg(self) -> str:
        """Return the chart as SVG text, drawn without a browser.

        Raises
        ------
        ValueError
            If it has no finite size, because an axis has nothing to span.
        """
        svg = renderer.svg_of(self.spec)
        if "Infinity" in svg[:400]:
            raise ValueError(f"a chart has an axis without any value to draw: {self.description}")
        return svg

    @cached_property
    def png(self) -> bytes:
        """Return the chart as the bytes of a PNG picture, twice the size for sharp print."""
        return renderer.png_of(self.svg)

    @property
    def mime_bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a notebook stores of the chart: live Vega-Lite 5, an SVG picture and a sentence, with alt text.

        This is the one renderer of the project: interactive in JupyterLab, a picture without network or trust, and
        the same bytes twice.
        """
        data = {
            "application/vnd.vegalite.v5+json": self.spec,
            "image/svg+xml": self.svg,
            "text/plain": self.description,
        }
        return data, {"image/svg+xml": {"alt": self.description}, "alt": self.description}


def draw(chart: Any, *, validate: bool = False) -> Picture:
    """Return a chart as a :class:`Picture`."""
    return Picture(specification(chart, validate=validate))


def to_json(chart: Any) -> str:
    """Return the specification of a chart, checked, as sorted, indented JSON."""
    return draw(chart, validate=True).json


def to_svg(chart: Any) -> str:
    """Return a chart as SVG text."""
    return draw(chart).svg


def to_png(chart: Any) -> bytes:
    """Return a chart as the bytes of a PNG picture."""
    return draw(chart).png


# Altair checks each part of a chart when it is made, and the whole again on demand: the tests do that for every chart
schemapi.disable_debug_mode()
quicker_altair.install()
# a chart that a cell shows by itself stays off the network too
alt.renderers.enable("mimetype")
