"""What a region takes to its peers: the two-page dossier for a peer review, and the good-practice sheets.

The dossier holds what the Policy Learning Platform's peer reviews and matchmakings ask for: context, the landscape in
figures and three questions. The sheets carry the fields of its good-practice form, as far as they are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.documents.phrases import euros, evidence_behind, how_sure, in_words, warning
from eis_lib.documents.practices import _RECORD_KINDS
from eis_lib.documents.run_files import RunFiles
from eis_lib.documents.word import Link, clean, not_published, published, write_document
from eis_lib.language.messages import ENGLISH, gettext, language_spoken, later
from eis_lib.language.numbers import decimal, percent
from eis_lib.language.sentences import counted, listed, sentences
from eis_lib.methods.recommendation import TURNED_DOWN
from eis_lib.pack.pack import Common, Pack

QUESTIONS = 3
SHOWN_FINDINGS = 4
"""How many of either a dossier of two pages holds."""

ASKS: Mapping[str, str] = MappingProxyType(
    {
        "add": later(
            "How do firms in your region get help with “{need}”, who gives it, and what does it cost a year?"
        ),
        "redesign": later(
            "How do you keep help with “{need}” open to every firm that needs it, and who had to agree?"
        ),
        "coordinate": later(
            "Several bodies work on “{need}”: who holds them together in your region, and with which means?"
        ),
    }
)
"""What to do → the question to peers; ours."""

HAND_OVER = later(
    "How is a firm handed over from one body to the next in your region, and who keeps its record?"
)

ELSE = later("What did you do where you found this: “{why}”")


def write_dossier(
    results: RunFiles, pack: Pack, common: Common, path: Path, *, templates: Path | None = None
) -> None:
    """Write the two-page dossier for a peer review; the same bytes for the same results.

    Parameters
    ----------
    results : RunFiles
        What a run left, step 5 among it.
    pack : Pack
        The region.
    common : Common
        For the labels of codes.
    path : Path
        The document to write.
    templates : Path, optional
        Folder of the region's own templates.

    Raises
    ------
    DocumentError
        If a step before has left nothing, or the template cannot be filled.
    """
    region = pack.region
    day = in_words(region.review_date)
    context = {
        "title": gettext("Peer-review dossier – {region}").format(region=region.name),
        "subject": gettext("Peer-review dossier"),
        "subtitle": gettext("EIS – Everywhere International SMEs · review of {day}").format(day=day),
        "running_head": gettext("Peer-review dossier – {region}").format(region=region.name),
        "running_foot": gettext("Review of {day}").format(day=day),
        "warning": warning(region),
        "region": region.name,
        "context": _context(pack, common),
        "instrument": gettext("Policy instrument addressed: {instrument}. Budget: {budget}").format(
            instrument=published(region.policy_instrument), budget=euros(region.budget_eur)
        )
        + (f" ({region.budget_note.rstrip('.')})." if region.budget_note else "."),
        "peers": _peers(results.table("compare", "peers", ("name", "likeness"))),
        "note": clean(region.note),
        "landscape": _landscape(results, pack),
        "figures": _figures(
            results.table("compare", "profiles", ("region", "label", "value", "median", "lowest", "highest")),
            pack.id,
        ),
        "findings": _findings(results, common),
        "questions": _questions(results, common, pack.id),
        "remarks": _remarks(pack, common),
    }
    write_document(
        path,
        "dossier",
        context,
        day=region.review_date,
        pictures={"picture": results.chart("test", "demand_served", 13.0)},
        own_templates=templates,
    )


def _context(pack: Pack, common: Common) -> str:
    region = pack.region
    population = (
        gettext("{number} people ({year})").format(
            number=decimal(region.population), year=region.population_year or gettext("year not published")
        )
        if region.population is not None
        else gettext("population not published")
    )
    partners = listed([partner.name for partner in region.partners], 4)
    native = f" ({region.name_native})" if region.name_native != region.name else ""
    return (
        f"{region.name}{native}, {common.vocabulary.label('country', region.country)}: {region.level}, "
        f"{region.nuts_code} (NUTS {region.nuts_version}), {population}. "
        + gettext("Partner organisations in EIS:")
        + f" {partners or not_published()}."
    )


def _peers(peers: pd.DataFrame) -> str:
    if peers.empty:
        return gettext(
            "No other region was compared, or too little is on record to say which is most like this one."
        )
    names = [f"{clean(row.name_)} ({decimal(row.likeness, 2)})" for row in _each(peers.head(3))]
    return gettext("Most like it in structure (1 is the same on what was compared): {regions}.").format(
        regions=listed(names, 3)
    )


def _each(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.rename(columns={"name": "name_"}).itertuples(index=False))


def _landscape(results: RunFiles, pack: Pack) -> str:
    services = results.table("map", "services_in_force")
    services = services[services["audience"] == "resident-sme"]
    providers = services["provider_id"].nunique() if "provider_id" in services else 0
    year = pack.region.review_year
    held = {
        "services": counted(len(services), "service"),
        "year": year,
        "listed": counted(len(pack.services), "service"),
        "policies": len(pack.policies),
        "practices": counted(len(pack.good_practices), "good practice"),
    }
    said = (
        gettext(
            "{services} of {providers} on record for firms in {year}; {listed} of any year, {policies} policies, {practices}."
        ).format(providers=counted(providers, "organisation"), **held)
        if providers
        else gettext(
            "{services} on record for firms in {year}; {listed} of any year, {policies} policies, {practices}."
        ).format(**held)
    )
    lent = len(pack.lent("services"))
    return sentences(
        said,
        gettext("From what Europe or the country offers everyone: {lent} of those listed.").format(
            lent=decimal(lent)
        )
        if lent
        else "",
        gettext("A service without a last year is counted, though nobody may have checked that it runs."),
    )


def _figures(profiles: pd.DataFrame, region: str) -> list[dict[str, str]]:
    rows = profiles[profiles["region"] == region]
    return [
        {
            "label": clean(row.label),
            "value": _share(row.value),
            "median": _share(row.median),
            "range": gettext("{lowest} to {highest}").format(
                lowest=_share(row.lowest), highest=_share(row.highest)
            ),
        }
        for row in _each(rows)
    ]


def _share(value: float) -> str:
    return gettext("unknown") if pd.isna(value) else percent(value)


def _findings(results: RunFiles, common: Common) -> list[dict[str, str]]:
    """Return the most important findings of steps 3, 1 and 2 that peers can speak to, none twice."""
    picked = []
    for step, most in (("test", 2), ("map", 1), ("examine", 1)):
        frame = results.table(step, "findings")
        frame = frame[~frame["kind"].isin(_RECORD_KINDS)]
        for row in _each(frame.head(most)):
            sure, status = how_sure(row, common)
            picked.append(
                {"says": clean(row.statement), "how": f"{status}, " + gettext("how sure:") + f" {sure}"}
            )
    return picked[:SHOWN_FINDINGS]


def _questions(results: RunFiles, common: Common, region: str) -> list[dict[str, Any]]:
    """Return the questions that weigh most, each on another need; matters nobody's practice speaks to go first."""
    advice = results.table("plan", "recommendations")
    matches = results.table("compare", "practice_matches").drop_duplicates("practice_id")
    strong = results.table("compare", "strong_where", ("need", "region", "served_share"))
    compared = results.table("compare", "regions_compared")
    names = dict(zip(compared["region"], compared["name"], strict=True))
    open_ = advice[~advice["status"].isin(TURNED_DOWN) & (advice["option"] != "keep")]
    open_ = open_.drop_duplicates(["need"]).head(2 * QUESTIONS)
    open_ = open_.assign(known=open_["practice_id"].notna()).sort_values("known", kind="stable")
    questions = []
    for number, row in enumerate(_each(open_.head(QUESTIONS)), start=1):
        need = clean(row.need)
        label = common.vocabulary.label_inside("barrier", need) if need else ""
        words = (
            gettext(ASKS[row.option]).format(need=label)
            if need and row.option in ASKS
            else gettext(HAND_OVER)
            if str(row.recommendation_id).startswith("journey:")
            else gettext(ELSE).format(why=clean(row.why))
        )
        why = gettext("Why we ask: {why} It bears on {share} of weighted demand, by severity.").format(
            why=clean(row.why), share=percent(row.value, 1)
        )
        questions.append(
            {
                "number": number,
                "asks": words,
                "why": why,
                "whom": _whom(row, matches, strong, names, region, common),
            }
        )
    return questions


