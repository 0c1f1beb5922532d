"""A chart for a page: its picture, its sentence, and the rows it draws as a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Chart:
    """A chart that a run left.

    Attributes
    ----------
    name : str
    title : str
        The finding it states.
    description : str
        The sentence for people who cannot see it.
    svg : str
    frames : tuple of DataFrame
        The rows it draws, with the titles of the chart as columns.
    lang : str
        Language of its title and description, where it is not that of the page.
    """

    name: str
    title: str
    description: str
    svg: str
    frames: tuple[pd.DataFrame, ...]
    lang: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height of the picture in pixels."""
        import re

        found = re.search(r'width="([\d.]+)" height="([\d.]+)"', self.svg)
        return (round(float(found[1])), round(float(found[2]))) if found else (640, 400)


def read_charts(folder: Path) -> dict[str, Chart]:
    """Return the charts in a folder of a run's outputs, by name."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        picture = path.with_suffix(".svg")
        if picture.is_file():
            found[path.stem] = read_chart(path.stem, path.read_text("utf-8"), picture.read_text("utf-8"))
    return found


def read_chart(name: str, specification: str, svg: str) -> Chart:
    """Return a chart from the text of its specification and its picture."""
    try:
        spec = json.loads(specification)
    except ValueError:
        spec = {}
    lang = spec.get("usermeta", {}).get("eis", {}).get("lang", "")
    return Chart(name, _title(spec), str(spec.get("description", "")), svg, tuple(_frames(spec)), lang)


def _title(spec: Any) -> str:
    for part in _walk(spec):
        title = part.get("title")
        if isinstance(title, dict) and title.get("orient") != "bottom" and "text" in title:
            text = title["text"]
            return " ".join(text) if isinstance(text, list) else str(text)
    return ""


def _frames(spec: Any) -> Iterator[pd.DataFrame]:
    """Yield the rows of each data set with the columns that axes, legends and tooltips give a title to."""
    titles: dict[str, str] = {}
    for part in _walk({key: value for key, value in spec.items() if key != "datasets"}):
        field, title = part.get("field"), part.get("title")
        if isinstance(field, str) and isinstance(title, (str, list)) and title:
            titles.setdefault(field, " ".join(title) if isinstance(title, list) else title)
    for rows in spec.get("datasets", {}).values():
        frame = pd.DataFrame(rows)
        named = [name for name in titles if name in frame.columns]
        if named:
            frame = frame[named].rename(columns=titles)
        frame = frame.loc[:, ~frame.columns.duplicated()]
        frame = frame.map(_flat)
        frame = frame.loc[~frame.map(str).duplicated()]
        if len(frame.columns) and len(frame):
            yield frame


def _flat(cell: Any) -> Any:
    """Return a cell on one line; a list of lines or items becomes one text."""
    if isinstance(cell, list):
        return "; ".join(map(str, cell))
    return " ".join(cell.split()) if isinstance(cell, str) else cell


def _walk(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from _walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from _walk(value)
