"""The page that compares regions: the gathered tables laid out over them, and who should visit whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from eis_lib.language.messages import gettext, later
from eis_lib.pages import markup
from eis_lib.pages.frame import Frame
from eis_lib.pages.markup import Sheet
from eis_lib.record.manifest import GATHERED_FOLDER
from eis_lib.record.results import RegionResult
from eis_lib.section.table_text import frame_from_csv, frame_to_csv


@dataclass(frozen=True)
class Compared:
    """How a gathered table is laid out over regions: its rows, and what is counted or shown of each region.

    Attributes
    ----------
    rows : str
        Column whose values become the rows.
    value : str
        Column shown; empty: rows are counted.
    title, caption, note : str
    scheme : str
        Vocabulary of the rows, where they are codes.
    where : mapping of str to str
        Only rows of the table in which these columns hold these values.
    """

    rows: str
    value: str
    title: str
    caption: str
    note: str = ""
    scheme: str = ""
    where: Mapping[str, str] = field(default_factory=dict)

    def across(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return one row per value of :attr:`rows` in their first order, one column per region."""
        for column, value in self.where.items():
            frame = frame[frame[column] == value]
        if not self.value:
            frame = frame.assign(**{"": 1})
        laid = frame.pivot_table(
            index=self.rows, columns="region", values=self.value, aggfunc="sum", sort=False, dropna=False
        )
        laid.columns.name = None
        return laid.reset_index()


COMPARED: Mapping[str, Compared] = {
    "concentration": Compared(
        "need_area",
        "services",
        later("Services by need"),
        later("Services that answer each need, by region"),
        scheme="barrier",
    ),
    "barrier_coverage": Compared(
        "barrier",
        "services",
        later("Services by barrier"),
        later("Services behind policies, by barrier and region"),
        scheme="barrier",
    ),
    "gaps": Compared(
        "kind",
        "",
        later("Gaps by kind"),
        later("Gap candidates by kind and region"),
        later("Candidates, not findings."),
        scheme="gap_kind",
    ),
    "journeys": Compared(
        "persona",
        "reach",
        later("How far personas get"),
        later("Share of the way to its goal that each persona can go, by region"),
    ),
}
"""The gathered tables that are laid side by side, in reading order."""


def write_comparison(site: Frame) -> None:
    """Write the page that compares regions."""
    gathered = site.outputs / GATHERED_FOLDER
    names = {region.id: region.pack.region.name for region in site.regions}
    parts = [
        Markup('<p class="lead">{}</p>').format(
            gettext(
                "The same measure, region by region. A dash says that a region has no such row; it is not a "
                "zero. Regions record their landscapes in different depth, so a smaller number may only say that less is "
                "on record."
            )
        ),
        Markup("<p>{}</p>").format(
            gettext("The regions stand at different levels, so read shares, not totals: {regions}.").format(
                regions="; ".join(_level(region) for region in site.regions)
            )
        ),
    ]
    link = partial(site.link, "", "")
    if not gathered.is_dir():
        parts.append(
            Markup("<p>{}</p>").format(
                gettext("Nothing is compared yet: step 4 gathers the tables of all regions.")
            )
        )
    parts += _partnership(site, names, link)
    for table, how in COMPARED.items():
        path = gathered / f"{table}.csv"
        if not path.is_file():
            continue
        text = path.read_text("utf-8")
        site.keep(f"compare/{table}.csv", text)
        frame = how.across(frame_from_csv(text))
        ordered = [name for name in names if name in frame.columns]
        frame = frame[[how.rows, *ordered]].rename(columns=names)
        if how.scheme:
            frame[how.rows] = [site.label(how.scheme, str(code)) for code in frame[how.rows]]
        parts.append(Markup('<h2 id="{}">{}</h2>').format(table, gettext(how.title)))
        parts.append(markup.table(Sheet(frame, how.caption, f"compare/{table}.csv", how.note), link, 100))
        site.find("Comparison", how.title, f"compare.html#{table}", how.caption)
    pages = [
        Markup('<li><a href="{}/{}">{}</a></li>').format(
            region.id, region.steps["compare"].page, region.pack.region.name
        )
        for region in site.regions
        if region.steps["compare"].entry
    ]
    if pages:
        parts.append(
            Markup('<h2 id="own">{}</h2><ul>{}</ul>').format(
                gettext("Each region against its partners"), Markup().join(pages)
            )
        )
    site.write(
        "compare.html", "page.html.j2", gettext("Comparison"), group="Overview", path=[("Regions", "index.html")],
        content=Markup().join(parts),
    )  # fmt: skip


