"""What the exports to linked data share: addresses, how a code is described, and one way to write a graph."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, SKOS, XSD
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from eis_lib.pack.vocabulary import Vocabulary

BASE = "https://www.interregeurope.eu/eis/"
"""The project's own name space. Its addresses are names; nothing is promised to be found at them."""

EIS = Namespace(f"{BASE}ns#")
CPSV = Namespace("http://purl.org/vocab/cpsv#")
CV = Namespace("http://data.europa.eu/m8g/")
ADMS = Namespace("http://www.w3.org/ns/adms#")

PREFIXES: Mapping[str, str] = {
    "adms": str(ADMS),
    "cpsv": str(CPSV),
    "cv": str(CV),
    "dct": "http://purl.org/dc/terms/",
    "eis": str(EIS),
    "foaf": "http://xmlns.com/foaf/0.1/",
    "nuts": "http://data.europa.eu/nuts/code/",
    "org": "http://www.w3.org/ns/org#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


class Format(StrEnum):
    """How a graph is written; the value is the end of the file's name."""

    TURTLE = "ttl"
    JSONLD = "jsonld"


def scheme_address(scheme: str) -> str:
    """Return the address under which the codes of a scheme stand.

    Examples
    --------
    >>> scheme_address("support_type")
    'https://www.interregeurope.eu/eis/code/support_type/'
    """
    return f"{BASE}code/{quote(scheme, safe='')}/"


def concept(scheme: str, code: str) -> URIRef:
    """Return the address of a code.

    Examples
    --------
    >>> concept("sector", "wine-and-drinks")
    rdflib.term.URIRef('https://www.interregeurope.eu/eis/code/sector/wine-and-drinks')
    """
    return URIRef(scheme_address(scheme) + quote(code, safe=""))


def describe_concept(graph: Graph, vocabulary: Vocabulary, scheme: str, code: str) -> URIRef:
    """Add what a reader of the graph needs to know of a code, and return its address."""
    node = concept(scheme, code)
    graph.add((node, RDF.type, SKOS.Concept))
    graph.add((node, SKOS.prefLabel, Literal(vocabulary.label(scheme, code), lang="en")))
    graph.add((node, SKOS.notation, Literal(code)))
    graph.add((node, SKOS.inScheme, URIRef(scheme_address(scheme).rstrip("/"))))
    graph.bind(scheme, scheme_address(scheme))
    return node


def new_graph() -> Graph:
    """Return an empty graph with our prefixes and no others."""
    graph = Graph(bind_namespaces="none")
    for prefix, address in PREFIXES.items():
        graph.bind(prefix, address)
    return graph


def write_graph(graph: Graph, form: Format) -> bytes:
    """Return the text of a graph without blank nodes; the same graph gives the same bytes.

    JSON-LD carries its own short context, so that no reader has to fetch one.
    """
    if form is Format.TURTLE:
        stream = io.BytesIO()
        _Turtle(graph).serialize(stream, encoding="utf-8")
        return stream.getvalue()
    context = {prefix: str(address) for prefix, address in graph.namespaces()}
    text = graph.serialize(format="json-ld", context=context, auto_compact=False)
    return (
        json.dumps(_sorted(json.loads(text)), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    ).encode()


class _Turtle(TurtleSerializer):
    """Turtle with what a reader looks for at the top, and prices as 600 rather than 6e+02."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self.topClasses = [
            EIS.RegionPack, CPSV.PublicService, EIS.SupportService, CV.PublicOrganisation, SKOS.ConceptScheme,
        ]  # fmt: skip

    def label(self, node: Node, position: int) -> str:
        """Return how a node is written."""
        if isinstance(node, Literal) and node.datatype in {XSD.double, XSD.decimal}:
            return f'"{node}"^^xsd:{str(node.datatype).split("#")[1]}'
        return str(super().label(node, position))


def _sorted(value: Any) -> Any:
    """Return JSON-LD with its sets in one order: rdflib leaves them in the order of a hash."""
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value
