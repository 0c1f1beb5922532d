"""What a chart answers when a mark in it is picked: the services behind a cell, why two services were paired, a journey.

Each answer is a section like any other: the review and what was picked in, answer and table out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.language.english import count, listing
from eis_lib.methods import landscape, overlap
from eis_lib.pack.facets import BENEFICIARY_FACETS, SCHEMES
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps import map as map_step
from eis_lib.steps import test as test_step
from eis_lib.steps.shared.landscape import view

Options = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class Answer:
    """What can be picked beside a chart, and the section that answers.

    Attributes
    ----------
    hint : str
        What the reader is told to do.
    picks : mapping of str to str
        Keyword of `section` → label of its drop-down.
    options : callable
        The review and the choices of the chart's section in; for each pick (label, value) out.
    find : callable
        The review and the row of data behind a clicked mark in; value of each pick out, or nothing.
    section : callable
    """

    hint: str
    picks: Mapping[str, str]
    options: Callable[..., Options]
    find: Callable[[Review, Mapping[str, Any]], Mapping[str, str]]
    section: Callable[..., Section]


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


# --- the services behind a cell of the coverage map --------------------------------------------------------------


def _cells(review: Review, by: str, facet: str | None) -> pd.DataFrame:
    across = facet or review.parameters.facet
    cells = map_step.coverage_cells(review, by, across)
    return cells.assign(
        down=[_facet_label(review, by, code) for code in cells["code_a"]],
        over=[_facet_label(review, across, code) for code in cells["code_b"]],
    )


def _facet_label(review: Review, facet: str, code: str) -> str:
    if code == landscape.UNKNOWN:
        return "Not recorded"
    return review.vocabulary.label(SCHEMES[facet], code)


def _cell_options(review: Review, *, by: str = "support_type", facet: str | None = None) -> Options:
    cells = _cells(review, by, facet)
    return {name: [(label, label) for label in dict.fromkeys(cells[name])] for name in ("down", "over")}


def _clicked_cell(_review: Review, row: Mapping[str, Any]) -> Mapping[str, str]:
    if "row" not in row or "column" not in row:
        return {}
    return {"down": _one_line(row["row"]), "over": _one_line(row["column"])}


def services_behind(
    review: Review, *, down: str, over: str, by: str = "support_type", facet: str | None = None
) -> Section:
    """Return the services behind one cell of the coverage map, each with its source.

    Parameters
    ----------
    down, over : str
        Labels of the cell's row and column.
    by, facet : str
        The facets down and across.
    """
    cells = _cells(review, by, facet)
    cell = cells[(cells["down"] == down) & (cells["over"] == over)]
    if cell.empty:
        return Section(answer="This cell is not in the chart as it is drawn now.")
    ids = tuple(cell["service_ids"].iloc[0])
    found = review.pack.services[review.pack.services["service_id"].isin(ids)]
    bodies = dict(zip(review.pack.providers["provider_id"], review.pack.providers["name_en"], strict=True))
    frame = pd.DataFrame(
        {
            "service": found["name"],
            "provider": [bodies.get(name, name) for name in found["provider_id"]],
            "start_year": found["start_year"],
            "end_year": found["end_year"],
            "evidence": [review.vocabulary.label("evidence", code) for code in found["evidence"]],
            "source": found["source_title"],
            "source_url": found["source_url"],
            "service_id": found["service_id"],
        }
    ).sort_values(["provider", "service"], kind="stable", ignore_index=True)
    where = f"*{plain(down)}* × *{plain(over)}*"
    status = str(cell["status"].iloc[0])
    if frame.empty:
        words = (
            "can not be told: a facet of some service is not recorded"
            if status == landscape.UNKNOWN
            else "holds no service on record, which does not say that there is none"
        )
        return Section(answer=f"{where} {words}.")
    dated = int(cell["dated"].iloc[0])
    return Section(
        answer=f"{where} holds **{count(len(frame), 'service')}** of {count(frame['provider'].nunique(), 'provider')}, "
        f"{dated} of them with both years on record.",
        tables={
            "services_behind": Table(
                frame,
                f"Services behind {down} × {over}",
                "Rows of services.csv; correct them in the grid above.",
            )
        },
    )


SERVICES_BEHIND = Answer(
    hint="Click a cell of the chart, or choose one here, to see the services behind it and their sources",
    picks=MappingProxyType({"down": "Row", "over": "Column"}),
    options=_cell_options,
    find=_clicked_cell,
    section=services_behind,
)


# --- why two services were paired --------------------------------------------------------------------------------


def _pair_options(review: Review, *, year: int | None = None, **_choices: object) -> Options:
    paired = view(review, year).counted.sort_values("name", kind="stable")
    listed = [
        (f"{name} ({key})", str(key)) for name, key in zip(paired["name"], paired["service_id"], strict=True)
    ]
    return {"first": listed, "second": listed}


def _clicked_pair(review: Review, row: Mapping[str, Any]) -> Mapping[str, str]:
    if "pair_id" not in row:
        return {}
    left, _, right = str(row["pair_id"]).partition("~")
    known = set(review.pack.services["service_id"])
    return {"first": left, "second": right} if {left, right} <= known else {}


_FACETS: Mapping[str, Sequence[tuple[str, str, str]]] = MappingProxyType(
    {
        "goal": (("need_area", "barrier", "needs"),),
        "activity": (
            ("support_type", "support_type", "kind of support"),
            ("journey_stages", "journey_stage", "stages"),
        ),
        "beneficiary": tuple(
            (facet, scheme, facet.replace("_", " ")) for facet, scheme in BENEFICIARY_FACETS.items()
        ),
    }
)


def why_paired(
    review: Review,
    *,
    first: str,
    second: str,
    similarity_threshold: float | None = None,
    year: int | None = None,
) -> Section:
    """Return limb by limb what two services share and what only one of them has, and what follows.

    Parameters
    ----------
    first, second : str
        Identifiers of two services that count in the year.
    """
    if first == second:
        return Section(answer="Choose two different services.")
    now = view(review, year)
    both = now.counted[now.counted["service_id"].isin((first, second))].set_index("service_id", drop=False)
    if len(both) < 2:
        return Section(answer=f"One of the two does not count in {now.year}.")
    settings = review.parameters
    threshold = settings.similarity_threshold if similarity_threshold is None else similarity_threshold
    found = overlap.find_candidates(
        both.reset_index(drop=True),
        review.vocabulary,
        territory=review.pack.region.nuts_code,
        threshold=threshold,
        duplication_containment=settings.duplication_containment,
        minimum_grade=1,
    )
    names = " and ".join(f"“{plain(both.loc[name, 'name'])}”" for name in (first, second))
    if found.empty:
        answer = (
            f"{names} are **not a pair**: no limb matches from a share of {threshold:g}, or they are not compared "
            "at all because they do not run at the same time in the same territory, or belong to one scheme."
        )
        sure = "high for the rule; the codes are our reading of the sources."
    else:
        answer = f"{names}: {_pair_words(review, found.iloc[0], threshold)}"
        sure = f"low to medium; the periods are {plain(found.iloc[0]['periods'])}, and a pair is a candidate until people have decided."
    sources = both[["name", "source_title", "source_url"]].rename(
        columns={"name": "service", "source_title": "source"}
    )
    return Section(
        answer=answer,
        tables={
            "why_paired": Table(
                _limb_by_limb(review, both.loc[first], both.loc[second]),
                "What the two services share, limb by limb",
            ),
            "sources": Table(sources.reset_index(drop=True), "Where the two are described"),
        },
        how_sure=sure,
    )


def _pair_words(review: Review, pair: Any, threshold: float) -> str:
    limbs = []
    for limb in overlap.LIMBS:
        share, inside = float(pair[f"{limb}_jaccard"]), float(pair[f"{limb}_containment"])
        word = review.vocabulary.label("limb", limb).lower()
        limbs.append(
            f"{word}: cannot be compared, a code is missing"
            if math.isnan(share)
            else f"{word} **{'matches' if pair[limb] else 'differs'}** (share in common {share:.2f}, smaller inside larger {inside:.2f})"
        )
    listed = int(pair["grade"]) >= int(review.parameters.minimum_grade)
    return (
        f"**{plain(pair['pair_class'])}**, {count(int(pair['grade']), 'limb')} of 3 – {'; '.join(limbs)}. "
        f"A limb matches from a share of {threshold:g}, or where one lies wholly inside the other; "
        + ("that is enough to be listed." if listed else "that is too little to be listed.")
    )


def _limb_by_limb(review: Review, first: Any, second: Any) -> pd.DataFrame:
    """Return for each facet of each limb the codes that both services have, and those that only one has."""
    rows = []
    for limb, facets in _FACETS.items():
        for column, scheme, words in facets:
            left, right = _as_codes(first.get(column)), _as_codes(second.get(column))
            label = {code: review.vocabulary.label(scheme, code) for code in (*left, *right)}
            rows.append(
                {
                    "limb": review.vocabulary.label("limb", limb),
                    "compared_on": words,
                    "in_both": "; ".join(label[c] for c in left if c in right) or "nothing",
                    "only_in_the_first": "; ".join(label[c] for c in left if c not in right) or "–",
                    "only_in_the_second": "; ".join(label[c] for c in right if c not in left) or "–",
                }
            )
    return pd.DataFrame(rows)


def _as_codes(value: Any) -> tuple[str, ...]:
    if isinstance(value, (tuple, list)):
        return tuple(str(code) for code in value)
    return () if landscape.is_missing(value) else (str(value),)


WHY_PAIRED = Answer(
    hint="Click a pair in the chart, or choose any two services, to see why they are paired or why not",
    picks=MappingProxyType({"first": "First service", "second": "Second service"}),
    options=_pair_options,
    find=_clicked_pair,
    section=why_paired,
)


# --- one persona's journey ---------------------------------------------------------------------------------------


def _persona_options(review: Review, **_choices: object) -> Options:
    return {"persona": [(label, key) for label, key in test_step.persona_choices(review).items() if key]}


def _clicked_persona(review: Review, row: Mapping[str, Any]) -> Mapping[str, str]:
    key = test_step.persona_choices(review).get(_one_line(row.get("persona", row.get("value", ""))))
    return {"persona": key} if key else {}


def walk(review: Review, *, persona: str, year: int | None = None) -> Section:
    """Return one persona's path: where it changes hands, and where it ends."""
    made = test_step.one_journey(review, persona=persona, year=year)
    paths = review.earlier("test", "journey_paths") if year is None else None
    if paths is None:
        return made
    own = paths[(paths["persona_id"] == persona) & (paths["path"] == "best")]
    handed = [str(h) for h in own["hand_off"] if str(h) in {"cold", "warm"}] if "hand_off" in own else []
    words = listing([f"{handed.count(kind)} {kind}" for kind in ("warm", "cold") if kind in handed])
    tail = f" On its best path it changes hands {count(len(handed), 'time')} ({words})." if handed else ""
    return Section(f"{made.answer}{tail}", made.charts, {}, made.how_sure, made.to_check)


WALK = Answer(
    hint="Click a persona's line in the chart, or choose one here, to watch its path: where it changes hands and where it ends",
    picks=MappingProxyType({"persona": "Persona"}),
    options=_persona_options,
    find=_clicked_persona,
    section=walk,
)
