"""Who works in the demo shop, and how far everybody has come. All names are made up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cstrain.core.people.access import Role
from cstrain.demo.acting import Actor

Story = Callable[[Actor, Mapping[str, int]], None]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who runs the shop."""

    employee_no: str
    name: str
    role: Role
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Trainee:
    """A trainee, when the training began, and the story so far."""

    employee_no: str
    name: str
    batch: str
    days_here: float
    story: Story
    skill: float = 0.92
    cpm: float = 55.0
    typing_error_ratio: float = 0.01


HE, CHENG, SHEN, GU = "T001", "T002", "M001", "A001"
STAFF = (
    Member(GU, "顾鹏", Role.ADMINISTRATOR),
    Member(SHEN, "沈薇", Role.MANAGER),
    Member(HE, "何玉兰", Role.TRAINER, "13800000001"),
    Member(CHENG, "程亮", Role.TRAINER, "13800000002"),
)


def just_arrived(me: Actor, staff: Mapping[str, int]) -> None:
    """Signed up this morning and has read one lesson."""
    del staff
    me.study(1)


def half_way(me: Actor, staff: Mapping[str, int]) -> None:
    """Four lessons on the first day, a practice run in the evening."""
    del staff
    me.study(4)
    me.type("typing-practice")


def ready_for_exam(me: Actor, staff: Mapping[str, int]) -> None:
    """Has read everything and practised; the exam is next."""
    del staff
    me.study(5)
    me.type("typing-practice")
    me.wait(hours=18)
    me.study()
    me.sit("quiz-ch1")
    me.sit("quiz-ch2", skill=0.75)


def failed_once(me: Actor, staff: Mapping[str, int]) -> None:
    """Failed the exam and is half through the retraining."""
    del staff
    me.study(6)
    me.wait(hours=18)
    me.study()
    me.sit("basic-exam", skill=0.7)
    me.relearn(2)


def used_up(me: Actor, staff: Mapping[str, int]) -> None:
    """Failed three times; it is the trainer's turn."""
    del staff
    me.study()
    for skill in (0.6, 0.68, 0.73):
        me.wait(hours=16)
        me.sit("basic-exam", skill=skill)
        me.relearn()
        me.wait(hours=1)


def slow_typist(me: Actor, staff: Mapping[str, int]) -> None:
    """The exam is passed; the typing test is not, and practice is open."""
    me.study()
    me.wait(hours=16)
    me.sit("basic-exam", skill=0.88)
    me.type("typing-basic", trainer_id=staff[HE], cpm=33)
    me.wait(hours=20)
    me.type("typing-practice", cpm=36)
    me.type("typing-basic", trainer_id=staff[HE], cpm=37)


def unsupervised(me: Actor, staff: Mapping[str, int]) -> None:
    """Typed the test alone; a trainer must confirm it."""
    del staff
    me.study()
    me.wait(hours=15)
    me.sit("basic-exam", skill=0.9)
    me.type("typing-basic")


def pass_basic(me: Actor, staff: Mapping[str, int]) -> None:
    """Go through the basic stage."""
    me.study(5)
    me.type("typing-practice")
    me.wait(hours=16)
    me.study()
    me.sit("quiz-ch1")
    me.sit("basic-exam", skill=0.9)
    me.type("typing-basic", trainer_id=staff[HE])


def learn_the_post(me: Actor) -> None:
    """Read the lessons of the post in two days."""
    me.wait(hours=14)
    me.study(9)
    me.wait(hours=20)
    me.study()


def on_the_post(me: Actor, staff: Mapping[str, int]) -> None:
    """Passed the basic stage and is half through the lessons of the post."""
    pass_basic(me, staff)
    me.wait(hours=14)
    me.study(8)


def serve_customers(me: Actor, staff: Mapping[str, int]) -> None:
    """Practise the reception, sit its assessment, and have it marked; once more where it fails."""
    me.wait(hours=16)
    me.receive("desk-presales")
    for _attempt in range(3):
        me.wait(hours=3)
        me.receive("desk-presales-exam", skill=0.97)
        me.wait(hours=2)
        me.marked(staff[HE], "先看订单再开口，报数都带了依据。两边同时等的时候，慢的那边先应一声。")
        if me.standing().tally("desk-presales-exam").open_plan_count == 0:
            return
        me.relearn()


