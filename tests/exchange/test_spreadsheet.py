"""Excel both ways: without loss from our own file, and from the untidy sheet an officer makes."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from eis_lib.exchange.importing import layer_keys
from eis_lib.exchange.understood import Understood
from eis_lib.exchange.xlsx_reading import import_xlsx
from eis_lib.exchange.xlsx_writing import export_xlsx
from eis_lib.pack.folders import list_regions
from eis_lib.pack.pack import load_common
from eis_lib.pack.saving import read_rows
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_common(PARAMETERS).vocabulary


@pytest.mark.slow
@pytest.mark.parametrize("region", list_regions(PARAMETERS, invented=True))
def test_every_pack_comes_back_row_by_row(region: str, tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "pack.xlsx"
    export_xlsx(PARAMETERS / region, path, vocabulary)
    understood = import_xlsx(path, vocabulary, layer_keys(PARAMETERS))
    assert understood.sheets == {name: name for name in PACK_TABLES}
    assert (understood.readings, understood.left_out, understood.faults) == ([], [], [])
    for name in PACK_TABLES:
        rows = [{k: v for k, v in row.items() if v} for row in read_rows(PARAMETERS / region, name)[0]]
        assert understood.tables.get(name, []) == rows, name
    assert understood.profile["nuts_code"]


def test_everything_is_text_and_a_formula_stays_harmless(
    pack: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    services = pack / "services.csv"
    services.write_text(services.read_text("utf-8").replace("Money for fairs.", "=HYPERLINK(1)"), "utf-8")
    export_xlsx(pack, tmp_path / "pack.xlsx", vocabulary)
    book = openpyxl.load_workbook(tmp_path / "pack.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    sheet = book["services"]
    assert sheet.freeze_panes == "B2"
    headers = [cell.value for cell in sheet[1]]
    held = sheet.cell(3, headers.index("description") + 1)
    assert (held.value, held.quotePrefix) == ("=HYPERLINK(1)", True)
    assert "Allowed: awareness, information" in sheet.cell(1, headers.index("support_type") + 1).comment.text
    ranges = {choice.formula1 for choice in sheet.data_validations.dataValidation}
    assert any(formula.startswith("=codes!$") for formula in ranges)
    assert book["codes"].sheet_state == "hidden"


@pytest.fixture
def untidy(tmp_path: Path, vocabulary: Vocabulary) -> Understood:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Our organisations"
    sheet.append(["Business support in North Savo, draft of spring"])
    sheet.merge_cells("A1:F1")
    sheet.append([])
    sheet.append(
        ["English name", "Name", "Type", "Level", "Web", "Source", "Source link", "Evidence", "Phone"]
    )
    sheet.append(
        [
            "Savo Council ",
            "Savon liitto",
            "Regional authority",
            "regional ",
            "",
            "Site",
            "https://a.fi",
            "published",
        ]
    )
    sheet.append([])
    sheet.append(
        [
            "Savo Chamber",
            "Kauppakamari",
            "Chambers",
            "Regional",
            "https://k.fi",
            "Site",
            "https://k.fi",
            "Published",
            1,
        ]
    )
    sheet = book.create_sheet("Services 2026")
    sheet.append(["Service name", "Provider", "Description", "Type of support", "Stages", "Mode", "Size", "Experience",
                  "Sector", "Markets", "Channel", "Cost to SME", "Since", "Until", "Price_EUR", "Checked on",
                  "Source", "Source link", "Evidence"])  # fmt: skip
    sheet.append(["Export advice", "Savo Chamber", "Talks", "Advise", "aware, plan", "export", "micro / small",
                  "occasional", "all", "intra-eu", "in person", "Free", "2019", None, "1.250,50", "3.6.2026",
                  "Site", "https://k.fi", "published"])  # fmt: skip
    sheet.append(["Fair grant", "Savon liitto", "Money", "GRANT", "enter", "export", "micro", "occasional", "all",
                  "intra-eu;extra-eu", "hybrid", "co-funded", dt.date(2020, 1, 1), 2024.0, 12.5, None,
                  "Site", "https://a.fi", "published"])  # fmt: skip
    sheet.append(["Trip", "Nobody Ltd", "Trip", "holiday", "enter", "export", "micro", "occasional", "all",
                  "intra-eu", "hybrid", "free", 20222, None, None, None, "Site", "https://a.fi", "published"])  # fmt: skip
    book.create_sheet("Scribbles").append(["ask Pekka"])
    path = tmp_path / "untidy.xlsx"
    book.save(path)
    return import_xlsx(path, vocabulary)


def test_an_untidy_sheet_is_read(untidy: Understood) -> None:
    assert untidy.sheets == {"Our organisations": "providers", "Services 2026": "services"}
    council, chamber = untidy.tables["providers"]
    assert (council["provider_id"], council["name_en"], council["kind"]) == (
        "savo-council",
        "Savo Council",
        "regional-authority",
    )
    assert (chamber["kind"], chamber["level"], chamber["evidence"]) == ("chamber", "regional", "published")
    advice, grant, _trip = untidy.tables["services"]
    assert advice["provider_id"] == "savo-chamber"
    assert advice["support_type"] == "advice"
    assert (advice["journey_stages"], advice["sme_size"], advice["channel"]) == (
        "aware;plan",
        "micro;small",
        "in-person",
    )
    assert (advice["price_eur"], advice["checked_on"], advice["start_year"]) == (
        "1250.5",
        "2026-06-03",
        "2019",
    )
    assert (grant["start_year"], grant["end_year"], grant["price_eur"]) == ("2020", "2024", "12.5")
    assert grant["provider_id"] == "savo-council"


def test_what_was_read_another_way_is_said_with_its_cell(untidy: Understood) -> None:
    said = [str(reading) for reading in untidy.readings]
    assert "Services 2026:D2: 'Advise' read as 'advice'" in said
    assert "Services 2026:B2: 'Savo Chamber' read as 'savo-chamber'" in said
    assert "Our organisations:row 4: 'Savo Council' read as 'provider_id savo-council'" in said


def test_what_was_not_understood_is_said(untidy: Understood) -> None:
    assert untidy.left_out == [
        "sheet 'Our organisations': column 'Phone' was not understood",
        "sheet 'Scribbles': no header row of a table was recognised",
    ]


def test_what_cannot_be_imported_is_a_fault_at_its_cell(untidy: Understood) -> None:
    faults = {fault.column: str(fault) for fault in untidy.faults}
    assert set(faults) == {"B4 provider_id", "D4 support_type", "M4 start_year"}
    assert faults["D4 support_type"].startswith(
        "Services 2026:D4 support_type: holds 'holiday'; allowed: awareness,"
    )
    assert (
        faults["M4 start_year"]
        == "Services 2026:M4 start_year: holds '20222'; allowed: a year from 1900 to 2035"
    )


def test_a_file_that_is_no_workbook_is_one_clear_message(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "pack.xlsx"
    path.write_text("not a workbook")
    with pytest.raises(ValueError, match="pack.xlsx: cannot be read as an Excel workbook"):
        import_xlsx(path, vocabulary)


@pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not installed here (Debian: libreoffice-calc-nogui)",
)
def test_libreoffice_opens_and_saves_a_pack_without_loss(tmp_path: Path, vocabulary: Vocabulary) -> None:
    pack = tmp_path / "example"
    shutil.copytree(PARAMETERS / "example", pack)
    services = pack / "services.csv"
    text = (
        services.read_text("utf-8")
        .replace("First steps abroad", "=1+1", 1)
        .replace("Export check", "0012 1/2", 1)
    )
    services.write_text(text, "utf-8")
    export_xlsx(pack, tmp_path / "pack.xlsx", vocabulary)
    subprocess.run(
        [
            "soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless",
            "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "saved"), str(tmp_path / "pack.xlsx"),
        ],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    saved = tmp_path / "saved" / "pack.xlsx"
    understood = import_xlsx(saved, vocabulary)
    assert (understood.readings, understood.left_out, understood.faults) == ([], [], [])
    for name in PACK_TABLES:
        rows = [{k: v for k, v in row.items() if v} for row in read_rows(pack, name)[0]]
        assert understood.tables.get(name, []) == rows, name
    assert [row["name"] for row in understood.tables["services"]][:2] == ["=1+1", "0012 1/2"]
    book = openpyxl.load_workbook(saved)
    sheet = book["services"]
    column = [cell.value for cell in sheet[1]].index("support_type") + 1
    assert "Allowed: awareness, information" in sheet.cell(1, column).comment.text
    cell = sheet.cell(2, column).coordinate
    assert any(cell in choice.sqref for choice in sheet.data_validations.dataValidation)
    assert book["codes"].sheet_state == "hidden"
