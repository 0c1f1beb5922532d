"""Whether the watch would have noticed the shocks of 2016, 2020 and 2022, and kept quiet in calm years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.english import count, listing
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.review._series import Watched, _context_series
from eis_lib.steps.shared.words import _be

NOISE_PER_YEAR, NOISE_OPEN = 1.0, 0.5
"""A series is noise if in calm times it raises more alerts a year, or has one open for a larger share of the time
(project convention)."""


@once_per_review
def _hindsight(review: Review) -> pd.DataFrame:
    """Return what each series said at each shock and in calm times; key (``series``, ``basis``, ``shock``)."""
    rows = []
    variants = [
        *_context_series(review),
        *_context_series(review, annual_twins=True),
        *[s for s in _context_series(review, level=True) if monitor.period_months(s.last) == 1],
    ]
    for series in variants:
        calm = monitor.count_calm(series.chart, series.events)
        verdicts = monitor.hold_against(series.chart, series.events)
        hits = int(verdicts["verdict"].eq(monitor.SIGNALLED).sum())
        testable = int(
            verdicts["verdict"].isin([monitor.SIGNALLED, monitor.SILENT, monitor.OPEN_BEFORE]).sum()
        )
        per_year = calm["calm_alerts_per_year"]
        reading = (
            "cannot be told" if not testable
            else "noise" if per_year > NOISE_PER_YEAR or calm["calm_open_share"] > NOISE_OPEN
            else "blind" if not hits
            else "useful" if calm["calm_years"] >= 1
            else "noticed, calm not tested"
        )  # fmt: skip
        for row in _each_row(verdicts):
            rows.append(
                {
                    "series": series.label, "basis": series.basis, "kind": series.kind, "shock": row.shock, "shock_month": row.month,
                    "verdict": row.verdict, "first_signal": row.first_signal, "direction": row.direction, "rule": row.rule, "months_after": row.months_after,
                    "calm_alerts": int(calm["calm_alerts"]), "calm_signals": int(calm["calm_signals"]), "calm_years": calm["calm_years"],
                    "calm_open_share": calm["calm_open_share"], "reading": reading,
                }
            )  # fmt: skip
    columns = ["series", "basis", "kind", "shock", "shock_month", "verdict", "first_signal", "direction", "rule", "months_after",
               "calm_alerts", "calm_signals", "calm_years", "calm_open_share", "reading"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).astype({"months_after": "Int64"})


def _hindsight_words(table: pd.DataFrame) -> str:
    """Return in one sentence whether the watch over the economy was useful or noise."""
    if table.empty:
        return "No published series is held for the region; the method has nothing to say on 2016, 2020 and 2022."
    changes = table[table["basis"].ne("level")]
    one = changes.drop_duplicates(["series", "basis"])
    levels = table[table["basis"].eq("level")].drop_duplicates(["series", "basis"])
    hits = changes[changes["verdict"] == monitor.SIGNALLED]
    parts = []
    for shock in monitor.SHOCKS:
        on = hits[hits["shock"] == shock.name]
        if len(on):
            first = on.sort_values(["months_after", "series"], kind="stable").iloc[0]
            parts.append(
                f"{shock.month[:4]}: {plain(first['series'])} {first['direction']} in {first['first_signal']}"
            )
        else:
            silent = changes[(changes["shock"] == shock.name) & (changes["verdict"] == monitor.SILENT)]
            parts.append(
                f"{shock.month[:4]}: {'silent' if len(silent) else 'too few points to say anything'}"
            )
    useful, noise = (int(one["reading"].eq(r).sum()) for r in ("useful", "noise"))
    loud = int(levels["reading"].eq("noise").sum())
    return (
        f"Held against known shocks, the first signals were: {'; '.join(parts)}. Of {count(len(one), 'series', 'series')} charted as change "
        f"{useful or 'none'} {'was' if useful == 1 else 'were'} useful (a shock noticed, quiet in calm times) and {noise or 'none'} noise"
        + (f"; charted as levels, {loud} of {len(levels)} would be noise" if len(levels) else "")
        + "."
    )


def hindsight(review: Review) -> Section:
    """Return what the method would have said around 2016, 2020 and 2022, and in calm years."""
    table = _hindsight(review)
    if table.empty:
        return Section(
            answer=_hindsight_words(table),
            tables={"hindsight": Table(table, "What each series said at each shock (no series)")},
            how_sure="High that nothing is held here.",
        )
    changes = table[table["basis"] != "level"].drop_duplicates(["series", "basis"])
    unguarded = _without_guard(review)
    return Section(
        answer=f"{_hindsight_words(table)} {_named(changes)}{_begin(_context_series(review), _context_series(review, annual_twins=True))} {unguarded}",
        charts={"hindsight": _picture(review, table)},
        tables={
            "hindsight": Table(
                table,
                "What each series said at each shock, and in calm times",
                f"Calm: more than {monitor.SHOCK_MONTHS} months after the start of any of the three. useful: a shock noticed and no noise; noise: more than one alert per calm year, or one open for more than half of that time; "
                "blind: no shock noticed; under one calm year, quiet is not tested (project convention). months_after counts to the end of the period, when its value could first be known.",
            )
        },
        how_sure="Low to medium: three events and one decade are few, the events were chosen because they are known, a calm-time alert may be "
        "right, and a signal near an event need not come from it (sterling in September 2022 fell on a British budget).",
        to_check="Would a review called at each of these dates have changed a decision here? Only the region can say.",
    )


def _cells(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each series said at each shock and in calm times, as marks to draw."""
    marks = []
    for row in _each_row(table):
        name = f"{row.series},\n{row.basis}"
        mark = {
            monitor.SIGNALLED: f"{'▲' if row.direction == 'up' else '▼'} {row.first_signal}",
            monitor.SILENT: "○ silent",
            monitor.TOO_FEW: "too few\npoints yet",
            monitor.NO_DATA: "no data",
            monitor.OPEN_BEFORE: "already open\nfrom before",
        }[row.verdict]
        if row.verdict == monitor.SIGNALLED:
            mark += f"\n{_after(int(row.months_after))}"
        marks.append(
            (
                name,
                f"{row.shock_month[:4]}\n{row.shock.split(' and ')[0].split(' ')[-1].lower()}",
                row.verdict,
                mark,
            )
        )
    for row in _each_row(table.drop_duplicates(["series", "basis"])):
        years = f"{row.calm_years:.1f} years"
        marks.append(
            (
                f"{row.series},\n{row.basis}",
                "calm\ntimes",
                "noise" if row.reading == "noise" else "calm",
                f"{count(row.calm_alerts, 'alert')} in {years},\nopen {row.calm_open_share:.0%} of the time"
                if row.calm_years
                else "none\nwatched",
            )
        )
    return pd.DataFrame(marks, columns=["series", "shock", "verdict", "mark"])


