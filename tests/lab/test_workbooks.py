"""An analyst at work: JupyterLab as `eis lab` opens it, in a real Chromium, on a copy of the project.

The tests follow one session from top to bottom: each workbook is opened once and kept open.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from opened import PATIENCE, Book, Lab, Shelf
from playwright.sync_api import Locator, expect

from eis_lib.pack.pack import load_pack

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def first(shelf: Shelf) -> Book:
    """The first workbook."""
    return shelf.open("1_map")


@pytest.fixture(scope="module")
def third(shelf: Shelf) -> Book:
    """The third workbook."""
    return shelf.open("3_test")


@pytest.fixture(scope="module")
def sixth(shelf: Shelf, lab: Lab) -> Book:
    """The sixth workbook, of a region with an open alert."""
    begin_with(lab, "6_review", "donegal")
    return shelf.open("6_review")


def begin_with(lab: Lab, workbook: str, region: str) -> None:
    """Have a workbook opened with a region."""
    path = lab.root / "workbooks" / f"{workbook}.ipynb"
    path.write_text(path.read_text("utf-8").replace("koprivnica", region), "utf-8")


def rows_of(lab: Lab, region: str, table: str) -> list[dict[str, str]]:
    path = lab.root / "parameters" / region / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def grid_of(book: Book) -> Locator:
    """The cell of the editing grid, opened at services.csv."""
    cell = book.page.locator(".jp-CodeCell", has=book.page.get_by_role("button", name="Correct or add data"))
    if not cell.locator(".eis-grid").count():
        cell.get_by_role("button", name="Correct or add data").click()
        cell.get_by_label("Table", exact=True).select_option("services.csv")
        book.wait()
    return cell


def check_quiet(book: Book) -> None:
    assert book.errors == []
    assert {host.split(":")[0] for host in book.hosts} == {"127.0.0.1"}


def test_the_first_workbook_opens_as_a_page_without_code(first: Book) -> None:
    page = first.page
    pack = load_pack(ROOT / "parameters" / "koprivnica")
    held = f"{len(pack.services)} services of {len(pack.providers)} providers"
    expect(page.get_by_text(held)).to_be_visible()
    expect(page.get_by_text("What to do next:")).to_be_visible()
    expect(page.get_by_text("Results kept:")).to_contain_text("1 Map ○ to do")
    expect(page.get_by_text("book.explore").locator("visible=true")).to_have_count(0)
    expect(page.locator(".cm-content", has_text="open_workbook")).to_have_count(0)
    expect(page.locator(".jp-Dialog, .jp-Notification")).to_have_count(0)
    check_quiet(first)


def test_the_words_of_the_page_are_explained_by_keyboard(first: Book) -> None:
    summary = first.page.get_by_text("What the words on this page mean")
    summary.focus()
    first.page.keyboard.press("Enter")
    inner = first.page.locator("summary", has_text="Support type")
    inner.focus()
    first.page.keyboard.press("Enter")
    expect(first.page.locator("dt", has_text="Soft landing").first).to_be_visible()
    summary.focus()
    first.page.keyboard.press("Enter")


def test_another_region_redraws_prose_and_charts_without_a_restart(first: Book) -> None:
    first.choose_region("donegal")
    expect(
        first.page.get_by_text("Koprivnica", exact=False)
        .locator("visible=true")
        .filter(has_text="count for firms of")
    ).to_have_count(0)
    answer = first.output("count for firms of")
    expect(answer).to_contain_text("Donegal")
    first.choose_region("koprivnica")
    expect(answer).to_contain_text("Koprivnica")
    check_quiet(first)


def test_a_control_redraws_its_section_when_it_is_released(first: Book) -> None:
    cell = first.output("combinations of")
    expect(cell).to_contain_text("stage of the journey")
    cell.get_by_label("Facet", exact=True).select_option("Mode of internationalisation")
    first.wait()
    expect(cell.get_by_text("combinations of")).to_contain_text("mode of internationalisation")
    cell.get_by_label("Facet", exact=True).select_option("Stage of the journey")
    first.wait()
    expect(cell.get_by_text("combinations of")).to_contain_text("stage of the journey")


def test_a_chart_is_drawn_once_for_a_choice(first: Book) -> None:
    """JupyterLab draws a chart again once it has made a picture of it, if it is left to."""
    cell = first.output("combinations of")
    facet = cell.get_by_label("Facet", exact=True)
    first.page.evaluate(COUNT_CHARTS)
    facet.select_option("Mode of internationalisation")
    first.wait()
    first.page.wait_for_timeout(2000)
    assert first.page.evaluate("window.eisCharts") == 1
    facet.select_option("Stage of the journey")
    first.wait()


# counts charts as they are put into the page
COUNT_CHARTS = """
() => {
  window.eisCharts = 0;
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.matches) window.eisCharts += node.matches('svg.marks') ? 1 : node.querySelectorAll('svg.marks').length;
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
}
"""


def test_a_slider_moves_by_keyboard(first: Book) -> None:
    cell = first.output("Other year")
    handle = cell.locator(".noUi-handle")
    handle.focus()
    first.page.keyboard.press("ArrowRight")
    first.wait()
    expect(cell).to_contain_text("counted in 2019")


def test_a_clicked_cell_shows_the_services_behind_it_and_their_sources(first: Book) -> None:
    cell = first.output("combinations of")
    cell.scroll_into_view_if_needed()
    mark = cell.locator('svg [aria-label*="Training"][aria-label*="Prepare"]').first
    expect(mark).to_be_visible()
    mark.dispatch_event("click")
    first.wait()
    table = cell.locator("table", has_text="Services behind Training × Prepare")
    expect(table).to_be_visible()
    expect(table.locator("tbody tr").first).to_contain_text("https://")


def test_the_same_is_reached_by_the_keys_alone(first: Book) -> None:
    cell = first.output("combinations of")
    cell.get_by_label("Row", exact=True).select_option("Trade fair")
    cell.get_by_label("Column", exact=True).select_option("Enter the market")
    first.wait()
    expect(cell.get_by_text("Services behind Trade fair × Enter the market")).to_be_visible()


def test_a_bad_cell_is_refused_in_the_words_of_eis_check_then_corrected_and_saved(
    first: Book, lab: Lab
) -> None:
    cell = grid_of(first)
    before = rows_of(lab, "koprivnica", "services")
    number = next(i for i, row in enumerate(before) if not row["end_year"]) + 2
    year = cell.get_by_label(f"end_year, row {number}", exact=True)
    year.fill("2O25")
    year.press("Tab")
    first.wait()
    words = f"koprivnica/services.csv:{number}:end_year: holds '2O25'; allowed: a year from 1900 to 2035"
    expect(cell.locator(".eis-grid-faults")).to_have_text(words)
    assert year.get_attribute("aria-invalid") == "true"
    expect(cell.locator(".eis-grid-fault")).to_contain_text("holds '2O25'; allowed: a year from 1900 to 2035")
    cell.get_by_role("button", name="Save", exact=True).click()
    first.wait()
    expect(cell.locator(".eis-grid-message")).to_contain_text("Nothing was saved: 1 fault")
    assert lab.git("diff", "--stat") == ""
    year.fill("2025")
    year.press("Tab")
    first.wait()
    expect(cell.locator(".eis-grid-faults")).to_be_hidden()
    cell.get_by_role("button", name="Save", exact=True).click()
    first.wait()
    expect(cell.locator(".eis-grid-message")).to_contain_text("1 row changed")
    assert lab.git("diff", "--numstat").split() == ["1", "1", "parameters/koprivnica/services.csv"]
    assert rows_of(lab, "koprivnica", "services")[number - 2]["end_year"] == "2025"


def test_codes_are_chosen_rows_added_copied_deleted_and_undone(first: Book, lab: Lab) -> None:
    page = first.page
    cell = grid_of(first)
    count = len(rows_of(lab, "koprivnica", "services"))
    cell.get_by_label("support_type, row 2", exact=True).select_option("Loan or equity")
    many = cell.get_by_role("button", name=re.compile("^journey_stages, row 2:"))
    many.click()
    dialog = page.get_by_role("dialog", name="journey_stages")
    box = dialog.get_by_label("Become aware")
    was = box.is_checked()
    box.set_checked(not was)
    dialog.get_by_role("button", name="Take over").click()
    assert ("Become aware" in many.inner_text()) is not was
    cell.get_by_role("button", name=re.compile("^Duplicate ")).first.click()
    first.wait()
    expect(cell.locator(".eis-grid-place")).to_contain_text(f"of {count + 1}")
    cell.get_by_role("button", name="Add a row").click()
    first.wait()
    expect(cell.locator(".eis-grid-faults")).to_contain_text("is empty")
    for _ in range(4):
        cell.get_by_role("button", name="Undo").click()
    first.wait()
    expect(cell.locator(".eis-grid-place")).to_contain_text(f"of {count}")
    expect(cell.locator(".eis-grid-faults")).to_be_hidden()
    cell.get_by_role("button", name="Save", exact=True).click()
    first.wait()
    expect(cell.locator(".eis-grid-message")).to_have_text("Nothing was changed.")


def test_a_file_that_somebody_else_saved_is_not_overwritten(first: Book, lab: Lab) -> None:
    cell = grid_of(first)
    path = lab.root / "parameters" / "koprivnica" / "services.csv"
    name = cell.get_by_label("name, row 2", exact=True)
    mine = name.input_value()
    theirs = path.read_bytes().replace(mine.encode(), mine.encode() + b" (theirs)", 1)
    path.write_bytes(theirs)
    name.fill(mine + " II")
    name.press("Tab")
    first.wait()
    expect(cell.locator(".eis-grid-message")).to_contain_text("was changed by somebody else")
    cell.get_by_role("button", name="Save", exact=True).click()
    first.wait()
    expect(cell.locator(".eis-grid-message")).to_contain_text("nothing was saved")
    assert path.read_bytes() == theirs
    cell.get_by_role("button", name="Read the file again").click()
    first.wait()
    expect(cell.get_by_label("name, row 2", exact=True)).to_have_value(mine + " (theirs)")


def test_edits_that_were_not_saved_hold_the_page_at_its_region(first: Book) -> None:
    cell = grid_of(first)
    name = cell.get_by_label("name, row 2", exact=True)
    name.fill("Another name")
    name.press("Tab")
    first.wait()
    picker = first.page.get_by_label("Region", exact=True)
    picker.select_option("Donegal (donegal)")
    expect(first.page.get_by_text("First save or undo the edits of services.csv.")).to_be_visible()
    expect(picker).to_have_value("Koprivnica (koprivnica)")
    cell.get_by_role("button", name="Undo").click()
    first.wait()
    check_quiet(first)


def test_two_services_are_compared_limb_by_limb(third: Book) -> None:
    cell = third.output("to see why they are paired")
    one, two = cell.get_by_label("First service", exact=True), cell.get_by_label("Second service", exact=True)
    first, second = one.locator("option").all_text_contents()[:2]
    one.select_option(first)
    two.select_option(second)
    third.wait()
    expect(cell.get_by_text("candidate for").or_(cell.get_by_text("not a pair")).first).to_be_visible()
    table = cell.locator("table", has_text="What the two services share, limb by limb")
    for limb in ("Goal", "Activity", "Beneficiary"):
        expect(table.get_by_role("cell", name=limb, exact=True).first).to_be_visible()


def test_a_click_on_a_persona_shows_its_path(third: Book) -> None:
    cell = third.output("watch its path")
    cell.scroll_into_view_if_needed()
    # the page scrolls while it draws, so the click is given to the element itself
    cell.locator("svg text", has_text="Wine grower").first.dispatch_event("click")
    third.wait()
    expect(cell.get_by_label("Persona", exact=True)).to_have_value("Wine grower")
    expect(cell.get_by_text("A family estate of seven")).to_be_visible()


def test_a_decision_on_a_candidate_is_kept_and_found_by_the_plan(third: Book, shelf: Shelf, lab: Lab) -> None:
    cell = third.page.locator(
        ".jp-CodeCell", has=third.page.get_by_role("button", name="Record a decision")
    ).first
    cell.get_by_role("button", name="Record a decision").click()
    third.wait()
    subject = cell.get_by_label("On", exact=True)
    label = next(x for x in subject.locator("option").all_text_contents() if x.endswith("(candidate)"))
    subject.select_option(label)
    third.wait()
    cell.get_by_label("Decision", exact=True).select_option("Confirmed")
    cell.get_by_label("Decided by (role)").fill("steering group")
    cell.get_by_label("Why").fill("Both serve the same firms.")
    cell.get_by_role("button", name="Record", exact=True).click()
    third.wait()
    expect(cell).to_contain_text("Nothing was recorded; still to fill: Written down at.")
    cell.get_by_label("Written down at").fill("https://example.org/minutes")
    cell.get_by_role("button", name="Record", exact=True).click()
    third.wait()
    expect(cell).to_contain_text("Recorded as koprivnica-decision-1 in decisions.csv")
    (row,) = rows_of(lab, "koprivnica", "decisions")
    assert (row["subject_kind"], row["decision"], row["decided_by"]) == (
        "candidate",
        "confirmed",
        "steering group",
    )
    expect(third.page.get_by_text("People have confirmed 1 of them").first).to_be_visible()
    check_quiet(third)
    plan = shelf.open("5_plan")
    expect(plan.page.get_by_text("1 has been confirmed by people").first).to_be_visible()
    check_quiet(plan)
    plan.page.close()


def test_a_slider_begins_at_the_year_that_the_section_tells_of(sixth: Book) -> None:
    cell = sixth.page.locator(".jp-CodeCell", has_text="Since the end of").filter(
        has=sixth.page.locator(".widget-readout")
    )
    (told,) = set(re.findall(r"Since the end of (\d{4})", cell.text_content() or ""))
    expect(cell.locator(".widget-readout")).to_have_text(told)


def open_alerts(cell: Locator) -> int:
    """Return how many alerts a section says are open."""
    said = re.search(r"(\d+) alerts? (?:is|are) open", cell.text_content() or "")
    return int(said[1]) if said else 0


def test_a_decision_on_an_alert_is_kept_and_told_when_the_section_is_made_again(
    sixth: Book, lab: Lab
) -> None:
    watched = sixth.page.locator(".jp-CodeCell", has_text="Alerts, open ones first")
    before = open_alerts(watched)
    cell = sixth.page.locator(
        ".jp-CodeCell", has=sixth.page.get_by_role("button", name="Record a decision")
    ).first
    cell.get_by_role("button", name="Record a decision").click()
    sixth.wait()
    subject = cell.get_by_label("On", exact=True)
    subject.select_option(
        next(x for x in subject.locator("option").all_text_contents() if x.endswith("(open)"))
    )
    sixth.wait()
    expect(cell.locator(".widget-html")).to_have_text(subject.locator("option:checked").text_content() or "")
    decision = cell.get_by_label("Decision", exact=True)
    assert [x for x in decision.locator("option").all_text_contents() if x] == [
        "Confirmed", "Rejected", "Continue", "Adapt", "Stop",
    ]  # fmt: skip
    decision.select_option("Adapt")
    cell.get_by_label("Decided by (role)").fill("steering group")
    cell.get_by_label("Date", exact=True).fill("2026-01-15")
    cell.get_by_label("Why").fill("Its successor is being written.")
    cell.get_by_label("Written down at").fill("https://example.org/minutes")
    cell.get_by_role("button", name="Record", exact=True).click()
    sixth.wait()
    expect(cell).to_contain_text("Recorded as donegal-decision-1 in decisions.csv")
    (row,) = rows_of(lab, "donegal", "decisions")
    kept = ("subject_kind", "subject_id", "decision", "decided_by", "date")
    told = [row[column] for column in kept]
    assert told == ["alert", row["subject_id"], "adapt", "steering group", "2026-01-15"]
    assert open_alerts(watched) == before - 1
    alerts = watched.locator("table", has_text="Alerts, open ones first")
    expect(alerts.get_by_role("cell", name="decided", exact=True)).to_have_count(1)
    # the form is ready for the next decision of the same meeting
    expect(subject).to_have_value("")
    expect(cell.get_by_label("Why")).to_have_value("")
    expect(cell.get_by_label("Decided by (role)")).to_have_value("steering group")
    check_quiet(sixth)


def test_two_raters_meet_in_the_agreement_figure(shelf: Shelf, lab: Lab) -> None:
    book = shelf.open("2_examine")
    expect(book.page.get_by_text("There are no ratings").first).to_be_visible()
    cell = book.page.locator(".jp-CodeCell", has=book.page.get_by_role("button", name="Judge a policy"))
    cell.get_by_role("button", name="Judge a policy").click()
    book.wait()
    policies = cell.get_by_label("Policy", exact=True).locator("option").all_text_contents()
    for rater, levels in (("regional analyst", "24"), ("programme manager", "23")):
        for policy, level in zip([x for x in policies if x.strip()][:2], levels, strict=True):
            cell.get_by_label("Policy", exact=True).select_option(policy)
            for name, start in (("Criterion", "Relevance"), ("Level", level), ("Confidence", "Medium")):
                options = cell.get_by_label(name, exact=True).locator("option").all_text_contents()
                cell.get_by_label(name, exact=True).select_option(
                    next(x for x in options if x.startswith(start))
                )
            cell.get_by_label("Rater (role)").fill(rater)
            cell.get_by_label("Written down at").fill("https://example.org/judgements")
            cell.get_by_role("button", name="Record", exact=True).click()
            book.wait()
    assert [row["level"] for row in rows_of(lab, "koprivnica", "assessments")] == ["2", "4", "2", "3"]
    expect(book.page.get_by_text("There are no ratings")).to_have_count(0)
    expect(
        book.page.locator(".jp-RenderedMarkdown", has_text="Ordinal alpha over 2 units rated twice")
    ).to_be_visible()
    check_quiet(book)
    book.page.close()


def test_a_new_region_is_begun_from_the_picker_and_every_workbook_runs_on_it(
    first: Book, third: Book, sixth: Book, shelf: Shelf, lab: Lab
) -> None:
    page = first.page
    first.top()
    page.get_by_label("Region", exact=True).select_option("add a region…")
    page.get_by_label("Name in English").fill("Östra Provland")
    page.get_by_label("NUTS code", exact=True).fill("9X")
    page.get_by_label("Languages", exact=True).fill("sv")
    page.get_by_role("button", name="Begin this region").click()
    first.wait()
    expect(page.get_by_text("Nothing was written.")).to_be_visible()
    assert not (lab.root / "parameters" / "ostra-provland").exists()
    page.get_by_label("NUTS code", exact=True).fill("SE12")
    page.get_by_role("button", name="Begin this region").click()
    first.wait()
    expect(page.get_by_label("Region", exact=True)).to_have_value("Östra Provland (ostra-provland)")
    assert (lab.root / "parameters" / "ostra-provland" / "services.csv").is_file()
    for book in (third, sixth):  # they were opened before the region was begun
        book.page.get_by_role("button", name="Read the pack again").click()
        book.wait()
        book.choose_region("ostra-provland")
    others = ("2_examine", "4_compare", "5_plan")
    for name in others:
        begin_with(lab, name, "ostra-provland")
    for book in (first, third, sixth, *(shelf.open(name) for name in others)):
        expect(
            book.page.get_by_text("List the organisations that help firms to go abroad").first
        ).to_be_visible()
        expect(book.page.get_by_text("This section cannot be shown")).to_have_count(0)
        check_quiet(book)


def test_a_saved_workbook_is_the_workbook_as_it_was_so_a_run_gives_the_same_bytes(
    first: Book, lab: Lab
) -> None:
    first.page.keyboard.press("Escape")
    with first.page.expect_response(lambda answer: answer.request.method == "PUT" and "1_map" in answer.url):
        first.page.locator(".jp-Notebook").first.press("Control+s")
    assert lab.git("diff", "--", "workbooks/1_map.ipynb") == ""


def test_kernels_of_the_lab_start_warm(first: Book) -> None:
    told = first.page.evaluate("async () => (await fetch('/api/kernelspecs')).json()")
    spec = told["kernelspecs"]["python3"]["spec"]
    assert spec["metadata"]["kernel_provisioner"]["provisioner_name"] == "eis-forkserver"
