"""The Action Plan as Word, in the layout of Interreg Europe: general information, policy context, one block per action.

The layout follows annex 1 of the programme manual 2014–2020 as far as its fields are known. What step 5 left is written
out and nothing added: what is missing is said to be, the contact and the signature are left for a person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from eis_lib.documents.phrases import euros, evidence_behind, how_sure, in_words, nuts_2, warning
from eis_lib.documents.run_files import RunFiles
from eis_lib.documents.word import (
    DocumentError,
    Link,
    Picture,
    clean,
    not_published,
    published,
    write_document,
)
from eis_lib.language.messages import ENGLISH, gettext, language_spoken, later, ngettext
from eis_lib.language.sentences import counted, sentences
from eis_lib.methods.recommendation import CHECKS, PROPOSED, check_plan, parse_funding, parse_players, split
from eis_lib.pack.pack import Common, Pack
from eis_lib.pack.profile import RegionProfile
from eis_lib.section.method import STEPS

VERSIONS: Mapping[str, tuple[tuple[str, str, str], str]] = MappingProxyType(
    {
        "2014-2020": (
            (
                later("Investment for Growth and Jobs programme"),
                later("European Territorial Cooperation programme"),
                later("Other regional development policy instrument"),
            ),
            later(
                "Layout: annex 1 of the Interreg Europe programme manual 2014–2020, field names as far as known."
            ),
        ),
        "2021-2027": (
            (
                later("Investment for Jobs and Growth programme"),
                later("Interreg programme"),
                later("Other regional development policy instrument"),
            ),
            later(
                "Layout: the fields of the Interreg Europe action plan, names as far as known. In the 2021–2027 programme a plan "
                "is expected where the policy instrument has not been improved within the core phase."
            ),
        ),
    }
)
"""Version of the template → the three kinds of instrument to choose from, and a note."""

SAID_BEFORE = ("examine", "test", "compare")
"""Steps whose findings an action may rest on."""


def write_action_plan(
    results: RunFiles,
    pack: Pack,
    common: Common,
    path: Path,
    *,
    version: str = "",
    templates: Path | None = None,
) -> None:
    """Write the Action Plan of a region as a Word document; the same bytes for the same results.

    Parameters
    ----------
    results : RunFiles
        What a run left, step 5 among it.
    pack : Pack
        The region.
    common : Common
        For the labels of codes.
    path : Path
        The document to write.
    version : str, optional
        ``2014-2020`` or ``2021-2027``; that of step 5 where left out.
    templates : Path, optional
        Folder of the region's own templates.

    Raises
    ------
    DocumentError
        If step 5 has left nothing, the version is unknown or the template cannot be filled.
    """
    plan = results.table("plan", "action_plan")
    version = _version(version, plan)
    region = pack.region
    checks = check_plan(plan)  # first of all, so that a document never stands without its checks
    actions = _actions(plan, results, pack, common)
    context = {
        **_opening(plan, region, version),
        "general": _general(region, common),
        "instrument_kinds": _kinds(region, VERSIONS[version][0]),
        "instrument": _instrument(region),
        "overview": _overview(plan),
        "actions": actions,
        "checks_summary": _checks_summary(checks),
        "checks": _checks(plan, checks),
        "published_summary": _published_summary(pack),
        "published": _published(pack, common),
        "reading": _reading(version),
        "names": _names(plan, actions),
    }
    pictures = {"timetable": results.chart("plan", "timetable", 16.0)}
    write_document(
        path,
        "action_plan",
        context,
        day=region.review_date,
        pictures=pictures if len(plan) else {"timetable": Picture(path.with_name("none.png"), "", 1)},
        own_templates=templates,
    )


def _version(asked: str, plan: pd.DataFrame) -> str:
    """Return the version of the template asked for, else that of step 5."""
    version = asked or (clean(plan["template"].iloc[0]) if len(plan) else "2021-2027")
    if version not in VERSIONS:
        raise DocumentError(
            f"there is no version '{version}' of the template; known: {', '.join(sorted(VERSIONS))}"
        )
    return version


def _actions(plan: pd.DataFrame, results: RunFiles, pack: Pack, common: Common) -> list[dict[str, Any]]:
    advice = results.table("plan", "recommendations").set_index("recommendation_id")
    said = pd.concat([results.table(step, "findings") for step in SAID_BEFORE]).drop_duplicates("finding_id")
    matches = results.table("compare", "practice_matches")
    return [
        _action(row, advice, said.set_index("finding_id"), matches, pack, common)
        for row in plan.to_dict("records")
    ]


def _opening(plan: pd.DataFrame, region: RegionProfile, version: str) -> dict[str, str]:
    """Return what stands before part I: the titles, and how far people have decided."""
    decided = int((plan["status"] != PROPOSED).sum())
    day = in_words(region.review_date)
    return {
        "title": gettext("Action Plan – {region}").format(region=region.name),
        "subject": gettext("Action Plan, Interreg Europe layout"),
        "subtitle": gettext(
            "EIS – Everywhere International SMEs · draft from the review of {day} · layout {version}"
        ).format(day=day, version=version.replace("-", "–")),
        "running_head": gettext("Action Plan – {region} – draft, not signed").format(region=region.name),
        "running_foot": gettext("Review of {day}").format(day=day),
        "warning": warning(region),
        "standing": sentences(
            gettext("A draft with {actions} for people to accept, change or turn down, one by one.").format(
                actions=counted(len(plan), "action")
            ),
            gettext("A decision is on record for {number}; the others are proposals of the review.").format(
                number=decided
            )
            if decided
            else gettext("No decision is on record: all are proposals of the review."),
            gettext("Organisations, roles and years are proposed too."),
        ),
    }


def _instrument(region: RegionProfile) -> list[dict[str, str]]:
    return [
        {
            "field": gettext("Name of the policy instrument addressed"),
            "entry": published(region.policy_instrument),
        },
        {
            "field": gettext("Budget"),
            "entry": euros(region.budget_eur) + (f". {region.budget_note}" if region.budget_note else ""),
        },
    ]


def _overview(plan: pd.DataFrame) -> str:
    return (
        gettext(
            "{actions} in the order of step 5; those with a lesson from a partner or from peers come first."
        ).format(actions=counted(len(plan), "action"))
        if len(plan)
        else gettext(
            "The review led to no action: the steps before left nothing a recommendation could rest on."
        )
    )


def _general(region: RegionProfile, common: Common) -> list[dict[str, str]]:
    partners = [partner.name for partner in region.partners]
    to_fill = gettext("to be filled in by the organisation")
    return [
        {"field": field, "entry": entry}
        for field, entry in (
            (gettext("Project"), "EIS – Everywhere International SMEs"),
            (gettext("Partner organisation"), published(partners[0] if partners else "")),
            (
                gettext("Other partner organisations involved"),
                "; ".join(partners[1:]) or gettext("none on record"),
            ),
            (gettext("Country"), common.vocabulary.label("country", region.country)),
            (gettext("NUTS 2 region"), nuts_2(region)),
            (gettext("Contact person"), to_fill), (gettext("E-mail"), to_fill), (gettext("Phone"), to_fill),
        )
    ]  # fmt: skip


def _kinds(region: RegionProfile, kinds: tuple[str, str, str]) -> list[dict[str, str]]:
    """Return the three kinds of instrument, the region's ticked; none is ticked where the kind is not known."""
    kind = clean(region.policy_instrument_kind)
    low = kind.lower()
    chosen = (
        -1 if not kind
        else 0 if "growth" in low and "jobs" in low
        else 1 if "territorial cooperation" in low or low.startswith("interreg")
        else 2
    )  # fmt: skip
    rows = []
    for index, words in enumerate(kinds):
        detail = f": {kind}" if index == chosen == 2 and kind.lower() != words.lower() else ""
        rows.append({"box": "☒" if index == chosen else "☐", "words": gettext(words) + detail})
    if chosen < 0:
        rows.append({"box": "–", "words": gettext("kind of the instrument:") + f" {not_published()}"})
    return rows


