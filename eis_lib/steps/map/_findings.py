"""What step 1 found, most important first."""

from __future__ import annotations

from typing import Any

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.section.finding import findings_frame
from eis_lib.section.review import Review
from eis_lib.steps.map._headline import _level_by_stage
from eis_lib.steps.map._providers import _current_referrals
from eis_lib.steps.map._view import (
    _codes,
    _extremes,
    _label,
    _money,
    _money_words,
    _names,
    _roles,
    _rows,
    _stage_counts,
)
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import _none, _records, _share_words


def _findings(review: Review) -> pd.DataFrame:
    """Return what step 1 found, most important first."""
    now, names = view(review), _names(review)
    smes, counted = now.services, now.counted
    found: list[dict[str, Any]] = []

    def add(
        kind: str,
        subject: str,
        statement: str,
        value: float,
        *,
        unit: str,
        how_sure: str,
        status: str,
        rows: str,
    ) -> None:
        found.append(
            {
                "finding_id": f"map:{kind}:{subject}",
                "kind": kind,
                "subject": subject,
                "statement": statement,
                "value": value,
                "unit": unit,
                "how_sure": how_sure,
                "status": status,
                "rows": rows,
            }
        )

    if smes.empty:
        return findings_frame(found)
    held = {
        row.code: row.services
        for row in _records(landscape.facet_counts(smes, "support_type", _codes(review, "support_type")))
    }
    elsewhere = set(now.current["support_type"])
    absent = [code for code in held if not held[code] and code != UNKNOWN and code not in elsewhere]
    ever = landscape.reaches_smes(now.listed)
    ended = ever[(ever["end_year"] < now.year).fillna(value=False).astype(bool)]
    ended = ended.sort_values(["end_year", "service_id"], ascending=[False, True])
    stage_counts = _stage_counts(review, now)
    stages = _extremes(review, "journey_stages", stage_counts)
    if not stages.is_even:
        thin = stage_counts[(stage_counts["services"] == stages.fewest) & (stage_counts["code"] != UNKNOWN)]
        add(
            "thin-stage",
            "+".join(thin["code"]),
            f"The journey is thinnest at {stages.low_words()}: {count(stages.fewest, 'service')}"
            f"{' each' if len(thin) > 1 else ''} of {now.total}, against {stages.most} at {stages.high_words()}.",
            float(stages.fewest),
            unit="services",
            how_sure="medium",
            status="finding",
            rows=_rows(sorted({i for ids in thin["service_ids"] for i in ids})),
        )
    levels = _level_by_stage(review, now)
    close = {
        i
        for codes, i in zip(counted["provider_level"], counted["service_id"], strict=True)
        if {"local", "regional"} & set(codes)
    }
    served = levels[levels["level"].isin(["local", "regional"]) & (levels["services"] > 0)]["code_b"]
    unserved = [
        f"“{_label(review, 'journey_stages', c)}”"
        for c in _codes(review, "journey_stages")
        if c not in set(served)
    ]
    add(
        "near-share",
        "local-and-regional",
        f"Local and regional bodies give {_none(len(close))} of {count(len(counted), 'service')}"
        + (f", and none at {listing(unserved)}." if unserved else ", at every stage of the journey."),
        len(close) / len(counted),
        unit="share",
        how_sure="medium",
        status="finding",
        rows=_rows(sorted(close)),
    )
    roles = _roles(review, now)
    near = roles[roles["level"].isin(["local", "regional"]) & (roles["services"] > 0)]
    doors, priced = near[near["is_entry_point"]], near[near["is_entry_at_a_price"]]
    add(
        "first-doors",
        "local-and-regional",
        f"{_none(len(doors)).capitalize()} of {count(len(near), 'local or regional provider')} could be a firm’s first door (a free service at the first "
        f"two stages that needs no experience abroad)"
        + (
            f"; {len(priced)} more {'asks' if len(priced) == 1 else 'ask'} a fee or an own share for it."
            if len(priced)
            else "."
        ),
        float(len(doors)),
        unit="providers",
        how_sure="medium",
        status="finding",
        rows=_rows([*doors["provider_id"], *priced["provider_id"]], "providers"),
    )
    areas = landscape.concentration(smes, review.pack.providers, _codes(review, "need_area"))
    areas = areas[(areas["need_area"] != UNKNOWN) & (areas["services"] > 0)]
    if len(areas):
        wide = max(_records(areas), key=lambda row: (row.effective_providers, row.services))
        add(
            "spread",
            wide.need_area,
            f"{_label(review, 'need_area', wide.need_area)}: {count(wide.services, 'service')} of {count(wide.providers, 'provider')} at "
            f"{count(wide.levels, 'level')} of government ({wide.effective_providers:.1f} effective providers by number of services).",
            wide.effective_providers,
            unit="effective providers",
            how_sure="medium" if wide.from_own_coding > wide.services / 2 else "low",
            status="finding",
            rows=_rows(wide.service_ids),
        )
    money = _money(now)
    add(
        "money",
        "services",
        f"{_money_words(now)} The other {len(counted) - len(money)} give knowledge, contacts or a presence abroad.",
        len(money) / len(counted),
        unit="share",
        how_sure="high",
        status="finding",
        rows=_rows(money),
    )
    novice = counted[[("non-exporter" in codes) for codes in counted["experience"]]]
    free = novice[novice["cost_to_sme"] == "free"]
    add(
        "beginners",
        "non-exporter",
        f"{_none(len(novice)).capitalize()} of {count(len(counted), 'service')} {'is' if len(novice) <= 1 else 'are'} open to a firm without experience abroad, {_none(len(free))} of them free of charge.",
        len(novice) / len(counted),
        unit="share",
        how_sure="medium",
        status="finding",
        rows=_rows(novice["service_id"].tolist()),
    )
    for row in _records(landscape.facet_counts(smes, "modes", _codes(review, "modes"))):
        if row.code != UNKNOWN and row.services <= max(1, 0.1 * now.total):
            add(
                "thin-mode",
                row.code,
                f"{_label(review, 'modes', row.code)}: {_none(row.services)} of {count(now.total, 'service')} on record {'serves' if row.services <= 1 else 'serve'} it.",
                float(row.services),
                unit="services",
                how_sure="medium" if row.services else "low",
                status="finding" if row.services else "candidate",
                rows=_rows(row.service_ids),
            )
    checked = counted["checked_on"].notna()
    unproven = counted[counted["end_year"].isna() & ~checked]
    startless = int(unproven["start_year"].isna().sum())
    add(
        "dating",
        "services",
        f"{_share_words(len(unproven), len(counted), 'service')} counted in {now.year} {'has' if len(unproven) <= 1 else 'have'} neither a last year nor a "
        f"date of a check, and {_none(startless)} of them {'lacks' if startless <= 1 else 'lack'} even a first year: whether they are on offer today is not on record.",
        len(unproven) / len(counted),
        unit="share",
        how_sure="high",
        status="finding" if len(unproven) else "unknown",
        rows=_rows(unproven["service_id"].tolist()),
    )
    for row in _records(areas[areas["providers"] == 1]):
        add(
            "single-provider",
            row.need_area,
            f"{_label(review, 'need_area', row.need_area)}: all help on record ({count(row.services, 'service')}) comes from {names[row.largest_provider]}.",
            1.0,
            unit="providers",
            how_sure="low",
            status="candidate",
            rows=_rows(row.service_ids),
        )
    for code in absent:
        past = _records(ended[ended["support_type"] == code])
        if past:
            add(
                "ended-support",
                code,
                f"{_label(review, 'support_type', code)}: none on record for {now.year}; the last one recorded was of {past[0].end_year} ({past[0].name}). "
                f"It may have been followed by one that is not listed.",
                float(past[0].end_year),
                unit="last year",
                how_sure="medium",
                status="candidate",
                rows=_rows([row.service_id for row in past]),
            )
    for code in absent:
        if not (ended["support_type"] == code).any():
            add(
                "absent-support",
                code,
                f"{_label(review, 'support_type', code)}: no service of this kind is on record at any date; it may exist unlisted.",
                0.0,
                unit="services",
                how_sure="low",
                status="candidate",
                rows="",
            )
    for row in _records(roles[roles["services"] == 0]):
        add(
            "idle-provider",
            row.provider_id,
            f"{names[row.provider_id]} is listed without a service that counts for firms in {now.year}.",
            0.0,
            unit="services",
            how_sure="low",
            status="candidate",
            rows=f"providers:{row.provider_id}",
        )
    if _current_referrals(review, smes).empty:
        add(
            "referrals",
            "services",
            f"No referral between services that count in {now.year} is on record: who sends a firm on to whom is unknown.",
            float("nan"),
            unit="",
            how_sure="high",
            status="unknown",
            rows="",
        )
    return findings_frame(found)
