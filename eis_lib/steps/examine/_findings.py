"""What step 2 found: firm findings, candidates and open questions, the surest of each first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.templates import Words
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import Finding, findings_frame
from eis_lib.section.review import Review
from eis_lib.steps.examine._criteria import _agreement
from eis_lib.steps.examine._delivery import _then_words
from eis_lib.steps.examine._governance import _double_decisions, _ownerless
from eis_lib.steps.examine._headline import _left_behind
from eis_lib.steps.examine._view import (
    _barrier,
    _bodies,
    _coverage,
    _faults,
    _promises,
    _roles,
    _service_barriers,
    _standing_rows,
)
from eis_lib.steps.shared.landscape import reaching
from eis_lib.steps.shared.needs import _is_near, _survey_name
from eis_lib.steps.shared.words import _cap, words_of


@dataclass(frozen=True, eq=False)
class _Facts:
    """What the rules look at: policies and how they stand, references to those standing, who governs what."""

    review: Review
    year: int
    aligned: pd.DataFrame
    stands: pd.DataFrame
    titles: dict[str, str]
    standing_rows: list[str]
    roles: pd.DataFrame
    areas: pd.DataFrame
    words: Words


def _facts(review: Review) -> _Facts:
    year, policies = review.year, review.pack.policies
    aligned = policy.align_policies(policies, review.pack.services, year)
    roles = _roles(review, year)
    return _Facts(
        review,
        year,
        aligned,
        stands=aligned[aligned["standing"].isin(["in-force", "undated"])],
        titles=dict(zip(policies["policy_id"], policies["title"], strict=True)),
        standing_rows=_policies(_standing_rows(policies, year)["policy_id"]),
        roles=roles,
        areas=policy.area_roles(roles, review.vocabulary.codes("barrier")),
        words=words_of(__file__, review, year=year),
    )


def _policies(ids: Iterable[str]) -> list[str]:
    return [f"policies:{key}" for key in ids]


def _finding(
    kind: str,
    subject: str,
    statement: str,
    *,
    value: float = float("nan"),
    unit: str = "",
    sure: str,
    status: str = "candidate",
    rows: Iterable[str] = (),
) -> Finding:
    """Return a finding of this step; what nobody decided on is a candidate."""
    return Finding("examine", kind, subject, statement, value, unit, sure, status, ";".join(rows))


# --- rules: need -----------------------------------------------------------------------------------------------


def _needs_without_policy(facts: _Facts) -> Iterator[Finding]:
    """Yield the barriers that no standing policy names: those that firms name, and those nobody asked about."""
    review, year = facts.review, facts.year
    coverage, survey, _ = _coverage(review, None, year)
    bare = coverage[coverage["in_force"] + coverage["undated"] == 0]
    for row in _each_row(bare.sort_values("weight", ascending=False, na_position="last", kind="stable")):
        barrier = _barrier(review, row.barrier).lower()
        services = None if pd.isna(row.services) else int(row.services)
        said = barrier, services, row.coverage == "lapsed or not begun" and row.ended
        if survey is None or np.isnan(row.share_percent):
            yield _finding(
                "need-unmeasured", row.barrier, facts.words.need_unmeasured(*said),
                sure="low", status="unknown", rows=facts.standing_rows,
            )  # fmt: skip
            continue
        near = _is_near(review, survey, year) and row.coverage != "unknown"
        yield _finding(
            "need-no-policy", row.barrier,
            facts.words.need_without_policy(*said, row.share_percent, _survey_name(survey)),
            value=float(row.weight), unit="share of demand weight",
            sure="medium" if near else "low", status="finding" if near else "candidate",
            rows=[f"barriers:{survey.name}", *facts.standing_rows],
        )  # fmt: skip


# --- rules: delivery -------------------------------------------------------------------------------------------


def _ended_policies(facts: _Facts) -> Iterator[Finding]:
    aligned = facts.aligned
    ended = aligned[aligned["standing"] == "ended"]
    if len(ended):
        yield _finding(
            "policies-ended", "policies",
            facts.words.ended_policies(len(ended), len(aligned)),
            value=len(ended) / len(aligned), unit="share of policies", sure="high", status="finding",
            rows=_policies(ended["policy_id"]),
        )  # fmt: skip


def _budgets_not_published(facts: _Facts) -> Iterator[Finding]:
    stands = facts.stands
    hidden = stands[~stands["budget_published"]]
    if len(hidden):
        yield _finding(
            "money-not-published", "policies",
            facts.words.budgets_not_published(len(hidden), len(stands)),
            value=len(hidden) / len(stands), unit="share of standing policies", sure="medium", status="finding",
            rows=_policies(hidden["policy_id"]),
        )  # fmt: skip


def _undated_policies(facts: _Facts) -> Iterator[Finding]:
    stands = facts.stands
    undated = stands[stands["standing"] == "undated"]
    if len(undated):
        yield _finding(
            "policies-undated", "policies",
            facts.words.undated_policies(len(undated), len(stands)),
            value=len(undated) / len(stands), unit="share of standing policies", sure="high", status="unknown",
            rows=_policies(undated["policy_id"]),
        )  # fmt: skip


def _policies_of_closed_owners(facts: _Facts) -> Iterator[Finding]:
    left = _left_behind(facts.review, facts.stands, facts.year)
    if len(left):
        yield _finding(
            "policy-owner-closed", "policies",
            facts.words.policies_of_closed_owners([f"“{title}”" for title in left["title"]]),
            value=float(len(left)), unit="policies", sure="high", rows=_policies(left["policy_id"]),
        )  # fmt: skip


def _policies_whose_services_stopped(facts: _Facts) -> Iterator[Finding]:
    policies = facts.review.pack.policies
    named = dict(zip(policies["policy_id"], policies["delivered_by"], strict=True))
    for row in _each_row(facts.stands[facts.stands["delivery"] == "no named service stands"]):
        yield _finding(
            "policy-services-stopped", row.policy_id,
            facts.words.policy_whose_services_stopped(row),
            value=float(row.services_named), unit="services", sure="medium",
            rows=[f"policies:{row.policy_id}", *(f"services:{key}" for key in named[row.policy_id])],
        )  # fmt: skip


def _policies_without_service(facts: _Facts) -> Iterator[Finding]:
    for row in _each_row(facts.stands[facts.stands["services_named"] == 0]):
        yield _finding(
            "policy-no-service", row.policy_id,
            facts.words.policy_without_service(row),
            value=0.0, unit="services", sure="low", rows=[f"policies:{row.policy_id}"],
        )  # fmt: skip


def _services_without_policy(facts: _Facts) -> Iterator[Finding]:
    review, year = facts.review, facts.year
    backed = policy.align_services(reaching(review), review.pack.policies, year, _service_barriers(review))
    alone = backed[backed["backing"] != charts.BACKING[0]]
    if len(alone):
        yield _finding(
            "service-no-policy", "services",
            facts.words.services_without_policy(len(alone), len(backed), _then_words(review, year)),
            value=len(alone) / len(backed), unit="share of standing services", sure="medium",
            rows=[f"services:{key}" for key in alone["service_id"]],
        )  # fmt: skip


def _promises_without_service(facts: _Facts) -> Iterator[Finding]:
    promises = _promises(facts.review, facts.year)
    bare = promises[promises["support"].isin(["no service", "cannot be told"])]
    for (barrier, support), part in bare.groupby(["barrier", "support"]):
        untold = support == "cannot be told"
        say = facts.words.promise_untold if untold else facts.words.promise_without_service
        yield _finding(
            "promise-no-service", str(barrier),
            say([f"“{facts.titles[key]}”" for key in part["policy_id"]], _barrier(facts.review, str(barrier)).lower()),
            value=float(len(part)), unit="policies", sure="low", status="unknown" if untold else "candidate",
            rows=_policies(part["policy_id"]),
        )  # fmt: skip


# --- rules: governance -----------------------------------------------------------------------------------------


def _people(facts: _Facts, joined: str) -> list[str]:
    """Return bodies, their ids joined with ;, by their names."""
    names = _bodies(facts.review)
    return [names.get(body, body) for body in joined.split(";")]


def _policies_with_several_deciders(facts: _Facts) -> Iterator[Finding]:
    for row in _each_row(_double_decisions(facts.roles)):
        yield _finding(
            "several-deciders", row.policy_id,
            facts.words.policy_with_several_deciders(facts.titles[row.policy_id], _people(facts, row.names)),
            value=float(row.bodies), unit="bodies", sure="medium", rows=[f"policies:{row.policy_id}"],
        )  # fmt: skip


def _policies_of_ceased_deciders(facts: _Facts) -> Iterator[Finding]:
    for row in _each_row(_ownerless(facts.review, facts.roles, facts.year)):
        yield _finding(
            "owner-ceased", row.policy_id,
            facts.words.policy_of_ceased_deciders(facts.titles[row.policy_id], _people(facts, row.names)),
            sure="medium", rows=[f"policies:{row.policy_id}", *(f"providers:{body}" for body in row.names.split(";"))],
        )  # fmt: skip


def _crowded_areas(facts: _Facts) -> pd.DataFrame:
    """Return the need areas in which several bodies decide."""
    return facts.areas[(facts.areas["role"] == "decides") & (facts.areas["bodies"] > 1)]


def _decided_on(facts: _Facts, areas: Iterable[str]) -> list[str]:
    """Return the standing policies through which somebody decides in need areas."""
    roles = facts.roles
    decides = roles[(roles["role"] == "decides") & roles["standing"].isin(["in-force", "undated"])]
    return _policies(sorted(set(decides.loc[decides["need_area"].isin(list(areas)), "policy_id"])))


def _areas_with_several_deciders(facts: _Facts) -> Iterator[Finding]:
    several = _crowded_areas(facts).sort_values("bodies", ascending=False, kind="stable")
    for row in _each_row(several.head(3)):
        yield _finding(
            "several-deciders", row.need_area,
            facts.words.area_with_several_deciders(
                row.bodies, _barrier(facts.review, row.need_area).lower(), _people(facts, row.names)
            ),
            value=float(row.bodies), unit="bodies", sure="medium" if row.given > 1 else "low",
            rows=_decided_on(facts, [row.need_area]),
        )  # fmt: skip


def _areas_without_coordinator(facts: _Facts) -> Iterator[Finding]:
    areas = facts.areas[facts.areas["need_area"].isin(_crowded_areas(facts)["need_area"])]
    lone = areas[(areas["role"] == "coordinates") & (areas["bodies"] == 0)]
    if len(lone):
        yield _finding(
            "no-coordinator", "need-areas",
            facts.words.areas_without_coordinator(
                [_barrier(facts.review, code).lower() for code in lone["need_area"]]
            ),
            value=float(len(lone)), unit="need areas", sure="low",
            status="unknown" if lone["state"].eq("not recorded").all() else "candidate",
            rows=_decided_on(facts, lone["need_area"]),
        )  # fmt: skip


def _actions_without_owner_or_indicator(facts: _Facts) -> Iterator[Finding]:
    accounts = policy.action_accountability(facts.review.pack.actions)
    owner = accounts["accountability"]
    words = facts.words
    for kind, mask, say in (
        ("action-no-owner", owner == "nobody", words.actions_without_owner),
        ("action-owner-unlisted", owner == "named, not a listed provider", words.actions_of_unlisted_owner),
        ("action-no-indicator", ~accounts["has_indicator"], words.actions_without_indicator),
    ):
        part = accounts[mask]
        if len(part):
            yield _finding(
                kind, "actions", say(len(part), len(accounts)),
                value=len(part) / len(accounts), unit="share of actions", sure="medium", status="finding",
                rows=[f"actions:{key}" for key in part["action_id"]],
            )  # fmt: skip


# --- rules: quality --------------------------------------------------------------------------------------------


def _breaks_of_logic(facts: _Facts) -> Iterator[Finding]:
    summary = policy.logic_summary(_faults(facts.review, facts.year)).set_index("fault")
    for fault in ("result-no-indicator", "indicator-no-target"):
        row = summary.loc[fault]
        if not row["judged"]:
            yield _finding(
                "logic-unjudged", fault, facts.words.logic_unjudged(row["label"], row["basis"]),
                sure="high", status="unknown", rows=facts.standing_rows,
            )  # fmt: skip
        elif row["faults"]:
            yield _finding(
                "logic-fault", fault, facts.words.logic_broken(row["label"], row["faults"], row["judged"]),
                value=float(row["faults"]), unit="cases", sure="medium", status="finding", rows=facts.standing_rows,
            )  # fmt: skip


def _conflicts_of_policies(facts: _Facts) -> Iterator[Finding]:
    if not facts.review.pack.has("coherence"):
        yield _finding(
            "coherence-unjudged", "policies", facts.words.coherence_unjudged(),
            sure="high", status="unknown", rows=facts.standing_rows,
        )  # fmt: skip
        return
    pairs = policy.coherence_pairs(facts.review.pack.coherence)
    for pair in _each_row(pairs[pairs["score"] < 0]):
        yield _finding(
            "coherence-conflict", f"{pair.policy_from}~{pair.policy_to}",
            facts.words.conflict(
                facts.titles[pair.policy_from], facts.titles[pair.policy_to], pair.label, f"{pair.score:+.3g}", pair.raters
            ),
            value=float(pair.score), unit="−3 to +3", sure="medium" if pair.raters > 1 else "low",
            status="finding" if pair.raters > 1 and pair.spread < 2 else "candidate",
            rows=_policies([pair.policy_from, pair.policy_to]),
        )  # fmt: skip


def _agreement_of_raters(facts: _Facts) -> Iterator[Finding]:
    pack = facts.review.pack
    if not pack.has("assessments"):
        yield _finding(
            "criteria-unassessed", "policies", facts.words.criteria_unassessed(),
            sure="high", status="unknown", rows=facts.standing_rows,
        )  # fmt: skip
        return
    found = _agreement(facts.review)
    if not np.isnan(found.alpha):
        yield _finding(
            "rater-agreement", "assessments", facts.words.rater_agreement(found),
            value=found.alpha, unit="Krippendorff's alpha", sure="medium", status="finding", rows=[f"assessments:{key}" for key in pack.assessments["assessment_id"]],
        )  # fmt: skip


RULES = (
    _needs_without_policy,
    _ended_policies,
    _budgets_not_published,
    _undated_policies,
    _policies_of_closed_owners,
    _policies_whose_services_stopped,
    _policies_without_service,
    _services_without_policy,
    _promises_without_service,
    _policies_with_several_deciders,
    _policies_of_ceased_deciders,
    _areas_with_several_deciders,
    _areas_without_coordinator,
    _actions_without_owner_or_indicator,
    _breaks_of_logic,
    _conflicts_of_policies,
    _agreement_of_raters,
)
"""What makes a finding of step 2; of those equally firm and sure, what an earlier rule found comes first."""


def _decided(review: Review, rows: list[Finding]) -> list[Finding]:
    """Return the findings with what people decided on the candidates: confirmed ones firm, rejected ones gone."""
    if not review.pack.has("decisions"):
        return rows
    latest = review.pack.decisions.sort_values("date", kind="stable").drop_duplicates(
        "subject_id", keep="last"
    )
    decided, words = {row.subject_id: row for row in _each_row(latest)}, words_of(__file__, review)
    kept = []
    for row in rows:
        decision = decided.get(row.finding_id)
        if decision is None or row.status != "candidate":
            kept.append(row)
        elif decision.decision != "rejected":
            label = _cap(review.vocabulary.label("decision", decision.decision).lower())
            statement = words.decided(row.statement, label, decision.decided_by, decision.date)
            kept.append(replace(row, status="finding", statement=statement))
    return kept


def _findings(review: Review) -> pd.DataFrame:
    """Return the findings of the step: firm ones, candidates, open questions, the surest of each first."""
    facts = _facts(review)
    found = _decided(review, [finding for rule in RULES for finding in rule(facts)])
    rank = {"finding": 0, "candidate": 1, "unknown": 2}
    sure = {"high": 0, "medium": 1, "low": 2}
    return findings_frame(sorted(found, key=lambda row: (rank[row.status], sure[row.how_sure])))
