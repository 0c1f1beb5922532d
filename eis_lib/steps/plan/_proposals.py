"""The recommendations of the review, and those of them that are actions to rank."""

from __future__ import annotations

import math

import pandas as pd

from eis_lib.language.messages import gettext
from eis_lib.methods import recommendation as advice
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.table_text import stack
from eis_lib.steps.shared.words import _text


def _pct(share: float, digits: int = 0) -> str:
    return "an unknown share" if math.isnan(share) else f"{share:.{digits}%}"


def _bodies(review: Review) -> dict[str, str]:
    """Return provider id → name in English."""
    return {row.provider_id: _text(row.name_en) or str(row.name) for row in _each_row(review.pack.providers)}


def _first_year(review: Review) -> int:
    first: int | None = review.parameters.first_year
    return first if first is not None else review.year + 1


def _source(review: Review) -> str:
    return gettext(
        "region pack {region}, steps 2 to 4 of this review; codes and severities are our own"
    ).format(region=review.pack.id)


def _evidence(review: Review) -> advice.Evidence:
    pack = review.pack
    return advice.Evidence(
        findings=stack([review.earlier(step, "findings") for step in ("examine", "test", "compare")]),
        gaps=review.earlier("test", "gaps"),
        gap_cells=review.earlier("test", "gap_cells"),
        candidates=review.earlier("test", "candidates"),
        matches=review.earlier("compare", "practice_matches"),
        remarks=pack.peer_reviews,
        decisions=pack.decisions,
        support_type_barriers=review.common.support_type_barriers,
        services=pack.services,
    )


@once_per_review
def _proposals(review: Review) -> pd.DataFrame:
    """Return all recommendations, those turned down included."""
    return advice.recommend(_evidence(review), review.vocabulary, review.common.personas)


def _open(proposals: pd.DataFrame) -> pd.DataFrame:
    """Return the recommendations that are actions to rank: not turned down, not homework, not a settled *keep*."""
    gone = proposals["status"].isin(advice.TURNED_DOWN) | (proposals["option"] == "keep")
    return proposals[~gone].reset_index(drop=True)


def _short_title(title: object) -> str:
    return str(title).split(" (stages")[0]
