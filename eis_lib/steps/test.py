"""Step 3, test: where support overlaps, duplicates or leaves gaps, and whether an SME can walk through it.

Tables left for later steps (lists joined by ``;``; money in euros, weights are shares of all demand):

- ``candidates``: one row per pair of services that look alike, key ``pair_id``; see :func:`eis_lib.overlap.find_candidates`, with
  ``status`` of the ladder.
- ``fragmentation``: one row per ``need_area``; see :func:`eis_lib.overlap.fragmentation`.
- ``gaps``: one row per ``gap_id`` (kind × stage × need), heaviest first; see :func:`eis_lib.gaps.rank_gaps`, with ``status``.
- ``gap_cells``: one row per (``persona_id``, ``stage``, ``need``); see :func:`eis_lib.gaps.judge_cells`.
- ``gap_ranks``: one row per (``gap_id``, ``scheme``).
- ``journeys``: one row per ``persona_id``; see :attr:`eis_lib.journey.Journeys.measures`, on all routes; ``*_recorded`` on recorded referrals only.
- ``journey_paths``: one row per node of each persona's best and typical path.
- ``profile``: one row per (``need_area``, ``stage``): what is there and how much of the demand it meets.
- ``findings``.

What is computed is a candidate until a person's decision is on record; only facts of counting are called findings.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from eis_lib import gaps as gap_rules
from eis_lib import journey, landscape, overlap, policy
from eis_lib.charts import test as charts
from eis_lib.language import counted, gettext
from eis_lib.section import (
    LongTable,
    Review,
    Section,
    Table,
    count,
    findings_frame,
    listing,
    once_per_review,
    plain,
)
from eis_lib.settings import ParameterError
from eis_lib.tables import nearest_of
from eis_lib.vocabulary import inside

PAIRS_DRAWN = 12
GAPS_DRAWN = 15
GAPS_COMPARED = 10

__test__ = False  # the step is called "test"; nothing in here is one


# ------------------------------------------------------------------------------------------------ what all sections share


@dataclass(frozen=True, eq=False)
class View:
    """The landscape of one year as the sections of this step see it.

    ``current`` is every service that counts in the year, with its facets; ``services`` those of them meant for firms of the
    region; ``paired`` those again without schemes whose parts are listed beside them. ``referrals`` are those between
    ``services``; None where there are none on record.
    """

    year: int
    current: pd.DataFrame
    services: pd.DataFrame
    paired: pd.DataFrame
    referrals: pd.DataFrame | None


def view(review: Review, year: int | None = None) -> View:
    """Return the landscape of the review's year, or of another."""
    return _view(review, review.year if year is None else year)


@once_per_review
def _listed(review: Review) -> pd.DataFrame:
    """Return the services of the pack with their facets."""
    pack = review.pack
    return landscape.add_facets(pack.services, pack.providers, review.common.support_type_barriers)


@once_per_review
def _umbrellas(review: Review) -> dict[str, frozenset[str]]:
    """Return the schemes each service of the pack is a part of, in whatever year."""
    return landscape.umbrellas(review.pack.services)


@once_per_review
def _view(review: Review, chosen: int) -> View:
    pack = review.pack
    current = landscape.in_force(_listed(review), chosen)
    services = landscape.reaches_smes(current)
    above = _umbrellas(review)
    over = frozenset().union(*(above[service] for service in services["service_id"].tolist()))
    paired = services[~services["service_id"].isin(over)].reset_index(drop=True)
    referrals = None
    if pack.has("referrals"):
        here = set(services["service_id"])
        routes = pack.referrals[
            pack.referrals["from_service"].isin(here) & pack.referrals["to_service"].isin(here)
        ]
        referrals = routes.reset_index(drop=True) if len(routes) else None
    return View(chosen, current, services, paired, referrals)


def _label(review: Review, scheme: str, code: object) -> str:
    return review.vocabulary.label(scheme, str(code))


def _each(frame: pd.DataFrame) -> Iterator[Any]:
    """Return the rows of a frame, a column being an attribute."""
    return iter(frame.itertuples(index=False))


def _one(frame: pd.DataFrame, persona: str) -> Any:
    """Return the row of one persona, a column being an attribute."""
    return next(_each(frame[frame["persona_id"] == persona]))


def _short(text: object, most: int) -> str:
    """Return text cut between words to what a chart can show; what stands in brackets goes first."""
    words = " ".join(str(text).split())
    if len(words) > most and " (" in words:
        words = words[: words.index(" (")]
    if len(words) <= most:
        return words
    kept = words[: most - 1]
    return (kept[: kept.rindex(" ")] if " " in kept else kept).rstrip(" ,;:–-") + "…"


@once_per_review
def _bodies(review: Review, most: int = 34) -> dict[str, str]:
    return {
        row.provider_id: _short(row.name if landscape.is_missing(row.name_en) else row.name_en, most)
        for row in _each(review.pack.providers)
    }


@once_per_review
def _names(review: Review) -> dict[str, str]:
    return dict(zip(review.pack.services["service_id"], review.pack.services["name"], strict=True))


def _stages(review: Review) -> tuple[str, ...]:
    return review.vocabulary.codes("journey_stage")


def _rows(ids: Sequence[str], table: str = "services") -> str:
    return ";".join(f"{table}:{i}" for i in ids)


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _pct(share: float) -> str:
    return "an unknown share" if math.isnan(share) else f"{share:.0%}"


def _source(review: Review, now: View) -> str:
    return gettext(
        "region pack {region} ({services} for firms of the region in {year}), each row with its own source; codes are our own "
        "reading of the sources"
    ).format(region=review.pack.id, services=counted(len(now.services), "service"), year=now.year)


def _dating(services: pd.DataFrame) -> str:
    no_end = int((services["dating"] == landscape.OPEN_END).sum())
    no_start = int((services["dating"] == landscape.NO_START).sum())
    return f"{no_end} of {len(services)} services have no last year on record and {no_start} not even a first"


def _no_services(review: Review, now: View) -> Section:
    return Section(
        answer=f"The pack lists no service that counts for firms of {plain(review.pack.region.name)} in {now.year}; nothing can be tested.",
        how_sure="low; an empty inventory says nothing about the region.",
    )


# ------------------------------------------------------------------------------------------------ demand weights


@once_per_review
def _schemes(review: Review, year: int) -> dict[str, tuple[str, pd.Series]]:
    """Return the sets of demand weights that can be laid on the gaps: name → (words, weights by need)."""
    codes = review.vocabulary.codes("barrier")
    surveys = policy.list_surveys(review.common.barriers)
    region = review.pack.region
    areas = [region.nuts_code, *(area.code for area in region.indicator_areas)]
    own_areas = [a for a in dict.fromkeys(areas) if a != region.country and not a.startswith("EU")]

    def of(survey: str) -> tuple[str, pd.Series]:
        row = next(_each(surveys[surveys["survey_id"] == survey]))
        weights = policy.weigh_barriers(review.common.barriers, codes, survey).set_index("barrier")["weight"]
        return f"{row.ref_area} {int(row.year)}", weights

    schemes = {
        "equal": (
            "equal weights",
            policy.weigh_barriers(review.common.barriers, codes).set_index("barrier")["weight"],
        )
    }
    published = policy.choose_survey(surveys, [region.country, "EU"], year)
    own = policy.choose_survey(surveys, own_areas, year)
    demand = review.earlier("examine", "demand").set_index("barrier")
    made_by = str(demand["survey_id"].iloc[0])
    if published is not None:
        words, weights = of(published)
        # what step 2 left is taken as it stands where it rests on the same survey
        schemes["published"] = (words, demand["weight"].reindex(codes) if made_by == published else weights)
    if own is not None:
        schemes["own"] = of(own)
    usable = surveys[surveys["usable"].astype(bool)]
    for survey in usable["survey_id"]:
        area = str(usable.set_index("survey_id").loc[survey, "ref_area"])
        if survey not in (published, own) and (area == region.country or area.startswith("EU")):
            schemes[survey] = of(survey)
    return schemes


def _chosen(
    review: Review, schemes: Mapping[str, tuple[str, pd.Series]], weights: str | None
) -> tuple[str, str]:
    """Return the scheme to use and a sentence on it."""
    wanted = weights or review.parameters.weights
    if wanted in schemes:
        asked = int(schemes[wanted][1].notna().sum())
        if wanted == "equal":
            return wanted, "Every need weighs the same."
        return wanted, (
            f"Needs are weighed by one survey alone ({plain(schemes[wanted][0])}), which asked about {asked} of "
            f"{len(schemes[wanted][1])}; the others take the mean of those it asked."
        )
    stand_in = "published" if "published" in schemes else "equal"
    return stand_in, (
        f"There is no {'survey of the region itself' if wanted == 'own' else 'usable published survey'}; "
        f"{plain(schemes[stand_in][0])} {'stand' if stand_in == 'equal' else 'stands'} in."
    )


# ------------------------------------------------------------------------------------------------ computing


@dataclass(frozen=True)
class Judged:
    """The gaps of one year: cells with verdicts, gaps ranked, the weights they rest on and the words for them."""

    cells: pd.DataFrame
    ranked: pd.DataFrame
    schemes: Mapping[str, tuple[str, pd.Series]]
    scheme: str
    words: str


