"""An officer's own spreadsheet of a region that no pack knows: untidy, as they are, and invented from end to end."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import openpyxl

INVENTED = "Invented for a test"
LINK = "https://example.org/lakeland"


def write_untidy(path: Path, *, corrected: bool = False) -> None:
    """Write the spreadsheet; `corrected`: as it is after the officer answered every question of the import."""
    book = openpyxl.Workbook()
    about = book.active
    about.title = "About us"
    for row in (
        ["LAKELAND – REVIEW OF EXPORT SUPPORT (invented, nothing here is a fact)"],
        [],
        ["Region", "Lakeland (invented)"],
        ["Own name", "Järvimaa ja Söderö"],
        ["NUTS", "XX02"],
        *([["NUTS version", 2021]] if corrected else []),
        ["Type of area", "NUTS 2 region (invented)"],
        ["Languages", "FI, sv"],
        ["Inhabitants", "248.430"],
        ["Population year", 2023],
        ["Date of review", dt.date(2024, 9, 30)],
        ["Programme", "Lakeland ERDF programme 2021-2027"],
        ["Kind of instrument", "Investment for Jobs and Growth programme"],
        ["Budget", "1.250.000,00 €"],
        ["Budget note", "Invented"],
        ["Partner organisations", "Lakeland Council; Järvimaa Chamber"],
        ["Invented", "yes"],
        ["Compiled by", "regional development unit"],
    ):
        about.append(row)
    about.merge_cells("A1:D1")

    source = [INVENTED, LINK, "invented"]
    _sheet(
        book, "Organisations", "Who helps firms – list of spring, rows still to be sorted",
        ["English name", "Name", "Type of organisation", "Level", "Website", "Telephone", "Source", "Source link", "Evidence", "Remarks"],
        [
            ["Lakeland Council ", "Järvimaan liitto", "Regional authority", "regional ", "https://example.org/council", "017 123", *source],
            ["Järvimaa Chamber", "Järvimaan kauppakamari", "Chamber", "Regional", "", None, *source, "Members pay less"],
            [],
            ["Lakeland Business Agency", "Yritys-Järvimaa", "Development agency", "regional", None, None, *source],
            ["Northern Export Bank", "Pohjolan vientipankki", "Bank or fund", "National", None, None, *source],
            ["Enterprise Europe Network Lakeland", "EEN Järvimaa", "EU network", "eu", None, None, *source],
            ["University of Söderö", "Söderö universitet", "univeristy", "regional", None, None, *source],
            ["Wood Cluster", "Puuklusteri", "cluster" if corrected else "network of firms", "regional", None, None, *source],
        ],
    )  # fmt: skip
    experience, fee = (["Export experience"], "paid") if corrected else ([], "fee")

    def service(
        name: str, who: str, what: str, kind: str, stages: str, *rest: Any, firms: str = "all"
    ) -> list[Any]:
        cells = [who, name, what, kind, stages, *rest]
        return [*cells[:9], *([_experience(firms)] if corrected else []), *cells[9:], *source]

    _sheet(
        book, "Services 2024", "Services for exporters (invented)",
        ["Provider", "Service name", "What a firm gets", "Type of support", "Stages", "Mode", "Firm size", "Sector", "Markets",
         *experience, "Channel", "Cost to SME", "Since", "Until", "Price EUR", "Checked on", "Source", "Source link", "Evidence"],
        [
            service("First talk", "Lakeland Business Agency", "An hour with an adviser", "Advice", "aware, assess", "export", "micro / small",
                    "all", "Intra-EU", "in person", "Free", "2016", None, 0, "3.6.2024", firms="none"),
            service("Export check", "Lakeland Business Agency", "Written rating of readiness", "Readiness assesment", "assess", "export",
                    "micro, small, medium", "all", "intra-eu; extra-eu", "hybrid", "free", 2018.0, None, None, dt.date(2024, 6, 3)),
            [],
            service("Certificate of origin", "Järvimaa chamber", "Stamped papers", "legal-ip-compliance" if corrected else "certification", "enter", "export", "micro; small; medium",
                    "all", "extra-eu", "Online", fee, "1999", None, "45,50", "30/05/2024"),
            service("Trade mission", "Järvimaa Chamber", "Journey to a market with meetings", "trade mission", "enter", "export", "small, medium",
                    "manufacturing", "Extra-EU", "in person", "co-funded", dt.date(2012, 1, 1), "2023", "1.250,00", None),
            service("Fair grant", "Lakeland Council", "Half the cost of a stand", "GRANT", "enter", "export", "micro; small", "all",
                    "intra-eu;extra-eu", "online", "co-funded", "2021", "2027", None, "1.6.2024"),
            service("Export guarantee", "Northern Export Bank", "Cover against a buyer who does not pay", "guarantee", "enter, grow", "export",
                    "small; medium", "all", "extra-eu", "Hybrid", fee, 2005, None, None, None),
            service("Export loan", "Northern Export Bank", "Loan for an order from abroad", "loan", "grow", "export", "small; medium", "all",
                    "intra-eu; extra-eu", "hybrid", fee, 2010, None, None, None),
            service("Partner search", "Enterprise Europe Network Lakeland", "Profiles of firms abroad", "matchmaking", "plan; enter",
                    "export; technical cooperation" if not corrected else "export; technical-cooperation", "micro; small; medium", "all",
                    "intra-eu", "hybrid", "free", 2008, None, None, "2024-06-03"),
            service("Market course", "University of Söderö", "Two days on a market", "training", "plan", "export", "micro; small", "all",
                    "intra-eu", "in-person", fee, 2019 if corrected else 20199, None, "350", None),
            service("Joint stand", "Wood Cluster", "A stand shared by firms", "trade fair", "enter", "export", "micro; small", "wood",
                    "intra-eu", "in person", "co-funded", 2017, None, "900", None),
            service("Export mentor", "Lakeland Business Agency" if corrected else "Business Agency Lakeland Ltd", "A year with a mentor",
                    "advice" if corrected else "mentoring", "plan; grow", "export", "small", "all", "intra-eu", "in-person", "free", 2020, None, None, None),
        ],
    )  # fmt: skip
    _sheet(
        book, "Policies", "",
        ["Policy", "Type", "Level", "Responsible", "From", "To", "Budget", "Aims", "Barriers", "Services", "Source", "Source link", "Evidence"],
        [
            ["Lakeland strategy", "strategy", "regional", "Lakeland Council", 2021, 2027, "2.400.000", "More exporters; wider markets",
             "market-knowledge; finance" if corrected else "information-foreign-markets; finance", "First talk; Fair grant", *source],
            ["Export law", "law", "national", "Northern Export Bank", 2004, None, None, "Cover risks", "finance", "Export guarantee", *source],
        ],
    )  # fmt: skip
    book.create_sheet("Ideas").append(["ask Pekka about the bus to the fair"])
    book.save(path)


def _experience(firms: str) -> str:
    return {"all": "no experience abroad; occasional; regular", "none": "no experience abroad"}[firms]


def _sheet(
    book: openpyxl.Workbook, title: str, heading: str, headers: list[str], rows: list[list[Any]]
) -> None:
    sheet = book.create_sheet(title)
    if heading:
        sheet.append([heading])
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=6)
        sheet.append([])
    for row in (headers, *rows):
        sheet.append(row)
