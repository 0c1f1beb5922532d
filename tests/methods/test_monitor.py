"""Targets, control charts, alerts and snapshots, against figures worked out by hand or published."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.methods import monitor
from eis_lib.methods.monitor import (
    AMBER,
    BETTER_DATA,
    CANNOT_TELL,
    GREEN,
    GREY,
    HALF_WAY,
    NOT_DUE,
    OUTSIDE,
    REAL,
    RED,
    RUN,
    UNDEFINED,
    Snapshot,
)

FEW = settings(max_examples=50, deadline=None)
# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: flow rates, "Individuals control charts"
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def months(values, start=2020):
    """Return a monthly series that begins in January."""
    periods = [f"{start + n // 12}-{n % 12 + 1:02d}" for n in range(len(values))]
    return pd.DataFrame({"period": periods, "value": np.asarray(values, dtype=float)})


# --- periods ---------------------------------------------------------------------------------------------------


def test_a_quarter_ends_on_its_last_day():
    assert monitor.period_end("2024-Q4") == dt.date(2024, 12, 31)
    assert monitor.period_end("2024-02") == dt.date(2024, 2, 29)


def test_an_annual_value_is_stale_once_the_next_year_and_the_lag_have_passed():
    assert not monitor.is_stale("2023", dt.date(2025, 6, 30), 6)
    assert monitor.is_stale("2023", dt.date(2025, 7, 1), 6)


def test_a_monthly_value_is_stale_after_the_next_month_and_the_lag():
    assert not monitor.is_stale("2025-08", dt.date(2026, 3, 31), 6)
    assert monitor.is_stale("2025-08", dt.date(2026, 4, 1), 6)


# --- targets ---------------------------------------------------------------------------------------------------


def test_attainment_of_a_falling_target_is_the_share_of_the_fall():
    # from 42 days to 20, at 31: 11 of 22
    assert monitor.attainment(31, 42, 20) == 0.5


def test_attainment_away_from_the_target_is_negative():
    assert monitor.attainment(46, 42, 20) == pytest.approx(-4 / 22)


def test_a_target_that_is_the_baseline_has_no_attainment():
    assert math.isnan(monitor.attainment(0.83, 0.82, 0.82))


@FEW
@given(NUMBERS, NUMBERS, NUMBERS)
def test_attainment_does_not_change_when_the_scale_is_turned_round(value, baseline, target):
    one, other = monitor.attainment(value, baseline, target), monitor.attainment(-value, -baseline, -target)
    assert one == other or (math.isnan(one) and math.isnan(other))


def test_half_the_time_expects_half_the_way():
    # 31 Dec 2020 to 31 Dec 2022 are 730 days, 365 of them by 31 Dec 2021
    assert monitor.expected_share(dt.date(2021, 12, 31), 2020, 2022) == 0.5
    assert monitor.expected_share(dt.date(2030, 1, 1), 2020, 2022) == 1
    assert monitor.expected_share(dt.date(2020, 6, 1), 2020, 2022) == 0


@pytest.mark.parametrize(
    ("share", "expected", "state"),
    [
        (0.85 * 0.3, 0.3, GREEN),
        (0.25, 0.3, AMBER),
        (0.65 * 0.3, 0.3, AMBER),
        (0.19, 0.3, RED),
        (-0.1, 0.3, RED),
        (0.1, 0.0, NOT_DUE),
        (math.nan, 0.3, UNDEFINED),
    ],
)
def test_the_light_follows_attainment_against_the_path(share, expected, state):
    assert monitor.judge_progress(share, expected) == state


def measured(values, *, baseline=10.0, target=20.0, years=(2020, 2025), direction="up", name="calls"):
    """Return a measurements table of one indicator: period → value."""
    return pd.DataFrame(
        {
            "indicator_id": name, "indicator_name": "Calls", "action_id": "act", "unit": "calls",
            "baseline_year": years[0], "baseline_value": baseline, "target_year": years[1], "target_value": target,
            "direction": direction, "period": list(values), "value": [float(v) for v in values.values()],
            "vintage": [f"{monitor.period_end(p).year + 1}-02-01" for p in values],
        }
    )  # fmt: skip


def test_the_last_value_is_judged_at_its_own_time_and_not_at_the_review():
    # half of the way after two fifths of the time
    row = monitor.track_targets(measured({"2021": 12, "2022": 15}), dt.date(2023, 6, 30)).iloc[0]
    assert row["attainment"] == 0.5
    assert row["expected"] == pytest.approx(2 / 5)
    assert row["path_value"] == pytest.approx(14)
    assert row["state"] == GREEN


def test_a_value_that_is_out_of_date_is_grey_even_beyond_its_target():
    row = monitor.track_targets(measured({"2021": 25}), dt.date(2024, 9, 30)).iloc[0]
    assert (row["state"], row["light"]) == (GREY, "grey")
    assert "nothing after 2021" in row["remark"]


def test_a_value_taken_after_the_review_is_not_looked_at():
    # the value of 2023 was taken on 1 February 2024
    row = monitor.track_targets(measured({"2022": 11, "2023": 19}), dt.date(2024, 1, 31)).iloc[0]
    assert row["period"] == "2022"


def test_a_target_against_its_direction_is_remarked():
    row = monitor.track_targets(measured({"2022": 8}, target=5.0), dt.date(2023, 6, 30)).iloc[0]
    assert "falls though the direction says up" in row["remark"]


def test_an_indicator_without_any_value_is_kept_and_grey():
    row = monitor.track_targets(measured({"2022": math.nan}), dt.date(2023, 6, 30)).iloc[0]
    assert (row["state"], row["remark"]) == (GREY, "no value on record")


def test_no_measurements_give_no_rows():
    assert monitor.track_targets(measured({}), dt.date(2023, 6, 30)).empty


def test_a_red_spell_closes_at_green_and_not_at_amber():
    # path on 31 Dec of 2021, 2022, 2023, 2024: 0.2, 0.4, 0.6, 0.8 of the way
    values = {"2021": 10.5, "2022": 13, "2023": 17, "2024": 12}
    every = monitor.track_targets(measured(values), dt.date(2025, 3, 1), every_period=True)
    assert list(every["state"]) == [RED, AMBER, GREEN, RED]
    spells = monitor.red_spells(every)
    assert spells[["opened", "closed", "signals"]].to_numpy().tolist() == [
        ["2021", "2023", 1],
        ["2024", "", 1],
    ]


# --- XmR charts ------------------------------------------------------------------------------------------------


def test_limits_of_the_nist_flow_data_with_the_exact_factor():
    limits = monitor.xmr_limits(FLOW, factor=monitor.XMR_FACTOR_EXACT)
    assert limits.centre == pytest.approx(50.81)
    assert limits.range_mean == pytest.approx(1.8778, abs=5e-5)
    assert (limits.upper, limits.lower) == (
        pytest.approx(55.8041, abs=5e-5),
        pytest.approx(45.8159, abs=5e-5),
    )


def test_limits_of_the_nist_flow_data_with_the_rounded_factor():
    limits = monitor.xmr_limits(FLOW)
    assert (limits.upper, limits.lower) == (
        pytest.approx(55.8049, abs=5e-5),
        pytest.approx(45.8151, abs=5e-5),
    )
    assert limits.range_limit == pytest.approx(3.267 * 16.9 / 9)


def test_the_median_version_uses_median_and_median_range():
    # ranges of the flow data, sorted: 0.2 1.2 1.4 1.4 1.5 2.0 2.3 3.4 3.5, median 1.5; median of the values 51.25
    limits = monitor.xmr_limits(FLOW, kind="median")
    assert limits.centre == pytest.approx(51.25)
    assert limits.upper - limits.centre == pytest.approx(3.145 * 1.5)


def test_a_missing_value_takes_out_the_two_ranges_beside_it():
    # ranges left: 1 (1 → 2) and 3 (5 → 8)
    assert monitor.xmr_limits([1, 2, math.nan, 5, 8]).range_mean == 2


def test_limits_need_two_values_next_to_each_other():
    with pytest.raises(ValueError, match="two values next to each other"):
        monitor.xmr_limits([1, math.nan, 2])


@FEW
@given(st.lists(NUMBERS, min_size=2, max_size=30), NUMBERS)
def test_limits_move_with_the_series(values, shift):
    one, other = monitor.xmr_limits(values), monitor.xmr_limits(np.asarray(values) + shift)
    assert other.centre == pytest.approx(one.centre + shift, abs=1e-3)
    assert other.upper - other.lower == pytest.approx(one.upper - one.lower, abs=1e-3)


LIMITS = monitor.Limits(centre=0, lower=-4, upper=4, range_mean=1.5, range_limit=5, points=10)


def test_a_point_on_the_limit_is_not_outside():
    assert monitor.find_signals([4, 4.1, -4.1], LIMITS) == ["", OUTSIDE, OUTSIDE]


def test_the_eighth_point_in_a_row_signals_and_one_on_the_centre_ends_the_row():
    assert monitor.find_signals([1] * 9, LIMITS) == [""] * 7 + [RUN, RUN]
    assert monitor.find_signals([1] * 7 + [0] + [1] * 7, LIMITS) == [""] * 15


def test_three_of_four_beyond_half_way_signal_on_the_same_side_only():
    assert monitor.find_signals([3, 0.5, 3, 3], LIMITS) == ["", "", "", HALF_WAY]
    assert monitor.find_signals([3, -3, 3, -3], LIMITS) == [""] * 4
    # the point itself must be one of the three
    assert monitor.find_signals([3, 3, 0.5, 0.5], LIMITS) == [""] * 4


def test_a_missing_point_neither_signals_nor_ends_a_row():
    assert monitor.find_signals([1] * 4 + [math.nan] + [1] * 4, LIMITS)[-1] == RUN


def test_fewer_than_ten_points_have_limits_and_give_no_signal():
    chart = monitor.control_chart(months([1, 2, 1, 2, 1, 2, 1, 2, 90]), baseline_points=8)
    assert chart["upper"].notna().all()
    assert (chart["signal"] == "").all()


def test_later_points_never_move_the_baseline():
    quiet = [1, 2] * 6
    short = monitor.control_chart(months(quiet), baseline_points=12)
    long = monitor.control_chart(months([*quiet, 50, 60, 70]), baseline_points=12)
    assert long["upper"].iloc[0] == short["upper"].iloc[0]
    assert list(long["signal"].iloc[12:]) == [OUTSIDE] * 3


def test_only_a_recorded_change_starts_a_new_baseline():
    values = [1, 2] * 6 + [51, 52] * 6
    assert monitor.control_chart(months(values), baseline_points=12)["phase"].max() == 0
    chart = monitor.control_chart(months(values), baseline_points=12, changes=["2021-01"])
    assert list(chart.groupby("phase")["centre"].first()) == [1.5, 51.5]
    assert (chart["signal"] == "").all()


def test_an_empty_series_gives_an_empty_chart():
    assert monitor.control_chart(months([]), baseline_points=12).empty


def test_year_on_year_change_takes_the_season_out():
    season = [10, 20, 30, 100] * 4
    quarters = pd.DataFrame({"period": [f"{2018 + n // 4}-Q{n % 4 + 1}" for n in range(16)], "value": season})
    change = monitor.as_change(quarters, 4)
    assert len(change) == 12
    assert (change["value"] == 0).all()


def test_a_series_that_peaks_each_december_is_seasonal():
    generator = np.random.default_rng(1)
    values = np.tile([5.0] * 11 + [50.0], 4) + generator.normal(0, 1, 48)
    assert monitor.is_seasonal(months(values)) is True
    assert monitor.is_seasonal(months(generator.normal(0, 1, 48))) is False


def test_a_series_that_repeats_itself_exactly_is_seasonal_and_a_constant_one_is_not():
    assert monitor.is_seasonal(months([1.0, 2.0, 5.0] * 16)) is True
    assert monitor.is_seasonal(months([1.0] * 48)) is False


def test_two_years_cannot_tell_a_season():
    assert monitor.is_seasonal(months([1.0, 5.0] * 12)) is None


def test_annual_values_have_no_season():
    years = pd.DataFrame({"period": ["2020", "2021"], "value": [1.0, 2.0]})
    assert monitor.is_seasonal(years) is False


def test_a_shift_of_level_is_found_at_its_first_point():
    values = [10, 11, 10, 9, 10, 11, 10, 9, 10, 11, 10, 9, 30, 31, 30, 29, 30, 31, 30, 29, 30, 31, 30, 29]
    points, penalty = monitor.change_points(values)
    assert points == [12]
    # mean range: (22 × 1 + 21) / 23 for 24 points, σ = that / 1.128, penalty 3·σ²·ln 24
    ranges = np.abs(np.diff(values)).mean()
    assert penalty == pytest.approx(3 * (ranges / 1.128) ** 2 * math.log(24))


def test_change_points_are_not_looked_for_in_nineteen_values():
    assert monitor.change_points([1] * 10 + [90] * 9)[0] == []


def test_lag_correlation_of_a_rising_line_is_positive_and_of_a_zigzag_negative():
    # 1 2 3 4: deviations −1.5 −0.5 0.5 1.5; (0.75 − 0.25 + 0.75) / 5
    assert monitor.lag_correlation([1, 2, 3, 4]) == pytest.approx(0.25)
    assert monitor.lag_correlation([1, 2, 1, 2]) == pytest.approx(-0.75)


# --- events and alerts -----------------------------------------------------------------------------------------


def charted(values):
    return monitor.control_chart(months([1, 2] * 6 + list(values)), baseline_points=12)


def test_a_series_that_hovers_at_its_limit_is_one_event():
    found = monitor.episodes(charted([50, 1, 2, 50, 1, 2, 1, 2]))
    assert found[["opened", "closed", "signals"]].to_numpy().tolist() == [["2021-01", "2021-07", 2]]


def test_two_events_far_apart_stay_two():
    found = monitor.episodes(charted([50, 1, 2, 1, 50, 1, 2, 1]))
    assert list(found["opened"]) == ["2021-01", "2021-05"]


def test_an_event_that_has_not_calmed_down_is_open():
    assert monitor.episodes(charted([50, 1, 2]))["closed"].tolist() == [""]


def test_the_limit_named_is_the_line_that_was_crossed():
    # centre 1.5, mean range 1, limits 1.5 ± 2.66
    event = monitor.episodes(charted([50])).iloc[0]
    assert (event["rule"], event["limit"]) == (OUTSIDE, pytest.approx(4.16))


def test_an_event_inside_the_baseline_is_not_prospective():
    found = monitor.episodes(monitor.control_chart(months([1, 2] * 5 + [90, 1, 2, 1, 2]), baseline_points=12))
    assert found["prospective"].tolist() == [False]


def test_a_confirmed_event_closes_and_moves_the_baseline():
    values = [1, 2] * 6 + [51, 52] * 6
    chart, found = monitor.watch(months(values), baseline_points=12, confirmed=["2021-01"])
    assert chart["phase"].max() == 1
    assert found["opened"].tolist() == ["2021-01"]
    assert found["closed"].ne("").all()
    assert monitor.watch(months(values), baseline_points=12)[1]["closed"].tolist() == [""]


def test_an_event_after_a_confirmed_one_is_judged_by_the_new_baseline():
    values = [1, 2] * 6 + [51, 52] * 6 + [1]
    found = monitor.watch(months(values), baseline_points=12, confirmed=["2021-01"])[1]
    assert found["opened"].tolist() == ["2021-01", "2022-01"]


def an_alert(**given):
    blank = dict.fromkeys(monitor.ALERT_COLUMNS, "") | {
        "signals": 1, "value": 1.0, "limit": 0.0, "affects_services": (), "affects_actions": (), "affects_personas": (),
    }  # fmt: skip
    return blank | given


def test_two_series_of_one_kind_that_overlap_are_one_alert():
    alerts = pd.DataFrame(
        [
            an_alert(alert_id="a", kind="business-climate", area="PL", indicator="Sentiment", date="2020-04-30",
                     closed_on="2020-12-31", affects_services=("s1",)),
            an_alert(alert_id="b", kind="business-climate", area="PL", indicator="Confidence", date="2020-05-31",
                     closed_on="", affects_services=("s2",)),
            an_alert(alert_id="c", kind="exchange-rate", area="PL", indicator="PLN", date="2020-03-31",
                     closed_on="2020-07-31"),
        ]
    )  # fmt: skip
    folded = monitor.fold_alerts(alerts).set_index("alert_id")
    assert set(folded.index) == {"a", "c"}
    assert folded.loc["a", "seen_also_in"] == "Confidence"
    assert folded.loc["a", "closed_on"] == ""
    assert folded.loc["a", "signals"] == 2
    assert folded.loc["a", "affects_services"] == ("s1", "s2")


def test_two_providers_that_close_in_one_year_stay_two_alerts():
    alerts = pd.DataFrame(
        [an_alert(alert_id=name, kind="provider-closed", date="2024-12-31", closed_on="") for name in "ab"]
    )
    assert len(monitor.fold_alerts(alerts)) == 2


DECISIONS = pd.DataFrame(
    {
        "subject_kind": ["alert", "alert", "action"], "subject_id": ["a", "a", "act"],
        "decision": ["rejected", "kept-on-purpose", "stop"], "decided_by": "steering group",
        "date": ["2024-02-01", "2024-03-01", "2024-03-01"],
    }
)  # fmt: skip


def test_the_latest_decision_counts_and_takes_an_alert_out_of_the_open_ones():
    alerts = pd.DataFrame(
        [
            an_alert(alert_id="a", kind="target", date="2024-01-01"),
            an_alert(alert_id="b", kind="target", date="2024-01-01"),
        ]
    )
    decided = monitor.decide_alerts(alerts, DECISIONS, dt.date(2024, 4, 1)).set_index("alert_id")
    assert decided.loc["a", ["state", "decision", "due_date"]].tolist() == ["decided", "kept-on-purpose", ""]
    # 30 days for a missed target
    assert decided.loc["b", ["state", "due_date"]].tolist() == ["open", "2024-05-01"]


# --- hindsight -------------------------------------------------------------------------------------------------


def test_a_shock_is_signalled_missed_or_out_of_sight():
    values = [1, 2] * 7 + [50] + [1, 2] * 18
    chart = monitor.control_chart(months(values, start=2019), baseline_points=12)
    found = monitor.episodes(chart)
    said = monitor.hold_against(chart, found).set_index("month")
    assert said["verdict"].to_dict() == {"2016-06": "no data", "2020-03": "signalled", "2022-02": "silent"}
    assert said.loc["2020-03", ["first_signal", "months_after"]].tolist() == ["2020-03", 0]


def test_an_event_inside_the_baseline_could_not_have_been_signalled():
    chart = monitor.control_chart(months([1, 2] * 18, start=2019), baseline_points=24)
    said = monitor.hold_against(chart, monitor.episodes(chart)).set_index("month")
    # the baseline ends in December 2020, two months of the window come after it
    assert said.loc["2020-03", "verdict"] == "silent"
    shorter = chart.iloc[:24]
    assert (
        monitor.hold_against(shorter, monitor.episodes(shorter)).set_index("month").loc["2020-03", "verdict"]
        == "too few points yet"
    )


def test_a_year_belongs_to_the_event_its_middle_falls_after():
    years = pd.DataFrame(
        {"period": [str(y) for y in range(2008, 2023)], "value": [1.0, 2.0] * 5 + [1, 2, 1, 90, 1]}
    )
    chart = monitor.control_chart(years, baseline_points=10)
    found = monitor.episodes(chart, clear_points=1)
    assert found["opened"].tolist() == ["2021"]
    said = monitor.hold_against(chart, found).set_index("month")
    assert said["verdict"].to_dict() == {
        "2016-06": "too few points yet",
        "2020-03": "silent",
        "2022-02": "already open",
    }
    assert monitor.count_calm(chart, found)["calm_alerts"] == 1


def test_calm_time_is_what_lies_outside_the_events():
    chart = monitor.control_chart(months([1, 2] * 24, start=2019), baseline_points=12)
    calm = monitor.count_calm(chart, monitor.episodes(chart))
    # 2020-01 to 2022-12 are 36 months; 12 from 2020-03 and 11 from 2022-02 belong to events
    assert calm["calm_years"] == pytest.approx(13 / 12)
    assert (calm["calm_alerts"], calm["calm_open_share"]) == (0, 0)


# --- two snapshots ---------------------------------------------------------------------------------------------


def services(*rows):
    """Return a services table: (id, start, end, other cells)."""
    frame = pd.DataFrame(
        [
            {"service_id": i, "name": i.upper(), "provider_id": "p", "start_year": a, "end_year": b, "succeeds": None,
             "price_eur": math.nan, "journey_stages": ("plan",), "first_seen": None, **more}
            for i, a, b, more in rows
        ]
    )  # fmt: skip
    return frame.astype({"start_year": "Int64", "end_year": "Int64"})


def diff(old, new, old_date="2022-12-31", new_date="2024-12-31", **tables):
    before = Snapshot(old_date, {"services": old} | {k: v[0] for k, v in tables.items()})
    after = Snapshot(new_date, {"services": new} | {k: v[1] for k, v in tables.items()})
    return monitor.diff_landscape(before, after)


def told(old, new, **more):
    found = diff(services(*old), services(*new), **more)
    return [(r.id, r.change, r.nature) for r in found.itertuples()]


def test_one_record_read_at_two_years_shows_what_began_and_ended():
    rows = [("a", 2020, 2023, {}), ("b", 2023, None, {}), ("c", 2020, None, {}), ("d", 2023, 2023, {})]
    assert told(rows, rows) == [("a", "closed", REAL), ("b", "added", REAL), ("d", "closed", REAL)]


def test_a_row_found_later_is_better_data():
    rows = [
        ("school", 2022, None, {"first_seen": "2024-06-14"}),
        ("fair", 2010, None, {"first_seen": "2022-03-01"}),
    ]
    assert told(rows, rows) == [("school", "entered record", BETTER_DATA)]


def test_a_record_begun_after_the_old_date_is_read_by_its_years_alone():
    rows = [("a", 2018, None, {"first_seen": "2023-03-01"}), ("b", 2024, None, {"first_seen": "2024-03-01"})]
    assert told(rows, rows) == [("b", "added", REAL)]


def test_a_row_without_a_first_year_that_appears_cannot_be_told():
    assert told([("a", 2020, None, {})], [("a", 2020, None, {}), ("b", None, None, {})]) == [
        ("b", "entered record", CANNOT_TELL)
    ]


def test_a_row_that_vanishes_without_an_end_cannot_be_told():
    assert told([("a", 2020, None, {})], [("b", 2010, None, {})]) == [
        ("b", "entered record", BETTER_DATA),
        ("a", "left record", CANNOT_TELL),
    ]


def test_an_end_that_lies_before_the_old_date_is_a_correction():
    assert told([("a", 2018, None, {})], [("a", 2018, 2021, {})]) == [("a", "corrected", BETTER_DATA)]


def test_an_end_between_the_dates_is_a_closure():
    assert told([("a", 2018, None, {})], [("a", 2018, 2023, {})]) == [("a", "closed", REAL)]


def test_a_new_successor_replaces_and_an_older_one_takes_in():
    old = [("a", 2018, 2023, {}), ("b", 2019, None, {}), ("c", 2018, 2023, {})]
    new = [("a", 2018, 2023, {}), ("b", 2019, None, {"succeeds": "a"}), ("c", 2018, 2023, {}),
           ("d", 2024, None, {"succeeds": "c"})]  # fmt: skip
    found = diff(services(*old), services(*new)).set_index("id")
    assert found["change"].to_dict() == {"a": "merged", "b": "corrected", "c": "replaced", "d": "added"}
    assert found["counterpart"].to_dict() == {"a": "b", "b": "", "c": "d", "d": "c"}


def test_a_cell_that_was_empty_is_better_data_and_a_price_that_differs_a_real_change():
    old = [("a", 2018, None, {}), ("b", 2018, None, {"price_eur": 100.0}), ("c", 2018, None, {})]
    new = [("a", 2018, None, {"price_eur": 50.0}), ("b", 2018, None, {"price_eur": 120.0}),
           ("c", 2018, None, {"journey_stages": ("plan", "enter")})]  # fmt: skip
    found = diff(services(*old), services(*new)).set_index("id")
    assert found["nature"].to_dict() == {"a": BETTER_DATA, "b": REAL, "c": CANNOT_TELL}
    assert found["change"].to_dict() == {"a": "corrected", "b": "changed", "c": "changed"}
    assert (found.loc["b", "old_value"], found.loc["b", "new_value"]) == ("100.0", "120.0")


def test_a_new_name_is_no_change():
    assert told([("a", 2018, None, {})], [("a", 2018, None, {"name": "A new name"})]) == []


def test_the_order_of_codes_in_a_list_is_no_change():
    old = [("a", 2018, None, {"journey_stages": ("plan", "enter")})]
    assert told(old, [("a", 2018, None, {"journey_stages": ("enter", "plan")})]) == []


def test_a_service_whose_old_provider_closed_has_moved():
    providers = pd.DataFrame(
        {"provider_id": ["p", "q"], "name": ["P", "Q"], "end_year": [2023, None]}
    ).astype({"end_year": "Int64"})
    old, new = services(("a", 2018, None, {})), services(("a", 2018, None, {"provider_id": "q"}))
    found = diff(old, new, providers=(providers, providers))
    row = found[found["id"] == "a"].iloc[0]
    assert (row["change"], row["nature"], row["counterpart"]) == ("moved", REAL, "q")
    untold = diff(old, new).iloc[0]
    assert (untold["change"], untold["nature"]) == ("moved", CANNOT_TELL)


def test_snapshots_in_the_wrong_order_are_refused():
    rows = services(("a", 2018, None, {}))
    with pytest.raises(ValueError, match="before the old one of 2024-12-31"):
        diff(rows, rows, "2024-12-31", "2022-12-31")


@FEW
@given(
    st.lists(
        st.tuples(st.integers(2010, 2025) | st.none(), st.integers(0, 8) | st.none()),
        min_size=1,
        max_size=8,
    )
)
def test_a_snapshot_does_not_differ_from_itself(years):
    rows = services(
        *[(f"s{n}", a, None if a is None or d is None else a + d, {}) for n, (a, d) in enumerate(years)]
    )
    assert diff(rows, rows, "2022-12-31", "2022-12-31").empty


def test_changes_are_counted_by_table_change_and_nature():
    rows = services(("a", 2020, 2023, {}), ("b", 2023, None, {}), ("c", 2023, None, {}))
    counted = monitor.count_changes(diff(rows, rows))
    assert counted[["change", "rows"]].to_numpy().tolist() == [["added", 2], ["closed", 1]]


def cells(*rows):
    return pd.DataFrame(
        [
            {"persona_id": p, "stage": "plan", "need": n, "weight": 0.25, "status": s, "kind": k, "service_ids": ids}
            for p, n, s, k, ids in rows
        ]
    )  # fmt: skip


def test_gaps_that_open_and_close_name_the_services_behind_them():
    old = cells(
        ("x", "finance", "served", "", ("a",)), ("y", "finance", "served", "", ("a",)),
        ("x", "awareness", "gap", "absolute", ()), ("y", "awareness", "served", "", ("b",)),
    )  # fmt: skip
    new = cells(
        ("x", "finance", "gap", "absolute", ()), ("y", "finance", "gap", "absolute", ()),
        ("x", "awareness", "served", "", ("c",)), ("y", "awareness", "unknown", "evidence", ("b",)),
    )  # fmt: skip
    found = monitor.diff_gaps(old, new)
    assert found["change"].tolist() == ["opened", "closed", "no longer known"]
    first = found.iloc[0]
    assert (first["weight"], first["persona_ids"], first["lost"]) == (0.5, ("x", "y"), ("a",))
    assert found.iloc[1]["gained"] == ("c",)


def test_the_same_cells_show_no_change():
    same = cells(("x", "finance", "served", "", ("a",)))
    assert monitor.diff_gaps(same, same).empty


# --- governance, decisions, calendar ---------------------------------------------------------------------------


def a_region():
    """Return a region of two services, two policies, one closed provider and two actions."""
    years = {"start_year": "Int64", "end_year": "Int64"}
    return {
        "services": pd.DataFrame(
            {
                "service_id": ["s1", "s2"], "name": ["S1", "S2"], "provider_id": ["p", "q"], "co_providers": [(), ()],
                "start_year": [2018, 2018], "end_year": [None, None], "audience": [None, None], "part_of": [None, None],
            }
        ).astype(years),
        "providers": pd.DataFrame({"provider_id": ["p", "q"], "name": ["P", "Q"], "end_year": [None, 2022]}).astype(
            {"end_year": "Int64"}
        ),
        "policies": pd.DataFrame(
            {
                "policy_id": ["x", "y"], "title": ["X", "Y"], "owner": ["p", "q"], "owner_name": [None, None],
                "start_year": [2018, 2018], "end_year": [2027, 2025], "barriers_addressed": [("finance",), ("finance",)],
                "delivered_by": [("s1",), ()],
            }
        ).astype(years),
        "actions": pd.DataFrame(
            {
                "action_id": ["a", "b"], "title": ["A", "B"], "owner": ["p", None], "owner_name": [None, "Somebody"],
                "start_year": [2020, 2020], "end_year": [2026, 2023], "indicator": ["calls", None], "target": ["10", None],
                "services": [("s1",), ("s2",)], "status": ["running", None],
            }
        ).astype(years),
    }  # fmt: skip


def test_the_scorecard_counts_so_many_of_so_many():
    table = monitor.governance_scorecard(a_region(), [2020, 2024], ["finance"])
    score = table.set_index(["measure", "year"])
    assert tuple(score.loc[("policies-delivered", 2024), ["met", "of"]]) == (1, 2)
    assert tuple(score.loc[("services-backed", 2024), ["met", "of"]]) == (1, 2)
    assert tuple(score.loc[("owner-alive", 2020), ["met", "of"]]) == (2, 2)
    assert tuple(score.loc[("owner-alive", 2024), ["met", "of"]]) == (1, 2)
    assert tuple(score.loc[("provider-alive", 2024), ["met", "of"]]) == (1, 2)
    assert tuple(score.loc[("actions-accountable", 2020), ["met", "of"]]) == (1, 2)


def test_coordination_that_is_not_recorded_is_unknown_and_not_zero():
    table = monitor.governance_scorecard(a_region(), [2024], ["finance"])
    assert table.set_index("measure")["share"].isna()["coordinated"]


def test_a_decision_stands_and_a_proposal_is_made_where_there_is_none():
    region = a_region()
    tracked = pd.DataFrame([{"action_id": "a", "indicator_name": "Calls", "state": RED}])
    decisions = DECISIONS.assign(subject_id=["a", "a", "b"])
    alerts = pd.DataFrame(columns=list(monitor.ALERT_COLUMNS))
    table = monitor.propose_decisions(
        region["actions"], region["services"], tracked, alerts, decisions, 2024
    ).set_index("action_id")
    assert table.loc["a", ["state", "proposal", "decision"]].tolist() == ["running", "adapt", ""]
    assert table.loc["b", ["state", "proposal", "decision"]].tolist() == ["finished", "assess effect", "stop"]


def test_an_action_whose_services_are_all_gone_is_to_be_adapted():
    region = a_region()
    gone = region["services"].assign(end_year=pd.array([2022, 2022], dtype="Int64"))
    nothing = pd.DataFrame(columns=list(monitor.ALERT_COLUMNS))
    table = monitor.propose_decisions(
        region["actions"], gone, pd.DataFrame(columns=["action_id", "indicator_name", "state"]), nothing, DECISIONS, 2024
    ).set_index("action_id")  # fmt: skip
    assert table.loc["a", "proposal"] == "adapt"
    assert table.loc["a", "services_gone"] == ("s1",)


def test_the_calendar_holds_the_cycle_and_the_dates_of_the_record():
    region = a_region()
    nothing = pd.DataFrame(columns=list(monitor.ALERT_COLUMNS))
    tracked = monitor.track_targets(measured({"2023": 15}), dt.date(2024, 3, 31))
    table = monitor.review_calendar(dt.date(2024, 3, 31), region, nothing, tracked)
    dates = table.groupby("rests_on")["date"].apply(list)
    assert dates["project convention"] == ["2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31"]
    pack = table[table["rests_on"] == "the pack"].set_index("subject")["date"]
    assert pack["y"] == "2025-12-31"
    assert "x" not in pack.index  # 2027 lies beyond two years
    assert list(pack.loc[["calls"]]) == ["2024-12-31", "2025-12-31"]


def test_functions_leave_their_frames_as_they_were():
    frame = measured({"2021": 12, "2022": 15})
    before = frame.copy()
    monitor.track_targets(frame, dt.date(2023, 6, 30))
    series = months([1, 2] * 10)
    kept = series.copy()
    monitor.control_chart(series, baseline_points=12)
    monitor.as_change(series)
    pd.testing.assert_frame_equal(frame, before)
    pd.testing.assert_frame_equal(series, kept)


# -- as a stranger would call it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.1, 0.7, 1 / 3])
def test_a_series_that_never_moves_gives_no_signal(value):
    # the mean of twelve times 0.1 is not 0.1 to the last bit
    values = [value] * 12
    assert set(monitor.find_signals(values, monitor.xmr_limits(values))) == {""}


def test_a_chart_does_not_depend_on_the_order_of_rows():
    series = pd.DataFrame({"period": [str(2000 + i) for i in range(14)], "value": [5, 6] * 5 + [20, 6, 5, 6]})
    shuffled = series.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(
        monitor.control_chart(shuffled, baseline_points=10), monitor.control_chart(series, baseline_points=10)
    )
    pd.testing.assert_frame_equal(monitor.as_change(shuffled), monitor.as_change(series))


def test_limits_of_one_point_or_of_an_unknown_kind_are_refused():
    series = pd.DataFrame({"period": ["2000", "2001"], "value": [1.0, 2]})
    with pytest.raises(ValueError, match="at least two points"):
        monitor.control_chart(series, baseline_points=1)
    with pytest.raises(ValueError, match="allowed: mean, median"):
        monitor.xmr_limits([1, 2, 3], kind="mode")


def test_a_target_is_tracked_from_the_columns_it_takes():
    plain = pd.DataFrame(
        {
            "indicator_id": ["i", "i"], "period": ["2020", "2019"], "value": [5, 1], "baseline_value": 0, "baseline_year": 2018,
            "target_value": 10, "target_year": 2022,
        }
    )  # fmt: skip
    found = monitor.track_targets(plain, dt.date(2021, 3, 1)).iloc[0]
    assert (found["period"], found["attainment"], found["expected"], found["state"]) == (
        "2020", 0.5, 0.5, monitor.GREEN,
    )  # fmt: skip
    with pytest.raises(ValueError, match="no column target_value, target_year"):
        monitor.track_targets(plain.drop(columns=["target_value", "target_year"]), dt.date(2021, 3, 1))


def test_a_missing_value_has_no_attainment():
    assert np.isnan(monitor.attainment(None, 0, 10))
