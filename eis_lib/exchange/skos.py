"""The code lists as SKOS concept schemes, in every language that has labels."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD

from eis_lib.exchange.rdf import BASE, EIS, Format, concept, new_graph, scheme_address, write_graph
from eis_lib.language.messages import TRANSLATED, translation
from eis_lib.pack.saving import write_atomically
from eis_lib.pack.vocabulary import VOCABULARY_FILE, Term, load_vocabulary

DRAFT = (
    "Labels and definitions other than the English ones are draft translations, to be checked by a speaker."
)


def export_skos(common: Path, path: Path, form: Format = Format.TURTLE) -> None:
    """Write every code list as SKOS.

    One ``skos:ConceptScheme`` per scheme and one ``skos:Concept`` per code, with its label and definition, the code
    as ``skos:notation``, its place in the list as ``eis:position``, and the wider code. Labels and definitions are there
    in English and in every language whose catalogue has them.

    Parameters
    ----------
    common : Path
        Folder ``parameters/_common``.
    path : Path
        The file to write.
    form : Format

    Raises
    ------
    VocabularyError
        If the vocabularies cannot be read.
    """
    write_atomically(path, write_graph(skos_graph(common), form))


def skos_graph(common: Path) -> Graph:
    """Return every code list as a graph; see :func:`export_skos`."""
    vocabulary = load_vocabulary(common)
    with (common / VOCABULARY_FILE).open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    graph = new_graph()
    for place, row in enumerate(rows, start=1):
        scheme, code = row["scheme"].strip(), row["code"].strip()
        list_node = URIRef(scheme_address(scheme).rstrip("/"))
        node = concept(scheme, code)
        graph.bind(scheme, scheme_address(scheme))
        graph.add((list_node, RDF.type, SKOS.ConceptScheme))
        graph.add((list_node, DCTERMS.identifier, Literal(scheme)))
        graph.add((list_node, SKOS.prefLabel, Literal(scheme.replace("_", " ").capitalize(), lang="en")))
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.inScheme, list_node))
        graph.add((node, SKOS.notation, Literal(code)))
        graph.add((node, SKOS.prefLabel, Literal(row["label"].strip(), lang="en")))
        graph.add((node, EIS.position, Literal(place, datatype=XSD.integer)))
        for text, kind in ((row["definition"], SKOS.definition), (row["source"], DCTERMS.source)):
            if text and text.strip():
                graph.add((node, kind, Literal(text.strip(), lang="en" if kind == SKOS.definition else None)))
        _add_broader(graph, list_node, node, scheme, row["broader"].strip(), vocabulary.terms)
        for language in TRANSLATED:
            for text, kind in ((row["label"], SKOS.prefLabel), (row["definition"], SKOS.definition)):
                if said := translation(language, scheme, (text or "").strip()):
                    graph.add((node, kind, Literal(said, lang=language)))
                    graph.add((list_node, SKOS.editorialNote, Literal(DRAFT, lang="en")))
    everything = URIRef(f"{BASE}code")
    graph.add((everything, RDF.type, EIS.CodeLists))
    graph.add((everything, EIS.sha256, Literal(vocabulary.sha256)))
    return graph


def _add_broader(
    graph: Graph,
    list_node: URIRef,
    node: URIRef,
    scheme: str,
    broader: str,
    terms: Mapping[str, Mapping[str, Term]],
) -> None:
    """Link a code to the wider one: of the list of groups (``barrier_group``) where there is one, else of its own."""
    groups = f"{scheme}_group"
    if broader and groups not in terms and broader in terms[scheme]:
        graph.add((node, SKOS.broader, concept(scheme, broader)))
        graph.add((concept(scheme, broader), SKOS.narrower, node))
        return
    graph.add((node, SKOS.topConceptOf, list_node))
    graph.add((list_node, SKOS.hasTopConcept, node))
    if broader in terms.get(groups, {}):
        graph.add((node, SKOS.broadMatch, concept(groups, broader)))
