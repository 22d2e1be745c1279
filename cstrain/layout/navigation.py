"""Where one can go: the entries of the side bar, and what the base page needs to know.

Slices add their entry with ``register`` while the application is wired. Entries whose view does
not exist are left out. What depends only on roles and language is made once and kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import groupby

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from cstrain.core.people.access import Role, Viewer
from cstrain.kit.i18n import language
from cstrain.kit.i18n import lazy as _

STATE = "cstrain.navigation"
#: How many entries the bar at the foot of a phone holds beside "more".
TAB_COUNT = 4
STAFF = (Role.TRAINER, Role.MANAGER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the navigation.

    Attributes:
        endpoint: The view it leads to, without arguments.
        title: Its name, marked with ``lazy``.
        icon: A name of the icon sprite.
        roles: Who sees it; empty for everybody.
        group: ``learn``, ``team`` or ``site``; groups are shown in this order with a heading.
        order: Place inside the group, small first; 100 stands after all shipped entries.
        also: Blueprints whose pages belong under this entry, besides its own.
    """

    endpoint: str
    title: str
    icon: str
    roles: tuple[Role, ...] = ()
    group: str = "learn"
    order: int = 100
    also: tuple[str, ...] = ()


GROUPS = {"learn": _("学习"), "team": _("带教"), "site": _("管理")}
_LEARNERS = (Role.TRAINEE, Role.TRAINER)
_BANKERS = (Role.TRAINER, Role.ADMINISTRATOR)
_SIGNERS = (Role.TRAINER, Role.MANAGER)  # a manager is the second person of a small shop
_shipped = (
    NavItem("home.index", _("今天"), "home", order=1),
    NavItem("course.index", _("课程"), "book-2", order=2, also=("catalogue", "lesson")),
    NavItem(
        *("practice.index", _("练习"), "keyboard", _LEARNERS),
        order=3,
        also=("quiz", "typing", "live_practice", "reflection"),
    ),
    NavItem(
        *("faq.index", _("问答话术"), "message-question"),
        order=4,
        also=("replies", "products", "words", "glossary"),
    ),
    NavItem("notices.index", _("活动与规则"), "speakerphone", order=5),
    NavItem("cases.index", _("案例"), "bookmark", order=6),
    NavItem("records.index", _("我的成绩"), "award", (Role.TRAINEE,), order=7),
    NavItem("quality.mine", _("我的抽检"), "report-search", (Role.TRAINEE,), order=7),
    NavItem("roster.index", _("人员"), "users", STAFF, "team", 1),
    NavItem("queue.index", _("待办"), "checklist", _SIGNERS, "team", 2),
    NavItem(
        *("chats.index", _("聊天记录"), "messages", _SIGNERS, "team", 3),
        also=("chat_paste", "chat_imports", "chat_uploads", "chat_retention", "chat_handover"),
    ),
    NavItem("quality.index", _("抽检"), "report-search", _SIGNERS, "team", 4),
    NavItem("typing.proctor", _("打字监考"), "stopwatch", (Role.TRAINER,), "team", 5),
    NavItem("board.index", _("看板"), "layout-dashboard", STAFF, "team", 6),
    NavItem("bank.index", _("题库"), "database", _BANKERS, "team", 7),
    NavItem("teams.index", _("店铺"), "building-store", (Role.ADMINISTRATOR,), "site", 1),
)
THEMES = ("auto", "light", "dark")
_items: dict[str, NavItem] = {item.endpoint: item for item in _shipped}


def register(item: NavItem) -> None:
    """Add an entry, or replace the one with the same endpoint. Called while wiring only."""
    _items[item.endpoint] = item


