"""What exactly differs between two files of a run: cell by cell for tables and notebooks, path by path for charts."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

MOST = 12
"""Differences named per file; the rest is counted."""


def name_differences(there: bytes, expected: bytes, name: str) -> list[str]:
    """Return in words what differs between what is there and what was expected.

    Parameters
    ----------
    there, expected : bytes
        Contents of the file.
    name : str
        File name; its ending decides how the contents are read.
    """
    if there == expected:
        return []
    readers: dict[str, Callable[[str, str], Iterator[str]]] = {
        ".csv": _in_table, ".ipynb": _in_notebook, ".json": _in_json, ".svg": _in_picture
    }  # fmt: skip
    reader = readers.get(Path(name).suffix)
    found: list[str] = []
    if reader is not None:
        try:
            found = list(reader(there.decode("utf-8"), expected.decode("utf-8")))
        except (ValueError, csv.Error, KeyError, TypeError):
            found = ["it can no longer be read as what its name says"]
    if not found:
        return [
            f"{len(there)} bytes instead of {len(expected)}; the first that differs is byte {_first(there, expected)}"
        ]
    rest = len(found) - MOST
    return [*found[:MOST], f"and {rest} more"] if rest > 0 else found


def _first(there: bytes, expected: bytes) -> int:
    pairs = enumerate(zip(there, expected, strict=False), start=1)
    return next((place for place, (a, b) in pairs if a != b), min(len(there), len(expected)) + 1)


def _quoted(value: object, most: int = 70) -> str:
    text = " ".join(str(value).split())
    return f"'{text if len(text) <= most else text[: most - 1] + '…'}'"


def _instead(there: object, expected: object) -> str:
    return f"{_quoted(there)} instead of {_quoted(expected)}"


def _in_table(there: str, expected: str) -> Iterator[str]:
    old, new = (list(csv.reader(io.StringIO(text), strict=True)) for text in (expected, there))
    if old[:1] != new[:1]:
        yield f"columns {_instead(', '.join(new[0]) if new else '', ', '.join(old[0]) if old else '')}"
        return
    head = old[0]
    if len(old) != len(new):
        yield f"{len(new) - 1} rows instead of {len(old) - 1}"
        known = {tuple(row) for row in old}
        kept = {tuple(row) for row in new}
        yield from (
            f"row {number} is new: {_quoted(', '.join(row))}"
            for number, row in enumerate(new, 1)
            if tuple(row) not in known
        )
        yield from (
            f"row {number} is gone: {_quoted(', '.join(row))}"
            for number, row in enumerate(old, 1)
            if tuple(row) not in kept
        )
        return
    for number, (before, after) in enumerate(zip(old, new, strict=True), start=1):
        for column, a, b in zip_longest(head, before, after, fillvalue=""):
            if a != b:
                yield f"row {number}, column {column}: {_instead(b, a)}"


def _in_notebook(there: str, expected: str) -> Iterator[str]:
    old, new = (json.loads(text)["cells"] for text in (expected, there))
    before = {cell["id"]: cell for cell in old}
    after = {cell["id"]: cell for cell in new}
    yield from (f"cell [{name}] is gone" for name in before if name not in after)
    yield from (f"cell [{name}] is new" for name in after if name not in before)
    for name, cell in after.items():
        if name not in before:
            continue
        was = before[name]
        if "".join(cell["source"]) != "".join(was["source"]):
            yield f"cell [{name}], source: {_line(''.join(cell['source']), ''.join(was['source']))}"
        outputs = list(zip_longest(cell.get("outputs", []), was.get("outputs", [])))
        for number, (shown, expected_output) in enumerate(outputs, start=1):
            if shown != expected_output:
                yield f"cell [{name}], output {number}: {_in_output(shown, expected_output)}"
        rest = [key for key in {*cell, *was} - {"source", "outputs"} if cell.get(key) != was.get(key)]
        yield from (f"cell [{name}], {key}: {_instead(cell.get(key), was.get(key))}" for key in sorted(rest))


def _in_output(there: Any, expected: Any) -> str:
    if there is None:
        return "is gone"
    if expected is None:
        return "is new"
    data, was = there.get("data", {}), expected.get("data", {})
    for kind in (
        "text/markdown",
        "text/plain",
        "text/html",
        "application/vnd.vegalite.v5+json",
        "image/svg+xml",
    ):
        if data.get(kind) != was.get(kind):
            if kind.endswith("json"):
                return next(iter(_in_values(data.get(kind), was.get(kind), "")), kind)
            return f"{kind}: {_line(_text(data.get(kind)), _text(was.get(kind)))}"
    return _instead(there, expected)


def _text(value: Any) -> str:
    return "".join(value) if isinstance(value, list) else str(value or "")


def _line(there: str, expected: str) -> str:
    """Return the first stretch in which two texts differ, with a few characters around it."""
    at = next(
        (i for i, (a, b) in enumerate(zip(there, expected, strict=False)) if a != b),
        min(len(there), len(expected)),
    )
    start = max(0, at - 20)
    return _instead(there[start : at + 40], expected[start : at + 40])


def _in_json(there: str, expected: str) -> Iterator[str]:
    for difference in _in_values(json.loads(there), json.loads(expected), ""):
        # the name of a data set is a hash; the rows of a chart are listed in the order of its table
        yield re.sub(r"^datasets\.\w[\w-]*\[(\d+)\]\.", r"data row \1, ", difference)


def _in_values(there: Any, expected: Any, path: str) -> Iterator[str]:
    if isinstance(there, dict) and isinstance(expected, dict):
        for key in sorted({*there, *expected}):
            yield from _in_values(there.get(key), expected.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(there, list) and isinstance(expected, list):
        if len(there) != len(expected):
            yield f"{path}: {len(there)} items instead of {len(expected)}"
        for number, (a, b) in enumerate(zip(there, expected, strict=False), start=1):
            yield from _in_values(a, b, f"{path}[{number}]")
    elif there != expected:
        yield f"{path}: {_instead(there, expected)}"


def _in_picture(there: str, expected: str) -> Iterator[str]:
    old, new = (re.findall(r"<[^>]*>|[^<]+", text) for text in (expected, there))
    if len(old) != len(new):
        yield f"{len(new)} parts instead of {len(old)}"
    for number, (a, b) in enumerate(zip(new, old, strict=False), start=1):
        if a != b:
            yield f"part {number}: {_line(a, b)}"
