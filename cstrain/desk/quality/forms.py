"""The form beside a marked chat: an item of the rubric, and what is said about it."""

from __future__ import annotations

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from cstrain.desk.quality.appeals import TEXT_MAX
from cstrain.kit.forms import Form
from cstrain.kit.i18n import lazy as _


class SaidForm(Form):
    """An appeal of an item, or coaching in it; whether the item may be meant is asked later."""

    criterion = StringField(_("哪一项"), [DataRequired(_("选一项。")), Length(max=64)])
    text = TextAreaField(
        _("为什么"),
        [DataRequired(_("写一句。")), Length(max=TEXT_MAX, message=_("写短一点。"))],
    )
