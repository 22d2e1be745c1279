"""The base of forms and the fields that several slices use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import has_request_context, request
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.form import BaseForm
from wtforms.i18n import get_translations

from cstrain.kit.i18n import language


class Form(FlaskForm):
    """A form with CSRF protection and error messages in the reader's language."""

    class Meta(FlaskForm.Meta):
        """Flask-WTF's CSRF settings with our languages, and nothing but what a form posts."""

        def get_translations(self, form: BaseForm) -> Any:
            """WTForms' own messages in the language spoken now."""
            del form
            return get_translations(("en",) if language() == "en" else ("zh", "en"))

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """The posted form; Flask-WTF 1.3 would take any JSON, too, whatever it holds."""
            if has_request_context() and request.is_json:
                return None
            return super().wrap_formdata(form, formdata)

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
