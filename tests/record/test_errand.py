"""The errand of a kernel comes out as it was sent, and a workbook opened by a person has none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eis_lib.record.errand import VARIABLE, Errand, read_errand


@given(st.text(), st.text(), st.lists(st.text()), st.text())
def test_what_is_sent_is_what_is_read(record, earlier, chosen, checked):
    sent = Errand(record, earlier, tuple(chosen), checked)
    assert read_errand(sent.environment()) == sent


def test_without_a_run_there_is_no_errand():
    assert read_errand({}) == read_errand({VARIABLE: ""}) == Errand()


def test_tables_checked_before_are_read_from_the_file_named(tmp_path):
    (tmp_path / "checked").write_text("abc\ndef\n")
    assert Errand(checked=str(tmp_path / "checked")).known_tables() == {"abc", "def"}
    assert Errand().known_tables() == frozenset()
