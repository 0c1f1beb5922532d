"""What a region has from a layer, on its pages: shown, marked, counted, and linked like any other row."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest

from eis_lib.language.messages import use_language
from eis_lib.pack.pack import Pack, load_pack
from eis_lib.pages.frame import Frame
from eis_lib.pages.front import write_front
from eis_lib.pages.region import write_region
from eis_lib.record.snapshots import changes

ROOT = Path(__file__).parents[2]
OFFERED = "from what Europe or the country offers everyone"
MARK = "From the layer “European Union”"

pytestmark = pytest.mark.slow  # the packs of two regions are read


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Frame:
    """The pages of two regions, one without a layer, of which no workbook has been run."""
    root = tmp_path_factory.mktemp("layers")
    for name in ("_common", "_layers", "hampshire", "example"):
        shutil.copytree(ROOT / "parameters" / name, root / "parameters" / name)
    for name in ("hampshire", "example"):
        (root / "outputs" / name).mkdir(parents=True)
        (root / "outputs" / name / "manifest.json").write_text('{"steps": {}, "failures": {}}', "utf-8")
    site = Frame(root / "outputs", root / "parameters", root / "site")
    with use_language("en"):
        write_front(site)
        for region in site.regions:
            write_region(site, region)
    return site


@pytest.fixture(scope="module")
def hampshire(site: Frame) -> Pack:
    return load_pack(site.parameters / "hampshire")


def text_of(site: Frame, url: str) -> str:
    return (site.folder / url).read_text("utf-8")


def test_the_front_and_the_region_s_page_say_how_much_is_the_layer_s(site: Frame, hampshire: Pack) -> None:
    lent = {table: len(hampshire.lent(table)) for table in ("providers", "services", "relations", "searches")}
    assert all(lent.values())
    front, home = text_of(site, "index.html"), text_of(site, "hampshire/index.html")
    assert f"{len(hampshire.services)} services ({lent['services']} {OFFERED})" in front
    for table, number in lent.items():
        assert f"{len(hampshire.tables[table])} rows ({number} {OFFERED})" in home, table
    assert front.count(OFFERED) == 1
    assert OFFERED not in text_of(site, "example/index.html")


def test_a_layer_s_row_is_marked_and_every_link_to_it_leads_somewhere(site: Frame, hampshire: Pack) -> None:
    for table in ("providers", "services", "relations"):
        page = text_of(site, f"hampshire/rows_{table}.html")
        assert page.count(MARK) == len(hampshire.lent(table))
    page = text_of(site, "hampshire/rows_services.html")
    own, lent = (
        hampshire.own("services")["service_id"].iloc[0],
        hampshire.lent("services")["service_id"].iloc[0],
    )
    articles = {re.search(r'id="([^"]+)"', part)[1]: part for part in page.split("<article")[1:]}
    assert MARK not in articles[f"services:{own}"]
    assert MARK in articles[f"services:{lent}"]
    ids = {
        path: set(re.findall(r'id="([^"]+)"', path.read_text("utf-8")))
        for path in (site.folder / "hampshire").glob("*.html")
    }
    links = re.findall(
        r'href="\.\./(hampshire/rows_[^"#]+)#([^"]+)"', page + text_of(site, "hampshire/rows_relations.html")
    )
    assert len(links) > len(hampshire.services)
    assert [link for link in links if link[1] not in ids[site.folder / link[0]]] == []


def test_the_data_of_a_page_say_whose_a_row_is(site: Frame, hampshire: Pack) -> None:
    with (site.folder / "hampshire" / "services.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["service_id"], row["layer"]) for row in rows] == list(
        hampshire.services[["service_id", "layer"]].itertuples(index=False, name=None)
    )
    own = (site.parameters / "hampshire" / "actions.csv").read_bytes()
    assert (site.folder / "hampshire" / "actions.csv").read_bytes() == own
    kept = (site.parameters / "example" / "services.csv").read_bytes()
    assert (site.folder / "example" / "services.csv").read_bytes() == kept


def test_a_layer_that_a_region_has_since_a_snapshot_is_no_change_in_the_region(
    parameters: Path, pack: Path
) -> None:
    before = load_pack(pack)
    shutil.copytree(ROOT / "parameters" / "_layers", parameters / "_layers")
    region = pack / "region.yaml"
    region.write_text(region.read_text("utf-8") + "layers: [eu]\n", "utf-8")
    after = load_pack(pack)
    assert len(after.lent("services")) > 50
    assert changes(before, after).empty
    path = parameters / "_layers" / "eu" / "services.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    next(row for row in rows if row["service_id"] == "eu-een-advice")["price_eur"] = "50"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert list(changes(after, load_pack(pack))["id"]) == ["eu-een-advice"]
