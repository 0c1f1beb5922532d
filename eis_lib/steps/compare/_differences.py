"""Whether other regions have on record what this one lacks, or lack what it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.charts.parts import _two_lines
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import transfer
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.compare._view import _alone, _levels_note, _low, _source, _words
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
    seen = _look(cells)
    words = _words(
        __file__,
        review,
        facet=facet,
        seen=seen,
        missing_kinds=[_low(review, "support_type", t) for t in seen.missing_types],
        only_kinds=[_low(review, "support_type", t) for t in seen.only_types],
    )
    return Section(
        answer=sentences(words.answer(), _levels_note(review)),
        charts={"coverage_difference": _difference_chart(review, cells, FACETS[facet][0], words)},
        tables={
            "coverage_differences": Table(_in_reading_order(review, table), words.caption(), words.note())
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _cells_drawn(review: Review, table: pd.DataFrame, facet: str) -> pd.DataFrame:
    """Return the cells of one facet in the order of the vocabulary; what nobody coded has no place there."""
    types, codes = review.vocabulary.codes("support_type"), review.vocabulary.codes(FACETS[facet][0])
    cells = table[(table["facet"] == facet) & table["code"].isin(codes) & table["support_type"].isin(types)]
    return cells.assign(
        row_place=cells["support_type"].map(list(types).index),
        column_place=cells["code"].map(list(codes).index),
    ).sort_values(["row_place", "column_place"], ignore_index=True)


def _types_by_cells(cells: pd.DataFrame, standing: str) -> list[str]:
    """Return the kinds of support with a cell of this standing, those with most cells first."""
    per_type = cells[cells["standing"] == standing].groupby("support_type").size()
    return list(per_type.sort_values(ascending=False, kind="stable").index)


@dataclass(frozen=True)
class _Seen:
    """Cells of one facet by their standing, and the kinds of support with most of them."""

    cells: int
    others: int
    missing: int
    only: int
    missing_types: list[str]
    only_types: list[str]


def _look(cells: pd.DataFrame) -> _Seen:
    missing, only = (int((cells["standing"] == standing).sum()) for standing in ("missing here", "only here"))
    return _Seen(
        len(cells),
        int(cells["others"].max()),
        missing,
        only,
        _types_by_cells(cells, "missing here"),
        _types_by_cells(cells, "only here"),
    )


def _difference_chart(review: Review, cells: pd.DataFrame, scheme: str, words: Words) -> Any:
    frame = pd.DataFrame(
        {
            "row": [_label(review, "support_type", t) for t in cells["support_type"]],
            "column": [_two_lines(_label(review, scheme, c)) for c in cells["code"]],
            "standing": cells["standing"],
            "mark": [f"{row.services} | {row.others_with}" for row in _records(cells)],
        }
    )
    return charts.coverage_difference(
        frame,
        title=words.title(),
        subtitle=words.subtitle(),
        source=_source(review),
        description=words.description(),
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
