"""Forms about certificates."""

from __future__ import annotations

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from cstrain.core.certification.status import Status
from cstrain.kit.forms import Form
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import lazy

_REASON_LENGTH = 500


class ChangeForm(Form):
    """Suspend, give back or revoke, with a reason."""

    action = SelectField(lazy("怎么处理"), validators=[DataRequired()])
    reason = TextAreaField(
        lazy("原因"),
        validators=[
            DataRequired(lazy("写一句原因，本人和主管都会看到。")),
            Length(max=_REASON_LENGTH),
        ],
    )

    def offer(self, state: str) -> ChangeForm:
        """Offer what may be done from a state; gives itself."""
        choices = {
            Status.VALID: [("suspend", _("暂停")), ("revoke", _("撤销"))],
            Status.SUSPENDED: [("restore", _("恢复")), ("revoke", _("撤销"))],
        }
        self.action.choices = choices.get(Status(state), [])
        return self
