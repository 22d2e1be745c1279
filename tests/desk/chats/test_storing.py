"""What is stored of chats: once, in order, counted, sealed, found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text, update

from cstrain.core.people.models import Person
from cstrain.desk.chats import erasing, importing, queries, sealing, service
from cstrain.desk.chats.message import Precision, Role
from cstrain.desk.chats.models import (
    SEARCH,
    ChatAccount,
    ChatConversation,
    ChatImport,
    ChatMessage,
)
from cstrain.desk.chats.summary import Words
from cstrain.desk.replies.words import Word
from cstrain.kit import bulk, chain, search
from cstrain.kit.chain import State
from cstrain.kit.db import db, transaction
from cstrain.kit.errors import NotFoundError
from cstrain.kit.processes import new_run
from tests.desk.chats.made_chats import batch_of, brought_in, chat, said
from tests.plugins.shop import NOW, MakeTeam, Shop

pytestmark = pytest.mark.usefixtures("app_context")

WHOLE = ("在吗", "在的亲", "被子有两米的吗", "有的", "好的，谢谢", "不客气")


def texts_of(conversation_id: int) -> Sequence[str | None]:
    return db.session.scalars(
        select(ChatMessage.text)
        .where(ChatMessage.conversation_id == conversation_id)
        .order_by(ChatMessage.ordinal)
    ).all()


def only_conversation() -> ChatConversation:
    return db.session.scalars(select(ChatConversation)).one()


def found(said: str) -> list[int]:
    wanted = search.query(said)
    assert wanted
    owner, condition = SEARCH.matching(bulk.dialect())
    asked = text(f"SELECT {owner} FROM {SEARCH.name} WHERE {condition}")  # noqa: S608 - our names
    return sorted(db.session.execute(asked, {"wanted": wanted.of(bulk.dialect())}).scalars())


def test_a_file_brought_in_twice_adds_nothing(team: Shop) -> None:
    batch = batch_of(chat(*WHOLE), chat("有货吗", "有的", buyer="买家乙"), team_id=team.id)

    first = brought_in(team.id, batch)
    again = brought_in(team.id, batch, name="b.csv")

    assert (first.conversations, first.messages, first.duplicates) == (2, 8, 0)
    assert (again.conversations, again.messages, again.duplicates) == (0, 0, 8)
    assert db.session.scalar(select(func.count(ChatMessage.id))) == 8
    assert sealing.verify(team.id).is_whole


def test_overlapping_exports_make_one_conversation_in_order(team: Shop) -> None:
    whole = chat(*WHOLE)
    morning, day = whole[:3], whole[1:]

    brought_in(team.id, batch_of(morning, team_id=team.id))
    counts = brought_in(team.id, batch_of(day, team_id=team.id), name="b.csv")

    assert (counts.conversations, counts.grown) == (0, 1)
    assert (counts.messages, counts.duplicates) == (3, 2)
    there = only_conversation()
    assert texts_of(there.id) == list(WHOLE)
    assert (there.buyer_count, there.agent_count, there.answered_count) == (3, 3, 3)
    assert found("谢谢") == found("被子") == [there.id]
    assert sealing.verify(team.id).is_whole


def test_what_comes_before_stands_before(team: Shop) -> None:
    whole = chat(*WHOLE)

    brought_in(team.id, batch_of(whole[2:], team_id=team.id))
    brought_in(team.id, batch_of(whole[:4], team_id=team.id), name="b.csv")

    there = only_conversation()
    assert texts_of(there.id) == list(WHOLE)
    assert there.began_at == whole[0].at


def test_lines_keep_their_numbers_when_earlier_ones_come_in(team: Shop) -> None:
    whole = chat(*WHOLE)

    brought_in(team.id, batch_of(whole[2:], team_id=team.id))
    before = queries.messages_of([only_conversation().id])[only_conversation().id]
    brought_in(team.id, batch_of(whole, team_id=team.id), name="b.csv")

    after = queries.messages_of([only_conversation().id])[only_conversation().id]
    assert [(each.number, each.text) for each in before] == list(enumerate(WHOLE[2:], start=1))
    assert [each.text for each in after] == list(WHOLE)
    assert [each.number for each in after] == [5, 6, 1, 2, 3, 4]


@pytest.mark.parametrize("source_first", [True, False])
def test_what_was_pasted_and_exported_is_there_once(team: Shop, *, source_first: bool) -> None:
    exported = chat(*WHOLE)
    # A copied chat names the account beside its own lines only.
    pasted = [each if each.role is Role.AGENT else replace(each, account="") for each in exported]
    first, second = (exported, pasted) if source_first else (pasted, exported)

    brought_in(team.id, batch_of(first, team_id=team.id))
    again = brought_in(team.id, batch_of(second, team_id=team.id), name="b.csv")

    assert (again.conversations, again.messages, again.duplicates) == (0, 0, len(WHOLE))


def test_two_buyers_who_share_half_a_nick_stay_two(team: Shop) -> None:
    """Their first words are the same in the same second; the source's own keys differ."""
    one, other = (
        [
            replace(each, conversation=key)
            for each in chat("在吗", f"在的，{key}", f"{key}号顾客", buyer="t**1")
        ]
        for key in ("c1", "c2")
    )

    first = brought_in(team.id, batch_of(one, other, team_id=team.id))
    again = brought_in(team.id, batch_of(other, team_id=team.id), name="b.csv")

    assert (first.conversations, first.messages, first.duplicates) == (2, 6, 0)
    assert (again.messages, again.duplicates) == (0, 3)
    ids = db.session.scalars(select(ChatConversation.id)).all()
    assert sorted([text or "" for text in texts_of(each)] for each in ids) == [
        ["在吗", "在的，c1", "c1号顾客"],
        ["在吗", "在的，c2", "c2号顾客"],
    ]


