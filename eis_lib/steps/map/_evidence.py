"""How many services there may be in all, how many are of Europe, and how old the evidence is: what the front of step 1 says."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.shared.landscape import View
from eis_lib.steps.shared.words import _records, words_of


@dataclass(frozen=True)
class Estimated:
    """How many services there may be by two lists, and whether the second was given by hand."""

    lists: landscape.Lists
    total: landscape.Estimate
    is_given: bool


@once_per_review
def _estimated(review: Review, now: View) -> Estimated | None:
    """Return the estimate of the services that count in the year; None where there is no second list."""
    second, both = review.parameters.second_list, review.parameters.on_both_lists
    is_given = second is not None and both is not None
    lists = (
        landscape.Lists(now.total, second, both)
        if is_given
        else landscape.two_lists(now.counted, review.pack.searches if review.pack.has("searches") else None)
    )
    return None if lists is None else Estimated(lists, lists.estimate(), is_given)


def _second_list(review: Review, now: View) -> str:
    """Return how many services there may be, with the lists behind it."""
    return words_of(__file__, review, year=now.year).estimate(_estimated(review, now))


def _estimate_in_short(review: Review, now: View) -> str:
    return words_of(__file__, review).estimate_in_short(_estimated(review, now))


def _list_measures(review: Review, now: View) -> pd.DataFrame:
    """Return the two lists as measures of completeness: each as a share of what is listed, that as a share of the estimate."""
    found, rows = _estimated(review, now), []
    if found is not None:
        lists, total = found.lists, found.total
        rows = [
            ("listed", total.seen, round(total.value), _part(total.seen, total.high), _part(total.seen, total.low)),
            ("first_list", lists.first, total.seen, None, None),
            ("second_list", lists.second, total.seen, None, None),
            ("on_both_lists", lists.both, total.seen, None, None),
        ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["measure", "filled", "out_of", "share_low", "share_high"])
    words = words_of(__file__, review)
    return frame.assign(
        label=[words.list_measure(measure) for measure in frame["measure"]],
        share=frame["filled"] / frame["out_of"].where(frame["out_of"] > 0),
        recorded=True,
    )


def _part(number: int, whole: float) -> float | None:
    return number / whole if whole else None


def _whose(review: Review, services: pd.DataFrame) -> str:
    """Return how many services are of the region and its country, and how many of Europe, as the end of a sentence."""
    own = int(landscape.is_own(services).sum())
    return words_of(__file__, review).whose(own, len(services) - own)


@once_per_review
def _ages(review: Review, now: View) -> pd.DataFrame:
    """Return how many of the services that count, the policies, the practices and the latest figures are fresh."""
    pack = review.pack
    rows = {
        "services": now.counted["checked_on"],
        "policies": pack.policies["checked_on"],
        "good_practices": pack.good_practices["checked_on"],
        "indicators": _latest_figures(review)["time_period"],
    }
    return landscape.freshness(rows, review.common.ages, pack.region.review_date)


def _service_ages(review: Review, services: pd.DataFrame) -> pd.Series:
    """Return of each service whether its row is fresh, ageing, stale or undated."""
    age = _records(review.common.ages[review.common.ages["kind"] == "services"])[0]
    day = review.pack.region.review_date
    return landscape.mark_ages(services["checked_on"], day, age.fresh_years, age.stale_years)


def _latest_figures(review: Review) -> pd.DataFrame:
    """Return the latest value of each published series of the region, the areas around it and its country."""
    region, figures = review.pack.region, review.common.indicators
    areas = {region.nuts_code, region.country, *(area.code for area in region.indicator_areas)}
    own = figures[figures["ref_area"].isin(areas)].sort_values("time_period", kind="stable")
    return own.drop_duplicates(["ref_area", "indicator"], keep="last")


def _ages_in_short(review: Review, now: View) -> str:
    sums = _ages(review, now)[["rows", *landscape.FRESHNESS]].sum()
    return words_of(__file__, review).ages(*map(int, sums))
