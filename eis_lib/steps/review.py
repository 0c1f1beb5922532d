"""Step 6, review: whether it is working, and whether enough has changed to think again.

Tables left for publishing and for the next review (lists joined by ``;``):

- ``alerts``: one row per event, key ``alert_id``; see :data:`eis_lib.monitor.ALERT_COLUMNS`.
- ``tracking``: one row per indicator; see :func:`eis_lib.monitor.track_targets`.
- ``landscape_change``: one row per thing that changed between two years; see :func:`eis_lib.monitor.diff_landscape`.
- ``gap_change``: needs that came to be met, or ceased to be; see :func:`eis_lib.monitor.diff_gaps`.
- ``journey_change``: personas that came to reach their goal, or ceased to.
- ``scorecard``: one row per (``measure``, ``year``); see :func:`eis_lib.monitor.governance_scorecard`.
- ``action_decisions``: one row per action; see :func:`eis_lib.monitor.propose_decisions`.
- ``hindsight``: what each watched series said around three known events, and in calm times.
- ``findings``.

An alert asks for a decision, it is none; every threshold is a project convention unless its source is named.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib import gaps as gap_rules
from eis_lib import journey, landscape, monitor, policy
from eis_lib.charts import review as charts
from eis_lib.section import (
    Review,
    Section,
    Table,
    count,
    findings_frame,
    listing,
    once_per_review,
    plain,
    stack,
)
from eis_lib.settings import ParameterError
from eis_lib.tables import nearest_of
from eis_lib.vocabulary import inside

ANNUAL_BASELINE = monitor.LEAST_POINTS
"""Points that set the limits of an annual series: the fewest that may give a signal, for there are never many."""

SMALLEST_MOVE: Mapping[str, float] = MappingProxyType({"exchange-rate": 1.0})
"""Kind of series → change, in its unit, below which a signal is no alert: a pegged rate trembles within its limits' own
smallness (project convention)."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "measurement": "Own indicator, control chart",
        "target": "Own indicator, target",
        "stale": "Data out of date",
        "exchange-rate": "Exchange rate",
        "business-climate": "Business climate",
        "exports": "Exports of the country",
        "provider-closed": "Provider closed",
        "policy-ended": "Policy ended",
        "programme-closing": "Programme about to close",
        "survey-shift": "Survey of needs",
    }
)
"""Kind of alert → the words a reader sees, in order."""

TOUCHES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "exchange-rate": ("payment-security", "finance"),
        "business-climate": ("finance", "investment-cost"),
        "exports": ("market-knowledge", "partner-identification"),
    }
)
"""Kind of series → needs that it weighs on; services, actions and personas with one of them are named as affected (project
convention)."""

TOP_GAPS = 5

ROWS_DRAWN = 8
"""Alerts from the own record that get a line of their own in the timeline; with more, there is one per kind."""

LEAST_MOVE = 0.05
"""Change of a share from which the scorecard speaks of rise or fall (project convention)."""

MOST_ADDED = 5
"""Recommendations of step 5 that are put forward as additions."""

NOISE_PER_YEAR, NOISE_OPEN = 1.0, 0.5
"""A series is noise if in calm times it raises more alerts a year, or has one open for a larger share of the time
(project convention)."""


# ------------------------------------------------------------------------------------------------ what all sections share


def _each(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples(index=False))


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _short(text: object, most: int) -> str:
    """Return text cut between words to what a chart can show; what stands in brackets goes first."""
    words = " ".join(str(text).split())
    if len(words) > most and " (" in words:
        words = words[: words.index(" (")]
    if len(words) <= most:
        return words
    kept = words[: most - 1]
    return (kept[: kept.rindex(" ")] if " " in kept else kept).rstrip(" ,;:–-") + "…"


def _day(review: Review) -> dt.date:
    """Return the day of the review: the region's review date, or the last day of another year asked for."""
    region = review.pack.region
    if review.year == region.review_year:
        return dt.date.fromisoformat(region.review_date)
    return dt.date(review.year, 12, 31)


def _previous(review: Review, previous_year: int | None = None) -> int:
    """Return the year compared with; never one after the review."""
    return min(review.previous_year if previous_year is None else previous_year, review.year)


def _label(review: Review, scheme: str, code: object) -> str:
    return review.vocabulary.label(scheme, str(code))


def _names(review: Review) -> dict[str, str]:
    """Return id → name of every provider, service, policy, action and persona."""
    pack = review.pack
    names = {str(p): str(n) for p, n in zip(pack.services["service_id"], pack.services["name"], strict=True)}
    for row in _each(pack.providers):
        names[str(row.provider_id)] = str(row.name if landscape.is_missing(row.name_en) else row.name_en)
    for frame, key in ((pack.policies, "policy_id"), (pack.actions, "action_id")):
        names |= dict(zip(frame[key].astype(str), frame["title"].astype(str), strict=True))
    return names


@once_per_review
def _smes(review: Review, year: int) -> pd.DataFrame:
    pack = review.pack
    listed = landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)
    return landscape.reaches_smes(landscape.in_force(listed, year))


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose tuples are texts joined by ``;``."""
    joined = frame.copy()
    for column in joined.columns:
        if joined[column].map(lambda cell: isinstance(cell, tuple)).any():
            joined[column] = joined[column].map(
                lambda c: ";".join(map(str, c)) if isinstance(c, tuple) else c
            )
    return joined


# ------------------------------------------------------------------------------------------------ the series watched


@dataclass(frozen=True)
class Watched:
    """A series under watch.

    Attributes
    ----------
    key : str
        Indicator code, as the control offers it.
    kind : str
        One of :data:`KINDS`.
    label, basis, unit : str
        Words for the series, for how it is charted (level or change), and the unit charted.
    area : str
        Area code; empty for the region's own indicators.
    raw, charted : DataFrame
        ``period`` and ``value``, as published and as charted.
    source, vintage : str
    baseline : int
        Points that set the limits.
    chart, events : DataFrame
        Of :func:`eis_lib.monitor.watch`; events too small to matter are left out.
    ignored : int
        Events left out as too small.
    """

    key: str
    kind: str
    label: str
    basis: str
    unit: str
    area: str
    raw: pd.DataFrame
    charted: pd.DataFrame
    source: str
    vintage: str
    baseline: int
    chart: pd.DataFrame
    events: pd.DataFrame
    ignored: int

    @property
    def name(self) -> str:
        """Return series and basis in one line."""
        return f"{self.label}, {self.basis}"

    @property
    def last(self) -> str:
        """Return the last period with a value."""
        return str(self.raw["period"].iloc[-1]) if len(self.raw) else ""


_CONTEXT: tuple[tuple[str, str, str, str], ...] = (
    ("economic-sentiment-monthly", "business-climate", "Economic sentiment", "points"),
    ("industrial-confidence-monthly", "business-climate", "Industrial confidence", "percentage points"),
    ("goods-exports-usd", "exports", "Goods exports in US dollars", "%"),
    ("exports-gdp", "exports", "Exports in per cent of GDP", "percentage points"),
)
_ANNUAL_TWINS: tuple[tuple[str, str, str, str], ...] = (
    ("economic-sentiment", "business-climate", "Economic sentiment", "points"),
)
_CURRENCY_OF: Mapping[str, str] = MappingProxyType({"UK": "gbp", "PL": "pln", "DK": "dkk", "HR": "hrk"})


def _areas(review: Review) -> list[str]:
    region = review.pack.region
    return list(dict.fromkeys([*(area.code for area in region.indicator_areas), region.country]))


def _published(review: Review, indicator: str, areas: Sequence[str]) -> tuple[str, pd.DataFrame]:
    """Return the nearest area with a published series, and its rows up to the day of the review."""
    rows = review.common.indicators[review.common.indicators["indicator"] == indicator]
    day = _day(review)
    known = rows[rows["time_period"].map(lambda p: monitor.period_end(str(p)) <= day).astype(bool)]
    for area in areas:
        found = known[known["ref_area"] == area]
        if len(found):
            return area, found.sort_values("time_period")
    return "", known.iloc[:0]


@once_per_review
def _rates(review: Review) -> list[tuple[str, str]]:
    """Return the exchange rates to watch, as (currency, why): the country's own, else those of its five largest markets."""
    country = review.pack.region.country
    if country in _CURRENCY_OF:
        return [(_CURRENCY_OF[country], "the country's own currency")]
    share = review.common.indicators
    share = share[
        (share["ref_area"] == country) & share["indicator"].str.startswith("goods-export-share-to-")
    ]
    found = []
    for row in _each(share.sort_values("obs_value", ascending=False)):
        market = str(row.indicator).rsplit("-", 1)[1].upper()
        if market in _CURRENCY_OF and market != "HR":
            found.append(
                (
                    _CURRENCY_OF[market],
                    f"one of the five largest markets ({row.obs_value:.0f} % of goods exports, {row.time_period})",
                )
            )
    return found


def _watched(
    review: Review,
    key: str,
    kind: str,
    label: str,
    basis: str,
    unit: str,
    area: str,
    raw: pd.DataFrame,
    charted: pd.DataFrame,
    source: str,
    vintage: str,
    baseline_points: int | None,
) -> Watched:
    annual = len(raw) > 0 and monitor.period_months(str(raw["period"].iloc[0])) == 12
    asked = int(baseline_points or review.parameters.baseline_points)
    baseline = ANNUAL_BASELINE if annual else asked
    confirmed = []
    if review.pack.has("decisions"):
        on_alerts = review.pack.decisions[
            (review.pack.decisions["subject_kind"] == "alert")
            & (review.pack.decisions["decision"] == "confirmed")
        ]
        prefix = f"{kind}:{key}:"
        confirmed = [str(s)[len(prefix) :] for s in on_alerts["subject_id"] if str(s).startswith(prefix)]
    chart, events = monitor.watch(
        charted,
        baseline_points=baseline,
        confirmed=confirmed,
        clear_points=1 if annual else monitor.CLEAR_POINTS,
    )
    large = events["value"].abs() >= (SMALLEST_MOVE.get(kind, 0.0) if basis != "level" else 0.0)
    return Watched(
        key, kind, label, basis, unit, area, raw, charted, source, vintage, baseline, chart,
        events[large].reset_index(drop=True), int((~large).sum()),
    )  # fmt: skip


