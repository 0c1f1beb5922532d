"""The languages a review speaks: fallback, plurals, numbers, and catalogues that keep up with the sources."""

from __future__ import annotations

import inspect
import re
import shutil
import string
import subprocess
import sys

import altair as alt
import nbformat
import pandas as pd
import pytest

from eis_lib.batch.cleaning import in_language
from eis_lib.charts import theme
from eis_lib.charts.picture import draw
from eis_lib.develop import messages as collect
from eis_lib.language import messages
from eis_lib.language.messages import (
    TRANSLATED,
    LanguageError,
    Spoken,
    catalogue_file,
    english_left,
    gettext,
    known_language,
    ngettext,
    pgettext,
    use_language,
)
from eis_lib.language.numbers import decimal, percent
from eis_lib.language.sentences import counted, sentences
from eis_lib.notebook import showing
from eis_lib.pack.pack import check_pack, load_pack
from eis_lib.pack.settings import PARAMETERS, ParameterError, resolve_parameters
from eis_lib.record.manifest import Surroundings
from eis_lib.section.section import Section, Table

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
MESSAGES = """
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"

msgid "Data and sources"
msgstr "Podaci i izvori"

msgctxt "chart"
msgid "services"
msgstr "usluge"

msgctxt "chart"
msgid "Source: {source}"
msgstr "Izvor: {source}"

msgctxt "column"
msgid "Service"
msgstr "Usluga"

#, fuzzy
msgid "guessed"
msgstr "pogođeno"

msgid "{number} service"
msgid_plural "{number} services"
msgstr[0] "{number} usluga"
msgstr[1] "{number} usluge"
msgstr[2] "{number} usluga"
"""


@pytest.fixture
def croatian(tmp_path, monkeypatch):
    """A small catalogue of Croatian in place of the project's."""
    path = tmp_path / "hr" / "LC_MESSAGES" / "eis_workbooks.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD.rstrip("\n") + MESSAGES, "utf-8")
    monkeypatch.setattr(messages, "LOCALE_FOLDER", tmp_path)
    messages._catalogue.cache_clear()
    yield
    messages._catalogue.cache_clear()


def test_a_message_is_said_in_the_language_spoken_and_a_missing_one_in_english(croatian):
    assert gettext("Data and sources") == "Data and sources"
    with use_language("hr"):
        assert gettext("Data and sources") == "Podaci i izvori"
        assert pgettext("column", "Service") == "Usluga"
        assert gettext("Service") == "Service"
        assert gettext("guessed") == "guessed"
        assert gettext("") == ""
        assert english_left(gettext("Nothing of it"))
        assert not english_left(gettext("Data and sources"))
    assert gettext("Data and sources") == "Data and sources"
    assert not english_left("English is no remnant where it is spoken")


def test_a_plural_takes_the_form_of_its_number(croatian):
    with use_language("hr"):
        said = [counted(n, "service") for n in (1, 2, 5, 21, 1000)]
        assert said == ["1 usluga", "2 usluge", "5 usluga", "21 usluga", "1.000 usluga"]
        assert ngettext("a row", "rows", 2) == "rows"
    assert [counted(n, "service") for n in (0, 1, 2)] == ["no services", "1 service", "2 services"]


def test_a_sentence_is_spoken_only_if_all_of_it_is(croatian):
    with use_language("hr"):
        whole = sentences(gettext("Data and sources"), "", pgettext("column", "Service"))
        assert isinstance(whole, Spoken)
        assert whole == "Podaci i izvori Usluga"
        assert english_left(sentences(whole, "and something else"))


def test_a_language_ends_with_its_block_even_after_an_error(croatian):
    with pytest.raises(RuntimeError), use_language("hr"):
        raise RuntimeError
    assert messages.language_spoken() == "en"


def test_numbers_are_written_as_in_the_language():
    expected = {
        "en": ("12,345.5", "26%"),
        "da": ("12.345,5", "26\xa0%"),
        "hr": ("12.345,5", "26\xa0%"),
        "it": ("12.345,5", "26%"),
        "pl": ("12\xa0345,5", "26%"),
        "pt": ("12\xa0345,5", "26%"),
    }
    for code, (number, share) in expected.items():
        with use_language(code):
            assert (decimal(12345.5, 1), percent(0.256)) == (number, share), code


