"""CPSV-AP both ways: valid, without loss, the same bytes twice, and nothing made up or fetched."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS

from eis_lib.exchange.cpsv import export_cpsv, pack_graph
from eis_lib.exchange.cpsv_check import check_graph, shacl_report
from eis_lib.exchange.cpsv_import import import_cpsv
from eis_lib.exchange.cpsv_terms import REQUIREMENTS, SIMPLE, own_term
from eis_lib.exchange.rdf import BASE, CPSV, CV, EIS, Format, concept, new_graph, write_graph
from eis_lib.exchange.rdf_reading import read_graph
from eis_lib.exchange.skos import export_skos, skos_graph
from eis_lib.language import messages
from eis_lib.language.messages import TRANSLATED
from eis_lib.pack.folders import list_regions
from eis_lib.pack.pack import load_common, load_pack
from eis_lib.pack.saving import read_rows, save_rows
from eis_lib.pack.tables import PACK_TABLES
from eis_lib.pack.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = ROOT / "parameters"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_common(PARAMETERS).vocabulary


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    return [{name: cell for name, cell in row.items() if cell} for row in read_rows(folder, table)[0]]


def address(folder: Path, table: str, key: str) -> URIRef:
    return URIRef(f"{BASE}id/{folder.name}/{table}/{key}")


@pytest.mark.slow
@pytest.mark.parametrize("region", list_regions(PARAMETERS, invented=True))
def test_every_pack_conforms_and_comes_back_row_by_row(
    region: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    turtle, jsonld = tmp_path / "pack.ttl", tmp_path / "pack.jsonld"
    export_cpsv(PARAMETERS / region, jsonld, vocabulary, Format.JSONLD)
    export_cpsv(PARAMETERS / region, turtle, vocabulary, Format.TURTLE)
    assert set(read_graph(turtle)) == set(read_graph(jsonld))
    found = import_cpsv(jsonld, vocabulary)
    assert (found.faults, found.readings) == ([], [])
    lent = {table: load_pack(PARAMETERS / region).lent(table) for table in ("providers", "services")}
    assert found.left_out == [
        f"rows of the layer '{layer}', which are not the region's ({sum(map(len, lent.values()))} times)"
        for layer in found.profile.get("layers", ())
    ]
    assert set(found.tables) <= {"providers", "services", "referrals"}
    for table in ("providers", "services", "referrals"):
        assert found.tables.get(table, []) == rows_of(PARAMETERS / region, table), table
    assert found.profile["nuts_code"]
    graph = read_graph(turtle)
    assert not any(isinstance(node, BNode) for triple in graph for node in triple)
    services = len(rows_of(PARAMETERS / region, "services")) + len(lent["services"])
    kinds = [len(set(graph.subjects(RDF.type, kind))) for kind in (CPSV.PublicService, EIS.SupportService)]
    assert sum(kinds) == services
    assert kinds[0] > services / 2


@pytest.mark.slow
def test_the_same_pack_gives_the_same_bytes_whatever_the_order_of_hashes(pack: Path) -> None:
    code = (
        "import sys, hashlib; from pathlib import Path\n"
        "from eis_lib.exchange.cpsv import pack_graph; from eis_lib.exchange.skos import skos_graph\n"
        "from eis_lib.exchange.rdf import Format, write_graph; from eis_lib.pack.vocabulary import load_vocabulary\n"
        "common = Path(sys.argv[1]).parent / '_common'\n"
        "graphs = [pack_graph(Path(sys.argv[1]), load_vocabulary(common))[0], skos_graph(common)]\n"
        "print([hashlib.sha256(write_graph(g, f)).hexdigest() for g in graphs for f in Format])"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code, str(PARAMETERS / "koprivnica")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1


def test_each_term_stands_where_cpsv_ap_puts_it(pack: Path, vocabulary: Vocabulary) -> None:
    graph, faults = pack_graph(pack, vocabulary)
    assert faults == []
    service = address(pack, "services", "grant-1")
    assert graph.value(service, DCTERMS.title) == Literal("Grant", lang="en")
    assert graph.value(service, CV.hasCompetentAuthority) == address(pack, "providers", "agency")
    assert graph.value(service, CV.thematicArea) == concept("support_type", "grant")
    event = graph.value(service, CV.isGroupedBy)
    assert (event, RDF.type, CV.BusinessEvent) in graph
    assert graph.value(event, DCTERMS.type) == concept("journey_stage", "enter")
    admitted = {
        code
        for need in graph.objects(service, CV.holdsRequirement)
        for code in graph.objects(need, EIS.admits)
    }
    assert concept("sector", "agrofood") in admitted
    assert concept("sme_size", "medium") in admitted
    # availability: the region's own area, and nothing about who may use it
    assert graph.value(service, DCTERMS.spatial) == URIRef("http://data.europa.eu/nuts/code/DK04")
    assert (URIRef("http://data.europa.eu/nuts/code/DK04"), RDF.type, DCTERMS.Location) in graph
    names = set(graph.objects(address(pack, "providers", "council"), SKOS.prefLabel))
    assert names == {Literal("Testland Council", lang="en"), Literal("Prøveland Amt", lang="da")}


def test_status_is_stated_only_where_the_years_tell(pack: Path, vocabulary: Vocabulary) -> None:
    status = URIRef("http://www.w3.org/ns/adms#status")
    graph, _faults = pack_graph(pack, vocabulary)  # reviewed on 2024-06-30
    assert graph.value(address(pack, "services", "grant-1"), status) == concept("adms_status", "active")
    # advice-1 has no end year: open-ended or unknown
    assert graph.value(address(pack, "services", "advice-1"), status) is None


@pytest.mark.parametrize("region", ["donegal", "hampshire"])
def test_what_comes_from_a_layer_leaves_as_the_layers(region: str, vocabulary: Vocabulary) -> None:
    graph, _faults = pack_graph(PARAMETERS / region, vocabulary)
    pack, layer = load_pack(PARAMETERS / region), f"{BASE}id/layers/eu"
    assert graph.value(URIRef(f"{BASE}id/{region}"), EIS.hasLayer) == URIRef(layer)
    for table in ("providers", "services"):
        key = PACK_TABLES[table].key[0]
        assert {node for node in graph.subjects(EIS.layer, URIRef(layer)) if f"/{table}/" in str(node)} == {
            URIRef(f"{layer}/{table}/{name}") for name in pack.lent(table)[key]
        }
        for name in pack.own(table)[key]:
            assert graph.value(address(PARAMETERS / region, table, name), EIS.row) is not None
    # a layer's service is for its countries, not for the region
    places = {
        str(place).rpartition("/")[2]
        for name in pack.lent("services")["service_id"]
        for place in graph.objects(URIRef(f"{layer}/services/{name}"), DCTERMS.spatial)
    }
    assert pack.region.country in places
    assert pack.region.nuts_code not in places
    for own in pack.own("services").dropna(subset="instance_of").to_dict("records"):
        stands_for = graph.value(address(PARAMETERS / region, "services", own["service_id"]), EIS.instanceOf)
        assert stands_for == URIRef(f"{layer}/services/{own['instance_of']}")
        assert (stands_for, None, None) not in graph


@pytest.mark.parametrize(
    ("stated", "written"), [("running", "active"), ("ended", "inactive"), ("announced", "under-development"), ("doubtful", None)]
)  # fmt: skip
def test_a_status_that_the_row_states_goes_before_its_years(
    stated: str, written: str | None, pack: Path, vocabulary: Vocabulary
) -> None:
    rows, read = read_rows(pack, "services")
    save_rows(pack, "services", [row | {"status": stated} for row in rows], read)
    graph, _faults = pack_graph(pack, vocabulary)
    status = graph.value(address(pack, "services", "grant-1"), URIRef("http://www.w3.org/ns/adms#status"))
    assert status == (concept("adms_status", written) if written else None)


def make_private(pack: Path, *, owner: str = "council") -> None:
    """Give the pack an association that provides advice-1 alone."""
    providers, services, policies = (pack / f"{name}.csv" for name in ("providers", "services", "policies"))
    source = "https://example.org/page,Page of 2024,published"
    providers.write_text(
        providers.read_text("utf-8") + f"club,Klub,Club,business-association,regional,,{source}\n", "utf-8"
    )
    services.write_text(services.read_text("utf-8").replace("advice-1,council", "advice-1,club"), "utf-8")
    policies.write_text(
        policies.read_text("utf-8").replace("regional,council,", f"regional,{owner},"), "utf-8"
    )


def test_the_owner_of_the_policy_answers_for_an_association_s_service(
    pack: Path, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    make_private(pack)
    graph, faults = pack_graph(pack, vocabulary)
    service, club = address(pack, "services", "advice-1"), address(pack, "providers", "club")
    assert faults == []
    assert graph.value(service, CV.hasCompetentAuthority) == address(pack, "providers", "council")
    assert str(graph.value(service, EIS.authorityBasis)) == "owner of the policy plan-1, which it delivers"
    assert (club, RDF.type, CV.PublicOrganisation) not in graph
    participation = graph.value(service, CV.hasParticipation)
    assert graph.value(participation, CV.hasParticipant) == club
    assert shacl_report(graph)[0]
    export_cpsv(pack, tmp_path / "x.ttl", vocabulary, Format.TURTLE)
    assert import_cpsv(tmp_path / "x.ttl", vocabulary).tables["services"] == rows_of(pack, "services")


def test_without_a_public_body_it_is_no_public_service_and_said_to_be_none(
    pack: Path, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    make_private(pack, owner="club")
    graph, faults = pack_graph(pack, vocabulary)
    service = address(pack, "services", "advice-1")
    assert (service, RDF.type, EIS.SupportService) in graph
    assert (service, RDF.type, CPSV.PublicService) not in graph
    (fault,) = faults
    assert str(fault).startswith(
        f"{pack.name}/services.csv:2:provider_id: holds 'club' (business association)"
    )
    assert "has no competent authority" in str(fault)
    assert shacl_report(graph)[0]
    export_cpsv(pack, tmp_path / "x.ttl", vocabulary, Format.TURTLE)
    assert import_cpsv(tmp_path / "x.ttl", vocabulary).tables["services"] == rows_of(pack, "services")


def test_the_pack_may_say_that_a_body_is_public(pack: Path, vocabulary: Vocabulary) -> None:
    make_private(pack, owner="club")
    providers = pack / "providers.csv"
    head, *lines = providers.read_text("utf-8").splitlines()
    lines = [line + (",yes" if line.startswith("club") else ",") for line in lines]
    providers.write_text("\n".join([f"{head},public_body", *lines]) + "\n", "utf-8")
    graph, faults = pack_graph(pack, vocabulary)
    assert faults == []
    assert graph.value(address(pack, "services", "advice-1"), CV.hasCompetentAuthority) == address(
        pack, "providers", "club"
    )


def test_a_service_with_no_competent_authority_is_named_in_words(
    pack: Path, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    graph, _ = pack_graph(pack, vocabulary)
    graph.remove((address(pack, "services", "grant-1"), CV.hasCompetentAuthority, None))
    conforms, _report, text = shacl_report(graph)
    assert not conforms
    assert "MinCountConstraintComponent" in text
    (fault,) = check_graph(graph, "x.ttl")
    assert str(fault) == (
        "x.ttl:PublicService 'grant-1' (Grant): has no competent authority; allowed: at least one "
        "cv:hasCompetentAuthority that is a cv:PublicOrganisation; a private provider is linked by cv:hasParticipation"
    )
    (tmp_path / "x.ttl").write_bytes(write_graph(graph, Format.TURTLE))
    found = import_cpsv(tmp_path / "x.ttl", vocabulary)
    assert (found.faults, found.conforms_to) == ([fault], "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda g, s: g.set((s, DCTERMS.title, Literal("Grant"))), "no language tag"),
        (lambda g, s: g.remove((s, DCTERMS.description, None)), "has no description"),
        (lambda g, s: g.add((s, DCTERMS.identifier, Literal("two"))), "has more than one identifier"),
        (lambda g, s: g.add((s, DCTERMS.title, Literal("Other", lang="en"))), "two values of name in one language"),
        (
            lambda g, s: g.set((s, DCTERMS.spatial, URIRef("http://data.europa.eu/nuts/code/DK05"))),
            "not of the class asked for; allowed: dct:spatial typed dct:Location",
        ),
        (
            lambda g, s: g.set((s, CV.hasCompetentAuthority, concept("sector", "all"))),
            "has the competent authority",
        ),
        (lambda g, s: g.remove((None, CV.role, None)), "has no role"),
    ],
)  # fmt: skip
def test_what_breaks_the_specification_is_found(
    change: object, words: str, pack: Path, vocabulary: Vocabulary
) -> None:
    services = pack / "services.csv"
    head, first, second = services.read_text("utf-8").splitlines()
    services.write_text(f"{head},co_providers\n{first},\n{second},council\n", "utf-8")
    graph, _ = pack_graph(pack, vocabulary)
    assert check_graph(graph, "x") == []
    change(graph, address(pack, "services", "grant-1"))  # type: ignore[operator]
    assert any(words in str(fault) for fault in check_graph(graph, "x"))


CELLS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(max_examples=40, deadline=None)
@given(text=CELLS)
def test_any_text_survives_both_formats(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    node, folder = URIRef("https://example.org/x"), tmp_path_factory.mktemp("text")
    graph = new_graph()
    graph.add((node, DCTERMS.title, Literal(text, lang="en")))
    graph.add((node, EIS.note, Literal(text)))
    for form in Format:
        path = folder / f"x.{form.value}"
        path.write_bytes(write_graph(graph, form))
        assert set(read_graph(path)) == set(graph), form


def test_hostile_cells_are_text(pack: Path, vocabulary: Vocabulary, tmp_path: Path) -> None:
    services = pack / "services.csv"
    hostile = '"<script>alert(1)</script> a \\ b "" .\n@prefix x: <y> . {{7*7}} \'\'\' é"'
    services.write_text(services.read_text("utf-8").replace("Money for fairs.", hostile), "utf-8")
    for form in Format:
        path = tmp_path / f"x.{form.value}"
        export_cpsv(pack, path, vocabulary, form)
        assert import_cpsv(path, vocabulary).tables["services"] == rows_of(pack, "services")


def test_order_and_spelling_of_a_cell_are_kept_until_the_graph_says_otherwise(
    pack: Path, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    services = pack / "services.csv"
    head, first, second = services.read_text("utf-8").splitlines()
    first = first.replace("aware;plan", "plan; aware")
    services.write_text(
        f"{head},price_eur,processing_days\n{first},1500.50,2.50\n{second},1e3,0.3333\n", "utf-8"
    )
    path = tmp_path / "x.ttl"
    export_cpsv(pack, path, vocabulary, Format.TURTLE)
    assert import_cpsv(path, vocabulary).tables["services"] == rows_of(pack, "services")
    # somebody else adds a stage: the graph is right, not what was written
    graph = read_graph(path)
    graph.add((address(pack, "services", "advice-1"), CV.isGroupedBy, URIRef(f"{BASE}id/event/enter")))
    path.write_bytes(graph.serialize(format="turtle").encode())
    assert import_cpsv(path, vocabulary).tables["services"][0]["journey_stages"] == "aware;plan;enter"


FOREIGN = {
    "@context": ["https://semiceu.github.io/CPSV-AP/releases/3.2.0/context/cpsv-ap.jsonld", {"ex": "https://example.com/"}],
    "@graph": [
        {
            "@id": "ex:s1",
            "@type": "PublicService",
            "PublicService.identifier": "EXP 01",
            "PublicService.name": {"@language": "en", "@value": "Export voucher"},
            "PublicService.description": [
                {"@language": "fr", "@value": "Un bon."},
                {"@language": "en", "@value": "A voucher."},
            ],
            "PublicService.hasCompetentAuthority": ["ex:o1", "ex:o2"],
            "PublicService.hasChannel": "ex:c1",
            "PublicService.thematicArea": "ex:voucher",
            "PublicService.processingTime": "P2W",
            "PublicService.hasLegalResource": "ex:law",
        },
        {"@id": "ex:voucher", "@type": "Code", "http://www.w3.org/2004/02/skos/core#prefLabel": {"@language": "en", "@value": "Voucher"}},
        {"@id": "ex:c1", "@type": "Channel", "Channel.identifier": "c1"},
        *(
            {
                "@id": f"ex:o{n}",
                "@type": "PublicOrganization",
                "PublicOrganization.preferredLabel": {"@language": "nl", "@value": f"Dienst {n}"},
                "PublicOrganization.spatial": "ex:be",
            }
            for n in (1, 2)
        ),
        {"@id": "ex:be", "@type": ["Location", "AdministrativeTerritorialUnit"]},
    ],
}  # fmt: skip


def test_another_catalogue_is_read_as_far_as_its_terms_go(tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "foreign.jsonld"
    path.write_text(json.dumps(FOREIGN), "utf-8")
    found = import_cpsv(path, vocabulary)
    (service,) = found.tables["services"]
    assert service == {
        "service_id": "exp-01",
        "provider_id": "dienst-1",
        "co_providers": "dienst-2",
        "name": "Export voucher",
        "description": "A voucher.",
        "support_type": "voucher",
        "processing_days": "14",
    }
    assert [row["name"] for row in found.tables["providers"]] == ["Dienst 1", "Dienst 2"]
    readings = "\n".join(map(str, found.readings))
    assert "'EXP 01' read as 'key exp-01'" in readings
    assert "'voucher' read as 'support_type voucher'" in readings
    assert any(line.startswith("hasLegalResource") for line in found.left_out)
    assert any(line.startswith("description in 'fr'") for line in found.left_out)
    faults = [str(fault) for fault in found.faults]
    assert any(f.startswith("foreign.jsonld:services 'exp-01' source_url: is empty") for f in faults)
    assert any(f.startswith("foreign.jsonld:providers 'dienst-1' kind: is empty") for f in faults)


@pytest.mark.parametrize(
    "context",
    ["https://example.org/context.jsonld", "file:///etc/hostname", ["https://example.org/c"], {"@import": "https://example.org/c"},
     {"x": {"@id": "https://example.org/x", "@context": "https://example.org/c"}}],
)  # fmt: skip
def test_no_context_is_ever_fetched(context: object, tmp_path: Path, vocabulary: Vocabulary) -> None:
    path = tmp_path / "x.jsonld"
    path.write_text(json.dumps({"@context": context, "@id": "https://example.org/a", "x": 1}), "utf-8")
    with pytest.raises(ValueError, match=r"x\.jsonld: rests on the context '.*', which is not fetched"):
        import_cpsv(path, vocabulary)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.ttl", b"@prefix a: <b> . a:c a:d [", "x.ttl: cannot be read as Turtle"),
        ("x.jsonld", b'{"@graph": [', "x.jsonld: cannot be read as JSON-LD"),
        ("x.ttl", b"", "x.ttl: holds no cpsv:PublicService"),
        ("x.ttl", b"\xff\xfe", "x.ttl: not UTF-8"),
        ("x.rdf", b"", "x.rdf: ends in '.rdf'; allowed: .ttl, .jsonld, .json"),
        ("x.json", b"[" * 20000, "x.json: cannot be read as JSON-LD"),
    ],
)
def test_a_broken_file_is_one_clear_message(
    name: str, content: bytes, words: str, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(words)):
        import_cpsv(tmp_path / name, vocabulary)


def test_every_own_term_is_documented(vocabulary: Vocabulary) -> None:
    documentation = (ROOT / "docs" / "cpsv-ap.md").read_text("utf-8")
    used = {
        str(node)
        for region in ("example", "hampshire")
        for triple in pack_graph(PARAMETERS / region, vocabulary)[0]
        for node in triple
    }
    used |= {str(node) for triple in skos_graph(PARAMETERS / "_common") for node in triple}
    used |= {str(own_term(column.name)) for table in ("providers", "referrals") for column in PACK_TABLES[table].columns
             if column.name not in {"provider_id", "name", "name_en"}}  # fmt: skip
    terms = {term.removeprefix(str(EIS)) for term in used if term.startswith(str(EIS))}
    assert len(terms) > 25
    assert {term for term in terms if f"`eis:{term}`" not in documentation} == set()
    for column in (*SIMPLE, *REQUIREMENTS):
        assert f"`{column}`" in documentation


def test_code_lists_are_skos_in_every_language_that_has_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    translated = {
        "barrier_group": {"Finance": "Finansiering"},
        "barrier": {"Access to finance": "Adgang til finansiering", "No credit.": "Ingen kredit."},
        "sector": {"Wine": "Vin"},
    }
    for code in TRANSLATED:
        catalogue = Catalog(locale=code)
        for scheme, words in translated.items() if code == "da" else ():
            for english, danish in words.items():
                catalogue.add(english, danish, context=scheme)
        file = tmp_path / code / "LC_MESSAGES" / "eis_workbooks.po"
        file.parent.mkdir(parents=True)
        with file.open("wb") as out:
            write_po(out, catalogue)
    monkeypatch.setattr(messages, "LOCALE_FOLDER", tmp_path)
    monkeypatch.setattr(messages, "_catalogue", messages._catalogue.__wrapped__)
    common = tmp_path / "_common"
    common.mkdir()
    (common / "vocabularies.csv").write_text(
        "scheme,code,label,definition,broader,source\n"
        "barrier_group,finance,Finance,Money.,,us\n"
        "barrier,finance,Access to finance,No credit.,finance,us\n"
        "sector,food,Food,Food.,,us\n"
        "sector,wine,Wine,Wine.,food,us\n",
        "utf-8",
    )
    export_skos(common, tmp_path / "codes.ttl")
    graph = Graph().parse(tmp_path / "codes.ttl")
    finance = concept("barrier", "finance")
    assert set(graph.objects(finance, SKOS.prefLabel)) == {
        Literal("Access to finance", lang="en"), Literal("Adgang til finansiering", lang="da"),
    }  # fmt: skip
    assert Literal("Ingen kredit.", lang="da") in set(graph.objects(finance, SKOS.definition))
    # the same code stands in both lists: the group is the wider one, never the code itself
    assert list(graph.objects(finance, SKOS.broadMatch)) == [concept("barrier_group", "finance")]
    assert list(graph.objects(finance, SKOS.broader)) == []
    assert list(graph.objects(concept("sector", "wine"), SKOS.broader)) == [concept("sector", "food")]
    notes = set(graph.subjects(SKOS.editorialNote, None))
    assert URIRef(f"{BASE}code/barrier") in notes  # says that translations are drafts


def test_every_code_of_every_list_is_in_skos(vocabulary: Vocabulary) -> None:
    graph = skos_graph(PARAMETERS / "_common")
    assert len(set(graph.subjects(RDF.type, SKOS.Concept))) == sum(map(len, vocabulary.terms.values()))
    assert len(set(graph.subjects(RDF.type, SKOS.ConceptScheme))) == len(vocabulary.schemes)
    for node in graph.subjects(RDF.type, SKOS.Concept):
        assert len([label for label in graph.objects(node, SKOS.prefLabel) if label.language == "en"]) == 1
