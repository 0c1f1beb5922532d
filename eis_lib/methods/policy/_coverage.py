"""Which barriers policies and services name, weighed by demand, and how far the order hangs on the survey."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from eis_lib.methods.policy._standing import STANDING, _column, _is_filled, _long, _stands, standing

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
