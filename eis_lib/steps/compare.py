"""Step 4, compare: what partner regions do differently, and which of their practices fit our gaps.

Tables left for later steps (lists joined by ``;``; shares 0–1):

- ``profiles``: one row per (``region``, ``measure``): ``region_name``, ``level``, ``population``, ``label``, ``value``, ``median``,
  ``lowest``, ``highest``.
- ``peers``: one row per other region, nearest first; see :func:`eis_lib.transfer.nearest_regions`.
- ``coverage_differences``: one row per (``facet``, ``support_type``, ``code``); see :func:`eis_lib.transfer.coverage_differences`.
- ``practice_matches``: one row per ``practice_id`` that meets a tested gap; see :func:`eis_lib.transfer.match_practices`, with
  whom to ask and what.
- ``exchange``: one row per visit of the best exchange; see :func:`eis_lib.transfer.best_exchange`.
- ``findings``.

Every gap is a candidate until a person's decision is on record, and so is every match built on it.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib import benchmark, transfer
from eis_lib.charts import compare as charts
from eis_lib.language import gettext
from eis_lib.region import Pack
from eis_lib.section import (
    Review,
    Section,
    Table,
    count,
    findings_frame,
    listing,
    once_per_review,
    plain,
)
from eis_lib.settings import ParameterError

MOST_COMPARED = 12
"""Regions a comparison is made among; of more, those most alike in structure (project convention, for a page that can be read)."""

VISITS_TOLD = 10
"""Visits the answer tells; the rest are in the table."""

LIKE_SIZE = 2
"""How many times the people of another a region may have and still be of like size (project convention)."""

GAPS_DRAWN = 14
PRACTICES_DRAWN = 8

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

STRUCTURE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "population-log": ("size", "inhabitants (tenfold steps)"),
        "employment-industry-share": ("sectors", "jobs in industry, %"),
        "manufacturing-value-added-gdp": ("sectors", "manufacturing, % of GDP (country)"),
        "employment-medium-high-tech-manufacturing": (
            "sectors",
            "jobs in medium and high-tech industry, % (country)",
        ),
        "rd-expenditure-gdp": ("technology", "research and development, % of GDP (country)"),
        "euro": ("currency", "euro (1) or not (0)"),
    }
)
"""What cannot change quickly, by dimension (after Navarro et al.): variable → dimension and words. No outcomes."""

DIMENSION_WEIGHTS: Mapping[str, float] = MappingProxyType(
    {"size": 1.0, "sectors": 1.0, "technology": 1.0, "currency": 0.5}
)
"""Weight of each dimension (project convention); the currency, one yes or no, counts half."""

DIRECTIONS: Mapping[str, int] = MappingProxyType({"unemployment-rate": -1})
"""Indicators of a benchmark set of which less is better, where the set has no column ``direction``."""

FACETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "journey_stages": ("journey_stage", "Stage of the journey"),
        "modes": ("mode", "Mode of internationalisation"),
        "sme_size": ("sme_size", "Size of firm"),
        "experience": ("experience", "Experience abroad"),
        "market_scope": ("market_scope", "Market"),
        "channel": ("channel", "Channel"),
        "cost_to_sme": ("cost_to_sme", "Cost to the firm"),
    }
)
FACET_CHOICES: Mapping[str, str] = MappingProxyType({words: facet for facet, (_, words) in FACETS.items()})
"""What the control of the coverage comparison offers: words → facet."""

GRADE_CHOICES: Mapping[str, int] = MappingProxyType(
    {f"{g} {words}": g for g, words in transfer.GRADES.items()}
)
"""What the control of the evidence offers: words → weakest grade."""


NORMALISATIONS: Mapping[str, str] = MappingProxyType(
    {
        "min–max": "minmax",
        "z-score": "zscore",
        "rank": "rank",
        "percentile rank": "percentile-rank",
        "Borda": "borda",
        "share of the best": "distance-to-max",
    }
)
WEIGHTINGS: Mapping[str, str] = MappingProxyType(
    {
        "as given": "given",
        "equal": "equal",
        "CRITIC": "critic",
        "principal components": "pca",
        "entropy": "entropy",
    }
)
AGGREGATIONS: Mapping[str, str] = MappingProxyType(
    {
        "arithmetic mean": "arithmetic",
        "geometric mean": "geometric",
        "harmonic mean": "harmonic",
        "Mazziotta–Pareto": "mazziotta-pareto",
        "Copeland (non-compensatory)": "copeland",
        "outranking": "outranking",
    }
)
IMPUTATIONS: Mapping[str, str] = MappingProxyType({"left empty": "none", "mean": "mean", "median": "median"})
DISTANCES: Mapping[str, str] = MappingProxyType({"squared Euclidean": "euclidean", "Gower": "gower"})
"""What the controls offer: words → code."""


# ------------------------------------------------------------------------------------------------ what all sections share


@dataclass(frozen=True)
class Place:
    """A region as a reader sees it beside others: with its level and its population."""

    id: str
    name: str
    level: str
    code: str
    population: int | None
    year: int | None
    country: str
    invented: bool

    @property
    def people(self) -> str:
        """Return the population in words short enough for an axis."""
        return f"{self.population / 1e6:.2g}m" if self.population else "people ?"

    @property
    def kind(self) -> str:
        """Return the kind of area in words short enough for an axis."""
        if self.level.lower().startswith("county"):
            return "county"
        return f"NUTS {len(self.code) - 2}"

    @property
    def row(self) -> str:
        """Return the label of a row."""
        return f"{self.name} ({self.kind}, {self.people})"

    @property
    def column(self) -> str:
        """Return the label of a column: three lines."""
        cut = self.name.replace("-", "-\n", 1) if "-" in self.name else self.name.replace(" ", "\n", 1)
        people = f"{self.population / 1e6:.1f}m" if self.population else ""
        return f"{cut if chr(10) in cut else chr(10) + cut}\n{self.kind} {people}"


@once_per_review
def places(review: Review) -> dict[str, Place]:
    """Return every chosen region by its folder, this one first, then by name."""
    found = []
    for pack in review.peers():
        region = pack.region
        found.append(
            Place(
                pack.id,
                region.name,
                region.level,
                region.nuts_code,
                region.population,
                region.population_year,
                region.country,
                region.invented,
            )
        )
    found.sort(key=lambda place: (place.id != review.pack.id, place.name))
    return {place.id: place for place in found}


def _label(review: Review, scheme: str, code: object) -> str:
    return review.vocabulary.label(scheme, str(code))


def _low(review: Review, scheme: str, code: object) -> str:
    """Return a label as it stands inside a sentence: its first letter small unless an abbreviation follows."""
    return review.vocabulary.label_inside(scheme, str(code))


def _pct(share: float) -> str:
    return "–" if math.isnan(share) else f"{share:.0%}"


def _records(frame: pd.DataFrame) -> list[Any]:
    return list(frame.itertuples(index=False))


def _own(review: Review, frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["region"] == review.pack.id].reset_index(drop=True)


def _source(review: Review) -> str:
    packs = review.peers()
    return (
        f"packs of {count(len(packs), 'region')}, tables of steps 1 to 3; codes are our own reading of the sources. "
        "Levels and populations as in each pack"
    )


MATCH_COLUMNS = (
    "rank", "practice_id", "region", "region_name", "title", "support_type", "heaviest_gap", "gap_ids", "needs", "gaps",
    "gap_weight", "gap_score_met", "problem_fit", "context_fit", "evidence_grade", "evidence_words", "effort",
    "cost_eur_per_year", "own_services_of_type", "who_asks", "whom", "questions", "results", "source_title", "source_url",
)  # fmt: skip
"""Columns of ``practice_matches``, which step 5 reads even where there was nobody to compare with."""


def _alone(review: Review) -> Section | None:
    """Return what to say where there is nothing to compare: one region only, or no earlier tables of this one."""
    name = plain(review.pack.region.name)
    if len(review.peers()) < 2:
        return Section(
            answer=f"No other region was chosen, so {name} cannot be compared here.",
            how_sure="not applicable; choose two regions or more.",
        )
    if review.pack.id not in set(review.gathered("profile")["region"]):
        return Section(
            answer=f"Steps 1 to 3 left no tables for {name}, so it cannot be compared here.",
            how_sure="not applicable; run the earlier workbooks first.",
        )
    return None


def _levels_note(review: Review) -> str:
    """Return the sentence that keeps a reader from comparing unlike regions as if they were alike."""
    found = places(review)
    kinds = Counter(place.kind for place in found.values())
    words = listing(
        [
            count(
                number, kind if kind == "county" else f"{kind} region", "counties" if kind == "county" else ""
            )
            for kind, number in sorted(kinds.items())
        ]
    )
    known = [place for place in found.values() if place.population]
    if len(known) < 2:
        return f"The regions stand at different levels ({words})."
    small = min(known, key=lambda place: place.population or 0)
    large = max(known, key=lambda place: place.population or 0)
    ratio = (large.population or 0) / (small.population or 1)
    if len(kinds) == 1 and ratio < LIKE_SIZE:
        return f"The regions are of one kind and of like size ({words})."
    return (
        f"The regions are not of one kind ({words}; {plain(large.name)} has {ratio:.0f} times the people of "
        f"{plain(small.name)}): read shares, not totals."
    )


@once_per_review
def _practices(review: Review) -> pd.DataFrame:
    frames = []
    for pack in review.peers():
        frame = pack.good_practices.copy()
        frame.insert(0, "region", pack.id)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _practice_rows(review: Review) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every practice by region and id; two packs may use the same id, as one that began as a copy does."""
    return {
        (str(row["region"]), str(row["practice_id"])): {str(name): value for name, value in row.items()}
        for row in _practices(review).to_dict("records")
    }


