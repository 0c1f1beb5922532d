"""What the plan means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.messages import gettext
from eis_lib.language.sentences import sentences
from eis_lib.methods import recommendation as advice
from eis_lib.pack.vocabulary import inside
from eis_lib.section.finding import apply_rules
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._findings import RULES
from eis_lib.steps.plan._written import _planned
from eis_lib.steps.shared.words import words_of


def meaning(review: Review) -> Section:
    """Return what the plan means for the region, and its findings for the review."""
    planned = _planned(review)
    frame = apply_rules(RULES, review)
    checks = advice.check_plan(planned.plan)
    failed = checks[checks["passed"] == "no"]
    quick = planned.plan[planned.plan["start_year"] == planned.plan["end_year"]]
    words = words_of(__file__, review, region=review.pack.region.name)
    return Section(
        answer=words.answer(
            len(planned.plan),
            [plain(inside(title)) for title in quick["title"]],
            [inside(gettext(asks)) for asks in dict.fromkeys(failed["asks"])],
        ),
        tables={"findings": Table(frame, words.findings_caption(), words.findings_note())},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    words = words_of(__file__, review)
    lines = sentences(
        words.rules_not_better_than_findings(),
        words.value_is_no_effect(),
        words.costs_are_missing(),
        words.conventions(),
        words.what_simplification_sees(),
        words.capacity_where_recorded(),
        words.exclusions_from_notes(),
        words.codes_from_general_knowledge(),
        words.lessons_to_be_talked_about(),
        between="\n",
    )
    return Section(lines, how_sure=words.limits_sure())
