"""Whether other regions have on record what this one lacks, or lack what it has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.charts.parts import _two_lines
from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._view import _alone, _levels_note, _low, _source
from eis_lib.steps.shared.words import _label, _records

FACETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "journey_stages": ("journey_stage", "Stage of the journey"),
        "modes": ("mode", "Mode of internationalisation"),
        "sme_size": ("sme_size", "Size of firm"),
        "experience": ("experience", "Experience abroad"),
        "market_scope": ("market_scope", "Market"),
        "channel": ("channel", "Channel"),
        "cost_to_sme": ("cost_to_sme", "Cost to the firm"),
    }
)

FACET_CHOICES: Mapping[str, str] = MappingProxyType({words: facet for facet, (_, words) in FACETS.items()})
"""What the control of the coverage comparison offers: words → facet."""


def _stage_differences(review: Review) -> pd.DataFrame:
    """Return the coverage of the stages of the journey here and elsewhere."""
    return transfer.coverage_differences(
        review.gathered("coverage").query("facet == 'journey_stages'"), review.pack.id
    )


def coverage_differences(review: Review, *, facet: str = "journey_stages") -> Section:
    """Return what most other regions have on record and this one has not, and the other way round."""
    alone = _alone(review)
    if alone:
        return alone
    if facet not in FACETS:
        raise ParameterError(f"facet: holds {facet!r}; allowed: {', '.join(FACETS)}")
    table = transfer.coverage_differences(review.gathered("coverage"), review.pack.id)
    cells = _cells_drawn(review, table, facet)
    return Section(
        answer=_difference_words(review, cells, FACETS[facet][1]),
        charts={"coverage_difference": _difference_chart(review, cells, FACETS[facet][0])},
        tables={
            "coverage_differences": Table(
                _in_reading_order(review, table),
                "Coverage here and elsewhere, every facet",
                "Missing here: none here, and more than half of the other regions whose records allow an answer have one (project convention).",
            )
        },
        how_sure="low to medium; a pack that misses a service looks like a region without it. Counties are served by national bodies that their "
        "packs may list less fully.",
        to_check="For the cells missing here: does a national service exist that the pack does not list?",
    )


def _cells_drawn(review: Review, table: pd.DataFrame, facet: str) -> pd.DataFrame:
    """Return the cells of one facet in the order of the vocabulary."""
    types, codes = review.vocabulary.codes("support_type"), review.vocabulary.codes(FACETS[facet][0])
    cells = table[(table["facet"] == facet) & table["code"].isin(codes)]
    return cells.assign(
        row_place=cells["support_type"].map(list(types).index),
        column_place=cells["code"].map(list(codes).index),
    ).sort_values(["row_place", "column_place"], ignore_index=True)


def _types_by_cells(cells: pd.DataFrame, standing: str) -> list[str]:
    """Return the kinds of support with a cell of this standing, those with most cells first."""
    per_type = cells[cells["standing"] == standing].groupby("support_type").size()
    return list(per_type.sort_values(ascending=False, kind="stable").index)


def _difference_words(review: Review, cells: pd.DataFrame, facet_words: str) -> str:
    name, others = plain(review.pack.region.name), int(cells["others"].max())
    missing, only = ((cells["standing"] == standing).sum() for standing in ("missing here", "only here"))
    missing_types, only_types = (
        listing([_low(review, "support_type", t) for t in _types_by_cells(cells, standing)], most=3)
        for standing in ("missing here", "only here")
    )
    return (
        f"In **{missing}** of {len(cells)} cells (kind of support × {facet_words.lower()}) most of the other {count(others, 'region')} have a service on "
        f"record and {name} has none"
        + (f", most of all for {missing_types}" if missing else "")
        + f". In {only or 'none'} it is the other way round"
        + (f" ({only_types})" if only else "")
        + f". {_levels_note(review)}"
    )


def _difference_chart(review: Review, cells: pd.DataFrame, scheme: str) -> Any:
    frame = pd.DataFrame(
        {
            "row": [_label(review, "support_type", t) for t in cells["support_type"]],
            "column": [_two_lines(_label(review, scheme, c)) for c in cells["code"]],
            "standing": cells["standing"],
            "mark": [f"{row.services} | {row.others_with}" for row in _records(cells)],
        }
    )
    missing, only = ((cells["standing"] == standing).sum() for standing in ("missing here", "only here"))
    title = (
        f"Most other regions have {_low(review, 'support_type', _types_by_cells(cells, 'missing here')[0])} where {review.pack.region.name} has none"
        if missing
        else f"{review.pack.region.name} has every kind of support that most other regions have"
    )
    return charts.coverage_difference(
        frame,
        title=title,
        subtitle=f"Services on record here | how many of {int(cells['others'].max())} other regions have at least one. Whether there is any is compared, not how many",
        source=_source(review),
        description=f"{title}. {missing} cells missing here, {only} found only here.",
    )


def _in_reading_order(review: Review, table: pd.DataFrame) -> pd.DataFrame:
    """Return the coverage of every facet with labels, what is missing here first."""
    rank = {"missing here": 0, "only here": 1, "rarer here": 2, "alike": 3, "unknown": 4}
    labels = [_label(review, "support_type", t) for t in table["support_type"]]
    return table.assign(support_type_label=labels, _rank=table["standing"].map(rank)).sort_values(
        ["_rank", "difference", "facet", "support_type", "code"], kind="stable", ignore_index=True
    )[
        [
            "facet", "support_type", "support_type_label", "code", "services", "others_with", "others",
            "others_unknown", "difference", "standing",
        ]
    ]  # fmt: skip
