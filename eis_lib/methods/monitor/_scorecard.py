"""The governance scorecard, what to discuss on each action, and the next dates of the review."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import landscape, policy
from eis_lib.methods.monitor._change import _year_of
from eis_lib.methods.monitor._periods import add_months, period_end, period_months
from eis_lib.methods.monitor._targets import RED
from eis_lib.pack.frames import _each_row

# --- governance over time --------------------------------------------------------------------------------------

_WORDS = Words(__file__)

SCORECARD: tuple[str, ...] = (
    "policies-delivered",
    "services-backed",
    "owner-alive",
    "provider-alive",
    "one-decider",
    "coordinated",
    "actions-accountable",
)
"""The measures; each is a share of what its label names, higher is better (project convention)."""


def governance_scorecard(
    tables: Mapping[str, pd.DataFrame],
    years: Sequence[int],
    barrier_codes: Sequence[str],
    *,
    governance: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the measures of :data:`SCORECARD` at several years, each as "so many of so many".

    Parameters
    ----------
    tables
        ``services``, ``providers``, ``policies``, ``actions`` of a pack. Roles carry no years of their own: a role counts as
        long as its policy stands.
    governance
        The pack's roles; None where it records none, and then who coordinates is unknown, not nobody.

    Returns
    -------
    DataFrame
        One row per (``measure``, ``year``): ``label``, ``met``, ``of``, ``share`` (0–1; NaN where there is nothing to count or it
        is not recorded).
    """
    ended = {
        str(p): int(y)
        for p, y in zip(tables["providers"]["provider_id"], tables["providers"]["end_year"], strict=True)
        if not pd.isna(y)
    }
    labels = {measure: _WORDS.measure(measure) for measure in SCORECARD}
    rows = []
    for year in years:
        counts = _scores(tables, year, barrier_codes, governance, ended)
        for measure, label in labels.items():
            met, of = counts[measure] or (0, 0)
            rows.append((measure, label, year, met, of, met / of if of else math.nan))
    return pd.DataFrame(rows, columns=["measure", "label", "year", "met", "of", "share"])


def _scores(
    tables: Mapping[str, pd.DataFrame],
    year: int,
    barrier_codes: Sequence[str],
    governance: pd.DataFrame | None,
    ended: Mapping[str, int],
) -> dict[str, tuple[int, int] | None]:
    """Return measure → (met, of) in a year, None where it is not recorded; ``ended`` gives the last year of bodies."""
    services, policies, actions = (tables[n] for n in ("services", "policies", "actions"))
    records_coordination = governance is not None and (governance["role"] == "coordinates").any()
    current = landscape.reaches_smes(landscape.in_force(services, year))
    standing = policies[policy.standing(policies, year).isin(["in-force", "undated"])]
    here = set(current["service_id"])
    named = {s for ids in standing["delivered_by"] for s in ids}
    roles = policy.governance_roles(policies, services, year, governance)
    areas = policy.area_roles(roles, barrier_codes)
    governed = areas[areas["state"] != "no policy"]
    deciders = governed[governed["role"] == "decides"]
    coordinators = governed[governed["role"] == "coordinates"]
    owned = standing["owner"].dropna().astype(str)
    planned = actions[policy.standing(actions, year).isin(["in-force", "undated"])]
    accounts = policy.action_accountability(planned)
    full = (
        (accounts["accountability"] != "nobody") & accounts["has_indicator"] & accounts["has_target"]
        if len(accounts)
        else pd.Series(dtype=bool)
    )
    return {
        "policies-delivered": (sum(bool(here & set(ids)) for ids in standing["delivered_by"]), len(standing)),
        "services-backed": (len(here & named), len(here)),
        "owner-alive": (sum(ended.get(o, year) >= year for o in owned), len(owned)),
        "provider-alive": (sum(ended.get(str(p), year) >= year for p in current["provider_id"]), len(current)),
        "one-decider": (int((deciders["bodies"] == 1).sum()), len(deciders)),
        "coordinated": (int((coordinators["bodies"] > 0).sum()), len(coordinators))
        if records_coordination
        else None,
        "actions-accountable": (int(full.sum()), len(planned)),
    }  # fmt: skip


# --- deciding on actions ---------------------------------------------------------------------------------------


PRESSING = frozenset({"target", "provider-closed", "programme-closing", "policy-ended"})
"""Kinds of alert that call an action into question; a series of the country, or a rise that was wished for, does not."""


