"""Sessions as their page drives them: kept once, in order, by the server's clock."""

from __future__ import annotations

from tests.activities.live_practice.practice_course import Reception


def test_from_the_first_line_to_a_solved_case(reception: Reception) -> None:
    reception.begin()
    assert reception.news()["customers"] == []
    first = reception.wait(3.1)
    reception.wait(5)

    reception.send("抱歉让您等了，今天 16 点前发货。")
    reception.wait(30)
    reception.act("note", text="发顺丰", flag="红")
    reception.send("给您备注上了，祝您生活愉快")
    over = reception.wait(40)

    assert [line["text"] for line in first["lines"]] == ["在吗", "在的，您说，我马上看。"]
    assert over["is_over"] is True
    assert over["next_in_ms"] is None
    assert [each.outcome for each in reception.customers()] == ["solved"]
