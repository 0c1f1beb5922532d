"""What a reviewer's folder of pages holds to: sizes, links, words for pictures, the same bytes twice."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pandas as pd
import pytest

from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pages.comparison import COMPARED
from eis_lib.pages.markup import Sheet, table
from eis_lib.pages.site import build_site
from eis_lib.record.manifest import ABOUT_RESULTS, read_manifest
from eis_lib.record.results import read_regions, results_sha256

LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


class Page(HTMLParser):
    """The anchors, links, loaded files and pictures of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.pictures: dict[str, str] = {}
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "form":
            self.links.append(found["action"])
        if tag == "html":
            self.language = found.get("lang", "")
        if tag in LOADING and LOADING[tag] in found:
            self.loads.append(found[LOADING[tag]])
        if tag == "img":
            self.pictures[found["src"]] = found.get("alt", "")


@pytest.fixture(scope="module")
def parsed(made):
    return {path.relative_to(made.folder).as_posix(): Page(path.read_text("utf-8")) for path in made.pages()}


def test_there_is_a_page_for_every_region_and_executed_workbook(made, parsed):
    for region in ("example", "hostile"):
        steps = read_manifest(made.outputs, region).steps
        assert len(steps) == 6
        assert {f"{region}/index.html", *(f"{region}/{i}_{s}.html" for i, s in enumerate(steps, 1))} <= set(
            parsed
        )
    assert {"index.html", "compare.html", "vocabulary.html", "made.html", "snapshots.html", "search.html",
            "accessibility.html"} <= set(parsed)  # fmt: skip


def test_the_partnership_is_told_who_is_strong_where_and_who_visits_whom(made, parsed):
    assert {"exchange", "strong"} <= set(parsed["compare.html"].ids)
    text = made.text("compare.html")
    visits = pd.read_csv(made.outputs / "example" / "tables" / "compare" / "exchange.csv")
    assert len(visits)
    for visit in visits.to_dict("records"):
        assert escape(visit["about_words"]) in text
        assert escape(visit["first_practice"]) in text
    assert "strong (" in text
    for region in read_regions(made.outputs, made.parameters):
        assert escape(f"{region.pack.region.name} ({region.pack.region.level}") in text


def test_gaps_of_regions_run_in_different_languages_are_one_row_a_kind():
    gathered = pd.DataFrame(
        {
            "region": ["here", "there", "there"],
            "kind": ["access"] * 3,
            "kind_label": ["Access gap", "Adgangsgab", "Adgangsgab"],
        }
    )
    assert COMPARED["gaps"].across(gathered).to_dict("records") == [{"kind": "access", "here": 1, "there": 2}]


def test_pages_keep_to_their_size(made):
    assert max(path.stat().st_size for path in made.pages()) <= 1_500_000
    # seven regions have to fit into 60 MB
    assert made.site.size / 2 * 7 <= 60_000_000


def test_no_page_loads_anything_from_elsewhere(parsed):
    for url, page in parsed.items():
        assert [address for address in page.loads if re.match(r"([a-z]+:)?//", address)] == [], url
        assert all(not address.startswith("data:") or address == "data:," for address in page.loads), url


def test_every_link_and_anchor_leads_somewhere(made, parsed):
    broken = []
    for url, page in parsed.items():
        for address in [*page.links, *page.loads]:
            if re.match(r"(https?|mailto|data):", address):
                continue
            target, _, anchor = address.partition("#")
            target = target.partition("?")[0]
            place = (made.folder / url).parent / unquote(target) if target else made.folder / url
            name = place.resolve().relative_to(made.folder.resolve()).as_posix()
            if not place.is_file() or (anchor and unquote(anchor) not in parsed[name].ids):
                broken.append(f"{url}: {address}")
    assert broken == []


def test_no_anchor_is_there_twice(parsed):
    for url, page in parsed.items():
        assert len(page.ids) == len(set(page.ids)), (url, [i for i in page.ids if page.ids.count(i) > 1][:5])


def test_every_page_names_its_language(parsed):
    assert {page.language for page in parsed.values()} == {"en"}


def test_the_text_for_a_chart_is_its_description(made, parsed):
    seen = 0
    for url, page in parsed.items():
        for source, text in page.pictures.items():
            path = made.outputs / Path(url).parent / source
            assert text == json.loads(path.with_suffix(".json").read_text("utf-8"))["description"], (
                url,
                source,
            )
            assert len(text) > 20
            seen += 1
    assert seen >= 40


def test_every_chart_has_its_rows_as_a_table_and_a_file(made):
    html = made.text("example/1_map.html")
    figures = re.findall(r'<figure class="chart".*?</figure>', html, flags=re.DOTALL)
    assert len(figures) == len(list((made.outputs / "example/charts/map").glob("*.svg")))
    for figure in figures:
        assert '<table class="data' in figure
        file = re.search(r'href="(charts/map/[a-z_0-9]+\.csv)"', figure)[1]
        assert (made.folder / "example" / file).read_text("utf-8").count("\n") >= 2


def test_tables_can_be_kept_whole(made):
    for path in sorted((made.outputs / "example" / "tables").rglob("*.csv")):
        name = path.relative_to(made.outputs / "example").as_posix()
        assert (made.folder / "example" / name).read_bytes() == path.read_bytes()


def test_years_are_written_as_years():
    frame = pd.DataFrame({"start_year": [2021.0, None], "budget_eur": [2021.0, 1234567.0]})
    html = table(Sheet(frame, "Years"), lambda *_: None, 5)
    assert re.findall(r"<t[dh] ?[^>]*>([^<]*)</t[dh]>", html)[2:] == ["2021", "2,021", "–", "1,234,567"]


def test_code_is_folded_and_there(made):
    html = made.text("example/3_test.html")
    assert html.count('<details class="code">') >= 8
    assert "book.explore(step.headline)" in html
    assert "<details open" not in html


