"""Fixtures that several folders of tests share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browser import chromium, playwright  # noqa: F401 - fixtures
from hypothesis import settings
from synthetic import write_searches

ROOT = Path(__file__).resolve().parents[1]

REGION = """\
name: Testland
name_native: Prøveland
nuts_code: DK04
nuts_version: "2021"
nuts_level: 2
level: NUTS 2 region
country: DK
languages: [da]
currency: DKK
review_date: 2024-06-30
partners:
  - {name: Testland Council, provider_id: council}
steps:
  test: {duplication_share: 0.5}
"""
SOURCE = "https://example.org/page,Page of 2024,published"
TABLES = {
    "providers": [
        "provider_id,name,name_en,kind,level,url,source_url,source_title,evidence",
        f"council,Prøveland Amt,Testland Council,local-authority,local,,{SOURCE}",
        f'agency,"Agentur, Prøveland",Agency,export-agency,national,https://example.org,{SOURCE}',
    ],
    "services": [
        "service_id,provider_id,name,description,support_type,journey_stages,modes,sme_size,experience,sectors,"
        "market_scope,channel,cost_to_sme,start_year,end_year,source_url,source_title,evidence",
        f"advice-1,council,Advice,Talk with an adviser.,advice,aware;plan,export,micro;small,non-exporter,all,"
        f"intra-eu,in-person,free,2018,,{SOURCE}",
        f"grant-1,agency,Grant,Money for fairs.,grant,enter,export;import,micro;small;medium,occasional,agrofood,"
        f"intra-eu;extra-eu,online,co-funded,2020,2025,{SOURCE}",
    ],
    "policies": [
        "policy_id,title,kind,level,owner,start_year,end_year,budget_eur,objectives,barriers_addressed,delivered_by,"
        "source_url,source_title,evidence",
        f"plan-1,Growth plan,strategy,regional,council,2020,2027,,more exporters;better advice,finance,advice-1,{SOURCE}",
    ],
    "good_practices": [
        "practice_id,title,summary,support_type,journey_stages,barriers_addressed,cost_eur_per_year,results,"
        "source_url,source_title,evidence",
    ],
    "actions": [
        "action_id,title,summary,owner,players,start_year,end_year,cost_eur,funding,inspired_by,indicator,target,"
        "source_url,source_title,evidence",
        f"act-1,Do it,Something is done.,council,Agency,2021,2023,1000,own means,,,,{SOURCE}",
    ],
}


settings.register_profile("quick", max_examples=10)  # for make quick; make test looks at as many as ever

LONG = ("browser", "cluster", "kernel", "slow")
"""Marks of what takes longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that none of them is left for one worker at the end."""
    ranks: dict[Path, int] = {}
    for item in items:
        marks = [number for number, mark in enumerate(LONG) if item.get_closest_marker(mark)]
        rank = min(marks, default=len(LONG) + (item.path.suffix != ".ipynb"))
        ranks[item.path] = min(rank, ranks.get(item.path, rank))
    items.sort(key=lambda item: ranks[item.path])


@pytest.fixture
def parameters(tmp_path: Path) -> Path:
    """A folder of region packs with the real `_common` and one tiny sound region, `testland`."""
    folder = tmp_path / "parameters"
    shutil.copytree(ROOT / "parameters" / "_common", folder / "_common")
    pack = folder / "testland"
    pack.mkdir()
    (pack / "region.yaml").write_text(REGION, "utf-8")
    for name, lines in TABLES.items():
        (pack / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    write_searches(pack, {"advice": ["advice-1"], "grant": ["grant-1"]})
    return folder


@pytest.fixture
def pack(parameters: Path) -> Path:
    """The folder of the tiny sound region."""
    return parameters / "testland"
