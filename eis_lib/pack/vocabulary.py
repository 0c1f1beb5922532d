"""Code lists and their labels, as kept in ``parameters/_common/vocabularies.csv``."""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from eis_lib.language.messages import ENGLISH, translation

VOCABULARY_FILE = "vocabularies.csv"
VOCABULARY_COLUMNS = ("scheme", "code", "label", "definition", "broader", "source")


class VocabularyError(ValueError):
    """Raised when the vocabulary file is missing, unreadable or contradicts itself."""


def inside(words: object) -> str:
    """Return words as they stand inside a sentence: begun small unless they begin with an abbreviation.

    Examples
    --------
    >>> inside("Legal, IP and compliance"), inside("IT")
    ('legal, IP and compliance', 'IT')
    """
    text = str(words)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


@dataclass(frozen=True)
class Term:
    """One code of one scheme, with what a reader is told about it.

    Attributes
    ----------
    scheme, code : str
        Key of the term, e.g. ``support_type`` and ``grant``.
    label, definition : str
        What is shown in place of the code, and one sentence that says what it means.
    broader : str
        Code of the wider term (of the same scheme, or of the group scheme); empty when there is none.
    source : str
        Where the term comes from; ``project convention`` where no published scheme is behind it.
    """

    scheme: str
    code: str
    label: str
    definition: str
    broader: str
    source: str


@dataclass(frozen=True)
class Vocabulary:
    """Every code list of the project, in the order in which codes are shown.

    Attributes
    ----------
    terms : mapping of str to mapping of str to Term
        Scheme, then code; both in file order.
    sha256 : str
        Hash of the file the terms were read from.
    """

    terms: Mapping[str, Mapping[str, Term]]
    sha256: str = ""

    @cached_property
    def schemes(self) -> tuple[str, ...]:
        """Return the names of all schemes, in file order."""
        return tuple(self.terms)

    def codes(self, scheme: str) -> tuple[str, ...]:
        """Return the codes of a scheme in the order in which they are shown.

        Raises
        ------
        VocabularyError
            If there is no such scheme.
        """
        return tuple(self._scheme(scheme))

    def label(self, scheme: str, code: str) -> str:
        """Return the label of a code; an unlisted code is returned as it stands, so that nothing is hidden."""
        term = self._scheme(scheme).get(code)
        return term.label if term else str(code)

    def label_inside(self, scheme: str, code: str) -> str:
        """Return the label of a code as it stands inside a sentence: begun small unless it begins with an abbreviation.

        Examples
        --------
        >>> terms = {"law": Term("s", "law", "Legal, IP and compliance", "", "", ""), "it": Term("s", "it", "IT", "", "", "")}
        >>> Vocabulary({"s": terms}).label_inside("s", "law"), Vocabulary({"s": terms}).label_inside("s", "it")
        ('legal, IP and compliance', 'IT')
        """
        return inside(self.label(scheme, code))

    def labels(self, scheme: str) -> dict[str, str]:
        """Return code → label for a whole scheme, in order."""
        return {code: term.label for code, term in self._scheme(scheme).items()}

    def definition(self, scheme: str, code: str) -> str:
        """Return the sentence that says what a code means, or an empty string for an unlisted code."""
        term = self._scheme(scheme).get(code)
        return term.definition if term else ""

    def broader(self, scheme: str, code: str) -> str:
        """Return the code of the wider term, or an empty string."""
        term = self._scheme(scheme).get(code)
        return term.broader if term else ""

    def ancestors(self, scheme: str, code: str) -> tuple[str, ...]:
        """Return a code and all its wider terms, nearest first.

        Examples
        --------
        >>> wine = Term("sector", "wine", "Wine", "", "agrofood", "")
        >>> food = Term("sector", "agrofood", "Food", "", "", "")
        >>> Vocabulary({"sector": {"wine": wine, "agrofood": food}}).ancestors("sector", "wine")
        ('wine', 'agrofood')
        """
        chain: list[str] = []
        while code and code not in chain:
            chain.append(code)
            code = self.broader(scheme, code)
        return tuple(chain)

    def order(self, scheme: str, code: str) -> int:
        """Return the position of a code in its scheme; unlisted codes come last."""
        codes = self.codes(scheme)
        return codes.index(code) if code in codes else len(codes)

    def in_language(self, language: str) -> Vocabulary:
        """Return the same code lists with labels and definitions in another language, English where it has none."""
        if language == ENGLISH:
            return self
        terms = {
            scheme: MappingProxyType(
                {
                    code: replace(
                        term,
                        label=translation(language, scheme, term.label) or term.label,
                        definition=translation(language, scheme, term.definition) or term.definition,
                    )
                    for code, term in codes.items()
                }
            )
            for scheme, codes in self.terms.items()
        }
        return Vocabulary(MappingProxyType(terms), self.sha256)

    def _scheme(self, scheme: str) -> Mapping[str, Term]:
        try:
            return self.terms[scheme]
        except KeyError:
            known = ", ".join(self.terms)
            raise VocabularyError(f"no vocabulary is called '{scheme}'. Known: {known}.") from None


def load_vocabulary(common: Path) -> Vocabulary:
    """Return the vocabulary kept in the folder `common`.

    Parameters
    ----------
    common : Path
        Folder ``parameters/_common``, which holds ``vocabularies.csv`` with the columns scheme, code,
        label, definition, broader and source; key (scheme, code).

    Raises
    ------
    VocabularyError
        If the file is missing, is not UTF-8, lacks a column, or lists a code of a scheme twice.
    """
    path = common / VOCABULARY_FILE
    if path.is_dir():
        raise VocabularyError(f"{path.name}: a folder, not a file")
    try:
        return _parsed(path.read_bytes(), path.name)
    except FileNotFoundError:
        raise VocabularyError(f"{path.name}: the file is missing from {common.name}/") from None


@functools.lru_cache(maxsize=2)
def _parsed(raw: bytes, name: str) -> Vocabulary:
    """Return what a file of vocabularies says; each pack of a comparison is read with the same."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VocabularyError(f"{name}: not UTF-8 (byte {error.start})") from None
    reader = csv.DictReader(text.splitlines(keepends=True))
    missing = [column for column in VOCABULARY_COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise VocabularyError(f"{name}:1: missing column {', '.join(missing)}")
    terms: dict[str, dict[str, Term]] = {}
    for row in reader:
        term = Term(**{column: (row[column] or "").strip() for column in VOCABULARY_COLUMNS})
        scheme = terms.setdefault(term.scheme, {})
        if term.code in scheme:
            raise VocabularyError(
                f"{name}:{reader.line_num}: '{term.code}' is listed twice in scheme '{term.scheme}'"
            )
        scheme[term.code] = term
    frozen = MappingProxyType({scheme: MappingProxyType(codes) for scheme, codes in terms.items()})
    return Vocabulary(frozen, hashlib.sha256(raw).hexdigest())
