"""Words as templates: one sentence, one language, and no place left empty."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

from eis_lib.language import messages
from eis_lib.language.messages import Spoken, use_language
from eis_lib.language.templates import ENDING, LIBRARY, Words, or_no

GAPS = LIBRARY / "steps" / "test" / "_gaps.py"
PO = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\n"

msgid "1 persona"
msgid_plural "%(number)s personas"
msgstr[0] "%(number)s osoba"
msgstr[1] "%(number)s osobe"
msgstr[2] "%(number)s osoba"

msgid "No service at any stage"
msgstr "Ni u jednoj fazi nema usluge"
"""


@pytest.fixture
def croatian(tmp_path, monkeypatch):
    path = tmp_path / "hr" / "LC_MESSAGES" / "eis_workbooks.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO, "utf-8")
    monkeypatch.setattr(messages, "LOCALE_FOLDER", tmp_path)
    messages._catalogue.cache_clear()
    yield
    messages._catalogue.cache_clear()


def words(**facts):
    return Words(str(GAPS), label=lambda _, code: code.capitalize(), inside=str.lower, **facts)


def a_gap(personas=2, **facts):
    return {"kind": "absolute", "because": "", "weight": 0.1234, "persona_ids": ["p"] * personas} | facts


def test_words_are_one_line_and_their_numbers_agree():
    said = [words().bar(a_gap(n)) for n in (0, 1, 2, 21)]
    assert said == [
        f"No service at this stage · 12.3% · {n}"
        for n in ("no personas", "1 persona", "2 personas", "21 personas")
    ]


def test_words_are_said_whole_in_one_language(croatian):
    with use_language("hr"):
        whole = words().bar(a_gap(21, because="at no stage"))
        part = words().bar(a_gap(21))
    assert (whole, type(whole)) == ("Ni u jednoj fazi nema usluge · 12,3\xa0% · 21 osoba", Spoken)
    assert (part, type(part)) == ("No service at this stage · 12.3% · 21 personas", str)


def test_a_fact_that_is_missing_is_an_error_and_no_empty_place():
    with pytest.raises(jinja2.UndefinedError, match="served"):
        words().subtitle(1, 1, 2026)
    with pytest.raises(AttributeError, match="nonsense"):
        words().nonsense()


def test_no_reads_as_a_number_in_other_languages():
    with use_language("da"):
        assert or_no(0) == "0"


def templates() -> list[Path]:
    return sorted(LIBRARY.glob(f"**/*{ENDING}"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_every_macro_is_said_and_has_a_module_beside_it(path):
    text = path.read_text("utf-8")
    module = path.with_name(path.name.removesuffix(ENDING) + ".py").read_text("utf-8")
    macros = re.findall(r"{%-? macro (\w+)", text)
    assert macros
    silent = [
        name
        for name in macros
        if not re.search(rf"\.{name}\b|\"{name}\"", module) and len(re.findall(rf"\b{name}\b", text)) < 2
    ]
    assert silent == []