@once_per_review
def _fits(review: Review, now: View) -> pd.DataFrame:
    fits = _all_fits(review)
    return fits[fits["service_id"].isin(now.services["service_id"])].reset_index(drop=True)


@once_per_review
def _all_fits(review: Review) -> pd.DataFrame:
    """Return who is let in where, whatever the year."""
    services = _listed(review)
    return journey.fit(services, review.common.personas, review.vocabulary, review.pack.region.languages)


def _untold(review: Review, now: View) -> frozenset[str]:
    """Return the needs that our coding can not reach: that nothing is on record for them says nothing."""
    codes = review.vocabulary.codes("barrier")
    return landscape.untold_needs(now.services, codes, review.common.support_type_barriers)


@once_per_review
def _judge(review: Review, now: View, weights: str | None = None) -> Judged:
    schemes = _schemes(review, now.year)
    scheme, words = _chosen(review, schemes, weights)
    needs = gap_rules.weigh_needs(schemes[scheme][1])
    cells = gap_rules.demand_cells(review.common.personas, _stages(review), needs)
    judged = gap_rules.judge_cells(
        cells, now.services, _fits(review, now), now.referrals, untold=_untold(review, now)
    )
    ranked = _decided(review, gap_rules.rank_gaps(judged))
    return Judged(judged, ranked, schemes, scheme, words)


def _decided(review: Review, ranked: pd.DataFrame) -> pd.DataFrame:
    """Return gaps with what people decided on them; the latest decision counts."""
    latest: dict[str, str] = {}
    if review.pack.has("decisions"):
        on_gaps = review.pack.decisions[review.pack.decisions["subject_kind"] == "gap"]
        for subject, decision in on_gaps.sort_values("date", kind="stable")[
            ["subject_id", "decision"]
        ].itertuples(index=False):
            latest[str(subject)] = str(decision)
    undecided = {"evidence": "unknown"}
    return ranked.assign(
        status=[
            latest.get(gap, undecided.get(kind, "candidate"))
            for gap, kind in zip(ranked["gap_id"], ranked["kind"], strict=True)
        ]
    )


@once_per_review
def _compared(review: Review, now: View) -> tuple[overlap.Facets, overlap.Compared]:
    """Return the services coded for comparison, and all that can be a pair: thresholds are laid on that."""
    facets = overlap.encode(now.paired, review.vocabulary, territory=review.pack.region.nuts_code)
    return facets, overlap.compare_pairs(facets)


def _shortlist(review: Review, now: View, threshold: float, minimum_grade: int) -> overlap.Shortlist:
    facets, compared = _compared(review, now)
    pairs = compared.judge(
        threshold=threshold,
        duplication_containment=review.parameters.duplication_containment,
        minimum_grade=minimum_grade,
    )
    return overlap.Shortlist(now.paired, facets, pairs)


def _on_record(review: Review) -> pd.DataFrame | None:
    return review.pack.decisions if review.pack.has("decisions") else None


@once_per_review
def _pairs(review: Review, now: View) -> pd.DataFrame:
    """Return the candidate pairs at the step's own threshold, with what people decided on them."""
    settings = review.parameters
    found = _shortlist(review, now, settings.similarity_threshold, settings.minimum_grade)
    return overlap.apply_decisions(found.rows(), _on_record(review))


@once_per_review
def _land(review: Review) -> journey.Landscape:
    """Return the landscape of the pack, whatever the year, with all routes."""
    referrals = review.pack.referrals if review.pack.has("referrals") else None
    return journey.build_landscape(
        _listed(review), review.pack.providers, review.vocabulary, referrals, self_found=True
    )


@once_per_review
def _journeys(review: Review, now: View) -> tuple[journey.Journeys, journey.Journeys | None]:
    """Return the journeys on all routes, and on recorded referrals alone where there are any."""
    land = _land(review).only(set(now.services["service_id"].astype(str)))
    on_all = journey.walk_all(land, review.common.personas, _fits(review, now))
    return on_all, None if now.referrals is None else on_all.on_recorded_routes()


# ------------------------------------------------------------------------------------------------ first screen


def headline(review: Review) -> Section:
    """Return the region's own answer to the question of the step, with the one most telling picture."""
    now = view(review)
    if now.services.empty:
        return _no_services(review, now)
    pairs, judged = _pairs(review, now), _judge(review, now)
    walked, recorded = _journeys(review, now)
    served, possible = gap_rules.coverage_share(judged.cells)
    twins = int((pairs["pair_class"] == overlap.DUPLICATION).sum())
    real = int(sum(map(overlap.is_validated, pairs["status"])))
    top = judged.ranked[judged.ranked["kind"] != "evidence"].head(1)
    areas = _areas(review, now, pairs)
    widest = areas.sort_values(["providers", "need_area"], ascending=[False, True], kind="stable").iloc[0]
    done = journey.completion(walked.measures)
    stuck = walked.measures[walked.measures["reach"] == 0]
    people = _personas(review)
    bullets = [
        f"**{count(twins, 'duplication candidate')} and {count(len(pairs) - twins, 'overlap candidate')}** stand out among "
        f"{count(len(now.paired), 'service')} for firms of {plain(review.pack.region.name)} in {now.year}; "
        + (
            f"{real} of them {'has' if real == 1 else 'have'} been confirmed by people, the rest are pairs to look at, not findings."
            if real
            else "nobody has looked into them yet, so they are pairs to look at, not findings."
        ),
        f"Services on record meet **{_pct(served)}** of the weighted demand of {count(len(people), 'persona')}"
        + (
            f", up to {_pct(possible)} if all that the records can not tell were there."
            if possible > served
            else "."
        ),
        *(
            f"The heaviest gap on record is *{inside(_label(review, 'barrier', g.need))}* at the stage "
            f"*{inside(_label(review, 'journey_stage', g.stage))}* ({inside(_label(review, 'gap_kind', g.kind))}; "
            f"{count(len(g.persona_ids), 'persona')}, {g.weight:.1%} of demand)."
            for g in _each(top)
        ),
        f"The most crowded need is *{inside(_label(review, 'barrier', widest['need_area']))}*: "
        f"{count(int(widest['providers']), 'provider')} at {count(int(widest['levels']), 'level')} of government, "
        f"{_coordination(review, widest)}.",
        f"By the catalogue, **{_pct(done)}** of the SMEs that personas stand for can find some support at every stage up to their goal"
        + (
            f"; {_handed_on(recorded, now)}."
            if recorded is not None
            else "; no referral between them is on record, so each firm has to find every door by itself."
        )
        + (
            f" Without a way through: {listing([inside(plain(people[p])) for p in stuck['persona_id']], most=4)}."
            if len(stuck)
            else ""
        ),
    ]
    return Section(
        answer="\n".join(f"- {bullet}" for bullet in bullets),
        charts={"gap_map": _gap_map(review, now, judged, served)},
        how_sure=f"low to medium; {_dating(now.services)}, needs are derived from the kind of support for "
        f"{count(int((now.services['need_area_from'] != 'own').sum()), 'service')}, and the personas are invented firms.",
        to_check="Start with the duplication candidates and the first five gaps: for each, ask the providers named whether it is so.",
    )


def _personas(review: Review) -> dict[str, str]:
    return dict(zip(review.common.personas["persona_id"], review.common.personas["name"], strict=True))


def _coordination(review: Review, area: pd.Series) -> str:
    if area["coordination"] == "named":
        bodies = _bodies(review, 90)
        who = listing([plain(bodies.get(p, p)) for p in area["coordinators"]], most=3)
        return f"of which {who} coordinate{'s' if len(area['coordinators']) == 1 else ''} at least a part"
    return (
        "with no coordinator named for it"
        if area["coordination"] == "none named"
        else "and who coordinates it is not recorded"
    )


def _gap_map(review: Review, now: View, judged: Judged, served: float) -> Any:
    people = _personas(review)
    stages = {code: _label(review, "journey_stage", code) for code in _stages(review)}
    rows = []
    for persona in review.common.personas["persona_id"]:
        own = judged.cells[judged.cells["persona_id"] == persona]
        for stage, label in stages.items():
            here = own[own["stage"] == stage]
            unknown = int((here["status"] == gap_rules.UNKNOWN).sum())
            unmet = here[here["status"] == gap_rules.GAP]
            # where the records can tell of no need at all, an empty share is not a share of zero
            share = unmet["weight"].sum() / here["weight"].sum() if len(here) > unknown else math.nan
            mark = (
                "" if here.empty else f"{len(unmet)} of {len(here)}" + (f", {unknown} ?" if unknown else "")
            )
            rows.append((people[persona], _two_lines(label), share, mark))
    cells = pd.DataFrame(rows, columns=["persona", "stage", "unmet_share", "mark"])
    by_stage = judged.cells.assign(
        lost=judged.cells["weight"].where(judged.cells["status"] == gap_rules.GAP, 0)
    )
    lost = by_stage.groupby("stage")["lost"].sum()
    worst = max(lost.index, key=lambda s: (lost[s], s)) if len(lost) else ""
    title = (
        f"Unmet needs weigh most at “{stages[worst]}”; {_pct(served)} of weighted demand is served on record"
        if worst and lost[worst] > 0
        else f"{_pct(served)} of weighted demand is served on record"
    )
    return charts.gap_map(
        cells,
        title=title,
        subtitle=f"Needs without service of all needs a persona has at a stage, {now.year}; “?” counts needs of which the records "
        "can not tell (grey: of all of them); empty: nothing needed there",
        source=_source(review, now),
        description=f"Table of {len(people)} personas by {len(stages)} stages. {title}.",
    )


