"""How far people have taken each candidate pair."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.overlap._coding import _SEPARATOR
from eis_lib.methods.overlap._pairs import pair_id

_WORDS = Words(__file__)

VALIDATED: frozenset[str] = frozenset({"confirmed", "kept-on-purpose"})
"""Decisions by which a person says that a computed pair is real."""

OPTIONS: frozenset[str] = frozenset({"coordinate", "merge", "transfer", "redesign", "close"})
"""Decisions that choose what to do about a validated pair."""


def apply_decisions(candidates: pd.DataFrame, decisions: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the candidates with how far people have taken each of them.

    The ladder: ``candidate`` → ``confirmed``, ``kept-on-purpose`` or ``rejected`` → ``effect-assessed`` → an option
    (``coordinate``, ``merge``, ``transfer``, ``redesign``, ``close``). A rung can only be reached from the one below: an
    effect or an option recorded for a pair that nobody validated leaves it a candidate, and ``ladder_note`` says so.

    Parameters
    ----------
    candidates
        With ``pair_id``.
    decisions
        The pack's table, or nothing. Rows of other subjects are passed over; a pair may be named in either order; several
        decisions are read by date, then in file order.

    Returns
    -------
    DataFrame
        ``candidates`` and ``status``, ``decided_by`` (a role), ``decided_on``, ``reason``, ``ladder_note``.
    """
    history: dict[str, list[dict[Hashable, Any]]] = {}
    if decisions is not None and len(decisions):
        of_pairs = decisions[decisions["subject_kind"] == "candidate"].sort_values("date", kind="stable")
        for record in of_pairs.to_dict("records"):
            history.setdefault(pair_id(*_two_sides(str(record["subject_id"]))), []).append(record)
    columns = ["status", "decided_by", "decided_on", "reason", "ladder_note"]
    rungs = np.empty((len(columns), len(candidates)), dtype=object)
    rungs[:] = np.array(_climb([]), dtype=object)[:, None]  # few pairs have been decided on
    for at in np.flatnonzero(candidates["pair_id"].isin(list(history)).to_numpy()):
        rungs[:, at] = _climb(history[str(candidates["pair_id"].iloc[at])])
    return candidates.assign(
        **{
            column: pd.Series(rung, index=candidates.index, dtype="str")
            for column, rung in zip(columns, rungs, strict=True)
        }
    )


def decided(decisions: pd.DataFrame | None) -> tuple[str, ...]:
    """Return the pairs of which decisions are on record, each as it is named there."""
    if decisions is None:
        return ()
    return tuple(map(str, decisions.loc[decisions["subject_kind"] == "candidate", "subject_id"].unique()))


def _two_sides(subject: str) -> tuple[str, str]:
    left, _, right = subject.partition(_SEPARATOR)
    return left.strip(), right.strip()


def _climb(history: Sequence[Mapping[Hashable, Any]]) -> tuple[str, str, str, str, str]:
    status, by, on, reason, note = "candidate", "", "", "", ""
    for record in history:
        decision = str(record["decision"])
        later_rung = decision == "effect-assessed" or decision in OPTIONS
        if later_rung and status in ("candidate", "rejected"):
            note = _WORDS.unconfirmed(decision)
            continue
        if decision in VALIDATED or decision == "rejected" or later_rung:
            status, by, on, reason = decision, *(str(record[c]) for c in ("decided_by", "date", "reason"))
            note = ""
    return status, by, on, reason, note


def is_validated(status: str) -> bool:
    """Return whether a person has found a pair real (so that it may be told as a finding).

    Examples
    --------
    >>> is_validated("candidate"), is_validated("rejected"), is_validated("merge")
    (False, False, True)
    """
    return status in VALIDATED or status == "effect-assessed" or status in OPTIONS
