import math
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from reviewing import compare_only

from eis_lib.charts.picture import to_svg
from eis_lib.methods import benchmark, transfer
from eis_lib.notebook.opening import open_review
from eis_lib.pack.settings import ParameterError
from eis_lib.steps import compare as step
from eis_lib.steps.compare import _practices as _practices_file
from eis_lib.steps.compare import _profiles as _profiles_file
from eis_lib.steps.compare import _structure as _structure_file
from eis_lib.steps.compare import _view as _view_file

pytestmark = pytest.mark.slow  # regions are compared with one another again and again

SECTIONS = (
    "headline", "sources", "profiles", "setting", "index", "peers", "coverage_differences", "practice_matches", "remarks", "give",
    "exchange", "meaning", "limits",
)  # fmt: skip
CHOSEN = ("alentejo", "central-denmark", "koprivnica")


@pytest.fixture(scope="module")
def review():
    with pytest.MonkeyPatch.context() as patch:
        compare_only(patch, *CHOSEN)
        yield open_review("compare", "koprivnica")


@pytest.fixture(scope="module")
def made(review):
    return {name: getattr(step, name)(review) for name in SECTIONS}


def with_set(monkeypatch, path, region="koprivnica", **more):
    compare_only(monkeypatch, *CHOSEN)
    return open_review("compare", region, {"benchmark_set": str(path), "draws": 200, **more})


def made_up_set(path, units=30):
    """Write a benchmark set in which HR04 is the best but one and PT18 the worst, and one row is of another version."""
    codes = ["HR04", "PT18", *[f"XX{i:02}" for i in range(units - 2)]]
    order = {"HR04": units - 2, "PT18": -1}
    rows = []
    for place, code in enumerate(codes):
        level = order.get(code, place if place < units - 1 else units)
        for name, sign in (("good-jobs", 1), ("schooling", 1), ("unemployment-rate", -1)):
            rows.append((code, "2016", name, "2018", sign * level + 100.0))
    rows.append(("HR04", "2013", "good-jobs", "2018", 0.0))
    rows.append(("HR", "", "good-jobs", "2018", 0.0))
    frame = pd.DataFrame(rows, columns=["ref_area", "nuts_version", "indicator", "time_period", "obs_value"])
    frame.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def indexed(tmp_path_factory):
    path = made_up_set(tmp_path_factory.mktemp("set") / "set.csv")
    with pytest.MonkeyPatch.context() as patch:
        return path, step.index(with_set(patch, path))


def test_every_section_answers_and_every_name_is_used_once(made):
    tables = [name for section in made.values() for name in section.tables]
    charts = [name for section in made.values() for name in section.charts]
    assert len(tables) == len(set(tables))
    assert len(charts) == len(set(charts)) >= 8
    assert all(section.answer and section.how_sure for section in made.values())


def test_every_table_that_is_promised_is_there(made, review):
    for name, section in step.LEAVES.items():
        assert name in made[section.__name__].tables, name
    assert {"profiles", "peers", "coverage_differences", "practice_matches", "exchange", "findings"} <= set(
        step.LEAVES
    )


def test_tables_hold_plain_cells(made):
    for section in made.values():
        for table in section.tables.values():
            for column in table.frame:
                assert not table.frame[column].map(lambda cell: isinstance(cell, (tuple, list, dict))).any()


def test_every_chart_draws(made):
    for section in made.values():
        for chart in section.charts.values():
            assert to_svg(chart).startswith("<svg")


def test_levels_and_population_stand_beside_every_region(made):
    profiles = made["profiles"].tables["profiles"].frame
    assert profiles["level"].notna().all()
    assert profiles["population"].notna().all()
    assert "county" in to_svg(made["exchange"].charts["exchange_matrix"])
    assert "are not of one kind" in made["profiles"].answer


