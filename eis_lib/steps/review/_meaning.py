"""What the review means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import apply_rules
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._alerting import _alerts
from eis_lib.steps.review._change import _stayed
from eis_lib.steps.review._findings import RULES
from eis_lib.steps.review._hindsight import _begin
from eis_lib.steps.review._series import _context_series
from eis_lib.steps.review._view import _previous


def meaning(review: Review) -> Section:
    """Return what the review means for the region, and its findings."""
    findings = apply_rules(RULES, review)
    firm = findings[findings["status"] == "finding"].head(4)
    other = findings[findings["status"] != "finding"].head(2)
    number = findings["status"].value_counts()
    table = _alerts(review)
    steps = list(dict.fromkeys(table.loc[table["state"] == "open", "reopens_step"]))
    lines = "\n".join(
        f"- {plain(r.statement)} *({r.status}; sure: {r.how_sure})*"
        for r in _each_row(pd.concat([firm, other]))
    )
    return Section(
        answer=f"For {plain(review.pack.region.name)} the review shows {count(int(number.get('finding', 0)), 'finding')}, {count(int(number.get('candidate', 0)), 'candidate')} and "
        f"{count(int(number.get('unknown', 0)), 'open question')}; "
        + (
            f"the open alerts call for another look at {listing([f'step {s}' for s in steps], most=6)}."
            if steps
            else "no alert calls for another look at an earlier step."
        )
        + f"\n\n{lines}",
        tables={
            "findings": Table(
                findings,
                "Findings of step 6, most important first",
                "status: finding (rests on rows), candidate (a signal or an absence somebody must look at), unknown. rows: the records behind it.",
            )
        },
        how_sure="As each line says; an alert is a question put to people, not an answer.",
        to_check="Decide on each open alert and on each action, and write the decisions down with date and role.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence, with the numbers that set them."""
    previous, stayed = _previous(review), _stayed(review, _previous(review))
    series = _context_series(review)
    wandering = [s for s in series if monitor.lag_correlation(s.raw["value"]) > 0.5]
    areas = sorted({s.area for s in series})
    points = [
        "**No counterfactual.** An indicator on track does not show that the action moved it; a signal does not say why.",
        f"**Country for region.** {count(len(series), 'published series', 'published series')} stand for {listing(areas) if areas else 'no area'}; none measures internationalisation in the region itself.",
        f"**Series that wander.** {len(wandering)} of {len(series)} resemble their own past by more than 0.5 and are charted as changes; on levels the limits would be crossed all the time.",
        f"**Short memory.** {_begin(series, _context_series(review, annual_twins=True))}",
        f"**One record, two years.** The comparison with {previous} reads today's table backwards: {stayed['undated']} of {stayed['all']} services stayed only because a year is missing. Kept snapshots will tell more.",
        "**Conventions.** Baseline length, quiet points, due dates, the three shocks and what counts as noise are ours; they stand in the parameters or beside the tables.",
    ]
    if not review.pack.has("measurements"):
        points.insert(
            1,
            "**Nothing measured.** The pack has no table of measurements; absent is not zero, and not green.",
        )
    if not review.pack.has("decisions"):
        points.append(
            "**No decisions on record.** Every alert therefore stands as open until it closes by itself."
        )
    if review.pack.region.invented:
        points.insert(0, "**This region is invented.** Nothing on this page describes a real place.")
    return Section(
        answer="\n".join(f"- {point}" for point in points),
        how_sure="High: these are counts of what is missing, and statements of method.",
    )