def _level(region: RegionResult) -> str:
    """Return a region with its level and its people, which a reader needs beside every comparison."""
    profile = region.pack.region
    if profile.population is None:
        return f"{profile.name} ({profile.level})"
    return gettext("{region} ({level}, {people} inhabitants)").format(
        region=profile.name, level=profile.level, people=f"{profile.population:,}"
    )


def _partnership(site: Frame, names: Mapping[str, str], link: Any) -> list[Markup]:
    """Return who should visit whom about what, and who is strong where, from the step 4 that compared most regions."""
    found = []
    for region in site.regions:
        tables = [
            region.folder / "tables" / "compare" / f"{name}.csv" for name in ("exchange", "strong_where")
        ]
        if region.steps["compare"].entry is not None and all(path.is_file() for path in tables):
            visits, strong = (frame_from_csv(path.read_text("utf-8")) for path in tables)
            found.append((strong["region"].nunique() if len(strong) else 0, visits, strong))
    if not found or not (most := max(number for number, _, _ in found)):
        return []
    _, visits, strong = next(item for item in found if item[0] == most)
    site.keep("compare/exchange.csv", frame_to_csv(visits))
    site.keep("compare/strong_where.csv", frame_to_csv(strong))
    parts = []
    if len(visits):
        sheet = _visits(visits)
        parts += [
            Markup('<h2 id="exchange">{}</h2>').format(gettext("Who should visit whom, and about what")),
            markup.table(sheet, link, 100),
        ]
        site.find(
            "Comparison", "Who should visit whom, and about what", "compare.html#exchange", sheet.caption
        )
    sheet = _strong_where(site, strong, names)
    parts += [
        Markup('<h2 id="strong">{}</h2>').format(gettext("Who is strong where")),
        markup.table(sheet, link, 100),
    ]
    site.find("Comparison", "Who is strong where", "compare.html#strong", sheet.caption)
    return parts


def _visits(visits: pd.DataFrame) -> Sheet:
    shown = pd.DataFrame(
        {
            "visitor": visits["visitor_name"],
            "host": visits["host_name"],
            "about": visits["about_words"],
            "practice_to_see_first": visits["first_practice"],
            "share_of_gaps_met": [f"{share:.0%}" for share in visits["share_of_gaps"]],
            "first_wish": visits["first_wish"],
        }
    )
    return Sheet(
        shown,
        gettext("The exchange that meets most gaps if every region makes one visit and receives one"),
        "compare/exchange.csv",
        gettext(
            "Gaps are candidates; a practice speaks to a gap if it answers the same need (half, at another stage). "
            "First wish: whom the visitor would choose if hosts took everybody."
        ),
    )


def _strong_where(site: Frame, strong: pd.DataFrame, names: Mapping[str, str]) -> Sheet:
    cells = strong.assign(
        need=[site.label("barrier", str(need)) for need in strong["need"]],
        cell=[
            standing if pd.isna(share) else f"{standing} ({share:.0%})"
            for standing, share in zip(strong["standing"], strong["served_share"], strict=True)
        ],
    )
    wide = cells.pivot_table(index="need", columns="region", values="cell", aggfunc="first", sort=False)
    wide = wide[[name for name in names if name in wide]].rename(columns=names).reset_index()
    return Sheet(
        wide.rename_axis(columns=None),
        gettext(
            "Standing of each region by need, with the share of its own demand that services on record meet"
        ),
        "compare/strong_where.csv",
        gettext(
            "Strong: two thirds or more served; weak: a gap for half or more; cannot tell: more unknown than served (project "
            "convention). Needs asked for most come first."
        ),
    )