def _gaps(review: Review) -> pd.DataFrame:
    return review.gathered("gaps")


def _partner(pack: Pack) -> str:
    return pack.region.partners[0].name if pack.region.partners else pack.region.name


# ------------------------------------------------------------------------------------------------ indicators and structure


@dataclass(frozen=True)
class Joined:
    """The indicators of every region: the latest value of the nearest area, and what did not join."""

    values: pd.DataFrame
    mismatches: pd.DataFrame


def _areas(review: Review) -> pd.DataFrame:
    rows = [
        (pack.id, area.code, area.version, order, area.note)
        for pack in review.peers()
        for order, area in enumerate(pack.region.indicator_areas)
    ]
    return pd.DataFrame(rows, columns=["region", "ref_area", "nuts_version", "order", "note"])


@once_per_review
def _join(review: Review, codes: tuple[str, ...]) -> Joined:
    wanted = review.common.indicators[review.common.indicators["indicator"].isin(list(codes))]
    joined, mismatches = benchmark.join_areas(wanted, _areas(review))
    values = benchmark.latest_values(joined, year=review.year)
    # a county inside a NUTS 3 region has the code of that region, not one of its own
    own_code = {
        pack.id: pack.region.nuts_code for pack in review.peers() if "inside" not in pack.region.level
    }
    values["of"] = [
        "the region itself" if own_code.get(region) == area else "a wider area"
        for region, area in zip(values["region"], values["ref_area"], strict=True)
    ]
    return Joined(values, mismatches)


@once_per_review
def _structure_values(review: Review) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the structural variables (region × variable) and the indicator values behind them."""
    codes = [code for code in STRUCTURE if code not in {"population-log", "euro"}]
    values = _join(review, tuple(codes)).values
    wide = values.pivot_table(index="region", columns="indicator", values="value")
    found = places(review)
    table = wide.reindex(index=list(found), columns=codes).astype(float)
    table["population-log"] = [
        math.log10(place.population) if place.population else math.nan for place in found.values()
    ]
    packs = {pack.id: pack for pack in review.peers()}
    table["euro"] = [float(packs[region].region.currency == "EUR") for region in found]
    return table[list(STRUCTURE)], values


@once_per_review
def _structure(review: Review, method: transfer.Distance = "euclidean") -> transfer.Structure:
    table, _ = _structure_values(review)
    dimensions = {code: dimension for code, (dimension, _) in STRUCTURE.items()}
    return transfer.structural_distance(table, dimensions, weights=DIMENSION_WEIGHTS, method=method)


def among_peers(review: Review) -> Review:
    """Return the review among the regions it is compared with: all that were chosen, or of many those most alike in structure.

    Regions whose likeness cannot be told, for want of indicators, come last, by name.
    """
    regions = {*review.sources.chosen, review.pack.id}
    if len(regions) <= MOST_COMPARED:
        return review
    likeness = _structure(review).likeness[review.pack.id].drop(review.pack.id)
    near = likeness.sort_index().sort_values(ascending=False, kind="stable").index[: MOST_COMPARED - 1]
    chosen = tuple(sorted({*near, review.pack.id}))
    sources = replace(review.sources, chosen=chosen, left_out=frozenset(regions - set(chosen)))
    return replace(review, sources=sources, _memo={})


# ------------------------------------------------------------------------------------------------ matches and exchange


@dataclass(frozen=True)
class Matched:
    """Practices matched to this region's gaps, what was refused, the pairs behind them and the weight of tested gaps."""

    matches: pd.DataFrame
    refused: pd.DataFrame
    pairs: pd.DataFrame
    tested: pd.DataFrame

    @property
    def weight(self) -> float:
        """Return the share of demand that tested gaps hold."""
        return float(self.tested["weight"].sum())

    @property
    def answered(self) -> set[str]:
        """Return the gaps that at least one proposed practice speaks to."""
        return {gap for ids in self.matches["gap_ids"] for gap in ids}


@once_per_review
def _matched(review: Review, minimum_grade: int | None = None) -> Matched:
    grade = review.parameters.minimum_evidence_grade if minimum_grade is None else minimum_grade
    practices = _practices(review)
    own = _own(review, _gaps(review))
    likeness = _structure(review).likeness[review.pack.id]
    from eis_lib import landscape

    services = landscape.in_force(review.pack.services, review.year)
    matches, refused = transfer.match_practices(
        review.pack.id, own, practices, likeness=likeness, own_services=services, minimum_grade=grade
    )
    keys = ["region", "practice_id"]
    proposed = practices.merge(matches[keys], on=keys)
    return Matched(matches, refused, transfer.fit_problems(own, proposed), transfer.tested_gaps(own))


@once_per_review
def _exchange_values(review: Review) -> pd.DataFrame:
    return transfer.exchange_values(
        _gaps(review), _practices(review), minimum_grade=review.parameters.minimum_evidence_grade
    )


def _grade_words(grade: float) -> str:
    return "evidence not graded" if math.isnan(grade) else transfer.GRADES[int(grade)]


# ------------------------------------------------------------------------------------------------ first screen


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    alone = _alone(review)
    if alone:
        return alone
    found, name = places(review), plain(review.pack.region.name)
    matched = _matched(review)
    near = _nearest(review)
    differences = transfer.coverage_differences(
        review.gathered("coverage").query("facet == 'journey_stages'"), review.pack.id
    )
    missing = differences[differences["standing"] == "missing here"]
    only = differences[differences["standing"] == "only here"]
    values = _exchange_values(review)
    takes = values[(values["taker"] == review.pack.id) & (values["value"] > 0)].sort_values(
        ["share", "giver"], ascending=[False, True]
    )
    gives = values[(values["giver"] == review.pack.id) & (values["value"] > 0)].sort_values(
        ["share", "taker"], ascending=[False, True]
    )
    answered = matched.tested[matched.tested["gap_id"].isin(matched.answered)]
    bullets = [
        f"**{len(answered)} of {count(len(matched.tested), 'gap candidate')}** of {name} "
        f"({_pct(float(answered['weight'].sum()) / matched.weight if matched.weight else math.nan)} of their weight) have a practice "
        f"elsewhere that speaks to the same need; {len(matched.refused)} further practices were looked at and are not proposed.",
    ]
    if len(matched.matches):
        best = matched.matches.iloc[0]
        bullets.append(
            f"First to read: *{plain(best['title'])}* of {plain(found[best['region']].name)}, for "
            f"{listing([_low(review, 'barrier', need) for need in best['needs']], most=3)} "
            f"({transfer.GRADES[int(best['evidence_grade'])] if not math.isnan(best['evidence_grade']) else 'not graded'}; effort {best['effort']})."
        )
    if len(near):
        first = near.iloc[0]
        bullets.append(
            f"Most alike in structure{' outside its own country' if review.parameters.other_countries_only else ''}: "
            f"{listing([plain(found[other].name) for other in near['other']])}; {plain(found[first['other']].name)} is closest in "
            f"{first['closest_in']} and furthest in {first['furthest_in']}."
        )
    kinds = list(dict.fromkeys(missing["support_type"]))
    bullets.append(
        f"At {count(len(missing), 'point')} of the journey most other regions have a kind of support that {name} has not on record"
        + (f" ({listing([_low(review, 'support_type', code) for code in kinds], most=4)})" if kinds else "")
        + f"; at {len(only) or 'none'} it is the other way round."
    )
    if len(takes) and len(gives):
        bullets.append(
            f"It could learn most from {plain(found[takes.iloc[0]['giver']].name)} ({_pct(takes.iloc[0]['share'])} of the weight of its gaps) "
            f"and give most to {plain(found[gives.iloc[0]['taker']].name)} ({_pct(gives.iloc[0]['share'])} of theirs)."
        )
    elif len(takes):
        bullets.append(
            f"It could learn most from {plain(found[takes.iloc[0]['giver']].name)} ({_pct(takes.iloc[0]['share'])} of the weight of its gaps); "
            "its own practices speak to no other region's gap."
        )
    bullets.append(_levels_note(review))
    made = {}
    if len(matched.matches):
        made["top_practices"] = _top_chart(review, matched)
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts=made,
        how_sure="low to medium; gaps are computed candidates, practices carry our own grading, and what a pack does not list looks like "
        "a difference.",
    )


def _top_chart(review: Review, matched: Matched) -> Any:
    found = places(review)
    shown = matched.matches.head(PRACTICES_DRAWN)
    frame = pd.DataFrame(
        {
            "practice": [_short(title, 44) for title in shown["title"]],
            "met": shown["gap_score_met"] / float(matched.tested["score"].sum()),
            "note": [
                f"{found[row.region].name} · {_grade_words(row.evidence_grade)} · effort {row.effort}"
                for row in _records(shown)
            ],
        }
    )
    first = shown.iloc[0]
    title = (
        f"“{_short(first['title'], 60)}” ({found[first['region']].name}) speaks to {frame.iloc[0]['met']:.0%} of the gaps of "
        f"{review.pack.region.name}, more than any other practice"
    )
    return charts.top_practices(
        frame,
        title=title,
        subtitle=f"First {len(shown)} of {len(matched.matches)} practices of other regions that meet a tested gap; weight × severity of the "
        "gaps with the same need, half where the stage is another",
        source=_source(review),
        description=f"{title}. {len(matched.matches)} practices in all.",
    )


