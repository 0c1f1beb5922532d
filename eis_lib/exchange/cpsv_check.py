"""What keeps a graph from being CPSV-AP 3.2: checked against its shapes, and said in words."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from rdflib import Graph, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS
from rdflib.term import Node

from eis_lib.pack.schema import Fault

# --- checking --------------------------------------------------------------------------------------------------


@cache
def _shapes() -> Graph:
    text = files("eis_lib.exchange").joinpath("shapes.ttl").read_text("utf-8")
    return Graph().parse(data=text, format="turtle")


def check_graph(graph: Graph, file: str) -> list[Fault]:
    """Return what keeps a graph from being CPSV-AP 3.2, in words; an empty list means that it conforms.

    Method: SHACL (pyshacl, no inference) with ``shapes.ttl``, written from the specification's cardinalities.

    Parameters
    ----------
    graph : Graph
    file : str
        How the file is named in a fault.
    """
    conforms, report, _text = shacl_report(graph)
    if conforms:
        return []
    sh = "http://www.w3.org/ns/shacl#"
    faults = set()
    for result in report.subjects(RDF.type, URIRef(f"{sh}ValidationResult")):
        get = {
            name: report.value(result, URIRef(sh + name))
            for name in ("focusNode", "sourceShape", "sourceConstraintComponent", "value")
        }
        shape = get["sourceShape"]
        name = str(_shapes().value(shape, URIRef(f"{sh}name")) or "property")
        allowed = str(_shapes().value(shape, URIRef(f"{sh}description")) or "see docs/cpsv-ap.md")
        rule = str(get["sourceConstraintComponent"]).removeprefix(sh).removesuffix("ConstraintComponent")
        value = f"'{get['value']}'"
        holds = {
            "MinCount": f"has no {name}",
            "MaxCount": f"has a {name} that it must not have" if allowed.startswith("none") else f"has more than one {name}",
            "Class": f"has the {name} {value}, which is not of the class asked for",
            "Datatype": f"has the {name} {value}, which has no language tag or is of another type",
            "UniqueLang": f"has two values of {name} in one language",
        }.get(rule, f"breaks the rule on {name}")  # fmt: skip
        faults.add(Fault(file, 0, _called(graph, get["focusNode"]), holds, allowed))
    return sorted(faults)


def shacl_report(graph: Graph) -> tuple[bool, Graph, str]:
    """Return whether a graph conforms to ``shapes.ttl``, the SHACL report as a graph, and as text."""
    import pyshacl

    conforms, report, text = pyshacl.validate(graph, shacl_graph=_shapes(), inference="none")
    return bool(conforms), report, str(text)


def _called(graph: Graph, node: Node | None) -> str:
    """Return how a reader knows a node: its class, identifier and name."""
    kinds = sorted(
        str(kind).rstrip("/").split("/")[-1].split("#")[-1] for kind in graph.objects(node, RDF.type)
    )
    names = ("PublicService", "SupportService", "PublicOrganisation", "Organization")
    kind = next((name for name in names if name in kinds), kinds[0] if kinds else "node")
    identifier = graph.value(node, DCTERMS.identifier) or node
    title = graph.value(node, DCTERMS.title) or graph.value(node, SKOS.prefLabel)
    return f"{kind} '{identifier}'" + (f" ({title})" if title and str(title) != str(identifier) else "")
