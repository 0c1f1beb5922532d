"""The schema of every table of a region pack and of ``_common``: each rule is stated once, here.

A table is a tuple of :class:`Column`; from it come the pandera schema that checks the raw text of a file,
the types of the frame in memory, and the words in which a fault, a sheet's header note or the documentation
speaks of the column.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pandera.pandas as pa

from eis_lib.vocabulary import Vocabulary

LIST_SEPARATOR = ";"
FIRST_YEAR, LAST_YEAR = 1900, 2035
NUTS_PATTERN = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}")
ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9._-]*")
PERIOD_PATTERN = re.compile(r"(19|20)\d\d(-(0[1-9]|1[0-2])|-Q[1-4])?")

Kind = Literal[
    "id", "text", "code", "reference", "year", "number", "integer", "date", "period", "url", "nuts"
]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Header in the file and column in the frame.
    kind : str
        What a cell holds; decides its type in memory (year and integer → ``Int64``, number → ``float64``,
        everything else text).
    about : str
        What the column means, in one sentence for the officer who fills it in.
    filled : bool
        Whether every row must hold a value.
    present : bool
        Whether the file must have the column at all.
    many : bool
        Whether a cell holds a list, joined by ``;`` in the file and a tuple of text in memory.
    scheme : str
        Vocabulary scheme whose codes are allowed (kind ``code``).
    table : str
        Table whose key a cell points at (kind ``reference``).
    low, high : float or None
        Smallest and largest number allowed.
    """

    name: str
    kind: Kind
    about: str
    filled: bool = False
    present: bool = True
    many: bool = False
    scheme: str = ""
    table: str = ""
    low: float | None = None
    high: float | None = None

    @property
    def dtype(self) -> str:
        """Return the pandas type of the column in memory."""
        if self.many:
            return "object"
        return {"year": "Int64", "integer": "Int64", "number": "float64"}.get(self.kind, "str")


