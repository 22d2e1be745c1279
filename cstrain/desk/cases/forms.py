"""The form of a notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are older
from wtforms.validators import InputRequired, Length, Optional

from cstrain.desk.cases.service import OPTIONS_LEAST, OPTIONS_MOST, Draft
from cstrain.kit.forms import Form, StrippedField
from cstrain.kit.i18n import gettext
from cstrain.kit.i18n import lazy as _


class NoticeForm(Form):
    """A notice with its question."""

    team = SelectField(_("发给哪个店铺"), coerce=int)
    title = StrippedField(_("标题"), [InputRequired(_("写个标题。")), Length(max=80)])
    body = TextAreaField(_("正文"), [InputRequired(_("写下要大家知道的事。")), Length(max=20_000)])
    question = StrippedField(_("一道题"), [InputRequired(_("出一道题。")), Length(max=200)])
    option_1 = StrippedField(_("选项一"), [InputRequired(_("至少写两个选项。")), Length(max=100)])
    option_2 = StrippedField(_("选项二"), [InputRequired(_("至少写两个选项。")), Length(max=100)])
    option_3 = StrippedField(_("选项三"), [Optional(), Length(max=100)])
    option_4 = StrippedField(_("选项四"), [Optional(), Length(max=100)])
    right = RadioField(
        _("哪个是对的"),
        [InputRequired(_("标出哪个选项是对的。"))],
        choices=[
            SelectChoice("1", _("选项一")),
            SelectChoice("2", _("选项二")),
            SelectChoice("3", _("选项三")),
            SelectChoice("4", _("选项四")),
        ],
    )
    explanation = StrippedField(_("答错时给的提示"), [Optional(), Length(max=300)])
    batch = SelectField(_("发给谁"), [Optional()])
    due_on = DateField(_("最晚哪天读完"), [InputRequired(_("选一个日期。"))])

    def offer(self, teams: Mapping[int, str], batches: Iterable[str]) -> None:
        """Set what can be chosen: teams by id and name, and batches."""
        self.team.choices = [SelectChoice(str(team_id), name) for team_id, name in teams.items()]
        self.batch.choices = [
            SelectChoice("", gettext("店铺里的全部学员")),
            *(SelectChoice(batch, gettext("批次：%(batch)s", batch=batch)) for batch in batches),
        ]

    def draft(self) -> Draft | None:
        """What was written; None, with an error at its field, when the question makes no sense."""
        given = [(n, self[f"option_{n}"].data or "") for n in range(1, OPTIONS_MOST + 1)]
        options = [text for _number, text in given if text]
        numbers = [number for number, text in given if text]
        right, due_on = int(self.right.data), self.due_on.data
        if right not in numbers:
            self.right.errors = [gettext("标成对的那个选项是空的。")]
        elif len(set(options)) < max(len(options), OPTIONS_LEAST):
            self.option_2.errors = [gettext("有两个选项一样。")]
        elif due_on is not None:
            return Draft(
                title=self.title.data or "",
                body=self.body.data or "",
                question=self.question.data or "",
                options=options,
                right_index=numbers.index(right),
                due_on=due_on,
                batch=self.batch.data or None,
                explanation=self.explanation.data or "",
            )
        return None