def _two_lines(label: str) -> str:
    spaces = [n for n, letter in enumerate(label) if letter == " "]
    if not spaces:
        return label
    cut = min(spaces, key=lambda n: (abs(2 * n - len(label)), n))
    return f"{label[:cut]}\n{label[cut + 1 :]}"


# ------------------------------------------------------------------------------------------------ data and sources


def sources(review: Review) -> Section:
    """Return what the step reads, how it is made comparable, and what is set aside."""
    now = view(review)
    pack = review.pack
    reads = [
        ("services", len(pack.services), f"{len(now.current)} count in {now.year}"),
        ("for firms of the region", len(now.services), "meant for incoming investors or other support bodies: "
         f"{len(now.current) - len(now.services)}, set aside"),
        ("compared in pairs", len(now.paired), f"schemes whose parts are listed too: {len(now.services) - len(now.paired)}, set aside"),
        ("providers", len(pack.providers), ""),
        ("referrals", len(pack.referrals), f"{0 if now.referrals is None else len(now.referrals)} between services that count"
         if pack.has("referrals") else "not recorded: absent, not none"),
        ("decisions on candidates", _on_candidates(review), "" if pack.has("decisions") else "not recorded"),
        ("personas", len(review.common.personas), "invented firms; weights are our judgement within published shares"),
    ]  # fmt: skip
    dating = now.services["dating"].value_counts()
    return Section(
        answer=f"The unit compared is {overlap.UNIT_OF_ANALYSIS}. Of {count(len(pack.services), 'service')} in the pack, "
        f"{len(now.services)} count for firms of {plain(pack.region.name)} in {now.year}: {int(dating.get(landscape.DATED, 0))} with both "
        f"years on record, {int(dating.get(landscape.OPEN_END, 0))} without a last year, {int(dating.get(landscape.NO_START, 0))} without a "
        "first. A service without a last year counts, but nobody has said that it still runs.",
        tables={
            "inputs": Table(
                pd.DataFrame(reads, columns=["table", "rows", "remark"]),
                "What this step reads",
                "Codes (stage, size, sector, need …) are our own reading of the sources; see step 1 for each source.",
            )
        },
        how_sure="high for what was read; the codes behind every comparison are a reading that providers have not confirmed.",
    )


def _on_candidates(review: Review) -> int:
    decisions = review.pack.decisions
    return int((decisions["subject_kind"] == "candidate").sum()) if review.pack.has("decisions") else 0


# ------------------------------------------------------------------------------------------------ pairs

THRESHOLDS = (0.1, 1.0, 0.1)
"""Range of the control for the similarity threshold."""

YEARS: Mapping[str, int | None] = MappingProxyType(
    {"as reviewed": None, **{str(year): year for year in range(2014, 2031)}}
)
"""What the control for the year offers."""

WEIGHTS = MappingProxyType(
    {"published survey": "published", "the region's own survey": "own", "equal": "equal"}
)
"""What the control for demand weights offers."""

GRADES = MappingProxyType({"all three limbs": 3, "two limbs or more": 2, "one limb or more": 1})


def candidates(
    review: Review,
    *,
    similarity_threshold: float | None = None,
    minimum_grade: int | None = None,
    year: int | None = None,
) -> Section:
    """Return pairs of services that look alike, with the limbs that match and how far people have taken them."""
    now = view(review, year)
    settings = review.parameters
    used = settings.similarity_threshold if similarity_threshold is None else similarity_threshold
    grade = settings.minimum_grade if minimum_grade is None else minimum_grade
    found = _shortlist(review, now, used, grade)
    table = _candidate_table(review, found)
    if len(now.paired) < 2:
        return _with_table(_no_services(review, now), "candidates", table)
    pairs = found.measures
    wider = _compared(review, now)[1].count(used)
    twins = int((pairs["pair_class"] == overlap.DUPLICATION).sum())
    decided = overlap.apply_decisions(
        found.named(overlap.decided(_on_record(review))).rows(), _on_record(review)
    )
    real = sum(map(overlap.is_validated, decided["status"]))
    rejected = int((decided["status"] == "rejected").sum())
    first = found.rows(PAIRS_DRAWN)
    names = _names(review)
    apart = int((pairs["beneficiary_containment"] == 0).sum())
    answer = (
        f"**{count(twins, 'duplication candidate')} and {count(len(pairs) - twins, 'overlap candidate')}** among "
        f"{count(len(now.paired), 'service')} ({count(wider - len(pairs), 'more pair')} with fewer than {count(grade, 'matching limb')}). "
    )
    if real or rejected:
        answer += f"People have confirmed {real} of them and rejected {rejected}; all others are candidates, not findings. "
    elif len(pairs):
        answer += "Nobody has looked into any of them yet: each is a candidate, not a finding. "
    if twins:
        one, two = (plain(names[first[side].iloc[0]]) for side in ("service_a", "service_b"))
        answer += f"The closest pair is “{one}” and “{two}”. "
    if apart:
        answer += f"In {count(apart, 'pair')} no firm could use both: same work for different firms may be a division of labour."
    charts_made = {}
    if len(pairs):
        charts_made["candidates"] = _candidate_chart(review, now, found, first, used)
    unclear = _undecidable(review, now.year)
    derived = int((pairs["needs_from"] == "derived").sum())
    return Section(
        answer=answer,
        charts=charts_made,
        tables={"candidates": table},
        how_sure=f"low to medium; in {derived} of {count(len(pairs), 'pair')} the needs are derived from the kind of support, "
        f"{int((pairs['periods'] != overlap.SIDE_BY_SIDE).sum())} rest on an unrecorded year, and "
        + (
            f"{count(unclear, 'limb')} could not be compared for missing codes."
            if unclear
            else "every limb could be compared."
        ),
        to_check="For each pair: do both still run, do firms meet both, and does one know of the other? Enter the answer in decisions.csv "
        "(confirmed, rejected, kept-on-purpose) under the pair's id.",
    )


@once_per_review
def _undecidable(review: Review, year: int) -> int:
    """Return the number of limbs of services that can not be compared."""
    return len(overlap.undecidable(view(review, year).paired))


def _with_table(section: Section, name: str, table: Table) -> Section:
    return Section(section.answer, {}, {name: table}, section.how_sure, section.to_check)


def _candidate_table(review: Review, found: overlap.Shortlist) -> Table:
    return LongTable(
        lambda most: _written_out(review, overlap.apply_decisions(found.rows(most), _on_record(review))),
        lambda: len(found),
        "Pairs of services that look alike, sharpest class first",
        "Jaccard: share in common of what the two cover together; containment: share of the smaller one that the other covers too. "
        "Classes after GAO-15-49SP; thresholds are project conventions; text similarity orders ties and decides nothing.",
    )


