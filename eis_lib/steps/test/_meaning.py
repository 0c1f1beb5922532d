"""What the test means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.english import count, listing
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.vocabulary import inside
from eis_lib.section.finding import apply_rules
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import _label
from eis_lib.steps.test._findings import RULES
from eis_lib.steps.test._view import _dating


def meaning(review: Review) -> Section:
    """Return what the test means for the region, and its findings for later steps."""
    frame = apply_rules(RULES, review, view(review))
    pairs = frame[frame["kind"].isin(["duplication", "overlap"])]
    open_pairs = int((pairs["status"] == "candidate").sum())
    heavy = frame[(frame["kind"] == "gap") & (frame["status"] == "candidate")]
    unknown = int((frame["status"] == "unknown").sum())
    handed = frame.loc[frame["subject"] == "recorded-routes", "statement"].tolist()
    needs = dict.fromkeys(str(subject).rsplit(":", 1)[-1] for subject in heavy["subject"])
    first = listing([f"*{inside(_label(review, 'barrier', need))}*" for need in list(needs)[:3]])
    answer = (
        f"For {plain(review.pack.region.name)} this follows. "
        + (
            f"**Look before cutting:** {count(open_pairs, 'pair')} that nobody has checked {'matches' if open_pairs == 1 else 'match'} on all "
            "three limbs and should be put to the providers concerned; two doors can be right where they serve different firms, and harm where "
            "a firm must try both. "
            if open_pairs
            else ""
        )
        + (
            f"**Fill first:** services for {first}, unless the pack misses one that is there. "
            if len(heavy)
            else ""
        )
        + (
            f"**Ask first:** for {unknown} of the heaviest gaps the records can not tell; a telephone call settles them. "
            if unknown
            else ""
        )
        + "**Hand over:** "
        + (
            f"{handed[0][:1].lower()}{handed[0][1:]} Every warm hand-over agreed adds to the last."
            if handed
            else "no referral between these services is on record; writing down who sends firms to whom is the cheapest next step."
        )
    )
    return Section(
        answer=answer,
        tables={
            "findings": Table(
                frame,
                "Findings, candidates and unknowns of this step",
                "A candidate becomes a finding only by a decision on record; the rows it rests on are named.",
            )
        },
        how_sure="low to medium; see each row.",
        to_check="Take the first rows of the table to the next stakeholder meeting and record what is decided in decisions.csv.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    now = view(review)
    n = len(now.services)
    derived = int((now.services["need_area_from"] != "own").sum())
    kinds = [k for k in gap_rules.assess_kinds(now.services, now.referrals) if k.answer != "yes"]
    lines = [
        f"What counts as alike rests on codes that we gave: the needs of {derived} of {n} services are derived from their kind of support.",
        f"{_dating(review, now.services)}; whether two services run side by side is then an assumption.",
        "Thresholds (share in common, containment, severity, the stages at which a need bites) are project conventions: no European source "
        "sets a cut-off for overlap or gap. Move them and see what stays.",
        *(
            f"*{_label(review, 'gap_kind', k.kind)}* can be judged {'not at all' if k.answer == 'no' else 'in part only'}: {k.why}."
            for k in kinds
        ),
        "Personas are invented firms, the same in every region, with weights of our own judgement; they stand for segments, not for counts of firms.",
        "A service for part of the region only (an island, a language area) is compared as if it were for all of it where NUTS has no code for "
        "the part, unless its row or that of its neighbour says whose clients it does not take (excludes_clients_of).",
        "Journeys are designed journeys. Whether a provider really takes the firm, and whether help was good, needs interviews or mystery shopping.",
        "Overlap is not waste: effects can be good, bad or unknown, and only people who know both services can tell.",
    ]
    return Section(
        answer="\n".join(f"- {line}" for line in lines),
        how_sure="high that these limits hold; they are read off the tables.",
    )
