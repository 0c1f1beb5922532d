"""Whether providers and services hang together: who does what, entry points, hubs and isolated services."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import landscape
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.map._view import _chart_names, _codes, _label, _low, _names, _roles, _source
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import _be, _join, _none, _records, _share_words

PROVIDERS_DRAWN = 18
"""Providers a chart names; the rest share one last row."""


def _drawn_providers(roles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the providers a chart names and those it folds into one row, both with at least one service."""
    active = roles[roles["services"] > 0]
    if len(active) <= PROVIDERS_DRAWN + 1:
        return active, active.iloc[:0]
    return active.iloc[:PROVIDERS_DRAWN], active.iloc[PROVIDERS_DRAWN:]


def providers(review: Review) -> Section:
    """Return what each provider does: how many services, stages and kinds of support, and in which role."""
    now = view(review)
    roles = _roles(review, now)
    if not (roles["services"] > 0).any():
        return Section(answer="No provider has a service that counts.", how_sure="low; nothing to count.")
    flat = roles.assign(
        **{c: roles[c].map(_join) for c in ("stage_codes", "support_type_codes", "service_ids")}
    )
    return Section(
        answer=_provider_words(review, now, roles),
        charts={"providers": _provider_chart(review, now, roles)},
        tables={
            "provider_roles": Table(
                flat,
                "Providers by services, stages and kinds of support, with their role",
                f"Entry point: a free service at the first two stages open to firms without experience. Hub: at least "
                f"{review.parameters.hub_stages} stages and {review.parameters.hub_support_types} kinds of support. Specialist: "
                f"several services of one kind. Single offer: one service. Project conventions.",
            )
        },
        how_sure="medium; roles are read off the coding of services, nobody was asked.",
        to_check="Which of the possible first doors do firms really come to?",
    )


def _provider_words(review: Review, now: View, roles: pd.DataFrame) -> str:
    names = _names(review)
    active, idle = roles[roles["services"] > 0], roles[roles["services"] == 0]
    entry, hubs = active[active["is_entry_point"]], active[active["is_hub"]]
    one = int((active["services"] == 1).sum())
    levels = [
        f"{number} {_low(review, 'provider_level', level) if level != 'eu' else 'European'}"
        for level in _codes(review, "provider_level")
        if (number := int((active["level"] == level).sum()))
    ]
    words = (
        f"{count(len(active), 'provider')} ({listing(levels)}) {'gives' if len(active) == 1 else 'give'} the {count(now.total, 'service')}; "
        f"{_none(one)} of them {'has' if one == 1 else 'have'} one service only. "
        f"{count(len(entry), 'provider')} could be a first door and {count(len(hubs), 'provider')} {'is a hub' if len(hubs) == 1 else 'are hubs'}"
        + (f" ({listing([plain(names[p]) for p in hubs['provider_id']])})." if len(hubs) else ".")
    )
    if len(idle):
        words += (
            f" {count(len(idle), 'listed provider')} {'has' if len(idle) == 1 else 'have'} no service for firms that counts in {now.year}: "
            f"{listing([plain(names[p]) for p in idle['provider_id']], most=6)}."
        )
    return words


def _provider_chart(review: Review, now: View, roles: pd.DataFrame) -> alt.TopLevelMixin:
    names, short = _names(review), _chart_names(review)
    shown, folded = _drawn_providers(roles)
    bars = [
        {
            "provider": short[row.provider_id],
            "level": row.level,
            "services": row.services,
            "note": f"{_label(review, 'provider_level', row.level)} · {row.role}",
        }
        for row in _records(shown)
    ]
    if len(folded):
        few, many = int(folded["services"].min()), int(folded["services"].max())
        bars.append(
            {
                "provider": f"{len(folded)} further providers",
                "level": "several",
                "services": len({i for ids in folded["service_ids"] for i in ids}),
                "note": f"{few} each" if few == many else f"{few} to {many} each",
            }
        )
    active = roles[roles["services"] > 0]
    one = int((active["services"] == 1).sum())
    most = active[active["services"] == active["services"].max()]
    leaders = listing([names[p] for p in most["provider_id"]], most=2)
    return charts.providers(
        pd.DataFrame(bars),
        title=f"{leaders} {'gives' if len(most) == 1 else 'give'} most services ({most['services'].max()} of {now.total}"
        f"{' each' if len(most) > 1 else ''}); {_share_words(one, len(active), 'provider').lower()} {'gives' if one <= 1 else 'give'} just one",
        subtitle=f"Services for firms of the region by provider, with level and role, {now.year}; a joint service counts for each "
        f"who gives it",
        source=_source(review, now),
        description=f"Bars of services by provider. Most: {leaders} with {most['services'].max()}; {one} of {count(len(active), 'provider')} {'has' if one == 1 else 'have'} one.",
    )


