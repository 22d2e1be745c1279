"""Forms of the bank."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField

from cstrain.kit.forms import Form
from cstrain.kit.i18n import lazy as _


class UploadForm(Form):
    """A table of questions for a shop."""

    file = FileField(_("表格"), [FileRequired(_("选一个文件。"))])
    team = SelectField(_("店铺"), coerce=int)


class ActForm(Form):
    """Only the token that shows the click was meant."""
