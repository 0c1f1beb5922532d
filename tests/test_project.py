"""The project's own promises: one lock behind pip and conda, no download address, clean style and types."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+?))?\s*\\?$")


def lock_pins() -> set[tuple[str, str, str]]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return {(m[1], m[2], (m[3] or "").strip()) for line in lines if (m := PIN.match(line))}


def test_conda_and_pip_name_the_same_versions() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert pip[-1] == "-e ."
    named = {(m[1], m[2], (m[3] or "").strip()) for line in pip[:-1] if (m := PIN.match(line))}
    assert len(named) == len(pip) - 1
    assert named == lock_pins()


def test_every_dependency_is_pinned_with_hashes_and_without_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = {name.lower().replace("_", "-") for name, _, _ in lock_pins()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += [d for extra in project["project"]["optional-dependencies"].values() for d in extra]
    for dependency in wanted:
        name = re.split(r"[\[<>=!~ ]", dependency)[0].lower().replace("_", "-")
        assert name in pinned, name
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "://" not in text
    assert "--index-url" not in text


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = [
        line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")
    ]
    assert commands[-1] == "exec make test"
    assert "make test" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_style_is_clean() -> None:
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."], cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_types_are_clean() -> None:
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_every_public_name_has_a_docstring() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "interrogate", "--quiet", "eis_lib"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_workbooks_hold_no_outputs_and_share_one_skeleton() -> None:
    import nbformat

    books = sorted((ROOT / "workbooks").glob("*.ipynb"))
    assert [book.stem for book in books] == [
        "1_map",
        "2_examine",
        "3_test",
        "4_compare",
        "5_plan",
        "6_review",
    ]
    for book in books:
        notebook = nbformat.read(book, as_version=4)
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        assert all(not cell.outputs and cell.execution_count is None for cell in code), book.stem
        assert [cell.metadata.get("tags", [None])[0] for cell in code[:2]] == ["parameters", "setup"], (
            book.stem
        )
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        for heading in (
            "Data and sources",
            "What this means for the region",
            "Limits of the evidence",
            "How this was made",
        ):
            assert f"## {heading}" in text, f"{book.stem}: {heading}"
        for cell in code[2:]:
            assert len(cell.source.splitlines()) <= 10, f"{book.stem}: {cell.source[:60]}"


def test_every_column_of_every_table_is_explained() -> None:
    from eis_lib.pack.common_tables import COMMON_TABLES
    from eis_lib.pack.tables import PACK_TABLES

    sections = re.split(r"^### ", (ROOT / "parameters" / "README.md").read_text("utf-8"), flags=re.MULTILINE)
    said = {section.split(".csv", 1)[0]: section for section in sections[1:]}
    shared = ("source_url", "source_title", "evidence", "note")
    for table in (*PACK_TABLES.values(), *COMMON_TABLES.values()):
        for column in table.columns:
            assert column.name in shared or f"`{column.name}`" in said[table.name], (
                f"{table.name}: {column.name}"
            )
