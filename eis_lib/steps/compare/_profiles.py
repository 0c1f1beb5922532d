"""Whether the landscapes and the economic setting of the regions differ, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import compare as charts
from eis_lib.language.english import count, listing
from eis_lib.language.messages import gettext
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._structure import STRUCTURE, Joined, _join
from eis_lib.steps.compare._view import Place, _alone, _levels_note, _own, _pct, _share, _source, places
from eis_lib.steps.shared.words import _records

SETTING: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "gdp-pps-index-eu28": ("GDP per head (EU28 = 100)", "{:.0f}"),
        "rci-score": ("Competitiveness (EU mean 0)", "{:+.2f}"),
        "unemployment-rate": ("Unemployment", "{:.1f}%"),
        "employment-industry-share": ("Jobs in industry", "{:.0f}%"),
        "manufacturing-value-added-gdp": ("Manufacturing in GDP", "{:.0f}%"),
        "employment-medium-high-tech-manufacturing": ("Medium and high-tech jobs", "{:.1f}%"),
        "rd-expenditure-gdp": ("Research spending in GDP", "{:.1f}%"),
        "exports-gdp": ("Exports in GDP", "{:.0f}%"),
    }
)
"""Indicators of the setting: code → words and number format. They are shown, not judged."""


def sources(review: Review) -> Section:
    """Return which regions are compared, at which level, and whether indicators join by code and version."""
    joined = _join(review, (*SETTING, *STRUCTURE, "population"))
    return Section(
        answer=_sources_words(review, joined),
        tables={
            "regions_compared": Table(
                _regions_compared(review),
                "The regions compared",
                "Good practices graded 2 or better have at least a comparison of before and after. A dash under peer remarks: no record.",
            ),
            "area_mismatches": Table(
                joined.mismatches,
                "Areas and versions that did not join",
                "Codes changed with the version (Portugal 2024, Croatia 2021, United Kingdom out of NUTS): the same code in another version is "
                "another area until somebody has checked it.",
            ),
        },
        how_sure="high; facts of the packs, each with its own source.",
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


def _sources_words(review: Review, joined: Joined) -> str:
    found, left_out = places(review), review.sources.left_out
    judged = set(review.gathered("profile")["region"])
    remarked = {pack.id for pack in review.peers() if pack.has("peer_reviews")}
    absent, silent = (
        [plain(place.name) for region, place in found.items() if region not in known]
        for known in (judged, remarked)
    )
    wider, mismatches = int((joined.values["of"] == "a wider area").sum()), len(joined.mismatches)
    return (
        f"{count(len(found), 'region')} {'is' if len(found) == 1 else 'are'} on the table"
        + (f", of {len(found) + len(left_out)} those most alike in structure. " if left_out else ". ")
        + f"{_levels_note(review) if len(found) > 1 else ''} "
        f"Indicators join on the area's code **and** NUTS version: {len(joined.values)} values were found, {wider} of them of an area wider than "
        f"the region; {count(mismatches, 'mismatch', 'mismatches')} {'is' if mismatches == 1 else 'are'} listed below and joined to "
        f"nothing. "
        + (
            f"Steps 1 to 3 left nothing for {listing(absent, most=8)}: no comparison of landscapes has it. "
            if absent
            else ""
        )
        + (
            f"No peer review is on record for {listing(silent, most=8)}; that is not the same as no remarks."
            if silent
            else ""
        )
    )


def _measures(review: Review) -> pd.DataFrame:
    """Return the landscape of every region in shares: one row per (region, measure), in reading order."""
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

        rows += [
            (region, "served", gettext("Demand that services on record meet"), of_demand("served_weight")),
            (region, "gap", gettext("Demand with a gap candidate"), of_demand("gap_weight")),
            (region, "unknown", gettext("Demand the records cannot tell"), of_demand("unknown_weight")),
            (region, "reach", gettext("Personas who can reach their goal"), reached("reach")),
            (region, "reach_recorded", gettext("… on recorded routes alone"), reached("reach_recorded")),
            (
                region,
                "types",
                gettext("Kinds of support on record"),
                float((types > 0).mean()) if len(types) else math.nan,
            ),
            (region, "policy_dated", gettext("Barriers a dated policy names"), _share(named == "in force")),
            (
                region,
                "policy_any",
                gettext("… or a policy without dates"),
                _share(named.isin(["in force", "undated only"])),
            ),
            (
                region,
                "one_provider",
                gettext("Needs that hang on one provider"),
                _share(need["providers"] == 1),
            ),
        ]
    table = pd.DataFrame(rows, columns=["region", "measure", "label", "value"])
    spread = table.groupby("measure")["value"].agg(median="median", lowest="min", highest="max")
    return table.join(spread, on="measure")


def profiles(review: Review) -> Section:
    """Return the landscapes side by side, in shares."""
    alone = _alone(review)
    if alone:
        return alone
    found, table = places(review), _measures(review)
    own: Any = _own(review, table).set_index("measure")
    region = table["region"]
    kept = table.assign(
        region_name=[found[r].name for r in region],
        level=[found[r].level for r in region],
        population=pd.array([found[r].population for r in region], dtype="Int64"),
    )
    return Section(
        answer=_profile_words(review, table, own),
        charts={"region_profiles": _profile_chart(review, table, own)},
        tables={
            "profiles": Table(
                kept[
                    [
                        "region", "region_name", "level", "population", "measure", "label", "value", "median", "lowest", "highest",
                    ]
                ],
                "Landscape measures of every region (shares, 0–1)",
                "From tables of steps 1 to 3. Demand weights rest on the survey of each region's own country, so a share compares how much of "
                "its own demand a region meets.",
            )
        },
        how_sure="low to medium; a thin pack looks like a thin landscape, and weights come from different surveys.",
        to_check="Where this region is lowest: is a service missing in the region, or in its pack?",
    )  # fmt: skip


def _profile_words(review: Review, table: pd.DataFrame, own: Any) -> str:
    others = table[(table["measure"] == "served") & (table["region"] != review.pack.id)]["value"].dropna()
    gap, served = own.loc["gap"], float(own.at["served", "value"])
    furthest = own.loc[(own["value"] - own["median"]).abs().fillna(-1).idxmax()]
    return (
        f"Services on record in {plain(review.pack.region.name)} meet **{_pct(served)}** of weighted demand, {_standing_among(others, served)}; "
        f"{_pct(gap['value'])} has a gap candidate (median of the regions: {_pct(gap['median'])}). "
        + (
            f"It stands furthest from the median in “{_whole_label(own, str(furthest.name))}” ({_pct(furthest['value'])} against "
            f"{_pct(furthest['median'])}). "
            if _pct(furthest["value"]) != _pct(furthest["median"])
            else "In every measure it stands at the median. "
        )
        + f"{_levels_note(review)}"
    )


def _standing_among(others: pd.Series, served: float) -> str:
    """Return in words how a share stands among those of other regions."""
    rank = int((others > served + 1e-9).sum())
    if rank == 0:
        tied = (others >= served - 1e-9).any()
        return "as much as any other region" if tied else "more than any other region"
    if rank == len(others):
        return "less than any other region"
    return f"less than {rank} of the other {len(others)} regions"


def _profile_chart(review: Review, table: pd.DataFrame, own: Any) -> Any:
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
    title = (
        f"{region} meets {served} of demand, as much as the median region"
        if middle == served
        else f"{region} meets {served} of demand, the median region {middle}"
    )
    return charts.profile_strips(
        frame,
        own=region,
        title=title,
        subtitle=f"Landscape measures of {len(found)} regions, shares; large mark: {region} "
        f"({found[review.pack.id].kind_words}, {found[review.pack.id].people}), tick: median. "
        + "; ".join(f"{p.name} {p.kind_words} {p.people}" for p in list(found.values())[1:]),
        source=_source(review),
        description=f"{title}. {len(own)} measures, each a line from the lowest to the highest region.",
    )


def _whole_label(own: pd.DataFrame, measure: str) -> str:
    """Return the label of a measure as it reads alone: one that goes on from the line above is joined to it."""
    labels = dict(zip(own.index, own["label"], strict=True))
    if not str(labels[measure]).startswith("… "):
        return str(labels[measure])
    above = list(labels)[list(labels).index(measure) - 1]
    return f"{labels[above]} {str(labels[measure]).removeprefix('… ')}"


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
    found = places(review)
    drawn = _setting_values(review)
    if drawn.empty:
        return Section(
            answer="No indicator of the setting is known for half of the regions.",
            how_sure="not applicable; no values joined.",
        )
    return Section(
        answer=_setting_words(review, drawn),
        charts={"setting": _setting_chart(review, drawn)},
        tables={
            "indicator_values": Table(
                drawn.assign(name=[found[r].name for r in drawn["region"]])[
                    [
                        "indicator", "indicator_name", "region", "name", "value", "unit", "year", "ref_area", "nuts_version", "of",
                        "source_title",
                    ]
                ],
                "Indicators of the setting: latest value of the nearest area",
                "Years and areas differ from region to region; a country's figure says little about one county.",
            )
        },
        how_sure="high for the figures; low for the comparison where years and areas differ.",
        to_check="Whether newer figures exist for the region itself.",
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
    return SETTING[indicator][1].format(value).replace("-", "−")


def _setting_words(review: Review, drawn: pd.DataFrame) -> str:
    own = drawn[drawn["region"] == review.pack.id]
    wider = int((own["of"] != "the region itself").sum())
    middle = drawn.groupby("indicator")["value"].median()
    words = [
        f"{SETTING[row.indicator][0]}: {row.text} ({row.ref_area}, {row.year}; median {_figure(row.indicator, middle[row.indicator])})"
        for row in _records(own[own["place"] < 3])
    ]
    return (
        (f"{'; '.join(words)}. " if words else "None of these indicators is known for this region. ")
        + f"{wider} of the {len(own)} figures shown for {plain(review.pack.region.name)} are of an area wider than the region itself."
    )


def _setting_title(review: Review, drawn: pd.DataFrame) -> str:
    """Return a title that rests on figures of the region, not on those of its country."""
    name = review.pack.region.name
    own = drawn[(drawn["region"] == review.pack.id) & (drawn["of"] == "the region itself")]
    if own.empty:
        return f"No figure of the setting is of {name} itself: all are of a wider area"
    own = own.sort_values("position", kind="stable")
    lowest, highest = own.iloc[0], own.iloc[-1]
    if lowest["position"] == 0:
        return f"{name} is lowest among the regions in “{SETTING[lowest['indicator']][0]}”"
    if highest["position"] == 1:
        return f"{name} is highest among the regions in “{SETTING[highest['indicator']][0]}”"
    return f"{name} stands between the other regions in every figure of its own"


def _setting_chart(review: Review, drawn: pd.DataFrame) -> Any:
    found, own = places(review), drawn["region"] == review.pack.id
    years: Any = drawn.groupby("indicator")["year"].agg(["min", "max"])
    labels = {
        code: f"{SETTING[str(code)][0]}, {first if first == last else f'{first}–{last}'}"
        for code, first, last in years.itertuples()
    }
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
    title = _setting_title(review, drawn)
    return charts.profile_strips(
        frame,
        own=review.pack.region.name,
        percent=False,
        title=title,
        subtitle=f"Each line runs from the lowest to the highest of {len(found)} regions; large mark: {review.pack.region.name}; diamond: figure of "
        "a wider area or the country",
        source="_common/indicators.csv (Eurostat, European Commission, World Bank), latest value of the nearest area, joined on code and NUTS version",
        description=f"{title}. {len(labels)} indicators.",
    )
