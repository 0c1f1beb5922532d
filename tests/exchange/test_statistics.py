"""Indicators live, against a server on this machine that answers from small recordings, well or badly."""

from __future__ import annotations

import csv
import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from typer.testing import CliRunner

from eis_lib.exchange import eurostat
from eis_lib.exchange.eurostat import Source
from eis_lib.exchange.series import SERIES, Area, StatisticsError, Value, areas_of
from eis_lib.exchange.statistics import merge, refresh
from eis_lib.pack.pack import check_common, load_pack
from eis_lib.pack.saving import ChangedOnDiskError, read_rows

pytestmark = pytest.mark.slow  # a server on loopback answers

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(__file__).parent / "recorded"
HEAD = (
    "ref_area,ref_area_name,nuts_version,indicator,indicator_name,unit,time_period,obs_value,obs_flag,"
    "source_title,source_url,evidence,note\n"
)
OLD = "Eurostat tgs00003 (extraction of Dec 2020),https://example.org/old,published"
GDP = "gdp-meur,Gross domestic product at current market prices,million EUR"
ROWS = (
    f"DK04,Midtjylland,2021,{GDP},2019,49000,,{OLD},\n"
    f'DK04,"Midtjylland",2021,{GDP},2020,50000.50,,{OLD},"quoted, and kept"\n'
    f"DK04,Midtjylland,2021,{GDP},2021,51999.9,e,{OLD},Looked at twice.\n"
    f"DK,Denmark,,population,Population on 1 January,persons,2020,5822763,,{OLD},\n"
    f'DK04,Midtjylland,2021,unemployment-rate,"Unemployment rate, 15 years and over",% of labour force,2021,4.9,u,{OLD},\n'
)

Handler = Callable[[BaseHTTPRequestHandler, str], None]


class Server(ThreadingHTTPServer):
    """Answers from the recordings, or as `instead` says for paths that hold `at`."""

    daemon_threads = True
    instead: Handler | None = None
    at = "/data/"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_args: object) -> None:
        """Say nothing of clients that hang up."""


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.instead and self.server.at in self.path:
            self.server.instead(self, self.path)
        else:
            answer(self, recorded(self.path))

    def log_message(self, *_args: object) -> None:
        pass


def answer(
    handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, length: int | None = None, **headers: str
) -> None:
    handler.send_response(status)
    for name, value in (
        {"Content-Type": "application/xml"} | {n.replace("_", "-"): v for n, v in headers.items()}
    ).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def recorded(path: str) -> bytes:
    """Return a recording; of data, the series that the key in the path asks for."""
    parts = urlsplit(path).path.strip("/").split("/")
    if parts[0] == "dataflow":
        return (RECORDED / f"{parts[2].lower()}.structure.xml").read_bytes()
    flow = parts[1].lower()
    structure = etree.parse(RECORDED / f"{flow}.structure.xml")
    dimensions = [node.get("id") for node in structure.iter("{*}Dimension")]
    wanted = dict(zip(dimensions, (part.split("+") for part in parts[2].split(".")), strict=True))
    data = etree.parse(RECORDED / f"{flow}.data.xml")
    for series in list(data.iter("Series")):
        if any(series.get(name) not in codes for name, codes in wanted.items()):
            series.getparent().remove(series)
    return etree.tostring(data, xml_declaration=True, encoding="UTF-8")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def known(pack: Path) -> Path:
    """The pack of the shared fixture, in DK04, with a small table of indicators."""
    region = pack / "region.yaml"
    areas = 'indicator_areas:\n  - {code: DK04, version: "2016"}\n  - {code: DK04, version: "2021"}\n  - {code: IE01, version: "2013"}\n'
    region.write_text(region.read_text("utf-8") + areas, "utf-8")
    (pack.parent / "_common" / "indicators.csv").write_text(HEAD + ROWS, "utf-8")
    return pack.parent


def table(known: Path) -> bytes:
    return (known / "_common" / "indicators.csv").read_bytes()


def find(known: Path, *key: str) -> dict[str, str]:
    rows, _ = read_rows(known / "_common", "indicators")
    (row,) = [row for row in rows if (row["ref_area"], row["indicator"], row["time_period"]) == key]
    return row


