"""The landscape of a year: its services, who is let in, how need is met, and how personas walk it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eis_lib.methods import gaps, journey, landscape
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.steps.shared.words import _short_name


@once_per_review
def _reaching(review: Review) -> pd.DataFrame:
    """Return the services that reach resident firms, a scheme whose parts are listed left out."""
    services = landscape.reaches_smes(review.pack.services)
    above = landscape.umbrellas(review.pack.services)
    over = {scheme for key in services["service_id"] for scheme in above[key]}
    return services[~services["service_id"].isin(over)].reset_index(drop=True)


def _untold_barriers(review: Review, running: pd.DataFrame) -> frozenset[str]:
    """Return the barriers that our coding can not reach: that none of these services answers one of them says nothing."""
    coding = review.common.support_type_barriers
    faceted = landscape.add_facets(running, review.pack.providers, coding)
    return landscape.untold_needs(faceted, review.vocabulary.codes("barrier"), coding)


@dataclass(frozen=True, eq=False)
class YearListed:
    """The landscape of one year as the sections see it.

    ``listed`` is every service of the pack with its facets, ``current`` those that count in the year, ``smes`` those of
    them that are meant for firms of the region.
    """

    year: int
    listed: pd.DataFrame
    current: pd.DataFrame
    smes: pd.DataFrame

    @property
    def counted(self) -> pd.DataFrame:
        """Return the services for firms that are counted: ``smes`` without the umbrellas of other rows in it."""
        above = landscape.umbrellas(self.smes)
        over = frozenset().union(*above.values())
        return self.smes[~self.smes["service_id"].isin(over)].reset_index(drop=True)

    @property
    def total(self) -> int:
        """Return the number of services for firms that are counted."""
        return len(self.counted)


def year_listed(review: Review, year: int | None = None) -> YearListed:
    """Return the landscape of the review's year, or of another."""
    return _year_listed(review, review.year if year is None else year)


@once_per_review
def _year_listed(review: Review, chosen: int) -> YearListed:
    pack = review.pack
    listed = landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)
    current = landscape.in_force(listed, chosen)
    return YearListed(chosen, listed, current, landscape.reaches_smes(current))


@once_per_review
def _services(review: Review) -> pd.DataFrame:
    pack = review.pack
    listed = landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)
    return landscape.reaches_smes(landscape.in_force(listed, review.year))


def _fits_of(review: Review, services: pd.DataFrame) -> pd.DataFrame:
    return journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)


def _all_referrals(review: Review) -> pd.DataFrame | None:
    return review.pack.referrals if review.pack.has("referrals") else None


def _judged(review: Review, services: pd.DataFrame, fits: pd.DataFrame) -> pd.DataFrame:
    cells = review.earlier("test", "gap_cells")[["persona_id", "stage", "need", "weight"]]
    coding = review.common.support_type_barriers
    untold = landscape.untold_needs(services, review.vocabulary.codes("barrier"), coding)
    return gaps.judge_cells(cells, services, fits, _all_referrals(review), untold=untold)


@dataclass(frozen=True)
class Walk:
    """Personas in one landscape: on all routes, and on recorded referrals alone where there are any."""

    cells: pd.DataFrame
    free: journey.Journeys
    recorded: journey.Journeys | None


def _walk(review: Review, services: pd.DataFrame) -> Walk:
    fits = _fits_of(review, services)
    referrals = _all_referrals(review)

    land = journey.build_landscape(
        services, review.pack.providers, review.vocabulary, referrals, self_found=True
    )
    free = journey.walk_all(land, review.common.personas, fits)
    return Walk(
        _judged(review, services, fits),
        free,
        free.on_recorded_routes() if referrals is not None else None,
    )


@once_per_review
def _smes(review: Review, year: int) -> pd.DataFrame:
    pack = review.pack
    listed = landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)
    return landscape.reaches_smes(landscape.in_force(listed, year))


def _cells(review: Review, year: int, weights: pd.Series | None = None) -> pd.DataFrame:
    """Return the judged demand cells of a year, weighed as step 2 weighed need unless weights are given."""
    if weights is None:
        weights = review.earlier("examine", "demand").set_index("barrier")["weight"]
        weights = weights.reindex(list(review.vocabulary.codes("barrier")))
    services = _smes(review, year)
    stages = review.vocabulary.codes("journey_stage")
    cells = gap_rules.demand_cells(review.common.personas, stages, gap_rules.weigh_needs(weights))
    fits = journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)
    coding = review.common.support_type_barriers
    untold = landscape.untold_needs(services, review.vocabulary.codes("barrier"), coding)
    return gap_rules.judge_cells(cells, services, fits, _referrals_between(review, services), untold=untold)


