"""What the sections of step 3 share: personas, sources, and what to say where there are no services."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.steps.shared.landscape import View
from eis_lib.steps.shared.words import words_of

__test__ = False  # the step is called "test"; nothing in here is one


def _one(frame: pd.DataFrame, persona: str) -> Any:
    """Return the row of one persona, a column being an attribute."""
    return next(_each_row(frame[frame["persona_id"] == persona]))


def _source(review: Review, now: View) -> str:
    return words_of(__file__, review).source(review.pack.id, len(now.services), now.year)


def _dating(review: Review, services: pd.DataFrame) -> str:
    """Return in words of how many services the first and the last year are not on record."""
    no_end = int((services["dating"] == landscape.OPEN_END).sum())
    no_start = int((services["dating"] == landscape.NO_START).sum())
    return words_of(__file__, review).dating(len(services), no_end, no_start)


def _no_services(review: Review, now: View) -> Section:
    words = words_of(__file__, review)
    return Section(
        answer=words.nothing_to_test(review.pack.region.name, now.year), how_sure=words.nothing_is_known()
    )


def _on_record(review: Review) -> pd.DataFrame | None:
    return review.pack.decisions if review.pack.has("decisions") else None


def _personas(review: Review) -> dict[str, str]:
    return dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))


YEARS: Mapping[str, int | None] = MappingProxyType(
    {"as reviewed": None, **{str(year): year for year in range(2014, 2031)}}
)
"""What the control for the year offers."""
