"""Who resembles us, what of theirs would meet a gap of ours, and whom to ask about it.

Structural peers are found without outcomes: with exports in the distance, peers would only be "regions with the same
result". A good practice is proposed only where it meets a gap that step 3 found (the gate), however good it is elsewhere;
what speaks for and against its transfer is laid side by side and never folded into one number, since no authoritative
scored method exists. All thresholds are project conventions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

Distance = Literal["euclidean", "gower"]

OUTCOMES = (
    "agency-client", "e-sales", "economic-sentiment", "eis-index", "employment-expectations", "export", "gdp", "goods-export",
    "gva", "industrial-confidence", "manufacturing-production", "rci", "ris-", "sme-export", "sme-share", "smes-export",
    "unemployment", "web-sales",
)  # fmt: skip
"""Beginnings of the codes of indicators that are results of what is compared, or of the business cycle."""

NOT_TESTED = ("evidence", "continuity")
"""Kinds of gap a practice is not matched to: *evidence* is a hole in our records, not in the support; *continuity* looks at
the same cells a second time."""

TURNED_DOWN = ("rejected", "kept-on-purpose")
"""Decisions of people after which a computed gap is no longer matched."""

GRADES: Mapping[int, str] = {
    0: "no result reported",
    1: "self-reported",
    2: "before and after",
    3: "comparison group",
    4: "trial or replicated",
}
"""Evidence grade → what stands behind it (our coding, methods G7)."""

EFFORT_ORDER: Mapping[str, int] = {"low": 0, "medium": 1, "high": 2}
STRONG, WEAK = 2 / 3, 1 / 2
"""Share of the demand for a need that must be served to call a region strong in it, or be a gap to call it weak."""
OTHER_STAGE = 0.5
"""Problem fit of a practice that answers the need, but at another stage; at the same stage it is 1, without the need 0."""


class TransferError(ValueError):
    """Raised when a comparison is asked for that would mislead."""


# ------------------------------------------------------------------------------------------------ structural peers


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
    names = list(dict.fromkeys(dimensions.values()))
    dropped: list[str] = []
    gaps: dict[str, list[np.ndarray[Any, Any]]] = {name: [] for name in names}
    scores: dict[str, list[np.ndarray[Any, Any]]] = {name: [] for name in names}
    for variable, dimension in dimensions.items():
        column = values[variable]
        numeric = pd.api.types.is_numeric_dtype(column)
        if not numeric and method == "euclidean":
            raise TransferError(f"'{variable}' holds categories; use the distance 'gower'")
        if column.nunique() < 2:
            known = "the same for every region" if column.notna().any() else "not known for any region"
            dropped.append(f"{variable} is {known} and tells none apart")
            continue
        if numeric:
            x = column.to_numpy(dtype=float)
            scores[dimension].append((x - np.nanmean(x)) / np.nanstd(x))
            gaps[dimension].append(np.abs(x[:, None] - x[None, :]) / (np.nanmax(x) - np.nanmin(x)))
        else:
            codes = column.to_numpy(dtype=object)
            known_pair = column.notna().to_numpy()[:, None] & column.notna().to_numpy()[None, :]
            gaps[dimension].append(
                np.where(known_pair, (codes[:, None] != codes[None, :]).astype(float), np.nan)
            )
    used = [name for name in names if gaps[name]]
    if not used:  # such as a new region beside one other: nothing is known, which is not "alike"
        unknown = pd.DataFrame(
            np.where(np.eye(len(regions)) == 1, 0.0, np.nan), index=regions, columns=regions
        )
        none = pd.DataFrame(columns=["region", "other", "dimension", "part"])
        return Structure(unknown, none, tuple(dropped))
    weight = np.array([1.0 if weights is None else float(weights.get(name, 0.0)) for name in used])
    layers = []
    for name in used:
        if method == "euclidean":
            mean = _mean(np.stack(scores[name]))
            layers.append((mean[:, None] - mean[None, :]) ** 2)
        else:
            layers.append(_mean(np.stack(gaps[name])))
    stacked = np.stack(layers)
    known_weight = np.where(np.isnan(stacked), 0.0, weight[:, None, None])
    total = known_weight.sum(axis=0)
    share = known_weight / np.where(total > 0, total, np.nan)
    parts = np.where(np.isnan(stacked), 0.0, stacked) * share
    distance = parts.sum(axis=0)
    np.fill_diagonal(distance, 0.0)
    told = ~np.isnan(stacked) & ~np.eye(len(regions), dtype=bool)
    layer, one, other = np.nonzero(told)  # many regions have millions of pairs: no loop
    names_of = np.array(regions, dtype=object)
    rows = {
        "region": names_of[one], "other": names_of[other],
        "dimension": np.array(used, dtype=object)[layer], "part": parts[told],
    }  # fmt: skip
    return Structure(
        pd.DataFrame(distance, index=regions, columns=regions),
        pd.DataFrame(rows),
        tuple(dropped),
    )


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


# ------------------------------------------------------------------------------------------------ practices and gaps


def tested_gaps(gaps: pd.DataFrame) -> pd.DataFrame:
    """Return the gaps a practice may be matched to: found, neither unjudgeable nor turned down by a person."""
    turned_down = gaps["status"].isin(TURNED_DOWN) if "status" in gaps else False
    return gaps[~gaps["kind"].isin(NOT_TESTED) & ~pd.Series(turned_down, index=gaps.index)].reset_index(
        drop=True
    )


def fit_problems(gaps: pd.DataFrame, practices: pd.DataFrame) -> pd.DataFrame:
    """Return every pair of gap and practice that share the need.

    Parameters
    ----------
    gaps : DataFrame
        ``gap_id``, ``kind``, ``stage``, ``need``, ``weight``, ``score`` of one region (see :mod:`eis_lib.gaps`).
    practices : DataFrame
        ``region``, ``practice_id``, ``journey_stages`` and ``barriers_addressed`` (tuples).

    Returns
    -------
    DataFrame
        Key (``gap_id``, ``region``, ``practice_id``): ``region`` of the practice, the gap's columns and ``problem_fit``, 1 at the same
        stage and :data:`OTHER_STAGE` at another or an unknown one. A pair without a shared need is not there.
    """
    rows = []
    tested = tested_gaps(gaps).to_dict("records")
    for practice in practices.to_dict("records"):
        for gap in tested:
            if gap["need"] not in practice["barriers_addressed"]:
                continue
            fit = 1.0 if gap["stage"] in practice["journey_stages"] else OTHER_STAGE
            rows.append(
                {
                    "gap_id": gap["gap_id"],
                    "practice_id": practice["practice_id"],
                    "region": practice["region"],
                    "kind": gap["kind"],
                    "stage": gap["stage"],
                    "need": gap["need"],
                    "weight": float(gap["weight"]),
                    "score": float(gap["score"]),
                    "problem_fit": fit,
                }
            )
    columns = ["gap_id", "practice_id", "region", "kind", "stage", "need", "weight", "score", "problem_fit"]
    return pd.DataFrame(rows, columns=columns)


def match_practices(
    region: str,
    gaps: pd.DataFrame,
    practices: pd.DataFrame,
    *,
    likeness: pd.Series | None = None,
    own_services: pd.DataFrame | None = None,
    minimum_grade: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the practices of other regions that meet a tested gap, and those that are not proposed, with the reason.

    Parameters
    ----------
    region : str
        The region that would take.
    gaps : DataFrame
        Its gaps.
    practices : DataFrame
        Of all regions: ``region`` and the columns of ``good_practices``.
    likeness : Series, optional
        Other region → structural likeness (0–1).
    own_services : DataFrame, optional
        Services of the region in force, with ``support_type``: tells what is new from what would be one more.
    minimum_grade : int
        Weakest evidence a practice may have; one that was never graded is not proposed above 0.

    Returns
    -------
    matches : DataFrame
        One row per practice: ``practice_id``, ``region``, ``title``, ``support_type``, ``gap_ids`` (tuple, heaviest
        first), ``needs`` (tuple), ``gap_weight`` (share of demand these gaps hold), ``problem_fit`` (best of its gaps),
        ``gap_score_met`` (Σ score × problem fit), ``context_fit`` (structural likeness), ``evidence_grade``,
        ``effort``, ``cost_eur_per_year``, ``own_services_of_type``. Sorted by gap score met, evidence, context, effort:
        an order of reading, not a score.
    refused : DataFrame
        ``practice_id``, ``region``, ``title``, ``reason``.
    """
    other = practices[practices["region"] != region]
    pairs = fit_problems(gaps, other)
    pairs = pairs.assign(met=pairs["score"] * pairs["problem_fit"])
    by_practice = dict(list(pairs.groupby(["region", "practice_id"], sort=False)))
    rows, refused = [], []
    for practice in other.to_dict("records"):
        grade: Any = practice.get("evidence_grade")
        graded = grade is not None and not pd.isna(grade)
        cost: Any = practice.get("cost_eur_per_year")
        found = by_practice.get((practice["region"], practice["practice_id"]))
        reason = ""
        if found is None:
            reason = "answers no gap that was tested here"
        elif minimum_grade > 0 and not graded:
            reason = "its evidence was never graded"
        elif graded and int(grade) < minimum_grade:
            reason = f"evidence too weak: {GRADES[int(grade)]}"
        if reason or found is None:
            refused.append(
                {
                    "practice_id": practice["practice_id"],
                    "region": practice["region"],
                    "title": practice["title"],
                    "reason": reason,
                }
            )
            continue
        found = found.sort_values(["met", "gap_id"], ascending=[False, True])
        same = (
            np.nan
            if own_services is None
            else int((own_services["support_type"] == practice["support_type"]).sum())
        )
        rows.append(
            {
                "practice_id": practice["practice_id"],
                "region": practice["region"],
                "title": practice["title"],
                "support_type": practice["support_type"],
                "gap_ids": tuple(found["gap_id"]),
                "needs": tuple(dict.fromkeys(found["need"])),
                "gap_weight": float(found["weight"].sum()),
                "problem_fit": float(found["problem_fit"].max()),
                "gap_score_met": float(found["met"].sum()),
                "context_fit": np.nan
                if likeness is None
                else float(likeness.get(practice["region"], np.nan)),
                "evidence_grade": float(grade) if graded else np.nan,
                "effort": practice.get("effort") if isinstance(practice.get("effort"), str) else "unknown",
                "cost_eur_per_year": np.nan if cost is None else float(cost),
                "own_services_of_type": same,
            }
        )
    columns = [
        "practice_id", "region", "title", "support_type", "gap_ids", "needs", "gap_weight", "problem_fit", "gap_score_met",
        "context_fit", "evidence_grade", "effort", "cost_eur_per_year", "own_services_of_type",
    ]  # fmt: skip
    matches = pd.DataFrame(rows, columns=columns)
    order = matches.assign(
        _met=matches["gap_score_met"].round(12),
        _effort=matches["effort"].map(EFFORT_ORDER).fillna(len(EFFORT_ORDER)),
        _grade=matches["evidence_grade"].fillna(-1),
        _context=matches["context_fit"].fillna(-1),
    ).sort_values(
        ["_met", "_grade", "_context", "_effort", "practice_id"], ascending=[False, False, False, True, True]
    )
    return (
        matches.loc[order.index].reset_index(drop=True),
        pd.DataFrame(refused, columns=["practice_id", "region", "title", "reason"]),
    )


