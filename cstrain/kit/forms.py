"""The base of forms and the fields that several slices use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.form import BaseForm
from wtforms.i18n import get_translations
from wtforms.meta import DefaultMeta

from cstrain.kit.i18n import language


class _Meta(DefaultMeta):
    """WTForms' own messages in the reader's language."""

    def get_translations(self, form: BaseForm) -> Any:
        """The catalogue of WTForms for the language spoken now."""
        del form
        return get_translations(("en",) if language() == "en" else ("zh", "en"))


class Form(FlaskForm):
    """A form with CSRF protection and error messages in the reader's language."""

    class Meta(FlaskForm.Meta, _Meta):
        """Flask-WTF's CSRF settings with our languages."""

    def problems(self) -> list[str]:
        """Every error as one line, named by its field's label."""
        return [
            f"{field.label.text}: {error}" if field.label.text else str(error)
            for field in self
            for error in _flat(field)
        ]


def _flat(field: Field) -> list[str]:
    return [str(error) for error in field.errors]


class StrippedField(StringField):
    """A line of text without the white space and control characters around and inside it."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Clean what came in; an absent value stays empty."""
        text = valuelist[0] if valuelist else ""
        self.data = "".join(ch for ch in text if ch.isprintable()).strip()
