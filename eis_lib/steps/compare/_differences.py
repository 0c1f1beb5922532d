"""Whether other regions have on record what this one lacks, or lack what it has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.pack.settings import ParameterError
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._view import _alone, _label, _levels_note, _low, _records, _source

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


def coverage_differences(review: Review, *, facet: str = "journey_stages") -> Section:
    """Return what most other regions have on record and this one has not, and the other way round."""
    alone = _alone(review)
    if alone:
        return alone
    if facet not in FACETS:
        raise ParameterError(f"facet: holds {facet!r}; allowed: {', '.join(FACETS)}")
    scheme, words = FACETS[facet]
    table = transfer.coverage_differences(review.gathered("coverage"), review.pack.id)
    cells = table[(table["facet"] == facet) & table["code"].isin(review.vocabulary.codes(scheme))].copy()
    types = [t for t in review.vocabulary.codes("support_type") if t in set(cells["support_type"])]
    codes = [c for c in review.vocabulary.codes(scheme) if c in set(cells["code"])]
    cells["row_place"], cells["column_place"] = (
        cells["support_type"].map(types.index),
        cells["code"].map(codes.index),
    )
    cells = cells.sort_values(["row_place", "column_place"], ignore_index=True)
    frame = pd.DataFrame(
        {
            "row": [_label(review, "support_type", t) for t in cells["support_type"]],
            "column": [_two_lines(_label(review, scheme, c)) for c in cells["code"]],
            "standing": cells["standing"],
            "mark": [f"{row.services} | {row.others_with}" for row in _records(cells)],
        }
    )
    missing, only = cells[cells["standing"] == "missing here"], cells[cells["standing"] == "only here"]
    per_type = missing.groupby("support_type").size().sort_values(ascending=False, kind="stable")
    own_type = only.groupby("support_type").size().sort_values(ascending=False, kind="stable")
    name = plain(review.pack.region.name)
    others = int(cells["others"].max())
    answer = (
        f"In **{len(missing)}** of {len(cells)} cells (kind of support × {words.lower()}) most of the other {count(others, 'region')} have a service on "
        f"record and {name} has none"
        + (
            f", most of all for {listing([_low(review, 'support_type', t) for t in per_type.index], most=3)}"
            if len(per_type)
            else ""
        )
        + f". In {len(only) or 'none'} it is the other way round"
        + (
            f" ({listing([_low(review, 'support_type', t) for t in own_type.index], most=3)})"
            if len(own_type)
            else ""
        )
        + f". {_levels_note(review)}"
    )
    title = (
        f"Most other regions have {_low(review, 'support_type', per_type.index[0])} where {review.pack.region.name} has none"
        if len(per_type)
        else f"{review.pack.region.name} has every kind of support that most other regions have"
    )
    chart = charts.coverage_difference(
        frame,
        title=title,
        subtitle=f"Services on record here | how many of {others} other regions have at least one. Whether there is any is compared, not how many",
        source=_source(review),
        description=f"{title}. {len(missing)} cells missing here, {len(only)} found only here.",
    )
    kept = table.assign(
        support_type_label=[_label(review, "support_type", t) for t in table["support_type"]],
    ).drop(columns=["status"])
    rank = {"missing here": 0, "only here": 1, "rarer here": 2, "alike": 3, "unknown": 4}
    kept = kept.assign(_rank=kept["standing"].map(rank)).sort_values(
        ["_rank", "difference", "facet", "support_type", "code"], kind="stable", ignore_index=True
    )
    return Section(
        answer=answer,
        charts={"coverage_difference": chart},
        tables={
            "coverage_differences": Table(
                kept[
                    [
                        "facet", "support_type", "support_type_label", "code", "services", "others_with", "others",
                        "others_unknown", "difference", "standing",
                    ]
                ],
                "Coverage here and elsewhere, every facet",
                "Missing here: none here, and more than half of the other regions whose records allow an answer have one (project convention).",
            )
        },
        how_sure="low to medium; a pack that misses a service looks like a region without it. Counties are served by national bodies that their "
        "packs may list less fully.",
        to_check="For the cells missing here: does a national service exist that the pack does not list?",
    )  # fmt: skip


def _two_lines(label: str) -> str:
    """Return a label broken at the space nearest its middle; one word stands on the second line."""
    spaces = [n for n, letter in enumerate(label) if letter == " "]
    if not spaces:
        return f"\n{label}"
    cut = min(spaces, key=lambda n: (abs(2 * n - len(label)), n))
    return f"{label[:cut]}\n{label[cut + 1 :]}"
