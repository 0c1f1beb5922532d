"""A worker draws the charts of its kernels: the same pictures, the same errors, and no harm where it is gone."""

from __future__ import annotations

import json
import subprocess
import sys
from multiprocessing.connection import Client

import pytest

from eis_lib.batch.drawing import drawing_address
from eis_lib.charts import renderer

SPEC = {
    "data": {"values": [{"name": "Łódź", "services": 3}, {"name": "Évora", "services": 5}]},
    "mark": "bar",
    "encoding": {
        "x": {"field": "services", "type": "quantitative"},
        "y": {"field": "name", "type": "nominal"},
    },
}


def test_the_worker_draws_what_the_kernel_would(monkeypatch):
    svg = renderer.svg_of(SPEC)
    png = renderer.png_of(svg)
    with Client(drawing_address(), family="AF_UNIX") as worker:
        worker.send_bytes(b"svg\n" + json.dumps(SPEC, sort_keys=True).encode())
        assert worker.recv_bytes() == b"+" + svg.encode()
        worker.send_bytes(b"png\n" + svg.encode())
        assert worker.recv_bytes() == b"+" + png


def test_a_process_that_is_told_who_draws_loads_no_renderer_itself():
    code = f"import sys; from eis_lib.charts import renderer; svg = renderer.svg_of({SPEC!r}); print(len(svg), 'vl_convert' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, env={renderer.DRAWN_BY: drawing_address()},
    )  # fmt: skip
    assert done.stdout.split() == [str(len(renderer.svg_of(SPEC))), "False"]


def test_what_cannot_be_drawn_is_said_alike(monkeypatch):
    wrong = {"data": {"values": []}, "mark": "nonsense"}
    with pytest.raises(ValueError) as here:
        renderer.svg_of(wrong)
    monkeypatch.setenv(renderer.DRAWN_BY, drawing_address())
    with pytest.raises(ValueError) as there:
        renderer.svg_of(wrong)
    assert str(there.value) == str(here.value)


def test_where_nobody_draws_any_more_the_process_does_it_itself(monkeypatch, tmp_path):
    monkeypatch.setenv(renderer.DRAWN_BY, str(tmp_path / "gone"))
    assert renderer.svg_of(SPEC).startswith("<svg")


def test_a_picture_does_not_depend_on_those_drawn_before():
    scale = {"domain": [0, 5], "range": ["#eeeeee", "#00446b"]}
    with_legend = {
        **SPEC,
        "encoding": {
            **SPEC["encoding"],
            "color": {"field": "services", "type": "quantitative", "scale": scale},
        },
    }
    first = renderer.svg_of(with_legend)
    assert "url(#gradient_0)" in first
    assert renderer.svg_of(with_legend) == first
