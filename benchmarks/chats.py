"""The archive of real chats: storing ÷ a bare script, the whole import, searching, pages.

The chats are made by ``made_table``: words out of a list, times and lengths like those of a shop's,
sorted by time with many conversations at once. No real chat is in them.
"""

from __future__ import annotations

import csv
import pickle
import random
import resource
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, func, select, text

from benchmarks import bare_chats, chat_pages, draws, shop
from benchmarks.ratios import Goal, Ratio, line
from cstrain import serve
from cstrain.app import create_app
from cstrain.config import Settings
from cstrain.core.people.models import Team
from cstrain.desk.chats import importing, queries, reading, service, storing
from cstrain.desk.chats.models import ChatAccount, ChatConversation, ChatMessage
from cstrain.desk.chats.prepared import Counts
from cstrain.desk.chats.queries import Filters
from cstrain.desk.chats.summary import Words
from cstrain.kit import bulk, chain
from cstrain.kit.clock import utc_now
from cstrain.kit.db import db, transaction

MESSAGES_EACH = 20
AGENTS = 200
#: Conversations that go on at the same time.
AT_ONCE = 60
SEARCHES = 200
#: The small archive that pages are compared with.
FEW_MESSAGES = 10_000
#: Of storing beside the bare script; what one round tells depends on the machine's mood.
ROUNDS = 3
_BEGINNING = datetime(2026, 10, 1, 0, 0, tzinfo=UTC)
# fmt: off
_WORDS = (
    "亲", "您好", "在的", "这款", "羽绒服", "冲锋衣", "四件套", "保温杯", "今天", "明天",
    "下单", "发货", "发出", "退款", "退货", "换货", "请问", "有货吗", "尺码", "偏小", "偏大",
    "可以", "七天", "无理由", "快递", "顺丰", "中通", "圆通", "到了", "什么时候", "颜色",
    "黑色", "白色", "灰色", "好的", "谢谢", "麻烦", "稍等", "帮您", "查一下", "订单", "地址",
    "改一下", "优惠券", "满减", "活动", "价格", "便宜", "一点", "质量", "怎么样", "面料",
    "纯棉", "起球", "掉色", "洗涤", "保修", "发票", "赠品", "预售", "现货", "仓库", "物流",
    "签收", "破损", "少件", "补发", "运费", "售后", "投诉", "差评", "好评", "客服", "主管",
)
# fmt: on
_RARE = ("鹅绒", "羊驼", "星空", "琥珀", "珊瑚", "竹纤", "石墨", "亚麻", "桑蚕", "冰川")


def made_table(path: Path, conversations: int) -> None:
    """Write made chats as a table, sorted by time."""
    rng = random.Random(20261123)
    lines = ["".join(rng.choices(_WORDS, k=rng.randint(2, 10))) for _each in range(40_000)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("时间", "角色", "客服", "买家", "店铺", "消息内容"))
        writer.writerows(_rows(rng, lines, conversations))


def _rows(rng: random.Random, lines: list[str], conversations: int) -> Iterator[tuple[str, ...]]:
    """The rows of the table: each conversation takes 20 turns, many are open at once."""
    open_ones: list[tuple[float, int, int]] = []
    begun, clock_s = 0, 0.0
    while begun < conversations or open_ones:
        while len(open_ones) < AT_ONCE and begun < conversations:
            heappush(open_ones, (clock_s + rng.expovariate(1 / 40), begun, 0))
            begun += 1
        clock_s, number, turn = heappop(open_ones)
        is_agent = turn % 2 == 1
        said = rng.choice(lines)
        if rng.random() < 0.01:  # noqa: PLR2004 - one in a hundred
            said += rng.choice(_RARE)
        if turn == 6 and number % 10 == 0:  # noqa: PLR2004 - some leave a phone
            said += f"电话13{rng.randint(100000000, 999999999)}"
        at = _BEGINNING + timedelta(seconds=round(clock_s) + 28_800)
        who = "客服" if is_agent else "买家"
        about = (f"小美{number % AGENTS}", f"tb{number * 7919 % 99991}云{number}", "云朵家居")
        yield (f"{at:%Y-%m-%d %H:%M:%S}", who, *about, said)
        if turn + 1 < MESSAGES_EACH:
            wait_s = rng.expovariate(1 / 30) if is_agent else rng.expovariate(1 / 25)
            heappush(open_ones, (clock_s + 2 + wait_s, number, turn + 1))


@dataclass(frozen=True, slots=True)
class Goals:
    """What is to be reached."""

    storing: Goal
    import_rate: Goal
    search_s: Goal
    memory_mb: Goal
    draw: Goal
    pages: Goal


