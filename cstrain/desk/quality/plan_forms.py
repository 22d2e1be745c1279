"""The form of a plan: one sentence with three fields, the rest behind it."""

from __future__ import annotations

from collections.abc import Sequence

from wtforms import IntegerField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are older
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from cstrain.desk.quality.plan import MAY_BE_ALWAYS
from cstrain.desk.quality.service import REASON_MAX
from cstrain.desk.quality.words import REASONS
from cstrain.kit.forms import Form
from cstrain.kit.i18n import lazy as _


def _between(least: int, most: int, text: str) -> list[InputRequired | NumberRange]:
    return [InputRequired(text), NumberRange(least, most, message=text)]


class PlanForm(Form):
    """So many of each agent, these always, so many more of who is below the others."""

    per_agent = IntegerField(_("每人抽几条"), _between(1, 200, _("写 1 到 200 的整数。")))
    always = SelectMultipleField(
        _("必检"),
        choices=[SelectChoice(each.value, REASONS[each]) for each in MAY_BE_ALWAYS],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    extra_below = IntegerField(
        _("回复率明显低于同事的，再加抽几条"), _between(0, 200, _("写 0 到 200 的整数。"))
    )
    every_days = IntegerField(_("几天一轮"), _between(1, 31, _("写 1 到 31 的整数。")))
    second_percent = IntegerField(
        _("百分之几由两个人各评一遍"), _between(0, 100, _("写 0 到 100 的整数。"))
    )

    @property
    def reasons(self) -> Sequence[str]:
        """What is always looked at, codes."""
        return self.always.data or ()


class RedrawForm(Form):
    """Why a window is drawn again."""

    reason = TextAreaField(
        _("为什么重抽"),
        [DataRequired(_("写一句为什么重抽，会留在记录里。")), Length(max=REASON_MAX)],
    )
