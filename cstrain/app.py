"""The application: every slice is wired here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from alembic.config import Config
from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user
from flask_migrate import Migrate

from cstrain.config import Settings, shipped
from cstrain.core.catalogue import (
    active,
    bank_views,
    course_notes,
    figures,
    glossary,
    glossary_views,
)
from cstrain.core.catalogue import views as catalogue_views
from cstrain.core.catalogue.kinds import Registry, discover
from cstrain.core.certification import duties as _certificate_duties  # noqa: F401 - registers
from cstrain.core.certification import views as certification_views
from cstrain.core.pathway import attempts, definition, enrolments, panels, version_views
from cstrain.core.pathway import duties as _pathway_duties  # noqa: F401 - registers
from cstrain.core.pathway import hooks as pathway_hooks
from cstrain.core.pathway import sweeping as _sweeping  # noqa: F401 - registers
from cstrain.core.pathway import views as pathway_views
from cstrain.core.people import dialog_views as _dialogs  # noqa: F401 - adds to the blueprint
from cstrain.core.people import (
    hooks,
    import_views,
    invitation_views,
    roster_views,
    seeing,
    sessions,
    team_views,
)
from cstrain.core.people import views as people_views
from cstrain.core.people.access import Viewer, access_of
from cstrain.core.review import blind, opening, rubric_file
from cstrain.core.review import hooks as review_hooks
from cstrain.core.review import views as review_views
from cstrain.desk.cases import case_views
from cstrain.desk.cases import document_views as _documents  # noqa: F401 - adds to the blueprint
from cstrain.desk.cases import draft_views as _drafts  # noqa: F401 - adds to the blueprint
from cstrain.desk.cases import sharing_views as _sharing  # noqa: F401 - adds to the blueprint
from cstrain.desk.cases import views as reading_views
from cstrain.desk.chats import handover_views as chat_handover_views
from cstrain.desk.chats import hooks as chat_hooks
from cstrain.desk.chats import import_views as chat_import_views
from cstrain.desk.chats import jobs as _chat_jobs  # noqa: F401 - registers
from cstrain.desk.chats import paste_views as chat_paste_views
from cstrain.desk.chats import retention_views as chat_retention_views
from cstrain.desk.chats import upload_views as chat_upload_views
from cstrain.desk.chats import views as chat_views
from cstrain.desk.quality import agreement_views as _agreement_pages  # noqa: F401 - adds to the blueprint
from cstrain.desk.quality import blind_kinds, plan_file, red_lines, reviewing
from cstrain.desk.quality import calibration_views as _calibration  # noqa: F401 - adds to the blueprint
from cstrain.desk.quality import estimate_views as _estimates  # noqa: F401 - adds to the blueprint
from cstrain.desk.quality import jobs as _draws  # noqa: F401 - registers
from cstrain.desk.quality import kind as chat_reviews
from cstrain.desk.quality import pair_views as _pairs  # noqa: F401 - adds to the blueprint
from cstrain.desk.quality import plan_views as _plan_pages  # noqa: F401 - adds to the blueprint
from cstrain.desk.quality import views as quality_views
from cstrain.desk.replies import material as shop_materials
from cstrain.desk.replies import product_views, reply_views, table_views, word_views
from cstrain.desk.replies import views as faq_views
from cstrain.kit import i18n, requests, signing
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, engine_options, transaction
from cstrain.layout import answers, course, pages, questions
from cstrain.layout import views as layout_views
from cstrain.notices import views as notice_views
from cstrain.reports import views as report_views

#: Where somebody with a handed-out password may go before choosing an own one.
BEFORE_PASSWORD = frozenset(
    {"people.account", "people.change_password", "people.log_out", "people.change_look"}
)


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application. It opens no connection and migrates nothing."""
    settings = settings or Settings.from_environment()
    app = Flask("cstrain", static_folder=None)
    requests.install(app)
    app.session_interface = signing.CookieSessions()
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url, threads=settings.threads),
        MAX_CONTENT_LENGTH=settings.upload_limit_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_TIME_LIMIT=None,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
    )
    app.extensions["cstrain.settings"] = settings
    db.init_app(app)
    Migrate(app, db, directory=str(shipped("migrations")), render_as_batch=True)
    # In this order, so that whatever refuses a request does so in the reader's language.
    _know_people(app, settings)
    _speak(app)
    signing.Protection(app)
    app.context_processor(lambda: {"csrf_token": signing.csrf_token})
    _keep_sessions(app)
    answers.install(app)
    for blueprint in (
        layout_views.bp,
        pages.home,
        people_views.bp,
        seeing.bp,
        roster_views.bp,
        invitation_views.bp,
        import_views.bp,
        team_views.bp,
        catalogue_views.bp,
        bank_views.bp,
        pathway_views.queue,
        pathway_views.bp,
        version_views.bp,
        review_views.bp,
        certification_views.bp,
        faq_views.bp,
        reply_views.bp,
        product_views.bp,
        word_views.bp,
        table_views.bp,
        glossary_views.bp,
        reading_views.bp,
        case_views.bp,
        chat_views.bp,
        chat_paste_views.bp,
        quality_views.bp,
        chat_import_views.bp,
        chat_upload_views.bp,
        chat_retention_views.bp,
        chat_handover_views.bp,
        notice_views.inbox,
        notice_views.jobs,
        report_views.bp,
        report_views.records,
        course.course,
        course.practice,
    ):
        app.register_blueprint(blueprint)
    hooks.on_join.register(enrolments.joined)
    hooks.on_leave.register(enrolments.left)
    hooks.person_panels.register(panels.path_panel)
    hooks.pathway_choices.register(panels.pathway_choices)
    pathway_hooks.on_unmarked.register(opening.ask)
    pathway_hooks.queue_parts.register(review_views.queue_part)
    pathway_hooks.queue_actions.register(review_views.queue_action)
    chat_hooks.on_pasted.register(quality_views.mark_pasted)
    chat_hooks.panels.register(quality_views.panel)
    chat_hooks.panels.register(case_views.of_conversation)
    review_hooks.on_done.register(case_views.of_review)
    review_hooks.on_done.register(quality_views.offer)
    pathway_hooks.on_attempt.register(case_views.of_attempt)
    pathway_hooks.unseen.register(blind.unseen)
    pathway_hooks.duty_notes.register(red_lines.of_person)
    chat_hooks.keeps.register(reviewing.kept)
    chat_hooks.unfinished.register(reviewing.waits)
    _take_kinds(app)
    _check_routes(app)
    return app