def test_an_unknown_language_names_the_known_and_the_nearest():
    known = "Known: en (English), da (Danish), hr (Croatian), it (Italian), pl (Polish), pt (Portuguese)."
    for asked, nearest in {"croatian": "hr", "hrv": "hr", "Polish": "pl"}.items():
        with pytest.raises(LanguageError) as error:
            known_language(asked)
        assert str(error.value) == f"there is no language '{asked}'. Did you mean '{nearest}'? {known}"


def a_chart():
    rows = pd.DataFrame({"need": ["a", "b"], "services": [12345.5, 2.0]})
    x = alt.X("services:Q", title="services", axis=alt.Axis(format=",.1f", values=[12345.5]))
    chart = alt.Chart(rows).mark_bar().encode(x=x, y=alt.Y("need:N", title="Unheard of"))
    return theme.finish(chart, title="Two needs", description="Two bars.", source="us")


def test_a_chart_speaks_in_its_titles_and_numbers_and_says_what_stayed_english(croatian):
    before = draw(a_chart())
    with use_language("hr"):
        spoken = draw(a_chart())
        svg = spoken.svg
    assert "usermeta" not in before.spec
    assert "locale" not in before.spec["config"]
    assert ">services<" in before.svg
    assert ">12,345.5<" in before.svg
    assert spoken.spec["usermeta"] == {"eis": {"lang": "en"}}
    for words in (">usluge<", ">12.345,5<", ">Izvor: us<", ">Unheard of<"):
        assert words in svg, words
    assert draw(a_chart()).json == before.json


def test_a_legend_speaks_and_keeps_its_words_in_the_data(croatian):
    rows = pd.DataFrame({"value": [1, 2], "kind": ["services", "Unheard of"]})
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=["services", "Unheard of"]))
    chart = theme.finish(
        alt.Chart(rows).mark_bar().encode(x="value:Q", color=colour), title="Kinds", description="Bars."
    )
    assert ">services<" in draw(chart).svg
    with use_language("hr"):
        spoken = draw(chart)
        svg = spoken.svg
    assert ">usluge<" in svg
    assert ">Unheard of<" in svg
    assert ">services<" not in svg
    assert next(iter(spoken.spec["datasets"].values()))[0]["kind"] == "services"


def test_a_table_and_the_text_around_it_mark_what_stayed_english(croatian):
    table = Table(
        pd.DataFrame({"service": ["x"], "value": [1234.5]}), "Data and sources", "A note nobody translated."
    )
    english = showing.table_html(table, "map", "t")
    with use_language("hr"):
        html = showing.table_html(table, "map", "t")
        said = list(showing.rest_of(Section("", how_sure="Data and sources", to_check="Ask."), "map"))
    assert " lang=" not in english
    assert ">Podaci i izvori</caption>" in html
    assert '<th scope="col" style="text-align:left">Usluga</th>' in html
    assert '<th scope="col" style="text-align:right" lang="en">Value</th>' in html
    assert '<p lang="en">A note nobody translated.</p>' in html
    assert "1.234" in html or "1.235" in html
    marked = [(output.data["text/markdown"], output.metadata) for output in said]
    assert ("Ask.", {"eis": {"lang": "en"}}) in marked


