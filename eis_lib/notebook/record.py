"""What a workbook in a run leaves: its tables and pictures, and a record of what it read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from eis_lib.charts.picture import Picture
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.section.table_text import frame_to_csv


def inputs_of(review: Review) -> dict[tuple[str, str], str]:
    """Return the files that a review read: (kind, name) → SHA-256."""
    pack = {("pack", name): sha for name, sha in review.pack.sha256.items()}
    common = {("common", name): sha for name, sha in review.common.sha256.items()}
    return {**pack, **common, **review.inputs}


def write_section(record: Path, section: Section, pictures: Mapping[str, Picture]) -> None:
    """Write the tables and pictures of a section as they come.

    Whoever asked for the record reads it when the notebook has come to its end, and a run knows each file by its hash.
    """
    tables, charts = record / "tables", record / "charts"
    tables.mkdir(parents=True, exist_ok=True)
    charts.mkdir(parents=True, exist_ok=True)
    for name, table in section.tables.items():
        (tables / f"{name}.csv").write_bytes(frame_to_csv(table.frame).encode())
    for name, picture in pictures.items():
        (charts / f"{name}.json").write_bytes(picture.json.encode())
        (charts / f"{name}.svg").write_bytes(picture.svg.encode())
        (charts / f"{name}.png").write_bytes(picture.png)


def write_record(record: Path, review: Review, headline: str, kept: Mapping[str, list[str]]) -> None:
    """Write ``record.json``: step, region, parameters, headline, inputs with their hashes, names of tables and charts."""
    state = {
        "step": review.step,
        "region": review.pack.id,
        "parameters": review.parameters.model_dump(),
        "headline": headline,
        "inputs": [
            {"kind": kind, "name": name, "sha256": sha}
            for (kind, name), sha in sorted(inputs_of(review).items())
        ],
        **kept,
    }
    (record / "record.json").write_text(json.dumps(state, indent=1, sort_keys=True), "utf-8")
