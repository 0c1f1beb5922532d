"""What the examination means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

import numpy as np

from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._findings import _findings
from eis_lib.steps.examine._view import _table
from eis_lib.steps.shared.needs import NEAR_YEARS, _weights


def meaning(review: Review) -> Section:
    """Return what the step means for the region: its findings, candidates and open questions."""
    found = _findings(review)
    by = found["status"].value_counts()
    lines = [f"- {plain(text)}" for text in found.loc[found["status"] == "finding", "statement"].head(3)]
    lines += [
        f"- To be confirmed: {plain(text)}"
        for text in found.loc[found["status"] == "candidate", "statement"].head(3)
    ]
    answer = (
        f"The step leaves {count(int(by.get('finding', 0)), 'finding')}, {count(int(by.get('candidate', 0)), 'candidate')} that somebody must confirm, "
        f"and {count(int(by.get('unknown', 0)), 'open question')}. First of all:\n\n" + "\n".join(lines)
    )
    return Section(
        answer=answer,
        tables={
            "findings": _table(
                found,
                "Findings, candidates and open questions of this step",
                "A candidate is computed and not confirmed; unknown means that the tables cannot tell. A need is a finding only "
                f"where a survey of the region or its country, at most {NEAR_YEARS} years away, shows it (project convention).",
            )
        },
        how_sure="Each row says how sure it is and which rows it rests on.",
        to_check="The candidates: confirm or reject each in decisions.csv under its finding_id; it then counts as a finding, or goes.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step for this region."""
    pack, year = review.pack, review.year
    state = policy.standing(pack.policies, year)
    undated = int((state == "undated").sum())
    weak = int((~pack.policies["evidence"].isin(["published"])).sum())
    _, survey, _ = _weights(review, None, year)
    recorded = pack.governance["evidence"].eq("own-judgement").mean() if pack.has("governance") else np.nan
    lines = [
        f"{undated} of {count(len(pack.policies), 'policy', 'policies')} {'has' if undated == 1 else 'have'} no start or end year that excludes {year}; they count as standing although nobody says they run.",
        "Which barrier a policy names was coded from the openings of its sources; a full text may name more, never fewer.",
        f"Need is that of {plain(str(survey['population']))} in {survey['ref_area']}, {int(survey['year'])}: a stand-in for firms of {plain(pack.region.name)} in {year}."
        if survey is not None
        else "Need is not weighed: equal weights treat a rare barrier like a common one.",
        "Objectives are linked to activities through their policy only; a policy with one service may still have an objective nobody serves.",
        f"{weak} of {len(pack.policies)} policies rest on something else than a published source."
        if weak
        else "Every policy has a published source.",
    ]
    if not np.isnan(recorded):
        lines.append(
            f"{recorded:.0%} of the recorded governance roles are our own coding, mostly the owner read as the one who decides."
        )
    absent = [
        name for name in ("assessments", "coherence", "governance", "measurements") if not pack.has(name)
    ]
    if absent:
        lines.append(
            f"There is no table of {listing(absent)}: the sections that need it say “unknown”, and mean it."
        )
    return Section(answer="\n".join(f"- {line}" for line in lines))