@dataclass(frozen=True)
class Rule:
    """A rule that looks at several cells of one row.

    Attributes
    ----------
    column : str
        Column at which a fault is reported.
    allowed : str
        What is allowed, in words.
    holds : callable
        Raw text frame in, boolean Series out: true where the row keeps the rule.
    """

    column: str
    allowed: str
    holds: Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class TableSchema:
    """All that is known of one table.

    Attributes
    ----------
    name : str
        File name without ``.csv``.
    about : str
        What a row is.
    key : tuple of str
        Columns that together name a row.
    columns : tuple of Column
    rules : tuple of Rule
    required : bool
        Whether every pack must have the table.
    about_results : bool
        Whether the table speaks about the results of a run, and so can not be an input of one.
    """

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    required: bool = False
    about_results: bool = False

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """Return the columns by their names."""
        return {column.name: column for column in self.columns}

    @property
    def file(self) -> str:
        """Return the file name of the table."""
        return f"{self.name}.csv"


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong with a pack, in the words in which everybody is told of it.

    Attributes
    ----------
    file : str
        Path within ``parameters/``, e.g. ``koprivnica/services.csv``.
    row : int
        Row as a spreadsheet counts it (the header is row 1); 0 where the fault concerns the whole file.
    column : str
        Column, or the key of a YAML file; empty where it concerns the whole row or file.
    holds : str
        What stands there.
    allowed : str
        What is allowed.
    nearest : str
        Nearest allowed value, or empty.
    """

    file: str
    row: int
    column: str
    holds: str
    allowed: str
    nearest: str = ""

    def __str__(self) -> str:
        place = ":".join(
            [self.file, *([str(self.row)] if self.row else []), *([self.column] if self.column else [])]
        )
        hint = f"; nearest: '{self.nearest}'" if self.nearest else ""
        return f"{place}: {self.holds}; allowed: {self.allowed}{hint}"


def nearest_of(value: str, allowed: Iterable[str]) -> str:
    """Return the allowed value nearest to `value`, or an empty string when none comes close.

    Examples
    --------
    >>> nearest_of("grants", ["loan", "grant"])
    'grant'
    """
    options = {option.casefold(): option for option in allowed}
    found = difflib.get_close_matches(value.strip().casefold(), options, n=1, cutoff=0.6)
    return options[found[0]] if found else ""


def split_list(cell: str) -> tuple[str, ...]:
    """Return the items of a list cell.

    Examples
    --------
    >>> split_list("plan; enter")
    ('plan', 'enter')
    """
    return tuple(part.strip() for part in cell.split(LIST_SEPARATOR) if part.strip())


# --- the columns -----------------------------------------------------------------------------------------------

SOURCE = (
    Column("source_url", "url", "Address of the page or document behind the row.", filled=True),
    Column("source_title", "text", "Who says so, and when: the title of the source.", filled=True),
    Column("evidence", "code", "How well the row is backed.", filled=True, scheme="evidence"),
    Column(
        "note",
        "text",
        "What a reader of the row should know; reasons for keeping a doubtful cell.",
        present=False,
    ),
)


def _key(name: str, about: str) -> Column:
    return Column(name, "id", about, filled=True)


def _text(name: str, about: str, *, filled: bool = False, present: bool = True, many: bool = False) -> Column:
    return Column(name, "text", about, filled=filled, present=present, many=many)


def _code(
    name: str, scheme: str, about: str, *, filled: bool = False, present: bool = True, many: bool = False
) -> Column:
    return Column(name, "code", about, filled=filled, present=present, many=many, scheme=scheme)


def _reference(
    name: str, table: str, about: str, *, filled: bool = False, present: bool = True, many: bool = False
) -> Column:
    return Column(name, "reference", about, filled=filled, present=present, many=many, table=table)


def _year(name: str, about: str, *, present: bool = True, filled: bool = False) -> Column:
    return Column(name, "year", about, filled=filled, present=present, low=FIRST_YEAR, high=LAST_YEAR)


def _number(
    name: str,
    about: str,
    *,
    present: bool = True,
    filled: bool = False,
    low: float | None = 0,
    high: float | None = None,
) -> Column:
    return Column(name, "number", about, filled=filled, present=present, low=low, high=high)


def _date(name: str, about: str, *, present: bool = True, filled: bool = False) -> Column:
    return Column(name, "date", about, filled=filled, present=present)


def _years_in_order(frame: pd.DataFrame) -> pd.Series:
    start = pd.to_numeric(frame["start_year"], errors="coerce")
    end = pd.to_numeric(frame["end_year"], errors="coerce")
    # a year that is none is a fault of its own, and not one of the other's
    return ~(end < start) | ~start.between(FIRST_YEAR, LAST_YEAR) | ~end.between(FIRST_YEAR, LAST_YEAR)


def _one_owner(frame: pd.DataFrame) -> pd.Series:
    named = frame["owner_name"] if "owner_name" in frame else pd.Series("", index=frame.index)
    return (frame["owner"].str.strip() != "") != (named.str.strip() != "")


ENDS_AFTER_START = Rule("end_year", "a year not before start_year", _years_in_order)
ONE_OWNER = Rule(
    "owner", "either a provider_id in owner or a name in owner_name, not both and not neither", _one_owner
)

PROVIDERS = TableSchema(
    "providers",
    "An organisation that helps SMEs to internationalise, decides on such help or pays for it.",
    ("provider_id",),
    (
        _key("provider_id", "Short name of the organisation, used by other tables."),
        _text("name", "Name in its own language, with its letters right.", filled=True),
        _text("name_en", "Name in English.", filled=True),
        _code("kind", "provider_kind", "What kind of organisation it is.", filled=True),
        _code("level", "level", "Level of government or territory at which it works.", filled=True),
        Column("url", "url", "Web site of the organisation."),
        _year("end_year", "Year in which the organisation ceased to exist.", present=False),
        _code(
            "public_body",
            "yes_no",
            "Whether it belongs to the public sector by law; empty: taken from its kind.",
            present=False,
        ),
        *SOURCE,
    ),
    required=True,
)

SERVICES = TableSchema(
    "services",
    "One service that reaches SMEs: the unit of analysis of the whole review.",
    ("service_id",),
    (
        _key("service_id", "Short name of the service, used by other tables."),
        _reference("provider_id", "providers", "Organisation that answers for the service.", filled=True),
        _reference(
            "co_providers", "providers", "Organisations that deliver it as well.", present=False, many=True
        ),
        _text("name", "Name of the service.", filled=True),
        _text("description", "What a firm gets, in a sentence or two.", filled=True),
        _code("support_type", "support_type", "Instrument by which the service helps.", filled=True),
        _code("journey_stages", "journey_stage", "Stages of the journey it serves.", filled=True, many=True),
        _code("modes", "mode", "Modes of internationalisation it serves.", filled=True, many=True),
        _code("sme_size", "sme_size", "Size classes that may use it.", filled=True, many=True),
        _code(
            "experience", "experience", "Export experience of the firms it is for.", filled=True, many=True
        ),
        _code(
            "sectors",
            "sector",
            "Sectors it is open to; 'all' where it is open to any.",
            filled=True,
            many=True,
        ),
        _code("market_scope", "market_scope", "Markets it helps to reach.", filled=True, many=True),
        _code("channel", "channel", "How a firm meets the service.", filled=True),
        _code("cost_to_sme", "cost_to_sme", "What it costs the firm.", filled=True),
        _year("start_year", "First year of the service."),
        _year("end_year", "Last year of the service; empty where it is open-ended or unknown."),
        _code("audience", "audience", "Whom it serves; empty means firms of the region.", present=False),
        _code(
            "barriers_addressed",
            "barrier",
            "Barriers it lowers; empty: derived from its support type.",
            present=False,
            many=True,
        ),
        _reference("part_of", "services", "Scheme of which this is a component.", present=False),
        _reference("succeeds", "services", "Service that this one replaced.", present=False),
        _text("brand", "Brand family under which it is offered.", present=False),
        _text("languages", "Languages in which it is given (two-letter codes).", present=False, many=True),
        Column(
            "territory",
            "nuts",
            "NUTS code of the territory served; empty means the whole region.",
            present=False,
        ),
        _reference(
            "requires", "services", "Services a firm must have used before.", present=False, many=True
        ),
        _reference(
            "excludes_clients_of",
            "providers",
            "Organisations whose clients it does not take: no firm can use both.",
            present=False,
            many=True,
        ),
        _number("capacity_per_year", "Firms it can serve in a year.", present=False),
        _number("take_up_per_year", "Firms it served in the last full year.", present=False),
        _number("quality_score", "Quality as judged by users, 0 to 1.", present=False, high=1),
        _number("price_eur", "What a firm pays, in euros.", present=False),
        _number("processing_days", "Days from asking to being served.", present=False),
        _text("evidence_required", "Documents asked from the firm.", present=False, many=True),
        _date("checked_on", "Day on which the row was last checked.", present=False),
        _date("first_seen", "Day on which the row first entered the pack.", present=False),
        *SOURCE,
    ),
    (ENDS_AFTER_START,),
    required=True,
)

POLICIES = TableSchema(
    "policies",
    "A policy, strategy, programme, scheme or law that bears on SME internationalisation.",
    ("policy_id",),
    (
        _key("policy_id", "Short name of the policy."),
        _text("title", "Title of the policy.", filled=True),
        _code("kind", "policy_kind", "What kind of policy it is.", filled=True),
        _code("level", "level", "Level at which it is decided.", filled=True),
        _reference("owner", "providers", "Organisation that answers for it."),
        _text("owner_name", "Name of the owner where it is no listed provider.", present=False),
        _year("start_year", "First year."),
        _year("end_year", "Last year; empty where open-ended or unknown."),
        _number("budget_eur", "Published budget in euros; empty where none was found."),
        _text("objectives", "Objectives, in the policy's own order.", filled=True, many=True),
        _code("barriers_addressed", "barrier", "Barriers the policy speaks to.", many=True),
        _reference("delivered_by", "services", "Services that deliver it.", many=True),
        _code("needs", "barrier", "Needs the policy itself names as its reason.", present=False, many=True),
        _text("activities", "Activities the policy foresees.", present=False, many=True),
        _text("outputs", "Outputs the policy foresees.", present=False, many=True),
        _text("results", "Results the policy foresees.", present=False, many=True),
        _text("indicators", "Indicators the policy names.", present=False, many=True),
        _text("assumptions", "Assumptions and external factors it states.", present=False, many=True),
        *SOURCE,
    ),
    (ENDS_AFTER_START, ONE_OWNER),
    required=True,
)

GOOD_PRACTICES = TableSchema(
    "good_practices",
    "A practice that proved itself in the region and may interest others (Interreg Europe's meaning).",
    ("practice_id",),
    (
        _key("practice_id", "Short name of the practice."),
        _text("title", "Title of the practice.", filled=True),
        _text("summary", "What it does, in a sentence or two.", filled=True),
        _code("support_type", "support_type", "Instrument it uses.", filled=True),
        _code("journey_stages", "journey_stage", "Stages it serves.", many=True),
        _code("barriers_addressed", "barrier", "Barriers it lowers.", many=True),
        _number("cost_eur_per_year", "Published cost per year in euros."),
        _text("results", "Results as the source states them."),
        _code(
            "evidence_grade",
            "evidence_grade",
            "How strong the evidence of success is (our coding).",
            present=False,
        ),
        _code("effort", "effort", "How much it takes to set up (our coding).", present=False),
        _year("start_year", "First year.", present=False),
        _text("main_institution", "Organisation that runs it.", present=False),
        *SOURCE,
    ),
    required=True,
)

ACTIONS = TableSchema(
    "actions",
    "An action the region took or plans, in the fields of the Interreg Europe Action Plan.",
    ("action_id",),
    (
        _key("action_id", "Short name of the action."),
        _text("title", "Title of the action.", filled=True),
        _text("summary", "What is done, in a sentence or two.", filled=True),
        _reference("owner", "providers", "Organisation that answers for it."),
        _text("owner_name", "Name of the owner where it is no listed provider.", present=False),
        _text("players", "Organisations involved.", many=True),
        _year("start_year", "First year."),
        _year("end_year", "Last year."),
        _number("cost_eur", "Published cost in euros; empty where none was found."),
        _text("funding", "Where the money comes from."),
        _text("inspired_by", "Practice, region or review that inspired it.", many=True),
        _text("indicator", "How success is measured."),
        _text("target", "What is to be reached."),
        _code("barriers_addressed", "barrier", "Barriers it lowers.", present=False, many=True),
        _code("support_type", "support_type", "Instrument it uses.", present=False),
        _reference("services", "services", "Services it creates or changes.", present=False, many=True),
        _text("indicator_code", "Common indicator code, such as RCO04.", present=False),
        _code("status", "action_status", "Where the action stands.", present=False),
        _reference(
            "excludes", "actions", "Actions that cannot be taken beside it.", present=False, many=True
        ),
        _reference("requires", "actions", "Actions that must be taken first.", present=False, many=True),
        *SOURCE,
    ),
    (ENDS_AFTER_START, ONE_OWNER),
    required=True,
)

REFERRALS = TableSchema(
    "referrals",
    "A way from one service to another that firms are known to be shown.",
    ("from_service", "to_service"),
    (
        _reference("from_service", "services", "Service that sends the firm on.", filled=True),
        _reference("to_service", "services", "Service it is sent to.", filled=True),
        _code("kind", "referral_kind", "How the firm is sent on.", filled=True),
        *SOURCE,
    ),
    (
        Rule(
            "to_service", "another service than from_service", lambda f: f["from_service"] != f["to_service"]
        ),
    ),
)

GOVERNANCE = TableSchema(
    "governance",
    "A role that an organisation holds in a policy or need area.",
    ("governance_id",),
    (
        _key("governance_id", "Short name of the row."),
        _reference("provider_id", "providers", "Organisation that holds the role.", filled=True),
        _reference("policy_id", "policies", "Policy in which it holds it."),
        _code("need_area", "barrier", "Need area in which it holds it.", present=False),
        _code("role", "governance_role", "What the organisation does there.", filled=True),
        *SOURCE,
    ),
)

ASSESSMENTS = TableSchema(
    "assessments",
    "One rater's judgement of one policy on one evaluation criterion of the EU's Better Regulation guidelines.",
    ("assessment_id",),
    (
        _key("assessment_id", "Short name of the row."),
        _reference("policy_id", "policies", "Policy that is judged.", filled=True),
        _code("criterion", "criterion", "Evaluation criterion.", filled=True),
        _text("rater", "Role of the rater, never a person's name.", filled=True),
        _code("level", "assessment_level", "Anchored level 1 to 5, or not-assessable.", filled=True),
        _code("confidence", "confidence", "How sure the rater is.", filled=True),
        _text("evidence_ids", "Rows the judgement rests on.", many=True),
        _date("date", "Day of the judgement.", filled=True),
        *SOURCE,
    ),
)

COHERENCE = TableSchema(
    "coherence",
    "How one policy acts on another, on the seven-point scale of Nilsson et al. (2016); directed.",
    ("policy_from", "policy_to", "rater"),
    (
        _reference("policy_from", "policies", "Policy that acts.", filled=True),
        _reference("policy_to", "policies", "Policy that is acted on.", filled=True),
        _code("score", "coherence_score", "From 3 (indivisible) to -3 (cancelling).", filled=True),
        _text("rater", "Role of the rater, never a person's name.", filled=True),
        _date("date", "Day of the judgement.", filled=True),
        *SOURCE,
    ),
    (Rule("policy_to", "another policy than policy_from", lambda f: f["policy_from"] != f["policy_to"]),),
)

PEER_REVIEWS = TableSchema(
    "peer_reviews",
    "One remark of peers who reviewed the region.",
    ("review_id",),
    (
        _key("review_id", "Short name of the remark."),
        _text("reviewers", "Regions or organisations that reviewed.", filled=True, many=True),
        _date("date", "Day of the review; a month's first day where only the month is known.", filled=True),
        _code("kind", "review_kind", "Strength or weakness.", filled=True),
        _text("statement", "What the peers said.", filled=True),
        _code("barrier", "barrier", "Barrier it bears on.", present=False),
        _text("proposal", "What they proposed."),
        _text("owner_response", "What the region answered."),
        _code("status", "review_status", "Where the remark stands.", present=False),
        *SOURCE,
    ),
)

MEASUREMENTS = TableSchema(
    "measurements",
    "One value of one monitoring indicator, with the target it is held against.",
    ("indicator_id", "period"),
    (
        _key("indicator_id", "Short name of the indicator."),
        _text("indicator_name", "Name of the indicator.", filled=True),
        _reference("action_id", "actions", "Action it measures."),
        _text("unit", "Unit of the values.", filled=True),
        _year("baseline_year", "Year of the baseline."),
        _number("baseline_value", "Value in the baseline year.", low=None),
        _year("target_year", "Year of the target."),
        _number("target_value", "Value to be reached.", low=None),
        _code("direction", "direction", "Whether the value is to rise or to fall.", present=False),
        Column("period", "period", "Year, quarter (2024-Q1) or month (2024-05).", filled=True),
        _number("value", "Measured value; empty where it is missing.", low=None),
        _date("vintage", "Day on which the value was taken.", present=False),
        *SOURCE,
    ),
)

DECISIONS = TableSchema(
    "decisions",
    "What people decided on a candidate, gap, alert, action or recommendation.",
    ("decision_id",),
    (
        _key("decision_id", "Short name of the decision."),
        _code("subject_kind", "subject_kind", "What was decided on.", filled=True),
        _text("subject_id", "Identifier of what was decided on, as the workbook prints it.", filled=True),
        _code("decision", "decision", "What was decided.", filled=True),
        _text("decided_by", "Role of who decided, never a person's name.", filled=True),
        _date("date", "Day of the decision.", filled=True),
        _text("reason", "Why.", filled=True),
        *SOURCE,
    ),
)

SIGN_OFFS = TableSchema(
    "sign_offs",
    "What an outside reviewer said of one step's results: a verdict, a remark, and the region's response.",
    ("sign_off_id",),
    (
        _key("sign_off_id", "Short name of the row."),
        _text("reviewer_role", "Role of the reviewer, never a person's name.", filled=True),
        _text("reviewer_organisation", "Organisation of the reviewer.", filled=True),
        _date("date", "Day of the verdict.", filled=True),
        _code("step", "step", "Step whose results were reviewed.", filled=True),
        _code("verdict", "verdict", "What the reviewer concluded.", filled=True),
        _text(
            "results_sha256",
            "Hash of the step's results that the reviewer had before them, as their page shows it.",
            filled=True,
        ),
        _text("anchor", "What a remark points at: the page and anchor, such as 1_map.html#coverage."),
        _text("remark", "What the reviewer remarked."),
        _text("owner_response", "What the region answered."),
        *SOURCE,
    ),
    (
        Rule(
            "results_sha256",
            "64 hexadecimal digits, as the step's page shows them",
            lambda f: f["results_sha256"].str.fullmatch(r"[0-9a-f]{64}").astype(bool),
        ),
    ),
    about_results=True,
)

PACK_TABLES: Mapping[str, TableSchema] = {
    table.name: table
    for table in (
        PROVIDERS,
        SERVICES,
        POLICIES,
        GOOD_PRACTICES,
        ACTIONS,
        REFERRALS,
        GOVERNANCE,
        ASSESSMENTS,
        COHERENCE,
        PEER_REVIEWS,
        MEASUREMENTS,
        DECISIONS,
        SIGN_OFFS,
    )
}
"""Every table a region pack may hold, in reading order."""

BARRIERS = TableSchema(
    "barriers",
    "Share of firms that name a barrier, in one published survey.",
    ("ref_area", "barrier", "barrier_name", "year", "population"),
    (
        _text("ref_area", "Country or EU aggregate of the survey.", filled=True),
        _code("barrier", "barrier", "Barrier, coded.", filled=True),
        _text("barrier_name", "Wording of the survey.", filled=True),
        _number("share_percent", "Share of firms that name it, in per cent.", filled=True, high=100),
        _text("population", "Whom the survey asked.", filled=True),
        _year("year", "Year of the survey.", filled=True),
        *SOURCE,
    ),
    required=True,
)

INDICATORS = TableSchema(
    "indicators",
    "One published value of one indicator for one area and period.",
    ("ref_area", "nuts_version", "indicator", "time_period"),
    (
        _text("ref_area", "NUTS code, country or EU aggregate.", filled=True),
        _text("ref_area_name", "Name of the area.", filled=True),
        _text("nuts_version", "Version of the NUTS code; empty for countries and aggregates."),
        Column("indicator", "id", "Indicator, coded.", filled=True),
        _text("indicator_name", "Name of the indicator.", filled=True),
        _text("unit", "Unit of the values.", filled=True),
        Column("time_period", "period", "Year, quarter or month.", filled=True),
        _number("obs_value", "Value.", filled=True, low=None),
        _text("obs_flag", "Flags of the source, and ours: derived, approx, y, mean."),
        *SOURCE,
    ),
    required=True,
)

PERSONAS = TableSchema(
    "personas",
    "An invented SME that stands for a segment: a named point in size × sector × stage × mode × traits.",
    ("persona_id",),
    (
        _key("persona_id", "Short name of the persona."),
        _text("name", "Name shown to the reader.", filled=True),
        _text("story", "Who the firm is and what it wants.", filled=True),
        _code("sme_size", "sme_size", "Size class.", filled=True),
        _code("sectors", "sector", "Sectors of the firm.", filled=True, many=True),
        _code("internationalisation_stage", "internationalisation_stage", "Stage of the firm.", filled=True),
        _code("start_stage", "journey_stage", "Stage at which it starts to look for support.", filled=True),
        _code("goal_stage", "journey_stage", "Stage it wants to reach.", filled=True),
        _code("modes", "mode", "Modes it is interested in.", filled=True, many=True),
        _code("experience", "experience", "Export experience.", filled=True),
        _code("market_scope", "market_scope", "Markets it aims at.", filled=True, many=True),
        _code("barriers", "barrier", "Barriers it meets.", filled=True, many=True),
        _code("traits", "trait", "Special traits.", many=True),
        _text("languages", "Languages it works in, besides the region's.", many=True),
        _code("digital", "yes_no", "Whether it can use online-only services.", filled=True),
        _number("budget_eur", "What it can pay out of its own pocket."),
        _number("weight", "Share of the SME population it stands for.", filled=True, high=1),
        _text("weight_note", "What the weight rests on.", filled=True),
        *SOURCE,
    ),
    required=True,
)

SUPPORT_TYPE_BARRIERS = TableSchema(
    "support_type_barriers",
    "A barrier that a support type can lower (our coding).",
    ("support_type", "barrier"),
    (
        _code("support_type", "support_type", "Support type.", filled=True),
        _code("barrier", "barrier", "Barrier it can lower.", filled=True),
        _text("reason", "Why.", filled=True),
        *SOURCE,
    ),
    required=True,
)

COMMON_TABLES: Mapping[str, TableSchema] = {
    table.name: table for table in (BARRIERS, INDICATORS, PERSONAS, SUPPORT_TYPE_BARRIERS)
}
"""Every table shared by all regions."""


# --- checking --------------------------------------------------------------------------------------------------


def _is_date(value: str) -> bool:
    try:
        return dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_number(value: str, column: Column) -> bool:
    pattern = r"-?\d+" if column.kind in {"integer", "year"} else r"-?\d+(\.\d+)?([eE][+-]?\d+)?"
    if not re.fullmatch(pattern, value):
        return False
    number = float(value)
    return (column.low is None or number >= column.low) and (column.high is None or number <= column.high)


def allowed_words(column: Column, codes: Iterable[str] = ()) -> str:
    """Return in words what a cell of `column` may hold; `codes` are the codes of its scheme."""
    if column.kind == "code":
        words = ", ".join(codes)
    elif column.kind == "reference":
        words = f"a key of {column.table}.csv"
    elif column.kind == "year":
        words = f"a year from {FIRST_YEAR} to {LAST_YEAR}"
    elif column.kind in {"number", "integer"}:
        words = "a whole number" if column.kind == "integer" else "a number with a decimal point"
        if column.low is not None and column.high is not None:
            words += f" from {column.low:g} to {column.high:g}"
        elif column.low is not None:
            words += f" of at least {column.low:g}"
    else:
        words = {
            "id": "lower-case letters, digits, '-', '.' and '_', beginning with a letter or digit",
            "date": "a day as YYYY-MM-DD",
            "period": "a period as 2024, 2024-Q1 or 2024-05",
            "url": "an address that begins with http:// or https://, without spaces",
            "nuts": "a NUTS code such as DK04",
            "text": "text",
        }[column.kind]
    if column.many:
        words = (
            f"one or more of {words}, joined by ';'" if column.kind == "code" else f"{words}, joined by ';'"
        )
    return words


def _item_is_valid(value: str, column: Column, codes: frozenset[str]) -> bool:
    if column.kind == "code":
        return value in codes
    if column.kind in {"year", "number", "integer"}:
        return _is_number(value, column)
    if column.kind == "date":
        return _is_date(value)
    if column.kind == "url":
        return re.fullmatch(r"https?://[^\s<>\"]+", value) is not None
    if column.kind in {"id", "reference"}:
        return ID_PATTERN.fullmatch(value) is not None
    if column.kind == "nuts":
        return NUTS_PATTERN.fullmatch(value) is not None
    if column.kind == "period":
        return PERIOD_PATTERN.fullmatch(value) is not None
    return True


def pandera_schema(table: TableSchema, vocabulary: Vocabulary) -> pa.DataFrameSchema:
    """Return the pandera schema that checks the raw text of `table`, cell by cell.

    The schema expects a frame of text in which an empty cell is an empty string. A list cell is valid when all
    its items are, and none comes twice. References are checked for form only; whether they resolve needs the
    other tables (see :func:`check_references`).
    """

    def checks(column: Column) -> list[pa.Check]:
        codes = frozenset(vocabulary.codes(column.scheme)) if column.scheme else frozenset()

        def valid(cell: str) -> bool:
            if cell == "":
                return True
            if cell != cell.strip():
                return False
            if not column.many:
                return _item_is_valid(cell, column, codes)
            items = [item.strip() for item in cell.split(LIST_SEPARATOR)]
            return (
                all(items)
                and len(set(items)) == len(items)
                and all(_item_is_valid(item, column, codes) for item in items)
            )

        found = [pa.Check(valid, element_wise=True, name="valid")]
        if column.filled:
            found.append(pa.Check(lambda cell: cell.strip() != "", element_wise=True, name="filled"))
        return found

    return pa.DataFrameSchema(
        {column.name: pa.Column(str, checks(column), required=False) for column in table.columns},
        unique=None,
        strict=False,
    )


def check_cells(table: TableSchema, raw: pd.DataFrame, vocabulary: Vocabulary, file: str) -> list[Fault]:
    """Return every fault of the cells and rows of one table, references apart.

    Parameters
    ----------
    table : TableSchema
    raw : pd.DataFrame
        The file's text; an empty cell is an empty string; the index is 0, 1, … in file order.
    vocabulary : Vocabulary
    file : str
        How the file is named in a fault.
    """
    faults: list[Fault] = []
    if raw.empty:
        return faults
    try:
        pandera_schema(table, vocabulary).validate(raw, lazy=True)
    except pa.errors.SchemaErrors as errors:
        for case in errors.failure_cases.itertuples():
            column = table.by_name[str(case.column)]
            row = int(case.index) + 2
            cell = str(raw.at[int(case.index), column.name])
            if case.check == "filled":
                codes = vocabulary.codes(column.scheme) if column.scheme else ()
                faults.append(Fault(file, row, column.name, "is empty", allowed_words(column, codes)))
            else:
                faults.append(_cell_fault(column, cell, vocabulary, file, row))
    for key_fault in _duplicate_keys(table, raw, file):
        faults.append(key_fault)  # noqa: PERF402
    for rule in table.rules:
        kept = rule.holds(raw)
        for index in raw.index[~kept]:
            faults.append(
                Fault(
                    file, int(index) + 2, rule.column, f"holds '{raw.at[index, rule.column]!s}'", rule.allowed
                )
            )
    return faults


def _cell_fault(column: Column, cell: str, vocabulary: Vocabulary, file: str, row: int) -> Fault:
    codes = vocabulary.codes(column.scheme) if column.scheme else ()
    allowed = allowed_words(column, codes)
    if cell != cell.strip():
        return Fault(file, row, column.name, f"holds '{cell}'", "no space at either end", cell.strip())
    if not column.many:
        return Fault(file, row, column.name, f"holds '{cell}'", allowed, nearest_of(cell, codes))
    items = [item.strip() for item in cell.split(LIST_SEPARATOR)]
    if not all(items):
        return Fault(file, row, column.name, f"holds '{cell}', with an empty item", allowed)
    wrong = [item for item in items if not _item_is_valid(item, column, frozenset(codes))]
    if not wrong:
        twice = next(item for item in items if items.count(item) > 1)
        return Fault(file, row, column.name, f"holds '{twice}' twice", "each item once")
    return Fault(
        file,
        row,
        column.name,
        f"holds {', '.join(repr(item) for item in wrong)}",
        allowed,
        nearest_of(wrong[0], codes),
    )


def _duplicate_keys(table: TableSchema, raw: pd.DataFrame, file: str) -> list[Fault]:
    keys = [column for column in table.key if column in raw]
    if len(keys) != len(table.key):
        return []
    faults = []
    first: dict[tuple[str, ...], int] = {}
    for index, values in zip(raw.index, raw[keys].itertuples(index=False, name=None), strict=True):
        row = int(index) + 2
        if not any(values):
            continue
        if values in first:
            held = " / ".join(values)
            faults.append(
                Fault(
                    file,
                    row,
                    keys[0],
                    f"holds '{held}', as row {first[values]} does",
                    "each key once in the table",
                )
            )
        else:
            first[values] = row
    return faults


def check_references(
    table: TableSchema, raw: pd.DataFrame, keys: Mapping[str, Iterable[str]], file: str
) -> list[Fault]:
    """Return a fault for every reference that points at no row.

    Parameters
    ----------
    keys : mapping
        Table name → its keys, as found in the pack; an absent table has no keys.
    """
    faults = []
    for column in table.columns:
        if column.kind != "reference" or column.name not in raw:
            continue
        known = set(keys.get(column.table, ()))
        for index, cell in raw[column.name].items():
            items = split_list(cell) if column.many else ([cell] if cell else [])
            for item in items:
                if item not in known and ID_PATTERN.fullmatch(item):
                    faults.append(
                        Fault(
                            file,
                            int(str(index)) + 2,
                            column.name,
                            f"holds '{item}', which {column.table}.csv does not list",
                            allowed_words(column),
                            nearest_of(item, known),
                        )
                    )
    return faults


def to_frame(table: TableSchema, raw: pd.DataFrame) -> pd.DataFrame:
    """Return the checked text of a table as a typed frame with every column of its schema.

    Lists become tuples of text, years and whole numbers ``Int64``, numbers ``float64``, the rest text; a missing
    value stays missing (an empty tuple, ``<NA>`` or ``NaN``). Columns the file does not have are all missing.
    """
    # plain arrays: a pack has some three hundred columns, and seven packs are read for one comparison
    data: dict[str, Any] = {}
    nothing = np.full(len(raw), "", dtype=object)
    for column in table.columns:
        text = raw[column.name].to_numpy(dtype=object) if column.name in raw else nothing
        if column.many:
            data[column.name] = pd.Series(
                [split_list(cell) for cell in text], index=raw.index, dtype="object"
            )
            continue
        text = np.where(text == "", np.nan, text)
        data[column.name] = pd.array(
            pd.to_numeric(text) if column.dtype in {"Int64", "float64"} else text,  # type: ignore[call-overload]
            dtype=column.dtype if column.dtype in {"Int64", "float64"} else "str",
        )
    return pd.DataFrame(data, index=raw.index)


def empty_frame(table: TableSchema) -> pd.DataFrame:
    """Return the typed frame of a table without rows."""
    return _empty_frame(table).copy()


@functools.cache
def _empty_frame(table: TableSchema) -> pd.DataFrame:
    return to_frame(
        table, pd.DataFrame({column.name: pd.Series([], dtype="str") for column in table.columns})
    )
