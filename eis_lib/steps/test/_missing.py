"""Which kinds of support are missing, which only Europe offers, and what ended and was not replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from eis_lib.charts import test as charts
from eis_lib.language.templates import Words
from eis_lib.methods import gaps as gap_rules
from eis_lib.pack.vocabulary import inside
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.shared.landscape import View, kinds_searched, service_names, view
from eis_lib.steps.shared.words import _label, words_of
from eis_lib.steps.test._view import _source


@dataclass(frozen=True, eq=False)
class Missing:
    """The kinds of support of a year by how they stand, and the services that ended and were not replaced."""

    kinds: pd.DataFrame
    ended: pd.DataFrame

    def of(self, state: str) -> list[str]:
        """Return the kinds that stand so."""
        return self.kinds.loc[self.kinds["state"] == state, "support_type"].tolist()


@once_per_review
def _missing(review: Review, now: View) -> Missing:
    kinds = gap_rules.kinds_missing(
        now.services, now.listed, now.year, kinds_searched(review), review.vocabulary.codes("support_type")
    )
    return Missing(kinds, gap_rules.ended_without_successor(now.listed, now.services, now.year))


def missing_support(review: Review, *, year: int | None = None) -> Section:
    """Return which kinds of support nobody gives, as far as it was searched, and what ended without a successor."""
    now = view(review, year)
    seen = _missing(review, now)
    words = words_of(__file__, review, region=review.pack.region.name, year=now.year)
    labels = {code: inside(_label(review, "support_type", code)) for code in seen.kinds["support_type"]}
    names = service_names(review)
    absent = [*seen.of("missing"), *seen.of("ended without successor")]
    return Section(
        answer=words.answer(
            [labels[kind] for kind in absent],
            [labels[kind] for kind in seen.of("only from a layer")],
            [labels[kind] for kind in seen.of("cannot be told")],
            [plain(names[service]) for service in seen.ended["service_id"]],
        ),
        charts={"missing_support": _chart(review, now, seen, words)},
        tables={
            "kinds_of_support": Table(_kinds(review, seen), words.kinds_caption(), words.kinds_note()),
            "ended_services": Table(
                seen.ended[["service_id", "name", "provider_id", "support_type", "end_year", "source_url"]],
                words.ended_caption(),
                words.ended_note(),
            ),
        },
        how_sure=words.how_sure(),
        to_check=words.to_check([labels[kind] for kind in seen.of("cannot be told")]),
    )


def _kinds(review: Review, seen: Missing) -> pd.DataFrame:
    frame = seen.kinds.copy()
    frame.insert(1, "label", [_label(review, "support_type", code) for code in frame["support_type"]])
    frame["ended_ids"] = [";".join(ids) for ids in frame["ended_ids"]]
    return frame


def _chart(review: Review, now: View, seen: Missing, words: Words) -> Any:
    frame = seen.kinds
    long = frame.melt(
        id_vars=["support_type", "state"],
        value_vars=["own", "layer", "doubtful"],
        var_name="whose",
        value_name="services",
    )
    return charts.missing_support(
        pd.DataFrame(
            {
                "kind": [_label(review, "support_type", code) for code in long["support_type"]],
                "whose": [words.whose(code) for code in long["whose"]],
                "services": long["services"],
            }
        ),
        pd.DataFrame(
            {
                "kind": [_label(review, "support_type", code) for code in frame["support_type"]],
                "services": frame[["own", "layer", "doubtful"]].sum(axis=1),
                "mark": [words.mark(row.state, row.searched, row.last_year) for row in frame.itertuples()],
            }
        ),
        whose=[words.whose(code) for code in ("own", "layer", "doubtful")],
        title=words.title(len(seen.of("missing")) + len(seen.of("ended without successor")), len(frame)),
        subtitle=words.subtitle(),
        source=_source(review, now),
        description=words.description(len(seen.of("cannot be told"))),
    )
