"""Whether governance works: the scorecard, what to decide on each action, and the next dates."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.methods import monitor, policy
from eis_lib.pack.frames import _each_row
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.section.table_text import stack
from eis_lib.steps.review._alerting import _alerts
from eis_lib.steps.review._view import _day, _names, _previous, _tracked
from eis_lib.steps.shared.words import _flat, _records, words_of

LEAST_MOVE = 0.05
"""Change of a share from which the scorecard speaks of rise or fall (project convention)."""

MOST_ADDED = 5
"""Recommendations of step 5 that are put forward as additions."""


def _scorecard_years(review: Review) -> list[int]:
    return sorted({*range(review.year - 8, review.year, 2), _previous(review), review.year})


def scorecard(review: Review) -> Section:
    """Return the governance scorecard at several years."""
    governance = review.pack.governance if review.pack.has("governance") else None
    years = _scorecard_years(review)
    table = monitor.governance_scorecard(
        review.pack.tables, years, review.vocabulary.codes("barrier"), governance=governance
    )
    now = table[table["year"] == review.year].set_index("measure")
    then = table[table["year"] == years[0]].set_index("measure")
    both = now.assign(change=now["share"] - then["share"], met_then=then["met"], of_then=then["of"]).dropna(
        subset=["change"]
    )
    ranked = both.sort_values("change", kind="stable")
    weakest = _first(now.dropna(subset=["share"]).sort_values("share", kind="stable"))
    words = words_of(__file__, review, year=review.year, first_year=years[0])
    title = words.scorecard_title(weakest)
    marks = ["–" if pd.isna(r.share) else words.scorecard_mark(r) for r in _each_row(table)]
    return Section(
        answer=words.scorecard_answer(
            weakest,
            _first(ranked[ranked["change"] <= -LEAST_MOVE]),
            _first(ranked[ranked["change"] >= LEAST_MOVE].iloc[::-1]),
            [inside(label) for label in now.loc[now["share"].isna(), "label"]],
        ),
        charts={
            "scorecard": charts.scorecard(
                table.assign(mark=marks),
                title=title,
                subtitle=words.scorecard_subtitle(),
                source=words.scorecard_source(review.pack.id),
                description=words.scorecard_description(title, len(monitor.SCORECARD), years),
            )
        },
        tables={"scorecard": Table(table, words.scorecard_caption(), words.scorecard_note())},
        how_sure=words.scorecard_how_sure(),
        to_check=words.scorecard_to_check(),
    )


def _first(rows: pd.DataFrame) -> Any:
    return next(_each_row(rows), None)


def _action_decisions(review: Review, tracked: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    return monitor.propose_decisions(
        review.pack.actions, review.pack.services, tracked, table, review.pack.decisions, review.year
    )


def _to_add(review: Review) -> pd.DataFrame:
    """Return the heaviest recommendations of step 5 whose need no running or planned action takes up."""
    table = review.earlier("plan", "recommendations")
    actions = review.pack.actions
    live = actions[
        policy.standing(actions, review.year).ne("ended") & ~actions["status"].isin(["done", "stopped"])
    ]
    taken_up = {need for needs in live["barriers_addressed"] for need in needs}
    free = table[table["need"].notna() & ~table["need"].isin(taken_up) & table["status"].eq("proposed")]
    free = free.sort_values("rank", kind="stable").drop_duplicates("need").head(MOST_ADDED)
    return pd.DataFrame(
        {
            "action_id": free["recommendation_id"], "title": free["title"], "state": "not begun", "proposal": "add",
            "because": free["why"], "decision": "", "decided_by": "", "decided_on": "",
        }
    )  # fmt: skip


def action_decisions(review: Review) -> Section:
    """Return for each action what was decided, or what the records suggest to discuss; and what could be added."""
    table = _action_decisions(review, _tracked(review), _alerts(review))
    added = _to_add(review)
    decided = table[table["decision"] != ""]
    open_rows = table[(table["decision"] == "") & (table["state"] != "finished")]
    finished = table[(table["decision"] == "") & (table["state"] == "finished")]
    words = words_of(__file__, review)
    return Section(
        answer=words.actions_answer(
            len(decided),
            len(table),
            len(open_rows),
            open_rows["proposal"].value_counts(),
            _records(open_rows[open_rows["proposal"] == "adapt"]),
            [plain(title) for title in added["title"]],
            len(finished),
        ),
        tables={
            "action_decisions": Table(
                _flat(stack([table, added])).fillna({"services_gone": "", "alerts": ""}),
                words.actions_caption(),
                words.actions_note(MOST_ADDED),
            )
        },
        how_sure=words.actions_how_sure(),
        to_check=words.actions_to_check(),
    )


def calendar(review: Review) -> Section:
    """Return the next dates of the review."""
    table = monitor.review_calendar(
        _day(review),
        {n: review.pack.tables[n] for n in ("policies", "services", "actions")},
        _alerts(review),
        _tracked(review),
    )
    names = _names(review)
    own = table[table["rests_on"] == "the pack"]
    table = table.assign(name=[names.get(s, "") for s in table["subject"]])
    first_own = _first(own)
    words = words_of(__file__, review)
    return Section(
        answer=words.calendar_answer(
            _first(table),
            _first(table[table["what"].str.startswith("Keep a snapshot")]),
            len(own),
            first_own,
            names.get(first_own.subject, first_own.subject) if len(own) else "",
        ),
        tables={
            "calendar": Table(
                table[["date", "what", "subject", "name", "rests_on"]],
                words.calendar_caption(),
                words.calendar_note(),
            )
        },
        how_sure=words.calendar_how_sure(),
        to_check=words.calendar_to_check(),
    )
