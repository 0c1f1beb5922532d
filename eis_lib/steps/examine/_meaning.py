"""What the examination means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.sentences import bulleted, sentences
from eis_lib.methods import policy
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._findings import _findings
from eis_lib.steps.examine._view import _table
from eis_lib.steps.shared.needs import NEAR_YEARS, _weights
from eis_lib.steps.shared.words import words_of


def meaning(review: Review) -> Section:
    """Return what the step means for the region: its findings, candidates and open questions."""
    found, words = _findings(review), words_of(__file__, review)
    firm, candidates, open_questions = (
        found.loc[found["status"] == status, "statement"] for status in ("finding", "candidate", "unknown")
    )
    # a statement that is said in the language spoken is so without its mark-up too
    lines = [type(text)(plain(text)) for text in firm.head(3)]
    lines += [words.to_be_confirmed(text) for text in candidates.head(3)]
    return Section(
        answer=sentences(
            words.answer(len(firm), len(candidates), len(open_questions)), bulleted(*lines), between="\n\n"
        ),
        tables={"findings": _table(found, words.findings_caption(), words.findings_note(NEAR_YEARS))},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step for this region."""
    pack, year = review.pack, review.year
    undated = int((policy.standing(pack.policies, year) == "undated").sum())
    weak = int((~pack.policies["evidence"].isin(["published"])).sum())
    _, survey, _ = _weights(review, None, year)
    words = words_of(__file__, review, year=year, region=pack.region.name)
    lines = [
        words.undated(undated, len(pack.policies)),
        words.coded_from_openings(),
        words.need_not_weighed()
        if survey is None
        else words.need_of_others(
            {"population": str(survey["population"]), "area": survey["ref_area"], "year": int(survey["year"])}
        ),
        words.linked_through_policy(),
        words.sources_of_policies(weak, len(pack.policies)),
    ]
    if pack.has("governance"):
        lines.append(words.roles_coded(pack.governance["evidence"].eq("own-judgement").mean()))
    absent = [
        name for name in ("assessments", "coherence", "governance", "measurements") if not pack.has(name)
    ]
    if absent:
        lines.append(words.absent(absent))
    return Section(answer=bulleted(*lines))
