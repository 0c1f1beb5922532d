"""What a region takes to its peers: the two-page dossier for a peer review, and the good-practice sheets.

The dossier holds what the Policy Learning Platform's peer reviews and matchmakings ask for: context, the landscape in
figures and three questions. The sheets carry the fields of its good-practice form, as far as they are known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.publish.action_plan import chart, euros, in_words, read_table, warning
from eis_lib.publish.word import NOT_PUBLISHED, Link, clean, published, write_document
from eis_lib.recommendation import TURNED_DOWN, split
from eis_lib.region import Common, Pack
from eis_lib.section import count, listing

QUESTIONS = 3
SHOWN_FINDINGS = 4
"""How many of either a dossier of two pages holds."""

ASKS: Mapping[str, str] = MappingProxyType(
    {
        "add": "How do firms in your region get help with “{need}”, who gives it, and what does it cost a year?",
        "redesign": "How do you keep help with “{need}” open to every firm that needs it, and who had to agree?",
        "coordinate": "Several bodies work on “{need}”: who holds them together in your region, and with which means?",
    }
)
"""What to do → the question to peers; ours."""
HAND_OVER = "How is a firm handed over from one body to the next in your region, and who keeps its record?"
ELSE = "What did you do where you found this: “{why}”"

_RECORD_KINDS = ("dating", "absent-support", "idle-provider")
"""Findings on the record rather than on the region, which peers cannot speak to."""


def write_dossier(
    results: Path, pack: Pack, common: Common, path: Path, *, templates: Path | None = None
) -> None:
    """Write the two-page dossier for a peer review; the same bytes for the same results.

    Parameters
    ----------
    results : Path
        ``outputs/<region>``, after step 5.
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
        "title": f"Peer-review dossier – {region.name}",
        "subject": "Peer-review dossier",
        "subtitle": f"EIS – Everywhere International SMEs · review of {day}",
        "running_head": f"Peer-review dossier – {region.name}",
        "running_foot": f"Review of {day}",
        "warning": warning(region),
        "region": region.name,
        "context": _context(pack, common),
        "instrument": f"Policy instrument addressed: {published(region.policy_instrument)}. Budget: {euros(region.budget_eur)}"
        + (f" ({region.budget_note.rstrip('.')})." if region.budget_note else "."),
        "peers": _peers(read_table(results, "compare", "peers")),
        "note": clean(region.note),
        "landscape": _landscape(results, pack),
        "figures": _figures(read_table(results, "compare", "profiles"), pack.id),
        "findings": _findings(results),
        "questions": _questions(results, common, pack.id),
        "remarks": _remarks(pack, common),
    }
    write_document(
        path,
        "dossier",
        context,
        day=region.review_date,
        pictures={"picture": chart(results, "test", "demand_served", 13.0)},
        own_templates=templates,
    )


def _context(pack: Pack, common: Common) -> str:
    region = pack.region
    population = (
        f"{region.population:,} people ({region.population_year or 'year not published'})"
        if region.population is not None
        else "population not published"
    )
    partners = listing([partner.name for partner in region.partners], 4)
    native = f" ({region.name_native})" if region.name_native != region.name else ""
    return (
        f"{region.name}{native}, {common.vocabulary.label('country', region.country)}: {region.level}, "
        f"{region.nuts_code} (NUTS {region.nuts_version}), {population}. "
        f"Partner organisations in EIS: {partners or NOT_PUBLISHED}."
    )


def _peers(peers: pd.DataFrame) -> str:
    if peers.empty:
        return "No other region was compared, or too little is on record to say which is most like this one."
    names = [f"{clean(row.name_)} ({row.likeness:.2f})" for row in _each(peers.head(3))]
    return f"Most like it in structure (1 is the same on what was compared): {listing(names, 3)}."


def _each(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.rename(columns={"name": "name_"}).itertuples(index=False))


def _landscape(results: Path, pack: Pack) -> str:
    services = read_table(results, "map", "services_in_force")
    services = services[services["audience"] == "resident-sme"]
    providers = services["provider_id"].nunique() if "provider_id" in services else 0
    year = pack.region.review_year
    return (
        f"{count(len(services), 'service')}"
        + (f" of {count(providers, 'organisation')}" if providers else "")
        + f" on record for firms in {year}; {count(len(pack.services), 'service')} of any year, {len(pack.policies)} policies, "
        f"{count(len(pack.good_practices), 'good practice')}. A service without a last year is counted, though nobody may have checked that it runs."
    )


