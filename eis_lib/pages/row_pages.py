"""The pages that show the rows of a table one by one, so that findings can point at them."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from eis_lib.language.messages import gettext
from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.pack import Pack
from eis_lib.pack.schema import Column, TableSchema
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pages import markup
from eis_lib.pages.frame import Frame
from eis_lib.pages.rows import COMMON_FOLDER, ROWS_PER_PAGE, keys_of, page_of
from eis_lib.record.results import RegionResult


def write_region_rows(site: Frame, region: RegionResult) -> tuple[list[dict[str, Any]], list[str]]:
    """Write the pages of a region's tables; return those written, and the names of those it lacks."""
    listed, absent = [], []
    pack: Pack = region.pack
    for name, schema in PACK_TABLES.items():
        if not pack.has(name):
            absent.append(markup.words(name).lower())
            continue
        sha256 = pack.sha256.get(schema.file)
        read = {
            item.sha256
            for result in region.steps.values()
            for item in (result.entry.inputs if result.entry else ())
            if item.name == f"{region.id}/{schema.file}"
        }
        _write_rows(
            site, region.id, schema, pack.tables[name], group=pack.region.name,
            csv=(site.parameters / region.id / schema.file).read_bytes(),
            path=[("Regions", "index.html"), (pack.region.name, f"{region.id}/index.html")],
            title=f"{markup.words(name)}: {pack.region.name}", language=pack.region.languages[0],
            changed=bool(read) and sha256 is not None and read != {sha256},
        )  # fmt: skip
        listed.append(
            {
                "url": page_of(name, 0), "label": markup.words(name), "count": len(pack.tables[name]),
                "about": gettext(schema.about),
            }
        )  # fmt: skip
    return listed, absent


def write_common_rows(site: Frame) -> None:
    """Write the pages of the tables all regions share."""
    for name, schema in COMMON_TABLES.items():
        _write_rows(
            site, "", schema, getattr(site.common, name), group="Tables all regions share",
            csv=(site.parameters / "_common" / schema.file).read_bytes(), path=[("Regions", "index.html")],
            title=markup.words(name), language="en", changed=False,
        )  # fmt: skip


def _write_rows(
    site: Frame,
    region: str,
    schema: TableSchema,
    frame: pd.DataFrame,
    *,
    group: str,
    csv: bytes,
    path: list[tuple[str, str]],
    title: str,
    language: str,
    changed: bool,
) -> None:
    folder = region or COMMON_FOLDER
    (site.folder / folder).mkdir(parents=True, exist_ok=True)
    (site.folder / folder / schema.file).write_bytes(csv)
    starts = range(0, max(len(frame), 1), ROWS_PER_PAGE)
    parts = [page_of(schema.name, start) for start in starts]
    keys = list(keys_of(schema, frame))
    records = frame.to_dict("records")
    for place, (part, start) in enumerate(zip(parts, starts, strict=True), start=1):
        heading = title if place == 1 else f"{title}, " + gettext("part %(number)s") % {"number": place}
        rows = []
        for number in range(start, min(start + ROWS_PER_PAGE, len(frame))):
            anchor = f"{schema.name}:{keys[number]}"
            row = site.index.rows[region, anchor]
            cells = records[number]
            native = schema.name == "providers" and language != "en"
            rows.append(
                {
                    "anchor": anchor, "name": row.name, "lang": language if native else "",
                    "fields": [
                        {"label": markup.words(column.name), "html": html}
                        for column in schema.columns
                        if (html := _field(site, region, column, cells[column.name]))
                    ],
                }
            )  # fmt: skip
            text = " ".join(
                str(cells[name])
                for name in ("name_en", "description", "summary", "story", "statement", "note")
                if name in cells and pd.notna(cells[name])
            )
            if schema.name != "indicators":  # thousands of numbers are looked up in their file
                site.find(title, row.name, row.url, text)
        site.write(
            f"{folder}/{part}", "rows.html.j2", heading, group=group,
            path=path, about=gettext(schema.about), count=len(frame), csv=schema.file, parts=parts, here_part=part,
            rows=rows, changed=changed,
        )  # fmt: skip


def _field(site: Frame, region: str, column: Column, value: Any) -> Markup | str:
    items = list(value) if isinstance(value, tuple) else [] if pd.isna(value) else [value]
    parts = []
    for item in items:
        if column.kind == "url":
            parts.append(Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(item))
        elif column.kind == "code":
            parts.append(Markup("{}").format(site.label(column.scheme, str(item))))
        elif (column.kind == "reference" and (row := site.index.find(region, f"{column.table}:{item}"))) or (
            column.name == "evidence_ids" and (row := site.index.find(region, str(item)))
        ):
            parts.append(Markup('<a href="../{}">{}</a>').format(row.url, row.name))
        else:
            year = column.kind in {"year", "integer"}
            parts.append(Markup("{}").format(str(int(item)) if year else markup.cell_text(item)))
    return Markup("; ").join(parts)
