"""The demo shop: made-up people with believable histories, through the real services.

Nothing is written past the services, and everything is drawn from one seed, so that two runs
tell the same stories; only the days move, because they are counted back from today.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from cstrain.core.people import memberships, sessions
from cstrain.core.people import service as people
from cstrain.core.people.access import Role
from cstrain.core.people.models import Person, Team
from cstrain.demo import chat_life
from cstrain.demo.acting import Actor
from cstrain.demo.cast import HE, NAMES, STAFF, TEMPORARY, TRAINEES, Trainee
from cstrain.desk.cases import service as cases
from cstrain.kit.clock import local_day, utc_now
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import ConflictError
from cstrain.kit.i18n import gettext as _

TEAM_SLUG = "shanchali"
CROWD_SLUG = "shanchali-sale"
PASSWORD = "shancha-2026"  # noqa: S105 - printed on purpose: the people are made up
_SEED = 20261111
_ZONE = "Asia/Shanghai"
#: Who joined later came after the case document was out.
_DAYS_OF_CHATS = 3
#: Who has confirmed the notice.
_CONFIRMED = ("S003", "S008", "S010", "S011", "S012")


def accounts() -> list[str]:
    """What to tell whoever starts the demo: everybody's log-in."""
    shown = [
        *((member.employee_no, f"{member.name} · {member.role.value}") for member in STAFF),
        *((trainee.employee_no, f"{trainee.name} · trainee") for trainee in TRAINEES),
    ]
    lines = [f"  {number}  {who}" for number, who in shown]
    return ["", f"Demo accounts, all with the password {PASSWORD} (made-up people):", *lines, ""]


def load(*, people_count: int | None, say: Callable[[str], None]) -> None:
    """Make the demo shop.

    Args:
        people_count: How many trainees; None for the twelve with stories.
        say: Told about progress, a line at a time.

    Raises:
        ConflictError: If it is there already.
    """
    if db.session.scalar(select(Team.id).where(Team.slug == TEAM_SLUG)) is not None:
        raise ConflictError(_("示范店已经有了。换一个空的数据文件夹（CSTRAIN_VAR）再来。"))
    today = utc_now().replace(minute=0, second=0, microsecond=0)
    hashed = sessions.hash_password(PASSWORD)
    staff = _open_shop(hashed, now=today - timedelta(days=400))
    numbered = list(enumerate(TRAINEES, start=1))
    there = [each for each in numbered if each[1].days_here >= _DAYS_OF_CHATS]
    for number, trainee in there:
        _live(trainee, staff, hashed, today, random.Random(_SEED + number))  # noqa: S311 - a story
        say(f"  {number}/{len(TRAINEES)} {trainee.name}")
    chat_life.live(staff, today, _ZONE)
    for number, trainee in numbered:
        if (number, trainee) not in there:
            _live(trainee, staff, hashed, today, random.Random(_SEED + number))  # noqa: S311
            say(f"  {number}/{len(TRAINEES)} {trainee.name}")
    _tell(staff, today)
    if people_count and people_count > len(TRAINEES):
        _crowd(people_count - len(TRAINEES), staff, hashed, today, say)


def _open_shop(hashed: str, *, now: datetime) -> dict[str, int]:
    """The team and those who run it; gives employee number → person."""
    with transaction() as session:
        team = Team(slug=TEAM_SLUG, name="山茶里旗舰店（示范）", needed_on_duty_count=4)
        session.add(team)
        session.flush()
        team_id = team.id
    ids: dict[str, int] = {"": team_id}
    for member in STAFF:
        with transaction():
            ids[member.employee_no] = people.add_person(
                people.NewPerson(
                    name=member.name,
                    employee_no=member.employee_no,
                    phone=member.phone,
                    role=member.role,
                    password_hash=hashed,
                    must_change_password=False,
                ),
                team_id=team_id,
                by=None,
                now=now,
            )
    return ids


