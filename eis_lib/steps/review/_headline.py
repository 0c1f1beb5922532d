"""Whether it is working and enough has changed to think again: the answer on one screen, and its sources."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.charts.parts import nothing_to_show
from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._alerting import TOUCHES, _alerts
from eis_lib.steps.review._alerts import ROWS_DRAWN
from eis_lib.steps.review._governance import _action_decisions
from eis_lib.steps.review._hindsight import _hindsight_words
from eis_lib.steps.review._series import _all_series, _context_series, _rates
from eis_lib.steps.review._tracking import _tracking_words
from eis_lib.steps.review._view import KINDS, _day, _diff, _kind_label, _previous, _tracked
from eis_lib.steps.shared.words import _be, _short_name


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
    bullets.append(_hindsight_words(review))
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
        _kind_label(r.kind)
        if plainly
        else f"{_kind_label(r.kind)}:\n{_short_name((first[r.kind] if r.kind in series_kinds else r.indicator).split(', ')[0], 30)}"
        for r in _each_row(shown)
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
        return nothing_to_show(
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
