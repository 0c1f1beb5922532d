"""What step 5 found: its actions, the services that could go, and the costs nobody published."""

from __future__ import annotations

import pandas as pd

from eis_lib.methods import recommendation as advice
from eis_lib.pack.frames import _each_row
from eis_lib.section.finding import findings_frame
from eis_lib.section.review import Review
from eis_lib.steps.plan._items import _items
from eis_lib.steps.plan._proposals import _proposals
from eis_lib.steps.plan._slimming import _slim
from eis_lib.steps.plan._written import _planned


def _findings(review: Review) -> pd.DataFrame:
    planned, proposals = _planned(review), _proposals(review)
    slim = _slim(review)
    by_id = proposals.set_index("recommendation_id")
    rows = [
        {
            "finding_id": f"plan:action:{a.action_id}", "kind": "action", "subject": a.action_id,
            "statement": f"{a.action_no}. {a.title} ({a.accountable}, {a.timeframe}).",
            "value": float(by_id.loc[a.action_id, "value"]), "unit": "share of weighted demand × severity",
            "how_sure": by_id.loc[a.action_id, "how_sure"], "status": "candidate" if a.status == advice.PROPOSED else "finding", "rows": a.rows,
        }
        for a in _each_row(planned.plan)
    ]  # fmt: skip
    if len(slim.serves.columns):
        rows.append(
            {
                "finding_id": "plan:simplification:services", "kind": "simplification", "subject": "services",
                "statement": f"{len(slim.cover.removed)} of {len(slim.services)} services could go together without losing served demand.",
                "value": float(len(slim.cover.removed)), "unit": "services", "how_sure": "low", "status": "candidate",
                "rows": ";".join(f"services:{s}" for s in slim.cover.removed),
            }
        )  # fmt: skip
    items = _items(review, "ahead", review.parameters.years)
    total = len(items.costed) + len(items.uncosted)
    if total:
        rows.append(
            {
                "finding_id": "plan:money:costs-unknown", "kind": "money", "subject": "costs-unknown",
                "statement": f"{len(items.uncosted)} of {total} actions that could be chosen have no published cost.",
                "value": len(items.uncosted) / total, "unit": "share of actions", "how_sure": "high", "status": "finding",
                "rows": ";".join(f"actions:{a}" for a in items.uncosted.loc[items.uncosted["origin"] == "published by the region", "action_id"]),
            }
        )  # fmt: skip
    return findings_frame(rows)
