"""Whether other regions resemble this one in what cannot change quickly, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import listing
from eis_lib.methods import transfer
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._structure import STRUCTURE, _structure, _structure_values
from eis_lib.steps.compare._view import _alone, _pct, places
from eis_lib.steps.shared.words import _records

DISTANCES: Mapping[str, str] = MappingProxyType({"squared Euclidean": "euclidean", "Gower": "gower"})
"""What the controls offer: words → code."""


def _nearest(
    review: Review,
    neighbours: int | None = None,
    other_countries_only: bool | None = None,
    method: transfer.Distance = "euclidean",
) -> pd.DataFrame:
    k = review.parameters.neighbours if neighbours is None else neighbours
    abroad = review.parameters.other_countries_only if other_countries_only is None else other_countries_only
    found = places(review)
    home = [p.id for p in found.values() if abroad and p.country == review.pack.region.country]
    return transfer.nearest_regions(_structure(review, method), review.pack.id, count=k, leave_out=home)


def peers(
    review: Review,
    *,
    neighbours: int | None = None,
    other_countries_only: bool | None = None,
    method: transfer.Distance = "euclidean",
) -> Section:
    """Return the regions that resemble this one in what cannot change quickly, and why."""
    alone = _alone(review)
    if alone:
        return alone
    found, structure = places(review), _structure(review, method)
    near = _nearest(review, neighbours, other_countries_only, method)
    if near.empty:
        return Section(
            answer="No region is left to compare structures with.",
            how_sure="not applicable; the filter leaves nobody.",
        )
    variables: Any = _structure_values(review)[0]
    holes = _figures_not_known(review, variables)
    named = near.assign(
        name=[found[o].name for o in near["other"]],
        level=[found[o].level for o in near["other"]],
        population=pd.array([found[o].population for o in near["other"]], dtype="Int64"),
    )
    values = (
        variables.rename(columns=lambda column: str(column).replace("-", "_"))
        .rename_axis("region")
        .reset_index()
    )
    values.insert(1, "name", [found[r].name for r in values["region"]])
    return Section(
        answer=_peers_words(review, near),
        charts={"structural_peers": _peers_chart(review, structure, near)},
        tables={
            "peers": Table(
                named[
                    ["rank", "other", "name", "level", "population", "distance", "likeness", "closest_in", "furthest_in"]
                ],
                "Structural peers, nearest first",
                f"Method {method}; dimensions size, sectors and technology count alike, currency half (project convention). "
                + " ".join(f"{text}." for text in structure.dropped),
            ),
            "structure": Table(
                values,
                "What the distance is made of",
                "Figures of research, manufacturing and technology are the country's: they tell countries apart, not regions.",
            ),
        },
        how_sure=f"low; {len(STRUCTURE)} variables, most of them of the country, and weights nobody has tested."
        + (f" Not known: {'; '.join(holes)}." if holes else ""),
        to_check="Whether people who know both regions find them alike.",
    )  # fmt: skip


def _figures_not_known(review: Review, variables: Any) -> list[str]:
    """Return the regions of which a structural variable is not known, each with what it lacks."""
    lacking = {
        region: [STRUCTURE[c][1] for c in variables.columns if pd.isna(variables.at[region, c])]
        for region in variables.index
    }
    return [f"{places(review)[region].name} ({listing(gone)})" for region, gone in lacking.items() if gone]


def _peers_words(review: Review, near: pd.DataFrame) -> str:
    found = places(review)
    peers_in_words = [
        f"**{plain(found[row.other].name)}** (likeness {_pct(row.likeness)}, closest in {row.closest_in}, furthest in {row.furthest_in})"
        for row in _records(near)
    ]
    return (
        f"Nearest to {plain(review.pack.region.name)}: {listing(peers_in_words)}. "
        "Likeness runs from 0% for the least alike pair of regions to 100%. A peer in structure is where a practice may travel more "
        "easily, not where results are alike: exports, income and unemployment are kept out of the distance."
    )


def _peers_chart(review: Review, structure: transfer.Structure, near: pd.DataFrame) -> Any:
    found, first = places(review), near.iloc[0]
    parts = structure.parts[structure.parts["region"] == review.pack.id]
    parts = parts.assign(distance=parts["other"].map(structure.distance[review.pack.id]))
    parts = parts.sort_values(["distance", "other", "dimension"], ignore_index=True)
    place = {other: f" · peer {n}" for n, other in enumerate(near["other"], start=1)}
    frame = parts.assign(
        note=[f"{row.distance:.2f}{place.get(row.other, '')}" for row in _records(parts)],
        other=[found[other].row for other in parts["other"]],
    )
    title = f"{found[first['other']].name} resembles {review.pack.region.name} most in structure"
    return charts.structural_peers(
        frame,
        title=title,
        subtitle="Distance in what cannot change quickly, no outcomes; nearest on top"
        + (f", peers from other countries only, k = {len(near)}" if len(near) < len(found) - 1 else ""),
        source="population and currency of the packs; _common/indicators.csv (nearest area, often the country)",
        description=f"{title}: distance {first['distance']:.2f}; closest in {first['closest_in']}, furthest in {first['furthest_in']}.",
    )
