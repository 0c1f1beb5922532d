"""Columns that several tables have, and short ways to state a column or a rule."""

from __future__ import annotations

import pandas as pd

from eis_lib.pack.schema import FIRST_YEAR, LAST_YEAR, Column, Rule

# --- the columns -----------------------------------------------------------------------------------------------

SOURCE = (
    Column("source_url", "url", "Address of the page or document behind the row.", filled=True),
    Column("source_title", "text", "Who says so, and when: the title of the source.", filled=True),
    Column("evidence", "code", "How well the row is backed.", filled=True, scheme="evidence"),
    Column(
        "note",
        "text",
        "What a reader of the row should know; reasons for keeping a doubtful cell.",
        present=False,
    ),
)


def _key(name: str, about: str) -> Column:
    return Column(name, "id", about, filled=True)


def _text(name: str, about: str, *, filled: bool = False, present: bool = True, many: bool = False) -> Column:
    return Column(name, "text", about, filled=filled, present=present, many=many)


def _code(
    name: str, scheme: str, about: str, *, filled: bool = False, present: bool = True, many: bool = False
) -> Column:
    return Column(name, "code", about, filled=filled, present=present, many=many, scheme=scheme)


def _reference(
    name: str, table: str, about: str, *, filled: bool = False, present: bool = True, many: bool = False
) -> Column:
    return Column(name, "reference", about, filled=filled, present=present, many=many, table=table)


def _year(name: str, about: str, *, present: bool = True, filled: bool = False) -> Column:
    return Column(name, "year", about, filled=filled, present=present, low=FIRST_YEAR, high=LAST_YEAR)


def _number(
    name: str,
    about: str,
    *,
    present: bool = True,
    filled: bool = False,
    low: float | None = 0,
    high: float | None = None,
) -> Column:
    return Column(name, "number", about, filled=filled, present=present, low=low, high=high)


def _date(name: str, about: str, *, present: bool = True, filled: bool = False) -> Column:
    return Column(name, "date", about, filled=filled, present=present)


def _years_in_order(frame: pd.DataFrame) -> pd.Series:
    start = pd.to_numeric(frame["start_year"], errors="coerce")
    end = pd.to_numeric(frame["end_year"], errors="coerce")
    # a year that is none is a fault of its own, and not one of the other's
    return ~(end < start) | ~start.between(FIRST_YEAR, LAST_YEAR) | ~end.between(FIRST_YEAR, LAST_YEAR)


def _one_owner(frame: pd.DataFrame) -> pd.Series:
    named = frame["owner_name"] if "owner_name" in frame else pd.Series("", index=frame.index)
    return (frame["owner"].str.strip() != "") != (named.str.strip() != "")


ENDS_AFTER_START = Rule("end_year", "a year not before start_year", _years_in_order)

ONE_OWNER = Rule(
    "owner", "either a provider_id in owner or a name in owner_name, not both and not neither", _one_owner
)
