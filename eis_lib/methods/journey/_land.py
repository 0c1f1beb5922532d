"""The landscape that personas walk: services, routes, and what a way costs."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import networkx as nx
import pandas as pd

from eis_lib.methods.journey._fit import _numbers
from eis_lib.methods.landscape import list_items
from eis_lib.pack.frames import column_or_missing
from eis_lib.pack.vocabulary import Vocabulary

START = "START"
OUTCOME = "OUTCOME"
STAYS = "same-service"
SELF_FOUND = "self-found"
WARM = "warm-handover"
WAYS_ON: tuple[str, ...] = (STAYS, WARM, "referral", "signpost", SELF_FOUND)
"""Ways from one node to the next, the easiest for the firm first."""

RECORDED = "recorded routes only"
"""Journeys on the referrals that the pack records; a service with no recorded way on is a dead end."""

ALONE = "self-found routes only"
"""Journeys in which no referral is recorded and a firm finds each open service of the next stage by itself."""

EITHER = "recorded and self-found routes"
"""Journeys in which a firm takes a recorded referral or finds the next open service by itself: the best case."""

Cost = tuple[int, int, int, int, int, int, int, int]
"""What a path costs, worst first: steps; services that meet none of the firm's needs; cold hand-offs; hand-offs; services of
unknown price; cents; services of unknown duration; hundredths of days. Paths are compared in this order, then by ids."""

_FREE: Cost = (0, 0, 0, 0, 0, 0, 0, 0)
_WARM: Cost = (0, 0, 0, 1, 0, 0, 0, 0)
_COLD: Cost = (0, 0, 1, 1, 0, 0, 0, 0)
_T = TypeVar("_T")


@dataclass(frozen=True)
class Landscape:
    """Services and routes as a walker meets them; services are numbered in ascending order of their ids.

    ``price`` is what it costs to begin with a service that meets a need of the firm, or none; ``lasts_from`` is, per stage and
    service, the first stage from which the service lasts up to that stage without a gap, one past it where it is not there.
    """

    ids: tuple[str, ...]
    stages: tuple[tuple[int, ...], ...]
    givers: tuple[frozenset[str], ...]
    nearness: tuple[int, ...]
    support_type: tuple[str, ...]
    needs: tuple[frozenset[str], ...]
    requires: tuple[frozenset[int], ...]
    documents: tuple[frozenset[str], ...]
    price: tuple[tuple[Cost, Cost], ...]
    take_up: tuple[float, ...]
    lasts_from: tuple[tuple[int, ...], ...]
    routes: Mapping[int, tuple[tuple[int, str], ...]]
    stage_codes: tuple[str, ...]
    self_found: bool

    @cached_property
    def returned_to(self) -> frozenset[int]:
        """Return the services from which recorded routes lead back to them, at whatever stages: only these can be in a loop."""
        routes = nx.DiGraph((source, target) for source, ends in self.routes.items() for target, _ in ends)
        parts = nx.strongly_connected_components(routes)
        return frozenset(service for part in parts if len(part) > 1 for service in part)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """Return the number of each service."""
        return {service: n for n, service in enumerate(self.ids)}

    def only(self, services: Collection[str]) -> Landscape:
        """Return the landscape of some of the services, with the routes between them."""
        kept = [n for n, service in enumerate(self.ids) if service in services]
        place = {before: now for now, before in enumerate(kept)}

        def of(column: tuple[_T, ...]) -> tuple[_T, ...]:
            return tuple([column[n] for n in kept])

        routes = {
            place[source]: tuple((place[end], kind) for end, kind in ends if end in place)
            for source, ends in self.routes.items()
            if source in place
        }
        return Landscape(
            ids=of(self.ids),
            stages=of(self.stages),
            givers=of(self.givers),
            nearness=of(self.nearness),
            support_type=of(self.support_type),
            needs=of(self.needs),
            requires=tuple(frozenset(place.get(r, -1) for r in asked) for asked in of(self.requires)),
            documents=of(self.documents),
            price=of(self.price),
            take_up=of(self.take_up),
            lasts_from=tuple(map(of, self.lasts_from)),
            routes={source: ends for source, ends in routes.items() if ends},
            stage_codes=self.stage_codes,
            self_found=self.self_found,
        )

    @property
    def basis(self) -> str:
        """Return on which routes these journeys rest."""
        return RECORDED if not self.self_found else EITHER if self.routes else ALONE


def build_landscape(
    services: pd.DataFrame,
    providers: pd.DataFrame,
    vocabulary: Vocabulary,
    referrals: pd.DataFrame | None = None,
    *,
    self_found: bool | None = None,
) -> Landscape:
    """Return the landscape that personas walk.

    Parameters
    ----------
    services
        With ``need_area`` of :func:`eis_lib.methods.landscape.add_facets`; those of one year.
    providers
        ``provider_id``, ``level``.
    referrals
        ``from_service``, ``to_service``, ``kind``; nothing where the region records none. A referral to or from a service
        that is not in ``services`` is passed over.
    self_found
        Whether firms may find a service of the next stage alone. By default only where no referral is recorded.
    """
    frame = services.assign(service_id=services["service_id"].astype(str))
    frame = frame.sort_values("service_id", kind="stable").reset_index(drop=True)
    ids = tuple(frame["service_id"].tolist())
    number = {service: n for n, service in enumerate(ids)}
    stage_codes = vocabulary.codes("journey_stage")
    order = {code: n for n, code in enumerate(stage_codes)}
    routes = _routes(referrals, number)
    # as lists: to go through a column of text in place takes ten times as long
    leads = frame["provider_id"].tolist()
    stages = tuple(
        tuple(sorted(order[c] for c in list_items(v) if c in order)) for v in frame["journey_stages"].tolist()
    )
    return Landscape(
        ids=ids,
        stages=stages,
        givers=tuple(
            frozenset((str(lead), *list_items(others)))
            for lead, others in zip(leads, column_or_missing(frame, "co_providers").tolist(), strict=True)
        ),
        nearness=_nearness(leads, providers, vocabulary.codes("level")),
        support_type=tuple(map(str, frame["support_type"].tolist())),
        needs=tuple(frozenset(list_items(v)) for v in frame["need_area"].tolist()),
        requires=tuple(
            # a required service that is not there can not be used: −1 is never among the used ones
            frozenset(number.get(other, -1) for other in list_items(v))
            for v in column_or_missing(frame, "requires").tolist()
        ),
        documents=tuple(
            frozenset(list_items(v)) for v in column_or_missing(frame, "evidence_required").tolist()
        ),
        price=_prices(frame),
        take_up=tuple(0.0 if math.isnan(t) else t for t in _numbers(frame, "take_up_per_year")),
        lasts_from=_lasts_from(stages, len(stage_codes)),
        routes=routes,
        stage_codes=stage_codes,
        self_found=(not routes) if self_found is None else self_found,
    )


def _routes(
    referrals: pd.DataFrame | None, number: Mapping[str, int]
) -> dict[int, tuple[tuple[int, str], ...]]:
    """Return service → (service it sends firms to, kind), in order of ids."""
    if referrals is None:
        return {}
    routes: dict[int, list[tuple[int, str]]] = {}
    ends = {end: referrals[end].astype(str) for end in ("from_service", "to_service")}
    ordered = referrals.assign(**ends).sort_values(["from_service", "to_service"], kind="stable")
    for source, target, kind in zip(
        ordered["from_service"], ordered["to_service"], ordered["kind"], strict=True
    ):
        if source in number and target in number and source != target:
            routes.setdefault(number[source], []).append((number[target], str(kind)))
    return {source: tuple(targets) for source, targets in routes.items()}


def _nearness(leads: Sequence[Any], providers: pd.DataFrame, levels: Sequence[str]) -> tuple[int, ...]:
    """Return the place of each provider's level among all levels, the last where it is not known."""
    level = dict(zip(providers["provider_id"], providers["level"], strict=True))
    return tuple(levels.index(level[lead]) if level.get(lead) in levels else len(levels) for lead in leads)


def _prices(services: pd.DataFrame) -> tuple[tuple[Cost, Cost], ...]:
    """Return what it costs to begin with each service where it meets a need of the firm, and where it meets none."""
    found = []
    free = [cost == "free" for cost in services["cost_to_sme"].tolist()]
    prices, days = _numbers(services, "price_eur"), _numbers(services, "processing_days")
    for price, gratis, wait in zip(prices, free, days, strict=True):
        cents = 0 if gratis or math.isnan(price) else round(price * 100)
        hundredths = 0 if math.isnan(wait) else round(wait * 100)
        own = (int(math.isnan(price) and not gratis), cents, int(math.isnan(wait)), hundredths)
        found.append(((1, 0, 0, 0, *own), (1, 1, 0, 0, *own)))
    return tuple(found)


def _lasts_from(stages: Sequence[tuple[int, ...]], count: int) -> tuple[tuple[int, ...], ...]:
    first: list[tuple[int, ...]] = []
    for stage in range(count):
        before = first[-1] if first else (0,) * len(stages)
        first.append(tuple(before[n] if stage in own else stage + 1 for n, own in enumerate(stages)))
    return tuple(first)
