"""The pages that show the rows of a table one by one, so that findings can point at them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd
from markupsafe import Markup

from eis_lib.language.messages import gettext
from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.pack.frames import column_or_missing, to_text
from eis_lib.pack.pack import Pack
from eis_lib.pack.saving import read_rows
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
        _write_rows(
            site, region.id, schema, pack.tables[name], group=pack.region.name, content=_as_csv(site, pack, schema),
            path=[("Regions", "index.html"), (pack.region.name, f"{region.id}/index.html")],
            title=f"{markup.words(name)}: {pack.region.name}", language=pack.region.languages[0],
            changed=_is_changed(region, schema),
        )  # fmt: skip
        listed.append(
            {
                "url": page_of(name, 0), "label": markup.words(name), "count": len(pack.tables[name]),
                "lent": len(pack.lent(name)), "about": gettext(schema.about),
            }
        )  # fmt: skip
    return listed, absent


def _is_changed(region: RegionResult, schema: TableSchema) -> bool:
    """Return whether a table, or that of a layer, is another one than the workbooks read."""
    pack: Pack = region.pack
    folders = [region.id, *(f"{LAYERS_FOLDER}/{name}" for name in pack.region.layers)]
    files = [f"{folder}/{schema.file}" for folder in folders]
    return any(
        item.name in files and item.sha256 != pack.sha256.get(item.name, item.sha256)
        for result in region.steps.values()
        for item in (result.entry.inputs if result.entry else ())
    )


def _as_csv(site: Frame, pack: Pack, schema: TableSchema) -> bytes:
    """Return the region's own file; with the rows it has from layers below, and a column that says so, where there are any."""
    path, lent = site.parameters / pack.id / schema.file, pack.lent(schema.name)
    if lent.empty:
        return path.read_bytes()
    own, _hash = read_rows(path.parent, schema.name)
    text = io.StringIO()
    writer = csv.DictWriter(
        text, [*(column.name for column in schema.columns), "layer"], restval="", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(own)
    for row, layer in zip(to_text(schema, lent), lent["layer"], strict=True):
        writer.writerow({**row, "layer": layer})
    return text.getvalue().encode()


def write_common_rows(site: Frame) -> None:
    """Write the pages of the tables all regions share."""
    for name, schema in COMMON_TABLES.items():
        _write_rows(
            site, "", schema, getattr(site.common, name), group="Tables all regions share",
            content=(site.parameters / "_common" / schema.file).read_bytes(), path=[("Regions", "index.html")],
            title=markup.words(name), language="en", changed=False,
        )  # fmt: skip


def _write_rows(
    site: Frame,
    region: str,
    schema: TableSchema,
    frame: pd.DataFrame,
    *,
    group: str,
    content: bytes,
    path: list[tuple[str, str]],
    title: str,
    language: str,
    changed: bool,
) -> None:
    folder = region or COMMON_FOLDER
    (site.folder / folder).mkdir(parents=True, exist_ok=True)
    (site.folder / folder / schema.file).write_bytes(content)
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
            layer = cells.get("layer", "")
            rows.append(
                {
                    "anchor": anchor, "name": row.name, "lang": language if native and not layer else "",
                    "layer": site.layers.get(layer, layer),
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
            path=path, about=gettext(schema.about), count=len(frame), lent=_count_lent(frame), csv=schema.file, parts=parts, here_part=part,
            rows=rows, changed=changed,
        )  # fmt: skip


def _count_lent(frame: pd.DataFrame) -> int:
    return int(column_or_missing(frame, "layer").fillna("").ne("").sum())


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
