"""What step 2 found: firm findings, candidates and open questions, the surest of each first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
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
from eis_lib.steps.shared.words import _cap, _was

# --- meaning and limits ----------------------------------------------------------------------------------------


def _findings(review: Review) -> pd.DataFrame:
    """Return the findings of the step: firm ones, candidates, open questions, the surest of each first."""
    rows = [
        *_need_findings(review),
        *_delivery_findings(review),
        *_governance_findings(review),
        *_quality_findings(review),
    ]
    rows = _decided(review, rows)
    rank = {"finding": 0, "candidate": 1, "unknown": 2}
    sure = {"high": 0, "medium": 1, "low": 2}
    return findings_frame(sorted(rows, key=lambda row: (rank[row.status], sure[row.how_sure])))


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


def _decided(review: Review, rows: list[Finding]) -> list[Finding]:
    """Return the findings with what people decided on the candidates: confirmed ones firm, rejected ones gone."""
    if not review.pack.has("decisions"):
        return rows
    latest = review.pack.decisions.sort_values("date", kind="stable").drop_duplicates(
        "subject_id", keep="last"
    )
    decided = {row.subject_id: row for row in _each_row(latest)}
    kept = []
    for row in rows:
        decision = decided.get(row.finding_id)
        if decision is None or row.status != "candidate":
            kept.append(row)
        elif decision.decision != "rejected":
            words = review.vocabulary.label("decision", decision.decision).lower()
            statement = f"{row.statement} ({_cap(words)} by {decision.decided_by}, {decision.date}.)"
            kept.append(replace(row, status="finding", statement=statement))
    return kept


def _need_findings(review: Review) -> list[Finding]:
    """Return what the barriers say: named by firms and by no policy, not asked about, or named only in the past."""
    year = review.year
    coverage, survey, _ = _coverage(review, None, year)
    active = [f"policies:{key}" for key in _standing_rows(review.pack.policies, year)["policy_id"]]
    rows = []
    bare = coverage[coverage["in_force"] + coverage["undated"] == 0]
    for row in _each_row(bare.sort_values("weight", ascending=False, na_position="last", kind="stable")):
        barrier = _barrier(review, row.barrier).lower()
        answered = (
            "whether a service answers it can not be told"
            if pd.isna(row.services)
            else f"{count(int(row.services), 'standing service')} {_was(int(row.services), 'answers', 'answer')} it"
            if row.services
            else "no standing service answers it either"
        )
        past = " Policies that have ended did." if row.coverage == "lapsed or not begun" and row.ended else ""
        if survey is None or np.isnan(row.share_percent):
            rows.append(
                _finding(
                    "need-unmeasured", row.barrier,
                    f"No policy standing in {year} names {barrier}; {answered}.{past} How many firms meet it, no survey in use has asked.",
                    sure="low", status="unknown", rows=active,
                )
            )  # fmt: skip
            continue
        near = _is_near(review, survey, year) and row.coverage != "unknown"
        rows.append(
            _finding(
                "need-no-policy", row.barrier,
                f"{row.share_percent:.0f} % of firms asked ({_survey_name(survey)}) name {barrier}, and no policy standing in {year} does; {answered}.{past}",
                value=float(row.weight), unit="share of demand weight",
                sure="medium" if near else "low", status="finding" if near else "candidate",
                rows=[f"barriers:{survey.name}", *active],
            )
        )  # fmt: skip
    return rows


def _delivery_findings(review: Review) -> list[Finding]:
    """Return what alignment says: what has ended, what nothing delivers, what no policy backs, what money is unknown."""
    year, pack = review.year, review.pack
    aligned = policy.align_policies(pack.policies, pack.services, year)
    stands = aligned[aligned["standing"].isin(["in-force", "undated"])]
    ended, undated = aligned[aligned["standing"] == "ended"], stands[stands["standing"] == "undated"]
    links = _service_barriers(review)
    named = dict(zip(pack.policies["policy_id"], pack.policies["delivered_by"], strict=True))
    rows = []
    if len(ended):
        rows.append(
            _finding(
                "policies-ended", "policies",
                f"{len(ended)} of {len(aligned)} policies on record had ended by {year}; whether they were renewed or replaced is not on record.",
                value=len(ended) / len(aligned), unit="share of policies", sure="high", status="finding",
                rows=[f"policies:{key}" for key in ended["policy_id"]],
            )
        )  # fmt: skip
    hidden = stands[~stands["budget_published"]]
    if len(hidden):
        rows.append(
            _finding(
                "money-not-published", "policies",
                f"{len(hidden)} of {len(stands)} policies standing in {year} {_was(len(hidden), 'publishes', 'publish')} no budget that was found.",
                value=len(hidden) / len(stands), unit="share of standing policies", sure="medium", status="finding",
                rows=[f"policies:{key}" for key in hidden["policy_id"]],
            )
        )  # fmt: skip
    if len(undated):
        rows.append(
            _finding(
                "policies-undated", "policies",
                f"{len(undated)} of {len(stands)} policies counted as standing in {year} give no end year, so nobody says that they still apply.",
                value=len(undated) / len(stands), unit="share of standing policies", sure="high", status="unknown",
                rows=[f"policies:{key}" for key in undated["policy_id"]],
            )
        )  # fmt: skip
    left = _left_behind(review, stands, year)
    if len(left):
        rows.append(
            _finding(
                "policy-owner-closed", "policies",
                f"{listing([f'“{title}”' for title in left['title']], 3)} {_was(len(left), 'belongs to a body', 'belong to bodies')} that had closed before {year}; "
                "whether anybody carries on is not on record.",
                value=float(len(left)), unit="policies", sure="high",
                rows=[f"policies:{key}" for key in left["policy_id"]],
            )
        )  # fmt: skip
    for row in _each_row(stands[stands["delivery"] == "no named service stands"]):
        rows.append(
            _finding(
                "policy-services-stopped", row.policy_id,
                f"“{row.title}” counts as standing in {year}, but {_was(row.services_named, 'the one service', f'none of the {row.services_named} services')} recorded for it {_was(row.services_named, 'does not', 'does')}.",
                value=float(row.services_named), unit="services", sure="medium",
                rows=[f"policies:{row.policy_id}", *(f"services:{key}" for key in named[row.policy_id])],
            )
        )  # fmt: skip
    for row in _each_row(stands[stands["services_named"] == 0]):
        rows.append(
            _finding(
                "policy-no-service", row.policy_id,
                f"No service is recorded as delivering “{row.title}”: either nothing does, or the link was never recorded.",
                value=0.0, unit="services", sure="low", rows=[f"policies:{row.policy_id}"],
            )
        )  # fmt: skip
    backed = policy.align_services(reaching(review), pack.policies, year, links)
    alone = backed[backed["backing"] != charts.BACKING[0]]
    if len(alone):
        rows.append(
            _finding(
                "service-no-policy", "services",
                f"{len(alone)} of {len(backed)} services standing in {year} are named by no standing policy on record.{_then_words(review, year)}",
                value=len(alone) / len(backed), unit="share of standing services", sure="medium",
                rows=[f"services:{key}" for key in alone["service_id"]],
            )
        )  # fmt: skip
    promises = _promises(review, year)
    title = dict(zip(pack.policies["policy_id"], pack.policies["title"], strict=True))
    bare = promises[promises["support"].isin(["no service", "cannot be told"])]
    for (barrier, support), part in bare.groupby(["barrier", "support"]):
        who = listing([f"“{title[key]}”" for key in part["policy_id"]], 2)
        untold = support == "cannot be told"
        rows.append(
            _finding(
                "promise-no-service", str(barrier),
                f"{who} {_was(len(part), 'names', 'name')} {_barrier(review, str(barrier)).lower()}, and "
                + ("whether a service answers it can not be told." if untold else "no standing service answers it."),
                value=float(len(part)), unit="policies", sure="low", status="unknown" if untold else "candidate",
                rows=[f"policies:{key}" for key in part["policy_id"]],
            )
        )  # fmt: skip
    return rows


def _governance_findings(review: Review) -> list[Finding]:
    """Return what governance says: several deciders, no coordinator, actions nobody answers for."""
    year = review.year
    roles, names = _roles(review, year), _bodies(review)
    areas = policy.area_roles(roles, review.vocabulary.codes("barrier"))
    title = dict(zip(review.pack.policies["policy_id"], review.pack.policies["title"], strict=True))
    decides = roles[(roles["role"] == "decides") & roles["standing"].isin(["in-force", "undated"])]

    def people(joined: str) -> str:
        return listing([names.get(body, body) for body in joined.split(";")], 6)

    rows = [
        _finding(
            "several-deciders", row.policy_id, f"{people(row.names)} are all recorded as deciding on “{title[row.policy_id]}”.",
            value=float(row.bodies), unit="bodies", sure="medium", rows=[f"policies:{row.policy_id}"],
        )
        for row in _each_row(_double_decisions(roles))
    ]  # fmt: skip
    for row in _each_row(_ownerless(review, roles, year)):
        rows.append(
            _finding(
                "owner-ceased", row.policy_id,
                f"“{title[row.policy_id]}” has no end year and so counts as standing in {year}, but {people(row.names)}, which decided on it, had ceased by then.",
                sure="medium", rows=[f"policies:{row.policy_id}", *(f"providers:{body}" for body in row.names.split(";"))],
            )
        )  # fmt: skip
    several = areas[(areas["role"] == "decides") & (areas["bodies"] > 1)]
    for row in _each_row(several.sort_values("bodies", ascending=False, kind="stable").head(3)):
        over = sorted(set(decides.loc[decides["need_area"] == row.need_area, "policy_id"]))
        rows.append(
            _finding(
                "several-deciders", row.need_area,
                f"{row.bodies} bodies decide on {_barrier(review, row.need_area).lower()}: {people(row.names)}.",
                value=float(row.bodies), unit="bodies", sure="medium" if row.given > 1 else "low", rows=[f"policies:{key}" for key in over],
            )
        )  # fmt: skip
    lone = areas[
        (areas["role"] == "coordinates")
        & (areas["bodies"] == 0)
        & areas["need_area"].isin(several["need_area"])
    ]
    if len(lone):
        over = sorted(set(decides.loc[decides["need_area"].isin(lone["need_area"]), "policy_id"]))
        rows.append(
            _finding(
                "no-coordinator", "need-areas",
                f"Nobody is recorded as coordinating in {count(len(lone), 'need area')} where several bodies decide: {listing([_barrier(review, code).lower() for code in lone['need_area']])}.",
                value=float(len(lone)), unit="need areas", sure="low",
                status="unknown" if lone["state"].eq("not recorded").all() else "candidate",
                rows=[f"policies:{key}" for key in over],
            )
        )  # fmt: skip
    accounts = policy.action_accountability(review.pack.actions)
    for mask, kind, words in (
        (accounts["accountability"] == "nobody", "action-no-owner", ("names no owner", "name no owner")),
        (
            accounts["accountability"] == "named, not a listed provider",
            "action-owner-unlisted",
            ("belongs to a body that is no listed provider", "belong to a body that is no listed provider"),
        ),
        (
            ~accounts["has_indicator"],
            "action-no-indicator",
            ("carries no indicator on record", "carry no indicator on record"),
        ),
    ):
        part = accounts[mask]
        if len(part):
            rows.append(
                _finding(
                    kind, "actions", f"{len(part)} of {len(accounts)} actions {_was(len(part), *words)}.",
                    value=len(part) / len(accounts), unit="share of actions", sure="medium", status="finding",
                    rows=[f"actions:{key}" for key in part["action_id"]],
                )
            )  # fmt: skip
    return rows


def _quality_findings(review: Review) -> list[Finding]:
    """Return what logic, coherence and criteria say, and what nobody has judged."""
    year, pack = review.year, review.pack
    active = [f"policies:{key}" for key in _standing_rows(pack.policies, year)["policy_id"]]
    title = dict(zip(pack.policies["policy_id"], pack.policies["title"], strict=True))
    summary = policy.logic_summary(_faults(review, year)).set_index("fault")
    rows = []
    for fault in ("result-no-indicator", "indicator-no-target"):
        row = summary.loc[fault]
        if not row["judged"]:
            rows.append(
                _finding(
                    "logic-unjudged",
                    fault,
                    f"{row['label']}: cannot be judged, because {row['basis']}.",
                    sure="high",
                    status="unknown",
                    rows=active,
                )
            )
        elif row["faults"]:
            rows.append(
                _finding(
                    "logic-fault", fault, f"{row['label']}: {row['faults']} of {row['judged']}.",
                    value=float(row["faults"]), unit="cases", sure="medium", status="finding", rows=active,
                )
            )  # fmt: skip
    if pack.has("coherence"):
        pairs = policy.coherence_pairs(pack.coherence)
        for pair in _each_row(pairs[pairs["score"] < 0]):
            rows.append(
                _finding(
                    "coherence-conflict", f"{pair.policy_from}~{pair.policy_to}",
                    f"“{title[pair.policy_from]}” is judged {pair.label} for “{title[pair.policy_to]}” ({pair.score:+.3g}, {count(pair.raters, 'rater')}).",
                    value=float(pair.score), unit="−3 to +3", sure="medium" if pair.raters > 1 else "low",
                    status="finding" if pair.raters > 1 and pair.spread < 2 else "candidate",
                    rows=[f"policies:{pair.policy_from}", f"policies:{pair.policy_to}"],
                )
            )  # fmt: skip
    else:
        rows.append(
            _finding(
                "coherence-unjudged",
                "policies",
                "Nobody has judged how the policies act on one another.",
                sure="high",
                status="unknown",
                rows=active,
            )
        )
    if not pack.has("assessments"):
        rows.append(
            _finding(
                "criteria-unassessed",
                "policies",
                "No policy has been assessed on the five Better Regulation criteria.",
                sure="high",
                status="unknown",
                rows=active,
            )
        )
        return rows
    found = _agreement(review)
    if not np.isnan(found.alpha):
        rows.append(
            _finding(
                "rater-agreement", "assessments", f"The raters of the policies agree to an ordinal alpha of {found.alpha:.2f}: {found.reading}.",
                value=found.alpha, unit="Krippendorff's alpha", sure="medium", status="finding", rows=[f"assessments:{key}" for key in pack.assessments["assessment_id"]],
            )
        )  # fmt: skip
    return rows
