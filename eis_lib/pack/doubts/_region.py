"""What contradicts the tables elsewhere: region.yaml, the searches, the layers and the shared figures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eis_lib.pack.doubts._evidence import Evidence, is_over, plain_name, rows_of, runs
from eis_lib.pack.folders import COMMON_FOLDER
from eis_lib.pack.schema import Doubt

POPULATION_AGE = 10
"""Years after which a number of people says little of today (project convention: the span between two censuses)."""

EURO_SINCE = {
    "AT": (1999, "ATS"), "BE": (1999, "BEF"), "DE": (1999, "DEM"), "ES": (1999, "ESP"), "FI": (1999, "FIM"),
    "FR": (1999, "FRF"), "IE": (1999, "IEP"), "IT": (1999, "ITL"), "LU": (1999, "LUF"), "NL": (1999, "NLG"),
    "PT": (1999, "PTE"), "EL": (2001, "GRD"), "SI": (2007, "SIT"), "CY": (2008, "CYP"), "MT": (2008, "MTL"),
    "SK": (2009, "SKK"), "EE": (2011, "EEK"), "LV": (2014, "LVL"), "LT": (2015, "LTL"), "HR": (2023, "HRK"),
    "BG": (2026, "BGN"),
}  # fmt: skip
"""Country → first year of the euro and the currency before it (Council decisions on the adoption of the euro)."""

_NO_REVIEW = re.compile(r"\bno peer review|peer review[^.;]*\b(not|no|never|none)\b", re.IGNORECASE)
_YEARS = re.compile(r"\b(?:19|20)\d\d\s*[-–]\s*((?:19|20)?\d\d)\b")


def currency_given_up(evidence: Evidence) -> Iterator[Doubt]:
    """Give the region's currency where its country has the euro instead."""
    region = evidence.pack.region
    since, old = EURO_SINCE.get(region.country, (9999, ""))
    if evidence.year >= since and region.currency == old:
        yield evidence.about_region(
            "currency", f"holds '{old}', and {region.country} has the euro since {since}", "EUR"
        )


def figures_in_a_currency_given_up(evidence: Evidence) -> Iterator[Doubt]:
    """Give each figure of a time when its country had the euro, in the currency before it."""
    country = evidence.pack.region.country
    since, old = EURO_SINCE.get(country, (9999, ""))
    shared = evidence.common.indicators
    shared = shared[shared["ref_area"].eq(country) & shared["unit"].str.contains(old or country, regex=False)]
    figures = [(row, row["period"]) for row in evidence.own("measurements")]
    figures += [(row, row["time_period"]) for row in rows_of(shared, f"{COMMON_FOLDER}/indicators.csv")]
    for row, period in figures:
        if int(period[:4]) >= since and re.search(rf"\b{old}\b", row["unit"]):
            yield row.doubt(
                "unit",
                f"holds '{row['unit']}' for {period}, and {country} has the euro since {since}",
                "the figure in euros",
            )


def peer_review_denied(evidence: Evidence) -> Iterator[Doubt]:
    """Give the note of a region that denies the peer review the pack holds."""
    rows = len(evidence.own("peer_reviews"))
    if rows and (found := _NO_REVIEW.search(evidence.pack.region.note)):
        yield evidence.about_region(
            "note",
            f"says '{' '.join(found[0].split())}', and peer_reviews.csv has {rows} rows",
            "a note that speaks of them",
        )


def instrument_has_ended(evidence: Evidence) -> Iterator[Doubt]:
    """Give the policy instrument of a region that had ended by the review."""
    name = evidence.pack.region.policy_instrument
    if found := _YEARS.search(name):
        last = int(found[1]) if len(found[1]) == 4 else int(found[0][:2] + found[1])
        ended = last < evidence.year
    else:
        plain = plain_name(name)
        ended = any(
            is_over(row, evidence.year)
            and (title := plain_name(row["title"]))
            and (title in plain or plain in title)
            for row in evidence.rows("policies")
            if plain
        )
    if ended:
        yield evidence.about_region(
            "policy_instrument", f"holds '{name}', which has ended", "the instrument that is open now"
        )


def population_is_old(evidence: Evidence) -> Iterator[Doubt]:
    """Give a population that was counted long before the review."""
    year = evidence.pack.region.population_year
    if year is not None and evidence.year - year > POPULATION_AGE:
        yield evidence.about_region(
            "population_year",
            f"holds {year}, {evidence.year - year} years before the review",
            "a later figure",
        )


def searched_in_vain_beside_a_service(evidence: Evidence) -> Iterator[Doubt]:
    """Give each kind of support that every search found nothing of, though a service of the region's own runs."""
    running = {s["support_type"]: s["service_id"] for s in evidence.own("services") if runs(s, evidence.year)}
    made = [row for row in evidence.own("searches") if row["outcome"]]
    searches = [row for row in made if row["topic"] == "A" and row["support_type"]]
    found = {row["support_type"] for row in searches if row["outcome"] != "nothing-found"}
    last = {row["support_type"]: row for row in searches}
    for kind in sorted(last.keys() & running.keys() - found):
        yield last[kind].doubt(
            "outcome",
            f"says 'nothing-found', as every search for '{kind}' does, and '{running[kind]}' runs",
            "'found', or what the service really is",
        )


def found_and_not_entered(evidence: Evidence) -> Iterator[Doubt]:
    """Give each search that found a row nobody has."""
    known = {
        key
        for table in ("providers", "services", "policies", "good_practices", "actions")
        for key in evidence.by_key(table)
    }
    for row in evidence.own("searches"):
        for name in row["found_ids"]:
            if name not in known:
                yield row.doubt(
                    "found_ids", f"holds '{name}', which no table has", "the row, or the key it has now"
                )


def _address(url: str) -> str:
    return re.sub(r"^https?://(www\.)?|#.*$|/+$", "", url.casefold())


def same_offer_in_layer(evidence: Evidence) -> Iterator[Doubt]:
    """Give each own service that has the name or the source of one of a layer and does not say that it is the same."""
    lent = [row for row in evidence.rows("services") if row.layer]
    names = {plain_name(row["name"]): row for row in lent}
    sources = {_address(row["source_url"]): row for row in lent}
    for row in evidence.own("services"):
        twin = names.get(plain_name(row["name"])) or sources.get(_address(row["source_url"]))
        if twin and not row["instance_of"] and not is_over(row, evidence.year):
            yield row.doubt(
                "instance_of", f"is empty, and the layer '{twin.layer}' has '{twin['service_id']}' of the same name or source",
                f"'{twin['service_id']}' if it is the same offer, else a name and source of its own",
            )  # fmt: skip


def stands_for_what_ended(evidence: Evidence) -> Iterator[Doubt]:
    """Give each own service that runs and stands for one of a layer that has ended."""
    for layer in evidence.pack.layers:
        lent = {row["service_id"]: row for row in rows_of(layer.stood_for(), layer.name)}
        for row in evidence.own("services"):
            whole = lent.get(row["instance_of"])
            if whole and is_over(whole, evidence.year) and runs(row, evidence.year):
                yield row.doubt(
                    "instance_of", f"holds '{row['instance_of']}', which has ended in the layer '{layer.name}'",
                    "whether the service still runs here",
                )  # fmt: skip
