"""Whether anything delivers the policies, whether policies back the services, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.methods.landscape import list_items
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import (
    STANDING_NOTE,
    _barrier,
    _bodies,
    _fullest_year,
    _promises,
    _service_barriers,
    _standing_rows,
    _table,
    _titled,
    _titles,
    _years,
)
from eis_lib.steps.shared.landscape import reaching
from eis_lib.steps.shared.words import _cap, _share, _short_title, _was

# --- alignment -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Delivery:
    """What delivers the policies: how each stands in a year, the promises of those standing, and what has no service."""

    year: int
    aligned: pd.DataFrame
    promises: pd.DataFrame

    @property
    def stands(self) -> pd.DataFrame:
        return self.aligned[self.aligned["standing"].isin(["in-force", "undated"])]

    @property
    def unserved(self) -> pd.DataFrame:
        """Standing policies for which no service is recorded."""
        return self.stands[self.stands["services_named"] == 0]

    @property
    def lapsed(self) -> pd.DataFrame:
        """Standing policies of whose services none stands."""
        return self.stands[self.stands["delivery"] == "no named service stands"]

    @property
    def idle(self) -> int:
        return len(self.unserved) + len(self.lapsed)


def delivery(review: Review, *, year: int | None = None) -> Section:
    """Return which policies a standing service delivers, and which promises nothing stands behind."""
    at, policies = _years(review, year), review.pack.policies
    seen = _Delivery(
        at, policy.align_policies(policies, review.pack.services, at), promises=_promises(review, at)
    )
    titles = dict(zip(policies["policy_id"], policies["title"], strict=True))
    worst = ["no service named", "no named service stands", "delivered"]
    weakest = ["no service", "cannot be told", "other service", "own service"]
    return Section(
        answer=" ".join([*_delivery_sentences(review, seen), *_promise_sentences(seen.promises)]),
        charts={"logic_chain": _chain_chart(review, seen)},
        tables={
            "alignment": _table(
                seen.aligned.iloc[seen.aligned["delivery"].map(worst.index).argsort(kind="stable")],
                f"Each policy, how it stands in {at} and what delivers it",
                f"{STANDING_NOTE} A policy without a service is one for which none is recorded.",
            ),
            "promises": _table(
                seen.promises.assign(title=seen.promises["policy_id"].map(titles)).iloc[
                    seen.promises["support"].map(weakest.index).argsort(kind="stable")
                ],
                "Each barrier a standing policy names, and the services that answer it",
                "own: standing services the policy names that answer the barrier; others: standing services it does not name. Cannot "
                "be told: no kind of support is taken to answer the barrier, so only a service that names it could show.",
            ),
            "policies_by_year": _table(
                policy.standing_by_year(policies, range(at - 15, at + 1)),
                "Policies standing in each year",
                "Few policies late may mean a record nobody has kept up.",
            ),
        },
        how_sure="Medium: links to services follow the sources where they give them; objectives are not linked one by one, so delivery is judged per policy.",
        to_check="For each policy without a service: ask its owner who carries it out.",
    )


def _delivery_sentences(review: Review, seen: _Delivery) -> Iterator[str]:
    """Yield how many policies can point to a service, and why the others cannot."""
    yield (
        f"{len(seen.stands) - seen.idle} of {len(seen.stands)} policies standing in {seen.year} can point to a standing service; "
        f"{count(int((seen.aligned['standing'] == 'ended').sum()), 'other')} had ended by then."
    )
    if len(seen.unserved):
        yield f"The tables name no service for {_titled(review, seen.unserved['policy_id'])}: either nothing delivers it, or the link was never recorded."
    if len(seen.lapsed):
        yield f"Every service named for {_titled(review, seen.lapsed['policy_id'])} has ended or not begun."


def _promise_sentences(promises: pd.DataFrame) -> Iterator[str]:
    """Yield how many promises have no service behind them, if any."""
    support = promises["support"]
    empty, untold = int((support == "no service").sum()), int((support == "cannot be told").sum())
    without = int((support != "own service").sum())
    if without:
        yield (
            f"Of {count(len(promises), 'promise')} (a policy and a barrier it names), {without} {_was(without, 'has', 'have')} no service of that policy behind {_was(without, 'it', 'them')}"
            + (f", {empty} no service of anybody" if empty else "")
            + (f"; of {untold} it can not be told whether anybody has one." if untold else ".")
        )


def _chain_chart(review: Review, seen: _Delivery) -> Any:
    nodes, edges = _chain(review, seen.year)
    orphans = int((nodes["broken"] & nodes["layer"].eq(0)).sum())
    title = _cap(
        f"{count(orphans, 'barrier')} {_was(orphans, 'has', 'have')} no standing policy; "
        + (
            f"{count(seen.idle, 'policy', 'policies')} {_was(seen.idle, 'has', 'have')} no standing service on record"
            if seen.idle or seen.stands.empty
            else "every policy has a standing service on record"
        )
    )
    return charts.chart_logic_chain(
        nodes,
        edges,
        title=title,
        subtitle=f"Policies standing in {seen.year}, the barriers they name and the bodies whose services deliver them",
        source="policies and services of the region pack; barriers are our coding",
        description=f"{title}. A diamond marks what has no link on one side.",
    )


def _chain(review: Review, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return nodes and edges of barrier → policy → delivering body, placed so that links cross little."""
    policies = _standing_rows(review.pack.policies, year)
    running = _standing_rows(review.pack.services, year)
    provider = dict(zip(running["service_id"], running["provider_id"], strict=True))
    needs = {row.policy_id: set(list_items(row.barriers_addressed)) for row in _each_row(policies)}
    doers = {
        row.policy_id: {provider[key] for key in list_items(row.delivered_by) if key in provider}
        for row in _each_row(policies)
    }
    codes = list(review.vocabulary.codes("barrier"))

    def centre(found: list[int]) -> float:
        return float(np.mean(found)) if found else float("inf")

    ranked = sorted(needs, key=lambda key: (centre([codes.index(code) for code in needs[key]]), key))
    codes.sort(key=lambda code: centre([i for i, key in enumerate(ranked) if code in needs[key]]))
    bodies = sorted(
        set().union(*doers.values()),
        key=lambda b: (centre([i for i, key in enumerate(ranked) if b in doers[key]]), b),
    )
    titles, names = _titles(policies), _bodies(review)
    linked = set().union(*needs.values())
    columns = (
        [(code, _barrier(review, code), code not in linked) for code in codes],
        [(key, titles[key], not (doers[key] and needs[key])) for key in ranked],
        [(body, _short_title(names.get(body, body), 26), False) for body in bodies],
    )
    nodes = pd.DataFrame(
        [
            {
                "node": f"{layer}:{key}",
                "layer": layer,
                "label": label,
                "place": (i + 0.5) / len(column),
                "broken": broken,
            }
            for layer, column in enumerate(columns)
            for i, (key, label, broken) in enumerate(column)
        ]
    )
    place = dict(zip(nodes["node"], nodes["place"], strict=True))
    lines = [(0, place[f"0:{code}"], 1, place[f"1:{key}"]) for key in ranked for code in sorted(needs[key])]
    lines += [(1, place[f"1:{key}"], 2, place[f"2:{body}"]) for key in ranked for body in sorted(doers[key])]
    return nodes, pd.DataFrame(lines, columns=["x", "y", "x2", "y2"])


