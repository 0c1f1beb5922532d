"""The house keeps its shape: short modules and functions, nothing written twice, every section with its chart, one order."""

from __future__ import annotations

import ast
import importlib
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "eis_lib"
LONGEST_MODULE = 500
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 9

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> Iterator[tuple[str, str]]:
    for path in sorted(LIBRARY.rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def functions() -> Iterator[tuple[str, Function]]:
    for file, text in modules():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, Function):
                yield f"{file} {node.name}", node


def last_line(node: Function) -> int:
    return node.end_lineno or node.lineno


def body_lines(node: Function) -> int:
    """Return the number of lines between the signature and the end, the docstring left out."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return last_line(node) - body[0].lineno + 1 if body else 0


def test_modules_and_functions_are_short() -> None:
    long = [file for file, text in modules() if text.count("\n") > LONGEST_MODULE]
    long += [name for name, node in functions() if last_line(node) - node.lineno >= LONGEST_FUNCTION]
    assert long == []


def test_most_functions_are_read_at_a_glance() -> None:
    assert statistics.median(body_lines(node) for _, node in functions()) <= MEDIAN_FUNCTION


def test_no_two_modules_hold_a_function_of_one_body() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for file, text in modules():
        for node in ast.parse(text).body:
            if isinstance(node, Function):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                if body:
                    places["\n".join(map(ast.dump, body))].add(f"{file} {node.name}")
    twins = [sorted(found) for found in places.values() if len({one.split()[0] for one in found}) > 1]
    assert twins == []


def test_a_section_that_draws_has_its_chart_file() -> None:
    """The first screen shows the picture of another question, and a finding may use a colour."""
    lonely = []
    for path in sorted((LIBRARY / "steps").glob("*/_*.py")):
        names = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)]
        draws = any(name.id == "charts" for name in names)
        if draws and path.stem not in {"_headline", "_findings", "__init__"}:
            lonely += [path] if not (LIBRARY / "charts" / path.parent.name / path.name).is_file() else []
    assert lonely == []


@pytest.mark.parametrize("book", sorted((ROOT / "workbooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_shows_its_sections_in_the_order_of_its_contents(book: Path) -> None:
    leaves = importlib.import_module(f"eis_lib.steps.{book.stem.split('_')[1]}").LEAVES.values()
    contents = list(dict.fromkeys(section.__name__ for section in leaves))
    shown = dict.fromkeys(re.findall(r"step\.([a-z_]+)\b", book.read_text("utf-8")))
    assert [section for section in shown if section in contents] == contents


def test_only_the_face_of_a_package_is_imported_from_outside() -> None:
    """What begins with an underscore in a step, a chart package or a method is that package's own business."""
    intruders = []
    for file, text in modules():
        for node in ast.walk(ast.parse(text)):
            parts = (node.module or "").split(".") if isinstance(node, ast.ImportFrom) else []
            if len(parts) > 3 and parts[3].startswith("_") and not file.startswith("/".join(parts[:3]) + "/"):
                intruders.append(f"{file}: {node.module}")
    assert intruders == []


def test_arrows_point_down_steps_stand_alone_and_there_is_no_circle() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
