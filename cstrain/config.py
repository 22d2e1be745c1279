"""Settings, read once from the environment. Every field says its variable and its default."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_SHIPPED = PACKAGE / "_shipped"
_CHECKOUT = PACKAGE.parent


def shipped(name: str) -> Path:
    """The folder ``name`` (content, migrations) in a wheel, or in the checkout it runs from."""
    packaged = _SHIPPED / name
    return packaged if packaged.is_dir() else _CHECKOUT / name


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    Attributes:
        var_dir: CSTRAIN_VAR, default ``var`` in the current folder: database, secret, uploads.
        database_url: CSTRAIN_DATABASE_URL, default SQLite in ``var_dir``;
            ``postgresql+psycopg://user:password@host/name`` for PostgreSQL.
        secret_key: CSTRAIN_SECRET_KEY; by default made once and kept in ``var_dir/secret``.
        content_dirs: CSTRAIN_CONTENT, folders joined by the system's path separator, later
            ones over earlier ones; default the shipped course.
        base_url: CSTRAIN_BASE_URL, the address people reach the site by, for QR codes; empty
            means the address of the request.
        secure_cookies: CSTRAIN_SECURE_COOKIES=1 when the site is served over HTTPS.
        idle_minutes: CSTRAIN_IDLE_MINUTES, a log-in ends after so long without any use.
        upload_limit_bytes: CSTRAIN_UPLOAD_LIMIT_MB, the largest body of one request.
        workers: CSTRAIN_WORKERS, server processes.
        threads: CSTRAIN_THREADS, blocking threads a process.
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

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings, making the data folder and its secret when they are not there."""
        env = os.environ if environ is None else environ
        var_dir = Path(env.get("CSTRAIN_VAR", "var")).resolve()
        var_dir.mkdir(parents=True, exist_ok=True)
        folders = env.get("CSTRAIN_CONTENT", "")
        content = tuple(Path(part).resolve() for part in folders.split(os.pathsep) if part)
        return cls(
            var_dir=var_dir,
            database_url=env.get("CSTRAIN_DATABASE_URL", f"sqlite:///{var_dir / 'cstrain.db'}"),
            secret_key=env.get("CSTRAIN_SECRET_KEY") or _kept_secret(var_dir / "secret"),
            content_dirs=content or (shipped("content"),),
            base_url=env.get("CSTRAIN_BASE_URL", "").rstrip("/"),
            secure_cookies=env.get("CSTRAIN_SECURE_COOKIES") == "1",
            idle_minutes=int(env.get("CSTRAIN_IDLE_MINUTES", "120")),
            upload_limit_bytes=int(env.get("CSTRAIN_UPLOAD_LIMIT_MB", "16")) * 1024 * 1024,
            workers=int(env.get("CSTRAIN_WORKERS", "2")),
            threads=int(env.get("CSTRAIN_THREADS", "2")),
        )


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