def _action(
    row: Mapping[Any, Any],
    advice: pd.DataFrame,
    said: pd.DataFrame,
    matches: pd.DataFrame,
    pack: Pack,
    common: Common,
) -> dict[str, Any]:
    cost = euros(row["costs_eur"])
    note = gettext(clean(row["cost_note"]))
    sources = parse_funding(row["funding"])
    codes = split(row["indicator_codes"])
    return {
        "number": int(row["action_no"]),
        "title": clean(row["title"]),
        "standing": _standing(row, advice, common),
        "background": clean(row["background"]),
        "findings": [
            {"number": f"{int(row['action_no'])}.{place}", **_finding(item, said, common)}
            for place, item in enumerate(split(row["findings"]), start=1)
        ],
        "lessons": [_lesson(item, matches, pack, common) for item in split(row["lessons"])],
        "what": clean(row["action"]),
        "indicator": f"{clean(row['indicator']) or gettext('no indicator proposed')}."
        + (" " + gettext("Common indicators:") + f" {', '.join(codes)}." if codes else "")
        + (f" {clean(row['indicator_note'])}" if clean(row["indicator_note"]) else ""),
        "players": [
            {
                "name": name,
                "role": ", ".join(gettext(part) for part in role.split(", ")) or gettext("no role named"),
            }
            for name, role in _players(row["players"])
        ],
        "timeframe": gettext("{years} (proposed)").format(years=clean(row["timeframe"]))
        if clean(row["timeframe"])
        else gettext("not decided"),
        "costs": f"{cost}; {note}."
        if note and cost != not_published()
        else f"{(note or cost)[:1].upper()}{(note or cost)[1:]}.",
        "funding": "; ".join(
            name if math.isnan(amount) else f"{name}: {euros(amount)}" for name, amount in sources
        )
        or gettext("No source decided."),
    }


