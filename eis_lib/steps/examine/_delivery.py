"""Whether anything delivers the policies, whether policies back the services, and what they cost."""

from __future__ import annotations

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


def delivery(review: Review, *, year: int | None = None) -> Section:
    """Return which policies a standing service delivers, and which promises nothing stands behind."""
    at, pack = _years(review, year), review.pack
    aligned = policy.align_policies(pack.policies, pack.services, at)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    promises = _promises(review, at)
    bare = stands[stands["services_named"] == 0]
    lapsed = stands[stands["delivery"] == "no named service stands"]
    empty = int((promises["support"] == "no service").sum())
    untold = int((promises["support"] == "cannot be told").sum())
    without = int((promises["support"] != "own service").sum())
    by_year = policy.standing_by_year(pack.policies, range(at - 15, at + 1))
    nodes, edges = _chain(review, at)
    orphans, idle = int((nodes["broken"] & nodes["layer"].eq(0)).sum()), len(bare) + len(lapsed)
    title = _cap(
        f"{count(orphans, 'barrier')} {_was(orphans, 'has', 'have')} no standing policy; "
        + (
            f"{count(idle, 'policy', 'policies')} {_was(idle, 'has', 'have')} no standing service on record"
            if idle or stands.empty
            else "every policy has a standing service on record"
        )
    )
    chain = charts.chart_logic_chain(
        nodes,
        edges,
        title=title,
        subtitle=f"Policies standing in {at}, the barriers they name and the bodies whose services deliver them",
        source="policies and services of the region pack; barriers are our coding",
        description=f"{title}. A diamond marks what has no link on one side.",
    )
    sentences = [
        f"{len(stands) - idle} of {len(stands)} policies standing in {at} can point to a standing service; "
        f"{count(int((aligned['standing'] == 'ended').sum()), 'other')} had ended by then."
    ]
    if len(bare):
        sentences.append(
            f"The tables name no service for {_titled(review, bare['policy_id'])}: either nothing delivers it, or the link was never recorded."
        )
    if len(lapsed):
        sentences.append(
            f"Every service named for {_titled(review, lapsed['policy_id'])} has ended or not begun."
        )
    if without:
        sentences.append(
            f"Of {count(len(promises), 'promise')} (a policy and a barrier it names), {without} {_was(without, 'has', 'have')} no service of that policy behind {_was(without, 'it', 'them')}"
            + (f", {empty} no service of anybody" if empty else "")
            + (f"; of {untold} it can not be told whether anybody has one." if untold else ".")
        )
    titles = dict(zip(pack.policies["policy_id"], pack.policies["title"], strict=True))
    first = {"no service named": 0, "no named service stands": 1, "delivered": 2}
    order = {"no service": 0, "cannot be told": 1, "other service": 2, "own service": 3}
    return Section(
        answer=" ".join(sentences),
        charts={"logic_chain": chain},
        tables={
            "alignment": _table(
                aligned.iloc[aligned["delivery"].map(first).argsort(kind="stable")],
                f"Each policy, how it stands in {at} and what delivers it",
                f"{STANDING_NOTE} A policy without a service is one for which none is recorded.",
            ),
            "promises": _table(
                promises.assign(title=promises["policy_id"].map(titles)).iloc[
                    promises["support"].map(order).argsort(kind="stable")
                ],
                "Each barrier a standing policy names, and the services that answer it",
                "own: standing services the policy names that answer the barrier; others: standing services it does not name. Cannot "
                "be told: no kind of support is taken to answer the barrier, so only a service that names it could show.",
            ),
            "policies_by_year": _table(
                by_year,
                "Policies standing in each year",
                "Few policies late may mean a record nobody has kept up.",
            ),
        },
        how_sure="Medium: links to services follow the sources where they give them; objectives are not linked one by one, so delivery is judged per policy.",
        to_check="For each policy without a service: ask its owner who carries it out.",
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


def money(review: Review, *, year: int | None = None) -> Section:
    """Return which policies publish what they cost; a budget nobody published is a finding, not a zero."""
    at = _years(review, year)
    aligned = policy.align_policies(review.pack.policies, review.pack.services, at)
    order = {code: i for i, code in enumerate(review.vocabulary.codes("level"))}
    label = {code: review.vocabulary.label("level", code) for code in order}
    standing = aligned["standing"].isin(["in-force", "undated"])
    stands = aligned[standing]
    hidden = stands[~stands["budget_published"]]
    by_level = stands.groupby("level").agg(
        standing=("policy_id", "size"), published=("budget_published", "sum")
    )
    by_level = by_level.reset_index().sort_values("level", key=lambda column: column.map(order))
    closed = [
        label[code].replace("European", "EU").lower().replace("eu", "EU")
        for code in by_level.loc[by_level["published"] == 0, "level"]
    ]
    titles = _titles(review.pack.policies, 38)
    frame = aligned[aligned["standing"] != "not-started"].sort_values(
        "budget_eur", ascending=False, na_position="last", kind="stable"
    )
    title = f"{len(hidden)} of {count(len(stands), 'standing policy', 'standing policies')} {_was(len(hidden), 'publishes', 'publish')} no budget that we found"
    drawn = {}
    if frame["budget_eur"].notna().any():
        drawn["money"] = charts.chart_money(
            pd.DataFrame(
                {
                    "policy": [
                        ("" if on else "† ") + titles[key]
                        for key, on in zip(frame["policy_id"], standing[frame.index], strict=True)
                    ],
                    "budget_eur": frame["budget_eur"].to_numpy(),
                    "level": frame["level"].map(label).to_numpy(),
                    "level_rank": frame["level"].map(order).to_numpy(),
                }
            ),
            title=title,
            subtitle=f"Whole published budget of each policy: all its years, all its territory; † ended by {at}",
            source="policies of the region pack",
            description=f"{title}. Budgets are not added: they cover different territories and years and may contain one another.",
        )
    highest = stands[stands["budget_published"]].sort_values("budget_eur", ascending=False).head(1)
    answer = f"{len(hidden)} of {count(len(stands), 'policy', 'policies')} standing in {at} {_was(len(hidden), 'publishes', 'publish')} no budget that we found"
    answer += f", among them every {listing(closed)} one. " if closed and len(hidden) < len(stands) else ". "
    if len(highest):
        answer += f"The largest published is EUR {highest['budget_eur'].iloc[0] / 1e6:,.1f} million, for {_titled(review, highest['policy_id'])}. "
    answer += "Budgets are not added up: they cover different territories and years, and one may sit inside another."
    columns = [
        "policy_id",
        "title",
        "level",
        "standing",
        "start_year",
        "end_year",
        "budget_eur",
        "budget_published",
    ]
    return Section(
        answer=answer,
        charts=drawn,
        tables={
            "money": _table(
                frame[columns],
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
