"""How far those who mark agree: figures with n, and who is out of agreement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from cstrain.core.people.access import Role
from cstrain.core.people.models import Person
from cstrain.core.review import blind, correcting
from cstrain.desk.quality import agreement_queries, agreement_words
from cstrain.desk.quality.agreeing import (
    Both,
    Double,
    Pairs,
    graders,
    item_figures,
    kept_from_exams,
    total_figures,
)
from cstrain.desk.quality.agreement_queries import Counts
from cstrain.kit.db import db, transaction
from tests.desk.quality.conftest import ChatDesk
from tests.plugins.shop import MakePerson, Shop, SignIn, Someone

NOW = datetime(2026, 11, 2, tzinfo=UTC)
#: Feinstein and Cicchetti (1990): 85 % alike, kappa 0.70; and 85 % with one category rare, 0.32.
EVEN: Pairs = ((1, 1),) * 40 + ((1, 0),) * 9 + ((0, 1),) * 6 + ((0, 0),) * 45
RARE: Pairs = ((1, 1),) * 80 + ((1, 0),) * 10 + ((0, 1),) * 5 + ((0, 0),) * 5


def double(
    number: int, first: float, second: float, *, days_ago: int = 1, by: tuple[int, int | None]
) -> Double:
    """A chat; the marks are the same where the scores are."""
    marks = (Both("a", 1, 1, int(first == second)),)
    return Double(number, NOW - timedelta(days=days_ago), *by, first, second, marks)


@pytest.mark.parametrize(("pairs", "kappa"), [(EVEN, 0.70), (RARE, 0.32)])
def test_kappa_falls_with_a_rare_category_and_ac1_does_not(pairs: Pairs, kappa: float) -> None:
    found = item_figures(pairs, 1, is_ordered=False)

    assert found.same.figure.value == 0.85
    assert found.kappa.figure.value == pytest.approx(kappa, abs=0.005)
    assert (found.ac1.figure.value or 0) > 0.69
    assert found.weighted is None
    for each in (found.same, found.kappa, found.ac1, found.alpha):
        assert each.interval is not None
        assert each.figure.value is not None
        assert each.interval.low < each.figure.value < each.interval.high
        assert each.figure.n == 100


def test_one_value_only_is_not_defined_rather_than_perfect() -> None:
    found = item_figures(((1, 1),) * 40, 1, is_ordered=False)

    assert found.same.figure.value == 1
    assert (found.kappa.figure.value, found.kappa.interval) == (None, None)
    assert found.alpha.figure.value is None
    assert agreement_words.measured_words(found.kappa) == "算不出"


def test_what_does_not_apply_is_told_by_itself() -> None:
    found = item_figures(((3, 3), (2, 3), (None, None), (None, 1)), 3, is_ordered=True)

    assert found.same.figure.n == 2
    assert found.weighted is not None
    assert found.applies is not None
    assert (found.applies.value, found.applies.n) == (0.75, 4)


def test_the_same_pairs_give_the_same_interval() -> None:
    first = item_figures(EVEN, 1, is_ordered=False).kappa.interval
    item_figures.cache_clear()

    assert item_figures(EVEN, 1, is_ordered=False).kappa.interval == first


def test_leniency_is_disagreement_whoever_marked_first() -> None:
    scores = tuple(
        (1, base + 0.1, 2, base) if number % 2 else (2, base, 1, base + 0.1)
        for number, base in enumerate((0.2, 0.4, 0.5, 0.6, 0.8, 0.9))
    )
    found = total_figures(scores)

    assert found is not None
    assert found.is_two_way
    assert found.apart == pytest.approx(10)
    assert 0.8 < (found.single.figure.value or 0) < 0.99


def test_with_three_people_totals_are_of_raters_of_their_own() -> None:
    found = total_figures(((1, 0.5, 2, 0.6), (2, 0.7, 3, 0.7), (3, 0.9, 1, 0.8)))

    assert found is not None
    assert not found.is_two_way


def test_a_lean_is_told_from_both_sides() -> None:
    doubles = [double(n, 0.9, 0.8 if n % 2 else 0.82, by=(1, 2)) for n in range(4)]

    first, second = graders(doubles, now=NOW)

    assert first.lean == pytest.approx(9)
    assert second.lean == pytest.approx(-9)
    assert not first.is_out  # four chats are too few


def test_who_leans_too_far_is_out_and_leaves_exams_to_the_others() -> None:
    doubles = [
        each
        for n in range(12)
        for each in (
            double(n, 0.95, 0.8 + n % 2 / 100, by=(1, 2)),
            double(n + 20, 0.8, 0.8, by=(2, 3)),
            double(n + 40, 0.8, 0.8, by=(3, 2)),
        )
    ]
    found = graders(doubles, now=NOW)

    assert [each.person_id for each in found if each.is_out] == [1]
    assert kept_from_exams(found, [1, 2, 3]) == {1}
    assert kept_from_exams(found, [1]) == set()  # nobody else could mark


def test_gold_judges_instead_of_the_others_where_there_is_enough() -> None:
    doubles = [double(n, 0.9, 0.7, by=(1, 2)) for n in range(12)]
    gold = [double(n + 20, 0.9, 0.9, by=(1, None)) for n in range(10)]

    first, second = graders(doubles, gold, now=NOW)

    assert (first.is_by_gold, first.is_out, first.lean) == (True, False, 0)
    assert (second.is_by_gold, second.is_out) == (False, True)


def test_drift_is_flagged_where_it_is_sure() -> None:
    steady = [double(n, 0.8 + n % 2 / 100, 0.8, days_ago=60, by=(1, 2)) for n in range(8)]
    milder = [double(n, 0.9 + n % 2 / 100, 0.8, days_ago=3, by=(1, 2)) for n in range(8)]

    assert graders(steady + milder, now=NOW)[0].drift == pytest.approx(10)
    assert graders(steady + steady, now=NOW)[0].drift is None
    assert graders(steady + milder[:4], now=NOW)[0].drift is None


def test_the_first_line_is_plain() -> None:
    assert agreement_words.sentence(Counts(840, 40, 0), 86, 100) == (
        "40 / 840 条评了两遍，一致率 86 %"
    )
    assert "还太少" in agreement_words.sentence(Counts(840, 12, 0), 86, 100)
    assert agreement_words.sentence(Counts(3, 0, 0), 0, 0) == "0 / 3 条评了两遍"


@pytest.fixture
def other(chat_desk: ChatDesk, make_person: MakePerson) -> Someone:
    return make_person(Role.TRAINER, team=Shop(chat_desk.trainee.team_id, "", ""))


@pytest.fixture
def trainer(chat_desk: ChatDesk, sign_in: SignIn) -> FlaskClient:
    return sign_in(chat_desk.trainer)


def mark_twice(desk: ChatDesk, other: Someone, first: int, second: int) -> None:
    desk.draw(desk.chat(), second_ratio=1)
    desk.mark(desk.review(), facts=first)
    desk.mark(desk.review(), by=other, facts=second)


def test_the_page_tells_items_people_and_one_item_deeper(
    chat_desk: ChatDesk, other: Someone, trainer: FlaskClient
) -> None:
    empty = trainer.get("/quality/agreement").text
    mark_twice(chat_desk, other, 1, 3)
    early = trainer.get("/quality/agreement/figures").text
    mark_twice(chat_desk, other, 2, 2)

    page = trainer.get("/quality/agreement").text
    deeper = trainer.get("/quality/agreement/figures?item=facts&full=3").text
    whole = trainer.get("/quality/agreement/figures").text

    assert "还没有两个人都评过的" in empty
    assert "0 / 0" not in empty
    assert "才 1 条" in early
    assert "还没有两个人都评过的" not in early
    assert "2 / 2 条评了两遍" in page
    assert "2 条里 1 条（50 %）" in page
    assert other.name in page
    assert "Krippendorff" in deeper
    assert "算不出" in deeper
    assert "ICC(2,1)" in whole
    assert trainer.get("/quality/agreement/figures?item=nothing&full=3").status_code == 404


def test_every_page_reads_in_english(
    chat_desk: ChatDesk, other: Someone, trainer: FlaskClient
) -> None:
    mark_twice(chat_desk, other, 1, 3)
    with chat_desk.app.app_context(), transaction():
        db.session.get_one(Person, chat_desk.trainer.id).language = "en"

    for place in ("agreement", "agreement/figures?item=facts&full=3", "estimates", "calibrations"):
        assert trainer.get(f"/quality/{place}").status_code == 200


def test_a_correction_does_not_change_what_was_marked_blind(
    chat_desk: ChatDesk, other: Someone
) -> None:
    mark_twice(chat_desk, other, 1, 3)
    with chat_desk.app.app_context():
        before = agreement_queries.doubles(chat_desk.trainee.team_id, now=chat_desk.now)
    first = chat_desk.reviews()[0]
    with chat_desk.app.app_context(), transaction():
        correcting.correct(first.id, reason="看漏", by=chat_desk.trainer.id, now=chat_desk.now)
    chat_desk.mark(chat_desk.review(), facts=3)
    with chat_desk.app.app_context():
        after = agreement_queries.doubles(chat_desk.trainee.team_id, now=chat_desk.now)

    assert before == after


def test_who_is_out_of_agreement_is_kept_from_exams_and_comes_back(
    chat_desk: ChatDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    team_id, who = chat_desk.trainee.team_id, chat_desk.trainer.id
    far = [double(n, 0.95, 0.6, by=(who, None)) for n in range(12)]
    near = [double(n, 0.6, 0.6, by=(who, None)) for n in range(12)]
    seen = []
    for gold in (far, near):
        monkeypatch.setattr(agreement_queries, "gold", lambda _team, now, gold=gold: gold)  # noqa: ARG005
        with chat_desk.app.app_context(), transaction():
            agreement_queries.reassess(team_id, now=chat_desk.now)
            seen.append(set(blind.bars(team_id)))

    assert seen == [{who}, set()]