def _whom(
    row: Any,
    matches: pd.DataFrame,
    strong: pd.DataFrame,
    names: Mapping[str, str],
    region: str,
    common: Common,
) -> str:
    """Return whom to ask: whose practice was matched, else who serves the need best and better than this region."""
    found = matches[matches["practice_id"] == row.practice_id]
    if len(found):
        match = found.iloc[0]
        return gettext("{region}, on “{practice}” (evidence: {evidence}).").format(
            region=clean(match["region_name"]),
            practice=clean(match["title"]),
            evidence=evidence_behind(match["evidence_grade"], common) or not_published(),
        )
    if row.option == "coordinate":
        return gettext("any peer; how well regions coordinate is not measured here.")
    here = strong[strong["need"] == row.need]
    own = here.loc[here["region"] == region, "served_share"].max()
    better = here[(here["region"] != region) & (here["served_share"] > own)].sort_values(
        ["served_share", "region"], ascending=[False, True]
    )
    if better.empty:
        return gettext(
            "any peer; no practice on record speaks to it, and no region compared serves it better on record."
        )
    best = better.iloc[0]
    name = names.get(best["region"], best["region"])
    return gettext("{region}, where services on record meet {share} of this demand (here: {own}).").format(
        region=clean(name), share=percent(best["served_share"]), own=_share(own)
    )


def _remarks(pack: Pack, common: Common) -> list[dict[str, Any]]:
    rows = pack.peer_reviews.sort_values("kind", ascending=False, kind="stable").head(3)
    return [
        {
            "kind": common.vocabulary.label("review_kind", clean(row["kind"]))
            if language_spoken() != ENGLISH
            else clean(row["kind"]).capitalize(),
            "says": clean(row["statement"]).rstrip("."),
            "who": f"{', '.join(row['reviewers'])}, {in_words(str(row['date']))}; "
            + gettext("owner’s response:")
            + " "
            + (
                common.vocabulary.label_inside("review_status", clean(row.get("status")))
                if clean(row.get("status"))
                else not_published()
            ),
            "source": Link(clean(row["source_title"]), clean(row["source_url"])),
        }
        for row in rows.to_dict("records")
    ]
