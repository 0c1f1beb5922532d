"""Whether providers and services hang together: who does what, entry points, hubs and isolated services."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._view import _chart_names, _codes, _label, _names, _roles, _source
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _join, _records, words_of

PROVIDERS_DRAWN = 18
"""Providers a chart names; the rest share one last row."""


def _drawn_providers(roles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the providers a chart names and those it folds into one row, both with at least one service."""
    active = roles[roles["services"] > 0]
    if len(active) <= PROVIDERS_DRAWN + 1:
        return active, active.iloc[:0]
    return active.iloc[:PROVIDERS_DRAWN], active.iloc[PROVIDERS_DRAWN:]


def _words(review: Review, now: View) -> Words:
    return words_of(__file__, review, year=now.year, total=now.total)


def providers(review: Review) -> Section:
    """Return what each provider does: how many services, stages and kinds of support, and in which role."""
    now = view(review)
    roles, words = _roles(review, now), _words(review, now)
    if not (roles["services"] > 0).any():
        return Section(answer=words.no_provider(), how_sure=words.nothing_to_count())
    flat = roles.assign(
        **{c: roles[c].map(_join) for c in ("stage_codes", "support_type_codes", "service_ids")}
    )
    return Section(
        answer=_providers_answer(review, now, roles, words),
        charts={"providers": _provider_chart(review, now, roles, words)},
        tables={
            "provider_roles": Table(
                flat,
                words.providers_caption(),
                words.providers_note(review.parameters.hub_stages, review.parameters.hub_support_types),
            )
        },
        how_sure=words.providers_how_sure(),
        to_check=words.providers_to_check(),
    )


def _providers_answer(review: Review, now: View, roles: pd.DataFrame, words: Words) -> str:
    names = _names(review)
    active = roles[roles["services"] > 0]
    by_level = {level: int((active["level"] == level).sum()) for level in _codes(review, "provider_level")}
    hubs, idle = (
        [plain(names[p]) for p in some["provider_id"]]
        for some in (active[active["is_hub"]], roles[roles["services"] == 0])
    )
    return words.providers_answer(
        len(active),
        [words.at_level(number, level) for level, number in by_level.items() if number],
        now.total,
        int((active["services"] == 1).sum()),
        int(active["is_entry_point"].sum()),
        hubs,
        idle,
    )


def _provider_chart(review: Review, now: View, roles: pd.DataFrame, words: Words) -> alt.TopLevelMixin:
    names, short = _names(review), _chart_names(review)
    shown, folded = _drawn_providers(roles)
    bars = [
        {
            "provider": short[row.provider_id],
            "level": row.level,
            "services": row.services,
            "note": words.provider_bar(row),
        }
        for row in _records(shown)
    ]
    if len(folded):
        bars.append(
            {
                "provider": words.further_providers(len(folded)),
                "level": "several",
                "services": len({i for ids in folded["service_ids"] for i in ids}),
                "note": words.further_bar(int(folded["services"].min()), int(folded["services"].max())),
            }
        )
    active = roles[roles["services"] > 0]
    most, one = int(active["services"].max()), int((active["services"] == 1).sum())
    leaders = [names[p] for p in active.loc[active["services"] == most, "provider_id"]]
    return charts.providers(
        pd.DataFrame(bars),
        title=words.providers_title(leaders, most, one, len(active)),
        subtitle=words.providers_subtitle(),
        source=_source(review, now),
        description=words.providers_description(leaders, most, one, len(active)),
    )


