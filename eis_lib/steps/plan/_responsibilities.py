"""Whether somebody answers for each action, what measures it, and whether its money is published."""

from __future__ import annotations

from eis_lib.charts import plan as charts
from eis_lib.language.english import count
from eis_lib.methods import recommendation as advice
from eis_lib.section.review import Review
from eis_lib.section.section import Section, Table, plain
from eis_lib.steps.plan._proposals import _source
from eis_lib.steps.plan._written import _planned
from eis_lib.steps.shared.words import _money, _text, cut


def responsibilities(review: Review) -> Section:
    """Return who is responsible, accountable, consulted and informed, action by action."""
    planned = _planned(review)
    if planned.raci.empty:
        return Section("There is no action to answer for.", tables={"raci": Table(planned.raci, "No action")})
    faults = advice.raci_faults(planned.raci)
    number = dict(zip(planned.plan["action_id"], planned.plan["action_no"], strict=True))
    letters = (
        planned.raci.assign(action=planned.raci["action_id"].map(number))
        .groupby(["body", "action"], sort=False)["role"]
        .agg(lambda r: " ".join(sorted(set(r), key="ARCI".index)))
        .rename("letters")
        .reset_index()
    )
    spread = letters.groupby("body", sort=False)["action"].count().sort_values(ascending=False, kind="stable")
    accountable = planned.raci[planned.raci["role"] == "A"]["body"].value_counts()
    shown = letters[letters["body"].isin(spread.index[:14])].copy()
    shown["is_accountable"] = shown["letters"].str.contains("A")
    place = {b: n for n, b in enumerate(spread.index)}
    shown = shown.assign(_p=shown["body"].map(place)).sort_values(["_p", "action"], kind="stable")
    shown["action"] = shown["action"].map(lambda n: f"Action {n}")
    shown["body"] = [cut(b, 46) for b in shown["body"]]
    most = accountable.index[0]
    title = f"{cut(str(most), 40)} would answer for {accountable.iloc[0]} of {len(planned.plan)} actions"
    chart = charts.raci_matrix(
        shown,
        title=title,
        subtitle="A accountable (exactly one per action), R responsible, C consulted, I informed; all proposals. Actions numbered as in the plan",
        source=_source(review),
        description=f"{title}; {planned.raci['body'].nunique()} bodies have a part.",
    )
    own = _published_owners(review)
    answer = (
        f"Every action has exactly one accountable body{'' if faults.empty else f', but for {len(faults)}'}. **{plain(str(most))}** would answer for "
        f"{accountable.iloc[0]} of {len(planned.plan)}; {count(planned.raci['body'].nunique(), 'body', 'bodies')} have a part. "
        + own
    )
    names = planned.plan[["action_id", "action_no", "title"]]
    return Section(
        answer=answer,
        charts={"raci": chart},
        tables={
            "raci": Table(
                names.merge(planned.raci, on="action_id").assign(
                    meaning=lambda f: f["role"].map(advice.RACI_WORDS)
                ),
                "Who has which role in which action",
                "Proposed by rule: the provider nearest to the firms answers for a service that exists, the first EIS partner for what is new.",
            )
        },
        how_sure="low; nobody has been asked.",
        to_check="Ask each body named A whether it accepts.",
    )


def _published_owners(review: Review) -> str:
    actions = review.pack.actions
    if actions.empty:
        return ""
    roleless = sum(any(not role for _, role in advice.parse_players(p)) for p in actions["players"])
    return f"Of the region’s own {count(len(actions), 'published action')}, each has one owner; {roleless or 'none'} name players without saying what they do."


def indicators(review: Review) -> Section:
    """Return the indicators attached to each action, with common codes, and what they do not measure."""
    planned = _planned(review)
    codes = planned.indicators
    actions = review.pack.actions
    given = int(actions["indicator_code"].map(_text).ne("").sum())
    named = int(actions["indicator"].map(_text).ne("").sum())
    answer = (
        f"**None of the common codes measures exports**; each of the {count(len(planned.plan), 'action')} therefore carries a programme-specific indicator beside "
        f"{count(codes.loc[codes['code'] != '', 'code'].nunique() if len(codes) else 0, 'common code')} ({review.parameters.template}). "
        + (
            f"Of the region’s {count(len(actions), 'published action')}, {named or 'none'} {'names' if named == 1 else 'name'} an indicator and {given or 'none'} a code."
            if len(actions)
            else "The pack lists no published action."
        )
    )
    table = (
        planned.plan[["action_id", "action_no", "title"]].merge(codes, on="action_id")
        if len(codes)
        else codes
    )
    return Section(
        answer=answer,
        tables={
            "plan_indicators": Table(
                table,
                "Indicators proposed for each action",
                "Codes: Regulation (EU) 2021/1058 annex I and Interreg common indicators, or the common indicators 2014–2020. Names are shortened by us; check the code "
                "against the programme before use.",
            )
        },
        how_sure="medium; which codes a programme uses is for its managing authority to say.",
        to_check="A baseline and a target for every programme-specific indicator: without them it can not be reviewed in step 6.",
    )


def money(review: Review) -> Section:
    """Return what is published about the money of the region's own actions, by source."""
    actions = review.pack.actions
    table = advice.funding_table(actions)
    title_of = dict(zip(actions["action_id"], actions["title"], strict=True))
    table.insert(1, "title", table["action_id"].map(title_of))
    verdict = table.drop_duplicates("action_id")["adds_up"].value_counts()
    n = len(actions)
    costed = int(actions["cost_eur"].notna().sum())
    known = float(actions["cost_eur"].sum())
    split_known = table.dropna(subset=["amount_eur"])
    answer = (
        f"Of **{n}** published actions {costed or 'none'} {'has' if costed == 1 else 'have'} a published cost"
        + (f" ({_money(known)} in all, some of it for wider areas)" if costed else "")
        + f"; for {int(verdict.get('yes', 0)) or 'none'} the sources named sum to the cost, "
        f"{int(verdict.get('no', 0)) or 'none'} {'does' if verdict.get('no', 0) == 1 else 'do'} not add up, {int(verdict.get('amounts not published', 0)) or 'none'} name sources without amounts, "
        f"and {int(verdict.get('no source named', 0)) or 'none'} name no source."
        if n
        else "The pack lists no published action."
    )
    if len(split_known):
        by = split_known.groupby("source")["amount_eur"].sum().sort_values(ascending=False, kind="stable")
        answer += f" Where amounts are given, the largest source is {plain(str(by.index[0]))} with {_money(float(by.iloc[0]))}."
    return Section(
        answer=answer,
        tables={
            "funding": Table(
                table,
                "Money of the region’s published actions by source",
                "Only a plain number of euros after a source is read as an amount; sums in other currencies stay text. Missing is not zero.",
            )
        },
        how_sure="high for what is published; what is not published stays unknown.",
        to_check="Amounts by source, from the bodies that pay.",
    )
