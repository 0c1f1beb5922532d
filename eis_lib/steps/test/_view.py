"""What the sections of step 3 share: personas, sources, and what to say where there are no services."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.language.messages import gettext
from eis_lib.language.sentences import counted
from eis_lib.methods import landscape
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.shared.landscape import View

__test__ = False  # the step is called "test"; nothing in here is one


def _one(frame: pd.DataFrame, persona: str) -> Any:
    """Return the row of one persona, a column being an attribute."""
    return next(_each_row(frame[frame["persona_id"] == persona]))


def _source(review: Review, now: View) -> str:
    return gettext(
        "region pack {region} ({services} for firms of the region in {year}), each row with its own source; codes are our own "
        "reading of the sources"
    ).format(region=review.pack.id, services=counted(len(now.services), "service"), year=now.year)


def _dating(services: pd.DataFrame) -> str:
    no_end = int((services["dating"] == landscape.OPEN_END).sum())
    no_start = int((services["dating"] == landscape.NO_START).sum())
    return f"{no_end} of {len(services)} services have no last year on record and {no_start} not even a first"


def _no_services(review: Review, now: View) -> Section:
    return Section(
        answer=f"The pack lists no service that counts for firms of {plain(review.pack.region.name)} in {now.year}; nothing can be tested.",
        how_sure="low; an empty inventory says nothing about the region.",
    )


def _on_record(review: Review) -> pd.DataFrame | None:
    return review.pack.decisions if review.pack.has("decisions") else None


def _personas(review: Review) -> dict[str, str]:
    return dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))


YEARS: Mapping[str, int | None] = MappingProxyType(
    {"as reviewed": None, **{str(year): year for year in range(2014, 2031)}}
)
"""What the control for the year offers."""