def _figures(profiles: pd.DataFrame, region: str) -> list[dict[str, str]]:
    rows = profiles[profiles["region"] == region]
    return [
        {
            "label": clean(row.label),
            "value": _share(row.value),
            "median": _share(row.median),
            "range": f"{_share(row.lowest)} to {_share(row.highest)}",
        }
        for row in _each(rows)
    ]


def _share(value: float) -> str:
    return "unknown" if pd.isna(value) else f"{value:.0%}"


def _findings(results: Path) -> list[dict[str, str]]:
    """Return the most important findings of steps 3, 1 and 2 that peers can speak to, none twice."""
    picked = []
    for step, most in (("test", 2), ("map", 1), ("examine", 1)):
        frame = read_table(results, step, "findings")
        frame = frame[~frame["kind"].isin(_RECORD_KINDS)]
        picked += [
            {"says": clean(row.statement), "how": f"{row.status}, how sure: {row.how_sure}; {row.finding_id}"}
            for row in _each(frame.head(most))
        ]
    return picked[:SHOWN_FINDINGS]


def _questions(results: Path, common: Common, region: str) -> list[dict[str, Any]]:
    """Return the questions that weigh most, each on another need; matters nobody's practice speaks to go first."""
    advice = read_table(results, "plan", "recommendations")
    matches = read_table(results, "compare", "practice_matches").drop_duplicates("practice_id")
    strong = read_table(results, "compare", "strong_where")
    compared = read_table(results, "compare", "regions_compared")
    names = dict(zip(compared["region"], compared["name"], strict=True))
    open_ = advice[~advice["status"].isin(TURNED_DOWN) & (advice["option"] != "keep")]
    open_ = open_.drop_duplicates(["need"]).head(2 * QUESTIONS)
    open_ = open_.assign(known=open_["practice_id"].notna()).sort_values("known", kind="stable")
    questions = []
    for number, row in enumerate(_each(open_.head(QUESTIONS)), start=1):
        need = clean(row.need)
        label = common.vocabulary.label("barrier", need).lower() if need else ""
        words = (
            ASKS[row.option].format(need=label)
            if need and row.option in ASKS
            else HAND_OVER
            if str(row.recommendation_id).startswith("journey:")
            else ELSE.format(why=clean(row.why))
        )
        why = f"Why we ask: {clean(row.why)} It bears on {row.value:.1%} of weighted demand, by severity ({', '.join(split(row.findings)[:2])})."
        questions.append(
            {"number": number, "asks": words, "why": why, "whom": _whom(row, matches, strong, names, region)}
        )
    return questions


def _whom(
    row: Any, matches: pd.DataFrame, strong: pd.DataFrame, names: Mapping[str, str], region: str
) -> str:
    """Return whom to ask: whose practice was matched, else who serves the need best and better than this region."""
    found = matches[matches["practice_id"] == row.practice_id]
    if len(found):
        match = found.iloc[0]
        return f"{clean(match['region_name'])}, on “{clean(match['title'])}” (evidence: {clean(match['evidence_words'])})."
    if row.option == "coordinate":
        return "any peer; how well regions coordinate is not measured here."
    here = strong[strong["need"] == row.need]
    own = here.loc[here["region"] == region, "served_share"].max()
    better = here[(here["region"] != region) & (here["served_share"] > own)].sort_values(
        ["served_share", "region"], ascending=[False, True]
    )
    if better.empty:
        return (
            "any peer; no practice on record speaks to it, and no region compared serves it better on record."
        )
    best = better.iloc[0]
    name = names.get(best["region"], best["region"])
    return f"{clean(name)}, where services on record meet {best['served_share']:.0%} of this demand (here: {_share(own)})."


def _remarks(pack: Pack, common: Common) -> list[dict[str, Any]]:
    rows = pack.peer_reviews.sort_values("kind", ascending=False, kind="stable").head(3)
    return [
        {
            "kind": clean(row["kind"]).capitalize(),
            "says": clean(row["statement"]).rstrip("."),
            "who": f"{', '.join(row['reviewers'])}, {in_words(str(row['date']))}; owner’s response: "
            + (
                common.vocabulary.label("review_status", clean(row.get("status"))).lower()
                if clean(row.get("status"))
                else NOT_PUBLISHED
            ),
            "source": Link(clean(row["source_title"]), clean(row["source_url"])),
        }
        for row in rows.to_dict("records")
    ]


