"""Every rule of gates, and the verdicts made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.evidence.outcome import ContentRef, Shortfall
from cstrain.core.pathway.findings import Fact, Facts, Finding
from cstrain.core.pathway.gates import Decision, Gate, Verdict, decide
from cstrain.core.pathway.rules import (
    AllOf,
    AnyOf,
    Done,
    MeanAtLeast,
    MeasureLimit,
    NoneOf,
    OnOneAttempt,
    Pick,
    Rule,
    ScoreAtLeast,
    SignedOff,
    may_sign,
)

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
EXAM, TYPING, SLOT = "exam", "typing", "sign-off:basic"
WEAK = Shortfall(ContentRef("section:1.1"), 0.5, 4, "wrong_answers")
SPEED = MeasureLimit(TYPING, "net_cpm", 40)
ACCURACY = MeasureLimit(TYPING, "accuracy_ratio", 0.95)
TRAINER_SIGNS = SignedOff("trainer", SLOT)
MANAGER_SIGNS = SignedOff("manager", SLOT)


def fact(
    number: int,
    activity: str = EXAM,
    score: float | None = 1.0,
    *,
    cpm: float | None = None,
    accuracy: float | None = None,
    source: str = "attempt",
    days_ago: int = 0,
    role: str | None = None,
) -> Fact:
    figures = {"net_cpm": cpm, "accuracy_ratio": accuracy}
    return Fact(
        evidence_id=number,
        activity=activity,
        score=score,
        measures={name: value for name, value in figures.items() if value is not None},
        shortfalls=(WEAK,),
        source_kind=source,
        at=NOW - timedelta(days=days_ago),
        day=TODAY - timedelta(days=days_ago),
        by_role=role,
    )


def facts_with(*facts: Fact) -> Facts:
    return Facts.of(facts)


def scores(*values: float | None) -> Facts:
    return Facts.of([fact(number, score=value) for number, value in enumerate(values, 1)])


def runs(*values: tuple[float | None, float, float]) -> Facts:
    return Facts.of(
        [
            fact(number, TYPING, score, cpm=cpm, accuracy=accuracy)
            for number, (score, cpm, accuracy) in enumerate(values, 1)
        ]
    )


def signature(number: int, score: float, role: str | None = "trainer") -> Fact:
    return fact(number, SLOT, score, source="sign_off", role=role)


def check(rule: Rule, facts: Facts) -> Finding:
    return rule.check(facts, NOW)


def verdict_of(rule: Rule, facts: Facts, **gate: dict[str, int]) -> Verdict:
    return decision_of(rule, facts, **gate).verdict


def decision_of(rule: Rule, facts: Facts, **gate: dict[str, int]) -> Decision:
    extra = gate.pop("extra", {})
    return decide(Gate({}, rule, **gate), facts, now=NOW, extra_attempts=extra)


# Single rules.


@pytest.mark.parametrize(
    ("score", "met"),
    [
        (None, None),
        (0.0, False),
        (0.79, False),
        (23 / 30, False),
        (24 / 30, True),
        (0.8, True),
        (0.1 + 0.7, True),  # 0.7999999999999999
        (1.0, True),
    ],
)
def test_score_at_least_includes_its_limit(score: float | None, met: bool | None) -> None:
    finding = check(ScoreAtLeast(EXAM, 0.8), scores(score))

    assert finding.met is met
    assert finding.figure == score
    assert finding.tried


def test_a_score_is_asked_for_until_there_is_an_attempt() -> None:
    finding = check(ScoreAtLeast(EXAM, 0.8), scores())

    assert (finding.met, finding.figure, finding.tried) == (False, None, False)


@pytest.mark.parametrize(
    ("pick", "values", "met", "figure", "ids"),
    [
        ("latest", (0.9, 0.5), False, 0.5, (2,)),
        ("latest", (0.5, 0.9), True, 0.9, (2,)),
        ("latest", (0.9, None), None, None, (2,)),
        ("best", (0.9, 0.5), True, 0.9, (1,)),
        ("best", (0.5, 0.6), False, 0.6, (2,)),
        ("best", (0.9, 0.9), True, 0.9, (2,)),
        ("best", (0.9, None), True, 0.9, (1,)),
        ("best", (0.5, None), None, None, (2,)),
        ("best", (None, 0.5), None, None, (1,)),
    ],
)
def test_the_pick_says_which_attempt_counts(
    pick: Pick,
    values: Sequence[float | None],
    met: bool | None,
    figure: float | None,
    ids: tuple[int, ...],
) -> None:
    finding = check(ScoreAtLeast(EXAM, 0.8, pick), scores(*values))

    assert (finding.met, finding.figure, finding.evidence_ids) == (met, figure, ids)


@pytest.mark.parametrize(
    ("at_least", "figure", "score", "met"),
    [
        (True, 39.999, 1.0, False),
        (True, 40.0, 1.0, True),
        (True, 40.0 - 1e-12, 1.0, True),
        (True, 41.0, None, None),
        (True, None, 1.0, False),
        (False, 40.001, 1.0, False),
        (False, 40.0, 1.0, True),
        (False, 40.0 + 1e-12, 1.0, True),
        (False, 12.0, None, None),
    ],
)
def test_a_measure_keeps_its_limit(
    at_least: bool, figure: float | None, score: float | None, met: bool | None
) -> None:
    rule = MeasureLimit(TYPING, "net_cpm", 40, at_least)

    finding = check(rule, facts_with(fact(1, TYPING, score, cpm=figure)))

    assert finding.met is met
    assert finding.measure == "net_cpm"


@pytest.mark.parametrize(("at_least", "figure"), [(True, 50.0), (False, 20.0)])
def test_the_best_of_a_measure_depends_on_its_direction(at_least: bool, figure: float) -> None:
    rule = MeasureLimit(TYPING, "net_cpm", 40, at_least, "best")

    finding = check(rule, runs((1.0, 20, 1), (1.0, 50, 1), (1.0, 45, 1)))

    assert finding.figure == figure


def test_an_unmarked_run_never_hides_a_marked_one_that_is_good() -> None:
    rule = MeasureLimit(TYPING, "net_cpm", 40, pick="best")

    finding = check(rule, runs((1.0, 45, 1), (None, 60, 1)))

    assert (finding.met, finding.figure) == (True, 45.0)


def test_done_names_everything_that_is_missing() -> None:
    rule = Done(("1.1", "1.2", "1.3"))

    finding = check(rule, facts_with(fact(1, "1.2", None)))

    assert (finding.met, finding.missing) == (False, ("1.1", "1.3"))
    assert (finding.figure, finding.target, finding.tried) == (1.0, 3.0, True)


def test_done_counts_any_completion_whatever_its_score() -> None:
    finding = check(Done(("1.1",)), facts_with(fact(1, "1.1", 0.0)))

    assert finding.met is True


# On one attempt.


@pytest.mark.parametrize(
    ("attempts", "met", "ids"),
    [
        ([], False, ()),
        ([(1.0, 40, 0.95)], True, (1,)),
        ([(1.0, 60, 0.90), (1.0, 30, 1.0)], False, (2,)),
        ([(1.0, 45, 0.96), (1.0, 30, 0.5)], True, (1,)),
        ([(None, 45, 0.96)], None, (1,)),
        ([(1.0, 60, 0.90), (None, 45, 0.96)], None, (2,)),
        ([(None, 45, 0.96), (1.0, 41, 0.97)], True, (2,)),
        ([(1.0, 45, 0.99), (1.0, 46, 0.96)], True, (2,)),
    ],
)
def test_all_limits_must_be_kept_by_one_attempt(
    attempts: Sequence[tuple[float | None, float, float]],
    met: bool | None,
    ids: tuple[int, ...],
) -> None:
    finding = check(OnOneAttempt(TYPING, (SPEED, ACCURACY)), runs(*attempts))

    assert (finding.met, finding.evidence_ids) == (met, ids)
    assert [part.measure for part in finding.parts] == ["net_cpm", "accuracy_ratio"]


@pytest.mark.parametrize(
    ("days_ago", "same_local_day", "met"),
    [
        ((0, 0), False, False),
        ((0, 0, 0), False, True),
        ((2, 1, 0), False, True),
        ((2, 1, 0), True, False),
        ((1, 1, 1), True, True),
        ((1, 1, 1, 0), True, True),
        ((1, 1, 0, 0), True, False),
    ],
)
def test_best_of_asks_for_enough_attempts_before_the_best_counts(
    days_ago: Sequence[int], same_local_day: bool, met: bool
) -> None:
    rule = OnOneAttempt(TYPING, (SPEED,), best_of=3, same_local_day=same_local_day)
    facts = facts_with(
        *(fact(n, TYPING, cpm=50, days_ago=days) for n, days in enumerate(days_ago, 1))
    )

    finding = check(rule, facts)

    assert finding.met is met
    assert finding.tried is met


def test_too_few_attempts_for_best_of_are_no_failure() -> None:
    rule = OnOneAttempt(TYPING, (SPEED,), best_of=3)

    assert verdict_of(rule, runs((1.0, 10, 1))) is Verdict.OPEN


# Means, flags, signatures.


@pytest.mark.parametrize(
    ("values", "met", "figure"),
    [
        ((), False, None),
        ((0.9,), False, 0.9),
        ((0.7, 0.9), True, 0.8),
        ((0.7, 0.89), False, 0.795),
        ((0.9, None), None, 0.9),
        ((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), False, 0.5),
    ],
)
def test_mean_at_least_needs_enough_marked_scores(
    values: Sequence[float | None], met: bool | None, figure: float | None
) -> None:
    finding = check(MeanAtLeast(EXAM, 0.8, min_count=2, days=30), scores(*values))

    assert finding.met is met
    assert finding.figure == (figure if figure is None else pytest.approx(figure))


def test_too_few_scores_for_a_mean_are_no_failure() -> None:
    rule = MeanAtLeast(EXAM, 0.8, min_count=2, days=30)

    assert verdict_of(rule, scores(0.1)) is Verdict.OPEN
    assert verdict_of(rule, scores(0.1, 0.1)) is Verdict.REPEAT


@pytest.mark.parametrize(("days_ago", "met"), [(30, True), (31, False)])
def test_a_mean_looks_at_its_window_only(days_ago: int, met: bool) -> None:
    rule = MeanAtLeast(EXAM, 0.8, min_count=1, days=30)

    assert check(rule, facts_with(fact(1, days_ago=days_ago))).met is met


@pytest.mark.parametrize(("days_ago", "met"), [(0, False), (30, False), (31, True)])
def test_none_of_forgets_flags_after_its_days(days_ago: int, met: bool) -> None:
    flags = facts_with(fact(1, "flag:rude", None, source="import", days_ago=days_ago))

    finding = check(NoneOf("rude", 30), flags)

    assert finding.met is met


@pytest.mark.parametrize(
    ("rule", "signatures", "met", "tried"),
    [
        (TRAINER_SIGNS, [], False, False),
        (TRAINER_SIGNS, [(1.0, "trainer")], True, True),
        (TRAINER_SIGNS, [(1.0, "manager")], True, True),
        (TRAINER_SIGNS, [(1.0, "trainee")], False, False),
        (TRAINER_SIGNS, [(1.0, None)], False, False),
        (TRAINER_SIGNS, [(1.0, "trainer"), (0.0, "trainer")], False, True),
        (TRAINER_SIGNS, [(0.0, "trainer"), (1.0, "trainer")], True, True),
        (MANAGER_SIGNS, [(1.0, "trainer")], False, False),
        (MANAGER_SIGNS, [(1.0, "administrator")], True, True),
        (MANAGER_SIGNS, [(1.0, "manager"), (0.0, "trainer")], True, True),
    ],
)
def test_the_latest_signature_of_a_sufficient_role_counts(
    rule: SignedOff, signatures: Sequence[tuple[float, str | None]], met: bool, tried: bool
) -> None:
    signed = [signature(number, *each) for number, each in enumerate(signatures, 1)]

    finding = check(rule, facts_with(*signed))

    assert (finding.met, finding.tried) == (met, tried)


def test_an_attempt_is_no_signature() -> None:
    finding = check(TRAINER_SIGNS, facts_with(fact(1, SLOT, 1.0, role="trainer")))

    assert finding.met is False


def test_a_trainer_never_signs_for_a_manager() -> None:
    assert may_sign("manager", "trainer")
    assert not may_sign("trainer", "manager")
    assert not may_sign(None, "trainer")


# All and any.


@pytest.mark.parametrize(
    ("values", "all_met", "any_met"),
    [
        ((True, True), True, True),
        ((True, None), None, True),
        ((True, False), False, True),
        ((None, None), None, None),
        ((None, False), False, None),
        ((False, False), False, False),
    ],
)
def test_all_and_any_in_three_values(
    values: tuple[bool | None, ...], all_met: bool | None, any_met: bool | None
) -> None:
    score = {True: 1.0, False: 0.0, None: None}
    rules = tuple(ScoreAtLeast(str(number), 0.5) for number, _value in enumerate(values))
    facts = facts_with(
        *(fact(number, str(number), score[value]) for number, value in enumerate(values))
    )

    assert check(AllOf(rules), facts).met is all_met
    assert check(AnyOf(rules), facts).met is any_met


def test_every_part_is_checked_after_the_first_failure() -> None:
    rule = AllOf((ScoreAtLeast(EXAM, 0.8), Done(("1.1",)), TRAINER_SIGNS))

    finding = check(rule, scores())

    assert [leaf.code for leaf in finding.leaves()] == ["score_at_least", "done", "signed_off"]


def test_what_lies_in_a_met_any_is_not_lacking() -> None:
    rule = AllOf((AnyOf((ScoreAtLeast(EXAM, 0.8), TRAINER_SIGNS)), Done(("1.1",))))

    finding = check(rule, scores(0.9))

    assert [leaf.code for leaf in finding.lacking()] == ["done"]


# Verdicts.


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ((), Verdict.OPEN),
        ((0.8,), Verdict.PASS),
        ((0.5,), Verdict.REPEAT),
        ((None,), Verdict.WAIT),
        ((0.5, 0.5), Verdict.HELP),
        ((0.5, None), Verdict.WAIT),
        ((0.5, 0.9), Verdict.PASS),
    ],
)
def test_an_exam_is_passed_repeated_waited_for_or_helped(
    values: Sequence[float | None], verdict: Verdict
) -> None:
    found = verdict_of(ScoreAtLeast(EXAM, 0.8), scores(*values), attempts={EXAM: 2})

    assert found is verdict


def test_an_attempt_given_on_top_turns_help_into_repeat() -> None:
    decision = decision_of(
        ScoreAtLeast(EXAM, 0.8), scores(0.5, 0.5), attempts={EXAM: 2}, extra={EXAM: 1}
    )

    assert decision.verdict is Verdict.REPEAT


def test_without_a_limit_help_never_comes() -> None:
    assert verdict_of(ScoreAtLeast(EXAM, 0.8), scores(*[0.1] * 50)) is Verdict.REPEAT


def test_repeat_says_what_to_relearn_and_when_to_try_again() -> None:
    decision = decision_of(ScoreAtLeast(EXAM, 0.8), scores(0.5), delay_minutes={EXAM: 30})

    assert decision.relearn == {EXAM: (WEAK,)}
    assert decision.retry_at == {EXAM: NOW + timedelta(minutes=30)}
    assert decision.evidence_ids == (1,)


def test_help_still_says_what_to_relearn() -> None:
    decision = decision_of(ScoreAtLeast(EXAM, 0.8), scores(0.5), attempts={EXAM: 1})

    assert decision.verdict is Verdict.HELP
    assert decision.relearn == {EXAM: (WEAK,)}


def test_only_the_failed_activity_is_relearned() -> None:
    rule = AllOf((ScoreAtLeast(EXAM, 0.8), OnOneAttempt(TYPING, (SPEED, ACCURACY))))
    facts = facts_with(fact(1), fact(2, TYPING, 1.0, cpm=20, accuracy=1))

    decision = decision_of(rule, facts)

    assert list(decision.relearn) == [TYPING]


def test_an_unmarked_run_after_a_failed_one_waits() -> None:
    rule = OnOneAttempt(TYPING, (SPEED, ACCURACY))

    assert verdict_of(rule, runs((1.0, 60, 0.5), (None, 45, 0.97))) is Verdict.WAIT


@pytest.mark.parametrize(
    ("signatures", "lessons", "verdict"),
    [
        ((), (), Verdict.OPEN),
        ((), ("1.1",), Verdict.WAIT),
        ((0.0,), ("1.1",), Verdict.HELP),
        ((0.0, 1.0), ("1.1",), Verdict.PASS),
        ((1.0,), (), Verdict.OPEN),
    ],
)
def test_a_signature_is_waited_for_when_nothing_else_is_missing(
    signatures: Sequence[float], lessons: Sequence[str], verdict: Verdict
) -> None:
    rule = AllOf((Done(("1.1",)), TRAINER_SIGNS))
    facts = facts_with(
        *(fact(number, slug) for number, slug in enumerate(lessons, 1)),
        *(signature(number, score) for number, score in enumerate(signatures, 10)),
    )

    assert verdict_of(rule, facts) is verdict


def test_a_refused_signature_in_a_met_any_is_no_reason_for_help() -> None:
    rule = AllOf((AnyOf((TRAINER_SIGNS, ScoreAtLeast(EXAM, 0.8))), Done(("1.1",))))

    assert verdict_of(rule, facts_with(signature(1, 0.0), fact(2))) is Verdict.OPEN


def test_an_alternative_that_is_left_keeps_help_away() -> None:
    rule = AnyOf((ScoreAtLeast(EXAM, 0.8), ScoreAtLeast("other", 0.8)))
    attempts = {EXAM: 1, "other": 1}

    one, both = scores(0.5), facts_with(fact(1, score=0.5), fact(2, "other", 0.5))

    assert verdict_of(rule, one, attempts=attempts) is Verdict.REPEAT
    assert verdict_of(rule, both, attempts=attempts) is Verdict.HELP


def test_a_score_that_came_by_import_is_judged_but_uses_up_no_attempt() -> None:
    facts = facts_with(fact(1, score=0.5, source="import"))

    decision = decision_of(ScoreAtLeast(EXAM, 0.8), facts, attempts={EXAM: 1})

    assert (decision.verdict, decision.relearn) == (Verdict.OPEN, {})


def test_a_flag_alone_only_keeps_the_gate_open() -> None:
    flags = facts_with(fact(1, "flag:rude", None, source="import"))

    assert verdict_of(NoneOf("rude", 30), flags) is Verdict.OPEN


# Properties.

_slugs = st.sampled_from([EXAM, TYPING, "1.1", SLOT, "flag:rude"])
_picks: st.SearchStrategy[Pick] = st.sampled_from(["latest", "best"])
_ratios = st.floats(0, 1)
_limits = st.builds(
    MeasureLimit,
    _slugs,
    st.sampled_from(["net_cpm", "accuracy_ratio", "unknown"]),
    st.floats(0, 100),
    st.booleans(),
    _picks,
)
_leaves: st.SearchStrategy[Rule] = st.one_of(
    st.builds(ScoreAtLeast, _slugs, _ratios, _picks),
    _limits,
    st.builds(
        OnOneAttempt,
        _slugs,
        st.lists(_limits, max_size=3).map(tuple),
        st.integers(1, 3),
        st.booleans(),
    ),
    st.builds(MeanAtLeast, _slugs, _ratios, st.integers(1, 3), st.integers(1, 40)),
    st.builds(NoneOf, st.just("rude"), st.integers(1, 40)),
    st.builds(SignedOff, st.sampled_from(["trainer", "manager"]), st.just(SLOT)),
    st.builds(Done, st.lists(_slugs, max_size=3).map(tuple)),
)
_rules: st.SearchStrategy[Rule] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
_some_facts = st.lists(
    st.builds(
        fact,
        st.integers(1, 999),
        _slugs,
        st.none() | _ratios,
        cpm=st.none() | st.floats(0, 100),
        accuracy=st.none() | _ratios,
        source=st.sampled_from(["attempt", "sign_off", "import"]),
        days_ago=st.integers(0, 60),
        role=st.sampled_from([None, "trainer", "manager"]),
    ),
    max_size=12,
)
_gates = st.builds(
    Gate,
    st.just({}),
    _rules,
    st.dictionaries(_slugs, st.integers(1, 4)),
    st.dictionaries(_slugs, st.integers(0, 90)),
)


@given(_gates, _some_facts, st.dictionaries(_slugs, st.integers(0, 3)))
def test_a_gate_can_always_be_decided_and_passes_exactly_when_it_is_met(
    gate: Gate, facts: list[Fact], extra: dict[str, int]
) -> None:
    decision = decide(gate, Facts.of(facts), now=NOW, extra_attempts=extra)

    assert (decision.verdict is Verdict.PASS) == (decision.finding.met is True)
    assert set(decision.relearn) == set(decision.retry_at)
    assert decision.verdict is not Verdict.REPEAT or decision.relearn
    assert set(decision.relearn) <= gate.rule.activities()
    assert set(decision.evidence_ids) <= {each.evidence_id for each in facts}


@given(_gates, _some_facts)
def test_more_attempts_allowed_never_make_a_verdict_worse_than_help(
    gate: Gate, facts: list[Fact]
) -> None:
    generous = dict.fromkeys((EXAM, TYPING, "1.1", SLOT, "flag:rude"), 99)

    few = decide(gate, Facts.of(facts), now=NOW)
    many = decide(gate, Facts.of(facts), now=NOW, extra_attempts=generous)

    assert few.finding == many.finding
    assert few.verdict is many.verdict or few.verdict is Verdict.HELP


@given(st.lists(st.none() | _ratios, min_size=1), _ratios, st.none() | _ratios)
def test_with_best_a_further_attempt_takes_nothing_away(
    values: list[float | None], ratio: float, further: float | None
) -> None:
    rule = ScoreAtLeast(EXAM, ratio, "best")
    worth = {False: 0, None: 1, True: 2}

    before, after = check(rule, scores(*values)), check(rule, scores(*values, further))

    assert worth[after.met] >= worth[before.met]


@given(
    st.lists(st.tuples(st.none() | _ratios, st.floats(0, 100), _ratios), min_size=2),
    st.integers(1, 3),
)
def test_on_one_attempt_a_further_attempt_takes_nothing_away(
    attempts: list[tuple[float | None, float, float]], best_of: int
) -> None:
    rule = OnOneAttempt(TYPING, (SPEED, ACCURACY), best_of)
    worth = {False: 0, None: 1, True: 2}

    before, after = check(rule, runs(*attempts[:-1])), check(rule, runs(*attempts))

    assert worth[after.met] >= worth[before.met]


@given(_rules, _some_facts)
def test_nothing_lacks_exactly_when_a_rule_is_met(rule: Rule, facts: list[Fact]) -> None:
    finding = check(rule, Facts.of(facts))

    assert (finding.met is True) == (not finding.lacking())
