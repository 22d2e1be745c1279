"""Settings, read once from the environment. Every field says its variable and its default."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PACKAGE = Path(__file__).resolve().parent
_SHIPPED = PACKAGE / "_shipped"
_CHECKOUT = PACKAGE.parent
#: The file of the data folder that says, a line each, which content folders were last published.
KEPT_FOLDERS = "content-folders"


def shipped(name: str) -> Path:
    """The folder ``name`` (content, migrations) in a wheel, or in the checkout it runs from."""
    packaged = _SHIPPED / name
    return packaged if packaged.is_dir() else _CHECKOUT / name


class SettingError(ValueError):
    """A variable holds what cannot be used; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    Attributes:
        var_dir: CSTRAIN_VAR, default ``var`` in the current folder: database, secret, uploads.
        database_url: CSTRAIN_DATABASE_URL, default SQLite in ``var_dir``;
            ``postgresql+psycopg://user:password@host/name`` for PostgreSQL.
        secret_key: CSTRAIN_SECRET_KEY; by default made once and kept in ``var_dir/secret``.
        content_dirs: CSTRAIN_CONTENT, folders joined by the system's path separator, later
            ones over earlier ones; default what was last published in this data folder, the
            shipped course where nothing else was.
        base_url: CSTRAIN_BASE_URL, the address people reach the site by, for QR codes; empty
            means the address of the request.
        secure_cookies: CSTRAIN_SECURE_COOKIES=1 when the site is served over HTTPS.
        idle_minutes: CSTRAIN_IDLE_MINUTES, a log-in ends after so long without any use.
        upload_limit_bytes: CSTRAIN_UPLOAD_LIMIT_MB, the largest body of one request.
        workers: CSTRAIN_WORKERS, server processes.
        threads: CSTRAIN_THREADS, blocking threads a process.
        model_url: CSTRAIN_MODEL_URL, where a language model speaks the OpenAI-compatible chat
            API, up to ``/v1``; empty for none, then nothing is ever sent anywhere.
        model_key: CSTRAIN_MODEL_KEY, its key, where it wants one.
        model_name: CSTRAIN_MODEL_NAME, the model's name there.
        model_limit_s: CSTRAIN_MODEL_SECONDS, the longest that is waited for it.
    """

    var_dir: Path
    database_url: str
    secret_key: str
    content_dirs: tuple[Path, ...]
    base_url: str = ""
    secure_cookies: bool = False
    idle_minutes: int = 120
    upload_limit_bytes: int = 16 * 1024 * 1024
    workers: int = 2
    threads: int = 2
    model_url: str = ""
    model_key: str = field(default="", repr=False)
    model_name: str = ""
    model_limit_s: int = 4

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings, making the data folder and its secret when they are not there.

        Raises:
            SettingError: If a variable cannot be used.
        """
        env = os.environ if environ is None else environ
        var_dir = Path(env.get("CSTRAIN_VAR", "var")).resolve()
        try:
            var_dir.mkdir(parents=True, exist_ok=True)
            secret_key = env.get("CSTRAIN_SECRET_KEY") or _kept_secret(var_dir / "secret")
        except OSError as error:
            raise SettingError(
                f"The data folder {var_dir} cannot be used ({error.strerror}). "
                "Name one that you may write into: CSTRAIN_VAR=/path/to/folder"
            ) from error
        folders = env.get("CSTRAIN_CONTENT", "")
        given = [part for part in folders.split(os.pathsep) if part] or _kept_folders(var_dir)
        content = tuple(Path(part).resolve() for part in given)
        return cls(
            var_dir=var_dir,
            database_url=_database_url(env.get("CSTRAIN_DATABASE_URL"), var_dir),
            secret_key=secret_key,
            content_dirs=content or (shipped("content"),),
            base_url=env.get("CSTRAIN_BASE_URL", "").rstrip("/"),
            secure_cookies=env.get("CSTRAIN_SECURE_COOKIES") == "1",
            idle_minutes=_count(env, "CSTRAIN_IDLE_MINUTES", 120),
            upload_limit_bytes=_count(env, "CSTRAIN_UPLOAD_LIMIT_MB", 16) * 1024 * 1024,
            workers=_count(env, "CSTRAIN_WORKERS", 2),
            threads=_count(env, "CSTRAIN_THREADS", 2),
            model_url=_model_url(env),
            model_key=_model_key(env),
            model_name=env.get("CSTRAIN_MODEL_NAME", ""),
            model_limit_s=_count(env, "CSTRAIN_MODEL_SECONDS", 4),
        )


def _kept_folders(var_dir: Path) -> list[str]:
    """The content folders that were last published; none where it is the shipped course."""
    kept = var_dir / KEPT_FOLDERS
    return kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []


def _database_url(given: str | None, var_dir: Path) -> str:
    """The address as given, or of SQLite in the data folder.

    Raises:
        SettingError: If it is of no database that the product works with.
    """
    url = f"sqlite:///{var_dir / 'cstrain.db'}" if given is None else given
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingError(
            "CSTRAIN_DATABASE_URL must be postgresql+psycopg://user:password@host/name or "
            f"sqlite:////path/to/file, not {url.partition('://')[0]!r:.40}…"
        )
    return url


def _model_url(env: Mapping[str, str]) -> str:
    """The address of the model as given; empty for none.

    Raises:
        SettingError: If it is none, or does not say which model.
    """
    url = env.get("CSTRAIN_MODEL_URL", "").rstrip("/")
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or not url.isascii() or any(each.isspace() for each in url):
        raise SettingError(
            f"CSTRAIN_MODEL_URL must be like http://127.0.0.1:8080/v1, not {url!r:.60}"
        )
    if not env.get("CSTRAIN_MODEL_NAME"):
        raise SettingError("CSTRAIN_MODEL_URL needs CSTRAIN_MODEL_NAME, the model's name there")
    return url


def _model_key(env: Mapping[str, str]) -> str:
    """The model's key, which goes into a header.

    Raises:
        SettingError: If it cannot.
    """
    key = env.get("CSTRAIN_MODEL_KEY", "").strip()
    if not key.isascii() or not key.isprintable():
        raise SettingError("CSTRAIN_MODEL_KEY must be plain printable letters and digits")
    return key


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from 1.

    Raises:
        SettingError: If it is none.
    """
    text = env.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise SettingError(f"{name} must be a whole number, 1 or more, not {text!r:.40}")
    return int(text)


def _kept_secret(path: Path) -> str:
    """The secret in ``path``, made on first use and readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        secret = secrets.token_hex(32)
        file.write(secret)
    return secret


def command_language(env: Mapping[str, str] = os.environ) -> str:
    """The language that commands speak, ``zh`` or ``en``: as told, else that of the terminal."""
    said = (env.get(name) for name in ("CSTRAIN_LANGUAGE", "LC_ALL", "LANG"))
    return "zh" if next(filter(None, said), "").startswith("zh") else "en"