def test_an_overlap_within_one_file_is_no_second_conversation(team: Shop) -> None:
    whole = chat(*WHOLE)

    counts = brought_in(team.id, batch_of(whole[:4], whole[2:], team_id=team.id))

    assert (counts.conversations, counts.grown) == (1, 0)
    assert (counts.messages, counts.duplicates) == (6, 2)
    assert texts_of(only_conversation().id) == list(WHOLE)
    assert len(found("谢谢")) == len(found("在吗")) == 1


def test_the_same_words_in_the_same_second_are_two_messages(team: Shop) -> None:
    twice = [said(Role.BUYER, "在吗"), said(Role.BUYER, "在吗"), said(Role.AGENT, "在的", 5)]

    counts = brought_in(team.id, batch_of(twice, team_id=team.id))

    assert (counts.messages, counts.duplicates) == (3, 0)


def test_without_times_a_conversation_is_known_as_a_whole_and_that_is_said(team: Shop) -> None:
    short = [said(Role.BUYER, "在吗", None), said(Role.AGENT, "在的", None)]
    more = [*short, said(Role.BUYER, "有货吗", None)]

    first = brought_in(team.id, batch_of(short, team_id=team.id))
    again = brought_in(team.id, batch_of(short, team_id=team.id), name="b.csv")
    other = brought_in(team.id, batch_of(more, team_id=team.id), name="c.csv")

    assert (first.whole_conversations, first.messages) == (1, 2)
    assert (again.messages, again.duplicates) == (0, 2)
    assert (other.conversations, other.messages) == (1, 3)


def test_the_same_words_in_two_sessions_without_times_are_both_kept(team: Shop) -> None:
    sessions = [
        [said(Role.BUYER, "在吗", None, conversation=name, buyer="")] for name in ("s1", "s2")
    ]

    counts = brought_in(team.id, batch_of(*sessions, team_id=team.id))

    assert counts.conversations == 2


def test_each_team_keeps_its_own(team: Shop, make_team: MakeTeam) -> None:
    other = make_team("别家")

    brought_in(team.id, batch_of(chat(*WHOLE), team_id=team.id))
    counts = brought_in(other.id, batch_of(chat(*WHOLE), team_id=other.id))

    assert counts.messages == 6
    assert sealing.verify(other.id).is_whole


