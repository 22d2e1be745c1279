"""Forms of people."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, IntegerField, PasswordField, SelectField
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange

from cstrain.core.people.fields import FieldError
from cstrain.kit.errors import InvalidError
from cstrain.kit.forms import Form, StrippedField
from cstrain.kit.i18n import lazy as _

PASSWORD_MAX = 200
_CHOSEN = InputRequired(_("选一项。"))


class LoginForm(Form):
    """Employee number or phone, and password."""

    login = StrippedField(_("工号或手机号"), [InputRequired(_("填工号或手机号。")), Length(max=64)])
    password = PasswordField(_("密码"), [InputRequired(_("填密码。")), Length(max=PASSWORD_MAX)])


class ChangePasswordForm(Form):
    """A new password chosen by its owner."""

    current = PasswordField(
        _("现在的密码"), [InputRequired(_("填现在的密码。")), Length(max=PASSWORD_MAX)]
    )
    password = PasswordField(
        _("新密码"), [InputRequired(_("填新密码。")), Length(max=PASSWORD_MAX)]
    )
    repeat = PasswordField(
        _("再填一次新密码"),
        [InputRequired(_("再填一次密码。")), EqualTo("password", _("两次填的不一样。"))],
    )
    end_others = BooleanField(_("其他设备也退出"), default=True)


class NamesForm(Form):
    """What a person is known by."""

    name = StrippedField(_("姓名"), [InputRequired(_("填姓名。"))])
    employee_no = StrippedField(_("工号"))
    phone = StrippedField(_("手机号"))


class AddPersonForm(NamesForm):
    """A new person; teams and roles are those the viewer may give."""

    team = SelectField(_("店铺"), [_CHOSEN], coerce=int)
    role = SelectField(_("角色"), [_CHOSEN])
    batch = StrippedField(_("批次"))


class JoinForm(NamesForm):
    """What somebody with an invitation fills in."""

    phone = StrippedField(_("手机号"), [InputRequired(_("填手机号，以后用它登录。"))])
    password = PasswordField(
        _("设一个密码"), [InputRequired(_("设一个密码。")), Length(max=PASSWORD_MAX)]
    )
    repeat = PasswordField(
        _("再填一次密码"),
        [InputRequired(_("再填一次密码。")), EqualTo("password", _("两次填的不一样。"))],
    )


class InvitationForm(Form):
    """A link for new trainees."""

    team = SelectField(_("店铺"), [_CHOSEN], coerce=int)
    batch = StrippedField(_("批次"))
    days = IntegerField(_("几天内有效"), [InputRequired(_("填天数。")), NumberRange(1, 30)])
    uses = IntegerField(_("最多几个人用"), [InputRequired(_("填人数。")), NumberRange(1, 500)])


class ImportForm(Form):
    """A table of people."""

    file = FileField(_("表格文件"), [FileRequired(_("选一个 .xlsx 或 .csv 文件。"))])
    team = SelectField(_("没写店铺的行，进哪家店铺"), [_CHOSEN], coerce=int)


class ApplyImportForm(Form):
    """The answer to a dry run."""

    passwords = BooleanField(_("给新人生成初始密码，导入后一天内看得到"), default=True)


class PostForm(Form):
    """A role in a team, as ``team:role``, and the batch."""

    post = SelectField(_("角色"), [_CHOSEN])
    batch = StrippedField(_("批次"))


class MoveForm(Form):
    """A change of team, as ``from:to``, and what a trainee begins there."""

    move = SelectField(_("转到"), [_CHOSEN])
    pathway = SelectField(_("培训路径"), default="usual")


class BatchForm(Form):
    """The batch of a trainee in one team."""

    batch = StrippedField(_("批次"))


class ExtraTimeForm(Form):
    """A factor on time limits."""

    ratio = SelectField(_("答题时间"), [_CHOSEN], coerce=float)


class TeamForm(Form):
    """What a team is set to."""

    name = StrippedField(_("店铺名"), [InputRequired(_("填店铺名。"))])
    timezone = SelectField(_("时区"), [_CHOSEN])
    pathway_slug = SelectField(_("新学员走哪条路径"), [_CHOSEN])
    needed_on_duty_count = IntegerField(
        _("每天要几个有证的人在岗"),
        [InputRequired(_("填人数，没有要求就填 0。")), NumberRange(0, 10_000)],
    )


class NewTeamForm(TeamForm):
    """A team to open; its slug cannot be changed later."""

    slug = StrippedField(_("代号"), [InputRequired(_("填代号。"))])


def refuse(form: Form, error: InvalidError) -> None:
    """Show why a service refused, beside the field it names or above the form."""
    field = form[error.field] if isinstance(error, FieldError) and error.field in form else None
    if field is None:
        form.form_errors.append(str(error))
    else:
        field.errors = [*field.errors, str(error)]
