"""Step 1, map: who provides what support and advice, to whom, and at which point of the journey.

Tables left for later steps (lists joined by ``;``):

- ``services_in_force``: one row per service that counts in the year, any audience; see :func:`in_force`.
- ``coverage``: one row per (``facet``, ``support_type``, ``code``): ``services``, ``providers``, ``dated``, ``possible``,
  ``open_to_all``, ``status`` ∈ covered, general, unknown, none, ``service_ids``.
- ``need_areas``: one row per ``need_area``: ``status`` (covered, none, unknown), ``services``, ``from_own_coding``, ``derived``, ``providers``, ``service_ids``.
- ``concentration``: one row per ``need_area``: see :func:`eis_lib.landscape.concentration`.
- ``provider_roles``: one row per provider: see :func:`eis_lib.landscape.provider_roles`.
- ``findings``.

But for ``services_in_force`` and the inventory, everything counts services for firms of the region: those for incoming
investors or other support bodies are kept out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import altair as alt
import pandas as pd

from eis_lib import landscape
from eis_lib.charts import map as charts
from eis_lib.landscape import DATED, FACETS, NO_START, OPEN_END, UNKNOWN
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
from eis_lib.tables import PACK_TABLES
from eis_lib.vocabulary import inside

SCHEMES: Mapping[str, str] = MappingProxyType(
    {
        "support_type": "support_type",
        "journey_stages": "journey_stage",
        "modes": "mode",
        "sme_size": "sme_size",
        "experience": "experience",
        "sectors": "sector",
        "market_scope": "market_scope",
        "channel": "channel",
        "cost_to_sme": "cost_to_sme",
        "provider_level": "level",
        "provider_kind": "provider_kind",
        "need_area": "barrier",
    }
)
"""Facet → scheme of the vocabulary that holds its codes."""

FACET_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "support_type": "Kind of support",
        "journey_stages": "Stage of the journey",
        "modes": "Mode of internationalisation",
        "sme_size": "Size of firm",
        "experience": "Experience abroad",
        "sectors": "Sector",
        "market_scope": "Market",
        "channel": "Channel",
        "cost_to_sme": "Cost to the firm",
        "provider_level": "Level of provider",
        "provider_kind": "Kind of provider",
        "need_area": "Need area",
    }
)
"""Facet → the words a reader sees."""

FACET_CHOICES: Mapping[str, str] = MappingProxyType({FACET_WORDS[facet]: facet for facet in FACETS})
"""What the coverage controls offer: words → facet."""

COVERAGE_FACETS = (
    "journey_stages",
    "modes",
    "sme_size",
    "experience",
    "market_scope",
    "channel",
    "cost_to_sme",
)
"""Facets that the stored table ``coverage`` lays against support type, whatever the reader chose."""

MONEY = ("voucher", "grant", "loan", "guarantee-or-insurance")
"""Kinds of support that are money; everything else is knowledge, contacts or presence."""

PROVIDERS_DRAWN = 18
"""Providers a chart names; the rest share one last row."""

WANTED = MappingProxyType(
    {
        "barriers_addressed": "Names the barriers it lowers",
        "languages": "Languages recorded",
        "processing_days": "Days to be served recorded",
        "price_eur": "Price recorded",
        "capacity_per_year": "Capacity recorded",
        "take_up_per_year": "Take-up recorded",
    }
)
"""Optional columns of a service whose absence limits what later steps can say."""


# ------------------------------------------------------------------------------------------------ what all sections share


@dataclass(frozen=True, eq=False)
class View:
    """The landscape of one year as the sections see it.

    ``listed`` is every service of the pack with its facets, ``current`` those that count in the year, ``smes`` those of
    them that are meant for firms of the region.
    """

    year: int
    listed: pd.DataFrame
    current: pd.DataFrame
    smes: pd.DataFrame

    @property
    def counted(self) -> pd.DataFrame:
        """Return the services for firms that are counted: ``smes`` without the umbrellas of other rows in it."""
        above = landscape.umbrellas(self.smes)
        over = frozenset().union(*above.values())
        return self.smes[~self.smes["service_id"].isin(over)].reset_index(drop=True)

    @property
    def total(self) -> int:
        """Return the number of services for firms that are counted."""
        return len(self.counted)


def view(review: Review, year: int | None = None) -> View:
    """Return the landscape of the review's year, or of another."""
    return _view(review, review.year if year is None else year)


@once_per_review
def _view(review: Review, chosen: int) -> View:
    pack = review.pack
    listed = landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)
    current = landscape.in_force(listed, chosen)
    return View(chosen, listed, current, landscape.reaches_smes(current))


def _codes(review: Review, facet: str) -> tuple[str, ...]:
    return review.vocabulary.codes(SCHEMES[facet])


def _label(review: Review, facet: str, code: str) -> str:
    return "Not recorded" if code == UNKNOWN else review.vocabulary.label(SCHEMES[facet], code)


def _low(review: Review, facet: str, code: str) -> str:
    """Return a label as it stands inside a sentence: its first letter small unless an abbreviation follows."""
    return inside(_label(review, facet, code))


def _short(name: str, most: int = 38) -> str:
    """Return a provider's name cut to what a chart can show: its first part, then as many words as fit."""
    if len(name) > most:
        ends = [name.find(mark) for mark in (" (", " / ", " – ", " - ", ", ")]
        name = name[: min((end for end in ends if end >= 8), default=len(name))]
    if len(name) <= most:
        return name
    words = name[:most].split(" ")[:-1]
    while len(words) > 1 and words[-1].strip(",–-") in {"", "and", "of", "for", "the", "in"}:
        words.pop()
    return " ".join(words).rstrip(" ,–-") + "…"


def _names(review: Review) -> dict[str, str]:
    """Return provider id → its name in English, where it has one."""
    return {
        row.provider_id: str(row.name if pd.isna(row.name_en) else row.name_en)
        for row in _records(review.pack.providers)
    }


def _chart_names(review: Review) -> dict[str, str]:
    """Return provider id → name short enough for a chart, with its id where two would look the same."""
    whole = _names(review)
    short = {key: _short(name) for key, name in whole.items()}
    seen = pd.Series(short).value_counts()
    return {
        key: name if seen[name] == 1 or name == whole[key] else f"{_short(name, 24)} [{key}]"
        for key, name in short.items()
    }