def navigation() -> list[NavItem]:
    """All entries in their order."""
    groups = list(GROUPS)
    return sorted(_items.values(), key=lambda item: (groups.index(item.group), item.order))


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as the page prints it."""

    endpoint: str
    url: str
    title: str
    icon: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading; the first group has none when it stands alone."""

    title: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The parts of the base page that are printed once, named like the macros of fixed.html."""

    head: Markup
    brand: Markup
    top: Markup
    side: Markup
    me: Markup
    look: Markup
    leave: Markup
    foot: Markup
    toasts: Markup


@dataclass(frozen=True, slots=True)
class Shell:
    """What surrounds every page for people of the same roles and language.

    Attributes:
        groups: The side bar.
        tabs: The first entries, for the bar at the foot of a phone.
        places: Blueprint, or endpoint, → endpoint of the entry it belongs to.
        search_url: Where the search dialog asks; empty while there is no search.
        next_url: The next review to mark, opened by Alt+N; empty for those who mark none.
        inbox_url: The inbox; empty while there is none.
        printed: The fixed parts by marked entry and theme.
    """

    groups: tuple[Group, ...] = ()
    tabs: tuple[Link, ...] = ()
    places: dict[str, str] = field(default_factory=dict)
    search_url: str = ""
    next_url: str = ""
    inbox_url: str = ""
    printed: dict[tuple[str, str], Fixed] = field(default_factory=dict)


def shell() -> Shell:
    """The surroundings of the page for the viewer, from memory after the first time."""
    viewer: Viewer | None = g.get("viewer")
    if viewer is None:
        roles = None
    elif viewer.viewing_as_trainee:
        roles = frozenset({Role.TRAINEE})
    else:
        roles = frozenset[Role]().union(*viewer.roles.values())
    kept: dict[tuple[frozenset[Role] | None, str], Shell] = current_app.extensions.setdefault(
        STATE, {}
    )
    key = (roles, language())
    made = kept.get(key)
    if made is None:
        made = kept[key] = Shell() if roles is None else _make(roles)
    return made


def fixed_parts(surroundings: Shell, place: str, theme: str) -> Fixed:
    """The parts of the page that never change for these roles, this language, entry and theme.

    Args:
        surroundings: What ``shell`` gave.
        place: The endpoint of the entry to mark; empty for the one of the request.
        theme: ``auto``, ``light`` or ``dark``.
    """
    endpoint = request.endpoint or ""
    places = surroundings.places
    place = place or places.get(endpoint) or places.get(request.blueprint or "", "")
    theme = theme if theme in THEMES else "auto"
    made = surroundings.printed.get((place, theme))
    if made is None:
        macros = current_app.jinja_env.get_template("layout/fixed.html").module
        parts = {
            part.name: getattr(macros, part.name)(surroundings, place, theme)
            for part in fields(Fixed)
        }
        made = Fixed(**parts)
        if not place or place in places.values():
            surroundings.printed[place, theme] = made
    return made


def here() -> str:
    """The address to come back to after a switch of language or theme."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("home.index")


def _make(roles: frozenset[Role]) -> Shell:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    entries = [
        item
        for item in navigation()
        if item.endpoint in app.view_functions and (not item.roles or roles & set(item.roles))
    ]
    groups = tuple(
        Group(str(GROUPS[name]), tuple(map(_link, members)))
        for name, members in groupby(entries, key=lambda item: item.group)
    )
    paths = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    root = request.script_root
    return Shell(
        groups=groups,
        tabs=_tabs(entries, is_staff=not roles.isdisjoint(STAFF)),
        places=dict(_places(entries)),
        search_url=f"{root}/search" if "/search" in paths else "",
        next_url=f"{root}/reviews/next" if roles.intersection(_SIGNERS) else "",
        inbox_url=f"{root}/inbox" if "/inbox" in paths else "",
    )


def _tabs(entries: list[NavItem], *, is_staff: bool) -> tuple[Link, ...]:
    """The bar at the foot of a phone: who looks after others has people and work first."""
    ordered = entries
    if is_staff:
        home, *others = entries
        ordered = [home, *sorted(others, key=lambda item: item.group != "team")]
    return tuple(map(_link, ordered[:TAB_COUNT]))


def _link(item: NavItem) -> Link:
    return Link(item.endpoint, url_for(item.endpoint), str(item.title), item.icon)


def _places(entries: list[NavItem]) -> Iterator[tuple[str, str]]:
    """Blueprints first, so that an entry's own endpoint, named later, wins."""
    for item in reversed(entries):
        for name in (item.endpoint.partition(".")[0], *item.also):
            yield name, item.endpoint
    for item in entries:
        yield item.endpoint, item.endpoint
