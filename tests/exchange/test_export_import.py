"""``eis export`` and ``eis import`` as an officer types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from eis_lib.cli import app
from eis_lib.pack.pack import check_pack, load_pack

pytestmark = pytest.mark.slow  # packs go out to files and come back

run = CliRunner()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def exported(parameters: Path, tmp_path: Path) -> Path:
    path = tmp_path / "testland.xlsx"
    done = run.invoke(app, ["export", "testland", "--file", str(path), "--parameters", str(parameters)])
    assert done.exit_code == 0, done.output
    return path


def test_a_pack_goes_out_and_comes_back_to_the_same_bytes(
    parameters: Path, pack: Path, exported: Path
) -> None:
    before = {path.name: path.read_bytes() for path in pack.iterdir()}
    done = run.invoke(app, ["import", str(exported), "--parameters", str(parameters), "--write"])
    assert done.exit_code == 0, done.output
    assert {path.name: path.read_bytes() for path in pack.iterdir()} == before


@pytest.mark.parametrize("region", ["donegal", "hampshire"])
def test_a_layer_stays_where_it_is_when_a_region_goes_out_and_comes_back(
    region: str, parameters: Path, tmp_path: Path
) -> None:
    """Relations, codings and searches come back as they were, and rows that point at the layer still do."""
    for name in (region, "_layers"):
        shutil.copytree(ROOT / "parameters" / name, parameters / name)
    path = tmp_path / f"{region}.xlsx"
    where = ["--parameters", str(parameters)]
    before = {file: file.read_bytes() for file in parameters.rglob("*.*")}
    assert {f"{region}/{name}.csv" for name in ("relations", "codings", "searches")} <= {
        file.relative_to(parameters).as_posix() for file in before
    }
    assert run.invoke(app, ["export", region, "--file", str(path), *where]).exit_code == 0
    sheets = openpyxl.load_workbook(path)
    cells = {
        str(cell.value) for name in ("providers", "services") for cell in sheets[name]["A"] if cell.value
    }
    pack = load_pack(parameters / region)
    assert not cells & {*pack.lent("services")["service_id"], *pack.lent("providers")["provider_id"]}
    assert set(pack.own("services")["service_id"]) <= cells
    done = run.invoke(app, ["import", str(path), "--write", *where])
    assert done.exit_code == 0, done.output
    assert {file: file.read_bytes() for file in parameters.rglob("*.*")} == before

    done = run.invoke(app, ["import", str(path), "--region", "newland", "--write", *where])
    assert done.exit_code == 0, done.output
    assert load_pack(parameters / "newland").region.layers == ("eu",)


def test_a_sheet_that_points_at_a_layer_the_region_has_not_is_told(
    parameters: Path, pack: Path, exported: Path
) -> None:
    shutil.copytree(ROOT / "parameters" / "_layers", parameters / "_layers")
    book = openpyxl.load_workbook(exported)
    column = [cell.value for cell in book["services"][1]].index("instance_of") + 1
    book["services"].cell(2, column).value = "eu-een-advice"
    book.save(exported)
    done = run.invoke(app, ["import", str(exported), "--parameters", str(parameters), "--write"])
    assert done.exit_code == 2
    assert (
        "testland/services.csv:2:instance_of: holds 'eu-een-advice', which services.csv does not list"
        in done.output
    )
    region = pack / "region.yaml"
    region.write_text(region.read_text("utf-8") + "layers: [eu]\n", "utf-8")
    done = run.invoke(app, ["import", str(exported), "--parameters", str(parameters), "--write"])
    assert done.exit_code == 0, done.output
    assert "eu-een-advice" not in set(load_pack(pack).services["service_id"])


def test_a_new_region_comes_from_its_sheet(parameters: Path, exported: Path) -> None:
    done = run.invoke(
        app, ["import", str(exported), "--region", "newland", "--parameters", str(parameters), "--write"]
    )
    assert done.exit_code == 0, done.output
    assert check_pack(parameters / "newland") == []
    assert len(load_pack(parameters / "newland").services) == 2


def test_nothing_is_written_until_asked(parameters: Path, exported: Path) -> None:
    done = run.invoke(app, ["import", str(exported), "--region", "newland", "--parameters", str(parameters)])
    assert done.exit_code == 0, done.output
    assert not (parameters / "newland").exists()
    assert "'services' read as services.csv: 2 rows" in done.output


@pytest.mark.parametrize("to", ["jsonld", "ttl"])
def test_services_travel_as_a_catalogue_and_back(
    parameters: Path, pack: Path, tmp_path: Path, to: str
) -> None:
    before = (pack / "services.csv").read_bytes()
    path = tmp_path / f"testland.{to}"
    where = ["--parameters", str(parameters)]
    done = run.invoke(app, ["export", "testland", "--to", to, "--file", str(path), *where])
    assert done.exit_code == 0, done.output
    done = run.invoke(app, ["import", str(path), "--write", *where])
    assert done.exit_code == 0, done.output
    assert f"testland.{to} conforms to the shapes of CPSV-AP 3.2" in done.output
    assert (pack / "services.csv").read_bytes() == before


def test_the_vocabularies_go_out_as_skos(parameters: Path, tmp_path: Path) -> None:
    path = tmp_path / "codes.ttl"
    done = run.invoke(
        app, ["export", "testland", "--to", "skos", "--file", str(path), "--parameters", str(parameters)]
    )
    assert done.exit_code == 0, done.output
    assert "skos:ConceptScheme" in path.read_text("utf-8")


def test_a_fault_keeps_the_pack_as_it_was(parameters: Path, pack: Path, exported: Path) -> None:
    book = openpyxl.load_workbook(exported)
    headers = [cell.value for cell in book["services"][1]]
    book["services"].cell(2, headers.index("support_type") + 1).value = "holiday"
    book.save(exported)
    before = (pack / "services.csv").read_bytes()
    done = run.invoke(app, ["import", str(exported), "--parameters", str(parameters), "--write"])
    assert done.exit_code == 2
    assert "services:F2 support_type: holds 'holiday'; allowed: awareness, information" in done.output
    assert (pack / "services.csv").read_bytes() == before
