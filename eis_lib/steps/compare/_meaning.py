"""What the comparison means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import transfer
from eis_lib.section.finding import findings_frame
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.compare._exchange import _exchange_values
from eis_lib.steps.compare._peers import _nearest
from eis_lib.steps.compare._practices import _grade_words, _matched
from eis_lib.steps.compare._view import _alone, _levels_note, _low, _practices, _records, places


def meaning(review: Review) -> Section:
    """Return what the comparison means for the region, as findings later steps can rest on."""
    alone = _alone(review)
    if alone:
        none = Table(findings_frame([]), "Findings of step 4")
        return Section(alone.answer, tables={"findings": none}, how_sure=alone.how_sure)
    found = places(review)
    matched = _matched(review)
    rows: list[dict[str, Any]] = []

    def add(
        kind: str,
        subject: str,
        statement: str,
        *,
        value: float,
        unit: str,
        how_sure: str,
        status: str,
        on: str,
    ) -> None:
        rows.append(
            {
                "finding_id": f"compare:{kind}:{subject}", "kind": kind, "subject": subject, "statement": statement, "value": value,
                "unit": unit, "how_sure": how_sure, "status": status, "rows": on,
            }
        )  # fmt: skip

    for match in _records(matched.matches.drop_duplicates("practice_id").head(10)):
        grade = match.evidence_grade
        add(
            "practice-match",
            match.practice_id,
            f"{match.title} ({found[match.region].name}) speaks to {count(len(match.gap_ids), 'gap candidate')}: "
            f"{listing([_low(review, 'barrier', n) for n in match.needs], most=3)}; evidence: {_grade_words(grade)}; effort {match.effort}.",
            value=match.gap_weight,
            unit="share of demand in these gaps",
            how_sure="medium" if not math.isnan(grade) and grade >= 2 else "low",
            status="candidate",
            on=";".join([f"good_practices:{match.practice_id}", *[f"gaps:{g}" for g in match.gap_ids]]),
        )
    bare = matched.tested[~matched.tested["gap_id"].isin(matched.answered)]
    for gap in _records(bare.sort_values(["score", "gap_id"], ascending=[False, True]).head(5)):
        add(
            "no-practice",
            gap.gap_id,
            f"No partner region has a practice for {gap.label}: look outside the partnership or start from scratch.",
            value=gap.weight,
            unit="share of demand",
            how_sure="low",
            status="candidate",
            on=f"gaps:{gap.gap_id}",
        )
    differences = transfer.coverage_differences(
        review.gathered("coverage").query("facet == 'journey_stages'"), review.pack.id
    )
    missing = differences[differences["standing"] == "missing here"].groupby("support_type", sort=False)
    lacking = sorted(missing, key=lambda item: (-len(item[1]), str(item[0])))
    for kind, part in lacking[:5]:
        add(
            "missing-here",
            str(kind),
            f"Most other regions have {_low(review, 'support_type', kind)} at {count(len(part), 'stage')} of the journey where "
            f"{review.pack.region.name} has none on record.",
            value=float(len(part)),
            unit="stages",
            how_sure="medium",
            status="finding",
            on="",
        )
    for peer in _records(_nearest(review).head(1)):
        add(
            "structural-peer",
            peer.other,
            f"{found[peer.other].name} is the structural peer to look at first: closest in {peer.closest_in}, furthest in {peer.furthest_in}.",
            value=peer.likeness,
            unit="likeness 0–1",
            how_sure="low",
            status="finding",
            on="",
        )
    visits = transfer.best_exchange(_exchange_values(review))
    for visit in _records(visits[visits["visitor"] == review.pack.id]):
        add(
            "visit",
            visit.host,
            f"In the best exchange {review.pack.region.name} visits {found[visit.host].name} about "
            f"{listing([_low(review, 'barrier', n) for n in visit.needs], most=3)}.",
            value=visit.share,
            unit="share of gap weight met",
            how_sure="low",
            status="candidate",
            on=";".join(f"good_practices:{p}" for p in visit.practice_ids),
        )
    for remark in _records(
        review.pack.peer_reviews if review.pack.has("peer_reviews") else review.pack.peer_reviews.head(0)
    ):
        if remark.kind == "weakness":
            open_words = (
                "no response of the owner is on record"
                if pd.isna(remark.owner_response)
                else f"the owner answered: {remark.owner_response}"
            )
            add(
                "peer-remark",
                remark.review_id,
                f"Peers said: {remark.statement} ({open_words})",
                value=math.nan,
                unit="",
                how_sure="medium",
                status="finding",
                on=f"peer_reviews:{remark.review_id}",
            )
    table = findings_frame(rows)
    kinds = table["kind"].value_counts()
    top = matched.matches.head(3)
    lines = [
        f"**Talk first.** {count(int(kinds.get('practice-match', 0)), 'practice match', 'practice matches')}"
        + (
            ": start with "
            + listing([f"*{plain(m.title)}* ({plain(found[m.region].name)})" for m in _records(top)])
            + "."
            if len(top)
            else " can be proposed with the evidence asked for."
        ),
        f"**Look outside.** {count(len(bare), 'gap candidate')} {'has' if len(bare) == 1 else 'have'} no practice in the partnership."
        if len(bare)
        else "**Stay inside.** Every gap candidate has a practice somewhere in the partnership.",
        f"**Check the record.** {count(len(lacking), 'kind')} of support that most others have "
        f"{'is' if len(lacking) == 1 else 'are'} not on record here at some stage; before it is called a gap, somebody should look for it."
        if lacking
        else "**Nothing is missing here alone.** Every kind of support that most others have is on record here at the same stages.",
    ]
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
    )  # fmt: skip


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
