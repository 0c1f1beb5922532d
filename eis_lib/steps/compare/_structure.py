"""The regions compared: their indicators joined, and those most alike in structure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from eis_lib.methods import benchmark, transfer
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.compare._view import places

MOST_COMPARED = 12
"""Regions a comparison is made among; of more, those most alike in structure (project convention, for a page that can be read)."""

STRUCTURE: Mapping[str, str] = MappingProxyType(
    {
        "population-log": "size",
        "employment-industry-share": "sectors",
        "manufacturing-value-added-gdp": "sectors",
        "employment-medium-high-tech-manufacturing": "sectors",
        "rd-expenditure-gdp": "technology",
        "euro": "currency",
    }
)
"""What cannot change quickly: variable → its dimension (after Navarro et al.). No outcomes."""

DIMENSION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"size": 1.0, "sectors": 1.0, "technology": 1.0, "currency": 0.5}
)
"""Weight of each dimension (project convention); the currency, one yes or no, counts half."""


@dataclass(frozen=True)
class Joined:
    """The indicators of every region: the latest value of the nearest area, and what did not join."""

    values: pd.DataFrame
    mismatches: pd.DataFrame


def _areas(review: Review) -> pd.DataFrame:
    rows = [
        (pack.id, area.code, area.version, order, area.note)
        for pack in review.peers()
        for order, area in enumerate(pack.region.indicator_areas)
    ]
    return pd.DataFrame(rows, columns=["region", "ref_area", "nuts_version", "order", "note"])


@once_per_review
def _join(review: Review, codes: tuple[str, ...]) -> Joined:
    wanted = review.common.indicators[review.common.indicators["indicator"].isin(list(codes))]
    joined, mismatches = benchmark.join_areas(wanted, _areas(review))
    values = benchmark.latest_values(joined, year=review.year)
    # a county inside a NUTS 3 region has the code of that region, not one of its own
    own_code = {
        pack.id: pack.region.nuts_code for pack in review.peers() if "inside" not in pack.region.level
    }
    values["of"] = [
        "the region itself" if own_code.get(region) == area else "a wider area"
        for region, area in zip(values["region"], values["ref_area"], strict=True)
    ]
    return Joined(values, mismatches)


@once_per_review
def _structure_values(review: Review) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the structural variables (region × variable) and the indicator values behind them."""
    codes = [code for code in STRUCTURE if code not in {"population-log", "euro"}]
    values = _join(review, tuple(codes)).values
    wide = values.pivot_table(index="region", columns="indicator", values="value")
    found = places(review)
    table = wide.reindex(index=list(found), columns=codes).astype(float)
    table["population-log"] = [
        math.log10(place.population) if place.population else math.nan for place in found.values()
    ]
    packs = {pack.id: pack for pack in review.peers()}
    table["euro"] = [float(packs[region].region.currency == "EUR") for region in found]
    return table[list(STRUCTURE)], values


@once_per_review
def _structure(review: Review, method: transfer.Distance = "euclidean") -> transfer.Structure:
    table, _ = _structure_values(review)
    return transfer.structural_distance(table, STRUCTURE, weights=DIMENSION_WEIGHTS, method=method)


def among_peers(review: Review) -> Review:
    """Return the review among the regions it is compared with: all that were chosen, or of many those most alike in structure.

    Regions whose likeness cannot be told, for want of indicators, come last, by name.
    """
    regions = {*review.sources.chosen, review.pack.id}
    if len(regions) <= MOST_COMPARED:
        return review
    likeness = _structure(review).likeness[review.pack.id].drop(review.pack.id)
    near = likeness.sort_index().sort_values(ascending=False, kind="stable").index[: MOST_COMPARED - 1]
    chosen = tuple(sorted({*near, review.pack.id}))
    sources = replace(review.sources, chosen=chosen, left_out=frozenset(regions - set(chosen)))
    return replace(review, sources=sources, _memo={})
