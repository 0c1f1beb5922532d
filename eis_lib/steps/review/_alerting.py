"""The alerts of a region: from series, targets, records and surveys, folded and with decisions."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import landscape, monitor, policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.review._demand import _cells
from eis_lib.steps.review._series import _all_series, _context_series
from eis_lib.steps.review._view import _day, _figure, _names, _previous, _tracked
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import words_of

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


def _words(review: Review) -> Words:
    return words_of(__file__, review, figure=_figure, outside=monitor.OUTSIDE, run=monitor.RUN)


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


def _series_alerts(review: Review, services: pd.DataFrame) -> list[dict[str, Any]]:
    found, words = [], _words(review)
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
        for event in _each_row(series.events[series.events["prospective"].astype(bool)]):
            rose = event.value > event.limit
            ended = not event.closed and monitor.is_stale(
                series.last, _day(review), review.parameters.lag_months
            )
            closed = series.last if ended else event.closed
            found.append(
                _alert(
                    alert_id=f"{series.kind}:{series.key}:{event.opened}", kind=series.kind, subject=series.key,
                    indicator=series.name, area=series.area, rule=event.rule, value=event.value, limit=event.limit,
                    unit=series.unit, date=monitor.period_end(event.opened).isoformat(),
                    closed_on=monitor.period_end(closed).isoformat() if closed else "",
                    signals=event.signals, data_vintage=series.vintage,
                    statement=words.series_signalled(series, event, rose, ended),
                    owner=_owner_of(action) if action else "not named", **touched,
                )
            )  # fmt: skip
    return found


def _stale_alerts(review: Review, tracked: pd.DataFrame) -> list[dict[str, Any]]:
    day, lag = _day(review), review.parameters.lag_months
    found, words = [], _words(review)
    for row in _each_row(tracked[tracked["stale"].astype(bool)]):
        due = monitor.period_end(row.period).isoformat() if row.period else ""
        found.append(
            _alert(
                alert_id=f"stale:{row.indicator_id}:{row.period or 'never'}", kind="stale", subject=row.indicator_id,
                indicator=row.indicator_name, rule=words.stale_rule(), value=row.value,
                unit=row.unit, date=due or day.isoformat(), statement=words.indicator_is_stale(row.indicator_name, row.period),
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
                    rule=words.stale_rule(), area=series.area,
                    date=monitor.period_end(series.last).isoformat(), data_vintage=series.vintage,
                    statement=words.series_is_stale(series.label, series.last),
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
    words = _words(review)
    heads = every.drop_duplicates("indicator_id").set_index("indicator_id")
    found = []
    for spell in _each_row(monitor.red_spells(every)):
        head = heads.loc[spell.indicator_id]
        action = head["action_id"]
        own = review.pack.actions[review.pack.actions["action_id"] == str(action)]
        found.append(
            _alert(
                alert_id=f"target:{spell.indicator_id}:{spell.opened}", kind="target", subject=spell.indicator_id,
                indicator=head["indicator_name"], rule=words.target_rule(settings.amber), value=spell.value,
                limit=spell.path_value, unit=head["unit"], date=monitor.period_end(spell.opened).isoformat(),
                closed_on=monitor.period_end(spell.closed).isoformat() if spell.closed else "", signals=spell.signals,
                statement=words.target_missed(head, spell),
                affects_actions=() if pd.isna(action) else (str(action),),
                affects_services=tuple(own["services"].iloc[0]) if len(own) else (),
                owner=_action_owner(review, action),
                data_vintage="not recorded" if pd.isna(head["vintage"]) else head["vintage"],
            )
        )  # fmt: skip
    return found


def _provider_alerts(review: Review, services: pd.DataFrame, previous: int) -> list[dict[str, Any]]:
    """Return alerts from the region's own record: providers closed."""
    pack, day = review.pack, _day(review)
    names = _names(review)
    here = set(services["service_id"])
    found, words = [], _words(review)
    heirs = set(pack.services["succeeds"].dropna().astype(str)) if "succeeds" in pack.services else set()
    for row in _each_row(pack.providers.dropna(subset=["end_year"])):
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
        found.append(
            _alert(
                alert_id=f"provider-closed:{row.provider_id}:{end.year}", kind="provider-closed", subject=row.provider_id,
                indicator=names[str(row.provider_id)], rule=words.provider_rule(), value=float(end.year),
                limit=float(previous), unit="year", date=end.isoformat(), closed_on="" if dangling or orphaned or len(still) else day.isoformat(),
                statement=words.provider_ceased(names[str(row.provider_id)], end.year, len(dangling), len(orphaned), len(still)),
                affects_services=dangling + orphaned, affects_actions=owned,
                data_vintage=read if (read := monitor.read_vintage(str(row.source_title))) else "not recorded",
            )
        )  # fmt: skip
    return found