def test_a_conversation_is_counted_when_it_is_stored(team: Shop) -> None:
    words = Words([Word("a", ("保证",))])
    lines = [
        said(Role.BUYER, "在吗", 0),
        said(Role.AUTO, "您好，欢迎光临", 0, auto_reason="quick"),
        said(Role.AGENT, "在的，保证有货", 200),
        said(Role.BUYER, "我要退款，不然投诉", 260),
    ]

    counts = brought_in(team.id, batch_of(lines, team_id=team.id), words=words)

    there = only_conversation()
    assert counts.auto_replies == 1
    assert (there.buyer_count, there.agent_count, there.auto_count) == (2, 1, 1)
    assert (there.round_count, there.answered_count, there.late_count) == (2, 1, 1)
    assert (there.first_response_s, there.first_response_auto_s) == (200, 0)
    assert there.response_s == 200
    assert not there.is_unanswered
    assert there.has_forbidden
    assert there.has_refund
    assert there.has_complaint
    assert str(there.day) == "2026-11-02"


def test_a_buyer_whom_only_a_machine_answered_was_not_answered(team: Shop) -> None:
    lines = [said(Role.BUYER, "在吗", 0), said(Role.BOT, "您好", 1, account="服务助手")]

    brought_in(team.id, batch_of(lines, team_id=team.id))

    assert only_conversation().is_unanswered


def test_dates_alone_give_no_waits(team: Shop) -> None:
    lines = chat("在吗", "在的", gap_s=0)
    for each in lines:
        each.precision = Precision.DATE

    brought_in(team.id, batch_of(lines, team_id=team.id))

    there = only_conversation()
    assert (there.answered_count, there.first_response_s, there.precision) == (1, None, "date")


def test_the_account_that_wrote_most_has_the_conversation(team: Shop) -> None:
    lines = [
        said(Role.BUYER, "在吗", 0),
        said(Role.AGENT, "在的", 5, account="小美"),
        said(Role.AGENT, "我来", 9, account="小丽"),
        said(Role.AGENT, "您说", 12, account="小丽"),
    ]

    brought_in(team.id, batch_of(lines, team_id=team.id))

    there = only_conversation()
    account = db.session.get_one(ChatAccount, there.account_id)
    assert (account.name, account.shop, account.platform) == ("小丽", "云朵家居", "taobao")
    assert there.account_count == 2


def test_a_changed_message_is_seen(team: Shop) -> None:
    brought_in(team.id, batch_of(chat(*WHOLE), team_id=team.id))
    brought_in(team.id, batch_of(chat("有货吗", buyer="乙"), team_id=team.id), name="b.csv")
    message_id = db.session.scalars(select(ChatMessage.id).limit(1)).one()

    with transaction():
        db.session.execute(
            update(ChatMessage).where(ChatMessage.id == message_id).values(text="别的话")
        )

    states = [(each.state, each.rows) for each in sealing.verify(team.id).verdicts]
    assert states == [(State.BROKEN, (message_id,)), (State.INTACT, ())]


def test_a_message_moved_to_another_chat_is_seen(team: Shop) -> None:
    brought_in(team.id, batch_of(chat(*WHOLE), chat("有货吗", buyer="买家乙"), team_id=team.id))
    ids = db.session.scalars(select(ChatConversation.id).order_by(ChatConversation.id)).all()
    with transaction() as session:
        moved = ChatMessage.text == "好的，谢谢"
        session.execute(update(ChatMessage).where(moved).values(conversation_id=ids[1]))

    assert [each.state for each in sealing.verify(team.id).verdicts] == [State.BROKEN]


def test_a_deleted_message_is_missed(team: Shop) -> None:
    brought_in(team.id, batch_of(chat(*WHOLE), team_id=team.id))

    with transaction():
        db.session.execute(text("DELETE FROM chat_message WHERE ordinal = 3"))

    assert [each.state for each in sealing.verify(team.id).verdicts] == [State.BROKEN]


