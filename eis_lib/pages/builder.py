"""The pages put together: those over all regions, and those of each, of as many at a time as there are jobs."""

from __future__ import annotations

import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from eis_lib.kernels.signals import leave_the_end_to_parent
from eis_lib.language.messages import use_language
from eis_lib.pack.vocabulary import VOCABULARY_FILE
from eis_lib.pages.changes import write_snapshots
from eis_lib.pages.comparison import write_comparison
from eis_lib.pages.frame import ASSETS, COMMON_VOCABULARY, TEMPLATES, Frame, _shared
from eis_lib.pages.front import write_front
from eis_lib.pages.made import write_accessibility, write_made, write_search, write_vocabulary
from eis_lib.pages.region import write_region
from eis_lib.pages.row_pages import write_common_rows


def build(outputs: Path, parameters: Path, folder: Path, jobs: int = 1) -> None:
    """Make every page; those of as many regions at a time as there are jobs, where processes can be forked."""
    site = Frame(outputs, parameters, folder)
    shared = _shared(region.language for region in site.regions)
    with use_language(shared):
        write_front(site)
    _write_each_region(site, jobs)
    with use_language(shared):
        _write_over_all(site)
    assets = folder / "assets"
    assets.mkdir(exist_ok=True)
    for name in ASSETS:
        shutil.copyfile(TEMPLATES / name, assets / name)
    shutil.copyfile(parameters / COMMON_VOCABULARY, assets / VOCABULARY_FILE)


def _write_each_region(site: Frame, jobs: int) -> None:
    numbers = range(len(site.regions))
    jobs = min(jobs, len(numbers))
    if jobs > 1 and "fork" in multiprocessing.get_all_start_methods():
        # what has been read so far is not read again by each process, nor sent to it
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_begin_pages, initargs=(site,)
        ) as pool:
            for pages, found in pool.map(_pages_of_forked, numbers):
                site.pages += pages
                site.found += found
    else:
        for number in numbers:
            _pages_of(site, number)


def _pages_of(site: Frame, number: int) -> tuple[list[tuple[str, str, str]], list[dict[str, str]]]:
    """Make the pages of one region; return what they have added to those made and to what the search looks through."""
    pages, found = len(site.pages), len(site.found)
    region = site.regions[number]
    with use_language(region.language):
        write_region(site, region)
    return site.pages[pages:], site.found[found:]


def _write_over_all(site: Frame) -> None:
    """Make the other pages that are not about one region, in the language that all regions share."""
    for write in (
        write_common_rows,
        write_comparison,
        write_vocabulary,
        write_made,
        write_snapshots,
        write_accessibility,
        write_search,  # last, for it looks through all others
    ):
        write(site)


_site: Frame


def _begin_pages(site: Frame) -> None:
    """Prepare a process that makes pages of regions: a fork of the one that has read what they need."""
    global _site  # noqa: PLW0603 - what a process was forked with reaches its tasks by no other way
    _site = site
    leave_the_end_to_parent()


def _pages_of_forked(number: int) -> tuple[list[tuple[str, str, str]], list[dict[str, str]]]:
    return _pages_of(_site, number)
