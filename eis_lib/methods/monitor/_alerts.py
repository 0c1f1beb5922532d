"""Alerts folded into one per event, and what people decided on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.pack.frames import _each_row

CLOSING_MONTHS = 6
"""A programme that closes within so many months is a trigger."""

NORMAL_DAYS, URGENT_DAYS = 90, 30
"""Days to decide on an alert after the review date (project convention)."""

ALERT_COLUMNS = (
    "alert_id",
    "kind",
    "subject",
    "indicator",
    "area",
    "rule",
    "value",
    "limit",
    "unit",
    "date",
    "closed_on",
    "signals",
    "state",
    "statement",
    "seen_also_in",
    "data_vintage",
    "affects_services",
    "affects_actions",
    "affects_personas",
    "reopens_step",
    "owner",
    "decision",
    "decided_by",
    "decided_on",
    "due_date",
)
"""Columns of the alert record; ``affects_…`` are tuples of ids, ``state`` is open, closed or decided."""

REOPENS: Mapping[str, str] = MappingProxyType(
    {
        "exchange-rate": "test",
        "business-climate": "examine",
        "exports": "compare",
        "measurement": "plan",
        "target": "plan",
        "stale": "review",
        "programme-closing": "plan",
        "policy-ended": "examine",
        "provider-closed": "map",
        "survey-shift": "test",
    }
)
"""Kind of alert → the step it re-opens (project convention)."""


def fold_alerts(alerts: pd.DataFrame) -> pd.DataFrame:
    """Return one alert per event: those of one kind and area that overlap in time become the first of them.

    The others are named in ``seen_also_in``; ``signals`` are added up, what is affected is united, and the event is open
    as long as one of them is. Only kinds that watch series are folded; a closed provider or a missed target is an event
    of its own.
    """
    series_kinds = {"exchange-rate", "business-climate", "exports", "stale"}
    kept: list[dict[str, Any]] = []
    for alert in alerts.sort_values(["date", "alert_id"], kind="stable").to_dict("records"):
        end = alert["closed_on"] or "9999"
        for other in kept:
            if (
                alert["kind"] in series_kinds
                and (other["kind"], other["area"]) == (alert["kind"], alert["area"])
                and alert["date"] <= (other["closed_on"] or "9999")
                and (alert["kind"] != "stale" or alert["date"] == other["date"])
            ):
                if alert["indicator"] != other["indicator"]:
                    names = [n for n in other["seen_also_in"].split("; ") if n]
                    other["seen_also_in"] = "; ".join(dict.fromkeys([*names, alert["indicator"]]))
                other["signals"] += alert["signals"]
                other["closed_on"] = "" if "9999" in (end, other["closed_on"] or "9999") else max(
                    end, other["closed_on"]
                )  # fmt: skip
                other["state"] = "open" if not other["closed_on"] else other["state"]
                for name in ("affects_services", "affects_actions", "affects_personas"):
                    other[name] = tuple(dict.fromkeys([*other[name], *alert[name]]))
                break
        else:
            kept.append({str(name): value for name, value in alert.items()})
    return pd.DataFrame(kept, columns=list(ALERT_COLUMNS))


def decide_alerts(alerts: pd.DataFrame, decisions: pd.DataFrame, review_date: dt.date) -> pd.DataFrame:
    """Return alerts with what people decided on them, and a day by which to decide on those that are open.

    The latest decision of ``subject_kind`` alert on an id counts; it takes the alert out of the open ones. Open alerts on
    a closed provider, a programme about to close or a missed target are due after :data:`URGENT_DAYS`, others after
    :data:`NORMAL_DAYS`.
    """
    taken: dict[str, Any] = {}
    on_alerts = decisions[decisions["subject_kind"] == "alert"].sort_values("date", kind="stable")
    for row in _each_row(on_alerts):
        taken[str(row.subject_id)] = row
    result = alerts.copy()
    decided = [taken.get(a) for a in result["alert_id"]]
    result["decision"] = ["" if d is None else d.decision for d in decided]
    result["decided_by"] = ["" if d is None else d.decided_by for d in decided]
    result["decided_on"] = ["" if d is None else d.date for d in decided]
    result["state"] = [
        "decided" if d is not None else "closed" if closed else "open"
        for d, closed in zip(decided, result["closed_on"], strict=True)
    ]
    urgent = {"provider-closed", "programme-closing", "target"}
    result["due_date"] = [
        ""
        if state != "open"
        else (review_date + dt.timedelta(days=URGENT_DAYS if kind in urgent else NORMAL_DAYS)).isoformat()
        for state, kind in zip(result["state"], result["kind"], strict=True)
    ]
    order = {"open": 0, "decided": 1, "closed": 2}
    return (
        result.assign(_order=result["state"].map(order))
        .sort_values(["_order", "date", "alert_id"], ascending=[True, False, True], kind="stable")
        .drop(columns="_order")
        .reset_index(drop=True)
    )
