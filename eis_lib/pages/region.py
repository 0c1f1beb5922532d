"""The page of a region: the answer of each step, its tables, documents and sign-offs."""

from __future__ import annotations

import shutil

import pandas as pd
from markupsafe import Markup

from eis_lib.documents.documents import DOCUMENT_TITLES
from eis_lib.language.messages import gettext, later, use_language
from eis_lib.pages import markup
from eis_lib.pages.frame import Frame, _headline_lang
from eis_lib.pages.markup import Sheet
from eis_lib.pages.notebook import write_notebook
from eis_lib.pages.row_pages import write_region_rows
from eis_lib.record.results import RegionResult
from eis_lib.section.method import STEPS


def write_region(site: Frame, region: RegionResult) -> None:
    """Write the page of a region, and those of its rows and notebooks."""
    profile = region.pack.region
    home = f"{region.id}/index.html"
    answers = []
    for question in site.steps():
        result = region.steps[question["name"]]
        findings = site.findings(result)
        headline = markup.markdown(result.entry.headline) if result.entry else ""
        lang = _headline_lang(region.folder / result.notebook) if result.entry else ""
        answers.append(
            {
                **question,
                "result": result,
                "findings": findings[:3],
                "count": len(findings),
                "headline": headline,
                "lang": lang,
            }
        )
        if result.entry:
            site.find(
                f"{profile.name}, answer", question["question"], f"{home}#{result.step}",
                markup.plain_text(result.entry.headline),
            )  # fmt: skip
    tables, absent = write_region_rows(site, region)
    files = []
    for path in sorted(region.folder.glob("*.docx")):
        (site.folder / region.id).mkdir(exist_ok=True)
        shutil.copyfile(path, site.folder / region.id / path.name)
        files.append({"name": path.name, "title": gettext(DOCUMENT_TITLES.get(path.name, path.name))})
    site.write(
        home, "region.html.j2", profile.name, group=profile.name, path=[("Regions", "index.html")],
        region=profile, answers=answers, tables=tables, absent=absent, files=files,
        country=site.label("country", profile.country), sign_offs=_sign_offs(site, region),
    )  # fmt: skip
    for step in STEPS:
        if region.steps[step].entry:
            with use_language(region.steps[step].language):
                write_notebook(site, region, region.steps[step])


def _sign_offs(site: Frame, region: RegionResult) -> Markup:
    frame = region.pack.sign_offs
    if frame.empty:
        return Markup("<p>{}</p>").format(gettext("Nobody has signed these results off yet."))
    rows = []
    for row in frame.itertuples():
        result = region.steps[str(row.step)]
        valid = result.sha256 == row.results_sha256
        counts = gettext("for these results") if valid else gettext("out of date: given for other results")
        rows.append(
            {
                "step": f"{STEPS[str(row.step)].number} {site.label('step', str(row.step))}",
                "verdict": site.label("verdict", str(row.verdict)),
                "counts": counts,
                "date": row.date,
                "reviewer": f"{row.reviewer_role}, {row.reviewer_organisation}",
                "remark": row.remark,
                "points_at": row.anchor,
                "response": row.owner_response,
            }
        )

    def link(_region: str, column: str, item: str) -> tuple[str, str] | None:
        page = item.split("#", maxsplit=1)[0]
        known = {result.page for result in region.steps.values() if result.entry}
        return (item, item) if column == "points_at" and page in known else None

    return markup.table(
        Sheet(pd.DataFrame(rows), later("What reviewers said of the results")), link, len(rows)
    )
