"""The schema of every table of a region pack and of ``_common``: each rule is stated once, here.

A table is a tuple of :class:`Column`; from it come the pandera schema that checks the raw text of a file,
the types of the frame in memory, and the words in which a fault, a sheet's header note or the documentation
speaks of the column.
"""

from __future__ import annotations

from collections.abc import Mapping

from eis_lib.pack.columns import (
    ENDS_AFTER_START,
    ONE_OWNER,
    SOURCE,
    _code,
    _date,
    _key,
    _number,
    _reference,
    _text,
    _year,
)
from eis_lib.pack.schema import Column, Rule, TableSchema

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
        _text("description", "What a firm gets, in a sentence or two."),
        _code("support_type", "support_type", "Instrument by which the service helps."),
        _code("journey_stages", "journey_stage", "Stages of the journey it serves.", many=True),
        _code("modes", "mode", "Modes of internationalisation it serves.", many=True),
        _code("sme_size", "sme_size", "Size classes that may use it.", many=True),
        _code("experience", "experience", "Export experience of the firms it is for.", many=True),
        _code(
            "sectors",
            "sector",
            "Sectors it is open to; 'all' where it is open to any.",
            many=True,
        ),
        _code("market_scope", "market_scope", "Markets it helps to reach.", many=True),
        _code("channel", "channel", "How a firm meets the service."),
        _code("cost_to_sme", "cost_to_sme", "What it costs the firm."),
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
        _reference(
            "instance_of",
            "services",
            "Service of a layer that this one is where the region stands.",
            present=False,
        ),
        _text("brand", "Brand family under which it is offered.", present=False),
        _text("languages", "Languages in which it is given (two-letter codes).", present=False, many=True),
        _text(
            "available_in",
            "Countries whose firms may use it, in a layer; empty: every country of the layer.",
            present=False,
            many=True,
        ),
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
        _code("status", "service_status", "Whether it runs; empty: read from its years.", present=False),
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
        _reference("succeeds", "policies", "Policy that this one replaced.", present=False),
        _code("status", "service_status", "Whether it runs; empty: read from its years.", present=False),
        _date("checked_on", "Day on which the row was last checked.", present=False),
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
        _year("end_year", "Last year; empty where open-ended or unknown.", present=False),
        _text("reason_ended", "Why it ended, as the source states it.", present=False),
        _text("main_institution", "Organisation that runs it.", present=False),
        _code(
            "coded_by",
            "coded_by",
            "Whether a reader coded its needs and instrument, or they were derived.",
            present=False,
        ),
        _code("status", "service_status", "Whether it runs; empty: read from its years.", present=False),
        _date("checked_on", "Day on which the row was last checked.", present=False),
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

RELATIONS = TableSchema(
    "relations",
    "How one service stands to another, so that they are no rivals: read from their descriptions by coders.",
    ("service_id", "other_service", "relation"),
    (
        _reference("service_id", "services", "The later, smaller or excluding service.", filled=True),
        _reference("other_service", "services", "The service it is held against.", filled=True),
        _code("relation", "relation", "How the first stands to the second.", filled=True),
        _text("coded_by", "Coders who saw the relation, never a person's name.", filled=True, many=True),
        *SOURCE,
    ),
    (
        Rule(
            "other_service",
            "another service than service_id",
            lambda f: f["service_id"] != f["other_service"],
        ),
    ),
)

CODINGS = TableSchema(
    "codings",
    "What one coder read out of one service: the needs it lowers and what a firm receives.",
    ("service_id", "coder"),
    (
        _reference("service_id", "services", "Service that was read.", filled=True),
        _text("coder", "Name of the coding, such as a, b or settled; never a person's name.", filled=True),
        _code("barriers_addressed", "barrier", "Needs it lowers; empty: none that is coded.", many=True),
        _code("firm_receives", "firm_receives", "What a firm receives from it.", present=False),
        Column("certainty", "integer", "1 (a guess) to 3 (clear).", present=False, low=1, high=3),
        _text("reason", "Why.", filled=True),
    ),
)


def _where_searched(column: str) -> Rule:
    return Rule(column, "filled, where there is an outcome", lambda f: f["outcome"].eq("") | f[column].ne(""))


SEARCHES = TableSchema(
    "searches",
    "One search for what a region has: where it was looked, when, and with what outcome; without one, it is still to be made.",
    ("search_id",),
    (
        _key("search_id", "Short name of the search."),
        _code("topic", "search_topic", "Question of the protocol.", filled=True),
        _code("support_type", "support_type", "Kind of support that was looked for."),
        _code("level", "search_level", "Level at which it was looked for.", filled=True),
        _date("searched_on", "Day of the search."),
        _text("where", "Where it was looked, such as pages or a body's own register."),
        _text("query", "What was asked."),
        _code("outcome", "search_outcome", "What came of it; empty: not searched yet."),
        _text("found_ids", "Rows that were found.", many=True),
        _text("note", "What a reader of the row should know."),
    ),
    tuple(map(_where_searched, ("searched_on", "where", "query"))),
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
        RELATIONS,
        CODINGS,
        SEARCHES,
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
