"""Whether the action plan is complete: the actions in the Interreg Europe layout, and every check."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.messages import gettext
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import recommendation as advice
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.plan._proposals import _source, _words
from eis_lib.steps.plan._written import _planned
from eis_lib.steps.shared.words import cut


def action_plan(review: Review) -> Section:
    """Return the action plan in the Interreg Europe layout, and every check it passes or fails."""
    planned = _planned(review)
    words = _words(__file__, review)
    checks = advice.check_plan(planned.plan)
    if planned.plan.empty:
        return Section(
            words.nothing_to_write(),
            tables={
                "action_plan": Table(planned.plan, words.no_action()),
                "action_plan_checks": Table(checks, words.no_check()),
            },
        )
    return Section(
        answer=_answer(planned.plan, checks, words),
        charts={"timetable": _timetable_chart(review, planned.plan, words)},
        tables={
            "action_plan": Table(planned.plan, words.plan_caption(), words.plan_note()),
            "action_plan_checks": Table(checks, words.checks_caption(), words.checks_note()),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _answer(plan: pd.DataFrame, checks: pd.DataFrame, words: Words) -> str:
    passed = checks["passed"].value_counts()
    asked = sorted(set(checks.loc[checks["passed"] == "no", "asks"]), key=inside)
    lines = [words.action(a, len(split(a.findings)), len(split(a.lessons))) for a in _each_row(plan.head(3))]
    checked = words.checked(
        *(int(passed.get(verdict, 0)) for verdict in ("yes", "no", "not applicable")),
        [inside(gettext(asks)) for asks in asked],
    )
    return sentences(words.written_out(len(plan)), sentences(*lines, between="\n"), checked, between="\n\n")


def _timetable_chart(review: Review, plan: pd.DataFrame, words: Words) -> Any:
    frame = pd.DataFrame(
        {
            "label": [f"{a.action_no}  {a.title}" for a in _each_row(plan)],
            "start": plan["start_year"],
            "end": plan["end_year"],
            "owner": [cut(a.accountable, 30) for a in _each_row(plan)],
            "kind": ["decided" if s != advice.PROPOSED else "proposed" for s in plan["status"]],
        }
    )
    first, last = int(plan["start_year"].min()), int(plan["end_year"].max())
    title = words.title(int((plan["start_year"] == first).sum()), len(plan), first, last)
    return charts.timetable(
        frame,
        title=title,
        subtitle=words.subtitle(),
        source=_source(review),
        description=title,
    )