@once_per_review
def _context_series(
    review: Review, baseline_points: int | None = None, *, level: bool = False, annual_twins: bool = False
) -> list[Watched]:
    """Return the published series watched for the region, as changes (or, for comparison, as levels)."""
    wanted: list[tuple[str, str, str, str, list[str]]] = []
    ending = "" if annual_twins else "-monthly"
    for currency, _why in _rates(review):
        home = next(c for c, code in _CURRENCY_OF.items() if code == currency)
        wanted.append(
            (
                f"exchange-rate-{currency}-per-eur{ending}",
                "exchange-rate",
                f"{currency.upper()} per euro",
                "%",
                [home],
            )
        )
    wanted.extend((*entry, _areas(review)) for entry in (_ANNUAL_TWINS if annual_twins else _CONTEXT))
    found = []
    for code, kind, label, unit, areas in wanted:
        area, rows = _published(review, code, areas)
        if rows.empty:
            continue
        raw = rows.rename(columns={"time_period": "period", "obs_value": "value"})[["period", "value"]]
        raw = raw.astype({"period": "str"}).reset_index(drop=True)
        yearly = monitor.period_months(str(raw["period"].iloc[0])) == 12
        before = "on the year before" if yearly else "on the month before"
        charted = raw if level else monitor.as_change(raw, percent=unit == "%")
        if charted.empty:
            continue
        source = str(rows["source_title"].iloc[-1])
        found.append(
            _watched(
                review, code, kind, f"{label} ({area})" if kind != "exchange-rate" else label,
                "level" if level else f"change {before}",
                str(rows["unit"].iloc[-1]) if level else unit, area, raw, charted, source,
                monitor.read_vintage(source) or "not recorded", baseline_points,
            )
        )  # fmt: skip
    return found


