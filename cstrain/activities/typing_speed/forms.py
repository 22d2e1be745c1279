"""Forms of typing runs."""

from __future__ import annotations

from wtforms.validators import Length, Optional

from cstrain.kit.forms import Form, StrippedField
from cstrain.kit.i18n import lazy as _


class BeginForm(Form):
    """Begin a run: with a trainer's code, or as a drill of some characters."""

    code = StrippedField(_("带教老师的口令"), [Optional(), Length(max=12)])
    drill = StrippedField(_("专练的字"), [Optional(), Length(max=20)])


class ActForm(Form):
    """A button: nothing but the proof that our page sent it."""
