"""Whether the landscapes and the economic setting of the regions differ, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._structure import STRUCTURE, Joined, _join
from eis_lib.steps.compare._view import (
    Place,
    _alone,
    _levels_note,
    _own,
    _pct,
    _share,
    _source,
    _words,
    places,
)
from eis_lib.steps.shared.words import _records

SETTING: Mapping[str, str] = MappingProxyType(
    {
        "gdp-pps-index-eu28": "{:.0f}",
        "rci-score": "{:+.2f}",
        "unemployment-rate": "{:.1f}%",
        "employment-industry-share": "{:.0f}%",
        "manufacturing-value-added-gdp": "{:.0f}%",
        "employment-medium-high-tech-manufacturing": "{:.1f}%",
        "rd-expenditure-gdp": "{:.1f}%",
        "exports-gdp": "{:.0f}%",
    }
)
"""Indicators of the setting: code → number format. They are shown, not judged."""


def sources(review: Review) -> Section:
    """Return which regions are compared, at which level, and whether indicators join by code and version."""
    joined, words = _join(review, (*SETTING, *STRUCTURE, "population")), _words(__file__, review)
    return Section(
        answer=_sources_words(review, joined, words),
        tables={
            "regions_compared": Table(
                _regions_compared(review), words.regions_caption(), words.regions_note()
            ),
            "area_mismatches": Table(joined.mismatches, words.mismatches_caption(), words.mismatches_note()),
        },
        how_sure=words.how_sure_of_sources(),
    )


def _regions_compared(review: Review) -> pd.DataFrame:
    packs = {pack.id: pack for pack in review.peers()}
    rows = []
    for region, pack in ((packs[place].region, packs[place]) for place in places(review)):
        rows.append(
            {
                "region": pack.id,
                "name": region.name,
                "level": region.level,
                "nuts_code": region.nuts_code,
                "nuts_version": region.nuts_version,
                "population": region.population,
                "population_year": region.population_year,
                "review_date": region.review_date,
                "services": len(pack.services),
                "good_practices": len(pack.good_practices),
                "graded_2_or_better": int((pd.to_numeric(pack.good_practices["evidence_grade"]) >= 2).sum()),
                "peer_remarks": len(pack.peer_reviews) if pack.has("peer_reviews") else pd.NA,
            }
        )
    return pd.DataFrame(rows).astype(
        {"peer_remarks": "Int64", "population": "Int64", "population_year": "Int64"}
    )


def _sources_words(review: Review, joined: Joined, words: Words) -> str:
    found, left_out = places(review), review.sources.left_out
    judged = set(review.gathered("profile")["region"])
    remarked = {pack.id for pack in review.peers() if pack.has("peer_reviews")}
    absent, silent = (
        [plain(place.name) for region, place in found.items() if region not in known]
        for known in (judged, remarked)
    )
    wider = int((joined.values["of"] == "a wider area").sum())
    return sentences(
        words.regions_on_the_table(len(found), len(found) + len(left_out)),
        _levels_note(review) if len(found) > 1 else "",
        words.indicators_joined(len(joined.values), wider, len(joined.mismatches)),
        words.no_tables_of(absent) if absent else "",
        words.no_remarks_on(silent) if silent else "",
    )


def _measures(review: Review) -> pd.DataFrame:
    """Return the landscape of every region in shares: one row per (region, measure), in reading order."""
    words = _words(__file__, review)
    profile, journeys = review.gathered("profile"), review.gathered("journeys")
    policies, areas = review.gathered("barrier_coverage"), review.gathered("concentration")
    coverage = review.gathered("coverage")
    rows = []
    for region in places(review):
        own = profile[profile["region"] == region]
        demand = float(own["demand_weight"].sum())
        walked = journeys[journeys["region"] == region]
        weight = float(walked["weight"].sum())
        named = policies[policies["region"] == region]["coverage"]
        need = areas[areas["region"] == region]
        types = coverage[coverage["region"] == region].groupby("support_type")["services"].max()

        def of_demand(column: str, own: pd.DataFrame = own, demand: float = demand) -> float:
            return float(own[column].sum()) / demand if demand > 0 else math.nan

        def reached(column: str, walked: pd.DataFrame = walked, weight: float = weight) -> float:
            return (
                float((walked["weight"] * walked[column].fillna(0)).sum()) / weight
                if weight > 0
                else math.nan
            )

        values = {
            "served": of_demand("served_weight"),
            "gap": of_demand("gap_weight"),
            "unknown": of_demand("unknown_weight"),
            "reach": reached("reach"),
            "reach_recorded": reached("reach_recorded"),
            "types": float((types > 0).mean()) if len(types) else math.nan,
            "policy_dated": _share(named == "in force"),
            "policy_any": _share(named.isin(["in force", "undated only"])),
            "one_provider": _share(need["providers"] == 1),
        }
        rows += [(region, measure, words.measure(measure), value) for measure, value in values.items()]
    table = pd.DataFrame(rows, columns=["region", "measure", "label", "value"])
    spread = table.groupby("measure")["value"].agg(median="median", lowest="min", highest="max")
    return table.join(spread, on="measure")


def profiles(review: Review) -> Section:
    """Return the landscapes side by side, in shares."""
    alone = _alone(review)
    if alone:
        return alone
    found, table, words = places(review), _measures(review), _words(__file__, review)
    own: Any = _own(review, table).set_index("measure")
    region = table["region"]
    kept = table.assign(
        region_name=[found[r].name for r in region],
        level=[found[r].level for r in region],
        population=pd.array([found[r].population for r in region], dtype="Int64"),
    )
    return Section(
        answer=_profile_words(review, table, own, words),
        charts={"region_profiles": _profile_chart(review, table, own, words)},
        tables={
            "profiles": Table(
                kept[
                    [
                        "region", "region_name", "level", "population", "measure", "label", "value", "median", "lowest", "highest",
                    ]
                ],
                words.profiles_caption(),
                words.profiles_note(),
            )
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )  # fmt: skip


def _profile_words(review: Review, table: pd.DataFrame, own: Any, words: Words) -> str:
    others = table[(table["measure"] == "served") & (table["region"] != review.pack.id)]["value"].dropna()
    served = float(own.at["served", "value"])
    furthest = own.loc[(own["value"] - own["median"]).abs().fillna(-1).idxmax()]
    return sentences(
        words.demand_met(served, _standing_among(others, served), own.loc["gap"]),
        words.furthest_from_median(str(furthest.name), _pct(furthest["value"]), _pct(furthest["median"])),
        _levels_note(review),
    )


@dataclass(frozen=True)
class _Standing:
    """How a share stands among those of other regions: how many are better, and whether one is the same."""

    others: int
    better: int
    tied: bool


def _standing_among(others: pd.Series, served: float) -> _Standing:
    better, equal = others > served + 1e-9, others >= served - 1e-9
    return _Standing(len(others), int(better.sum()), bool(equal.any()))


def _profile_chart(review: Review, table: pd.DataFrame, own: Any, words: Words) -> Any:
    found, region = places(review), review.pack.region.name
    drawn = table.dropna(subset=["value"])
    drawn = drawn.assign(text=[_pct(v) for v in drawn["value"]])
    frame = pd.DataFrame(
        {
            "measure": drawn["label"],
            "region": [found[r].row for r in drawn["region"]],
            "position": drawn["value"],
            "is_own": drawn["region"] == review.pack.id,
            "of": "the region itself",
            "text": drawn["text"],
            "high_text": drawn["measure"].map(_ends(drawn, found)),
            "low_text": "",
        }
    )
    served, middle = _pct(float(own.at["served", "value"])), _pct(own.at["served", "median"])
    title = words.title(served, middle)
    first, *others = found.values()
    return charts.profile_strips(
        frame,
        own=region,
        title=title,
        subtitle=words.subtitle(len(found), first, others),
        source=_source(review),
        description=words.description(title, len(own)),
    )


def _ends(drawn: pd.DataFrame, found: Mapping[str, Place]) -> dict[str, str]:
    """Return for each measure who is lowest and highest, in words short enough for a chart."""
    words = {}
    for measure, part in drawn.groupby("measure", sort=False):
        low = part.sort_values(["value", "region"]).iloc[0]
        high = part.sort_values(["value", "region"], ascending=[False, True]).iloc[0]
        low_ties = int((part["value"] == low["value"]).sum()) - 1
        high_ties = int((part["value"] == high["value"]).sum()) - 1
        words[str(measure)] = (
            f"{_initials(found[low['region']].name)}{f' +{low_ties}' if low_ties else ''} {low['text']} – "
            f"{_initials(found[high['region']].name)}{f' +{high_ties}' if high_ties else ''} {high['text']}"
        )
    return words


def _initials(name: str) -> str:
    """Return a region's name short enough to stand beside a number."""
    parts = name.replace("-", " ").split(" ")
    return name if len(parts) == 1 else " ".join(f"{part[0]}." for part in parts[:-1]) + f" {parts[-1]}"


