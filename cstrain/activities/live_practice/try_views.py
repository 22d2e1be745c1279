"""The page on which trainers try a scenario file before it is published, and publish it.

Text, seed and log of a try travel in the form: nothing of it is kept, so nothing can be lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from cstrain import plugin
from cstrain.activities.live_practice import lint, queries, try_jobs, try_state, trying
from cstrain.activities.live_practice.condition import Event
from cstrain.activities.live_practice.reading import MATERIAL
from cstrain.activities.live_practice.scenario import ACTIONS, TOPICS, ActionCode, Scenario
from cstrain.activities.live_practice.try_graph import graph
from cstrain.activities.live_practice.views import bp
from cstrain.activities.live_practice.words import action_title, field_title, track_title
from cstrain.kit import jobs
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.kit.errors import ForbiddenError, InvalidError, NotFoundError
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import language

FOLDER: Final = "scenarios"
#: After how many seconds a line can be sent.
PAUSES_S: Final = (5, 20, 40, 90)
WAITS_S: Final = (10, 30, 90)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_SLUG: Final = 60


@dataclass(slots=True)
class Tried:
    """What the form carries, and what came of it.

    Attributes:
        line: What stands in the composer; a line that was not taken stays there.
        error: Why the last click did nothing; empty when it did.
        notes: What the shop's content has against the scenario, and advice.
    """

    text: str
    seed: int = 1
    pause_s: int = 20
    line: str = ""
    log: trying.Log = field(default_factory=trying.Log)
    opened: trying.Opened = field(default_factory=trying.Opened)
    talk: trying.Talk | None = None
    error: str = ""
    notes: Sequence[Any] = ()


@bp.route("/try", methods=["GET", "POST"])
@plugin.requires(*plugin.STAFF)
def try_page() -> ResponseReturnValue:
    """Open a scenario, and let it answer; ``?team=`` chooses the shop, ``?scenario=`` the file."""
    team = _team(request.values.get("team", type=int))
    catalogue = plugin.team_catalogue(team.id)
    if request.method == "GET":
        slug = request.args.get("scenario", "")
        tried = Tried(_published(catalogue, team.slug, slug) if slug else "")
        _open(tried, catalogue)
        if tried.opened.scenario is not None:
            tried.talk = _begun(tried.opened.scenario, tried.seed)
    else:
        tried = _posted()
        if request.form.get("do") == "download":
            return _download(tried)
        _open(tried, catalogue)
        if request.form.get("do") == "publish" and not tried.error:
            answer = _publish(tried, catalogue, team)
            if answer is not None:
                return answer
        _go_on(tried, request.form.get("do", ""), catalogue)
    return _page(tried, catalogue, team), 422 if tried.error else 200


@bp.post("/try/take-back")
@plugin.requires(*plugin.MAY_CHANGE_SHOP)
def try_take_back() -> ResponseReturnValue:
    """Let a job take out a scenario that was published here.

    Raises:
        NotFoundError: If there is none such.
    """
    team = _team(request.form.get("team", type=int))
    path = request.form.get("path", "")
    if not _may_publish(team.id) or path not in plugin.own_files.brought(team.slug, FOLDER):
        raise NotFoundError
    return _by_job(try_jobs.TAKE_BACK, team, path=path)


def _team(team_id: int | None) -> Any:
    """A team that the viewer looks after, the first for None.

    Raises:
        NotFoundError: If it is none.
    """
    me = plugin.viewer()
    known = me.team_ids(*plugin.STAFF)
    if not known or team_id not in {None, *known}:
        raise NotFoundError
    return me.teams[known[0] if team_id is None else team_id]


def _may_publish(team_id: int) -> bool:
    return team_id in plugin.viewer().team_ids(*plugin.MAY_CHANGE_SHOP)


def _published(catalogue: plugin.Catalogue, team_slug: str, slug: str) -> str:
    """The text of a published scenario.

    Raises:
        NotFoundError: If there is none of this slug.
    """
    known = {each.slug: each.path for each in queries.scenarios_of(catalogue)}
    if slug not in known:
        raise NotFoundError(_("没有这个情景。"))
    return plugin.own_files.text_of(team_slug, known[slug])


def _posted() -> Tried:
    """What the form says; of what cannot be read, why."""
    form = request.form
    tried = Tried(form.get("text", "").replace("\r\n", "\n"), line=form.get("line", ""))
    file = request.files.get("file")
    if file is not None and file.filename:
        data = file.read(trying.MAX_CHARS * 4 + 1)
        try:
            tried.text = data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            tried.error = _("这个文件不是 UTF-8 编码的文字。用记事本另存，编码选 UTF-8。")
    try:
        tried.seed = _number("seed", 1, trying.MAX_SEED)
        tried.pause_s = _number("pause", 20, trying.MAX_MS // 1000)
        tried.log = trying.read_log(form.get("log", ""))
    except InvalidError as error:
        tried.error = str(error)
    return tried


def _number(name: str, default: int, most: int) -> int:
    """A number of the form.

    Raises:
        InvalidError: If it is none.
    """
    given = request.form.get(name, "").strip()
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or len(given) > len(str(most)):
        raise InvalidError(_("这里填 1 到 %(most)s 的整数。", most=most))
    number = int(given)
    if not 1 <= number <= most:
        raise InvalidError(_("这里填 1 到 %(most)s 的整数。", most=most))
    return number


def _open(tried: Tried, catalogue: plugin.Catalogue) -> None:
    if not tried.text.strip():
        return
    tried.opened = trying.opened_once(tried.text, language())
    scenario = tried.opened.scenario
    if scenario is not None:
        tried.notes = [*lint.in_shop(scenario, catalogue), *lint.length(scenario)]


def _begun(scenario: Scenario, seed: int) -> trying.Talk:
    talk = trying.play(scenario, seed, trying.Log(), words=())
    return trying.written_out(scenario, seed, talk)


def _go_on(tried: Tried, do: str, catalogue: plugin.Catalogue) -> None:
    """Play what was, and do what the button says."""
    scenario = tried.opened.scenario
    if scenario is None:
        return
    if do in {"restart", "other"}:
        tried.seed = tried.seed % trying.MAX_SEED + 1 if do == "other" else tried.seed
        tried.log = trying.Log()
    if do == "undo":
        tried.log = trying.undone(tried.log)
    words = plugin.forbidden_words.words_of(catalogue)
    talk = trying.play(scenario, tried.seed, tried.log, words=words)
    if not tried.log.events:
        talk = trying.written_out(scenario, tried.seed, talk)
    if do == "undo":
        talk = trying.written_out(scenario, tried.seed, talk)
    try:
        event = _event(tried, do, talk) if not tried.error else None
    except InvalidError as error:
        tried.error, event = str(error), None
    if event is not None:
        talk = trying.answered(scenario, tried.seed, talk, event, words=words)
        tried.line = "" if do == "say" else tried.line
    elif do.startswith("wait") and not tried.error:
        seconds = do.removeprefix("wait-")
        wait_s = int(seconds) if seconds in map(str, WAITS_S) else None
        talk = trying.waited(scenario, tried.seed, talk, wait_s)
    tried.talk = talk
    tried.log = trying.log_of(talk)


def _event(tried: Tried, do: str, talk: trying.Talk) -> Event | None:
    """The line or action of a click; None for another click.

    Raises:
        InvalidError: If it cannot be taken.
    """
    if do != "say" and not do.startswith("act-"):
        return None
    if talk.condition.is_gone:
        raise InvalidError(_("顾客已经走了。从头再试，或者退一步。"))
    at_ms = trying.next_ms(tried.log, talk, tried.pause_s)
    if do == "say":
        line = tried.line.strip()
        if len(line) > trying.MAX_LINE_CHARS:
            raise InvalidError(_("一句最多 %(most)s 字。", most=trying.MAX_LINE_CHARS))
        return Event(at_ms, "line", line) if line else None
    code = do.removeprefix("act-")
    if code not in set(ActionCode):
        raise InvalidError(_("没有这个操作。"))
    names = ACTIONS[ActionCode(code)].fields
    params = {name: request.form.get(f"{code}-{name}", "").strip() for name in names}
    try:
        return trying.action_event(at_ms, code, {k: v for k, v in params.items() if v})
    except ValueError:
        text = _("操作里的一格最多 %(most)s 字。", most=trying.MAX_PARAM_CHARS)
        raise InvalidError(text) from None


def _download(tried: Tried) -> ResponseReturnValue:
    opened = trying.opened_once(tried.text, language())
    slug = opened.scenario.slug if opened.scenario is not None else ""
    name = slug if _SLUG.fullmatch(slug) else "scenario"
    return send_file(
        BytesIO(tried.text.encode("utf-8", "replace")),
        mimetype="text/markdown",
        as_attachment=True,
        download_name=f"{name[:_MAX_SLUG]}.md",
    )


def _publish(tried: Tried, catalogue: plugin.Catalogue, team: Any) -> ResponseReturnValue | None:
    """Let a job publish the file; None where something stands against it, which is told.

    Raises:
        ForbiddenError: If the viewer may not change what the shop has.
    """
    if not _may_publish(team.id):
        raise ForbiddenError(_("发布要带教老师或管理员来做。"))
    scenario = tried.opened.scenario
    if scenario is None or tried.opened.problems:
        tried.error = _("还有问题，没有发布。改好下面列出的再发布。")
        return None
    if not _SLUG.fullmatch(scenario.slug) or len(scenario.slug) > _MAX_SLUG:
        tried.error = _("slug 只能用小写字母、数字和短横，例如 fast-ship。")
        return None
    known = {each.slug: each.path for each in queries.scenarios_of(catalogue)}
    path = known.get(scenario.slug, f"shop/{FOLDER}/{scenario.slug}.md")
    return _by_job(try_jobs.PUBLISH, team, path=path, text=tried.text, slug=scenario.slug)


def _by_job(job: str, team: Any, **data: str) -> ResponseReturnValue:
    back = url_for("live_practice.try_page", team=team.id)
    with transaction():
        job_id = jobs.enqueue(
            job,
            {"team": team.slug, "back": back, **data},
            by=plugin.viewer().id,
            team_id=team.id,
            now=utc_now(),
        )
    return redirect(url_for("jobs.page", job_id=job_id))


@dataclass(frozen=True, slots=True)
class Listed:
    """A published scenario in the list."""

    scenario: Scenario
    track: str
    topics: Sequence[Mapping[str, str]]
    is_brought: bool


def _page(tried: Tried, catalogue: plugin.Catalogue, team: Any) -> str:
    me = plugin.viewer()
    scenario, talk = tried.opened.scenario, tried.talk
    brought = set(plugin.own_files.brought(team.slug, FOLDER))
    listed = [
        Listed(
            each, track_title(each.track), [TOPICS[t] for t in each.topics], each.path in brought
        )
        for each in queries.scenarios_of(catalogue)
    ]
    return render_template(
        "live_practice/try.html",
        material=MATERIAL,
        tried=tried,
        scenario=scenario,
        team=team,
        teams=[me.teams[each] for each in me.team_ids(*plugin.STAFF)],
        listed=sorted(
            listed, key=lambda each: (each.track, each.scenario.level, each.scenario.slug)
        ),
        may_publish=_may_publish(team.id),
        bubbles=try_state.bubbles(scenario, talk) if scenario and talk else [],
        now=try_state.now(scenario, talk) if scenario and talk else None,
        graph=graph(scenario) if scenario else None,
        actions=[
            (code.value, action_title(code), [(name, field_title(name)) for name in form.fields])
            for code, form in ACTIONS.items()
        ],
        pauses=PAUSES_S,
        waits=WAITS_S,
        most_chars=trying.MAX_CHARS,
        most_line=trying.MAX_LINE_CHARS,
    )