def test_a_finding_leads_to_the_rows_it_rests_on(made, parsed):
    (region, *_) = read_regions(made.outputs, made.parameters)
    findings = region.steps["map"].findings
    row = findings[findings["rows"].notna()].iloc[0]
    html = made.text(f"{region.id}/1_map.html")
    item = re.search(
        rf'<li class="finding" id="{re.escape(row.finding_id)}">.*?</li>', html, flags=re.DOTALL
    )[0]
    table, key = row.rows.split(";")[0].split(":")
    assert f"rows_{table}.html#{table}:{key}" in item
    assert f"{table}:{key}" in parsed[f"{region.id}/rows_{table}.html"].ids


def test_the_source_named_in_a_table_can_be_opened(made):
    table = re.search(r"<caption>Sources by .*?</table>", made.text("example/1_map.html"), flags=re.DOTALL)[0]
    assert '<td><a href="https://example.org/services" rel="noopener noreferrer">' in table


def test_every_row_of_a_pack_stands_there_with_its_source(made):
    html = made.text("example/rows_services.html")
    rows = (made.parameters / "example" / "services.csv").read_text("utf-8").count("\n") - 1
    assert html.count('<article class="row"') == rows
    assert html.count("<dt>Source</dt>") == rows


@pytest.mark.parametrize(("jobs", "apart"), [(1, False), (2, False), (2, True)])
def test_two_makings_give_the_same_bytes_by_however_many_processes(made, tmp_path, jobs, apart):
    other = tmp_path / "elsewhere"
    shutil.copytree(made.outputs, other, ignore=shutil.ignore_patterns("site", ".*"))
    build_site(other, made.parameters, jobs, apart=apart)
    first = {
        path.relative_to(made.folder): path.read_bytes() for path in made.folder.rglob("*") if path.is_file()
    }
    second = {
        path.relative_to(other / "site"): path.read_bytes()
        for path in (other / "site").rglob("*")
        if path.is_file()
    }
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_nothing_is_made_again_where_nothing_changed(made):
    before = (made.folder / "index.html").stat().st_mtime_ns
    assert build_site(made.outputs, made.parameters).fresh
    assert (made.folder / "index.html").stat().st_mtime_ns == before


def test_no_page_names_a_folder_of_this_machine(made):
    for path in made.pages():
        text = path.read_text("utf-8")
        assert str(made.outputs.parent) not in text, path
        assert str(made.workbooks.parent) not in text, path


def test_the_sums_fit_every_file(made):
    lines = (made.folder / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {line[66:]: line[:64] for line in lines}
    files = {
        path.relative_to(made.folder).as_posix(): path for path in made.folder.rglob("*") if path.is_file()
    }
    assert set(sums) == set(files) - {"SHA256SUMS"}
    assert all(
        hashlib.sha256(files[name].read_bytes()).hexdigest() == sha256 for name, sha256 in sums.items()
    )


def test_a_sign_off_counts_for_the_bytes_it_was_given_for_and_no_others(made, tmp_path):
    outputs, parameters = tmp_path / "outputs", tmp_path / "parameters"
    shutil.copytree(made.outputs / "example", outputs / "example")
    shutil.copytree(made.parameters, parameters)
    entry = read_manifest(outputs, "example").steps["map"]
    path = parameters / "example" / "sign_offs.csv"
    assert "5e" * 32 in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace("5e" * 32, results_sha256(entry)), "utf-8")

    (result,) = read_regions(outputs, parameters)
    assert result.steps["map"].state == "done", "a sign-off must not make the results it is about out of date"
    html = (build_site(outputs, parameters).folder / "example" / "index.html").read_text("utf-8")
    table = re.search(r"What reviewers said of the results</caption>.*?</table>", html, flags=re.DOTALL)[0]
    rows = re.findall(r"<tr>.*?</tr>", table, flags=re.DOTALL)[1:]
    assert ["for these results" in row for row in rows] == [True, False]
    assert "out of date: given for other results" in rows[1]
    assert 'href="1_map.html#coverage"' in rows[0]


def test_what_speaks_about_results_is_no_input_of_a_run():
    assert {table.file for table in PACK_TABLES.values() if table.about_results} == ABOUT_RESULTS


def test_a_page_says_when_its_inputs_changed_or_its_files_are_not_the_run_s(made, tmp_path):
    outputs, parameters = tmp_path / "outputs", tmp_path / "parameters"
    shutil.copytree(made.outputs / "example", outputs / "example")
    shutil.copytree(made.parameters, parameters)
    services = parameters / "example" / "services.csv"
    services.write_text(services.read_text("utf-8").replace("First steps abroad", "First steps"), "utf-8")
    chart = next((outputs / "example" / "charts" / "examine").glob("*.svg"))
    chart.write_text(chart.read_text("utf-8").replace("</svg>", "<g/></svg>"), "utf-8")
    (result,) = read_regions(outputs, parameters)
    assert (result.steps["map"].state, result.steps["map"].why) == ("changed", "example/services.csv")
    assert result.steps["examine"].state == "altered"
    assert chart.name in result.steps["examine"].why


def test_names_that_would_like_to_be_code_stay_text(made):
    for path in made.folder.rglob("hostile/*.html"):
        assert "<img src=x" not in path.read_text("utf-8"), path
    assert "&lt;img src=x onerror=alert(1)&gt;" in made.text("hostile/rows_services.html")
    index = (made.folder / "assets" / "search-index.js").read_text("utf-8")
    assert "<" not in index
    entries = json.loads(index.removeprefix("window.EIS_SEARCH=").removesuffix(";\n"))
    assert any(entry["t"] == "<img src=x onerror=alert(1)>" for entry in entries)
