"""Made-up landscapes of any size, for tests and benchmarks: seeded, in the tables' own schema, plainly labelled as invented.

``python -m tests.synthetic --regions 242 --services 55 --out DIR`` writes one region pack per folder beside a copy of
``_common``; ``EIS_PARAMETERS=DIR eis run`` then treats them like any other.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from eis_lib.pack.tables import SEARCHES

COMMON = Path(__file__).resolve().parents[1] / "parameters" / "_common"

COUNTRIES = [
    "AT",
    "BE",
    "BG",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "EL",
    "ES",
    "FI",
    "FR",
    "HR",
    "HU",
    "IE",
    "IT",
    "LT",
    "LU",
    "LV",
    "MT",
    "NL",
    "PL",
    "PT",
    "RO",
    "SE",
    "SI",
    "SK",
]

STAGES = ("aware", "assess", "plan", "prepare", "enter", "grow")

TYPES: dict[str, tuple[float, tuple[tuple[int, ...], ...], tuple[str, ...]]] = {
    # support type: how common it is, at which stages it is found (numbers of STAGES), needs it may name itself
    "awareness": (6, ((0,), (0, 1)), ("awareness", "market-knowledge")),
    "information": (8, ((0, 1), (0, 1, 2), (1, 2)), ("market-knowledge", "legal-rules", "awareness")),
    "readiness-assessment": (5, ((1,), (1, 2)), ("specialised-staff", "awareness")),
    "market-research": (5, ((1, 2), (2,)), ("market-knowledge",)),
    "training": (10, ((2, 3), (3,), (1, 2, 3)), ("specialised-staff", "admin-procedures", "language-skills")),
    "advice": (12, ((1, 2), (1, 2, 3), (2, 3), (3, 4)), ("specialised-staff", "market-knowledge")),
    "voucher": (5, ((2, 3), (3,)), ("investment-cost", "specialised-staff")),
    "grant": (12, ((2, 3), (3, 4), (2, 3, 4), (4,)), ("investment-cost", "finance", "delivery-costs")),
    "loan": (4, ((3, 5), (3, 4, 5)), ("finance", "investment-cost")),
    "guarantee-or-insurance": (3, ((4, 5), (3, 4)), ("payment-security", "finance")),
    "matchmaking": (9, ((3, 4), (4,), (0, 4)), ("partner-identification",)),
    "trade-mission": (5, ((4,), (3, 4)), ("partner-identification", "market-knowledge")),
    "trade-fair": (6, ((4,), (4, 5)), ("partner-identification", "delivery-costs")),
    "soft-landing": (2, ((4, 5), (5,)), ("legal-rules", "investment-cost")),
    "legal-ip-compliance": (3, ((3,), (3, 4)), ("legal-rules", "foreign-taxes", "dispute-resolution")),
    "technology-partnering": (4, ((2, 5), (2, 3, 5)), ("product-adaptation", "partner-identification")),
    "digital-export": (4, ((2, 3), (3, 4)), ("digital-capability", "cross-border-complaints")),
    "investment-promotion": (1, ((0,), (0, 5)), ("investment-cost",)),
}

SIZES = ("micro", "small", "medium")
EXPERIENCE = ("non-exporter", "occasional", "regular")
SCOPES = ("cross-border", "intra-eu", "extra-eu")
MODES = ("export", "import", "fdi", "subcontracting", "technical-cooperation")
SECTORS = [
    "agriculture",
    "manufacturing",
    "agrofood",
    "wine-and-drinks",
    "engineering",
    "automotive",
    "maritime",
    "energy",
    "environment",
    "construction",
    "wood-furniture",
    "fashion",
    "materials",
    "life-sciences",
    "ict",
    "electronics",
    "creative",
    "crafts",
    "tourism",
    "logistics",
    "traded-services",
    "innovation-led",
]
SOURCE = {
    "source_url": "https://example.org/synthetic",
    "source_title": "Invented for tests",
    "evidence": "invented",
}


def _subsets(rng: np.random.Generator, codes: Sequence[str], n: int, full: float) -> list[tuple[str, ...]]:
    """Return n sets of codes: all of them with probability ``full``, else a run of neighbours."""
    size = len(codes)
    whole = rng.random(n) < full
    low = rng.integers(0, size, n)
    high = np.minimum(low + rng.integers(0, size, n), size - 1)
    return [tuple(codes) if w else tuple(codes[a : b + 1]) for w, a, b in zip(whole, low, high, strict=True)]


def make_services(
    n: int,
    rng: np.random.Generator,
    providers: Sequence[str],
    territories: Sequence[str],
    prefix: str = "s",
) -> pd.DataFrame:
    """Return n services in the schema of ``services.csv``, lists as tuples, spread over providers and territories at random."""
    names = list(TYPES)
    weight = np.array([TYPES[t][0] for t in names])
    kind = rng.choice(len(names), n, p=weight / weight.sum())
    pick = rng.random(n)
    types = [names[k] for k in kind]
    stages = [
        tuple(STAGES[i] for i in TYPES[t][1][int(p * len(TYPES[t][1]))])
        for t, p in zip(types, pick, strict=True)
    ]
    sectors = [
        ("all",) if everyone else tuple(sorted({SECTORS[i] for i in chosen}))
        for everyone, chosen in zip(rng.random(n) < 0.55, rng.integers(0, len(SECTORS), (n, 3)), strict=True)
    ]
    own = rng.random(n)
    needs = [
        TYPES[t][2][: 1 + int(o * 10) % len(TYPES[t][2])] if o < 0.4 else ()
        for t, o in zip(types, own, strict=True)
    ]
    modes = [("export",) if r < 0.7 else ("export", MODES[1 + int(r * 100) % 4]) for r in rng.random(n)]
    start = rng.integers(2005, 2024, n)
    known = rng.random((n, 2))
    length = rng.integers(1, 12, n)
    width = len(str(n - 1))
    return pd.DataFrame(
        {
            "service_id": [f"{prefix}{i:0{width}d}" for i in range(n)],
            "provider_id": [providers[i] for i in rng.integers(0, len(providers), n)],
            "name": [f"{t} {i}".replace("-", " ").capitalize() for i, t in enumerate(types)],
            "description": [f"Invented {t.replace('-', ' ')} for tests." for t in types],
            "support_type": types,
            "journey_stages": stages,
            "modes": modes,
            "sme_size": _subsets(rng, SIZES, n, 0.5),
            "experience": _subsets(rng, EXPERIENCE, n, 0.4),
            "sectors": sectors,
            "market_scope": _subsets(rng, SCOPES, n, 0.5),
            "channel": [("in-person", "hybrid", "online")[i] for i in rng.integers(0, 3, n)],
            "cost_to_sme": [("free", "co-funded", "paid")[int(r * 2.4)] for r in rng.random(n)],
            "start_year": pd.array(
                [int(y) if k < 0.75 else pd.NA for y, k in zip(start, known[:, 0], strict=True)],
                dtype="Int64",
            ),
            "end_year": pd.array(
                [
                    int(y + add) if k < 0.4 else pd.NA
                    for y, add, k in zip(start, length, known[:, 1], strict=True)
                ],
                dtype="Int64",
            ),
            "barriers_addressed": needs,
            "territory": [territories[i] for i in rng.integers(0, len(territories), n)],
        }
    )


def make_nation(n: int, seed: int = 1, country: str = "IT") -> pd.DataFrame:
    """Return the n services of one country: a sixth for all of it, the others for one of its regions or provinces."""
    rng = np.random.default_rng(seed)
    regions = [f"{country}{a}{b}" for a in "CFGHI" for b in "1234"]
    provinces = [f"{region}{c}" for region in regions for c in "12345"]
    bodies = [f"p{i:04d}" for i in range(max(n // 4, 1))]
    weights = [country] * max(len(regions + provinces) // 5, 1)
    return make_services(n, rng, bodies, [*weights, *regions, *provinces])


def make_europe(n: int, seed: int = 1) -> pd.DataFrame:
    """Return n services of 27 countries in equal parts, each as :func:`make_nation` spreads them."""
    share = [n // len(COUNTRIES) + (i < n % len(COUNTRIES)) for i in range(len(COUNTRIES))]
    parts = []
    for i, (country, size) in enumerate(zip(COUNTRIES, share, strict=True)):
        part = make_nation(size, seed + i, country)
        part["service_id"] = country.lower() + "-" + part["service_id"]
        part["provider_id"] = country.lower() + "-" + part["provider_id"]
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def make_routes(services: pd.DataFrame, per_service: float, seed: int = 1) -> pd.DataFrame:
    """Return referrals from services to services of the same or the next stage, ``per_service`` of them on average."""
    rng = np.random.default_rng(seed)
    order = {stage: i for i, stage in enumerate(STAGES)}
    last = [max(order[s] for s in stages) for stages in services["journey_stages"]]
    by_stage: dict[int, list[str]] = {}
    for service, stages in zip(services["service_id"], services["journey_stages"], strict=True):
        for stage in stages:
            by_stage.setdefault(order[stage], []).append(service)
    kinds = ("warm-handover", "referral", "signpost")
    rows: dict[tuple[str, str], str] = {}
    for service, stage in zip(services["service_id"], last, strict=True):
        for _ in range(rng.poisson(per_service)):
            targets = by_stage.get(min(stage + 1, len(STAGES) - 1), [])
            if targets:
                target = targets[int(rng.integers(0, len(targets)))]
                if target != service:
                    rows[service, target] = kinds[int(rng.integers(0, 3))]
    return pd.DataFrame(
        [(a, b, k) for (a, b), k in sorted(rows.items())], columns=["from_service", "to_service", "kind"]
    )


# --- packs on disk ---------------------------------------------------------------------------------------------


def write_packs(folder: Path, regions: int, services: int, seed: int = 1) -> list[str]:
    """Write synthetic region packs and a copy of ``_common``; return the names of the regions, sorted.

    The same numbers and seed give the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "_common").exists():
        shutil.copytree(COMMON, folder / "_common")
    width = len(str(regions))
    names = []
    for number in range(regions):
        name = f"synthetic-{number + 1:0{width}d}"
        country = COUNTRIES[number % len(COUNTRIES)]
        nuts = f"{country}{'ABCDEFGHIJ'[number // len(COUNTRIES) % 10]}{number // (10 * len(COUNTRIES)) + 1}"
        _write_pack(folder / name, name, country, nuts, n=services, seed=seed * 100_003 + number)
        names.append(name)
    return names


