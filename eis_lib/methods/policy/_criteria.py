"""Policies on the Better Regulation criteria, and how far the raters agree (Krippendorff's alpha)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import krippendorff
import numpy as np
import numpy.typing as npt
import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.policy._standing import _is_filled

_WORDS = Words(__file__)

Level = Literal["nominal", "ordinal", "interval", "ratio"]
CRITERIA = ("effectiveness", "efficiency", "relevance", "coherence", "eu-added-value")

# Customary reading of Krippendorff's alpha (Krippendorff 2004): reliable from .800, tentative from .667.
ALPHA_RELIABLE, ALPHA_TENTATIVE = 0.800, 0.667

# --- criteria and agreement ------------------------------------------------------------------------------------
# The five criteria are those of the EU Better Regulation Guidelines; the anchors are the project's own wording.


def rubric() -> pd.DataFrame:
    """Return the anchored levels, one row per (criterion, level 1–5), plus ``not-assessable`` for each criterion."""
    rows = [
        (criterion, str(level), _WORDS.anchor(criterion, level))
        for criterion in CRITERIA
        for level in (1, 2, 3, 4, 5, "not-assessable")
    ]
    return pd.DataFrame(rows, columns=["criterion", "level", "anchor"])


def ratings_matrix(assessments: pd.DataFrame, criterion: str | None = None) -> pd.DataFrame:
    """Return raters × units with levels 1–5 as numbers; *not-assessable* and unrated cells are NaN.

    A unit is ``policy_id | criterion``. A rater who judged a unit twice counts with the latest date.
    """
    rows = assessments if criterion is None else assessments[assessments["criterion"] == criterion]
    rows = rows.assign(
        unit=rows["policy_id"].astype(str) + " | " + rows["criterion"].astype(str),
        score=pd.to_numeric(rows["level"], errors="coerce"),
    )
    last = rows.sort_values("date", kind="stable").drop_duplicates(["rater", "unit"], keep="last")
    return last.pivot_table(index="rater", columns="unit", values="score", aggfunc="first", dropna=False)


def score_criteria(assessments: pd.DataFrame, policies: pd.DataFrame) -> pd.DataFrame:
    """Return one row per (policy_id, criterion): what the raters said, or that nobody did.

    level (lower median of the numeric levels: a level somebody gave, NaN where none), level_low, level_high, raters
    (numeric), not_assessable (count), confidence (lowest given), status ∈ scored | not assessable | not assessed.
    """
    rank = {"low": 0, "medium": 1, "high": 2}
    rows = []
    groups: dict[tuple[str, str], pd.DataFrame] = {}
    if len(assessments):
        latest = assessments.sort_values("date", kind="stable").drop_duplicates(
            ["rater", "policy_id", "criterion"], keep="last"
        )
        groups = dict(iter(latest.groupby(["policy_id", "criterion"])))  # type: ignore[arg-type]
    for policy in policies["policy_id"]:
        for criterion in CRITERIA:
            part = groups.get((policy, criterion))
            levels = [] if part is None else sorted(pd.to_numeric(part["level"], errors="coerce").dropna())
            blocked = 0 if part is None else int((part["level"].astype(str) == "not-assessable").sum())
            given = [] if part is None else sorted(part["confidence"].dropna(), key=lambda c: rank.get(c, 0))
            rows.append(
                {
                    "policy_id": policy,
                    "criterion": criterion,
                    "level": float(levels[(len(levels) - 1) // 2]) if levels else np.nan,
                    "level_low": float(levels[0]) if levels else np.nan,
                    "level_high": float(levels[-1]) if levels else np.nan,
                    "raters": len(levels),
                    "not_assessable": blocked,
                    "confidence": given[0] if given else "",
                    "status": "scored" if levels else "not assessable" if blocked else "not assessed",
                }
            )
    columns = ["policy_id", "criterion", "level", "level_low", "level_high", "raters", "not_assessable"]
    return pd.DataFrame(rows, columns=[*columns, "confidence", "status"])


def krippendorff_alpha(ratings: pd.DataFrame | npt.ArrayLike, level: Level = "ordinal") -> float:
    """Return Krippendorff's alpha of raters (rows) × units (columns); NaN where it is undefined.

    ``level`` is nominal, ordinal, interval or ratio; missing values are NaN, None or blank; units with a single value drop
    out. Alpha is undefined, not 1, where all pairable values are equal, and where no unit has two values. It may be
    negative. Computed by the library `krippendorff` (Krippendorff 2011).

    Raises
    ------
    ValueError
        For another level, or where a value is no number (names will do at level nominal).

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 2, 3, 3], [1, 2, 3, 4]], "nominal"), 3)
    0.696
    """
    return _alpha(_as_ratings(ratings, level), level)


def _as_ratings(ratings: pd.DataFrame | npt.ArrayLike, level: Level) -> npt.NDArray[np.float64]:
    """Return ratings as numbers, missing ones as NaN; at level nominal names are numbered."""
    if level not in {"nominal", "ordinal", "interval", "ratio"}:
        raise ValueError(f"level is {level!r}; it must be nominal, ordinal, interval or ratio")
    cells = np.asarray(ratings, dtype=object)
    values = pd.Series(cells.ravel(), dtype=object)
    # an array of text spells a missing value "nan"
    values = values.where(values.map(_is_filled).astype(bool) & values.ne("nan"), None)
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    words = values[values.notna() & numbers.isna()]
    if len(words) and level == "nominal":
        numbers = pd.Series(pd.factorize(values.astype("str").where(values.notna()))[0]).astype("float64")
        numbers = numbers.where(numbers >= 0)
    elif len(words):
        raise ValueError(f"{words.iloc[0]!r} is no number; only nominal ratings may be names")
    shaped: npt.NDArray[np.float64] = np.asarray(numbers, dtype=np.float64).reshape(cells.shape)
    return shaped


def _alpha(data: npt.NDArray[np.float64], level: Level) -> float:
    if data.ndim != 2 or data.size == 0:
        return float("nan")
    pairable = data[:, (~np.isnan(data)).sum(axis=0) >= 2]
    values = pairable[~np.isnan(pairable)]
    if len(np.unique(values)) < 2:
        return float("nan")
    return float(krippendorff.alpha(reliability_data=pairable, level_of_measurement=level))


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha with its bootstrap interval.

    ``units`` counts units with at least two values, ``values`` the pairable values; ``undefined`` is the share of
    resamples in which all values were equal: the interval is silent about them.
    """

    level: Level
    alpha: float
    low: float
    high: float
    raters: int
    units: int
    values: int
    undefined: float
    reading: str


