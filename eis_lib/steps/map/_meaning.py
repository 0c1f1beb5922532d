"""What the map means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

from eis_lib.language.english import count
from eis_lib.methods.landscape import DATED
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._findings import _findings
from eis_lib.steps.map._inventory import _second_list
from eis_lib.steps.map._providers import _current_referrals
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import _be, _records


def meaning(review: Review) -> Section:
    """Return what the map means for the region, and the findings later steps take up."""
    findings = _findings(review)
    if findings.empty:
        return Section(
            answer="Nothing can be said before the pack lists services that count.",
            tables={"findings": Table(findings, "Findings of step 1")},
            how_sure="not applicable.",
        )
    firm = findings[findings["status"] == "finding"].head(5)
    number = findings["status"].value_counts()
    open_points = int(number.get("candidate", 0)) + int(number.get("unknown", 0))
    lines = "\n".join(f"- {plain(row.statement)} *(sure: {row.how_sure})*" for row in _records(firm))
    return Section(
        answer=f"For {plain(review.pack.region.name)} the map shows {count(int(number.get('finding', 0)), 'finding')}; "
        f"{count(open_points, 'further point')} {_be(open_points)} open until somebody checks (an empty record is no proof). The strongest:\n\n{lines}",
        tables={
            "findings": Table(
                findings,
                "Findings of step 1, most important first",
                "status: finding (rests on rows), candidate (rests on something not being on record), unknown. rows: the records behind it.",
            )
        },
        how_sure="as each line says; a count of services says nothing of their size or quality.",
        to_check="Confirm or strike out each candidate; write the decision into decisions.csv.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence, with the numbers that set them."""
    now, pack = view(review), review.pack
    derived = int((now.counted["need_area_from"] == "derived").sum())
    weak = int((pack.services["evidence"] != "published").sum())
    known = int(pack.services["capacity_per_year"].notna().sum())
    undated = int((now.counted["dating"] != DATED).sum())
    others = len(now.current) - len(now.services)
    points = [
        f"**Time.** {undated} of {count(now.total, 'service')} counted in {now.year} rest on a missing year. They count because nothing says that they ended.",
        f"**Coding.** Stage, mode, size, experience, market, channel and cost are our reading of sources that rarely state them; "
        f"the needs answered are derived from the kind of support for {derived} of {count(now.total, 'service')}.",
        f"**Sources.** {count(weak, 'service row')} of {len(pack.services)} {'rests' if weak == 1 else 'rest'} on no published page.",
        f"**Size.** Services are counted, not weighed: capacity is recorded for {known} of {len(pack.services)}.",
        f"**Absence.** The list was made from what could be found; an empty cell means nothing was found. {_second_list(review, now)}",
    ]
    if _current_referrals(review, now.services).empty:
        points.append(
            "**Hand-offs.** No referral between services that count is on record; the network shows who gives what, not who works with whom."
        )
    if others:
        points.append(
            f"**Audience.** {count(others, 'service')} for incoming investors or other support bodies {_be(others)} left out of all counts of help to firms."
        )
    if pack.region.invented:
        points.insert(0, "**This region is invented.** Nothing on this page describes a real place.")
    return Section(
        answer="\n".join(f"- {point}" for point in points),
        how_sure="high: these are counts of what is missing.",
    )
