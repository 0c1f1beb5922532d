"""Whether it is working and enough has changed to think again: the answer on one screen, and its sources."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.charts.parts import nothing_to_show
from eis_lib.language.sentences import bulleted
from eis_lib.language.templates import Words
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._alerting import TOUCHES, _alerts
from eis_lib.steps.review._alerts import ROWS_DRAWN
from eis_lib.steps.review._governance import _action_decisions
from eis_lib.steps.review._hindsight import _hindsight_words
from eis_lib.steps.review._series import _all_series, _context_series, _rates
from eis_lib.steps.review._tracking import _tracking_words
from eis_lib.steps.review._view import KINDS, _day, _diff, _kind_label, _previous, _tracked
from eis_lib.steps.shared.words import _short_name, words_of


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with its alerts in time."""
    previous, alerts, tracked = _previous(review), _alerts(review), _tracked(review)
    open_alerts = alerts[alerts["state"] == "open"]
    diff = _diff(review, previous)
    services = diff[(diff["table"] == "services") & (diff["nature"] == monitor.REAL)]
    lost = services[services["change"].isin(["closed", "replaced", "merged"])]
    proposals = _action_decisions(review, tracked, alerts)
    undecided = proposals[(proposals["decision"] == "") & proposals["state"].ne("finished")]
    words = words_of(__file__, review, day=_day(review).isoformat())
    bullets = [
        _tracking_words(review, tracked),
        words.open_alerts(
            len(open_alerts),
            len(alerts),
            int(alerts["state"].eq("closed").sum()),
            _most_urgent(open_alerts)["statement"] if len(open_alerts) else "",
        ),
        words.services_came_and_went(
            previous,
            review.pack.region.name,
            int(services["change"].eq("added").sum()),
            len(lost),
            int(lost["change"].eq("closed").sum()),
        ),
        _hindsight_words(review),
        words.actions_decided(
            int(proposals["decision"].ne("").sum()), len(proposals), undecided["proposal"].value_counts()
        ),
    ]
    return Section(
        answer=bulleted(*bullets),
        charts={"alerts_timeline": _timeline(review, alerts, words)},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _most_urgent(open_alerts: pd.DataFrame) -> Any:
    order = list(KINDS)
    rank = ["provider-closed", "target", "programme-closing", "policy-ended"]
    position = {kind: n for n, kind in enumerate(dict.fromkeys([*rank, *order]))}
    ordered = open_alerts.assign(_p=open_alerts["kind"].map(position)).sort_values(
        ["_p", "date"], ascending=[True, False], kind="stable"
    )
    return ordered.iloc[0]


def _timeline(review: Review, alerts: pd.DataFrame, words: Words) -> Any:
    day = _day(review)
    shown = alerts[alerts["kind"].isin(KINDS)].assign(order=alerts["kind"].map(list(KINDS).index))
    still_open = int(alerts["state"].eq("open").sum())
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
        return nothing_to_show(words.no_alerts_title(), words.no_alerts_subtitle())
    return charts.alerts_timeline(
        rows,
        shocks,
        until=day.isoformat(),
        title=words.title(review.pack.region.name, len(alerts), rows["start"].min()[:4], still_open),
        subtitle=words.subtitle(),
        source=words.source(),
        description=words.description(len(alerts), still_open),
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
    measured = review.pack.measurements["indicator_id"].nunique() if review.pack.has("measurements") else None
    words = words_of(__file__, review, day=day.isoformat())
    return Section(
        answer=words.sources_answer(len(frame), measured, _rates(review)),
        tables={"series": Table(frame, words.series_caption(), words.series_note(lag))},
        how_sure=words.sources_how_sure(),
        to_check=words.sources_to_check(),
    )
