"""Findings: one record each, and one word for how easily it falls."""

from __future__ import annotations

import pytest

from eis_lib.section.finding import FINDING_COLUMNS, Finding, findings_frame, hold


@pytest.mark.parametrize(
    ("records", "is_searched", "word"),
    [
        (None, True, ""),
        (0, True, "thin"),
        (1, True, "thin"),
        (2, True, "fair"),
        (3, True, "firm"),
        (9, False, "thin"),
    ],
)
def test_how_a_finding_holds_follows_from_the_records_that_overturn_it(records, is_searched, word):
    assert hold(records, is_searched=is_searched) == word


def test_findings_become_a_table_with_their_breaking_points():
    rows = [Finding("test", "gap", "x", "A gap.", 1.0, "share", "low", breaks_at=2, breaks_by="services:s")]
    frame = findings_frame([*rows, Finding("test", "gap", "y", "Another.", 1.0, "share", "low")])
    assert list(frame.columns) == list(FINDING_COLUMNS)
    assert frame["holds"].tolist() == ["fair", ""]
    assert frame["breaks_at"].isna().tolist() == [False, True]
    assert str(frame["breaks_at"].dtype) == str(findings_frame([])["breaks_at"].dtype) == "Int64"
