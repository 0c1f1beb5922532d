"""Word documents: the order of their parts, what they say of missing facts, escaping, and the same bytes twice."""

from __future__ import annotations

import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest
from docx import Document
from docx.oxml.ns import qn
from typer.testing import CliRunner

from eis_lib.batch.documents import make_documents
from eis_lib.cli import app
from eis_lib.develop.word_templates import build
from eis_lib.documents.action_plan import write_action_plan
from eis_lib.documents.documents import write_documents
from eis_lib.documents.dossier import write_dossier
from eis_lib.documents.phrases import nuts_2
from eis_lib.documents.practices import write_practice_sheets
from eis_lib.documents.run_files import RunFiles
from eis_lib.documents.word import TEMPLATES, DocumentError
from eis_lib.language.messages import use_language
from eis_lib.methods.recommendation import CHECKS
from eis_lib.pack.pack import load_common, load_pack
from eis_lib.record.graph import Node
from eis_lib.record.manifest import Entry, Input, Manifest, Surroundings, sha256_of, stale_reasons
from eis_lib.record.task import FailedNotebookError, Task

pytestmark = pytest.mark.slow  # Word documents are written whole

NASTY = "<script>alert('x')</script> & {{ 7 * 7 }} {% endfor %}"
URL = "https://example.org/practice?a=1&b=2"
ACTION = {
    "action_no": 1, "action_id": "gap:absolute:foreign-taxes", "title": "Take up help with “foreign taxes”", "status": "proposed",
    "background": NASTY, "action": "Set up the help that is missing.",
    "players": "Testland Council: answers for the action;Agency: is consulted", "accountable": "Testland Council",
    "start_year": 2025, "end_year": 2027, "timeframe": "2025–2027", "costs_eur": None,
    "cost_note": "cost not published; to be estimated by the body accountable", "funding": None,
    "findings": "test:gap:absolute:enter:foreign-taxes", "lessons": "practice:otherland/ol-gp-1", "indicator": "SMEs helped",
    "indicator_codes": "RCO04", "indicator_note": "", "instrument_name": "Growth plan", "template": "2021-2027",
    "date": None, "signature": None, "stamp": None,
}  # fmt: skip
SECOND = ACTION | {
    "action_no": 2, "action_id": "journey:hand-over", "title": "Agree hand-overs", "status": "coordinate", "background": "Cold.",
    "costs_eur": 1000.0, "cost_note": "Own estimate", "funding": "ERDF 600; Council 400", "lessons": None, "findings": "test:journey",
}  # fmt: skip
ADVICE = {
    "recommendation_id": "gap:absolute:foreign-taxes", "option": "add", "why": "No service on record.", "status": "proposed",
    "decided_by": None, "decided_on": None, "value": 0.05, "need": "foreign-taxes", "practice_id": "ol-gp-1",
    "findings": "test:gap:absolute:enter:foreign-taxes",
}  # fmt: skip
FINDING = {
    "finding_id": "test:gap:absolute:enter:foreign-taxes", "kind": "gap", "statement": "Foreign taxes: no service on record.",
    "how_sure": "medium", "status": "candidate",
}  # fmt: skip
TABLES = {
    ("plan", "action_plan"): [ACTION, SECOND],
    ("plan", "recommendations"): [
        ADVICE,
        ADVICE | {
            "recommendation_id": "journey:hand-over", "option": "coordinate", "status": "coordinate", "decided_by": "steering group",
            "decided_on": "2024-05-02", "need": None, "practice_id": None, "value": 0.01,
        },
    ],
    ("test", "findings"): [FINDING],
    ("map", "findings"): [FINDING | {"finding_id": "map:thin-stage:aware", "kind": "thin-stage", "statement": "Thin."}],
    ("examine", "findings"): [FINDING | {"finding_id": "examine:x", "kind": "x", "statement": "Ended."}],
    ("compare", "findings"): [FINDING | {"finding_id": "compare:x", "statement": "Match."}],
    ("compare", "practice_matches"): [
        {
            "practice_id": "ol-gp-1", "region": "otherland", "region_name": "Otherland", "title": "Tax desk", "support_type": "advice",
            "evidence_grade": 1, "whom": "Tax & Trade", "results": "40 firms.", "source_title": "A <b>page</b>", "source_url": URL,
        }
    ],
    ("compare", "peers"): [{"rank": 1, "other": "otherland", "name": "Otherland", "likeness": 0.9}],
    ("compare", "profiles"): [
        {"region": "testland", "label": "Demand that services on record meet", "value": 0.25, "median": 0.5, "lowest": 0.25, "highest": None}
    ],
    ("compare", "strong_where"): [{"need": "foreign-taxes", "region": "testland", "served_share": 0.0}],
    ("compare", "regions_compared"): [{"region": "otherland", "name": "Otherland"}],
    ("compare", "what_we_could_give"): [{"practice_id": "gp-1", "taker_name": "Otherland"}],
    ("map", "services_in_force"): [{"service_id": "advice-1", "provider_id": "council", "audience": "resident-sme"}],
}  # fmt: skip