def write_practice_sheets(
    results: Path, pack: Pack, common: Common, path: Path, *, templates: Path | None = None
) -> None:
    """Write a sheet for every good practice of a region, in the fields of the Interreg Europe form, one page each.

    Parameters
    ----------
    results : Path
        ``outputs/<region>``; which regions a practice would fit is taken from step 4, where it was run.
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
        If the template cannot be filled.
    """
    region = pack.region
    day = in_words(region.review_date)
    fits = (
        read_table(results, "compare", "what_we_could_give")
        if (results / "tables" / "compare" / "what_we_could_give.csv").is_file()
        else None
    )
    number = len(pack.good_practices)
    context = {
        "title": f"Good practices – {region.name}",
        "subject": "Good-practice sheets",
        "subtitle": f"EIS – Everywhere International SMEs · review of {day}",
        "running_head": f"Good practices – {region.name}",
        "running_foot": f"Review of {day}",
        "warning": warning(region),
        "overview": f"{count(number, 'good practice')} on record, each on a page of its own, in the fields of the Interreg Europe form as far as known. "
        "Not validated by the Policy Learning Platform unless the source says so."
        if number
        else "No good practice is on record; that is not the same as there being none.",
        "practices": [_practice(row, pack, common, fits) for row in pack.good_practices.to_dict("records")],
    }
    write_document(path, "good_practices", context, day=region.review_date, own_templates=templates)


def _practice(
    row: Mapping[Any, Any], pack: Pack, common: Common, fits: pd.DataFrame | None
) -> dict[str, Any]:
    region, vocabulary = pack.region, common.vocabulary

    def labels(scheme: str, codes: object) -> str:
        return ", ".join(
            vocabulary.label(scheme, c).lower() for c in (codes if isinstance(codes, tuple) else ())
        )

    support = vocabulary.label("support_type", clean(row["support_type"]))
    needs, stages = (
        labels("barrier", row["barriers_addressed"]),
        labels("journey_stage", row["journey_stages"]),
    )
    grade, effort, start = row.get("evidence_grade"), clean(row.get("effort")), row.get("start_year")
    evidence = (
        NOT_PUBLISHED if pd.isna(grade) else _grade(vocabulary.label("evidence_grade", str(int(grade))))
    )
    cost = row["cost_eur_per_year"]
    fields = (
        ("Title of the practice", clean(row["title"])),
        ("Author contact", "to be filled in by the organisation"),
        ("Project that submits it", "EIS – Everywhere International SMEs"),
        ("Main institution", published(row.get("main_institution"))),
        ("Topic", "SME competitiveness"),
        (
            "Location",
            f"{region.name}, {vocabulary.label('country', region.country)}, {region.nuts_code} (NUTS {region.nuts_version})",
        ),
        ("Short summary", clean(row["summary"])),
        ("Problem addressed", f"Barriers by our coding: {needs}." if needs else NOT_PUBLISHED),
        (
            "How the objectives are reached",
            f"Kind of support: {support.lower()}."
            + (f" Stages of the firm’s journey: {stages}." if stages else ""),
        ),
        ("Stakeholders and beneficiaries", NOT_PUBLISHED + " beyond the summary"),
        (
            "Resources needed",
            ("Cost: " + NOT_PUBLISHED if pd.isna(cost) else f"{euros(cost)} a year")
            + (
                f". Effort by our coding: {vocabulary.label('effort', effort).lower()}, {vocabulary.definition('effort', effort)[:1].lower()}{vocabulary.definition('effort', effort)[1:]}"
                if effort
                else ""
            ),
        ),
        ("Timescale", f"{NOT_PUBLISHED if pd.isna(start) else int(start)} – end {NOT_PUBLISHED}"),
        ("Evidence of success", f"{published(row['results']).rstrip('.')}. Kind of evidence: {evidence}."),
        ("Challenges encountered (optional)", NOT_PUBLISHED),
        ("Potential for learning or transfer", _potential(clean(row["practice_id"]), fits)),
        ("Further information", clean(row["source_url"])),
        ("Keywords", ", ".join(part for part in (support.lower(), needs, stages) if part)),
    )
    return {
        "title": clean(row["title"]),
        "evidence": evidence,
        "institution": published(row.get("main_institution")),
        "fields": [{"field": field, "entry": entry} for field, entry in fields],
        "source": Link(clean(row["source_title"]), clean(row["source_url"])),
        "note": clean(row.get("note")),
    }


def _grade(label: str) -> str:
    """Return the label of a grade without its number."""
    return re.sub(r"^\d+ ", "", label).lower()


def _potential(practice: str, fits: pd.DataFrame | None) -> str:
    if fits is None:
        return "not compared with other regions yet"
    takers = fits.loc[fits["practice_id"] == practice, "taker_name"].drop_duplicates()
    if takers.empty:
        return "In this review it meets no gap of the regions compared that a practice was proposed for."
    return f"In this review it meets a gap of {listing([clean(t) for t in takers], 7)}; a candidate to talk about, not a proof that it would work there."