def _current_referrals(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    """Return the referrals whose two services are both among those given."""
    listed = set(services["service_id"])
    rows = review.pack.referrals
    return rows[rows["from_service"].isin(listed) & rows["to_service"].isin(listed)].reset_index(drop=True)


def network(review: Review) -> Section:
    """Return how providers and services hang together: entry points, hubs and isolated services."""
    now, names = view(review), _names(review)
    roles, referrals = _roles(review, now), _current_referrals(review, now.services)
    if not (roles["services"] > 0).any():
        return Section(answer="No provider has a service that counts.", how_sure="low; nothing to count.")
    net = landscape.network(now.services, review.pack.providers, referrals if len(referrals) else None)
    drawn = {"provider_stages": _stage_chart(review, now, roles)}
    if net.has_referrals:
        drawn["handoffs"] = _handoff_chart(review, now, referrals)
    ties = net.providers.assign(
        name=[names[p] for p in net.providers["provider_id"]],
        linked_by=net.providers["linked_by"].map("; ".join),
    )
    columns = ["provider_id", "name", "services", "linked_providers", "linked_by", "group", "is_isolated"]
    return Section(
        answer=f"{_tie_words(net)} {_referral_words(review, now, net, len(referrals))}",
        charts=drawn,
        tables={
            "network_providers": Table(
                ties[columns],
                "Ties between providers",
                "group: providers that hang together, directly or through others, share a number.",
            ),
            "network_services": Table(
                net.services,
                "Services in the network of referrals",
                "entry: no referral in; end: none out; hub: on more shortest referral paths than any other; isolated: neither in nor out."
                if net.has_referrals
                else "Positions are missing: no referral between services that count is on record.",
            ),
        },
        how_sure="medium for who gives what; "
        + (
            "low for referrals: only recorded ones are seen, and a missing referral is not proof that nobody refers."
            if net.has_referrals
            else "nothing is known of referrals today."
        ),
        to_check="Ask each provider where it sends a firm next, and whether it calls ahead; a table of referrals makes this a finding.",
    )


def _tie_words(net: landscape.Network) -> str:
    links = net.providers[net.providers["services"] > 0]
    tied = int((~links["is_isolated"]).sum())
    return (
        f"{_share_words(tied, len(links), 'provider')} {'is' if tied <= 1 else 'are'} tied to another on record, by a joint "
        f"service, a common scheme, a requirement or a referral."
    )


def _referral_words(review: Review, now: View, net: landscape.Network, referrals: int) -> str:
    """Return how far referrals join the services that count, or why that is unknown."""
    on_record = len(review.pack.referrals)
    if net.has_referrals:
        number = net.services["position"].value_counts()
        isolated, entries = int(number.get("isolated", 0)), int(number.get("entry", 0))
        hubs = net.services.loc[net.services["position"] == "hub", "service_id"]
        names = dict(zip(now.services["service_id"], now.services["name"], strict=True))
        return (
            f"{count(referrals, 'referral').capitalize()} between services that count {_be(referrals)} on record and {'leaves' if referrals == 1 else 'leave'} {_none(isolated)} of "
            f"{len(net.services)} services without a recorded way in or out. {count(entries, 'service').capitalize()} "
            f"{'sends' if entries == 1 else 'send'} firms on without receiving any"
            + (
                f"; most recorded ways run through {listing([plain(names[i]) for i in hubs], most=3)}."
                if len(hubs)
                else "."
            )
        )
    if on_record:
        return (
            f"{'The one referral on record joins services' if on_record == 1 else f'All {on_record} referrals on record join services'} of which at least one no longer "
            f"counts in {now.year}, so **who sends a firm on to whom today is unknown**, not absent."
        )
    return "The region records **no referrals**, so nothing can be said of who sends a firm on to whom: that is unknown, not absent."


def _stage_chart(review: Review, now: View, roles: pd.DataFrame) -> alt.TopLevelMixin:
    title, cells = _provider_stage_cells(review, now, roles)
    return charts.provider_stages(
        cells,
        title=title,
        subtitle=f"Services of each provider by stage of the journey, {now.year}; providers in order of level; "
        f"* possible first door",
        source=_source(review, now),
        description=f"Matrix of providers by journey stage. {title}.",
    )


def _provider_stage_cells(review: Review, now: View, roles: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Return the finding of the network's picture, and its cells: provider × stage, grouped by level."""
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
        rows.append((f"{len(folded)} further providers", "several", everything))
    stage_of = dict(zip(now.services["service_id"], now.services["journey_stages"], strict=True))
    cells = [
        {
            "provider": name,
            "level": level,
            "level_label": "Several levels"
            if level == "several"
            else _label(review, "provider_level", level),
            "stage": _label(review, "journey_stages", stage),
            "services": sum(stage in stage_of[i] for i in ids),
        }
        for name, level, ids in rows
        for stage in stages
    ]
    whole = int((roles["stages"] == len(stages)).sum())
    title = (
        f"{count(whole, 'provider')} {'covers' if whole == 1 else 'cover'} the whole journey"
        if whole
        else f"No provider covers the whole journey; the widest reach {count(int(roles['stages'].max()), 'stage')} of {len(stages)}"
    )
    return title, pd.DataFrame(cells)


def _handoff_chart(review: Review, now: View, referrals: pd.DataFrame) -> alt.TopLevelMixin:
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
        title=f"The one referral on record is {'a' if warm else 'no'} warm hand-over"
        if len(referrals) == 1
        else f"{_share_words(warm, len(referrals), 'referral')} on record {'is a warm hand-over' if warm <= 1 else 'are warm hand-overs'}",
        subtitle=f"Referrals from provider to provider, {now.year}; * at least one is warm (the provider calls ahead); blank: none on record",
        source=_source(review, now),
        description=f"Matrix of referrals between providers: {len(referrals)} on record, {_none(warm)} warm.",
    )
