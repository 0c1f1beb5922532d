"""What step 6 found, most important first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import Finding
from eis_lib.section.review import Review
from eis_lib.steps.review._alerting import _alerts
from eis_lib.steps.review._change import _stayed
from eis_lib.steps.review._hindsight import _hindsight
from eis_lib.steps.review._view import _diff, _figure, _names, _previous, _tracked
from eis_lib.steps.shared.words import words_of

_finding = partial(Finding, "review")


def _targets_far_behind(review: Review) -> Iterator[Finding]:
    tracked, words = _tracked(review), words_of(__file__, review, figure=_figure)
    for row in _each_row(tracked[tracked["state"] == monitor.RED]):
        yield _finding(
            "target", row.indicator_id,
            words.target_far_behind(row), row.ratio, "share of the expected", "medium", "finding", f"measurements:{row.indicator_id}",
        )  # fmt: skip


def _open_alerts(review: Review) -> Iterator[Finding]:
    alerts = _alerts(review)
    for row in _each_row(alerts[(alerts["state"] == "open") & (alerts["kind"] != "target")]):
        recorded = row.kind in {"provider-closed", "policy-ended", "programme-closing", "stale"}
        rows = ";".join(
            [*(f"services:{s}" for s in row.affects_services), *(f"actions:{a}" for a in row.affects_actions)]
        )
        yield _finding(
            f"alert-{row.kind}", row.subject, row.statement, row.value, row.unit, "medium",
            "finding" if recorded and row.kind != "policy-ended" else "candidate", rows if recorded else "",
        )  # fmt: skip


def _closed_services(review: Review) -> Iterator[Finding]:
    previous, names = _previous(review), _names(review)
    diff, words = _diff(review, previous), words_of(__file__, review)
    real = (diff["table"] == "services") & (diff["nature"] == monitor.REAL)
    for row in _each_row(diff[real & (diff["change"] == "closed")]):
        yield _finding(
            "closed-service", row.id, words.closed_service(names[row.id], previous, row.because),
            1.0, "services", "medium", "candidate", f"services:{row.id}",
        )  # fmt: skip


def _nothing_measured(review: Review) -> Iterator[Finding]:
    if _tracked(review).empty:
        yield _finding(
            "no-measurements", "pack", words_of(__file__, review).nothing_measured(),
            math.nan, "", "high", "unknown", "",
        )  # fmt: skip


def _undated_services(review: Review) -> Iterator[Finding]:
    stayed = _stayed(review, _previous(review))
    if stayed["undated"]:
        yield _finding(
            "undated", "services", words_of(__file__, review).undated_services(stayed),
            float(stayed["undated"]), "services", "high", "unknown", "",
        )  # fmt: skip


def _usefulness_of_the_watch(review: Review) -> Iterator[Finding]:
    past = _hindsight(review)
    one = past[past["basis"] != "level"].drop_duplicates(["series", "basis"]) if len(past) else past
    if len(one):
        useful = one[one["reading"] == "useful"]
        yield _finding(
            "watch", "series",
            words_of(__file__, review).usefulness_of_the_watch(list(useful["series"]), len(one)),
            float(len(useful)), "series", "low", "finding", "",
        )  # fmt: skip


def _targets_on_track(review: Review) -> Iterator[Finding]:
    tracked, words = _tracked(review), words_of(__file__, review)
    for row in _each_row(tracked[tracked["state"] == monitor.GREEN]):
        yield _finding(
            "on-track", row.indicator_id, words.target_on_track(row),
            row.ratio, "share of the expected", "medium", "finding", f"measurements:{row.indicator_id}",
        )  # fmt: skip


RULES: tuple[Callable[[Review], Iterable[Finding]], ...] = (
    _targets_far_behind,
    _open_alerts,
    _closed_services,
    _nothing_measured,
    _undated_services,
    _usefulness_of_the_watch,
    _targets_on_track,
)
"""What makes the findings of the step, the most important first."""
