"""A graph read from a Turtle or JSON-LD file, without fetching anything."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from rdflib import Graph


def read_graph(path: Path) -> Graph:
    """Return the graph in a Turtle or JSON-LD file, without fetching anything.

    Raises
    ------
    ValueError
        If it cannot be read, or rests on a context that would have to be fetched.
    """
    forms = {".ttl": "turtle", ".jsonld": "json-ld", ".json": "json-ld"}
    form = forms.get(path.suffix.lower())
    if form is None:
        raise ValueError(f"{path.name}: ends in '{path.suffix}'; allowed: {', '.join(forms)}")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name}: not UTF-8 (byte {error.start})") from None
    names = {"turtle": "Turtle", "json-ld": "JSON-LD"}
    try:
        if form == "json-ld":
            text = json.dumps(_with_known_contexts(json.loads(text), path.name))
        return Graph(bind_namespaces="none").parse(data=text, format=form)
    except _UnknownContextError:
        raise
    except Exception as error:  # noqa: BLE001 - rdflib raises whatever its parsers raise
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path.name}: cannot be read as {names[form]}: {reason}") from None


class _UnknownContextError(ValueError):
    """Raised for a JSON-LD context that would have to be fetched."""


def _with_known_contexts(value: Any, file: str) -> Any:
    """Return JSON-LD with the published CPSV-AP context put in, and no other address to fetch from left."""
    if isinstance(value, list):
        return [_with_known_contexts(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key == "@context":
            contexts = item if isinstance(item, list) else [item]
            result[key] = [_known_context(context, file) for context in contexts]
        elif key == "@import":
            result[key] = _known_context(item, file)
        else:
            result[key] = _with_known_contexts(item, file)
    return result


def _known_context(context: Any, file: str) -> Any:
    if not isinstance(context, str):
        return _with_known_contexts(context, file)
    if re.match(
        r"https?://(semiceu\.github\.io|data\.europa\.eu|purl\.eu)/.*cpsv-ap", context, re.IGNORECASE
    ):
        text = files("eis_lib.exchange").joinpath("cpsv-ap.jsonld").read_text("utf-8")
        return json.loads(text)["@context"]
    raise _UnknownContextError(
        f"{file}: rests on the context '{context}', which is not fetched; put the context into the file itself"
    )
