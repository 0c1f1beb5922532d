"""Small words that the steps share: shares, labels, names cut short, and forms of verbs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import plain


def words_of(module: str, review: Review, **facts: Any) -> Words:
    """Return the words of a module of a step, from the template beside it.

    In the template, ``label(scheme, code)`` is the label of a code, ``inside`` a label as it stands inside a sentence,
    ``plain`` text of a pack without mark-up.
    """
    return Words(module, label=review.vocabulary.label, inside=inside, plain=plain, **facts)


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole else "none"


def _cap(text: str) -> str:
    """Return text with a capital at its beginning, for the start of a sentence."""
    return text[:1].upper() + text[1:]


def _short_title(text: str, most: int = 44) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= most else text[: most - 1].rstrip(" ,;:-–(") + "…"


def _records(frame: pd.DataFrame) -> list[Any]:
    """Return the rows of a frame as named tuples."""
    return list(frame.itertuples(index=False))


def _join(ids: Sequence[str]) -> str:
    return ";".join(ids)


def _money(euros: float) -> str:
    if math.isnan(euros):
        return "not published"
    return f"EUR {euros / 1e6:,.4g} million" if euros >= 1e6 else f"EUR {euros:,.0f}"


def _text(cell: object) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def cut(text: str, most: int) -> str:
    """Return text cut between words to so many characters."""
    return text if len(text) <= most else f"{text[: text.rindex(' ', 0, most)].rstrip(' ,;')} …"


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose tuples are texts joined by ``;``."""
    joined = frame.copy()
    for column in joined.columns:
        if joined[column].map(lambda cell: isinstance(cell, tuple)).any():
            joined[column] = joined[column].map(
                lambda c: ";".join(map(str, c)) if isinstance(c, tuple) else c
            )
    return joined


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _label(review: Review, scheme: str, code: object) -> str:
    return review.vocabulary.label(scheme, str(code))


def _short_name(text: object, most: int) -> str:
    """Return text cut between words to what a chart can show; what stands in brackets goes first."""
    words = " ".join(str(text).split())
    if len(words) > most and " (" in words:
        words = words[: words.index(" (")]
    if len(words) <= most:
        return words
    kept = words[: most - 1]
    return (kept[: kept.rindex(" ")] if " " in kept else kept).rstrip(" ,;:–-") + "…"


def _rows(ids: Sequence[str], table: str = "services") -> str:
    return ";".join(f"{table}:{i}" for i in ids)


def _pct(share: float) -> str:
    return "an unknown share" if math.isnan(share) else f"{share:.0%}"


def _two_lines(label: str) -> str:
    spaces = [n for n, letter in enumerate(label) if letter == " "]
    if not spaces:
        return label
    cut = min(spaces, key=lambda n: (abs(2 * n - len(label)), n))
    return f"{label[:cut]}\n{label[cut + 1 :]}"
