"""The pages in a real browser, opened from disk with the network off."""

from __future__ import annotations

import datetime as dt
import os
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from eis_lib.pages.accessibility import CHECK_FILE, Check, PageCheck, format_check, looks_sha256, read_check

pytestmark = pytest.mark.browser

KINDS = {
    "front page": "index.html",
    "region": "example/index.html",
    "map": "example/1_map.html",
    "examine": "example/2_examine.html",
    "test": "example/3_test.html",
    "compare": "example/4_compare.html",
    "plan": "example/5_plan.html",
    "review": "example/6_review.html",
    "rows": "example/rows_services.html",
    "rows with names in another language": "example/rows_providers.html",
    "comparison": "compare.html",
    "vocabulary": "vocabulary.html",
    "how this was made": "made.html",
    "snapshots": "snapshots.html",
    "search": "search.html?q=fair",
    "accessibility statement": "accessibility.html",
}


@pytest.fixture
def open_page(chromium, made):
    """Open a page from disk, offline; what the browser complains of is gathered and must be nothing."""
    complaints: list[str] = []
    contexts = []

    def opening(url: str, *, width: int = 1280, scheme: str = "light", **options):
        context = chromium.new_context(
            offline=True,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            bypass_csp=False,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"{url}: {said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{url}: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"{url}: failed: {request.url}"))
        page.on(
            "request",
            lambda request: request.url.startswith(("file://", "data:")) or complaints.append(request.url),
        )
        page.on(
            "dialog",
            lambda dialog: (complaints.append(f"{url}: a dialog: {dialog.message}"), dialog.dismiss()),
        )
        page.goto(f"file://{made.folder}/{url}")
        return page

    yield opening
    for context in contexts:
        context.close()
    assert complaints == []


def test_every_page_opens_from_disk_without_error_or_request(open_page, made):
    page = open_page("index.html")
    for path in made.pages():
        page.goto(f"file://{path}")
        assert page.locator("h1").count() == 1, path


ROWS_ALIKE = """for (const part of document.querySelectorAll('details')) part.open = true;
for (const body of document.querySelectorAll('tbody')) while (body.rows.length > 5) body.deleteRow(-1);
for (const list of document.querySelectorAll('main > article')) if (list.matches('article:nth-of-type(n+9)')) list.remove();"""
"""What is folded is part of the page; the rows of one table are alike, and five of them are checked."""

IN_THE_DARK = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Rules that look at colours; the others see the same page by day and by night."""


def check_kind(browser, made, kind):
    """Return violations by rule, what the accessibility statement says of this kind of page, and axe's version."""
    page = browser.new_context(offline=True, bypass_csp=True).new_page()
    page.goto(f"file://{made.folder}/{KINDS[kind]}")
    page.evaluate(ROWS_ALIKE)
    violations, passed, to_judge = {}, 0, set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        options = {"resultTypes": ["violations", "incomplete"]} | (
            {"runOnly": IN_THE_DARK} if scheme == "dark" else {}
        )
        response = Axe().run(page, options=options).response
        for rule in response["violations"]:
            name = f"{scheme}: {rule['id']} ({rule['impact']})"
            violations[name] = [node["html"][:160] for node in rule["nodes"][:3]]
        passed = max(passed, len(response["passes"]))
        to_judge |= {rule["id"] for rule in response["incomplete"]}
    page.context.close()
    engine = f"{response['testEngine']['name']} {response['testEngine']['version']}"
    return violations, PageCheck(kind, passed, len(violations), tuple(sorted(to_judge))), engine


def test_axe_finds_no_violation_on_any_kind_of_page(chromium, made):
    found = {kind: check_kind(chromium, made, kind) for kind in KINDS}
    for kind, (_, check, _) in found.items():
        print(f"{kind}: {check.rules_passed} rules passed, {check.violations} violations")
    if os.environ.get("EIS_REFERENCE") == "write":
        check = Check(
            dt.datetime.now(dt.UTC).date().isoformat(),
            found["region"][2],
            f"Chromium {chromium.version}",
            looks_sha256(),
            tuple(check for _, check, _ in found.values()),
        )
        CHECK_FILE.write_text(format_check(check), "utf-8")
    assert {kind: violations for kind, (violations, _, _) in found.items() if violations} == {}


def test_the_accessibility_statement_rests_on_a_check_of_these_looks():
    """After a change of template, style or script: EIS_REFERENCE=write pytest tests/pages -k axe, and look at the result."""
    check = read_check()
    assert check is not None
    assert check.looks == looks_sha256(), "templates, style or scripts changed since the last check"
    assert sum(page.violations for page in check.pages) == 0
    assert {page.kind for page in check.pages} == set(KINDS)


def test_the_keyboard_reaches_everything(open_page):
    page = open_page("example/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "page-content"
    # nothing is folded here, so that every stop is one that shows
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    wanted = page.locator('main :is(a[href], button, summary, [tabindex="0"]):visible').count()
    reached = set()
    for _ in range(wanted + 20):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => { const here = document.activeElement; if (!here.closest('main')) return -1;
            const box = here.getBoundingClientRect(); const style = getComputedStyle(here);
            if (style.outlineStyle === 'none') return 'no outline: ' + here.outerHTML.slice(0, 80);
            return [...document.querySelectorAll('*')].indexOf(here); }"""
        )
        if where == -1:
            break
        assert not isinstance(where, str), where
        reached.add(where)
    assert len(reached) == wanted


def test_folds_open_and_columns_sort_from_the_keyboard(open_page):
    page = open_page("example/1_map.html")
    fold = page.locator("details.code").nth(3)
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.locator("code").is_visible()

    table = page.locator("table.data:has(th button:text-is('Records'))").first
    head = table.locator("th", has=page.locator("button:text-is('Records')"))
    column = page.evaluate("head => head.cellIndex", head.element_handle())

    def numbers() -> list[int]:
        return list(map(int, table.locator(f"tbody tr > :nth-child({column + 1})").all_inner_texts()))

    before = numbers()
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert (numbers(), head.get_attribute("aria-sort")) == (sorted(before), "ascending")
    page.keyboard.press("Enter")
    assert (numbers(), head.get_attribute("aria-sort")) == (sorted(before, reverse=True), "descending")


def test_missing_cells_stay_last_whichever_way_a_column_is_sorted(open_page, made, tmp_path):
    (tmp_path / "site.js").write_bytes((made.folder / "assets" / "site.js").read_bytes())
    (tmp_path / "page.html").write_text(
        """<!doctype html><html lang="en"><meta charset="utf-8"><table class="data"><thead><tr><th class="n">A</th></tr></thead><tbody>
        <tr><td>–</td></tr><tr><td>10</td></tr><tr><td>1,200</td></tr><tr><td>9</td></tr></tbody></table>
        <script src="site.js"></script>""",
        "utf-8",
    )
    page = open_page("index.html")
    page.goto(f"file://{tmp_path}/page.html")
    cells = page.locator("td")
    page.locator("button").click()
    assert cells.all_inner_texts() == ["9", "10", "1,200", "–"]
    page.locator("button").click()
    assert cells.all_inner_texts() == ["1,200", "10", "9", "–"]


def test_search_finds_rows_findings_and_words_without_regard_to_accents(open_page):
    page = open_page("index.html")
    page.get_by_label("Search").fill("exemplaris")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("search.html"))
    assert page.locator("#found a").first.inner_text() == "Regio Exemplāris"
    page.get_by_label("Look for").fill("guarantee or insurance")
    page.locator("#found >> text=Vocabulary").first.wait_for()
    page.locator("#found a", has_text="Guarantee or insurance").first.click()
    page.locator(":target").wait_for(state="attached")


def test_the_pages_can_be_read_without_javascript(open_page):
    page = open_page("example/1_map.html", java_script_enabled=False)
    assert page.locator(".cell > .scroll table.data").first.is_visible()
    page.locator("details.code summary").nth(3).click()
    assert page.locator("details.code code").nth(3).is_visible()
    assert page.locator("a[download]").count() > 5


@pytest.mark.parametrize("kind", KINDS)
def test_at_400_percent_nothing_but_tables_and_charts_scrolls_sideways(open_page, kind):
    """1280 pixels at 400 % are 320 (WCAG 2.1, 1.4.10)."""
    page = open_page(KINDS[kind], width=320)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    lost = page.evaluate(
        """() => [...document.querySelectorAll('main *')].filter((part) => {
          if (part.closest('.scroll, .hidden, pre') || !part.checkVisibility()) return false;
          const box = part.getBoundingClientRect();
          return box.width && (box.right > 321 || box.left < -1);
        }).map((part) => part.outerHTML.slice(0, 100))"""
    )
    assert lost == []
    unreachable = page.evaluate(
        """() => [...document.querySelectorAll('.scroll')].filter((frame) => frame.checkVisibility()
          && frame.scrollWidth > frame.clientWidth + 1 && frame.tabIndex !== 0).length"""
    )
    assert unreachable == 0


def test_nothing_of_a_hostile_pack_runs(open_page, made):
    page = open_page("index.html")
    for path in sorted(made.folder.glob("hostile/*.html")):
        page.goto(f"file://{path}")
    page.goto(f"file://{made.folder}/hostile/rows_services.html")
    assert page.locator("article h2", has_text="<img src=x onerror=alert(1)>").count() == 1
    page.goto(f"file://{made.folder}/hostile/rows_providers.html")
    assert page.locator("article h2", has_text='"};alert(1)//').count() == 1
    for words in ("onerror", "alert(1)//"):
        page.goto(f"file://{made.folder}/search.html?q={words}")
        assert page.locator("#found li").count() > 0


def test_paper_shows_the_page_and_not_its_controls(open_page):
    page = open_page("example/1_map.html")
    page.emulate_media(media="print")
    for gone in (".top", ".turn >> nth=0", "details.code >> nth=0"):
        assert not page.locator(gone).is_visible()
    assert page.locator("figure img").first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll:has(.data)')).maxHeight") == "none"
    assert len(page.pdf(format="A4")) > 50_000
    page = open_page("example/3_test.html")
    page.emulate_media(media="print")
    broad = "getComputedStyle(document.querySelector('.scroll:has(.broad)')).page"
    assert page.evaluate(broad) == "broad"  # a table of many columns gets a broad page of its own
