"""From an officer's own spreadsheet to a checked pack, its six workbooks and its Action Plan."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docx import Document
from typer.testing import CliRunner
from untidy import write_untidy

from eis_lib.cli import app
from eis_lib.exchange.xlsx_reading import import_xlsx
from eis_lib.pack.pack import check_pack, load_common, load_pack

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "parameters"
NAME = "lakeland-invented"  # as the sheet 'About us' calls the region
run = CliRunner()


@pytest.fixture
def asked(parameters: Path, tmp_path: Path) -> list[str]:
    """What the import of the first draft asks, a line each."""
    path = tmp_path / "Lakeland export support.xlsx"
    write_untidy(path)
    done = run.invoke(app, ["import", str(path), "--parameters", str(parameters), "--write"])
    assert done.exit_code == 2
    assert not (parameters / NAME).exists()
    assert f"faults to be mended in {path.name}; nothing was written" in done.output
    return done.output.splitlines()


def test_every_question_is_asked_at_once_with_its_cell(asked: list[str]) -> None:
    questions = [line.split("; allowed:")[0] for line in asked if "; allowed:" in line]
    assert questions == [
        "Organisations:C11 kind: holds 'network of firms'",
        "Services 2024:K7, K10, K11, K13 cost_to_sme: holds 'fee'",
        "Services 2024:D7 support_type: holds 'certification'",
        "Services 2024:L13 start_year: holds '20199'",
        "Services 2024:A15 provider_id: holds 'Business Agency Lakeland Ltd'",
        "Services 2024:D15 support_type: holds 'mentoring'",
        "Policies:I2 barriers_addressed: holds 'information-foreign-markets'",
        "About us:nuts_version: is not said",
    ]


def test_a_question_says_what_is_allowed_and_suggests_no_other_meaning(asked: list[str]) -> None:
    assert "Services 2024:K7, K10, K11, K13 cost_to_sme: holds 'fee'; allowed: free, co-funded, paid" in asked
    assert (
        "Services 2024:A15 provider_id: holds 'Business Agency Lakeland Ltd'; allowed: a name or key of the sheet "
        "'Organisations'; nearest: 'Lakeland Business Agency'"
    ) in asked
    assert (
        "About us:nuts_version: is not said; allowed: a row 'nuts_version' in a sheet of two columns, word and value, "
        "with the year of the NUTS version the code is from, such as 2021"
    ) in asked


def test_a_slip_of_the_pen_is_read_and_another_word_is_asked(asked: list[str]) -> None:
    assert "Organisations:C10: 'univeristy' read as 'university'" in asked
    assert "Services 2024:D10: 'guarantee' read as 'guarantee-or-insurance'" in asked
    assert not any("read as 'free'" in line or "read as 'grant'" in line for line in asked)
    # what differs by capitals, blanks or commas alone is counted, so that the questions are not lost among it
    assert any(
        line.endswith("more cells read that differ by capitals, accents, blanks or commas alone")
        for line in asked
    )


def test_what_is_left_out_is_said(asked: list[str]) -> None:
    assert [line for line in asked if line.startswith("not imported")] == [
        "not imported: sheet 'About us': row 'Compiled by' was not understood",
        "not imported: sheet 'Organisations': column 'Telephone' was not understood",
        "not imported: sheet 'Ideas': no header row of a table was recognised",
    ]


def test_two_spellings_of_a_code_are_one(tmp_path: Path) -> None:
    path = tmp_path / "draft.xlsx"
    write_untidy(path, corrected=True)
    services = {
        row["service_id"]: row
        for row in import_xlsx(path, load_common(PARAMETERS).vocabulary).tables["services"]
    }
    assert services["first-talk"]["channel"] == services["market-course"]["channel"] == "in-person"
    assert services["fair-grant"]["support_type"] == "grant"
    assert (
        services["certificate-of-origin"]["provider_id"]
        == services["trade-mission"]["provider_id"]
        == "jarvimaa-chamber"
    )


@pytest.fixture
def lakeland(parameters: Path, tmp_path: Path) -> Path:
    """The pack that the corrected spreadsheet becomes."""
    path = tmp_path / "Lakeland export support.xlsx"
    write_untidy(path, corrected=True)
    where = ["--parameters", str(parameters)]
    looked = run.invoke(app, ["import", str(path), *where])
    assert looked.exit_code == 0, looked.output
    assert not (parameters / NAME).exists()
    assert (
        f"no fault; 'eis import '{path}' --region {NAME} --write' puts 20 rows in 3 tables into a new pack"
        in looked.output
    )
    done = run.invoke(app, ["import", str(path), *where, "--write"])
    assert done.exit_code == 0, done.output
    return parameters / NAME


def test_the_corrected_spreadsheet_is_a_sound_pack_with_all_that_was_said_of_the_region(
    lakeland: Path,
) -> None:
    assert check_pack(lakeland) == []
    pack = load_pack(lakeland)
    region = pack.region
    assert (region.name, region.name_native) == ("Lakeland (invented)", "Järvimaa ja Söderö")
    assert (region.population, region.review_date, region.budget_eur) == (248430, "2024-09-30", 1250000.0)
    assert (region.languages, region.invented) == (("fi", "sv"), True)
    assert [partner.name for partner in region.partners] == ["Lakeland Council", "Järvimaa Chamber"]
    assert {name: len(pack.tables[name]) for name in ("providers", "services", "policies")} == {
        "providers": 7, "services": 11, "policies": 2,
    }  # fmt: skip
    services = pack.services.set_index("service_id")
    assert services.at["trade-mission", "price_eur"] == 1250
    assert services.at["trade-mission", "start_year"] == 2012
    assert list(pack.policies["delivered_by"]) == [("first-talk", "fair-grant"), ("export-guarantee",)]


def test_a_mistake_about_the_region_is_a_fault_at_its_cell(parameters: Path, tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "draft.xlsx"
    write_untidy(path, corrected=True)
    book = openpyxl.load_workbook(path)
    (cell,) = [row[1] for row in book["About us"].iter_rows() if row[0].value == "NUTS"]
    cell.value = "Lakeland"
    book.save(path)
    done = run.invoke(app, ["import", str(path), "--parameters", str(parameters), "--write"])
    assert done.exit_code == 2
    assert f"About us:{cell.coordinate}:nuts_code: holds 'Lakeland'" in done.output
    assert not (parameters / NAME).exists()


def eis(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an officer does."""
    return subprocess.run(
        [sys.executable, "-m", "eis_lib.cli", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.kernel
def test_the_run_leaves_six_workbooks_and_the_documents_in_words_and_on_the_pages(
    lakeland: Path, tmp_path: Path
) -> None:
    outputs = tmp_path / "outputs"
    # of packs that are all invented, a run takes all: this region alone, as an officer has it at first
    shutil.rmtree(lakeland.parent / "testland")
    where = ["--parameters", str(lakeland.parent), "--outputs", str(outputs)]
    done = eis("run", NAME, *where, "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((outputs / NAME).glob("[1-6]_*.ipynb"))) == 6
    plan = outputs / NAME / "action_plan.docx"
    assert Document(str(plan)).paragraphs[0].text == "Action Plan – Lakeland (invented)"
    entry = json.loads((outputs / NAME / "manifest.json").read_text("utf-8"))["steps"]["plan"]
    documents = {"action_plan.docx", "good_practices.docx", "peer_review_dossier.docx"}
    assert documents == {name for name in entry["outputs"] if name.endswith(".docx")}
    page = (outputs / "site" / NAME / "index.html").read_text("utf-8")
    assert '<a href="action_plan.docx" download>Action Plan, in the Interreg Europe layout</a>' in page
    assert (outputs / "site" / NAME / "action_plan.docx").read_bytes() == plan.read_bytes()
    # a document somebody wrote in is noticed
    assert "5_plan     fresh" in eis("status", NAME, *where).stdout
    plan.write_bytes(plan.read_bytes() + b"signed")
    changed = eis("status", NAME, *where).stdout
    assert "5_plan     stale: its output action_plan.docx is not what the run left" in changed
