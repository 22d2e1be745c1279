"""What codes of refusals, of automatic replies and of detection mean, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from cstrain.desk.chats.message import Refused
from cstrain.kit.i18n import gettext as _


def refusal(refused: Refused) -> str:
    """Why a line is no message."""
    return reason(refused.reason, refused.details)


def reason(code: str, details: Mapping[str, str]) -> str:  # noqa: PLR0911, PLR0912, C901 - a list of words
    """What a code of a refusal means; without details, what its lines have in common."""
    value = details.get("value", "")[:60]
    match code:
        case "no_header":
            return _("前面没有“名字 + 时间”的一行，不知道是谁说的")
        case "no_text":
            return _("没有内容")
        case "no_time":
            return _("没有时间")
        case "bad_time":
            return _("看不懂的时间：%(value)s", value=value) if value else _("看不懂的时间")
        case "future_time":
            return (
                _("时间在将来：%(value)s，请检查导出的日期", value=value)
                if value
                else _("时间在将来，请检查导出的日期")
            )
        case "unknown_role":
            if not value:
                return _("看不出是买家还是客服说的")
            return _("不知道“%(value)s”是买家还是客服", value=value)
        case "id_digits_lost" if not value:
            return _("编号被表格软件改短了，后面的数字已丢失")
        case "id_digits_lost":
            return _("编号被表格软件改成了 %(value)s，后面的数字已丢失", value=value)
        case "too_few_columns" | "too_many_columns" if "found" not in details:
            return _("列数不对")
        case "too_few_columns":
            return _(
                "只有 %(found)s 列，应有 %(wanted)s 列",
                found=details["found"],
                wanted=details.get("wanted", "?"),
            )
        case "too_many_columns":
            return _(
                "有 %(found)s 列，应只有 %(wanted)s 列",
                found=details["found"],
                wanted=details.get("wanted", "?"),
            )
        case "cut_off":
            return _("到这里断了，文件没有写完")
        case "cell_cut":
            return _("单元格超过 32,767 个字，被 Excel 截断了，后面的消息已丢失")
        case "bad_json":
            return _("不是完整的 JSON")
        case "noise":
            return _("JSON 以外的文字")
        case "unknown_record":
            return _("不是一条消息的样子")
        case "undecodable":
            return _("有字节解不出文字，编码可能混了")
        case "line_too_long":
            return _("这一行太长了，不像聊天内容")
        case "note":
            return _("内部备注，不是对顾客说的")
        case "notice":
            return _("平台的提示行")
    return code


def auto_reason(code: str) -> str:
    """Why a message is taken for an automatic reply or a robot's."""
    match code:
        case "source":
            return _("导出的数据这样标明")
        case "robot_account":
            return _("机器人账号")
        case "instant":
            return _("顾客发来后 1 秒内就回了")
        case "repeated":
            return _("同样的话在很多会话里出现")
        case "known":
            return _("和店铺的自动回复一样")
    return code


def detection(code: str) -> str:  # noqa: PLR0911 - a list of words
    """Why a file is taken for its format."""
    match code:
        case "named":
            return _("您选的格式")
        case "headers_with_times":
            return _("有“名字 + 时间”的行")
        case "names_with_colons":
            return _("每行是“名字：内容”")
        case "headings_known":
            return _("认得表头")
        case "keys_known":
            return _("认得 JSON 里的字段")
        case "columns_known":
            return _("认得各列的样子")
        case "json":
            return _("是 JSON，字段需要对一下")
        case "nothing_known":
            return _("没认出来，请选格式或对一下列")
    return code


def unsure(code: str) -> str:  # noqa: PLR0911 - a list of words
    """What should be looked at in a guessed mapping."""
    match code:
        case "roles_guessed":
            return _("哪一方是客服是猜的，请确认")
        case "no_role_column":
            return _("没找到写着谁说的那一列")
        case "text_guessed":
            return _("哪一列是消息内容是猜的，请确认")
        case "no_text_column":
            return _("没找到消息内容那一列")
        case "no_time_column":
            return _("没找到时间那一列，算不出响应时间")
        case "no_buyer_column":
            return _("没找到买家或会话那一列，整个文件会当成一段对话")
    return code


def masked(code: str) -> str:  # noqa: PLR0911 - a list of words
    """What a class of what was hidden is called; the code itself where nobody knows it."""
    match code:
        case "phone":
            return _("电话")
        case "id_card":
            return _("证件号")
        case "bank_card":
            return _("银行卡")
        case "address":
            return _("地址")
        case "name":
            return _("姓名")
        case "mail":
            return _("邮箱")
        case "account":
            return _("微信、QQ")
        case "tracking":
            return _("运单号")
        case "tax":
            return _("税号")
    return code


def platform(code: str) -> str:
    """What people call a platform; the code itself where nobody knows it."""
    match code:
        case "taobao":
            return _("淘宝")
        case "jd":
            return _("京东")
        case "pdd":
            return _("拼多多")
        case "":
            return ""
    return code


def entry(subject: str) -> str:
    """What a link of the archive's chain stands for; its own words where nobody knows them."""
    number = "".join(char for char in subject if char.isdecimal())
    match subject.split(" "):
        case ["retention", *_rest]:
            return _("到了 %(n)s 天的期限", n=number)
        case ["import", _n, "taken", "back"]:
            return _("撤回第 %(n)s 次导入", n=number)
        case ["import", _n]:
            return _("第 %(n)s 次导入", n=number)
    return subject


def field(name: str) -> str:
    """What a field of ``mapping.FIELDS`` is called; the name itself where nobody knows it."""
    return {
        "text": _("消息内容"),
        "at": _("时间"),
        "date": _("日期"),
        "clock": _("钟点"),
        "role": _("谁说的（角色、方向）"),
        "sender": _("发送人"),
        "receiver": _("接收人"),
        "account": _("客服账号"),
        "buyer": _("顾客"),
        "shop": _("店铺"),
        "conversation": _("会话编号"),
        "message_id": _("消息编号"),
        "kind": _("消息类型"),
        "auto": _("是不是自动回复"),
        "platform": _("平台"),
        "order": _("订单号"),
        "rating": _("顾客评分"),
    }.get(name, name)