def _take_kinds(app: Flask) -> None:
    """Find every activity kind and material, and mount the kinds' pages."""
    registry = Registry()
    registry.add_material(definition.MATERIAL, definition.load)
    registry.checks.append(definition.check)
    figures.register(registry)
    glossary.register(registry)
    rubric_file.register(registry)
    course_notes.register(registry)
    shop_materials.register(registry)
    plan_file.register(registry)
    registry.add_evidence_kind(chat_reviews.KIND)
    registry.add_evidence_kind(blind_kinds.SECOND)
    registry.add_evidence_kind(blind_kinds.CALIBRATION)
    discover(registry)
    for kind in registry.kinds.values():
        app.register_blueprint(kind.blueprint)
    settings: Settings = app.extensions["cstrain.settings"]
    active.install(app, registry, settings.var_dir / "cache")
    _take_migrations(app, [kind.migrations for kind in registry.kinds.values() if kind.migrations])


def _take_migrations(app: Flask, folders: Sequence[Path]) -> None:
    """Let ``cstrain db upgrade`` find the tables of kinds from outside."""
    if not folders:
        return
    places = os.pathsep.join(map(str, (shipped("migrations") / "versions", *folders)))

    @app.extensions["migrate"].migrate.configure
    def _add(config: Config) -> Config:
        config.set_main_option("path_separator", "os")
        config.set_main_option("version_locations", places.replace("%", "%%"))
        return config


def _know_people(app: Flask, settings: Settings) -> None:
    """Log-in sessions and their idle end."""
    manager = LoginManager(app)
    manager.session_protection = None
    idle = timedelta(minutes=settings.idle_minutes)

    @manager.user_loader
    def _load(token: str) -> Viewer | None:
        person, now = sessions.load(token), utc_now()
        if person is None:
            return None
        if now - person.touched_at >= idle and not attempts.is_timed(person.id, now=now):
            return None
        seen_id = session.get(seeing.KEY)
        return person if seen_id is None else seeing.eyes_of(person, seen_id) or person


def _keep_sessions(app: Flask) -> None:
    """Sessions in use, the eyes that only look, and the change of a handed-out password."""

    @app.before_request
    def _keep_session() -> ResponseReturnValue | None:
        if request.endpoint is None or request.endpoint.endswith("static"):
            return None
        person = current_user._get_current_object()  # noqa: SLF001 - unwraps the proxy
        if not isinstance(person, Viewer):
            return None
        now = utc_now()
        if now - person.touched_at > sessions.TOUCH_EVERY:
            with transaction():
                sessions.touch(person.session_id, now=now)
        seeing.read_only(person)
        if person.must_change_password and request.endpoint not in BEFORE_PASSWORD:
            return redirect(url_for("people.account"))
        return None


def _speak(app: Flask) -> None:
    """The reader's language, and the words and formats templates use."""

    @app.before_request
    def _choose_language() -> None:
        if request.endpoint and request.endpoint.endswith("static"):
            return
        person = current_user._get_current_object()  # noqa: SLF001 - unwraps the proxy
        if isinstance(person, Viewer):
            zone = next((team.timezone for team in person.teams.values()), "Asia/Shanghai")
            i18n.speak(person.language, zone)
            g.viewer = person
            g.unread_count = person.unread_count
        else:
            i18n.speak(request.cookies.get("language", "zh"))
            g.viewer = None

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        _=i18n.gettext,
        ngettext=i18n.ngettext,
        language=i18n.language,
        pick=i18n.pick,
        now=utc_now,
        asset=layout_views.asset,
        csrf_token=signing.csrf_token,
    )
    app.jinja_env.filters.update(
        pick=i18n.pick,
        own_words=i18n.own_words,
        percent=i18n.percent,
        figure=i18n.figure,
        clock_time=i18n.clock_time,
        day=i18n.day,
        days=i18n.days,
        duration=i18n.duration,
        waited=i18n.waited,
        ago=lambda at: i18n.ago(at, utc_now()),
    )
    questions.install(app)


def _check_routes(app: Flask) -> None:
    """Refuse to start with a view that does not say who may come.

    Raises:
        RuntimeError: If a view has neither ``requires`` nor ``public``.
    """
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith("static"):
            continue
        try:
            access_of(app.view_functions[rule.endpoint])
        except AttributeError:
            raise RuntimeError(
                f"{rule.endpoint} says not who may come: requires or public"
            ) from None
