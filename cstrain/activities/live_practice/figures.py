"""The figures of a session in words, for its page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cstrain.activities.live_practice.timing import whole_seconds
from cstrain.kit.i18n import figure as number
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import ngettext, percent


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its unit, and what stands small below it."""

    title: str
    value: str
    more: str = ""


def figures(measures: Mapping[str, float]) -> list[Figure]:
    """What a session came to; a figure that is not defined is left out."""
    return list(_figures(measures)) if measures.get("customer_count") else []


def _figures(measures: Mapping[str, float]) -> Iterator[Figure]:
    came, answered = int(measures["customer_count"]), int(measures.get("answered_count", 0))
    yield Figure(
        _("回复率"),
        percent(measures.get("reply_ratio")),
        _("%(came)s 位里回了 %(n)s 位", came=came, n=answered),
    )
    for name, title in (("first_response", _("首次响应")), ("mean_response", _("平均响应"))):
        own, every = measures.get(f"{name}_s"), measures.get(f"{name}_all_s")
        if own is not None:
            auto = "" if every is None else _("含自动回复 %(n)s 秒", n=whole_seconds(every))
            yield Figure(title, _("%(n)s 秒", n=whole_seconds(own)), auto)
    good = int(measures.get("good_count", 0))
    yield Figure(_("好结果"), ngettext("%(count)s 位", good), _("一共 %(n)s 位", n=came))
    if (value := measures.get("value_per_customer_yuan")) is not None:
        paid = int(measures.get("paid_count", 0))
        yield Figure(_("客单价"), _("%(n)s 元", n=number(value, 0)), _("付款 %(n)s 位", n=paid))
    for rule, title in (("facts", _("事实")), ("steps", _("步骤")), ("actions", _("订单操作"))):
        counts = {
            state: int(measures.get(f"{rule}_{state}_count", 0))
            for state in ("right", "wrong", "missing", "unclear")
        }
        if total := sum(counts.values()):
            yield Figure(
                title, _("对 %(n)s / %(all)s", n=counts["right"], all=total), _left(counts)
            )
    if promised := int(measures.get("promise_count", 0)):
        kept = int(measures.get("promises_kept_count", 0))
        yield Figure(
            _("说了会回来"), _("%(n)s 次", n=promised), ngettext("回来了 %(count)s 次", kept)
        )
    yield Figure(_("违禁词"), _("%(n)s 处", n=int(measures.get("forbidden_count", 0))))
    if (typed := measures.get("typed_cpm")) is not None:
        yield Figure(
            _("打字"), _("%(n)s 字/分", n=number(typed, 0)), _("只算自己打的，不算粘贴和快捷回复")
        )


def _left(counts: Mapping[str, int]) -> str:
    """What of a rule's points was not right, in words."""
    words = {
        "wrong": _("错 %(n)s", n=counts["wrong"]),
        "missing": _("漏 %(n)s", n=counts["missing"]),
        "unclear": _("看不准 %(n)s", n=counts["unclear"]),
    }
    return " · ".join(text for state, text in words.items() if counts[state])
