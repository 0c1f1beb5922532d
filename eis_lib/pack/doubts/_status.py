"""Rows that contradict themselves: status, years, day of the check and note."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from eis_lib.pack.doubts._evidence import DATED_TABLES, Evidence, Row, before
from eis_lib.pack.schema import Doubt

_ENDED_WORDS = re.compile(r"\b(no longer|closed|ended)\b", re.IGNORECASE)


def _with_status(evidence: Evidence, status: str) -> Iterator[Row]:
    for table in DATED_TABLES:
        yield from (row for row in evidence.own(table) if row["status"] == status)


def runs_past_its_end(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that is said to run though its last year is over."""
    for row in _with_status(evidence, "running"):
        if before(row["end_year"], evidence.year):
            yield row.doubt(
                "status",
                f"says 'running', and its last year was {row['end_year']}",
                "a later end_year, or 'ended'",
            )


def runs_before_its_start(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that is said to run though its first year is still to come."""
    for row in _with_status(evidence, "running"):
        if before(evidence.year, row["start_year"]):
            yield row.doubt(
                "status",
                f"says 'running', and begins in {row['start_year']}",
                "'announced', or an earlier start_year",
            )


def announced_and_begun(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that is said to be to come though its first year is over."""
    for row in _with_status(evidence, "announced"):
        if before(row["start_year"], evidence.year):
            yield row.doubt(
                "status",
                f"says 'announced', and begins in {row['start_year']}",
                "whether it began: 'running' or a later year",
            )


def ended_without_year(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that has ended nobody says when."""
    for row in _with_status(evidence, "ended"):
        if row["end_year"] is None:
            yield row.doubt("end_year", "is empty, and the row has ended", "its last year")


def ended_before_its_end(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that has ended before its own last year."""
    for row in _with_status(evidence, "ended"):
        if before(evidence.year, row["end_year"]):
            yield row.doubt(
                "status",
                f"says 'ended', and its last year is {row['end_year']}",
                "the year in which it really ended",
            )


def action_against_its_years(evidence: Evidence) -> Iterator[Doubt]:
    """Give each action whose status cannot be, by its years."""
    for row in evidence.own("actions"):
        status, start, end = row["status"], row["start_year"], row["end_year"]
        if status == "done" and before(evidence.year, start):
            yield row.doubt(
                "status", f"says 'done', and the action begins in {start}", "its years, or 'planned'"
            )
        elif status in {"planned", "running"} and before(end, evidence.year):
            yield row.doubt(
                "status",
                f"says '{status}', and its last year was {end}",
                "'done', 'stopped' or a later end_year",
            )


def note_says_it_ended(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that is said to run and whose note speaks of an end."""
    for row in _with_status(evidence, "running"):
        if found := _ENDED_WORDS.search(row["note"] or ""):
            yield row.doubt(
                "note", f"says '{found[0]}', and the status says 'running'", "which of the two holds"
            )


def checked_after_the_review(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that was checked on a day that is still to come, or after the day of the review."""
    review = dt.date.fromisoformat(evidence.pack.region.review_date)
    for table in DATED_TABLES:
        for row in evidence.own(table):
            day = dt.date.fromisoformat(row["checked_on"] or "0001-01-01")
            if day > evidence.today:
                yield row.doubt("checked_on", f"holds {day}, which is still to come", "the day of the check")
            elif day > review:
                yield row.doubt(
                    "checked_on",
                    f"holds {day}, after the review of {review}",
                    "a later review_date in region.yaml",
                )
