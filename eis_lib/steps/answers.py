"""What a chart answers when a mark in it is picked: the services behind a cell, why two services were paired, a journey.

Each answer is a section like any other: the review and what was picked in, answer and table out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.pack.facets import BENEFICIARY_FACETS, SCHEMES
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps import map as map_step
from eis_lib.steps import test as test_step
from eis_lib.steps.shared.landscape import view
from eis_lib.steps.shared.words import words_of

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
    words = words_of(__file__, review)
    cells = _cells(review, by, facet)
    cell = cells[(cells["down"] == down) & (cells["over"] == over)]
    if cell.empty:
        return Section(answer=words.no_such_cell())
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
    if frame.empty:
        is_unknown = str(cell["status"].iloc[0]) == landscape.UNKNOWN
        return Section(answer=words.empty_cell(plain(down), plain(over), is_unknown))
    providers, dated = int(frame["provider"].nunique()), int(cell["dated"].iloc[0])
    return Section(
        answer=words.cell(plain(down), plain(over), len(frame), providers, dated),
        tables={
            "services_behind": Table(frame, words.services_caption(down, over), words.services_note()),
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


_FACETS: Mapping[str, Sequence[tuple[str, str]]] = MappingProxyType(
    {
        "goal": (("need_area", "barrier"),),
        "activity": (("support_type", "support_type"), ("journey_stages", "journey_stage")),
        "beneficiary": tuple(BENEFICIARY_FACETS.items()),
    }
)


def why_paired(
    review: Review,
    *,
    first: str,
    second: str,
    duplication_share: float | None = None,
    year: int | None = None,
) -> Section:
    """Return limb by limb what two services share and what only one of them has, and what follows.

    Parameters
    ----------
    first, second : str
        Identifiers of two services that count in the year.
    """
    words = words_of(__file__, review)
    if first == second:
        return Section(answer=words.same_twice())
    now = view(review, year)
    both = now.counted[now.counted["service_id"].isin((first, second))].set_index("service_id", drop=False)
    if len(both) < 2:
        return Section(answer=words.not_counted(now.year))
    found = test_step.pairs_among(review, both.reset_index(drop=True), duplication_share)
    names = [plain(both.loc[name, "name"]) for name in (first, second)]
    if found.empty:
        answer, sure = words.no_pair(*names), words.no_pair_sure()
    else:
        pair = found.iloc[0]
        answer, sure = words.pair(*names, pair), words.pair_sure(pair["periods"])
    sources = both[["name", "source_title", "source_url"]].rename(
        columns={"name": "service", "source_title": "source"}
    )
    return Section(
        answer=answer,
        tables={
            "why_paired": Table(
                _limb_by_limb(review, both.loc[first], both.loc[second], words), words.limbs_caption()
            ),
            "sources": Table(sources.reset_index(drop=True), words.sources_caption()),
        },
        how_sure=sure,
    )


def _limb_by_limb(review: Review, first: Any, second: Any, words: Words) -> pd.DataFrame:
    """Return for each facet of each limb the codes that both services have, and those that only one has."""
    rows = []
    for limb, facets in _FACETS.items():
        for column, scheme in facets:
            left, right = _as_codes(first.get(column)), _as_codes(second.get(column))
            label = {code: review.vocabulary.label(scheme, code) for code in (*left, *right)}
            rows.append(
                {
                    "limb": review.vocabulary.label("limb", limb),
                    "compared_on": words.facet(column),
                    "in_both": "; ".join(label[c] for c in left if c in right) or words.nothing(),
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
    tail = words_of(__file__, review).hand_offs(len(handed), handed.count("warm"), handed.count("cold"))
    return Section(sentences(made.answer, tail), made.charts, {}, made.how_sure, made.to_check)


WALK = Answer(
    hint="Click a persona's line in the chart, or choose one here, to watch its path: where it changes hands and where it ends",
    picks=MappingProxyType({"persona": "Persona"}),
    options=_persona_options,
    find=_clicked_persona,
    section=walk,
)