def questions(practice: Mapping[str, Any], *, kind: str, same_level: bool, most: int = 3) -> tuple[str, ...]:
    """Return what to ask the people behind a practice, the most useful first.

    Taken from what the record leaves open: the kind of gap it should close, weak evidence, no cost, another level of
    government; and always which parts could not be left out.

    Parameters
    ----------
    practice : mapping
        A row of ``good_practices`` or of :func:`match_practices`.
    kind : str
        Kind of the heaviest gap it would meet.
    same_level : bool
        Whether both regions stand at the same level (county, NUTS 2 …).
    most : int
        Number of questions.
    """
    by_kind = {
        "absolute": "How did you start where nothing was there, and who had to agree?",
        "eligibility": "Which rule of admission did you widen, and what did that cost?",
        "access": "Through which channel, language and price did the firms that stay away come in?",
        "capacity": "How did you serve more firms without more staff?",
        "awareness": "How do firms hear of it, and how many of those who hear come?",
    }
    asked = [by_kind.get(kind, "Which problem did you have before, and how did you know?")]
    grade = practice.get("evidence_grade")
    if grade is None or pd.isna(grade) or int(grade) <= 1:
        asked.append("What would have happened to these firms without it, and how could you tell?")
    if not same_level:
        asked.append("Which powers and which level of government does it need?")
    cost = practice.get("cost_eur_per_year")
    if cost is None or pd.isna(cost):
        asked.append("What does it cost a year, in money and in people?")
    asked.append("Which parts could not be left out, and which did you change on the way?")
    asked.append("What would you not do again?")
    return tuple(asked[:most])


# ------------------------------------------------------------------------------------------------ the partnership


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


def _met(gaps: pd.DataFrame, practices: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the score of each gap (row) that each practice (column) meets; missing where they share no need."""
    needs, stages = (sorted(set(gaps[column])) for column in ("need", "stage"))
    of_need = _membership(practices["barriers_addressed"], needs)[
        :, pd.Categorical(gaps["need"], needs).codes
    ]
    at_stage = _membership(practices["journey_stages"], stages)[
        :, pd.Categorical(gaps["stage"], stages).codes
    ]
    fit = np.where(at_stage, 1.0, OTHER_STAGE) * gaps["score"].to_numpy("float64")
    return np.where(of_need, fit, np.nan).T


def _membership(cells: pd.Series, codes: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return whether each cell (row), a tuple of codes, holds each code (column)."""
    return np.array([[code in cell for code in codes] for cell in cells], dtype=bool).reshape(
        len(cells), len(codes)
    )


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
