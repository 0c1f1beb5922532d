"""How far two readers who coded the same services agree on the needs these lower (Krippendorff's alpha)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from eis_lib.methods.policy._criteria import krippendorff_alpha

SETTLED = "settled"
"""Name of the coding in which the differences of the readers were settled; no reader of its own."""


@dataclass(frozen=True, eq=False)
class CoderAgreement:
    """How far readers agree on the needs that services lower.

    Attributes
    ----------
    alpha : float
        Of all needs together; NaN where it is undefined.
    needs : DataFrame
        One row per ``barrier``: ``agreed`` (services for which all readers named it), ``disputed`` (services for which some
        did and some did not), ``alpha``.
    services : tuple of str
        Services that two readers or more coded.
    differing : tuple of str
        Those of them on which the readers differ.
    settled : tuple of str
        Those of the differing for which a settled coding stands.
    """

    alpha: float
    needs: pd.DataFrame
    services: tuple[str, ...]
    differing: tuple[str, ...]
    settled: tuple[str, ...]


def coder_agreement(codings: pd.DataFrame, barriers: Sequence[str]) -> CoderAgreement:
    """Return how far readers agree on needs: nominal alpha over units of (service, need), each a yes or a no.

    Parameters
    ----------
    codings
        The pack's table: ``service_id``, ``coder``, ``barriers_addressed`` (tuple).
    barriers
        Codes of all needs.
    """
    read = codings[codings["coder"] != SETTLED]
    read = read[read.groupby("service_id")["coder"].transform("nunique") > 1]
    named = pd.DataFrame(
        [[float(need in cell) for need in barriers] for cell in read["barriers_addressed"]],
        index=pd.MultiIndex.from_frame(read[["coder", "service_id"]]),
        columns=list(barriers),
    )
    by_service = named.groupby(level="service_id", sort=True)
    agreed = by_service.min() == 1
    disputed = by_service.max() != by_service.min()
    differing = disputed.index[disputed.any(axis=1)]
    settled = set(codings.loc[codings["coder"] == SETTLED, "service_id"])
    needs = pd.DataFrame(
        {
            "barrier": list(barriers),
            "agreed": agreed.sum().tolist(),
            "disputed": disputed.sum().tolist(),
            "alpha": [_alpha(named[[need]]) for need in barriers],
        }
    )
    return CoderAgreement(
        _alpha(named),
        needs,
        tuple(agreed.index),
        tuple(differing),
        tuple(service for service in differing if service in settled),
    )


def _alpha(named: pd.DataFrame) -> float:
    """Return alpha of readers × (service, need)."""
    if named.empty:
        return float("nan")
    ratings = named.pivot_table(index="coder", columns="service_id", values=list(named.columns))
    return krippendorff_alpha(ratings, "nominal")
