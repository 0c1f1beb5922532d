"""A region's organisations, services and referrals as CPSV-AP 3.2 (JSON-LD, Turtle), and back.

``docs/cpsv-ap.md`` says which column stands under which term. A cell has one home in the graph: the property that
CPSV-AP gives it, or one of our own where CPSV-AP has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, FOAF, ORG, RDF, SKOS, XSD
from rdflib.term import Node

from eis_lib.exchange.cpsv_layers import ExportedLayer, layers_to_export, rows_to_export
from eis_lib.exchange.cpsv_terms import (
    ATU,
    CARRIED,
    CURRENCIES,
    EUROPE,
    ISO_639,
    LANGUAGES,
    LAYERS,
    NUTS,
    PUBLIC_KINDS,
    PUBLIC_LAW_CHAMBERS,
    REGION_KEYS,
    REQUIREMENTS,
    ROLES,
    SIMPLE,
    STATED,
    STATUSES,
    _split,
    in_order,
    own_term,
    plain_number,
)
from eis_lib.exchange.rdf import (
    ADMS,
    BASE,
    CPSV,
    CV,
    EIS,
    Format,
    concept,
    describe_concept,
    new_graph,
    scheme_address,
    write_graph,
)
from eis_lib.pack.folders import LAYERS_FOLDER
from eis_lib.pack.pack import load_pack
from eis_lib.pack.profile import RegionProfile
from eis_lib.pack.saving import write_atomically
from eis_lib.pack.schema import LIST_SEPARATOR, Column, Fault, split_list
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary

# --- out -------------------------------------------------------------------------------------------------------


def export_cpsv(folder: Path, path: Path, vocabulary: Vocabulary, form: Format) -> list[Fault]:
    """Write the organisations, services and referrals of a pack as CPSV-AP 3.2, those of its layers as the layers' own.

    A service behind which no public body is found is written as ``eis:SupportService``, not as a public service, and
    named in what is returned: nobody is made a competent authority by us.

    Parameters
    ----------
    folder : Path
        ``parameters/<region>``.
    path : Path
        The file to write; it is replaced at once or not at all.
    vocabulary : Vocabulary
    form : Format

    Returns
    -------
    list of Fault
        One for each service without a competent authority.

    Raises
    ------
    PackError
        If the pack has faults.
    """
    graph, faults = pack_graph(folder, vocabulary)
    write_atomically(path, write_graph(graph, form))
    return faults


def pack_graph(folder: Path, vocabulary: Vocabulary) -> tuple[Graph, list[Fault]]:
    """Return a pack as a CPSV-AP graph without blank nodes, and the services without a competent authority."""
    pack = load_pack(folder)
    rows = {table: rows_to_export(folder, pack, table) for table in (*CARRIED, "policies")}
    writer = _Writer(folder.name, pack.region, vocabulary, rows, layers_to_export(folder, pack.region.layers))
    writer.write()
    return writer.graph, writer.faults


def _is_public(provider: Mapping[str, str], country: str) -> bool:
    stated = provider.get("public_body", "")
    if stated:
        return stated == "yes"
    kind = provider.get("kind", "")
    return kind in PUBLIC_KINDS or (kind == "chamber" and country in PUBLIC_LAW_CHAMBERS)


@dataclass
class _Writer:
    """Builds the graph of one pack."""

    region: str
    profile: RegionProfile
    vocabulary: Vocabulary
    rows: Mapping[str, Sequence[Mapping[str, str]]]
    layers: Mapping[str, ExportedLayer]
    graph: Graph = field(default_factory=new_graph)
    faults: list[Fault] = field(default_factory=list)

    def write(self) -> None:
        """Add everything."""
        for name in ("provider", "service"):
            self.graph.bind(name, f"{BASE}id/{self.region}/{name}s/")
        self.providers = {row["provider_id"]: row for row in self.rows["providers"]}
        self.services = {row["service_id"]: row for row in self.rows["services"]}
        self.public = {key for key, row in self.providers.items() if _is_public(row, self.profile.country)}
        self.authorities = {key: self._authority(key, frozenset()) for key in self.services}
        self._write_region()
        for layer in self.layers:
            self._write_layer(layer)
        for number, row in enumerate(self.rows["providers"], start=1):
            self._write_provider(row, number)
        for number, row in enumerate(self.rows["services"], start=1):
            self._write_service(row, number)
        for number, row in enumerate(self.rows["referrals"], start=1):
            self._write_referral(row, number)

    def _add(self, subject: URIRef, predicate: URIRef, value: Node) -> None:
        self.graph.add((subject, predicate, value))

    def _text(self, subject: URIRef, predicate: URIRef, text: str, language: str = "en") -> None:
        if text:
            self._add(subject, predicate, Literal(text, lang=language))

    def _row(self, table: str, key: str) -> URIRef:
        whose = (f"{LAYERS}{name}" for name, layer in self.layers.items() if key in layer.keys.get(table, ()))
        return URIRef(f"{next(whose, f'{BASE}id/{self.region}')}/{table}/{key}")

    def _concept(self, scheme: str, code: str) -> URIRef:
        return describe_concept(self.graph, self.vocabulary, scheme, code)

    def _own_concept(self, scheme: str, code: str, label: str) -> URIRef:
        """Add a code of a list that only this export uses."""
        node = concept(scheme, code)
        self._add(node, RDF.type, SKOS.Concept)
        self._text(node, SKOS.prefLabel, label)
        self._add(node, SKOS.notation, Literal(code))
        self.graph.bind(scheme, scheme_address(scheme))
        return node

    def _place(self, code: str) -> URIRef:
        """Add a NUTS area; an invented one gets an address of our own."""
        node = URIRef(f"{BASE}id/place/{code}" if code.startswith("XX") else NUTS + code)
        self._add(node, RDF.type, DCTERMS.Location)
        self._add(node, RDF.type, ATU)
        self._add(node, DCTERMS.identifier, Literal(code))
        return node

    # --- the region

    def _write_region(self) -> None:
        profile, node = self.profile, URIRef(f"{BASE}id/{self.region}")
        self._add(node, RDF.type, EIS.RegionPack)
        self._add(node, DCTERMS.identifier, Literal(self.region))
        self._text(node, DCTERMS.title, profile.name)
        self._add(node, DCTERMS.spatial, self._place(profile.nuts_code))
        self._text(node, EIS.note, profile.note)
        if profile.invented:
            self._add(node, EIS.invented, Literal("true", datatype=XSD.boolean))
        for place, language in enumerate(profile.languages, start=1):
            self._add(node, DCTERMS.language, self._language(language))
            if place == 1:
                self._add(node, EIS.firstLanguage, self._language(language))
        for key in REGION_KEYS:
            value = getattr(profile, key)
            if value not in {None, ""}:
                kind = {"review_date": XSD.date, "budget_eur": XSD.decimal}.get(key)
                text = plain_number(str(value)) if key == "budget_eur" else str(value)
                self._add(node, own_term(key), Literal(text, datatype=kind))

    def _write_layer(self, name: str) -> None:
        node, profile = URIRef(LAYERS + name), self.layers[name].profile
        self.graph.bind(f"{name}-service", f"{node}/services/")
        self._add(URIRef(f"{BASE}id/{self.region}"), EIS.hasLayer, node)
        self._add(node, RDF.type, EIS.Layer)
        self._add(node, DCTERMS.identifier, Literal(name))
        self._text(node, DCTERMS.title, profile.name)
        self._text(node, EIS.note, profile.note)

    def _language(self, code: str) -> URIRef:
        node = URIRef(
            LANGUAGES + ISO_639[code] if code in ISO_639 else f"{BASE}id/language/{quote(code, safe='')}"
        )
        self._add(node, RDF.type, DCTERMS.LinguisticSystem)
        self._add(node, DCTERMS.identifier, Literal(code))
        return node

    # --- organisations

    def _write_provider(self, row: Mapping[str, str], number: int) -> None:
        node = self._row("providers", row["provider_id"])
        for kind in (ORG.Organization, FOAF.Agent):
            self._add(node, RDF.type, kind)
        if row["provider_id"] in self.public:
            self._add(node, RDF.type, CV.PublicOrganisation)
        self._add(node, DCTERMS.identifier, Literal(row["provider_id"]))
        self._text(node, DCTERMS.title, row["name_en"])
        self._text(node, SKOS.prefLabel, row["name_en"])
        own = self.profile.languages[0]
        if own != "en" and row["level"] != "eu" and not row["layer"]:
            self._text(node, SKOS.prefLabel, row["name"], own)
        else:
            # the language of the name is not known; "und" says so
            self._text(node, SKOS.altLabel, row["name"], "und")
        self._add(node, DCTERMS.spatial, self._territory_of(row["level"]))
        self._rest("providers", row, node, number, {"provider_id", "name", "name_en"})

    def _territory_of(self, level: str) -> URIRef:
        if level == "national":
            return self._place(self.profile.country)
        if level == "eu":
            self._add(EUROPE, RDF.type, DCTERMS.Location)
            self._add(EUROPE, RDF.type, ATU)
            self._text(EUROPE, SKOS.prefLabel, "European Union")
            return EUROPE
        return self._place(self.profile.nuts_code)

    def _authority(self, service: str, seen: frozenset[str]) -> tuple[str, str] | None:
        """Return the public body that answers for a service and how we know, or None.

        In this order: its provider, a co-provider, whoever answers for the scheme it is part of, the owner of a
        policy that it delivers.
        """
        row = self.services.get(service)
        if row is None or service in seen:
            return None
        if row["provider_id"] in self.public:
            return row["provider_id"], "provider"
        for body in _split(row, "co_providers"):
            if body in self.public:
                return body, "co-provider"
        scheme = self._authority(row.get("part_of", ""), seen | {service})
        if scheme:
            return scheme[0], "answers for the scheme it is part of"
        for policy in self.rows["policies"]:
            if service in _split(policy, "delivered_by") and policy.get("owner") in self.public:
                return policy["owner"], f"owner of the policy {policy['policy_id']}, which it delivers"
        return None

    # --- services

    def _write_service(self, row: Mapping[str, str], number: int) -> None:
        key = row["service_id"]
        node = self._row("services", key)
        authority = self.authorities[key]
        self._add(node, RDF.type, CPSV.PublicService if authority else EIS.SupportService)
        self._add(node, DCTERMS.identifier, Literal(key))
        self._text(node, DCTERMS.title, row["name"])
        self._text(node, DCTERMS.description, row["description"])
        if authority:
            self._add(node, CV.hasCompetentAuthority, self._row("providers", authority[0]))
            self._add(node, EIS.authorityBasis, Literal(authority[1]))
        else:
            self._name_missing_authority(row, number)
        if not authority or authority[0] != row["provider_id"]:
            self._participation(node, row, row["provider_id"], "provider")
        for body in _split(row, "co_providers"):
            self._participation(node, row, body, "co-provider")
        for stage in _split(row, "journey_stages"):
            self._add(node, CV.isGroupedBy, self._event(stage))
        for column, title in REQUIREMENTS.items():
            self._requirement(node, row, column, title)
        self._channel_and_cost(node, row)
        for code in _split(row, "languages"):
            self._add(node, DCTERMS.language, self._language(code))
        self._served(node, row)
        for place, text in enumerate(_split(row, "evidence_required"), start=1):
            self._evidence(node, key, place, text)
        if row.get("processing_days"):
            self._add(
                node, CV.processingTime, Literal(_duration(row["processing_days"]), datatype=XSD.duration)
            )
        status = self._status(row)
        if status:
            self._add(node, ADMS.status, self._own_concept("adms_status", status, STATUSES[status]))
        special = {
            "service_id", "provider_id", "co_providers", "name", "description", "journey_stages", "channel", "languages",
            "cost_to_sme", "price_eur", "territory", "evidence_required", "processing_days", *REQUIREMENTS,
        }  # fmt: skip
        self._rest("services", row, node, number, special)
        if row.get("territory") == self.profile.nuts_code:
            self._as_written(node, "territory", row["territory"])
        for column in special:
            self._keep_as_written(node, PACK_TABLES["services"].by_name[column], row.get(column, ""))

    def _served(self, node: URIRef, row: Mapping[str, str]) -> None:
        """Add where a service is to be had: in its territory, else in the region or the countries of the layer."""
        codes = [row.get("territory") or self.profile.nuts_code]
        if row["layer"] and not row.get("territory"):
            codes = self.layers[row["layer"]].countries(_split(row, "available_in"))
        for code in codes:
            self._add(node, DCTERMS.spatial, self._place(code))

    def _name_missing_authority(self, row: Mapping[str, str], number: int) -> None:
        kind = self.providers.get(row["provider_id"], {}).get("kind", "")
        label = self.vocabulary.label("provider_kind", kind).lower()
        place = f"{LAYERS_FOLDER}/{row['layer']}" if row["layer"] else self.region
        self.faults.append(
            Fault(
                f"{place}/services.csv", 0 if row["layer"] else number + 1, "provider_id",
                f"holds '{row['provider_id']}' ({label}): no public body answers for '{row['service_id']}', so it has "
                "no competent authority and is written as eis:SupportService, not as a public service",
                "a public body as provider or co-provider, as provider of the scheme it is part_of, or as owner of a "
                "policy it delivers (public_body in providers.csv says which body is one)",
            )
        )  # fmt: skip

    def _participation(self, service: URIRef, row: Mapping[str, str], body: str, role: str) -> None:
        node = URIRef(f"{service}/participation/{body}")
        provider = self.providers.get(body, {})
        words = "answers for and delivers" if role == "provider" else "takes part in delivering"
        self._add(service, CV.hasParticipation, node)
        self._add(node, RDF.type, CV.Participation)
        self._add(node, DCTERMS.identifier, Literal(f"{row['service_id']}/{body}"))
        self._text(node, DCTERMS.description, f"{provider.get('name_en') or body} {words} this service.")
        self._add(node, CV.role, self._own_concept("participation_role", role, ROLES[role]))
        self._add(node, CV.hasParticipant, self._row("providers", body))

    def _event(self, stage: str) -> URIRef:
        node = URIRef(f"{BASE}id/event/{quote(stage, safe='')}")
        label = self.vocabulary.label("journey_stage", stage)
        for kind in (CV.BusinessEvent, CV.Event):
            self._add(node, RDF.type, kind)
        self._add(node, DCTERMS.identifier, Literal(stage))
        self._text(node, DCTERMS.title, f"A firm's way abroad: {label}")
        self._text(node, DCTERMS.description, self.vocabulary.definition("journey_stage", stage))
        self._add(node, DCTERMS.type, self._concept("journey_stage", stage))
        return node

    def _requirement(self, service: URIRef, row: Mapping[str, str], column: str, title: str) -> None:
        codes = _split(row, column)
        if not codes:
            return
        scheme = PACK_TABLES["services"].by_name[column].scheme
        node = URIRef(f"{service}/requirement/{scheme}")
        words = ", ".join(self.vocabulary.label(scheme, code) for code in codes)
        self._add(service, CV.holdsRequirement, node)
        self._add(node, RDF.type, CV.Requirement)
        self._add(node, DCTERMS.identifier, Literal(f"{row['service_id']}/{scheme}"))
        self._text(node, DCTERMS.title, f"{title}: {words}")
        self._add(node, DCTERMS.type, self._own_concept("requirement_kind", scheme, title))
        for code in codes:
            self._add(node, EIS.admits, self._concept(scheme, code))

    def _channel_and_cost(self, service: URIRef, row: Mapping[str, str]) -> None:
        key = row["service_id"]
        if row["channel"]:
            node = URIRef(f"{service}/channel")
            self._add(service, CV.hasChannel, node)
            self._add(node, RDF.type, CV.Channel)
            self._add(node, DCTERMS.identifier, Literal(f"{key}/channel"))
            self._add(node, DCTERMS.type, self._concept("channel", row["channel"]))
        if row["cost_to_sme"] or row.get("price_eur"):
            node = URIRef(f"{service}/cost")
            self._add(service, CV.hasCost, node)
            self._add(node, RDF.type, CV.Cost)
            self._add(node, DCTERMS.identifier, Literal(f"{key}/cost"))
            if row["cost_to_sme"]:
                self._text(
                    node, DCTERMS.description, self.vocabulary.label("cost_to_sme", row["cost_to_sme"])
                )
                self._add(node, EIS.costToSme, self._concept("cost_to_sme", row["cost_to_sme"]))
            if row.get("price_eur"):
                euro = URIRef(f"{CURRENCIES}EUR")
                self._add(euro, RDF.type, SKOS.Concept)
                self._text(euro, SKOS.prefLabel, "euro")
                self._add(node, CV.currency, euro)
                self._add(node, CV.hasValue, Literal(plain_number(row["price_eur"]), datatype=XSD.double))

    def _evidence(self, service: URIRef, key: str, place: int, text: str) -> None:
        node = URIRef(f"{service}/evidence/{place}")
        self._add(service, CPSV.hasInput, node)
        self._add(node, RDF.type, CV.Evidence)
        self._add(node, DCTERMS.identifier, Literal(f"{key}/evidence/{place}"))
        self._text(node, DCTERMS.title, text)

    def _status(self, row: Mapping[str, str]) -> str:
        """Return the status as stated, else as the years tell it at the review date; an empty string where they do not."""
        if row.get("status"):
            return STATED.get(row["status"], "")
        start, end = row.get("start_year", ""), row.get("end_year", "")
        if end and int(end) < self.profile.review_year:
            return "inactive"
        if start and int(start) > self.profile.review_year:
            return "under-development"
        return "active" if end else ""

    # --- what all tables share

    def _write_referral(self, row: Mapping[str, str], number: int) -> None:
        first, second = (self._row("services", row[column]) for column in ("from_service", "to_service"))
        if self.authorities.get(row["from_service"]) and self.authorities.get(row["to_service"]):
            self._add(first, CV.relatedService, second)
        node = URIRef(f"{BASE}id/{self.region}/referrals/{row['from_service']}/{row['to_service']}")
        self._add(node, RDF.type, EIS.Referral)
        self._rest("referrals", row, node, number, frozenset())

    def _rest(
        self, table: str, row: Mapping[str, str], node: URIRef, number: int, special: Iterable[str]
    ) -> None:
        """Add every column that needs nothing but a property, and the number of the row or the layer it is from."""
        if row.get("layer"):
            self._add(node, EIS.layer, URIRef(LAYERS + row["layer"]))
        else:
            self._add(node, EIS.row, Literal(str(number), datatype=XSD.integer))
        for column in PACK_TABLES[table].columns:
            cell = row.get(column.name, "")
            if column.name in special or not cell:
                continue
            home = (
                SIMPLE.get(column.name, own_term(column.name))
                if table == "services"
                else own_term(column.name)
            )
            for item in split_list(cell) if column.many else (cell,):
                value = self._value(column, item)
                # CPSV-AP lets a public service require public services alone
                outside = home == DCTERMS.requires and not self.authorities.get(item)
                self._add(node, EIS.requires if outside else home, value)
            self._keep_as_written(node, column, cell)

    def _value(self, column: Column, item: str) -> Node:
        if column.kind == "code":
            return self._concept(column.scheme, item)
        if column.kind == "reference":
            return self._row(column.table, item)
        if column.kind in {"number", "integer"}:
            return Literal(plain_number(item), datatype=XSD.decimal)
        kind = {"year": XSD.gYear, "date": XSD.date, "url": XSD.anyURI}.get(column.kind)
        return Literal(item, datatype=kind)

    def _keep_as_written(self, node: URIRef, column: Column, cell: str) -> None:
        """Record a cell whose order or spelling the graph alone would not give back."""
        if column.many:
            again = LIST_SEPARATOR.join(in_order(split_list(cell), column, self.vocabulary))
        elif column.kind in {"number", "integer"} and cell:
            again = plain_number(cell)
        else:
            return
        if cell != again:
            self._as_written(node, column.name, cell)

    def _as_written(self, node: URIRef, column: str, cell: str) -> None:
        self._add(node, EIS.asWritten, Literal(f"{column}={cell}"))


def _duration(days: str) -> str:
    """Return a number of days as an ISO 8601 duration.

    Examples
    --------
    >>> _duration("3"), _duration("2.5"), _duration("0.25")
    ('P3D', 'P2DT43200S', 'P0DT21600S')
    """
    number = Decimal(days)
    whole = int(number)
    seconds = (number - whole) * 86400
    return f"P{whole}D" + (f"T{plain_number(str(seconds))}S" if seconds else "")
