"""Pages of certificates: the sheet itself, its PDF, and the public check of a number."""

from __future__ import annotations

import io

import segno
from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from cstrain.config import Settings
from cstrain.core.certification import forms, paper, pdf, queries, service
from cstrain.core.certification.queries import CertificateView
from cstrain.core.certification.service import NUMBER_LENGTH, clean_number
from cstrain.core.certification.status import Status, masked
from cstrain.core.certification.throttle import Brake
from cstrain.core.people.access import STAFF, Role, public, requires, viewer
from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ConflictError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _

bp = Blueprint(
    "certification",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/certification",
)
_MANAGERS = (Role.MANAGER, Role.ADMINISTRATOR)
_brake = Brake()
_NUMBER_TYPED_LENGTH = 40


def _seen(number: str) -> CertificateView:
    """A certificate that the viewer may see: one's own, or of one's people.

    Raises:
        NotFoundError: For any other.
    """
    found = queries.by_number(number[:_NUMBER_TYPED_LENGTH], now=utc_now())
    me = viewer()
    if me.id != found.person_id and set(found.team_ids).isdisjoint(me.team_ids(*STAFF)):
        raise NotFoundError(_("没有这个编号的证书。"))
    return found


def _may_change(found: CertificateView) -> bool:
    return not set(found.team_ids).isdisjoint(viewer().team_ids(*_MANAGERS))


def _verify_url(number: str) -> str:
    """The address in the QR code: that of the settings, else the one people use now."""
    settings: Settings = current_app.extensions["cstrain.settings"]
    path = url_for("certification.verify", number=number)
    return f"{settings.base_url or request.host_url.rstrip('/')}{path}"


@bp.get("/certificates/<number>")
@requires()
def show(number: str) -> ResponseReturnValue:
    """The sheet, what happened to it, and what a manager may do."""
    return _page(_seen(number))


def _page(found: CertificateView, status: int = 200, wrong: str = "") -> ResponseReturnValue:
    may_change = _may_change(found) and found.state != Status.REVOKED
    page = render_template(
        "certification/certificate.html",
        found=found,
        paper=paper.paper_of(found, _verify_url(found.number)),
        grouped=paper.grouped(found.number),
        events=queries.events(found.id),
        form=forms.ChangeForm() if may_change else None,
        wrong=wrong,
        is_own=found.person_id == viewer().id,
    )
    return page, status


@bp.post("/certificates/<number>/state")
@requires(*_MANAGERS)
def change(number: str) -> ResponseReturnValue:
    """Suspend, give back or revoke.

    Raises:
        NotFoundError: If the viewer manages neither the issuing shop nor the holder's.
    """
    found = _seen(number)
    if not _may_change(found):
        raise NotFoundError(_("没有这个编号的证书。"))
    form = forms.ChangeForm().offer(found.state)
    if not form.validate_on_submit():
        return _page(found, 422, wrong=" ".join(form.problems()))
    with transaction():
        service.change(
            found.id, form.action.data, reason=form.reason.data or "", by=viewer().id, now=utc_now()
        )
    done = {"suspend": _("证书已暂停。"), "restore": _("证书已恢复。"), "revoke": _("证书已撤销。")}
    flash(done[form.action.data], "passed")
    return redirect(url_for("certification.show", number=found.number))


@bp.get("/certificates/<number>/code.svg")
@requires()
def code(number: str) -> ResponseReturnValue:
    """The QR code of a number's public page.

    Raises:
        NotFoundError: If this cannot be a number.
    """
    if clean_number(number) != number or len(number) != NUMBER_LENGTH:
        raise NotFoundError
    drawing = io.BytesIO()
    segno.make(_verify_url(number), error="m").save(
        drawing, kind="svg", border=0, dark="#1b2321", omitsize=True, xmldecl=False
    )
    answer = Response(drawing.getvalue(), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@bp.post("/certificates/<number>/file")
@requires()
def make_file(number: str) -> ResponseReturnValue:
    """Give the PDF, or let a job make it first.

    Raises:
        ConflictError: If the certificate is not good now.
    """
    found = _seen(number)
    if found.status is not Status.VALID:
        raise ConflictError(_("这张证书现在无效，不能下载。"))
    sheet = paper.paper_of(found, _verify_url(found.number))
    fetch = url_for("certification.fetch", number=found.number)
    if pdf.file_of(sheet).is_file():
        return redirect(fetch)
    try:
        pdf.refuse_unprintable(sheet)
    except InvalidError as refused:
        flash(str(refused), "failed")
        return redirect(url_for("certification.show", number=found.number))
    data = {"number": found.number, "verify_url": sheet.verify_url, "url": fetch}
    with transaction():
        job_id = jobs.enqueue(pdf.JOB, data, by=viewer().id, team_id=found.team_id, now=utc_now())
    return redirect(url_for("jobs.page", job_id=job_id))


@bp.get("/certificates/<number>/file.pdf")
@requires()
def fetch(number: str) -> ResponseReturnValue:
    """The PDF, where it is made; else the page from which it can be."""
    found = _seen(number)
    path = pdf.file_of(paper.paper_of(found, _verify_url(found.number)))
    if found.status is not Status.VALID or not path.is_file():
        flash(_("这份 PDF 要重新生成，请再点一次。"), "waiting")
        return redirect(url_for("certification.show", number=found.number))
    name = f"{found.title.get('zh', '')}-{found.name}-{found.number}.pdf"
    return send_file(
        path, mimetype="application/pdf", as_attachment=True, download_name=name, max_age=0
    )


@bp.get("/verify")
@public
def ask() -> ResponseReturnValue:
    """Where anybody may type a number."""
    number = clean_number(request.args.get("number", "")[:_NUMBER_TYPED_LENGTH])
    if number:
        return redirect(url_for("certification.verify", number=number))
    return _public_page(None, "")


@bp.get("/verify/<number>")
@public
def verify(number: str) -> ResponseReturnValue:
    """Whether a number is good; title, days, shop and a masked name, and nothing else."""
    now, address = utc_now(), request.remote_addr or ""
    typed = clean_number(number[:_NUMBER_TYPED_LENGTH])
    if _brake.is_on(address, now):
        return _public_page(None, typed, 429)
    found = None
    if len(typed) == NUMBER_LENGTH:
        try:
            found = queries.by_number(typed, now=now)
        except NotFoundError:
            found = None
    if found is None:
        _brake.miss(address, now)
        return _public_page(None, typed, 404)
    return _public_page(found, typed)


def _public_page(
    found: CertificateView | None, number: str, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "certification/verify.html",
        found=found,
        name=masked(found.name) if found else "",
        number=number,
        grouped=paper.grouped(number),
        status=status,
    )
    return page, status, {"X-Robots-Tag": "noindex, nofollow"}
