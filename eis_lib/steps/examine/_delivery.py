"""Whether anything delivers the policies, whether policies back the services, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import policy
from eis_lib.methods.landscape import list_items
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.examine._view import (
    _barrier,
    _bodies,
    _fullest_year,
    _promises,
    _service_barriers,
    _standing_note,
    _standing_rows,
    _table,
    _titled,
    _titles,
    _years,
)
from eis_lib.steps.shared.landscape import reaching
from eis_lib.steps.shared.words import _short_title, words_of

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
    words = words_of(__file__, review, year=at)
    return Section(
        answer=_delivery_words(review, seen, words),
        charts={"logic_chain": _chain_chart(review, seen, words)},
        tables={
            "alignment": _table(
                seen.aligned.iloc[seen.aligned["delivery"].map(worst.index).argsort(kind="stable")],
                words.alignment_caption(),
                sentences(_standing_note(review), words.alignment_note()),
            ),
            "promises": _table(
                seen.promises.assign(title=seen.promises["policy_id"].map(titles)).iloc[
                    seen.promises["support"].map(weakest.index).argsort(kind="stable")
                ],
                words.promises_caption(),
                words.promises_note(),
            ),
            "policies_by_year": _table(
                policy.standing_by_year(policies, range(at - 15, at + 1)),
                words.by_year_caption(),
                words.by_year_note(),
            ),
        },
        how_sure=words.delivery_sure(),
        to_check=words.delivery_to_check(),
    )


def _delivery_words(review: Review, seen: _Delivery, words: Words) -> str:
    """Return how many policies can point to a service, why the others cannot, and which promises have none."""
    served, unserved, lapsed = len(seen.stands) - seen.idle, seen.unserved, seen.lapsed
    support = seen.promises["support"]
    empty, untold = int((support == "no service").sum()), int((support == "cannot be told").sum())
    without = int((support != "own service").sum())
    return sentences(
        words.delivered(served, len(seen.stands), int((seen.aligned["standing"] == "ended").sum())),
        words.no_service_named(_titled(review, unserved["policy_id"])) if len(unserved) else "",
        words.no_named_service_stands(_titled(review, lapsed["policy_id"])) if len(lapsed) else "",
        words.promises_unkept(len(support), without, empty, untold) if without else "",
    )


def _chain_chart(review: Review, seen: _Delivery, words: Words) -> Any:
    nodes, edges = _chain(review, seen.year)
    orphans = int((nodes["broken"] & nodes["layer"].eq(0)).sum())
    title = words.chain_title(orphans, seen.idle, len(seen.stands))
    return charts.chart_logic_chain(
        nodes,
        edges,
        title=title,
        subtitle=words.chain_subtitle(),
        source=words.chain_source(),
        description=words.chain_description(title),
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
    most = backed.loc[backed["backing"] != charts.BACKING[0], "provider_id"].value_counts()
    words = words_of(__file__, review, year=at)
    ties = [words.tied(name, counts[name]) for name in charts.BACKING[1:] if counts[name]]
    rank = {name: i for i, name in enumerate(reversed(charts.BACKING))}
    first = str(most.index[0]) if len(most) else ""
    return Section(
        answer=sentences(
            words.services_unnamed(unnamed, total, unnamed / max(total, 1), ties),
            _then_words(review, at),
            words.most_with(plain(_bodies(review).get(first, first)), most.iloc[0]) if first else "",
        ),
        charts={"services_backed": _backed_chart(review, backed, counts, undated, words)},
        tables={
            "services_backed": _table(
                backed.iloc[backed["backing"].map(rank).argsort(kind="stable")],
                words.backed_caption(),
                words.backed_note(),
            )
        },
        how_sure=words.backed_sure(),
        to_check=words.backed_to_check(),
    )


def _backed_chart(review: Review, backed: pd.DataFrame, counts: pd.Series, undated: int, words: Words) -> Any:
    frame = (
        backed.groupby(["support_type", "backing"], as_index=False)
        .size()
        .rename(columns={"size": "services"})
    )
    frame["support_type"] = [review.vocabulary.label("support_type", code) for code in frame["support_type"]]
    title = words.backed_title(len(backed) - int(counts[charts.BACKING[0]]), len(backed))
    return charts.chart_backing(
        frame,
        title=title,
        subtitle=words.backed_subtitle(undated),
        source=words.backed_source(),
        description=words.backed_description(title, counts[charts.BACKING[1]], counts[charts.BACKING[4]]),
    )


def _then_words(review: Review, year: int) -> str:
    """Return how services were backed in the year for which the record is fullest, if that is another year."""
    fullest, _ = _fullest_year(review.pack.policies, year)
    if fullest == year:
        return ""
    then = policy.align_services(reaching(review), review.pack.policies, fullest, _service_barriers(review))
    unnamed = int((then["backing"] != charts.BACKING[0]).sum())
    return words_of(__file__, review).then(fullest, unnamed, len(then), unnamed / max(len(then), 1))


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
    words = words_of(__file__, review, year=at)
    return Section(
        answer=_money_words(review, stands, by_level, words),
        charts={"money": _money_chart(review, stands, begun, words)}
        if begun["budget_eur"].notna().any()
        else {},
        tables={
            "money": _table(
                begun[[*columns, "budget_eur", "budget_published"]],
                words.money_caption(),
                words.money_note(),
            ),
            "money_by_level": _table(by_level, words.by_level_caption()),
        },
        how_sure=words.money_sure(),
        to_check=words.money_to_check(),
    )


def _money_words(review: Review, stands: pd.DataFrame, by_level: pd.DataFrame, words: Words) -> str:
    hidden = int((~stands["budget_published"]).sum())
    closed = [
        review.vocabulary.label("level", code).replace("European", "EU").lower().replace("eu", "EU")
        for code in by_level.loc[by_level["published"] == 0, "level"]
    ]
    highest = stands[stands["budget_published"]].sort_values("budget_eur", ascending=False).head(1)
    return sentences(
        words.budgets(hidden, len(stands), closed if hidden < len(stands) else []),
        *(
            words.largest_budget(euros / 1e6, _titled(review, highest["policy_id"]))
            for euros in highest["budget_eur"]
        ),
        words.not_added_up(),
    )


def _money_chart(review: Review, stands: pd.DataFrame, begun: pd.DataFrame, words: Words) -> Any:
    levels = list(review.vocabulary.codes("level"))
    names = begun["policy_id"].map(_titles(review.pack.policies, 38))
    title = words.money_title(int((~stands["budget_published"]).sum()), len(stands))
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
        subtitle=words.money_subtitle(),
        source=words.money_source(),
        description=words.money_description(title),
    )