def _written_out(review: Review, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return candidate pairs as the table that readers are given."""
    names, bodies = _names(review), _bodies(review, 60)
    giver = dict(zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True))
    frame = pairs.copy()
    by = {service: bodies.get(body, body) for service, body in giver.items()}
    for side in ("a", "b"):
        frame[f"name_{side}"] = frame[f"service_{side}"].map(names).astype("str")
        frame[f"provider_{side}"] = frame[f"service_{side}"].map(by).astype("str")
    frame["firms"] = _firms(frame)
    numbers = [f"{limb}_{measure}" for limb in overlap.LIMBS for measure in ("jaccard", "containment")]
    frame[numbers] = frame[numbers].round(3)
    order = [
        "pair_id", "pair_class", "grade", "limbs", "name_a", "provider_a", "name_b", "provider_b", "firms", "status", *numbers,
        "shared_needs", "needs_from", "periods", "missing", "text_similarity", "service_a", "service_b", "decided_by", "decided_on",
        "reason", "ladder_note",
    ]  # fmt: skip
    return frame[order].reset_index(drop=True)


def _firms(pairs: pd.DataFrame) -> pd.Series:
    """Return in words which firms could use both services of each pair, whole columns at a time."""
    told = ["name_a", "name_b", "service_a", "narrower", "beneficiary_jaccard", "beneficiary_containment"]
    name_a, name_b, service_a, narrower, jaccard, contained = (pairs[c].to_numpy(object) for c in told)
    is_first = narrower == service_a
    fewer, more = np.where(is_first, name_a, name_b), np.where(is_first, name_b, name_a)
    shares = pairs["beneficiary_containment"].map(
        lambda share: f"{share:.0%} of those that may use the narrower one may use both"
    )
    words = np.select(
        [pairs["beneficiary_jaccard"].isna(), contained == 0, narrower != "", jaccard == 1],
        [
            "not recorded",
            "none could use both",
            "all that may use “" + fewer + "” may use “" + more + "” too",
            "both are open to the same firms, as coded",
        ],
        shares.to_numpy(object),
    )
    return pd.Series(words, index=pairs.index, dtype="str")


def _candidate_chart(
    review: Review, now: View, found: overlap.Shortlist, drawn: pd.DataFrame, threshold: float
) -> Any:
    names, pairs = _names(review), found.measures
    rows = []
    for pair in _each(drawn):
        sign = "=" if pair.pair_class == overlap.DUPLICATION else "≈"
        a, b = (_short(names[service], 46) for service in (pair.service_a, pair.service_b))
        for limb in overlap.LIMBS:
            j, k = getattr(pair, f"{limb}_jaccard"), getattr(pair, f"{limb}_containment")
            missing = math.isnan(j)
            rows.append(
                (
                    f"{a}\n{sign} {b}",
                    pair.pair_id,
                    _label(review, "limb", limb),
                    "cannot be compared" if missing else "matches" if getattr(pair, limb) else "differs",
                    "not recorded" if missing else f"J {j:.2f} · K {k:.2f}",
                )
            )
    limbs = pd.DataFrame(rows, columns=["pair", "pair_id", "limb", "state", "numbers"])
    all_three = int((pairs["grade"] == 3).sum())
    title = (
        f"{count(all_three, 'pair')} of services match on goal, activity and beneficiaries"
        if all_three
        else f"No pair matches on all three limbs; {count(len(pairs), 'pair')} match on two"
    )
    return charts.candidates(
        limbs,
        title=title,
        subtitle=f"{'All' if len(drawn) == len(pairs) else f'First {len(drawn)} of'} {len(pairs)} candidates, {now.year}; “=” duplication, “≈” overlap "
        f"candidate; a limb matches from J ≥ {threshold:g} or K = 1; nothing here is confirmed by that. Providers are in the table",
        source=_source(review, now),
        description=f"{title}. Of {count(len(pairs), 'pair')} {int((pairs['pair_class'] == overlap.DUPLICATION).sum())} stand as duplication candidates.",
    )


# ------------------------------------------------------------------------------------------------ fragmentation


def _areas(review: Review, now: View, pairs: pd.DataFrame) -> pd.DataFrame:
    codes = review.vocabulary.codes("barrier")
    areas = overlap.fragmentation(now.paired, review.pack.providers, pairs, codes, _roles(review, now))
    status = landscape.need_status(now.paired, codes, review.common.support_type_barriers)
    return areas.assign(status=areas["need_area"].map(status).fillna(landscape.UNKNOWN))


def _roles(review: Review, now: View) -> pd.DataFrame | None:
    """Return who does what in each need area in the year, a role for a policy read into the needs it names (as in step 2)."""
    pack = review.pack
    if not pack.has("governance"):
        return None
    roles = policy.governance_roles(pack.policies, pack.services, now.year, pack.governance, pack.providers)
    standing = roles[roles["standing"].isin(["in-force", "undated"])]
    return standing.rename(columns={"body": "provider_id"})


def fragmentation(review: Review, *, year: int | None = None) -> Section:
    """Return over how many bodies the work in each need area is spread, and whether anyone coordinates it."""
    now = view(review, year)
    areas = _areas(review, now, _pairs(review, now))
    areas = areas[areas["need_area"] != landscape.UNKNOWN]
    spread = areas[areas["fragmented"]].sort_values(
        ["providers", "need_area"], ascending=[False, True], kind="stable"
    )
    empty = areas[(areas["providers"] == 0) & (areas["status"] == "none")]
    untold = areas[(areas["providers"] == 0) & (areas["status"] == landscape.UNKNOWN)]
    single = areas[areas["providers"] == 1]
    led = int((spread["coordination"] == "named").sum())
    coordination = (
        "Who coordinates is not on record, which is not the same as nobody."
        if (areas["coordination"] == "not recorded").all()
        else f"A coordinator is on record for {led} of the {len(spread)} shared areas."
    )
    crowded = (
        f" Most bodies meet in *{inside(_label(review, 'barrier', spread.iloc[0]['need_area']))}* "
        f"({int(spread.iloc[0]['providers'])} bodies, worth {spread.iloc[0]['effective_providers']:.1f} of equal size)."
        if len(spread)
        else ""
    )
    answer = (
        f"**{len(spread)} of {len(areas)} need areas** are shared by two or more bodies; {len(single)} {'rests' if len(single) == 1 else 'rest'} on one and "
        f"{len(empty)} on none"
        + (
            f"; of {len(untold)} it can not be told, because only services that name their needs could show it."
            if len(untold)
            else "."
        )
        + f"{crowded} {coordination}"
    )
    table = areas.drop(columns=["capacity_known", "hhi_capacity"]).copy()
    table.insert(1, "label", [_label(review, "barrier", c) for c in table["need_area"]])
    table = table.sort_values(
        ["providers", "services", "need_area"], ascending=[False, False, True], kind="stable"
    )
    for column in ("level_codes", "service_ids", "coordinators"):
        table[column] = [";".join(v) for v in table[column]]
    table[["hhi", "effective_providers", "largest_share"]] = table[
        ["hhi", "effective_providers", "largest_share"]
    ].round(3)
    made = {}
    if len(spread) + len(single):
        made["fragmentation"] = _fragmentation_chart(review, now, areas, spread)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "fragmentation": Table(
                table.reset_index(drop=True),
                "Need areas by number of bodies that serve them",
                "Shares are shares of the number of services (budgets and capacities are not recorded for all); HHI = sum of squared "
                "shares; effective number = 1/HHI. Several bodies can be right: fragmentation says where to look, not what is wrong.",
            )
        },
        how_sure="medium; bodies and levels are facts of the pack, but a service counts in an area because of our coding of needs.",
        to_check="Whether the bodies of the most shared areas meet, and who calls the meeting.",
    )


def _area_note(area: Any) -> str:
    if area.providers == 0:
        return "can not be told" if area.status == landscape.UNKNOWN else "no provider on record"
    note = f"{count(int(area.levels), 'level')}, {count(int(area.services), 'service')}"
    if not area.fragmented or area.coordination == "not recorded":
        return note
    return f"{note}, {'' if area.coordination == 'named' else 'no '}coordinator named"


def _fragmentation_chart(review: Review, now: View, areas: pd.DataFrame, spread: pd.DataFrame) -> Any:
    shown = areas.sort_values(
        ["providers", "services", "need_area"], ascending=[False, False, True], kind="stable"
    )
    frame = pd.DataFrame(
        {
            "area": [_label(review, "barrier", c) for c in shown["need_area"]],
            "providers": shown["providers"],
            "effective_providers": shown["effective_providers"],
            "note": [_area_note(row) for row in _each(shown)],
        }
    )
    first = spread.iloc[0] if len(spread) else shown.iloc[0]
    none = int(((shown["providers"] == 0) & (shown["status"] == "none")).sum())
    title = (
        f"{count(int(first['providers']), 'body', 'bodies')} {'works' if first['providers'] == 1 else 'work'} on "
        f"{inside(_label(review, 'barrier', first['need_area']))}; {count(none, 'need')} of {len(shown)} {_be(none)} served by none"
    )
    return charts.fragmentation(
        frame,
        title=title,
        subtitle=f"Bodies with a service for each need (bar) and their effective number, 1/HHI of the number of services (tick), {now.year}",
        source=_source(review, now),
        description=f"{title}. {len(spread)} of {len(shown)} need areas are shared by two or more bodies.",
    )


# ------------------------------------------------------------------------------------------------ gaps


def _gap_label(review: Review, gap: Any) -> str:
    return f"{_label(review, 'barrier', gap.need)} · {inside(_label(review, 'journey_stage', gap.stage))}"


def gaps(review: Review, *, weights: str | None = None, year: int | None = None) -> Section:
    """Return gaps of all kinds, heaviest first, and which kinds can not be judged."""
    now = view(review, year)
    judged = _judge(review, now, weights)
    ranked = judged.ranked
    served, possible = gap_rules.coverage_share(judged.cells)
    within_reach = gap_rules.open_share(judged.cells)
    own = ranked[~ranked["kind"].isin(["continuity"])]
    share = own.groupby("kind")["weight"].sum()
    kinds = gap_rules.assess_kinds(now.services, now.referrals)
    parts = [
        f"{inside(_label(review, 'gap_kind', k))} {share[k]:.0%}"
        for k in gap_rules.KINDS
        if share.get(k, 0) > 0 and k != "evidence"
    ]
    mute = [inside(_label(review, "gap_kind", k.kind)) for k in kinds if k.answer == "no"]
    answer = (
        f"Services on record meet **{_pct(served)}** of weighted demand"
        + (f"; for another {_pct(possible - served)} the records can not tell" if possible > served else "")
        + (f". The rest: {', '.join(parts)}" if parts else "")
        + f". At least one service is open to the firm for {_pct(within_reach)}: more than is met, as a service of unknown date, a full one "
        "or one that nothing tells of meets no need here. "
        + (f"Not assessable from these records: {listing(mute)} (that is not zero). " if mute else "")
        + judged.words
    )
    made = {}
    if len(own):
        made["gaps_ranked"] = _gap_chart(review, now, own, served)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "gaps": _gap_table(review, ranked),
            "gap_kinds": _kind_table(review, judged, kinds),
            "gap_cells": _cell_table(judged.cells),
        },
        how_sure="low to medium; a gap says that no service is on record, at a stage and for a need that we coded; "
        f"{_dating(now.services)}.",
        to_check="For the first five gaps: is there a service that the pack misses, and do firms ask for one?",
    )


_GAP_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "absolute": "no service on record at this stage for",
        "eligibility": "services are on record, and none lets in",
        "access": "services are on record, and channel, language or price keeps out",
        "capacity": "services are on record, and full for",
        "awareness": "services are on record, and nothing on record brings word of them to",
        "evidence": "the records can not tell for",
    }
)


def _kind_words(review: Review, gap: Any) -> str:
    if gap.kind == "absolute":
        return "No service at any stage" if gap.because == "at no stage" else "No service at this stage"
    return _label(review, "gap_kind", gap.kind)


def _gap_chart(review: Review, now: View, own: pd.DataFrame, served: float) -> Any:
    drawn = own.head(GAPS_DRAWN)
    frame = pd.DataFrame(
        {
            "gap": [_gap_label(review, g) for g in _each(drawn)],
            "is_unknown": drawn["kind"] == "evidence",
            "score": drawn["score"],
            "note": [
                f"{_kind_words(review, g)} · {g.weight:.1%} · {count(len(g.persona_ids), 'persona')}"
                for g in _each(drawn)
            ],
        }
    )
    # a need can lack service at one stage for two reasons; an unseen mark keeps the two rows apart
    frame["gap"] = [
        f"{gap}{' ' * n}" for gap, n in zip(frame["gap"], frame.groupby("gap").cumcount(), strict=True)
    ]
    top = drawn.iloc[0]
    title = (
        f"The heaviest gap: {inside(_label(review, 'barrier', top['need']))} at the stage "
        f"“{_label(review, 'journey_stage', top['stage'])}”"
    )
    return charts.gaps_ranked(
        frame,
        title=title,
        subtitle=f"{'All' if len(drawn) == len(own) else f'First {len(drawn)} of'} {len(own)} gaps, {now.year}: kind · share of weighted demand · "
        f"personas that meet it. Grey: the records can not tell. {_pct(served)} of demand is served",
        source=_source(review, now),
        description=f"{title}, {top['weight']:.1%} of weighted demand. {len(own)} gaps in all.",
    )


def _gap_table(review: Review, ranked: pd.DataFrame) -> Table:
    frame = ranked.copy()
    frame.insert(1, "label", [_gap_label(review, g) for g in _each(ranked)])
    frame["kind_label"] = [_label(review, "gap_kind", k) for k in frame["kind"]]
    frame["personas"] = [len(p) for p in frame["persona_ids"]]
    for column in ("persona_ids", "service_ids"):
        frame[column] = [";".join(v) for v in frame[column]]
    frame.insert(0, "rank", range(1, len(frame) + 1))
    order = [
        "rank", "gap_id", "label", "kind", "kind_label", "stage", "need", "weight", "severity", "score", "status", "personas", "because",
        "service_ids", "persona_ids",
    ]  # fmt: skip
    return Table(
        frame[order].round({"weight": 6, "score": 6}),
        "Gaps by weight × severity",
        "Weight: share of all weighted demand. Severity by kind is a project convention ("
        + ", ".join(f"{inside(_label(review, 'gap_kind', k))} {v:g}" for k, v in gap_rules.SEVERITY.items())
        + "). ‘No way on’ looks at the same cells once more and is not to be added.",
    )


def _kind_table(review: Review, judged: Judged, kinds: Sequence[gap_rules.Assessable]) -> Table:
    weight = judged.ranked.groupby("kind")["weight"].sum()
    cells = {k: int((judged.cells["kind"] == k).sum()) for k in gap_rules.KINDS}
    cells["continuity"] = int(judged.cells["continuity"].sum())
    rows = [
        {
            "kind": k.kind,
            "label": _label(review, "gap_kind", k.kind),
            "assessable": k.answer,
            "cells": cells[k.kind] if k.answer != "no" else math.nan,
            "weight": round(float(weight.get(k.kind, 0.0)), 6) if k.answer != "no" else math.nan,
            "why": k.why,
        }
        for k in kinds
    ]
    frame = pd.DataFrame(rows)
    frame["cells"] = frame["cells"].astype("Int64")
    return Table(
        frame,
        "Seven kinds of gap, and whether they can be judged",
        "Empty: not assessable, which is not zero.",
    )


def _cell_table(cells: pd.DataFrame) -> Table:
    frame = cells.copy()
    frame["service_ids"] = [";".join(v) for v in frame["service_ids"]]
    return Table(
        frame.round({"weight": 8}),
        "Every cell of persona, stage and need with its verdict",
        "Stages at which a need bites, and needs that are met for good once learnt, are project conventions.",
    )


def sensitivity(review: Review, *, year: int | None = None) -> Section:
    """Return how far the order of gaps depends on the demand weights."""
    now = view(review, year)
    judged = _judge(review, now)
    ranks = gap_rules.rank_under_weights(
        review.common.personas,
        _stages(review),
        judged.cells,
        {name: weights for name, (_, weights) in judged.schemes.items()},
    )
    ranks = ranks[ranks["kind"] != "continuity"]
    words = {name: text for name, (text, _) in judged.schemes.items()}
    others = [name for name in judged.schemes if name != judged.scheme]
    names = [judged.scheme, *others]
    wide = ranks.pivot_table(index="gap_id", columns="scheme", values="rank")
    first: list[str] = list(wide.nsmallest(GAPS_COMPARED, judged.scheme).index) if len(wide) else []
    span = (wide.max(axis=1) - wide.min(axis=1)).astype(int)
    steady = sorted(set(first) & {g for g in wide.index if (wide.loc[g] <= GAPS_COMPARED).all()})
    table = ranks.assign(scheme_label=ranks["scheme"].map(words)).sort_values(
        ["gap_id", "scheme"], kind="stable"
    )
    if not len(wide):
        return Section(
            answer="There is no gap to rank.",
            tables={"gap_ranks": Table(table, "Rank of every gap under every set of weights")},
            how_sure="not applicable.",
        )
    taus = [(n, gap_rules.rank_agreement(ranks, judged.scheme, n)) for n in others]
    said = [f"{words[n]}: {tau:.2f}" for n, tau in taus if not math.isnan(tau)]
    answer = (
        f"**{len(steady)} of the first {len(first)} gaps** stay among the first {GAPS_COMPARED} whatever the weights ({len(names)} sets). "
        f"Agreement of the whole order with {plain(words[judged.scheme])} (Kendall's tau-b, 1 = the same): {plain('; '.join(said)) or 'no other set'}."
    )
    made = {}
    if others:
        made["sensitivity"] = _sensitivity_chart(
            review, now, ranks, first=list(first), names=names, words=words, span=span, steady=steady
        )
    return Section(
        answer=answer,
        charts=made,
        tables={
            "gap_ranks": Table(
                table.reset_index(drop=True).round({"score": 6}),
                "Rank of every gap under every set of weights",
                "Each survey is used whole and alone; a need it did not ask about takes the mean of those it asked. Whether a gap exists "
                "does not depend on weights, only its place does.",
            )
        },
        how_sure="low to medium; surveys ask about few needs ("
        + ", ".join(
            f"{plain(words[n])}: {int(judged.schemes[n][1].notna().sum())} of {len(judged.schemes[n][1])}"
            for n in names
            if n != "equal"
        )
        + "), the others take the mean, so the order would move more if more had been asked. Weights of personas are kept.",
        to_check="A survey of the region's own firms (rows in _common/barriers.csv with its NUTS code) would settle the order.",
    )


def _sensitivity_chart(
    review: Review,
    now: View,
    ranks: pd.DataFrame,
    *,
    first: Sequence[str],
    names: Sequence[str],
    words: Mapping[str, str],
    span: pd.Series,
    steady: Sequence[str],
) -> Any:
    placed = ranks.sort_values(["scheme", "rank", "gap_id"], kind="stable")
    placed = placed.assign(place=placed.groupby("scheme").cumcount() + 1)
    drawn = placed[placed["gap_id"].isin(first)].copy()
    drawn["column"] = drawn["scheme"].map({n: i for i, n in enumerate(names)})
    drawn = drawn.sort_values(["column", "place"], kind="stable")
    frame = pd.DataFrame(
        {
            "gap": [
                f"{_gap_label(review, g)} ({inside(_label(review, 'gap_kind', g.kind))})"
                for g in _each(drawn)
            ],
            "scheme": [words[s].replace(" ", "\n", 1) for s in drawn["scheme"]],
            "place": drawn["place"],
            "moves": [int(span[g]) > 3 for g in drawn["gap_id"]],
        }
    )
    moving = frame.loc[frame["moves"], "gap"].nunique()
    title = (
        f"{len(steady)} of the {len(first)} heaviest gaps stay among the first {GAPS_COMPARED} under every survey"
        + (f"; {moving} move by more than three ranks" if moving else "")
    )
    return charts.sensitivity(
        frame,
        title=title,
        subtitle=f"Place of the {len(first)} heaviest gaps under each set of demand weights, {now.year}; equal ranks stand in alphabetical order; orange: "
        "moves by more than three ranks",
        source=f"surveys in _common/barriers.csv, each used alone; {_source(review, now)}",
        description=f"{title}. Sets compared: {', '.join(words[n] for n in names)}.",
    )


# ------------------------------------------------------------------------------------------------ journeys


def journeys(review: Review, *, year: int | None = None) -> Section:
    """Return what every persona meets on its way from intent to outcome."""
    now = view(review, year)
    walked, recorded = _journeys(review, now)
    measures = walked.outcomes
    people = _personas(review)
    done = journey.completion(measures)
    through = measures[measures["reach"] == 1]
    stuck = measures[measures["reach"] == 0]
    cold = int(through["cold_hand_offs"].sum())
    moves = int(through["hand_offs"].sum())
    met, wanted = int(through["needs_met"].sum()), int(through["needs"].sum())
    lost = [
        f"{inside(plain(people[str(row.persona_id)]))} (at *{inside(_label(review, 'journey_stage', row.no_way_at))}*)"
        for row in _each(stuck)
    ]
    answer = (
        f"**{_pct(done)}** of the SMEs the personas stand for find some support at every stage up to their goal ({len(through)} of "
        f"{len(measures)} personas), in {through['steps'].mean():.1f} services on average; {cold} of {count(moves, 'hand-off')} on the best "
        f"paths {_be(cold)} cold, and the best paths meet {met} of {wanted} needs. "
        if len(through)
        else f"**No persona** finds support at every stage up to its goal ({len(measures)} personas). "
    )
    if lost:
        answer += f"Lost: {listing(lost, most=5)}. "
    answer += (
        f"{_cap(_handed_on(recorded, now))}."
        if recorded is not None
        else f"No referral between services of {now.year} is on record, so every way on is assumed to be found by the firm itself."
    )
    tables = {
        "journeys": _journey_table(review, walked, recorded),
        "journey_paths": _path_table(review, walked),
        "orphans": _orphan_table(review, walked),
    }
    loops = recorded.loops if recorded is not None else ()
    if loops:
        answer += f" {count(len(loops), 'loop')} on recorded routes: " + listing(
            [" → ".join(plain(_names(review)[s]) for s in ring) for ring in loops], most=2
        )
        answer += "."
    return Section(
        answer=answer,
        charts={"journey_map": _journey_chart(review, now, walked)},
        tables=tables,
        how_sure="low to medium; these are designed journeys, read off the catalogue. No observed journey (interview, mystery shopping) is on "
        "record; where one is, the difference is the finding.",
        to_check="Ask two or three real firms like the personas that are lost which doors they tried.",
    )


def _handed_on(recorded: journey.Journeys, now: View) -> str:
    """Return in words how many firms get through without finding a second door, and whether a referral takes them there."""
    best = recorded.best
    by_referral = set(best.loc[~best["way"].isin([journey.STAYS, journey.SELF_FOUND]), "persona_id"])
    is_sent = recorded.outcomes["persona_id"].isin(by_referral)
    sent = journey.completion(recorded.outcomes.assign(sent=recorded.outcomes["reach"] * is_sent), "sent")
    done = journey.completion(recorded.outcomes)
    referrals = 0 if now.referrals is None else len(now.referrals)
    return (
        f"without finding a second door by themselves {_pct(done)} get there, {_pct(done - sent)} of all with one service throughout and "
        f"{_pct(sent)} by {'the referral' if referrals == 1 else f'one of the {referrals} referrals'} on record"
    )


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _journey_table(review: Review, walked: journey.Journeys, recorded: journey.Journeys | None) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.measures.copy()
        frame.insert(1, "persona", frame["persona_id"].map(_personas(review)))
        if recorded is not None:
            only = recorded.measures.set_index("persona_id")
            frame["reach_recorded"] = frame["persona_id"].map(only["reach"])
            frame["dead_ends_recorded"] = frame["persona_id"].map(only["dead_ends"])
            frame["loops"] = frame["persona_id"].map(only["loops"])
        else:
            frame["reach_recorded"] = math.nan
            frame["dead_ends_recorded"] = math.nan
        frame = frame.rename(columns={"loops": "loops_recorded"})
        for column in (
            "steps", "hand_offs", "cold_hand_offs", "services_off_need", "needs_met", "prices_unknown", "days_unknown", "repeated_requests",
            "typical_steps", "reach_recorded", "dead_ends_recorded", "loops_recorded",
        ):  # fmt: skip
            frame[column] = frame[column].astype("float64").astype("Int64")
        frame = frame.sort_values(
            ["reach", "weight", "persona_id"], ascending=[True, False, True], kind="stable"
        )
        order = [
            "persona_id", "persona", "weight", "start_stage", "goal_stage", "reach", "lost_at", "steps", "hand_offs", "cold_hand_offs", "needs_met",
            "needs", "services_off_need", "out_of_pocket_eur", "prices_unknown", "elapsed_days", "days_unknown", "repeated_requests",
            "choice_load", "choice_stage", "choice_type", "typical_done", "typical_steps", "open_services", "dead_ends", "reach_recorded",
            "dead_ends_recorded", "loops_recorded", "rests_on_unknown", "basis",
        ]  # fmt: skip
        return frame[order].reset_index(drop=True)

    return LongTable(
        write,
        lambda: len(walked.walked),
        "What each persona meets, those that are lost first",
        "Measures of the best path (fewest services, then fewest that meet no need, then fewest cold hand-offs). Money and days are lower "
        "bounds where prices or days are unknown; empty: not recorded, or no path. The typical path is that of a firm that knows only "
        "the next door (project convention).",
    )


def _path_table(review: Review, walked: journey.Journeys) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.paths.copy()
        names, bodies = _names(review), _bodies(review, 60)
        giver = dict(
            zip(review.pack.services["service_id"], review.pack.services["provider_id"], strict=True)
        )
        frame["service"] = frame["service_id"].map(names)
        frame["provider"] = [bodies.get(giver[s], giver[s]) for s in frame["service_id"]]
        return frame

    return LongTable(
        write,
        lambda: len(walked.paths),
        "Best and typical path of each persona",
        "Designed journeys on all routes; way: how the firm gets to the node.",
    )


def _orphan_table(review: Review, walked: journey.Journeys) -> Table:
    def write(_most: int | None) -> pd.DataFrame:
        frame = walked.orphans.copy()
        frame.insert(1, "service", frame["service_id"].map(_names(review)))
        return frame

    return LongTable(
        write,
        lambda: len(walked.orphans),
        "Services that no persona gets to",
        "A sign that a persona is missing, or that a service is for firms that the personas do not stand for.",
    )


def _journey_chart(review: Review, now: View, walked: journey.Journeys) -> Any:
    people = _personas(review)
    place = {code: n for n, code in enumerate(_stages(review))}
    best: dict[str, list[Any]] = {}
    for node in _each(walked.best):
        best.setdefault(node.persona_id, []).append(node)
    order = walked.outcomes.sort_values(
        ["reach", "weight", "persona_id"], ascending=[True, False, True], kind="stable"
    )
    nodes, links, ends = [], [], []
    for row in _each(order):
        label = people[str(row.persona_id)]
        before = None
        for node in best.get(str(row.persona_id), ()):
            x = place[str(node.stage)]
            same = node.way == journey.STAYS
            nodes.append((label, x, "same service" if same else "new service"))
            if before is not None and x != before:
                way = (
                    "same service" if same
                    else "same organisation" if node.hand_off == "none"
                    else "warm hand-over" if node.hand_off == "warm"
                    else "cold hand-off"
                )  # fmt: skip
                links.append((label, before, x, way))
            before = x
        if row.reach:
            cold = int(row.cold_hand_offs)
            mark = f"{count(int(row.steps), 'service')}, {cold} cold; {int(row.needs_met)} of {row.needs} needs met"
            ends.append((label, float(before or 0), mark, True))
        else:
            ends.append((label, float(place[str(row.no_way_at)]), "lost: nothing open at this stage", False))
    ends_frame = pd.DataFrame(ends, columns=["persona", "x", "mark", "reached"])
    ends_frame["x"] = [
        float(len(place) - 1) if reached else x
        for x, reached in zip(ends_frame["x"], ends_frame["reached"], strict=True)
    ]
    done = journey.completion(walked.outcomes)
    stuck = int((walked.outcomes["reach"] == 0).sum())
    title = f"Personas for {_pct(done)} of SMEs find some support at every stage to their goal" + (
        f"; {stuck} of {len(order)} do not" if stuck else ""
    )
    return charts.journey_map(
        pd.DataFrame(nodes, columns=["persona", "x", "changes"]),
        pd.DataFrame(links, columns=["persona", "x", "x2", "way"]),
        ends_frame,
        [_two_lines(_label(review, "journey_stage", c)) for c in _stages(review)],
        title=title,
        subtitle=f"Best path of each persona on {walked.basis}, {now.year}. Large dot: a new service; thick line: the same service goes on; "
        "dotted: the firm changes organisation without being handed over",
        source=_source(review, now),
        description=f"{title}. Best paths of {len(order)} personas across {len(place)} stages, with hand-offs between organisations marked.",
    )


def persona_choices(review: Review) -> dict[str, str]:
    """Return what the persona control offers: name → id."""
    return {"the one hardest to serve": "", **{name: key for key, name in _personas(review).items()}}


def _hardest(measures: pd.DataFrame) -> str:
    """Return the persona that is hardest to serve: no way through first, then the smallest share of needs met, then weight."""
    share = (measures["needs_met"] / measures["needs"]).fillna(0)
    ranked = measures.assign(share=share).sort_values(
        ["reach", "share", "weight", "persona_id"], ascending=[True, True, False, True], kind="stable"
    )
    return str(ranked["persona_id"].iloc[0])


def one_journey(review: Review, *, persona: str | None = None, year: int | None = None) -> Section:
    """Return one persona's best and typical path, drawn step by step."""
    now = view(review, year)
    walked, _ = _journeys(review, now)
    people = _personas(review)
    wanted = persona or review.parameters.persona or _hardest(walked.measures)
    if wanted not in people:
        nearest = nearest_of(wanted, list(people))
        hint = f" Did you mean '{nearest}'?" if nearest else ""
        raise ParameterError(f"workbook 'test': persona: holds '{wanted}'.{hint} Known: {', '.join(people)}.")
    row = _one(walked.measures, wanted)
    who = _one(review.common.personas, wanted)
    cells = _judge(review, now).cells
    own = cells[cells["persona_id"] == wanted]
    unmet = own[own["status"] == gap_rules.GAP]
    goal = inside(_label(review, "journey_stage", row.goal_stage))
    answer = f"*{plain(people[wanted])}*: {plain(who.story)} "
    if row.reach:
        price = (
            "unknown" if math.isnan(row.out_of_pocket_eur)
            else f"at least {row.out_of_pocket_eur:,.0f} EUR" if row.prices_unknown
            else f"{row.out_of_pocket_eur:,.0f} EUR"
        )  # fmt: skip
        answer += (
            f"It can reach *{goal}* with **{count(int(row.steps), 'service')}** and {count(int(row.hand_offs), 'hand-off')} "
            f"({int(row.cold_hand_offs)} cold), which meet {int(row.needs_met)} of its {int(row.needs)} needs; out of pocket: {price}. "
        )
    else:
        answer += (
            f"**It cannot be supported up to *{goal}***: nothing on record is open to it at "
            f"*{inside(_label(review, 'journey_stage', row.lost_at))}*. "
        )
    listed = listing(
        list(dict.fromkeys(f"{inside(_label(review, 'barrier', c.need))} ({inside(_label(review, 'gap_kind', c.kind))})" for c in _each(unmet))),
        most=4,
    )  # fmt: skip
    answer += (
        f"Needs without service: {listed}."
        if len(unmet)
        else "Every need has a service on record where it bites, or the records can not tell."
    )
    return Section(
        answer=answer,
        charts={"one_journey": _one_chart(review, now, walked, wanted)},
        how_sure="low; the persona is an invented firm and the path is read off the catalogue. "
        + (
            "Prices are "
            + ("known." if row.reach and not row.prices_unknown else "not all known; sums are lower bounds.")
        ),
        to_check="Whether the providers on the best path would take this firm, and whether they know of each other.",
    )


def _one_chart(review: Review, now: View, walked: journey.Journeys, wanted: str) -> Any:
    people, names, bodies = _personas(review), _names(review), _bodies(review, 30)
    giver = dict(zip(now.services["service_id"], now.services["provider_id"], strict=True))
    walk = walked.walkers[wanted]
    row = _one(walked.measures, wanted)
    ways = {journey.STAYS: "stays with it", journey.SELF_FOUND: "found alone"}
    rows = []
    for path in ("best", "typical"):
        own = walked.paths[(walked.paths["persona_id"] == wanted) & (walked.paths["path"] == path)]
        if path == "best" and not row.reach:
            rows.extend(_open_stages(review, walk))
            continue
        heading = "Best path" if path == "best" else "Typical path (knows only the next door)"
        start = _label(review, "journey_stage", row.start_stage)
        rows.append((heading, 0, "Start: a firm with a plan", f"enters at “{start}”", "start", "", False))
        y = 0
        groups: list[list[Any]] = []
        for node in _each(own):
            if groups and groups[-1][-1].service_id == node.service_id:
                groups[-1].append(node)
            else:
                groups.append([node])
        for group in groups:
            y += 1
            first, last = group[0], group[-1]
            span = _label(review, "journey_stage", first.stage)
            if len(group) > 1:
                span += f" → {inside(_label(review, 'journey_stage', last.stage))}"
            way = ways.get(first.way, inside(_label(review, "referral_kind", first.way)))
            change = {"none": way, "warm": "warm hand-over", "cold": "cold hand-off"}[first.hand_off]
            rows.append(
                (
                    heading,
                    y,
                    _short(names[first.service_id], 40),
                    f"{span}\n{bodies.get(giver[first.service_id], '')} · {change}",
                    "service",
                    change,
                    first.hand_off == "cold",
                )
            )
        finished = path == "best" or bool(row.typical_done)
        y += 1
        if finished:
            goal = _label(review, "journey_stage", row.goal_stage)
            rows.append((heading, y, "Outcome", f"support up to “{goal}”", "outcome", "", False))
        else:
            stage = _label(review, "journey_stage", row.lost_at)
            rows.append((heading, y, "Lost", f"nothing open at “{stage}”", "lost", "", True))
    steps = pd.DataFrame(rows, columns=["path", "y", "label", "detail", "node", "way", "cold"])
    title = f"{people[wanted]}: " + (
        f"{count(int(row.steps), 'service')} and {count(int(row.cold_hand_offs), 'cold hand-off')} on the best path"
        if row.reach
        else f"no way through with the {count(len(walk.usable), 'service')} open to it"
    )
    return charts.journey_of(
        steps,
        title=title,
        subtitle=f"Designed journey on {walked.basis}, {now.year}; dashed orange: the firm changes organisation without being handed over",
        source=_source(review, now),
        description=f"{title}. " + "; ".join(f"{r.path}: {r.label}" for r in _each(steps))[:600],
    )


def _open_stages(review: Review, walk: journey.Walker) -> list[tuple[Any, ...]]:
    """Return what is open to a persona at each stage of its journey, as rows of the picture of a journey."""
    names = _names(review)
    rows: list[tuple[Any, ...]] = []
    for y, (stage, services) in enumerate(walk.at_stage.items()):
        titles = [names[walk.land.ids[s]] for s in services]
        rows.append(
            (
                "What is open to it, stage by stage",
                y,
                _label(review, "journey_stage", walk.land.stage_codes[stage]),
                listing([_short(t, 44) for t in titles], most=1)
                if titles
                else "nothing on record is open to it",
                "service" if titles else "lost",
                "",
                False,
            )
        )
    return rows


# ------------------------------------------------------------------------------------------------ profile


def profile(review: Review, *, year: int | None = None) -> Section:
    """Return, per need area and stage, what is there and how much of the demand it meets: what regions are compared on."""
    now = view(review, year)
    judged = _judge(review, now)
    frame = _profile_frame(review, now, judged)
    areas = (
        frame.groupby("need_area", sort=False)[
            ["demand_weight", "served_weight", "unknown_weight", "gap_weight"]
        ]
        .sum()
        .reset_index()
    )
    asked = areas[areas["demand_weight"] > 0].copy()
    asked["share"] = asked["served_weight"] / asked["demand_weight"]
    bare = asked[asked["served_weight"] + asked["unknown_weight"] <= 0]
    dark = int(((asked["served_weight"] <= 0) & (asked["unknown_weight"] > 0)).sum())
    full = asked[asked["share"] > 1 - 1e-9]
    redundant = gap_rules.redundancy(judged.cells)
    labels = [
        inside(_label(review, "barrier", c))
        for c in bare.sort_values("demand_weight", ascending=False)["need_area"]
    ]
    answer = (
        f"Of {count(len(asked), 'need')} that personas have, **{len(full)}** are met wherever they bite and **{len(bare)}** nowhere"
        + (f" ({listing(labels, most=6)})" if labels else "")
        + (f"; of {dark} the records can not tell" if dark else "")
        + f". {_pct(redundant)} of the weighted offer is a second or further service for a cell that has one already (redundancy)."
    )
    table = frame.copy()
    table["service_ids"] = [";".join(v) for v in table["service_ids"]]
    made = {}
    if len(asked):
        made["demand_served"] = _served_chart(review, now, asked, bare)
    return Section(
        answer=answer,
        charts=made,
        tables={
            "profile": Table(
                table.round({"demand_weight": 8, "served_weight": 8, "unknown_weight": 8, "gap_weight": 8}),
                "What is there and how much of the demand it meets, by need area and stage",
                "Weights are shares of all weighted demand of this region's personas; a cell without demand can still have services.",
            )
        },
        how_sure="low to medium; shares rest on our coding of stages and needs and on invented personas, the same in every region, so that "
        "differences between regions say more than the level.",
        to_check="Whether the needs met nowhere are met by a body that the pack does not list.",
    )


def _profile_frame(review: Review, now: View, judged: Judged) -> pd.DataFrame:
    offer: dict[tuple[str, str], list[str]] = {}
    for service in _each(now.paired):
        for need in service.need_area:
            for stage in service.journey_stages:
                offer.setdefault((need, stage), []).append(str(service.service_id))
    giver = dict(zip(now.paired["service_id"], now.paired["provider_id"], strict=True))
    weight = judged.cells.groupby(["need", "stage", "status"])["weight"].sum().to_dict()
    personas = judged.cells.groupby(["need", "stage"])["persona_id"].nunique().to_dict()
    rows = []
    for need in review.vocabulary.codes("barrier"):
        for stage in _stages(review):
            ids = tuple(sorted(offer.get((need, stage), ())))
            parts = {
                s: float(weight.get((need, stage, s), 0.0))
                for s in (gap_rules.SERVED, gap_rules.UNKNOWN, gap_rules.GAP)
            }
            rows.append(
                {
                    "need_area": need,
                    "stage": stage,
                    "services": len(ids),
                    "providers": len({giver[i] for i in ids}),
                    "personas": int(personas.get((need, stage), 0)),
                    "demand_weight": sum(parts.values()),
                    "served_weight": parts[gap_rules.SERVED],
                    "unknown_weight": parts[gap_rules.UNKNOWN],
                    "gap_weight": parts[gap_rules.GAP],
                    "service_ids": ids,
                }
            )
    return pd.DataFrame(rows)


def _served_chart(review: Review, now: View, asked: pd.DataFrame, bare: pd.DataFrame) -> Any:
    shown = asked.sort_values(["demand_weight", "need_area"], ascending=[False, True], kind="stable")
    rows = []
    for area in _each(shown):
        for state, value in (
            ("served", area.served_weight), ("records can not tell", area.unknown_weight), ("no service open", area.gap_weight)
        ):  # fmt: skip
            rows.append((_label(review, "barrier", area.need_area), state, float(value)))
    frame = pd.DataFrame(rows, columns=["area", "state", "weight"])
    title = (
        f"{count(len(bare), 'need')} of {len(asked)} {_be(len(bare))} met nowhere by a service on record"
        if len(bare)
        else "Every need is met at some stage by a service on record"
    )
    return charts.demand_served(
        frame,
        title=title,
        subtitle=gettext(
            "Share of all weighted demand by need, {year}; the three parts of a bar stand in the order of the legend"
        ).format(year=now.year),
        source=_source(review, now),
        description=f"{title}. Bars show demand by need, split into served, unknown and not served.",
    )


# ------------------------------------------------------------------------------------------------ meaning and limits


def _findings(review: Review) -> list[dict[str, Any]]:
    now = view(review)
    pairs, judged = _pairs(review, now), _judge(review, now)
    walked, recorded = _journeys(review, now)
    names = _names(review)
    rows: list[dict[str, Any]] = []

    def add(
        kind: str, subject: str, statement: str, value: float, unit: str, how_sure: str, status: str, on: str
    ) -> None:
        rows.append(
            {
                "finding_id": f"test:{kind}:{subject}",
                "kind": kind,
                "subject": subject,
                "statement": statement,
                "value": value,
                "unit": unit,
                "how_sure": how_sure,
                "status": status,
                "rows": on,
            }
        )

    done = journey.completion(walked.measures)
    stuck = walked.measures[walked.measures["reach"] == 0]
    through = walked.measures[walked.measures["reach"] == 1]
    met, wanted = int(through["needs_met"].sum()), int(through["needs"].sum())
    add(
        "journey", "completion",
        f"By the catalogue, {_pct(done)} of the SMEs that personas stand for could find some support at every stage up to their goal, "
        f"which meets {met} of {wanted} of their needs; {count(len(stuck), 'persona')} of {len(walked.measures)} could not.",
        done, "share of SMEs", "low", "finding", _rows(list(stuck["persona_id"]), "personas"),
    )  # fmt: skip
    if recorded is not None:
        add(
            "journey", "recorded-routes",
            f"{_cap(_handed_on(recorded, now))}.",
            journey.completion(recorded.measures), "share of SMEs", "medium", "finding", "",
        )  # fmt: skip
        for ring in recorded.loops:
            add("loop", "~".join(ring), f"{' → '.join(names[s] for s in ring)} send a firm round in a circle.", len(ring), "services", "medium", "finding", _rows(ring))  # fmt: skip
    served, possible = gap_rules.coverage_share(judged.cells)
    add(
        "gap", "coverage",
        f"Services on record meet {_pct(served)} of weighted demand" + (f", at most {_pct(possible)}." if possible > served else "."),
        served, "share of weighted demand", "low", "finding", "",
    )  # fmt: skip
    for gap in _each(judged.ranked[judged.ranked["kind"] != "continuity"].head(10)):
        state = (
            "unknown" if gap.kind == "evidence" else "finding" if gap.status == "confirmed" else "candidate"
        )
        add(
            "gap", gap.gap_id,
            f"{_gap_label(review, gap)}: {_GAP_WORDS[gap.kind]} {count(len(gap.persona_ids), 'persona')}.",
            float(gap.weight), "share of weighted demand", "low" if gap.kind == "evidence" else "medium", state,
            _rows(gap.service_ids) or _rows(gap.persona_ids, "personas"),
        )  # fmt: skip
    for pair in _each(pairs[pairs["grade"] == 3]):
        if pair.status == "rejected":
            continue
        real = overlap.is_validated(str(pair.status))
        add(
            "duplication" if pair.pair_class == overlap.DUPLICATION else "overlap", pair.pair_id,
            f"“{names[pair.service_a]}” and “{names[pair.service_b]}” "
            + (f"were found to be alike by people ({pair.status})." if real else f"look alike ({pair.limbs}); nobody has checked it."),
            float(pair.beneficiary_containment), "containment of beneficiaries", "medium" if real else "low",
            "finding" if real else "candidate", _rows([pair.service_a, pair.service_b]),
        )  # fmt: skip
    areas = _areas(review, now, pairs)
    for area in _each(
        areas[areas["fragmented"]]
        .sort_values(["providers", "need_area"], ascending=[False, True], kind="stable")
        .head(3)
    ):
        add(
            "fragmentation", area.need_area,
            f"{count(int(area.providers), 'body', 'bodies')} at {count(int(area.levels), 'level')} of government work on "
            f"{inside(_label(review, 'barrier', area.need_area))}, {_coordination(review, pd.Series(area._asdict()))}.",
            float(area.providers), "bodies", "medium", "finding", _rows(area.service_ids),
        )  # fmt: skip
    return rows


def meaning(review: Review) -> Section:
    """Return what the test means for the region, and its findings for later steps."""
    frame = findings_frame(_findings(review))
    pairs = frame[frame["kind"].isin(["duplication", "overlap"])]
    open_pairs = int((pairs["status"] == "candidate").sum())
    heavy = frame[(frame["kind"] == "gap") & (frame["status"] == "candidate")]
    unknown = int((frame["status"] == "unknown").sum())
    handed = frame.loc[frame["subject"] == "recorded-routes", "statement"].tolist()
    needs = dict.fromkeys(str(subject).rsplit(":", 1)[-1] for subject in heavy["subject"])
    first = listing([f"*{inside(_label(review, 'barrier', need))}*" for need in list(needs)[:3]])
    answer = (
        f"For {plain(review.pack.region.name)} this follows. "
        + (
            f"**Look before cutting:** {count(open_pairs, 'pair')} that nobody has checked {'matches' if open_pairs == 1 else 'match'} on all "
            "three limbs and should be put to the providers concerned; two doors can be right where they serve different firms, and harm where "
            "a firm must try both. "
            if open_pairs
            else ""
        )
        + (
            f"**Fill first:** services for {first}, unless the pack misses one that is there. "
            if len(heavy)
            else ""
        )
        + (
            f"**Ask first:** for {unknown} of the heaviest gaps the records can not tell; a telephone call settles them. "
            if unknown
            else ""
        )
        + "**Hand over:** "
        + (
            f"{handed[0][:1].lower()}{handed[0][1:]} Every warm hand-over agreed adds to the last."
            if handed
            else "no referral between these services is on record; writing down who sends firms to whom is the cheapest next step."
        )
    )
    return Section(
        answer=answer,
        tables={
            "findings": Table(
                frame,
                "Findings, candidates and unknowns of this step",
                "A candidate becomes a finding only by a decision on record; the rows it rests on are named.",
            )
        },
        how_sure="low to medium; see each row.",
        to_check="Take the first rows of the table to the next stakeholder meeting and record what is decided in decisions.csv.",
    )


def limits(review: Review) -> Section:
    """Return the limits of the evidence of this step."""
    now = view(review)
    n = len(now.services)
    derived = int((now.services["need_area_from"] != "own").sum())
    kinds = [k for k in gap_rules.assess_kinds(now.services, now.referrals) if k.answer != "yes"]
    lines = [
        f"What counts as alike rests on codes that we gave: the needs of {derived} of {n} services are derived from their kind of support.",
        f"{_dating(now.services)}; whether two services run side by side is then an assumption.",
        "Thresholds (share in common, containment, severity, the stages at which a need bites) are project conventions: no European source "
        "sets a cut-off for overlap or gap. Move them and see what stays.",
        *(
            f"*{_label(review, 'gap_kind', k.kind)}* can be judged {'not at all' if k.answer == 'no' else 'in part only'}: {k.why}."
            for k in kinds
        ),
        "Personas are invented firms, the same in every region, with weights of our own judgement; they stand for segments, not for counts of firms.",
        "A service for part of the region only (an island, a language area) is compared as if it were for all of it where NUTS has no code for "
        "the part, unless its row or that of its neighbour says whose clients it does not take (excludes_clients_of).",
        "Journeys are designed journeys. Whether a provider really takes the firm, and whether help was good, needs interviews or mystery shopping.",
        "Overlap is not waste: effects can be good, bad or unknown, and only people who know both services can tell.",
    ]
    return Section(
        answer="\n".join(f"- {line}" for line in lines),
        how_sure="high that these limits hold; they are read off the tables.",
    )


LEAVES: Mapping[str, Callable[..., Section]] = MappingProxyType(
    {
        "candidates": candidates,
        "fragmentation": fragmentation,
        "gaps": gaps,
        "gap_kinds": gaps,
        "gap_cells": gaps,
        "gap_ranks": sensitivity,
        "journeys": journeys,
        "journey_paths": journeys,
        "orphans": journeys,
        "profile": profile,
        "findings": meaning,
    }
)
"""Tables that later steps may read → the section that makes each."""
