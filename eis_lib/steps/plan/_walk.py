"""How need is met and how personas walk in a landscape that step 5 proposes, or in the one there is."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import journey
from eis_lib.section.review import Review
from eis_lib.steps.shared.landscape import fits_of, judge_demand, referrals_between


@dataclass(frozen=True)
class Walk:
    """Personas in one landscape: on all routes, and on recorded referrals alone where there are any."""

    cells: pd.DataFrame
    free: journey.Journeys
    recorded: journey.Journeys | None


def _judged(review: Review, services: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    cells = review.earlier("test", "gap_cells")[["persona_id", "stage", "need", "weight"]]
    return judge_demand(review, cells, services, fits)


def _walk(review: Review, services: pd.DataFrame) -> Walk:
    fits = fits_of(review, services)
    referrals = referrals_between(review, services)
    land = journey.build_landscape(
        services, review.pack.providers, review.vocabulary, referrals, self_found=True
    )
    free = journey.walk_all(land, review.common.personas, fits)
    recorded = free.on_recorded_routes() if referrals is not None else None
    return Walk(_judged(review, services, fits), free, recorded)
