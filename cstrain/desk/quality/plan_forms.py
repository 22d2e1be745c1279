"""The form of a plan: one sentence with three fields, the rest behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from wtforms import (
    Field,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are older
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from cstrain.desk.quality.iso2859 import LIMITS, Level
from cstrain.desk.quality.plan import MAY_BE_ALWAYS, By, Design, Plan
from cstrain.desk.quality.plan_file import MOST_SIZE, SIZED, kept
from cstrain.desk.quality.sampling import STAGES
from cstrain.desk.quality.service import REASON_MAX
from cstrain.desk.quality.words import DESIGNS, REASONS, STRATA
from cstrain.kit.forms import Form
from cstrain.kit.i18n import lazy as _

#: Standard deviations of scores to begin with, by stage, points of 100.
_DEVIATIONS: Final = (10.0, 15.0)


def _between(least: int, most: int, text: str) -> list[InputRequired | NumberRange]:
    return [InputRequired(text), NumberRange(least, most, message=text)]


class _Between:
    """What a design asks for lies between bounds; asked of a form of that design alone."""

    def __init__(self, design: Design, least: float, most: float, text: str) -> None:
        self.design, self.least, self.most, self.text = design, least, most, text

    def __call__(self, form: PlanForm, field: Field) -> None:
        if form.design.data != self.design:
            field.errors = []
            return
        if field.data is None or not self.least <= field.data <= self.most:
            raise ValidationError(str(self.text))


class _Size:
    """So many in all, where a design asks for it; nothing is as many as the sentence says."""

    def __call__(self, form: PlanForm, field: Field) -> None:
        if form.design.data not in SIZED or not "".join(field.raw_data or ()).strip():
            field.data, field.errors = None, []
            raise StopValidation
        if field.data is None or not 1 <= field.data <= MOST_SIZE:
            field.errors = []
            raise StopValidation(_("写 1 到 5000 的整数，或者空着。"))


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

    design = RadioField(
        _("怎么抽"),
        choices=[SelectChoice(each.value, DESIGNS[each]) for each in Design],
        default=Design.PER_AGENT.value,
    )
    size = IntegerField(_("一轮一共抽几条"), [_Size()])
    strata = SelectMultipleField(
        _("分层按什么"),
        choices=[SelectChoice(each.value, STRATA[each]) for each in By],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    presale = FloatField(
        _("售前的分，标准差"),
        [_Between(Design.NEYMAN, 0.1, 100, _("写 0.1 到 100 的数。"))],
        default=_DEVIATIONS[0],
    )
    after_sale = FloatField(
        _("售后的分，标准差"),
        [_Between(Design.NEYMAN, 0.1, 100, _("写 0.1 到 100 的数。"))],
        default=_DEVIATIONS[1],
    )
    one_in = FloatField(
        _("几条里抽一条"),
        [_Between(Design.SYSTEMATIC, 1, 5000, _("写 1 到 5000 的数。"))],
        default=20.0,
    )
    limit = SelectField(
        _("AQL"), choices=[SelectChoice(each, f"{each} %") for each in LIMITS], default="2.5"
    )
    level = SelectField(
        _("检验水平"),
        choices=[SelectChoice(each.value, each.value) for each in Level],
        default=Level.II.value,
    )

    def validate_strata(self, field: Field) -> None:
        """Strata are made of something.

        Raises:
            ValidationError: If of nothing.
        """
        if self.design.data == Design.PROPORTIONAL and not field.data:
            raise ValidationError(_("至少选一样。"))

    @property
    def reasons(self) -> Sequence[str]:
        """What is always looked at, codes; a lot is looked at as a whole."""
        return () if self.design.data == Design.LOT else self.always.data or ()

    @property
    def extra(self) -> int:
        """So many more of who is below the others, likewise."""
        return 0 if self.design.data == Design.LOT else self.extra_below.data or 0

    def second_ratio(self, before: Plan) -> float:
        """The share that two mark; finer than the field while nobody changes it."""
        percent = self.second_percent.data or 0
        return before.second_ratio if percent == _percent(before) else percent / 100

    def of_design(self, before: Plan) -> Mapping[str, Any]:
        """What else is said of the design, as a plan's file has it.

        What the form has no field for stays as it was, if this design asks for it.
        """
        design = Design(self.design.data)
        found: dict[str, Any] = {**kept(before, design), "size": self.size.data}
        if design is Design.PROPORTIONAL:
            found |= {"strata": self.strata.data}
        elif design is Design.NEYMAN and "presale" in self:
            deviations = (self.presale.data, self.after_sale.data)
            found |= {
                "strata": [By.STAGE.value],
                "deviations": dict(zip(STAGES, deviations, strict=True)),
            }
        elif design is Design.SYSTEMATIC:
            found |= {"one_in": self.one_in.data}
        elif design is Design.LOT:
            found |= {"limit": self.limit.data, "level": self.level.data}
        return {name: value for name, value in found.items() if value is not None}


def posted(before: Plan) -> PlanForm:
    """The form as it was sent, of a plan that is edited."""
    return _fitting(PlanForm(), before)


def _fitting(form: PlanForm, plan: Plan) -> PlanForm:
    """Without the fields of strata by stage alone, where a plan makes them of something else."""
    if plan.design is Design.NEYMAN and plan.deviations and plan.strata != (By.STAGE,):
        del form.presale
        del form.after_sale
    return form


def _percent(plan: Plan) -> int:
    return round(plan.second_ratio * 100)


def filled(plan: Plan) -> PlanForm:
    """The form as a plan says."""
    presale, after_sale = (
        plan.deviations.get(stage, usual) for stage, usual in zip(STAGES, _DEVIATIONS, strict=True)
    )
    form = PlanForm(
        formdata=None,
        per_agent=plan.per_agent,
        always=[each.value for each in plan.always],
        extra_below=plan.extra_below,
        every_days=plan.every_days,
        second_percent=_percent(plan),
        design=plan.design.value,
        size=plan.size,
        strata=[each.value for each in plan.strata],
        presale=presale,
        after_sale=after_sale,
        one_in=plan.one_in,
        limit=plan.limit,
        level=plan.level.value,
    )
    return _fitting(form, plan)


class RedrawForm(Form):
    """Why a window is drawn again."""

    reason = TextAreaField(
        _("为什么重抽"),
        [DataRequired(_("写一句为什么重抽，会留在记录里。")), Length(max=REASON_MAX)],
    )