def _records(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a frame as named tuples."""
    return list(frame.itertuples(index=False))


def _share_words(part: int, whole: int, one: str) -> str:
    """Return "all 7 providers", "none of the 7 providers" or "2 of the 7 providers", to begin a sentence."""
    if part == whole > 0:
        return f"All {whole} {one}s" if whole > 1 else f"The one {one}"
    return f"{_none(part).capitalize()} of the {f'{whole} ' if whole > 1 else ''}{one}s"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _none(number: int) -> str:
    return str(number) if number else "none"


@dataclass(frozen=True)
class Extremes:
    """Where a facet has most and fewest services: labels (several where they tie) and the two numbers."""

    high: list[str]
    most: int
    low: list[str]
    fewest: int

    @property
    def is_even(self) -> bool:
        """Return whether every code has the same number."""
        return self.most == self.fewest

    def high_words(self, quotes: str = "“”") -> str:
        """Return the labels with most services, in quotes."""
        return listing([f"{quotes[0]}{label}{quotes[1]}" for label in self.high], most=3)

    def low_words(self, quotes: str = "“”") -> str:
        """Return the labels with fewest services, in quotes."""
        return listing([f"{quotes[0]}{label}{quotes[1]}" for label in self.low], most=3)


def _extremes(review: Review, facet: str, counts: pd.DataFrame) -> Extremes:
    rows = [row for row in _records(counts) if row.code != UNKNOWN]
    most, fewest = max(row.services for row in rows), min(row.services for row in rows)
    return Extremes(
        [_label(review, facet, row.code) for row in rows if row.services == most],
        most,
        [_label(review, facet, row.code) for row in rows if row.services == fewest],
        fewest,
    )


def _join(ids: Sequence[str]) -> str:
    return ";".join(ids)


def _rows(ids: Sequence[str], table: str = "services") -> str:
    return ";".join(f"{table}:{i}" for i in ids)


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _source(review: Review, current: View) -> str:
    return (
        f"region pack {review.pack.id}, {count(len(current.listed), 'service row')} of {count(len(review.pack.providers), 'provider')}, "
        f"each with its own source; codes are our own reading of the sources"
    )


def _dating_words(services: pd.DataFrame) -> str:
    """Return how well the years of some services are known, as the end of a sentence."""
    number = services["dating"].value_counts()
    dated, open_end, no_start = (_none(int(number.get(kind, 0))) for kind in (DATED, OPEN_END, NO_START))
    return f"{dated} with both years on record, {open_end} with a first but no last year, {no_start} without a first year"


def _undated_share(services: pd.DataFrame) -> float:
    return float((services["dating"] != DATED).mean()) if len(services) else float("nan")


def _sure(services: pd.DataFrame, what: str) -> str:
    """Return the usual line on how sure a count is."""
    if services.empty:
        return "nothing is counted, so nothing can be said."
    undated = _undated_share(services)
    grade = "high" if undated < 0.2 else "medium" if undated < 0.6 else "low to medium"
    return f"{grade}; {what} {undated:.0%} of the services counted lack a first or a last year and may have ended unnoticed."


# ------------------------------------------------------------------------------------------------ first screen


def _stage_counts(review: Review, current: View) -> pd.DataFrame:
    return landscape.facet_counts(current.smes, "journey_stages", _codes(review, "journey_stages"))


def _absent_types(review: Review, current: View) -> tuple[list[str], list[str]]:
    """Return the kinds of support with no service for firms of the region: nowhere on record, and for others only."""
    held = landscape.facet_counts(current.smes, "support_type", _codes(review, "support_type"))
    absent = held.loc[held["services"] == 0, "code"].tolist()
    elsewhere = set(current.current["support_type"])
    return [c for c in absent if c not in elsewhere], [c for c in absent if c in elsewhere]


def _level_by_stage(review: Review, current: View) -> pd.DataFrame:
    cells = landscape.coverage(
        current.smes,
        "provider_level",
        "journey_stages",
        codes_a=_codes(review, "provider_level"),
        codes_b=_codes(review, "journey_stages"),
    )
    return cells.assign(
        level=cells["code_a"],
        level_label=[_label(review, "provider_level", c) for c in cells["code_a"]],
        stage=[_label(review, "journey_stages", c) for c in cells["code_b"]],
    )


def _money(now: View) -> list[str]:
    """Return the ids of the services for firms that are money: vouchers, grants, loans, guarantees, insurance."""
    return now.counted.loc[now.counted["support_type"].isin(MONEY), "service_id"].tolist()


def _money_words(now: View) -> str:
    money = len(_money(now))
    return f"{_share_words(money, now.total, 'service')} {'is' if money <= 1 else 'are'} money (voucher, grant, loan, guarantee, insurance)."


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    now, region = view(review), plain(review.pack.region.name)
    if now.smes.empty:
        return Section(
            answer=f"The pack lists no service that counts for firms of {region} in {now.year}.",
            how_sure="low; an empty inventory says nothing about the region.",
        )
    stages = _extremes(review, "journey_stages", _stage_counts(review, now))
    absent, elsewhere = _absent_types(review, now)
    modes = landscape.facet_counts(now.smes, "modes", _codes(review, "modes"))
    mode_words = [
        f"{row.services or 'none'} for {_low(review, 'modes', row.code)}"
        for row in _records(modes)
        if row.code != UNKNOWN
    ]
    roles = _roles(review, now)
    near = roles[roles["level"].isin(["local", "regional"]) & (roles["services"] > 0)]
    doors = near[near["is_entry_point"]]
    priced = near[near["is_entry_at_a_price"]]
    names = _names(review)
    bodies = int((roles["services"] > 0).sum())
    areas = landscape.concentration(now.smes, review.pack.providers, _codes(review, "need_area"))
    crowded = max(
        (row for row in _records(areas) if row.need_area != UNKNOWN),
        key=lambda row: (row.providers, row.services),
    )
    bullets = [
        f"**{count(now.total, 'service')} of {count(bodies, 'provider')}** {_be(now.total)} counted for firms of {region} in "
        f"{now.year}: {_dating_words(now.counted)}.",
        (
            f"Every stage of the journey has the same number of services, {stages.most}."
            if stages.is_even
            else f"Help is thickest at {stages.high_words('**')} ({count(stages.most, 'service')}{' each' if len(stages.high) > 1 else ''}) "
            f"and thinnest at {stages.low_words('**')} ({count(stages.fewest, 'service')}{' each' if len(stages.low) > 1 else ''})."
        ),
        (
            f"{len(absent)} of {len(_codes(review, 'support_type'))} kinds of support have no service on record: "
            f"{listing([_low(review, 'support_type', c) for c in absent], most=18)}."
            if absent
            else "Every kind of support has at least one service on record."
        )
        + (
            f" {_capital(listing([_low(review, 'support_type', c) for c in elsewhere], most=9))} {_be(len(elsewhere))} given to incoming investors "
            f"or other support bodies only."
            if elsewhere
            else ""
        ),
        f"By mode: {listing(mode_words, most=9)}; a service may serve several. {_money_words(now)}",
        f"{count(len(doors), 'body', 'bodies')} of {len(near)} at local or regional level could be a first door (a free service at "
        f"the first two stages that needs no experience abroad)"
        + (f": {listing([plain(names[p]) for p in doors['provider_id']], most=6)}" if len(doors) else "")
        + (
            f"; {len(priced)} more {'asks' if len(priced) == 1 else 'ask'} a fee or an own share for it "
            f"({listing([plain(names[p]) for p in priced['provider_id']], most=3)})."
            if len(priced)
            else "."
        )
        + f" The need most providers answer is *{_low(review, 'need_area', crowded.need_area)}* "
        f"({count(crowded.providers, 'provider')} at {count(crowded.levels, 'level')} of government).",
    ]
    cells = _level_by_stage(review, now)
    title = (
        f"Every stage of the journey in {review.pack.region.name} has {stages.most} services"
        if stages.is_even
        else f"Help in {review.pack.region.name} is thickest at {stages.high_words()} and thinnest at {stages.low_words()}"
    )
    total = _stage_counts(review, now)
    sums = pd.DataFrame(
        {
            "level": "all",
            "level_label": "All levels",
            "stage": [_label(review, "journey_stages", c) for c in total["code"]],
            "services": total["services"],
        }
    )
    chart = charts.level_by_stage(
        pd.concat([cells, sums], ignore_index=True),
        title=title,
        subtitle=f"Number of services by level of provider and stage of the journey, {now.year}; a service counts at each stage it "
        f"serves, a joint one at each level; – none on record",
        source=_source(review, now),
        description=f"Matrix of provider level by journey stage. Most services at {stages.high_words()} ({stages.most}), "
        f"fewest at {stages.low_words()} ({stages.fewest}).",
    )
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"level_by_stage": chart},
        how_sure=_sure(
            now.counted, "the rows carry sources, but stages, modes and kinds are our reading of them;"
        ),
        to_check="Ask each provider for the last year of the services it no longer gives; that one column changes most figures here.",
    )


# ------------------------------------------------------------------------------------------------ data and sources


def sources(review: Review) -> Section:
    """Return what the step read, and the sources the rows rest on."""
    pack = review.pack
    parts = []
    for name in ("services", "providers", "referrals"):
        if name in pack.present:
            parts.append(pack.tables[name][["source_title", "source_url", "evidence"]].assign(table=name))
    rows = pd.concat(parts, ignore_index=True)
    used = (
        rows.groupby(["source_title", "source_url", "evidence"], dropna=False)
        .agg(records=("table", "size"), tables=("table", lambda t: ", ".join(sorted(set(t)))))
        .reset_index()
        .sort_values(["records", "source_title", "source_url"], ascending=[False, True, True])
        .reset_index(drop=True)
    )
    published = int((rows["evidence"] == "published").sum())
    referrals = (
        f"It also holds {count(len(pack.referrals), 'referral')} between services."
        if pack.has("referrals")
        else "It has **no table of referrals**: who sends a firm on to whom is unknown."
    )
    return Section(
        answer=f"The step reads {count(len(pack.services), 'service')} and {count(len(pack.providers), 'provider')} of the pack "
        f"*{plain(pack.id)}*, reviewed as of {pack.region.review_date}. {_share_words(published, len(rows), 'record')} {'rests' if published <= 1 else 'rest'} on a published source. {referrals}",
        tables={
            "sources": Table(
                used[["source_title", "records", "tables", "evidence", "source_url"]],
                "Sources by number of records that rest on them",
                "‘general-knowledge’ and ‘own-judgement’ say that no published page stands behind a row.",
            )
        },
        how_sure="high for what was read; the sources themselves were not checked again for this page.",
    )


# ------------------------------------------------------------------------------------------------ quality of the inventory


def completeness(review: Review) -> Section:
    """Return how complete, recent and well sourced the inventory is: before any finding."""
    pack, now = review.pack, view(review)
    frames = []
    for name, wanted in (("services", WANTED), ("providers", {"url": "Own web address recorded"})):
        mandatory = [c.name for c in PACK_TABLES[name].columns if c.filled]
        measures = landscape.completeness(
            pack.tables[name], mandatory, review_date=pack.region.review_date, wanted=wanted
        )
        frames.append(measures.assign(table=name))
    measures = pd.concat(frames, ignore_index=True)
    measures["note"] = [
        f"{row.filled} of {row.out_of}" if row.recorded else "recorded for none: unknown"
        for row in _records(measures)
    ]
    by = {(row.table, row.measure): row for row in _records(measures)}
    size = landscape.count_services(pack.services)
    end = by["services", "end_year"]
    checked = by["services", "checked_12_months"]
    check_words = (
        f"{_share_words(checked.filled, checked.out_of, 'row').lower()} {'was' if checked.filled <= 1 else 'were'} checked in the last twelve months"
        if checked.recorded
        else "no row says when it was last checked"
    )
    answer = (
        f"The pack holds {count(size['rows'], 'service row')}: {count(size['services'], 'service')} once umbrella schemes whose parts "
        f"are listed too are left out, under {count(size['names'], 'name')}. {_share_words(end.filled, end.out_of, 'row')} "
        f"{'has' if end.filled <= 1 else 'have'} a last year, and {check_words}. {_second_list(review, now)}"
    )
    no_years = pack.services[pack.services["start_year"].isna() & pack.services["end_year"].isna()]
    chart = charts.completeness(
        measures.assign(table=measures["table"].map({"services": "Services", "providers": "Providers"})),
        title=f"Sources are named, years are not: {end.filled} of {count(end.out_of, 'service')} in {review.pack.region.name} have a last year"
        if end.share < 0.5
        else f"{end.filled} of {count(end.out_of, 'service')} in {review.pack.region.name} have a last year on record",
        subtitle="Share of records; mandatory fields are counted as cells. A bar of zero marked ‘unknown’ was never recorded for any row",
        source=_source(review, now),
        description=f"Bars of completeness. Both years are recorded for {by['services', 'dated'].filled} of {count(end.out_of, 'service')}, "
        f"a last year for {end.filled}.",
        order=["Services", "Providers"],
    )
    return Section(
        answer=answer,
        charts={"completeness": chart},
        tables={
            "completeness": Table(
                measures[["table", "measure", "label", "filled", "out_of", "share", "recorded"]],
                "Quality of the inventory (share: 0 to 1)",
                "Measures after CPSV-AP’s mandatory fields and the lesson of the British simplification programme: report completeness first. "
                "A pack with an empty mandatory field is refused, so that share is 1 by construction.",
            ),
            "without_years": Table(
                no_years[["service_id", "provider_id", "name"]].reset_index(drop=True),
                f"Services with no year at all ({len(no_years)} of {len(pack.services)})",
                "They count in every year until somebody dates them.",
            ),
        },
        how_sure="high: these are counts of what is and is not filled in.",
        to_check=f"Date the {'one service' if len(no_years) == 1 else count(len(no_years), 'service')} with no year at all, and note on each row when it was last checked."
        if len(no_years)
        else "Note on each row when it was last checked.",
    )


def _second_list(review: Review, now: View) -> str:
    second, both = review.parameters.second_list, review.parameters.on_both_lists
    if second is None or both is None:
        return (
            "No second, independent list of services was given, so how many are missing can not be estimated."
        )
    first = now.total
    found = landscape.chapman(first, second, both)
    return (
        f"A second list names {count(second, 'service')}, {both} of them also among the {first} counted here: by two-list "
        f"capture–recapture (Chapman) there are about {found.value:.0f} (95 % interval {found.low:.0f} to {found.high:.0f}), "
        f"if both lists were drawn up independently and every service was as likely to be listed as any other."
    )


# ------------------------------------------------------------------------------------------------ on which date


def in_force(review: Review) -> Section:
    """Return the services that count in the year, with how well that is known."""
    now = view(review)
    services = now.current
    table = pd.DataFrame(
        {
            "service_id": services["service_id"],
            "name": services["name"],
            "provider_id": services["provider_id"],
            "support_type": services["support_type"],
            "journey_stages": services["journey_stages"].map(_join),
            "modes": services["modes"].map(_join),
            "start_year": services["start_year"],
            "end_year": services["end_year"],
            "dating": services["dating"],
            "audience": services["audience"].fillna("resident-sme"),
            "need_area": services["need_area"].map(_join),
            "need_area_from": services["need_area_from"],
            "provider_level": services["provider_level"].map(_join),
        }
    )
    others = len(services) - len(now.smes)
    apart = (
        f" {count(others, 'further service')} for incoming investors or other support bodies {_be(others)} kept apart."
        if others
        else ""
    )
    replaced = _replaced_but_open(now.current)
    hint = (
        f" {count(len(replaced), 'row')} {'is' if len(replaced) == 1 else 'are'} still counted although another service is said to have "
        f"replaced {'it' if len(replaced) == 1 else 'them'}: {listing([plain(r) for r in replaced])}."
        if replaced
        else ""
    )
    return Section(
        answer=f"In {now.year}, {count(now.total, 'service')} for firms of the region {_be(now.total)} counted: "
        f"{_dating_words(now.counted)}.{apart}{hint}",
        tables={
            "services_in_force": Table(
                table,
                f"Services that count in {now.year}",
                "A service counts if it had begun (or its first year is unknown) and had not ended (or its last year is unknown).",
            )
        },
        how_sure=_sure(now.counted, "a missing year never takes a service out;"),
        to_check="Are the services without a last year still on offer?",
    )


def _replaced_but_open(current: pd.DataFrame) -> list[str]:
    listed = set(current["service_id"])
    return sorted({str(old) for old in current["succeeds"].dropna() if old in listed})


def years(review: Review, *, other_year: int | None = None) -> Section:
    """Return the landscape of two years side by side, and what opened or closed between them."""
    other = review.parameters.other_year if other_year is None else other_year
    now = view(review)
    first, second = sorted((other, now.year))
    if first == second:
        return Section(
            answer=f"Both years are {first}: choose another year to lay beside it.",
            how_sure="not applicable.",
        )
    services = landscape.reaches_smes(now.listed)
    counts = landscape.compare_years(
        services, "support_type", [first, second], _codes(review, "support_type")
    )
    counts["label"] = [_label(review, "support_type", c) for c in counts["code"]]
    change = landscape.turnover(services, first, second)
    change = change.merge(
        services[["service_id", "name", "provider_id", "start_year", "end_year"]], on="service_id"
    )
    number = change["change"].value_counts()
    stayed, opened, closed, replaced = (
        int(number.get(kind, 0)) for kind in ("stayed", "opened", "closed", "replaced")
    )
    assumed = int(change["rests_on_missing_year"].sum())
    then, later = (
        landscape.count_services(landscape.in_force(services, y))["services"] for y in (first, second)
    )
    who = (
        "the one"
        if assumed == stayed == 1
        else f"all {stayed}"
        if assumed == stayed
        else f"{assumed} of the {stayed}"
    )
    plural = "s" if assumed == stayed == 1 else ""  # of the verb: the one that stay*s*
    numbers = f"{count(then, 'service')} in {first}, {later} in {second}"
    answer = (
        f"{count(then, 'service').capitalize()} counted in {first}, {later} in {second}: {_none(opened)} opened and {_none(closed)} closed in between"
        + (f", and {replaced} gave way to a successor." if replaced else ".")
        + (
            f" {who[:1].upper()}{who[1:]} that count{plural} in both years do{'es' if plural else ''} so only because a year is missing, so real change may be larger."
            if assumed
            else ""
        )
    )
    chart = charts.dated_years(
        counts[["label", "year", "dating", "services"]],
        title=numbers + (f"; {who} that stay{plural} lack{plural} a year" if assumed else ""),
        subtitle=f"Services for firms of the region by kind of support, {first} and {second}; – none on record",
        source=_source(review, now),
        description=f"Two panels of bars by kind of support: {numbers}. {_none(opened).capitalize()} opened, {_none(closed)} closed.",
    )
    shown = counts.assign(service_ids=counts["service_ids"].map(_join))
    order = {"closed": 0, "replaced": 1, "successor": 2, "opened": 3, "stayed": 4}
    change = change.sort_values(
        ["change", "service_id"], key=lambda c: c.map(order) if c.name == "change" else c
    )
    return Section(
        answer=answer,
        charts={"two_years": chart},
        tables={
            "turnover": Table(
                change[
                    [
                        "change",
                        "service_id",
                        "name",
                        "provider_id",
                        "start_year",
                        "end_year",
                        "rests_on_missing_year",
                    ]
                ].reset_index(drop=True),
                f"What became of each service between {first} and {second}",
                "‘opened’ rests on a recorded first year, ‘closed’ on a recorded last one; a successor is no new service.",
            ),
            "two_years": Table(
                shown[["code", "label", "year", "dating", "services", "service_ids"]],
                "Services by kind of support, year and dating",
            ),
        },
        how_sure=f"openings and closings are as sure as their rows; stability is not: {assumed} of {stayed} rest on a missing year.",
        to_check="Which of the services that seem to have stayed have in fact ended?",
    )


# ------------------------------------------------------------------------------------------------ coverage


def _mark(row: Any) -> str:
    return {"covered": str(row.services), "general": f"({row.open_to_all})", "unknown": "?", "none": "–"}[
        row.status
    ]


@once_per_review
def _coverage_long(review: Review, now: View) -> pd.DataFrame:
    parts = []
    for facet in COVERAGE_FACETS:
        cells = landscape.coverage(
            now.smes,
            "support_type",
            facet,
            codes_a=_codes(review, "support_type"),
            codes_b=_codes(review, facet),
        )
        parts.append(cells.assign(facet=facet))
    rows = pd.concat(parts, ignore_index=True).rename(columns={"code_a": "support_type", "code_b": "code"})
    rows["service_ids"] = rows["service_ids"].map(_join)
    return rows[
        [
            "facet",
            "support_type",
            "code",
            "services",
            "providers",
            "dated",
            "possible",
            "open_to_all",
            "status",
            "service_ids",
        ]
    ]


@once_per_review
def coverage_cells(review: Review, by: str, across: str) -> pd.DataFrame:
    """Return how many services of the review's year stand in each cell of two facets; see :func:`eis_lib.landscape.coverage`."""
    return landscape.coverage(
        view(review).smes, by, across, codes_a=_codes(review, by), codes_b=_codes(review, across)
    )


@once_per_review
def _facet_counts(review: Review, facet: str) -> pd.DataFrame:
    return landscape.facet_counts(view(review).smes, facet, _codes(review, facet))


def coverage(review: Review, *, facet: str | None = None, by: str = "support_type") -> Section:
    """Return how many services stand behind each combination of two facets, and which ones.

    Parameters
    ----------
    facet
        The facet across; None: the parameter of the step.
    by
        The facet down.
    """
    now = view(review)
    across = review.parameters.facet if facet is None else facet
    if across == by:
        answer = f"Both facets are *{FACET_WORDS[by].lower()}*: choose two different ones."
        return Section(answer=answer, how_sure="not applicable.")
    cells = coverage_cells(review, by, across)
    blind = {code for code, status in _need_status(review, now).items() if status == UNKNOWN}
    for facet_name, column in ((by, "code_a"), (across, "code_b")):
        if facet_name == "need_area":  # a need our coding can not reach is not a need nobody serves
            cells.loc[cells[column].isin(blind) & (cells["status"] == "none"), "status"] = UNKNOWN
    cells["row"] = [_label(review, by, c) for c in cells["code_a"]]
    cells["column"] = [_label(review, across, c) for c in cells["code_b"]]
    cells["mark"] = [_mark(row) for row in _records(cells)]
    down, over = _facet_counts(review, by), _facet_counts(review, across)
    empty = down.loc[down["services"] == 0, "code"].tolist()
    bare = over.loc[over["services"] == 0, "code"].tolist()
    filled = int((cells["status"] == "covered").sum())
    doubtful = int((cells["status"] == "unknown").sum())
    words = [
        f"The {count(now.total, 'service')} counted in {now.year} fill {filled} of {len(cells)} combinations of "
        f"{FACET_WORDS[by].lower()} and {FACET_WORDS[across].lower()}"
        + (f"; of {doubtful} it can not be told." if doubtful else ".")
    ]
    held = over[(over["code"] != UNKNOWN) & (over["services"] > 0)]
    title = f"No service is counted in {now.year}"
    if len(held):
        ends = _extremes(review, across, held)
        title = (
            f"Every {FACET_WORDS[across].lower()} with a service has {ends.most} of {now.total}"
            if ends.is_even
            else f"{ends.high_words()} {'has' if len(ends.high) == 1 else 'each have'} {ends.most} of {count(now.total, 'service')}, "
            f"{ends.low_words()} {ends.fewest}"
        )
        words.append(f"{title}.")
    gone = [_low(review, by, c) for c in empty if by != "need_area" or c not in blind]
    gone += [_low(review, across, c) for c in bare if across != "need_area" or c not in blind]
    if gone:
        words.append(f"With no service on record: {listing(gone, most=18)}.")
    drawn, left_out = cells, 0
    for facet_name, column, without in ((by, "code_a", empty), (across, "code_b", bare)):
        if facet_name in {
            "sectors",
            "provider_kind",
        }:  # long lists: what nobody serves is named above, not drawn
            drawn = drawn[~drawn[column].isin(without)]
            left_out += len(without)
    note = f"; {count(left_out, 'code')} without any service left out" if left_out else ""
    chart = charts.coverage_map(
        drawn,
        title=title,
        subtitle=f"Number of services, {now.year}; – none on record"
        + ("; ? can not be told" if (drawn["status"] == UNKNOWN).any() else "")
        + ("; (n) only services open to every sector" if (drawn["status"] == "general").any() else "")
        + f". A service may count in several cells{note}",
        source=_source(review, now),
        description=f"Heat map of {FACET_WORDS[by].lower()} by {FACET_WORDS[across].lower()}: {filled} of {len(cells)} cells hold a service. {title}.",
        row_title=FACET_WORDS[by],
        column_title=FACET_WORDS[across],
    )
    wide = cells.set_index(["row", "column"])["mark"].unstack("column")  # noqa: PD010 - cells are unique
    wide = wide.reindex(index=list(dict.fromkeys(cells["row"])), columns=list(dict.fromkeys(cells["column"])))
    matrix = (
        wide.rename_axis(columns=None)
        .reset_index()
        .rename(columns={"row": FACET_WORDS[by].lower().replace(" ", "_")})
    )
    return Section(
        answer=" ".join(words),
        charts={"coverage": chart},
        tables={
            "coverage_matrix": Table(
                matrix, f"Services by {FACET_WORDS[by].lower()} and {FACET_WORDS[across].lower()}, {now.year}"
            ),
            "coverage": Table(
                _coverage_long(review, now),
                "Services by kind of support and every other facet, with the services behind each cell",
                "status: covered, general (only services open to every sector), unknown (a facet is not recorded), none. "
                "An umbrella scheme is not counted beside its own parts.",
            ),
        },
        how_sure=_sure(now.counted, "an empty cell says that nothing is on record, not that nothing exists;"),
        to_check=f"Is there really nothing for {listing(gone, most=4)}?"
        if gone
        else "Is every service coded to the stages it really serves?",
    )


# ------------------------------------------------------------------------------------------------ need areas


def _need_status(review: Review, now: View) -> dict[str, str]:
    return landscape.need_status(now.smes, _codes(review, "need_area"), review.common.support_type_barriers)


def need_areas(review: Review) -> Section:
    """Return which needs of firms the services answer, and at which level of government."""
    now = view(review)
    own = set(now.smes.loc[now.smes["need_area_from"] == "own", "service_id"])
    counts = landscape.facet_counts(now.smes, "need_area", _codes(review, "need_area"))
    lead_level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    lead = dict(zip(now.smes["service_id"], now.smes["provider_id"], strict=True))
    levels = _codes(review, "provider_level")
    status = _need_status(review, now)
    rows, long = [], []
    for row in _records(counts):
        ids = row.service_ids
        named = sum(i in own for i in ids)
        at = {level: sum(lead_level.get(lead[i]) == level for i in ids) for level in levels}
        label = _label(review, "need_area", row.code)
        rows.append(
            {
                "need_area": row.code,
                "label": label,
                "status": status.get(row.code, UNKNOWN),
                "services": row.services,
                "from_own_coding": named,
                "derived": len(ids) - named if row.code != UNKNOWN else 0,
                "providers": row.providers,
                **{f"led_{level}": number for level, number in at.items()},
                "service_ids": _join(ids),
            }
        )
        long += [
            {
                "need": label,
                "level": level,
                "level_label": _label(review, "provider_level", level),
                "services": number,
                "note": {"unknown": "can not be told", "none": "none on record"}.get(
                    status.get(row.code, ""), ""
                ),
            }
            for level, number in at.items()
        ]
    table = (
        pd.DataFrame(rows)
        .sort_values(["services", "need_area"], ascending=[False, True])
        .reset_index(drop=True)
    )
    order = {label: n for n, label in enumerate(table["label"])}
    tidy = (
        pd.DataFrame(long)
        .sort_values("need", key=lambda c: c.map(order), kind="stable")
        .reset_index(drop=True)
    )
    known = table[table["need_area"] != UNKNOWN]
    bare = known.loc[known["status"] == "none", "need_area"].tolist()
    blind = known.loc[known["status"] == UNKNOWN, "need_area"].tolist()
    top = _extremes(review, "need_area", known.rename(columns={"need_area": "code"}))
    derived = int((now.counted["need_area_from"] == "derived").sum())
    named_by_all = int((now.counted["need_area_from"] == "own").sum())
    words = [
        f"Most services answer {top.high_words('**')} ({top.most} of {now.total}{' each' if len(top.high) > 1 else ''})."
    ]
    if bare:
        words.append(
            f"None is on record for {listing([_low(review, 'need_area', c) for c in bare], most=16)}."
        )
    if blind:
        words.append(
            f"For {listing([_low(review, 'need_area', c) for c in blind], most=16)} it can not be told: no kind of support is taken to "
            f"answer {'it' if len(blind) == 1 else 'them'}, so only services that name their needs could show help."
        )
    words.append(
        f"{_share_words(named_by_all, now.total, 'service')} {'names' if named_by_all <= 1 else 'name'} the needs answered; for {_none(derived)} they are derived from the kind of support "
        f"by our own table ({count(len(review.common.support_type_barriers), 'pair')}), so this shows what such services usually help with."
    )
    chart = charts.need_areas(
        tidy,
        title=f"{top.most} of {count(now.total, 'service')} answer {top.high_words()}{' each' if len(top.high) > 1 else ''}"
        + (
            f"; {count(len(bare), 'need')} {'has' if len(bare) == 1 else 'have'} none on record"
            if bare
            else ""
        )
        + (f", {len(blind)} can not be told" if blind else ""),
        subtitle=f"Services by need area and level of the leading provider, {now.year}; a service may answer several needs; "
        f"{'all' if derived == now.total else derived} derived from the kind of support",
        source=_source(review, now),
        description=f"Stacked bars of services by need area. Most: {top.high_words()} with {top.most}."
        + (
            f" None on record: {listing([_label(review, 'need_area', c) for c in bare], most=16)}."
            if bare
            else ""
        )
        + (
            f" Can not be told: {listing([_label(review, 'need_area', c) for c in blind], most=16)}."
            if blind
            else ""
        ),
    )
    return Section(
        answer=" ".join(words),
        charts={"need_areas": chart},
        tables={
            "need_areas": Table(
                table,
                "Services behind each need of firms",
                "Need areas are the project’s sixteen barriers; ‘derived’ services get theirs from _common/support_type_barriers.csv (our coding).",
            )
        },
        how_sure="low to medium; the need of a service is derived from its kind of support unless its row names it.",
        to_check="Let each provider name the barriers its services lower (column barriers_addressed).",
    )


def concentration(review: Review) -> Section:
    """Return over how many providers and levels of government the services of each need area are spread."""
    now, names = view(review), _names(review)
    areas = landscape.concentration(now.smes, review.pack.providers, _codes(review, "need_area"))
    areas.insert(1, "label", [_label(review, "need_area", c) for c in areas["need_area"]])
    status = _need_status(review, now)
    areas.insert(2, "status", [status.get(c, UNKNOWN) for c in areas["need_area"]])
    areas["level_codes"] = areas["level_codes"].map(_join)
    areas["service_ids"] = areas["service_ids"].map(_join)
    areas = areas.sort_values(
        ["effective_providers", "need_area"], ascending=[False, True], na_position="last"
    ).reset_index(drop=True)
    held = areas[(areas["services"] > 0) & (areas["need_area"] != UNKNOWN)]
    if held.empty:
        return Section(
            answer="No service can be placed in a need area.",
            tables={"concentration": Table(areas, "Concentration by need area")},
            how_sure="low; nothing to count.",
        )
    single = held[held["providers"] == 1]
    spread, narrow = _records(held)[0], _records(held)[-1]
    capacity = int((held["capacity_known"] == held["services"]).sum())
    narrow_who = plain(names[narrow.largest_provider])
    words = [
        f"Help with *{_low(review, 'need_area', spread.need_area)}* is spread widest: {count(spread.services, 'service')} of "
        f"{count(spread.providers, 'provider')} at {count(spread.levels, 'level')} of government, as if {spread.effective_providers:.1f} "
        f"equal providers shared it."
    ]
    if len(single):
        words.append(
            f"{count(len(single), 'need')} {'rests' if len(single) == 1 else 'rest'} on one provider alone: "
            f"{listing([_low(review, 'need_area', c) for c in single['need_area']], most=8)}."
        )
    else:
        words.append(
            f"No need rests on one provider alone; narrowest is *{_low(review, 'need_area', narrow.need_area)}* "
            f"({narrow.effective_providers:.1f} effective providers, {narrow_who} with {narrow.largest_share:.0%})."
        )
    words.append(
        "The share is each provider’s number of services"
        + (
            f"; {count(capacity, 'need')} also {'has' if capacity == 1 else 'have'} one by capacity."
            if capacity
            else "; capacity is not recorded widely enough to use."
        )
    )
    drawn = held.assign(
        need=held["label"],
        note=[f"{count(row.services, 'service')} · {count(row.levels, 'level')}" for row in _records(held)],
    )
    chart = charts.concentration(
        drawn,
        title=f"“{spread.label}” is shared by {count(spread.providers, 'provider')} at {count(spread.levels, 'level')}, "
        f"“{narrow.label}” by {narrow.providers}",
        subtitle=f"Providers per need area and effective number 1/HHI, {now.year}; share = number of services, joint services split evenly",
        source=_source(review, now),
        description=f"Dots per need area. {spread.label}: {count(spread.providers, 'provider')}, effective number {spread.effective_providers:.1f}. "
        f"{narrow.label}: {narrow.providers} and {narrow.effective_providers:.1f}.",
    )
    return Section(
        answer=" ".join(words),
        charts={"concentration": chart},
        tables={
            "concentration": Table(
                areas,
                "Providers, levels of government and Herfindahl–Hirschman index by need area (HHI: 1/n to 1; shares 0 to 1)",
                "Many providers are not a fault in themselves; whether they get in each other’s way is the question of step 3. "
                "hhi_capacity is missing unless every service of the need states its capacity.",
            )
        },
        how_sure="medium for the count of providers, low for market weight: a service counts as one whatever its size.",
        to_check="Ask the largest providers how many firms each service takes a year.",
    )


# ------------------------------------------------------------------------------------------------ providers and network


@once_per_review
def _roles(review: Review, now: View) -> pd.DataFrame:
    return landscape.provider_roles(
        now.smes,
        review.pack.providers,
        hub_stages=review.parameters.hub_stages,
        hub_support_types=review.parameters.hub_support_types,
    )


def _drawn_providers(roles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the providers a chart names and those it folds into one row, both with at least one service."""
    active = roles[roles["services"] > 0]
    if len(active) <= PROVIDERS_DRAWN + 1:
        return active, active.iloc[:0]
    return active.iloc[:PROVIDERS_DRAWN], active.iloc[PROVIDERS_DRAWN:]


def providers(review: Review) -> Section:
    """Return what each provider does: how many services, stages and kinds of support, and in which role."""
    now, names, short = view(review), _names(review), _chart_names(review)
    roles = _roles(review, now)
    active, idle = roles[roles["services"] > 0], roles[roles["services"] == 0]
    if active.empty:
        return Section(answer="No provider has a service that counts.", how_sure="low; nothing to count.")
    entry, hubs = active[active["is_entry_point"]], active[active["is_hub"]]
    one = int((active["services"] == 1).sum())
    levels = [
        f"{number} {_low(review, 'provider_level', level) if level != 'eu' else 'European'}"
        for level in _codes(review, "provider_level")
        if (number := int((active["level"] == level).sum()))
    ]
    words = [
        f"{count(len(active), 'provider')} ({listing(levels)}) {'gives' if len(active) == 1 else 'give'} the {count(now.total, 'service')}; "
        f"{_none(one)} of them {'has' if one == 1 else 'have'} one service only.",
        f"{count(len(entry), 'provider')} could be a first door and {count(len(hubs), 'provider')} {'is a hub' if len(hubs) == 1 else 'are hubs'}"
        + (f" ({listing([plain(names[p]) for p in hubs['provider_id']])})." if len(hubs) else "."),
    ]
    if len(idle):
        words.append(
            f"{count(len(idle), 'listed provider')} {'has' if len(idle) == 1 else 'have'} no service for firms that counts in {now.year}: "
            f"{listing([plain(names[p]) for p in idle['provider_id']], most=6)}."
        )
    shown, folded = _drawn_providers(roles)
    bars = [
        {
            "provider": short[row.provider_id],
            "level": row.level,
            "services": row.services,
            "note": f"{_label(review, 'provider_level', row.level)} · {row.role}",
        }
        for row in _records(shown)
    ]
    if len(folded):
        few, many = int(folded["services"].min()), int(folded["services"].max())
        bars.append(
            {
                "provider": f"{len(folded)} further providers",
                "level": "several",
                "services": len({i for ids in folded["service_ids"] for i in ids}),
                "note": f"{few} each" if few == many else f"{few} to {many} each",
            }
        )
    most = active[active["services"] == active["services"].max()]
    leaders = listing([names[p] for p in most["provider_id"]], most=2)
    chart = charts.providers(
        pd.DataFrame(bars),
        title=f"{leaders} {'gives' if len(most) == 1 else 'give'} most services ({most['services'].max()} of {now.total}"
        f"{' each' if len(most) > 1 else ''}); {_share_words(one, len(active), 'provider').lower()} {'gives' if one <= 1 else 'give'} just one",
        subtitle=f"Services for firms of the region by provider, with level and role, {now.year}; a joint service counts for each "
        f"who gives it",
        source=_source(review, now),
        description=f"Bars of services by provider. Most: {leaders} with {most['services'].max()}; {one} of {count(len(active), 'provider')} {'has' if one == 1 else 'have'} one.",
    )
    flat = roles.assign(
        **{c: roles[c].map(_join) for c in ("stage_codes", "support_type_codes", "service_ids")}
    )
    return Section(
        answer=" ".join(words),
        charts={"providers": chart},
        tables={
            "provider_roles": Table(
                flat,
                "Providers by services, stages and kinds of support, with their role",
                f"Entry point: a free service at the first two stages open to firms without experience. Hub: at least "
                f"{review.parameters.hub_stages} stages and {review.parameters.hub_support_types} kinds of support. Specialist: "
                f"several services of one kind. Single offer: one service. Project conventions.",
            )
        },
        how_sure="medium; roles are read off the coding of services, nobody was asked.",
        to_check="Which of the possible first doors do firms really come to?",
    )


def _current_referrals(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    """Return the referrals whose two services are both among those given."""
    listed = set(services["service_id"])
    rows = review.pack.referrals
    return rows[rows["from_service"].isin(listed) & rows["to_service"].isin(listed)].reset_index(drop=True)


def network(review: Review) -> Section:
    """Return how providers and services hang together: entry points, hubs and isolated services."""
    now, names = view(review), _names(review)
    on_record, referrals = len(review.pack.referrals), _current_referrals(review, now.smes)
    net = landscape.network(now.smes, review.pack.providers, referrals if len(referrals) else None)
    roles = _roles(review, now)
    if not (roles["services"] > 0).any():
        return Section(answer="No provider has a service that counts.", how_sure="low; nothing to count.")
    links = net.providers[net.providers["services"] > 0]
    tied = int((~links["is_isolated"]).sum())
    words = [
        f"{_share_words(tied, len(links), 'provider')} {'is' if tied <= 1 else 'are'} tied to another on record, by a joint "
        f"service, a common scheme, a requirement or a referral."
    ]
    drawn = {}
    if net.has_referrals:
        number = net.services["position"].value_counts()
        isolated, entries = int(number.get("isolated", 0)), int(number.get("entry", 0))
        hubs = net.services.loc[net.services["position"] == "hub", "service_id"]
        service_names = dict(zip(now.smes["service_id"], now.smes["name"], strict=True))
        words.append(
            f"{count(len(referrals), 'referral').capitalize()} between services that count {_be(len(referrals))} on record and {'leaves' if len(referrals) == 1 else 'leave'} {_none(isolated)} of "
            f"{len(net.services)} services without a recorded way in or out. {count(entries, 'service').capitalize()} "
            f"{'sends' if entries == 1 else 'send'} firms on without receiving any"
            + (
                f"; most recorded ways run through {listing([plain(service_names[i]) for i in hubs], most=3)}."
                if len(hubs)
                else "."
            )
        )
        drawn["handoffs"] = _handoff_chart(review, now, referrals)
    elif on_record:
        words.append(
            f"{'The one referral on record joins services' if on_record == 1 else f'All {on_record} referrals on record join services'} of which at least one no longer "
            f"counts in {now.year}, so **who sends a firm on to whom today is unknown**, not absent."
        )
    else:
        words.append(
            "The region records **no referrals**, so nothing can be said of who sends a firm on to whom: that is unknown, not absent."
        )
    title, cells = _provider_stage_cells(review, now, roles)
    chart = charts.provider_stages(
        cells,
        title=title,
        subtitle=f"Services of each provider by stage of the journey, {now.year}; providers in order of level; "
        f"* possible first door",
        source=_source(review, now),
        description=f"Matrix of providers by journey stage. {title}.",
    )
    ties = net.providers.assign(
        name=[names[p] for p in net.providers["provider_id"]],
        linked_by=net.providers["linked_by"].map("; ".join),
    )
    return Section(
        answer=" ".join(words),
        charts={"provider_stages": chart, **drawn},
        tables={
            "network_providers": Table(
                ties[
                    [
                        "provider_id",
                        "name",
                        "services",
                        "linked_providers",
                        "linked_by",
                        "group",
                        "is_isolated",
                    ]
                ],
                "Ties between providers",
                "group: providers that hang together, directly or through others, share a number.",
            ),
            "network_services": Table(
                net.services,
                "Services in the network of referrals",
                "entry: no referral in; end: none out; hub: on more shortest referral paths than any other; isolated: neither in nor out."
                if net.has_referrals
                else "Positions are missing: no referral between services that count is on record.",
            ),
        },
        how_sure="medium for who gives what; "
        + (
            "low for referrals: only recorded ones are seen, and a missing referral is not proof that nobody refers."
            if net.has_referrals
            else "nothing is known of referrals today."
        ),
        to_check="Ask each provider where it sends a firm next, and whether it calls ahead; a table of referrals makes this a finding.",
    )


def _provider_stage_cells(review: Review, now: View, roles: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return the finding of the network's picture, and its cells: provider × stage, grouped by level."""
    short, stages = _chart_names(review), _codes(review, "journey_stages")
    order = {level: n for n, level in enumerate(_codes(review, "provider_level"))}
    shown, folded = _drawn_providers(roles)
    shown = shown.sort_values("level", key=lambda c: c.map(order), kind="stable")
    rows = [
        (f"{'* ' if row.is_entry_point else ''}{short[row.provider_id]}", row.level, row.service_ids)
        for row in _records(shown)
    ]
    if len(folded):
        everything = tuple({i: None for ids in folded["service_ids"] for i in ids})
        rows.append((f"{len(folded)} further providers", "several", everything))
    stage_of = dict(zip(now.smes["service_id"], now.smes["journey_stages"], strict=True))
    cells = [
        {
            "provider": name,
            "level": level,
            "level_label": "Several levels"
            if level == "several"
            else _label(review, "provider_level", level),
            "stage": _label(review, "journey_stages", stage),
            "services": sum(stage in stage_of[i] for i in ids),
        }
        for name, level, ids in rows
        for stage in stages
    ]
    whole = int((roles["stages"] == len(stages)).sum())
    title = (
        f"{count(whole, 'provider')} {'covers' if whole == 1 else 'cover'} the whole journey"
        if whole
        else f"No provider covers the whole journey; the widest reach {count(int(roles['stages'].max()), 'stage')} of {len(stages)}"
    )
    return title, pd.DataFrame(cells)


def _handoff_chart(review: Review, now: View, referrals: pd.DataFrame) -> alt.TopLevelMixin:
    short = _chart_names(review)
    lead = dict(zip(now.smes["service_id"], now.smes["provider_id"], strict=True))
    cells = (
        referrals.assign(
            from_provider=[short[lead[i]] for i in referrals["from_service"]],
            to_provider=[short[lead[i]] for i in referrals["to_service"]],
            is_warm=(referrals["kind"] == "warm-handover"),
        )
        .groupby(["from_provider", "to_provider"], sort=True)
        .agg(referrals=("kind", "size"), warm=("is_warm", "sum"))
        .reset_index()
    )
    cells["mark"] = [f"{row.referrals}{'*' if row.warm else ''}" for row in _records(cells)]
    warm = int(cells["warm"].sum())
    return charts.handoffs(
        cells,
        title=f"The one referral on record is {'a' if warm else 'no'} warm hand-over"
        if len(referrals) == 1
        else f"{_share_words(warm, len(referrals), 'referral')} on record {'is a warm hand-over' if warm <= 1 else 'are warm hand-overs'}",
        subtitle=f"Referrals from provider to provider, {now.year}; * at least one is warm (the provider calls ahead); blank: none on record",
        source=_source(review, now),
        description=f"Matrix of referrals between providers: {len(referrals)} on record, {_none(warm)} warm.",
    )


# ------------------------------------------------------------------------------------------------ findings


def _findings(review: Review) -> pd.DataFrame:
    """Return what step 1 found, most important first."""
    now, names = view(review), _names(review)
    smes, counted = now.smes, now.counted
    found: list[dict[str, Any]] = []

    def add(
        kind: str,
        subject: str,
        statement: str,
        value: float,
        *,
        unit: str,
        how_sure: str,
        status: str,
        rows: str,
    ) -> None:
        found.append(
            {
                "finding_id": f"map:{kind}:{subject}",
                "kind": kind,
                "subject": subject,
                "statement": statement,
                "value": value,
                "unit": unit,
                "how_sure": how_sure,
                "status": status,
                "rows": rows,
            }
        )

    if smes.empty:
        return findings_frame(found)
    held = {
        row.code: row.services
        for row in _records(landscape.facet_counts(smes, "support_type", _codes(review, "support_type")))
    }
    elsewhere = set(now.current["support_type"])
    absent = [code for code in held if not held[code] and code != UNKNOWN and code not in elsewhere]
    ever = landscape.reaches_smes(now.listed)
    ended = ever[(ever["end_year"] < now.year).fillna(value=False).astype(bool)]
    ended = ended.sort_values(["end_year", "service_id"], ascending=[False, True])
    stage_counts = _stage_counts(review, now)
    stages = _extremes(review, "journey_stages", stage_counts)
    if not stages.is_even:
        thin = stage_counts[(stage_counts["services"] == stages.fewest) & (stage_counts["code"] != UNKNOWN)]
        add(
            "thin-stage",
            "+".join(thin["code"]),
            f"The journey is thinnest at {stages.low_words()}: {count(stages.fewest, 'service')}"
            f"{' each' if len(thin) > 1 else ''} of {now.total}, against {stages.most} at {stages.high_words()}.",
            float(stages.fewest),
            unit="services",
            how_sure="medium",
            status="finding",
            rows=_rows(sorted({i for ids in thin["service_ids"] for i in ids})),
        )
    levels = _level_by_stage(review, now)
    close = {
        i
        for codes, i in zip(counted["provider_level"], counted["service_id"], strict=True)
        if {"local", "regional"} & set(codes)
    }
    served = levels[levels["level"].isin(["local", "regional"]) & (levels["services"] > 0)]["code_b"]
    unserved = [
        f"“{_label(review, 'journey_stages', c)}”"
        for c in _codes(review, "journey_stages")
        if c not in set(served)
    ]
    add(
        "near-share",
        "local-and-regional",
        f"Local and regional bodies give {_none(len(close))} of {count(len(counted), 'service')}"
        + (f", and none at {listing(unserved)}." if unserved else ", at every stage of the journey."),
        len(close) / len(counted),
        unit="share",
        how_sure="medium",
        status="finding",
        rows=_rows(sorted(close)),
    )
    roles = _roles(review, now)
    near = roles[roles["level"].isin(["local", "regional"]) & (roles["services"] > 0)]
    doors, priced = near[near["is_entry_point"]], near[near["is_entry_at_a_price"]]
    add(
        "first-doors",
        "local-and-regional",
        f"{_none(len(doors)).capitalize()} of {count(len(near), 'local or regional provider')} could be a firm’s first door (a free service at the first "
        f"two stages that needs no experience abroad)"
        + (
            f"; {len(priced)} more {'asks' if len(priced) == 1 else 'ask'} a fee or an own share for it."
            if len(priced)
            else "."
        ),
        float(len(doors)),
        unit="providers",
        how_sure="medium",
        status="finding",
        rows=_rows([*doors["provider_id"], *priced["provider_id"]], "providers"),
    )
    areas = landscape.concentration(smes, review.pack.providers, _codes(review, "need_area"))
    areas = areas[(areas["need_area"] != UNKNOWN) & (areas["services"] > 0)]
    if len(areas):
        wide = max(_records(areas), key=lambda row: (row.effective_providers, row.services))
        add(
            "spread",
            wide.need_area,
            f"{_label(review, 'need_area', wide.need_area)}: {count(wide.services, 'service')} of {count(wide.providers, 'provider')} at "
            f"{count(wide.levels, 'level')} of government ({wide.effective_providers:.1f} effective providers by number of services).",
            wide.effective_providers,
            unit="effective providers",
            how_sure="medium" if wide.from_own_coding > wide.services / 2 else "low",
            status="finding",
            rows=_rows(wide.service_ids),
        )
    money = _money(now)
    add(
        "money",
        "services",
        f"{_money_words(now)} The other {len(counted) - len(money)} give knowledge, contacts or a presence abroad.",
        len(money) / len(counted),
        unit="share",
        how_sure="high",
        status="finding",
        rows=_rows(money),
    )
    novice = counted[[("non-exporter" in codes) for codes in counted["experience"]]]
    free = novice[novice["cost_to_sme"] == "free"]
    add(
        "beginners",
        "non-exporter",
        f"{_none(len(novice)).capitalize()} of {count(len(counted), 'service')} {'is' if len(novice) <= 1 else 'are'} open to a firm without experience abroad, {_none(len(free))} of them free of charge.",
        len(novice) / len(counted),
        unit="share",
        how_sure="medium",
        status="finding",
        rows=_rows(novice["service_id"].tolist()),
    )
    for row in _records(landscape.facet_counts(smes, "modes", _codes(review, "modes"))):
        if row.code != UNKNOWN and row.services <= max(1, 0.1 * now.total):
            add(
                "thin-mode",
                row.code,
                f"{_label(review, 'modes', row.code)}: {_none(row.services)} of {count(now.total, 'service')} on record {'serves' if row.services <= 1 else 'serve'} it.",
                float(row.services),
                unit="services",
                how_sure="medium" if row.services else "low",
                status="finding" if row.services else "candidate",
                rows=_rows(row.service_ids),
            )
    checked = counted["checked_on"].notna()
    unproven = counted[counted["end_year"].isna() & ~checked]
    startless = int(unproven["start_year"].isna().sum())
    add(
        "dating",
        "services",
        f"{_share_words(len(unproven), len(counted), 'service')} counted in {now.year} {'has' if len(unproven) <= 1 else 'have'} neither a last year nor a "
        f"date of a check, and {_none(startless)} of them {'lacks' if startless <= 1 else 'lack'} even a first year: whether they are on offer today is not on record.",
        len(unproven) / len(counted),
        unit="share",
        how_sure="high",
        status="finding" if len(unproven) else "unknown",
        rows=_rows(unproven["service_id"].tolist()),
    )
    for row in _records(areas[areas["providers"] == 1]):
        add(
            "single-provider",
            row.need_area,
            f"{_label(review, 'need_area', row.need_area)}: all help on record ({count(row.services, 'service')}) comes from {names[row.largest_provider]}.",
            1.0,
            unit="providers",
            how_sure="low",
            status="candidate",
            rows=_rows(row.service_ids),
        )
    for code in absent:
        past = _records(ended[ended["support_type"] == code])
        if past:
            add(
                "ended-support",
                code,
                f"{_label(review, 'support_type', code)}: none on record for {now.year}; the last one recorded was of {past[0].end_year} ({past[0].name}). "
                f"It may have been followed by one that is not listed.",
                float(past[0].end_year),
                unit="last year",
                how_sure="medium",
                status="candidate",
                rows=_rows([row.service_id for row in past]),
            )
    for code in absent:
        if not (ended["support_type"] == code).any():
            add(
                "absent-support",
                code,
                f"{_label(review, 'support_type', code)}: no service of this kind is on record at any date; it may exist unlisted.",
                0.0,
                unit="services",
                how_sure="low",
                status="candidate",
                rows="",
            )
    for row in _records(roles[roles["services"] == 0]):
        add(
            "idle-provider",
            row.provider_id,
            f"{names[row.provider_id]} is listed without a service that counts for firms in {now.year}.",
            0.0,
            unit="services",
            how_sure="low",
            status="candidate",
            rows=f"providers:{row.provider_id}",
        )
    if _current_referrals(review, smes).empty:
        add(
            "referrals",
            "services",
            f"No referral between services that count in {now.year} is on record: who sends a firm on to whom is unknown.",
            float("nan"),
            unit="",
            how_sure="high",
            status="unknown",
            rows="",
        )
    return findings_frame(found)


def meaning(review: Review) -> Section:
    """Return what the map means for the region, and the findings later steps take up."""
    findings = _findings(review)
    if findings.empty:
        return Section(
            answer="Nothing can be said before the pack lists services that count.",
            tables={"findings": Table(findings, "Findings of step 1")},
            how_sure="not applicable.",
        )
    firm = findings[findings["status"] == "finding"].head(5)
    number = findings["status"].value_counts()
    open_points = int(number.get("candidate", 0)) + int(number.get("unknown", 0))
    lines = "\n".join(f"- {plain(row.statement)} *(sure: {row.how_sure})*" for row in _records(firm))
    return Section(
        answer=f"For {plain(review.pack.region.name)} the map shows {count(int(number.get('finding', 0)), 'finding')}; "
        f"{count(open_points, 'further point')} {_be(open_points)} open until somebody checks (an empty record is no proof). The strongest:\n\n{lines}",
        tables={
            "findings": Table(
                findings,
                "Findings of step 1, most important first",
                "status: finding (rests on rows), candidate (rests on something not being on record), unknown. rows: the records behind it.",
            )
        },
        how_sure="as each line says; a count of services says nothing of their size or quality.",
        to_check="Confirm or strike out each candidate; write the decision into decisions.csv.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence, with the numbers that set them."""
    now, pack = view(review), review.pack
    derived = int((now.counted["need_area_from"] == "derived").sum())
    weak = int((pack.services["evidence"] != "published").sum())
    known = int(pack.services["capacity_per_year"].notna().sum())
    undated = int((now.counted["dating"] != DATED).sum())
    others = len(now.current) - len(now.smes)
    points = [
        f"**Time.** {undated} of {count(now.total, 'service')} counted in {now.year} rest on a missing year. They count because nothing says that they ended.",
        f"**Coding.** Stage, mode, size, experience, market, channel and cost are our reading of sources that rarely state them; "
        f"the needs answered are derived from the kind of support for {derived} of {count(now.total, 'service')}.",
        f"**Sources.** {count(weak, 'service row')} of {len(pack.services)} {'rests' if weak == 1 else 'rest'} on no published page.",
        f"**Size.** Services are counted, not weighed: capacity is recorded for {known} of {len(pack.services)}.",
        f"**Absence.** The list was made from what could be found; an empty cell means nothing was found. {_second_list(review, now)}",
    ]
    if _current_referrals(review, now.smes).empty:
        points.append(
            "**Hand-offs.** No referral between services that count is on record; the network shows who gives what, not who works with whom."
        )
    if others:
        points.append(
            f"**Audience.** {count(others, 'service')} for incoming investors or other support bodies {_be(others)} left out of all counts of help to firms."
        )
    if pack.region.invented:
        points.insert(0, "**This region is invented.** Nothing on this page describes a real place.")
    return Section(
        answer="\n".join(f"- {point}" for point in points),
        how_sure="high: these are counts of what is missing.",
    )


LEAVES: dict[str, Callable[..., Section]] = {
    "services_in_force": in_force,
    "coverage": coverage,
    "need_areas": need_areas,
    "concentration": concentration,
    "provider_roles": providers,
    "findings": meaning,
}
"""Tables that later steps read → the section that makes each."""
