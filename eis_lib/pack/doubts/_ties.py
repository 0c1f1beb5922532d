"""Rows that contradict each other: what rests on what has ended, who follows whom, who answers for what."""

from __future__ import annotations

from collections.abc import Iterator

from eis_lib.pack.doubts._evidence import Evidence, Row, before, is_over, plain_name, runs
from eis_lib.pack.schema import Doubt


def practice_ended_without_reason(evidence: Evidence) -> Iterator[Doubt]:
    """Give each practice that has ended and does not say why: nobody can learn from it."""
    for row in evidence.own("good_practices"):
        if is_over(row, evidence.year) and not row["reason_ended"]:
            yield row.doubt(
                "reason_ended", "is empty, and the practice has ended", "why it ended, as its source says"
            )


def lesson_of_an_ended_practice(evidence: Evidence) -> Iterator[Doubt]:
    """Give each action that rests on a practice that has ended and does not say why."""
    practices = evidence.by_key("good_practices")
    for row in evidence.own("actions"):
        for name in row["inspired_by"]:
            practice = practices.get(name)
            if practice and is_over(practice, evidence.year) and not practice["reason_ended"]:
                yield row.doubt(
                    "inspired_by",
                    f"holds '{name}', a practice that has ended",
                    "why it ended, or another practice",
                )


def action_after_its_service(evidence: Evidence) -> Iterator[Doubt]:
    """Give each action that begins after a service it rests on has ended."""
    services = evidence.by_key("services")
    for row in evidence.own("actions"):
        for name in row["services"]:
            end = services[name]["end_year"]
            if before(end, row["start_year"]):
                yield row.doubt(
                    "services", f"holds '{name}', which ended in {end}; the action begins in {row['start_year']}",
                    "a service that runs in the years of the action",
                )  # fmt: skip


def action_after_its_policy(evidence: Evidence) -> Iterator[Doubt]:
    """Give each action that begins when every policy behind its services has ended."""
    for row in evidence.own("actions"):
        behind = [p for p in evidence.rows("policies") if set(p["delivered_by"]) & set(row["services"])]
        if behind and all(before(policy["end_year"], row["start_year"]) for policy in behind):
            last = max(behind, key=lambda policy: policy["end_year"])
            yield row.doubt(
                "start_year",
                f"holds {row['start_year']}, and the last policy behind its services, "
                f"'{last['policy_id']}', ended in {last['end_year']}",
                "a policy that is in force in the years of the action",
            )


def _delivering(evidence: Evidence) -> Iterator[tuple[Row, list[Row]]]:
    """Give each policy in force that names services, and those of them that have not ended."""
    services = evidence.by_key("services")
    for row in evidence.own("policies"):
        if row["delivered_by"] and runs(row, evidence.year):
            yield row, [s for name in row["delivered_by"] if not is_over(s := services[name], evidence.year)]


def policy_without_services(evidence: Evidence) -> Iterator[Doubt]:
    """Give each policy in force whose services have all ended."""
    for row, left in _delivering(evidence):
        if not left:
            yield row.doubt(
                "delivered_by", "names services that have all ended, and nothing says that the policy has",
                "a service that delivers it now, or the end of the policy",
            )  # fmt: skip


def policy_on_doubtful_services(evidence: Evidence) -> Iterator[Doubt]:
    """Give each policy in force that only doubtful services deliver."""
    for row, left in _delivering(evidence):
        if left and all(service["status"] == "doubtful" for service in left):
            names = ", ".join(service["service_id"] for service in left)
            yield row.doubt(
                "delivered_by",
                f"has nothing left but what is doubtful: {names}",
                "whether that runs: ask its provider",
            )


def service_of_a_closed_body(evidence: Evidence) -> Iterator[Doubt]:
    """Give each service that outlives its provider."""
    providers = evidence.by_key("providers")
    for row in evidence.own("services"):
        closed = providers[row["provider_id"]]["end_year"]
        outlives = row["end_year"] is None or row["end_year"] > closed if closed else False
        if outlives and closed < evidence.year and row["status"] != "ended":
            yield row.doubt(
                "provider_id", f"holds '{row['provider_id']}', which closed in {closed}",
                "who gives the service now, or its last year",
            )  # fmt: skip


def policy_of_a_closed_body(evidence: Evidence) -> Iterator[Doubt]:
    """Give each policy in force whose owner has closed."""
    providers = evidence.by_key("providers")
    for row in evidence.own("policies"):
        closed = providers[row["owner"]]["end_year"] if row["owner"] else None
        if before(closed, evidence.year) and runs(row, evidence.year):
            yield row.doubt(
                "owner",
                f"holds '{row['owner']}', which closed in {closed}",
                "who answers for it now, or its last year",
            )


