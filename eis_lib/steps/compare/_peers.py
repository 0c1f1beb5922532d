"""Whether other regions resemble this one in what cannot change quickly, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import transfer
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.compare._structure import STRUCTURE, _structure, _structure_values
from eis_lib.steps.compare._view import _alone, _words, places
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
    words = _words(__file__, review)
    near = _nearest(review, neighbours, other_countries_only, method)
    if near.empty:
        return Section(answer=words.nobody_left(), how_sure=words.how_sure_nobody_left())
    variables: Any = _structure_values(review)[0]
    holes = _figures_not_known(review, variables, words)
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
        answer=words.answer([words.peer(found[row.other].name, row) for row in _records(near)]),
        charts={"structural_peers": _peers_chart(review, structure, near, words)},
        tables={
            "peers": Table(
                named[
                    ["rank", "other", "name", "level", "population", "distance", "likeness", "closest_in", "furthest_in"]
                ],
                words.peers_caption(),
                f"{words.peers_note(method)} {' '.join(f'{text}.' for text in structure.dropped)}",
            ),
            "structure": Table(values, words.structure_caption(), words.structure_note()),
        },
        how_sure=sentences(words.how_sure(len(STRUCTURE)), words.not_known(holes) if holes else ""),
        to_check=words.to_check(),
    )  # fmt: skip


def _figures_not_known(review: Review, variables: Any, words: Words) -> list[str]:
    """Return the regions of which a structural variable is not known, each with what it lacks."""
    lacking = {
        region: [words.variable(c) for c in variables.columns if pd.isna(variables.at[region, c])]
        for region in variables.index
    }
    return [words.lacks(places(review)[region].name, gone) for region, gone in lacking.items() if gone]


def _peers_chart(review: Review, structure: transfer.Structure, near: pd.DataFrame, words: Words) -> Any:
    found, first = places(review), near.iloc[0]
    parts = structure.parts[structure.parts["region"] == review.pack.id]
    parts = parts.assign(distance=parts["other"].map(structure.distance[review.pack.id]))
    parts = parts.sort_values(["distance", "other", "dimension"], ignore_index=True)
    place = {other: n for n, other in enumerate(near["other"], start=1)}
    frame = parts.assign(
        note=[words.bar(row.distance, place.get(row.other)) for row in _records(parts)],
        other=[found[other].row for other in parts["other"]],
    )
    title = words.title(found[first["other"]].name)
    return charts.structural_peers(
        frame,
        title=title,
        subtitle=words.subtitle(len(near), len(near) < len(found) - 1),
        source=words.source(),
        description=words.description(title, first),
    )
