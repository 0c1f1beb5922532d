"""Whether every persona gets from intent to outcome, and what it meets on the way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import journey
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import LongTable, Section, Table, plain
from eis_lib.steps.shared.landscape import (
    View,
    journey_stages,
    provider_names,
    service_names,
    view,
    walk_journeys,
)
from eis_lib.steps.shared.words import _label, _two_lines, words_of
from eis_lib.steps.test._view import _personas, _source


def journeys(review: Review, *, year: int | None = None) -> Section:
    """Return what every persona meets on its way from intent to outcome."""
    now = view(review, year)
    walked, recorded = walk_journeys(review, now)
    measures = walked.outcomes
    through = measures[measures["reach"] == 1]
    stuck = measures[measures["reach"] == 0]
    people, names = _personas(review), service_names(review)
    loops = recorded.loops if recorded is not None else ()
    words = words_of(
        __file__,
        review,
        personas=len(measures),
        through=len(through),
        stuck=len(stuck),
        done=journey.completion(measures),
        steps=through["steps"].mean(),
        cold=int(through["cold_hand_offs"].sum()),
        hand_offs=int(through["hand_offs"].sum()),
        met=int(through["needs_met"].sum()),
        wanted=int(through["needs"].sum()),
        loops=[" → ".join(plain(names[s]) for s in ring) for ring in loops],
    )
    lost = [words.lost_at(people[str(row.persona_id)], row.no_way_at) for row in _each_row(stuck)]
    return Section(
        answer=words.answer(lost, _handed_on(recorded, now), now.year),
        charts={"journey_map": _journey_chart(review, now, walked, words)},
        tables={
            "journeys": _journey_table(review, walked, recorded, words),
            "journey_paths": _path_table(review, walked, words),
            "orphans": _orphan_table(review, walked, words),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


@dataclass(frozen=True)
class HandedOn:
    """How many firms get through without finding a second door: all, with one service throughout, by a referral."""

    done: float
    stay: float
    sent: float
    referrals: int


def _handed_on(recorded: journey.Journeys | None, now: View) -> HandedOn | None:
    """Return how many firms get through on recorded routes, and whether a referral takes them there."""
    if recorded is None:
        return None
    best = recorded.best
    by_referral = set(best.loc[~best["way"].isin([journey.STAYS, journey.SELF_FOUND]), "persona_id"])
    is_sent = recorded.outcomes["persona_id"].isin(by_referral)
    sent = journey.completion(recorded.outcomes.assign(sent=recorded.outcomes["reach"] * is_sent), "sent")
    done = journey.completion(recorded.outcomes)
    return HandedOn(done, done - sent, sent, 0 if now.referrals is None else len(now.referrals))


def _journey_table(
    review: Review, walked: journey.Journeys, recorded: journey.Journeys | None, words: Words
) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.measures.copy()
        frame.insert(1, "persona", frame["persona_id"].map(_personas(review)))
        if recorded is not None:
            only = recorded.measures.set_index("persona_id")
            frame["reach_recorded"] = frame["persona_id"].map(only["reach"])
            frame["dead_ends_recorded"] = frame["persona_id"].map(only["dead_ends"])
            frame["loops"] = frame["persona_id"].map(only["loops"])
        else:
            frame["reach_recorded"] = math.nan
            frame["dead_ends_recorded"] = math.nan
        frame = frame.rename(columns={"loops": "loops_recorded"})
        for column in (
            "steps", "hand_offs", "cold_hand_offs", "services_off_need", "needs_met", "prices_unknown", "days_unknown", "repeated_requests",
            "typical_steps", "reach_recorded", "dead_ends_recorded", "loops_recorded",
        ):  # fmt: skip
            frame[column] = frame[column].astype("float64").astype("Int64")
        frame = frame.sort_values(
            ["reach", "weight", "persona_id"], ascending=[True, False, True], kind="stable"
        )
        order = [
            "persona_id", "persona", "weight", "start_stage", "goal_stage", "reach", "lost_at", "steps", "hand_offs", "cold_hand_offs", "needs_met",
            "needs", "services_off_need", "out_of_pocket_eur", "prices_unknown", "elapsed_days", "days_unknown", "repeated_requests",
            "choice_load", "choice_stage", "choice_type", "typical_done", "typical_steps", "open_services", "dead_ends", "reach_recorded",
            "dead_ends_recorded", "loops_recorded", "rests_on_unknown", "basis",
        ]  # fmt: skip
        return frame[order].reset_index(drop=True)

    return LongTable(
        write,
        lambda: len(walked.walked),
        words.journeys_caption(),
        words.journeys_note(),
    )


def _path_table(review: Review, walked: journey.Journeys, words: Words) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.paths.copy()
        names, bodies = service_names(review), provider_names(review, 60)
        giver = dict(
            zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True)
        )
        frame["service"] = frame["service_id"].map(names)
        frame["provider"] = [bodies.get(giver[s], giver[s]) for s in frame["service_id"]]
        return frame

    return LongTable(
        write,
        lambda: len(walked.paths),
        words.paths_caption(),
        words.paths_note(),
    )


def _orphan_table(review: Review, walked: journey.Journeys, words: Words) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.orphans.copy()
        frame.insert(1, "service", frame["service_id"].map(service_names(review)))
        return frame

    return LongTable(
        write,
        lambda: len(walked.orphans),
        words.orphans_caption(),
        words.orphans_note(),
    )


def _journey_chart(review: Review, now: View, walked: journey.Journeys, words: Words) -> Any:
    people = _personas(review)
    place = {code: n for n, code in enumerate(journey_stages(review))}
    best: dict[str, list[Any]] = {}
    for node in _each_row(walked.best):
        best.setdefault(node.persona_id, []).append(node)
    order = walked.outcomes.sort_values(
        ["reach", "weight", "persona_id"], ascending=[True, False, True], kind="stable"
    )
    nodes, links, ends = [], [], []
    for row in _each_row(order):
        label = people[str(row.persona_id)]
        before = None
        for node in best.get(str(row.persona_id), ()):
            x = place[str(node.stage)]
            same = node.way == journey.STAYS
            nodes.append((label, x, "same service" if same else "new service"))
            if before is not None and x != before:
                way = (
                    "same service" if same
                    else "same organisation" if node.hand_off == "none"
                    else "warm hand-over" if node.hand_off == "warm"
                    else "cold hand-off"
                )  # fmt: skip
                links.append((label, before, x, way))
            before = x
        if row.reach:
            ends.append((label, float(before or 0), words.end_of_path(row), True))
        else:
            ends.append((label, float(place[str(row.no_way_at)]), words.end_of_the_lost(), False))
    ends_frame = pd.DataFrame(ends, columns=["persona", "x", "mark", "reached"])
    ends_frame["x"] = [
        float(len(place) - 1) if reached else x
        for x, reached in zip(ends_frame["x"], ends_frame["reached"], strict=True)
    ]
    return charts.journey_map(
        pd.DataFrame(nodes, columns=["persona", "x", "changes"]),
        pd.DataFrame(links, columns=["persona", "x", "x2", "way"]),
        ends_frame,
        [_two_lines(_label(review, "journey_stage", c)) for c in journey_stages(review)],
        title=words.title(),
        subtitle=words.subtitle(walked.basis, now.year),
        source=_source(review, now),
        description=words.description(len(place)),
    )