def _current_referrals(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    """Return the referrals whose two services are both among those given."""
    listed = set(services["service_id"])
    rows = review.pack.referrals
    return rows[rows["from_service"].isin(listed) & rows["to_service"].isin(listed)].reset_index(drop=True)


def network(review: Review) -> Section:
    """Return how providers and services hang together: entry points, hubs and isolated services."""
    now, names = view(review), _names(review)
    words = _words(review, now)
    roles, referrals = _roles(review, now), _current_referrals(review, now.services)
    if not (roles["services"] > 0).any():
        return Section(answer=words.no_provider(), how_sure=words.nothing_to_count())
    net = landscape.network(now.services, review.pack.providers, referrals if len(referrals) else None)
    drawn = {"provider_stages": _stage_chart(review, now, roles, words)}
    if net.has_referrals:
        drawn["handoffs"] = _handoff_chart(review, now, referrals, words)
    ties = net.providers.assign(
        name=[names[p] for p in net.providers["provider_id"]],
        linked_by=net.providers["linked_by"].map("; ".join),
    )
    columns = ["provider_id", "name", "services", "linked_providers", "linked_by", "group", "is_isolated"]
    links = net.providers[net.providers["services"] > 0]
    tied = int((~links["is_isolated"]).sum())
    return Section(
        answer=words.network_answer(
            tied, len(links), _referrals_said(review, now, net, len(referrals), words)
        ),
        charts=drawn,
        tables={
            "network_providers": Table(ties[columns], words.ties_caption(), words.ties_note()),
            "network_services": Table(
                net.services, words.positions_caption(), words.positions_note(net.has_referrals)
            ),
        },
        how_sure=words.network_how_sure(net.has_referrals),
        to_check=words.network_to_check(),
    )


def _referrals_said(review: Review, now: View, net: landscape.Network, referrals: int, words: Words) -> str:
    """Return how far referrals join the services that count, or why that is unknown."""
    on_record = len(review.pack.referrals)
    if not net.has_referrals:
        return words.referrals_of_the_past(on_record) if on_record else words.no_referrals()
    number = net.services["position"].value_counts()
    isolated, entries = (int(number.get(position, 0)) for position in ("isolated", "entry"))
    hubs = net.services.loc[net.services["position"] == "hub", "service_id"]
    names = dict(zip(now.services["service_id"], now.services["name"], strict=True))
    return words.referrals_today(
        referrals, isolated, len(net.services), entries, [plain(names[i]) for i in hubs]
    )


def _stage_chart(review: Review, now: View, roles: pd.DataFrame, words: Words) -> alt.TopLevelMixin:
    stages = len(_codes(review, "journey_stages"))
    reach = int((roles["stages"] == stages).sum()), int(roles["stages"].max()), stages
    return charts.provider_stages(
        _provider_stage_cells(review, now, roles, words),
        title=words.stages_title(*reach),
        subtitle=words.stages_subtitle(),
        source=_source(review, now),
        description=words.stages_description(*reach),
    )


def _provider_stage_cells(review: Review, now: View, roles: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return the cells of the network's picture: provider × stage, grouped by level."""
    short, stages = _chart_names(review), _codes(review, "journey_stages")
    order = {level: n for n, level in enumerate(_codes(review, "provider_level"))}
    shown, folded = _drawn_providers(roles)
    shown = shown.sort_values("level", key=lambda c: c.map(order), kind="stable")
    rows = [
        (f"{'* ' if row.is_entry_point else ''}{short[row.provider_id]}", row.level, row.service_ids)
        for row in _records(shown)
    ]
    if len(folded):
        everything = tuple({i: None for ids in folded["service_ids"] for i in ids})
        rows.append((words.further_providers(len(folded)), "several", everything))
    stage_of = dict(zip(now.services["service_id"], now.services["journey_stages"], strict=True))
    cells = [
        {
            "provider": name,
            "level": level,
            "level_label": words.several_levels()
            if level == "several"
            else _label(review, "provider_level", level),
            "stage": _label(review, "journey_stages", stage),
            "services": sum(stage in stage_of[i] for i in ids),
        }
        for name, level, ids in rows
        for stage in stages
    ]
    return pd.DataFrame(cells)


def _handoff_chart(review: Review, now: View, referrals: pd.DataFrame, words: Words) -> alt.TopLevelMixin:
    short = _chart_names(review)
    lead = dict(zip(now.services["service_id"], now.services["provider_id"], strict=True))
    cells = (
        referrals.assign(
            from_provider=[short[lead[i]] for i in referrals["from_service"]],
            to_provider=[short[lead[i]] for i in referrals["to_service"]],
            is_warm=(referrals["kind"] == "warm-handover"),
        )
        .groupby(["from_provider", "to_provider"], sort=True)
        .agg(referrals=("kind", "size"), warm=("is_warm", "sum"))
        .reset_index()
    )
    cells["mark"] = [f"{row.referrals}{'*' if row.warm else ''}" for row in _records(cells)]
    warm = int(cells["warm"].sum())
    return charts.handoffs(
        cells,
        title=words.handoffs_title(warm, len(referrals)),
        subtitle=words.handoffs_subtitle(),
        source=_source(review, now),
        description=words.handoffs_description(warm, len(referrals)),
    )
