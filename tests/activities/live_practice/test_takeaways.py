"""What stays of a session: what was right with everybody, and what was not."""

from __future__ import annotations

from dataclasses import replace

from cstrain.activities.live_practice.points import Point, State
from cstrain.activities.live_practice.takeaways import MOST, takeaways
from tests.activities.live_practice.test_measuring import ASKED, agent, chat

ONE = chat(ASKED, agent(2, 9, "您好"))
OTHER = replace(ONE, customer_id=8)


def test_what_was_right_with_everybody_is_good_and_the_rest_is_to_mind() -> None:
    points = [
        Point("steps", "greet", State.RIGHT, 7, (2,)),
        Point("steps", "greet", State.RIGHT, 8, (2,)),
        Point("facts", "今天发", State.RIGHT, 7, (2,)),
        Point("facts", "今天发", State.WRONG, 8, (2,)),
        Point("steps", "farewell", State.MISSING, 7, ()),
        Point("steps", "farewell", State.MISSING, 8, ()),
        Point("actions", "refund", State.UNCLEAR, 8, (2,)),
    ]

    found = takeaways([ONE, OTHER], points)

    assert found.good == ("步骤：问好", "没有违禁词")
    assert [each.text for each in found.mind] == [
        "步骤 告别：漏了",
        "事实 今天发：错，该说“今天 16 点前发货”",
    ]
    assert found.mind[0].customers == ((7, "山茶"), (8, "山茶"))
    assert found.mind[1].customers == ((8, "山茶"),)


def test_a_forbidden_word_is_not_praised_and_not_too_much_is_told() -> None:
    points = [Point("facts", f"事实{number}", State.WRONG, 7, (2,)) for number in range(9)]
    points.append(Point("forbidden", "最好", State.UNCLEAR, 7, (2,)))

    found = takeaways([ONE], points)

    assert found.good == ()
    assert len(found.mind) == MOST
    assert found.mind[0].text == "有违禁词：最好"
    assert found.mind[0].customers == ((7, "山茶"),)


def test_promises_are_praised_only_when_all_were_kept() -> None:
    kept = Point("promises", "16 点回您", State.RIGHT, 7, (2,))

    assert takeaways([ONE], [kept]).good == ("答应的都做到了", "没有违禁词")
    broken = Point("promises", "明天发", State.WRONG, 7, (2,))
    assert takeaways([ONE], [kept, broken]).good == ("没有违禁词",)


def test_who_said_nothing_is_not_praised() -> None:
    assert takeaways([chat(ASKED)], []).good == ()