def test_shares_of_the_profile_add_up(made):
    wide = (
        made["profiles"]
        .tables["profiles"]
        .frame.pivot_table(index="region", columns="measure", values="value")
    )
    assert (wide["served"] + wide["gap"] + wide["unknown"]).to_numpy() == pytest.approx(1)
    assert ((wide >= 0) & (wide <= 1)).all().all()


def test_no_ranking_is_given_for_a_handful_of_regions(made):
    assert made["index"].answer.startswith("**No ranking is given.** 3 regions are too few to rank")
    assert not made["index"].tables


def test_only_gaps_that_were_tested_carry_a_practice(made, review):
    gaps = review.gathered("gaps").query("region == 'koprivnica'").set_index("gap_id")
    for ids in made["practice_matches"].tables["practice_matches"].frame["gap_ids"]:
        assert not set(gaps.loc[ids.split(";"), "kind"]) & set(transfer.NOT_TESTED)


def test_every_practice_elsewhere_is_proposed_or_refused_with_a_reason(made, review):
    tables = made["practice_matches"].tables
    proposed, refused = tables["practice_matches"].frame, tables["practices_not_proposed"].frame
    elsewhere = sum(len(pack.good_practices) for pack in review.peers() if pack.id != "koprivnica")
    assert len(proposed) + len(refused) == elsewhere
    assert refused["reason"].ne("").all()
    assert proposed["whom"].notna().all()
    assert proposed["questions"].str.count(r"\?").ge(3).all()


def test_stronger_evidence_proposes_fewer_practices(review):
    weak = step.practice_matches(review, minimum_evidence_grade=0).tables["practice_matches"].frame
    strong = step.practice_matches(review, minimum_evidence_grade=2).tables["practice_matches"].frame
    assert set(strong["practice_id"]) < set(weak["practice_id"])
    assert (strong["evidence_grade"] >= 2).all()


def test_no_outcome_enters_the_structure():
    transfer.refuse_outcomes(step.STRUCTURE)


def test_the_country_filter_and_k_are_obeyed(review):
    assert len(step.peers(review, neighbours=1).tables["peers"].frame) == 1
    everybody = step.peers(review, neighbours=6, other_countries_only=False).tables["peers"].frame
    assert "koprivnica" not in set(everybody["other"])
    assert everybody["distance"].is_monotonic_increasing
    gower = step.peers(review, method="gower").tables["peers"].frame
    assert gower["distance"].between(0, 1).all()


def test_an_area_without_a_row_in_its_version_is_listed(made):
    mismatches = made["sources"].tables["area_mismatches"].frame
    assert ("koprivnica", "HR06") in set(zip(mismatches["region"], mismatches["ref_area"], strict=True))
    values = made["setting"].tables["indicator_values"].frame
    own = values[(values["region"] == "koprivnica") & (values["indicator"] == "rd-expenditure-gdp")].iloc[0]
    assert (own["ref_area"], own["of"]) == ("HR", "a wider area")


def test_candidates_are_never_worded_as_findings(made):
    findings = made["meaning"].tables["findings"].frame
    assert findings["finding_id"].is_unique
    computed = findings["kind"].isin(["practice-match", "no-practice", "visit"])
    assert (findings.loc[computed, "status"] == "candidate").all()
    assert list(findings.columns)[:4] == ["finding_id", "kind", "subject", "statement"]


def test_another_region_gets_another_answer(made, monkeypatch):
    compare_only(monkeypatch, *CHOSEN)
    other = step.headline(open_review("compare", "central-denmark"))
    assert "Koprivnica" in made["headline"].answer
    assert other.answer != made["headline"].answer


def test_a_region_alone_is_told_so(monkeypatch):
    compare_only(monkeypatch, "donegal")
    alone = open_review("compare", "donegal")
    for name in SECTIONS:
        section = getattr(step, name)(alone)
        assert section.answer
    assert "cannot be compared" in step.headline(alone).answer
    assert step.meaning(alone).tables["findings"].frame.empty
    assert list(step.practice_matches(alone).tables["practice_matches"].frame.columns) == list(
        step.MATCH_COLUMNS
    )


