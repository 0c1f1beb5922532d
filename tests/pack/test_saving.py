"""Saving an edited table: only the edit shows, nothing of others is overwritten, nothing faulty is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eis_lib.methods.gaps import kinds_searched
from eis_lib.pack.beginning import new_pack
from eis_lib.pack.folders import PackError, RegionError
from eis_lib.pack.pack import check_pack, load_common, load_pack
from eis_lib.pack.saving import ChangedOnDiskError, check_rows, read_rows, save_rows

ROOT = Path(__file__).resolve().parents[2]


def test_only_the_edited_row_changes(pack: Path) -> None:
    path = pack / "providers.csv"
    path.write_text(path.read_text("utf-8").replace("Testland Council", '"Testland Council"'), "utf-8")
    before = path.read_text("utf-8").splitlines()
    rows, read = read_rows(pack, "providers")
    rows[1]["name_en"] = 'The "Agency", ltd'
    save_rows(pack, "providers", rows, read)
    after = path.read_text("utf-8").splitlines()
    assert after[:2] == before[:2]
    assert after[2] == before[2].replace(",Agency,", ',"The ""Agency"", ltd",')


def test_line_ends_and_byte_order_mark_stay(pack: Path) -> None:
    path = pack / "actions.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    rows, read = read_rows(pack, "actions")
    before = path.read_bytes()
    assert save_rows(pack, "actions", rows, read) == read
    assert path.read_bytes() == before
    rows[0]["title"] = "Do more"
    save_rows(pack, "actions", rows, read)
    assert path.read_bytes() == before.replace(b"Do it", b"Do more")


def test_a_file_changed_meanwhile_is_not_overwritten(pack: Path) -> None:
    rows, read = read_rows(pack, "services")
    path = pack / "services.csv"
    path.write_text(path.read_text("utf-8").replace("Advice,", "Advising,"), "utf-8")
    mine = path.read_bytes()
    with pytest.raises(ChangedOnDiskError, match="testland/services.csv was changed by somebody else"):
        save_rows(pack, "services", rows, read)
    assert path.read_bytes() == mine


def test_a_faulty_table_is_not_written_and_the_faults_are_those_of_check(pack: Path) -> None:
    rows, read = read_rows(pack, "services")
    before = (pack / "services.csv").read_bytes()
    rows[1]["support_type"] = "grants"
    with pytest.raises(PackError) as error:
        save_rows(pack, "services", rows, read)
    assert list(error.value.faults) == check_rows(pack, "services", rows)
    assert str(error.value).startswith(
        "testland/services.csv:3:support_type: holds 'grants'; allowed: awareness"
    )
    assert (pack / "services.csv").read_bytes() == before


def test_a_removed_provider_is_refused_while_services_point_at_it(pack: Path) -> None:
    rows, read = read_rows(pack, "providers")
    with pytest.raises(PackError, match="which providers.csv does not list"):
        save_rows(pack, "providers", rows[:1], read)


def test_an_absent_table_is_begun_with_its_required_columns(pack: Path) -> None:
    rows, read = read_rows(pack, "referrals")
    assert (rows, read) == ([], "")
    row = {"from_service": "advice-1", "to_service": "grant-1", "kind": "referral"}
    row |= {"source_url": "https://example.org", "source_title": "Page", "evidence": "own-judgement"}
    save_rows(pack, "referrals", [row], read)
    text = (pack / "referrals.csv").read_text("utf-8")
    assert text.splitlines()[0] == "from_service,to_service,kind,source_url,source_title,evidence"


def test_an_optional_column_is_added_when_a_row_fills_it(pack: Path) -> None:
    rows, read = read_rows(pack, "services")
    rows[0]["note"] = "asked, by phone"
    save_rows(pack, "services", rows, read)
    lines = (pack / "services.csv").read_text("utf-8").splitlines()
    assert lines[0].endswith(",evidence,note")
    assert lines[1].endswith(',published,"asked, by phone"')
    assert lines[2].endswith(",published,")


@pytest.mark.slow
@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).filter(lambda t: t == t.strip()))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives_a_save(pack: Path, text: str) -> None:
    rows, read = read_rows(pack, "actions")
    rows[0]["title"] = text
    save_rows(pack, "actions", rows, read)
    assert read_rows(pack, "actions")[0] == rows


def test_a_new_pack_is_sound_and_nearly_empty(parameters: Path) -> None:
    folder = new_pack(
        parameters, "north-savo", name="North Savo", nuts_code="FI1D2", nuts_version="2024", languages=["fi"],
        review_date="2026-11-01",
    )  # fmt: skip
    assert check_pack(folder) == []
    assert load_pack(folder).region.country == "FI"
    assert len(load_pack(folder).services) == 0


@pytest.mark.parametrize(
    ("country", "nuts", "layers"), [("FI", "FI1D2", ("eu",)), ("UK", "UKJ3", ("eu",)), ("NO", "NO02", ())]
)
def test_a_new_pack_names_the_layers_that_its_firms_may_use(
    country: str, nuts: str, layers: tuple[str, ...], parameters: Path
) -> None:
    shutil.copytree(ROOT / "parameters" / "_layers", parameters / "_layers")
    folder = new_pack(
        parameters, "new", name="New", nuts_code=nuts, nuts_version="2024", languages=["en"],
        review_date="2026-11-01",
    )  # fmt: skip
    pack = load_pack(folder)
    assert (pack.region.country, pack.region.layers) == (country, layers)
    assert pack.own("services").empty
    assert len(pack.lent("services")) == len(pack.services)
    assert bool(len(pack.services)) == bool(layers)


def test_a_new_pack_holds_every_question_of_the_protocol_to_be_ticked_off(parameters: Path) -> None:
    folder = new_pack(
        parameters, "new", name="New", nuts_code="FI1D2", nuts_version="2024", languages=["fi"],
        review_date="2026-11-01",
    )  # fmt: skip
    rows, read = read_rows(folder, "searches")
    kinds = load_common(parameters).vocabulary.codes("support_type")
    assert [row["support_type"] for row in rows if row["topic"] == "A"] == list(kinds)
    assert [row["topic"] for row in rows if row["topic"] != "A"] == ["B", "C", "D", "E", "F", "G"]
    assert not any(row["outcome"] for row in rows)
    assert set(kinds_searched(load_pack(folder).searches, kinds).values()) == {"not-searched"}

    rows[0] |= {"outcome": "nothing-found", "searched_on": "2026-11-02", "where": "pages"}
    with pytest.raises(
        PackError, match="new/searches.csv:2:query: .*allowed: filled, where there is an outcome"
    ):
        save_rows(folder, "searches", rows, read)
    rows[0]["query"] = "Events on selling abroad"
    save_rows(folder, "searches", rows, read)
    states = kinds_searched(load_pack(folder).searches, kinds)
    assert states.pop(kinds[0]) == "nothing-found"
    assert set(states.values()) == {"not-searched"}


def test_a_new_pack_with_a_wrong_answer_is_not_begun(parameters: Path) -> None:
    before = sorted(parameters.iterdir())
    with pytest.raises(PackError, match="new/region.yaml:3:nuts_code: holds 'Finland'; allowed: a NUTS code"):
        new_pack(
            parameters, "new", name="New", nuts_code="Finland", nuts_version="2024", languages=["fi"],
            review_date="2026-11-01",
        )  # fmt: skip
    with pytest.raises(RegionError, match="there is a folder 'testland' already; nothing was written"):
        new_pack(
            parameters, "testland", name="New", nuts_code="FI1D2", nuts_version="2024", languages=["fi"],
            review_date="2026-11-01",
        )  # fmt: skip
    assert sorted(parameters.iterdir()) == before
