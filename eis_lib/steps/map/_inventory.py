"""Whether the inventory is complete, recent and well sourced, and which services count in a year."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._view import _codes, _dating_words, _label, _source, _sure
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _be, _capital, _join, _none, _records, _share_words

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


def completeness(review: Review) -> Section:
    """Return how complete, recent and well sourced the inventory is: before any finding."""
    pack = review.pack
    measures = _measures(review)
    no_years = pack.services[pack.services["start_year"].isna() & pack.services["end_year"].isna()]
    return Section(
        answer=_completeness_words(review, measures),
        charts={"completeness": _completeness_chart(review, measures)},
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


def _measures(review: Review) -> pd.DataFrame:
    """Return how far each field of services and providers is filled in."""
    frames = []
    for name, wanted in (("services", WANTED), ("providers", {"url": "Own web address recorded"})):
        mandatory = [c.name for c in PACK_TABLES[name].columns if c.filled]
        measures = landscape.completeness(
            review.pack.tables[name], mandatory, review_date=review.pack.region.review_date, wanted=wanted
        )
        frames.append(measures.assign(table=name))
    return pd.concat(frames, ignore_index=True)


def _of_services(measures: pd.DataFrame, measure: str) -> Any:
    return _records(measures[(measures["table"] == "services") & (measures["measure"] == measure)])[0]


def _completeness_words(review: Review, measures: pd.DataFrame) -> str:
    size = landscape.count_services(review.pack.services)
    end, checked = (_of_services(measures, name) for name in ("end_year", "checked_12_months"))
    check_words = (
        f"{_share_words(checked.filled, checked.out_of, 'row').lower()} {'was' if checked.filled <= 1 else 'were'} checked in the last twelve months"
        if checked.recorded
        else "no row says when it was last checked"
    )
    return (
        f"The pack holds {count(size['rows'], 'service row')}: {count(size['services'], 'service')} once umbrella schemes whose parts "
        f"are listed too are left out, under {count(size['names'], 'name')}. {_share_words(end.filled, end.out_of, 'row')} "
        f"{'has' if end.filled <= 1 else 'have'} a last year, and {check_words}. {_second_list(review, view(review))}"
    )


def _completeness_chart(review: Review, measures: pd.DataFrame) -> alt.TopLevelMixin:
    end, name = _of_services(measures, "end_year"), review.pack.region.name
    return charts.completeness(
        measures.assign(
            table=measures["table"].map({"services": "Services", "providers": "Providers"}),
            note=[
                f"{row.filled} of {row.out_of}" if row.recorded else "recorded for none: unknown"
                for row in _records(measures)
            ],
        ),
        title=f"Sources are named, years are not: {end.filled} of {count(end.out_of, 'service')} in {name} have a last year"
        if end.share < 0.5
        else f"{end.filled} of {count(end.out_of, 'service')} in {name} have a last year on record",
        subtitle="Share of records; mandatory fields are counted as cells. A bar of zero marked ‘unknown’ was never recorded for any row",
        source=_source(review, view(review)),
        description=f"Bars of completeness. Both years are recorded for {_of_services(measures, 'dated').filled} of {count(end.out_of, 'service')}, "
        f"a last year for {end.filled}.",
        order=["Services", "Providers"],
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
    others = len(services) - len(now.services)
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


@dataclass(frozen=True, eq=False)
class _TwoYears:
    """What changed between two years: how many services opened, closed and stayed, and how many stay for want of a year."""

    first: int
    second: int
    change: pd.DataFrame
    opened: int
    closed: int
    replaced: int
    stayed: int
    assumed: int
    then: int
    later: int

    @property
    def who(self) -> str:
        """Return which of those that stayed lack a year."""
        if self.assumed == self.stayed:
            return "the one" if self.stayed == 1 else f"all {self.stayed}"
        return f"{self.assumed} of the {self.stayed}"

    @property
    def plural(self) -> str:
        """Return the ending of their verb: the one that stay*s*."""
        return "s" if self.assumed == self.stayed == 1 else ""


def _two_years(services: pd.DataFrame, first: int, second: int) -> _TwoYears:
    change = landscape.turnover(services, first, second).merge(
        services[["service_id", "name", "provider_id", "start_year", "end_year"]], on="service_id"
    )
    number = change["change"].value_counts()
    then, later = (
        landscape.count_services(landscape.in_force(services, y))["services"] for y in (first, second)
    )
    opened, closed, replaced, stayed = (
        int(number.get(kind, 0)) for kind in ("opened", "closed", "replaced", "stayed")
    )
    return _TwoYears(
        first,
        second,
        change,
        opened,
        closed,
        replaced,
        stayed,
        assumed=int(change["rests_on_missing_year"].sum()),
        then=then,
        later=later,
    )


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
    two = _two_years(services, first, second)
    order = {"closed": 0, "replaced": 1, "successor": 2, "opened": 3, "stayed": 4}
    change = two.change.sort_values(
        ["change", "service_id"], key=lambda c: c.map(order) if c.name == "change" else c
    ).reset_index(drop=True)
    columns = ["service_id", "name", "provider_id", "start_year", "end_year", "rests_on_missing_year"]
    return Section(
        answer=_change_words(two),
        charts={"two_years": _years_chart(review, now, two, counts)},
        tables={
            "turnover": Table(
                change[["change", *columns]],
                f"What became of each service between {first} and {second}",
                "‘opened’ rests on a recorded first year, ‘closed’ on a recorded last one; a successor is no new service.",
            ),
            "two_years": Table(
                counts.assign(service_ids=counts["service_ids"].map(_join))[
                    ["code", "label", "year", "dating", "services", "service_ids"]
                ],
                "Services by kind of support, year and dating",
            ),
        },
        how_sure=f"openings and closings are as sure as their rows; stability is not: {two.assumed} of {two.stayed} rest on a missing year.",
        to_check="Which of the services that seem to have stayed have in fact ended?",
    )


def _change_words(two: _TwoYears) -> str:
    words = (
        f"{count(two.then, 'service').capitalize()} counted in {two.first}, {two.later} in {two.second}: {_none(two.opened)} opened and {_none(two.closed)} closed in between"
        + (f", and {two.replaced} gave way to a successor." if two.replaced else ".")
    )
    if two.assumed:
        words += f" {_capital(two.who)} that count{two.plural} in both years do{'es' if two.plural else ''} so only because a year is missing, so real change may be larger."
    return words


def _years_chart(review: Review, now: View, two: _TwoYears, counts: pd.DataFrame) -> alt.TopLevelMixin:
    numbers = f"{count(two.then, 'service')} in {two.first}, {two.later} in {two.second}"
    return charts.dated_years(
        counts[["label", "year", "dating", "services"]],
        title=numbers + (f"; {two.who} that stay{two.plural} lack{two.plural} a year" if two.assumed else ""),
        subtitle=f"Services for firms of the region by kind of support, {two.first} and {two.second}; – none on record",
        source=_source(review, now),
        description=f"Two panels of bars by kind of support: {numbers}. {_none(two.opened).capitalize()} opened, {_none(two.closed)} closed.",
    )
