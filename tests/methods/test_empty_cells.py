"""An empty cell is unknown: it never makes a gap, a pair, a served need or a missing kind of support appear."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import STAGES, TYPES, make_routes, make_services

from eis_lib.methods import gaps, journey, landscape, overlap
from eis_lib.pack.pack import load_common

COMMON = load_common(Path(__file__).resolve().parents[2] / "parameters")
BODIES = ("p0", "p1", "p2")
PROVIDERS = pd.DataFrame({"provider_id": BODIES, "level": "local", "kind": "chamber"})
RELATED = list(COMMON.related_support_types[["support_type", "related"]].itertuples(index=False, name=None))
YEAR = 2016
CELLS = gaps.demand_cells(
    COMMON.personas,
    STAGES,
    gaps.weigh_needs(pd.Series(float("nan"), index=COMMON.vocabulary.codes("barrier"))),
)
CODED = {
    "support_type": None, "journey_stages": (), "modes": (), "sme_size": (), "experience": (), "sectors": (),
    "market_scope": (), "channel": None, "cost_to_sme": None,
}  # fmt: skip
"""Coded columns, and what each holds where nothing is coded."""


class Seen(NamedTuple):
    """What is said of a landscape: cells that are served and gaps, pairs, kinds that are missing, what was not replaced."""

    served: set
    gaps: set
    pairs: set
    missing: set
    left_behind: set


def a_landscape(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ten services, some of them full or for one price, and the ways between them."""
    rng = np.random.default_rng(seed)
    frame = make_services(10, rng, BODIES, [""])
    frame["support_type"] = rng.choice([*list(TYPES)[:4], "loan"], len(frame))
    frame["capacity_per_year"] = rng.choice([10.0, np.nan], len(frame))
    frame["take_up_per_year"] = rng.choice([10.0, 9.0], len(frame))
    frame["status"] = pd.Series(rng.choice(["", "doubtful"], len(frame), p=[0.8, 0.2])).replace("", None)
    return frame, make_routes(frame, 0.5, seed)


def look(listed: pd.DataFrame, routes: pd.DataFrame) -> Seen:
    common = COMMON.support_type_barriers
    services = landscape.add_facets(landscape.in_force(listed, YEAR), PROVIDERS, common)
    fits = journey.fit(services, COMMON.personas, COMMON.vocabulary, ("en",))
    needs, kinds = COMMON.vocabulary.codes("barrier"), COMMON.vocabulary.codes("support_type")
    cells = gaps.judge_cells(
        CELLS,
        services,
        fits,
        routes,
        untold=landscape.untold_needs(services, needs, common),
        searched=dict.fromkeys(needs, gaps.NONE_FOUND),
    )
    keys = pd.Series(list(zip(cells["persona_id"], cells["stage"], cells["need"], strict=True)))
    pairs = overlap.find_pairs(services, COMMON.vocabulary, related=RELATED)
    missing = gaps.kinds_missing(services, listed, YEAR, dict.fromkeys(kinds, "nothing-found"), kinds)
    absent = missing["state"].isin(["missing", "ended without successor"])
    return Seen(
        set(keys[(cells["status"] == gaps.SERVED).to_numpy()]),
        set(keys[(cells["status"] == gaps.GAP).to_numpy()]),
        {*pairs["pair_id"], *(pairs["pair_id"] + pairs["pair_class"])},
        set(missing.loc[absent, "support_type"]),
        set(gaps.ended_without_successor(listed, services, YEAR)["service_id"]),
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(CODED)), st.integers(0, 9))
def test_emptying_a_coded_cell_makes_nothing_appear(seed, column, row):
    frame, routes = a_landscape(seed)
    less = frame.copy()
    less[column] = [CODED[column] if n == row else value for n, value in enumerate(frame[column])]
    before, after = look(frame, routes), look(less, routes)
    for name, made in after._asdict().items():
        assert made <= getattr(before, name), name


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(CODED)))
def test_of_a_column_that_nobody_coded_nothing_is_made(seed, column):
    frame, routes = a_landscape(seed)
    less = frame.assign(**{column: pd.Series([CODED[column]] * len(frame), dtype="object")})
    before, after = look(frame, routes), look(less, routes)
    for name, made in after._asdict().items():
        assert made <= getattr(before, name), name