def _policy_alerts(review: Review, services: pd.DataFrame, previous: int) -> list[dict[str, Any]]:
    """Return alerts from the region's own record: policies ended or about to end."""
    pack, day = review.pack, _day(review)
    here = set(services["service_id"])
    found, words = [], _words(review)
    standing = pack.policies[policy.standing(pack.policies, review.year + 1).isin(["in-force", "undated"])]
    backed = {s for ids in standing["delivered_by"] for s in ids}
    for row in _each_row(pack.policies.dropna(subset=["end_year"])):
        end = dt.date(int(row.end_year), 12, 31)
        left = tuple(s for s in row.delivered_by if s in here)
        alone = tuple(s for s in left if s not in backed)
        if day < end <= monitor.add_months(day, monitor.CLOSING_MONTHS):
            found.append(
                _alert(
                    alert_id=f"programme-closing:{row.policy_id}:{end.year}", kind="programme-closing", subject=row.policy_id,
                    indicator=str(row.title), rule=words.closing_rule(monitor.CLOSING_MONTHS), value=float((end - day).days),
                    limit=float((monitor.add_months(day, monitor.CLOSING_MONTHS) - day).days), unit="days left", date=day.isoformat(),
                    statement=words.programme_closes(row.title, end.isoformat(), len(alone)),
                    affects_services=left, owner=_owner_of({"owner": row.owner, "owner_name": row.owner_name}),
                )
            )  # fmt: skip
        elif previous <= end.year and end <= day and alone:
            found.append(
                _alert(
                    alert_id=f"policy-ended:{row.policy_id}:{end.year}", kind="policy-ended", subject=row.policy_id,
                    indicator=str(row.title), rule=words.ended_rule(), value=float(len(alone)),
                    limit=0.0, unit="services", date=end.isoformat(),
                    statement=words.policy_ended(row.title, end.year, len(alone)),
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
    words = _words(review)
    gaps = [(stage, need) for _kind, stage, need in (gap.split(":")[:3] for gap in risen)]
    return [
        _alert(
            alert_id=f"survey-shift:{now}", kind="survey-shift", subject=now, indicator=words.survey(now),
            rule=words.survey_rule(TOP_GAPS), value=float(len(risen)), limit=0.0, unit="gaps",
            date=f"{now.split('-')[1][:4]}-12-31",
            statement=words.survey_shifted(before, now, TOP_GAPS, gaps),
            affects_personas=_affected(review, [need for _stage, need in gaps], view(review).services)["affects_personas"],
        )
    ]  # fmt: skip


@once_per_review
def _alerts(review: Review, previous_year: int | None = None) -> pd.DataFrame:
    """Return every alert of the region, folded and with decisions."""
    previous = _previous(review, previous_year)
    services = view(review).services
    rows = [
        *_series_alerts(review, services),
        *_target_alerts(review),
        *_stale_alerts(review, _tracked(review)),
        *_provider_alerts(review, services, previous),
        *_policy_alerts(review, services, previous),
        *_survey_alerts(review, previous),
    ]
    frame = pd.DataFrame(rows, columns=list(monitor.ALERT_COLUMNS))
    return monitor.decide_alerts(monitor.fold_alerts(frame), review.pack.decisions, _day(review))