def _live(
    trainee: Trainee,
    staff: Mapping[str, int],
    hashed: str,
    today: datetime,
    rng: random.Random,
) -> None:
    """Let one trainee join and go through the own story."""
    joined = today - timedelta(days=trainee.days_here, hours=rng.uniform(1, 5))
    person_id = _join(trainee, staff[""], hashed, joined)
    actor = Actor(
        person_id,
        rng,
        joined + timedelta(minutes=20),
        skill=trainee.skill,
        cpm=trainee.cpm,
        typing_error_ratio=trainee.typing_error_ratio,
    )
    trainee.story(actor, staff)


def _join(trainee: Trainee, team_id: int, hashed: str, now: datetime) -> int:
    with transaction():
        return people.add_person(
            people.NewPerson(
                name=trainee.name,
                employee_no=trainee.employee_no,
                phone=None,
                role=Role.TRAINEE,
                batch=trainee.batch,
                password_hash=hashed,
                must_change_password=False,
            ),
            team_id=team_id,
            by=None,
            now=now,
        )


def _tell(staff: Mapping[str, int], today: datetime) -> None:
    """A notice of this morning, which some have confirmed; one had to read it twice."""
    told_at = today - timedelta(hours=5)
    draft = cases.Draft(
        title="双 11 预售单：发货时间只照商品页说",
        body=(
            "昨天有三位买家以为预售单当天就发，收不到货来问。从今天起：\n\n"
            "- 现货照旧：16:00 前付款当天发，之后次日发。\n"
            "- 预售单按商品页写的时间发，付了尾款也一样。先打开商品页看，再回复。\n"
            "- 买家要得急：在备注里写清楚，留言给何姐，不要先答应。"
        ),
        question="买家刚付了预售尾款，问今天能不能发。怎么回？",
        options=[
            "16:00 前付的，今天发",
            "打开商品页，照上面写的发货时间回",
            "让买家等发货通知",
        ],
        right_index=1,
        explanation="16:00 前付款当天发，说的是现货。预售单照商品页写的时间。",
        due_on=local_day(today, _ZONE) + timedelta(days=2),
    )
    with transaction():
        notice_id = cases.publish(staff[""], _ZONE, draft, by=staff[HE], now=told_at).id
        rows = db.session.execute(
            select(Person.employee_no, Person.id).where(Person.employee_no.in_(_CONFIRMED))
        )
        numbers = {row.employee_no: row.id for row in rows}
        cases.answer(notice_id, 0, by=numbers[_CONFIRMED[0]], now=told_at + timedelta(minutes=20))
        for place, number in enumerate(_CONFIRMED, start=1):
            at = told_at + timedelta(minutes=30 * place)
            cases.answer(notice_id, draft.right_index, by=numbers[number], now=at)


def _crowd(
    count: int,
    staff: Mapping[str, int],
    hashed: str,
    today: datetime,
    say: Callable[[str], None],
) -> None:
    """Many temporary agents of the big sale, in a shop of their own, for looking and measuring."""
    with transaction() as session:
        team = Team(slug=CROWD_SLUG, name="山茶里大促组（示范）", pathway_slug="big-sale")
        session.add(team)
        session.flush()
        team_id = team.id
        for member in STAFF:
            post = people.Post(team_id, member.role)
            memberships.give_role(staff[member.employee_no], post, by=None, now=today)
    rng = random.Random(_SEED)  # noqa: S311 - a story
    crew = {**staff, "": team_id}
    for number in range(count):
        trainee = Trainee(
            employee_no=f"P{number + 1:05}",
            name=rng.choice(NAMES[0]) + rng.choice(NAMES[1]),
            batch=f"2026-11 第{number % 20 + 1}批",
            days_here=rng.uniform(2, 20),
            story=TEMPORARY[number % len(TEMPORARY)],
            skill=rng.uniform(0.85, 0.97),
            cpm=rng.uniform(46, 80),
        )
        _live(trainee, crew, hashed, today, random.Random(_SEED + 1000 + number))  # noqa: S311
        if (number + 1) % 100 == 0:
            say(f"  {number + 1}/{count}")
