"""The first page: every region with what each step answers."""

from __future__ import annotations

from eis_lib.language.messages import gettext
from eis_lib.pages.frame import Frame, _first_sentence, _shortened
from eis_lib.section.method import STEPS


def write_front(site: Frame) -> None:
    """Write the first page."""
    rows = []
    for region in site.regions:
        cells = []
        for step in STEPS:
            result = region.steps[step]
            findings = site.findings(result)
            text = findings[0].statement if findings else _first_sentence(result)
            first = findings[0] if findings else ({"id": ""} if text else None)
            cells.append(
                {
                    "result": result, "first": first, "label": site.label("step", step),
                    "short": _shortened(text),
                }
            )  # fmt: skip
        profile = {
            "name": region.pack.region.name, "review_date": region.pack.region.review_date,
            "country_label": site.label("country", region.pack.region.country),
            "invented": region.pack.region.invented,
            "services": len(region.pack.services), "lent": len(region.pack.lent("services")),
        }  # fmt: skip
        rows.append({"id": region.id, "profile": profile, "cells": cells})
    site.write(
        "index.html",
        "front.html.j2",
        gettext("Regions"),
        group="Overview",
        regions=rows,
        steps=site.steps(),
    )
