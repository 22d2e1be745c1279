"""The table people are imported from: its template, and reading it row by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cstrain.core.people import fields
from cstrain.core.people.access import Role, TeamRef
from cstrain.core.people.history import ROLE_WORDS
from cstrain.kit import tables
from cstrain.kit.i18n import gettext as _

T = TypeVar("T")

HEADINGS: Mapping[str, Sequence[str]] = {
    "employee_no": ("工号", "员工编号", "employee no", "employee number"),
    "name": ("姓名", "名字", "name"),
    "phone": ("手机号", "手机", "电话", "phone"),
    "role": ("角色", "岗位", "role"),
    "team": ("店铺", "门店", "team", "shop"),
    "batch": ("批次", "班级", "batch"),
}
REQUIRED = ("employee_no", "name")
MAX_ROWS = 10_000
_ROLE_NAMES = {
    **{str.__str__(word): role for role, word in ROLE_WORDS.items()},
    **{role.value: role for role in Role},
    "新人": Role.TRAINEE,
    "客服": Role.TRAINEE,
    "讲师": Role.TRAINER,
    "带教": Role.TRAINER,
    "培训师": Role.TRAINER,
    "店长": Role.MANAGER,
    "经理": Role.MANAGER,
}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row as understood; ``role`` is None where the cell was empty."""

    number: int
    employee_no: str
    name: str
    phone: str | None
    role: Role | None
    team_id: int
    batch: str | None


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be imported."""

    number: int
    column: str
    reason: str


def template(teams: Sequence[TeamRef], roles: Collection[Role]) -> bytes:
    """The table to fill in, as XLSX, with the viewer's teams and roles as lists."""
    shop = teams[0].name if teams else "云朵家居旗舰店"
    columns = [
        tables.Column(HEADINGS["employee_no"][0], 14, hint=_("必填。同一个工号再导入就是更新。")),
        tables.Column(HEADINGS["name"][0], 14, hint=_("必填。")),
        tables.Column(HEADINGS["phone"][0], 18, hint=_("可不填。填了也能用它登录。")),
        tables.Column(
            HEADINGS["role"][0],
            12,
            choices=[str.__str__(ROLE_WORDS[role]) for role in roles],
            hint=_("不填就是学员。"),
        ),
        tables.Column(
            HEADINGS["team"][0],
            24,
            choices=[team.name for team in teams],
            hint=_("不填就是导入时选的店铺。"),
        ),
        tables.Column(HEADINGS["batch"][0], 22, hint=_("一起入职的一批人，例如 2026-11 大促班。")),
    ]
    examples = [
        ["YD1001", "林小满", "13800138001", "学员", shop, "2026-11 大促班"],
        ["YD1002", "周予安", "", "", "", "2026-11 大促班"],
    ]
    return tables.write_xlsx(
        tables.Sheet("人员", columns),
        tables.Sheet("示例", [tables.Column(c.heading, c.width) for c in columns], examples),
    )


def read(
    data: bytes, *, teams: Sequence[TeamRef], default_team_id: int
) -> tuple[list[ImportRow], list[RowProblem]]:
    """Read a table; every cell that cannot be understood becomes a problem of its row.

    Args:
        data: XLSX or CSV.
        teams: Teams a row may name, by name or slug.
        default_team_id: Where rows without a team go.

    Raises:
        InvalidError: If it is no such table.
    """
    records = tables.read_records(data, HEADINGS, required=REQUIRED, max_rows=MAX_ROWS)
    by_name = {key.casefold(): team.id for team in teams for key in (team.slug, team.name)}
    rows: list[ImportRow] = []
    problems: list[RowProblem] = []
    seen: dict[str, dict[str, int]] = {"employee_no": {}, "phone": {}}
    for record in records:
        reader = _RowReader(record)
        row = reader.row(by_name, default_team_id)
        for column, value in (("employee_no", row.employee_no), ("phone", row.phone)):
            first = seen[column].setdefault(value, row.number) if value else row.number
            if first != row.number:
                reader.problem(column, _("和第 %(n)s 行重复。", n=first))
        problems += reader.problems
        if not reader.problems:
            rows.append(row)
    return rows, problems


class _RowReader:
    """Understands one row and collects what is wrong with it."""

    def __init__(self, record: tables.Record) -> None:
        self.record = record
        self.problems: list[RowProblem] = []

    def problem(self, column: str, reason: str) -> None:
        self.problems.append(RowProblem(self.record.number, HEADINGS[column][0], reason))

    def checked(self, column: str, check: Callable[[str], T], otherwise: T) -> T:
        try:
            return fields.checked(column, check, self.record[column])
        except fields.FieldError as error:
            self.problem(column, str(error))
            return otherwise

    def row(self, teams: Mapping[str, int], default_team_id: int) -> ImportRow:
        record = self.record
        number = self.checked("employee_no", fields.employee_no, "?")
        if not number:
            self.problem("employee_no", _("工号不能空。"))
        name = self.checked("name", fields.name, "")
        phone = self.checked("phone", fields.phone, None)
        batch = self.checked("batch", fields.batch, None)
        role = _ROLE_NAMES.get(record["role"].casefold())
        if record["role"] and role is None:
            known = "、".join(str.__str__(word) for word in ROLE_WORDS.values())
            self.problem(
                "role",
                _("没有“%(role)s”这个角色，可填：%(known)s。", role=record["role"], known=known),
            )
        team_id = teams.get(record["team"].casefold()) if record["team"] else default_team_id
        if team_id is None:
            self.problem("team", _("没有你管的店铺叫“%(name)s”。", name=record["team"]))
        return ImportRow(record.number, number, name, phone, role, team_id or 0, batch)