def test_what_was_erased_is_told_from_what_was_changed_and_does_not_come_back(
    team: Shop, make_team: MakeTeam
) -> None:
    other = make_team("别家")
    batch = batch_of(chat(*WHOLE), chat("有货吗", buyer="乙"), team_id=team.id)
    brought_in(team.id, batch)
    gone, stays = db.session.scalars(select(ChatConversation.id).order_by(ChatConversation.id))
    ids = [gone]

    with transaction():
        assert erasing.erase(ids, team_id=other.id, reason="retention", now=NOW) is None
        assert erasing.erase(ids, team_id=team.id, reason="retention", now=NOW) == 2
        assert erasing.erase(ids, team_id=team.id, reason="retention", now=NOW) is None
    again = brought_in(team.id, batch, name="b.csv")

    assert texts_of(gone) == [None] * 6
    assert texts_of(stays) == ["有货吗"]
    assert found("被子") == []
    assert found("有货") == [stays]
    assert again.messages == 0
    report = sealing.verify(team.id)
    assert report.is_whole
    assert [each.state for each in report.verdicts] == [State.ERASED, State.INTACT, State.INTACT]
    assert report.verdicts[0].erased_by == (2,)
    with transaction():
        db.session.execute(text("UPDATE chat_message SET text = '别的' WHERE ordinal = 3"))
    assert not sealing.verify(team.id).is_whole


def test_more_of_an_erased_conversation_is_found_alone(team: Shop) -> None:
    whole = chat(*WHOLE)
    brought_in(team.id, batch_of(whole[:4], team_id=team.id))
    there = only_conversation().id
    with transaction():
        erasing.erase([there], team_id=team.id, reason="retention", now=NOW)

    brought_in(team.id, batch_of(whole, team_id=team.id), name="b.csv")

    assert texts_of(there) == [None, None, None, None, *WHOLE[4:]]
    assert found("谢谢") == [there]
    assert found("被子") == []
    assert sealing.verify(team.id).is_whole


def test_what_is_erased_before_its_import_ends_breaks_no_chain(team: Shop) -> None:
    batch = batch_of(chat(*WHOLE), chat("有货吗", buyer="乙"), team_id=team.id)
    runner = new_run()
    with transaction():
        import_id = service.begin(
            team.id, "a.csv", "1", total_bytes=1, settings={}, by=None, now=NOW
        )
        store = importing.store_of(service.take(import_id, runner, now=NOW))
        store.add(batch)
        service.keep(store, batch, runner, now=NOW)
    gone = db.session.scalars(select(ChatConversation.id).order_by(ChatConversation.id)).first()
    with transaction():
        erasing.erase([gone or 0], team_id=team.id, reason="retention", now=NOW)

    assert sealing.verify(team.id).is_whole
    with transaction():
        service.end(import_id, runner, "done", now=NOW)
    assert sealing.verify(team.id).is_whole


def test_what_is_erased_while_it_is_looked_at_breaks_no_chain(
    team: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought_in(team.id, batch_of(chat(*WHOLE), team_id=team.id))
    there, links = only_conversation().id, chain.links

    def erased_meanwhile(name: str) -> Sequence[chain.Link]:
        found = links(name)
        with transaction():
            erasing.erase([there], team_id=team.id, reason="retention", now=NOW)
        return found

    monkeypatch.setattr(chain, "links", erased_meanwhile)

    assert sealing.verify(team.id).is_whole


def test_a_sub_account_is_given_to_a_person_of_ones_own_team(
    team: Shop, make_team: MakeTeam
) -> None:
    brought_in(team.id, batch_of(chat(*WHOLE), team_id=team.id))
    account_id = db.session.scalars(select(ChatAccount.id)).one()
    other = make_team("别家")
    with transaction() as session:
        person = Person(
            employee_no="A1", created_at=db.session.scalars(select(ChatImport.created_at)).one()
        )
        session.add(person)
        session.flush()
        service.assign(account_id, person.id, team_id=team.id)

    assert db.session.get_one(ChatAccount, account_id).person_id == person.id
    with transaction(), pytest.raises(NotFoundError):
        service.assign(account_id, None, team_id=other.id)
