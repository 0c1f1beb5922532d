"""Phrases that the documents share: days, euros, evidence, how sure a finding is, warnings."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

import pandas as pd

from eis_lib.documents.word import clean, not_published
from eis_lib.language import numbers
from eis_lib.language.messages import gettext
from eis_lib.language.numbers import day_in_words
from eis_lib.language.sentences import draft_mark, sentences
from eis_lib.pack.pack import Common
from eis_lib.pack.profile import RegionProfile


def in_words(day: str) -> str:
    """Return an ISO day as it is written.

    Examples
    --------
    >>> in_words("2026-01-31")
    '31 January 2026'
    """
    return day_in_words(dt.date.fromisoformat(day))


def euros(amount: object) -> str:
    """Return euros in words; a missing amount is not zero.

    Examples
    --------
    >>> euros(3_000_000.0), euros(float("nan"))
    ('EUR 3,000,000', 'not published')
    """
    value = float(amount) if isinstance(amount, (int, float)) else math.nan
    return not_published() if math.isnan(value) else numbers.euros(value)


def evidence_behind(grade: Any, common: Common) -> str:
    """Return the kind of evidence behind a practice as it stands inside a sentence, without the number of its grade; ``""`` if none."""
    if pd.isna(grade):
        return ""
    label = common.vocabulary.label("evidence_grade", str(int(grade)))
    return re.sub(r"^\d+ ", "", label).lower()


def how_sure(row: Any, common: Common) -> tuple[str, str]:
    """Return how sure a finding is and what became of it, as they stand inside a sentence."""
    inside = common.vocabulary.label_inside
    return inside("confidence", clean(row.how_sure)), inside("finding_status", clean(row.status))


def warning(region: RegionProfile) -> str:
    """Return the words that stand above a document: that its region does not exist, that its language is a draft."""
    invented = gettext("Invented example: this region does not exist and nothing here is a fact.")
    return sentences(invented if region.invented else "", draft_mark())


def nuts_2(region: RegionProfile) -> str:
    """Return the NUTS 2 region in words, which for a county is the one around it."""
    version = f"NUTS {region.nuts_version}"
    if region.nuts_2_code == region.nuts_code:
        return f"{region.name}, {region.nuts_code} ({version})"
    if region.nuts_2_code:
        said = gettext("{nuts_2} ({version}); this plan is for {region}, {level} ({code})")
    else:
        said = gettext("not one NUTS 2 region: {region}, {level} ({code}, {version})")
    return said.format(
        nuts_2=region.nuts_2_code,
        version=version,
        region=region.name,
        level=region.level,
        code=region.nuts_code,
    )