def test_new_periods_are_added_and_past_values_revised(pack: Path, known: Path, server: Server) -> None:
    said: list[str] = []
    changes = refresh(known, pack.name, Source(server.url), said.append)
    assert check_common(known) == []
    shown = [str(change) for change in changes]
    assert shown[:2] == [
        "revised: gdp-meur DK04 (NUTS 2021) 2021: 51999.9 [e] → 52000 [p] (was: Eurostat tgs00003 (extraction of Dec 2020))",
        "flagged: unemployment-rate DK04 (NUTS 2021) 2021: 4.9 [u] → 4.9 (was: Eurostat tgs00003 (extraction of Dec 2020))",
    ]
    assert "added: gdp-meur DK04 (NUTS 2021) 2022: 53000 [p]" in shown
    assert {change.kind for change in changes[2:]} == {"added"}
    revised = find(known, "DK04", "gdp-meur", "2021")
    assert revised["note"] == (
        "Looked at twice. Revised: 51999.9 [e] before, by Eurostat tgs00003 (extraction of Dec 2020)"
    )
    assert revised["source_title"] == "Eurostat nama_10r_2gdp (extraction of 11 Feb 2026)"
    assert (
        revised["source_url"] == "https://ec.europa.eu/eurostat/databrowser/view/nama_10r_2gdp/default/table"
    )
    assert find(known, "DK04", "gdp-meur", "2022")["nuts_version"] == "2021"
    # a break is flagged, a missing value is no row: missing is not zero
    assert find(known, "DK04", "population", "2021")["obs_flag"] == "b"
    assert (
        "DK04,Midtjylland,2021,population,Population on 1 January,persons,2022" not in table(known).decode()
    )
    assert any("no values for" in text and "IE01" in text for text in said)


def test_what_is_calculated_says_so(pack: Path, known: Path, server: Server) -> None:
    refresh(known, pack.name, Source(server.url))
    share = find(known, "DK04", "employment-industry-share", "2020")
    assert (share["obs_value"], share["obs_flag"]) == ("17.21", "b derived")  # 100 * 120.5 / 700 = 17.214…
    with pytest.raises(ValueError, match="not enough values"):  # the total of 2021 is missing
        find(known, "DK04", "employment-industry-share", "2021")
    mean = find(known, "DK", "economic-sentiment", "2020")
    assert (mean["obs_value"], mean["obs_flag"]) == ("96.5", "derived")  # (91 + … + 102) / 12
    with pytest.raises(ValueError, match="not enough values"):  # one month of 2021 is no year
        find(known, "DK", "economic-sentiment", "2021")


def test_several_flags_are_kept_apart_and_pass_to_what_is_calculated(
    pack: Path, known: Path, server: Server
) -> None:
    server.instead = lambda h, p: answer(
        h,
        recorded(p)
        .replace(b'OBS_VALUE="120.5" OBS_FLAG="b"', b'OBS_VALUE="120.5" OBS_FLAG="bu"')
        .replace(b'OBS_VALUE="93"', b'OBS_VALUE="93" OBS_FLAG="ep"'),
    )
    refresh(known, pack.name, Source(server.url))
    assert find(known, "DK04", "employment-industry-share", "2020")["obs_flag"] == "b u derived"
    assert find(known, "DK", "economic-sentiment-monthly", "2020-03")["obs_flag"] == "e p"
    assert find(known, "DK", "economic-sentiment", "2020")["obs_flag"] == "e p derived"


def test_unchanged_rows_keep_their_bytes_and_their_place(pack: Path, known: Path, server: Server) -> None:
    before = table(known).decode().splitlines()
    refresh(known, pack.name, Source(server.url))
    after = table(known).decode().splitlines()
    changed = {before[3], before[5]}  # the two that were revised or flagged
    kept = [line for line in before if line not in changed]
    assert [line for line in after if line in kept] == kept
    # 2022 stands right behind 2021 of the same series
    assert after[4].startswith("DK04,Midtjylland,2021,gdp-meur")
    assert ",2022,53000,p," in after[4]


def test_a_second_refresh_changes_nothing(pack: Path, known: Path, server: Server) -> None:
    refresh(known, pack.name, Source(server.url))
    before = table(known)
    assert refresh(known, pack.name, Source(server.url)) == []
    assert table(known) == before


def test_only_the_region_its_country_and_the_average_are_asked_for(
    pack: Path, known: Path, server: Server
) -> None:
    refresh(known, pack.name, Source(server.url))
    keys = [path.split("/")[-1].split("?")[0] for path in server.asked if "/data/" in path]
    assert len(keys) == len(SERIES)
    # positional key: in the order of the structure, geo last
    assert keys[0] == "A.MIO_EUR.DK+DK04+EU27_2020+IE01"
    assert keys[4] == "A.B-E+TOTAL.Y_GE15.T.THS.DK+DK04+EU27_2020+IE01"
    # each structure once, and never with references=all, which Eurostat refuses
    structures = [path for path in server.asked if "/dataflow/" in path]
    assert len(structures) == len({series.dataset for series in SERIES})
    assert all(path.endswith("references=children") for path in structures)
    assert "startPeriod=2019" in next(path for path in server.asked if "MIO_EUR" in path)


