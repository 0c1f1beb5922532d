"""What the test means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.sentences import bulleted
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.vocabulary import inside
from eis_lib.section.finding import apply_rules
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.shared.landscape import view, walk_journeys
from eis_lib.steps.shared.words import _label, words_of
from eis_lib.steps.test._findings import RULES
from eis_lib.steps.test._journeys import _handed_on
from eis_lib.steps.test._view import _dating


def meaning(review: Review) -> Section:
    """Return what the test means for the region, and its findings for later steps."""
    now = view(review)
    words = words_of(__file__, review)
    frame = apply_rules(RULES, review, now)
    pairs = frame[frame["kind"].isin(["duplication", "overlap"])]
    open_pairs = int((pairs["status"] == "candidate").sum())
    heavy = frame[(frame["kind"] == "gap") & (frame["status"] == "candidate")]
    unknown = int((frame["status"] == "unknown").sum())
    needs = dict.fromkeys(str(subject).rsplit(":", 1)[-1] for subject in heavy["subject"])
    first = [f"*{inside(_label(review, 'barrier', need))}*" for need in list(needs)[:3]]
    _, recorded = walk_journeys(review, now)
    return Section(
        answer=words.answer(review.pack.region.name, open_pairs, first, unknown, _handed_on(recorded, now)),
        tables={
            "findings": Table(
                frame,
                words.findings_caption(),
                words.findings_note(),
            )
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    now = view(review)
    words = words_of(__file__, review)
    derived = int((now.services["need_area_from"] != "own").sum())
    kinds = [k for k in gap_rules.assess_kinds(now.services, now.referrals) if k.answer != "yes"]
    lines = [
        words.likeness_rests_on_codes(derived, len(now.services)),
        words.years_are_missing(_dating(review, now.services)),
        words.thresholds_are_conventions(),
        *map(words.kind_is_hard_to_judge, kinds),
        words.personas_are_invented(),
        words.parts_of_a_region_are_hidden(),
        words.journeys_are_designed(),
        words.overlap_is_not_waste(),
    ]
    return Section(answer=bulleted(*lines), how_sure=words.limits_sure())
