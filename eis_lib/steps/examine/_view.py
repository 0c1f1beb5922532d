"""What the sections of step 2 share: policies, barriers and bodies with their names, and how they stand."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from eis_lib.methods import landscape, policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Table, plain
from eis_lib.steps.shared.landscape import reaching, untold_needs
from eis_lib.steps.shared.needs import _weights
from eis_lib.steps.shared.words import _short_title, words_of


def _standing_note(review: Review) -> str:
    return words_of(__file__, review).standing_note()


def _years(review: Review, year: int | None) -> int:
    return review.year if year is None else int(year)


def _barrier(review: Review, code: str) -> str:
    return review.vocabulary.label("barrier", code)


def _barriers(review: Review, codes: Iterable[str]) -> list[str]:
    return [f"*{_barrier(review, code)}*" for code in codes]


def _titles(policies: pd.DataFrame, most: int = 40) -> dict[str, str]:
    """Return a short label per policy, unique: titles cut to the same text keep their last word, else their id."""
    whole = {str(row.policy_id): str(row.title) for row in _each_row(policies)}
    found: dict[str, str] = {}
    for key, title in whole.items():
        alike = [other for other in whole.values() if _short_title(other, most) == _short_title(title, most)]
        last = title.split()[-1]
        tail = last if sum(other.split()[-1] == last for other in alike) == 1 else key
        found[key] = (
            _short_title(title, most)
            if len(alike) == 1
            else f"{_short_title(title, most - len(tail) - 1)} {tail}"
        )
    return found


def _bodies(review: Review) -> dict[str, str]:
    """Return the English name of each provider."""
    return dict(zip(review.pack.providers["provider_id"], review.pack.providers["name_en"], strict=True))


def _titled(review: Review, ids: Iterable[str]) -> list[str]:
    titles = dict(zip(review.pack.policies["policy_id"], review.pack.policies["title"], strict=True))
    return [f"“{plain(_short_title(titles.get(key, key), 60))}”" for key in ids]


def _standing_rows(frame: pd.DataFrame, year: int) -> pd.DataFrame:
    return frame[policy.standing(frame, year).isin(["in-force", "undated"])]


@once_per_review
def _service_barriers(review: Review) -> pd.DataFrame:
    return policy.derive_service_barriers(review.pack.services, review.common.support_type_barriers)


def _table(frame: pd.DataFrame, caption: str, note: str = "") -> Table:
    return Table(frame.reset_index(drop=True), caption, note)


def _faceted(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    return landscape.add_facets(
        services, review.pack.providers, review.common.support_type_barriers, review.pack.codings
    )


@once_per_review
def _coverage(review: Review, weights: str | None, year: int) -> tuple[pd.DataFrame, pd.Series | None, str]:
    frame, survey, words = _weights(review, weights, year)
    running = _standing_rows(reaching(review), year)
    links = _service_barriers(review)
    links = links[links["service_id"].isin(running["service_id"])]
    found = policy.cover_barriers(review.pack.policies, frame, year, links)
    blind = found["barrier"].isin(untold_needs(review, _faceted(review, running))) & found["services"].eq(0)
    return found.assign(services=found["services"].mask(blind)), survey, words


def _promises(review: Review, year: int) -> pd.DataFrame:
    pack = review.pack
    untold = untold_needs(review, _faceted(review, _standing_rows(pack.services, year)))
    return policy.align_promises(pack.policies, pack.services, year, _service_barriers(review), untold=untold)


def _gaps(coverage: pd.DataFrame) -> pd.DataFrame:
    """Return the barriers that firms name and no standing policy does, most named first."""
    bare = coverage[
        coverage["weight"].notna()
        & coverage["coverage"].isin(["no policy", "lapsed or not begun", "unknown"])
    ]
    return bare.sort_values("weight", ascending=False, kind="stable")


def _measurements(review: Review) -> pd.DataFrame | None:
    return review.pack.measurements if review.pack.has("measurements") else None


@once_per_review
def _faults(review: Review, year: int) -> pd.DataFrame:
    coverage, _, _ = _coverage(review, None, year)
    asked = coverage[coverage["weight"].notna()].sort_values("weight", ascending=False, kind="stable")
    return policy.logic_faults(
        review.pack.policies, reaching(review), list(asked["barrier"]), year, _measurements(review)
    )


@once_per_review
def _roles(review: Review, year: int) -> pd.DataFrame:
    recorded = review.pack.governance if review.pack.has("governance") else None
    return policy.governance_roles(
        review.pack.policies, review.pack.services, year, recorded, review.pack.providers
    )


def _fullest_year(policies: pd.DataFrame, year: int) -> tuple[int, int]:
    """Return the latest year, up to the one looked at, in which most dated policies were in force, and how many stood."""
    table = policy.standing_by_year(policies, range(year - 15, year + 1))
    best = table[table["in_force"] == table["in_force"].max()].iloc[-1]
    return int(best["year"]), int(best["in_force"] + best["undated"])
