"""Judgements people enter in a workbook: decisions on what was computed, and levels for policies.

They are kept as rows of the pack (``decisions.csv``, ``assessments.csv``), dated and under a role, never a person's name;
the next computation reads them there.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets

from eis_lib.lab.controls import button, drop_down, field
from eis_lib.lab.judgements import DECISIONS, add_row, subjects, today
from eis_lib.notebook.showing import markdown
from eis_lib.pack.folders import PackError
from eis_lib.pack.saving import ChangedOnDiskError
from eis_lib.section.review import Review
from eis_lib.section.section import plain

if TYPE_CHECKING:
    from eis_lib.lab.host import Host


class _Form:
    """A form that adds one row to a table: closed at first, then fields, a button and what came of it."""

    table = ""
    title = ""
    prefix = ""

    def __init__(self, page: Host) -> None:
        self._page = page
        self._toggle: Any = ipywidgets.ToggleButton(
            description=self.title, icon="check", layout={"width": "auto", "align_self": "flex-start"}
        )
        self._toggle.observe(lambda _change: self.follow(), names="value")
        self._said = ipywidgets.Output()
        self.role = field("Decided by (role)", hint="steering group – a role, never a person's name")
        self.date = field("Date", today())
        self.url = field("Written down at", hint="https:// – minutes, page or file that holds it")
        self._fields: list[Any] = []
        self._inside: Any = ipywidgets.VBox(
            layout={"display": "none", "border": "1px solid #bbb", "padding": "8px", "margin": "4px 0"}
        )
        self.widget: Any = ipywidgets.VBox([self._toggle, self._inside, self._said])

    def _lay_out(self, *fields: Any) -> None:
        self._fields = list(fields)
        self._inside.children = (*fields, button("Record", self._record, is_main=True))

    def follow(self) -> None:
        """Offer what there is to judge in the region that is open."""
        is_open = bool(self._toggle.value) and self._page.review is not None
        self._inside.layout.display = "" if is_open else "none"
        if is_open and self._page.review is not None:
            try:
                self._offer(self._page.review)
            except Exception as error:  # noqa: BLE001 - what cannot be computed cannot be judged; the section says why
                self._say(f"There is nothing to judge here yet: {plain(error)}")

    def _offer(self, review: Review) -> None:
        raise NotImplementedError

    def _values(self, review: Review) -> dict[str, str]:
        raise NotImplementedError

    def _say(self, text: str) -> None:
        from eis_lib.lab.output import fill

        fill(self._said, [markdown(text)] if text else [])

    def _record(self) -> None:
        review = self._page.review
        missing = [
            w.description
            for w in self._fields
            if not str(w.value or "").strip() and w.description not in self.may_be_empty
        ]
        if missing:
            self._say(f"Nothing was recorded; still to fill: {', '.join(missing)}.")
            return
        if review is None:
            return
        invented = review.pack.region.invented
        values = {
            **self._values(review),
            "date": self.date.value.strip(),
            "source_url": self.url.value.strip(),
            "source_title": "Invented for demonstration" if invented else f"Judgement of {self.role.value.strip()}, {self.date.value.strip()}",
            "evidence": "invented" if invented else "own-judgement",
        }  # fmt: skip
        try:
            name = add_row(self._page.folder, self.table, f"{review.pack.id}-{self.prefix}", values)
        except (PackError, ChangedOnDiskError) as error:
            lines = error.faults if isinstance(error, PackError) else [error]
            self._say("Nothing was recorded.\n\n" + "\n".join(f"- {plain(line)}" for line in lines))
            return
        # one meeting decides on several things: who, when and where written down stay
        for widget in self._fields:
            if widget not in (self.role, self.date, self.url, *self.kept):
                widget.value = None if isinstance(widget, ipywidgets.Dropdown) else ""
        self._page.reload()
        self._say(
            f"Recorded as *{plain(name)}* in {self.table}.csv; the sections above are drawn anew with it."
        )

    may_be_empty: tuple[str, ...] = ()
    kept: tuple[Any, ...] = ()
    """Further fields that stay filled once a judgement is recorded."""


def _keep_choice(widget: Any, options: Sequence[tuple[str, Any]]) -> None:
    before = widget.value
    if widget.options != tuple(options):
        widget.options = tuple(options)
        widget.value = before if before in [value for _label, value in options] else None


class DecisionForm(_Form):
    """A form that records what was decided on a candidate, gap, recommendation, action or alert."""

    table = "decisions"
    title = "Record a decision"
    prefix = "decision"

    def __init__(self, page: Host, kinds: Sequence[str]) -> None:
        """Offer decisions on subjects of some kinds."""
        super().__init__(page)
        self._kinds = tuple(kinds)
        self.subject = drop_down("On", [])
        self.decision = drop_down("Decision", [])
        self.reason = field("Why", kind=ipywidgets.Textarea)
        self.subject.observe(lambda _change: self._offer_decisions(), names="value")
        self._lay_out(self.subject, self.decision, self.role, self.date, self.reason, self.url)
        self._chosen = ipywidgets.HTML()
        self._inside.children = (self._inside.children[0], self._chosen, *self._inside.children[1:])

    def _offer(self, review: Review) -> None:
        options = [
            (
                label
                if len(self._kinds) == 1  # said by the section above, and names are long
                else f"{review.vocabulary.label('subject_kind', kind)}: {label}",
                (kind, subject),
            )
            for kind in self._kinds
            for label, subject in subjects(review, kind, self._page.made)
        ]
        _keep_choice(self.subject, options)
        self._offer_decisions()
        self._say("" if options else "There is nothing to decide on.")

    def _offer_decisions(self) -> None:
        review = self._page.review
        # a drop-down cuts off what is longer than itself
        self._chosen.value = html.escape(self.subject.label or "")
        if review is None or self.subject.value is None:
            _keep_choice(self.decision, [])
            return
        codes = DECISIONS[self.subject.value[0]]
        _keep_choice(self.decision, [(review.vocabulary.label("decision", code), code) for code in codes])

    def _values(self, _review: Review) -> dict[str, str]:
        kind, subject = self.subject.value
        return {
            "subject_kind": kind,
            "subject_id": subject,
            "decision": self.decision.value,
            "decided_by": self.role.value.strip(),
            "reason": " ".join(self.reason.value.split()),
        }


class AssessmentForm(_Form):
    """A form that records a level for one policy on one criterion, with its anchor in sight."""

    table = "assessments"
    title = "Judge a policy"
    prefix = "assessment"
    may_be_empty = ("Rows it rests on",)

    def __init__(self, page: Host) -> None:
        """Offer the policies of the page's pack."""
        super().__init__(page)
        self.role.description = "Rater (role)"
        self.role.placeholder = "regional analyst – a role, never a person's name"
        self.policy = drop_down("Policy", [])
        self.kept = (self.policy,)
        self.criterion = drop_down("Criterion", [])
        self.level = drop_down("Level", [])
        self.confidence = drop_down("Confidence", [])
        self.evidence = field("Rows it rests on", hint="policies:short-name;services:short-name")
        self._anchors = ipywidgets.Output()
        self._lay_out(
            self.policy,
            self.criterion,
            self.level,
            self.confidence,
            self.evidence,
            self.role,
            self.date,
            self.url,
        )
        self._inside.children = (self._anchors, *self._inside.children)

    def _offer(self, review: Review) -> None:
        from eis_lib.lab.output import fill

        words = review.vocabulary
        policies = review.pack.policies[["title", "policy_id"]]
        _keep_choice(
            self.policy, [(str(title), str(name)) for title, name in policies.itertuples(index=False)]
        )
        for widget, scheme in (
            (self.criterion, "criterion"),
            (self.level, "assessment_level"),
            (self.confidence, "confidence"),
        ):
            _keep_choice(
                widget,
                [
                    (f"{words.label(scheme, code)}: {words.definition(scheme, code)}", code)
                    for code in words.codes(scheme)
                ],
            )
        fill(
            self._anchors,
            [
                markdown(
                    "A level is anchored in evidence, not in sympathy; *not assessable* is an answer and is not a low level. "
                    "Judge alone first: the agreement of raters is computed from independent judgements."
                )
            ],
        )
        self._say("" if len(policies) else "There is no policy on record yet.")

    def _values(self, _review: Review) -> dict[str, str]:
        return {
            "policy_id": self.policy.value,
            "criterion": self.criterion.value,
            "rater": self.role.value.strip(),
            "level": self.level.value,
            "confidence": self.confidence.value,
            "evidence_ids": self.evidence.value.strip(),
        }