def report(settings: Settings, folder: Path, messages: int, goals: Goals) -> None:
    """Print the part's figures."""
    conversations = messages // MESSAGES_EACH
    table = folder / "made.csv"
    made_table(table, conversations)
    megabytes = table.stat().st_size / 1e6
    print(f"  {messages} made messages in {conversations} conversations, {megabytes:.0f} MB of CSV")
    app = shop.open_shop(_of(settings, folder, "whole"))
    _whole(app, table, messages, goals)
    _searches(app, goals)
    few = shop.open_shop(_of(settings, folder, "few"))
    few_table = folder / "few.csv"
    made_table(few_table, FEW_MESSAGES // MESSAGES_EACH)
    _import(few, few_table)
    print(f"  pages with {messages} messages ÷ with {FEW_MESSAGES}, {chat_pages.DRAWN} drawn:")
    chat_pages.report(few, app, goals.pages)
    draws.report(app, goals.draw)
    _storing(app, settings, folder, table, goals)


def _of(settings: Settings, folder: Path, name: str) -> Settings:
    """The same with a database of its own: a file, or one more on the server."""
    var = folder / name
    var.mkdir()
    url = f"sqlite:///{var / 'cstrain.db'}"
    if not settings.database_url.startswith("sqlite"):
        url = settings.database_url.replace("/postgres?", f"/{name}?")
        with create_engine(settings.database_url, isolation_level="AUTOCOMMIT").connect() as server:
            server.execute(text(f"CREATE DATABASE {name}"))
    return replace(settings, var_dir=var, database_url=url)


def _fresh(settings: Settings, folder: Path, name: str) -> Flask:
    """An application with an empty archive: a file of its own, or emptied tables."""
    var = folder / name
    var.mkdir()
    if settings.database_url.startswith("sqlite"):
        settings = replace(settings, database_url=f"sqlite:///{var / 'cstrain.db'}")
    app = create_app(replace(settings, var_dir=var))
    with app.app_context():
        serve.upgrade_database(app)
        if bulk.dialect() == "postgresql":
            with transaction():
                names = "chat_message, chat_conversation, chat_account, chat_import, chat_refused"
                db.session.execute(text(f"TRUNCATE {names}, chat_search, chain_link CASCADE"))
        if db.session.scalar(select(func.count(Team.id))) == 0:
            with transaction() as session:
                session.add(Team(slug="made", name="云朵家居"))
    return app


def _team_id() -> int:
    return db.session.scalars(select(Team.id).limit(1)).one()


def _whole(app: Flask, table: Path, messages: int, goals: Goals) -> None:
    """The whole import, as the command does it.

    Raises:
        SystemExit: If not every message was stored.
    """
    before_s = {who: _cpu_s(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)}
    begun = time.perf_counter()
    counts = _import(app, table)
    took_s = time.perf_counter() - begun
    if counts.messages != messages:
        raise SystemExit(f"{counts.messages} of {messages} messages were stored")
    rate = messages / took_s
    print(line("whole import, messages a second", Ratio([rate]), goals.import_rate, unit=""))
    for title, who in (("stores", resource.RUSAGE_SELF), ("reads", resource.RUSAGE_CHILDREN)):
        memory_mb = resource.getrusage(who).ru_maxrss / 1024
        cpu_s = _cpu_s(who) - before_s[who]
        print(f"    the process that {title}: {cpu_s / messages * 1e6:.0f} µs of a core a message")
        found = Ratio([memory_mb])
        print(line(f"memory of the process that {title}", found, goals.memory_mb, unit="MB"))


def _import(app: Flask, table: Path) -> Counts:
    """Bring a table in as the command does."""
    with app.app_context():
        with transaction():
            import_id = service.begin(
                _team_id(),
                table.name,
                importing.digest_of(table),
                total_bytes=table.stat().st_size,
                settings={},
                by=None,
                now=utc_now(),
            )
        done = importing.bring_in(
            import_id,
            table,
            begin=lambda: transaction(durably=False),
            tell=lambda _at, _of: None,
        )
    return done.counts


def _cpu_s(who: int) -> float:
    """Processor time of this process, or of those it started and that have ended."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _searches(app: Flask, goals: Goals) -> None:
    """Words of two and more characters, half of them with filters."""
    rng = random.Random(7)
    with app.app_context():
        if bulk.dialect() == "postgresql":
            db.session.execute(text("ANALYZE chat_search, chat_conversation, chat_message"))
        team_id = _team_id()
        accounts = db.session.scalars(select(ChatAccount.id)).all()
        times: dict[str, list[float]] = {"": [], "filtered": []}
        for number in range(SEARCHES):
            words = rng.sample((*_WORDS, *_RARE * 4), k=rng.choice((1, 1, 2)))
            said = ("" if number % 4 == 1 else " ").join(words)
            filters = Filters([team_id])
            if number % 2:
                day = (_BEGINNING + timedelta(days=rng.randint(0, 5))).date()
                filters = Filters(
                    [team_id],
                    shop="云朵家居",
                    account_id=rng.choice(accounts),
                    from_day=day,
                    to_day=day + timedelta(days=2),
                )
            db.session.rollback()
            begun = time.perf_counter()
            queries.find(said, filters, limit=20)
            times["filtered" if number % 2 else ""].append(time.perf_counter() - begun)
    for kind, values in times.items():
        p95 = Ratio([quantiles(values, n=20)[-1]])
        print(line(f"search {kind}, p95 of {len(values)}", p95, goals.search_s, unit="s"))
        print(f"    median {median(values) * 1e3:.1f} ms, longest {max(values) * 1e3:.0f} ms")


def _storing(whole: Flask, settings: Settings, folder: Path, table: Path, goals: Goals) -> None:
    """Storing what was read ÷ the bare script, in alternating rounds."""
    rows, batches = folder / "rows.pickle", folder / "batches.pickle"
    _put_aside(whole, rows)
    with batches.open("wb") as file:
        for batch in reading.read(reading.Wanted(table, table.name, 1, "bench")):
            pickle.dump(batch, file, protocol=pickle.HIGHEST_PROTOCOL)
    ratios, with_making = [], []
    like = folder / "whole" / "cstrain.db"
    for number in range(ROUNDS):
        if settings.database_url.startswith("sqlite"):
            target = folder / f"bare{number}.db"
            bare_s = bare_chats.on_sqlite(like, target, rows)
            target.unlink()
        else:
            made: Settings = whole.extensions["cstrain.settings"]
            address = made.database_url.replace("+psycopg", "")
            bare_s = bare_chats.on_postgresql(address, rows)
        app = _fresh(settings, folder, f"round{number}")
        storing_s, making_s = _stored(app, batches)
        shutil.rmtree(folder / f"round{number}")
        ratios.append(bare_s / storing_s)
        with_making.append(bare_s / (storing_s + making_s))
        print(f"    bare {bare_s:.2f} s, storing {storing_s:.2f} s, making rows {making_s:.2f} s")
    print(line("storing, speed ÷ the bare script's", Ratio(ratios), goals.storing))
    print(line("the same with chain and summaries", Ratio(with_making), None))


def _put_aside(app: Flask, rows: Path) -> None:
    """Keep the finished rows of an archive for the bare script."""
    with app.app_context(), rows.open("wb") as file:
        for model in (ChatConversation, ChatMessage):
            columns = [each.name for each in model.__table__.columns]
            asked = f"SELECT {', '.join(columns)} FROM {model.__tablename__} ORDER BY id"  # noqa: S608 - our names
            for part in _parts(asked):
                pickle.dump((model.__tablename__, columns, part), file)
        asked = "SELECT conversation_id, text FROM chat_message ORDER BY conversation_id, ordinal"
        texts: dict[int, list[str]] = {}
        for part in _parts(asked):
            for owner, said in part:
                texts.setdefault(owner, []).append(said)
        entries = list(texts.items())
        for start in range(0, len(entries), 1000):
            pickle.dump((bare_chats.SEARCH, (), entries[start : start + 1000]), file)


def _parts(asked: str) -> Iterator[list[Any]]:
    """Rows as the driver gives them, some at a time."""
    with transaction():
        cursor = bulk.driver().execute(asked)
        while part := cursor.fetchmany(10_000):
            yield [tuple(row) for row in part]


class _Timed(storing._Rows):  # noqa: SLF001 - that is what is measured
    """Rows that say how long making them took."""

    making_s = 0.0

    def take(self, conversations: Any) -> None:
        begun = time.perf_counter()
        super().take(conversations)
        _Timed.making_s += time.perf_counter() - begun


def _settled() -> float:
    """Seconds until all that waits for the index stands in it, as after the bare script."""
    begun = time.perf_counter()
    if bulk.dialect() == "postgresql":
        with transaction():
            bulk.driver().execute("SELECT gin_clean_pending_list('ix_chat_search_tokens')")
    return time.perf_counter() - begun


def _stored(app: Flask, batches: Path) -> tuple[float, float]:
    """Seconds of storing, and of making rows with seal and summary."""
    _Timed.making_s, took_s = 0.0, 0.0
    kept, storing._Rows = storing._Rows, _Timed  # type: ignore[misc]  # noqa: SLF001 - see there
    with app.app_context(), batches.open("rb") as file:
        with transaction():
            import_id = service.begin(
                _team_id(), "b", "b", total_bytes=1, settings={}, by=None, now=utc_now()
            )
            service.take(import_id, "bench", now=utc_now())
        store = storing.Store(_team_id(), "Asia/Shanghai", import_id, Words(()), chain.EMPTY)
        while True:
            try:
                batch = pickle.load(file)  # noqa: S301 - our own
            except EOFError:
                break
            begun = time.perf_counter()
            with transaction(durably=False):
                store.add(batch)
                service.keep(store, batch, "bench", now=utc_now())
            took_s += time.perf_counter() - begun
        took_s += _settled()
    storing._Rows = kept  # type: ignore[misc]  # noqa: SLF001 - see there
    return took_s - _Timed.making_s, _Timed.making_s