def a_picture() -> bytes:
    """A sound PNG of one white pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixel = zlib.compress(b"\0\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


@pytest.fixture
def outputs(tmp_path: Path) -> Path:
    """What a run of the tiny region left, as far as documents read it."""
    folder = tmp_path / "outputs"
    for (step, name), rows in TABLES.items():
        path = folder / "testland" / "tables" / step / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).to_csv(path, index=False)
    for step, name in (("plan", "timetable"), ("test", "demand_served")):
        path = folder / "testland" / "charts" / step / f"{name}.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(a_picture())
        path.with_suffix(".json").write_text('{"description": "Both \\"start\\" in 2025 & end."}', "utf-8")
    return folder


@pytest.fixture
def plan(outputs: Path, parameters: Path, tmp_path: Path) -> Path:
    """The Action Plan of the tiny region."""
    path = tmp_path / "plan.docx"
    write_action_plan(
        RunFiles(outputs / "testland"), load_pack(parameters / "testland"), load_common(parameters), path
    )
    return path


def make(outputs: Path, parameters: Path) -> tuple[Path, ...]:
    """Write all documents of the tiny region."""
    return write_documents(
        RunFiles(outputs / "testland"),
        load_pack(parameters / "testland"),
        load_common(parameters),
        outputs / "testland",
        templates=parameters / "testland" / "templates",
    )


def texts(path: Path) -> str:
    """All text of a document, tables included, in the order of the page."""
    return "\n".join(
        "".join(run.text or "" for run in paragraph.iter(qn("w:t")))
        for paragraph in Document(str(path)).element.body.iter(qn("w:p"))
    )


def table(path: Path, name: str) -> list[list[str]]:
    """The cells of the first table with that name."""
    for one in Document(str(path)).tables:
        if one._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == name:
            return [[cell.text for cell in row.cells] for row in one.rows]
    raise AssertionError(f"no table '{name}'")


def test_headings_follow_the_layout_of_the_programme(plan: Path) -> None:
    headings = [
        (p.style.name, p.text)
        for p in Document(str(plan)).paragraphs
        if p.style.name.startswith(("Title", "Heading"))
    ]
    parts = [
        "1. Background", "2. Action", "3. Players involved", "4. Timeframe", "5. Costs", "6. Funding sources",
    ]  # fmt: skip
    assert headings == [
        ("Title", "Action Plan – Testland"),
        ("Heading 1", "Part I – General information"),
        ("Heading 1", "Part II – Policy context"),
        ("Heading 1", "Part III – Details of the actions envisaged"),
        ("Heading 2", "Action 1: Take up help with “foreign taxes”"),
        *(("Heading 3", part) for part in parts),
        ("Heading 2", "Action 2: Agree hand-overs"),
        *(("Heading 3", part) for part in parts),
        ("Heading 1", "Signature"),
        ("Heading 1", "Annex 1 – Checks before signing"),
        ("Heading 1", "Annex 2 – What the region itself did or planned"),
        ("Heading 1", "Annex 3 – How to read this plan"),
        ("Heading 1", "Annex 4 – What the workbooks call the actions and findings"),
    ]


def test_every_table_has_a_name_and_a_marked_header_row_and_every_picture_says_what_it_shows(
    outputs: Path, parameters: Path
) -> None:
    for path in make(outputs, parameters):
        document = Document(str(path))
        body = document.element.body
        for one in body.iter(qn("w:tbl")):
            rows = list(one.iter(qn("w:tr")))
            marked = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
            assert marked == [True] + [False] * (len(rows) - 1)
            assert one.tblPr.find(qn("w:tblCaption")).get(qn("w:val"))
        says = [picture.get("descr") for picture in body.iter(qn("wp:docPr"))]
        assert says == ([] if path.stem == "good_practices" else ['Both "start" in 2025 & end.'])
        language = document.styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
        assert language.get(qn("w:val")) == document.core_properties.language == "en-GB"


def test_names_of_findings_stand_in_the_annex_alone(plan: Path, outputs: Path, parameters: Path) -> None:
    text = texts(plan)
    assert text.index("Annex 4") < text.index(FINDING["finding_id"])
    assert table(plan, "Findings the action rests on")[1] == [
        "1.1", "Foreign taxes: no service on record.", "3", "medium; candidate",
    ]  # fmt: skip
    assert table(plan, "Names in the workbooks")[1:3] == [
        ["Action 1", "gap:absolute:foreign-taxes"],
        ["Finding 1.1", FINDING["finding_id"]],
    ]
    dossier = texts(make(outputs, parameters)[1])
    assert FINDING["finding_id"] not in dossier
    assert "Thin. (candidate, how sure: medium)" in dossier


def test_the_signature_block_is_empty(plan: Path) -> None:
    assert table(plan, "Signature") == [["Date", "Signature", "Stamp (if available)"], ["", "", ""]]


def test_all_checks_are_listed_with_the_actions_that_pass_and_fail(plan: Path) -> None:
    rows = {row[0]: row[1:] for row in table(plan, "Checks before signing")[1:]}
    assert list(rows) == list(CHECKS.values())
    assert rows[CHECKS["lesson"]] == ["1", "2 (0 named)", "–"]  # the second action names no lesson
    assert rows[CHECKS["sum"]] == ["2", "–", "1 (cost or amounts not published)"]  # 600 + 400 = 1,000
    # 2 × 9 checks; not passed: one lesson; not to be checked: funding and sum of the action without a cost
    assert "18 checks, 15 passed, 1 not passed, 2 that cannot be made" in texts(plan)


def test_text_of_packs_is_data(plan: Path) -> None:
    assert NASTY in texts(plan)
    with zipfile.ZipFile(plan) as parts:
        assert b"<script>" not in parts.read("word/document.xml")
        assert b"a=1&amp;b=2" in parts.read("word/_rels/document.xml.rels")
    assert "A <b>page</b>" in texts(plan)


def test_a_link_that_is_no_web_address_stays_text(outputs: Path, parameters: Path, tmp_path: Path) -> None:
    path = outputs / "testland" / "tables" / "compare" / "practice_matches.csv"
    path.write_text(path.read_text("utf-8").replace(URL, "javascript:alert(1)"), "utf-8")
    made = tmp_path / "plan.docx"
    write_action_plan(
        RunFiles(outputs / "testland"), load_pack(parameters / "testland"), load_common(parameters), made
    )
    with zipfile.ZipFile(made) as parts:
        assert all(b"javascript" not in parts.read(name) for name in parts.namelist())


def test_what_is_missing_is_said_and_what_was_decided_is_said(plan: Path) -> None:
    text = texts(plan)
    assert "Cost not published; to be estimated by the body accountable." in text
    assert "No source decided." in text
    assert "ERDF: EUR 600; Council: EUR 400" in text
    assert "kind of the instrument: not published" in text
    assert "☒" not in text
    assert "by steering group, 2 May 2024." in text
    assert "not among the findings of this run" in text  # test:journey is on no list
    assert dict(table(plan, "General information"))["Contact person"] == "to be filled in by the organisation"


def test_the_kind_of_instrument_is_ticked_in_the_words_of_each_period(
    outputs: Path, parameters: Path, tmp_path: Path
) -> None:
    profile = parameters / "testland" / "region.yaml"
    kind = "policy_instrument_kind: Investment for Growth and Jobs programme\n"
    profile.write_text(profile.read_text("utf-8") + kind, "utf-8")
    path = tmp_path / "plan.docx"
    for version, words in (
        ("2014-2020", "☒ Investment for Growth and Jobs programme"),
        ("2021-2027", "☒ Investment for Jobs and Growth programme"),
    ):
        write_action_plan(
            RunFiles(outputs / "testland"),
            load_pack(profile.parent),
            load_common(parameters),
            path,
            version=version,
        )
        text = texts(path)
        assert words in text
        assert text.count("☐") == 2
        assert f"layout {version.replace('-', '–')}" in text


def test_documents_are_the_same_bytes_twice_and_hold_no_clock_and_no_user(
    outputs: Path, parameters: Path
) -> None:
    first = {p.name: p.read_bytes() for p in make(outputs, parameters)}
    again = make(outputs, parameters)
    assert {p.name: p.read_bytes() for p in again} == first
    assert set(first) == {"action_plan.docx", "peer_review_dossier.docx", "good_practices.docx"}
    for path in again:
        properties = Document(str(path)).core_properties
        assert properties.created.date().isoformat() == "2024-06-30"  # the day of the review
        assert (properties.author, properties.last_modified_by) == ("EIS workbooks", "")
        with zipfile.ZipFile(path) as parts:
            assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_plan_without_actions_and_a_region_without_pictures_still_make_documents(
    outputs: Path, parameters: Path
) -> None:
    shutil.rmtree(outputs / "testland" / "charts")
    for name in ("peers", "profiles", "strong_where", "what_we_could_give"):
        (outputs / "testland" / "tables" / "compare" / f"{name}.csv").unlink()  # as in a run of one region
    for step, name in (("plan", "action_plan"), ("plan", "recommendations")):
        path = outputs / "testland" / "tables" / step / f"{name}.csv"
        path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    plan, dossier, practices = make(outputs, parameters)
    assert "The review led to no action" in texts(plan)
    assert "There is no action to check." in texts(plan)
    assert "The review left no finding to ask peers about." in texts(dossier)
    assert "No good practice is on record" in texts(practices)


def test_the_dossier_asks_peers_and_says_whom(outputs: Path, parameters: Path, tmp_path: Path) -> None:
    path = tmp_path / "dossier.docx"
    write_dossier(
        RunFiles(outputs / "testland"), load_pack(parameters / "testland"), load_common(parameters), path
    )
    headings = [p.text for p in Document(str(path)).paragraphs if p.style.name == "Heading 2"]
    assert headings == [
        "1. How is a firm handed over from one body to the next in your region, and who keeps its record?",
        "2. How do firms in your region get help with “foreign taxes”, who gives it, and what does it cost a year?",
    ]
    text = texts(path)
    assert "Otherland, on “Tax desk” (evidence: self-reported)." in text
    assert "No remark of peers is on record; that is not the same as none having been made." in text
    assert table(path, "The landscape in figures")[1][1:] == ["25%", "50%", "25% to unknown"]


def test_a_practice_sheet_carries_the_fields_of_the_form(
    outputs: Path, parameters: Path, tmp_path: Path
) -> None:
    file = parameters / "testland" / "good_practices.csv"
    file.write_text(
        file.read_text("utf-8")
        + "gp-1,Desk & door,A desk.,advice,aware,finance,,10 firms,https://example.org,Page,published\n",
        "utf-8",
    )
    path = tmp_path / "practices.docx"
    write_practice_sheets(
        RunFiles(outputs / "testland"), load_pack(parameters / "testland"), load_common(parameters), path
    )
    fields = dict(table(path, "Good practice")[1:])
    assert fields["Title of the practice"] == "Desk & door"
    assert fields["Resources needed"] == "Cost: not published"
    assert fields["Timescale"] == "not published – end not published"
    assert fields["Evidence of success"] == "10 firms. Kind of evidence: not published."
    assert fields["Potential for learning or transfer"].startswith(
        "In this review it meets a gap of Otherland;"
    )


def test_fixed_words_numbers_and_lists_are_in_the_language_spoken(outputs: Path, parameters: Path) -> None:
    peers = outputs / "testland" / "tables" / "compare" / "peers.csv"
    peers.write_text(peers.read_text("utf-8") + "2,elsewhere,Elsewhere,0.5\n", "utf-8")
    with use_language("hr"):
        plan, dossier, _ = make(outputs, parameters)
    assert table(plan, "Findings the action rests on")[1][3] == "srednja; mogući nalaz"
    # what the review proposes is said in Croatian, what a region wrote itself stays as it is
    assert [row[1] for row in table(plan, "Players involved")[1:]] == ["odgovara za akciju", "is consulted"]
    rows = {row[0]: row[1:] for row in table(plan, "Checks before signing")[1:]}
    assert "1 (trošak nije objavljen)" in {row[2] for row in rows.values()}
    text = texts(plan)
    assert "Trošak nije objavljen; procjenjuje ga odgovorno tijelo." in text
    assert "Tax desk (Otherland; vlastito izvješće)." in text
    assert "Otherland (0,90) i Elsewhere (0,50)." in texts(dossier)
    language = Document(str(plan)).styles.element.find(f".//{qn('w:docDefaults')}//{qn('w:lang')}")
    assert language.get(qn("w:val")) == "hr-HR"


def test_an_invented_region_is_said_to_be_one(outputs: Path, parameters: Path) -> None:
    profile = parameters / "testland" / "region.yaml"
    profile.write_text(profile.read_text("utf-8") + "invented: true\n", "utf-8")
    for path in make(outputs, parameters):
        assert "Invented example: this region does not exist" in texts(path)


def test_a_region_s_own_template_goes_first_and_a_broken_one_is_named(
    outputs: Path, parameters: Path, tmp_path: Path
) -> None:
    own = tmp_path / "templates"
    own.mkdir()
    pack, common, plan = load_pack(parameters / "testland"), load_common(parameters), tmp_path / "plan.docx"
    template = Document(str(TEMPLATES / "action_plan.docx"))
    template.paragraphs[0].insert_paragraph_before("Our house")
    template.save(str(own / "action_plan.docx"))
    write_action_plan(RunFiles(outputs / "testland"), pack, common, plan, templates=own)
    assert texts(plan).startswith("Our house")
    before = plan.read_bytes()
    template.paragraphs[0].insert_paragraph_before("{{ nobody_knows }}")
    template.save(str(own / "action_plan.docx"))
    with pytest.raises(DocumentError, match=r"action_plan.docx cannot be filled: 'nobody_knows'"):
        write_action_plan(RunFiles(outputs / "testland"), pack, common, plan, templates=own)
    (own / "action_plan.docx").write_bytes(b"no archive")
    with pytest.raises(DocumentError, match=r"action_plan.docx cannot be filled"):
        write_action_plan(RunFiles(outputs / "testland"), pack, common, plan, templates=own)
    assert plan.read_bytes() == before


def test_the_stored_templates_are_those_the_script_builds(tmp_path: Path) -> None:
    build(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in TEMPLATES.glob("*.docx")}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (TEMPLATES / path.name).read_bytes()


def test_a_county_names_the_nuts_2_region_around_it(parameters: Path) -> None:
    region = load_pack(parameters / "testland").region
    assert nuts_2(region) == "Testland, DK04 (NUTS 2021)"
    county = region.model_copy(update={"nuts_code": "IE041", "nuts_level": 3, "level": "county"})
    assert nuts_2(county) == "IE04 (NUTS 2021); this plan is for Testland, county (IE041)"


def test_the_command_writes_all_documents_apart_from_the_run_and_says_what_is_missing(
    outputs: Path, parameters: Path, tmp_path: Path
) -> None:
    apart = tmp_path / "apart"
    options = ["--outputs", str(outputs), "--parameters", str(parameters), "--folder", str(apart)]
    made = CliRunner().invoke(app, ["documents", *options])
    assert made.exit_code == 0, made.output
    assert all(Path(line).parent == apart / "testland" for line in made.stdout.splitlines())
    assert not list(outputs.rglob("*.docx"))  # those belong to the run, and its manifest knows their bytes
    assert [Path(line).name for line in made.stdout.splitlines()] == [
        "action_plan.docx", "peer_review_dossier.docx", "good_practices.docx",
    ]  # fmt: skip
    bad = CliRunner().invoke(app, ["documents", "testland", "--layout", "2007-2013", *options])
    assert bad.exit_code == 2
    assert "there is no version '2007-2013' of the template; known: 2014-2020, 2021-2027" in bad.stderr
    (outputs / "testland" / "tables" / "plan" / "action_plan.csv").unlink()
    none = CliRunner().invoke(app, ["documents", "testland", *options])
    assert none.exit_code == 2
    assert "there is no plan/action_plan.csv" in none.stderr


def a_task(outputs: Path, parameters: Path, tmp_path: Path) -> Task:
    """A run that has executed step 5 of the tiny region, whose tables are not in their place yet."""
    folder = tmp_path / "scratch"
    for kind in ("tables", "charts"):
        (folder / "record" / kind).parent.mkdir(parents=True, exist_ok=True)
        (outputs / "testland" / kind / "plan").rename(folder / "record" / kind)
    (tmp_path / "checked.txt").touch()
    return Task("testland", "plan", tmp_path, parameters, outputs, (), tmp_path / "checked.txt", folder, 60)


def test_a_run_makes_the_documents_beside_the_plan_and_says_what_they_rest_on(
    outputs: Path, parameters: Path, tmp_path: Path
) -> None:
    expected = {path.name: path.read_bytes() for path in make(outputs, parameters)}
    task = a_task(outputs, parameters, tmp_path)
    read = {item.name: item.sha256 for item in make_documents(task, task.scratch)}
    assert {path.name: path.read_bytes() for path in task.scratch.glob("*.docx")} == expected
    findings = outputs / "testland" / "tables" / "test" / "findings.csv"
    assert read["testland/tables/test/findings.csv"] == sha256_of(findings)
    assert "testland/charts/test/demand_served.png" in read
    assert not any("/plan/" in name for name in read)  # what step 5 itself made is no input of it
    # there is no template of the region's own: the documents are out of date once there is one
    assert read["testland/templates/dossier.docx"] == ""


def test_documents_that_cannot_be_made_are_one_clear_message_of_the_run(
    outputs: Path, parameters: Path, tmp_path: Path
) -> None:
    own = parameters / "testland" / "templates"
    own.mkdir()
    (own / "dossier.docx").write_bytes(b"no archive")
    task = a_task(outputs, parameters, tmp_path)
    with pytest.raises(
        FailedNotebookError, match=r"documents could not be made: the template dossier.docx cannot be"
    ):
        make_documents(task, task.scratch)


def test_a_template_of_the_region_s_own_makes_the_plan_out_of_date(tmp_path: Path) -> None:
    name = "testland/templates/dossier.docx"
    now = Surroundings(tmp_path / "workbooks", tmp_path / "parameters", tmp_path / "outputs")
    entry = Entry("", {}, now.code, now.packages, now.python, (Input("pack", name, ""),), {}, {})
    manifest = Manifest("testland", {"plan": entry})
    assert stale_reasons(Node("testland", "plan"), manifest, now) == ()
    (now.parameters / name).parent.mkdir(parents=True)
    (now.parameters / name).write_bytes(b"mine")
    again = Surroundings(now.workbooks, now.parameters, now.outputs)
    assert stale_reasons(Node("testland", "plan"), manifest, again) == (f"{name} is new",)