@once_per_review
def _own_series(review: Review, baseline_points: int | None = None) -> list[Watched]:
    """Return the region's own indicators as series; a seasonal one as its change on the year before."""
    if not review.pack.has("measurements"):
        return []
    day = _day(review)
    found = []
    for key, group in review.pack.measurements.groupby("indicator_id", sort=True):
        rows = group[group["period"].map(lambda p: monitor.period_end(str(p)) <= day)].sort_values("period")
        late = rows["vintage"].map(lambda v: not pd.isna(v) and str(v) > day.isoformat()).astype(bool)
        raw = rows.loc[~late, ["period", "value"]].astype({"period": "str"}).reset_index(drop=True)
        if raw["value"].notna().sum() < 2:
            continue
        seasonal = monitor.is_seasonal(raw)
        months = monitor.period_months(raw["period"].iloc[0])
        charted = monitor.as_change(raw, 12 // months, percent=False) if seasonal else raw
        vintage = rows.loc[~late, "vintage"].dropna().astype(str)
        found.append(
            _watched(
                review, str(key), "measurement", str(group["indicator_name"].iloc[0]),
                "change on the year before" if seasonal else "level", str(group["unit"].iloc[0]), "", raw, charted,
                str(group["source_title"].iloc[0]), vintage.max() if len(vintage) else "not recorded", baseline_points,
            )
        )  # fmt: skip
    return found


def _all_series(review: Review, baseline_points: int | None = None) -> list[Watched]:
    """Return every series under watch, those that can signal first."""
    own = _own_series(review, baseline_points)
    ready = [s for s in own if len(s.charted) >= monitor.LEAST_POINTS]
    return [*ready, *_context_series(review, baseline_points), *[s for s in own if s not in ready]]


def series_choices(review: Review) -> dict[str, str]:
    """Return what the control of the charts offers: words → code."""
    return {s.name: s.key for s in _all_series(review)}


# ------------------------------------------------------------------------------------------------ alerts


def _affected(review: Review, needs: Sequence[str], services: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the services, running or planned actions and personas that have to do with one of the needs."""
    wanted = set(needs)
    actions = review.pack.actions[policy.standing(review.pack.actions, review.year).ne("ended")]
    actions = actions[~actions["status"].isin(["done", "stopped"])]
    return {
        "affects_services": tuple(
            s for s, n in zip(services["service_id"], services["need_area"], strict=True) if wanted & set(n)
        ),
        "affects_actions": tuple(
            a
            for a, n in zip(actions["action_id"], actions["barriers_addressed"], strict=True)
            if wanted & set(n)
        ),
        "affects_personas": tuple(
            p
            for p, n in zip(
                review.common.personas["persona_id"], review.common.personas["barriers"], strict=True
            )
            if wanted & set(n)
        ),
    }


def _owner_of(row: Mapping[str, Any]) -> str:
    for column in ("owner", "owner_name"):
        if not landscape.is_missing(row.get(column)):
            return str(row[column])
    return "not named"


def _alert(**given: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "subject": "", "area": "", "value": math.nan, "limit": math.nan, "unit": "", "closed_on": "", "signals": 1,
        "seen_also_in": "", "data_vintage": "not recorded", "affects_services": (), "affects_actions": (),
        "affects_personas": (), "owner": "not named", "decision": "", "decided_by": "", "decided_on": "", "due_date": "",
    }  # fmt: skip
    record = empty | given
    record["state"] = "closed" if record["closed_on"] else "open"
    record["reopens_step"] = monitor.REOPENS[record["kind"]]
    return record


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _series_alerts(review: Review, services: pd.DataFrame) -> list[dict[str, Any]]:
    found = []
    actions = {
        str(a["action_id"]): {str(k): v for k, v in a.items()} for a in review.pack.actions.to_dict("records")
    }
    owner_of_indicator = {}
    if review.pack.has("measurements"):
        linked = review.pack.measurements.dropna(subset=["action_id"])
        owner_of_indicator = dict(zip(linked["indicator_id"], linked["action_id"], strict=True))
    for series in _all_series(review):
        action = actions.get(str(owner_of_indicator.get(series.key)))
        touched = (
            {"affects_services": tuple(action["services"]), "affects_actions": (str(action["action_id"]),)}
            if action
            else _affected(review, TOUCHES.get(series.kind, ()), services)
            if series.kind in TOUCHES
            else {}
        )
        for event in _each(series.events[series.events["prospective"].astype(bool)]):
            rose = event.value > event.limit
            crossed = {
                monitor.OUTSIDE: f"{'above' if rose else 'below'} its limit of {_number(event.limit)}",
                monitor.RUN: f"the eighth in a row {'above' if rose else 'below'} {_number(event.limit)}",
                monitor.HALF_WAY: f"the third of four {'above' if rose else 'below'} {_number(event.limit)}, half-way to the limit",
            }[event.rule]
            ended = not event.closed and monitor.is_stale(
                series.last, _day(review), review.parameters.lag_months
            )
            closed = series.last if ended else event.closed
            later = (
                f"; last signal in {event.last_signal} ({_number(event.last_value)})"
                if event.signals > 1
                else ""
            )
            ending = "; the series ends before it was quiet again" if ended else ""
            found.append(
                _alert(
                    alert_id=f"{series.kind}:{series.key}:{event.opened}", kind=series.kind, subject=series.key,
                    indicator=series.name, area=series.area, rule=event.rule, value=event.value, limit=event.limit,
                    unit=series.unit, date=monitor.period_end(event.opened).isoformat(),
                    closed_on=monitor.period_end(closed).isoformat() if closed else "",
                    signals=event.signals, data_vintage=series.vintage,
                    statement=f"{series.name}: {_number(event.value)} {series.unit} in {event.opened}, {crossed}{later}{ending}.",
                    owner=_owner_of(action) if action else "not named", **touched,
                )
            )  # fmt: skip
    return found


def _stale_alerts(review: Review, tracked: pd.DataFrame) -> list[dict[str, Any]]:
    day, lag = _day(review), review.parameters.lag_months
    found = []
    for row in _each(tracked[tracked["stale"].astype(bool)]):
        due = monitor.period_end(row.period).isoformat() if row.period else ""
        found.append(
            _alert(
                alert_id=f"stale:{row.indicator_id}:{row.period or 'never'}", kind="stale", subject=row.indicator_id,
                indicator=row.indicator_name, rule="no value since its period and the lag have passed", value=row.value,
                unit=row.unit, date=due or day.isoformat(), statement=f"{row.indicator_name}: no value after {row.period or 'the start'}.",
                affects_actions=() if pd.isna(row.action_id) else (str(row.action_id),),
                owner=_action_owner(review, row.action_id), area=row.indicator_id,
                data_vintage="not recorded" if pd.isna(row.vintage) else row.vintage,
            )
        )  # fmt: skip
    for series in _context_series(review):
        ended = series.kind == "exchange-rate" and series.key.startswith("exchange-rate-hrk")
        if monitor.is_stale(series.last, day, lag) and not ended:
            found.append(
                _alert(
                    alert_id=f"stale:{series.key}:{series.last}", kind="stale", subject=series.key, indicator=series.label,
                    rule="no value since its period and the lag have passed", area=series.area,
                    date=monitor.period_end(series.last).isoformat(), data_vintage=series.vintage,
                    statement=f"{series.label}: the series held here ends with {series.last}; nothing later can be seen.",
                )
            )  # fmt: skip
    return found


def _action_owner(review: Review, action: object) -> str:
    rows = review.pack.actions[review.pack.actions["action_id"] == str(action)]
    return _owner_of({str(k): v for k, v in rows.iloc[0].to_dict().items()}) if len(rows) else "not named"


def _target_alerts(review: Review) -> list[dict[str, Any]]:
    if not review.pack.has("measurements"):
        return []
    settings = review.parameters
    every = monitor.track_targets(
        review.pack.measurements, _day(review), green=settings.green, amber=settings.amber,
        lag_months=settings.lag_months, every_period=True,
    )  # fmt: skip
    heads = every.drop_duplicates("indicator_id").set_index("indicator_id")
    found = []
    for spell in _each(monitor.red_spells(every)):
        head = heads.loc[spell.indicator_id]
        action = head["action_id"]
        own = review.pack.actions[review.pack.actions["action_id"] == str(action)]
        found.append(
            _alert(
                alert_id=f"target:{spell.indicator_id}:{spell.opened}", kind="target", subject=spell.indicator_id,
                indicator=head["indicator_name"], rule=f"attainment below {settings.amber:.0%} of the expected", value=spell.value,
                limit=spell.path_value, unit=head["unit"], date=monitor.period_end(spell.opened).isoformat(),
                closed_on=monitor.period_end(spell.closed).isoformat() if spell.closed else "", signals=spell.signals,
                statement=f"{head['indicator_name']}: {_number(spell.value)} {head['unit']} in {spell.opened}, where the path expects {_number(spell.path_value)}.",
                affects_actions=() if pd.isna(action) else (str(action),),
                affects_services=tuple(own["services"].iloc[0]) if len(own) else (),
                owner=_action_owner(review, action),
                data_vintage="not recorded" if pd.isna(head["vintage"]) else head["vintage"],
            )
        )  # fmt: skip
    return found


def _record_alerts(review: Review, services: pd.DataFrame, previous: int) -> list[dict[str, Any]]:
    """Return alerts from the region's own record: providers closed, policies ended or about to end."""
    pack, day = review.pack, _day(review)
    names = _names(review)
    here = set(services["service_id"])
    found = []
    heirs = set(pack.services["succeeds"].dropna().astype(str)) if "succeeds" in pack.services else set()
    for row in _each(pack.providers.dropna(subset=["end_year"])):
        end = dt.date(int(row.end_year), 12, 31)
        if not (previous <= end.year and end <= day):
            continue
        own = pack.services[pack.services["provider_id"] == row.provider_id]
        ended_with = own[(own["end_year"] == end.year).fillna(value=False).astype(bool)]
        dangling = tuple(s for s in own["service_id"] if s in here)
        orphaned = tuple(s for s in ended_with["service_id"] if s not in heirs)
        owned = tuple(pack.actions.loc[pack.actions["owner"] == row.provider_id, "action_id"])
        still = pack.policies[
            (pack.policies["owner"] == row.provider_id)
            & policy.standing(pack.policies, review.year).isin(["in-force", "undated"])
        ]
        loose = []
        if dangling:
            loose.append(
                f"{count(len(dangling), 'service')} of it still {'counts' if len(dangling) == 1 else 'count'}"
            )
        if orphaned:
            loose.append(f"{count(len(orphaned), 'service')} ended without a successor on record")
        if len(still):
            loose.append(
                f"{count(len(still), 'policy', 'policies')} it owned still {'stands' if len(still) == 1 else 'stand'} on record"
            )
        found.append(
            _alert(
                alert_id=f"provider-closed:{row.provider_id}:{end.year}", kind="provider-closed", subject=row.provider_id,
                indicator=names[str(row.provider_id)], rule="last year of a provider since the year compared with", value=float(end.year),
                limit=float(previous), unit="year", date=end.isoformat(), closed_on="" if loose else day.isoformat(),
                statement=f"{names[str(row.provider_id)]} ceased in {end.year}" + (f": {listing(loose)}." if loose else "; everything it gave has a successor."),
                affects_services=dangling + orphaned, affects_actions=owned,
                data_vintage=read if (read := monitor.read_vintage(str(row.source_title))) else "not recorded",
            )
        )  # fmt: skip
    standing = pack.policies[policy.standing(pack.policies, review.year + 1).isin(["in-force", "undated"])]
    backed = {s for ids in standing["delivered_by"] for s in ids}
    for row in _each(pack.policies.dropna(subset=["end_year"])):
        end = dt.date(int(row.end_year), 12, 31)
        left = tuple(s for s in row.delivered_by if s in here)
        alone = tuple(s for s in left if s not in backed)
        if day < end <= monitor.add_months(day, monitor.CLOSING_MONTHS):
            found.append(
                _alert(
                    alert_id=f"programme-closing:{row.policy_id}:{end.year}", kind="programme-closing", subject=row.policy_id,
                    indicator=str(row.title), rule=f"ends within {monitor.CLOSING_MONTHS} months", value=float((end - day).days),
                    limit=float((monitor.add_months(day, monitor.CLOSING_MONTHS) - day).days), unit="days left", date=day.isoformat(),
                    statement=f"{row.title} ends on {end.isoformat()}; {count(len(alone), 'service')} would then have no policy behind {'it' if len(alone) == 1 else 'them'}.",
                    affects_services=left, owner=_owner_of({"owner": row.owner, "owner_name": row.owner_name}),
                )
            )  # fmt: skip
        elif previous <= end.year and end <= day and alone:
            found.append(
                _alert(
                    alert_id=f"policy-ended:{row.policy_id}:{end.year}", kind="policy-ended", subject=row.policy_id,
                    indicator=str(row.title), rule="ended since the year compared with, services go on", value=float(len(alone)),
                    limit=0.0, unit="services", date=end.isoformat(),
                    statement=f"{row.title} ended in {end.year}; {count(len(alone), 'service')} it named {'goes' if len(alone) == 1 else 'go'} on without a policy behind {'it' if len(alone) == 1 else 'them'}.",
                    affects_services=alone, owner=_owner_of({"owner": row.owner, "owner_name": row.owner_name}),
                )
            )  # fmt: skip
    return found


@once_per_review
def _surveys_compared(review: Review, previous: int) -> tuple[str, str, set[str], set[str]]:
    """Return the survey of needs to be used at the year compared with and now, and the five heaviest gaps under each."""
    surveys = policy.list_surveys(review.common.barriers)
    areas = [review.pack.region.country, "EU"]
    codes = review.vocabulary.codes("barrier")

    def of(year: int) -> str:
        known = surveys[surveys["year"] <= year]
        return policy.choose_survey(known, areas, year) or ""

    before, now = of(previous), of(review.year)
    if before == now:
        return before, now, set(), set()
    heaviest = []
    for survey in (before, now):
        weights = policy.weigh_barriers(review.common.barriers, codes, survey or None).set_index("barrier")[
            "weight"
        ]
        ranked = gap_rules.rank_gaps(_cells(review, review.year, weights))
        ranked = ranked[~ranked["kind"].isin(["continuity", "evidence"])]
        heaviest.append(set(ranked["gap_id"].head(TOP_GAPS)))
    return before, now, *heaviest  # type: ignore[return-value]


def _survey_alerts(review: Review, previous: int) -> list[dict[str, Any]]:
    before, now, old, new = _surveys_compared(review, previous)
    risen = sorted(new - old)
    # a survey grown too old to weigh needs by leaves none: no newer survey has come
    if not now or before == now or not risen:
        return []
    words = [
        f"{inside(_label(review, 'barrier', g.split(':')[2]))} at “{_label(review, 'journey_stage', g.split(':')[1])}”"
        for g in risen
    ]
    return [
        _alert(
            alert_id=f"survey-shift:{now}", kind="survey-shift", subject=now, indicator=f"Survey {now}",
            rule=f"a newer survey changes the {TOP_GAPS} heaviest gaps", value=float(len(risen)), limit=0.0, unit="gaps",
            date=f"{now.split('-')[1][:4]}-12-31",
            statement=f"Weighed by the survey {now} in place of {before or 'equal weights'}, {count(len(risen), 'gap')} {_be(len(risen))} among the {TOP_GAPS} heaviest that {'was' if len(risen) == 1 else 'were'} not: {listing(words)}.",
            affects_personas=_affected(review, [g.split(":")[2] for g in risen], _smes(review, review.year))["affects_personas"],
        )
    ]  # fmt: skip


@once_per_review
def _alerts(review: Review, previous_year: int | None = None) -> pd.DataFrame:
    """Return every alert of the region, folded and with decisions."""
    previous = _previous(review, previous_year)
    services = _smes(review, review.year)
    rows = [
        *_series_alerts(review, services),
        *_target_alerts(review),
        *_stale_alerts(review, _tracked(review)),
        *_record_alerts(review, services, previous),
        *_survey_alerts(review, previous),
    ]
    frame = pd.DataFrame(rows, columns=list(monitor.ALERT_COLUMNS))
    return monitor.decide_alerts(monitor.fold_alerts(frame), review.pack.decisions, _day(review))


@once_per_review
def _tracked(review: Review) -> pd.DataFrame:
    settings = review.parameters
    return monitor.track_targets(
        review.pack.measurements, _day(review), green=settings.green, amber=settings.amber, lag_months=settings.lag_months
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ the landscape twice


def _cells(review: Review, year: int, weights: pd.Series | None = None) -> pd.DataFrame:
    """Return the judged demand cells of a year, weighed as step 2 weighed need unless weights are given."""
    if weights is None:
        weights = review.earlier("examine", "demand").set_index("barrier")["weight"]
        weights = weights.reindex(list(review.vocabulary.codes("barrier")))
    services = _smes(review, year)
    stages = review.vocabulary.codes("journey_stage")
    cells = gap_rules.demand_cells(review.common.personas, stages, gap_rules.weigh_needs(weights))
    fits = journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)
    coding = review.common.support_type_barriers
    untold = landscape.untold_needs(services, review.vocabulary.codes("barrier"), coding)
    return gap_rules.judge_cells(cells, services, fits, _referrals(review, services), untold=untold)


def _referrals(review: Review, services: pd.DataFrame) -> pd.DataFrame | None:
    if not review.pack.has("referrals"):
        return None
    here = set(services["service_id"])
    rows = review.pack.referrals
    rows = rows[rows["from_service"].isin(here) & rows["to_service"].isin(here)]
    return rows.reset_index(drop=True) if len(rows) else None


@once_per_review
def _journeys(review: Review, year: int) -> pd.DataFrame:
    services = _smes(review, year)
    fits = journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)
    land = journey.build_landscape(
        services, review.pack.providers, review.vocabulary, _referrals(review, services), self_found=True
    )
    return journey.walk_all(land, review.common.personas, fits).measures


def _diff(review: Review, previous: int) -> pd.DataFrame:
    """Return what the region's record says changed between the end of a year and the day of the review."""
    tables = {name: review.pack.tables[name] for name in monitor.KEYS}
    day = _day(review).isoformat()
    old = monitor.Snapshot(min(f"{previous}-12-31", day), tables)
    return monitor.diff_landscape(old, monitor.Snapshot(day, tables))


# ------------------------------------------------------------------------------------------------ first screen


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with its alerts in time."""
    day, previous = _day(review), _previous(review)
    alerts = _alerts(review)
    open_alerts = alerts[alerts["state"] == "open"]
    tracked = _tracked(review)
    diff = _diff(review, previous)
    services = diff[(diff["table"] == "services") & (diff["nature"] == monitor.REAL)]
    gained = int(services["change"].eq("added").sum())
    lost = services[services["change"].isin(["closed", "replaced", "merged"])]
    alone = int(lost["change"].eq("closed").sum())
    bullets = [_tracking_words(review, tracked)]
    bullets.append(
        f"**{count(len(open_alerts), 'alert').capitalize()} {_be(len(open_alerts))} open** on {day.isoformat()}"
        + (
            f", {count(int(alerts['state'].eq('closed').sum()), 'earlier one')} closed again"
            if len(alerts) > len(open_alerts)
            else ""
        )
        + (f". First: {plain(_most_urgent(open_alerts)['statement'])}" if len(open_alerts) else ".")
    )
    bullets.append(
        f"Between the end of {previous} and {day.isoformat()} the record of {plain(review.pack.region.name)} shows {count(gained, 'service')} begun and "
        f"{count(len(lost), 'service')} ended"
        + (f", {alone or 'none'} of them without a successor on record" if len(lost) else "")
        + "; a service whose years are not recorded cannot show a change."
    )
    bullets.append(_hindsight_words(_hindsight(review)))
    proposals = _action_decisions(review, tracked, alerts)
    undecided = proposals[(proposals["decision"] == "") & proposals["state"].ne("finished")]
    asked = undecided["proposal"].value_counts()
    done = int(proposals["decision"].ne("").sum())
    bullets.append(
        f"{done or 'None'} of {count(len(proposals), 'action')} {'have' if done > 1 else 'has'} a decision on record"
        + (
            f"; for those that still run without one the records suggest {listing([f'{verb} ({number})' for verb, number in asked.items()])}."
            if len(undecided)
            else "; none that still runs waits for one."
        )
    )
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"alerts_timeline": _timeline(review, alerts)},
        how_sure="Medium: published series and recorded years, but rules and thresholds are project conventions; an alert asks for a look, no more.",
        to_check="The open alerts, in the order of the record below; write each decision into decisions.csv under the alert's id.",
    )


def _most_urgent(open_alerts: pd.DataFrame) -> Any:
    order = list(KINDS)
    rank = ["provider-closed", "target", "programme-closing", "policy-ended"]
    position = {kind: n for n, kind in enumerate(dict.fromkeys([*rank, *order]))}
    ordered = open_alerts.assign(_p=open_alerts["kind"].map(position)).sort_values(
        ["_p", "date"], ascending=[True, False], kind="stable"
    )
    return ordered.iloc[0]


def _tracking_words(review: Review, tracked: pd.DataFrame) -> str:
    if tracked.empty:
        with_target = int(review.pack.actions["target"].notna().sum())
        return (
            f"**Whether it is working cannot be told**: the pack has no table of measurements. {with_target or 'None'} of "
            f"{count(len(review.pack.actions), 'action')} {'name' if with_target > 1 else 'names'} a target; none has a measured value."
        )
    states = tracked["state"].value_counts()
    words = [f"{states[state]} {state}" for state in monitor.LIGHTS if state in states]
    return f"**{count(len(tracked), 'indicator')} measured**: {listing(words, most=6)}."


def _timeline(review: Review, alerts: pd.DataFrame) -> Any:
    day = _day(review)
    shown = alerts[alerts["kind"].isin(KINDS)].assign(order=alerts["kind"].map(list(KINDS).index))
    title_open = int(alerts["state"].eq("open").sum())
    shown = shown.sort_values(["order", "date"], kind="stable")
    series_kinds = {"measurement", *TOUCHES}
    own = shown.loc[~shown["kind"].isin(series_kinds), ["kind", "subject"]].drop_duplicates()
    plainly = len(own) > ROWS_DRAWN
    first = shown.groupby("kind")["indicator"].first()  # the series of one kind share a line
    labels = [
        KINDS[r.kind]
        if plainly
        else f"{KINDS[r.kind]}:\n{_short((first[r.kind] if r.kind in series_kinds else r.indicator).split(', ')[0], 30)}"
        for r in _each(shown)
    ]
    rows = pd.DataFrame(
        {
            "row": labels,
            "start": shown["date"],
            "end": [c or day.isoformat() for c in shown["closed_on"]],
            "state": shown["state"],
            "words": [d[:7] for d in shown["date"]],
        }
    ).drop_duplicates(ignore_index=True)
    shocks = pd.DataFrame(
        [
            {"date": monitor.period_start(s.month).isoformat(), "name": s.name.split(" and ")[0]}
            for s in monitor.SHOCKS
            if len(rows) and s.month >= rows["start"].min()[:4] and monitor.period_start(s.month) <= day
        ],
        columns=["date", "name"],
    )
    if rows.empty:
        return charts.nothing_to_show(
            "No alert was raised", "The rules were applied to every series and row there is."
        )
    title = (
        f"{count(len(alerts), 'alert')} since {rows['start'].min()[:4]}, {title_open or 'none'} still open"
    )
    return charts.alerts_timeline(
        rows,
        shocks,
        until=day.isoformat(),
        title=f"{review.pack.region.name}: {title}",
        subtitle=f"From opening to closing; open ones run to the review on {day.isoformat()}. One event is one alert. Dashed: start of a known shock",
        source="own record of the region and the published series named below",
        description=f"Timeline of {len(alerts)} alerts by kind; {title_open} are open on {day.isoformat()}.",
    )


# ------------------------------------------------------------------------------------------------ sources


def sources(review: Review) -> Section:
    """Return the series and tables the review rests on, with vintage and last value."""
    day, lag = _day(review), review.parameters.lag_months
    rows = [
        {
            "series": s.label, "area": s.area or review.pack.region.nuts_code, "charted_as": s.basis, "from": str(s.raw["period"].iloc[0]),
            "to": s.last, "values": int(s.raw["value"].notna().sum()), "vintage": s.vintage,
            "out_of_date": "yes" if monitor.is_stale(s.last, day, lag) else "no", "source": s.source,
        }
        for s in [*_all_series(review), *_context_series(review, annual_twins=True)]
    ]  # fmt: skip
    frame = pd.DataFrame(rows).drop_duplicates(["series", "from", "to"], ignore_index=True)
    measured = (
        f"The pack's own table of measurements gives {count(review.pack.measurements['indicator_id'].nunique(), 'indicator')}."
        if review.pack.has("measurements")
        else "The pack has **no table of measurements**, so series of the country stand in; they say what the economy did, not what the plan did. "
        "To fill it: one row per indicator and period with baseline, target, value and the day it was taken (see parameters/README.md)."
    )
    rates = _rates(review)
    rate_words = (
        "Exchange rates watched: "
        + listing([f"{c.upper()} per euro ({plain(why)})" for c, why in rates])
        + "."
        if rates
        else "No exchange rate is watched: none of the currencies among the series is the country's own or that of one of its five largest markets on record."
    )
    return Section(
        answer=f"The review looks at what was known on {day.isoformat()}: {count(len(frame), 'series', 'series')} and the region's own record. {measured} {rate_words}",
        tables={
            "series": Table(
                frame,
                "Series under watch",
                f"Values of periods that end after the review are not looked at. Out of date: the next value is more than {lag} months late "
                "(project convention). Vintage: when the copy was taken, where the source says so; revisions after it are unknown.",
            )
        },
        how_sure="High for what was read; the published series stand for the country, not the region.",
        to_check="Whether a regional series exists for exports or firms abroad; it would say more than any country figure.",
    )


# ------------------------------------------------------------------------------------------------ targets


def tracking(review: Review) -> Section:
    """Return how far each indicator has come on its way to the target."""
    tracked, day = _tracked(review), _day(review)
    if tracked.empty:
        wanted = pd.DataFrame(
            [
                {
                    "action_id": a.action_id, "title": a.title, "indicator_named": None if pd.isna(a.indicator) else a.indicator,
                    "target_named": None if pd.isna(a.target) else a.target,
                    "missing": "baseline, dated target and values" if not pd.isna(a.target) else "indicator, baseline, target and values"
                    if pd.isna(a.indicator) else "baseline, target and values",
                }
                for a in _each(review.pack.actions)
            ],
            columns=["action_id", "title", "indicator_named", "target_named", "missing"],
        )  # fmt: skip
        named = int(wanted["indicator_named"].notna().sum())
        return Section(
            answer=f"{_tracking_words(review, tracked)} {count(named, 'action')} {'names' if named == 1 else 'name'} an indicator; the table lists what each would need before it can be tracked.",
            tables={
                "to_measure": Table(
                    wanted,
                    "What each action names, and what is missing to track it",
                    "No light is shown where nothing was measured: missing is not green.",
                ),
                "tracking": Table(_flat(tracked), "Indicators on their way to the target (none measured)"),
            },
            how_sure="High that no value is on record here; the bodies may well hold some.",
            to_check="Ask the owner of each action for a baseline, a dated target and the last value; ten values make a control chart.",
        )
    rows = tracked.assign(order=tracked["state"].map({s: n for n, s in enumerate([monitor.RED, monitor.AMBER, monitor.GREEN, monitor.GREY, monitor.UNDEFINED, monitor.NOT_DUE])})).sort_values(
        ["order", "ratio", "indicator_id"], kind="stable"
    )  # fmt: skip
    shapes = {monitor.GREEN: "●", monitor.AMBER: "▲", monitor.RED: "■"}
    drawn = pd.DataFrame(
        {
            "indicator": [f"{_short(r.indicator_name, 34)}\n({_short(r.unit, 34)})" for r in _each(rows)],
            "attainment": rows["attainment"],
            "expected": rows["expected"].where(rows["attainment"].notna()),
            "light": rows["light"],
            "words": [
                f"{shapes.get(r.state, '○')} {r.state}: {_number(r.value)}, target {_number(r.target_value)}"
                if r.period
                else "○ no value"
                for r in _each(rows)
            ],
        }
    )
    behind = rows[rows["state"].isin([monitor.RED, monitor.AMBER])]
    ahead = int(rows["state"].eq(monitor.GREEN).sum())
    title = f"{ahead} of {count(len(rows), 'indicator')} {_be(ahead)} on track" + (
        f"; furthest behind: {_short(behind['indicator_name'].iloc[0], 40)}" if len(behind) else ""
    )
    settings = review.parameters
    return Section(
        answer=f"{_tracking_words(review, tracked)} "
        + (
            "Behind: "
            + listing([f"{plain(r.indicator_name)} ({r.attainment:.0%} of the way in {r.period}, {r.expected:.0%} expected)" for r in _each(behind)])
            + "."
            if len(behind)
            else "None with a value that is up to date is behind its path."
        ),
        charts={
            "target_tracking": charts.target_tracking(
                drawn,
                title=title,
                subtitle=f"Bar: share of the way done at the last value; black tick: share expected then on a straight path; dashed: target. Review of {day.isoformat()}",
                source=f"region pack {review.pack.id}, table measurements",
                description=f"{title}. States: " + "; ".join(f"{r.indicator_name} {r.state}" for r in _each(rows)),
            )
        },
        tables={
            "tracking": Table(
                _flat(rows[list(monitor.TRACK_COLUMNS)].reset_index(drop=True)),
                "Indicators on their way to the target",
                f"attainment = (value − baseline) / (target − baseline), rising and falling targets alike; state by attainment ÷ expected: from {settings.green:.0%} on track, "
                f"from {settings.amber:.0%} behind, below far behind (the marks of the EU performance framework 2014-2020). Out of date is never green.",
            )
        },
        how_sure="Medium: the sums are exact, but a straight path is an assumption, and nothing says what would have happened without the action.",
        to_check="For each indicator that is out of date: does nobody count any more, or has nobody sent the figure?",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ control charts


def _pick(
    review: Review, indicator: str | None, baseline_points: int | None
) -> tuple[Watched | None, list[Watched]]:
    series = _all_series(review, baseline_points)
    wanted = indicator or review.parameters.indicator
    keys = [s.key for s in series]
    if wanted and wanted not in keys:
        nearest = nearest_of(wanted, keys)
        hint = f" Did you mean '{nearest}'?" if nearest else ""
        raise ParameterError(
            f"no series '{wanted}' is watched for {review.pack.id}.{hint} Known: {', '.join(keys)}."
        )
    if wanted:
        return next(s for s in series if s.key == wanted), series
    # a series that has ended says nothing of today
    day, lag = _day(review), review.parameters.lag_months
    running = [s for s in series if not monitor.is_stale(s.last, day, lag)]
    return next(iter([*running, *series]), None), series


def control(review: Review, *, indicator: str | None = None, baseline_points: int | None = None) -> Section:
    """Return one series as a control chart, and what every series under watch says."""
    shown, every = _pick(review, indicator, baseline_points)
    if shown is None:
        return Section(
            answer="No series is on record for this region; nothing can be watched.",
            how_sure="High that there is none here.",
        )
    chart, events = shown.chart, shown.events
    enough = int(chart["value"].notna().sum()) >= monitor.LEAST_POINTS
    signals = chart[chart["signal"] != ""]
    live = events[events["prospective"].astype(bool)]
    still_open = live[live["closed"] == ""]
    first = chart.iloc[0]
    correlation = monitor.lag_correlation(chart["value"])
    raw_correlation = monitor.lag_correlation(shown.raw["value"])
    points, penalty = monitor.change_points(chart["value"].to_numpy(dtype=float))
    shifts = [str(chart["period"].iloc[i]) for i in points]
    median = monitor.xmr_limits(
        chart.loc[chart["is_baseline"] & (chart["phase"] == 0), "value"].to_numpy(), kind="median"
    )
    opened = set(live["opened"])
    picture = charts.control_chart(
        chart.assign(
            date=[monitor.period_start(str(p)).isoformat() for p in chart["period"]],
            label=[str(p) if p in opened else "" for p in chart["period"]],
        ),
        unit=shown.unit,
        title=_control_title(shown, live, enough),
        subtitle=f"{shown.basis}, {shown.unit}; limits: mean ± 2.66 × mean moving range, frozen on the first {int(chart['is_baseline'].sum())} points (grey): "
        f"{_number(first['lower'])} to {_number(first['upper'])}",
        source=f"{shown.source}",
        description=f"Control chart of {shown.name}: {len(chart)} points, {len(signals)} with a signal, {count(len(live), 'event')}.",
    )
    words = [
        f"**{plain(shown.name)}**: limits {_number(first['lower'])} to {_number(first['upper'])} {plain(shown.unit)} from the first "
        f"{int(chart['is_baseline'].sum())} points."
    ]
    if not enough:
        words.append(
            f"With {count(len(chart), 'point')}, fewer than {monitor.LEAST_POINTS}, it is shown and gives no signal."
        )
    else:
        words.append(
            f"After them {count(len(live), 'event')} {'was' if len(live) == 1 else 'were'} signalled"
            + (f" ({listing([f'{e.opened}: {e.rule}' for e in _each(live)], most=4)})" if len(live) else "")
            + (
                f"; {count(len(still_open), 'event')} {_be(len(still_open))} still open."
                if len(live)
                else "."
            )
        )
    if shown.ignored:
        words.append(
            f"{count(shown.ignored, 'signal')} of less than {SMALLEST_MOVE[shown.kind]:.0f} {shown.unit} {'was' if shown.ignored == 1 else 'were'} left out as too small to matter."
        )
    words.append(
        f"Level shifts by change-point analysis (PELT, penalty {_number(penalty)}): {listing(shifts, most=6) if shifts else 'none'}."
        if not math.isnan(penalty)
        else f"Change points are looked for from {monitor.CHANGE_POINT_LEAST} values on; there are {int(chart['value'].notna().sum())}."
    )
    overview = pd.DataFrame(
        [
            {
                "series": s.name, "unit": s.unit, "points": int(s.chart["value"].notna().sum()), "baseline_points": int(s.chart["is_baseline"].sum()),
                "lower_limit": s.chart["lower"].iloc[0], "centre": s.chart["centre"].iloc[0], "upper_limit": s.chart["upper"].iloc[0],
                "events": int(s.events["prospective"].sum()), "last_event": max(s.events.loc[s.events["prospective"].astype(bool), "opened"], default=""),
                "open_now": "yes" if (s.events["prospective"].astype(bool) & (s.events["closed"] == "")).any() else "no",
                "lag_1_correlation": monitor.lag_correlation(s.chart["value"]),
            }
            for s in every
        ]
    )  # fmt: skip
    return Section(
        answer=" ".join(words),
        charts={"control_chart": picture},
        tables={
            "watch": Table(
                overview,
                "Every series under watch",
                "Events: signals after the baseline, one per event. lag_1_correlation: likeness of each point to the one before; the limits presume about 0.",
            ),
            "control_points": Table(
                chart.assign(series=shown.key)[["series", *chart.columns]],
                f"Points of the chart: {shown.name}",
                f"Single moving ranges have the limit 3.267·mR̄. Around the median (x̃ ± 3.145·m̃R) the limits would be {_number(median.lower)} to {_number(median.upper)}.",
            ),
        },
        how_sure=(
            f"Medium: the points charted resemble the ones before them by {correlation:.2f} (0 is what the limits presume; the series as published {raw_correlation:.2f}, "
            "which is why its change is charted)."
            if shown.basis != "level"
            else f"Medium: the points resemble the ones before them by {correlation:.2f}; 0 is what the limits presume."
        )
        + " Limits from few points are rough.",
        to_check="Whether something known happened at each event; a recorded decision 'confirmed' on its alert starts a new baseline, nothing else does.",
    )


def _control_title(shown: Watched, live: pd.DataFrame, enough: bool) -> str:
    if not enough:
        return f"{shown.label}: too few points to signal"
    if live.empty and shown.ignored:
        return f"{shown.label} crossed its limits by less than {SMALLEST_MOVE[shown.kind]:.0f} {shown.unit}: too little for an alert"
    if live.empty:
        return f"{shown.label} stayed within its limits"
    return f"{shown.label} gave a signal {'once, in' if len(live) == 1 else f'{len(live)} times, last in'} {live['opened'].iloc[-1]}"


# ------------------------------------------------------------------------------------------------ hindsight


@once_per_review
def _hindsight(review: Review) -> pd.DataFrame:
    """Return what each series said at each shock and in calm times; key (``series``, ``basis``, ``shock``)."""
    rows = []
    variants = [
        *_context_series(review),
        *_context_series(review, annual_twins=True),
        *[s for s in _context_series(review, level=True) if monitor.period_months(s.last) == 1],
    ]
    for series in variants:
        calm = monitor.count_calm(series.chart, series.events)
        verdicts = monitor.hold_against(series.chart, series.events)
        hits = int(verdicts["verdict"].eq(monitor.SIGNALLED).sum())
        testable = int(
            verdicts["verdict"].isin([monitor.SIGNALLED, monitor.SILENT, monitor.OPEN_BEFORE]).sum()
        )
        per_year = calm["calm_alerts_per_year"]
        reading = (
            "cannot be told" if not testable
            else "noise" if per_year > NOISE_PER_YEAR or calm["calm_open_share"] > NOISE_OPEN
            else "blind" if not hits
            else "useful" if calm["calm_years"] >= 1
            else "noticed, calm not tested"
        )  # fmt: skip
        for row in _each(verdicts):
            rows.append(
                {
                    "series": series.label, "basis": series.basis, "kind": series.kind, "shock": row.shock, "shock_month": row.month,
                    "verdict": row.verdict, "first_signal": row.first_signal, "direction": row.direction, "rule": row.rule, "months_after": row.months_after,
                    "calm_alerts": int(calm["calm_alerts"]), "calm_signals": int(calm["calm_signals"]), "calm_years": calm["calm_years"],
                    "calm_open_share": calm["calm_open_share"], "reading": reading,
                }
            )  # fmt: skip
    columns = ["series", "basis", "kind", "shock", "shock_month", "verdict", "first_signal", "direction", "rule", "months_after",
               "calm_alerts", "calm_signals", "calm_years", "calm_open_share", "reading"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"months_after": "Int64"})


def _hindsight_words(table: pd.DataFrame) -> str:
    """Return in one sentence whether the watch over the economy was useful or noise."""
    if table.empty:
        return "No published series is held for the region; the method has nothing to say on 2016, 2020 and 2022."
    changes = table[table["basis"].ne("level")]
    one = changes.drop_duplicates(["series", "basis"])
    levels = table[table["basis"].eq("level")].drop_duplicates(["series", "basis"])
    hits = changes[changes["verdict"] == monitor.SIGNALLED]
    parts = []
    for shock in monitor.SHOCKS:
        on = hits[hits["shock"] == shock.name]
        if len(on):
            first = on.sort_values(["months_after", "series"], kind="stable").iloc[0]
            parts.append(
                f"{shock.month[:4]}: {plain(first['series'])} {first['direction']} in {first['first_signal']}"
            )
        else:
            silent = changes[(changes["shock"] == shock.name) & (changes["verdict"] == monitor.SILENT)]
            parts.append(
                f"{shock.month[:4]}: {'silent' if len(silent) else 'too few points to say anything'}"
            )
    useful, noise = (int(one["reading"].eq(r).sum()) for r in ("useful", "noise"))
    loud = int(levels["reading"].eq("noise").sum())
    return (
        f"Held against known shocks, the first signals were: {'; '.join(parts)}. Of {count(len(one), 'series', 'series')} charted as change "
        f"{useful or 'none'} {'was' if useful == 1 else 'were'} useful (a shock noticed, quiet in calm times) and {noise or 'none'} noise"
        + (f"; charted as levels, {loud} of {len(levels)} would be noise" if len(levels) else "")
        + "."
    )


def hindsight(review: Review) -> Section:
    """Return what the method would have said around 2016, 2020 and 2022, and in calm years."""
    table = _hindsight(review)
    if table.empty:
        return Section(
            answer=_hindsight_words(table),
            tables={"hindsight": Table(table, "What each series said at each shock (no series)")},
            how_sure="High that nothing is held here.",
        )
    marks = []
    for row in _each(table):
        name = f"{row.series},\n{row.basis}"
        mark = {
            monitor.SIGNALLED: f"{'▲' if row.direction == 'up' else '▼'} {row.first_signal}",
            monitor.SILENT: "○ silent",
            monitor.TOO_FEW: "too few\npoints yet",
            monitor.NO_DATA: "no data",
            monitor.OPEN_BEFORE: "already open\nfrom before",
        }[row.verdict]
        if row.verdict == monitor.SIGNALLED:
            mark += f"\n{_after(int(row.months_after))}"
        marks.append(
            (
                name,
                f"{row.shock_month[:4]}\n{row.shock.split(' and ')[0].split(' ')[-1].lower()}",
                row.verdict,
                mark,
            )
        )
    for row in _each(table.drop_duplicates(["series", "basis"])):
        years = f"{row.calm_years:.1f} years"
        marks.append(
            (
                f"{row.series},\n{row.basis}",
                "calm\ntimes",
                "noise" if row.reading == "noise" else "calm",
                f"{count(row.calm_alerts, 'alert')} in {years},\nopen {row.calm_open_share:.0%} of the time"
                if row.calm_years
                else "none\nwatched",
            )
        )
    cells = pd.DataFrame(marks, columns=["series", "shock", "verdict", "mark"])
    one = table.drop_duplicates(["series", "basis"])
    changes = one[one["basis"] != "level"]
    useful = int(changes["reading"].eq("useful").sum())
    levels = one[one["basis"] == "level"]
    loud = int(levels["reading"].eq("noise").sum())
    title = (
        f"{useful} of {count(len(changes), 'series', 'series')} charted as change {'was' if useful == 1 else 'were'} useful"
        + (f"; as levels, {loud} of {len(levels)} {_be(loud)} noise" if len(levels) else "")
    )
    picture = charts.hindsight(
        cells,
        title=title,
        subtitle=f"First signal within {monitor.SHOCK_MONTHS} months of each event and its direction, limits frozen before; last column: all other times",
        source=listing(sorted({s.source for s in _context_series(review)}), most=4),
        description=f"{title}. " + "; ".join(f"{r.series}, {r.basis}, {r.shock}: {r.verdict} {r.first_signal}" for r in _each(table)),
    )  # fmt: skip
    unguarded = _without_guard(review)
    return Section(
        answer=f"{_hindsight_words(table)} {_named(changes)}{_begin(_context_series(review), _context_series(review, annual_twins=True))} {unguarded}",
        charts={"hindsight": picture},
        tables={
            "hindsight": Table(
                table,
                "What each series said at each shock, and in calm times",
                f"Calm: more than {monitor.SHOCK_MONTHS} months after the start of any of the three. useful: a shock noticed and no noise; noise: more than one alert per calm year, or one open for more than half of that time; "
                "blind: no shock noticed; under one calm year, quiet is not tested (project convention). months_after counts to the end of the period, when its value could first be known.",
            )
        },
        how_sure="Low to medium: three events and one decade are few, the events were chosen because they are known, a calm-time alert may be "
        "right, and a signal near an event need not come from it (sterling in September 2022 fell on a British budget).",
        to_check="Would a review called at each of these dates have changed a decision here? Only the region can say.",
    )


def _named(series: pd.DataFrame) -> str:
    """Return which series were useful and which noise, as sentences that end in a space."""
    parts = []
    for reading in ("useful", "noise"):
        names = [
            plain(r.series) + (" (annual)" if r.basis.endswith("year before") else "")
            for r in _each(series[series["reading"] == reading])
        ]
        if names:
            parts.append(f"{reading.capitalize()}: {listing(names)}. ")
    return "".join(parts)


def _begin(*series: Sequence[Watched]) -> str:
    """Return when the published series held here begin, and whether the first event could have been signalled."""
    starts: dict[bool, set[str]] = {True: set(), False: set()}
    for one in (s for group in series for s in group if len(s.raw)):
        first = str(one.raw["period"].iloc[0])
        starts[monitor.period_months(first) == 12].add(first[:4])
    words = [
        f"{kind} series held here begin in {listing(sorted(years))}"
        for kind, years in (("monthly", starts[False]), ("annual", starts[True]))
        if years
    ]
    if not words:
        return "No published series is held here."
    event = monitor.SHOCKS[0]
    points = [
        int((one.chart["period"] < event.month).sum()) for group in series for one in group if len(one.chart)
    ]
    able = any(number > monitor.LEAST_POINTS for number in points)
    said = "; ".join(words)
    return f"{said[:1].upper()}{said[1:]}; " + (
        f"limits stood before {event.month[:4]}."
        if able
        else f"before {event.month[:4]} no series had the {monitor.LEAST_POINTS} points a signal takes."
    )


def _after(months: int) -> str:
    return "same month" if months == 0 else f"{months} months after" if months != 1 else "1 month after"


def _without_guard(review: Review) -> str:
    """Return what annual values up to 2015 would have said of 2016 if the guard of ten points were dropped."""
    said = []
    for series in [
        *_context_series(review, annual_twins=True),
        *[s for s in _context_series(review) if len(s.last) == 4],
    ]:
        frame = series.charted
        before = frame[frame["period"] < "2016"]["value"].to_numpy(dtype=float)
        at = frame[frame["period"] == "2016"]["value"]
        if len(before) < 4 or at.empty:
            continue
        limits = monitor.xmr_limits(before)
        value = float(at.iloc[0])
        within = limits.lower <= value <= limits.upper
        said.append(
            f"{plain(series.label)} {value:+.3g} {plain(series.unit)}, {'within' if within else '**outside**'} {limits.lower:+.3g} to {limits.upper:+.3g}"
        )
    if not said:
        return ""
    return f"Without that guard, limits from the years before would have said of 2016: {'; '.join(said)}."


# ------------------------------------------------------------------------------------------------ alerts


def alerts(review: Review, *, previous_year: int | None = None) -> Section:
    """Return every alert with its rule, value and limit, what it touches, and what each trigger watches."""
    table = _alerts(review, previous_year)
    open_alerts = table[table["state"] == "open"]
    previous, names = _previous(review, previous_year), _names(review)
    by_kind = open_alerts["kind"].map(KINDS).value_counts(sort=False)
    reopened = open_alerts["reopens_step"].value_counts(sort=False)
    unnamed = int(open_alerts["owner"].eq("not named").sum())
    words = (
        f"{count(len(open_alerts), 'alert')} {_be(len(open_alerts))} open ({listing([f'{inside(k)}: {n}' for k, n in by_kind.items()], most=8)}); "
        f"{'it re-opens' if len(open_alerts) == 1 else 'they re-open'} {listing([f'step {step} ({n})' for step, n in reopened.items()], most=6)}. "
        + (
            f"{unnamed} of them {'has' if unnamed == 1 else 'have'} no owner on record."
            if unnamed
            else "Each has an owner on record."
        )
        if len(open_alerts)
        else "No alert is open."
    )
    short = pd.DataFrame(
        {
            "date": table["date"], "kind": table["kind"].map(KINDS), "what": table["statement"], "state": table["state"],
            "reopens_step": table["reopens_step"], "owner": [names.get(o, o) for o in table["owner"]], "due_date": table["due_date"],
        }
    )  # fmt: skip
    return Section(
        answer=words,
        tables={
            "alert_list": Table(
                short,
                "Alerts, open ones first",
                f"Due {monitor.URGENT_DAYS} days after the review for closed providers, closing programmes and missed targets, {monitor.NORMAL_DAYS} days for others (project convention). "
                "An owner is never guessed: where the record names none, the region must.",
            ),
            "alerts": Table(
                _flat(table),
                "The alert record: rule, value, limit, vintage, and what each alert touches",
                "Two series of one kind that signal at once are one alert (seen_also_in); an alert closes only after three quiet points (one of an annual series) within half-way to the limits. "
                "Decisions are taken in decisions.csv with subject_kind alert and the alert_id.",
            ),
            "triggers": Table(_triggers(review, table, previous), "What is watched, and what is not"),
        },
        how_sure="Medium: each rule is stated with its value and limit; what an alert touches is named by the needs it weighs on, which is a project convention.",
        to_check="Triggers that are not watched need a person: tariffs, trade agreements, border and customs rules.",
    )


def _told_of_surveys(before: str, now: str) -> str:
    """Return in words which survey of needs is to be used at the year compared with and now; '' is none."""
    if before == now:
        return (
            f"the same survey, {now}, is the one to use at both dates"
            if now
            else "no survey to use at either date"
        )
    return f"{before or 'no survey'} then, {now or 'no survey'} now"


def _triggers(review: Review, table: pd.DataFrame, previous: int) -> pd.DataFrame:
    raised, still = table["kind"].value_counts(), table.loc[table["state"] == "open", "kind"].value_counts()
    before, now, _old, _new = _surveys_compared(review, previous)
    context = {s.kind for s in _context_series(review)}
    own = any(len(s.charted) >= monitor.LEAST_POINTS for s in _own_series(review))
    no_measure = "no table of measurements"
    rows = [
        ("Own indicator beyond its limits", "measurement", own, "" if own else no_measure if not review.pack.has("measurements") else "no indicator has ten values"),
        ("Own indicator far behind its target", "target", review.pack.has("measurements"), "" if review.pack.has("measurements") else no_measure),
        ("Exchange rate moves beyond its limits", "exchange-rate", "exchange-rate" in context, "" if "exchange-rate" in context else "no rate on record matters here"),
        ("Business climate beyond its limits", "business-climate", "business-climate" in context, "" if "business-climate" in context else "no series"),
        ("Exports of the country beyond their limits", "exports", "exports" in context, "annual, country level" if "exports" in context else "no series"),
        (f"Programme closes within {monitor.CLOSING_MONTHS} months", "programme-closing", True, "end years only, taken as 31 December"),
        ("Policy ended, its services go on", "policy-ended", True, f"since {previous}"),
        ("Provider closed or merged", "provider-closed", True, f"since {previous}"),
        (f"A newer survey changes the {TOP_GAPS} heaviest gaps", "survey-shift", True, _told_of_surveys(before, now)),
        ("Data out of date", "stale", True, ""),
        ("Tariff or sanctions change in a top-5 market", "", False, "no table; a person must bring it in"),
        ("Trade agreement enters into force", "", False, "no table; a person must bring it in"),
        ("Border or customs rules change", "", False, "no table; a person must bring it in"),
    ]  # fmt: skip
    return pd.DataFrame(
        [
            {
                "trigger": t, "watched": "yes" if w else "no", "alerts_raised": int(raised.get(k, 0)), "open": int(still.get(k, 0)),
                "reopens_step": monitor.REOPENS.get(k, ""), "remark": remark,
            }
            for t, k, w, remark in rows
        ]
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ what changed


_CHANGE_WORDS = MappingProxyType(
    {
        ("added", False): "added",
        ("added", True): "new in place of an old one",
        ("entered record", False): "entered the record",
        ("closed", False): "closed",
        ("replaced", True): "closed with a successor",
        ("merged", True): "closed with a successor",
        ("left record", False): "left the record",
    }
)


def landscape_change(review: Review, *, previous_year: int | None = None) -> Section:
    """Return what was added, closed, merged or moved since another year, real change apart from better data."""
    previous, day = _previous(review, previous_year), _day(review)
    diff = _diff(review, previous)
    counted = monitor.count_changes(diff)
    services = diff[diff["table"] == "services"]
    stayed = _stayed(review, previous)
    tables = {
        "landscape_change": Table(
            _flat(diff),
            f"What changed between the end of {previous} and {day.isoformat()}",
            "nature: real change (a recorded year says so), better data (the row was found later, or set right), cannot tell. Merged: its successor was there before.",
        ),
        "change_counts": Table(counted, "Changes by table, kind and nature"),
    }
    kinds = dict(zip(review.pack.services["service_id"], review.pack.services["support_type"], strict=True))
    names = _names(review)
    real = services[services["nature"] == monitor.REAL]
    better = int(services["nature"].eq(monitor.BETTER_DATA).sum())
    unknown = int(services["nature"].eq(monitor.CANNOT_TELL).sum())
    added, gone = real[real["change"] == "added"], real[real["change"].isin(["closed", "replaced", "merged"])]
    lines = [
        f"Since the end of {previous}, {count(len(added), 'service')} began"
        + (f" ({listing([plain(names[i]) for i in added['id']], most=4)})" if len(added) else "")
        + f" and {count(len(gone), 'service')} ended"
        + (f" ({listing([plain(names[i]) for i in gone['id']], most=4)})" if len(gone) else "")
        + "."
    ]
    followed = real[real["counterpart"].ne("") & real["change"].isin(["replaced", "merged"])]
    if len(followed):
        lines.append(
            "Followed by a successor: "
            + listing(
                [
                    f"{plain(names[r.id])} → {plain(names.get(r.counterpart.split(';')[0], r.counterpart))}"
                    for r in _each(followed)
                ]
            )
            + "."
        )
    if better:
        lines.append(f"{count(better, 'further row')} {_be(better)} better data and no change.")
    if unknown:
        lines.append(f"For {count(unknown, 'row')} it cannot be told whether anything changed.")
    for table, one, many in (
        ("providers", "provider", "providers"),
        ("policies", "policy", "policies"),
        ("actions", "action", "actions"),
    ):
        part = diff[(diff["table"] == table) & (diff["nature"] == monitor.REAL)]
        new, old = int(part["change"].eq("added").sum()), int(part["change"].eq("closed").sum())
        if new or old:
            lines.append(f"{count(new, one, many).capitalize()} began, {count(old, one, many)} ended.")
    lines.append(
        f"{stayed['all']} services count at both dates, {stayed['undated']} of them only because a year is missing: what happened to those is unknown."
    )
    drawn: dict[str, Any] = {}
    rows = [
        {
            "kind": _label(review, "support_type", kinds[r.id]), "change": _CHANGE_WORDS[r.change, bool(r.counterpart)],
            "services": -1 if r.change in ("closed", "replaced", "merged", "left record") else 1, "is_real": r.nature == monitor.REAL,
        }
        for r in _each(services)
        if (r.change, bool(r.counterpart)) in _CHANGE_WORDS
    ]  # fmt: skip
    if rows:
        sums = (
            pd.DataFrame(rows)
            .groupby(["kind", "change", "is_real"], sort=False)["services"]
            .sum()
            .reset_index()
            .sort_values(
                ["kind", "change"],
                key=lambda c: (
                    c.map(list(dict.fromkeys(_CHANGE_WORDS.values())).index) if c.name == "change" else c
                ),
                kind="stable",
            )
        )
        total = sums.groupby("kind")["services"].sum()
        sums = sums.assign(total=sums["kind"].map(total)).sort_values(
            ["total", "kind"], ascending=[False, True], kind="stable"
        )
        drawn["landscape_change"] = charts.landscape_change(
            sums,
            title=f"{review.pack.region.name}: {count(len(added), 'service')} began and {count(len(gone), 'service')} ended since the end of {previous}",
            subtitle=f"Services by kind of support, end of {previous} to {day.isoformat()}; only recorded years can show a change",
            source=f"region pack {review.pack.id}, years of each service",
            description=f"{count(len(added), 'service')} added, {len(gone)} ended between {previous} and {day.isoformat()}, by kind of support.",
        )
    return Section(
        answer=" ".join(lines),
        charts=drawn,
        tables=tables,
        how_sure=f"{'Low' if stayed['undated'] > stayed['all'] / 2 else 'Medium'}: {stayed['undated']} of {stayed['all']} services that stayed lack a year. One pack read at two years is "
        "no pair of kept snapshots: a cell that was changed since cannot show.",
        to_check="The services that stayed only because nothing says that they ended.",
    )


def _stayed(review: Review, previous: int) -> dict[str, int]:
    turnover = landscape.turnover(review.pack.services, previous, review.year)
    stayed = turnover[turnover["change"] == "stayed"]
    return {"all": len(stayed), "undated": int(stayed["rests_on_missing_year"].sum())}


def need_change(review: Review, *, previous_year: int | None = None) -> Section:
    """Return which needs came to be met or ceased to be, and which firms got through then and now."""
    previous = _previous(review, previous_year)
    old, new = _cells(review, previous), _cells(review, review.year)
    diff = monitor.diff_gaps(old, new)
    served = [gap_rules.coverage_share(cells)[0] for cells in (old, new)]
    opened, closed = diff[diff["change"] == "opened"], diff[diff["change"] == "closed"]
    before = _journeys(review, previous).set_index("persona_id")
    after = _journeys(review, review.year).set_index("persona_id")
    persona_names = dict(
        zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True)
    )
    changed = pd.DataFrame(
        {
            "persona_id": after.index, "persona": [persona_names[str(p)] for p in after.index],
            "reach_then": before["reach"].reindex(after.index).to_numpy(), "reach_now": after["reach"].to_numpy(),
            "open_services_then": before["open_services"].reindex(after.index).to_numpy(), "open_services_now": after["open_services"].to_numpy(),
            "steps_then": before["steps"].reindex(after.index).to_numpy(), "steps_now": after["steps"].to_numpy(),
            "cold_hand_offs_then": before["cold_hand_offs"].reindex(after.index).to_numpy(), "cold_hand_offs_now": after["cold_hand_offs"].to_numpy(),
        }
    )  # fmt: skip
    lost = changed[(changed["reach_then"] == 1) & (changed["reach_now"] == 0)]
    won = changed[(changed["reach_then"] == 0) & (changed["reach_now"] == 1)]

    def needs(rows: pd.DataFrame) -> str:
        heavy = rows.groupby("need", sort=False)["weight"].sum().sort_values(ascending=False, kind="stable")
        return listing(
            [f"{inside(_label(review, 'barrier', n))} ({w:.1%})" for n, w in heavy.items()], most=4
        )

    words = [
        f"Services on record met {served[0]:.0%} of the weighted demand at the end of {previous} and {served[1]:.0%} in {review.year}."
    ]
    words.append(
        f"Newly unmet: {needs(opened)}." if len(opened) else "No need that was met then is a gap now."
    )
    words.append(f"Newly met: {needs(closed)}." if len(closed) else "No gap of then was closed.")
    words.append(
        f"Of {count(len(changed), 'persona')} {len(won) or 'none'} {'gets' if len(won) == 1 else 'get'} through now that did not then, and "
        f"{len(lost) or 'none'} no longer {'does' if len(lost) == 1 else 'do'}"
        + (f": {listing([plain(p) for p in lost['persona']])}." if len(lost) else ".")
        if len(won) or len(lost)
        else f"The same personas get through as then ({int(changed['reach_now'].sum())} of {len(changed)})."
    )
    drawn: dict[str, Any] = {}
    came_to_light = diff[diff["change"].eq("now known") & diff["new_kind"].eq("")]
    lost_sight = diff[diff["change"].eq("no longer known") & diff["old_kind"].eq("")]
    if len(came_to_light) or len(lost_sight):
        words.append(
            f"A further {came_to_light['weight'].sum():.1%} of demand is met now and was unknown then, {lost_sight['weight'].sum():.1%} the other way round."
        )
    parts = [
        (opened, "no longer met", -1),
        (lost_sight, "met then, unknown now", -1),
        (closed, "met now", 1),
        (came_to_light, "met now, unknown then", 1),
    ]
    rows = pd.concat(
        [
            part.groupby("need", sort=False)["weight"].sum().mul(sign).reset_index().assign(change=label)
            for part, label, sign in parts
            if len(part)
        ]
        or [pd.DataFrame(columns=["need", "weight", "change"])],
        ignore_index=True,
    )
    if len(rows):
        total = rows.groupby("need")["weight"].sum()
        rows = rows.assign(total=rows["need"].map(total)).sort_values(
            ["total", "need"], ascending=[False, True], kind="stable"
        )
        drawn["need_change"] = charts.need_change(
            rows.assign(need=[_label(review, "barrier", n) for n in rows["need"]]),
            title=f"Demand known to be met by services went from {served[0]:.0%} in {previous} to {served[1]:.0%} in {review.year}",
            subtitle=f"Share of weighted demand by need whose verdict changed between {previous} and {review.year}; the same personas and weights at both dates",
            source=f"region pack {review.pack.id}; rules of step 3; weights of step 2",
            description="Demand newly met and no longer met by need: " + "; ".join(f"{r.need} {r.change} {r.weight:+.1%}" for r in _each(rows)),
        )  # fmt: skip
    return Section(
        answer=" ".join(words),
        charts=drawn,
        tables={
            "gap_change": Table(
                _flat(diff),
                f"Needs whose verdict changed between {previous} and {review.year}",
                "opened: met then, a gap now; closed: the other way round; lost and gained: services the verdict rested on. Weights are shares of all demand.",
            ),
            "journey_change": Table(changed, "What each persona would have met then and meets now", "reach: 1 where the goal can be reached with support at every stage; all routes."),
        },
        how_sure="Low to medium: it follows from recorded years only, with the personas and weights of today at both dates; a gap here is a candidate, as in step 3.",
        to_check="Whether the services named as lost were really what firms used.",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ governance and actions


def _scorecard_years(review: Review) -> list[int]:
    return sorted({*range(review.year - 8, review.year, 2), _previous(review), review.year})


def scorecard(review: Review) -> Section:
    """Return the governance scorecard at several years."""
    governance = review.pack.governance if review.pack.has("governance") else None
    years = _scorecard_years(review)
    table = monitor.governance_scorecard(
        review.pack.tables, years, review.vocabulary.codes("barrier"), governance=governance
    )
    now = table[table["year"] == review.year].set_index("measure")
    then = table[table["year"] == years[0]].set_index("measure")
    both = pd.DataFrame(
        {
            "label": now["label"],
            "change": now["share"] - then["share"],
            "words": [
                f"from {int(a.met)} of {int(a.of)} to {int(b.met)} of {int(b.of)}"
                for a, b in zip(_each(then), _each(now), strict=True)
            ],
        }
    ).dropna()
    ranked = both.sort_values("change", kind="stable")
    weakest = now.dropna(subset=["share"]).sort_values("share", kind="stable")
    fallen = ranked[ranked["change"] <= -LEAST_MOVE]
    risen = ranked[ranked["change"] >= LEAST_MOVE]
    unknown = now[now["share"].isna()]
    title = (
        f"Weakest in {review.year}: {inside(weakest['label'].iloc[0])} ({int(weakest['met'].iloc[0])} of {int(weakest['of'].iloc[0])})"
        if len(weakest)
        else "Nothing can be scored"
    )
    words = [f"{title}."]
    if len(fallen):
        words.append(
            f"Most fallen since {years[0]}: {inside(fallen['label'].iloc[0])}, {fallen['words'].iloc[0]}."
        )
    if len(risen):
        words.append(f"Most risen: {inside(risen['label'].iloc[-1])}, {risen['words'].iloc[-1]}.")
    if len(unknown):
        words.append(f"Not on record or nothing to count: {listing([inside(x) for x in unknown['label']])}.")
    cells = table.assign(mark=["–" if pd.isna(r.share) else f"{r.met} of {r.of}" for r in _each(table)])
    return Section(
        answer=" ".join(words),
        charts={
            "scorecard": charts.scorecard(
                cells,
                title=title,
                subtitle="So many of so many at the end of each year; darker is better; – not on record or nothing to count",
                source=f"region pack {review.pack.id}: governance, policies, services, actions",
                description=f"{title}. Shares of {len(monitor.SCORECARD)} measures in {', '.join(map(str, years))}.",
            )
        },
        tables={
            "scorecard": Table(
                table,
                "Governance scorecard over time",
                "Measures are a project convention. Roles carry no years: they count as long as their policy stands, so the past is rebuilt from the years of policies and services.",
            )
        },
        how_sure="Low to medium: earlier years are read from today's record, which knows the present better than the past.",
        to_check="Whether the roles recorded today were held by the same bodies in earlier years.",
    )


def _action_decisions(review: Review, tracked: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    return monitor.propose_decisions(
        review.pack.actions, review.pack.services, tracked, table, review.pack.decisions, review.year
    )


def _to_add(review: Review) -> pd.DataFrame:
    """Return the heaviest recommendations of step 5 whose need no running or planned action takes up."""
    table = review.earlier("plan", "recommendations")
    actions = review.pack.actions
    live = actions[
        policy.standing(actions, review.year).ne("ended") & ~actions["status"].isin(["done", "stopped"])
    ]
    taken_up = {need for needs in live["barriers_addressed"] for need in needs}
    free = table[table["need"].notna() & ~table["need"].isin(taken_up) & table["status"].eq("proposed")]
    free = free.sort_values("rank", kind="stable").drop_duplicates("need").head(MOST_ADDED)
    return pd.DataFrame(
        {
            "action_id": free["recommendation_id"], "title": free["title"], "state": "not begun", "proposal": "add",
            "because": free["why"], "decision": "", "decided_by": "", "decided_on": "",
        }
    )  # fmt: skip


def action_decisions(review: Review) -> Section:
    """Return for each action what was decided, or what the records suggest to discuss; and what could be added."""
    table = _action_decisions(review, _tracked(review), _alerts(review))
    added = _to_add(review)
    decided = table[table["decision"] != ""]
    open_rows = table[(table["decision"] == "") & (table["state"] != "finished")]
    finished = table[(table["decision"] == "") & (table["state"] == "finished")]
    asked = open_rows["proposal"].value_counts()
    words = [
        f"{len(decided) or 'None'} of {count(len(table), 'action')} {'have' if len(decided) > 1 else 'has'} a decision on record."
    ]
    if len(open_rows):
        words.append(
            f"For the {'one' if len(open_rows) == 1 else len(open_rows)} that still {'runs' if len(open_rows) == 1 else 'run'} without one the records suggest: "
            f"{listing([f'{verb} ({n})' for verb, n in asked.items()])}."
        )
    adapt = open_rows[open_rows["proposal"] == "adapt"]
    if len(adapt):
        words.append(
            f"To adapt: {listing([f'{plain(r.title)} ({plain(r.because)})' for r in _each(adapt)], most=3)}."
        )
    if len(added):
        words.append(
            f"To consider adding, from step 5, as no running or planned action takes up the need: {listing([plain(t) for t in added['title']], most=3)}."
        )
    if len(finished):
        words.append(
            f"{count(len(finished), 'action')} {_be(len(finished))} over and {'waits' if len(finished) == 1 else 'wait'} for a look at the effect."
        )
    return Section(
        answer=" ".join(words),
        tables={
            "action_decisions": Table(
                _flat(stack([table, added])).fillna({"services_gone": "", "alerts": ""}),
                "Continue, adapt, stop or add: what was decided, and what the records suggest",
                f"add: the up to {MOST_ADDED} heaviest recommendations of step 5 for needs that no action takes up, under their own ids. A proposal is where to start the talk, by fixed rules; only decisions.csv holds decisions.",
            )
        },
        how_sure="Low: most actions are measured by nothing, so ‘continue’ often means that nothing is known against them.",
        to_check="The actions that are over: what came of them?",
    )


def calendar(review: Review) -> Section:
    """Return the next dates of the review."""
    table = monitor.review_calendar(
        _day(review),
        {n: review.pack.tables[n] for n in ("policies", "services", "actions")},
        _alerts(review),
        _tracked(review),
    )
    names = _names(review)
    own = table[table["rests_on"] == "the pack"]
    table = table.assign(name=[names.get(s, "") for s in table["subject"]])
    first = table.iloc[0]
    full = table[table["what"].str.startswith("Keep a snapshot")].iloc[0]
    return Section(
        answer=f"Next: {first['date']}, {inside(first['what'])}. The full review of all six steps is due on {full['date']}. "
        f"Within two years the region's own record adds {count(len(own), 'date')}"
        + (f", the first on {own['date'].iloc[0]} ({inside(plain(own['what'].iloc[0]))} {plain(names.get(own['subject'].iloc[0], own['subject'].iloc[0]))})" if len(own) else "")
        + ".",
        tables={
            "calendar": Table(
                table[["date", "what", "subject", "name", "rests_on"]],
                "Review calendar",
                "Cycle of three, six and twelve months: project convention. Years on record are taken to end on 31 December.",
            )
        },
        how_sure="High for the arithmetic; the cycle is ours to propose and the region's to set.",
        to_check="Whether the cycle fits the meetings that take place anyway.",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ meaning and limits


def _findings(review: Review) -> pd.DataFrame:
    """Return what step 6 found, most important first."""
    found: list[dict[str, Any]] = []

    def add(
        kind: str,
        subject: str,
        statement: str,
        value: float,
        unit: str,
        how_sure: str,
        status: str,
        rows: str,
    ) -> None:
        found.append(
            {
                "finding_id": f"review:{kind}:{subject}", "kind": kind, "subject": subject, "statement": statement, "value": value,
                "unit": unit, "how_sure": how_sure, "status": status, "rows": rows,
            }
        )  # fmt: skip

    tracked, table, previous = _tracked(review), _alerts(review), _previous(review)
    for row in _each(tracked[tracked["state"] == monitor.RED]):
        add(
            "target", row.indicator_id,
            f"{row.indicator_name}: {_number(row.value)} {row.unit} in {row.period}, {row.attainment:.0%} of the way where {row.expected:.0%} was expected.",
            row.ratio, "share of the expected", "medium", "finding", f"measurements:{row.indicator_id}",
        )  # fmt: skip
    for row in _each(table[(table["state"] == "open") & ~table["kind"].isin(["target"])]):
        recorded = row.kind in {"provider-closed", "policy-ended", "programme-closing", "stale"}
        rows = ";".join(
            [*(f"services:{s}" for s in row.affects_services), *(f"actions:{a}" for a in row.affects_actions)]
        )
        add(
            f"alert-{row.kind}", row.subject, row.statement, row.value, row.unit, "medium",
            "finding" if recorded and row.kind != "policy-ended" else "candidate", rows if recorded else "",
        )  # fmt: skip
    diff = _diff(review, previous)
    real = diff[(diff["table"] == "services") & (diff["nature"] == monitor.REAL)]
    names = _names(review)
    for row in _each(real[(real["change"] == "closed")]):
        add(
            "closed-service", row.id, f"{names[row.id]} ended since the end of {previous} without a successor on record ({row.because}).",
            1.0, "services", "medium", "candidate", f"services:{row.id}",
        )  # fmt: skip
    if tracked.empty:
        add(
            "no-measurements",
            "pack",
            "No measurement is on record: whether the plan works is unknown.",
            math.nan,
            "",
            "high",
            "unknown",
            "",
        )
    stayed = _stayed(review, previous)
    if stayed["undated"]:
        add(
            "undated", "services", f"{stayed['undated']} of {stayed['all']} services count at both dates only because a year is missing; what became of them is unknown.",
            float(stayed["undated"]), "services", "high", "unknown", "",
        )  # fmt: skip
    past = _hindsight(review)
    one = past[past["basis"] != "level"].drop_duplicates(["series", "basis"]) if len(past) else past
    if len(one):
        useful = one[one["reading"] == "useful"]
        add(
            "watch", "series",
            f"{len(useful)} of {count(len(one), 'series', 'series')} watched as change noticed a known shock and kept quiet in calm times"
            + (f": {listing(list(useful['series']))}." if len(useful) else "."),
            float(len(useful)), "series", "low", "finding", "",
        )  # fmt: skip
    for row in _each(tracked[tracked["state"] == monitor.GREEN]):
        add(
            "on-track", row.indicator_id, f"{row.indicator_name}: {row.attainment:.0%} of the way in {row.period}, {row.expected:.0%} expected.",
            row.ratio, "share of the expected", "medium", "finding", f"measurements:{row.indicator_id}",
        )  # fmt: skip
    return findings_frame(found)


def meaning(review: Review) -> Section:
    """Return what the review means for the region, and its findings."""
    findings = _findings(review)
    firm = findings[findings["status"] == "finding"].head(4)
    other = findings[findings["status"] != "finding"].head(2)
    number = findings["status"].value_counts()
    table = _alerts(review)
    steps = list(dict.fromkeys(table.loc[table["state"] == "open", "reopens_step"]))
    lines = "\n".join(
        f"- {plain(r.statement)} *({r.status}; sure: {r.how_sure})*" for r in _each(pd.concat([firm, other]))
    )
    return Section(
        answer=f"For {plain(review.pack.region.name)} the review shows {count(int(number.get('finding', 0)), 'finding')}, {count(int(number.get('candidate', 0)), 'candidate')} and "
        f"{count(int(number.get('unknown', 0)), 'open question')}; "
        + (
            f"the open alerts call for another look at {listing([f'step {s}' for s in steps], most=6)}."
            if steps
            else "no alert calls for another look at an earlier step."
        )
        + f"\n\n{lines}",
        tables={
            "findings": Table(
                findings,
                "Findings of step 6, most important first",
                "status: finding (rests on rows), candidate (a signal or an absence somebody must look at), unknown. rows: the records behind it.",
            )
        },
        how_sure="As each line says; an alert is a question put to people, not an answer.",
        to_check="Decide on each open alert and on each action, and write the decisions down with date and role.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence, with the numbers that set them."""
    previous, stayed = _previous(review), _stayed(review, _previous(review))
    series = _context_series(review)
    wandering = [s for s in series if monitor.lag_correlation(s.raw["value"]) > 0.5]
    areas = sorted({s.area for s in series})
    points = [
        "**No counterfactual.** An indicator on track does not show that the action moved it; a signal does not say why.",
        f"**Country for region.** {count(len(series), 'published series', 'published series')} stand for {listing(areas) if areas else 'no area'}; none measures internationalisation in the region itself.",
        f"**Series that wander.** {len(wandering)} of {len(series)} resemble their own past by more than 0.5 and are charted as changes; on levels the limits would be crossed all the time.",
        f"**Short memory.** {_begin(series, _context_series(review, annual_twins=True))}",
        f"**One record, two years.** The comparison with {previous} reads today's table backwards: {stayed['undated']} of {stayed['all']} services stayed only because a year is missing. Kept snapshots will tell more.",
        "**Conventions.** Baseline length, quiet points, due dates, the three shocks and what counts as noise are ours; they stand in the parameters or beside the tables.",
    ]
    if not review.pack.has("measurements"):
        points.insert(
            1,
            "**Nothing measured.** The pack has no table of measurements; absent is not zero, and not green.",
        )
    if not review.pack.has("decisions"):
        points.append(
            "**No decisions on record.** Every alert therefore stands as open until it closes by itself."
        )
    if review.pack.region.invented:
        points.insert(0, "**This region is invented.** Nothing on this page describes a real place.")
    return Section(
        answer="\n".join(f"- {point}" for point in points),
        how_sure="High: these are counts of what is missing, and statements of method.",
    )


LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "alerts": alerts,
        "triggers": alerts,
        "tracking": tracking,
        "landscape_change": landscape_change,
        "gap_change": need_change,
        "journey_change": need_change,
        "scorecard": scorecard,
        "action_decisions": action_decisions,
        "calendar": calendar,
        "hindsight": hindsight,
        "findings": meaning,
    }
)
"""Tables that others may read → the section that makes each."""
