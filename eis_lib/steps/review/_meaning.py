"""What the review means for the region: its findings, and the limits of the evidence."""

from __future__ import annotations

import pandas as pd

from eis_lib.language.sentences import bulleted, sentences
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import apply_rules
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._alerting import _alerts
from eis_lib.steps.review._change import _stayed
from eis_lib.steps.review._findings import RULES
from eis_lib.steps.review._hindsight import _begin
from eis_lib.steps.review._series import _context_series
from eis_lib.steps.review._view import _previous
from eis_lib.steps.shared.words import words_of


def meaning(review: Review) -> Section:
    """Return what the review means for the region, and its findings."""
    findings = apply_rules(RULES, review)
    firm = findings[findings["status"] == "finding"].head(4)
    other = findings[findings["status"] != "finding"].head(2)
    number = findings["status"].value_counts()
    table = _alerts(review)
    steps = list(dict.fromkeys(table.loc[table["state"] == "open", "reopens_step"]))
    words = words_of(__file__, review)
    return Section(
        answer=sentences(
            words.answer(
                review.pack.region.name,
                {status: int(number.get(status, 0)) for status in ("finding", "candidate", "unknown")},
                steps,
            ),
            bulleted(*(words.finding(row) for row in _each_row(pd.concat([firm, other])))),
            between="\n\n",
        ),
        tables={"findings": Table(findings, words.findings_caption(), words.findings_note())},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence, with the numbers that set them."""
    previous, stayed = _previous(review), _stayed(review, _previous(review))
    series = _context_series(review)
    wandering = [s for s in series if monitor.lag_correlation(s.raw["value"]) > 0.5]
    words, pack = words_of(__file__, review), review.pack
    points = [
        words.region_is_invented() if pack.region.invented else "",
        words.no_counterfactual(),
        "" if pack.has("measurements") else words.nothing_measured(),
        words.country_for_region(len(series), sorted({s.area for s in series})),
        words.series_that_wander(len(wandering), len(series)),
        words.short_memory(_begin(series, _context_series(review, annual_twins=True))),
        words.one_record(previous, stayed),
        words.conventions(),
        "" if pack.has("decisions") else words.no_decisions(),
    ]
    return Section(answer=bulleted(*points), how_sure=words.limits_how_sure())
