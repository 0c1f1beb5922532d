"""Doubts: what contradicts something else in a pack, though every cell may stand so."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from eis_lib.pack.doubts import _region, _status, _ties
from eis_lib.pack.doubts._evidence import Evidence
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.pack.layers import layer_files, list_layers
from eis_lib.pack.pack import Common, Pack, pack_of, read_common
from eis_lib.pack.reading import read_pack
from eis_lib.pack.schema import Doubt, Fault

RULES: tuple[tuple[str, Callable[[Evidence], Iterable[Doubt]]], ...] = (
    ("said to run after their last year", _status.runs_past_its_end),
    ("said to run before their first year", _status.runs_before_its_start),
    ("said to be announced after their first year", _status.announced_and_begun),
    ("ended, and nobody says when", _status.ended_without_year),
    ("ended before their own last year", _status.ended_before_its_end),
    ("said to run, with a note that speaks of an end", _status.note_says_it_ended),
    ("checked after the review", _status.checked_after_the_review),
    ("actions whose status does not fit their years", _status.action_against_its_years),
    ("practices that ended without a reason", _ties.practice_ended_without_reason),
    ("actions inspired by a practice that ended without a reason", _ties.lesson_of_an_ended_practice),
    ("actions that begin after the end of a service they rest on", _ties.action_after_its_service),
    ("actions that begin after the end of the policies behind them", _ties.action_after_its_policy),
    ("actions that begin after their owner closed", _ties.action_of_a_closed_body),
    ("actions whose owner is also a player", _ties.accountable_and_player),
    ("policies in force whose services have all ended", _ties.policy_without_services),
    ("policies in force that only doubtful services deliver", _ties.policy_on_doubtful_services),
    ("policies in force whose owner closed", _ties.policy_of_a_closed_body),
    ("services that outlive their provider", _ties.service_of_a_closed_body),
    ("services that rest on one that ended", _ties.rests_on_what_ended),
    ("successors of what has no end", _ties.successor_of_what_runs),
    ("successors that came first", _ties.successor_begins_first),
    ("successions told in relations.csv alone", _ties.succession_told_once),
    ("ways to a service that ended", _ties.way_to_a_closed_door),
    ("hand-overs of a body to itself", _ties.way_within_one_house),
    ("bodies that decide and advise on one thing", _ties.decides_and_advises),
    ("a currency the country gave up", _region.currency_given_up),
    ("figures in a currency the country gave up", _region.figures_in_a_currency_given_up),
    ("a peer review that the note denies", _region.peer_review_denied),
    ("a policy instrument that has ended", _region.instrument_has_ended),
    ("an old number of people", _region.population_is_old),
    ("searches that found nothing where a service runs", _region.searched_in_vain_beside_a_service),
    ("searches that found what no table has", _region.found_and_not_entered),
    ("services that may be those of a layer", _region.same_offer_in_layer),
    ("services that stand for one of a layer that ended", _region.stands_for_what_ended),
)
"""What is doubted, in the words of a heading, and the rule that finds it."""


def find_doubts(pack: Pack, common: Common, today: dt.date | None = None) -> dict[str, list[Doubt]]:
    """Return heading → what is doubtful in a pack, for each rule that finds something.

    Parameters
    ----------
    pack : Pack
    common : Common
    today : date, optional
        Day on which it is looked at; today where none is given.
    """
    evidence = Evidence(pack, common, today or dt.datetime.now(tz=dt.UTC).date())
    found = {heading: sorted(rule(evidence)) for heading, rule in RULES}
    return {heading: doubts for heading, doubts in found.items() if doubts}


def check_packs(parameters: Path, folders: Iterable[Path]) -> tuple[list[Fault], dict[str, list[Doubt]]]:
    """Return every fault of some packs and of what they share, and heading → what is doubtful in them.

    Doubts are looked for where there is no fault: what a faulty cell means nobody knows.
    """
    common, faults = read_common(parameters)
    sound: set[str] = set()
    if (
        common and not faults
    ):  # the layers have been looked at, and need not be once more for each of their regions
        files = [
            f for name in list_layers(parameters) for f in layer_files(parameters / LAYERS_FOLDER / name)
        ]
        sound = {common.vocabulary.sha256, *(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)}
    doubts: dict[str, list[Doubt]] = {}
    for folder in folders:
        read = read_pack(folder, checked=sound)
        faults += read.faults
        if common and not read.faults:
            for heading, found in find_doubts(pack_of(folder, read), common).items():
                doubts.setdefault(heading, []).extend(found)
    in_order = {heading: doubts[heading] for heading, _ in RULES if heading in doubts}
    return sorted(set(faults)), in_order  # a fault of the shared tables is one of every pack