def propose_decisions(
    actions: pd.DataFrame,
    services: pd.DataFrame,
    tracked: pd.DataFrame,
    alerts: pd.DataFrame,
    decisions: pd.DataFrame,
    year: int,
) -> pd.DataFrame:
    """Return for each action what people decided, or else what the records suggest to discuss.

    In this order: a recorded decision stands; an action marked stopped is *stop*; one whose last year is over, or that is
    done, is finished (its effect is to be assessed: no proposal to go on); far behind its target, or all of its services
    gone, or touched by an open alert of :data:`PRESSING`: *adapt*; else *continue*, with a word on what else to look at. A
    proposal is never a decision.

    Returns
    -------
    DataFrame
        Key ``action_id``: ``title``, ``state`` (running, planned, finished, stopped, undated), ``proposal`` (continue, adapt, stop, or
        assess effect), ``because``, ``decision``, ``decided_by``, ``decided_on``, ``services_gone``, ``alerts`` (tuple of ids).
    """
    taken: dict[str, Any] = {}
    on_actions = decisions[decisions["subject_kind"] == "action"].sort_values("date", kind="stable")
    for row in _each_row(on_actions):
        taken[str(row.subject_id)] = row
    here = set(landscape.in_force(services, year)["service_id"])
    states: dict[str, list[tuple[str, str]]] = {}
    for row in _each_row(tracked.dropna(subset=["action_id"])):
        states.setdefault(str(row.action_id), []).append((row.indicator_name, row.state))
    touching, pressed = _open_alerts(alerts)
    rows = []
    for record in actions.to_dict("records"):
        action = {str(name): value for name, value in record.items()}
        key = str(action["action_id"])
        state = _action_state(action, year)
        own = action.get("services") or ()
        gone = tuple(s for s in own if s not in here)
        open_alerts = tuple(touching.get(key, ()))
        all_gone = len(own) if len(gone) == len(own) else 0
        proposal, because = _proposal(state, states.get(key, []), pressed.get(key, 0), all_gone, year)
        if proposal == "continue" and open_alerts:
            because = sentences(because, _WORDS.look_first(len(open_alerts)), between="; ")
        row = taken.get(key)
        rows.append(
            {
                "action_id": key, "title": action["title"], "state": state, "proposal": proposal, "because": because,
                "decision": "" if row is None else row.decision, "decided_by": "" if row is None else row.decided_by,
                "decided_on": "" if row is None else row.date, "services_gone": gone, "alerts": open_alerts,
            }
        )  # fmt: skip
    columns = ["action_id", "title", "state", "proposal", "because", "decision", "decided_by", "decided_on",
               "services_gone", "alerts"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _open_alerts(alerts: pd.DataFrame) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Return action → the open alerts that touch it, and how many of them press."""
    touching: dict[str, list[str]] = {}
    pressed: dict[str, int] = {}
    for row in _each_row(alerts[alerts["state"] == "open"]):
        for action in row.affects_actions:
            touching.setdefault(str(action), []).append(str(row.alert_id))
            pressed[str(action)] = pressed.get(str(action), 0) + (row.kind in PRESSING)
    return touching, pressed


def _proposal(
    state: str, tracked: Sequence[tuple[str, str]], pressed: int, all_gone: int, year: int
) -> tuple[str, str]:
    """Return what to propose and why: of its indicators (name, state), pressing alerts, and services where all are gone."""
    if state == "stopped":
        return "stop", _WORDS.was_stopped()
    if state == "finished":
        return "assess effect", _WORDS.is_over()
    if behind := [(name, its) for name, its in tracked if its == RED]:
        return "adapt", _WORDS.indicators(behind)
    if all_gone:
        return "adapt", _WORDS.services_gone(all_gone, year)
    if pressed:
        return "adapt", _WORDS.called_into_question(pressed)
    return "continue", _WORDS.indicators(tracked) if tracked else _WORDS.nothing_against()


def _action_state(action: Mapping[str, Any], year: int) -> str:
    status = action.get("status")
    start, end = (_year_of(action, n) for n in ("start_year", "end_year"))
    if status == "stopped":
        return "stopped"
    if status == "done" or (end is not None and end < year):
        return "finished"
    if status == "planned" or (start is not None and start > year):
        return "planned"
    return "running" if status == "running" or (start is not None and end is not None) else "undated"


# --- the calendar ----------------------------------------------------------------------------------------------

CYCLE: tuple[tuple[int, str], ...] = (
    (3, "Look at the control charts; decide on open alerts"),
    (6, "Update measurements; look at targets"),
    (12, "Keep a snapshot, recompute steps 1 to 3, compare, decide per action, sign off"),
)
"""Months between reviews → what is done (project convention)."""


def review_calendar(
    review_date: dt.date,
    tables: Mapping[str, pd.DataFrame],
    alerts: pd.DataFrame,
    tracked: pd.DataFrame,
    months: int = 24,
) -> pd.DataFrame:
    """Return the next dates of the review, with what the region's own tables add to the project's cycle.

    Returns
    -------
    DataFrame
        ``date`` (ISO, within so many months after the review date), ``what``, ``subject``, ``rests_on`` (*project convention* or
        *the pack*), in order of date.
    """
    horizon = add_months(review_date, months)
    rows: list[tuple[str, str, str, str]] = []
    for every, what in CYCLE:
        rows.extend(
            (add_months(review_date, n).isoformat(), what, "", "project convention")
            for n in range(every, 13, every)
            if not any(n % other == 0 for other, _ in CYCLE if other > every)
        )
    for table, key, words in (
        ("policies", "policy_id", "Policy ends: who takes over its services?"),
        ("services", "service_id", "Service ends: is there a successor?"),
        ("actions", "action_id", "Action ends: assess its effect"),
    ):
        frame = tables[table]
        for subject, end in zip(frame[key], frame["end_year"], strict=True):
            if not pd.isna(end) and review_date < (day := dt.date(int(end), 12, 31)) <= horizon:
                rows.append((day.isoformat(), words, str(subject), "the pack"))
    for row in _each_row(tracked):
        if row.period:
            day = add_months(period_end(str(row.period)), period_months(str(row.period)))
            if review_date < day <= horizon:
                rows.append((day.isoformat(), "Next value falls due", str(row.indicator_id), "the pack"))
        if (
            not pd.isna(row.target_year)
            and review_date < (day := dt.date(int(row.target_year), 12, 31)) <= horizon
        ):
            rows.append((day.isoformat(), "Target falls due", str(row.indicator_id), "the pack"))
    for row in _each_row(alerts[alerts["state"] == "open"]):
        rows.append((str(row.due_date), "Decide on the alert", str(row.alert_id), "project convention"))
    frame = pd.DataFrame(rows, columns=["date", "what", "subject", "rests_on"])
    return frame.sort_values(["date", "what", "subject"], kind="stable").reset_index(drop=True)
