"""Forms of a shop's own files."""

from __future__ import annotations

from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import HiddenField
from wtforms.validators import DataRequired, Length

from cstrain.activities.lesson.files import TITLE_MAX_LENGTH
from cstrain.kit.forms import Form, StrippedField
from cstrain.kit.i18n import lazy as _


class AddForm(Form):
    """Files to add; the title is for a single one."""

    files = MultipleFileField(_("文件"), [FileRequired(_("选一个文件。"))])
    title = StrippedField(_("标题"), [Length(max=TITLE_MAX_LENGTH)])
    once = HiddenField()


class TitleForm(Form):
    """Another title."""

    title = StrippedField(
        _("标题"), [DataRequired(_("写一个标题。")), Length(max=TITLE_MAX_LENGTH)]
    )


class ActForm(Form):
    """Only the token that shows the click was meant."""
