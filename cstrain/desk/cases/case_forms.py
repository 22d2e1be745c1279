"""The forms of cases, of the rule by which they go out, of sessions and tips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs are older
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from cstrain.desk.cases.case_service import CaseDraft
from cstrain.desk.cases.documents import EVERY_DAYS, READ_DAYS
from cstrain.desk.cases.models import TypicalCase
from cstrain.desk.cases.sharing import ToShare
from cstrain.desk.cases.tags import REASONS, STEPS
from cstrain.desk.cases.text import CHAT_MAX_LENGTH
from cstrain.desk.cases.tips import KINDS
from cstrain.desk.chats import typed
from cstrain.kit.forms import Form, StrippedField
from cstrain.kit.i18n import gettext
from cstrain.kit.i18n import lazy as _

_WRONG = ("wrong_1", "wrong_2", "wrong_3")
#: Where somebody types what may tell of somebody.
_TEXTS = (
    *("title", "product", "happened", "chat", "better"),
    *("question", "right", *_WRONG, "explanation"),
)


def _between(least: int, most: int, text: str) -> list[InputRequired | NumberRange]:
    return [InputRequired(text), NumberRange(least, most, message=text)]


class CaseForm(Form):
    """A case with its question."""

    title = StrippedField(_("一句话说是什么事"), [InputRequired(_("写一句话。")), Length(max=60)])
    sort = RadioField(
        _("好的还是要改的"),
        [InputRequired(_("选一个。"))],
        choices=[SelectChoice("bad", _("要改的")), SelectChoice("good", _("好的，照着做"))],
    )
    step = SelectField(_("哪一步"), [Optional()])
    reason = SelectField(_("因为什么"), [Optional()])
    product = StrippedField(_("商品"), [Optional(), Length(max=40)])
    happened = TextAreaField(
        _("发生了什么"), [InputRequired(_("写两三句，没看聊天的人也能懂。")), Length(max=1000)]
    )
    chat = TextAreaField(_("聊天"), [Optional(), Length(max=CHAT_MAX_LENGTH)])
    looked = BooleanField(
        _("看过了：里面认不出是哪位顾客、哪位同事"),
        [InputRequired(_("从头看一遍，再打勾。"))],
    )
    better = TextAreaField(
        _("该怎么说"), [InputRequired(_("写下该说的那句话。")), Length(max=1000)]
    )
    question = StrippedField(_("一道题"), [InputRequired(_("出一道题。")), Length(max=200)])
    right = StrippedField(_("对的答案"), [InputRequired(_("写对的答案。")), Length(max=100)])
    wrong_1 = StrippedField(
        _("错的答案一"), [InputRequired(_("至少写一个错的。")), Length(max=100)]
    )
    wrong_2 = StrippedField(_("错的答案二"), [Optional(), Length(max=100)])
    wrong_3 = StrippedField(_("错的答案三"), [Optional(), Length(max=100)])
    explanation = StrippedField(_("答错时给的提示"), [Optional(), Length(max=300)])

    def offer(self) -> None:
        """Set what can be chosen."""
        none = SelectChoice("", gettext("不说"))
        self.step.choices = [none, *(SelectChoice(*each) for each in STEPS.items())]
        self.reason.choices = [none, *(SelectChoice(*each) for each in REASONS.items())]

    def fill(self, row: TypicalCase) -> None:
        """Show what a case says now."""
        for name in ("title", "step", "reason", "product", "happened", "chat", "better"):
            self[name].data = getattr(row, name)
        self.sort.data = "good" if row.is_good else "bad"
        self.question.data, self.explanation.data = row.question, row.explanation
        for name, text in zip(("right", *_WRONG), row.options, strict=False):
            self[name].data = text

    def draft(self, names: Iterable[str]) -> CaseDraft | None:
        """What was written; None, with an error at its field, when it cannot be a case.

        What certainly tells who somebody is gets hidden, and the writer is told.

        Args:
            names: What the shop's people are called.
        """
        texts = {name: (self[name].data or "").replace("\r\n", "\n") for name in _TEXTS}
        texts = typed.kept_all(texts, names)
        for name, text in texts.items():
            self[name].data = text
        options = [each for each in (texts[name] for name in ("right", *_WRONG)) if each]
        if len(set(options)) < len(options):
            self.wrong_1.errors = [gettext("有两个选项一样。")]
            return None
        return CaseDraft(
            title=texts["title"],
            is_good=self.sort.data == "good",
            step=self.step.data or "",
            reason=self.reason.data or "",
            product=texts["product"],
            happened=texts["happened"],
            chat=texts["chat"],
            better=texts["better"],
            question=texts["question"],
            options=options,
            explanation=texts["explanation"],
        )


class RuleForm(Form):
    """How often new cases go out, and how long there is to read them."""

    every_days = IntegerField(_("几天发一次"), _between(*EVERY_DAYS, _("写 1 到 14 的整数。")))
    read_days = IntegerField(_("几天内读完"), _between(*READ_DAYS, _("写 1 到 7 的整数。")))


class SessionForm(Form):
    """A sharing session: when, and which cases."""

    title = StrippedField(_("叫什么"), [InputRequired(_("写个名字。")), Length(max=60)])
    starts_at = DateTimeLocalField(
        _("什么时候"), [InputRequired(_("选日期和钟点。"))], format="%Y-%m-%dT%H:%M"
    )
    cases = SelectMultipleField(
        _("说哪几个案例"),
        [InputRequired(_("至少选一个案例。"))],
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )

    def offer(self, cases: Sequence[ToShare]) -> None:
        """Set the cases to choose from, see ``sharing.recent_cases``."""
        self.cases.choices = [SelectChoice(each.case_id, _label(each)) for each in cases]


def _label(case: ToShare) -> str:
    if case.planned is not None:
        return gettext("%(title)s（已排进“%(session)s”）", title=case.title, session=case.planned)
    return gettext("%(title)s（说过了）", title=case.title) if case.was_shared else case.title


class TipForm(Form):
    """Something seen, or what a customer wrote."""

    kind = RadioField(
        _("哪里来的"),
        [InputRequired(_("选一个。"))],
        choices=[SelectChoice(*each) for each in KINDS.items()],
    )
    text = TextAreaField(_("写两句"), [InputRequired(_("写两句。")), Length(max=500)])
    product = StrippedField(_("商品"), [Optional(), Length(max=40)])