def _players(cell: object) -> list[tuple[str, str]]:
    return parse_players([clean(item) for item in split(cell)])


def _standing(row: Mapping[Any, Any], advice: pd.DataFrame, common: Common) -> str:
    identifier = clean(row["action_id"])
    if row["status"] == PROPOSED:
        return gettext("Proposed by the review; nobody has decided on it.")
    who, when = (
        (clean(advice.loc[identifier, column]) for column in ("decided_by", "decided_on"))
        if identifier in advice.index
        else ("", "")
    )
    words = common.vocabulary.label_inside("decision", clean(row["status"]))
    said = gettext("Decision on record: {decision}").format(decision=words)
    by = gettext(", by {who}").format(who=who) if who else ""
    return said + by + (f", {in_words(when)}" if when else "") + "."


def _finding(identifier: str, said: pd.DataFrame, common: Common) -> dict[str, str]:
    step = clean(identifier).partition(":")[0]
    found = {"id": clean(identifier), "step": str(STEPS[step].number) if step in STEPS else "–"}
    if identifier not in said.index:
        return {**found, "says": gettext("not among the findings of this run"), "sure": gettext("unknown")}
    row = said.loc[identifier]
    return {
        **found,
        "says": clean(row["statement"]),
        "sure": "; ".join(how_sure(row, common)),
    }


def _lesson(item: str, matches: pd.DataFrame, pack: Pack, common: Common) -> dict[str, Any]:
    kind, _, identifier = item.partition(":")
    if kind == "practice":
        region, _, practice = identifier.rpartition("/")
        rows = matches[
            (matches["practice_id"] == practice) & (matches["region"] == region if region else True)
        ]
        if len(rows):
            row = rows.iloc[0]
            asks = clean(row["whom"])
            return {
                "head": f"{clean(row['title'])} ({clean(row['region_name'])}; "
                + (evidence_behind(row["evidence_grade"], common) or gettext("evidence not graded"))
                + ").",
                "says": gettext("Kind of support: {kind}. Results as reported: {results}.").format(
                    kind=common.vocabulary.label_inside("support_type", clean(row["support_type"])),
                    results=published(row["results"]).rstrip("."),
                )
                + (" " + gettext("To ask:") + f" {asks}." if asks else ""),
                "source": Link(clean(row["source_title"]), clean(row["source_url"])),
            }
    remarks = pack.peer_reviews
    found = remarks[remarks["review_id"] == identifier] if kind == "peer-review" else remarks.head(0)
    if len(found):
        row = found.iloc[0]
        proposal = clean(row["proposal"])
        return {
            "head": gettext("Peers,") + f" {in_words(str(row['date']))}: {clean(row['statement'])}",
            "says": gettext("Seen as a {kind} by {reviewers}.").format(
                kind=_review_kind(clean(row["kind"]), common), reviewers=", ".join(row["reviewers"])
            )
            + (" " + gettext("They proposed:") + f" {proposal}" if proposal else ""),
            "source": Link(clean(row["source_title"]), clean(row["source_url"])),
        }
    return {"head": clean(item), "says": gettext("Not on record in this run."), "source": Link("", "")}


