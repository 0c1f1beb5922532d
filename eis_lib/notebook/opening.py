"""A review opened for a notebook: region, tables and parameters found, checked and put together."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eis_lib.language.messages import ENGLISH, catalogue_sha256
from eis_lib.pack.folders import find_parameters, list_regions, region_folder
from eis_lib.pack.pack import load_common, load_pack
from eis_lib.pack.settings import resolve_parameters
from eis_lib.record.errand import read_errand
from eis_lib.section.review import Review, Sources
from eis_lib.section.section import SectionFunction


def step_leaves(step: str) -> Mapping[str, SectionFunction]:
    """Return the tables that a step leaves for later ones: table name → section function that makes it."""
    leaves: Mapping[str, SectionFunction] = importlib.import_module(f"eis_lib.steps.{step}").LEAVES
    return leaves


def open_review(step: str, region: str, passed: Mapping[str, Any] | None = None) -> Review:
    """Return the review of one region at one step, checked.

    Parameters
    ----------
    step : str
        One of the six steps.
    region : str
        Folder under ``parameters/``.
    passed : mapping
        Step parameters given by hand; they go before ``region.yaml`` and the defaults.

    Raises
    ------
    RegionError, PackError, ParameterError
        With a message that says what was given and what is allowed.
    """
    parameters = find_parameters()
    folder = region_folder(parameters, region)
    errand = read_errand()
    checked = errand.known_tables()
    common = load_common(parameters, checked)
    pack = load_pack(folder, checked)
    values = resolve_parameters(step, passed or {}, pack.region.step_parameters(step))
    earlier = Path(errand.earlier) if errand.earlier else None
    sources = Sources(parameters, errand.chosen or list_regions(parameters), earlier, checked)
    review = Review(step, pack, common, values, sources, step_leaves)
    if step == "compare":
        from eis_lib.steps.compare import among_peers

        review = among_peers(review)
    if values.language != ENGLISH:
        review.inputs["catalogue", values.language] = catalogue_sha256(values.language)
    return review


def version() -> str:
    """Return the version of the library."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("eis-workbooks")
    except PackageNotFoundError:
        return "unknown"
