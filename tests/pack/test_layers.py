"""Layers: what Europe or a country offers every firm stands once, and each region that is entitled to it has it."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pandas as pd
import pytest

from eis_lib.pack.pack import check_common, check_pack, load_pack
from eis_lib.record.snapshots import keep_snapshot, snapshot_pack

SOURCE = ["https://example.org/layer", "Page of 2024", "published"]
SERVICE = {
    "description": "For every firm.", "support_type": "information", "journey_stages": "aware", "modes": "export",
    "sme_size": "micro", "experience": "non-exporter", "sectors": "all", "market_scope": "intra-eu", "channel": "online",
    "cost_to_sme": "free", "start_year": "2018", "end_year": "",
}  # fmt: skip


def write(path: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")


def sourced(**row: str) -> dict[str, str]:
    return {**row, **dict(zip(("source_url", "source_title", "evidence"), SOURCE, strict=True))}


def offer(service: str, available_in: str = "", provider: str = "network") -> dict[str, str]:
    return sourced(
        service_id=service, provider_id=provider, name=service.title(), **SERVICE, available_in=available_in
    )


def body(provider: str) -> dict[str, str]:
    return sourced(
        provider_id=provider, name=provider, name_en=provider, kind="eu-network", level="eu", url=""
    )


@pytest.fixture
def layer(parameters: Path, pack: Path) -> Path:
    """A layer of two countries, of which the region of the tests has what its firms may use."""
    folder = parameters / "_layers" / "union"
    folder.mkdir(parents=True)
    (folder / "layer.yaml").write_text("name: A union\ncountries: [DK, IE]\n", "utf-8")
    write(folder / "providers.csv", [body("network"), body("fund")])
    write(
        folder / "services.csv",
        [offer("for-all"), offer("for-irish", "IE"), offer("for-uk-too", "all;UK"), offer("fund-uk", "UK", "fund")],
    )  # fmt: skip
    region = pack / "region.yaml"
    region.write_text(region.read_text("utf-8") + "layers: [union]\n", "utf-8")
    return folder


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def lives_in(pack: Path, country: str) -> None:
    change(pack / "region.yaml", "country: DK", f"country: {country}")
    change(pack / "region.yaml", "nuts_code: DK04", f"nuts_code: {country}04")


def of_layer(frame: pd.DataFrame, key: str) -> list[str]:
    return frame.loc[frame["layer"] == "union", key].tolist()


def own_instance(pack: Path, of: str) -> None:
    """Have the region's own advice be what a service of the layer is there."""
    path = pack / "services.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    write(path, [{**row, "instance_of": of if row["service_id"] == "advice-1" else ""} for row in rows])


def test_a_region_has_its_own_rows_first_and_below_them_those_it_is_entitled_to(
    pack: Path, layer: Path
) -> None:
    services = load_pack(pack).services
    assert services["service_id"].tolist() == ["advice-1", "grant-1", "for-all", "for-uk-too"]
    assert services["layer"].tolist() == ["", "", "union", "union"]
    assert of_layer(load_pack(pack).providers, "provider_id") == ["network"]


@pytest.mark.parametrize(
    ("country", "offers"),
    [
        ("DK", ["for-all", "for-uk-too"]),
        ("IE", ["for-all", "for-irish", "for-uk-too"]),
        ("UK", ["for-uk-too", "fund-uk"]),  # not of the layer: only what names it
        ("NO", []),
    ],
)
def test_what_firms_may_use_depends_on_their_country(
    pack: Path, layer: Path, country: str, offers: list[str]
) -> None:
    lives_in(pack, country)
    assert of_layer(load_pack(pack).services, "service_id") == offers


def test_without_its_layer_a_region_has_its_own_rows_alone(pack: Path, layer: Path) -> None:
    change(pack / "region.yaml", "layers: [union]\n", "")
    services = load_pack(pack).services
    assert services["layer"].tolist() == ["", ""]


def test_the_regions_own_row_of_the_same_offer_stands_for_the_layers(pack: Path, layer: Path) -> None:
    own_instance(pack, "for-all")
    services = load_pack(pack).services
    assert services["service_id"].tolist() == ["advice-1", "grant-1", "for-uk-too"]
    assert services["instance_of"].tolist()[0] == "for-all"


def test_a_relation_of_the_layer_holds_of_the_row_that_stands_for_it(pack: Path, layer: Path) -> None:
    row = sourced(service_id="for-all", other_service="for-uk-too", relation="complements", coded_by="a") | {
        "note": ""
    }
    write(layer / "relations.csv", [row, {**row, "other_service": "for-irish"}])
    assert of_layer(load_pack(pack).relations, "service_id") == ["for-all"]  # Danish firms have no for-irish
    own_instance(pack, "for-all")
    relations = load_pack(pack).relations
    assert relations[["service_id", "other_service"]].to_numpy().tolist() == [["advice-1", "for-uk-too"]]