def services_backed(review: Review, *, year: int | None = None) -> Section:
    """Return how closely each standing service is tied to a policy, from a recorded link to none."""
    at = _years(review, year)
    backed = policy.align_services(reaching(review), review.pack.policies, at, _service_barriers(review))
    counts = backed["backing"].value_counts().reindex(list(charts.BACKING), fill_value=0)
    total, undated = len(backed), int((backed["standing"] == "undated").sum())
    unnamed = total - int(counts[charts.BACKING[0]])
    frame = (
        backed.groupby(["support_type", "backing"], as_index=False)
        .size()
        .rename(columns={"size": "services"})
    )
    frame["support_type"] = [review.vocabulary.label("support_type", code) for code in frame["support_type"]]
    most = backed.loc[backed["backing"] != charts.BACKING[0], "provider_id"].value_counts()
    title = f"{unnamed} of {count(total, 'service')} are named by no standing policy"
    chart = charts.chart_backing(
        frame,
        title=title,
        subtitle=f"Services standing in {at} by the closest tie to a policy; {undated} of them have no end year",
        source="services and policies of the region pack; ties by barrier are our coding",
        description=f"{title}; {counts[charts.BACKING[1]]} only by one that has ended, {counts[charts.BACKING[4]]} without any tie.",
    )
    ties = [
        f"{counts[name]} {words}"
        for name, words in zip(
            charts.BACKING[1:],
            (
                "only by one that has ended or not begun",
                "with a provider whose own policies do not name them",
                "sharing no more than a barrier with a policy",
                "with no tie at all",
            ),
            strict=True,
        )
        if counts[name]
    ]
    answer = f"{unnamed} of {count(total, 'service')} ({_share(unnamed, total)}) standing in {at} are named by no standing policy"
    answer += f": {listing(ties)}." if ties else "."
    answer += _then_words(review, at)
    if len(most):
        first = str(most.index[0])
        answer += f" Most of them are with {plain(_bodies(review).get(first, first))} ({most.iloc[0]})."
    rank = {name: i for i, name in enumerate(reversed(charts.BACKING))}
    return Section(
        answer=answer,
        charts={"services_backed": chart},
        tables={
            "services_backed": _table(
                backed.iloc[backed["backing"].map(rank).argsort(kind="stable")],
                f"Each service standing in {at} and its closest tie to a policy",
                "The first two ties are recorded (delivered_by); the others are read from the owner and from shared barriers.",
            )
        },
        how_sure="Low to medium: a policy outside the tables may back a service; that no policy here names it is certain.",
        to_check="For the services without a named policy: under which mandate and budget line they run.",
    )


