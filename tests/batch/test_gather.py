"""The barrier between a region and its partners."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from eis_lib.batch.gather import gather, stack
from eis_lib.record.manifest import Surroundings
from eis_lib.section.method import GATHERED
from eis_lib.section.table_text import frame_from_csv, frame_to_csv
from eis_lib.section.table_text import stack as stack_frames


@pytest.fixture
def now(tmp_path: Path) -> Surroundings:
    for region in ("alpha", "beta"):
        (tmp_path / "parameters" / region).mkdir(parents=True)
        (tmp_path / "parameters" / region / "services.csv").write_text(f"{region}\n")
        for table, step in GATHERED.items():
            path = tmp_path / "outputs" / region / "tables" / step / f"{table}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"name,share\n{region} of {table},0.25\n")
    return Surroundings(tmp_path / "workbooks", tmp_path / "parameters", tmp_path / "outputs")


def test_rows_of_all_regions_stand_below_one_another_named(tmp_path):
    (tmp_path / "a.csv").write_text('name,note\n"one, two",\nthree,"says ""no"""\n')
    (tmp_path / "b.csv").write_text("note,share\nyes,0.5\n")
    assert stack({"alpha": tmp_path / "a.csv", "beta": tmp_path / "b.csv"}) == (
        'region,name,note,share\nalpha,"one, two",,\nalpha,three,"says ""no""",\nbeta,,yes,0.5\n'
    )


def test_the_rows_are_those_a_review_would_stack_by_itself(tmp_path):
    """A notebook run alone stacks frames; a batch run stacks their files: both give the same table."""
    frames = {
        "alpha": pd.DataFrame({"name": ["one, two", None], "share": [0.125, 1 / 3], "count": [1, 2]}),
        "beta": pd.DataFrame({"name": ['say "no"'], "share": [float("nan")], "count": [3]}),
    }
    for region, frame in frames.items():
        (tmp_path / f"{region}.csv").write_text(frame_to_csv(frame))
    ours = frame_from_csv(stack({region: tmp_path / f"{region}.csv" for region in frames}))
    alone = []
    for region, frame in frames.items():
        alone.append(frame_from_csv(frame_to_csv(frame)))
        alone[-1].insert(0, "region", region)
    theirs = frame_from_csv(frame_to_csv(stack_frames(alone)))
    pd.testing.assert_frame_equal(ours, theirs)


def test_every_gathered_table_is_written_once_and_left_alone_after(now):
    written = gather(now, ["alpha", "beta"])
    assert sorted(path.name for path in written) == sorted([*(f"{t}.csv" for t in GATHERED), "packs.csv"])
    assert (now.outputs / "_gathered" / "gaps.csv").read_text() == (
        "region,name,share\nalpha,alpha of gaps,0.25\nbeta,beta of gaps,0.25\n"
    )
    assert gather(now, ["alpha", "beta"]) == []


def test_a_changed_pack_changes_the_list_of_packs_and_nothing_else(now):
    gather(now, ["alpha", "beta"])
    (now.parameters / "beta" / "services.csv").write_text("another\n")
    assert [path.name for path in gather(now, ["alpha", "beta"])] == ["packs.csv"]
