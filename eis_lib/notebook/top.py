"""What stands at the top of a notebook about the region, and at its end about what it was made from."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from eis_lib.language.messages import Spoken, gettext
from eis_lib.language.numbers import decimal
from eis_lib.language.sentences import counted, draft_mark, sentences
from eis_lib.notebook.opening import version
from eis_lib.notebook.record import inputs_of
from eis_lib.notebook.showing import Output, markdown, table_output
from eis_lib.section.review import Review
from eis_lib.section.section import Table, plain


def _top_outputs(review: Review) -> Iterator[Output]:
    region, pack = review.pack.region, review.pack
    people = (
        gettext(", {number} inhabitants ({year})").format(
            number=decimal(region.population), year=region.population_year
        )
        if region.population
        else ""
    )
    # Translators: {region} is its name in English, {native} its own name, {level} the kind of area in words, {code} and
    # {version} are those of the European nomenclature of areas, {date} a day as YYYY-MM-DD.
    head = gettext(
        "**{region}** ({native}) · {level}, NUTS {code} (version {version}){people} · reviewed as of {date}"
    ).format(
        region=plain(region.name), native=plain(region.name_native), level=plain(region.level), people=people,
        code=region.nuts_code, version=region.nuts_version, date=region.review_date,
    )  # fmt: skip
    # Translators: each place holds a number with its noun, e.g. "34 services", "8 providers".
    held = gettext("{services} of {providers}, {policies}, {actions} on record.").format(
        services=counted(len(pack.services), "service"),
        providers=counted(len(pack.providers), "provider"),
        policies=counted(len(pack.policies), "policy", "policies"),
        actions=counted(len(pack.actions), "action"),
    )
    partners = ", ".join(plain(partner.name) for partner in region.partners)
    said = gettext("EIS partner: {partners}.").format(partners=partners) if partners else ""
    invented = gettext("**This region is invented, for demonstration.**") if region.invented else ""
    if draft_mark():
        yield markdown(Spoken(f"*{draft_mark()}*"))
    yield markdown(sentences(sentences(invented, head), sentences(held, said), between="\n\n"))


def _provenance_outputs(review: Review) -> Iterator[Output]:
    rows = [
        {"input": f"{kind}: {name}", "sha_256": sha[:12]}
        for (kind, name), sha in sorted(inputs_of(review).items())
    ]
    table = Table(pd.DataFrame(rows), "What this page was made from (first twelve digits of each SHA-256)")
    values = ", ".join(f"{k} = {v}" for k, v in review.parameters.model_dump().items())
    region = review.pack.region
    yield markdown(
        gettext(
            "Made by eis_lib {version} for *{region}*, NUTS {code} (version {nuts}), review date {date}. "
            "Parameters: {values}."
        ).format(
            version=version(),
            region=plain(region.name),
            code=region.nuts_code,
            nuts=region.nuts_version,
            date=region.review_date,
            values=plain(values),
        )
    )
    yield table_output(table, review.step, "")
