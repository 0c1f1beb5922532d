"""What the plan means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.english import count, listing
from eis_lib.methods import recommendation as advice
from eis_lib.pack.vocabulary import inside
from eis_lib.section.finding import apply_rules
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._findings import RULES
from eis_lib.steps.plan._written import _planned


def meaning(review: Review) -> Section:
    """Return what the plan means for the region, and its findings for the review."""
    planned = _planned(review)
    frame = apply_rules(RULES, review)
    checks = advice.check_plan(planned.plan)
    failed = checks[checks["passed"] == "no"]
    quick = planned.plan[planned.plan["start_year"] == planned.plan["end_year"]]
    answer = (
        f"For {plain(review.pack.region.name)} the plan is a draft with {count(len(planned.plan), 'action')} that people can accept, change or turn down, one by one. "
        + (
            f"**Can be done within a year:** {listing([plain(inside(t)) for t in quick['title']], 3)}. "
            if len(quick)
            else ""
        )
        + (
            f"**Not yet true of every action, and asked for before it can be signed:** {listing([inside(str(t)) for t in dict.fromkeys(failed['asks'])], 4)}. "
            if len(failed)
            else ""
        )
        + "**Not in it:** any closure. Whoever wants to end a service first confirms the overlap, assesses its effects and finds a way for every firm."
    )
    return Section(
        answer=answer,
        tables={
            "findings": Table(
                frame,
                "What this step hands on",
                "An action is a candidate until a decision on the recommendation is on record.",
            )
        },
        how_sure="low to medium; see each row.",
        to_check="Put the first action on the agenda of the next steering group and record what it decides.",
    )


def limits(_review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    lines = [
        "A recommendation is a rule applied to findings, most of which are candidates nobody has validated; it can be no better than they are.",
        "The value of an action is the demand it bears on, not an effect: no source here measures what firms gained.",
        "Costs are missing for most actions. Where a practice’s cost stands in, it is that of another region, of another size, in another year.",
        "Severities, efforts by option, swing weights, lengths and years of actions are project conventions, shown where they are used.",
        "Simplification sees only what the personas need and what our codes say. A service that serves other firms is held, not judged; quality, trust and "
        "nearness do not show in a code.",
        "Capacity is a constraint only where capacity and take-up of all services concerned are on record.",
        "Exclusions and prerequisites between published actions are read from their notes; others may exist.",
        "Indicator codes are given from general knowledge of the regulations; none of them measures exports.",
        "Lessons are matched by need and stage; whether powers, money and people are there to transfer them is for the two regions to talk about.",
    ]
    return Section(
        "\n".join(f"- {line}" for line in lines), how_sure="high; these are the rules the page follows."
    )
