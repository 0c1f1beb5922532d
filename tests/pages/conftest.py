"""Real results to make pages of: every workbook there is, run for the invented region and for a hostile one."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from eis_lib.batch.request import Request
from eis_lib.batch.run import run
from eis_lib.pages.site import Site, build_site

ROOT = Path(__file__).parents[2]
HOSTILE_SERVICE = "<img src=x onerror=alert(1)>"
HOSTILE_PROVIDER = '"};alert(1)//'


@dataclass(frozen=True)
class Made:
    """Results of two regions and the pages made of them."""

    workbooks: Path
    parameters: Path
    outputs: Path
    site: Site

    @property
    def folder(self) -> Path:
        return self.site.folder

    def pages(self) -> list[Path]:
        return sorted(self.folder.rglob("*.html"))

    def text(self, url: str) -> str:
        return (self.folder / url).read_text("utf-8")


def write_hostile_pack(parameters: Path) -> None:
    """Write a copy of a real pack in which a service and a provider have names that would like to be code."""
    pack = parameters / "hostile"
    shutil.copytree(ROOT / "parameters" / "koprivnica", pack)
    for table, columns, name in (
        ("services", ("name",), HOSTILE_SERVICE),
        ("providers", ("name", "name_en"), HOSTILE_PROVIDER),
    ):
        path = pack / f"{table}.csv"
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        rows[0].update(dict.fromkeys(columns, name))
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as running real kernels what asks for results."""
    for item in items:
        if item.path.parent == Path(__file__).parent and "made" in getattr(item, "fixturenames", ()):
            item.add_marker("kernel")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Made:
    """Results and pages, made once for all test processes; nobody may change them."""
    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "site-results"
    parameters, outputs, workbooks = root / "parameters", root / "outputs", ROOT / "workbooks"
    with FileLock(root.with_suffix(".lock")):
        if not root.exists():
            for pack in ("_common", "_layers", "example"):
                shutil.copytree(ROOT / "parameters" / pack, parameters / pack)
            write_hostile_pack(parameters)
            regions = ("example", "hostile")
            summary = run(
                Request(
                    workbooks=workbooks, parameters=parameters, outputs=outputs, regions=regions, partners=regions, jobs=2
                )
            )  # fmt: skip
            assert summary.is_complete, summary
        return Made(workbooks, parameters, outputs, build_site(outputs, parameters))
