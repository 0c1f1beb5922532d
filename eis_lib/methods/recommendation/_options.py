"""The options for each candidate pair, and where the region's own actions meet what is proposed."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods.overlap import OPTIONS, is_validated
from eis_lib.methods.recommendation._evidence import split

_WORDS = Words(__file__)

CANDIDATE_OPTIONS: tuple[str, ...] = ("keep", "coordinate", "merge", "transfer", "redesign", "close")


def list_options(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the options for every candidate pair, and which of them are open now.

    ``open`` says ``yes``, ``decided`` or why not. Coordination is always open; merging, transfer and redesign once people
    confirmed the pair; closing only once its effects are assessed as well – never from similarity alone.

    Returns
    -------
    DataFrame
        One row per (``pair_id``, ``option``): ``open``, ``means``, ``to_know_first``, ``status`` of the pair.
    """
    words = {option: (_WORDS.means(option), _WORDS.to_know_first(option)) for option in CANDIDATE_OPTIONS}
    rows = []
    for pair, status in zip(candidates["pair_id"], candidates["status"].astype(str), strict=True):
        if status == "rejected":
            continue
        real = is_validated(status)
        assessed = status == "effect-assessed" or status in OPTIONS
        for option in CANDIDATE_OPTIONS:
            if option == status or (option == "keep" and status == "kept-on-purpose"):
                now = "decided"
            elif option in ("keep", "coordinate"):
                now = "yes"
            elif option == "close" and not assessed:
                now = "no: effects not assessed" if real else "no: similarity alone is no reason"
            else:
                now = "yes" if real else "no: nobody has confirmed the pair"
            rows.append((pair, option, now, *words[option], status))
    return pd.DataFrame(rows, columns=["pair_id", "option", "open", "means", "to_know_first", "status"])


def meet(published: pd.DataFrame, recommendations: pd.DataFrame) -> pd.DataFrame:
    """Return where what the region did or planned meets what the review proposes.

    Parameters
    ----------
    published
        The pack's ``actions``: ``action_id``, ``barriers_addressed``, ``services``, ``support_type``.
    recommendations
        Of :func:`recommend`.

    Returns
    -------
    DataFrame
        One row per (``recommendation_id``, ``action_id``) that share a need or a service: ``shares`` (``need``, ``service`` or both),
        ``same_instrument`` (bool). Sorted as the recommendations are.
    """
    rows = []
    for proposal in recommendations.to_dict("records"):
        services = set(split(proposal["services"]))
        for action in published.to_dict("records"):
            needs = _items(action.get("barriers_addressed"))
            shares = [
                word
                for word, is_shared in (
                    ("need", proposal["need"] in needs),
                    ("service", bool(services & set(_items(action.get("services"))))),
                )
                if is_shared
            ]
            if shares:
                same = bool(proposal["support_type"]) and proposal["support_type"] == action.get(
                    "support_type"
                )
                rows.append((proposal["recommendation_id"], action["action_id"], " and ".join(shares), same))
    return pd.DataFrame(rows, columns=["recommendation_id", "action_id", "shares", "same_instrument"])


def _items(cell: object) -> tuple[str, ...]:
    return tuple(cell) if isinstance(cell, (tuple, list)) else split(cell)
