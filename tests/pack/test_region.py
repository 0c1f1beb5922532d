"""What a good pack becomes, and what each kind of bad input is told, word for word."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from eis_lib.pack.folders import PackError, RegionError, list_regions, list_unfinished, region_folder
from eis_lib.pack.pack import check_common, check_pack, load_common, load_pack
from eis_lib.pack.saving import write_atomically
from eis_lib.record.manifest import sha256_of


def told(pack: Path) -> list[str]:
    return [str(fault) for fault in check_pack(pack)]


def change(pack: Path, file: str, old: str, new: str) -> None:
    path = pack / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_sound_pack_has_no_fault(pack: Path) -> None:
    assert told(pack) == []


def test_lists_become_tuples_and_years_whole_numbers_and_missing_stays_missing(pack: Path) -> None:
    services = load_pack(pack).services.set_index("service_id")
    assert services.loc["advice-1", "journey_stages"] == ("aware", "plan")
    assert services.loc["grant-1", "end_year"] == 2025
    assert services["end_year"].isna().tolist() == [True, False]
    assert services.loc["advice-1", "co_providers"] == ()
    assert load_pack(pack).providers["name"].iloc[1] == "Agentur, Prøveland"


def hashes(parameters: Path) -> frozenset[str]:
    return frozenset(sha256_of(path) for path in parameters.glob("*/*.csv"))


def test_a_pack_that_was_checked_is_the_same_pack(pack: Path, parameters: Path) -> None:
    plain, checked = load_pack(pack), load_pack(pack, hashes(parameters))
    assert checked.sha256 == plain.sha256
    assert checked.has("actions")
    assert not checked.has("referrals")
    pd.testing.assert_frame_equal(checked.services, plain.services)


def test_of_a_checked_pack_only_the_tables_asked_for_are_read(pack: Path, parameters: Path) -> None:
    checked = hashes(parameters)
    loaded = load_pack(pack, checked)
    (pack / "services.csv").write_text("changed after it was opened", "utf-8")
    assert loaded.services["service_id"].tolist() == ["advice-1", "grant-1"]
    with pytest.raises(PackError):
        load_pack(pack, checked)  # these bytes have not been checked


def test_a_required_table_that_is_gone_is_missed_in_a_checked_pack_too(pack: Path, parameters: Path) -> None:
    checked = hashes(parameters)
    (pack / "services.csv").unlink()
    with pytest.raises(PackError, match=r"services.csv: is missing"):
        load_pack(pack, checked)


def test_what_is_amiss_beside_the_tables_is_told_of_a_checked_pack_too(pack: Path, parameters: Path) -> None:
    checked = hashes(parameters)
    (pack / "servces.csv").write_text("service_id\n", "utf-8")
    change(pack, "region.yaml", "provider_id: council", "provider_id: nobody")
    with pytest.raises(PackError) as error:
        load_pack(pack, checked)
    assert error.value.faults == tuple(check_pack(pack))
    assert [(fault.file, fault.column) for fault in error.value.faults] == [
        ("testland/region.yaml", "partners"),
        ("testland/servces.csv", ""),
    ]


def test_an_absent_optional_table_is_absent_not_empty_evidence(pack: Path) -> None:
    loaded = load_pack(pack)
    assert not loaded.has("referrals")
    assert list(loaded.referrals.columns)[:3] == ["from_service", "to_service", "kind"]


def test_a_wrong_code_names_the_allowed_ones_and_the_nearest(pack: Path) -> None:
    change(pack, "services.csv", ",grant,enter", ",grants,enter")
    (fault,) = told(pack)
    assert fault.startswith(
        "testland/services.csv:3:support_type: holds 'grants'; allowed: awareness, information"
    )
    assert fault.endswith("; nearest: 'grant'")


def test_a_wrong_item_of_a_list_is_named_alone(pack: Path) -> None:
    change(pack, "services.csv", "aware;plan", "aware;plans")
    (fault,) = told(pack)
    assert fault.startswith(
        "testland/services.csv:2:journey_stages: holds 'plans'; allowed: one or more of aware,"
    )
    assert fault.endswith("joined by ';'; nearest: 'plan'")


def test_an_item_may_not_come_twice(pack: Path) -> None:
    change(pack, "services.csv", "aware;plan", "plan;plan")
    assert told(pack) == [
        "testland/services.csv:2:journey_stages: holds 'plan' twice; allowed: each item once"
    ]


def test_a_year_of_five_digits(pack: Path) -> None:
    change(pack, "services.csv", ",2020,2025,", ",20222,2025,")
    assert told(pack) == [
        "testland/services.csv:3:start_year: holds '20222'; allowed: a year from 1900 to 2035"
    ]


def test_an_end_before_the_start(pack: Path) -> None:
    change(pack, "services.csv", ",2020,2025,", ",2020,2019,")
    assert told(pack) == [
        "testland/services.csv:3:end_year: holds '2019'; allowed: a year not before start_year"
    ]


def test_a_duplicate_key_names_both_rows(pack: Path) -> None:
    change(pack, "services.csv", "grant-1,", "advice-1,")
    assert told(pack) == [
        "testland/services.csv:3:service_id: holds 'advice-1', as row 2 does; allowed: each key once in the table"
    ]


def test_a_service_of_a_provider_nobody_lists(pack: Path) -> None:
    change(pack, "services.csv", "advice-1,council", "advice-1,counsil")
    assert told(pack) == [
        "testland/services.csv:2:provider_id: holds 'counsil', which providers.csv does not list; "
        "allowed: a key of providers.csv; nearest: 'council'"
    ]


def test_a_missing_column(pack: Path) -> None:
    change(pack, "services.csv", ",channel,", ",chanel,")
    second, first = told(pack)
    assert first == "testland/services.csv:1:channel: is missing; allowed: a header row with this column"
    assert second.startswith(
        "testland/services.csv:1:chanel: is not a column of this table; allowed: service_id,"
    )
    assert second.endswith("; nearest: 'channel'")


def test_a_file_in_latin_1(pack: Path) -> None:
    path = pack / "providers.csv"
    path.write_bytes(path.read_text("utf-8").encode("latin-1"))
    assert told(pack) == [
        "testland/providers.csv:2: holds the byte 0xF8, which is not UTF-8; allowed: a file saved as 'CSV UTF-8'"
    ]


def test_an_empty_file(pack: Path) -> None:
    (pack / "actions.csv").write_text("", "utf-8")
    (fault,) = told(pack)
    assert fault.startswith("testland/actions.csv: is empty; allowed: a header row: action_id, title,")


@pytest.mark.parametrize(("mark", "between"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_than_commas_are_one_fault(pack: Path, mark: str, between: str) -> None:
    path = pack / "services.csv"
    rows = csv.reader(path.read_text("utf-8").splitlines())
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # as Excel writes it
        csv.writer(file, delimiter=mark).writerows(rows)
    assert told(pack) == [f"testland/services.csv:1: has {between} between its columns; allowed: commas"]


def test_a_byte_order_mark_and_the_line_ends_of_windows_are_no_fault(pack: Path) -> None:
    path = pack / "services.csv"
    path.write_bytes(path.read_text("utf-8").replace("\n", "\r\n").encode("utf-8-sig"))
    assert told(pack) == []


def test_a_nul_is_named_with_its_row(pack: Path) -> None:
    change(pack, "services.csv", "Talk with an adviser.", "Talk\0with an adviser.")
    assert told(pack) == [
        "testland/services.csv:2: holds a NUL, as no text does; allowed: a file saved as 'CSV UTF-8'"
    ]


@pytest.mark.parametrize("file", ["services.csv", "referrals.csv", "region.yaml"])
def test_a_folder_in_place_of_a_file(pack: Path, file: str) -> None:
    (pack / file).unlink(missing_ok=True)
    (pack / file).mkdir()
    assert f"testland/{file}: is a folder; allowed: a file" in told(pack)


def test_a_region_yaml_with_a_tab(pack: Path) -> None:
    path = pack / "region.yaml"
    path.write_text(path.read_text("utf-8") + "steps:\n\ttest: {}\n", "utf-8")
    line = len(path.read_text("utf-8").splitlines())
    assert told(pack) == [f"testland/region.yaml:{line}: is indented with a tab; allowed: spaces"]


def test_a_key_of_region_yaml_that_is_there_twice(pack: Path) -> None:
    path = pack / "region.yaml"
    path.write_text(path.read_text("utf-8") + "name: Elsewhere\n", "utf-8")
    line = len(path.read_text("utf-8").splitlines())
    assert told(pack) == [f"testland/region.yaml:{line}:name: is there twice; allowed: each key once"]


def test_a_pack_without_region_yaml_is_named_not_passed_over(parameters: Path, pack: Path) -> None:
    (pack / "region.yaml").unlink()
    assert list_unfinished(parameters) == ("testland",)
    with pytest.raises(RegionError, match="'testland' has tables and no region.yaml"):
        region_folder(parameters, "testland")


def test_a_missing_file(pack: Path) -> None:
    (pack / "actions.csv").unlink()
    (fault,) = told(pack)
    assert fault.startswith("testland/actions.csv: is missing; allowed: a table: An action the region took")


@pytest.mark.parametrize(
    "stray", ['"Talk with an adviser.', 'Talk with an "adviser.', '"Talk" with an adviser.']
)
def test_a_stray_quotation_mark(pack: Path, stray: str) -> None:
    change(pack, "services.csv", "Talk with an adviser.", stray)
    (fault,) = told(pack)
    assert fault.startswith("testland/services.csv:2: holds a stray quotation mark in '")
    assert "allowed: quotation marks in pairs" in fault


def test_markup_and_formulas_are_text_like_any_other(pack: Path) -> None:
    change(pack, "services.csv", "Talk with an adviser.", "<script>alert(1)</script>")
    change(pack, "services.csv", "Money for fairs.", "=HYPERLINK(1)")
    assert told(pack) == []
    assert load_pack(pack).services["description"].tolist() == ["<script>alert(1)</script>", "=HYPERLINK(1)"]


def test_all_faults_are_told_at_once(pack: Path) -> None:
    change(pack, "services.csv", ",grant,enter", ",grants,enter")
    change(pack, "services.csv", "advice-1,council", "advice-1,counsil")
    change(pack, "actions.csv", ",1000,", ",a thousand,")
    change(pack, "region.yaml", "country: DK", "country: Denmark")
    faults = check_pack(pack)
    assert [(fault.file, fault.row, fault.column) for fault in faults] == [
        ("testland/actions.csv", 2, "cost_eur"),
        ("testland/region.yaml", 7, "country"),
        ("testland/services.csv", 2, "provider_id"),
        ("testland/services.csv", 3, "support_type"),
    ]
    with pytest.raises(PackError) as error:
        load_pack(pack)
    assert error.value.faults == tuple(faults)


def test_a_row_with_a_cell_too_many(pack: Path) -> None:
    change(pack, "services.csv", "Advice,Talk", "Advice,,Talk")
    assert told(pack) == ["testland/services.csv:2: has 19 cells; allowed: 18 cells, as the header row has"]


def test_a_policy_has_an_owner_or_an_owner_name(pack: Path) -> None:
    change(pack, "policies.csv", "regional,council", "regional,")
    (fault,) = told(pack)
    assert fault.startswith(
        "testland/policies.csv:2:owner: holds ''; allowed: either a provider_id in owner or"
    )


def test_an_unknown_key_of_region_yaml(pack: Path) -> None:
    change(pack, "region.yaml", "review_date:", "reviewdate:")
    faults = told(pack)
    assert "testland/region.yaml:0" not in "".join(faults)
    assert any(
        f.startswith("testland/region.yaml:10:reviewdate: is not a key of region.yaml") for f in faults
    )
    assert any(f.endswith("nearest: 'review_date'") for f in faults)


def test_an_unknown_parameter_of_a_step(pack: Path) -> None:
    change(pack, "region.yaml", "duplication_share", "duplication_shar")
    (fault,) = told(pack)
    assert fault.startswith(
        "testland/region.yaml:14:steps.test.duplication_shar: is not a parameter of this step"
    )
    assert fault.endswith("nearest: 'duplication_share'")


def test_a_parameter_of_a_step_of_the_wrong_type(pack: Path) -> None:
    path = pack / "region.yaml"
    above = path.read_text("utf-8").split("steps:")[0]
    path.write_text(f"{above}steps:\n  test: {{duplication_share: lots}}\n", "utf-8")
    line = len(path.read_text("utf-8").splitlines())
    assert told(pack) == [
        f"testland/region.yaml:{line}:steps.test.duplication_share: holds 'lots'; "
        "allowed: a number, more than 0, at most 1"
    ]


def test_the_country_code_of_norway_stays_text(pack: Path) -> None:
    change(pack, "region.yaml", "country: DK", "country: NO")
    change(pack, "region.yaml", "nuts_code: DK04", "nuts_code: NO08")
    assert load_pack(pack).region.country == "NO"


def test_a_code_of_another_country(pack: Path) -> None:
    change(pack, "region.yaml", "country: DK", "country: IE")
    assert told(pack) == [
        "testland/region.yaml:3:nuts_code: holds 'DK04'; allowed: a code that begins with the country, IE"
    ]


@pytest.mark.parametrize("name", ["../testland", "a/b", "..", "/etc", "Testland", ""])
def test_a_name_that_could_be_a_path_is_refused(parameters: Path, name: str) -> None:
    with pytest.raises(RegionError) as error:
        region_folder(parameters, name)
    assert str(error.value) == (
        f"'{name}' cannot be the name of a region: use lower-case letters, digits and '-'. Known: testland."
    )


def test_an_unknown_region_names_the_nearest(parameters: Path) -> None:
    with pytest.raises(RegionError) as error:
        region_folder(parameters, "tesland")
    assert str(error.value) == "there is no region 'tesland'. Did you mean 'testland'? Known: testland."


def test_an_invented_region_is_listed_only_when_asked_for(parameters: Path, pack: Path) -> None:
    with (pack / "region.yaml").open("a") as stream:
        stream.write("invented: true\n")
    assert list_regions(parameters) == ()
    assert list_regions(parameters, invented=True) == ("testland",)


def test_the_shared_tables_are_sound(parameters: Path) -> None:
    assert [str(fault) for fault in check_common(parameters)] == []
    assert load_common(parameters).personas["weight"].sum() == pytest.approx(1)


def test_an_age_is_of_a_known_kind_and_stale_is_not_younger_than_fresh(parameters: Path) -> None:
    file = parameters / "_common" / "ages.csv"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("services,1,3,", "servces,1,3,").replace("policies,2,5,", "policies,6,5,"), "utf-8"
    )
    said = [str(fault) for fault in check_common(parameters)]
    assert said[0] == "_common/ages.csv:kind: has no row 'services'; allowed: one row for each kind"
    assert "ages.csv:2:kind" in said[1]
    assert "one of services, policies, good_practices, indicators" in said[1]
    assert "ages.csv:3:stale_years" in said[2]
    assert len(said) == 3


def test_every_pack_of_the_project_is_sound() -> None:
    folder = Path(__file__).parents[2] / "parameters"
    faults = [
        str(fault) for region in list_regions(folder, invented=True) for fault in check_pack(folder / region)
    ]
    assert faults == []
    assert set(list_regions(folder)) == {
        "alentejo", "central-denmark", "donegal", "emilia-romagna", "hampshire", "koprivnica", "pomerania",
    }  # fmt: skip


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
