"""Whether the action plan is complete: the actions in the Interreg Europe layout, and every check."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.language.english import count, listing
from eis_lib.language.messages import gettext
from eis_lib.methods import recommendation as advice
from eis_lib.methods.recommendation import split
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._proposals import _source
from eis_lib.steps.plan._written import _planned
from eis_lib.steps.shared.words import _money, cut


def action_plan(review: Review) -> Section:
    """Return the action plan in the Interreg Europe layout, and every check it passes or fails."""
    planned = _planned(review)
    checks = advice.check_plan(planned.plan)
    if planned.plan.empty:
        return Section(
            "There is no recommendation to write out.",
            tables={
                "action_plan": Table(planned.plan, "No action"),
                "action_plan_checks": Table(checks, "No check"),
            },
        )
    failed = checks[checks["passed"] == "no"]
    top = planned.plan.head(3)
    lines = "".join(
        f"\n{a.action_no}. **{plain(a.title)}** – rests on {count(len(split(a.findings)), 'finding')}, "
        f"{count(len(split(a.lessons)), 'lesson')}; {plain(a.accountable)}, {a.timeframe}; {_money(float(a.costs_eur))}"
        for a in _each_row(top)
    )
    answer = (
        f"**{count(len(planned.plan), 'action')}** are written out in the fields of the Interreg Europe template; the first three:\n{lines}\n\n"
        f"{int((checks['passed'] == 'yes').sum())} checks are passed, {len(failed) or 'none'} failed"
        + (f" ({listing(sorted({inside(str(t)) for t in failed['asks']}), 4)})" if len(failed) else "")
        + f" and {int((checks['passed'] == 'not applicable').sum())} do not apply because a cost is not published. Date, signature and stamp are left for a person."
    )
    return Section(
        answer=answer,
        charts={"timetable": _timetable_chart(review, planned.plan)},
        tables={
            "action_plan": Table(
                planned.plan,
                "The action plan, one row per action",
                "Layout: annex 1 of the Interreg Europe programme manual 2014–2020, field names as far as known. Owner, years and players are proposals: years follow effort "
                "(low 1, medium 2, high 3 years) and rank (what is of low effort at once, of the rest two a year), project conventions.",
            ),
            "action_plan_checks": Table(
                checks,
                "What the action plan has to pass",
                "‘Not applicable’: the fact to check is not published.",
            ),
        },
        how_sure="low; a draft to be edited and decided by people. What the region itself published stands in its own table.",
        to_check="Is each proposed body able and willing to answer for its action?",
    )


def _timetable_chart(review: Review, plan: pd.DataFrame) -> Any:
    frame = pd.DataFrame(
        {
            "label": [f"{a.action_no}  {a.title}" for a in _each_row(plan)],
            "start": plan["start_year"],
            "end": plan["end_year"],
            "owner": [cut(a.accountable, 30) for a in _each_row(plan)],
            "kind": ["decided" if s != advice.PROPOSED else "proposed" for s in plan["status"]],
        }
    )
    early = int((plan["start_year"] == plan["start_year"].min()).sum())
    title = gettext("{number} of {actions} actions can start in {year}; the last would end in {end}").format(
        number=early, actions=len(plan), year=int(plan["start_year"].min()), end=int(plan["end_year"].max())
    )
    return charts.timetable(
        frame,
        title=title,
        subtitle="Proposed years by effort and rank (project convention); behind the bar: who is proposed to answer",
        source=_source(review),
        description=title,
    )