def read_alpha(alpha: float) -> str:
    """Return the customary reading of an alpha: reliable, tentative only, do not use, or undefined.

    >>> [read_alpha(a) for a in (0.8, 0.667, 0.5, float("nan"))]
    ['reliable', 'tentative only', 'do not use', 'undefined']
    """
    if np.isnan(alpha):
        return "undefined"
    if alpha >= ALPHA_RELIABLE:
        return "reliable"
    return "tentative only" if alpha >= ALPHA_TENTATIVE else "do not use"


def agreement_interval(
    ratings: pd.DataFrame | npt.ArrayLike,
    level: Level = "ordinal",
    *,
    resamples: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Return alpha with a percentile bootstrap interval over units (units drawn with replacement, seeded).

    Ratings and level are those of `krippendorff_alpha`. With fewer than two pairable units there is nothing to resample and
    the interval is NaN.
    """
    data = np.atleast_2d(_as_ratings(ratings, level))
    filled = ~np.isnan(data)
    pairable = data[:, filled.sum(axis=0) >= 2] if data.size else data
    units = pairable.shape[1] if data.size else 0
    alpha = _alpha(pairable, level)
    low = high = float("nan")
    undefined = 0.0
    if units >= 2 and resamples > 0 and not np.isnan(alpha):
        random = np.random.default_rng(seed)
        draws = random.integers(0, units, size=(resamples, units))
        alphas = np.array([_alpha(pairable[:, draw], level) for draw in draws])
        undefined = float(np.isnan(alphas).mean())
        tail = (1 - confidence) / 2
        if undefined < 1:
            low, high = (float(q) for q in np.nanquantile(alphas, [tail, 1 - tail]))
    raters = int((~np.isnan(pairable)).any(axis=1).sum()) if units else 0
    values = int((~np.isnan(pairable)).sum()) if units else 0
    return Agreement(level, alpha, low, high, raters, units, values, undefined, read_alpha(alpha))
