from __future__ import annotations

from pathlib import Path

import pytest

from eis_lib.pack.common_tables import COMMON_TABLES
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import VocabularyError, load_vocabulary

COMMON = Path(__file__).parents[2] / "parameters" / "_common"


def test_every_scheme_a_table_uses_is_in_the_vocabulary_and_has_labels_and_definitions() -> None:
    vocabulary = load_vocabulary(COMMON)
    used = {c.scheme for table in (PACK_TABLES | COMMON_TABLES).values() for c in table.columns if c.scheme}
    assert used <= set(vocabulary.schemes)
    for scheme in used:
        for term in vocabulary.terms[scheme].values():
            assert term.label, term
            assert term.definition, term
            assert term.source, term


def test_codes_come_in_the_order_in_which_they_are_shown() -> None:
    vocabulary = load_vocabulary(COMMON)
    assert vocabulary.codes("journey_stage") == ("aware", "assess", "plan", "prepare", "enter", "grow")
    assert vocabulary.ancestors("sector", "wine-and-drinks") == (
        "wine-and-drinks",
        "agrofood",
        "manufacturing",
    )


def test_a_code_listed_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vocabularies.csv").write_text(
        "scheme,code,label,definition,broader,source\nlevel,local,Local,x,,y\nlevel,local,Local,x,,y\n",
        "utf-8",
    )
    with pytest.raises(
        VocabularyError, match="vocabularies.csv:3: 'local' is listed twice in scheme 'level'"
    ):
        load_vocabulary(tmp_path)


def test_an_unknown_scheme_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "vocabularies.csv").write_text(
        "scheme,code,label,definition,broader,source\nlevel,local,Local,x,,y\n", "utf-8"
    )
    with pytest.raises(VocabularyError, match="no vocabulary is called 'levels'. Known: level."):
        load_vocabulary(tmp_path).codes("levels")
