"""Charts are drawn with the same letters on every machine."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import eis_lib
from eis_lib.charts import renderer, theme

SIGN = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">'
    '<text x="5" y="20" font-family="sans-serif" font-size="16">{}</text></svg>'
)
DRAW = (
    "import altair as alt, hashlib, pandas as pd\n"
    "from eis_lib.charts.picture import draw\n"
    "frame = pd.DataFrame({'name': ['Łódź', 'Křižovatka', 'Donegal'], 'count': [1, 2, 3]})\n"
    "picture = draw(alt.Chart(frame).mark_bar().encode(x='count:Q', y='name:N'))\n"
    "print(hashlib.sha256(picture.svg.encode() + picture.png).hexdigest())\n"
)


def drawn(sign: str) -> str:
    return hashlib.sha256(renderer.png_of(SIGN.format(sign))).hexdigest()


def texts_of(module: Path) -> set[str]:
    """Return the text constants of a module, without its docstrings."""
    tree = ast.parse(module.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    }


def test_every_sign_of_the_code_has_a_letterform():
    """A sign the font lacks is drawn as an empty box, as this one of the private use area is."""
    folder = Path(eis_lib.__file__).parent
    modules = [
        *(folder / "charts").rglob("*.py"),
        *(folder / "steps").rglob("*.py"),
        folder / "pack" / "vocabulary.py",
    ]
    signs = {sign for path in modules for text in texts_of(path) for sign in text if not sign.isascii()}
    assert {"–", "…", "·"} <= signs
    box = drawn("\ue000")
    assert sorted(sign for sign in signs if drawn(sign) == box) == []


def test_letters_of_every_language_of_the_union_have_a_letterform():
    letters = (
        "áâãäåæçčćďđéêëěėęğģħíîïīįķļłľńňñóôõöőøœřšśşșťţțúûüůűūųýžźżßþðŁŐŽ αβγδωΩάέ абвгдежщъьюяЖ €°²³ ‘’“”„»«"
    )
    box = drawn("\ue000")
    assert [letter for letter in letters if letter != " " and drawn(letter) == box] == []


@pytest.mark.slow
def test_the_machines_fonts_change_nothing(tmp_path):
    (tmp_path / "empty.conf").write_text(f"<fontconfig><dir>{tmp_path}</dir></fontconfig>")
    seen = set()
    for settings in ({}, {"FONTCONFIG_FILE": str(tmp_path / "empty.conf")}):
        done = subprocess.run(
            [sys.executable, "-c", DRAW],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, **settings},
        )
        seen.add(done.stdout)
    assert len(seen) == 1


def test_looking_for_no_fonts_leaves_the_environment_as_it_was():
    renderer.vl_convert()
    assert "FONTCONFIG_FILE" not in os.environ or not os.environ["FONTCONFIG_FILE"].startswith("/tmp/tmp")


def test_the_text_of_a_cell_is_the_one_with_more_contrast():
    shares = pd.Series([0.0, 0.5, 0.75, 0.95, float("nan")])
    assert theme.is_dark(shares, (0, 1), theme.SEQUENTIAL[:5]).tolist() == [False, False, False, True, False]
    ink = theme.luminance(theme.COLOURS["ink"])
    for colour in (*theme.SEQUENTIAL, theme.COLOURS["gap"], theme.COLOURS["none"]):
        light = theme.luminance(colour)
        white, black = 1.05 / (light + 0.05), (light + 0.05) / (ink + 0.05)
        assert theme.is_dark(pd.Series([1.0]), (0, 1), [colour, colour]).tolist() == [white > black]
        assert max(white, black) >= 3.9
    assert (theme.luminance("#FFFFFF"), theme.luminance("#000000")) == (1, 0)
