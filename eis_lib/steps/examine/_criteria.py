"""Whether policies do well on the five Better Regulation criteria, and whether the raters agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import _table, _titles
from eis_lib.steps.shared.words import words_of

LEAST_UNITS = 5
"""Agreement on fewer units than this is shown and not read (project convention)."""

CRITERION_CHOICES = {"All five": "all"} | {
    code.replace("-", " ").capitalize(): code for code in policy.CRITERIA
}
"""What the control of the criteria offers: words → code."""


# --- criteria --------------------------------------------------------------------------------------------------


def criteria(review: Review, *, criterion: str = "all") -> Section:
    """Return the levels of policies on the five Better Regulation criteria, with what nobody assessed left blank."""
    pack, rubric = review.pack, policy.rubric()
    levels, words = _levels(review, criterion), words_of(__file__, review, region=plain(pack.region.name))
    tables = {
        "criteria": _table(levels.scores, words.criteria_caption(), words.criteria_note()),
        "rubric": _table(
            rubric if criterion == "all" else rubric[rubric["criterion"] == criterion],
            words.rubric_caption(),
            words.rubric_note(),
        ),
    }
    if not pack.has("assessments"):
        return Section(
            answer=words.nobody_assessed(len(pack.policies), len(levels.scores)),
            tables=tables,
            how_sure=words.no_rating_sure(),
            to_check=words.unassessed_to_check(),
        )
    low = int((levels.assessed["confidence"] == "low").sum())
    return Section(
        answer=_criteria_words(review, levels, words),
        charts={"criteria": _criteria_chart(review, levels, words)},
        tables=tables,
        how_sure=words.criteria_sure(low, len(levels.assessed)),
        to_check=words.criteria_to_check(),
    )


@dataclass(frozen=True, eq=False)
class _Levels:
    """The level of each policy on each criterion, what was assessed of it, and the middle level of each criterion."""

    scores: pd.DataFrame
    assessed: pd.DataFrame
    medians: pd.Series
    labels: dict[str, str]
    """The criteria looked at: code → label."""
    policies: list[str]
    """Those of the policies that were assessed."""

    @property
    def not_assessable(self) -> int:
        return int(self.scores["not_assessable"].sum())

    def labels_at(self, level: float) -> list[str]:
        """Return the criteria on which the middle of the policies has a level."""
        return [self.labels[str(code)] for code in self.medians.index[self.medians == level]]


def _criterion_labels(review: Review) -> dict[str, str]:
    return {code: review.vocabulary.label("criterion", code) for code in policy.CRITERIA}


def _levels(review: Review, criterion: str) -> _Levels:
    pack = review.pack
    labels = {code: label for code, label in _criterion_labels(review).items() if criterion in {"all", code}}
    rows = pack.assessments if pack.has("assessments") else pack.assessments.iloc[0:0]
    scores = policy.score_criteria(rows, pack.policies)
    scores = scores[scores["criterion"].isin(list(labels))].reset_index(drop=True)
    assessed = scores[scores["status"] != "not assessed"]
    medians = scores[scores["status"] == "scored"].groupby("criterion")["level"].median()
    return _Levels(
        scores,
        assessed,
        medians.reindex(list(labels)).dropna(),
        labels,
        policies=[key for key in pack.policies["policy_id"] if key in set(assessed["policy_id"])],
    )


def _criteria_words(review: Review, levels: _Levels, words: Words) -> str:
    return sentences(
        words.assessed(
            len(levels.policies), len(review.pack.policies), int(review.pack.assessments["rater"].nunique())
        ),
        _middle_words(levels, words),
        words.not_assessable(levels.not_assessable),
    )


def _middle_words(levels: _Levels, words: Words) -> str:
    """Return how the middle of the policies does on the criteria, where there is a level."""
    medians = levels.medians
    if len(medians) > 1:
        ends = medians.min(), medians.max()
        return words.middle(*ends, *map(levels.labels_at, ends))
    return words.middle_of_one(medians.iloc[0]) if len(medians) else ""


def _criteria_title(levels: _Levels, words: Words) -> str:
    medians = levels.medians
    if medians.empty:
        return words.no_level_title()
    if len(medians) == 1:
        scored = int((levels.scores["status"] == "scored").sum())
        return words.one_criterion_title(next(iter(levels.labels.values())), medians.iloc[0], scored)
    return words.lowest_title(levels.labels_at(medians.min()), medians.min())


def _criteria_chart(review: Review, levels: _Levels, words: Words) -> Any:
    titles, assessed, title = _titles(review.pack.policies), levels.assessed, _criteria_title(levels, words)
    return charts.chart_criteria(
        assessed.assign(
            policy=assessed["policy_id"].map(titles),
            criterion=assessed["criterion"].map(levels.labels),
            text=[words.level(row) for row in _each_row(assessed)],
        )[["policy", "criterion", "level", "status", "text"]],
        [titles[key] for key in levels.policies],
        list(levels.labels.values()),
        title=title,
        subtitle=words.criteria_subtitle(),
        source=words.criteria_source(),
        description=words.criteria_description(title, levels.not_assessable),
    )


# --- agreement of raters ---------------------------------------------------------------------------------------


def _agreement(review: Review, criterion: str | None = None) -> policy.Agreement:
    """Return the ordinal agreement of the raters, over all criteria or on one."""
    return policy.agreement_interval(
        policy.ratings_matrix(review.pack.assessments, criterion),
        "ordinal",
        resamples=review.parameters.draws,
        seed=review.parameters.seed,
    )


def agreement(review: Review) -> Section:
    """Return Krippendorff's ordinal alpha of the raters, overall and per criterion, with a bootstrap interval."""
    words = words_of(__file__, review)
    if not review.pack.has("assessments"):
        return Section(
            answer=words.no_ratings(), how_sure=words.no_rating_sure(), to_check=words.no_ratings_to_check()
        )
    ratings, frame = policy.ratings_matrix(review.pack.assessments), _agreement_frame(review, words)
    metrics = pd.DataFrame(
        {"level": name, "alpha": policy.krippendorff_alpha(ratings, name)}
        for name in ("nominal", "ordinal", "interval", "ratio")
    )
    return Section(
        answer=_agreement_words(frame, words),
        charts={"agreement": _agreement_chart(review, frame, words)},
        tables={
            "agreement": _table(frame, words.agreement_caption(), words.agreement_note(LEAST_UNITS)),
            "agreement_metrics": _table(metrics, words.metrics_caption(), words.metrics_note()),
        },
        how_sure=words.agreement_sure(int(frame["units"].iloc[0])),
        to_check=words.agreement_to_check(),
    )


