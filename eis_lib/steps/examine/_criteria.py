"""Whether policies do well on the five Better Regulation criteria, and whether the raters agree."""

from __future__ import annotations

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
    pack = review.pack
    rubric = policy.rubric()
    anchors = _table(
        rubric if criterion == "all" else rubric[rubric["criterion"] == criterion],
        "Anchored levels of the criteria",
        "Criteria of the EU Better Regulation guidelines; the wording of the levels is a project convention.",
    )
    rows = pack.assessments if pack.has("assessments") else pack.assessments.iloc[0:0]
    scores = policy.score_criteria(rows, pack.policies)
    chosen = list(policy.CRITERIA) if criterion == "all" else [criterion]
    scores = scores[scores["criterion"].isin(chosen)].reset_index(drop=True)
    table = _table(
        scores,
        "Level of each policy on each criterion",
        "level: lower median of the raters; not assessable is a rater's answer, not assessed is no answer; neither is zero.",
    )
    if not pack.has("assessments"):
        return Section(
            answer=(
                f"Nobody has assessed the {count(len(pack.policies), 'policy', 'policies')} of {plain(pack.region.name)} yet: there is no table "
                f"assessments.csv, so all {len(scores)} pairs of policy and criterion are *not assessed*, which says nothing "
                "about the policies. The levels below say what a rater would have to find."
            ),
            tables={"criteria": table, "rubric": anchors},
            how_sure="Unknown: no rating exists.",
            to_check="Two raters, one from inside and one from outside, rate each policy the region owns against the anchors, with the rows they rest on.",
        )
    assessed = scores[scores["status"] != "not assessed"]
    scored = scores[scores["status"] == "scored"]
    label = {code: review.vocabulary.label("criterion", code) for code in policy.CRITERIA}
    titles = _titles(pack.policies)
    means = scored.groupby("criterion")["level"].median().reindex(chosen).dropna()
    weakest = listing([label[str(code)] for code in means.index[means == means.min()]])
    strongest = listing([label[str(code)] for code in means.index[means == means.max()]])
    several = int((means == means.min()).sum())
    blocked = int(scores["not_assessable"].sum())
    rated = [k for k in pack.policies["policy_id"] if k in set(assessed["policy_id"])]
    words = {
        "scored": lambda r: (
            f"{r.level:.0f}"
            + (f" ({r.level_low:.0f}–{r.level_high:.0f})" if r.level_low != r.level_high else "")
        ),
        "not assessable": lambda _: "not assessable",
    }
    cells = assessed.assign(
        policy=assessed["policy_id"].map(titles),
        criterion=assessed["criterion"].map(label),
        text=[words[r.status](r) for r in _each_row(assessed)],
    )[["policy", "criterion", "level", "status", "text"]]
    title = (
        f"{weakest} {_was(several, 'is', 'are')} rated lowest: {means.min():.3g} of 5 in the middle of the policies"
        if len(means) > 1
        else f"{label[chosen[0]]}: {means.iloc[0]:.3g} of 5 in the middle of {len(scored)} policies"
        if len(means)
        else "No policy could be given a level"
    )
    chart = charts.chart_criteria(
        cells,
        [titles[k] for k in rated],
        [label[c] for c in chosen],
        title=title,
        subtitle="Lower median of the raters (lowest–highest), 1 to 5; grey: raters could not tell; blank: nobody assessed it",
        source="assessments of the region pack, against the anchored levels below",
        description=f"{title}. {blocked} ratings were not assessable.",
    )
    answer = (
        f"{len(rated)} of {count(len(pack.policies), 'policy', 'policies')} {'has' if len(rated) == 1 else 'have'} been assessed by {count(int(rows['rater'].nunique()), 'rater')}. "
        + (
            f"Lowest in the middle of the policies: {weakest} ({means.min():.3g} of 5); highest: {strongest} ({means.max():.3g}). "
            if len(means) > 1
            else f"The middle level is {means.iloc[0]:.3g} of 5. "
            if len(means)
            else ""
        )
        + f"{count(blocked, 'rating')} {'was' if blocked == 1 else 'were'} “not assessable”. How far the raters agree is shown next."
    )
    low = int((assessed["confidence"] == "low").sum())
    return Section(
        answer=answer,
        charts={"criteria": chart},
        tables={"criteria": table, "rubric": anchors},
        how_sure=f"No surer than the raters: {low} of {len(assessed)} cells hold a rating of low confidence; read it with their agreement.",
        to_check="Cells rated by one person only, and those where raters are two levels apart.",
    )


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
    pack = review.pack
    if not pack.has("assessments"):
        return Section(
            answer="There are no ratings, so there is no agreement to report: alpha is undefined, not low.",
            how_sure="Unknown: no rating exists.",
            to_check="Have at least two raters judge the same policies before any level is used.",
        )
    rows, label = (
        pack.assessments,
        {code: review.vocabulary.label("criterion", code) for code in policy.CRITERIA},
    )
    results = []
    for key in ("all", *policy.CRITERIA):
        found = _agreement(review, None if key == "all" else key)
        results.append(
            {"criterion": key, "subject": "All criteria" if key == "all" else label[key], **found.__dict__}
        )
    frame = pd.DataFrame(results)
    frame["reading"] = frame["reading"].mask(frame["units"] < LEAST_UNITS, "too few units")
    whole = frame.iloc[0]
    metrics = pd.DataFrame(
        {"level": name, "alpha": policy.krippendorff_alpha(policy.ratings_matrix(rows), name)}
        for name in ("nominal", "ordinal", "interval", "ratio")
    )
    title = (
        f"Over all criteria the raters' agreement is {whole['alpha']:.2f}: {whole['reading']}"
        if not np.isnan(whole["alpha"])
        else "Agreement is undefined: the ratings do not vary, or no unit has two"
    )
    chart = charts.chart_agreement(
        frame.assign(
            subject=[
                f"{row.subject}: {'undefined' if np.isnan(row.alpha) else f'{row.alpha:.2f}'} ({count(row.units, 'unit')})"
                for row in _each_row(frame)
            ]
        )[["subject", "alpha", "low", "high", "reading"]],
        title=title,
        subtitle=f"Krippendorff's ordinal alpha with a 95 % interval from {review.parameters.draws:,} resamples of the units; dashed: .667 and .800",
        source="assessments of the region pack; “not assessable” enters as missing",
        description=f"{title}. Interval {whole['low']:.2f} to {whole['high']:.2f}.",
    )
    weak = frame[(frame["criterion"] != "all") & (frame["reading"] == "do not use")]["subject"]
    answer = (
        f"Ordinal alpha over {count(int(whole['units']), 'unit')} rated twice or more is {whole['alpha']:.3f} "
        f"(95 % interval {whole['low']:.2f} to {whole['high']:.2f}): **{whole['reading']}**. "
        + (
            f"By criterion, {listing([s.lower() for s in weak])} should not be used as {'it stands' if len(weak) == 1 else 'they stand'}."
            if len(weak)
            else "No single criterion falls below .667."
        )
        if not np.isnan(whole["alpha"])
        else "Alpha is undefined: the ratings do not vary, or nothing was rated twice. That is not perfect agreement."
    )
    return Section(
        answer=answer,
        charts={"agreement": chart},
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
        how_sure=f"Low with so few units ({int(whole['units'])}): the interval says more than the figure.",
        to_check="Where agreement is weak: whether the anchors or the evidence read differed.",
    )
