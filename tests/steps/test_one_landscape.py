"""The steps look at one landscape of a year: steps 3 and 5 count the same services and referrals."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from reviewing import compare_only

from eis_lib.notebook.opening import open_review
from eis_lib.steps.plan._walk import _walk
from eis_lib.steps.shared.landscape import view


def test_step_five_counts_referrals_between_services_of_the_year_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no referral on record is between two services of the year, step 5 once counted on them all the same."""
    compare_only(monkeypatch, "koprivnica")
    review = open_review("plan", "koprivnica")
    here, routes = set(view(open_review("plan", "koprivnica")).services["service_id"]), review.pack.referrals
    gone = routes[~(routes["from_service"].isin(here) & routes["to_service"].isin(here))]
    assert len(gone)
    review = replace(review, pack=replace(review.pack, tables={**review.pack.tables, "referrals": gone}))
    now = view(review)
    assert now.referrals is None
    assert _walk(review, now.services).recorded is None


def test_a_landscape_holds_what_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    compare_only(monkeypatch, "example")
    now = view(open_review("map", "example"))
    ids = [set(frame["service_id"]) for frame in (now.counted, now.services, now.current, now.listed)]
    assert all(inner <= outer for inner, outer in pairwise(ids))
    assert now.total == len(now.counted)
    assert now.referrals is not None
    assert {*now.referrals["from_service"], *now.referrals["to_service"]} <= set(now.services["service_id"])
