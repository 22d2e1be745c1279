"""A shop on a Monday morning with people in every place, and what is to be counted in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import update

from cstrain.core.certification import queries, service
from cstrain.core.people.access import Role
from cstrain.core.people.models import Membership, Person
from cstrain.kit.db import transaction
from tests.plugins.course import Course
from tests.plugins.shop import NOW, MakePerson, MakeTeam, Shop, Someone


@dataclass(frozen=True, slots=True)
class Places:
    """The people, by where they are.

    Counted by hand: may work today 2 (``certified``, ``due``), needed 3, so 1 missing; of them 1
    ends on Friday. On the way 6, stuck 4 (``waits``, ``failed_out``, ``slow``, ``idle``), waiting
    for a trainer 2 (``waits``, ``failed_out``). On the board 10: the leaver is not on it.
    """

    shop: Shop
    other: Shop
    trainer: Someone
    manager: Someone
    stranger: Someone
    certified: Someone
    due: Someone
    suspended: Someone
    expired: Someone
    leaver: Someone
    waits: Someone
    failed_out: Someone
    slow: Someone
    repeats: Someone
    idle: Someone
    fresh: Someone
    number: str


def make_places(course: Course, make_team: MakeTeam, make_person: MakePerson) -> Places:
    """Lead everybody to their place by the real services."""
    shop = make_team("云朵家居旗舰店", needed_on_duty_count=3)
    other = make_team("别家店", needed_on_duty_count=5)

    def person(name: str, batch: str = "2026-10 班") -> Someone:
        return make_person(team=shop, name=name, batch=batch)

    trainer = make_person(Role.TRAINER, team=shop, name="周带教")
    manager = make_person(Role.MANAGER, team=shop, name="陈主管")
    stranger = make_person(Role.MANAGER, team=other, name="外人")
    elsewhere = make_person(team=other, name="别店客服")
    course.certify(elsewhere, stranger)
    course.enrol(make_person(team=other, name="别店新人"), at=NOW - timedelta(days=30))

    certified, due, suspended, expired, leaver = (
        person(name, "2025 老客服") for name in ("甲在岗", "乙快到期", "丙暂停", "丁过期", "戊离职")
    )
    number = course.certify(certified, trainer)
    course.certify(due, trainer, at=NOW - timedelta(days=360))
    course.certify(expired, trainer, at=NOW - timedelta(days=400))
    course.certify(leaver, trainer)
    paused = course.certify(suspended, trainer)
    waits, failed_out, slow, repeats, idle, fresh = (
        person(name)
        for name in ("己等签字", "庚次数用完", "辛补学久", "壬补学中", "癸没动静", "子新来")
    )
    course.reach_live(waits, at=NOW - timedelta(hours=5))
    course.fail_out(failed_out, at=NOW - timedelta(days=1))
    for trainee, days in ((slow, 3), (repeats, 1)):
        at = NOW - timedelta(days=days)
        course.enrol(trainee, at=at)
        course.take(trainee, "lesson", at=at)
        course.take(trainee, "first-exam", 0.62, at=at)
    course.enrol(idle, at=NOW - timedelta(days=4))
    course.enrol(fresh, at=NOW)
    _suspend_and_leave(course.app, paused, leaver, manager)
    return Places(
        shop, other, trainer, manager, stranger, certified, due, suspended, expired, leaver, waits,
        failed_out, slow, repeats, idle, fresh, number,
    )  # fmt: skip


def _suspend_and_leave(app: Flask, paused: str, leaver: Someone, by: Someone) -> None:
    with app.app_context(), transaction() as session:
        certificate_id = queries.by_number(paused, now=NOW).id
        service.change(certificate_id, "suspend", reason="抽检不合格", by=by.id, now=NOW)
        session.execute(
            update(Membership).where(Membership.person_id == leaver.id).values(until_at=NOW)
        )
        session.execute(update(Person).where(Person.id == leaver.id).values(left_at=NOW))