def setting(review: Review) -> Section:
    """Return the economic setting of the regions: indicators of the nearest area that has them."""
    alone = _alone(review)
    if alone:
        return alone
    found, words = places(review), _words(__file__, review)
    drawn = _setting_values(review)
    if drawn.empty:
        return Section(answer=words.no_indicator(), how_sure=words.how_sure_no_indicator())
    return Section(
        answer=_setting_words(review, drawn, words),
        charts={"setting": _setting_chart(review, drawn, words)},
        tables={
            "indicator_values": Table(
                drawn.assign(name=[found[r].name for r in drawn["region"]])[
                    [
                        "indicator", "indicator_name", "region", "name", "value", "unit", "year", "ref_area", "nuts_version", "of",
                        "source_title",
                    ]
                ],
                words.setting_caption(),
                words.setting_note(),
            )
        },
        how_sure=words.how_sure_of_setting(),
        to_check=words.to_check_of_setting(),
    )  # fmt: skip


def _setting_values(review: Review) -> pd.DataFrame:
    """Return the indicators known for half of the regions, in the order of the setting, each in words and on a line from 0 to 1."""
    values = _join(review, tuple(SETTING)).values
    enough = values.groupby("indicator")["region"].nunique()
    codes = [code for code in SETTING if enough.get(code, 0) >= max(2, len(places(review)) / 2)]
    drawn = values[values["indicator"].isin(codes)]
    drawn = drawn.assign(place=drawn["indicator"].map(codes.index)).sort_values(
        ["place", "region"], ignore_index=True
    )
    each = drawn.groupby("indicator")["value"]
    lowest, span = each.transform("min"), each.transform("max") - each.transform("min")
    return drawn.assign(
        text=[_figure(i, v) for i, v in zip(drawn["indicator"], drawn["value"], strict=True)],
        position=(drawn["value"] - lowest) / span.where(span > 0, 1.0),
    )


