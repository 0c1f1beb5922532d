"""Whether the watch would have noticed the shocks of 2016, 2020 and 2022, and kept quiet in calm years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from eis_lib.charts import review as charts
from eis_lib.language.sentences import sentences
from eis_lib.language.templates import Words
from eis_lib.methods import monitor
from eis_lib.pack.frames import _each_row
from eis_lib.section.review import Review, once_per_review
from eis_lib.section.section import Section, Table
from eis_lib.steps.review._series import Watched, _basis_words, _context_series
from eis_lib.steps.review._view import _signed
from eis_lib.steps.shared.words import _records, _two_lines, words_of

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


def _words(review: Review) -> Words:
    return words_of(__file__, review, signed=_signed)


def _readings(table: pd.DataFrame) -> dict[str, int]:
    """Return how many series charted as change there are, useful and noise; and of those charted as levels."""
    one = table.drop_duplicates(["series", "basis"])
    changes, levels = one[one["basis"].ne("level")], one[one["basis"].eq("level")]
    return {
        "series": len(changes),
        "useful": int(changes["reading"].eq("useful").sum()),
        "noise": int(changes["reading"].eq("noise").sum()),
        "levels": len(levels),
        "loud": int(levels["reading"].eq("noise").sum()),
    }


def _at_shocks(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return for each shock its year, the first signal of a series charted as change, and whether one kept silent."""
    changes = table[table["basis"].ne("level")]
    found = []
    for shock in monitor.SHOCKS:
        on = changes[changes["shock"] == shock.name]
        hits = on[on["verdict"] == monitor.SIGNALLED].sort_values(["months_after", "series"], kind="stable")
        found.append(
            {
                "year": shock.month[:4],
                "first": next(_each_row(hits), None),
                "silent": on["verdict"].eq(monitor.SILENT).any(),
            }
        )
    return found


def _hindsight_words(review: Review) -> str:
    """Return in words whether the watch over the economy was useful or noise."""
    table = _hindsight(review)
    if table.empty:
        return _words(review).nothing_held()
    return _words(review).useful_or_noise(_readings(table), _at_shocks(table))


def hindsight(review: Review) -> Section:
    """Return what the method would have said around 2016, 2020 and 2022, and in calm years."""
    table, words = _hindsight(review), _words(review)
    if table.empty:
        return Section(
            answer=_hindsight_words(review),
            tables={"hindsight": Table(table, words.nothing_held_caption())},
            how_sure=words.nothing_held_how_sure(),
        )
    changes = table[table["basis"] != "level"].drop_duplicates(["series", "basis"])
    read_as = {reading: _records(changes[changes["reading"] == reading]) for reading in ("useful", "noise")}
    return Section(
        answer=sentences(
            _hindsight_words(review),
            words.which(**read_as),
            _begin(_context_series(review), _context_series(review, annual_twins=True)),
            words.without_guard(_without_guard(review)),
        ),
        charts={"hindsight": _picture(review, table, words)},
        tables={"hindsight": Table(table, words.caption(), words.note(monitor.SHOCK_MONTHS))},
        how_sure=words.how_sure(),
        to_check=words.to_check(),
    )


def _cells(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return what each series said at each shock and in calm times, as marks to draw."""
    marks = []
    for row in _each_row(table):
        shock = row.shock.split(" and ")[0].split(" ")[-1].lower()
        marks.append((_named(row), f"{row.shock_month[:4]}\n{shock}", row.verdict, _mark(row, words)))
    for row in _each_row(table.drop_duplicates(["series", "basis"])):
        calm = (
            f"{words.calm_alerts(row.calm_alerts, row.calm_years)}\n{words.calm_open(row.calm_open_share)}"
            if row.calm_years
            else _two_lines(words.none_watched())
        )
        verdict = "noise" if row.reading == "noise" else "calm"
        marks.append((_named(row), _two_lines(words.calm_times()), verdict, calm))
    return pd.DataFrame(marks, columns=["series", "shock", "verdict", "mark"])


def _named(row: Any) -> str:
    """Return a series and how it is charted, one below the other."""
    return f"{row.series},\n{_basis_words(row.basis)}"


def _mark(row: Any, words: Words) -> str:
    """Return what a series said at a shock, in one line or two."""
    if row.verdict == monitor.SIGNALLED:
        arrow = "▲" if row.direction == "up" else "▼"
        return f"{arrow} {row.first_signal}\n{words.months_after(int(row.months_after))}"
    mark = words.mark(row.verdict)
    return _two_lines(mark) if row.verdict in (monitor.TOO_FEW, monitor.OPEN_BEFORE) else mark


def _picture(review: Review, table: pd.DataFrame, words: Words) -> Any:
    """Return the marks of each series at each shock."""
    title = words.title(_readings(table))
    description = words.description(title, _records(table))
    if not table["first_signal"].iloc[-1]:  # the place of a first signal is kept, at the end too
        description = type(description)(f"{description} ")
    return charts.hindsight(
        _cells(table, words),
        title=title,
        subtitle=words.subtitle(monitor.SHOCK_MONTHS),
        source=words.source(sorted({s.source for s in _context_series(review)})),
        description=description,
    )


def _begin(*series: Sequence[Watched]) -> str:
    """Return when the published series held here begin, and whether the first event could have been signalled."""
    starts: dict[bool, set[str]] = {True: set(), False: set()}
    for one in (s for group in series for s in group if len(s.raw)):
        first = str(one.raw["period"].iloc[0])
        starts[monitor.period_months(first) == 12].add(first[:4])
    event = monitor.SHOCKS[0]
    points = [
        int((one.chart["period"] < event.month).sum()) for group in series for one in group if len(one.chart)
    ]
    able = any(number > monitor.LEAST_POINTS for number in points)
    words = Words(__file__, least=monitor.LEAST_POINTS)
    return words.begin(sorted(starts[False]), sorted(starts[True]), event.month[:4], able)


def _without_guard(review: Review) -> list[dict[str, Any]]:
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
        said.append(
            {
                "label": series.label,
                "value": value,
                "unit": series.unit,
                "within": limits.lower <= value <= limits.upper,
                "lower": limits.lower,
                "upper": limits.upper,
            }
        )
    return said