def _referrals_between(review: Review, services: pd.DataFrame) -> pd.DataFrame | None:
    if not review.pack.has("referrals"):
        return None
    here = set(services["service_id"])
    rows = review.pack.referrals
    rows = rows[rows["from_service"].isin(here) & rows["to_service"].isin(here)]
    return rows.reset_index(drop=True) if len(rows) else None


@once_per_review
def _journey_measures(review: Review, year: int) -> pd.DataFrame:
    services = _smes(review, year)
    fits = journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)
    land = journey.build_landscape(
        services,
        review.pack.providers,
        review.vocabulary,
        _referrals_between(review, services),
        self_found=True,
    )
    return journey.walk_all(land, review.common.personas, fits).measures


@dataclass(frozen=True, eq=False)
class View:
    """The landscape of one year as the sections of this step see it.

    ``current`` is every service that counts in the year, with its facets; ``services`` those of them meant for firms of the
    region; ``paired`` those again without schemes whose parts are listed beside them. ``referrals`` are those between
    ``services``; None where there are none on record.
    """

    year: int
    current: pd.DataFrame
    services: pd.DataFrame
    paired: pd.DataFrame
    referrals: pd.DataFrame | None


def view(review: Review, year: int | None = None) -> View:
    """Return the landscape of the review's year, or of another."""
    return _view(review, review.year if year is None else year)


@once_per_review
def _listed(review: Review) -> pd.DataFrame:
    """Return the services of the pack with their facets."""
    pack = review.pack
    return landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)


@once_per_review
def _umbrellas(review: Review) -> dict[str, frozenset[str]]:
    """Return the schemes each service of the pack is a part of, in whatever year."""
    return landscape.umbrellas(review.pack.services)


@once_per_review
def _view(review: Review, chosen: int) -> View:
    pack = review.pack
    current = landscape.in_force(_listed(review), chosen)
    services = landscape.reaches_smes(current)
    above = _umbrellas(review)
    over = frozenset().union(*(above[service] for service in services["service_id"].tolist()))
    paired = services[~services["service_id"].isin(over)].reset_index(drop=True)
    referrals = None
    if pack.has("referrals"):
        here = set(services["service_id"])
        routes = pack.referrals[
            pack.referrals["from_service"].isin(here) & pack.referrals["to_service"].isin(here)
        ]
        referrals = routes.reset_index(drop=True) if len(routes) else None
    return View(chosen, current, services, paired, referrals)


@once_per_review
def _bodies(review: Review, most: int = 34) -> dict[str, str]:
    return {
        row.provider_id: _short_name(row.name if landscape.is_missing(row.name_en) else row.name_en, most)
        for row in _each_row(review.pack.providers)
    }


@once_per_review
def _names(review: Review) -> dict[str, str]:
    return dict(zip(review.pack.services["service_id"], review.pack.services["name"], strict=True))


def _stages(review: Review) -> tuple[str, ...]:
    return review.vocabulary.codes("journey_stage")


@once_per_review
def _fits(review: Review, now: View) -> pd.DataFrame:
    fits = _all_fits(review)
    return fits[fits["service_id"].isin(now.services["service_id"])].reset_index(drop=True)


@once_per_review
def _all_fits(review: Review) -> pd.DataFrame:
    """Return who is let in where, whatever the year."""
    services = _listed(review)
    return journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)


def _untold(review: Review, now: View) -> frozenset[str]:
    """Return the needs that our coding can not reach: that nothing is on record for them says nothing."""
    codes = review.vocabulary.codes("barrier")
    return landscape.untold_needs(now.services, codes, review.common.support_type_barriers)


@once_per_review
def _land(review: Review) -> journey.Landscape:
    """Return the landscape of the pack, whatever the year, with all routes."""
    referrals = review.pack.referrals if review.pack.has("referrals") else None
    return journey.build_landscape(
        _listed(review), review.pack.providers, review.vocabulary, referrals, self_found=True
    )


@once_per_review
def _journeys(review: Review, now: View) -> tuple[journey.Journeys, journey.Journeys | None]:
    """Return the journeys on all routes, and on recorded referrals alone where there are any."""
    land = _land(review).only(set(now.services["service_id"].astype(str)))
    on_all = journey.walk_all(land, review.common.personas, _fits(review, now))
    return on_all, None if now.referrals is None else on_all.on_recorded_routes()
