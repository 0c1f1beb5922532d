"""The indicators of each region's areas joined by code and NUTS version, and every mismatch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from eis_lib.language.templates import Words

_WORDS = Words(__file__)

# Joining indicators to regions: area code and version


def join_areas(indicators: pd.DataFrame, areas: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the indicator rows of each region's areas, and every mismatch.

    Parameters
    ----------
    indicators : DataFrame
        Tidy: ``ref_area``, ``nuts_version``, ``indicator``, ``time_period``, ``obs_value`` …
    areas : DataFrame
        ``region``, ``ref_area``, ``nuts_version``, ``order`` (0 = the region itself or nearest to it) and ``note``.

    Returns
    -------
    joined : DataFrame
        Indicator rows with ``region``, ``order`` and ``note`` in front. An area joins on code **and** version; a
        country (two letters) has no version.
    mismatches : DataFrame
        ``region``, ``ref_area``, ``nuts_version``, ``reason``, ``rows``: areas without a row, and rows that have the
        code in another version. Nothing is dropped in silence.
    """
    wanted = areas.assign(in_version=_version(areas))
    have = indicators.assign(in_version=_version(indicators))
    joined = wanted[["region", "order", "note", "ref_area", "in_version"]].merge(
        have, on=["ref_area", "in_version"]
    )
    known = set(zip(have["ref_area"], have["in_version"], strict=True))
    rows: list[dict[str, Any]] = []
    records: list[Any] = list(wanted.itertuples())
    for area in records:
        if (area.ref_area, area.in_version) not in known:
            rows.append(
                {
                    "region": area.region,
                    "ref_area": area.ref_area,
                    "nuts_version": area.in_version,
                    "reason": _WORDS.no_indicator(),
                    "rows": 0,
                }
            )
    stated = set(zip(wanted["region"], wanted["ref_area"], wanted["in_version"], strict=True))
    other = wanted[["region", "ref_area"]].drop_duplicates().merge(have, on="ref_area")
    for (region, code, version), part in other.groupby(["region", "ref_area", "in_version"], sort=True):
        if (region, code, version) not in stated:
            rows.append(
                {
                    "region": region,
                    "ref_area": code,
                    "nuts_version": version,
                    "reason": _WORDS.other_version(),
                    "rows": len(part),
                }
            )
    mismatches = pd.DataFrame(rows, columns=["region", "ref_area", "nuts_version", "reason", "rows"])
    mismatches = mismatches.sort_values(["region", "ref_area", "nuts_version"], ignore_index=True)
    return joined.drop(columns="in_version"), mismatches


def latest_values(
    joined: pd.DataFrame, indicators: Iterable[str] | None = None, *, year: int | None = None
) -> pd.DataFrame:
    """Return one value per region and indicator: the nearest area's, and of it the latest period not after ``year``.

    Columns ``region``, ``indicator``, ``indicator_name``, ``unit``, ``value``, ``year``, ``ref_area``,
    ``nuts_version``, ``order``, ``source_title``, ``source_url``; sorted by indicator and region.
    """
    rows = joined if indicators is None else joined[joined["indicator"].isin(list(indicators))]
    rows = rows.dropna(subset=["obs_value"]).assign(
        year=rows["time_period"].astype(str).str.slice(0, 4).astype(int),
        period=rows["time_period"].astype(str),
    )
    if year is not None:
        rows = rows[rows["year"] <= year]
    rows = rows.sort_values(
        ["indicator", "region", "order", "year", "period"], ascending=[True, True, True, False, False]
    )
    columns = [
        "region",
        "indicator",
        "indicator_name",
        "unit",
        "obs_value",
        "year",
        "ref_area",
        "nuts_version",
    ]
    columns += ["order", "source_title", "source_url"]
    nearest = rows.drop_duplicates(["region", "indicator"])[columns].rename(columns={"obs_value": "value"})
    return nearest.sort_values(["indicator", "region"], ignore_index=True)


def _version(frame: pd.DataFrame) -> pd.Series:
    text = frame["nuts_version"].astype("string").str.replace(r"\.0$", "", regex=True).fillna("")
    return text.where(frame["ref_area"].astype(str).str.len() > 2, "")
