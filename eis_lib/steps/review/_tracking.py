"""Whether each indicator is on its way to the target, and how far it has come."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._view import _day, _figure, _tracked
from eis_lib.steps.shared.words import _flat, _records, _short_name, words_of

_SHAPES = MappingProxyType({monitor.GREEN: "●", monitor.AMBER: "▲", monitor.RED: "■"})


def _words(review: Review) -> Words:
    return words_of(__file__, review, figure=_figure)


def _tracking_words(review: Review, tracked: pd.DataFrame) -> str:
    """Return in words how many indicators are measured, and how they stand."""
    if tracked.empty:
        actions = review.pack.actions
        return _words(review).not_measured(int(actions["target"].notna().sum()), len(actions))
    states = tracked["state"].value_counts()
    return _words(review).measured(len(tracked), {s: states[s] for s in monitor.LIGHTS if s in states})


def tracking(review: Review) -> Section:
    """Return how far each indicator has come on its way to the target."""
    tracked = _tracked(review)
    if tracked.empty:
        return _nothing_measured(review, tracked)
    order = [monitor.RED, monitor.AMBER, monitor.GREEN, monitor.GREY, monitor.UNDEFINED, monitor.NOT_DUE]
    rows = tracked.assign(order=tracked["state"].map(order.index)).sort_values(
        ["order", "ratio", "indicator_id"], kind="stable"
    )
    words, settings = _words(review), review.parameters
    return Section(
        answer=sentences(_tracking_words(review, tracked), words.those_behind(_records(_behind(rows)))),
        charts={"target_tracking": _picture(review, rows, words)},
        tables={
            "tracking": Table(
                _flat(rows[list(monitor.TRACK_COLUMNS)].reset_index(drop=True)),
                words.tracking_caption(),
                words.tracking_note(settings.green, settings.amber),
            )
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _behind(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["state"].isin([monitor.RED, monitor.AMBER])]


def _nothing_measured(review: Review, tracked: pd.DataFrame) -> Section:
    """Return what each action would need before it can be tracked."""
    words = _words(review)
    wanted = pd.DataFrame(
        [
            {
                "action_id": a.action_id, "title": a.title, "indicator_named": None if pd.isna(a.indicator) else a.indicator,
                "target_named": None if pd.isna(a.target) else a.target,
                "missing": words.missing(pd.notna(a.indicator), pd.notna(a.target)),
            }
            for a in _each_row(review.pack.actions)
        ],
        columns=["action_id", "title", "indicator_named", "target_named", "missing"],
    )  # fmt: skip
    named = int(wanted["indicator_named"].notna().sum())
    return Section(
        answer=sentences(_tracking_words(review, tracked), words.naming_an_indicator(named)),
        tables={
            "to_measure": Table(wanted, words.to_measure_caption(), words.to_measure_note()),
            "tracking": Table(_flat(tracked), words.none_measured_caption()),
        },
        how_sure=words.none_measured_how_sure(),
        to_check=words.none_measured_to_check(),
    )


def _picture(review: Review, rows: pd.DataFrame, words: Words) -> Any:
    """Return the bars of the indicators, those furthest behind first."""
    drawn = pd.DataFrame(
        {
            "indicator": [
                f"{_short_name(r.indicator_name, 34)}\n({_short_name(r.unit, 34)})" for r in _each_row(rows)
            ],
            "attainment": rows["attainment"],
            "expected": rows["expected"].where(rows["attainment"].notna()),
            "light": rows["light"],
            "words": [words.bar(r, _SHAPES.get(r.state, "○")) for r in _each_row(rows)],
        }
    )
    behind = _behind(rows)
    furthest = _short_name(behind["indicator_name"].iloc[0], 40) if len(behind) else ""
    title = words.title(int(rows["state"].eq(monitor.GREEN).sum()), len(rows), furthest)
    return charts.target_tracking(
        drawn,
        title=title,
        subtitle=words.subtitle(_day(review).isoformat()),
        source=words.source(review.pack.id),
        description=words.description(title, _records(rows)),
    )
