"""Whether services stand behind each combination of two facets, and which ones."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.pack.facets import FACET_WORDS
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table
from eis_lib.steps.map._view import _codes, _extremes, _label, _low, _need_status, _source, _sure
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _join, _records

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
    if across == by:
        answer = f"Both facets are *{FACET_WORDS[by].lower()}*: choose two different ones."
        return Section(answer=answer, how_sure="not applicable.")
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
    title, most = _most_and_fewest(review, now, across, counts[across])
    filled = int((cells["status"] == "covered").sum())
    doubtful = int((cells["status"] == "unknown").sum())
    down, over = FACET_WORDS[by].lower(), FACET_WORDS[across].lower()
    words = (
        f"The {count(now.total, 'service')} counted in {now.year} fill {filled} of {len(cells)} combinations of "
        f"{down} and {over}" + (f"; of {doubtful} it can not be told." if doubtful else ".") + most
    )
    if gone:
        words += f" With no service on record: {listing(gone, most=18)}."
    return Section(
        answer=words,
        charts={"coverage": _coverage_chart(review, now, cells, empty, title, filled)},
        tables={
            "coverage_matrix": Table(_matrix(cells, by), f"Services by {down} and {over}, {now.year}"),
            "coverage": Table(
                _coverage_long(review, now),
                "Services by kind of support and every other facet, with the services behind each cell",
                "status: covered, general (only services open to every sector), unknown (a facet is not recorded), none. "
                "An umbrella scheme is not counted beside its own parts.",
            ),
        },
        how_sure=_sure(now.counted, "an empty cell says that nothing is on record, not that nothing exists;"),
        to_check=f"Is there really nothing for {listing(gone, most=4)}?"
        if gone
        else "Is every service coded to the stages it really serves?",
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


def _most_and_fewest(review: Review, now: View, across: str, counts: pd.DataFrame) -> tuple[str, str]:
    """Return the title of the picture, and the same as a sentence of the answer where there is a service."""
    held = counts[(counts["code"] != UNKNOWN) & (counts["services"] > 0)]
    if held.empty:
        return f"No service is counted in {now.year}", ""
    ends = _extremes(review, across, held)
    title = (
        f"Every {FACET_WORDS[across].lower()} with a service has {ends.most} of {now.total}"
        if ends.is_even
        else f"{ends.high_words()} {'has' if len(ends.high) == 1 else 'each have'} {ends.most} of {count(now.total, 'service')}, "
        f"{ends.low_words()} {ends.fewest}"
    )
    return title, f" {title}."


def _coverage_chart(
    review: Review, now: View, cells: pd.DataFrame, empty: dict[str, list[str]], title: str, filled: int
) -> alt.TopLevelMixin:
    """Return the picture of the cells; of long lists, what nobody serves is named in the answer and not drawn."""
    drawn, left_out = cells, 0
    for (facet, codes), column in zip(empty.items(), ("code_a", "code_b"), strict=True):
        if facet in {"sectors", "provider_kind"}:
            drawn = drawn[~drawn[column].isin(codes)]
            left_out += len(codes)
    note = f"; {count(left_out, 'code')} without any service left out" if left_out else ""
    down, over = (FACET_WORDS[facet] for facet in empty)
    return charts.coverage_map(
        drawn,
        title=title,
        subtitle=f"Number of services, {now.year}; – none on record"
        + ("; ? can not be told" if (drawn["status"] == UNKNOWN).any() else "")
        + ("; (n) only services open to every sector" if (drawn["status"] == "general").any() else "")
        + f". A service may count in several cells{note}",
        source=_source(review, now),
        description=f"Heat map of {down.lower()} by {over.lower()}: {filled} of {len(cells)} cells hold a service. {title}.",
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
