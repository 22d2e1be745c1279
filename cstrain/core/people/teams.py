"""Writes about teams."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from cstrain.core.people import fields
from cstrain.core.people.access import Role
from cstrain.core.people.models import Team
from cstrain.core.people.rights import rank
from cstrain.core.people.service import Post, join, require_give, roles_of
from cstrain.kit.db import db
from cstrain.kit.errors import ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

NAME_MAX = 40
FIRST_PATHWAY = "three-exams"
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """What a team is set to.

    Attributes:
        name: As people call the shop.
        timezone: Of the IANA list; days and weeks of duties begin by it.
        needed_on_duty_count: How many certified agents a day needs.
        pathway_slug: What new trainees are enrolled in.
    """

    name: str
    timezone: str = "Asia/Shanghai"
    needed_on_duty_count: int = 0
    pathway_slug: str = FIRST_PATHWAY


def create_team(slug: str, facts: TeamFacts, *, by: int | None, now: datetime) -> int:
    """Open a team; who opens it becomes its administrator. Gives its id.

    Raises:
        ForbiddenError: If ``by`` is no administrator anywhere.
        FieldError: If a field is not allowed or the slug is taken.
    """
    if by is not None and rank(_all_roles(by)) < rank((Role.ADMINISTRATOR,)):
        raise ForbiddenError(_("只有管理员能开店铺。"))
    if not _SLUG.fullmatch(slug):
        raise fields.FieldError(
            "slug", _("代号用小写字母、数字和中间的 -，最多 40 个字符，例如 cloud-home。")
        )
    checked = _checked(facts)
    if db.session.scalar(select(Team.id).where(Team.slug == slug)) is not None:
        raise fields.FieldError("slug", _("这个代号已经有店铺用了。"))
    row = Team(
        slug=slug,
        name=checked.name,
        timezone=checked.timezone,
        needed_on_duty_count=checked.needed_on_duty_count,
        pathway_slug=checked.pathway_slug,
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise fields.FieldError("slug", _("这个代号已经有店铺用了。")) from error
    if by is not None:
        join(by, Post(row.id, Role.ADMINISTRATOR), by=by, now=now, action="role_given")
    return row.id


def change_team(team_id: int, facts: TeamFacts, *, by: int | None) -> None:
    """Change what a team is set to; its slug stays.

    Raises:
        NotFoundError: If there is no such team where ``by`` is administrator.
    """
    checked = _checked(facts)
    row = db.session.get(Team, team_id)
    if row is None:
        raise NotFoundError
    require_give(by, team_id, Role.ADMINISTRATOR)
    row.name, row.timezone = checked.name, checked.timezone
    row.needed_on_duty_count = checked.needed_on_duty_count
    row.pathway_slug = checked.pathway_slug
    db.session.flush()


def _all_roles(person_id: int) -> frozenset[Role]:
    return frozenset[Role]().union(*roles_of(person_id).values())


def _checked(facts: TeamFacts) -> TeamFacts:
    name = fields.one_line(facts.name)
    if not 1 <= len(name) <= NAME_MAX:
        raise fields.FieldError("name", _("店铺名 1 到 %(n)s 个字。", n=NAME_MAX))
    if facts.timezone not in available_timezones():
        raise fields.FieldError("timezone", _("没有这个时区。"))
    if not 0 <= facts.needed_on_duty_count <= 10_000:  # noqa: PLR2004 - more than any shop
        raise InvalidError(_("每天要的人数在 0 到 10000 之间。"))
    return TeamFacts(name, facts.timezone, facts.needed_on_duty_count, facts.pathway_slug)
