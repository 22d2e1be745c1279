"""Forms of people."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from cstrain.kit.forms import Form, StrippedField
from cstrain.kit.i18n import lazy as _


class LoginForm(Form):
    """Employee number or phone, and password."""

    login = StrippedField(_("工号或手机号"), [InputRequired(_("填工号或手机号。")), Length(max=64)])
    password = PasswordField(_("密码"), [InputRequired(_("填密码。")), Length(max=200)])


class ChangePasswordForm(Form):
    """A new password chosen by its owner."""

    current = PasswordField(_("现在的密码"), [InputRequired(_("填现在的密码。")), Length(max=200)])
    password = PasswordField(_("新密码"), [InputRequired(_("填新密码。")), Length(max=200)])
    repeat = PasswordField(
        _("再填一次新密码"), [InputRequired(), EqualTo("password", _("两次填的不一样。"))]
    )
    end_others = BooleanField(_("其他设备也退出"), default=True)
