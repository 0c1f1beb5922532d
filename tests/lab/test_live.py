from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

import pytest

from eis_lib.lab import guidance
from eis_lib.lab.grid import Grid
from eis_lib.lab.judgements import DECISIONS, add_row
from eis_lib.lab.launch import without_outputs
from eis_lib.lab.page import Page
from eis_lib.lab.picker import region_labels
from eis_lib.notebook.opening import open_review
from eis_lib.pack.beginning import new_pack
from eis_lib.pack.folders import PackError
from eis_lib.pack.pack import load_pack
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.workbook import Workbook

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow  # pages are drawn for several regions


@pytest.fixture
def page(parameters: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("EIS_PARAMETERS", str(parameters))
    return Page("map", "testland", functools.partial(open_review, "map"))


@pytest.fixture
def grid(page: Page) -> Grid:
    return Grid(page.folder, "services", lambda: None)


def told(grid: Grid, **change: Any) -> None:
    grid._told(grid, change, [])


def text_of(out: Any) -> str:
    return "\n".join(str(item["data"].get("text/markdown", "")) for item in out.outputs)


def test_a_section_is_computed_once_for_the_same_choices(page: Page) -> None:
    calls = []

    def section(review: Review, *, many: int = 1) -> Section:
        calls.append((review.pack.id, many))
        return Section("answer")

    for many in (1, 2, 1, 2, 1):
        page.made(section, {"many": many})
    assert calls == [("testland", 1), ("testland", 2)]


def test_a_changed_file_makes_sections_be_computed_anew(page: Page) -> None:
    calls = []

    def section(_review: Review) -> Section:
        calls.append(1)
        return Section("answer")

    page.made(section, {})
    page.reload()
    page.made(section, {})
    assert len(calls) == 1
    path = page.folder / "services.csv"
    path.write_text(path.read_text().replace("Talk with", "Talk to"))
    page.reload()
    page.made(section, {})
    assert len(calls) == 2


def test_a_failing_section_says_so_in_words_and_the_others_stay(page: Page) -> None:
    import ipywidgets

    out = ipywidgets.Output()

    def fails(_review: Review) -> list[Any]:
        raise KeyError("start_year")

    assert not page.guarded(out, fails)
    assert "cannot be shown for this region" in text_of(out)
    assert "something unforeseen (KeyError" in text_of(out)


def test_a_faulty_pack_is_told_fault_by_fault_and_keeps_the_page(parameters: Path, page: Page) -> None:
    path = parameters / "testland" / "services.csv"
    path.write_text(path.read_text().replace(",2018,", ",2O18,"))
    page.reload()
    assert page.review is None
    assert "testland/services.csv:2:start\\_year: holds '2O18'" in page.problem


def test_a_bad_cell_is_marked_with_the_words_of_eis_check_and_refused(grid: Grid) -> None:
    path = grid.folder / "services.csv"
    before = path.read_bytes()
    told(grid, kind="set", id="r0", column="support_type", value="advise")
    (fault,) = grid.faults
    assert (fault["id"], fault["column"]) == ("r0", "support_type")
    assert fault["text"].startswith(
        "testland/services.csv:2:support_type: holds 'advise'; allowed: awareness, "
    )
    assert fault["text"].endswith("nearest: 'advice'")
    told(grid, kind="save")
    assert grid.message == "Nothing was saved: 1 fault to correct first."
    assert path.read_bytes() == before


def test_a_corrected_cell_is_saved_and_only_its_row_changes(grid: Grid) -> None:
    path = grid.folder / "services.csv"
    before = path.read_text().splitlines()
    told(grid, kind="set", id="r0", column="name", value="Advice hour")
    told(grid, kind="save")
    after = path.read_text().splitlines()
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    assert grid.message == "Saved testland/services.csv: 1 row changed."
    assert not grid.is_changed()


def test_rows_are_inserted_and_deleted_where_they_stand(grid: Grid) -> None:
    cells = {**grid.current()[0], "service_id": "advice-2"}
    told(grid, kind="insert", at=1, id="n1", cells=cells)
    told(grid, kind="delete", id="r0")
    assert [row["service_id"] for row in grid.current()] == ["advice-2", "grant-1"]
    # plan-1 is delivered by the service that went
    assert any("plan" in fault["text"] or "policies.csv" in fault["text"] for fault in grid.faults)


def test_a_file_changed_meanwhile_is_noticed_and_left_alone(grid: Grid) -> None:
    path = grid.folder / "services.csv"
    path.write_text(path.read_text().replace("Talk with", "Talk to"))
    told(grid, kind="set", id="r0", column="name", value="Mine")
    assert "was changed by somebody else" in grid.message
    told(grid, kind="save")
    assert "nothing was saved" in grid.message
    assert "Mine" not in path.read_text()


def test_a_decision_is_a_row_of_the_pack_under_the_next_free_name(page: Page) -> None:
    values = {
        "subject_kind": "candidate", "subject_id": "advice-1~grant-1", "decision": "confirmed",
        "decided_by": "steering group", "date": "2024-06-30", "reason": "Same firms.",
        "source_url": "https://example.org", "source_title": "Minutes", "evidence": "own-judgement",
    }  # fmt: skip
    assert add_row(page.folder, "decisions", "testland-decision", values) == "testland-decision-1"
    assert add_row(page.folder, "decisions", "testland-decision", values) == "testland-decision-2"
    with pytest.raises(PackError, match="decisions.csv:4:decision: holds 'maybe'"):
        add_row(page.folder, "decisions", "testland-decision", {**values, "decision": "maybe"})
    assert len(load_pack(page.folder).decisions) == 2


def test_every_decision_offered_is_a_code_of_the_vocabulary(page: Page) -> None:
    assert page.review is not None
    codes = set(page.review.vocabulary.codes("decision"))
    assert set(DECISIONS) == set(page.review.vocabulary.codes("subject_kind"))
    assert {code for offered in DECISIONS.values() for code in offered} <= codes


def test_an_empty_pack_is_told_what_helps_most_first(parameters: Path) -> None:
    folder = new_pack(
        parameters, "nowhere", name="Nowhere", nuts_code="DK05", nuts_version="2021", languages=["da"],
        review_date="2026-01-01",
    )  # fmt: skip
    advice = guidance.what_next(load_pack(folder))
    assert [one.text.split(":")[0] for one in advice[:3]] == [
        "List the organisations that help firms to go abroad",
        "List what these organisations offer to firms",
        "List the policies and strategies that bear on it",
    ]
    assert "Nowhere (nowhere)" in region_labels(parameters)


def test_what_a_layer_offers_is_no_work_done_by_the_region(parameters: Path) -> None:
    shutil.copytree(ROOT / "parameters" / "_layers", parameters / "_layers")
    folder = new_pack(
        parameters, "nowhere", name="Nowhere", nuts_code="DK05", nuts_version="2021", languages=["da"],
        review_date="2026-01-01",
    )  # fmt: skip
    pack = load_pack(folder)
    assert len(pack.services) > 50
    texts = [one.text for one in guidance.what_next(pack)]
    assert texts[0].startswith("List the organisations that help firms to go abroad")
    assert any("searches.csv" in text for text in texts)
    assert not any("first and last year" in text for text in texts)


def test_a_grid_holds_the_region_s_rows_and_lets_them_name_those_of_its_layers(
    parameters: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_layers", "donegal"):
        shutil.copytree(ROOT / "parameters" / name, parameters / name)
    monkeypatch.setenv("EIS_PARAMETERS", str(parameters))
    folder = parameters / "donegal"
    pack = load_pack(folder)
    layer = (parameters / "_layers" / "eu" / "services.csv").read_bytes()
    services = Grid(folder, "services", lambda: None)
    assert [row["service_id"] for row in services.current()] == list(pack.own("services")["service_id"])
    options = {column["name"]: column["options"] for column in services.meta["columns"]}
    labels = {option["code"]: option["label"] for option in options["instance_of"]}
    assert labels["eu-een-information"].endswith("(layer eu)")
    assert set(pack.services["service_id"]) <= labels.keys()
    assert services.faults == []

    relations = Grid(folder, "relations", lambda: None)
    own, lent = pack.own("services")["service_id"].iloc[-1], pack.lent("services")["service_id"].iloc[-1]
    row = {**relations.current()[0], "service_id": own, "other_service": lent, "relation": "follows"}
    told(relations, kind="insert", at=0, id="new", cells=row)
    assert relations.faults == []
    relations.save()
    assert relations.message.startswith("Saved donegal/relations.csv: 1 row added")
    assert (parameters / "_layers" / "eu" / "services.csv").read_bytes() == layer
    told(relations, kind="set", id="new", column="other_service", value="eu-nothing")
    assert [fault["column"] for fault in relations.faults] == ["other_service"]


def test_a_search_is_ticked_off_in_the_grid(parameters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIS_PARAMETERS", str(parameters))
    folder = new_pack(
        parameters, "nowhere", name="Nowhere", nuts_code="DK05", nuts_version="2021", languages=["da"],
        review_date="2026-01-01",
    )  # fmt: skip
    grid = Grid(folder, "searches", lambda: None)
    told(grid, kind="set", id="r0", column="outcome", value="nothing-found")
    assert {fault["column"] for fault in grid.faults} == {"searched_on", "where", "query"}
    for column, value in {"searched_on": "2026-01-02", "where": "pages", "query": "Events"}.items():
        told(grid, kind="set", id="r0", column=column, value=value)
    grid.save()
    assert grid.message == "Saved nowhere/searches.csv: 1 row changed."


def test_candidates_nobody_decided_on_are_named_before_what_is_merely_missing(page: Page) -> None:
    assert page.review is not None
    texts = [one.text for one in guidance.what_next(page.review.pack, undecided=3)]
    looks = next(n for n, text in enumerate(texts) if "3 pairs of services that look alike" in text)
    assert looks < next(n for n, text in enumerate(texts) if "actions" in text or "measurements.csv" in text)


def test_steps_never_run_are_to_do_and_the_strip_leads_to_the_others(page: Page, parameters: Path) -> None:
    states = guidance.progress(parameters, "testland")
    assert set(states.values()) == {"to do"}
    line = guidance.strip(states, "map")
    steps = line.removeprefix("Results kept: ").split(" · ")
    assert not [step for step in steps if " " in step]  # a line breaks between steps alone
    words = line.replace("\N{NO-BREAK SPACE}", " ")
    assert "**1 Map** ○ to do" in words
    assert "[3 Test](3_test.ipynb) ○ to do" in words


def test_a_glossary_escapes_and_opens_without_a_script(page: Page) -> None:
    assert page.review is not None
    text = guidance.glossary_html(page.review.vocabulary, "map")
    assert text.count("<details>") == text.count("</details>") > 5
    assert "<script" not in text


def test_a_batch_run_shows_nothing_of_what_is_for_the_screen(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    book = Workbook(page.review)
    book.edit("services")
    book.decide("candidate")
    book.assess()
    assert capsys.readouterr().out == ""


def test_a_saved_workbook_keeps_its_cells_and_loses_its_outputs() -> None:
    cell = {"cell_type": "code", "source": "x", "outputs": [1], "execution_count": 3}
    language = {"name": "python", "version": "3.11.7", "nbconvert_exporter": "python"}
    model = {
        "type": "notebook",
        "content": {"metadata": {"widgets": {}, "language_info": language}, "cells": [cell]},
    }
    without_outputs(model, "elsewhere/a.ipynb")
    assert cell["outputs"] == [1]
    without_outputs(model, "workbooks/1_map.ipynb")
    assert cell == {"cell_type": "code", "source": "x", "outputs": [], "execution_count": None}
    assert model["content"]["metadata"] == {"language_info": {"name": "python"}}
