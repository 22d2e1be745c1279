"""What may come in with a request: only what can be stored, and be an address of ours."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter


def install(app: Flask) -> None:
    """Let the application take requests so."""
    app.request_class = _Request
    app.json = _Json(app)
    app.url_map.converters.update(int=BoundedInteger, string=_Text, default=_Text)


class _Text(UnicodeConverter):
    """A part of an address; control characters are in none of ours."""

    def __init__(self, map_: Map) -> None:
        super().__init__(map_)
        self.regex = r"[^/\x00-\x1f\x7f]+"


class _Values(ImmutableMultiDict[str, Any]):
    """What a form or an address holds, without NUL: PostgreSQL cannot store it."""

    def __init__(self, mapping: Any = None) -> None:
        super().__init__(mapping)
        for values in self.listvalues():
            values[:] = [
                each.replace("\0", "") if isinstance(each, str) else each for each in values
            ]


class _Request(Request):
    """A request whose texts can all be stored."""

    parameter_storage_class = _Values


class _Json(DefaultJSONProvider):
    """JSON as browsers send it."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read JSON.

        Raises:
            ValueError: If it is none, or nested so deeply that nobody can have meant it.
        """
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class BoundedInteger(IntegerConverter):
    """A whole number that an id column can hold; any other is no address of ours."""

    def __init__(self, map_: Map, **limits: Any) -> None:
        super().__init__(map_, **{"max": 2**63 - 1, **limits})
