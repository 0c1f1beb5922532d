"""Where a region stands and what to do next: pure functions of the pack, and of what a run has left."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from eis_lib.language.english import count
from eis_lib.methods.overlap import TO_DISCUSS
from eis_lib.pack.pack import Pack
from eis_lib.pack.vocabulary import Vocabulary
from eis_lib.section.method import STEPS, step_number

FRESH, STALE, FAILED, TO_DO = "up to date", "out of date", "failed", "to do"
_SIGNS = {FRESH: "✓", STALE: "↻", FAILED: "✗", TO_DO: "○"}

_TERMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "map": (
            "support_type", "journey_stage", "mode", "sme_size", "experience", "market_scope", "channel", "cost_to_sme",
            "provider_kind", "level", "barrier", "sector",
        ),
        "examine": (
            "barrier", "barrier_group", "policy_kind", "criterion", "assessment_level", "confidence", "coherence_score",
            "governance_role",
        ),
        "test": (
            "limb", "finding_status", "decision", "gap_kind", "barrier", "journey_stage", "referral_kind",
            "internationalisation_stage", "trait",
        ),
        "compare": ("support_type", "journey_stage", "barrier", "evidence_grade", "effort", "review_kind"),
        "plan": ("decision", "gap_kind", "support_type", "action_status", "evidence_grade", "effort"),
        "review": ("direction", "decision", "action_status", "governance_role", "finding_status"),
    }
)  # fmt: skip
"""Schemes of the vocabulary whose words each workbook uses."""


@dataclass(frozen=True)
class Advice:
    """One thing that would help the region's review most, and where it is done.

    Attributes
    ----------
    text : str
        What to do, as an order to somebody who knows the region.
    step : str
        Workbook in which it is done.
    """

    text: str
    step: str


def what_next(pack: Pack, undecided: int = 0) -> list[Advice]:
    """Return what to fill in or decide next, most useful first.

    Parameters
    ----------
    pack : Pack
    undecided : int
        Candidates of step 3 on which nobody has decided yet, as far as known.
    """
    providers, services, policies = map(pack.own, ("providers", "services", "policies"))
    searched = pack.own("searches")["outcome"].notna().any()
    open_ended = int((services["end_year"].isna() | services["start_year"].isna()).sum())
    told = [
        (providers.empty, Advice(
            "List the organisations that help firms to go abroad: providers.csv, five are enough to begin with.", "map")),
        (services.empty, Advice(
            "List what these organisations offer to firms: services.csv. Ten services already draw a map; every workbook rests on them.",
            "map")),
        (policies.empty, Advice("List the policies and strategies that bear on it: policies.csv.", "examine")),
        (not services.empty and open_ended > len(services) / 2, Advice(
            f"Find the first and last year of {count(open_ended, 'service')} without both: no other column changes as many figures.",
            "map")),
        (not services.empty and not pack.has("referrals"), Advice(
            "Record which service sends firms on to which: referrals.csv. Without it journeys count every door as found alone.", "test")),
        (not searched, Advice(
            "Look for each kind of support and say what came of it: searches.csv. What nobody looked for is no gap.", "map")),
        (undecided > 0, Advice(
            f"Look into {count(undecided, 'pair')} of services that look alike, and record a decision on each.", "test")),
        (not policies.empty and not pack.has("assessments"), Advice(
            "Judge the policies on the five criteria, at least two raters each on their own.", "examine")),
        (not policies.empty and not pack.has("governance"), Advice(
            "Record who decides, funds, coordinates and delivers: governance.csv.", "examine")),
        (pack.good_practices.empty, Advice("Write up a practice that others could learn from: good_practices.csv.", "compare")),
        (pack.actions.empty, Advice("List the actions taken or planned: actions.csv.", "plan")),
        (pack.region.budget_eur is None, Advice("Enter the budget of the plan in region.yaml (budget_eur).", "plan")),
        (not pack.has("measurements"), Advice("Enter the first value and the target of each indicator: measurements.csv.", "review")),
    ]  # fmt: skip
    return [advice for holds, advice in told if holds]


def undecided_candidates(outputs: Path, region: str) -> int:
    """Return how many pairs that two bodies could discuss the last run left without a decision; 0 where there was none."""
    path = outputs / region / "tables" / "test" / "candidates.csv"
    try:
        pairs = pd.read_csv(path)
        return int(((pairs["status"] == "candidate") & (pairs["group"] == TO_DISCUSS)).sum())
    except (OSError, KeyError, ValueError):
        return 0


def progress(parameters: Path, region: str) -> dict[str, str]:
    """Return how up to date the results of each step are, as the last run left them: step → word.

    Parameters
    ----------
    parameters : Path
        Folder of packs; workbooks and outputs are beside it.
    """
    from eis_lib.record.graph import Node
    from eis_lib.record.manifest import Surroundings, read_manifest, stale_reasons

    root = parameters.parent
    now = Surroundings(root / "workbooks", parameters, root / "outputs")
    manifest = read_manifest(now.outputs, region)
    found: dict[str, str] = {}
    for step in STEPS:
        if step in manifest.failures:
            found[step] = FAILED
        elif step not in manifest.steps:
            found[step] = TO_DO
        elif stale_reasons(Node(region, step), manifest, now) or any(
            found[before] != FRESH for before in STEPS[step].rests_on
        ):
            found[step] = STALE
        else:
            found[step] = FRESH
    return found


def strip(states: Mapping[str, str], here: str) -> str:
    """Return the progress as a line of Markdown: each step with a sign and a word, and a way to its workbook."""
    parts = []
    for step, word in states.items():
        name = f"{step_number(step)} {step.capitalize()}"
        link = f"**{name}**" if step == here else f"[{name}]({file_of(step)})"
        parts.append(
            f"{link} {_SIGNS[word]} {word}".replace(" ", "\N{NO-BREAK SPACE}")
        )  # a line breaks between steps
    return "Results kept: " + " · ".join(parts)


def next_line(advice: list[Advice], states: Mapping[str, str], here: str) -> str:
    """Return what to do next as Markdown: the most useful thing first, then up to two more."""
    if not advice:
        behind = [step for step, word in states.items() if word != FRESH]
        return (
            "**What to do next:** bring the results up to date." if behind
            else "**What to do next:** nothing is missing; read on, and check the candidates with those who know them."
        )  # fmt: skip
    lines = []
    for one in advice[:3]:
        place = (
            "on this page"
            if one.step == here
            else f"in [{step_number(one.step)} {one.step.capitalize()}]({file_of(one.step)})"
        )
        lines.append(f"{one.text} ({place})")
    text = f"**What to do next:** {lines[0]}"
    return text + (f"\n\nThen: {' '.join(lines[1:])}" if lines[1:] else "")


def file_of(step: str) -> str:
    """Return the file name of a step's workbook."""
    return f"{step_number(step)}_{step}.ipynb"


def glossary_html(vocabulary: Vocabulary, step: str) -> str:
    """Return the words a workbook uses with what they mean, as lists that open by keyboard or click."""
    parts = []
    for scheme in _TERMS[step]:
        terms = vocabulary.terms.get(scheme, {}).values()
        rows = "".join(
            f"<dt><strong>{html.escape(term.label)}</strong></dt><dd>{html.escape(term.definition or '–')}"
            f"{f' <em>({html.escape(term.source)})</em>' if term.source else ''}</dd>"
            for term in terms
        )
        title = html.escape(scheme.replace("_", " ").capitalize())
        parts.append(f"<details><summary>{title} ({len(terms)})</summary><dl>{rows}</dl></details>")
    return f"<details><summary>What the words on this page mean</summary>{''.join(parts)}</details>"
