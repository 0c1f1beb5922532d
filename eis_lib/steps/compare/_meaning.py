"""What the comparison means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.section.finding import apply_rules, findings_frame
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._findings import RULES, _lacking
from eis_lib.steps.compare._practices import _matched
from eis_lib.steps.compare._view import _alone, _levels_note, _practices, places
from eis_lib.steps.shared.words import _records


def meaning(review: Review) -> Section:
    """Return what the comparison means for the region, as findings later steps can rest on."""
    alone = _alone(review)
    if alone:
        none = Table(findings_frame([]), "Findings of step 4")
        return Section(alone.answer, tables={"findings": none}, how_sure=alone.how_sure)
    table = apply_rules(RULES, review)
    lines = _talk_first(review, table), _look_outside(review), _check_the_record(review)
    return Section(
        answer="\n".join(f"- {line}" for line in lines),
        tables={
            "findings": Table(
                table,
                "Findings of step 4, most important first",
                "Candidates are computed and nobody has checked them; matches become recommendations in step 5 only by a person's decision.",
            )
        },
        how_sure="low to medium; each finding carries its own.",
        to_check="Take the first three matches to the stakeholder group and rate problem fit and context fit by at least two people.",
    )


def _talk_first(review: Review, findings: pd.DataFrame) -> str:
    found = places(review)
    matches = int((findings["kind"] == "practice-match").sum())
    top = [
        f"*{plain(m.title)}* ({plain(found[m.region].name)})"
        for m in _records(_matched(review).matches.head(3))
    ]
    return f"**Talk first.** {count(matches, 'practice match', 'practice matches')}" + (
        f": start with {listing(top)}." if top else " can be proposed with the evidence asked for."
    )


def _look_outside(review: Review) -> str:
    bare = len(_matched(review).unanswered)
    if not bare:
        return "**Stay inside.** Every gap candidate has a practice somewhere in the partnership."
    return f"**Look outside.** {count(bare, 'gap candidate')} {'has' if bare == 1 else 'have'} no practice in the partnership."


def _check_the_record(review: Review) -> str:
    lacking = len(_lacking(review))
    if not lacking:
        return "**Nothing is missing here alone.** Every kind of support that most others have is on record here at the same stages."
    return (
        f"**Check the record.** {count(lacking, 'kind')} of support that most others have "
        f"{'is' if lacking == 1 else 'are'} not on record here at some stage; before it is called a gap, somebody should look for it."
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    found = places(review)
    practices = _practices(review)
    grades = pd.to_numeric(practices["evidence_grade"])
    weak = int((grades <= 1).sum())
    surveys = (
        review.gathered("demand").groupby("region")["survey_id"].first()
        if len(found) > 1
        else pd.Series(dtype=object)
    )
    invented = [plain(p.name) for p in found.values() if p.invented]
    lines = [
        _levels_note(review) if len(found) > 1 else "Only one region was chosen.",
        f"{weak} of {count(len(practices), 'practice')} have no result or only what their owners report; none is proof that it would work elsewhere.",
        f"Demand weights come from {count(surveys.nunique(), 'survey')} with different questions and populations; personas and rules are the same "
        "for all regions. Compare shares within a region, not weights between regions."
        if len(surveys)
        else "Demand weights come from one survey.",
        "A difference between packs may be a difference in how thoroughly they were filled; whether there is any service is compared, never how many.",
        "Structural distance uses few variables, most of the technology and sector figures being those of the country.",
        "No authoritative method scores transferability; problem fit, context fit, evidence and effort are shown beside each other on purpose.",
    ]
    if invented:
        lines.append(f"Invented for demonstration: {listing(invented)}.")
    return Section(
        answer="\n".join(f"- {line}" for line in lines),
        how_sure="high; these are facts about the evidence.",
    )
