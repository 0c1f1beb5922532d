"""Whether the chain from need to indicator holds, and whether objectives and indicators can be measured."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.steps.examine._view import _faults, _measurements, _standing_rows, _table, _years
from eis_lib.steps.shared.words import _cap, words_of

# --- intervention logic ----------------------------------------------------------------------------------------


def logic(review: Review, *, year: int | None = None) -> Section:
    """Return where the chain need → objective → activity → result → indicator breaks, and where it cannot be judged."""
    at = _years(review, year)
    faults = _faults(review, at)
    summary = policy.logic_summary(faults)
    reach = policy.logic_reach(
        policy.logic_graph(_standing_rows(review.pack.policies, at), review.pack.services)
    )
    judged, blind = summary[summary["judged"] > 0], summary[summary["judged"] == 0]
    broken = judged[judged["faults"] > 0]
    broken = broken.iloc[(-broken["faults"] / broken["judged"]).argsort(kind="stable")]
    words = words_of(__file__, review, year=at)
    return Section(
        answer=sentences(
            words.chain_breaks_at([words.broken(row) for row in _each_row(broken)]),
            words.needs_followed(
                len(reach),
                to_result=int(reach["reaches"].isin(["result", "indicator"]).sum()),
                to_activity=int(reach["activity"].gt(0).sum()),
            ),
            _blind_words(blind, words),
        ),
        charts={"logic_faults": _fault_chart(summary, judged, broken, words)},
        tables={
            "logic_faults": _table(
                faults[faults["verdict"] != "sound"], words.faults_caption(), words.faults_note()
            ),
            "logic_summary": _table(summary, words.summary_caption()),
            "logic_reach": _table(reach, words.reach_caption(), words.reach_note()),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(len(blind)),
    )


def _blind_words(blind: pd.DataFrame, words: Words) -> str:
    """Return which links of the chain cannot be judged and why, if any."""
    if blind.empty:
        return ""
    first, *others = blind["label"].str.lower()
    return words.not_to_be_judged([_cap(first), *others], sorted(set(blind["basis"])))


def _fault_chart(summary: pd.DataFrame, judged: pd.DataFrame, broken: pd.DataFrame, words: Words) -> Any:
    title = words.title(next(_each_row(broken), None), len(summary) - len(judged), len(summary))
    return charts.chart_logic_faults(
        summary,
        title=title,
        subtitle=words.subtitle(),
        source=words.source(),
        description=words.description(title, list(_each_row(judged))),
    )


def objectives(review: Review, *, year: int | None = None) -> Section:
    """Return how far objectives are SMART and indicators RACER, as far as tables can tell."""
    at, actions, measured = _years(review, year), review.pack.actions, _measurements(review)
    smart = policy.check_objectives(review.pack.policies, at)
    racer = policy.check_indicators(review.pack.policies, actions, measured)
    carried = len(actions), int(actions["indicator"].notna().sum())
    words = words_of(__file__, review, year=at)
    return Section(
        answer=sentences(
            words.objectives_measurable(
                len(smart),
                int((smart["measurable"] == "yes").sum()),
                int((smart["time_bound"] == "yes").sum()),
            ),
            words.indicators_unmeasured(*carried)
            if measured is None
            else words.indicators_robust(*carried, len(racer), int((racer["robust"] == "yes").sum())),
        ),
        tables={
            "objectives": _table(smart, words.objectives_caption(), words.objectives_note()),
            "indicators": _table(racer, words.indicators_caption(), words.indicators_note()),
        },
        how_sure=words.objectives_sure(),
        to_check=words.objectives_to_check(),
    )
