"""Whether policies meet the need, whether anything delivers them, and who answers for them (step 2, examine).

Pure functions of frames: no files, no widgets, no charts. Three habits hold throughout:

- a count keeps *dated* evidence (start and end year both known) apart from the rest;
- what the tables cannot tell is ``unknown`` or ``cannot be judged``, never zero and never "none";
- what we read out of other rows is labelled ``derived``, what somebody recorded is labelled ``given``.

List columns of the tables are tuples of text; an empty tuple is a missing value.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

import krippendorff
import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from eis_lib.landscape import list_items

__all__ = [
    "CRITERIA",
    "LOGIC_CHAIN",
    "LOGIC_FAULTS",
    "ROLES",
    "STANDING",
    "Agreement",
    "action_accountability",
    "agreement_interval",
    "align_policies",
    "align_promises",
    "align_services",
    "area_roles",
    "check_indicators",
    "check_objectives",
    "choose_survey",
    "coherence_candidates",
    "coherence_matrix",
    "coherence_pairs",
    "coherence_sums",
    "cover_barriers",
    "coverage_share",
    "derive_service_barriers",
    "governance_roles",
    "has_values",
    "krippendorff_alpha",
    "list_items",
    "list_surveys",
    "logic_faults",
    "logic_graph",
    "logic_reach",
    "logic_summary",
    "owner_closed",
    "policy_barriers",
    "rank_agreement",
    "rank_dependence",
    "rank_spread",
    "ratings_matrix",
    "read_alpha",
    "rubric",
    "score_criteria",
    "standing",
    "standing_by_year",
    "weigh_barriers",
]

Level = Literal["nominal", "ordinal", "interval", "ratio"]
# What a dated row is worth at the review year. "standing" in the prose means the first two together.
STANDING = ("in-force", "undated", "ended", "not-started")
ROLES = ("decides", "funds", "coordinates", "delivers", "advises")
CRITERIA = ("effectiveness", "efficiency", "relevance", "coherence", "eu-added-value")

# Project convention: a "survey" that names one or two barriers cannot rank need, so it is listed, not used.
LEAST_BARRIERS = 3
# Project convention: what firms said longer ago than this weighs nothing today. It shuts out the retailers' survey
# of 2006, the only one of the whole EU that could rank; its ranks are still shown beside the others.
SURVEY_YEARS = 15
# Customary reading of Krippendorff's alpha (Krippendorff 2004): reliable from .800, tentative from .667.
ALPHA_RELIABLE, ALPHA_TENTATIVE = 0.800, 0.667
# Project convention: the Nilsson scale runs from -3 (cancelling) to +3 (indivisible); below zero is a conflict.
COHERENCE_LABELS = {
    3: "indivisible",
    2: "reinforcing",
    1: "enabling",
    0: "consistent",
    -1: "constraining",
    -2: "counteracting",
    -3: "cancelling",
}
LOGIC_FAULTS = {
    "objective-no-activity": "Objective with no activity",
    "activity-no-objective": "Activity with no objective",
    "result-no-indicator": "Result with no indicator",
    "indicator-no-target": "Indicator with no baseline or target",
    "need-no-objective": "Need with no objective",
    "objective-no-need": "Objective with no need",
}


# --- small readings of a table ---------------------------------------------------------------------------------


def has_values(frame: pd.DataFrame | None, column: str) -> bool:
    """Return True where a column exists and at least one row fills it; a column nobody filled tells nothing."""
    if frame is None or column not in frame.columns or frame.empty:
        return False
    return bool(frame[column].map(_is_filled).any())


def _is_filled(value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return len(value) > 0
    if isinstance(value, str):
        return bool(value.strip())
    return not bool(pd.isna(value))  # type: ignore[call-overload]


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or one of missing values where the table lacks it."""
    if name in frame.columns:
        return frame[name]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _long(frame: pd.DataFrame, key: str, column: str, name: str) -> pd.DataFrame:
    """Return one row per (key, item) of a list column, in the table's order."""
    rows = [
        (identifier, item)
        for identifier, cell in zip(frame[key], _column(frame, column), strict=True)
        for item in list_items(cell)
    ]
    return pd.DataFrame(rows, columns=[key, name], dtype=object)


def standing(frame: pd.DataFrame, year: int) -> pd.Series:
    """Return how each row stands at a year: in-force, undated, ended or not-started.

    ``in-force`` needs both years; a row without one of them, not excluded by the other, is ``undated``:
    it counts as standing, but nobody may say that it runs.

    >>> rows = pd.DataFrame({"start_year": [2014, 2019, 2025, 2010], "end_year": [2020, None, None, 2012]})
    >>> list(standing(rows, 2020))
    ['in-force', 'undated', 'not-started', 'ended']
    """
    start, end = _years(frame, "start_year"), _years(frame, "end_year")
    # a comparison with a year that is not known is false
    dated = ~np.isnan(start) & ~np.isnan(end)
    values = np.select(
        [end < year, start > year, dated], ["ended", "not-started", "in-force"], default="undated"
    )
    return pd.Series(values, index=frame.index, dtype=object)


def _ended_before(frame: pd.DataFrame, year: int) -> pd.Series:
    """Return which rows have an end year before the year looked at."""
    return pd.Series(_years(frame, "end_year") < year, index=frame.index)


