"""Whether the chain from need to indicator holds, and whether objectives and indicators can be measured."""

from __future__ import annotations

from eis_lib.charts import examine as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import policy
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review
from eis_lib.section.section import Section
from eis_lib.steps.examine._view import _faults, _measurements, _standing_rows, _table, _years
from eis_lib.steps.shared.words import _cap

# --- intervention logic ----------------------------------------------------------------------------------------


def logic(review: Review, *, year: int | None = None) -> Section:
    """Return where the chain need → objective → activity → result → indicator breaks, and where it cannot be judged."""
    at = _years(review, year)
    faults = _faults(review, at)
    summary = policy.logic_summary(faults)
    reach = policy.logic_reach(
        policy.logic_graph(_standing_rows(review.pack.policies, at), review.pack.services)
    )
    judged, blind = summary[summary["judged"] > 0], summary[summary["judged"] == 0]
    broken = judged[judged["faults"] > 0]
    broken = broken.iloc[(-broken["faults"] / broken["judged"]).argsort(kind="stable")]
    worst = (
        f"Most often broken on record: {broken['label'].iloc[0].lower()} ({broken['faults'].iloc[0]} of {broken['judged'].iloc[0]})"
        if len(broken)
        else "No break found"
    )
    title = worst + (f"; {len(blind)} of {len(summary)} links cannot be judged" if len(blind) else "")
    chart = charts.chart_logic_faults(
        summary,
        title=title,
        subtitle=f"Intervention logic of the policies standing in {at}: how many of those judged are broken",
        source="policies, services and measurements of the region pack; needs from the survey in use",
        description=f"{title}. "
        + " ".join(f"{row.label}: {row.faults} of {row.judged}." for row in _each_row(judged)),
    )
    sentences = [
        f"The chain breaks at {listing([f'{row.label.lower()} ({row.faults} of {row.judged})' for row in _each_row(broken)], 6)}."
        if len(broken)
        else "No break was found in what can be judged."
    ]
    far = int(reach["reaches"].isin(["result", "indicator"]).sum())
    sentences.append(
        f"Of {count(len(reach), 'need')} that standing policies name, {far or 'none'} can be followed as far as a result on record, "
        f"{int(reach['activity'].gt(0).sum())} to an activity."
    )
    if len(blind):
        sentences.append(
            f"{_cap(listing([text.lower() for text in blind['label']]))} cannot be judged, because {listing(sorted(set(blind['basis'])))}."
        )
    return Section(
        answer=" ".join(sentences),
        charts={"logic_faults": chart},
        tables={
            "logic_faults": _table(
                faults[faults["verdict"] != "sound"],
                f"Breaks in the intervention logic in {at}",
                "The tables link objectives and activities through their policy, so a policy is judged whole.",
            ),
            "logic_summary": _table(summary, "Kinds of break: judged, found, not to be judged"),
            "logic_reach": _table(
                reach,
                "How far each need can be followed along the chain",
                "Counts of nodes that follow from the need.",
            ),
        },
        how_sure="Medium where judged; a column nobody has filled is “cannot be judged”, not sound.",
        to_check="Fill the columns results and indicators of policies.csv for the policies the region owns."
        if len(blind)
        else "Read the breaks listed against the policies' own texts.",
    )


def objectives(review: Review, *, year: int | None = None) -> Section:
    """Return how far objectives are SMART and indicators RACER, as far as tables can tell."""
    at = _years(review, year)
    smart = policy.check_objectives(review.pack.policies, at)
    racer = policy.check_indicators(review.pack.policies, review.pack.actions, _measurements(review))
    figures = int((smart["measurable"] == "yes").sum())
    timed = int((smart["time_bound"] == "yes").sum())
    actions = review.pack.actions
    carried = int(actions["indicator"].notna().sum())
    answer = (
        f"{figures} of {count(len(smart), 'objective')} standing in {at} can be measured (a figure in the wording, or an indicator), "
        f"{timed} {'has' if timed == 1 else 'have'} an end year. "
        f"{carried} of {count(len(actions), 'action')} {'carries' if carried == 1 else 'carry'} an indicator"
        + (
            f"; of {count(len(racer), 'indicator')} named anywhere, {int((racer['robust'] == 'yes').sum())} {'has' if int((racer['robust'] == 'yes').sum()) == 1 else 'have'} unit, direction, baseline and target."
            if _measurements(review) is not None
            else ". There is no table of measurements, so whether indicators are credible, easy and robust cannot be judged."
        )
    )
    return Section(
        answer=answer,
        tables={
            "objectives": _table(
                smart,
                "SMART marks of objectives",
                "Specific and achievable need a reader who knows the matter; the tables cannot tell. Marks are a project convention after Doran (1981).",
            ),
            "indicators": _table(
                racer,
                "RACER marks of indicators",
                "Accepted needs the people concerned. None of the common ERDF output and result indicators (RCO, RCR) measures exports: a programme-specific indicator is needed.",
            ),
        },
        how_sure="Medium: the marks are read from wording and filled cells, not from the quality of the measurement.",
        to_check="Objectives without a figure: whether the full text of the policy holds one.",
    )