def awaits_signature(me: Actor, staff: Mapping[str, int]) -> None:
    """Passed the product exam at the second try; the reception waits for its marks."""
    pass_basic(me, staff)
    learn_the_post(me)
    me.sit("post-presales", skill=0.9)
    me.sit("product-exam", skill=0.57)
    me.relearn()
    me.wait(hours=2)
    me.sit("product-exam", skill=0.95)
    me.receive("desk-presales")
    me.wait(hours=1)
    me.receive("desk-presales-exam")


def certified(me: Actor, staff: Mapping[str, int]) -> None:
    """Went the whole way and works on duty; types a little every now and then."""
    pass_basic(me, staff)
    learn_the_post(me)
    me.sit("quiz-products")
    me.sit("post-presales", skill=0.95)
    me.sit("product-exam", skill=0.95)
    serve_customers(me, staff)
    me.wait(hours=26)
    me.signed(staff[HE], "跟了一个晚班，看了 20:10 到 21:40 的六段聊天，八步走得全，没有乱答应。")
    for _week in range(2):
        me.wait(days=6)
        me.type("typing-practice")


def refused_first(me: Actor, staff: Mapping[str, int]) -> None:
    """The first signature was refused; a few days later it was given."""
    pass_basic(me, staff)
    learn_the_post(me)
    me.sit("post-presales", skill=0.9)
    me.sit("product-exam", skill=0.9)
    serve_customers(me, staff)
    me.wait(hours=24)
    me.signed(
        staff[CHENG],
        "有两位买家问发货，直接答了“今天一定发”，没有先看仓库。再跟一天。",
        accepted=False,
    )
    me.wait(hours=30)
    me.signed(staff[CHENG], "又跟了一个早班，承诺前都先查单，可以单独接。")


def temp_certified(me: Actor, staff: Mapping[str, int]) -> None:
    """A temporary agent of the big sale, through with everything."""
    temp_waiting(me, staff)
    me.wait(hours=5)
    me.signed(staff[HE], "在旁边同时接了三个会话，答得准，不会的知道转给谁。")


def temp_waiting(me: Actor, staff: Mapping[str, int]) -> None:
    """A temporary agent who waits for the trainer's signature."""
    me.study()
    me.sit("bigsale-exam", skill=0.95)
    if me.standing().tally("bigsale-exam").open_plan_count:
        me.relearn()
        me.wait(hours=1)
        me.sit("bigsale-exam", skill=1.0)
    me.type("typing-basic", trainer_id=staff[HE])


def temp_failed(me: Actor, staff: Mapping[str, int]) -> None:
    """A temporary agent who has the retraining still to do."""
    del staff
    me.study()
    me.sit("bigsale-exam", skill=0.65)


def temp_half_way(me: Actor, staff: Mapping[str, int]) -> None:
    """A temporary agent who has read two of the seven lessons."""
    del staff
    me.study(2)


#: What becomes of ten temporary agents, for large demo shops.
TEMPORARY: tuple[Story, ...] = (
    *(temp_certified,) * 5,
    temp_waiting,
    temp_failed,
    temp_half_way,
    just_arrived,
    just_arrived,
)

TRAINEES = (
    Trainee("S001", "林晓雨", "2026-11 双11班", 1.4, half_way, skill=0.85, cpm=46),
    Trainee("S002", "高远", "2026-11 双11班", 0.3, just_arrived),
    Trainee("S003", "吴倩", "2026-11 双11班", 2.2, ready_for_exam),
    Trainee("S004", "郑凯", "2026-11 双11班", 2.6, failed_once, skill=0.8, cpm=44),
    Trainee("S005", "孙悦", "2026-10 班", 6.5, used_up, skill=0.7),
    Trainee("S006", "马腾", "2026-10 班", 4.5, slow_typist, cpm=35),
    Trainee("S007", "许晴", "2026-11 双11班", 2.4, unsupervised, cpm=62),
    Trainee("S008", "田野", "2026-11 双11班", 3.2, on_the_post),
    Trainee("S009", "罗丹", "2026-10 班", 4.6, awaits_signature, skill=0.9),
    Trainee("S010", "周航", "老员工", 231, certified, skill=0.95, cpm=88),
    Trainee("S011", "陈敏", "老员工", 366, certified, skill=0.96, cpm=64),
    Trainee("S012", "秦建国", "老员工", 362.5, refused_first, cpm=71),
)

#: Family and given names for large demo shops.
NAMES = (
    tuple("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"),
    (
        *("伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟"),
        *("晓东", "文静", "志强", "雨欣", "子涵", "嘉怡", "思远", "梓萱", "浩然", "婷婷"),
    ),
)