def _short(text: str, most: int) -> str:
    """Return text cut between words to what a chart can show."""
    if len(text) <= most:
        return text
    words = text[:most].split(" ")[:-1]
    return " ".join(words).rstrip(" ,:;–-") + "…"


# ------------------------------------------------------------------------------------------------ sources


def sources(review: Review) -> Section:
    """Return which regions are compared, at which level, and whether indicators join by code and version."""
    found = places(review)
    joined = _join(review, (*SETTING, *STRUCTURE, "population"))
    rows = []
    for pack in sorted(review.peers(), key=lambda pack: list(found).index(pack.id)):
        region = pack.region
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
    table = pd.DataFrame(rows).astype(
        {"peer_remarks": "Int64", "population": "Int64", "population_year": "Int64"}
    )
    silent = [plain(place.name) for place in found.values() if not any(
        pack.id == place.id and pack.has("peer_reviews") for pack in review.peers()
    )]  # fmt: skip
    wider = int((joined.values["of"] == "a wider area").sum())
    judged = set(review.gathered("profile")["region"])
    absent = [plain(place.name) for region, place in found.items() if region not in judged]
    left_out = review.sources.left_out
    answer = (
        f"{count(len(found), 'region')} {'is' if len(found) == 1 else 'are'} on the table"
        + (f", of {len(found) + len(left_out)} those most alike in structure. " if left_out else ". ")
        + f"{_levels_note(review) if len(found) > 1 else ''} "
        f"Indicators join on the area's code **and** NUTS version: {len(joined.values)} values were found, {wider} of them of an area wider than "
        f"the region; {count(len(joined.mismatches), 'mismatch', 'mismatches')} {'is' if len(joined.mismatches) == 1 else 'are'} listed below and joined to "
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
    return Section(
        answer=answer,
        tables={
            "regions_compared": Table(
                table,
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


# ------------------------------------------------------------------------------------------------ profiles


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


def _share(flags: pd.Series) -> float:
    return float(flags.mean()) if len(flags) else math.nan


def profiles(review: Review) -> Section:
    """Return the landscapes side by side, in shares."""
    alone = _alone(review)
    if alone:
        return alone
    found = places(review)
    table = _measures(review)
    own: Any = _own(review, table).set_index("measure")
    drawn = table.dropna(subset=["value"])
    ends = _ends(drawn.assign(text=[_pct(v) for v in drawn["value"]]), found)
    frame = pd.DataFrame(
        {
            "measure": drawn["label"],
            "region": [found[r].row for r in drawn["region"]],
            "position": drawn["value"],
            "is_own": drawn["region"] == review.pack.id,
            "of": "the region itself",
            "text": [_pct(v) for v in drawn["value"]],
            "high_text": drawn["measure"].map(ends),
        }
    ).assign(low_text="")
    gap: Any = own.loc["gap"]
    others = table[(table["measure"] == "served") & (table["region"] != review.pack.id)]["value"].dropna()
    served = float(own.at["served", "value"])
    rank = int((others > served + 1e-9).sum())
    standing = "as much as any other region" if rank == 0 and (others >= served - 1e-9).any() else "more than any other region" if rank == 0 else "less than any other region" if rank == len(others) else (
        f"less than {rank} of the other {len(others)} regions"
    )  # fmt: skip
    wide = max(
        own.index,
        key=lambda m: (
            abs(own.at[m, "value"] - own.at[m, "median"]) if not math.isnan(own.at[m, "value"]) else -1
        ),
    )
    answer = (
        f"Services on record in {plain(review.pack.region.name)} meet **{_pct(served)}** of weighted demand, {standing}; "
        f"{_pct(gap['value'])} has a gap candidate (median of the regions: {_pct(gap['median'])}). "
        + (
            f"It stands furthest from the median in “{_whole_label(own, wide)}” ({_pct(own.at[wide, 'value'])} against "
            f"{_pct(own.at[wide, 'median'])}). "
            if _pct(own.at[wide, "value"]) != _pct(own.at[wide, "median"])
            else "In every measure it stands at the median. "
        )
        + f"{_levels_note(review)}"
    )
    middle = _pct(own.at["served", "median"])
    title = (
        f"{review.pack.region.name} meets {_pct(served)} of demand, as much as the median region"
        if middle == _pct(served)
        else f"{review.pack.region.name} meets {_pct(served)} of demand, the median region {middle}"
    )
    chart = charts.profile_strips(
        frame,
        own=review.pack.region.name,
        title=title,
        subtitle=f"Landscape measures of {len(found)} regions, shares; large mark: {review.pack.region.name} "
        f"({found[review.pack.id].kind}, {found[review.pack.id].people}), tick: median. "
        + "; ".join(f"{p.name} {p.kind} {p.people}" for p in list(found.values())[1:]),
        source=_source(review),
        description=f"{title}. {len(own)} measures, each a line from the lowest to the highest region.",
    )
    kept = table.assign(
        region_name=[found[r].name for r in table["region"]],
        level=[found[r].level for r in table["region"]],
        population=pd.array([found[r].population for r in table["region"]], dtype="Int64"),
    )
    return Section(
        answer=answer,
        charts={"region_profiles": chart},
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
    joined = _join(review, tuple(SETTING))
    values = joined.values
    enough = values.groupby("indicator")["region"].nunique()
    codes = [code for code in SETTING if enough.get(code, 0) >= max(2, len(found) / 2)]
    drawn = values[values["indicator"].isin(codes)].copy()
    if drawn.empty:
        return Section(
            answer="No indicator of the setting is known for half of the regions.",
            how_sure="not applicable; no values joined.",
        )
    drawn["place"] = drawn["indicator"].map(codes.index)
    drawn = drawn.sort_values(["place", "region"], ignore_index=True)
    bounds = drawn.groupby("indicator")["value"].agg(["min", "max"])
    span = (bounds["max"] - bounds["min"]).where(lambda s: s > 0, 1.0)
    drawn["text"] = [
        SETTING[code][1].format(v).replace("-", "−")
        for code, v in zip(drawn["indicator"], drawn["value"], strict=True)
    ]
    years: Any = drawn.groupby("indicator")["year"].agg(["min", "max"])
    labels = {
        code: f"{SETTING[code][0]}, {years.at[code, 'min'] if years.at[code, 'min'] == years.at[code, 'max'] else '{}–{}'.format(*years.loc[code])}"
        for code in codes
    }
    ends = _ends(drawn.assign(measure=drawn["indicator"]), found)
    frame = pd.DataFrame(
        {
            "measure": drawn["indicator"].map(labels),
            "region": [found[r].row for r in drawn["region"]],
            "position": (drawn["value"] - drawn["indicator"].map(bounds["min"]))
            / drawn["indicator"].map(span),
            "is_own": drawn["region"] == review.pack.id,
            "of": drawn["of"],
            "text": [
                f"{text} ({area})" if own and of != "the region itself" else text
                for text, area, of, own in zip(
                    drawn["text"],
                    drawn["ref_area"],
                    drawn["of"],
                    drawn["region"] == review.pack.id,
                    strict=True,
                )
            ],
            "high_text": drawn["indicator"].map(ends),
        }
    ).assign(low_text="")
    own = drawn[drawn["region"] == review.pack.id]
    wide = own[own["of"] != "the region itself"]
    middle = drawn.groupby("indicator")["value"].median()
    words = [
        f"{SETTING[row.indicator][0]}: {row.text} ({row.ref_area}, {row.year}; median {SETTING[row.indicator][1].format(middle[row.indicator]).replace('-', '−')})"
        for row in _records(own[own["indicator"].isin(codes[:3])])
    ]
    answer = (
        (f"{'; '.join(words)}. " if words else "None of these indicators is known for this region. ")
        + f"{len(wide)} of the {len(own)} figures shown for {plain(review.pack.region.name)} are of an area wider than the region itself."
    )
    # a title on the region rests on figures of the region, not on those of its country
    highest = own.assign(position=frame.loc[own.index, "position"])[own["of"] == "the region itself"]
    highest = highest.sort_values("position", kind="stable")
    title = (
        f"{review.pack.region.name} is lowest among the regions in “{SETTING[highest.iloc[0]['indicator']][0]}”"
        if len(highest) and highest.iloc[0]["position"] == 0
        else f"{review.pack.region.name} is highest among the regions in “{SETTING[highest.iloc[-1]['indicator']][0]}”"
        if len(highest) and highest.iloc[-1]["position"] == 1
        else f"{review.pack.region.name} stands between the other regions in every figure of its own"
        if len(highest)
        else f"No figure of the setting is of {review.pack.region.name} itself: all are of a wider area"
    )
    chart = charts.profile_strips(
        frame,
        own=review.pack.region.name,
        percent=False,
        title=title,
        subtitle=f"Each line runs from the lowest to the highest of {len(found)} regions; large mark: {review.pack.region.name}; diamond: figure of "
        "a wider area or the country",
        source="_common/indicators.csv (Eurostat, European Commission, World Bank), latest value of the nearest area, joined on code and NUTS version",
        description=f"{title}. {len(codes)} indicators.",
    )
    table = drawn.assign(name=[found[r].name for r in drawn["region"]])
    columns = [
        "indicator",
        "indicator_name",
        "region",
        "name",
        "value",
        "unit",
        "year",
        "ref_area",
        "nuts_version",
        "of",
        "source_title",
    ]
    return Section(
        answer=answer,
        charts={"setting": chart},
        tables={
            "indicator_values": Table(
                table[columns],
                "Indicators of the setting: latest value of the nearest area",
                "Years and areas differ from region to region; a country's figure says little about one county.",
            )
        },
        how_sure="high for the figures; low for the comparison where years and areas differ.",
        to_check="Whether newer figures exist for the region itself.",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ index


def _benchmark_rows(review: Review, path: str) -> tuple[pd.DataFrame, str]:
    """Return the rows of the benchmark set, latest period per area and indicator, and the NUTS version they are in."""
    file = Path(path)
    if not file.is_absolute() and not file.exists():
        file = review.sources.parameters.parent / path
    try:
        content = file.read_bytes()
    except OSError:
        raise ParameterError(f"benchmark_set: no file '{path}'; give the path of a CSV file") from None
    rows = pd.read_csv(io.BytesIO(content), dtype={"nuts_version": "string", "time_period": "string"})
    needed = ["ref_area", "nuts_version", "indicator", "time_period", "obs_value"]
    lacking = [column for column in needed if column not in rows]
    if lacking:
        raise ParameterError(
            f"benchmark_set: '{path}' lacks {', '.join(lacking)}; columns as in _common/indicators.csv"
        )
    review.inputs["benchmark set", file.name] = hashlib.sha256(content).hexdigest()
    rows = rows[rows["ref_area"].str.fullmatch(r"[A-Z]{2}[0-9A-Z]{2}") & ~rows["ref_area"].str.endswith("ZZ")]
    rows = rows.assign(nuts_version=rows["nuts_version"].str.replace(r"\.0$", "", regex=True)).dropna(
        subset=["obs_value"]
    )
    if rows.empty:
        raise ParameterError(f"benchmark_set: '{path}' holds no NUTS 2 region")
    version = str(rows.groupby("nuts_version")["ref_area"].nunique().sort_index().idxmax())
    return rows.sort_values("time_period", kind="stable"), version


def _benchmark_index(
    review: Review, choices: benchmark.Choices
) -> tuple[benchmark.Index, pd.DataFrame, pd.DataFrame, str]:
    """Return the index of the benchmark set, the regions read off it, what did not join, and the version."""
    rows, version = _benchmark_rows(review, review.parameters.benchmark_set)
    used = rows[rows["nuts_version"] == version].drop_duplicates(["ref_area", "indicator"], keep="last")
    wide = used.pivot_table(index="ref_area", columns="indicator", values="obs_value")
    about: Any = used.drop_duplicates("indicator").set_index("indicator")
    framework = pd.DataFrame({"code": list(wide.columns)})
    framework["name"] = [
        str(about.at[c, "indicator_name"]) if "indicator_name" in about else c for c in framework["code"]
    ]
    framework["direction"] = [
        float(about.at[c, "direction"])
        if "direction" in about and pd.notna(about.at[c, "direction"])
        else DIRECTIONS.get(c, 1)
        for c in framework["code"]
    ]
    if "group" in about and about["group"].notna().all():
        framework["parent"] = [str(about.at[c, "group"]) for c in framework["code"]]
        groups = list(dict.fromkeys(framework["parent"]))
        framework = pd.concat(
            [
                framework,
                pd.DataFrame({"code": groups, "name": groups, "parent": "index"}),
                pd.DataFrame({"code": ["index"], "name": ["Index"], "parent": [""]}),
            ],
            ignore_index=True,
        )
    index = benchmark.build_index(wide, framework, choices=choices)
    areas = _areas(review)
    areas = areas[areas["ref_area"].str.len() == 4]
    off = areas[areas["ref_area"].isin(index.units) & (areas["nuts_version"] == version)].drop_duplicates(
        "region"
    )
    _, mismatches = benchmark.join_areas(rows, areas)
    return index, off, mismatches, version


def index(
    review: Review,
    *,
    normalisation: benchmark.Normalisation = "minmax",
    weights: benchmark.Weighting = "given",
    aggregation: benchmark.Aggregation = "arithmetic",
    imputation: benchmark.Imputation = "none",
) -> Section:
    """Return the composite index of all NUTS 2 regions and this region's place on it, or why there is none."""
    alone = _alone(review)
    if alone:
        return alone
    if not review.parameters.benchmark_set:
        return Section(
            answer=f"**No ranking is given.** {benchmark.too_few_units(len(review.peers()))}",
            how_sure="high; with so few regions, shares of chance in a rank are larger than the differences ranked.",
            to_check="Whether your statistical office can give the workbook parameter `benchmark_set` a CSV file of all NUTS 2 regions with the "
            "columns of `_common/indicators.csv` (and, if it likes, `direction` 1 or −1 and `group`).",
        )
    choices = benchmark.Choices(
        normalisation=normalisation, weights=weights, aggregation=aggregation, imputation=imputation
    )
    made, off, mismatches, version = _benchmark_index(review, choices)
    found = places(review)
    names = {
        row.ref_area: f"{found[row.region].name} ({found[row.region].kind})"
        if row.ref_area == found[row.region].code
        else f"{found[row.region].name} ({found[row.region].kind}, as {row.ref_area})"
        for row in _records(off)
    }
    own = off.loc[off["region"] == review.pack.id, "ref_area"]
    units = len(made.units)
    scores = pd.DataFrame({"score": made.scores, "rank": made.ranks}).rename_axis("ref_area").reset_index()
    scores["region"] = scores["ref_area"].map({row.ref_area: row.region for row in _records(off)})
    tables = {
        "index_scores": Table(
            scores.sort_values(["score", "ref_area"], ascending=[False, True], ignore_index=True),
            f"The index of {units} NUTS 2 regions, NUTS {version}",
            "Regions of the partnership are named; the figure of a county is that of the NUTS 2 region around it.",
        ),
        "index_log": Table(
            made.log, "What was dropped, filled, treated or refused on the way", "One row per thing done."
        ),
        "index_mismatches": Table(
            mismatches, "Areas of the regions that the benchmark set does not hold in their version"
        ),
    }
    pictures: dict[str, Any] = {}
    place = ""
    if made.may_rank:
        tables["index_coherence"] = Table(
            made.coherence(),
            "How each indicator moves with its group and with the index",
            "Weight is not importance: importance is the squared correlation with the index. Read before the robustness below.",
        )
        spread = benchmark.run_uncertainty(made, draws=review.parameters.draws, seed=review.parameters.seed)
        shares = benchmark.run_sensitivity(made, seed=review.parameters.seed)
        table = spread.table.set_index("unit")
        tables["index_ranks"] = Table(
            spread.table.assign(region=[names.get(str(u), "") for u in spread.table["unit"]]),
            f"Rank as chosen, and 5th to 95th percentile over {review.parameters.draws:,} random sets of choices",
            f"Seed {spread.seed}.",
        )
        tables["index_sensitivity"] = Table(
            shares,
            "Which choice moves the ranks (Sobol indices)",
            f"Seed {review.parameters.seed}; N = 1,024.",
        )
        tables["index_alternatives"] = Table(
            _alternatives(made, names), "One choice changed, the whole chain run again: ranks of the regions"
        )
        pictures["index_ranks"] = _rank_chart(
            review, table, names=names, own=list(own), units=units, seed=spread.seed
        )
        pictures["index_sensitivity"] = _sensitivity_chart(shares, units, review.parameters.seed)
        if len(own):
            unit = own.iloc[0]
            row = table.loc[unit]
            tables["index_strengths"] = Table(
                made.strengths(unit), f"Strengths and weaknesses of {unit} against the other regions"
            )
            place = (
                f"{plain(found[review.pack.id].name)} (read off as {unit}) takes rank **{row['nominal']:.0f} of {units}**; over "
                f"{review.parameters.draws:,} random sets of choices it stands between {row['low']:.0f} and {row['high']:.0f}. "
            )
    filled = int((made.log["stage"] == "imputed").sum())
    answer = (
        (
            place
            or f"{plain(found[review.pack.id].name)} is not in the benchmark set in a version it states, so it has no place. "
        )
        + f"The index holds {count(len(made.tree.leaves), 'indicator')} of {count(units, 'region')}; {count(filled, 'value')} {'was' if filled == 1 else 'were'} filled in"
        + (" (what changes without them is in the table of alternatives)" if filled else "")
        + f", {count(int((made.log['stage'] == 'treated').sum()), 'treatment')} of outliers. {' '.join(made.notes)}"
    )
    return Section(
        answer=answer,
        charts=pictures,
        tables=tables,
        how_sure=f"as wide as the interval; drawn with seed {review.parameters.seed}. An index is an opinion with numbers, its interval the honest part.",
        to_check="Before the rank: do the indicators that carry the index measure what this region wants to change?",
    )  # fmt: skip


def _alternatives(made: benchmark.Index, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the ranks of the named units as chosen and with one choice changed at a time."""
    changes: list[tuple[str, dict[str, Any]]] = [
        ("z-scores", {"normalisation": "zscore"}),
        ("geometric mean", {"aggregation": "geometric"}),
        ("Mazziotta–Pareto", {"aggregation": "mazziotta-pareto"}),
        ("Copeland (non-compensatory)", {"aggregation": "copeland"}),
        ("weights by CRITIC", {"weights": "critic"}),
        ("outliers left", {"outliers": "none"}),
        ("nothing filled in", {"imputation": "none"}),
        ("filled with the mean", {"imputation": "mean"}),
    ]
    table = pd.DataFrame({"unit": list(names), "region": list(names.values())})
    table["as_chosen"] = [made.ranks[unit] for unit in names]
    for words, change in changes:
        if all(getattr(made.choices, key) == value for key, value in change.items()):
            continue
        other = made.change(**change).ranks
        table[re.sub(r"\W+", "_", words.lower()).strip("_")] = [other.get(unit, math.nan) for unit in names]
    return table.sort_values(["as_chosen", "unit"], ignore_index=True)


def _rank_chart(
    review: Review,
    table: pd.DataFrame,
    *,
    names: Mapping[str, str],
    own: Sequence[str],
    units: int,
    seed: int,
) -> Any:
    shown: Any = table.loc[[unit for unit in table.index if unit in names]]
    frame = shown.reset_index().assign(
        region=[names[unit] for unit in shown.index], is_own=[unit in own for unit in shown.index]
    )
    widest = frame.assign(width=frame["high"] - frame["low"]).sort_values("width").iloc[-1]
    title = (
        f"{review.pack.region.name} stands between rank {shown.at[own[0], 'low']:.0f} and {shown.at[own[0], 'high']:.0f} of {units}"
        if own and own[0] in shown.index
        else f"The rank of {widest['region']} moves by {widest['width']:.0f} places with the choices made"
    )
    return charts.rank_intervals(
        frame,
        units=units,
        title=title,
        subtitle=f"Bar: 5th to 95th percentile over {review.parameters.draws:,} random sets of choices (seed {seed}); line: median; diamond: as chosen",
        source=f"benchmark set of {units} NUTS 2 regions; counties read off the NUTS 2 region around them",
        description=title,
    )


INPUT_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "imputation": "How gaps in the data are filled",
        "outliers": "How outliers are treated",
        "normalisation": "Common scale",
        "weights": "Scheme of weights",
        "aggregation": "Way of adding up",
        "indicator_noise": "Weights of indicators ± 25%",
        "group_noise": "Weights of groups ± 25%",
        "leave_out": "One group or indicator left out",
    }
)


def _sensitivity_chart(shares: pd.DataFrame, units: int, seed: int) -> Any:
    frame = shares.assign(input=[INPUT_WORDS[name] for name in shares["input"]])
    title = f"“{frame.iloc[0]['input']}” decides most about the ranks"
    return charts.sensitivity(
        frame,
        title=title,
        subtitle=f"Sobol indices of the mean rank shift of {units} regions, N = 1,024, seed {seed}; bar: total, tick: alone, line: 95% interval",
        source="computed (Saltelli 2010, Jansen 1999, by SALib)",
        description=f"{title}: {frame.iloc[0]['total_order']:.0%} of the variance of the mean rank shift.",
    )


# ------------------------------------------------------------------------------------------------ structural peers


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
    found = places(review)
    structure = _structure(review, method)
    near = _nearest(review, neighbours, other_countries_only, method)
    table: Any = _structure_values(review)[0]
    parts = structure.parts[structure.parts["region"] == review.pack.id].copy()
    distance = structure.distance[review.pack.id]
    parts["distance"] = parts["other"].map(distance)
    parts = parts.sort_values(["distance", "other", "dimension"], ignore_index=True)
    chosen = list(near["other"])
    frame = parts.assign(
        note=[
            f"{row.distance:.2f}{' · peer ' + str(chosen.index(row.other) + 1) if row.other in chosen else ''}"
            for row in _records(parts)
        ],
        other=[found[row.other].row for row in _records(parts)],
    )
    if near.empty:
        return Section(
            answer="No region is left to compare structures with.",
            how_sure="not applicable; the filter leaves nobody.",
        )
    first = near.iloc[0]
    title = f"{found[first['other']].name} resembles {review.pack.region.name} most in structure"
    chart = charts.structural_peers(
        frame,
        title=title,
        subtitle="Distance in what cannot change quickly, no outcomes; nearest on top"
        + (f", peers from other countries only, k = {len(near)}" if len(near) < len(found) - 1 else ""),
        source="population and currency of the packs; _common/indicators.csv (nearest area, often the country)",
        description=f"{title}: distance {first['distance']:.2f}; closest in {first['closest_in']}, furthest in {first['furthest_in']}.",
    )
    lacking = {
        found[region].name: [STRUCTURE[c][1] for c in table.columns if pd.isna(table.at[region, c])]
        for region in table.index
    }
    holes = [f"{name} ({listing(gone)})" for name, gone in lacking.items() if gone]
    answer = (
        f"Nearest to {plain(review.pack.region.name)}: "
        + listing(
            [
                f"**{plain(found[row.other].name)}** (likeness {_pct(row.likeness)}, closest in {row.closest_in}, furthest in {row.furthest_in})"
                for row in _records(near)
            ]
        )
        + ". Likeness runs from 0% for the least alike pair of regions to 100%. A peer in structure is where a practice may travel more "
        "easily, not where results are alike: exports, income and unemployment are kept out of the distance."
    )
    named = near.assign(
        name=[found[o].name for o in near["other"]],
        level=[found[o].level for o in near["other"]],
        population=pd.array([found[o].population for o in near["other"]], dtype="Int64"),
    )
    values = table.rename_axis("region").reset_index()
    values.insert(1, "name", [found[r].name for r in values["region"]])
    values.columns = [str(column).replace("-", "_") for column in values.columns]
    return Section(
        answer=answer,
        charts={"structural_peers": chart},
        tables={
            "peers": Table(
                named[
                    ["rank", "other", "name", "level", "population", "distance", "likeness", "closest_in", "furthest_in"]
                ],
                "Structural peers, nearest first",
                f"Method {method}; dimensions size, sectors and technology count alike, currency half (project convention). "
                + " ".join(f"{text}." for text in structure.dropped),
            ),
            "structure": Table(
                values,
                "What the distance is made of",
                "Figures of research, manufacturing and technology are the country's: they tell countries apart, not regions.",
            ),
        },
        how_sure=f"low; {len(STRUCTURE)} variables, most of them of the country, and weights nobody has tested."
        + (f" Not known: {'; '.join(holes)}." if holes else ""),
        to_check="Whether people who know both regions find them alike.",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ coverage differences


def coverage_differences(review: Review, *, facet: str = "journey_stages") -> Section:
    """Return what most other regions have on record and this one has not, and the other way round."""
    alone = _alone(review)
    if alone:
        return alone
    if facet not in FACETS:
        raise ParameterError(f"facet: holds {facet!r}; allowed: {', '.join(FACETS)}")
    scheme, words = FACETS[facet]
    table = transfer.coverage_differences(review.gathered("coverage"), review.pack.id)
    cells = table[(table["facet"] == facet) & table["code"].isin(review.vocabulary.codes(scheme))].copy()
    types = [t for t in review.vocabulary.codes("support_type") if t in set(cells["support_type"])]
    codes = [c for c in review.vocabulary.codes(scheme) if c in set(cells["code"])]
    cells["row_place"], cells["column_place"] = (
        cells["support_type"].map(types.index),
        cells["code"].map(codes.index),
    )
    cells = cells.sort_values(["row_place", "column_place"], ignore_index=True)
    frame = pd.DataFrame(
        {
            "row": [_label(review, "support_type", t) for t in cells["support_type"]],
            "column": [_two_lines(_label(review, scheme, c)) for c in cells["code"]],
            "standing": cells["standing"],
            "mark": [f"{row.services} | {row.others_with}" for row in _records(cells)],
        }
    )
    missing, only = cells[cells["standing"] == "missing here"], cells[cells["standing"] == "only here"]
    per_type = missing.groupby("support_type").size().sort_values(ascending=False, kind="stable")
    own_type = only.groupby("support_type").size().sort_values(ascending=False, kind="stable")
    name = plain(review.pack.region.name)
    others = int(cells["others"].max())
    answer = (
        f"In **{len(missing)}** of {len(cells)} cells (kind of support × {words.lower()}) most of the other {count(others, 'region')} have a service on "
        f"record and {name} has none"
        + (
            f", most of all for {listing([_low(review, 'support_type', t) for t in per_type.index], most=3)}"
            if len(per_type)
            else ""
        )
        + f". In {len(only) or 'none'} it is the other way round"
        + (
            f" ({listing([_low(review, 'support_type', t) for t in own_type.index], most=3)})"
            if len(own_type)
            else ""
        )
        + f". {_levels_note(review)}"
    )
    title = (
        f"Most other regions have {_low(review, 'support_type', per_type.index[0])} where {review.pack.region.name} has none"
        if len(per_type)
        else f"{review.pack.region.name} has every kind of support that most other regions have"
    )
    chart = charts.coverage_difference(
        frame,
        title=title,
        subtitle=f"Services on record here | how many of {others} other regions have at least one. Whether there is any is compared, not how many",
        source=_source(review),
        description=f"{title}. {len(missing)} cells missing here, {len(only)} found only here.",
    )
    kept = table.assign(
        support_type_label=[_label(review, "support_type", t) for t in table["support_type"]],
    ).drop(columns=["status"])
    rank = {"missing here": 0, "only here": 1, "rarer here": 2, "alike": 3, "unknown": 4}
    kept = kept.assign(_rank=kept["standing"].map(rank)).sort_values(
        ["_rank", "difference", "facet", "support_type", "code"], kind="stable", ignore_index=True
    )
    return Section(
        answer=answer,
        charts={"coverage_difference": chart},
        tables={
            "coverage_differences": Table(
                kept[
                    [
                        "facet", "support_type", "support_type_label", "code", "services", "others_with", "others",
                        "others_unknown", "difference", "standing",
                    ]
                ],
                "Coverage here and elsewhere, every facet",
                "Missing here: none here, and more than half of the other regions whose records allow an answer have one (project convention).",
            )
        },
        how_sure="low to medium; a pack that misses a service looks like a region without it. Counties are served by national bodies that their "
        "packs may list less fully.",
        to_check="For the cells missing here: does a national service exist that the pack does not list?",
    )  # fmt: skip


def _two_lines(label: str) -> str:
    """Return a label broken at the space nearest its middle; one word stands on the second line."""
    spaces = [n for n, letter in enumerate(label) if letter == " "]
    if not spaces:
        return f"\n{label}"
    cut = min(spaces, key=lambda n: (abs(2 * n - len(label)), n))
    return f"{label[:cut]}\n{label[cut + 1 :]}"


# ------------------------------------------------------------------------------------------------ practices


def practice_matches(review: Review, *, minimum_evidence_grade: int | None = None) -> Section:
    """Return other regions' practices that meet a tested gap, with what speaks for a transfer and whom to ask."""
    alone = _alone(review)
    if alone:
        none = pd.DataFrame(columns=list(MATCH_COLUMNS))
        return replace(alone, tables={"practice_matches": Table(none, "Practices that meet a tested gap")})
    matched = _matched(review, minimum_evidence_grade)
    found = places(review)
    practices = _practice_rows(review)
    name = plain(review.pack.region.name)
    labels = matched.tested.set_index("gap_id")["label"].to_dict()
    kinds = matched.tested.set_index("gap_id")["kind"].to_dict()
    packs = {pack.id: pack for pack in review.peers()}
    rows = []
    records: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()} for row in matched.matches.to_dict("records")
    ]
    for rank, row in enumerate(records, start=1):
        practice = practices[row["region"], row["practice_id"]]
        there = packs[row["region"]]
        whom = (
            practice["main_institution"] if isinstance(practice["main_institution"], str) else _partner(there)
        )
        first = row["gap_ids"][0]
        rows.append(
            {
                "rank": rank,
                "practice_id": row["practice_id"],
                "region": row["region"],
                "region_name": found[row["region"]].name,
                "title": row["title"],
                "support_type": row["support_type"],
                "heaviest_gap": labels[first],
                "gap_ids": ";".join(row["gap_ids"]),
                "needs": ";".join(row["needs"]),
                "gaps": len(row["gap_ids"]),
                "gap_weight": row["gap_weight"],
                "gap_score_met": row["gap_score_met"],
                "problem_fit": row["problem_fit"],
                "context_fit": row["context_fit"],
                "evidence_grade": row["evidence_grade"],
                "evidence_words": _grade_words(row["evidence_grade"]),
                "effort": row["effort"],
                "cost_eur_per_year": row["cost_eur_per_year"],
                "own_services_of_type": row["own_services_of_type"],
                "who_asks": _partner(review.pack),
                "whom": whom,
                "questions": " ".join(
                    transfer.questions(
                        row,
                        kind=str(kinds[first]),
                        same_level=found[row["region"]].kind == found[review.pack.id].kind,
                    )
                ),
                "results": practice["results"],
                "source_title": practice["source_title"],
                "source_url": practice["source_url"],
            }
        )
    table = pd.DataFrame(rows, columns=list(MATCH_COLUMNS))
    refused = matched.refused.assign(region_name=[found[r].name for r in matched.refused["region"]])
    unanswered = matched.tested[~matched.tested["gap_id"].isin(matched.answered)]
    strong = int((matched.matches["evidence_grade"] >= 2).sum())
    conversation = ""
    if rows:
        top = rows[0]
        conversation = (
            f"\n\n**The conversation to have first:** {plain(top['who_asks'])} asks {plain(top['whom'])} "
            f"({plain(top['region_name'])}) about *{plain(top['title'])}*: {plain(top['questions'])}"
        )
    answer = (
        f"**{count(len(table), 'practice')}** of other regions {'meets' if len(table) == 1 else 'meet'} at least one of {count(len(matched.tested), 'gap candidate')} of {name}; "
        f"{strong or 'none'} of them {'has' if strong == 1 else 'have'} more than the word of those who run {'it' if strong == 1 else 'them'} (grade 2 or better). "
        + (
            f"{count(len(unanswered), 'gap candidate')} {'has' if len(unanswered) == 1 else 'have'} no practice anywhere, first {plain(unanswered.iloc[0]['label'])}. "
            if len(unanswered)
            else "No gap candidate is left without a practice. "
        )
        + "What speaks for a transfer is laid side by side; the order is one of reading, not a score."
        + conversation
    )
    made = {}
    if len(matched.tested):
        made["practice_matches"] = _match_chart(review, matched)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "practice_matches": Table(
                table,
                "Practices that meet a tested gap: what speaks for a transfer, and the conversation to have",
                "Problem fit 1: same need and stage; 0.5: same need, another stage. Context fit: structural likeness (0–1). Evidence grade 0–4 is our coding. "
                "Questions come from what the record leaves open.",
            ),
            "practices_not_proposed": Table(
                refused[["practice_id", "region_name", "title", "reason"]],
                "Practices that are not proposed, and why",
                "The gate: without a tested gap a practice is not proposed, however good.",
            ),
        },
        how_sure="low; gaps are candidates nobody has validated, and most practices rest on what their owners report.",
        to_check="Is the first gap real, and who here would own the practice? Two people should rate the fit on their own before it goes into a plan.",
    )  # fmt: skip


def _match_chart(review: Review, matched: Matched) -> Any:
    found = places(review)
    tested = matched.tested.assign(place=matched.tested["score"].round(12)).sort_values(
        ["place", "gap_id"], ascending=[False, True]
    )
    drawn, whole = tested.head(GAPS_DRAWN), float(tested["score"].sum())
    labels = {row.gap_id: f"{_short_gap(review, row)}  {row.score / whole:.0%}" for row in _records(drawn)}
    likeness = _structure(review).likeness[review.pack.id]
    order = sorted(
        (r for r in found if r != review.pack.id),
        key=lambda r: (-(likeness.get(r, -1) if not math.isnan(likeness.get(r, math.nan)) else -1), r),
    )
    keys = ["region", "practice_id"]
    pairs = matched.pairs[matched.pairs["gap_id"].isin(labels)].merge(
        matched.matches[[*keys, "evidence_grade"]].rename(columns={"evidence_grade": "grade"}), on=keys
    )
    pairs = pairs.assign(label=pairs["gap_id"].map(labels))
    cells = [
        {
            "gap": label,
            "region": found[str(region)].column,
            "practices": len(part),
            "grade": float(part["grade"].max()),
            "fit": "same stage" if (part["problem_fit"] == 1).any() else "other stage",
        }
        for (label, region), part in pairs.groupby(["label", "region"], sort=False)
    ]
    bare = [gap for gap in drawn["gap_id"] if gap not in set(pairs["gap_id"])]
    heaviest = drawn.iloc[0]
    title = (
        f"No partner has a practice for {review.pack.region.name}'s heaviest gap, {_low(review, 'barrier', heaviest['need'])}"
        if heaviest["gap_id"] in bare
        else f"{len(labels) - len(bare)} of the {len(labels)} heaviest gaps of {review.pack.region.name} have a practice to learn from"
    )
    return charts.practice_matches(
        pd.DataFrame(cells, columns=["gap", "region", "practices", "grade", "fit"]),
        rows=list(labels.values()),
        columns=[found[region].column for region in order],
        title=title,
        subtitle=f"Number of practices per region and gap candidate; heaviest gaps on top with their share of all gaps (weight × severity), regions "
        f"most alike in structure to the left. First {len(labels)} of {len(tested)} gaps",
        source=_source(review),
        description=f"{title}. {len(bare)} of the gaps drawn have no practice in any region.",
    )


def _short_gap(review: Review, gap: Any) -> str:
    kind = {
        "absolute": "",
        "eligibility": " (not let in)",
        "access": " (out of reach)",
        "capacity": " (full)",
        "awareness": " (not known)",
    }
    return f"{_label(review, 'barrier', gap.need)}, {gap.stage}{kind.get(gap.kind, '')}"


def remarks(review: Review) -> Section:
    """Return what the peers said of this region and of the others, with the owner's response."""
    found = places(review)
    frames = []
    for region in found:
        pack = next(pack for pack in review.peers() if pack.id == region)
        if pack.has("peer_reviews"):
            frames.append(pack.peer_reviews.assign(region=region, region_name=pack.region.name))
    columns = [
        "region", "region_name", "review_id", "kind", "statement", "barrier", "proposal", "owner_response", "status", "reviewers", "date",
        "source_title", "source_url",
    ]  # fmt: skip
    table = pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
    table["reviewers"] = [";".join(v) if isinstance(v, tuple) else v for v in table["reviewers"]]
    own = table[table["region"] == review.pack.id]
    weak = own[own["kind"] == "weakness"]
    answered = weak["owner_response"].notna()
    name = plain(review.pack.region.name)
    has = next(pack for pack in review.peers() if pack.id == review.pack.id).has("peer_reviews")
    if not has:
        answer = f"No peer review of {name} is on record."
        if not review.pack.region.invented:
            answer += " The EIS partners reviewed all seven regions in 2017; what they said of this one was not found."
    else:
        said = [plain(str(text).rstrip(".")) for text in weak["statement"]]
        answer = (
            f"Peers recorded {count(len(own) - len(weak), 'strength')} and {count(len(weak), 'weakness', 'weaknesses')} of {name}"
            + (f": {'; '.join(said[:2])}." if said else ".")
            + (
                f" The owner's response to {int(answered.sum()) or 'none'} of them is on record."
                if len(weak) > 1
                else f" {'The' if answered.all() else 'No'} response of the owner is on record."
                if len(weak)
                else ""
            )
        )
    without = [
        plain(p.name) for r, p in found.items() if r != review.pack.id and r not in set(table["region"])
    ]
    if without:
        answer += f" No record for {listing(without, most=8)}."
    return Section(
        answer=answer,
        tables={
            "peer_remarks": Table(
                table,
                "What peers remarked, and what the owner answered",
                "From published news of the project; a blank response means that none was found, not that none was given.",
            )
        },
        how_sure="medium for what was said (published news, our wording); low for completeness.",
        to_check="Ask the partners for their minutes of the peer review of 2017.",
    )


# ------------------------------------------------------------------------------------------------ give and take


def give(review: Review) -> Section:
    """Return what this region could give the others, beside what it could take."""
    alone = _alone(review)
    if alone:
        return alone
    found, own = places(review), review.pack.id
    values = _exchange_values(review)
    practices = _practice_rows(review)
    take: Any = values[values["taker"] == own].set_index("giver")
    giving: Any = values[values["giver"] == own].set_index("taker")
    partners = [r for r in found if r != own]
    frame = pd.DataFrame(
        {
            "region": partners,
            "partner": [found[r].row for r in partners],
            "take": [float(take.at[r, "share"]) if r in take.index else math.nan for r in partners],
            "give": [float(giving.at[r, "share"]) if r in giving.index else math.nan for r in partners],
        }
    )
    frame["most"] = frame[["take", "give"]].fillna(0).max(axis=1).round(9)
    frame = frame.sort_values(["most", "partner"], ascending=[False, True], ignore_index=True)
    rows = []
    for region in partners:
        if region not in giving.index or not giving.at[region, "value"] > 0:
            continue
        for code in giving.at[region, "practice_ids"]:
            practice = practices[own, code]
            rows.append(
                {
                    "taker": region,
                    "taker_name": found[region].name,
                    "practice_id": code,
                    "title": practice["title"],
                    "needs": ";".join(
                        n for n in giving.at[region, "needs"] if n in practice["barriers_addressed"]
                    ),
                    "evidence_words": _grade_words(
                        math.nan if pd.isna(practice["evidence_grade"]) else float(practice["evidence_grade"])
                    ),
                    "share_of_their_gaps": giving.at[region, "share"],
                }
            )
    columns = [
        "taker",
        "taker_name",
        "practice_id",
        "title",
        "needs",
        "evidence_words",
        "share_of_their_gaps",
    ]
    table = pd.DataFrame(rows, columns=columns).sort_values(
        ["share_of_their_gaps", "taker", "practice_id"], ascending=[False, True, True], ignore_index=True
    )
    name = plain(review.pack.region.name)
    best_take, best_give = frame.sort_values(["take", "partner"], ascending=[False, True]).iloc[0], frame.sort_values(
        ["give", "partner"], ascending=[False, True]
    ).iloc[0]  # fmt: skip
    wanted = table["practice_id"].value_counts()
    answer = (
        f"{name} could take most from **{plain(found[best_take['region']].name)}**, whose practices speak to {_pct(best_take['take'])} of the weight of its gaps"
        + (
            f", and give most to **{plain(found[best_give['region']].name)}** ({_pct(best_give['give'])} of theirs)."
            if best_give["give"] > 0
            else "; with the evidence asked for, its own practices speak to no gap elsewhere."
        )
        + (
            f" Its practice most regions could use is *{plain(practices[own, str(wanted.index[0])]['title'])}* ({count(int(wanted.iloc[0]), 'region')})."
            if len(wanted)
            else ""
        )
    )
    title = (
        f"{review.pack.region.name} could take most from {found[best_take['region']].name} and give most to {found[best_give['region']].name}"
        if best_give["give"] > 0
        else f"{review.pack.region.name} could take most from {found[best_take['region']].name}; no practice of its own meets a gap elsewhere"
    )
    chart = charts.give_and_take(
        frame,
        own=review.pack.region.name,
        title=title,
        subtitle="Share of the weight × severity of tested gap candidates that practices of the other side speak to (half where the stage is another)",
        source=_source(review),
        description=f"{title}.",
    )
    return Section(
        answer=answer,
        charts={"give_and_take": chart},
        tables={
            "what_we_could_give": Table(
                table,
                f"Practices of {review.pack.region.name} that speak to a tested gap elsewhere",
                f"Evidence grade {review.parameters.minimum_evidence_grade} or better.",
            )
        },
        how_sure="low; both sides rest on computed gap candidates and on our coding of practices.",
        to_check="Would the people behind the practice receive a visit?",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ the partnership


def exchange(review: Review) -> Section:
    """Return the partnership's own page: who is strong where, and who should visit whom about what."""
    alone = _alone(review)
    if alone:
        return alone
    found = places(review)
    order = sorted(found, key=lambda r: found[r].name)
    values = _exchange_values(review)
    visits = transfer.best_exchange(values)
    practices = _practice_rows(review)
    chosen = set(zip(visits["visitor"], visits["host"], strict=True))
    cells = values[values["taker"].isin(order) & values["giver"].isin(order)].assign(
        place=lambda f: f["taker"].map(order.index) * 100 + f["giver"].map(order.index)
    )
    cells = cells.sort_values("place")
    frame = pd.DataFrame(
        {
            "visitor": [found[r].row for r in cells["taker"]],
            "host": [found[r].column for r in cells["giver"]],
            "column_place": [order.index(r) for r in cells["giver"]],
            "share": cells["share"].fillna(0.0),
            "is_chosen": [(t, g) in chosen for t, g in zip(cells["taker"], cells["giver"], strict=True)],
        }
    )
    strength = transfer.strong_where(review.gathered("profile"))
    strength = strength[strength["need"].isin(review.vocabulary.codes("barrier"))]
    asked = strength.groupby("need")["demand"].mean()
    needs = [n for n in asked.sort_values(ascending=False, kind="stable").index if asked[n] > 0]
    strength = strength[strength["need"].isin(needs)].assign(
        row=lambda f: f["need"].map(needs.index), column=lambda f: f["region"].map(order.index)
    )
    strength = strength.sort_values(["row", "column"], ignore_index=True)
    lone = [n for n in needs if (strength[strength["need"] == n]["standing"] == "strong").sum() == 0]
    rows = []
    for visit in visits.to_dict("records"):
        rows.append(
            {
                "visitor": visit["visitor"],
                "visitor_name": found[visit["visitor"]].name,
                "host": visit["host"],
                "host_name": found[visit["host"]].name,
                "about": ";".join(visit["needs"][:3]),
                "about_words": "; ".join(_low(review, "barrier", n) for n in visit["needs"][:3]),
                "practice_ids": ";".join(visit["practice_ids"]),
                "first_practice": practices[visit["host"], visit["practice_ids"][0]]["title"],
                "share_of_gaps": visit["share"],
                "gaps_met": visit["gaps_met"],
                "first_wish": found[visit["first_wish"]].name,
            }
        )
    columns = [
        "visitor", "visitor_name", "host", "host_name", "about", "about_words", "practice_ids", "first_practice", "share_of_gaps", "gaps_met",
        "first_wish",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    mine = table[table["visitor"] == review.pack.id]
    host = table[table["host"] == review.pack.id]
    wishes = table["first_wish"].value_counts()
    answer = (
        "If every region makes one visit and receives one, the exchange that meets most is: "
        + "; ".join(
            f"{plain(r['visitor_name'])} to {plain(r['host_name'])} about {plain(r['about_words'].split('; ')[0])} ({_pct(r['share_of_gaps'])})"
            for r in rows[:VISITS_TOLD]
        )
        + (f"; the table has {len(rows) - VISITS_TOLD} more" if len(rows) > VISITS_TOLD else "")
        + ". "
        if rows
        else "No practice of any region speaks to a tested gap of another. "
    )
    if len(mine):
        answer += f"For {plain(review.pack.region.name)} that means a visit to **{plain(mine.iloc[0]['host_name'])}**"
        answer += f" and a visit from {plain(host.iloc[0]['visitor_name'])}. " if len(host) else ". "
    if len(wishes) and wishes.iloc[0] > 1:
        answer += f"If hosts took everybody, {int(wishes.iloc[0])} of {len(table)} would go to {plain(str(wishes.index[0]))}. "
    if lone:
        answer += f"No region is strong in {listing([_low(review, 'barrier', n) for n in lone], most=5)}: there the partnership has to look outside."
    title = (
        f"{table.iloc[0]['visitor_name']} would learn most: a visit to {table.iloc[0]['host_name']} speaks to {_pct(table.iloc[0]['share_of_gaps'])} of its gaps"
        if rows
        else "No visit would meet a tested gap"
    )
    pictures = {
        "exchange_matrix": charts.exchange_matrix(
            frame,
            title=title,
            subtitle="Share of the visitor's gap candidates (weight × severity) that the host's practices speak to; framed: the best exchange "
            "with one visit each",
            source=_source(review),
            description=f"{title}. {len(table)} visits in the best exchange.",
        ),
        "strong_where": charts.strong_where(
            pd.DataFrame(
                {
                    "need": [_label(review, "barrier", n) for n in strength["need"]],
                    "region": [found[r].column for r in strength["region"]],
                    "standing": strength["standing"],
                    "mark": [_pct(v) if not math.isnan(v) else "" for v in strength["served_share"]],
                }
            ),
            title=f"No region is strong in {len(lone)} of {len(needs)} needs" if lone else "Every need has a region that is strong in it",
            subtitle=f"Share of each region's own demand for a need that services on record meet; strong: {transfer.STRONG:.0%} or more, weak: "
            f"a gap for {transfer.WEAK:.0%} or more (project convention)",
            source=_source(review),
            description=f"Needs by regions; {len(lone)} of {len(needs)} needs without a strong region.",
        ),
    }  # fmt: skip
    kept = values.assign(
        practice_ids=[";".join(v) for v in values["practice_ids"]],
        needs=[";".join(v) for v in values["needs"]],
    ).sort_values(["taker", "share", "giver"], ascending=[True, False, True], ignore_index=True)
    return Section(
        answer=answer,
        charts=pictures,
        tables={
            "exchange": Table(
                table,
                "Who should visit whom, about what",
                "An exact assignment; first wish: whom the visitor would choose if hosts took everybody.",
            ),
            "exchange_values": Table(kept, "What every region could learn from every other"),
            "strong_where": Table(
                strength.drop(columns=["row", "column"]), "Demand met by need and region (shares of the demand for the need)"
            ),
        },
        how_sure="low to medium; the same rules and personas for every region, so that differences say more than levels.",
        to_check="Whether hosts can show the practice at work, and in which language.",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ meaning


def meaning(review: Review) -> Section:
    """Return what the comparison means for the region, as findings later steps can rest on."""
    alone = _alone(review)
    if alone:
        none = Table(findings_frame([]), "Findings of step 4")
        return Section(alone.answer, tables={"findings": none}, how_sure=alone.how_sure)
    found = places(review)
    matched = _matched(review)
    rows: list[dict[str, Any]] = []

    def add(
        kind: str,
        subject: str,
        statement: str,
        *,
        value: float,
        unit: str,
        how_sure: str,
        status: str,
        on: str,
    ) -> None:
        rows.append(
            {
                "finding_id": f"compare:{kind}:{subject}", "kind": kind, "subject": subject, "statement": statement, "value": value,
                "unit": unit, "how_sure": how_sure, "status": status, "rows": on,
            }
        )  # fmt: skip

    for match in _records(matched.matches.drop_duplicates("practice_id").head(10)):
        grade = match.evidence_grade
        add(
            "practice-match",
            match.practice_id,
            f"{match.title} ({found[match.region].name}) speaks to {count(len(match.gap_ids), 'gap candidate')}: "
            f"{listing([_low(review, 'barrier', n) for n in match.needs], most=3)}; evidence: {_grade_words(grade)}; effort {match.effort}.",
            value=match.gap_weight,
            unit="share of demand in these gaps",
            how_sure="medium" if not math.isnan(grade) and grade >= 2 else "low",
            status="candidate",
            on=";".join([f"good_practices:{match.practice_id}", *[f"gaps:{g}" for g in match.gap_ids]]),
        )
    bare = matched.tested[~matched.tested["gap_id"].isin(matched.answered)]
    for gap in _records(bare.sort_values(["score", "gap_id"], ascending=[False, True]).head(5)):
        add(
            "no-practice",
            gap.gap_id,
            f"No partner region has a practice for {gap.label}: look outside the partnership or start from scratch.",
            value=gap.weight,
            unit="share of demand",
            how_sure="low",
            status="candidate",
            on=f"gaps:{gap.gap_id}",
        )
    differences = transfer.coverage_differences(
        review.gathered("coverage").query("facet == 'journey_stages'"), review.pack.id
    )
    missing = differences[differences["standing"] == "missing here"].groupby("support_type", sort=False)
    lacking = sorted(missing, key=lambda item: (-len(item[1]), str(item[0])))
    for kind, part in lacking[:5]:
        add(
            "missing-here",
            str(kind),
            f"Most other regions have {_low(review, 'support_type', kind)} at {count(len(part), 'stage')} of the journey where "
            f"{review.pack.region.name} has none on record.",
            value=float(len(part)),
            unit="stages",
            how_sure="medium",
            status="finding",
            on="",
        )
    for peer in _records(_nearest(review).head(1)):
        add(
            "structural-peer",
            peer.other,
            f"{found[peer.other].name} is the structural peer to look at first: closest in {peer.closest_in}, furthest in {peer.furthest_in}.",
            value=peer.likeness,
            unit="likeness 0–1",
            how_sure="low",
            status="finding",
            on="",
        )
    visits = transfer.best_exchange(_exchange_values(review))
    for visit in _records(visits[visits["visitor"] == review.pack.id]):
        add(
            "visit",
            visit.host,
            f"In the best exchange {review.pack.region.name} visits {found[visit.host].name} about "
            f"{listing([_low(review, 'barrier', n) for n in visit.needs], most=3)}.",
            value=visit.share,
            unit="share of gap weight met",
            how_sure="low",
            status="candidate",
            on=";".join(f"good_practices:{p}" for p in visit.practice_ids),
        )
    for remark in _records(
        review.pack.peer_reviews if review.pack.has("peer_reviews") else review.pack.peer_reviews.head(0)
    ):
        if remark.kind == "weakness":
            open_words = (
                "no response of the owner is on record"
                if pd.isna(remark.owner_response)
                else f"the owner answered: {remark.owner_response}"
            )
            add(
                "peer-remark",
                remark.review_id,
                f"Peers said: {remark.statement} ({open_words})",
                value=math.nan,
                unit="",
                how_sure="medium",
                status="finding",
                on=f"peer_reviews:{remark.review_id}",
            )
    table = findings_frame(rows)
    kinds = table["kind"].value_counts()
    top = matched.matches.head(3)
    lines = [
        f"**Talk first.** {count(int(kinds.get('practice-match', 0)), 'practice match', 'practice matches')}"
        + (
            ": start with "
            + listing([f"*{plain(m.title)}* ({plain(found[m.region].name)})" for m in _records(top)])
            + "."
            if len(top)
            else " can be proposed with the evidence asked for."
        ),
        f"**Look outside.** {count(len(bare), 'gap candidate')} {'has' if len(bare) == 1 else 'have'} no practice in the partnership."
        if len(bare)
        else "**Stay inside.** Every gap candidate has a practice somewhere in the partnership.",
        f"**Check the record.** {count(len(lacking), 'kind')} of support that most others have "
        f"{'is' if len(lacking) == 1 else 'are'} not on record here at some stage; before it is called a gap, somebody should look for it."
        if lacking
        else "**Nothing is missing here alone.** Every kind of support that most others have is on record here at the same stages.",
    ]
    return Section(
        answer="\n".join(f"- {line}" for line in lines),
        tables={
            "findings": Table(
                table,
                "Findings of step 4, most important first",
                "Candidates are computed and nobody has checked them; matches become recommendations in step 5 only by a person's decision.",
            )
        },
        how_sure="low to medium; each finding carries its own.",
        to_check="Take the first three matches to the stakeholder group and rate problem fit and context fit by at least two people.",
    )  # fmt: skip


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    found = places(review)
    practices = _practices(review)
    grades = pd.to_numeric(practices["evidence_grade"])
    weak = int((grades <= 1).sum())
    surveys = (
        review.gathered("demand").groupby("region")["survey_id"].first()
        if len(found) > 1
        else pd.Series(dtype=object)
    )
    invented = [plain(p.name) for p in found.values() if p.invented]
    lines = [
        _levels_note(review) if len(found) > 1 else "Only one region was chosen.",
        f"{weak} of {count(len(practices), 'practice')} have no result or only what their owners report; none is proof that it would work elsewhere.",
        f"Demand weights come from {count(surveys.nunique(), 'survey')} with different questions and populations; personas and rules are the same "
        "for all regions. Compare shares within a region, not weights between regions."
        if len(surveys)
        else "Demand weights come from one survey.",
        "A difference between packs may be a difference in how thoroughly they were filled; whether there is any service is compared, never how many.",
        "Structural distance uses few variables, most of the technology and sector figures being those of the country.",
        "No authoritative method scores transferability; problem fit, context fit, evidence and effort are shown beside each other on purpose.",
    ]
    if invented:
        lines.append(f"Invented for demonstration: {listing(invented)}.")
    return Section(
        answer="\n".join(f"- {line}" for line in lines),
        how_sure="high; these are facts about the evidence.",
    )


LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "profiles": profiles,
        "peers": peers,
        "coverage_differences": coverage_differences,
        "practice_matches": practice_matches,
        "exchange": exchange,
        "exchange_values": exchange,
        "peer_remarks": remarks,
        "what_we_could_give": give,
        "findings": meaning,
    }
)
"""Tables that later steps may read → the section that makes each."""
