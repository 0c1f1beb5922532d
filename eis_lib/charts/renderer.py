"""The renderer of every picture: vl-convert, in this process or in one that draws for many."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from functools import cache
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

DRAWN_BY = "EIS_DRAWN_BY"
"""Environment variable: socket of a process that draws for this one (see :mod:`eis_lib.batch.drawing`)."""

NOTHING_DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


def svg_of(spec: dict[str, Any]) -> str:
    """Return the SVG text of a Vega-Lite 5 specification.

    Raises
    ------
    ValueError
        If the specification cannot be drawn.
    """
    return _draw("svg", json.dumps(spec, sort_keys=True)).decode("utf-8")


def png_of(svg: str) -> bytes:
    """Return the bytes of a PNG picture of an SVG text, twice its size for sharp print."""
    return _draw("png", svg)


def answer(request: bytes) -> bytes:
    """Return what another process that asked for a picture is sent: ``+`` and the picture, or ``-`` and what is wrong."""
    kind, _, text = request.decode("utf-8").partition("\n")
    try:
        return b"+" + _draw_here(kind, text)
    except ValueError as error:
        return b"-" + str(error).encode()


def _draw(kind: str, text: str) -> bytes:
    other = _connection(os.environ.get(DRAWN_BY, ""))
    if other is None:
        return _draw_here(kind, text)
    try:
        other.send_bytes(f"{kind}\n{text}".encode())
        sent = other.recv_bytes()
    except (EOFError, OSError):  # it is gone; whoever ends this process will say so
        return _draw_here(kind, text)
    if sent[:1] == b"-":
        raise ValueError(sent[1:].decode())
    return sent[1:]


@cache
def _connection(address: str) -> Connection | None:
    """Return the way to the process that draws for this one; none where this one draws for itself."""
    with contextlib.suppress(OSError):
        return Client(address, family="AF_UNIX") if address else None
    return None


def _draw_here(kind: str, text: str) -> bytes:
    if kind == "png":
        png: bytes = vl_convert().svg_to_png(text, scale=2)
        return png
    svg: str = vl_convert().vegalite_to_svg(text, vl_version="5.20")
    return _count_gradients_anew(svg).encode()


def _count_gradients_anew(svg: str) -> str:
    """Return a picture whose gradients are counted from 0; Vega counts on over all charts that a process draws."""
    numbers = sorted({int(number) for number in re.findall(r'id="gradient_(\d+)"', svg)})
    return re.sub(r'(id="|url\(#)gradient_(\d+)', lambda m: f"{m[1]}gradient_{numbers.index(int(m[2]))}", svg)


@cache
def vl_convert() -> Any:
    """Return vl-convert with the fonts it brings (Liberation) and none of the machine's.

    So a text has the same width on every machine. It is also drawn three times faster: fontdb 0.23 reads a system
    font's file again for each glyph. Where the machine's fonts are not found by fontconfig (macOS, Windows), they stay.
    """
    import vl_convert as library

    before = os.environ.get("FONTCONFIG_FILE")
    with tempfile.TemporaryDirectory() as nothing:
        config = Path(nothing) / "fonts.conf"
        config.write_text(f"<fontconfig><dir>{nothing}</dir></fontconfig>", "utf-8")
        os.environ["FONTCONFIG_FILE"] = str(config)
        try:
            library.svg_to_png(NOTHING_DRAWN)  # fonts are looked for when something is first drawn
        finally:
            del os.environ["FONTCONFIG_FILE"]
            if before is not None:
                os.environ["FONTCONFIG_FILE"] = before
    return library