def _agreement_frame(review: Review, words: Words) -> pd.DataFrame:
    """Return the agreement over all criteria, and below it on each."""
    whole = {"criterion": "all", "subject": words.all_criteria(), **_agreement(review).__dict__}
    single = [
        {"criterion": code, "subject": label, **_agreement(review, code).__dict__}
        for code, label in _criterion_labels(review).items()
    ]
    frame = pd.DataFrame([whole, *single])
    return frame.assign(reading=frame["reading"].mask(frame["units"] < LEAST_UNITS, "too few units"))


def _agreement_words(frame: pd.DataFrame, words: Words) -> str:
    whole = next(_each_row(frame))
    if np.isnan(whole.alpha):
        return words.alpha_undefined()
    weak = frame[(frame["criterion"] != "all") & (frame["reading"] == "do not use")]["subject"]
    return sentences(words.alpha(whole), words.weak_criteria([subject.lower() for subject in weak]))


def _agreement_chart(review: Review, frame: pd.DataFrame, words: Words) -> Any:
    whole = next(_each_row(frame))
    title = words.agreement_title(whole, known=not np.isnan(whole.alpha))
    bars = [words.bar(row, known=not np.isnan(row.alpha)) for row in _each_row(frame)]
    return charts.chart_agreement(
        frame.assign(subject=bars)[["subject", "alpha", "low", "high", "reading"]],
        title=title,
        subtitle=words.agreement_subtitle(review.parameters.draws),
        source=words.agreement_source(),
        description=words.agreement_description(title, whole),
    )
