"""Forms around reviews; the marks themselves are read by ``marks_in`` of the views."""

from __future__ import annotations

from wtforms import BooleanField, DecimalField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from cstrain.kit.forms import Form
from cstrain.kit.i18n import lazy as _


class CorrectionForm(Form):
    """Why something is marked again."""

    reason = TextAreaField(
        _("为什么更正"), [InputRequired(_("写一句为什么更正，本人会看到。")), Length(max=500)]
    )


class TrustForm(Form):
    """From when on rules alone may decide practice."""

    is_on = BooleanField(_("一致到这个程度，练习由规则直接评"))
    min_kappa = DecimalField(
        _("一致系数（kappa）至少"),
        [
            InputRequired(_("写 0.4 到 1 之间的数。")),
            NumberRange(0.4, 1, message=_("写 0.4 到 1 之间的数。")),
        ],
    )
    min_count = IntegerField(
        _("每一项至少比过几处"),
        [
            InputRequired(_("写 30 到 10000 的整数。")),
            NumberRange(30, 10000, message=_("写 30 到 10000 的整数。")),
        ],
    )
