"""Whether services stand behind each combination of two facets, and which ones."""

from __future__ import annotations

from typing import Any

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
    cells = coverage_cells(review, by, across)
    blind = {code for code, status in _need_status(review, now).items() if status == UNKNOWN}
    for facet_name, column in ((by, "code_a"), (across, "code_b")):
        if facet_name == "need_area":  # a need our coding can not reach is not a need nobody serves
            cells.loc[cells[column].isin(blind) & (cells["status"] == "none"), "status"] = UNKNOWN
    cells["row"] = [_label(review, by, c) for c in cells["code_a"]]
    cells["column"] = [_label(review, across, c) for c in cells["code_b"]]
    cells["mark"] = [_mark(row) for row in _records(cells)]
    down, over = _facet_counts(review, by), _facet_counts(review, across)
    empty = down.loc[down["services"] == 0, "code"].tolist()
    bare = over.loc[over["services"] == 0, "code"].tolist()
    filled = int((cells["status"] == "covered").sum())
    doubtful = int((cells["status"] == "unknown").sum())
    words = [
        f"The {count(now.total, 'service')} counted in {now.year} fill {filled} of {len(cells)} combinations of "
        f"{FACET_WORDS[by].lower()} and {FACET_WORDS[across].lower()}"
        + (f"; of {doubtful} it can not be told." if doubtful else ".")
    ]
    held = over[(over["code"] != UNKNOWN) & (over["services"] > 0)]
    title = f"No service is counted in {now.year}"
    if len(held):
        ends = _extremes(review, across, held)
        title = (
            f"Every {FACET_WORDS[across].lower()} with a service has {ends.most} of {now.total}"
            if ends.is_even
            else f"{ends.high_words()} {'has' if len(ends.high) == 1 else 'each have'} {ends.most} of {count(now.total, 'service')}, "
            f"{ends.low_words()} {ends.fewest}"
        )
        words.append(f"{title}.")
    gone = [_low(review, by, c) for c in empty if by != "need_area" or c not in blind]
    gone += [_low(review, across, c) for c in bare if across != "need_area" or c not in blind]
    if gone:
        words.append(f"With no service on record: {listing(gone, most=18)}.")
    drawn, left_out = cells, 0
    for facet_name, column, without in ((by, "code_a", empty), (across, "code_b", bare)):
        if facet_name in {
            "sectors",
            "provider_kind",
        }:  # long lists: what nobody serves is named above, not drawn
            drawn = drawn[~drawn[column].isin(without)]
            left_out += len(without)
    note = f"; {count(left_out, 'code')} without any service left out" if left_out else ""
    chart = charts.coverage_map(
        drawn,
        title=title,
        subtitle=f"Number of services, {now.year}; – none on record"
        + ("; ? can not be told" if (drawn["status"] == UNKNOWN).any() else "")
        + ("; (n) only services open to every sector" if (drawn["status"] == "general").any() else "")
        + f". A service may count in several cells{note}",
        source=_source(review, now),
        description=f"Heat map of {FACET_WORDS[by].lower()} by {FACET_WORDS[across].lower()}: {filled} of {len(cells)} cells hold a service. {title}.",
        row_title=FACET_WORDS[by],
        column_title=FACET_WORDS[across],
    )
    wide = cells.set_index(["row", "column"])["mark"].unstack("column")  # noqa: PD010 - cells are unique
    wide = wide.reindex(index=list(dict.fromkeys(cells["row"])), columns=list(dict.fromkeys(cells["column"])))
    matrix = (
        wide.rename_axis(columns=None)
        .reset_index()
        .rename(columns={"row": FACET_WORDS[by].lower().replace(" ", "_")})
    )
    return Section(
        answer=" ".join(words),
        charts={"coverage": chart},
        tables={
            "coverage_matrix": Table(
                matrix, f"Services by {FACET_WORDS[by].lower()} and {FACET_WORDS[across].lower()}, {now.year}"
            ),
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