def _years(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of years as floats, NaN where none is known."""
    years: np.ndarray = pd.to_numeric(_column(frame, column), errors="coerce").to_numpy(
        "float64", na_value=np.nan
    )
    return years


def owner_closed(policies: pd.DataFrame, providers: pd.DataFrame, year: int) -> pd.Series:
    """Return which policies belong to a listed body that had closed before the year (bool, in the order of ``policies``).

    Such a policy may have been handed on or not; that its row has no end year says neither.
    """
    closed = set(providers.loc[_ended_before(providers, year), "provider_id"])
    return _column(policies, "owner").isin(closed)


def _stands(frame: pd.DataFrame, year: int) -> pd.Series:
    return standing(frame, year).isin(["in-force", "undated"])


def standing_by_year(policies: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Return per year how many policies are in force and undated, and how many barriers they name between them.

    Key ``year``. A record that thins out towards the present shows here: few policies late is as likely a table nobody
    has kept as a policy nobody has renewed.
    """
    links = _long(policies, "policy_id", "barriers_addressed", "barrier")
    rows = []
    for year in years:
        state = standing(policies, year)
        stands = set(policies.loc[state.isin(["in-force", "undated"]), "policy_id"])
        named = links.loc[links["policy_id"].isin(stands), "barrier"].nunique()
        rows.append((year, int((state == "in-force").sum()), int((state == "undated").sum()), named))
    return pd.DataFrame(rows, columns=["year", "in_force", "undated", "barriers_named"])


# --- need: surveys and weights ---------------------------------------------------------------------------------


_SURVEY_KEY = ["ref_area", "year", "source_title", "population"]


def _tag_surveys(barriers: pd.DataFrame) -> pd.DataFrame:
    """Return the barrier table with a survey_id: area-year, with a letter where that area and year has several."""
    keys = barriers[_SURVEY_KEY].drop_duplicates().sort_values(_SURVEY_KEY, ignore_index=True)
    position = keys.groupby(["ref_area", "year"]).cumcount()
    several = keys.groupby(["ref_area", "year"])["year"].transform("size") > 1
    keys["survey_id"] = [
        f"{area}-{int(year)}" + (f"-{chr(97 + int(place))}" if more else "")
        for area, year, place, more in zip(keys["ref_area"], keys["year"], position, several, strict=True)
    ]
    return barriers.merge(keys, on=_SURVEY_KEY, how="left")


def list_surveys(barriers: pd.DataFrame, *, least: int = LEAST_BARRIERS) -> pd.DataFrame:
    """Return one row per survey behind the barrier table; a survey is one title, year, population and area.

    Parameters
    ----------
    barriers
        Columns ref_area, barrier, share_percent (0–100), population, year, source_title, source_url.
    least
        How many barriers a survey must name before it may rank them (project convention).

    Returns
    -------
    pd.DataFrame
        Key ``survey_id`` (area-year, with a letter where one area and year has several); barriers (tuple);
        ``usable`` is True from ``least`` barriers on. Sorted by area, year, title.
    """
    columns = ["survey_id", *_SURVEY_KEY, "source_url", "barriers", "barrier_count", "usable"]
    if barriers.empty:
        return pd.DataFrame(columns=columns)
    tagged = _tag_surveys(barriers)
    surveys = tagged.groupby("survey_id", sort=False).agg(
        **{column: (column, "first") for column in [*_SURVEY_KEY, "source_url"]},
        barriers=("barrier", lambda codes: tuple(sorted(set(codes)))),
    )
    surveys["barrier_count"] = surveys["barriers"].map(len)
    surveys["usable"] = surveys["barrier_count"] >= least
    return surveys.reset_index().sort_values(_SURVEY_KEY, kind="stable", ignore_index=True)[columns]


def choose_survey(surveys: pd.DataFrame, areas: Sequence[str], year: int) -> str | None:
    """Return the id of the survey to use: nearest area first, then nearest year, then most barriers; else None.

    ``areas`` are area codes, nearest first; ``"EU"`` stands for any aggregate whose code begins with EU.
    Surveys that name too few barriers, or are more than `SURVEY_YEARS` years away, are never chosen. One survey is chosen whole: shares of different
    surveys (other years, other populations, other questions) are never mixed.
    """
    for area in areas:
        of_area = surveys["ref_area"].str.startswith("EU") if area == "EU" else surveys["ref_area"] == area
        near = (surveys["year"] - year).abs() <= SURVEY_YEARS
        found = surveys[of_area & near & surveys["usable"].astype(bool)]
        if found.empty:
            continue
        ranked = found.assign(distance=(found["year"] - year).abs()).sort_values(
            ["distance", "barrier_count", "survey_id"], ascending=[True, False, True], kind="stable"
        )
        return str(ranked["survey_id"].iloc[0])
    return None


def weigh_barriers(
    barriers: pd.DataFrame, codes: Sequence[str], survey_id: str | None = None
) -> pd.DataFrame:
    """Return the demand weight and rank of every barrier code, from one survey or all equal.

    Parameters
    ----------
    barriers
        The barrier table (see `list_surveys`).
    codes
        All barrier codes, in the vocabulary's order.
    survey_id
        Key of `list_surveys`; None gives every barrier the same weight and no rank.

    Returns
    -------
    pd.DataFrame
        Key ``barrier``: asked (bool), share_percent (0–100, NaN where not asked), weight (share of the sum of
        shares; Σ = 1 over the barriers asked, NaN elsewhere: not asked is not "no need"), rank (1 = most named,
        within this survey only; ties share the smallest rank). A barrier that a survey words twice keeps its
        larger share: answers were multiple, so adding would count firms twice.

    Raises
    ------
    KeyError
        If no survey has that id.
    """
    frame = pd.DataFrame({"barrier": list(codes)})
    if survey_id is None:
        frame["asked"] = True
        frame["share_percent"] = np.nan
        frame["weight"] = 1.0 / len(frame) if len(frame) else np.nan
        frame["rank"] = pd.array([pd.NA] * len(frame), dtype="Int64")
        return frame
    tagged = _tag_surveys(barriers)
    rows = tagged[tagged["survey_id"] == survey_id]
    if rows.empty:
        known = ", ".join(list_surveys(barriers)["survey_id"])
        raise KeyError(f"no survey is called '{survey_id}'. Known: {known}.")
    shares = rows.groupby("barrier")["share_percent"].max()
    frame["share_percent"] = frame["barrier"].map(shares).astype("float64")
    frame["asked"] = frame["share_percent"].notna()
    total = frame["share_percent"].sum()
    frame["weight"] = frame["share_percent"] / total if total > 0 else np.nan
    frame["rank"] = frame["share_percent"].rank(method="min", ascending=False).astype("Int64")
    return frame[["barrier", "asked", "share_percent", "weight", "rank"]]


# --- barrier × policy ------------------------------------------------------------------------------------------


def policy_barriers(policies: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return one row per (policy_id, barrier) that a policy names, with its standing at the year."""
    links = _long(policies, "policy_id", "barriers_addressed", "barrier")
    state = dict(zip(policies["policy_id"], standing(policies, year), strict=True))
    return links.assign(standing=links["policy_id"].map(state))


def derive_service_barriers(services: pd.DataFrame, support_type_barriers: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (service_id, barrier): given by the service, else derived from its support type.

    The derivation is the project's own coding (support_type, barrier) and is labelled ``derived``.
    """
    given = _long(services, "service_id", "barriers_addressed", "barrier").assign(basis="given")
    open_rows = services.loc[
        ~services["service_id"].isin(given["service_id"]), ["service_id", "support_type"]
    ]
    derived = open_rows.merge(support_type_barriers[["support_type", "barrier"]], on="support_type")
    derived = derived[["service_id", "barrier"]].assign(basis="derived")
    both = pd.concat([given, derived], ignore_index=True).drop_duplicates(["service_id", "barrier"])
    return both.sort_values(["service_id", "barrier"], kind="stable", ignore_index=True)


def cover_barriers(
    policies: pd.DataFrame, weights: pd.DataFrame, year: int, service_barriers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return for every barrier how many policies name it at a year, beside its demand weight.

    Parameters
    ----------
    policies
        policy_id, start_year, end_year, barriers_addressed.
    weights
        From `weigh_barriers`; its order of barriers is kept.
    year
        The year looked at.
    service_barriers
        (service_id, barrier) of the services standing at that year, to tell a barrier that no policy names but
        a service answers; None leaves ``services`` missing.

    Returns
    -------
    pd.DataFrame
        Key ``barrier``; the columns of ``weights``; counts in_force, undated, ended, not_started; ``services``;
        ``policies`` (ids standing, joined with ;); ``coverage``: *in force* (a policy with both dates names it),
        *undated only*, *lapsed or not begun*, *no policy*, or *unknown* where no policy names it but some standing
        policy names no barriers at all, so it might.
    """
    links = policy_barriers(policies, year)
    counts = pd.crosstab(links["barrier"], links["standing"]) if len(links) else pd.DataFrame()
    counts = counts.reindex(index=weights["barrier"], columns=list(STANDING), fill_value=0)
    frame = weights.copy()
    for state in STANDING:
        frame[state.replace("-", "_")] = counts[state].to_numpy(dtype="int64")
    active = links[links["standing"].isin(["in-force", "undated"])]
    names = active.groupby("barrier")["policy_id"].agg(lambda ids: ";".join(sorted(set(ids)))).to_dict()
    frame["policies"] = [names.get(code, "") for code in frame["barrier"]]
    if service_barriers is None:
        frame["services"] = pd.array([pd.NA] * len(frame), dtype="Int64")
    else:
        served = service_barriers.groupby("barrier")["service_id"].nunique()
        frame["services"] = frame["barrier"].map(served).fillna(0).astype("Int64")
    silent = _stands(policies, year) & ~_column(policies, "barriers_addressed").map(_is_filled).astype(bool)
    frame["coverage"] = np.select(
        [
            frame["in_force"] > 0,
            frame["undated"] > 0,
            silent.any(),
            frame["ended"] + frame["not_started"] > 0,
        ],
        ["in force", "undated only", "unknown", "lapsed or not begun"],
        default="no policy",
    )
    return frame


def coverage_share(coverage: pd.DataFrame) -> tuple[float, float]:
    """Return the share of demand weight that policies name: dated policies only, then with the undated ones.

    Over the barriers the survey asked about; NaN where it asked about none.
    """
    asked = coverage[coverage["weight"].notna()]
    total = asked["weight"].sum()
    if not total > 0:
        return float("nan"), float("nan")
    low = asked.loc[asked["in_force"] > 0, "weight"].sum() / total
    high = asked.loc[asked["in_force"] + asked["undated"] > 0, "weight"].sum() / total
    return float(low), float(high)


def rank_dependence(coverage: pd.DataFrame, schemes: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rank each barrier takes under each weighting scheme, one row per (barrier, scheme).

    ``schemes`` maps a scheme's name to a frame of `weigh_barriers`. Ranks are within one scheme; ``place_share``
    (0 = first, 1 = last of the barriers asked, NaN where fewer than two were asked) makes schemes of different length
    comparable. ``uncovered`` says that no standing policy names the barrier.
    """
    bare = coverage.set_index("barrier")[["in_force", "undated"]].sum(axis=1).eq(0)
    parts = []
    for name, weights in schemes.items():
        part = weights[["barrier", "asked", "weight", "share_percent"]].copy()
        part["scheme"] = name
        part["rank"] = part["weight"].rank(method="min", ascending=False).astype("Int64")
        asked = int(part["asked"].sum())
        middle = part["weight"].rank(method="average", ascending=False)
        part["place_share"] = (middle - 1) / (asked - 1) if asked > 1 else np.nan
        part["uncovered"] = part["barrier"].map(bare)
        parts.append(part)
    columns = ["barrier", "scheme", "asked", "share_percent", "weight", "rank", "place_share", "uncovered"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def rank_spread(dependence: pd.DataFrame) -> pd.DataFrame:
    """Return per uncovered barrier how far its rank among the uncovered moves with the weights.

    Key ``barrier``: surveys (how many asked), rank_low, rank_high (among the uncovered barriers asked, within each
    survey; equal weights rank nothing and are left out). ``moves`` is rank_high − rank_low; a barrier no survey asked
    about has no rank at all, which is not a low one.
    """
    bare = dependence[dependence["uncovered"].astype(bool)].copy()
    ranked = bare[bare["share_percent"].notna()].copy()
    ranked["rank_uncovered"] = ranked.groupby("scheme")["weight"].rank(method="min", ascending=False)
    grouped = ranked.groupby("barrier")["rank_uncovered"]
    frame = pd.DataFrame({"barrier": list(dict.fromkeys(bare["barrier"]))})
    frame["surveys"] = frame["barrier"].map(grouped.size()).fillna(0).astype("Int64")
    frame["rank_low"] = frame["barrier"].map(grouped.min()).astype("Int64")
    frame["rank_high"] = frame["barrier"].map(grouped.max()).astype("Int64")
    frame["moves"] = frame["rank_high"] - frame["rank_low"]
    return frame.sort_values(
        ["surveys", "rank_low", "barrier"], ascending=[False, True, True], ignore_index=True
    )


def rank_agreement(dependence: pd.DataFrame) -> pd.DataFrame:
    """Return Kendall's tau-b between each pair of surveys over the barriers both asked (NaN under three)."""
    wide = dependence.pivot_table(index="barrier", columns="scheme", values="share_percent", aggfunc="first")
    rows = []
    for left, right in combinations(sorted(wide.columns), 2):
        both = wide[[left, right]].dropna()
        tau = float(stats.kendalltau(both[left], both[right]).statistic) if len(both) >= 3 else float("nan")
        rows.append(
            {"survey": left, "other_survey": right, "barriers_in_both": len(both), "kendall_tau": tau}
        )
    return pd.DataFrame(rows, columns=["survey", "other_survey", "barriers_in_both", "kendall_tau"])


# --- alignment both ways ---------------------------------------------------------------------------------------


_ALIGNED = (
    "policy_id",
    "title",
    "kind",
    "level",
    "start_year",
    "end_year",
    "standing",
    "objectives",
    "services_named",
    "services_standing",
    "services_ended",
    "delivery",
    "services",
    "budget_eur",
    "budget_published",
)


def align_policies(policies: pd.DataFrame, services: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return for each policy whether a service delivers it at a year and whether its money is published.

    Returns
    -------
    pd.DataFrame
        Key ``policy_id``: title, kind, level, start_year, end_year, standing, objectives (count), services_named,
        services_standing, services_ended (or not begun), ``delivery``: *delivered* (a named service stands),
        *no named service stands*, *no service named*; budget_eur (NaN = not published), budget_published.
    """
    state = dict(zip(services["service_id"], standing(services, year), strict=True))
    rows = []
    for policy, status in zip(policies.to_dict("records"), standing(policies, year), strict=True):
        named = list_items(policy.get("delivered_by"))
        active = [s for s in named if state.get(s) in {"in-force", "undated"}]
        budget = policy.get("budget_eur")
        known = budget is not None and not pd.isna(budget)
        rows.append(
            {
                "policy_id": policy["policy_id"],
                "title": policy["title"],
                "kind": policy.get("kind"),
                "level": policy.get("level"),
                "start_year": policy.get("start_year"),
                "end_year": policy.get("end_year"),
                "standing": status,
                "objectives": len(list_items(policy.get("objectives"))),
                "services_named": len(named),
                "services_standing": len(active),
                "services_ended": len(named) - len(active),
                "delivery": "delivered"
                if active
                else "no named service stands"
                if named
                else "no service named",
                "services": ";".join(active),
                "budget_eur": float(budget) if known else np.nan,  # type: ignore[arg-type]
                "budget_published": known,
            }
        )
    frame = pd.DataFrame(rows, columns=list(_ALIGNED))  # columns, too, where there is no policy
    for column in ("start_year", "end_year"):
        frame[column] = pd.to_numeric(frame[column], errors="coerce").astype("Int64")
    return frame.astype({"budget_published": "bool"})


def align_services(
    services: pd.DataFrame, policies: pd.DataFrame, year: int, service_barriers: pd.DataFrame
) -> pd.DataFrame:
    """Return for each service standing at a year the closest tie it has to a policy.

    The ladder, sharpest first: *named by a standing policy* · *named only by an ended one* · *its provider owns a
    standing policy that does not name it* · *a standing policy shares a barrier only* · *no tie*. Only the first two
    rest on a recorded link (``delivered_by``); the others are read from other columns. A component of a scheme
    (``part_of``) is named where its scheme is.

    Key ``service_id``: provider_id, name, support_type, standing, backing, policies (ids of that tie, joined with ;).
    """
    state = dict(zip(policies["policy_id"], standing(policies, year), strict=True))
    named: dict[str, list[str]] = {}
    for policy, service in _long(policies, "policy_id", "delivered_by", "service").itertuples(index=False):
        named.setdefault(service, []).append(policy)
    owned: dict[str, list[str]] = {}
    for policy, owner in zip(policies["policy_id"], _column(policies, "owner"), strict=True):
        if _is_filled(owner):
            owned.setdefault(owner, []).append(policy)
    by_barrier: dict[str, list[str]] = {}
    links_to_barriers = policy_barriers(policies, year)
    for policy, barrier in zip(links_to_barriers["policy_id"], links_to_barriers["barrier"], strict=True):
        by_barrier.setdefault(barrier, []).append(policy)
    barriers_of = service_barriers.groupby("service_id")["barrier"].agg(tuple).to_dict()

    def stands(ids: Iterable[str]) -> list[str]:
        return sorted({i for i in ids if state[i] in {"in-force", "undated"}})

    rows = []
    for service, status in zip(services.to_dict("records"), standing(services, year), strict=True):
        if status not in {"in-force", "undated"}:
            continue
        scheme = service.get("part_of")
        links = [
            *named.get(service["service_id"], []),
            *(named.get(str(scheme), []) if _is_filled(scheme) else []),
        ]
        theme = stands(p for b in barriers_of.get(service["service_id"], ()) for p in by_barrier.get(b, []))
        ladder = (
            ("named by a standing policy", stands(links)),
            ("named only by an ended policy", sorted(links)),
            ("provider owns a policy that does not name it", stands(owned.get(service["provider_id"], []))),
            ("shares a barrier only", theme),
        )
        backing, ids = next(((name, ids) for name, ids in ladder if ids), ("no tie", []))
        rows.append(
            {
                "service_id": service["service_id"],
                "provider_id": service["provider_id"],
                "name": service["name"],
                "support_type": service["support_type"],
                "standing": status,
                "backing": backing,
                "policies": ";".join(ids),
            }
        )
    columns = ["service_id", "provider_id", "name", "support_type", "standing", "backing", "policies"]
    return pd.DataFrame(rows, columns=columns)


def align_promises(
    policies: pd.DataFrame,
    services: pd.DataFrame,
    year: int,
    service_barriers: pd.DataFrame,
    *,
    untold: Collection[str] = (),
) -> pd.DataFrame:
    """Return each barrier a standing policy says it tackles, and what stands behind the promise at that year.

    ``support``: *own service* (a standing service it names answers the barrier) · *other service* (only services it
    does not name do) · *no service* (none in the landscape does) · *cannot be told* (none does, of a barrier in ``untold``:
    see `eis_lib.landscape.untold_needs`). Key (policy_id, barrier); ``own``, ``others`` count.
    """
    active = set(services.loc[_stands(services, year), "service_id"])
    answering = service_barriers[service_barriers["service_id"].isin(active)]
    by_barrier = answering.groupby("barrier")["service_id"].agg(set).to_dict()
    delivers = (
        _long(policies, "policy_id", "delivered_by", "service")
        .groupby("policy_id")["service"]
        .agg(set)
        .to_dict()
    )
    rows = []
    links = policy_barriers(policies, year)
    for policy, barrier, status in links[links["standing"].isin(["in-force", "undated"])].itertuples(
        index=False
    ):
        able = by_barrier.get(barrier, set())
        own = len(able & delivers.get(policy, set()))
        bare = "cannot be told" if barrier in untold else "no service"
        support = "own service" if own else "other service" if able else bare
        rows.append((policy, barrier, status, own, len(able) - own, support))
    return pd.DataFrame(rows, columns=["policy_id", "barrier", "standing", "own", "others", "support"])


# --- intervention logic ----------------------------------------------------------------------------------------


def logic_graph(policies: pd.DataFrame, services: pd.DataFrame | None = None) -> nx.DiGraph:
    """Return the intervention logic as a directed graph: need → objective → activity → output → result → indicator.

    Nodes carry ``kind``, ``label`` and ``policy_id`` (missing on needs and services, which policies share). The tables
    link the links of the chain only through their policy, so every edge carries ``basis="policy"``: each objective of a
    policy is joined to each of its needs and activities. A service the policy names (``delivered_by``) is an activity.
    A need is a code of ``needs``, or of ``barriers_addressed`` where ``needs`` is blank.
    """
    graph = nx.DiGraph()
    names = {} if services is None else dict(zip(services["service_id"], services["name"], strict=True))
    for row in policies.to_dict("records"):
        policy = row["policy_id"]
        needs = list_items(row.get("needs")) or list_items(row.get("barriers_addressed"))
        chain: list[list[str]] = []
        for kind, items in (("need", needs), ("objective", list_items(row.get("objectives")))):
            nodes = []
            for position, item in enumerate(items):
                node = f"need:{item}" if kind == "need" else f"{policy}:{kind}:{position + 1}"
                graph.add_node(node, kind=kind, label=item, policy_id=None if kind == "need" else policy)
                nodes.append(node)
            chain.append(nodes)
        activities = []
        for position, item in enumerate(list_items(row.get("activities"))):
            node = f"{policy}:activity:{position + 1}"
            graph.add_node(node, kind="activity", label=item, policy_id=policy)
            activities.append(node)
        for item in list_items(row.get("delivered_by")):
            node = f"service:{item}"
            graph.add_node(node, kind="activity", label=names.get(item, item), policy_id=None)
            activities.append(node)
        chain.append(activities)
        for kind, column in (("output", "outputs"), ("result", "results"), ("indicator", "indicators")):
            nodes = []
            for position, item in enumerate(list_items(row.get(column))):
                node = f"{policy}:{kind}:{position + 1}"
                graph.add_node(node, kind=kind, label=item, policy_id=policy)
                nodes.append(node)
            chain.append(nodes)
        filled = [nodes for nodes in chain if nodes]
        for left, right in pairwise(filled):
            graph.add_edges_from(((a, b) for a in left for b in right), basis="policy", policy_id=policy)
    return graph


LOGIC_CHAIN = ("need", "objective", "activity", "output", "result", "indicator")


def logic_reach(graph: nx.DiGraph) -> pd.DataFrame:
    """Return for each need of the graph how far its chain goes: need, policies, reaches, and one column per kind of node.

    ``reaches`` is the last link of `LOGIC_CHAIN` that is reached; the columns objective … indicator count the nodes of
    that kind that follow from the need. Most connected needs first.
    """
    rows = []
    for node, data in graph.nodes(data=True):
        if data["kind"] != "need":
            continue
        after = [graph.nodes[other] for other in nx.descendants(graph, node)]
        counts = {kind: sum(1 for found in after if found["kind"] == kind) for kind in LOGIC_CHAIN[1:]}
        owners = {graph.edges[node, target]["policy_id"] for target in graph.successors(node)}
        reached = [kind for kind in LOGIC_CHAIN[1:] if counts[kind]]
        rows.append(
            {"need": data["label"], "policies": len(owners), "reaches": (reached or ["need"])[-1], **counts}
        )
    columns = ["need", "policies", "reaches", *LOGIC_CHAIN[1:]]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["policies", "need"], ascending=[False, True], ignore_index=True)


def logic_faults(
    policies: pd.DataFrame,
    services: pd.DataFrame,
    needs: Sequence[str],
    year: int,
    measurements: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the breaks in the intervention logic of the policies standing at a year, one row per broken subject.

    Parameters
    ----------
    policies
        policy_id, objectives, barriers_addressed, delivered_by and, where the region has them, needs, activities,
        results, indicators.
    services
        Services standing or not; only those standing at the year are judged as activities.
    needs
        The barriers firms report (from the survey in use), strongest first.
    year
        The year looked at.
    measurements
        indicator_id, indicator_name, baseline_value, target_value; None where the region has no such table.

    Returns
    -------
    pd.DataFrame
        fault (code of `LOGIC_FAULTS`), subject_kind, subject, policy_id (blank where none), verdict ∈ sound | fault |
        cannot be judged, basis (one sentence: what was looked at). One row per subject *judged*, so that shares have
        a denominator; ``cannot be judged`` rows name the column that is absent.
    """
    active = policies[_stands(policies, year)]
    running = services[_stands(services, year)]
    rows: list[tuple[str, str, str, str, str, str]] = []
    with_activities = has_values(active, "activities")
    for row in active.to_dict("records"):
        policy = row["policy_id"]
        doing = list_items(row.get("activities")) + list_items(row.get("delivered_by"))
        aims = list_items(row.get("needs")) + list_items(row.get("barriers_addressed"))
        basis = "activities or services the policy names" if with_activities else "services the policy names"
        for objective in list_items(row.get("objectives")):
            verdict = "sound" if doing else "fault"
            rows.append(("objective-no-activity", "objective", objective, policy, verdict, basis))
            verdict = "sound" if aims else "fault"
            rows.append(
                ("objective-no-need", "objective", objective, policy, verdict, "barriers the policy names")
            )
    with_objectives = {
        row["policy_id"] for row in active.to_dict("records") if list_items(row.get("objectives"))
    }
    delivered: dict[str, list[str]] = {}
    for policy, service in _long(active, "policy_id", "delivered_by", "service").itertuples(index=False):
        delivered.setdefault(service, []).append(policy)
    for service in running["service_id"]:
        policies_of = [p for p in delivered.get(service, []) if p in with_objectives]
        verdict = "sound" if policies_of else "fault"
        basis = "standing policies that name the service"
        rows.append(("activity-no-objective", "service", service, ";".join(policies_of), verdict, basis))
    rows.extend(_result_faults(active))
    rows.extend(_indicator_faults(active, measurements))
    aiming = active[active["policy_id"].isin(with_objectives)]
    named = {b for cell in _column(aiming, "barriers_addressed") for b in list_items(cell)}
    named |= {b for cell in _column(aiming, "needs") for b in list_items(cell)}
    for need in needs:
        verdict = "sound" if need in named else "fault"
        rows.append(
            (
                "need-no-objective",
                "need",
                need,
                "",
                verdict,
                "barriers that standing policies with objectives name",
            )
        )
    columns = ["fault", "subject_kind", "subject", "policy_id", "verdict", "basis"]
    frame = pd.DataFrame(rows, columns=columns)
    missing = [fault for fault in LOGIC_FAULTS if fault not in set(frame["fault"])]
    reasons = {
        "result-no-indicator": "no policy records results",
        "indicator-no-target": "no policy names indicators",
    }
    absent = pd.DataFrame(
        [
            (f, "", "", "", "cannot be judged", reasons.get(f, "the tables hold no such rows"))
            for f in missing
        ],
        columns=columns,
    )
    frame = pd.concat([frame, absent], ignore_index=True) if len(frame) else absent
    order = {fault: position for position, fault in enumerate(LOGIC_FAULTS)}
    verdicts = {"fault": 0, "cannot be judged": 1, "sound": 2}
    return frame.sort_values(
        by=["fault", "verdict", "policy_id", "subject"],
        key=lambda column: (
            column.map(order if column.name == "fault" else verdicts)
            if column.name in {"fault", "verdict"}
            else column
        ),
        kind="stable",
        ignore_index=True,
    )


def _result_faults(active: pd.DataFrame) -> list[tuple[str, str, str, str, str, str]]:
    """Return the verdict on each result a policy records; nothing where no policy records results."""
    known = has_values(active, "indicators")
    rows = []
    for row in active.to_dict("records"):
        for result in list_items(row.get("results")):
            verdict = (
                "sound" if list_items(row.get("indicators")) else "fault" if known else "cannot be judged"
            )
            basis = "indicators the policy names" if known else "no policy names indicators"
            rows.append(("result-no-indicator", "result", result, row["policy_id"], verdict, basis))
    return rows


def _indicator_faults(
    active: pd.DataFrame, measurements: pd.DataFrame | None
) -> list[tuple[str, str, str, str, str, str]]:
    """Return the verdict on each indicator a policy names: whether it has a baseline and a target."""
    rows = []
    complete: set[str] = set()
    if measurements is not None and len(measurements):
        both = measurements[measurements["baseline_value"].notna() & measurements["target_value"].notna()]
        complete = set(both["indicator_id"]) | set(both["indicator_name"])
    for row in active.to_dict("records"):
        for indicator in list_items(row.get("indicators")):
            if measurements is None or measurements.empty:
                verdict, basis = "cannot be judged", "the region has no measurements table"
            else:
                verdict = "sound" if indicator in complete else "fault"
                basis = "baseline and target in measurements"
            rows.append(("indicator-no-target", "indicator", indicator, row["policy_id"], verdict, basis))
    return rows


def logic_summary(faults: pd.DataFrame) -> pd.DataFrame:
    """Return one row per kind of fault: fault, label, judged, faults, unjudged and basis.

    ``unjudged`` counts the rows that cannot be judged; a kind with nothing judged has judged = 0, not a clean bill.
    """
    rows = []
    for fault, label in LOGIC_FAULTS.items():
        part = faults[faults["fault"] == fault]
        judged = part[part["verdict"] != "cannot be judged"]
        rows.append(
            {
                "fault": fault,
                "label": label,
                "judged": len(judged),
                "faults": int((judged["verdict"] == "fault").sum()),
                "unjudged": len(part) - len(judged),
                "basis": "; ".join(sorted(set(part["basis"]))),
            }
        )
    return pd.DataFrame(rows)


def check_objectives(policies: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the SMART marks that the tables can give to each objective standing at a year.

    Key (policy_id, objective). measurable: the wording holds a figure other than a year, or the policy names an
    indicator. time_bound: the policy has an end year. relevant: the policy names a need. specific and achievable need
    a reader: *cannot be judged* here. Marks are yes | no | cannot be judged. SMART after Doran (1981).
    """
    rows = []
    active = policies[_stands(policies, year)]
    for row in active.to_dict("records"):
        aims = list_items(row.get("needs")) or list_items(row.get("barriers_addressed"))
        for objective in list_items(row.get("objectives")):
            figure = bool(re.search(r"\d", re.sub(r"\b(?:19|20)\d\d\b", "", objective)))
            measurable = figure or bool(list_items(row.get("indicators")))
            rows.append(
                {
                    "policy_id": row["policy_id"],
                    "objective": objective,
                    "specific": "cannot be judged",
                    "measurable": "yes" if measurable else "no",
                    "achievable": "cannot be judged",
                    "relevant": "yes" if aims else "no",
                    "time_bound": "yes" if _is_filled(row.get("end_year")) else "no",
                }
            )
    columns = ["policy_id", "objective", "specific", "measurable", "achievable", "relevant", "time_bound"]
    return pd.DataFrame(rows, columns=columns)


def check_indicators(
    policies: pd.DataFrame, actions: pd.DataFrame, measurements: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the RACER marks that the tables can give to each indicator a policy, action or measurement names.

    relevant: a policy or an action carries it. accepted: needs the people concerned, so *cannot be judged*.
    credible: at least one measured value whose row is published (not our own judgement). easy: at least one value has
    been collected. robust: unit, direction, baseline and target are all given. Without measurements the last three
    *cannot be judged*. RACER as in the Better Regulation Toolbox. Key ``indicator``; where it is used is ``used_by``.
    """
    uses: dict[str, list[str]] = {}
    for row in policies.to_dict("records"):
        for indicator in list_items(row.get("indicators")):
            uses.setdefault(indicator, []).append(f"policies:{row['policy_id']}")
    for row in actions.to_dict("records"):
        name = row.get("indicator")
        if _is_filled(name):
            uses.setdefault(str(name), []).append(f"actions:{row['action_id']}")
    measured = measurements if measurements is not None and len(measurements) else None
    if measured is not None:
        for row in measured.to_dict("records"):
            known = next(
                (k for k in (row["indicator_id"], row["indicator_name"]) if k in uses), row["indicator_name"]
            )
            link = f"actions:{row['action_id']}" if _is_filled(row.get("action_id")) else ""
            holders = uses.setdefault(known, [])
            if link and link not in holders:
                holders.append(link)
    rows = []
    for indicator, holders in uses.items():
        own = None
        if measured is not None:
            own = measured[
                (measured["indicator_id"] == indicator) | (measured["indicator_name"] == indicator)
            ]
        marks = {"credible": "cannot be judged", "easy": "cannot be judged", "robust": "cannot be judged"}
        if own is not None:
            values = own[own["value"].notna()]
            published = "evidence" in values and bool(values["evidence"].eq("published").any())
            spec = all(has_values(own, c) for c in ("unit", "direction", "baseline_value", "target_value"))
            marks = {
                "credible": "yes" if published else "no",
                "easy": "yes" if len(values) else "no",
                "robust": "yes" if spec else "no",
            }
        rows.append(
            {
                "indicator": indicator,
                "used_by": ";".join(sorted(holders)),
                "relevant": "yes" if holders else "no",
                "accepted": "cannot be judged",
                **marks,
            }
        )
    columns = ["indicator", "used_by", "relevant", "accepted", "credible", "easy", "robust"]
    return pd.DataFrame(rows, columns=columns)


# --- coherence -------------------------------------------------------------------------------------------------


def _median_scores(coherence: pd.DataFrame) -> pd.DataFrame:
    """Return median, count, low and high of the raters' scores per direction, a policy on itself left out."""
    scores = coherence.assign(score=pd.to_numeric(coherence["score"], errors="coerce").astype("float64"))
    scores = scores[(scores["policy_from"] != scores["policy_to"]) & scores["score"].notna()]
    wrong = scores[~scores["score"].isin(list(COHERENCE_LABELS))]
    if len(wrong):
        first = wrong.iloc[0]
        raise ValueError(
            f"the score of {first['policy_from']!r} on {first['policy_to']!r} is {first['score']:g}; "
            "the scale runs over the whole numbers from -3 to 3"
        )
    grouped = scores.groupby(["policy_from", "policy_to"])["score"]
    return grouped.agg(score="median", raters="count", low="min", high="max").reset_index()


def coherence_matrix(coherence: pd.DataFrame, policy_ids: Sequence[str]) -> pd.DataFrame:
    """Return the directed matrix of median scores (−3…+3), row acts on column; blank cells stay NaN.

    The scale is Nilsson, Griggs and Visbeck (2016). Scores are ordinal, so raters are joined by their median. A score
    of a policy on itself is ignored.
    """
    matrix = pd.DataFrame(np.nan, index=list(policy_ids), columns=list(policy_ids))
    if coherence.empty:
        return matrix
    medians = _median_scores(coherence)
    for source, target, score in zip(
        medians["policy_from"], medians["policy_to"], medians["score"], strict=True
    ):
        if source in matrix.index and target in matrix.columns:
            matrix.loc[source, target] = score
    return matrix


def coherence_sums(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return per policy its influence (row sum) and dependence (column sum), with how many cells each rests on.

    Key ``policy_id``; a policy nobody scored keeps NaN, not 0.
    """
    return pd.DataFrame(
        {
            "policy_id": list(matrix.index),
            "influence": matrix.sum(axis=1, min_count=1).to_numpy(),
            "influence_cells": matrix.notna().sum(axis=1).to_numpy(),
            "dependence": matrix.sum(axis=0, min_count=1).to_numpy(),
            "dependence_cells": matrix.notna().sum(axis=0).to_numpy(),
        }
    )


def _coherence_label(score: float) -> str:
    low, high = COHERENCE_LABELS[int(np.floor(score))], COHERENCE_LABELS[int(np.ceil(score))]
    return low if low == high else f"between {low} and {high}"


def coherence_pairs(coherence: pd.DataFrame) -> pd.DataFrame:
    """Return every scored direction, worst first: score (median), raters, spread (max − min) and label."""
    columns = ["policy_from", "policy_to", "score", "raters", "spread", "label"]
    if coherence.empty:
        return pd.DataFrame(columns=columns)
    frame = _median_scores(coherence)
    frame["spread"] = frame["high"] - frame["low"]
    frame["label"] = [_coherence_label(score) for score in frame["score"]]
    return frame.sort_values(["score", "policy_from", "policy_to"], kind="stable", ignore_index=True)[columns]


def coherence_candidates(policies: pd.DataFrame, coherence: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the pairs of policies somebody should judge: they share a barrier and their periods overlap.

    A candidate says only that two policies meet; whether they help or hinder one another nobody has judged. Pairs
    already scored in both directions are left out. Unordered; key (policy_a, policy_b) with policy_a < policy_b.
    Columns: shared_barriers (joined with ;), shared, jaccard, containment, years_shared (NA where a period is open),
    periods (*both dated* | *one open*), relation (*same level* | *across levels*), same_owner.
    """
    judged = set()
    if coherence is not None and len(coherence):
        judged = set(zip(coherence["policy_from"], coherence["policy_to"], strict=True))
    records = sorted(policies.to_dict("records"), key=lambda row: str(row["policy_id"]))
    rows = []
    for left, right in combinations(records, 2):
        pair = (left["policy_id"], right["policy_id"])
        if pair in judged and pair[::-1] in judged:
            continue
        mine, yours = (
            set(list_items(left.get("barriers_addressed"))),
            set(list_items(right.get("barriers_addressed"))),
        )
        shared = mine & yours
        if not shared:
            continue
        years = [left.get("start_year"), left.get("end_year"), right.get("start_year"), right.get("end_year")]
        known = [None if not _is_filled(y) else int(y) for y in years]  # type: ignore[arg-type]
        low = max((y for y in (known[0], known[2]) if y is not None), default=None)
        high = min((y for y in (known[1], known[3]) if y is not None), default=None)
        if low is not None and high is not None and high < low:
            continue
        dated = all(y is not None for y in known)
        owners = [left.get("owner") or left.get("owner_name"), right.get("owner") or right.get("owner_name")]
        rows.append(
            {
                "policy_a": pair[0],
                "policy_b": pair[1],
                "shared_barriers": ";".join(sorted(shared)),
                "shared": len(shared),
                "jaccard": len(shared) / len(mine | yours),
                "containment": len(shared) / min(len(mine), len(yours)),
                "years_shared": high - low + 1 if dated and low is not None and high is not None else pd.NA,
                "periods": "both dated" if dated else "one open",
                "relation": "same level" if left.get("level") == right.get("level") else "across levels",
                "same_owner": _is_filled(owners[0]) and owners[0] == owners[1],
            }
        )
    columns = ["policy_a", "policy_b", "shared_barriers", "shared", "jaccard", "containment"]
    columns += ["years_shared", "periods", "relation", "same_owner"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["years_shared"] = frame["years_shared"].astype("Int64")
    return frame.sort_values(
        ["shared", "jaccard", "policy_a", "policy_b"], ascending=[False, False, True, True], ignore_index=True
    )


# --- criteria and agreement ------------------------------------------------------------------------------------

# The five criteria are those of the EU Better Regulation Guidelines; the anchors are the project's own wording.
_ANCHORS: dict[str, tuple[str, str, str, str, str]] = {
    "effectiveness": (
        "No result is recorded, or results go against the objective.",
        "Activities took place; results are claimed but not measured.",
        "Some objectives reached, or results measured without a baseline.",
        "Most objectives reached against baseline and target.",
        "All objectives reached, and a comparison shows that the policy made the difference.",
    ),
    "efficiency": (
        "Costs are unknown, or out of proportion to anything delivered.",
        "Spending is known, outputs are not.",
        "Cost per output is known, with nothing to compare it with.",
        "Cost per output is as good as in similar schemes.",
        "Cost per result is better than in similar schemes, and firms' own burden was counted.",
    ),
    "relevance": (
        "Names no need that firms report.",
        "Names a need, without evidence that firms have it.",
        "Meets a documented need of some firms, or one of the lesser needs.",
        "Meets the needs that firms report most.",
        "Meets the needs firms report most and has been adjusted as they changed.",
    ),
    "coherence": (
        "Works against another policy, or doubles it without a reason.",
        "Ignores other policies on the same need.",
        "Refers to the others; hand-over between them is not arranged.",
        "Arranged division of work with the others.",
        "Reinforces the others: shared targets, shared entry, shared data.",
    ),
    "eu-added-value": (
        "EU money or rules replace what would have happened anyway.",
        "The EU part is named; what it adds is not.",
        "Adds money, but no exchange or reach across borders.",
        "Adds partners, markets or learning that the region alone could not reach.",
        "The same, and the gain lasts after EU support ends.",
    ),
}


def rubric() -> pd.DataFrame:
    """Return the anchored levels, one row per (criterion, level 1–5), plus ``not-assessable`` for each criterion."""
    rows: list[tuple[str, str, str]] = []
    for criterion, anchors in _ANCHORS.items():
        rows.extend((criterion, str(level), text) for level, text in enumerate(anchors, start=1))
        rows.append(
            (criterion, "not-assessable", "The evidence does not allow a level; this is a value, not a zero.")
        )
    return pd.DataFrame(rows, columns=["criterion", "level", "anchor"])


def ratings_matrix(assessments: pd.DataFrame, criterion: str | None = None) -> pd.DataFrame:
    """Return raters × units with levels 1–5 as numbers; *not-assessable* and unrated cells are NaN.

    A unit is ``policy_id | criterion``. A rater who judged a unit twice counts with the latest date.
    """
    rows = assessments if criterion is None else assessments[assessments["criterion"] == criterion]
    rows = rows.assign(
        unit=rows["policy_id"].astype(str) + " | " + rows["criterion"].astype(str),
        score=pd.to_numeric(rows["level"], errors="coerce"),
    )
    last = rows.sort_values("date", kind="stable").drop_duplicates(["rater", "unit"], keep="last")
    return last.pivot_table(index="rater", columns="unit", values="score", aggfunc="first", dropna=False)


def score_criteria(assessments: pd.DataFrame, policies: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (policy_id, criterion): what the raters said, or that nobody did.

    level (lower median of the numeric levels: a level somebody gave, NaN where none), level_low, level_high, raters
    (numeric), not_assessable (count), confidence (lowest given), status ∈ scored | not assessable | not assessed.
    """
    rank = {"low": 0, "medium": 1, "high": 2}
    rows = []
    groups: dict[tuple[str, str], pd.DataFrame] = {}
    if len(assessments):
        latest = assessments.sort_values("date", kind="stable").drop_duplicates(
            ["rater", "policy_id", "criterion"], keep="last"
        )
        groups = dict(iter(latest.groupby(["policy_id", "criterion"])))  # type: ignore[arg-type]
    for policy in policies["policy_id"]:
        for criterion in CRITERIA:
            part = groups.get((policy, criterion))
            levels = [] if part is None else sorted(pd.to_numeric(part["level"], errors="coerce").dropna())
            blocked = 0 if part is None else int((part["level"].astype(str) == "not-assessable").sum())
            given = [] if part is None else sorted(part["confidence"].dropna(), key=lambda c: rank.get(c, 0))
            rows.append(
                {
                    "policy_id": policy,
                    "criterion": criterion,
                    "level": float(levels[(len(levels) - 1) // 2]) if levels else np.nan,
                    "level_low": float(levels[0]) if levels else np.nan,
                    "level_high": float(levels[-1]) if levels else np.nan,
                    "raters": len(levels),
                    "not_assessable": blocked,
                    "confidence": given[0] if given else "",
                    "status": "scored" if levels else "not assessable" if blocked else "not assessed",
                }
            )
    columns = ["policy_id", "criterion", "level", "level_low", "level_high", "raters", "not_assessable"]
    return pd.DataFrame(rows, columns=[*columns, "confidence", "status"])


def krippendorff_alpha(ratings: pd.DataFrame | npt.ArrayLike, level: Level = "ordinal") -> float:
    """Return Krippendorff's alpha of raters (rows) × units (columns); NaN where it is undefined.

    ``level`` is nominal, ordinal, interval or ratio; missing values are NaN, None or blank; units with a single value drop
    out. Alpha is undefined, not 1, where all pairable values are equal, and where no unit has two values. It may be
    negative. Computed by the library `krippendorff` (Krippendorff 2011).

    Raises
    ------
    ValueError
        For another level, or where a value is no number (names will do at level nominal).

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 2, 3, 3], [1, 2, 3, 4]], "nominal"), 3)
    0.696
    """
    return _alpha(_as_ratings(ratings, level), level)


def _as_ratings(ratings: pd.DataFrame | npt.ArrayLike, level: Level) -> npt.NDArray[np.float64]:
    """Return ratings as numbers, missing ones as NaN; at level nominal names are numbered."""
    if level not in {"nominal", "ordinal", "interval", "ratio"}:
        raise ValueError(f"level is {level!r}; it must be nominal, ordinal, interval or ratio")
    cells = np.asarray(ratings, dtype=object)
    values = pd.Series(cells.ravel(), dtype=object)
    # an array of text spells a missing value "nan"
    values = values.where(values.map(_is_filled).astype(bool) & values.ne("nan"), None)
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    words = values[values.notna() & numbers.isna()]
    if len(words) and level == "nominal":
        numbers = pd.Series(pd.factorize(values.astype("str").where(values.notna()))[0]).astype("float64")
        numbers = numbers.where(numbers >= 0)
    elif len(words):
        raise ValueError(f"{words.iloc[0]!r} is no number; only nominal ratings may be names")
    shaped: npt.NDArray[np.float64] = np.asarray(numbers, dtype=np.float64).reshape(cells.shape)
    return shaped


def _alpha(data: npt.NDArray[np.float64], level: Level) -> float:
    if data.ndim != 2 or data.size == 0:
        return float("nan")
    pairable = data[:, (~np.isnan(data)).sum(axis=0) >= 2]
    values = pairable[~np.isnan(pairable)]
    if len(np.unique(values)) < 2:
        return float("nan")
    return float(krippendorff.alpha(reliability_data=pairable, level_of_measurement=level))


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha with its bootstrap interval.

    ``units`` counts units with at least two values, ``values`` the pairable values; ``undefined`` is the share of
    resamples in which all values were equal: the interval is silent about them.
    """

    level: Level
    alpha: float
    low: float
    high: float
    raters: int
    units: int
    values: int
    undefined: float
    reading: str


def read_alpha(alpha: float) -> str:
    """Return the customary reading of an alpha: reliable, tentative only, do not use, or undefined.

    >>> [read_alpha(a) for a in (0.8, 0.667, 0.5, float("nan"))]
    ['reliable', 'tentative only', 'do not use', 'undefined']
    """
    if np.isnan(alpha):
        return "undefined"
    if alpha >= ALPHA_RELIABLE:
        return "reliable"
    return "tentative only" if alpha >= ALPHA_TENTATIVE else "do not use"


def agreement_interval(
    ratings: pd.DataFrame | npt.ArrayLike,
    level: Level = "ordinal",
    *,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Return alpha with a percentile bootstrap interval over units (units drawn with replacement, seeded).

    Ratings and level are those of `krippendorff_alpha`. With fewer than two pairable units there is nothing to resample and
    the interval is NaN.
    """
    data = np.atleast_2d(_as_ratings(ratings, level))
    filled = ~np.isnan(data)
    pairable = data[:, filled.sum(axis=0) >= 2] if data.size else data
    units = pairable.shape[1] if data.size else 0
    alpha = _alpha(pairable, level)
    low = high = float("nan")
    undefined = 0.0
    if units >= 2 and resamples > 0 and not np.isnan(alpha):
        random = np.random.default_rng(seed)
        draws = random.integers(0, units, size=(resamples, units))
        alphas = np.array([_alpha(pairable[:, draw], level) for draw in draws])
        undefined = float(np.isnan(alphas).mean())
        tail = (1 - confidence) / 2
        if undefined < 1:
            low, high = (float(q) for q in np.nanquantile(alphas, [tail, 1 - tail]))
    raters = int((~np.isnan(pairable)).any(axis=1).sum()) if units else 0
    values = int((~np.isnan(pairable)).sum()) if units else 0
    return Agreement(level, alpha, low, high, raters, units, values, undefined, read_alpha(alpha))


# --- governance ------------------------------------------------------------------------------------------------


def governance_roles(
    policies: pd.DataFrame,
    services: pd.DataFrame,
    year: int,
    governance: pd.DataFrame | None = None,
    providers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return who does what for each policy and need area, recorded roles before those read from other tables.

    Parameters
    ----------
    policies, services
        The pack's tables; an owner *decides* on its policy, the provider of a service the policy names *delivers* it.
    year
        The year looked at.
    governance
        provider_id, policy_id, need_area, role, evidence; None where the region records no roles.
    providers
        provider_id, end_year: a body that ceased before the year holds no role in it.

    Returns
    -------
    pd.DataFrame
        body (provider_id, or the owner's name where it is no listed provider), listed (bool), policy_id, need_area,
        role, basis, standing of the policy, or *body ceased*. Key (body, policy_id, need_area, role). A role held for an area
        under no policy stands as undated. ``basis`` is *given* (a source says
        so), *coded* (recorded as our own judgement) or *derived* (read here from owner and delivering services).
        Funding, coordination and advice are never derived: without a recorded role they are unknown.
    """
    rows: list[tuple[str, bool, str, str, str, str]] = []
    provider_of = {
        row["service_id"]: (row["provider_id"], *list_items(row.get("co_providers")))
        for row in services.to_dict("records")
    }
    areas = {
        row["policy_id"]: list_items(row.get("barriers_addressed")) for row in policies.to_dict("records")
    }
    if governance is not None:
        for row in governance.to_dict("records"):
            policy = row["policy_id"] if _is_filled(row.get("policy_id")) else ""
            own = row.get("need_area")
            for area in (own,) if _is_filled(own) else areas.get(policy, ()) or ("",):
                basis = "coded" if row.get("evidence") == "own-judgement" else "given"
                rows.append((row["provider_id"], True, policy, str(area), row["role"], basis))
    for row in policies.to_dict("records"):
        named = _is_filled(row.get("owner"))
        owner = row["owner"] if named else row.get("owner_name")
        for area in areas[row["policy_id"]] or ("",):
            if _is_filled(owner):
                rows.append((str(owner), named, row["policy_id"], area, "decides", "derived"))
            for service in list_items(row.get("delivered_by")):
                for body in provider_of.get(service, ()):
                    rows.append((body, True, row["policy_id"], area, "delivers", "derived"))
    columns = ["body", "listed", "policy_id", "need_area", "role", "basis"]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.drop_duplicates(["body", "policy_id", "need_area", "role"], keep="first", ignore_index=True)
    state = dict(zip(policies["policy_id"], standing(policies, year), strict=True))
    frame["standing"] = frame["policy_id"].map(state).fillna("undated")
    if providers is not None and len(providers):
        ceased = set(providers.loc[_ended_before(providers, year), "provider_id"])
        frame["standing"] = frame["standing"].mask(frame["body"].isin(ceased), "body ceased")
    position = {role: index for index, role in enumerate(ROLES)}
    return frame.sort_values(
        ["need_area", "role", "body", "policy_id"],
        key=lambda column: column.map(position) if column.name == "role" else column,
        kind="stable",
        ignore_index=True,
    )


def area_roles(roles: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Return per need area and role the bodies that hold it under standing policies.

    Key (need_area, role) over all codes × `ROLES`: bodies (count), names (joined with ;), given (bodies a source names)
    and state. *One body* and *several bodies* say themselves. *No policy*: no standing policy names the area and no role
    is recorded for it, so there is nothing to govern. *Nobody recorded*: the role is recorded in other areas and
    missing here. *Not recorded*: no row under any standing policy gives or derives the role, so its absence says
    nothing. A role recorded for an area alone, under no policy, counts as standing.
    """
    active = roles[roles["standing"].isin(["in-force", "undated"])]
    recorded, governed = set(active["role"]), set(active["need_area"])
    held: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    for area, role, body, basis in zip(
        active["need_area"], active["role"], active["body"], active["basis"], strict=True
    ):
        every, given = held.setdefault((area, role), (set(), set()))
        every.add(body)
        if basis == "given":
            given.add(body)
    rows = []
    for area in codes:
        for role in ROLES:
            bodies, given = held.get((area, role), (set(), set()))
            if bodies:
                state = "several bodies" if len(bodies) > 1 else "one body"
            elif area not in governed:
                state = "no policy"
            else:
                state = "nobody recorded" if role in recorded else "not recorded"
            rows.append((area, role, len(bodies), ";".join(sorted(bodies)), len(given), state))
    return pd.DataFrame(rows, columns=["need_area", "role", "bodies", "names", "given", "state"])


def action_accountability(actions: pd.DataFrame) -> pd.DataFrame:
    """Return for each action whether somebody answers for it, in the table's order.

    Key ``action_id``: title, owner, ``accountability`` ∈ *listed provider* | *named, not a listed provider* | *nobody*,
    has_indicator, has_target, has_cost (booleans: a field filled, nothing more).
    """
    rows = []
    for row in actions.to_dict("records"):
        listed, named = _is_filled(row.get("owner")), _is_filled(row.get("owner_name"))
        state = "listed provider" if listed else "named, not a listed provider" if named else "nobody"
        owner = row.get("owner") if listed else row.get("owner_name") if named else ""
        rows.append(
            {
                "action_id": row["action_id"],
                "title": row["title"],
                "owner": owner,
                "accountability": state,
                "has_indicator": _is_filled(row.get("indicator")),
                "has_target": _is_filled(row.get("target")),
                "has_cost": _is_filled(row.get("cost_eur")),
            }
        )
    columns = ["action_id", "title", "owner", "accountability", "has_indicator", "has_target", "has_cost"]
    return pd.DataFrame(rows, columns=columns)
