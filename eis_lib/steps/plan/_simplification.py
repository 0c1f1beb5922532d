"""Whether fewer services would serve every cell now served, and who would lose what."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.charts import plan as charts
from eis_lib.charts.plan import AS_IS, TO_BE
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import gaps, journey
from eis_lib.methods.gaps import mean_doors
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._proposals import _bodies, _source, _words
from eis_lib.steps.plan._slimming import Slim, _slim, _walk_as_it_is, _walk_slimmed
from eis_lib.steps.plan._walk import Walk
from eis_lib.steps.shared.landscape import fits_of, referrals_between
from eis_lib.steps.shared.words import _label, _text

LEVELS: Mapping[str, str] = MappingProxyType(
    {"All services": "all", "Only those of local and regional bodies": "own"}
)


def simplification(review: Review, *, redundancy: int | None = None, levels: str = "all") -> Section:
    """Return the fewest services that serve every cell now served, and who would lose what."""
    slim = _slim(review, redundancy, levels)
    r = review.parameters.redundancy if redundancy is None else redundancy
    words = _words(
        __file__,
        review,
        region=plain(review.pack.region.name),
        services=len(slim.services),
        is_proven=slim.cover.is_proven,
    )
    if slim.serves.empty or slim.serves.columns.empty:
        nothing = Table(pd.DataFrame(columns=["service_id"]), words.nothing_dated_caption())
        return Section(
            words.nothing_dated(), tables={"simplification": nothing}, how_sure=words.nothing_dated_sure()
        )
    before = _walk_as_it_is(review)
    after = _walk_slimmed(review, redundancy, levels)
    removed = slim.cover.removed
    losses = _who_loses(review, slim, before)
    unhurt = int(
        ((losses["personas_lost"] == 0) & (losses["only_language"] == "") & ~losses["is_local"]).sum()
    )
    served, kept_served = gaps.coverage_share(before.cells)[0], gaps.coverage_share(after.cells)[0]
    reasons = pd.Series([held.reason for held in slim.held.values()], dtype="object").value_counts()
    answer = sentences(
        words.could_go(len(removed), r, served, kept_served),
        words.held_back(len(slim.held), reasons.to_dict()),
        words.decides_nothing(len(removed), unhurt),
    )
    made = {}
    if len(removed) and (before.cells["status"] == gaps.SERVED).any():
        made["doors_per_need"] = _doors_chart(review, slim, before, after, words)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "simplification": _slim_table(review, slim, words),
            "who_loses": Table(losses, words.losses_caption(), words.losses_note()),
        },
        how_sure=words.how_sure(len(slim.cover.capacity_cells)),
        to_check=words.to_check(),
    )


def _slim_table(review: Review, slim: Slim, words: Words) -> Table:
    bodies = _bodies(review)
    level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    cells = slim.serves.sum()
    rows = [
        {
            "service_id": s.service_id,
            "name": s.name,
            "provider": bodies.get(s.provider_id, s.provider_id),
            "level": level.get(s.provider_id, ""),
            "support_type": s.support_type,
            "verdict": "could go"
            if s.service_id in slim.cover.removed
            else "held"
            if s.service_id in slim.held
            else "keep",
            "could_go_alone": "yes" if s.service_id in slim.alone else "no",
            "cells": int(cells.get(s.service_id, 0)),
            "why": words.why_held(slim.held[s.service_id]) if s.service_id in slim.held else "",
        }
        for s in _each_row(slim.services)
    ]
    order = {"could go": 0, "keep": 1, "held": 2}
    frame = pd.DataFrame(rows).sort_values(
        ["verdict", "cells", "service_id"],
        key=lambda c: c.map(order) if c.name == "verdict" else c,
        kind="stable",
    )
    return Table(
        frame.reset_index(drop=True),
        words.slim_caption(),
        words.slim_note(slim.cover.status, len(slim.greedy), slim.serves.shape[1]),
    )


def _who_loses(review: Review, slim: Slim, before: Walk) -> pd.DataFrame:
    personas = dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))
    bodies = _bodies(review)
    level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
    best = before.free.best
    reach = before.free.measures.set_index("persona_id")["reach"]
    count_of = slim.serves.sum(axis=1)
    routes = referrals_between(review, slim.services)
    rows = []
    for s in _each_row(slim.services[slim.services["service_id"].isin(slim.cover.removed)]):
        without = _walk_free(review, slim.services[slim.services["service_id"] != s.service_id])
        lost = [p for p in without.index if reach[p] == 1 and without[p] == 0]
        mine = slim.serves.index[slim.serves[s.service_id]]
        last_two = int((count_of[mine] == 2).sum())
        others = slim.services[slim.services["service_id"] != s.service_id]
        spoken = {code for cell in others["languages"] if isinstance(cell, tuple) for code in cell}
        own_words = [c for c in (s.languages if isinstance(s.languages, tuple) else ()) if c not in spoken]
        cut = 0
        if routes is not None:
            cut = int(
                ((routes["from_service"] == s.service_id) | (routes["to_service"] == s.service_id)).sum()
            )
        users = list(dict.fromkeys(best.loc[best["service_id"] == s.service_id, "persona_id"]))
        rows.append(
            {
                "service_id": s.service_id,
                "name": s.name,
                "provider": bodies.get(s.provider_id, s.provider_id),
                "is_local": level.get(s.provider_id) == "local" or isinstance(s.territory, str),
                "territory": _text(s.territory),
                "cells": len(mine),
                "left_with_one_door": last_two,
                "personas_on_best_way": len(users),
                "who": ";".join(personas[p] for p in users),
                "personas_lost": len(lost),
                "who_is_lost": ";".join(personas[p] for p in lost),
                "only_language": ";".join(own_words),
                "languages_recorded": "yes" if isinstance(s.languages, tuple) and s.languages else "no",
                "referrals_cut": cut,
                "channel": s.channel,
            }
        )
    columns = [
        "service_id", "name", "provider", "is_local", "territory", "cells", "left_with_one_door", "personas_on_best_way", "who",
        "personas_lost", "who_is_lost", "only_language", "languages_recorded", "referrals_cut", "channel",
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns)
    frame["is_local"] = frame["is_local"].astype(bool)
    return frame.sort_values(
        ["personas_lost", "is_local", "personas_on_best_way", "left_with_one_door", "service_id"],
        kind="stable",
    ).reset_index(drop=True)


def _walk_free(review: Review, services: pd.DataFrame) -> pd.Series:
    services = services.reset_index(drop=True)
    land = journey.build_landscape(
        services,
        review.pack.providers,
        review.vocabulary,
        referrals_between(review, services),
        self_found=True,
    )
    walked = journey.walk_all(land, review.common.personas, fits_of(review, services))
    return walked.outcomes.set_index("persona_id")["reach"]


def _doors_chart(review: Review, slim: Slim, before: Walk, after: Walk, words: Words) -> Any:
    rows = []
    for landscape_name, cells in ((AS_IS, before.cells), (TO_BE, after.cells)):
        served = cells[cells["status"] == gaps.SERVED]
        for need, group in served.groupby("need", sort=False):
            mean = float((group["weight"] * group["open_services"]).sum() / group["weight"].sum())
            rows.append(
                {
                    "need": need,
                    "label": _label(review, "barrier", need),
                    "landscape": landscape_name,
                    "doors": mean,
                }
            )
    frame = pd.DataFrame(rows)
    place = frame[frame["landscape"] == AS_IS].set_index("need")["doors"]
    frame = frame.assign(_place=-frame["need"].map(place)).sort_values(
        ["_place", "label", "landscape"], kind="stable"
    )
    title = words.title(len(slim.cover.removed), mean_doors(before.cells), mean_doors(after.cells))
    return charts.doors(
        frame,
        title=title,
        subtitle=words.subtitle(review.year, len(slim.left)),
        source=_source(review),
        description=words.description(title),
    )