def _then_words(review: Review, year: int) -> str:
    """Return how services were backed in the year for which the record is fullest, if that is another year."""
    fullest, _ = _fullest_year(review.pack.policies, year)
    if fullest == year:
        return ""
    then = policy.align_services(reaching(review), review.pack.policies, fullest, _service_barriers(review))
    unnamed = int((then["backing"] != charts.BACKING[0]).sum())
    return f" In {fullest}, for which the record is fullest, it was {unnamed} of {len(then)} ({_share(unnamed, len(then))})."


# --- money -----------------------------------------------------------------------------------------------------


def money(review: Review, *, year: int | None = None) -> Section:
    """Return which policies publish what they cost; a budget nobody published is a finding, not a zero."""
    at = _years(review, year)
    aligned = policy.align_policies(review.pack.policies, review.pack.services, at)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    levels = list(review.vocabulary.codes("level"))
    by_level = stands.groupby("level").agg(
        standing=("policy_id", "size"), published=("budget_published", "sum")
    )
    by_level = by_level.reset_index().sort_values("level", key=lambda column: column.map(levels.index))
    begun = aligned[aligned["standing"] != "not-started"].sort_values(
        "budget_eur", ascending=False, na_position="last", kind="stable"
    )
    columns = ["policy_id", "title", "level", "standing", "start_year", "end_year"]
    return Section(
        answer=_money_words(review, stands, by_level, at),
        charts={"money": _money_chart(review, stands, begun, at)}
        if begun["budget_eur"].notna().any()
        else {},
        tables={
            "money": _table(
                begun[[*columns, "budget_eur", "budget_published"]],
                "Published budget of each policy, in euros",
                "Blank: not published, or not found; never zero.",
            ),
            "money_by_level": _table(
                by_level, f"Policies standing in {at}, and those of them with a published budget, by level"
            ),
        },
        how_sure="High that the figures were published; medium that no other was, since only the openings of many sources could be read.",
        to_check="The budgets of the policies shown as “not published”, above all those the region decides itself.",
    )


def _money_words(review: Review, stands: pd.DataFrame, by_level: pd.DataFrame, year: int) -> str:
    hidden = int((~stands["budget_published"]).sum())
    closed = [
        review.vocabulary.label("level", code).replace("European", "EU").lower().replace("eu", "EU")
        for code in by_level.loc[by_level["published"] == 0, "level"]
    ]
    highest = stands[stands["budget_published"]].sort_values("budget_eur", ascending=False).head(1)
    words = f"{hidden} of {count(len(stands), 'policy', 'policies')} standing in {year} {_was(hidden, 'publishes', 'publish')} no budget that we found"
    words += f", among them every {listing(closed)} one. " if closed and hidden < len(stands) else ". "
    if len(highest):
        words += f"The largest published is EUR {highest['budget_eur'].iloc[0] / 1e6:,.1f} million, for {_titled(review, highest['policy_id'])}. "
    return f"{words}Budgets are not added up: they cover different territories and years, and one may sit inside another."


def _money_chart(review: Review, stands: pd.DataFrame, begun: pd.DataFrame, year: int) -> Any:
    levels = list(review.vocabulary.codes("level"))
    names = begun["policy_id"].map(_titles(review.pack.policies, 38))
    hidden = int((~stands["budget_published"]).sum())
    title = f"{hidden} of {count(len(stands), 'standing policy', 'standing policies')} {_was(hidden, 'publishes', 'publish')} no budget that we found"
    bars = pd.DataFrame(
        {
            "policy": names.where(begun["standing"] != "ended", "† " + names),
            "budget_eur": begun["budget_eur"],
            "level": begun["level"].map({code: review.vocabulary.label("level", code) for code in levels}),
            "level_rank": begun["level"].map(levels.index),
        }
    )
    return charts.chart_money(
        bars.reset_index(drop=True),
        title=title,
        subtitle=f"Whole published budget of each policy: all its years, all its territory; † ended by {year}",
        source="policies of the region pack",
        description=f"{title}. Budgets are not added: they cover different territories and years and may contain one another.",
    )
