"""The stages and needs whose firms must still find room when services are left out."""

from __future__ import annotations

import pandas as pd

from eis_lib.pack.frames import _each_row


def capacity_cells(services: pd.DataFrame, serves: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return one cell per stage and need whose firms must still find room: demand is today's take-up, where all of it is known."""
    rows, demand = {}, {}
    known = services[services["service_id"].isin(serves.columns)]
    for stage, need in sorted(
        {(s, n) for r in _each_row(known) for s in r.journey_stages for n in r.need_area}
    ):
        here = known[
            [
                stage in s and need in n
                for s, n in zip(known["journey_stages"], known["need_area"], strict=True)
            ]
        ]
        taken = here["take_up_per_year"].astype("float64")
        if taken.notna().all() and here["capacity_per_year"].notna().all():
            rows[f"firms|{stage}|{need}"] = serves.columns.isin(here["service_id"])
            demand[f"firms|{stage}|{need}"] = float(taken.sum())
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(serves.columns)).astype(bool)
    return frame, pd.Series(demand, dtype="float64")
