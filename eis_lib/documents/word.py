"""Fill a Word template: text is data, pictures say what they show, and the same input gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eis_lib.language.messages import gettext, language_spoken, later, locale_of
from eis_lib.pack.saving import write_atomically

if TYPE_CHECKING:
    from docxtpl import DocxTemplate, RichText


TEMPLATES = Path(__file__).parent / "templates"
"""Where the project's own templates lie; ``develop/word_templates.py`` makes them."""

NOT_PUBLISHED = later("not published")
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OLDEST = (1980, 1, 1, 0, 0, 0)


class DocumentError(RuntimeError):
    """Raised when a document cannot be made: a template that is none, or results that are not there."""


@dataclass(frozen=True)
class Picture:
    """A picture of a document.

    Attributes
    ----------
    path : Path
        A PNG file; the picture is left out where there is none.
    says : str
        What it shows, in a sentence, for people who cannot see it.
    width_cm : float
    """

    path: Path
    says: str
    width_cm: float


@dataclass(frozen=True)
class Link:
    """A source: where it is, and its title."""

    title: str
    url: str


def clean(text: object) -> str:
    r"""Return a cell as one line that XML can hold; ``""`` where it is missing.

    Examples
    --------
    >>> clean(" a\x0b b\n<c> "), clean(float("nan")), clean(None)
    ('a b <c>', '', '')
    """
    if text is None or text != text:  # noqa: PLR0124 - NaN alone differs from itself
        return ""
    return " ".join(_FORBIDDEN.sub("", str(text)).split())


def published(text: object) -> str:
    """Return a cell, or the words for a missing one."""
    return clean(text) or not_published()


def not_published() -> str:
    """Return the words for what no source gives."""
    return gettext(NOT_PUBLISHED)


def with_fixed_times(content: bytes) -> bytes:
    """Return a ZIP archive with every part dated to the oldest day a ZIP knows, so that it depends on its parts alone."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = zipfile.ZipInfo(name, _OLDEST)
            part.compress_type, part.external_attr, part.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            new.writestr(part, old.read(name))
    return buffer.getvalue()


def write_document(
    path: Path,
    template: str,
    context: Mapping[str, Any],
    *,
    day: str,
    pictures: Mapping[str, Picture] | None = None,
    own_templates: Path | None = None,
) -> None:
    """Fill a template and write the document beside its place, then move it in.

    Parameters
    ----------
    path : Path
        The document to write.
    template : str
        Name of the template.
    context : mapping
        What the template asks for; text is escaped, a :class:`Link` becomes one.
    day : str
        ISO day that stands for its making in the properties: the day of the review, never the clock.
    pictures : mapping, optional
        Name in the template → picture.
    own_templates : Path, optional
        Folder of a region's own templates, which go before the project's.

    Raises
    ------
    DocumentError
        If the template is no Word document or asks for something nobody knows.
    """
    import jinja2
    from docx.opc.exceptions import OpcError
    from docxtpl import DocxTemplate
    from jinja2.sandbox import SandboxedEnvironment

    own = own_templates / f"{template}.docx" if own_templates else None
    source = own if own and own.is_file() else TEMPLATES / f"{template}.docx"
    environment = SandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)
    try:
        document = DocxTemplate(source)
        document.init_docx()
        tag = _speak(document)
        filled = {name: _filled(document, value) for name, value in context.items()}
        for name, picture in (pictures or {}).items():
            filled[name] = _inline(document, picture) if picture.path.is_file() else ""
        document.render({**filled, "language": tag}, environment, autoescape=True)
        stamp = dt.datetime.fromisoformat(day)
        properties = document.docx.core_properties
        properties.created = properties.modified = stamp
        properties.last_modified_by, properties.revision = "", 1
        buffer = io.BytesIO()
        document.save(buffer)
    except (jinja2.TemplateError, OpcError, zipfile.BadZipFile, SyntaxError, ValueError, KeyError) as error:
        raise DocumentError(f"the template {source.name} cannot be filled: {error}") from error
    write_atomically(path, with_fixed_times(buffer.getvalue()))


def _speak(document: DocxTemplate) -> str:
    """Put the fixed words of a template into the language spoken, and mark it so; return the tag of the language."""
    from docx.oxml.ns import qn

    for run in runs_with_words(document.docx):
        run.text = gettext(run.text)
    tag = locale_of(language_spoken()).replace("_", "-")
    for element in document.docx.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), tag)
    return tag


def runs_with_words(document: Any) -> Iterator[Any]:
    """Yield the runs of a template that hold fixed words, wherever they stand; they are messages of the catalogues.

    A region's own template speaks another language as far as it kept the project's words.
    """
    from docx.oxml.ns import qn
    from docx.text.run import Run

    section = document.sections[0]
    for part in (document.element.body, section.header._element, section.footer._element):  # noqa: SLF001
        for element in part.iter(qn("w:r")):
            run = Run(element, document)
            if re.search("[^\\W\\d_]", re.sub(r"{{.*?}}|{%.*?%}", "", run.text)):
                yield run


def _filled(document: DocxTemplate, value: Any) -> Any:
    if isinstance(value, Link):
        return _link(document, value)
    if isinstance(value, Mapping):
        return {key: _filled(document, item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(document, item) for item in value]
    return _FORBIDDEN.sub("", value) if isinstance(value, str) else value


def _link(document: DocxTemplate, link: Link) -> RichText:
    from docxtpl import RichText

    title, url = clean(link.title) or clean(link.url) or not_published(), clean(link.url)
    if re.match(r"https?://\S+$", url):
        return RichText(title, style="Hyperlink", url_id=document.build_url_id(url))
    return RichText(title)


def _inline(document: DocxTemplate, picture: Picture) -> Any:
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Cm
    from docxtpl import InlineImage

    class Described(InlineImage):
        """A picture in the line with its description."""

        def _insert_image(self) -> str:
            text = super()._insert_image()
            begin, end = text.index("<w:drawing>") + len("<w:drawing>"), text.index("</w:drawing>")
            drawing: Any = parse_xml(text[begin:end])
            drawing.find(qn("wp:docPr")).set("descr", clean(picture.says))
            from lxml import etree

            return f"{text[:begin]}{etree.tostring(drawing, encoding='unicode')}{text[end:]}"

    return Described(document, str(picture.path), width=Cm(picture.width_cm))