def _write_pack(folder: Path, name: str, country: str, nuts: str, *, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    bodies = max(6, n * 2 // 5)
    kinds = (
        "local-authority", "chamber", "development-agency", "regional-authority", "cluster", "university", "export-agency",
        "national-ministry", "bank-or-fund", "eu-network", "business-association",
    )  # fmt: skip
    levels = {
        "local-authority": "local", "chamber": "local", "export-agency": "national", "national-ministry": "national",
        "bank-or-fund": "national", "eu-network": "eu", "business-association": "national",
    }  # fmt: skip
    providers = []
    for i in range(bodies):
        kind = kinds[i % len(kinds)]
        title = f"{kind.replace('-', ' ').capitalize()} {i + 1}"
        providers.append(
            {
                "provider_id": f"{name}-p{i:02d}", "name": title, "name_en": title, "kind": kind,
                "level": levels.get(kind, "regional"), "url": "", **SOURCE,
            }
        )  # fmt: skip
    ids = [p["provider_id"] for p in providers]
    frame = make_services(n, rng, ids, ["", "", "", f"{nuts}1", f"{nuts}2"], f"{name}-s")
    policies = []
    for i in range(max(2, n // 4)):
        served = sorted(rng.choice(frame["service_id"].to_numpy(), min(3, n), replace=False))
        start = int(rng.integers(2010, 2022))
        policies.append(
            {
                "policy_id": f"{name}-pol{i:02d}", "title": f"Invented policy {i + 1}",
                "kind": ("strategy", "operational-programme", "scheme", "law", "action-plan")[i % 5],
                "level": ("local", "regional", "national", "eu")[i % 4], "owner": ids[i % len(ids)], "start_year": start,
                "end_year": start + 7, "budget_eur": int(rng.integers(1, 90)) * 100_000 if i % 3 else "",
                "objectives": "more firms abroad;better advice",
                "barriers_addressed": ";".join(("finance", "market-knowledge", "partner-identification")[: 1 + i % 3]),
                "delivered_by": ";".join(served), **SOURCE,
            }
        )  # fmt: skip
    practices = [
        {
            "practice_id": f"{name}-gp{i}", "title": f"Invented practice {i + 1}", "summary": "Invented for tests.",
            "support_type": list(TYPES)[int(rng.integers(0, len(TYPES)))], "journey_stages": STAGES[i % 6],
            "barriers_addressed": ("digital-capability", "payment-security", "language-skills")[i % 3],
            "cost_eur_per_year": 50_000 * (i + 1), "results": "Invented.", **SOURCE,
        }
        for i in range(max(1, n // 7))
    ]  # fmt: skip
    actions = [
        {
            "action_id": f"{name}-act{i}", "title": f"Invented action {i + 1}", "summary": "Invented for tests.",
            "owner": ids[i % len(ids)], "players": "", "start_year": 2022 + i % 10, "end_year": 2024 + i % 10,
            "cost_eur": 40_000 * (i + 1), "funding": "region", "inspired_by": "", "indicator": "firms served", "target": "50",
            **SOURCE,
        }
        for i in range(max(1, n // 6))
    ]  # fmt: skip
    for table, rows in (
        ("providers", providers),
        ("services", _as_text(frame.assign(**SOURCE))),
        ("policies", policies),
        ("good_practices", practices),
        ("actions", actions),
        ("referrals", _as_text(make_routes(frame, 0.4, seed).assign(**SOURCE))),
    ):
        if rows:
            with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    write_searches(folder, frame.groupby("support_type")["service_id"].agg(list).to_dict())
    title = name.replace("-", " ").capitalize()
    (folder / "region.yaml").write_text(
        f"name: {title}\nname_native: {title}\nnuts_code: {nuts}\nnuts_version: '2021'\nnuts_level: 2\n"
        f"level: invented region\ncountry: {country}\nlanguages: [en]\ncurrency: EUR\nreview_date: '2022-06-30'\n"
        f"policy_instrument: Invented programme\npolicy_instrument_kind: operational programme\nbudget_eur: 500000\n"
        f"indicator_areas:\n  - {{code: {country}, note: the country}}\ninvented: true\n"
        "note: Made by tests/synthetic.py; nothing in it is real.\n",
        encoding="utf-8",
    )


def write_searches(folder: Path, found: Mapping[str, Sequence[str]] = MappingProxyType({})) -> None:
    """Have a region search for every kind of support: nothing is absent that nobody looked for.

    Parameters
    ----------
    folder
        Of the region's pack.
    found
        Kind of support → services that were found; of every other kind, nothing was.
    """
    with (folder / "searches.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in SEARCHES.columns)
        for kind in TYPES:
            ids = found.get(kind, ())
            outcome = "found" if ids else "nothing-found"
            row = [f"search-{kind}", "A", kind, "any", "2022-06-01", "pages", f"Invented: {kind}?", outcome]
            writer.writerow([*row, ";".join(ids), SOURCE["source_title"]])


def _as_text(frame: pd.DataFrame) -> list[dict[str, Any]]:
    def cell(value: Any) -> Any:
        if isinstance(value, tuple):
            return ";".join(value)
        return "" if value is pd.NA else value

    return [{key: cell(value) for key, value in row.items()} for row in frame.to_dict("records")]


def main() -> None:
    """Write packs from the command line."""
    parser = argparse.ArgumentParser(description="Write synthetic region packs.")
    parser.add_argument("--regions", type=int, default=10, help="how many packs")
    parser.add_argument("--services", type=int, default=55, help="services in each")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    names = write_packs(given.out, given.regions, given.services, given.seed)
    print(f"{len(names)} packs of {given.services} services in {given.out}")


if __name__ == "__main__":
    main()
