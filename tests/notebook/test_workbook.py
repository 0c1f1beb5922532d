from __future__ import annotations

import json
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from eis_lib.charts import theme
from eis_lib.charts.picture import draw
from eis_lib.notebook.opening import open_review
from eis_lib.notebook.showing import table_html
from eis_lib.pack.folders import find_parameters
from eis_lib.pack.settings import ParameterError
from eis_lib.record.errand import VARIABLE, Errand
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table
from eis_lib.workbook import Workbook, open_workbook


@pytest.fixture
def here(parameters: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EIS_PARAMETERS", str(parameters))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return parameters


def bars(review: Review, *, many: int = 2) -> Section:
    frame = pd.DataFrame({"a": ["<b>x</b>", "y"][:many], "b": [1.0, 2.0][:many]})
    chart = alt.Chart(frame).mark_bar().encode(x="b:Q", y="a:N")
    return Section(
        f"Two bars in {review.pack.region.name}.",
        {"bars": theme.finish(chart, title="Two bars", description="x is 1, y is 2", source="a test")},
        {"bars": Table(frame, "Bars")},
        "high",
    )


def test_the_folder_of_packs_is_found_upwards(parameters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EIS_PARAMETERS", raising=False)
    below = parameters.parent / "a" / "b"
    below.mkdir(parents=True)
    assert find_parameters(below) == parameters


def test_a_misspelt_parameter_of_a_notebook_is_refused(here: Path) -> None:
    with pytest.raises(
        ParameterError, match="unknown parameter 'duplication_shar'. Did you mean 'duplication_share'?"
    ):
        open_workbook("test", {"region": "testland", "duplication_shar": 0.3, "step": object(), "_i": "x"})


def test_a_parameter_of_region_yaml_reaches_the_review(here: Path) -> None:
    assert open_review("test", "testland").parameters.duplication_share == 0.5
    book = open_workbook("test", {"region": "testland", "duplication_share": 0.3})
    assert book.review.parameters.duplication_share == 0.3


def test_a_batch_run_keeps_charts_tables_and_what_it_read(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, Errand(record=str(tmp_path / "record")).environment()[VARIABLE])
    book = Workbook(open_review("map", "testland"))
    book.explore(bars, many=[1, 2])
    made = sorted(
        str(p.relative_to(tmp_path / "record")) for p in (tmp_path / "record").rglob("*") if p.is_file()
    )
    assert made == [
        "charts/bars.json",
        "charts/bars.png",
        "charts/bars.svg",
        "record.json",
        "tables/bars.csv",
    ]
    record = json.loads((tmp_path / "record" / "record.json").read_text())
    assert {"kind": "pack", "name": "testland/services.csv"}.items() <= record["inputs"][-1].items()
    assert (record["charts"], record["tables"]) == (["bars"], ["bars"])


def test_two_sections_may_not_make_the_same_table(here: Path) -> None:
    book = Workbook(open_review("map", "testland"))
    book.explore(bars)
    with pytest.raises(ValueError, match="two sections of 'map' make table 'bars'"):
        book.explore(bars)


def test_a_choice_the_section_does_not_take_is_refused(here: Path) -> None:
    with pytest.raises(TypeError, match="bars takes no 'few'; it takes many"):
        Workbook(open_review("map", "testland")).explore(bars, few=[1])


def test_a_chart_is_the_same_bytes_twice_and_carries_its_description(here: Path) -> None:
    review = open_review("map", "testland")
    first, second = (draw(bars(review).charts["bars"]).mime_bundle for _ in range(2))
    assert first == second
    data, metadata = first
    assert data["text/plain"] == "x is 1, y is 2" == metadata["image/svg+xml"]["alt"]
    assert data["application/vnd.vegalite.v5+json"]["$schema"].endswith("/v5.20.1.json")
    assert data["image/svg+xml"].startswith("<svg")


def test_text_of_a_pack_is_escaped_in_tables_and_rows_left_out_are_counted(here: Path) -> None:
    table = Table(pd.DataFrame({"service_name": ["<script>"] * 20}), "Services")
    page = table_html(table, "map", "services")
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 15
    assert "5 more rows in tables/map/services.csv." in page
    assert ">Service name</th>" in page
