"""A small project to run: six tiny workbooks that keep the workbooks' contract, and copies of the invented region."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nbformat

from eis_lib.kernels.server import PRELOAD
from eis_lib.section.method import STEPS

ROOT = Path(__file__).parents[2]

SETUP = """\
import hashlib, json, os, pathlib

errand = json.loads(os.environ["EIS_ERRAND"])
packs, record, before = map(pathlib.Path, (os.environ["EIS_PARAMETERS"], errand["record"], errand["earlier"]))
inputs = []
PICTURE = {"json": '{{"description": "{name} of {region}"}}', "svg": "<svg xmlns='http://www.w3.org/2000/svg'/>", "png": "{name}"}

def read(kind, name, path):
    content = path.read_bytes()
    inputs.append({"kind": kind, "name": name, "sha256": hashlib.sha256(content).hexdigest()})
    return content.decode()

def keep(tables, charts):
    for kind in ("tables", "charts"):
        (record / kind).mkdir(exist_ok=True)
    for name, text in tables.items():
        (record / "tables" / f"{name}.csv").write_text(text)
    for name in charts:
        for ending in ("json", "svg", "png"):
            (record / "charts" / f"{name}.{ending}").write_text(PICTURE[ending].format(name=name, region=region))
    state = {"step": step, "region": region, "parameters": {"year": None}, "inputs": inputs,
             "tables": list(tables), "charts": list(charts), "headline": f"{region}, {step}"}
    (record / "record.json").write_text(json.dumps(state))

def row(name):
    return ("name,count,need_area,barrier,kind,persona,services,reach\\n"
            f"{name},{count},finance,finance,absolute,Ana,{count},0.5\\n")

services = read("pack", f"{region}/services.csv", packs / region / "services.csv")
read("common", "barriers.csv", packs / "_common" / "barriers.csv")
count = services.count("\\n") - 1
"""

EARLIER = """\
count += sum(map(ord, read("earlier", f"{{region}}/{step}/{table}", before / region / "tables" / "{step}" / "{table}.csv")))
"""

GATHERED = """\
count += sum(map(ord, read("gathered", "coverage", before / "_gathered" / "coverage.csv")))
chosen = errand["chosen"]
"""

READS = {"test": ("map", "coverage"), "plan": ("compare", "findings"), "review": ("plan", "findings")}


def write_workbooks(folder: Path, **extra: str) -> None:
    """Write the six workbooks; `extra` is the code of one more cell, by step, before the last."""
    folder.mkdir(parents=True, exist_ok=True)
    for step in STEPS.values():
        tables = [*step.gathered, "findings"]
        code = SETUP
        if step.name in READS:
            code += EARLIER.format(step=READS[step.name][0], table=READS[step.name][1])
        if step.after_barrier:
            code += GATHERED
        cells = [
            nbformat.v4.new_markdown_cell(f"# {step.name}?", id="title"),
            nbformat.v4.new_code_cell(
                'region: str = "alpha"  # folder under parameters/',
                id="parameters",
                metadata={"tags": ["parameters"]},
            ),
            nbformat.v4.new_code_cell(
                f'step = "{step.name}"\n{code}', id="setup", metadata={"tags": ["setup"]}
            ),
            nbformat.v4.new_code_cell(
                f"keep({{name: row(name) for name in {tables!r}}}, ['first', 'second'])\n"
                'print(f"{region} has {count}")',
                id="answer",
            ),
        ]
        if step.name in extra:
            cells.insert(-1, nbformat.v4.new_code_cell(extra[step.name], id="extra"))
        notebook = nbformat.v4.new_notebook(
            cells=cells,
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, folder / step.notebook)


def write_packs(folder: Path, *regions: str) -> None:
    """Write region packs, each a copy of the invented region under another name."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "parameters" / "_common", folder / "_common", dirs_exist_ok=True)
    for region in regions:
        shutil.copytree(ROOT / "parameters" / "example", folder / region)


def write_project(root: Path, *regions: str, **extra: str) -> Path:
    """Write a project with workbooks and packs; return its folder."""
    write_workbooks(root / "workbooks", **extra)
    write_packs(root / "parameters", *regions)
    return root


def where_it_runs(word: str) -> tuple[str, int, int, bool]:
    """Return the word, this process and its parent, and whether what every workbook needs was here before."""
    return word, os.getpid(), os.getppid(), PRELOAD in sys.modules