def test_text_cells_speak_block_by_block_and_remember_what_stayed_english(croatian):
    cells = [nbformat.v4.new_markdown_cell("## Data and sources\n\nNobody translated this.", id="one")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    plain = nbformat.writes(notebook)
    assert nbformat.writes(in_language(notebook, "en")) == plain
    spoken = in_language(notebook, "hr").cells[0]
    assert spoken.source == "## Podaci i izvori\n\nNobody translated this."
    assert spoken.metadata == {"eis": {"english": [1]}}


def test_a_language_is_a_parameter_of_every_step_and_the_passed_one_wins():
    for step in PARAMETERS:
        assert resolve_parameters(step, {}, {}).language == "en"
        assert resolve_parameters(step, {"language": "pl"}, {"language": "hr"}).language == "pl"
    with pytest.raises(ParameterError) as error:
        resolve_parameters("map", {"language": "danish"}, {})
    assert "there is no language 'danish'. Did you mean 'da'? Known: en (English)" in str(error.value)


def test_region_yaml_names_the_language_for_all_steps_at_once(pack):
    path = pack / "region.yaml"
    text = path.read_text("utf-8")
    path.write_text(f"language: da\n{text}", "utf-8")
    assert load_pack(pack).region.step_parameters("test") == {"language": "da", "duplication_share": "0.5"}
    now = Surroundings(pack.parent, pack.parent, pack.parent)
    assert (now.language("testland"), now.language("nowhere")) == ("da", "en")
    path.write_text(f"language: dansk\n{text}", "utf-8")
    (fault,) = check_pack(pack)
    assert str(fault).startswith(
        "testland/region.yaml:1:language: holds 'dansk'; allowed: en, da, hr, it, pl, pt"
    )
    path.write_text(text.replace("{duplication_share: 0.5}", "{language: da}"), "utf-8")
    (fault,) = check_pack(pack)
    assert "is for all steps" in str(fault)


# --- the catalogues --------------------------------------------------------------------------------------------


def keys(catalogue):
    return {(message.context, message.id) for message in catalogue if message.id}


def places(text: str) -> set[str]:
    """What a message leaves to be filled in, of any kind: ``{name}``, ``%(name)s`` and ``{{ word.template }}``."""
    percent = set(re.findall(r"%\(\w+\)s", text))
    double = set(re.findall(r"{{.*?}}", text))
    single = {name for _, name, _, _ in string.Formatter().parse(re.sub(r"{{.*?}}", "", text)) if name}
    return double | single | percent


@pytest.mark.slow
@pytest.mark.parametrize("code", TRANSLATED)
def test_a_catalogue_has_the_messages_of_the_sources(code):
    sources, catalogue = keys(collect.template()), keys(collect.read_catalogue(code))
    new, gone = sorted(map(str, sources - catalogue)), sorted(map(str, catalogue - sources))
    assert (new, gone) == ([], []), (
        f"call 'make messages': {len(new)} new, {len(gone)} gone: {(new + gone)[:5]}"
    )


CALLS = """
# Translators: a comment
# of two lines.
said = gettext(
    "plain"
)
# Not for translators.
said = f"{cell or gettext('inside')}." + f"{x}" f"{pgettext('chart', 'deeper')}" + ngettext("one", "many", n)
def gettext(message): return gettext(message)
"""
CALLS_FOUND = [
    (4, "gettext", ["plain"], ["Translators: a comment", "of two lines."]),
    (8, "gettext", ["inside"], []),
    (8, "pgettext", ["chart", "deeper"], []),
    (8, "ngettext", ["one", "many", None], []),
    (9, "gettext", [None], []),
]


@pytest.mark.parametrize("python", [sys.executable, "python3.11", "python3.12", "python3.13", "python3.14"])
def test_every_version_of_python_finds_the_same_calls_even_inside_f_strings(python):
    path = shutil.which(python)
    # a stand-in of pyenv may be there without the version behind it
    if not path or subprocess.run([path, "-c", ""], check=False, capture_output=True).returncode:
        pytest.skip(f"no {python} here")
    # only these two functions: another version has the standard library alone
    code = "\n".join(
        (
            "from __future__ import annotations",
            "import ast, io",
            *(inspect.getsource(getattr(collect, name)) for name in ("_name", "python_calls")),
            f"file = io.BytesIO({CALLS.encode()!r})",
            "print(list(python_calls(file, {'gettext', 'pgettext', 'ngettext'}, ('Translators:',))))",
        )
    )
    ran = subprocess.run([path, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == str(CALLS_FOUND)


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_the_places_that_are_filled_in_and_the_mark_of_a_draft(code, record_property):
    catalogue = collect.read_catalogue(code)
    wrong = []
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        allowed = [places(text) for text in ids]
        wrong += [text for text in strings if text and message.id and places(text) not in allowed]
    assert not wrong, wrong
    assert (
        "draft translation, to be checked by a speaker"
        in catalogue_file(code).read_text("utf-8")[:400].lower()
    )
    missing = collect.missing(catalogue)
    record_property("missing", len(missing))
    print(f"{code}: {len(missing)} of {len(catalogue)} messages are missing")
    assert len(catalogue) > 1000
    assert len(missing) <= len(catalogue)
