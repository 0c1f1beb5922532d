"""Whether anything calls for attention: every alert with its rule, value and limit."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods import monitor
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._alerting import TOP_GAPS, _alerts, _surveys_compared
from eis_lib.steps.review._series import _context_series, _own_series
from eis_lib.steps.review._view import _kind_label, _names, _previous
from eis_lib.steps.shared.words import _flat, words_of

ROWS_DRAWN = 8
"""Alerts from the own record that get a line of their own in the timeline; with more, there is one per kind."""


def alerts(review: Review, *, previous_year: int | None = None) -> Section:
    """Return every alert with its rule, value and limit, what it touches, and what each trigger watches."""
    table = _alerts(review, previous_year)
    open_alerts = table[table["state"] == "open"]
    previous, names = _previous(review, previous_year), _names(review)
    words = words_of(__file__, review, closing_months=monitor.CLOSING_MONTHS, top_gaps=TOP_GAPS)
    short = pd.DataFrame(
        {
            "date": table["date"], "kind": table["kind"].map(_kind_label), "what": table["statement"], "state": table["state"],
            "reopens_step": table["reopens_step"], "owner": [names.get(o, o) for o in table["owner"]], "due_date": table["due_date"],
        }
    )  # fmt: skip
    return Section(
        answer=words.answer(
            len(open_alerts),
            open_alerts["kind"].value_counts(sort=False),
            open_alerts["reopens_step"].value_counts(sort=False),
            int(open_alerts["owner"].eq("not named").sum()),
        ),
        tables={
            "alert_list": Table(
                short, words.list_caption(), words.list_note(monitor.URGENT_DAYS, monitor.NORMAL_DAYS)
            ),
            "alerts": Table(_flat(table), words.record_caption(), words.record_note()),
            "triggers": Table(_triggers(review, table, previous, words), words.triggers_caption()),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _triggers(review: Review, table: pd.DataFrame, previous: int, words: Words) -> pd.DataFrame:
    """Return what is watched and what is not; what no alert can come of has no step to re-open."""
    raised, still = table["kind"].value_counts(), table.loc[table["state"] == "open", "kind"].value_counts()
    before, now, _old, _new = _surveys_compared(review, previous)
    context = {s.kind for s in _context_series(review)}
    measured = review.pack.has("measurements")
    watched = {
        "measurement": any(len(s.charted) >= monitor.LEAST_POINTS for s in _own_series(review)),
        "target": measured,
        "exchange-rate": "exchange-rate" in context,
        "business-climate": "business-climate" in context,
        "exports": "exports" in context,
        "programme-closing": True,
        "policy-ended": True,
        "provider-closed": True,
        "survey-shift": True,
        "stale": True,
        "tariffs": False,
        "agreements": False,
        "border": False,
    }
    return pd.DataFrame(
        [
            {
                "trigger": words.trigger(code), "watched": "yes" if is_watched else "no", "alerts_raised": int(raised.get(code, 0)),
                "open": int(still.get(code, 0)), "reopens_step": monitor.REOPENS.get(code, ""),
                "remark": words.remark(code, is_watched, measured, previous, (before, now)),
            }
            for code, is_watched in watched.items()
        ]
    )  # fmt: skip