def tiny(handler: BaseHTTPRequestHandler, path: str) -> None:
    """Send a byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/xml")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


FOOTER = (
    b'<m:StructureSpecificData xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    b'xmlns:f="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message/footer" '
    b'xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"><m:Header><m:ID>X</m:ID><m:Test>false</m:Test>'
    b'<m:Prepared>2026-02-11T11:00:00Z</m:Prepared><m:Sender id="ESTAT"/></m:Header><f:Footer><f:Message code="413" '
    b'severity="Information"><c:Text>Come back later at https://example.org/file.zip</c:Text></f:Message></f:Footer>'
    b"</m:StructureSpecificData>"
)
BAD: dict[str, tuple[Handler, str]] = {
    "limited": (lambda h, _p: answer(h, b"", 429, Retry_After="120"), "try again after 120 seconds"),
    "limited, no time": (lambda h, _p: answer(h, b"", 429), "limits how often it is asked; try again later"),
    "too big": (lambda h, _p: answer(h, b"EXTRACTION_TOO_BIG", 413), "too big (413); ask for fewer areas"),
    "unknown": (lambda h, _p: answer(h, b"", 404), "does not know it (404)"),
    "refused": (lambda h, _p: answer(h, b"", 400), "refuses the request (400)"),
    "broken server": (lambda h, _p: answer(h, b"", 503), "a fault of its own (503); try again later"),
    "asynchronous, XML": (lambda h, _p: answer(h, FOOTER), "being prepared and is not ready yet; come back later"),
    "asynchronous, JSON": (
        lambda h, _p: answer(
            h, b'{"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}', Content_Type="application/json"
        ),
        "come back later",
    ),
    "truncated": (lambda h, p: answer(h, recorded(p)[:700], length=5000), "the answer broke off"),
    "cut, length right": (lambda h, p: answer(h, recorded(p)[:-200]), "cannot be read as SDMX"),
    "a page": (lambda h, _p: answer(h, b"<html><body>Maintenance</body>", Content_Type="text/html"), "cannot be read as SDMX"),
    "empty": (lambda h, _p: answer(h, b""), "cannot be read as SDMX"),
    "no number": (lambda h, p: answer(h, recorded(p).replace(b'"52000"', b'"many"')), "holds 'many' for DK04 2021, which is no number"),
    "another period": (lambda h, p: answer(h, recorded(p).replace(b'"2021"', b'"2021-W05"')), "holds the period '2021-W05'"),
    "another area": (lambda h, p: answer(h, recorded(p).replace(b'geo="DK04"', b'geo="DK05"')), "holds the area 'DK05', which was not asked for"),
    "another unit": (lambda h, p: answer(h, recorded(p).replace(b'"MIO_EUR"', b'"MIO_NAC"')), "holds unit 'MIO_NAC', which was not asked for"),
    "twice": (lambda h, p: answer(h, recorded(p).replace(b'"2022"', b'"2021"')), "twice"),
    "silent": (lambda _h, _p: time.sleep(1.2), "did not answer in time"),
    "endlessly slow": (tiny, "did not answer in time"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_answer_is_one_clear_message_and_the_file_as_it_was(
    case: str, pack: Path, known: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eurostat, "PATIENCE", 0.5)
    monkeypatch.setattr(eurostat, "LONGEST", 0.5)
    server.instead, words = BAD[case]
    before = table(known)
    with pytest.raises(StatisticsError) as raised:
        refresh(known, pack.name, Source(server.url))
    assert words in str(raised.value)
    assert str(raised.value).startswith("nama_10r_2gdp: ")
    assert "\n" not in str(raised.value)
    assert table(known) == before
    assert sorted(path.name for path in (known / "_common").iterdir() if path.name.startswith(".")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'id="geo"', b'id="region"', "it has no dimension geo any more and has a new dimension region"),
        (b'<str:Dimension id="unit" position="2">', b'<str:Dimension id="currency" position="2">', "no dimension unit"),
    ],
)  # fmt: skip
def test_a_changed_structure_is_named(
    old: bytes, new: bytes, words: str, pack: Path, known: Path, server: Server
) -> None:
    server.at = "/dataflow/"
    server.instead = lambda h, p: answer(h, recorded(p).replace(old, new))
    before = table(known)
    with pytest.raises(StatisticsError, match="nama_10r_2gdp: its structure has changed") as raised:
        refresh(known, pack.name, Source(server.url))
    assert words in str(raised.value)
    assert table(known) == before


def test_the_last_dataset_failing_leaves_the_file_as_it_was(pack: Path, known: Path, server: Server) -> None:
    server.at = "/data/EI_BSSI_M_R2"
    server.instead = lambda h, _p: answer(h, b"", 503)
    before = table(known)
    with pytest.raises(StatisticsError, match="ei_bssi_m_r2"):
        refresh(known, pack.name, Source(server.url))
    assert table(known) == before


def test_no_results_is_no_fault(pack: Path, known: Path, server: Server) -> None:
    server.at = "/data/DEMO_R_D2JAN"
    server.instead = lambda h, _p: answer(
        h, b'<e><ErrorMessage code="100">No results</ErrorMessage></e>', 404
    )
    changes = refresh(known, pack.name, Source(server.url))
    assert changes
    assert not any(change.key[2] == "population" for change in changes)


def test_offline_is_one_clear_message(pack: Path, known: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    before = table(known)
    with pytest.raises(StatisticsError, match=r"cannot be reached; is there a network\?"):
        refresh(known, pack.name, Source(f"http://127.0.0.1:{port}"))
    assert table(known) == before


def test_a_table_saved_meanwhile_is_not_overwritten(pack: Path, known: Path, server: Server) -> None:
    def edit(handler: BaseHTTPRequestHandler, path: str) -> None:
        (known / "_common" / "indicators.csv").write_text(HEAD, "utf-8")
        answer(handler, recorded(path))

    server.instead = edit
    with pytest.raises(ChangedOnDiskError):
        refresh(known, pack.name, Source(server.url))
    assert table(known).decode() == HEAD


def test_the_command_says_what_changed_and_ends_well_or_badly(
    pack: Path, known: Path, server: Server
) -> None:
    from typer import Typer

    from eis_lib.commands.results import indicators

    app = Typer()
    app.command()(indicators)
    good = CliRunner().invoke(app, [pack.name, "--parameters", str(known), "--url", server.url])
    assert good.exit_code == 0
    assert "revised: gdp-meur DK04 (NUTS 2021) 2021: 51999.9 [e] → 52000 [p]" in good.stdout
    assert "1 revised, 1 with other flags" in good.stderr
    server.instead = lambda h, _p: answer(h, b"", 429, Retry_After="7")
    bad = CliRunner().invoke(app, [pack.name, "--parameters", str(known), "--url", server.url])
    assert bad.exit_code == 1
    assert bad.stdout == ""
    assert bad.stderr.splitlines()[-1] == (
        "eis: nama_10r_2gdp: the source limits how often it is asked; try again after 7 seconds. "
        "_common/indicators.csv is as it was."
    )


# --- parts -----------------------------------------------------------------------------------------------------

POPULATION = next(series for series in SERIES if series.indicator == "population")


def value(period: str, text: str, flag: str = "") -> Value:
    return Value(POPULATION, Area("DK", "", "Denmark"), period, text, flag, dt.date(2026, 2, 11))


def row(period: str, text: str, flag: str = "", note: str = "") -> dict[str, str]:
    return {
        "ref_area": "DK", "ref_area_name": "Denmark", "nuts_version": "", "indicator": "population", "time_period": period,
        "obs_value": text, "obs_flag": flag, "source_title": "Old", "note": note,
    }  # fmt: skip


def test_the_same_number_written_otherwise_is_no_revision() -> None:
    rows = [row("2020", "5822763.0", "e b")]
    assert merge(rows, [value("2020", "5822763", "b e")]) == (rows, [])


def test_a_second_revision_replaces_the_note_of_the_first() -> None:
    once, _ = merge([row("2020", "1", note="By hand.")], [value("2020", "2")])
    twice, changes = merge(once, [value("2020", "3")])
    assert twice[0]["note"] == (
        "By hand. Revised: 2 before, by Eurostat demo_r_d2jan (extraction of 11 Feb 2026)"
    )
    assert [str(change.old) for change in changes] == ["2"]


def test_a_value_the_source_no_longer_publishes_is_kept() -> None:
    rows = [row("2019", "1"), row("2020", "2")]
    table, changes = merge(rows, [value("2020", "2")])
    assert (table, changes) == (rows, [])


def test_merge_leaves_its_argument_alone_and_loses_no_row() -> None:
    rows = [row("2020", "1")]
    table, _ = merge(rows, [value("2020", "9"), value("2018", "7"), value("2021", "8")])
    assert rows == [row("2020", "1")]
    assert [(r["time_period"], r["obs_value"]) for r in table] == [
        ("2020", "9"),
        ("2018", "7"),
        ("2021", "8"),
    ]


def test_a_code_under_two_versions_is_recorded_under_the_newer_one(pack: Path, known: Path) -> None:
    areas = areas_of(load_pack(pack).region, {"DK": "Denmark"})
    assert areas == (
        Area("DK04", "2021", "DK04"), Area("IE01", "2013", "IE01"), Area("DK", "", "Denmark"),
        Area("EU27_2020", "", "EU27_2020"),
    )  # fmt: skip


def test_every_series_is_called_and_measured_as_in_the_table() -> None:
    with (ROOT / "parameters" / "_common" / "indicators.csv").open(encoding="utf-8", newline="") as stream:
        held = {(row["indicator"], row["indicator_name"], row["unit"]) for row in csv.DictReader(stream)}
    assert {(s.indicator, s.name, s.unit) for s in SERIES} <= held
