"""The sheets of a region's good practices, in the fields of the Interreg Europe form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from eis_lib.documents.phrases import euros, evidence_behind, in_words, warning
from eis_lib.documents.run_files import RunFiles
from eis_lib.documents.word import Link, clean, not_published, published, write_document
from eis_lib.language.messages import gettext
from eis_lib.language.sentences import counted, listed
from eis_lib.pack.pack import Common, Pack

_RECORD_KINDS = ("dating", "absent-support", "idle-provider")
"""Findings on the record rather than on the region, which peers cannot speak to."""


def write_practice_sheets(
    results: RunFiles, pack: Pack, common: Common, path: Path, *, templates: Path | None = None
) -> None:
    """Write a sheet for every good practice of a region, in the fields of the Interreg Europe form, one page each.

    Parameters
    ----------
    results : RunFiles
        What a run left; which regions a practice would fit is taken from step 4.
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
    fits = results.table("compare", "what_we_could_give", ("practice_id", "taker_name"))
    number = len(pack.good_practices)
    context = {
        "title": gettext("Good practices – {region}").format(region=region.name),
        "subject": gettext("Good-practice sheets"),
        "subtitle": gettext("EIS – Everywhere International SMEs · review of {day}").format(day=day),
        "running_head": gettext("Good practices – {region}").format(region=region.name),
        "running_foot": gettext("Review of {day}").format(day=day),
        "warning": warning(region),
        "overview": gettext(
            "{practices} on record, each on a page of its own, in the fields of the Interreg Europe form as far as known. "
            "Not validated by the Policy Learning Platform unless the source says so."
        ).format(practices=counted(number, "good practice"))
        if number
        else gettext("No good practice is on record; that is not the same as there being none."),
        "practices": [_practice(row, pack, common, fits) for row in pack.good_practices.to_dict("records")],
    }
    write_document(path, "good_practices", context, day=region.review_date, own_templates=templates)


def _practice(row: Mapping[Any, Any], pack: Pack, common: Common, fits: pd.DataFrame) -> dict[str, Any]:
    evidence = evidence_behind(row.get("evidence_grade"), common) or not_published()
    fields = _fields(row, pack, common, evidence, _potential(clean(row["practice_id"]), fits))
    return {
        "title": clean(row["title"]),
        "evidence": evidence,
        "institution": published(row.get("main_institution")),
        "fields": [{"field": field, "entry": entry} for field, entry in fields],
        "source": Link(clean(row["source_title"]), clean(row["source_url"])),
        "note": clean(row.get("note")),
    }


def _fields(
    row: Mapping[Any, Any], pack: Pack, common: Common, evidence: str, potential: str
) -> tuple[tuple[str, str], ...]:
    """Return the fields of the form, each with its entry."""
    region, vocabulary = pack.region, common.vocabulary

    def labels(scheme: str, codes: object) -> str:
        return ", ".join(
            vocabulary.label_inside(scheme, c) for c in (codes if isinstance(codes, tuple) else ())
        )

    support = vocabulary.label_inside("support_type", clean(row["support_type"]))
    needs, stages = (
        labels("barrier", row["barriers_addressed"]),
        labels("journey_stage", row["journey_stages"]),
    )
    start = row.get("start_year")
    return (
        (gettext("Title of the practice"), clean(row["title"])),
        (gettext("Author contact"), gettext("to be filled in by the organisation")),
        (gettext("Project that submits it"), "EIS – Everywhere International SMEs"),
        (gettext("Main institution"), published(row.get("main_institution"))),
        (gettext("Topic"), gettext("SME competitiveness")),
        (
            gettext("Location"),
            f"{region.name}, {vocabulary.label('country', region.country)}, {region.nuts_code} (NUTS {region.nuts_version})",
        ),
        (gettext("Short summary"), clean(row["summary"])),
        (
            gettext("Problem addressed"),
            gettext("Barriers by our coding:") + f" {needs}." if needs else not_published(),
        ),
        (
            gettext("How the objectives are reached"),
            gettext("Kind of support:")
            + f" {support}."
            + (" " + gettext("Stages of the firm’s journey:") + f" {stages}." if stages else ""),
        ),
        (gettext("Stakeholders and beneficiaries"), gettext("not published beyond the summary")),
        (gettext("Resources needed"), _resources(row, common)),
        (
            gettext("Timescale"),
            gettext("{start} – end not published").format(
                start=not_published() if pd.isna(start) else int(start)
            ),
        ),
        (
            gettext("Evidence of success"),
            f"{published(row['results']).rstrip('.')}. " + gettext("Kind of evidence:") + f" {evidence}.",
        ),
        (gettext("Challenges encountered (optional)"), not_published()),
        (gettext("Potential for learning or transfer"), potential),
        (gettext("Further information"), clean(row["source_url"])),
        (gettext("Keywords"), ", ".join(part for part in (support, needs, stages) if part)),
    )


def _resources(row: Mapping[Any, Any], common: Common) -> str:
    """Return what a practice costs, and how much effort it is by our coding."""
    cost, effort, vocabulary = row["cost_eur_per_year"], clean(row.get("effort")), common.vocabulary
    known = (
        gettext("Cost: not published") if pd.isna(cost) else gettext("{cost} a year").format(cost=euros(cost))
    )
    if not effort:
        return known
    meaning = vocabulary.definition("effort", effort)
    coding = f"{vocabulary.label_inside('effort', effort)}, {meaning[:1].lower()}{meaning[1:]}"
    return f"{known}. " + gettext("Effort by our coding:") + f" {coding}"


def _potential(practice: str, fits: pd.DataFrame) -> str:
    takers = fits.loc[fits["practice_id"] == practice, "taker_name"].drop_duplicates()
    if takers.empty:
        return gettext(
            "In this review it meets no gap of the regions compared that a practice was proposed for."
        )
    return gettext(
        "In this review it meets a gap of {regions}; a candidate to talk about, not a proof that it would work there."
    ).format(regions=listed([clean(t) for t in takers], 7))
