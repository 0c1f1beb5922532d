"""The order of candidate pairs: how likely it is that somebody should talk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from eis_lib.methods import landscape
from eis_lib.methods.overlap._pairs import DUPLICATION, GROUPS
from eis_lib.pack.frames import column_or_missing


def doors_met(fits: pd.DataFrame, personas: pd.DataFrame) -> pd.DataFrame:
    """Return for each two services the share of firms to which both are open (0–1): a square frame by service.

    Parameters
    ----------
    fits
        Of :func:`eis_lib.methods.journey.fit`.
    personas
        ``persona_id`` and ``weight``.
    """
    if fits.empty:
        return pd.DataFrame(dtype="float64")
    is_open = (fits["eligible"] == "yes") & (fits["reachable"] != "no")
    table = (
        fits.assign(is_open=is_open)
        .pivot_table(
            index="persona_id", columns="service_id", values="is_open", aggfunc="any", fill_value=False
        )
        .astype("float64")
    )
    weights = personas.set_index("persona_id")["weight"].reindex(table.index).fillna(0.0)
    total = float(weights.sum())
    weighted = table.mul(weights / total if total > 0 else weights, axis=0)
    return weighted.T @ table


def order_pairs(pairs: pd.DataFrame, services: pd.DataFrame, met: pd.DataFrame) -> pd.DataFrame:
    """Return candidate pairs, those first of which it is likeliest that somebody should talk.

    Three ranks within its group count alike, each from 0 (last) to 1 (first): the firms that meet both doors (of the personas,
    and of those that either takes), how alike the two are as coded (own needs, kind and stages), and how alike their names
    and descriptions read (rapidfuzz; it ranks and decides nothing). A convention of this project; duplication candidates come before all others of their group,
    and last come pairs of which no persona meets both doors.

    Parameters
    ----------
    pairs
        Of :func:`find_pairs`.
    services
        With ``service_id``, ``name`` and, optionally, ``description``.
    met
        Of :func:`doors_met`.

    Returns
    -------
    DataFrame
        ``pairs`` and ``firms_met`` (0–1), ``likeness`` (0–1), ``text_similarity`` (0–100), ``rank`` (1 is first, within
        its group), sorted by group and rank.
    """
    a, b = pairs["service_a"].tolist(), pairs["service_b"].tolist()
    similar = _alike_in_words(services, a, b)
    place = {service: n for n, service in enumerate(met.index.astype(str))}
    shares = met.to_numpy()
    firms = [
        shares[place[one], place[two]] if one in place and two in place else 0.0
        for one, two in zip(a, b, strict=True)
    ]
    parts = np.column_stack(
        [pairs["need_jaccard"].fillna(0), pairs["same_kind"], pairs["stage_jaccard"]]
    ).astype("float64")
    frame = pairs.assign(firms_met=firms, likeness=parts.mean(axis=1), text_similarity=similar.round(1))
    told = pd.DataFrame(
        {
            "firms": (frame["firms_met"] + frame["firm_jaccard"]).round(9),
            "likeness": frame["likeness"].round(9),
            "text": frame["text_similarity"],
        }
    )
    score = told.groupby(frame["group"]).rank(method="average", pct=True).sum(axis=1)
    frame = frame.assign(
        _group=frame["group"].map({group: n for n, group in enumerate(GROUPS)}),
        _nobody=frame["firms_met"] == 0,
        _twin=frame["pair_class"] != DUPLICATION,
        _score=-score.round(9),
    )
    frame = frame.sort_values(
        ["_group", "_nobody", "_twin", "_score", "pair_id"], kind="stable", ignore_index=True
    )
    frame["rank"] = (frame.groupby("_group").cumcount() + 1).astype("Int64")
    return frame.drop(columns=["_group", "_nobody", "_twin", "_score"])


def _alike_in_words(services: pd.DataFrame, one: list[str], other: list[str]) -> Any:
    """Return how alike the names and descriptions of services read, pair by pair (0–100)."""
    words = {
        str(key): f"{name} {'' if landscape.is_missing(text) else text}"
        for key, name, text in zip(
            services["service_id"], services["name"], column_or_missing(services, "description"), strict=True
        )
    }
    return process.cpdist(
        [words[key] for key in one],
        [words[key] for key in other],
        scorer=fuzz.token_set_ratio,
        dtype=np.float64,
    )
