"""Cells that nobody coded: every step runs and says what it cannot tell, and an empty cell never makes anything appear."""

from __future__ import annotations

import csv
import importlib
import json
import re
import shutil
from pathlib import Path

import pytest
from reviewing import compare_only

from eis_lib.charts.picture import specification
from eis_lib.notebook.opening import open_review
from eis_lib.section.method import STEPS

CODED = (
    "support_type", "journey_stages", "modes", "sme_size", "experience", "sectors", "market_scope", "channel", "cost_to_sme",
)  # fmt: skip
"""The coded columns of a service that describe the offer; each may be empty."""

ROOT = Path(__file__).resolve().parents[2]


def empty(pack: Path, *columns: str) -> None:
    """Empty columns of a pack's services, row by row."""
    path = pack / "services.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **dict.fromkeys(columns, "")} for row in rows)


def sections_of(step: str) -> list[str]:
    """Return the sections that a workbook shows."""
    cells = json.loads((ROOT / "workbooks" / STEPS[step].notebook).read_text("utf-8"))["cells"]
    code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return re.findall(r"book\.explore\(\s*step\.(\w+)", code)


def run_every_section(step: str, region: str) -> None:
    review = open_review(step, region)
    shown = sections_of(step)
    assert len(shown) >= 8
    for name in shown:
        section = getattr(importlib.import_module(f"eis_lib.steps.{step}"), name)(review)
        assert section.answer.strip(), name
        for chart in section.charts.values():
            assert specification(chart)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_every_step_runs_on_a_region_whose_stages_nobody_coded(step, tmp_path, monkeypatch):
    parameters = tmp_path / "parameters"
    for name in ("_common", "_layers", "donegal", "koprivnica"):
        shutil.copytree(ROOT / "parameters" / name, parameters / name)
    empty(parameters / "donegal", "journey_stages")
    monkeypatch.setenv("EIS_PARAMETERS", str(parameters))
    compare_only(monkeypatch, "donegal", "koprivnica")
    run_every_section(step, "donegal")


@pytest.mark.parametrize("step", STEPS)
def test_every_step_runs_on_services_of_which_nothing_is_coded(step, parameters, monkeypatch):
    shutil.copytree(ROOT / "parameters" / "example", parameters / "example")
    empty(parameters / "example", *CODED)
    monkeypatch.setenv("EIS_PARAMETERS", str(parameters))
    compare_only(monkeypatch, "example", "testland")
    run_every_section(step, "example")
