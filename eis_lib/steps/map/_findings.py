"""What step 1 found, most important first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pandas as pd

from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.methods.landscape import UNKNOWN
from eis_lib.section.finding import Finding, apply_rules, findings_frame
from eis_lib.section.review import Review
from eis_lib.steps.map._headline import _absent_types, _level_by_stage
from eis_lib.steps.map._providers import _current_referrals
from eis_lib.steps.map._view import (
    _codes,
    _extremes,
    _first_doors,
    _label,
    _money,
    _money_words,
    _names,
    _quoted,
    _roles,
    _stage_counts,
)
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _records, _rows, words_of


@dataclass(frozen=True, eq=False)
class _Facts:
    """What the rules look at: the landscape, its providers and need areas, and the kinds of support that are gone."""

    review: Review
    words: Words
    now: View
    names: dict[str, str]
    roles: pd.DataFrame
    areas: pd.DataFrame
    absent: list[str]
    ended: pd.DataFrame


def _facts(review: Review, now: View) -> _Facts:
    areas = landscape.concentration(now.services, review.pack.providers, _codes(review, "need_area"))
    ever = landscape.reaches_smes(now.listed)
    ended = ever[(ever["end_year"] < now.year).fillna(value=False).astype(bool)]
    words = words_of(__file__, review, year=now.year, total=now.total, quoted=_quoted)
    return _Facts(
        review,
        words,
        now,
        names=_names(review),
        roles=_roles(review, now),
        areas=areas[(areas["need_area"] != UNKNOWN) & (areas["services"] > 0)],
        absent=[code for code in _absent_types(review, now)[0] if code != UNKNOWN],
        ended=ended.sort_values(["end_year", "service_id"], ascending=[False, True]),
    )


_finding = partial(Finding, "map")


def _thin_stage(facts: _Facts) -> Iterator[Finding]:
    counts = _stage_counts(facts.review, facts.now)
    stages = _extremes(facts.review, "journey_stages", counts)
    if stages.is_even:
        return
    thin = counts[(counts["services"] == stages.fewest) & (counts["code"] != UNKNOWN)]
    yield _finding(
        "thin-stage", "+".join(thin["code"]),
        facts.words.thin_stage(stages),
        float(stages.fewest), "services", how_sure="medium",
        rows=_rows(sorted({i for ids in thin["service_ids"] for i in ids})),
    )  # fmt: skip


def _near_share(facts: _Facts) -> Iterator[Finding]:
    counted, levels = facts.now.counted, _level_by_stage(facts.review, facts.now)
    close = {
        i
        for codes, i in zip(counted["provider_level"], counted["service_id"], strict=True)
        if {"local", "regional"} & set(codes)
    }
    served = levels[levels["level"].isin(["local", "regional"]) & (levels["services"] > 0)]["code_b"]
    unserved = [
        _label(facts.review, "journey_stages", c)
        for c in _codes(facts.review, "journey_stages")
        if c not in set(served)
    ]
    yield _finding(
        "near-share", "local-and-regional",
        facts.words.near_share(len(close), unserved),
        len(close) / len(counted), "share", how_sure="medium", rows=_rows(sorted(close)),
    )  # fmt: skip


def _local_doors(facts: _Facts) -> Iterator[Finding]:
    near, doors, priced = _first_doors(facts.roles)
    yield _finding(
        "first-doors", "local-and-regional",
        facts.words.local_doors(len(doors), len(near), len(priced)),
        float(len(doors)), "providers", how_sure="medium",
        rows=_rows([*doors["provider_id"], *priced["provider_id"]], "providers"),
    )  # fmt: skip


def _widest_spread(facts: _Facts) -> Iterator[Finding]:
    if facts.areas.empty:
        return
    wide = max(_records(facts.areas), key=lambda row: (row.effective_providers, row.services))
    yield _finding(
        "spread", wide.need_area,
        facts.words.widest_spread(wide),
        wide.effective_providers, "effective providers",
        how_sure="medium" if wide.from_own_coding > wide.services / 2 else "low", rows=_rows(wide.service_ids),
    )  # fmt: skip


def _money_share(facts: _Facts) -> Iterator[Finding]:
    money, total = _money(facts.now), len(facts.now.counted)
    yield _finding(
        "money", "services",
        facts.words.money_share(_money_words(facts.review, facts.now), total - len(money)),
        len(money) / total, "share", how_sure="high", rows=_rows(money),
    )  # fmt: skip


def _open_to_beginners(facts: _Facts) -> Iterator[Finding]:
    counted = facts.now.counted
    novice = counted[[("non-exporter" in codes) for codes in counted["experience"]]]
    free = novice[novice["cost_to_sme"] == "free"]
    yield _finding(
        "beginners", "non-exporter",
        facts.words.open_to_beginners(len(novice), len(free)),
        len(novice) / len(counted), "share", how_sure="medium", rows=_rows(novice["service_id"].tolist()),
    )  # fmt: skip


def _thin_modes(facts: _Facts) -> Iterator[Finding]:
    for row in _records(landscape.facet_counts(facts.now.services, "modes", _codes(facts.review, "modes"))):
        if row.code != UNKNOWN and row.services <= max(1, 0.1 * facts.now.total):
            yield _finding(
                "thin-mode", row.code,
                facts.words.thin_mode(row),
                float(row.services), "services", how_sure="medium" if row.services else "low",
                status="finding" if row.services else "candidate", rows=_rows(row.service_ids),
            )  # fmt: skip


def _not_dated(facts: _Facts) -> Iterator[Finding]:
    counted = facts.now.counted
    unproven = counted[counted["end_year"].isna() & counted["checked_on"].isna()]
    startless = int(unproven["start_year"].isna().sum())
    yield _finding(
        "dating", "services",
        facts.words.not_dated(len(unproven), startless),
        len(unproven) / len(counted), "share", how_sure="high",
        status="finding" if len(unproven) else "unknown", rows=_rows(unproven["service_id"].tolist()),
    )  # fmt: skip


def _single_providers(facts: _Facts) -> Iterator[Finding]:
    for row in _records(facts.areas[facts.areas["providers"] == 1]):
        yield _finding(
            "single-provider", row.need_area,
            facts.words.single_provider(row, facts.names[row.largest_provider]),
            1.0, "providers", how_sure="low", status="candidate", rows=_rows(row.service_ids),
        )  # fmt: skip


def _ended_support(facts: _Facts) -> Iterator[Finding]:
    for code in facts.absent:
        past = _records(facts.ended[facts.ended["support_type"] == code])
        if past:
            yield _finding(
                "ended-support", code,
                facts.words.ended_support(code, past[0]),
                float(past[0].end_year), "last year", how_sure="medium", status="candidate",
                rows=_rows([row.service_id for row in past]),
            )  # fmt: skip


def _absent_support(facts: _Facts) -> Iterator[Finding]:
    for code in facts.absent:
        if not (facts.ended["support_type"] == code).any():
            yield _finding(
                "absent-support", code,
                facts.words.absent_support(code),
                0.0, "services", how_sure="low", status="candidate",
            )  # fmt: skip


def _idle_providers(facts: _Facts) -> Iterator[Finding]:
    for row in _records(facts.roles[facts.roles["services"] == 0]):
        yield _finding(
            "idle-provider", row.provider_id,
            facts.words.idle_provider(facts.names[row.provider_id]),
            0.0, "services", how_sure="low", status="candidate", rows=f"providers:{row.provider_id}",
        )  # fmt: skip


def _no_referrals(facts: _Facts) -> Iterator[Finding]:
    if _current_referrals(facts.review, facts.now.services).empty:
        yield _finding(
            "referrals", "services",
            facts.words.no_referrals(),
            float("nan"), "", how_sure="high", status="unknown",
        )  # fmt: skip


RULES = (
    _thin_stage,
    _near_share,
    _local_doors,
    _widest_spread,
    _money_share,
    _open_to_beginners,
    _thin_modes,
    _not_dated,
    _single_providers,
    _ended_support,
    _absent_support,
    _idle_providers,
    _no_referrals,
)
"""What makes a finding of step 1, most important first."""


def _findings(review: Review) -> pd.DataFrame:
    """Return what step 1 found, most important first."""
    now = view(review)
    if now.services.empty:
        return findings_frame([])
    facts = _facts(review, now)
    return apply_rules(RULES, facts)
