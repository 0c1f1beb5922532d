"""A CPSV-AP 3.2 file read into the tables of a pack, and any such graph held to the specification.

The counterpart of :mod:`eis_lib.exchange.cpsv`; see ``docs/cpsv-ap.md`` for the terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, ORG, RDF, SKOS
from rdflib.term import Node

from eis_lib.exchange.cpsv_check import check_graph
from eis_lib.exchange.cpsv_terms import (
    ATU,
    CARRIED,
    ISO_639,
    LANGUAGES,
    LAYERS,
    NUTS,
    REGION_KEYS,
    REQUIREMENTS,
    SIMPLE,
    in_order,
    own_term,
    plain_number,
)
from eis_lib.exchange.rdf import ADMS, BASE, CPSV, CV, EIS, scheme_address
from eis_lib.exchange.rdf_reading import read_graph
from eis_lib.exchange.understood import Reading, Understood
from eis_lib.pack.checks import check_cells, check_references
from eis_lib.pack.schema import ID_PATTERN, LIST_SEPARATOR, Column, Fault, TableSchema, split_list
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary

# --- in --------------------------------------------------------------------------------------------------------


def import_cpsv(path: Path, vocabulary: Vocabulary) -> Understood:
    """Return what a CPSV-AP file says, without writing anything; nothing is fetched.

    Our own export comes back row by row, but for the rows of layers, which are no region's. Another catalogue is read as far as its terms go: what our tables need and
    it does not say is a fault for each service, what it says and our tables do not hold is named as left out.

    Parameters
    ----------
    path : Path
        ``.ttl``, or ``.jsonld`` / ``.json``. The published CPSV-AP context is known; no other context is fetched.
    vocabulary : Vocabulary

    Raises
    ------
    ValueError
        If the file is neither, cannot be read, or holds no service and no organisation.
    """
    graph = read_graph(path)
    reader = _Reader(graph, path.name, vocabulary)
    reader.read()
    found = reader.found
    if not any(found.tables.values()):
        raise ValueError(f"{path.name}: holds no cpsv:PublicService and no cv:PublicOrganisation")
    faults = check_graph(graph, path.name)
    found.conforms_to = "" if faults else "the shapes of CPSV-AP 3.2"
    nameless = {fault.column.split("'")[1] for fault in faults if fault.holds == "has no competent authority"}
    found.faults = faults + [
        fault
        for fault in reader.check()
        # one thing wrong is said once
        if not (fault.column.endswith("' provider_id") and fault.column.split("'")[1] in nameless)
    ]
    return found


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


READ_CLASSES = {
    CPSV.PublicService, EIS.SupportService, CV.PublicOrganisation, ORG.Organization, FOAF.Agent, EIS.Referral, EIS.RegionPack, EIS.Layer,
    CV.Participation, CV.BusinessEvent, CV.Event, CV.Channel, CV.Cost, CV.Requirement, CV.Evidence, SKOS.Concept,
    SKOS.ConceptScheme, DCTERMS.LinguisticSystem, DCTERMS.Location, ATU,
}  # fmt: skip


@dataclass
class _Reader:
    """Reads the tables of one graph."""

    graph: Graph
    file: str
    vocabulary: Vocabulary
    found: Understood = field(default_factory=Understood)

    def read(self) -> None:
        """Read everything."""
        self.used: set[tuple[str, Node]] = set()
        self.left: Counter[str] = Counter()
        self.home = ""
        services = self._of(CPSV.PublicService, EIS.SupportService)
        bodies = self._of(CV.PublicOrganisation, ORG.Organization)
        bodies += [
            node
            for node in sorted(set(self.graph.objects(None, CV.hasCompetentAuthority)) - set(bodies), key=str)
            if (node, None, None) in self.graph
        ]
        self._read_region()
        services, bodies = (self._not_lent(nodes) for nodes in (services, bodies))
        self.keys: dict[str, dict[Node, str]] = {
            "providers": self._keys(bodies, "providers", (DCTERMS.title, SKOS.prefLabel)),
            "services": self._keys(services, "services", (DCTERMS.title,)),
        }
        self.found.tables["providers"] = [self._read_provider(node) for node in bodies]
        self.found.tables["services"] = [self._read_service(node) for node in services]
        referrals = [self._read_row("referrals", node, {}) for node in self._of(EIS.Referral)]
        if referrals:
            self.found.tables["referrals"] = referrals
        self.found.sheets = {name: name for name in CARRIED if self.found.tables.get(name)}
        for node in [*services, *bodies]:
            for predicate in set(self.graph.predicates(node)) - {RDF.type}:
                if (str(predicate), node) not in self.used:
                    self.left[self._short(predicate)] += 1
        for kind in set(self.graph.objects(None, RDF.type)) - READ_CLASSES:
            self.left[f"class {self._short(kind)}"] += len(set(self.graph.subjects(RDF.type, kind)))
        self.found.left_out += [f"{name} ({count} times)" for name, count in sorted(self.left.items())]

    def check(self) -> list[Fault]:
        """Return the faults of the tables read, in the words of ``eis check``."""
        faults = []
        keys = {
            name: [row.get(PACK_TABLES[name].key[0], "") for row in rows]
            for name, rows in self.found.tables.items()
        }
        for table_name, key in self._places_in_layers():
            if table_name in keys:
                keys[table_name].append(key)
        for name, rows in self.found.tables.items():
            table = PACK_TABLES[name]
            raw = pd.DataFrame(
                [[row.get(column.name, "") for column in table.columns] for row in rows],
                columns=[column.name for column in table.columns],
                dtype="str",
            )
            for fault in sorted(
                [*check_cells(table, raw, self.vocabulary, name), *check_references(table, raw, keys, name)]
            ):
                row = " → ".join(rows[fault.row - 2].get(part, "") for part in table.key)
                place = f"{name} '{row}' {fault.column}"
                faults.append(Fault(self.file, 0, place, fault.holds, fault.allowed, fault.nearest))
        return faults

    # --- finding things

    def _of(self, *kinds: URIRef) -> list[Node]:
        """Return the nodes of some classes in the order of their rows, then of their identifiers."""
        nodes = {node for kind in kinds for node in self.graph.subjects(RDF.type, kind)}

        def place(node: Node) -> tuple[int, str, str]:
            row = self.graph.value(node, EIS.row)
            number = int(str(row)) if row is not None and str(row).isdigit() else 10**9
            return number, str(self.graph.value(node, DCTERMS.identifier) or ""), str(node)

        return sorted(nodes, key=place)

    def _objects(self, node: Node, predicate: URIRef) -> list[Node]:
        self.used.add((str(predicate), node))
        return sorted(self.graph.objects(node, predicate), key=str)

    def _places_in_layers(self) -> Iterator[tuple[str, str]]:
        """Yield table and key of each row of a layer that the graph names, whether it describes it or not."""
        for node in self.graph.all_nodes():
            parts = str(node).removeprefix(LAYERS).split("/")
            if str(node).startswith(LAYERS) and len(parts) == len(("layer", "table", "key")):
                yield parts[1], parts[2]

    def _not_lent(self, nodes: Sequence[Node]) -> list[Node]:
        """Return the nodes that are of no layer; count the others as left out."""
        own = []
        for node in nodes:
            layer = self.graph.value(node, EIS.layer)
            if layer is None:
                own.append(node)
            else:
                self.left[f"rows of the layer '{self._short(layer)}', which are not the region's"] += 1
        return own

    def _text(self, node: Node, predicate: URIRef, prefer: str = "en") -> str:
        """Return a text in the language preferred, or in the first there is."""
        texts = [text for text in self._objects(node, predicate) if isinstance(text, Literal)]
        texts.sort(key=lambda text: (text.language != prefer, text.language or "", str(text)))
        for other in texts[1:]:
            self.left[f"{self._short(predicate)} in '{other.language or 'no language'}'"] += 1
        return str(texts[0]).strip() if texts else ""

    def _short(self, node: Node) -> str:
        return re.split(r"[/#]", str(node).rstrip("/#"))[-1] or str(node)

    def _reading(self, row: str, holds: str, read_as: str) -> None:
        self.found.readings.append(Reading(self.file, row, holds, read_as))

    def _keys(self, nodes: Sequence[Node], table: str, names: Sequence[URIRef]) -> dict[Node, str]:
        """Return the key of each node: its identifier where it is one of ours, else one made of its name."""
        keys: dict[Node, str] = {}
        for node in nodes:
            given = self._text(node, DCTERMS.identifier)
            key = given
            if not ID_PATTERN.fullmatch(key) or key in keys.values():
                name = next((text for property_ in names if (text := self._text(node, property_))), "")
                stem = _fold(given)[:60] or _fold(name)[:60] or _fold(self._short(node)) or table.rstrip("s")
                key = stem
                number = 1
                while key in keys.values():
                    number += 1
                    key = f"{stem}-{number}"
                self._reading(f"{table} {node}", given or name or str(node), f"key {key}")
            keys[node] = key
        return keys

    def _code(self, node: Node, schemes: Sequence[str]) -> tuple[str, str] | None:
        """Return scheme and code of a concept, by its address or else by its words; None where it is neither."""
        for scheme in schemes:
            if str(node).startswith(scheme_address(scheme)):
                return scheme, unquote(str(node).removeprefix(scheme_address(scheme)))
        if str(node).startswith(f"{BASE}code/"):
            return None
        words = [str(node)] if isinstance(node, Literal) else []
        for predicate in (SKOS.prefLabel, SKOS.altLabel, SKOS.notation, DCTERMS.title, DCTERMS.identifier):
            words += [str(text) for text in self.graph.objects(node, predicate)]
        for scheme in schemes:
            for word in words:
                for code, label in self.vocabulary.labels(scheme).items():
                    if _fold(word) in {_fold(code), _fold(label)}:
                        return scheme, code
        return None

    def _codes(self, key: str, nodes: Iterable[Node], schemes: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield scheme and code of each concept; what is none of our codes is left out and counted."""
        for node in nodes:
            found = self._code(node, schemes)
            if found is None:
                if not str(node).startswith(f"{BASE}code/"):
                    self.left[f"code {self._short(node)}, which is none of {', '.join(schemes)}"] += 1
                continue
            if not str(node).startswith(BASE):
                self._reading(f"services {key}", self._short(node), f"{found[0]} {found[1]}")
            yield found

    # --- the region

    def _read_region(self) -> None:
        for node in self._of(EIS.RegionPack)[:1]:
            area = next(iter(self._objects(node, DCTERMS.spatial)), None)
            self.home = self._area(area) if area is not None else ""
            profile: dict[str, Any] = {"name": self._text(node, DCTERMS.title), "nuts_code": self.home}
            first = self._objects(node, EIS.firstLanguage)
            others = [language for language in self._objects(node, DCTERMS.language) if language not in first]
            profile["languages"] = [self._language(language) for language in [*first, *others]]
            profile["layers"] = sorted(self._short(layer) for layer in self._objects(node, EIS.hasLayer))
            for name in REGION_KEYS:
                profile[name] = self._text(node, own_term(name))
            self.found.profile = {name: value for name, value in profile.items() if value}

    def _area(self, node: Node) -> str:
        return self._text(node, DCTERMS.identifier) or (
            str(node).removeprefix(NUTS) if str(node).startswith(NUTS) else ""
        )

    def _language(self, node: Node) -> str:
        code = self._text(node, DCTERMS.identifier).lower()
        letters = str(node).removeprefix(LANGUAGES)
        return code or next((two for two, three in ISO_639.items() if three == letters), self._short(node))

    # --- rows

    def _read_provider(self, node: Node) -> dict[str, str]:
        labels = [text for text in self._objects(node, SKOS.prefLabel) if isinstance(text, Literal)]
        titles = [text for text in self._objects(node, DCTERMS.title) if isinstance(text, Literal)]
        others = [
            text
            for text in self._objects(node, SKOS.altLabel)
            if isinstance(text, Literal) and text.language == "und"
        ]
        english = next((str(text) for text in [*labels, *titles] if text.language == "en"), "")
        own = next((str(text) for text in [*others, *labels] if text.language != "en"), "")
        key = self.keys["providers"][node]
        if not (english and own) and not others:
            self._reading(f"providers {key}", english or own, "name and name_en")
        for text in labels:
            if text.language != "en" and str(text) != own:
                self.left[f"prefLabel in '{text.language or 'no language'}'"] += 1
        cells = {"provider_id": key, "name": own or english, "name_en": english or own}
        self._objects(node, DCTERMS.spatial)
        return self._read_row("providers", node, cells)

    def _read_service(self, node: Node) -> dict[str, str]:
        key = self.keys["services"][node]
        cells = {
            "service_id": key,
            "name": self._text(node, DCTERMS.title),
            "description": self._text(node, DCTERMS.description),
            **self._bodies(node, key),
        }
        lists = self._lists(node, key)
        cells.update(self._offer(node, key))
        schema = PACK_TABLES["services"].by_name
        for name, items in lists.items():
            cells[name] = LIST_SEPARATOR.join(in_order(dict.fromkeys(items), schema[name], self.vocabulary))
        for predicate in (ADMS.status, EIS.authorityBasis, CV.relatedService):
            self._objects(node, predicate)
        row = self._read_row("services", node, cells)
        if row.get("territory") == self.home and "territory" not in self._written(node):
            row["territory"] = ""
        return {name: text for name, text in row.items() if text}

    def _lists(self, node: Node, key: str) -> dict[str, list[str]]:
        """Return the cells of a service that hold several codes or words."""
        schema = PACK_TABLES["services"].by_name
        lists: dict[str, list[str]] = {name: [] for name, home in SIMPLE.items() if home == CV.isClassifiedBy}
        for event in self._objects(node, CV.isGroupedBy):
            kinds = sorted(self.graph.objects(event, DCTERMS.type), key=str) or [event]
            lists.setdefault("journey_stages", []).extend(
                code for _scheme, code in self._codes(key, kinds, ["journey_stage"])
            )
        classes = {schema[name].scheme: name for name, home in SIMPLE.items() if home == CV.isClassifiedBy}
        for scheme, code in self._codes(key, self._objects(node, CV.isClassifiedBy), list(classes)):
            lists.setdefault(classes[scheme], []).append(code)
        columns = {schema[name].scheme: name for name in REQUIREMENTS}
        for requirement in self._objects(node, CV.holdsRequirement):
            admitted = sorted(self.graph.objects(requirement, EIS.admits), key=str)
            if not admitted:
                self.left[f"requirement '{self._text(requirement, DCTERMS.title)}'"] += 1
            for scheme, code in self._codes(key, admitted, list(columns)):
                lists.setdefault(columns[scheme], []).append(code)
        lists["languages"] = [self._language(language) for language in self._objects(node, DCTERMS.language)]
        inputs = [
            (self._text(item, DCTERMS.identifier), self._text(item, DCTERMS.title))
            for item in self._objects(node, CPSV.hasInput)
        ]
        lists["evidence_required"] = [
            title for _place, title in sorted(inputs, key=lambda pair: _natural(pair[0]))
        ]
        return lists

    def _offer(self, node: Node, key: str) -> dict[str, str]:
        """Return how a service is to be had: channel, cost, time and place."""
        cells: dict[str, str] = {}
        for channel in self._objects(node, CV.hasChannel):
            for _scheme, code in self._codes(key, self.graph.objects(channel, DCTERMS.type), ["channel"]):
                cells.setdefault("channel", code)
        for cost in self._objects(node, CV.hasCost):
            for _scheme, code in self._codes(key, self.graph.objects(cost, EIS.costToSme), ["cost_to_sme"]):
                cells["cost_to_sme"] = code
            cells.update(self._price(cost))
        for duration in self._objects(node, CV.processingTime):
            cells["processing_days"] = _days(str(duration))
            if not cells["processing_days"]:
                self.left[f"processing time {duration}, which has no fixed number of days"] += 1
        areas = [code for area in self._objects(node, DCTERMS.spatial) if (code := self._area(area))]
        cells["territory"] = areas[0] if len(areas) == 1 else ""
        return cells

    def _price(self, cost: Node) -> dict[str, str]:
        currency = next((self._short(node) for node in self.graph.objects(cost, CV.currency)), "EUR")
        for value in self.graph.objects(cost, CV.hasValue):
            if currency != "EUR":
                self.left[f"price in {currency}"] += 1
                continue
            try:
                return {"price_eur": plain_number(str(value))}
            except InvalidOperation:
                return {"price_eur": str(value)}
        return {}

    def _bodies(self, node: Node, key: str) -> dict[str, str]:
        """Return who provides a service: its participants by role, else its competent authorities."""
        known = self.keys["providers"]
        authorities = [
            known.get(body, self._short(body)) for body in self._objects(node, CV.hasCompetentAuthority)
        ]
        roles: dict[str, list[str]] = {"provider": [], "co-provider": []}
        for participation in self._objects(node, CV.hasParticipation):
            named = [self._short(role) for role in self.graph.objects(participation, CV.role)]
            role = next((name for name in named if name in roles), "")
            for body in sorted(self.graph.objects(participation, CV.hasParticipant), key=str):
                if role:
                    roles[role].append(known.get(body, self._short(body)))
                else:
                    self.left[f"participation as {', '.join(sorted(named)) or 'unknown role'}"] += 1
        provider = next(iter([*roles["provider"], *authorities]), "")
        others = roles["co-provider"]
        if not roles["provider"] and len(authorities) > 1:
            others = [*others, *authorities[1:]]
            self._reading(
                f"services {key}", ", ".join(authorities), f"provider {provider}, the others co-providers"
            )
        return {"provider_id": provider, "co_providers": LIST_SEPARATOR.join(sorted(dict.fromkeys(others)))}

    def _written(self, node: Node) -> dict[str, str]:
        pairs = (str(text).partition("=") for text in self._objects(node, EIS.asWritten))
        return {name: cell for name, _sign, cell in pairs}

    def _read_row(self, table: str, node: Node, cells: Mapping[str, str]) -> dict[str, str]:
        """Return a row: the cells already read, and every column that stands under one property."""
        schema, row = PACK_TABLES[table], dict(cells)
        self._objects(node, EIS.row)
        for column in schema.columns:
            if column.name not in cells:
                row[column.name] = self._read_cell(schema, column, node, row.get("service_id", ""))
        for name, cell in self._written(node).items():
            if name in schema.by_name and self._says_the_same(schema.by_name[name], cell, row.get(name, "")):
                row[name] = cell
        return {column.name: row[column.name] for column in schema.columns if row.get(column.name)}

    def _read_cell(self, schema: TableSchema, column: Column, node: Node, key: str) -> str:
        home = SIMPLE.get(column.name) if schema.name == "services" else None
        values = self._objects(node, home or own_term(column.name))
        if home == DCTERMS.requires:
            values += self._objects(node, EIS.requires)
        if column.kind == "code":
            items = [code for _scheme, code in self._codes(key, values, [column.scheme])]
        elif column.kind == "reference":
            items = [self.keys[column.table].get(value, self._short(value)) for value in values]
        elif column.kind in {"number", "integer"}:
            items = [plain_number(str(value)) if _is_decimal(str(value)) else str(value) for value in values]
        else:
            items = [str(value) for value in values]
        if column.many:
            return LIST_SEPARATOR.join(in_order(dict.fromkeys(items), column, self.vocabulary))
        return items[0] if items else ""

    def _says_the_same(self, column: Column, written: str, read: str) -> bool:
        """Return whether a cell as written still says what the graph says: else somebody edited the graph."""
        if column.many:
            return sorted(split_list(written)) == sorted(split_list(read))
        if column.kind in {"number", "integer"}:
            return _is_decimal(written) and _is_decimal(read) and _same_number(written, read)
        return written == read


def _same_number(written: str, read: str) -> bool:
    return abs(Decimal(written) - Decimal(read)) <= abs(Decimal(written)) * Decimal("1e-15")


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _natural(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts evidence/2 before evidence/10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]


_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def _days(duration: str) -> str:
    """Return an ISO 8601 duration in days, or an empty string where it has months or years, which have no fixed length.

    Examples
    --------
    >>> _days("P2DT4H"), _days("P3D"), _days("P1M")
    ('2.1666666666666666666666666667', '3', '')
    """
    found = _DURATION.fullmatch(duration)
    if not found or not any(found.groups()):
        return ""
    weeks, days, hours, minutes, seconds = (Decimal(part or "0") for part in found.groups())
    return plain_number(str(weeks * 7 + days + hours / 24 + minutes / 1440 + seconds / 86400))
