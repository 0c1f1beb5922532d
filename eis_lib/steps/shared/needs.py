"""The demand weights of a review, the survey behind them, and whether it is near enough."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from eis_lib.language.sentences import sentences
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import plain
from eis_lib.steps.shared.words import _short_title, words_of

NEAR_YEARS = 10
"""A survey further away in years than this, or of another country, makes a gap a candidate (project convention)."""


def _own_areas(review: Review) -> list[str]:
    """Return the codes that stand for the region itself or a part of its country, nearest first."""
    region = review.pack.region
    codes = [region.nuts_code, *(area.code for area in region.indicator_areas)]
    return [code for code in dict.fromkeys(codes) if code != region.country and not code.startswith("EU")]


@once_per_review
def _weights(review: Review, kind: str | None, year: int) -> tuple[pd.DataFrame, pd.Series | None, str]:
    """Return the demand weights asked for, the survey behind them, and one sentence that says which it is."""
    words = words_of(__file__, review)
    wanted = kind or review.parameters.weights
    codes = review.vocabulary.codes("barrier")
    surveys = policy.list_surveys(review.common.barriers)
    own = policy.choose_survey(surveys, _own_areas(review), year)
    nearest = policy.choose_survey(surveys, [review.pack.region.country, "EU"], year)
    note = words.no_own_survey(review.pack.region.nuts_code) if wanted == "own" and own is None else ""
    chosen = own if wanted == "own" and own is not None else None if wanted == "equal" else nearest
    weights = policy.weigh_barriers(review.common.barriers, codes, chosen)
    if chosen is None:
        is_asked = wanted == "equal"
        said = (
            words.equal_asked() if is_asked else words.no_survey(policy.LEAST_BARRIERS, policy.SURVEY_YEARS)
        )
        return weights, None, sentences(note, said)
    survey: pd.Series = surveys.set_index("survey_id").T[chosen]
    return weights, survey, sentences(note, words.survey(survey, len(codes)))


def _survey_sure(review: Review, survey: pd.Series | None, year: int) -> str:
    words = words_of(__file__, review)
    if survey is None:
        return words.equal_sure()
    is_at_home = survey["ref_area"] == review.pack.region.country
    return words.survey_sure(is_at_home, survey["ref_area"], abs(int(survey["year"]) - year))


def _is_near(review: Review, survey: pd.Series, year: int) -> bool:
    """Return whether a survey is near enough, in place and time, for a gap to be called a finding."""
    at_home = survey["ref_area"] in {review.pack.region.country, *_own_areas(review)}
    return bool(at_home and abs(int(survey["year"]) - year) <= NEAR_YEARS)


def _survey_name(survey: pd.Series) -> str:
    """Return a survey in few words: area, year and whom it asked."""
    return (
        f"{survey['ref_area']} {survey['year']}, {_short_title(str(survey['population']).split(',')[0], 60)}"
    )


@once_per_review
def _schemes(review: Review, year: int) -> dict[str, tuple[str, pd.Series]]:
    """Return the sets of demand weights that can be laid on the gaps: name → (words, weights by need)."""
    codes = review.vocabulary.codes("barrier")
    surveys = policy.list_surveys(review.common.barriers)
    region = review.pack.region
    areas = [region.nuts_code, *(area.code for area in region.indicator_areas)]
    own_areas = [a for a in dict.fromkeys(areas) if a != region.country and not a.startswith("EU")]

    def of(survey: str) -> tuple[str, pd.Series]:
        row = next(_each_row(surveys[surveys["survey_id"] == survey]))
        weights = policy.weigh_barriers(review.common.barriers, codes, survey).set_index("barrier")["weight"]
        return f"{row.ref_area} {int(row.year)}", weights

    schemes = {
        "equal": (
            words_of(__file__, review).equal_weights(),
            policy.weigh_barriers(review.common.barriers, codes).set_index("barrier")["weight"],
        )
    }
    published = policy.choose_survey(surveys, [region.country, "EU"], year)
    own = policy.choose_survey(surveys, own_areas, year)
    demand = review.earlier("examine", "demand").set_index("barrier")
    made_by = str(demand["survey_id"].iloc[0])
    if published is not None:
        words, weights = of(published)
        # what step 2 left is taken as it stands where it rests on the same survey
        schemes["published"] = (words, demand["weight"].reindex(codes) if made_by == published else weights)
    if own is not None:
        schemes["own"] = of(own)
    usable = surveys[surveys["usable"].astype(bool)]
    for survey in usable["survey_id"]:
        area = str(usable.set_index("survey_id").loc[survey, "ref_area"])
        if survey not in (published, own) and (area == region.country or area.startswith("EU")):
            schemes[survey] = of(survey)
    return schemes


def _chosen(
    review: Review, schemes: Mapping[str, tuple[str, pd.Series]], weights: str | None
) -> tuple[str, str]:
    """Return the scheme to use and a sentence on it."""
    words = words_of(__file__, review)
    wanted = weights or review.parameters.weights
    if wanted in schemes:
        if wanted == "equal":
            return wanted, words.equal_chosen()
        name, by_need = schemes[wanted]
        return wanted, words.survey_chosen(plain(name), int(by_need.notna().sum()), len(by_need))
    if "published" in schemes:
        return "published", words.stand_in(wanted, plain(schemes["published"][0]))
    return "equal", words.stand_in(wanted, "")
