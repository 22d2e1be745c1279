"""Forms of a trainer's decisions."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are older
from wtforms.validators import InputRequired, Length

from cstrain.kit.forms import Form
from cstrain.kit.i18n import lazy as _


class ReasonForm(Form):
    """A reason, which the person concerned and the manager will read."""

    reason = TextAreaField(
        _("原因"), [InputRequired(_("写一句原因，本人和主管都会看到。")), Length(max=500)]
    )


class SignOffForm(ReasonForm):
    """A signature for one trainee or a whole class."""

    accepted = RadioField(
        _("结论"),
        [InputRequired(_("选一个结论。"))],
        choices=[SelectChoice("yes", _("可以通过")), SelectChoice("no", _("还不行"))],
    )


class OverrideForm(ReasonForm):
    """A decision by hand."""

    verdict = RadioField(
        _("决定"),
        [InputRequired(_("选一个决定。"))],
        choices=[
            SelectChoice("pass", _("放行到下一阶段")),
            SelectChoice("repeat", _("回去补学")),
            SelectChoice("help", _("先停下，等我处理")),
        ],
    )


class GrantForm(ReasonForm):
    """One more attempt at one activity."""

    activity = HiddenField(validators=[InputRequired()])
