"""What the map means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.sentences import bulleted, sentences
from eis_lib.methods.landscape import DATED
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.map._evidence import _second_list
from eis_lib.steps.map._findings import _findings
from eis_lib.steps.map._providers import _current_referrals
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import _records, words_of


def meaning(review: Review) -> Section:
    """Return what the map means for the region, and the findings later steps take up."""
    findings = _findings(review)
    words = words_of(__file__, review, region=review.pack.region.name)
    if findings.empty:
        return Section(
            answer=words.no_findings(),
            tables={"findings": Table(findings, words.findings_short_caption())},
            how_sure=words.not_applicable(),
        )
    firm = findings[findings["status"] == "finding"].head(5)
    number = findings["status"].value_counts()
    found, candidates, unknown = (int(number.get(s, 0)) for s in ("finding", "candidate", "unknown"))
    return Section(
        answer=sentences(
            words.answer(found, candidates + unknown),
            bulleted(*(words.finding(row) for row in _records(firm))),
            between="\n\n",
        ),
        tables={"findings": Table(findings, words.findings_caption(), words.findings_note())},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence, with the numbers that set them."""
    now, pack = view(review), review.pack
    words = words_of(__file__, review, year=now.year, total=now.total, rows=len(pack.services))
    others = len(now.current) - len(now.services)
    points = [
        words.time(int((now.counted["dating"] != DATED).sum())),
        words.coding(int((now.counted["need_area_from"] == "derived").sum())),
        words.sources(int((pack.services["evidence"] != "published").sum())),
        words.size(int(pack.services["capacity_per_year"].notna().sum())),
        words.absence(_second_list(review, now)),
    ]
    if _current_referrals(review, now.services).empty:
        points.append(words.handoffs())
    if others:
        points.append(words.audience(others))
    if pack.region.invented:
        points.insert(0, words.invented())
    return Section(answer=bulleted(*points), how_sure=words.limits_how_sure())