def _picture(review: Review, table: pd.DataFrame) -> Any:
    """Return the marks of each series at each shock."""
    one = table.drop_duplicates(["series", "basis"])
    changes = one[one["basis"] != "level"]
    useful = int(changes["reading"].eq("useful").sum())
    levels = one[one["basis"] == "level"]
    loud = int(levels["reading"].eq("noise").sum())
    title = (
        f"{useful} of {count(len(changes), 'series', 'series')} charted as change {'was' if useful == 1 else 'were'} useful"
        + (f"; as levels, {loud} of {len(levels)} {_be(loud)} noise" if len(levels) else "")
    )
    return charts.hindsight(
        _cells(table),
        title=title,
        subtitle=f"First signal within {monitor.SHOCK_MONTHS} months of each event and its direction, limits frozen before; last column: all other times",
        source=listing(sorted({s.source for s in _context_series(review)}), most=4),
        description=f"{title}. " + "; ".join(f"{r.series}, {r.basis}, {r.shock}: {r.verdict} {r.first_signal}" for r in _each_row(table)),
    )  # fmt: skip


def _named(series: pd.DataFrame) -> str:
    """Return which series were useful and which noise, as sentences that end in a space."""
    parts = []
    for reading in ("useful", "noise"):
        names = [
            plain(r.series) + (" (annual)" if r.basis.endswith("year before") else "")
            for r in _each_row(series[series["reading"] == reading])
        ]
        if names:
            parts.append(f"{reading.capitalize()}: {listing(names)}. ")
    return "".join(parts)


def _begin(*series: Sequence[Watched]) -> str:
    """Return when the published series held here begin, and whether the first event could have been signalled."""
    starts: dict[bool, set[str]] = {True: set(), False: set()}
    for one in (s for group in series for s in group if len(s.raw)):
        first = str(one.raw["period"].iloc[0])
        starts[monitor.period_months(first) == 12].add(first[:4])
    words = [
        f"{kind} series held here begin in {listing(sorted(years))}"
        for kind, years in (("monthly", starts[False]), ("annual", starts[True]))
        if years
    ]
    if not words:
        return "No published series is held here."
    event = monitor.SHOCKS[0]
    points = [
        int((one.chart["period"] < event.month).sum()) for group in series for one in group if len(one.chart)
    ]
    able = any(number > monitor.LEAST_POINTS for number in points)
    said = "; ".join(words)
    return f"{said[:1].upper()}{said[1:]}; " + (
        f"limits stood before {event.month[:4]}."
        if able
        else f"before {event.month[:4]} no series had the {monitor.LEAST_POINTS} points a signal takes."
    )


def _after(months: int) -> str:
    return "same month" if months == 0 else f"{months} months after" if months != 1 else "1 month after"


def _without_guard(review: Review) -> str:
    """Return what annual values up to 2015 would have said of 2016 if the guard of ten points were dropped."""
    said = []
    for series in [
        *_context_series(review, annual_twins=True),
        *[s for s in _context_series(review) if len(s.last) == 4],
    ]:
        frame = series.charted
        before = frame[frame["period"] < "2016"]["value"].to_numpy(dtype=float)
        at = frame[frame["period"] == "2016"]["value"]
        if len(before) < 4 or at.empty:
            continue
        limits = monitor.xmr_limits(before)
        value = float(at.iloc[0])
        within = limits.lower <= value <= limits.upper
        said.append(
            f"{plain(series.label)} {value:+.3g} {plain(series.unit)}, {'within' if within else '**outside**'} {limits.lower:+.3g} to {limits.upper:+.3g}"
        )
    if not said:
        return ""
    return f"Without that guard, limits from the years before would have said of 2016: {'; '.join(said)}."