def _figure(indicator: str, value: float) -> str:
    return SETTING[indicator].format(value).replace("-", "−")


def _setting_words(review: Review, drawn: pd.DataFrame, words: Words) -> str:
    own = drawn[drawn["region"] == review.pack.id]
    wider = int((own["of"] != "the region itself").sum())
    middle = drawn.groupby("indicator")["value"].median()
    figures = [
        words.figure(row, _figure(row.indicator, middle[row.indicator]))
        for row in _records(own[own["place"] < 3])
    ]
    return words.setting(figures, wider, len(own))


def _setting_title(review: Review, drawn: pd.DataFrame, words: Words) -> str:
    """Return a title that rests on figures of the region, not on those of its country."""
    own = drawn[(drawn["region"] == review.pack.id) & (drawn["of"] == "the region itself")]
    if own.empty:
        return words.no_figure_of_its_own()
    own = own.sort_values("position", kind="stable")
    lowest, highest = own.iloc[0], own.iloc[-1]
    if lowest["position"] == 0:
        return words.lowest_in(lowest["indicator"])
    if highest["position"] == 1:
        return words.highest_in(highest["indicator"])
    return words.between_the_others()


def _setting_chart(review: Review, drawn: pd.DataFrame, words: Words) -> Any:
    found, own = places(review), drawn["region"] == review.pack.id
    years: Any = drawn.groupby("indicator")["year"].agg(["min", "max"])
    labels = {code: words.setting_row(code, first, last) for code, first, last in years.itertuples()}
    frame = pd.DataFrame(
        {
            "measure": drawn["indicator"].map(labels),
            "region": [found[r].row for r in drawn["region"]],
            "position": drawn["position"],
            "is_own": own,
            "of": drawn["of"],
            "text": drawn["text"].where(
                ~own | (drawn["of"] == "the region itself"), drawn["text"] + " (" + drawn["ref_area"] + ")"
            ),
            "high_text": drawn["indicator"].map(_ends(drawn.assign(measure=drawn["indicator"]), found)),
            "low_text": "",
        }
    )
    title = _setting_title(review, drawn, words)
    return charts.profile_strips(
        frame,
        own=review.pack.region.name,
        percent=False,
        title=title,
        subtitle=words.setting_subtitle(len(found)),
        source=words.setting_source(),
        description=words.setting_description(title, len(labels)),
    )
