"""The declarations as they are shipped: cited, complete, and agreeing with one another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from retention.declare.activities import ALL, Activities, ProcessorRegister, load_activities, load_processor
from retention.declare.citations import PolicyText, models_in
from retention.declare.decisions import Decision, Decisions
from retention.declare.policy import ARTICLES, NOT_STATED, load_policy
from retention.declare.rules import Elapsed, FromDecision, FromPolicy, Rules
from retention.declare.source import Source
from retention.declare.words import Cite, Text

DECLARATIONS = Path(__file__).parents[3] / "ropa" / "declarations"
TEXT = DECLARATIONS / "privacy-policy.fr.txt"

POLICY = load_policy(DECLARATIONS / "policy.yaml")
RULES = Source(DECLARATIONS / "retention.yaml").parse(Rules)
ACTIVITIES = load_activities(DECLARATIONS / "activities.yaml", POLICY, RULES)
PROCESSOR = load_processor(DECLARATIONS / "processor.yaml", POLICY)
PRODUCTION = Source(DECLARATIONS / "decisions" / "production.yaml").parse(Decisions)
EXAMPLE = Source(DECLARATIONS / "decisions" / "example.yaml").parse(Decisions)

# What reading the policy found, and the register must print: none of it may get lost.
KNOWN_GAPS = {
    "contradiction.storage_place": (137, 143, 391, 510),
    "contradiction.security_standard": (510,),
    "contradiction.authority_name": (391, 420),
    "contradiction.direct_marketing": (137, 147, 159, 174),
    "contradiction.cookie_recipients": (143, 454, 478, 488),
    "contradiction.rights_channel": (251, 412, 438, 514),
    "contradiction.portability_short": (387, 410),
    "contradiction.no_period": (202, 212, 214, 216),
    "contradiction.vital_interests": (103, 125),
    "contradiction.short_and_full_forms": (55, 67, 287, 303, 351),
    "gap.controller_contact": (15,),
    "gap.representative": (7,),
    "gap.dpo_review": (514,),
    "gap.policy_version": (232,),
    "gap.dead_links": (11, 19, 243),
    "gap.trial_anchor": (216,),
    "gap.trial_scope": (214, 216),
    "gap.account_period": (214,),
    "gap.prospect_period": (72, 210),
    "gap.subscription_period": (218,),
    "gap.suppression_list": (385,),
    "gap.transaction_period": (220,),
    "gap.accounting_floor": (224,),
    "gap.card_storage": (61, 182),
    "gap.usage_period": (222,),
    "gap.backup_period": (74,),
    "gap.operator_host": (243,),
    "gap.insurance_hold": (101, 121, 224, 311, 312),
    "gap.recipients_outside_eea": (137, 145),
    "gap.recipient_scope": (172, 176),
    "gap.mailing_provider": (95, 109),
    "gap.group_members": (151,),
    "gap.subjects": (17,),
    "gap.transaction_source": (80,),
    "gap.consent": (129, 426, 432, 442),
    "gap.sharing_basis": (153,),
    "gap.segmentation_basis": (72, 76),
    "gap.b2b_rights": (243, 263),
    "gap.sensitive_data": (25,),
    "gap.cookie_lifetimes": (456,),
    "gap.processor": (9, 19),
}

RIGHTS = {
    "rights.access", "rights.rectification", "rights.erasure", "rights.erasure_exclusions", "rights.restriction",
    "rights.objection", "rights.marketing_objection", "rights.portability", "rights.complaint", "rights.consent_withdrawal",
}  # fmt: skip

RETENTION = {
    "retention.general", "retention.trial", "retention.account", "retention.subscription", "retention.transaction",
    "retention.usage", "retention.exceptions",
}  # fmt: skip


def _cites() -> Iterator[tuple[str, Cite]]:
    for name, root in (("policy", POLICY), ("activities", ACTIVITIES), ("processor", PROCESSOR)):
        for place, model in models_in(root):
            if isinstance(model, Cite):
                yield f"{name}.{'.'.join(map(str, place))}", model


@pytest.mark.parametrize("cite", [pytest.param(cite, id=name) for name, cite in _cites()])
def test_the_policy_carries_the_words_quoted(cite: Cite) -> None:
    # A second reading, apart from the loader's: words only, by way of a different normalisation.
    lines = TEXT.read_text(encoding="utf-8").split("\n")
    assert all(1 <= line <= len(lines) for line in cite.lines)
    cited = _words(" ".join(lines[line - 1] for line in cite.lines))
    for fragment in cite.quote.split("[…]"):
        assert _words(fragment) in cited


def _words(text: str) -> str:
    without_addresses = re.sub(r"\]\([^)]*\)", " ", text)
    return "".join(re.findall(r"\w", without_addresses))


def test_every_statement_is_cited() -> None:
    assert sum(1 for _ in _cites()) > 300
    assert all(statement.cites for statement in POLICY.statements())


def test_the_text_is_the_one_declared() -> None:
    assert hashlib.sha256(TEXT.read_bytes()).hexdigest() == POLICY.sha256 == PolicyText(TEXT.read_bytes()).sha256


def test_ids_are_unique_and_found() -> None:
    ids = [model.id for _, model in models_in(POLICY) if hasattr(model, "id")]
    assert len(ids) == len(set(ids))
    for statement in POLICY.statements():
        assert POLICY.statement(statement.id) is statement
    assert POLICY.statement("retention.forever") is None


def test_both_languages_are_written() -> None:
    for root in (POLICY, ACTIVITIES, PROCESSOR, RULES, PRODUCTION, EXAMPLE):
        for place, model in models_in(root):
            if isinstance(model, Text) and len(model.fr.split()) > 5:
                assert model.fr != model.en, place


def test_the_promises_about_retention() -> None:
    assert {promise.id for promise in POLICY.retention} == RETENTION
    assert {promise.id: promise.period for promise in POLICY.retention if promise.period} == {"retention.trial": 25}


def test_the_rights() -> None:
    assert {right.id for right in POLICY.rights} == RIGHTS
    exclusions = POLICY.statement("rights.erasure_exclusions")
    assert exclusions is not None and exclusions.lines == "L291, L293, L310, L311, L312"


def test_the_other_purposes() -> None:
    assert {purpose.id for purpose in POLICY.other_purposes} == {
        "purpose.claims", "purpose.insurance", "purpose.legal_obligation", "purpose.vital_interests",
    }  # fmt: skip


def test_every_gap_is_listed() -> None:
    listed = {gap.id: tuple(sorted({line for cite in gap.cites for line in cite.lines})) for gap in POLICY.gaps}
    assert listed == KNOWN_GAPS
    for gap in POLICY.gaps:
        assert gap.id.startswith(gap.kind + ".")


def test_a_gap_names_a_decision_that_both_sets_know() -> None:
    for gap in POLICY.gaps:
        if gap.decision is not None:
            assert PRODUCTION.get(gap.decision) and EXAMPLE.get(gap.decision), gap.id


def test_no_recipient_is_given_a_country_the_policy_does_not_give() -> None:
    assert {r.id for r in POLICY.recipients if r.country != NOT_STATED} == {"recipient.ovh"}
    assert all(r.safeguards == NOT_STATED for r in POLICY.recipients)


def test_the_article_of_every_basis() -> None:
    assert {basis.article for category in POLICY.categories for basis in category.legal_bases} == {
        "art. 6(1)(b)",
        "art. 6(1)(f)",
    }
    assert len(ARTICLES) == 5


# ── Rules against policy and decisions ──────────────────────────────────────────────────────────────────────────────────


def test_every_rule_cites_what_the_policy_states() -> None:
    cited = {cite for rule in RULES.rules for cite in rule.cites} | set(RULES.erasure_cites)
    cited |= {cite for hold in RULES.holds for cite in hold.cites}
    assert {cite for cite in cited if POLICY.statement(cite) is None} == set()


def test_a_period_said_to_be_the_policys_is_the_policys() -> None:
    periods = {promise.id: promise.period for promise in POLICY.retention}
    found = [model for _, model in models_in(RULES) if isinstance(model, FromPolicy)]
    assert found
    for period in found:
        assert periods[period.policy] == period.value


def test_elements_of_rules_and_decisions_are_in_the_vocabulary() -> None:
    known = POLICY.elements()
    for rule in RULES.rules:
        named = getattr(rule, "elements", ())
        if isinstance(named, FromDecision):
            continue  # a floor's elements are a decision
        assert set(named) <= set(known), rule.id
    for decision in EXAMPLE.decisions:
        if decision.kind == "elements":
            assert set(decision.value or ()) <= set(known)


def _decisions_of_rules() -> set[str]:
    named = {model.decision for _, model in models_in(RULES) if isinstance(model, FromDecision)}
    return named | {rule.anchor_decision for rule in RULES.rules if isinstance(rule, Elapsed) and rule.anchor_decision}


@pytest.mark.parametrize("decisions", [PRODUCTION, EXAMPLE], ids=["production", "example"])
def test_every_decision_a_rule_waits_for_is_listed(decisions: Decisions) -> None:
    assert {name for name in _decisions_of_rules() if decisions.get(name) is None} == set()


@pytest.mark.parametrize("name", ["production", "example"])
def test_a_set_is_called_like_its_file(name: str) -> None:
    assert Source(DECLARATIONS / "decisions" / f"{name}.yaml").parse(Decisions).set == name


def test_both_sets_ask_the_same_questions() -> None:
    def asked(decisions: Decisions) -> list[tuple[str, str, Text]]:
        return [(decision.id, decision.kind, decision.question) for decision in decisions.decisions]

    assert asked(PRODUCTION) == asked(EXAMPLE)


def test_production_decides_the_trial_anchor_only() -> None:
    decided: list[Decision] = [decision for decision in PRODUCTION.decisions if decision.decided]
    assert [(decision.id, decision.value) for decision in decided] == [("trial.anchor", "trial_start")]
    assert "pending sign-off" in (decided[0].approver or "")
    assert not PRODUCTION.example


def test_the_example_binds_nobody() -> None:
    assert EXAMPLE.example
    assert EXAMPLE.title.fr.startswith("EXEMPLE") and EXAMPLE.title.en.startswith("EXAMPLE")
    assert {decision.approver for decision in EXAMPLE.decisions if decision.decided} == {"Exemple, personne (example, nobody)"}
    suppression = EXAMPLE.get("subscription.suppression")
    assert suppression is not None and not suppression.decided


# ── The registers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_nineteen_activities() -> None:
    assert [activity.ref for activity in ACTIVITIES.activities] == [f"R{n}" for n in range(1, 20)]


def test_recipients_of_activities_are_declared_and_none_is_forgotten() -> None:
    named = {r for a in ACTIVITIES.activities if a.recipients != NOT_STATED for r in a.recipients}
    assert named == {recipient.id for recipient in POLICY.recipients}


def test_a_recipient_is_named_only_where_it_receives_such_data() -> None:
    for activity in ACTIVITIES.activities:
        for recipient_id in activity.recipients if activity.recipients != NOT_STATED else ():
            recipient = POLICY.recipient(recipient_id)
            assert recipient is not None
            if recipient.categories != NOT_STATED and activity.id != "r18":  # cookies are of every category's suppliers
                assert set(recipient.categories) & set(activity.categories), (activity.ref, recipient.id)


def test_named_elements_belong_to_the_categories_of_the_activity() -> None:
    for activity in ACTIVITIES.activities:
        if activity.elements in (ALL, NOT_STATED) or activity.categories in (ALL, NOT_STATED):
            continue
        allowed = {e.id for c in POLICY.categories if c.id in activity.categories for e in c.elements}
        assert set(activity.elements) <= allowed, activity.ref


def test_every_rule_governs_an_activity() -> None:
    governing = {rule for activity in ACTIVITIES.activities for rule in activity.rules}
    assert governing == {rule.id for rule in RULES.rules}


def test_where_the_policy_states_no_basis_none_is_given() -> None:
    assert [a.ref for a in ACTIVITIES.activities if a.bases == NOT_STATED] == ["R8", "R9", "R10", "R11", "R17", "R18", "R19"]
    assert [a.ref for a in ACTIVITIES.activities if a.basis_doubtful] == ["R6"]


def test_the_processors_register_is_a_placeholder() -> None:
    (activity,) = PROCESSOR.activities
    assert activity.lines == "L7, L9, L19"
    assert activity.controllers == activity.transfers == activity.security == NOT_STATED
    assert {"processor.customers", "processor.transfers", "processor.security"} <= {m.id for m in activity.not_stated}


@pytest.mark.parametrize("model", [POLICY, ACTIVITIES, PROCESSOR], ids=["policy", "activities", "processor"])
def test_declarations_survive_being_written_out(model: BaseModel) -> None:
    assert type(model).model_validate(model.model_dump(mode="json")) == model


def test_registers_are_of_their_types() -> None:
    assert isinstance(ACTIVITIES, Activities) and isinstance(PROCESSOR, ProcessorRegister)
