"""How far regions are apart in what cannot change quickly, and which are nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.transfer._exchange import _mean

_WORDS = Words(__file__)

Distance = Literal["euclidean", "gower"]
Numbers = np.ndarray[Any, np.dtype[np.float64]]

OUTCOMES = (
    "agency-client", "e-sales", "economic-sentiment", "eis-index", "employment-expectations", "export", "gdp", "goods-export",
    "gva", "industrial-confidence", "manufacturing-production", "rci", "ris-", "sme-export", "sme-share", "smes-export",
    "unemployment", "web-sales",
)  # fmt: skip
"""Beginnings of the codes of indicators that are results of what is compared, or of the business cycle."""


class TransferError(ValueError):
    """Raised when a comparison is asked for that would mislead."""


@dataclass(frozen=True)
class Structure:
    """How far regions are apart in what cannot change quickly.

    Attributes
    ----------
    distance : DataFrame
        Regions × regions, symmetric, zero on the diagonal; missing where two regions share no known dimension.
    parts : DataFrame
        ``region``, ``other``, ``dimension``, ``part``: what each dimension adds to the distance; sums to it.
    dropped : tuple of str
        In words, what could not be used and why.
    """

    distance: pd.DataFrame
    parts: pd.DataFrame
    dropped: tuple[str, ...]

    @property
    def likeness(self) -> pd.DataFrame:
        """Return 1 − distance / largest distance of all pairs: 1 for the same structure, 0 for the pair least alike."""
        largest = float(np.nanmax(self.distance.to_numpy())) if self.distance.size else 0.0
        return 1 - self.distance / largest if largest > 0 else self.distance * 0 + 1


def refuse_outcomes(variables: Iterable[str]) -> None:
    """Raise ``TransferError`` naming every variable that is an outcome (see :data:`OUTCOMES`)."""
    outcomes = [name for name in variables if name.startswith(OUTCOMES)]
    if outcomes:
        raise TransferError(
            f"structural distance must not contain outcomes: {', '.join(outcomes)}; "
            "peers would become regions with the same result"
        )


def structural_distance(
    values: pd.DataFrame,
    dimensions: Mapping[str, str],
    *,
    weights: Mapping[str, float] | None = None,
    method: Distance = "euclidean",
) -> Structure:
    """Return the structural distance of all regions.

    ``euclidean``: each variable is standardised (population standard deviation), averaged within its dimension, and the
    squared differences of the dimensions are added by weight (Navarro et al.; S3 Platform / Orkestra). ``gower``:
    differences as a share of the range, 0 or 1 for categories, averaged within dimensions, added by weight. A dimension
    that is missing for one of two regions leaves its weight to the others. Weights are brought to a sum of one.

    Parameters
    ----------
    values : DataFrame
        Index: region; numeric columns, or text (categories, ``gower`` only).
    dimensions : mapping
        Variable → dimension, for every variable to use.
    weights : mapping, optional
        Dimension → weight; equal where not given.
    method : str

    Raises
    ------
    TransferError
        If a variable is an outcome or has no column, a region is there twice, a weight is negative or of no dimension, the
        method is not known, or categories meet ``euclidean``.

    Examples
    --------
    >>> places = pd.DataFrame({"people": [1, 2, 4], "industry": [10, 20, 20]}, index=["A", "B", "C"])
    >>> found = structural_distance(places, {"people": "size", "industry": "sectors"})
    >>> nearest_regions(found, "B", count=1)["other"].tolist()
    ['C']
    """
    refuse_outcomes(dimensions)
    _refuse_unusable(values, dimensions, weights, method)
    regions = [str(region) for region in values.index]
    scores, gaps, dropped = _differences(values, dimensions, method)
    used = [name for name in dict.fromkeys(dimensions.values()) if name in gaps]
    if not used:  # such as a new region beside one other: nothing is known, which is not "alike"
        unknown = pd.DataFrame(
            np.where(np.eye(len(regions)) == 1, 0.0, np.nan), index=regions, columns=regions
        )
        none = pd.DataFrame(columns=["region", "other", "dimension", "part"])
        return Structure(unknown, none, tuple(dropped))
    weight = np.array([1.0 if weights is None else float(weights.get(name, 0.0)) for name in used])
    stacked = np.stack(
        [_squares(scores[name]) if method == "euclidean" else _mean(np.stack(gaps[name])) for name in used]
    )
    is_known = ~np.isnan(stacked)
    known_weight = np.where(is_known, weight[:, None, None], 0.0)
    total = known_weight.sum(axis=0)
    parts = np.where(is_known, stacked, 0.0) * (known_weight / np.where(total > 0, total, np.nan))
    distance = parts.sum(axis=0)
    np.fill_diagonal(distance, 0.0)
    frame = pd.DataFrame(distance, index=regions, columns=regions)
    return Structure(frame, _parts(regions, used, parts, is_known), tuple(dropped))


def _squares(scores: Sequence[Numbers]) -> Numbers:
    """Return the squared difference of each pair of regions in the mean score of a dimension."""
    mean = _mean(np.stack(scores))
    return (mean[:, None] - mean[None, :]) ** 2


def _parts(
    regions: list[str], used: list[str], parts: Numbers, is_known: np.ndarray[Any, np.dtype[np.bool_]]
) -> pd.DataFrame:
    """Return what each dimension adds to the distance of each pair of regions."""
    told = is_known & ~np.eye(len(regions), dtype=bool)
    layer, one, other = np.nonzero(told)  # many regions have millions of pairs: no loop
    names_of = np.array(regions, dtype=object)
    rows = {
        "region": names_of[one], "other": names_of[other],
        "dimension": np.array(used, dtype=object)[layer], "part": parts[told],
    }  # fmt: skip
    return pd.DataFrame(rows)


def _differences(
    values: pd.DataFrame, dimensions: Mapping[str, str], method: str
) -> tuple[dict[str, list[Numbers]], dict[str, list[Numbers]], list[str]]:
    """Return dimension → standardised variables, dimension → differences of all pairs, and what is dropped, in words."""
    scores: dict[str, list[Numbers]] = {}
    gaps: dict[str, list[Numbers]] = {}
    dropped: list[str] = []
    for variable, dimension in dimensions.items():
        column = values[variable]
        numeric = pd.api.types.is_numeric_dtype(column)
        if not numeric and method == "euclidean":
            raise TransferError(f"'{variable}' holds categories; use the distance 'gower'")
        if column.nunique() < 2:
            why = _WORDS.same_everywhere if column.notna().any() else _WORDS.known_nowhere
            dropped.append(why(variable))
            continue
        if numeric:
            x = column.to_numpy(dtype=float)
            scores.setdefault(dimension, []).append((x - np.nanmean(x)) / np.nanstd(x))
            gap = np.abs(x[:, None] - x[None, :]) / (np.nanmax(x) - np.nanmin(x))
        else:
            codes, is_known = column.to_numpy(dtype=object), column.notna().to_numpy()
            differs = (codes[:, None] != codes[None, :]).astype(float)
            gap = np.where(is_known[:, None] & is_known[None, :], differs, np.nan)
        gaps.setdefault(dimension, []).append(gap)
    return scores, gaps, dropped


def _refuse_unusable(
    values: pd.DataFrame, dimensions: Mapping[str, str], weights: Mapping[str, float] | None, method: str
) -> None:
    """Raise ``TransferError`` with everything that keeps a distance from being computed."""
    regions = pd.Index([str(region) for region in values.index])
    known = set(dimensions.values())
    faults = (
        [f"unknown distance '{method}'; known: euclidean, gower"]
        if method not in ("euclidean", "gower")
        else []
    )
    faults += [f"'{variable}' has no column" for variable in dimensions if variable not in values]
    faults += [f"'{region}' is listed twice" for region in regions[regions.duplicated()].unique()]
    faults += [
        f"'{name}' is no dimension: {', '.join(sorted(known))}" for name in weights or {} if name not in known
    ]
    faults += [
        f"the weight of '{name}' is {weight}" for name, weight in (weights or {}).items() if not weight >= 0
    ]
    if faults:
        raise TransferError("; ".join(faults))


def nearest_regions(
    structure: Structure, region: str, *, count: int = 3, leave_out: Iterable[str] = ()
) -> pd.DataFrame:
    """Return the regions nearest to one, and why.

    Columns ``rank``, ``other``, ``distance``, ``likeness`` (0–1), ``closest_in`` and ``furthest_in`` (the dimensions that
    add least and most to the distance; equal parts by name). Regions whose distance is not known are not listed. Raises
    ``TransferError`` for a region that is not there.
    """
    if region not in structure.distance:
        raise TransferError(
            f"no region '{region}'; there are {', '.join(map(str, structure.distance.columns))}"
        )
    own = (
        structure.distance[region]
        .drop(labels=[region, *(set(leave_out) - {region})], errors="ignore")
        .dropna()
    )
    own = own.sort_values(kind="stable")
    rows = []
    for rank, (other, distance) in enumerate(own.iloc[:count].items(), start=1):
        parts = structure.parts[
            (structure.parts["region"] == region) & (structure.parts["other"] == other)
        ].sort_values(["part", "dimension"])
        rows.append(
            {
                "rank": rank,
                "other": other,
                "distance": distance,
                "likeness": structure.likeness.at[region, other],
                "closest_in": parts["dimension"].iloc[0],
                "furthest_in": parts["dimension"].iloc[-1],
            }
        )
    return pd.DataFrame(rows, columns=["rank", "other", "distance", "likeness", "closest_in", "furthest_in"])