def test_an_unknown_facet_says_what_is_allowed(review):
    with pytest.raises(ParameterError, match="allowed: journey_stages"):
        step.coverage_differences(review, facet="colour")


def test_the_regions_are_read_off_the_benchmark_set(indexed):
    _, section = indexed
    scores = section.tables["index_scores"].frame.set_index("ref_area")
    assert scores.at["HR04", "rank"] == 2
    assert scores.at["HR04", "region"] == "koprivnica"
    assert "takes rank **2 of 30**" in section.answer
    assert set(section.charts) == {"index_ranks", "index_sensitivity"}
    assert len(scores) == 30  # the country and the row in another version are not units
    mismatches = section.tables["index_mismatches"].frame
    assert ("central-denmark", "DK04") in set(zip(mismatches["region"], mismatches["ref_area"], strict=True))
    assert "Seed 2026" in section.tables["index_ranks"].note


def test_less_is_better_for_unemployment_in_the_benchmark_set(indexed):
    strengths = indexed[1].tables["index_strengths"].frame
    assert set(strengths["kind"]) == {"strength"}


def test_one_choice_changed_stands_beside_the_others(monkeypatch, tmp_path):
    review = with_set(monkeypatch, made_up_set(tmp_path / "set.csv"))
    table = step.index(review, aggregation="geometric").tables["index_alternatives"].frame
    assert {"as_chosen", "z_scores", "mazziotta_pareto", "copeland_non_compensatory"} <= set(table.columns)
    assert "geometric_mean" not in table.columns


def test_a_small_benchmark_set_gives_scores_but_no_ranks(monkeypatch, tmp_path):
    review = with_set(monkeypatch, made_up_set(tmp_path / "set.csv", units=12))
    section = step.index(review)
    assert section.tables["index_scores"].frame["rank"].isna().all()
    assert "12 regions are too few to rank" in section.answer
    assert not section.charts


