"""A chart as it leaves the library: its specification in the language spoken, and its pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt

from eis_lib.charts import renderer
from eis_lib.language.messages import CHART, ENGLISH, language_spoken, pgettext


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
