"""Whether firms find support, from whom and at which point of the journey: the answer on one screen."""

from __future__ import annotations

import altair as alt
import pandas as pd

from eis_lib.charts import map as charts
from eis_lib.language.sentences import bulleted
from eis_lib.language.templates import Words
from eis_lib.methods import landscape
from eis_lib.section.review import Review
from eis_lib.section.section import Section, plain
from eis_lib.steps.map._evidence import _ages_in_short, _estimate_in_short, _whose
from eis_lib.steps.map._view import (
    Extremes,
    _codes,
    _extremes,
    _first_doors,
    _label,
    _low,
    _names,
    _quoted,
    _roles,
    _slanted,
    _source,
    _stage_counts,
    _sure,
)
from eis_lib.steps.shared.landscape import View, view
from eis_lib.steps.shared.words import words_of


def _absent_types(review: Review, current: View) -> tuple[list[str], list[str]]:
    """Return the kinds of support with no service for firms of the region: nowhere on record, and for others only."""
    held = landscape.facet_counts(current.services, "support_type", _codes(review, "support_type"))
    absent = held.loc[held["services"] == 0, "code"].tolist()
    elsewhere = set(current.current["support_type"])
    return [c for c in absent if c not in elsewhere], [c for c in absent if c in elsewhere]


def _level_by_stage(review: Review, current: View) -> pd.DataFrame:
    cells = landscape.coverage(
        current.services,
        "provider_level",
        "journey_stages",
        codes_a=_codes(review, "provider_level"),
        codes_b=_codes(review, "journey_stages"),
    )
    return cells.assign(
        level=cells["code_a"],
        level_label=[_label(review, "provider_level", c) for c in cells["code_a"]],
        stage=[_label(review, "journey_stages", c) for c in cells["code_b"]],
    )


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    now = view(review)
    words = words_of(
        __file__, review, year=now.year, region=review.pack.region.name, quoted=_quoted, slanted=_slanted
    )
    if now.services.empty:
        return Section(answer=words.empty(), how_sure=words.empty_how_sure())
    stages, roles = _extremes(review, "journey_stages", _stage_counts(review, now)), _roles(review, now)
    bodies = int((roles["services"] > 0).sum())
    return Section(
        answer=bulleted(
            words.counted(now.total, bodies, _whose(review, now.counted)),
            _estimate_in_short(review, now),
            words.thick_and_thin(stages, _absent(review, now)),
            words.doors(*_doors(review, roles)),
            _ages_in_short(review, now),
        ),
        charts={"level_by_stage": _stage_chart(review, now, stages, words)},
        how_sure=_sure(review, now.counted, words.how_sure_of_rows()),
        to_check=words.to_check(),
    )


def _absent(review: Review, now: View) -> list[str]:
    """Return the kinds of support that no service for firms of the region gives, as they stand inside a sentence."""
    return [_low(review, "support_type", code) for codes in _absent_types(review, now) for code in codes]


def _doors(review: Review, roles: pd.DataFrame) -> tuple[int, list[str], list[str]]:
    """Return the number of local and regional providers, and the names of a free and of a paid first door."""
    names = _names(review)
    near, *doors = _first_doors(roles)
    free, priced = ([plain(names[p]) for p in some["provider_id"]] for some in doors)
    return len(near), free, priced


def _stage_chart(review: Review, now: View, stages: Extremes, words: Words) -> alt.TopLevelMixin:
    """Return the picture of services by level of provider and stage, with the sums of all levels."""
    total = _stage_counts(review, now)
    sums = pd.DataFrame(
        {
            "level": "all",
            "level_label": words.all_levels(),
            "stage": [_label(review, "journey_stages", c) for c in total["code"]],
            "services": total["services"],
        }
    )
    return charts.level_by_stage(
        pd.concat([_level_by_stage(review, now), sums], ignore_index=True),
        title=words.title(stages),
        subtitle=words.subtitle(),
        source=_source(review, now),
        description=words.description(stages),
    )
