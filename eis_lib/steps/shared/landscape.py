"""The landscape of a year, the same for every step: its services, who is let in, how need is met, how personas walk it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import gaps, journey, landscape
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.shared.words import _short_name


@dataclass(frozen=True, eq=False)
class View:
    """The landscape of one year as the sections see it.

    ``listed`` is every service of the pack with its facets, ``current`` those that count in the year, ``services`` those of
    them that are meant for firms of the region, ``counted`` those again without schemes whose parts are listed beside
    them. ``referrals`` are those between ``services``; None where there are none on record.
    """

    year: int
    listed: pd.DataFrame
    current: pd.DataFrame
    services: pd.DataFrame
    counted: pd.DataFrame
    referrals: pd.DataFrame | None

    @property
    def total(self) -> int:
        """Return the number of services for firms that are counted."""
        return len(self.counted)


def view(review: Review, year: int | None = None) -> View:
    """Return the landscape of the review's year, or of another."""
    return _view(review, review.year if year is None else year)


@once_per_review
def _view(review: Review, year: int) -> View:
    listed = _listed(review)
    current = landscape.in_force(listed, year)
    services = landscape.reaches_smes(current)
    counted = _without_umbrellas(review, services)
    return View(year, listed, current, services, counted, referrals_between(review, services))


@once_per_review
def _listed(review: Review) -> pd.DataFrame:
    pack = review.pack
    return landscape.add_facets(
        pack.services, pack.providers, review.common.support_type_barriers, pack.codings
    )


@once_per_review
def _umbrellas(review: Review) -> dict[str, frozenset[str]]:
    """Return the schemes each service of the pack is a part of, in whatever year."""
    return landscape.umbrellas(review.pack.services)


def _without_umbrellas(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    above = _umbrellas(review)
    over = frozenset().union(*(above[service] for service in services["service_id"].tolist()))
    return services[~services["service_id"].isin(over)].reset_index(drop=True)


@once_per_review
def reaching(review: Review) -> pd.DataFrame:
    """Return the services of any year that reach resident firms, a scheme whose parts are listed left out."""
    return _without_umbrellas(review, landscape.reaches_smes(review.pack.services))


def referrals_between(review: Review, services: pd.DataFrame) -> pd.DataFrame | None:
    """Return the recorded referrals between these services; None where there are none."""
    if not review.pack.has("referrals"):
        return None
    here = set(services["service_id"])
    rows = review.pack.referrals
    rows = rows[rows["from_service"].isin(here) & rows["to_service"].isin(here)]
    return rows.reset_index(drop=True) if len(rows) else None


def fits_of(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    """Return who is let in where, of services that need not be the pack's."""
    return journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)


@once_per_review
def fits_in(review: Review, now: View) -> pd.DataFrame:
    """Return who is let in where in the landscape of a year; what is the same in every year is found out once."""
    whole = _all_fits(review)
    return whole[whole["service_id"].isin(now.services["service_id"])].reset_index(drop=True)


@once_per_review
def _all_fits(review: Review) -> pd.DataFrame:
    return fits_of(review, _listed(review))


def untold_needs(review: Review, services: pd.DataFrame) -> frozenset[str]:
    """Return the needs that our coding cannot reach: that none of these services answers one of them says nothing."""
    codes = review.vocabulary.codes("barrier")
    return landscape.untold_needs(services, codes, review.common.support_type_barriers)


def judge_demand(
    review: Review, cells: pd.DataFrame, services: pd.DataFrame, let_in: pd.DataFrame
) -> pd.DataFrame:
    """Return demand cells judged against services: see :func:`eis_lib.methods.gaps.judge_cells`."""
    return gaps.judge_cells(
        cells,
        services,
        let_in,
        referrals_between(review, services),
        untold=untold_needs(review, services),
        searched=needs_searched(review),
    )


def kinds_searched(review: Review) -> dict[str, str]:
    """Return kind of support → what became of the search for it."""
    searches = review.pack.searches if review.pack.has("searches") else None
    return gaps.kinds_searched(searches, review.vocabulary.codes("support_type"))


@once_per_review
def needs_searched(review: Review) -> dict[str, str]:
    """Return need → what became of the search for services that answer it."""
    codes = review.vocabulary.codes("barrier")
    return gaps.needs_searched(kinds_searched(review), codes, review.common.support_type_barriers)


@once_per_review
def _land(review: Review) -> journey.Landscape:
    """Return the landscape of the pack, whatever the year, with all routes."""
    referrals = review.pack.referrals if review.pack.has("referrals") else None
    return journey.build_landscape(
        _listed(review), review.pack.providers, review.vocabulary, referrals, self_found=True
    )


@once_per_review
def walk_journeys(review: Review, now: View) -> tuple[journey.Journeys, journey.Journeys | None]:
    """Return the journeys of a year on all routes, and on recorded referrals alone where there are any."""
    land = _land(review).only(set(now.services["service_id"].astype(str)))
    on_all = journey.walk_all(land, review.common.personas, fits_in(review, now))
    return on_all, None if now.referrals is None else on_all.on_recorded_routes()


@once_per_review
def provider_names(review: Review, most: int = 34) -> dict[str, str]:
    """Return provider → its name in English, cut to what a chart can show."""
    return {
        row.provider_id: _short_name(row.name if landscape.is_missing(row.name_en) else row.name_en, most)
        for row in _each_row(review.pack.providers)
    }


@once_per_review
def service_names(review: Review) -> dict[str, str]:
    """Return service → its name."""
    return dict(zip(review.pack.services["service_id"], review.pack.services["name"], strict=True))


def journey_stages(review: Review) -> tuple[str, ...]:
    """Return the stages of the journey, in order."""
    return review.vocabulary.codes("journey_stage")
