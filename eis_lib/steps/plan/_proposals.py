"""The recommendations of the review, and those of them that are actions to rank."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.language.numbers import percent
from eis_lib.language.templates import Words
from eis_lib.methods import recommendation as advice
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.table_text import stack
from eis_lib.steps.shared.words import _money, _text, words_of


def _words(module: str, review: Review, **facts: Any) -> Words:
    """Return the words of a module of this step; ``money`` and ``in_percent`` say what is not known too."""
    unknown = words_of(__file__, review).unknown_share

    def in_percent(share: float, digits: int) -> str:
        return unknown() if math.isnan(share) else percent(share, digits)

    return words_of(module, review, money=_money, in_percent=in_percent, **facts)


def _bodies(review: Review) -> dict[str, str]:
    """Return provider id → name in English."""
    return {row.provider_id: _text(row.name_en) or str(row.name) for row in _each_row(review.pack.providers)}


def _first_year(review: Review) -> int:
    first: int | None = review.parameters.first_year
    return first if first is not None else review.year + 1


def _source(review: Review) -> str:
    return words_of(__file__, review).source(review.pack.id)


def _cost_over_years(review: Review, basis: str, years: int) -> str:
    return words_of(__file__, review).cost_over_years(basis, years)


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
    """Return a title without the stages, which stand in brackets at its end."""
    text = str(title)
    return text[: text.rindex(" (")] if text.endswith(")") and " (" in text else text
