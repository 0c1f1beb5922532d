"""Whether anything calls for attention: every alert with its rule, value and limit."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._alerting import TOP_GAPS, _alerts, _surveys_compared
from eis_lib.steps.review._series import _context_series, _own_series
from eis_lib.steps.review._view import KINDS, _names, _previous
from eis_lib.steps.shared.words import _be, _flat

ROWS_DRAWN = 8
"""Alerts from the own record that get a line of their own in the timeline; with more, there is one per kind."""


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
