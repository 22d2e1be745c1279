"""What was done to an account, in words."""

from __future__ import annotations

from collections.abc import Mapping

from cstrain.core.people.access import Role
from cstrain.kit.i18n import gettext
from cstrain.kit.i18n import lazy as _

ROLE_WORDS: Mapping[Role, str] = {
    Role.TRAINEE: _("学员"),
    Role.TRAINER: _("带教老师"),
    Role.MANAGER: _("主管"),
    Role.ADMINISTRATOR: _("管理员"),
}

#: Action → words, and its icon.
WORDS: Mapping[str, tuple[str, str]] = {
    "added": (_("加入店铺，角色：%(detail)s"), "user-plus"),
    "imported": (_("用表格导入，角色：%(detail)s"), "table-import"),
    "accepted": (_("通过邀请加入，角色：%(detail)s"), "qrcode"),
    "role_given": (_("新增角色：%(detail)s"), "user-check"),
    "role_ended": (_("取消角色：%(detail)s"), "user-minus"),
    "left": (_("离职，账号停用"), "user-off"),
    "leave_undone": (_("撤销离职"), "arrow-back-up"),
    "rehired": (_("重新入职，角色：%(detail)s"), "user-check"),
    "moved_away": (_("转去 %(detail)s"), "transfer"),
    "moved_here": (_("转来，角色：%(detail)s"), "transfer"),
    "batch_set": (_("批次改为：%(detail)s"), "tag"),
    "identity_changed": (_("修改了姓名、手机号或工号"), "edit"),
    "extra_time": (_("答题时间改为 %(detail)s 倍"), "clock"),
    "erased": (_("清除了个人信息"), "trash"),
    "password_reset": (_("重设密码，发了初始密码"), "key"),
    "password_changed": (_("改了自己的密码"), "key"),
}
_NOTHING = _("无")


def role_word(role: str) -> str:
    """The name of a role in the reader's language."""
    return str(ROLE_WORDS[Role(role)])


def words(action: str, detail: str) -> str:
    """What happened, in the reader's language; an unknown action as it stands."""
    message = WORDS.get(action, (action, ""))[0]
    if detail in list(Role):
        detail = role_word(detail)
    return gettext(str.__str__(message), detail=detail or str(_NOTHING))


def icon(action: str) -> str:
    """The icon of what happened."""
    return WORDS.get(action, ("", "history"))[1]
