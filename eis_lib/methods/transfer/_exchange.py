"""What regions could learn from each other, who should visit whom, and who is strong where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from eis_lib.methods.transfer._practices import _met, tested_gaps

STRONG, WEAK = 2 / 3, 1 / 2
"""Share of the demand for a need that must be served to call a region strong in it, or be a gap to call it weak."""


def exchange_values(gaps: pd.DataFrame, practices: pd.DataFrame, *, minimum_grade: int = 0) -> pd.DataFrame:
    """Return what each region could learn from each other: pairs of taker and giver with what would be met.

    Parameters
    ----------
    gaps : DataFrame
        Of all regions, with ``region``.
    practices : DataFrame
        Of all regions, with ``region``; ungraded ones count as grade 0.
    minimum_grade : int

    Returns
    -------
    DataFrame
        One row per ordered pair of different regions (those in either table): ``taker``, ``giver``, ``value`` (gap score of
        the taker that the giver's practices meet, each gap once by its best fit), ``share`` (of the taker's tested gap
        score, 0–1), ``gaps_met``, ``practice_ids`` (tuple, those that meet most first), ``needs`` (tuple).
    """
    regions = sorted({*gaps["region"], *practices["region"]})
    good = practices
    if minimum_grade:
        grades = pd.to_numeric(practices.get("evidence_grade", pd.Series(0, index=practices.index))).fillna(0)
        good = practices[grades >= minimum_grade]
    tested = tested_gaps(gaps)
    met = _met(tested, good)
    # arrays, not frames: 242 regions are 58,322 pairs, and all gaps meet all practices
    taker = pd.Categorical(tested["region"], regions).codes
    giver = pd.Categorical(good["region"], regions).codes
    practice, need = good["practice_id"].to_numpy(object), tested["need"].to_numpy(object)
    whole = tested.groupby("region")["score"].sum()
    rows = []
    for t, region in enumerate(regions):
        own = met[taker == t]
        own_needs = need[taker == t]
        entire = float(whole.get(region, 0.0))
        by_practice = np.nansum(own, axis=0)
        speaks = ~np.isnan(own).all(axis=0)
        for g, other in enumerate(regions):
            if g == t:
                continue
            theirs = np.flatnonzero((giver == g) & speaks)
            best = np.fmax.reduce(own[:, theirs], axis=1) if len(theirs) else np.full(len(own), np.nan)
            answered = ~np.isnan(best)
            value = float(best[answered].sum())
            worth: dict[str, float] = {}
            for code, much in zip(own_needs[answered], best[answered], strict=True):
                worth[code] = worth.get(code, 0.0) + float(much)
            by_id: dict[str, float] = {}
            for p in theirs:
                by_id[practice[p]] = by_id.get(practice[p], 0.0) + float(by_practice[p])
            rows.append(
                (
                    region, other, value, value / entire if entire > 0 else np.nan, int(answered.sum()),
                    _heaviest_first(by_id), _heaviest_first(worth),
                )
            )  # fmt: skip
    columns = ["taker", "giver", "value", "share", "gaps_met", "practice_ids", "needs"]
    return pd.DataFrame(rows, columns=columns)


def _heaviest_first(weights: dict[str, float]) -> tuple[str, ...]:
    return tuple(sorted(weights, key=lambda code: (-round(weights[code], 12), code)))


def best_exchange(values: pd.DataFrame) -> pd.DataFrame:
    """Return who should visit whom so that the partnership learns most.

    Every region visits one other and hosts one (an exact assignment, Kuhn–Munkres by way of SciPy); the sum of the shares of
    gaps met is the largest there is. One visit each keeps the load even; ``first_wish`` says whom a region would visit if
    hosts took everybody.

    Parameters
    ----------
    values : DataFrame
        Of :func:`exchange_values`.

    Returns
    -------
    DataFrame
        ``visitor``, ``host``, ``share``, ``gaps_met``, ``practice_ids``, ``needs``, ``first_wish``; a pair where nothing would be
        met is left out. Sorted by share, largest first. Empty for fewer than two regions.
    """
    columns = ["visitor", "host", "share", "gaps_met", "practice_ids", "needs", "first_wish"]
    regions = sorted({*values["taker"], *values["giver"]})
    if len(regions) < 2:
        return pd.DataFrame(columns=columns)
    gain = values.pivot_table(index="taker", columns="giver", values="share", aggfunc="sum").reindex(
        index=regions, columns=regions
    )
    worth = gain.fillna(0.0).to_numpy(copy=True)
    np.fill_diagonal(worth, -1e6)
    visitors, hosts = linear_sum_assignment(worth, maximize=True)
    rows: list[dict[str, Any]] = []
    by_pair = {(row["taker"], row["giver"]): row for row in values.to_dict("records")}
    for visitor, host in zip(visitors, hosts, strict=True):
        if visitor == host:
            continue
        pair = by_pair[regions[visitor], regions[host]]
        if not pair["value"] > 0:
            continue
        wish = worth[visitor].argmax()
        rows.append(
            {
                "visitor": pair["taker"],
                "host": pair["giver"],
                "share": pair["share"],
                "gaps_met": pair["gaps_met"],
                "practice_ids": pair["practice_ids"],
                "needs": pair["needs"],
                "first_wish": regions[int(wish)],
            }
        )
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["share", "visitor"], ascending=[False, True], ignore_index=True)


def strong_where(profile: pd.DataFrame) -> pd.DataFrame:
    """Return for every need and region how much of its demand services on record meet, and where that is strong.

    Parameters
    ----------
    profile : DataFrame
        Of all regions (step 3): ``region``, ``need_area``, ``stage``, ``services``, ``demand_weight``, ``served_weight``,
        ``unknown_weight``, ``gap_weight``.

    Returns
    -------
    DataFrame
        Key (``need``, ``region``), needs in the order given: ``demand`` (share of the region's demand), ``served_share``,
        ``unknown_share``, ``gap_share`` (of the demand for this need, 0–1; missing without demand) and ``standing`` ∈
        *strong* (at least :data:`STRONG` served), *weak* (at least :data:`WEAK` a gap), *between*, *cannot tell* (neither,
        with more unknown than served), *no demand*.
    """
    columns = ["demand_weight", "served_weight", "unknown_weight", "gap_weight"]
    table = profile.groupby(["need_area", "region"], sort=False)[columns].sum().reset_index()
    demand = table["demand_weight"].where(table["demand_weight"] > 0)
    result = pd.DataFrame(
        {
            "need": table["need_area"],
            "region": table["region"],
            "demand": table["demand_weight"],
            **{
                f"{kind}_share": (table[f"{kind}_weight"] / demand).round(9)
                for kind in ("served", "unknown", "gap")
            },
        }
    )
    result["standing"] = np.select(
        [
            demand.isna(),
            result["served_share"] >= STRONG,
            result["gap_share"] >= WEAK,
            result["unknown_share"] > result["served_share"],
        ],
        ["no demand", "strong", "weak", "cannot tell"],
        default="between",
    )
    return result


def coverage_differences(coverage: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return for each cell of the coverage map what this region has and how many of the others have it.

    Counts of services depend on how thoroughly a pack was filled; whether there is *any* does so far less. That is what is
    compared.

    Parameters
    ----------
    coverage : DataFrame
        Of all regions (step 1): ``region``, ``facet``, ``support_type``, ``code``, ``services``, ``status`` (covered, general,
        unknown, none).
    region : str

    Returns
    -------
    DataFrame
        Key (``facet``, ``support_type``, ``code``): ``services`` and ``status`` here, ``others`` (regions compared with), ``others_with``
        (of them, those with a service), ``others_unknown``, ``difference`` (1 or 0 here − share of the others known, −1 to 1;
        missing where it is unknown here), ``standing`` ∈ *missing here* (none here, most of the others have it), *rarer
        here*, *alike*, *only here* (here, and fewer than half of the others), *unknown*.
    """
    key = ["facet", "support_type", "code"]
    cells = coverage.assign(
        has=coverage["services"] > 0,
        unclear=coverage["status"].eq("unknown"),
    )
    own = cells[cells["region"] == region].set_index(key)
    rest = cells[cells["region"] != region].groupby(key, sort=False)
    table = own[["services", "status", "has", "unclear"]].join(
        pd.DataFrame(
            {"others": rest.size(), "others_with": rest["has"].sum(), "others_unknown": rest["unclear"].sum()}
        )
    )
    table[["others", "others_with", "others_unknown"]] = (
        table[["others", "others_with", "others_unknown"]].fillna(0).astype(int)
    )
    known = (table["others"] - table["others_unknown"]).where(lambda n: n > 0)
    share = table["others_with"] / known
    table["difference"] = (table["has"].astype(float) - share).where(~table["unclear"])
    table["standing"] = np.select(
        [
            table["difference"].isna(),
            ~table["has"] & (share > 0.5),
            ~table["has"] & (share > 0),
            table["has"] & (share < 0.5),
        ],
        ["unknown", "missing here", "rarer here", "only here"],
        default="alike",
    )
    return table.drop(columns=["has", "unclear"]).reset_index()


def _mean(layers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the mean over the first axis of what is known; missing where nothing is."""
    known = ~np.isnan(layers)
    count = known.sum(axis=0)
    total = np.where(known, layers, 0.0).sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.where(count > 0, count, 1), np.nan))
