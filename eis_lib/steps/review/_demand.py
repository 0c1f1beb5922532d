"""How well demand is met in a year, weighed as step 2 weighed it or by another survey."""

from __future__ import annotations

import pandas as pd

from eis_lib.methods import gaps
from eis_lib.section.review import Review
from eis_lib.steps.shared.landscape import fits_in, journey_stages, judge_demand, view


def _cells(review: Review, year: int, weights: pd.Series | None = None) -> pd.DataFrame:
    """Return the judged demand cells of a year, weighed as step 2 weighed need unless weights are given."""
    if weights is None:
        weights = review.earlier("examine", "demand").set_index("barrier")["weight"]
        weights = weights.reindex(list(review.vocabulary.codes("barrier")))
    now = view(review, year)
    cells = gaps.demand_cells(review.common.personas, journey_stages(review), gaps.weigh_needs(weights))
    return judge_demand(review, cells, now.services, fits_in(review, now))
