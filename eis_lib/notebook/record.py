"""The files that a review read, with their hashes."""

from __future__ import annotations

from eis_lib.section.review import Review


def _inputs(review: Review) -> dict[tuple[str, str], str]:
    pack = {("pack", f"{review.pack.id}/{name}"): sha for name, sha in review.pack.sha256.items()}
    common = {("common", name): sha for name, sha in review.common.sha256.items()}
    return {**pack, **common, **review.inputs}
