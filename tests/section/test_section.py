from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eis_lib.language.english import count, listing
from eis_lib.pack.pack import load_common, load_pack
from eis_lib.section.review import Review, Sources, once_per_review
from eis_lib.section.section import LongTable, plain
from eis_lib.section.table_text import frame_from_csv, frame_to_csv, stack


def test_text_of_a_pack_is_shown_as_it_stands() -> None:
    assert plain("<script>alert(1)</script>") == r"&lt;script&gt;alert\(1\)&lt;/script&gt;"
    assert plain("*bold* [x](http://y)\n# head") == r"\*bold\* \[x\]\(http://y\) \# head"


@given(st.text())
@settings(max_examples=50, deadline=None)
def test_no_tag_survives(text: str) -> None:
    assert "<" not in plain(text)


def test_a_number_agrees_with_its_noun() -> None:
    assert (count(0, "policy", "policies"), count(1, "policy", "policies")) == ("no policies", "1 policy")


def test_a_long_listing_counts_what_it_leaves_out() -> None:
    assert listing(["a", "b", "c", "d"], most=2) == "a, b and 2 more"
    assert (listing(["a"]), listing([])) == ("a", "none")


def test_a_table_survives_its_csv() -> None:
    frame = pd.DataFrame({"id": ["NA", "b"], "share": [1 / 3, float("nan")], "rows": [("x", "y"), ()]})
    back = frame_from_csv(frame_to_csv(frame))
    assert back["id"].tolist() == ["NA", "b"]
    assert back["share"].iloc[0] == pytest.approx(1 / 3, rel=1e-9)
    assert back["share"].isna().tolist() == [False, True]
    assert back["rows"].iloc[0] == "x;y"
    assert frame_to_csv(back) == frame_to_csv(frame)


def test_stacking_keeps_the_columns_of_empty_tables() -> None:
    assert list(stack([pd.DataFrame(columns=["a"])]).columns) == ["a"]
    assert len(stack([pd.DataFrame({"a": [1]}), pd.DataFrame(columns=["a"]), pd.DataFrame({"a": [2]})])) == 2


def test_what_sections_share_is_computed_once_and_changed_by_none(parameters: Path) -> None:
    made = []

    @once_per_review
    def shared(review: Review, year: int, *, grade: int = 1) -> pd.DataFrame:
        made.append((review.step, year, grade))
        return pd.DataFrame({"year": [year]})

    pack, common = load_pack(parameters / "testland"), load_common(parameters)
    review = Review("map", pack, common, None, Sources(parameters, ("testland",)))
    mine = shared(review, 2020)
    mine["year"] = 1900
    assert shared(review, 2020)["year"].tolist() == [2020]
    shared(review, year=2020, grade=1)  # the same choice in other words
    shared(review, 2020, grade=2)
    shared(Review("map", pack, common, None, Sources(parameters, ("testland",))), 2020)
    assert made == [("map", 2020, 1), ("map", 2020, 2), ("map", 2020, 1)]


def test_a_long_table_is_written_out_only_as_far_as_somebody_looks() -> None:
    asked: list[int | None] = []

    def write(most: int | None) -> pd.DataFrame:
        asked.append(most)
        return pd.DataFrame({"n": range(9 if most is None else most)})

    table = LongTable(write, lambda: 9, "Numbers")
    assert len(table) == 9
    assert asked == []
    assert table.first(2)["n"].tolist() == [0, 1]
    assert table.frame["n"].tolist() == list(range(9))
    assert table.first(3)["n"].tolist() == [0, 1, 2]
    assert asked == [2, None]
