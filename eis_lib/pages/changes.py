"""The snapshots kept, and what changed in each region from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import pandas as pd
from markupsafe import Markup

from eis_lib.language.english import count
from eis_lib.language.messages import gettext, later
from eis_lib.methods import monitor
from eis_lib.pack.folders import PackError
from eis_lib.pack.pack import load_pack
from eis_lib.pages import markup
from eis_lib.pages.frame import ROWS_SHOWN, Frame
from eis_lib.pages.markup import Sheet
from eis_lib.record.results import RegionResult
from eis_lib.record.snapshots import Snapshot, changes, list_snapshots
from eis_lib.section.table_text import frame_to_csv


def write_snapshots(site: Frame) -> None:
    """Write which snapshots are kept, and what changed between them."""
    kept = list_snapshots(site.outputs)
    lead = Markup(  # noqa: S704 - a message of ours
        gettext(
            '<p class="lead">A snapshot is a dated copy of packs and results, kept so that later results can be held against '
            "it. <code>eis run --snapshot 2026-11</code> keeps one.</p>"
        )
    )
    if kept:
        rows = [
            {
                "snapshot": one.name,
                "regions": "; ".join(one.regions),
                "results": one.results,
                "hash": one.sha256,
            }
            for one in kept
        ]
        body = markup.table(
            Sheet(pd.DataFrame(rows), later("Snapshots kept")), partial(site.link, "", ""), len(rows)
        )
        body += Markup().join(_changes(site, region, kept) for region in site.regions)
    else:
        body = Markup("<p>{}</p>").format(gettext("No snapshot has been kept yet."))
    site.write(
        "snapshots.html", "page.html.j2", gettext("Snapshots"), group="Overview", path=[("Regions", "index.html")],
        content=lead + body,
    )  # fmt: skip


def _changes(site: Frame, region: RegionResult, kept: Sequence[Snapshot]) -> Markup:
    """Return what changed in a region from each snapshot to the next, and from the last to now."""
    own = [one for one in kept if region.id in one.regions]
    parts = []
    for old, new in pairwise([*own, None]):
        if old is None:
            continue
        label = f"{region.pack.region.name}, {old.name} to {new.name if new else 'now'}"
        try:
            after = load_pack(new.parameters / region.id) if new else region.pack
            frame = changes(load_pack(old.parameters / region.id), after)
        except (PackError, ValueError) as error:
            text = "it does not fit today's tables" if isinstance(error, PackError) else str(error)
            parts.append(Markup("<h2>{}</h2><p>Cannot be compared: {}.</p>").format(label, text))
            continue
        if frame.empty:
            parts.append(Markup("<h2>{}</h2><p>Nothing changed.</p>").format(label))
            continue
        real = int((frame["nature"] == monitor.REAL).sum())
        better = int((frame["nature"] == monitor.BETTER_DATA).sum())
        rest = len(frame) - real - better
        url = site.keep(
            f"snapshots/{region.id}_{old.name}_{new.name if new else 'now'}.csv", frame_to_csv(frame)
        )
        parts.append(
            Markup("<h2>{}</h2><p>{}, {} from better data; of {} it cannot be told which.</p>").format(
                label, count(real, "real change"), better, rest
            )
        )
        sheet = Sheet(frame, f"What changed: {label}", url, region=region.id)
        parts.append(markup.table(sheet, partial(site.link, "", region.id), ROWS_SHOWN[0]))
    return Markup().join(parts)