def test_a_missing_or_wrong_benchmark_set_is_a_clear_message(monkeypatch, tmp_path):
    with pytest.raises(ParameterError, match="no file 'nowhere.csv'"):
        step.index(with_set(monkeypatch, "nowhere.csv"))
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("ref_area,obs_value\nHR04,1\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="lacks nuts_version, indicator, time_period"):
        step.index(with_set(monkeypatch, wrong))


@pytest.mark.skipif(
    "EIS_RCI_CSV" not in os.environ, reason="set EIS_RCI_CSV to a copy of the Commission's RCI 2010–2019"
)
def test_published_competitiveness_scores_keep_their_order(monkeypatch, tmp_path):
    published = pd.read_csv(os.environ["EIS_RCI_CSV"])
    rows = published.rename(columns={"edition": "time_period", "rci_zscore": "obs_value"}).assign(
        indicator="rci-score"
    )
    rows[rows["time_period"] == 2019].to_csv(tmp_path / "rci.csv", index=False)
    section = step.index(with_set(monkeypatch, tmp_path / "rci.csv"))
    scores = section.tables["index_scores"].frame.set_index("ref_area")["score"]
    own = published[(published["edition"] == 2019) & published["ref_area"].isin(scores.index)].set_index(
        "ref_area"
    )
    assert scores.corr(own["rci_zscore"]) == pytest.approx(1)
    assert scores.index.size > 200


def test_the_index_of_the_section_is_the_index_of_the_library(indexed):
    path, section = indexed
    rows = pd.read_csv(path, dtype={"nuts_version": str}).query("nuts_version == '2016'")
    wide = rows.pivot_table(index="ref_area", columns="indicator", values="obs_value")
    framework = pd.DataFrame({"code": list(wide), "direction": [1, 1, -1]})
    expected = benchmark.build_index(wide, framework).scores
    scores = section.tables["index_scores"].frame.set_index("ref_area")["score"]
    assert np.allclose(scores.sort_index(), expected.sort_index())
    assert not math.isnan(scores.iloc[0])


def test_a_region_whose_earlier_steps_failed_is_named_and_the_rest_compared(review, monkeypatch, tmp_path):
    folder = tmp_path / "_gathered"
    folder.mkdir()
    for table in ("profile", "gaps", "coverage", "concentration", "journeys", "demand", "barrier_coverage"):
        frame = review.gathered(table)
        frame[frame["region"] != "alentejo"].to_csv(folder / f"{table}.csv", index=False)
    compare_only(monkeypatch, *CHOSEN, earlier=tmp_path)
    partial = open_review("compare", "koprivnica")
    assert "left nothing for Alentejo" in step.sources(partial).answer
    for name in SECTIONS:
        for chart in getattr(step, name)(partial).charts.values():
            assert to_svg(chart).startswith("<svg")
    failed = step.exchange(open_review("compare", "alentejo"))
    assert failed.answer == "Steps 1 to 3 left no tables for Alentejo, so it cannot be compared here."


def test_two_packs_that_are_copies_of_each_other_can_be_compared(tmp_path, monkeypatch):
    source = Path(step.__file__).parents[3] / "parameters"
    for shared in ("_common", "_layers"):
        shutil.copytree(source / shared, tmp_path / shared)
    for region in ("koprivnica", "twin"):
        shutil.copytree(source / "koprivnica", tmp_path / region)
    monkeypatch.setenv("EIS_PARAMETERS", str(tmp_path))
    compare_only(monkeypatch, "koprivnica", "twin")
    twins = open_review("compare", "koprivnica")
    made = {name: getattr(step, name)(twins) for name in SECTIONS}
    assert "as much as any other region" in made["profiles"].answer
    assert "In every measure it stands at the median." in made["profiles"].answer
    assert "of one kind and of like size (2 counties)" in made["sources"].answer
    given = made["give"].tables["what_we_could_give"].frame
    taken = made["practice_matches"].tables["practice_matches"].frame
    assert list(given["practice_id"]) == list(taken["practice_id"])
    assert made["meaning"].tables["findings"].frame["finding_id"].is_unique


def test_a_measure_that_goes_on_from_the_one_above_is_named_whole(made, review):
    words = _view_file._words(_profiles_file.__file__, review)
    profiles = made["profiles"].tables["profiles"].frame
    labels = dict(zip(profiles["measure"], profiles["label"], strict=True))
    assert labels["reach_recorded"] == "… on recorded routes alone"
    assert words.whole_measure("reach_recorded") == f"{labels['reach']} on recorded routes alone"
    assert not any(words.whole_measure(measure).startswith("…") for measure in labels)


def test_words_of_a_grade_and_of_a_facet_are_those_of_their_controls(review):
    assert {g: _practices_file._grade_words(g) for g in transfer.GRADES} == transfer.GRADES
    for words, facet in step.FACET_CHOICES.items():
        assert f"(kind of support × {words.lower()})" in step.coverage_differences(review, facet=facet).answer


def test_among_many_the_most_alike_are_compared(monkeypatch):
    compare_only(monkeypatch, "alentejo", "central-denmark", "donegal", "koprivnica")
    everybody = open_review("compare", "koprivnica")
    assert everybody.sources.left_out == frozenset()
    likeness = _structure_file._structure(everybody).likeness["koprivnica"].drop("koprivnica")
    monkeypatch.setattr(_structure_file, "MOST_COMPARED", 3)
    few = open_review("compare", "koprivnica")
    assert set(few.sources.chosen) == {"koprivnica", *likeness.nlargest(2).index}
    assert few.sources.left_out == {likeness.idxmin()}
    assert {pack.id for pack in few.peers()} == set(few.sources.chosen)
    assert set(few.gathered("gaps")["region"]) <= set(few.sources.chosen)
    assert "3 regions are on the table, of 4 those most alike in structure." in step.sources(few).answer
