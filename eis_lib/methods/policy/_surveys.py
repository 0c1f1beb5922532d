"""The surveys behind the barriers: which there are, which one to use, and the weights it gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

# Project convention: a "survey" that names one or two barriers cannot rank need, so it is listed, not used.
LEAST_BARRIERS = 3

# Project convention: what firms said longer ago than this weighs nothing today. It shuts out the retailers' survey
# of 2006, the only one of the whole EU that could rank; its ranks are still shown beside the others.
SURVEY_YEARS = 15

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
