"""Whether one chosen persona gets through: its best and typical path, drawn step by step."""

from __future__ import annotations

import math
from itertools import groupby
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.methods import journey
from eis_lib.pack.frames import _each_row
from eis_lib.pack.schema import nearest_of
from eis_lib.pack.settings import ParameterError
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.steps.shared.landscape import View, provider_names, service_names, view, walk_journeys
from eis_lib.steps.shared.words import _label, _short_name, words_of
from eis_lib.steps.test._judged import _judge
from eis_lib.steps.test._view import _one, _personas, _source


def persona_choices(review: Review) -> dict[str, str]:
    """Return what the persona control offers: name → id."""
    return {"the one hardest to serve": "", **{name: key for key, name in _personas(review).items()}}


def _hardest(measures: pd.DataFrame) -> str:
    """Return the persona that is hardest to serve: no way through first, then the smallest share of needs met, then weight."""
    share = (measures["needs_met"] / measures["needs"]).fillna(0)
    ranked = measures.assign(share=share).sort_values(
        ["reach", "share", "weight", "persona_id"], ascending=[True, True, False, True], kind="stable"
    )
    return str(ranked["persona_id"].iloc[0])


def one_journey(review: Review, *, persona: str | None = None, year: int | None = None) -> Section:
    """Return one persona's best and typical path, drawn step by step."""
    now = view(review, year)
    walked, _ = walk_journeys(review, now)
    people = _personas(review)
    wanted = persona or review.parameters.persona or _hardest(walked.measures)
    if wanted not in people:
        nearest = nearest_of(wanted, list(people))
        hint = f" Did you mean '{nearest}'?" if nearest else ""
        raise ParameterError(f"workbook 'test': persona: holds '{wanted}'.{hint} Known: {', '.join(people)}.")
    row = _one(walked.measures, wanted)
    who = _one(review.common.personas, wanted)
    cells = _judge(review, now).cells
    own = cells[cells["persona_id"] == wanted]
    unmet = own[own["status"] == gap_rules.GAP]
    kinds = [
        f"{inside(_label(review, 'barrier', c.need))} ({inside(_label(review, 'gap_kind', c.kind))})"
        for c in _each_row(unmet)
    ]
    price = None if math.isnan(row.out_of_pocket_eur) else row.out_of_pocket_eur
    words = words_of(__file__, review)
    return Section(
        answer=words.answer(people[wanted], who.story, row, price, list(dict.fromkeys(kinds))),
        charts={"one_journey": _one_chart(review, now, walked, wanted, words)},
        how_sure=words.how_sure(row),
        to_check=words.to_check(),
    )


def _one_chart(review: Review, now: View, walked: journey.Journeys, wanted: str, words: Words) -> Any:
    people, walk = _personas(review), walked.walkers[wanted]
    row = _one(walked.measures, wanted)
    best = (
        _path_rows(review, now, walked, row, "best", words)
        if row.reach
        else _open_stages(review, walk, words)
    )
    rows = [*best, *_path_rows(review, now, walked, row, "typical", words)]
    steps = pd.DataFrame(rows, columns=["path", "y", "label", "detail", "node", "way", "cold"])
    about = people[wanted], row, len(walk.usable)
    return charts.journey_of(
        steps,
        title=words.title(*about),
        subtitle=words.subtitle(walked.basis, now.year),
        source=_source(review, now),
        description=words.description(
            *about, "; ".join(f"{r.path}: {r.label}" for r in _each_row(steps))[:600]
        ),
    )


def _path_rows(
    review: Review, now: View, walked: journey.Journeys, row: Any, path: str, words: Words
) -> list[tuple[Any, ...]]:
    """Return a path of a persona as rows of the picture of a journey: start, services and how it ends."""
    names, bodies = service_names(review), provider_names(review, 30)
    giver = dict(zip(now.services["service_id"], now.services["provider_id"], strict=True))
    own = walked.paths[(walked.paths["persona_id"] == row.persona_id) & (walked.paths["path"] == path)]
    heading = words.best_path() if path == "best" else words.typical_path()
    rows: list[tuple[Any, ...]] = [
        (heading, 0, words.start(), words.enters_at(row.start_stage), "start", "", False)
    ]
    for _, nodes in groupby(_each_row(own), key=lambda node: node.service_id):
        first, *others = nodes
        span = _label(review, "journey_stage", first.stage)
        if others:
            span += f" → {inside(_label(review, 'journey_stage', others[-1].stage))}"
        change = words.way(first)
        rows.append(
            (
                heading,
                len(rows),
                _short_name(names[first.service_id], 40),
                f"{span}\n{bodies.get(giver[first.service_id], '')} · {change}",
                "service",
                change,
                first.hand_off == "cold",
            )
        )
    if path == "best" or row.typical_done:
        rows.append(
            (heading, len(rows), words.outcome(), words.supported_up_to(row.goal_stage), "outcome", "", False)
        )
    else:
        rows.append((heading, len(rows), words.lost(), words.nothing_open_at(row.lost_at), "lost", "", True))
    return rows


def _open_stages(review: Review, walk: journey.Walker, words: Words) -> list[tuple[Any, ...]]:
    """Return what is open to a persona at each stage of its journey, as rows of the picture of a journey."""
    names = service_names(review)
    rows: list[tuple[Any, ...]] = []
    for y, (stage, services) in enumerate(walk.at_stage.items()):
        titles = [names[walk.land.ids[s]] for s in services]
        rows.append(
            (
                words.open_stages(),
                y,
                _label(review, "journey_stage", walk.land.stage_codes[stage]),
                words.open_here([_short_name(t, 44) for t in titles]),
                "service" if titles else "lost",
                "",
                False,
            )
        )
    return rows
