"""The checks of an action plan: money by source, players with their roles, and what each action lacks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from eis_lib.language.messages import later
from eis_lib.language.templates import Words
from eis_lib.methods.recommendation._evidence import split

_WORDS = Words(__file__)

_AMOUNT = re.compile(r"^(?P<source>.*?[^\d\s.,–-])\s+(?P<amount>\d+(?:\.\d+)?)$")


def parse_funding(text: object) -> list[tuple[str, float]]:
    """Return the sources of money named in a cell, each with its euros; NaN where no amount is given.

    Sources are separated by ``;``. Only a plain number at the end counts as euros, and never one that reads as a year: a
    sum in another currency or in words stays part of the name.

    Examples
    --------
    >>> parse_funding("ERDF 120000; Regional Government 60000")
    [('ERDF', 120000.0), ('Regional Government', 60000.0)]
    >>> parse_funding("Alentejo 2020; ERDF DKK 225m")
    [('Alentejo 2020', nan), ('ERDF DKK 225m', nan)]
    """
    found = []
    for part in (piece.strip() for piece in text.split(";")) if isinstance(text, str) else ():
        match = _AMOUNT.match(part)
        if match and not 1980 <= float(match["amount"]) <= 2060:
            found.append((match["source"].rstrip(" :"), float(match["amount"])))
        elif part:
            found.append((part, math.nan))
    return found


def funding_table(actions: pd.DataFrame) -> pd.DataFrame:
    """Return the money of each action by source, and whether the sources sum to its cost.

    Parameters
    ----------
    actions
        ``action_id``, ``cost_eur``, ``funding`` (text).

    Returns
    -------
    DataFrame
        One row per (``action_id``, ``source``): ``amount_eur``, ``cost_eur``, ``adds_up`` (``yes``, ``no``, ``amounts not published``, ``cost
        not published``, ``no source named``). An action without a source has one row with source "".
    """
    rows: list[tuple[object, ...]] = []
    for action in actions.to_dict("records"):
        cost = float(action["cost_eur"]) if pd.notna(action["cost_eur"]) else math.nan
        sources = parse_funding(action["funding"])
        amounts = [amount for _, amount in sources]
        if not sources:
            verdict = "no source named"
        elif math.isnan(cost):
            verdict = "cost not published"
        elif any(math.isnan(a) for a in amounts):
            verdict = "amounts not published"
        else:
            verdict = "yes" if math.isclose(sum(amounts), cost, abs_tol=0.5) else "no"
        rows.extend((action["action_id"], s, a, cost, verdict) for s, a in sources or [("", math.nan)])
    return pd.DataFrame(rows, columns=["action_id", "source", "amount_eur", "cost_eur", "adds_up"])


def parse_players(players: Iterable[str]) -> list[tuple[str, str]]:
    """Return players with their role, from items such as ``chamber: runs the check``; the role is "" where none is given.

    Examples
    --------
    >>> parse_players(("ex-agency: runs it", "local SMEs"))
    [('ex-agency', 'runs it'), ('local SMEs', '')]
    """
    pairs = (str(item).partition(":") for item in players)
    return [(name.strip(), role.strip()) for name, _, role in pairs if name.strip()]


RACI_WORDS: Mapping[str, str] = {"R": "responsible", "A": "accountable", "C": "consulted", "I": "informed"}


def raci_faults(raci: pd.DataFrame) -> pd.DataFrame:
    """Return the actions that have not exactly one accountable body, or nobody responsible.

    Parameters
    ----------
    raci
        One row per (``action_id``, ``body``, ``role``), role ∈ R, A, C, I; one body may hold several roles.

    Returns
    -------
    DataFrame
        ``action_id``, ``accountable``, ``responsible`` (numbers).
    """
    rows = []
    for action, group in raci.groupby("action_id", sort=True):
        accountable = group.loc[group["role"] == "A", "body"].nunique()
        responsible = group.loc[group["role"] == "R", "body"].nunique()
        if accountable != 1 or responsible == 0:
            rows.append((action, accountable, responsible))
    return pd.DataFrame(rows, columns=["action_id", "accountable", "responsible"])


CHECKS: Mapping[str, str] = {
    "finding": later("Names at least one finding it rests on"),
    "lesson": later("Names at least one lesson from another region or from peers"),
    "players": later("Every player has a role"),
    "accountable": later("Exactly one body is accountable"),
    "timeframe": later("Ends no earlier than it starts"),
    "funding": later("A cost has a source of money"),
    "sum": later("Sources of money sum to the cost"),
    "instrument": later("The policy instrument is named"),
    "signature": later("Signature, date and stamp are left for a person"),
}
"""Checks that an action plan has to pass (after the fields of the Interreg Europe template)."""


def check_plan(plan: pd.DataFrame) -> pd.DataFrame:
    """Return every check of every action: ``action_id``, ``check``, ``asks``, ``passed`` (``yes``, ``no``, ``not applicable``), ``says``.

    Parameters
    ----------
    plan
        The table ``action_plan``: ``action_id``, ``findings``, ``lessons``, ``players`` (items ``name: role``), ``accountable``,
        ``start_year``, ``end_year``, ``costs_eur``, ``funding``, ``instrument_name``, ``date``, ``signature``, ``stamp``.
    """
    rows: list[tuple[object, ...]] = []
    for action in plan.to_dict("records"):
        start, end, cost = action["start_year"], action["end_year"], action["costs_eur"]
        sources = parse_funding(action["funding"])
        amounts = [amount for _, amount in sources]
        roleless = [name for name, role in parse_players(split(action["players"])) if not role]
        accountable = len(split(action["accountable"]))
        has_cost = pd.notna(cost)
        summed = has_cost and sources and not any(math.isnan(a) for a in amounts)
        is_named = _is_text(action["instrument_name"])
        is_empty = not any(_is_text(action[c]) for c in ("date", "signature", "stamp"))
        is_dated = not pd.isna(start) and not pd.isna(end)
        verdicts: dict[str, tuple[bool | None, str]] = {
            "finding": (bool(split(action["findings"])), _WORDS.named(len(split(action["findings"])))),
            "lesson": (bool(split(action["lessons"])), _WORDS.named(len(split(action["lessons"])))),
            "players": (bool(split(action["players"])) and not roleless, _WORDS.players(roleless)),
            "accountable": (accountable == 1, _WORDS.named(accountable)),
            "timeframe": (
                bool(end >= start) if is_dated else None,
                f"{int(start)}–{int(end)}" if is_dated else _WORDS.years_open(),
            ),
            "funding": (bool(sources) if has_cost else None, _WORDS.source(has_cost, bool(sources))),
            "sum": (
                math.isclose(sum(amounts), float(cost), abs_tol=0.5) if summed else None,
                _WORDS.sum(sum(amounts), float(cost)) if summed else _WORDS.sum_open(),
            ),
            "instrument": (is_named, _WORDS.instrument(is_named)),
            "signature": (is_empty, _WORDS.signature(is_empty)),
        }
        for check, asks in CHECKS.items():
            passed, says = verdicts[check]
            word = "not applicable" if passed is None else "yes" if passed else "no"
            rows.append((action["action_id"], check, asks, word, says))
    return pd.DataFrame(rows, columns=["action_id", "check", "asks", "passed", "says"])


def _is_text(cell: object) -> bool:
    return isinstance(cell, str) and bool(cell.strip())
