"""Whether the inventory is complete, recent and well sourced, and which services count in a year."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.pack.frames import column_or_missing
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._evidence import (
    _ages,
    _ages_in_short,
    _estimated,
    _list_measures,
    _second_list,
    _service_ages,
    _whose,
)
from eis_lib.steps.map._view import _codes, _dating, _label, _money_words, _source, _sure
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _join, _records, words_of

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

MEASURES = ("table", "measure", "label", "filled", "out_of", "share", "share_low", "share_high", "recorded")
"""Columns of the table ``completeness``; the interval is that of the estimate by two lists."""


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
    words = words_of(__file__, review, pack=pack.id)
    return Section(
        answer=words.sources_answer(
            len(pack.services),
            _whose(review, pack.services),
            len(pack.providers),
            pack.region.review_date,
            len(rows),
            published,
            len(pack.referrals) if pack.has("referrals") else None,
        ),
        tables={
            "sources": Table(
                used[["source_title", "records", "tables", "evidence", "source_url"]],
                words.sources_caption(),
                words.sources_note(),
            )
        },
        how_sure=words.sources_how_sure(),
    )


def completeness(review: Review) -> Section:
    """Return how complete, recent and well sourced the inventory is: before any finding."""
    pack = review.pack
    now, measures = view(review), _measures(review)
    ages = _ages(review, now)
    no_years = pack.services[pack.services["start_year"].isna() & pack.services["end_year"].isna()]
    words = words_of(__file__, review, region=pack.region.name)
    return Section(
        answer=words.completeness_answer(
            _second_list(review, now),
            _ages_in_short(review, now),
            landscape.count_services(pack.services),
            _of_services(measures, "end_year"),
            _of_services(measures, "checked_12_months"),
        ),
        charts={"completeness": _completeness_chart(review, measures, words)},
        tables={
            "completeness": Table(
                _with_lists(review, now, measures),
                words.completeness_caption(),
                words.completeness_note(),
            ),
            "freshness": Table(
                ages.assign(label=[words.aged(kind) for kind in ages["kind"]]),
                words.ages_caption(),
                words.ages_note(),
            ),
            "without_years": Table(
                no_years[["service_id", "provider_id", "name"]].reset_index(drop=True),
                words.undated_caption(len(no_years), len(pack.services)),
                words.undated_note(),
            ),
        },
        how_sure=words.completeness_how_sure(_estimated(review, now)),
        to_check=words.completeness_to_check(len(no_years)),
    )


def _with_lists(review: Review, now: View, measures: pd.DataFrame) -> pd.DataFrame:
    """Return the measures below those of the two lists, where there are two."""
    lists = _list_measures(review, now).assign(table="services")
    return pd.concat([part.reindex(columns=list(MEASURES)) for part in (lists, measures) if len(part)])


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


def _completeness_chart(review: Review, measures: pd.DataFrame, words: Words) -> alt.TopLevelMixin:
    end, dated = (_of_services(measures, name) for name in ("end_year", "dated"))
    tables = {name: words.table_name(name) for name in ("services", "providers")}
    return charts.completeness(
        measures.assign(
            table=measures["table"].map(tables),
            note=[words.completeness_bar(row) for row in _records(measures)],
        ),
        title=words.completeness_title(end),
        subtitle=words.completeness_subtitle(),
        source=_source(review, view(review)),
        description=words.completeness_description(end, dated),
        order=list(tables.values()),
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
            "layer": column_or_missing(services, "layer").fillna(""),
            "freshness": _service_ages(review, services),
        }
    )
    words = words_of(__file__, review, year=now.year)
    return Section(
        answer=sentences(
            words.in_force_answer(
                now.total,
                _dating(review, now.counted),
                _whose(review, now.counted),
                len(services) - len(now.services),
                [plain(service) for service in _replaced_but_open(services)],
            ),
            words.modes_and_money([words.mode(m) for m in _modes(review, now)], _money_words(review, now)),
        ),
        tables={"services_in_force": Table(table, words.in_force_caption(), words.in_force_note())},
        how_sure=_sure(review, now.counted, words.in_force_how_sure()),
        to_check=words.in_force_to_check(),
    )


def _modes(review: Review, now: View) -> list[Any]:
    counts = landscape.facet_counts(now.services, "modes", _codes(review, "modes"))
    return [row for row in _records(counts) if row.code != UNKNOWN]


def _replaced_but_open(current: pd.DataFrame) -> list[str]:
    listed = set(current["service_id"])
    return sorted({str(old) for old in current["succeeds"].dropna() if old in listed})


@dataclass(frozen=True, eq=False)
class _TwoYears:
    """What changed between two years: how many services opened, closed and stayed, and how many stay for want of a year."""

    change: pd.DataFrame
    opened: int
    closed: int
    replaced: int
    stayed: int
    assumed: int
    then: int
    later: int


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
    words = words_of(__file__, review, first=first, second=second)
    if first == second:
        return Section(answer=words.same_year(), how_sure=words.not_applicable())
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
        answer=words.change(two),
        charts={"two_years": _years_chart(review, now, two, counts, words)},
        tables={
            "turnover": Table(change[["change", *columns]], words.turnover_caption(), words.turnover_note()),
            "two_years": Table(
                counts.assign(service_ids=counts["service_ids"].map(_join))[
                    ["code", "label", "year", "dating", "services", "service_ids"]
                ],
                words.years_caption(),
            ),
        },
        how_sure=words.years_how_sure(two),
        to_check=words.years_to_check(),
    )


def _years_chart(
    review: Review, now: View, two: _TwoYears, counts: pd.DataFrame, words: Words
) -> alt.TopLevelMixin:
    return charts.dated_years(
        counts[["label", "year", "dating", "services"]],
        title=words.years_title(two),
        subtitle=words.years_subtitle(),
        source=_source(review, now),
        description=words.years_description(two),
    )
