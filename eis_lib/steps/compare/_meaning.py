"""What the comparison means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.sentences import bulleted
from eis_lib.language.templates import Words
from eis_lib.section.finding import apply_rules, findings_frame
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._findings import RULES, _lacking
from eis_lib.steps.compare._practices import _matched
from eis_lib.steps.compare._view import _alone, _levels_note, _practices, _words, places
from eis_lib.steps.shared.words import _records


def meaning(review: Review) -> Section:
    """Return what the comparison means for the region, as findings later steps can rest on."""
    alone, words = _alone(review), _words(__file__, review)
    if alone:
        none = Table(findings_frame([]), words.caption_nobody_beside())
        return Section(alone.answer, tables={"findings": none}, how_sure=alone.how_sure)
    table = apply_rules(RULES, review)
    return Section(
        answer=bulleted(
            _talk_first(review, table, words),
            words.look_outside(len(_matched(review).unanswered)),
            words.check_the_record(len(_lacking(review))),
        ),
        tables={"findings": Table(table, words.findings_caption(), words.findings_note())},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _talk_first(review: Review, findings: pd.DataFrame, words: Words) -> str:
    found = places(review)
    first = [
        words.practice(m.title, found[m.region].name) for m in _records(_matched(review).matches.head(3))
    ]
    return words.talk_first(int((findings["kind"] == "practice-match").sum()), first)


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    found, words = places(review), _words(__file__, review)
    grades = pd.to_numeric(_practices(review)["evidence_grade"])
    surveys = (
        review.gathered("demand").groupby("region")["survey_id"].first()
        if len(found) > 1
        else pd.Series(dtype=object)
    )
    invented = [plain(p.name) for p in found.values() if p.invented]
    return Section(
        answer=bulleted(
            _levels_note(review) if len(found) > 1 else words.one_region(),
            words.weak_evidence(int((grades <= 1).sum()), len(grades)),
            words.demand_surveys(surveys.nunique()) if len(surveys) else words.one_survey(),
            words.packs_differ(),
            words.distance_is_rough(),
            words.no_score_of_transfer(),
            words.invented(invented) if invented else "",
        ),
        how_sure=words.how_sure_of_limits(),
    )