def test_a_row_of_the_pack_may_point_at_a_body_of_the_layer(pack: Path, layer: Path) -> None:
    change(pack / "services.csv", "advice-1,council", "advice-1,fund")
    assert check_pack(pack) == []
    assert of_layer(load_pack(pack).providers, "provider_id") == ["network", "fund"]


def test_a_body_that_neither_pack_nor_layer_has_is_a_fault_with_the_nearest(pack: Path, layer: Path) -> None:
    change(pack / "services.csv", "advice-1,council", "advice-1,funt")
    (fault,) = check_pack(pack)
    assert str(fault).startswith("testland/services.csv:2:provider_id: holds 'funt'")
    assert str(fault).endswith("nearest: 'fund'")


def test_a_key_that_a_layer_has_already_is_a_fault(pack: Path, layer: Path) -> None:
    change(pack / "services.csv", "advice-1,", "for-all,")
    change(pack / "policies.csv", "advice-1,", "for-all,")
    (fault,) = check_pack(pack)
    assert str(fault).startswith(
        "testland/services.csv:2:service_id: holds 'for-all', which is a row of the layer 'union'; allowed: a key that "
    )


def test_a_layer_that_does_not_exist_names_the_nearest(pack: Path, layer: Path) -> None:
    change(pack / "region.yaml", "layers: [union]", "layers: [unoin]")
    (fault,) = check_pack(pack)
    assert str(fault) == "testland/region.yaml:layers: holds 'unoin'; allowed: union; nearest: 'union'"


def test_a_fault_of_a_layer_is_told_with_its_folder_and_once_of_the_shared_tables(
    parameters: Path, pack: Path, layer: Path
) -> None:
    change(layer / "services.csv", ",information,", ",informaton,")
    (fault,) = check_pack(pack)
    assert str(fault).startswith("_layers/union/services.csv:2:support_type: holds 'informaton'")
    assert [str(f) for f in check_common(parameters)] == [str(fault)]


def test_a_layer_without_countries_says_so(pack: Path, layer: Path) -> None:
    (layer / "layer.yaml").write_text("name: A union\n", "utf-8")
    (fault,) = check_pack(pack)
    assert str(fault).startswith(
        "_layers/union/layer.yaml:countries: is missing; allowed: a list of countries"
    )


def test_the_hashes_of_a_pack_are_those_of_its_layers_too(parameters: Path, pack: Path, layer: Path) -> None:
    hashes = load_pack(pack).sha256
    assert {name for name in hashes if name.startswith("_layers/")} == {
        "_layers/union/layer.yaml", "_layers/union/providers.csv", "_layers/union/services.csv",
    }  # fmt: skip
    for name, sha256 in hashes.items():
        assert hashlib.sha256((parameters / name).read_bytes()).hexdigest() == sha256


def test_a_pack_that_was_checked_has_its_layers_too(parameters: Path, pack: Path, layer: Path) -> None:
    tables = [*parameters.glob("*/*.csv"), *parameters.glob("_layers/*/*.csv")]
    checked = frozenset(hashlib.sha256(path.read_bytes()).hexdigest() for path in tables)
    pd.testing.assert_frame_equal(load_pack(pack, checked).services, load_pack(pack).services)
    assert load_pack(pack, checked).sha256 == load_pack(pack).sha256


def test_a_snapshot_keeps_the_layers_as_they_were(
    tmp_path: Path, parameters: Path, pack: Path, layer: Path
) -> None:
    before = load_pack(pack)
    kept = keep_snapshot(tmp_path / "outputs", parameters, "2024-10", ["testland"])
    assert (kept.parameters / "_layers" / "union" / "services.csv").is_file()
    change(layer / "services.csv", "For-All", "For Nobody")
    old = snapshot_pack(tmp_path / "outputs", "2024-10", "testland")
    pd.testing.assert_frame_equal(old.services, before.services)
    assert old.sha256 == before.sha256
    assert "For Nobody" in set(load_pack(pack).services["name"])


def test_a_need_that_a_firm_of_its_modes_cannot_have_is_a_fault_of_the_persona(parameters: Path) -> None:
    path = parameters / "_common" / "personas.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    (number,) = (n for n, row in enumerate(rows) if row["modes"] == "import")
    rows[number]["barriers"] += ";payment-security"
    write(path, rows)
    (fault,) = check_common(parameters)
    assert str(fault).startswith(
        f"_common/personas.csv:{number + 2}:barriers: holds 'payment-security', which a firm of mode 'import' cannot have"
    )
    rows[number]["modes"] = "import;export"  # one that sells as well can
    write(path, rows)
    assert check_common(parameters) == []
