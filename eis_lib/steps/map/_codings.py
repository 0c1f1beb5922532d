"""How far two readers agree on the needs that services lower, and for which services nobody read them."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods import landscape, policy
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.map._view import _low
from eis_lib.steps.shared.landscape import service_names, view
from eis_lib.steps.shared.words import _join, _label, words_of


def codings(review: Review) -> Section:
    """Return how far two readers who coded the needs of services agree, and how many needs are still derived."""
    now, coded = view(review), review.pack.codings
    is_own, barriers = landscape.is_own(coded), review.vocabulary.codes("barrier")
    own, layer = (policy.coder_agreement(part, barriers) for part in (coded[is_own], coded[~is_own]))
    words = words_of(
        __file__, review, region=review.pack.region.name, year=now.year, read_alpha=policy.read_alpha
    )
    most = int(own.needs["disputed"].max())
    worst = own.needs.loc[own.needs["disputed"] == most, "barrier"]
    derived = int((now.counted["need_area_from"] == "derived").sum())
    return Section(
        answer=words.answer(
            own, layer, most, [_low(review, "need_area", code) for code in worst], derived, now.total
        ),
        tables={
            "codings": Table(_needs(review, own, words), words.needs_caption(), words.needs_note()),
            "disputed_codings": Table(
                _disputed(review, coded, own), words.disputed_caption(), words.disputed_note()
            ),
        },
        how_sure=words.how_sure(own),
        to_check=words.to_check(derived),
    )


def _needs(review: Review, own: policy.CoderAgreement, words: Words) -> pd.DataFrame:
    """Return alpha of all needs together, and below it of each."""
    whole = {
        "barrier": "all",
        "agreed": int(own.needs["agreed"].sum()),
        "disputed": int(own.needs["disputed"].sum()),
        "alpha": own.alpha,
    }
    order = own.needs.sort_values(["disputed", "agreed", "barrier"], ascending=[False, False, True])
    frame = pd.concat([pd.DataFrame([whole]), order], ignore_index=True)
    labels = [words.all_needs(), *(_label(review, "barrier", code) for code in order["barrier"])]
    frame.insert(1, "label", labels)
    return frame.assign(reading=[words.reading(policy.read_alpha(alpha)) for alpha in frame["alpha"]])


def _disputed(review: Review, coded: pd.DataFrame, own: policy.CoderAgreement) -> pd.DataFrame:
    """Return the services on which the readers differ: one row per coding."""
    rows = coded[coded["service_id"].isin(own.differing)].sort_values(["service_id", "coder"])
    return pd.DataFrame(
        {
            "service_id": rows["service_id"],
            "name": rows["service_id"].map(service_names(review)),
            "coder": rows["coder"],
            "barriers_addressed": rows["barriers_addressed"].map(_join),
            "reason": rows["reason"],
        }
    ).reset_index(drop=True)
