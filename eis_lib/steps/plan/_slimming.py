"""The landscape of the plan as it is, and what is left when only what is needed stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import landscape
from eis_lib.methods import portfolio as programme
from eis_lib.methods.portfolio import capacity_cells
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.plan._walk import Walk, _judged, _walk
from eis_lib.steps.shared.landscape import fits_of, view


@dataclass(frozen=True)
class Held:
    """Why a service stays whatever the programme says.

    ``reason`` ∈ scheme, undated, no need, kept, level; ``decision`` names who decided and when, of what is kept on purpose.
    """

    reason: str
    decision: str = ""


@dataclass(frozen=True)
class Slim:
    """The landscape of the plan and what is left of it when only what is needed stays.

    ``services`` are those for firms of the region in the year; ``cells`` their verdicts as it is; ``serves`` says which dated
    service serves which cell; ``held`` names the services the programme may not touch, with the reason.
    """

    services: pd.DataFrame
    fits: pd.DataFrame
    cells: pd.DataFrame
    serves: pd.DataFrame
    held: Mapping[str, Held]
    cover: programme.Cover
    alone: tuple[str, ...]
    greedy: tuple[str, ...]

    @property
    def left(self) -> pd.DataFrame:
        """Return the services that stay."""
        return self.services[~self.services["service_id"].isin(self.cover.removed)].reset_index(drop=True)


@once_per_review
def _slim(review: Review, redundancy: int | None = None, levels: str = "all") -> Slim:
    services = view(review).services
    fits = fits_of(review, services)
    cells = _judged(review, services, fits)
    over = frozenset().union(*landscape.umbrellas(review.pack.services).values())
    open_to = {
        (f.persona_id, f.service_id) for f in _each_row(fits) if f.eligible == "yes" and f.reachable != "no"
    }
    counted = [s for s in _each_row(services) if s.dating != landscape.NO_START and s.service_id not in over]
    labels = [f"{c.persona_id}|{c.stage}|{c.need}" for c in _each_row(cells)]
    serves = pd.DataFrame(
        {
            s.service_id: [
                c.stage in s.journey_stages
                and c.need in s.need_area
                and (c.persona_id, s.service_id) in open_to
                for c in _each_row(cells)
            ]
            for s in counted
        },
        index=labels,
        dtype=bool,
    )
    held = _held(review, services, serves, over, levels)
    r = review.parameters.redundancy if redundancy is None else redundancy
    asked = pd.Series(r, index=serves.index)
    extra, demand = capacity_cells(services, serves)
    requires = [
        (s.service_id, other)
        for s in counted
        for other in (s.requires if isinstance(s.requires, tuple) else ())
        if other in serves.columns
    ]
    worth = serves.mul(cells["weight"].to_numpy(), axis=0).sum()
    cover = programme.solve_cover(
        pd.concat([serves, extra]),
        redundancy=pd.concat([asked, pd.Series(0, index=extra.index)]).astype("int64"),
        protected=[s for s in held if s in serves.columns],
        requires=requires,
        capacity=services.set_index("service_id")["capacity_per_year"].astype("float64"),
        demand=demand,
        worth=worth,
    )
    kept_alone = programme.removable_alone(serves, cover.required, tuple(held), requires)
    return Slim(services, fits, cells, serves, held, cover, kept_alone, programme.greedy_cover(serves))


def _held(
    review: Review, services: pd.DataFrame, serves: pd.DataFrame, over: frozenset[str], levels: str
) -> dict[str, Held]:
    """Return the services that stay whatever the programme says, with the reason."""
    names = set(services["service_id"])
    held = dict.fromkeys(sorted(over & names), Held("scheme"))
    for s in _each_row(services):
        if s.dating == landscape.NO_START:
            held.setdefault(s.service_id, Held("undated"))
    for service in serves.columns[~serves.any(axis=0)]:
        held.setdefault(str(service), Held("no need"))
    decisions = review.pack.decisions
    for d in _each_row(
        decisions[(decisions["subject_kind"] == "candidate") & (decisions["decision"] == "kept-on-purpose")]
    ):
        for side in str(d.subject_id).split("~"):
            if side in names:
                held.setdefault(side, Held("kept", f"{d.decided_by}, {d.date}"))
    if levels == "own":
        level = dict(zip(review.pack.providers["provider_id"], review.pack.providers["level"], strict=True))
        for s in _each_row(services):
            if level.get(s.provider_id) not in ("local", "regional"):
                held.setdefault(s.service_id, Held("level"))
    return held


@once_per_review
def _walk_as_it_is(review: Review) -> Walk:
    return _walk(review, view(review).services)


@once_per_review
def _walk_slimmed(review: Review, redundancy: int | None = None, levels: str = "all") -> Walk:
    return _walk(review, _slim(review, redundancy, levels).left)
