"""Whether services stand behind each combination of two facets, and which ones."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.pack.facets import FACET_WORDS
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table
from eis_lib.steps.map._view import (
    Extremes,
    _codes,
    _extremes,
    _label,
    _low,
    _need_status,
    _quoted,
    _source,
    _sure,
)
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _join, _records, words_of

COVERAGE_FACETS = (
    "journey_stages",
    "modes",
    "sme_size",
    "experience",
    "market_scope",
    "channel",
    "cost_to_sme",
)
"""Facets that the stored table ``coverage`` lays against support type, whatever the reader chose."""


def _mark(row: Any) -> str:
    return {"covered": str(row.services), "general": f"({row.open_to_all})", "unknown": "?", "none": "–"}[
        row.status
    ]


@once_per_review
def _coverage_long(review: Review, now: View) -> pd.DataFrame:
    parts = []
    for facet in COVERAGE_FACETS:
        cells = landscape.coverage(
            now.services,
            "support_type",
            facet,
            codes_a=_codes(review, "support_type"),
            codes_b=_codes(review, facet),
        )
        parts.append(cells.assign(facet=facet))
    rows = pd.concat(parts, ignore_index=True).rename(columns={"code_a": "support_type", "code_b": "code"})
    rows["service_ids"] = rows["service_ids"].map(_join)
    return rows[
        [
            "facet",
            "support_type",
            "code",
            "services",
            "providers",
            "dated",
            "possible",
            "open_to_all",
            "status",
            "service_ids",
        ]
    ]


@once_per_review
def coverage_cells(review: Review, by: str, across: str) -> pd.DataFrame:
    """Return how many services of the review's year stand in each cell of two facets; see :func:`eis_lib.methods.landscape.coverage`."""
    return landscape.coverage(
        view(review).services, by, across, codes_a=_codes(review, by), codes_b=_codes(review, across)
    )


@once_per_review
def _facet_counts(review: Review, facet: str) -> pd.DataFrame:
    return landscape.facet_counts(view(review).services, facet, _codes(review, facet))


def coverage(review: Review, *, facet: str | None = None, by: str = "support_type") -> Section:
    """Return how many services stand behind each combination of two facets, and which ones.

    Parameters
    ----------
    facet
        The facet across; None: the parameter of the step.
    by
        The facet down.
    """
    now = view(review)
    across = review.parameters.facet if facet is None else facet
    words = words_of(__file__, review, by=by, across=across, year=now.year, total=now.total, quoted=_quoted)
    if across == by:
        return Section(answer=words.same_facet(), how_sure=words.not_applicable())
    blind = {code for code, status in _need_status(review, now).items() if status == UNKNOWN}
    cells = _marked_cells(review, by, across, blind)
    counts = {name: _facet_counts(review, name) for name in (by, across)}
    empty = {name: frame.loc[frame["services"] == 0, "code"].tolist() for name, frame in counts.items()}
    gone = [
        _low(review, name, code)
        for name, codes in empty.items()
        for code in codes
        if name != "need_area" or code not in blind
    ]
    ends = _most_and_fewest(review, across, counts[across])
    filled, doubtful = (int((cells["status"] == status).sum()) for status in ("covered", "unknown"))
    return Section(
        answer=words.answer(filled, len(cells), doubtful, ends, gone),
        charts={"coverage": _coverage_chart(review, now, cells, empty, ends, words)},
        tables={
            "coverage_matrix": Table(_matrix(cells, by), words.matrix_caption()),
            "coverage": Table(_coverage_long(review, now), words.coverage_caption(), words.coverage_note()),
        },
        how_sure=_sure(review, now.counted, words.emptiness()),
        to_check=words.to_check(gone),
    )


def _marked_cells(review: Review, by: str, across: str, blind: set[str]) -> pd.DataFrame:
    """Return the cells with the words of their row and column and the mark of how they stand."""
    cells = coverage_cells(review, by, across)
    for facet, column in ((by, "code_a"), (across, "code_b")):
        if facet == "need_area":  # a need our coding can not reach is not a need nobody serves
            cells.loc[cells[column].isin(blind) & (cells["status"] == "none"), "status"] = UNKNOWN
    cells["row"] = [_label(review, by, c) for c in cells["code_a"]]
    cells["column"] = [_label(review, across, c) for c in cells["code_b"]]
    cells["mark"] = [_mark(row) for row in _records(cells)]
    return cells


def _most_and_fewest(review: Review, across: str, counts: pd.DataFrame) -> Extremes | None:
    """Return where most and fewest services stand, of what has a service at all; None where nothing has."""
    held = counts[(counts["code"] != UNKNOWN) & (counts["services"] > 0)]
    return None if held.empty else _extremes(review, across, held)


def _coverage_chart(
    review: Review,
    now: View,
    cells: pd.DataFrame,
    empty: dict[str, list[str]],
    ends: Extremes | None,
    words: Words,
) -> alt.TopLevelMixin:
    """Return the picture of the cells; of long lists, what nobody serves is named in the answer and not drawn."""
    drawn, left_out = cells, 0
    for (facet, codes), column in zip(empty.items(), ("code_a", "code_b"), strict=True):
        if facet in {"sectors", "provider_kind"}:
            drawn = drawn[~drawn[column].isin(codes)]
            left_out += len(codes)
    untold, general = (bool((drawn["status"] == status).any()) for status in (UNKNOWN, "general"))
    filled = int((cells["status"] == "covered").sum())
    down, over = (FACET_WORDS[facet] for facet in empty)
    return charts.coverage_map(
        drawn,
        title=words.title(ends),
        subtitle=words.subtitle(untold, general, left_out),
        source=_source(review, now),
        description=words.description(filled, len(cells), ends),
        row_title=down,
        column_title=over,
    )


def _matrix(cells: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the marks of the cells as a table with one row per code of the facet down."""
    wide = cells.set_index(["row", "column"])["mark"].unstack("column")  # noqa: PD010 - cells are unique
    wide = wide.reindex(index=list(dict.fromkeys(cells["row"])), columns=list(dict.fromkeys(cells["column"])))
    return (
        wide.rename_axis(columns=None)
        .reset_index()
        .rename(columns={"row": FACET_WORDS[by].lower().replace(" ", "_")})
    )
