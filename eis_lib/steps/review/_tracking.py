"""Whether each indicator is on its way to the target, and how far it has come."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._view import _day, _tracked
from eis_lib.steps.shared.words import _be, _flat, _number, _short_name


def _tracking_words(review: Review, tracked: pd.DataFrame) -> str:
    if tracked.empty:
        with_target = int(review.pack.actions["target"].notna().sum())
        return (
            f"**Whether it is working cannot be told**: the pack has no table of measurements. {with_target or 'None'} of "
            f"{count(len(review.pack.actions), 'action')} {'name' if with_target > 1 else 'names'} a target; none has a measured value."
        )
    states = tracked["state"].value_counts()
    words = [f"{states[state]} {state}" for state in monitor.LIGHTS if state in states]
    return f"**{count(len(tracked), 'indicator')} measured**: {listing(words, most=6)}."


def tracking(review: Review) -> Section:
    """Return how far each indicator has come on its way to the target."""
    tracked = _tracked(review)
    if tracked.empty:
        return _nothing_measured(review, tracked)
    rows = tracked.assign(order=tracked["state"].map({s: n for n, s in enumerate([monitor.RED, monitor.AMBER, monitor.GREEN, monitor.GREY, monitor.UNDEFINED, monitor.NOT_DUE])})).sort_values(
        ["order", "ratio", "indicator_id"], kind="stable"
    )  # fmt: skip
    behind = rows[rows["state"].isin([monitor.RED, monitor.AMBER])]
    settings = review.parameters
    return Section(
        answer=f"{_tracking_words(review, tracked)} "
        + (
            "Behind: "
            + listing([f"{plain(r.indicator_name)} ({r.attainment:.0%} of the way in {r.period}, {r.expected:.0%} expected)" for r in _each_row(behind)])
            + "."
            if len(behind)
            else "None with a value that is up to date is behind its path."
        ),
        charts={"target_tracking": _picture(review, rows)},
        tables={
            "tracking": Table(
                _flat(rows[list(monitor.TRACK_COLUMNS)].reset_index(drop=True)),
                "Indicators on their way to the target",
                f"attainment = (value − baseline) / (target − baseline), rising and falling targets alike; state by attainment ÷ expected: from {settings.green:.0%} on track, "
                f"from {settings.amber:.0%} behind, below far behind (the marks of the EU performance framework 2014-2020). Out of date is never green.",
            )
        },
        how_sure="Medium: the sums are exact, but a straight path is an assumption, and nothing says what would have happened without the action.",
        to_check="For each indicator that is out of date: does nobody count any more, or has nobody sent the figure?",
    )  # fmt: skip


def _nothing_measured(review: Review, tracked: pd.DataFrame) -> Section:
    """Return what each action would need before it can be tracked."""
    wanted = pd.DataFrame(
        [
            {
                "action_id": a.action_id, "title": a.title, "indicator_named": None if pd.isna(a.indicator) else a.indicator,
                "target_named": None if pd.isna(a.target) else a.target,
                "missing": "baseline, dated target and values" if not pd.isna(a.target) else "indicator, baseline, target and values"
                if pd.isna(a.indicator) else "baseline, target and values",
            }
            for a in _each_row(review.pack.actions)
        ],
        columns=["action_id", "title", "indicator_named", "target_named", "missing"],
    )  # fmt: skip
    named = int(wanted["indicator_named"].notna().sum())
    return Section(
        answer=f"{_tracking_words(review, tracked)} {count(named, 'action')} {'names' if named == 1 else 'name'} an indicator; the table lists what each would need before it can be tracked.",
        tables={
            "to_measure": Table(
                wanted,
                "What each action names, and what is missing to track it",
                "No light is shown where nothing was measured: missing is not green.",
            ),
            "tracking": Table(_flat(tracked), "Indicators on their way to the target (none measured)"),
        },
        how_sure="High that no value is on record here; the bodies may well hold some.",
        to_check="Ask the owner of each action for a baseline, a dated target and the last value; ten values make a control chart.",
    )


def _picture(review: Review, rows: pd.DataFrame) -> Any:
    """Return the bars of the indicators, those furthest behind first."""
    shapes = {monitor.GREEN: "●", monitor.AMBER: "▲", monitor.RED: "■"}
    drawn = pd.DataFrame(
        {
            "indicator": [
                f"{_short_name(r.indicator_name, 34)}\n({_short_name(r.unit, 34)})" for r in _each_row(rows)
            ],
            "attainment": rows["attainment"],
            "expected": rows["expected"].where(rows["attainment"].notna()),
            "light": rows["light"],
            "words": [
                f"{shapes.get(r.state, '○')} {r.state}: {_number(r.value)}, target {_number(r.target_value)}"
                if r.period
                else "○ no value"
                for r in _each_row(rows)
            ],
        }
    )
    behind = rows[rows["state"].isin([monitor.RED, monitor.AMBER])]
    ahead = int(rows["state"].eq(monitor.GREEN).sum())
    title = f"{ahead} of {count(len(rows), 'indicator')} {_be(ahead)} on track" + (
        f"; furthest behind: {_short_name(behind['indicator_name'].iloc[0], 40)}" if len(behind) else ""
    )
    return charts.target_tracking(
        drawn,
        title=title,
        subtitle=f"Bar: share of the way done at the last value; black tick: share expected then on a straight path; dashed: target. Review of {_day(review).isoformat()}",
        source=f"region pack {review.pack.id}, table measurements",
        description=f"{title}. States: "
        + "; ".join(f"{r.indicator_name} {r.state}" for r in _each_row(rows)),
    )