def action_of_a_closed_body(evidence: Evidence) -> Iterator[Doubt]:
    """Give each action that begins after its owner has closed."""
    providers = evidence.by_key("providers")
    for row in evidence.own("actions"):
        closed = providers[row["owner"]]["end_year"] if row["owner"] else None
        if before(closed, row["start_year"]):
            yield row.doubt(
                "owner", f"holds '{row['owner']}', which closed in {closed}", "who answers for the action"
            )


def successor_of_what_runs(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that took the place of one that has no end."""
    for table in ("services", "policies"):
        rows = evidence.by_key(table)
        for row in evidence.own(table):
            earlier = rows.get(row["succeeds"])
            if earlier and earlier["end_year"] is None and earlier["status"] != "ended":
                yield row.doubt(
                    "succeeds",
                    f"holds '{row['succeeds']}', which has no end",
                    "the last year of the earlier one",
                )


def successor_begins_first(evidence: Evidence) -> Iterator[Doubt]:
    """Give each row that took the place of one and began before it, or ended before it."""
    for table in ("services", "policies"):
        rows = evidence.by_key(table)
        for row in evidence.own(table):
            earlier = rows.get(row["succeeds"])
            for column, word in (("start_year", "began"), ("end_year", "ended")):
                if earlier and before(row[column], earlier[column]):
                    yield row.doubt(
                        column, f"holds {row[column]}; '{row['succeeds']}', whose place it took, {word} in {earlier[column]}",
                        "the right years, or which took the place of which",
                    )  # fmt: skip


def succession_told_once(evidence: Evidence) -> Iterator[Doubt]:
    """Give each succession that relations.csv tells and services.csv does not."""
    services = evidence.by_key("services")
    for row in evidence.own("relations"):
        later = services.get(row["service_id"])
        if row["relation"] == "succeeds" and later and not later.layer and not later["succeeds"]:
            yield row.doubt(
                "relation", f"says that '{row['service_id']}' took the place of '{row['other_service']}'; services.csv does not",
                "the earlier service in 'succeeds' of services.csv, or another relation",
            )  # fmt: skip


def rests_on_what_ended(evidence: Evidence) -> Iterator[Doubt]:
    """Give each service that runs as a part of one that has ended, or requires one."""
    services = evidence.by_key("services")
    for row in evidence.own("services"):
        if not runs(row, evidence.year):
            continue
        for column, names in (("part_of", [row["part_of"]]), ("requires", row["requires"])):
            for name in filter(None, names):
                if is_over(services[name], evidence.year):
                    yield row.doubt(column, f"holds '{name}', which has ended", "whether this one still runs")


def way_to_a_closed_door(evidence: Evidence) -> Iterator[Doubt]:
    """Give each way from a service that runs to one that has ended."""
    services = evidence.by_key("services")
    for row in evidence.own("referrals"):
        start, end = services[row["from_service"]], services[row["to_service"]]
        if runs(start, evidence.year) and is_over(end, evidence.year):
            yield row.doubt(
                "to_service", f"holds '{row['to_service']}', which has ended", "where firms are sent now"
            )


def way_within_one_house(evidence: Evidence) -> Iterator[Doubt]:
    """Give each hand-over of a body to itself; that it names another service of its own is no doubt."""
    services = evidence.by_key("services")
    for row in evidence.own("referrals"):
        start, end = (services[row[column]]["provider_id"] for column in ("from_service", "to_service"))
        if start == end and row["kind"] in {"referral", "warm-handover"}:
            yield row.doubt(
                "to_service", f"is a service of '{end}', which hands the firm over to itself",
                "the body that takes the firm, or 'signpost' where one house names its other service",
            )  # fmt: skip


def accountable_and_player(evidence: Evidence) -> Iterator[Doubt]:
    """Give each action whose owner stands among its players too."""
    providers = evidence.by_key("providers")
    for row in evidence.own("actions"):
        body = providers.get(row["owner"])
        names = [row["owner"], row["owner_name"], *((body["name"], body["name_en"]) if body else ())]
        both = {plain_name(name) for name in names if name} & {plain_name(name) for name in row["players"]}
        if both:
            yield row.doubt(
                "players",
                f"holds the owner, '{row['owner'] or row['owner_name']}'",
                "the others alone, or another owner",
            )


def decides_and_advises(evidence: Evidence) -> Iterator[Doubt]:
    """Give each body that is heard before it decides itself."""
    rows = evidence.own("governance")
    deciding = {(r["provider_id"], r["policy_id"], r["need_area"]) for r in rows if r["role"] == "decides"}
    for row in rows:
        if row["role"] == "advises" and (row["provider_id"], row["policy_id"], row["need_area"]) in deciding:
            yield row.doubt(
                "role", "says 'advises', and the same body decides there", "which of the two roles it has"
            )
