"""What Altair is spared while it puts a chart together changes nothing of the chart."""

import altair as alt
import pandas as pd
import pytest
from altair.utils import core, schemapi

from eis_lib.charts import quicker_altair, theme
from eis_lib.charts.picture import to_json

ROWS = pd.DataFrame({"label": ["a", "b"], "value": [1, 2], "kind": ["x", "y"]})


@pytest.fixture
def altairs_own(monkeypatch):
    monkeypatch.setattr(schemapi, "_deep_copy", quicker_altair._copy_by_altair)
    monkeypatch.setattr(core._ChannelCache, "_wrap_in_channel", quicker_altair._wrap_by_altair)
    monkeypatch.setattr(schemapi, "_FromDict", quicker_altair._from_dict_by_altair)


def _chart():
    chosen = alt.selection_point(fields=["kind"], name="chosen")
    base = alt.Chart(ROWS, name="base").encode(
        y=alt.Y("label:N", sort=["b", "a"]), tooltip=["label:N", "value:Q"]
    )
    bars = base.mark_bar().encode(x="value:Q", color=alt.condition(chosen, "kind:N", alt.value("grey")))
    mark = alt.condition("datum.value > 1", alt.value(9), alt.value(5))
    text = base.mark_text(dx=3).encode(
        x="value:Q", text="value:Q", detail=["kind"], size=mark, color=alt.value("black")
    )
    panel = alt.layer(bars.add_params(chosen), text).properties(width=200)
    small = alt.layer(base.mark_rule().encode(x="value:Q"), text).facet(row="kind:N")
    return theme.finish(alt.hconcat(panel, alt.vconcat(small, text)), title="T", description="D", source="S")


def test_a_chart_is_the_same_as_altair_makes_it(request):
    ours = to_json(_chart())
    request.getfixturevalue("altairs_own")
    assert to_json(_chart()) == ours


def test_a_copy_shares_nothing_that_can_be_changed():
    chart = _chart()
    before = to_json(chart)
    copy = chart.copy()
    assert type(copy) is type(chart)
    copy.vconcat[0].hconcat[0].layer[0].encoding.x = alt.X("other:Q")
    copy.vconcat[0].hconcat[0].layer[0].encoding.y["sort"].append("c")
    copy.vconcat[0].hconcat.pop()
    assert to_json(chart) == before


def test_only_what_is_named_is_shared():
    chart = alt.Chart(ROWS).mark_bar().encode(x="value:Q")
    copy = chart.copy(ignore=["mark"])
    assert copy.mark is chart.mark
    assert copy.encoding is not chart.encoding


def test_a_channel_given_as_text_or_value_needs_no_search(monkeypatch):
    looked = []
    monkeypatch.setattr(quicker_altair, "_wrap_by_altair", lambda *args: looked.append(args))
    chart = alt.Chart(ROWS).mark_bar().encode(x="value:Q", color=alt.value("grey"), tooltip=["label"])
    assert chart.to_dict()["encoding"]["x"] == {"field": "value", "type": "quantitative"}
    assert [given for _, given, _ in looked] == [
        ["label"]
    ]  # a list goes to Altair, and its texts come back here


def test_the_classes_are_listed_once(monkeypatch):
    alt.Color.from_dict({"value": "red"}, validate=False)
    hashed = []
    by_altair = schemapi._FromDict.hash_schema
    monkeypatch.setattr(
        schemapi._FromDict,
        "hash_schema",
        classmethod(lambda _, schema: hashed.append(1) or by_altair(schema)),
    )
    made = alt.Color.from_dict(
        {"condition": {"test": "true", "value": "red"}, "field": "kind"}, validate=False
    )
    few = len(hashed)
    assert made.to_dict() == {"condition": {"test": "true", "value": "red"}, "field": "kind"}
    assert few < 100  # of more than 500 classes