def _review_kind(kind: str, common: Common) -> str:
    """Return what peers saw something as, inside a sentence."""
    return kind if language_spoken() == ENGLISH else common.vocabulary.label_inside("review_kind", kind)


def _checks_summary(checks: pd.DataFrame) -> str:
    if checks.empty:
        return gettext("There is no action to check.")
    number = checks["passed"].value_counts()
    failed = int(number.get("no", 0))
    return sentences(
        gettext(
            "Run before this document was written: {checks}, {passed} passed, {failed} not passed, {open} that cannot be "
            "made because a fact is not published."
        ).format(
            checks=counted(len(checks), "check"),
            passed=int(number.get("yes", 0)),
            failed=failed or gettext("none"),
            open=int(number.get("not applicable", 0)),
        ),
        gettext("What is not passed has to be mended, or accepted by name, before anybody signs.")
        if failed
        else gettext("What cannot be checked has to be settled before anybody signs."),
    )


def _checks(plan: pd.DataFrame, checks: pd.DataFrame) -> list[dict[str, str]]:
    number = dict(zip(plan["action_id"], plan["action_no"], strict=True))
    rows = []
    for check, asks in CHECKS.items():
        of = checks[checks["check"] == check]
        if of.empty:
            continue
        cells = {}
        for word in ("yes", "no", "not applicable"):
            some = of[of["passed"] == word]
            why = "; ".join(dict.fromkeys(gettext(clean(s)) for s in some["says"])) if word != "yes" else ""
            numbers = ", ".join(str(int(number[a])) for a in some["action_id"])
            cells[word] = (f"{numbers} ({why})" if why else numbers) or "–"
        rows.append(
            {"asks": gettext(asks), "yes": cells["yes"], "no": cells["no"], "open": cells["not applicable"]}
        )
    return rows


def _published_summary(pack: Pack) -> str:
    if not pack.has("actions"):
        return gettext(
            "No action of the region is on record; that is not the same as none having been planned or done."
        )
    number = len(pack.actions)
    return sentences(
        ngettext(
            "{number} action of the region is on record.",
            "{number} actions of the region are on record.",
            number,
        ).format(number=number),
        gettext("They are the region’s own and kept apart from the proposals above."),
    )


def _published(pack: Pack, common: Common) -> list[dict[str, Any]]:
    rows = []
    for row in pack.actions.to_dict("records"):
        years = ["?" if pd.isna(row[c]) else str(int(row[c])) for c in ("start_year", "end_year")]
        status = clean(row.get("status"))
        rows.append(
            {
                "title": clean(row["title"]),
                "years": not_published() if years == ["?", "?"] else "–".join(dict.fromkeys(years)),
                "status": common.vocabulary.label_inside("action_status", status)
                if status
                else not_published(),
                "source": Link(clean(row["source_title"]), clean(row["source_url"])),
            }
        )
    return rows


def _names(plan: pd.DataFrame, actions: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return what the workbooks call each action and the findings it rests on, which is how a reader gets to their rows."""
    rows = []
    for name, action in zip(plan["action_id"], actions, strict=True):
        rows.append({"what": gettext("Action {number}").format(number=action["number"]), "name": clean(name)})
        rows += [
            {"what": gettext("Finding {number}").format(number=row["number"]), "name": row["id"]}
            for row in action["findings"]
        ]
    return rows


def _reading(version: str) -> list[str]:
    return [
        gettext(
            "Every action rests on findings; their names lead to the tables of steps 2 to 4 and from there to rows with a source."
        ),
        gettext(
            "A candidate is a computed suspicion nobody has checked; a finding was counted from the record. Both can be no better than the record."
        ),
        gettext(
            "Results of practices are as their owners report them; ‘self-reported’ and ‘before and after’ do not show that the practice was the cause."
        ),
        gettext("‘Not published’ means that no source was found. It never means none or zero."),
        gettext("None of the programmes’ common indicators measures exports."),
        gettext(VERSIONS[version][1]),
    ]
