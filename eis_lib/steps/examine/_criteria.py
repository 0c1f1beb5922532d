"""Whether policies do well on the five Better Regulation criteria, and whether the raters agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import _table, _titles
from eis_lib.steps.shared.words import _was

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
    levels = _levels(review, criterion)
    tables = {
        "criteria": _table(
            levels.scores,
            "Level of each policy on each criterion",
            "level: lower median of the raters; not assessable is a rater's answer, not assessed is no answer; neither is zero.",
        ),
        "rubric": _table(
            rubric if criterion == "all" else rubric[rubric["criterion"] == criterion],
            "Anchored levels of the criteria",
            "Criteria of the EU Better Regulation guidelines; the wording of the levels is a project convention.",
        ),
    }
    if not pack.has("assessments"):
        return Section(
            answer=(
                f"Nobody has assessed the {count(len(pack.policies), 'policy', 'policies')} of {plain(pack.region.name)} yet: there is no table "
                f"assessments.csv, so all {len(levels.scores)} pairs of policy and criterion are *not assessed*, which says nothing "
                "about the policies. The levels below say what a rater would have to find."
            ),
            tables=tables,
            how_sure="Unknown: no rating exists.",
            to_check="Two raters, one from inside and one from outside, rate each policy the region owns against the anchors, with the rows they rest on.",
        )
    low = int((levels.assessed["confidence"] == "low").sum())
    return Section(
        answer=_criteria_words(review, levels),
        charts={"criteria": _criteria_chart(review, levels)},
        tables=tables,
        how_sure=f"No surer than the raters: {low} of {len(levels.assessed)} cells hold a rating of low confidence; read it with their agreement.",
        to_check="Cells rated by one person only, and those where raters are two levels apart.",
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


def _criteria_words(review: Review, levels: _Levels) -> str:
    pack, medians, blocked = review.pack, levels.medians, levels.not_assessable
    middle = ""
    if len(medians) > 1:
        weakest, strongest = (listing(levels.labels_at(level)) for level in (medians.min(), medians.max()))
        middle = f"Lowest in the middle of the policies: {weakest} ({medians.min():.3g} of 5); highest: {strongest} ({medians.max():.3g}). "
    elif len(medians):
        middle = f"The middle level is {medians.iloc[0]:.3g} of 5. "
    return (
        f"{len(levels.policies)} of {count(len(pack.policies), 'policy', 'policies')} {'has' if len(levels.policies) == 1 else 'have'} been assessed by {count(int(pack.assessments['rater'].nunique()), 'rater')}. "
        f"{middle}{count(blocked, 'rating')} {'was' if blocked == 1 else 'were'} “not assessable”. How far the raters agree is shown next."
    )


def _criteria_title(levels: _Levels) -> str:
    medians = levels.medians
    if medians.empty:
        return "No policy could be given a level"
    if len(medians) == 1:
        scored = int((levels.scores["status"] == "scored").sum())
        return f"{next(iter(levels.labels.values()))}: {medians.iloc[0]:.3g} of 5 in the middle of {scored} policies"
    weakest = levels.labels_at(medians.min())
    return f"{listing(weakest)} {_was(len(weakest), 'is', 'are')} rated lowest: {medians.min():.3g} of 5 in the middle of the policies"


def _level_words(row: Any) -> str:
    if row.status != "scored":
        return "not assessable"
    span = f" ({row.level_low:.0f}–{row.level_high:.0f})" if row.level_low != row.level_high else ""
    return f"{row.level:.0f}{span}"


def _criteria_chart(review: Review, levels: _Levels) -> Any:
    titles, assessed, title = _titles(review.pack.policies), levels.assessed, _criteria_title(levels)
    return charts.chart_criteria(
        assessed.assign(
            policy=assessed["policy_id"].map(titles),
            criterion=assessed["criterion"].map(levels.labels),
            text=[_level_words(row) for row in _each_row(assessed)],
        )[["policy", "criterion", "level", "status", "text"]],
        [titles[key] for key in levels.policies],
        list(levels.labels.values()),
        title=title,
        subtitle="Lower median of the raters (lowest–highest), 1 to 5; grey: raters could not tell; blank: nobody assessed it",
        source="assessments of the region pack, against the anchored levels below",
        description=f"{title}. {levels.not_assessable} ratings were not assessable.",
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
    if not review.pack.has("assessments"):
        return Section(
            answer="There are no ratings, so there is no agreement to report: alpha is undefined, not low.",
            how_sure="Unknown: no rating exists.",
            to_check="Have at least two raters judge the same policies before any level is used.",
        )
    ratings, frame = policy.ratings_matrix(review.pack.assessments), _agreement_frame(review)
    metrics = pd.DataFrame(
        {"level": name, "alpha": policy.krippendorff_alpha(ratings, name)}
        for name in ("nominal", "ordinal", "interval", "ratio")
    )
    return Section(
        answer=_agreement_words(frame),
        charts={"agreement": _agreement_chart(review, frame)},
        tables={
            "agreement": _table(
                frame,
                "Krippendorff's alpha with its interval",
                f"From .800 reliable, from .667 tentative only (customary marks); under {LEAST_UNITS} units not read (project convention); undefined where all values are equal.",
            ),
            "agreement_metrics": _table(
                metrics,
                "The same ratings under the other metrics",
                "Rubric levels are ordinal: only the ordinal figure is to be quoted, the others are shown for comparison and are not to be mixed.",
            ),
        },
        how_sure=f"Low with so few units ({int(frame['units'].iloc[0])}): the interval says more than the figure.",
        to_check="Where agreement is weak: whether the anchors or the evidence read differed.",
    )


def _agreement_frame(review: Review) -> pd.DataFrame:
    """Return the agreement over all criteria, and below it on each."""
    whole = {"criterion": "all", "subject": "All criteria", **_agreement(review).__dict__}
    single = [
        {"criterion": code, "subject": label, **_agreement(review, code).__dict__}
        for code, label in _criterion_labels(review).items()
    ]
    frame = pd.DataFrame([whole, *single])
    return frame.assign(reading=frame["reading"].mask(frame["units"] < LEAST_UNITS, "too few units"))


def _agreement_words(frame: pd.DataFrame) -> str:
    whole = frame.iloc[0]
    if np.isnan(whole["alpha"]):
        return "Alpha is undefined: the ratings do not vary, or nothing was rated twice. That is not perfect agreement."
    weak = frame[(frame["criterion"] != "all") & (frame["reading"] == "do not use")]["subject"]
    return (
        f"Ordinal alpha over {count(int(whole['units']), 'unit')} rated twice or more is {whole['alpha']:.3f} "
        f"(95 % interval {whole['low']:.2f} to {whole['high']:.2f}): **{whole['reading']}**. "
    ) + (
        f"By criterion, {listing([s.lower() for s in weak])} should not be used as {'it stands' if len(weak) == 1 else 'they stand'}."
        if len(weak)
        else "No single criterion falls below .667."
    )


def _agreement_chart(review: Review, frame: pd.DataFrame) -> Any:
    whole = frame.iloc[0]
    title = (
        f"Over all criteria the raters' agreement is {whole['alpha']:.2f}: {whole['reading']}"
        if not np.isnan(whole["alpha"])
        else "Agreement is undefined: the ratings do not vary, or no unit has two"
    )
    subjects = [
        f"{row.subject}: {'undefined' if np.isnan(row.alpha) else f'{row.alpha:.2f}'} ({count(row.units, 'unit')})"
        for row in _each_row(frame)
    ]
    return charts.chart_agreement(
        frame.assign(subject=subjects)[["subject", "alpha", "low", "high", "reading"]],
        title=title,
        subtitle=f"Krippendorff's ordinal alpha with a 95 % interval from {review.parameters.draws:,} resamples of the units; dashed: .667 and .800",
        source="assessments of the region pack; “not assessable” enters as missing",
        description=f"{title}. Interval {whole['low']:.2f} to {whole['high']:.2f}.",
    )
