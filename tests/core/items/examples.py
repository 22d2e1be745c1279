"""One good block of each kind, and a short way from a block to an item."""

from cstrain.core.items.item import Item, Kind
from cstrain.core.items.parse import parse_items

_BODIES = {
    Kind.SINGLE: """先回哪一句？

- [ ] 等着
    > 没有时间
- [x] 能，今天发
- [ ] 肯定到
- [ ] 自己看""",
    Kind.MULTIPLE: """写进登记表的有哪些？

- [x] 答应回电的
- [x] 少件没补的
- [ ] 好评的
- [x] 拦截件
- [ ] 昵称好听的""",
    Kind.TRUEFALSE: """拆了就一定不能退。

答案：错""",
    Kind.NUMERIC: """转化率是多少？

答案：47.64 ± 0.01 %""",
    Kind.BLANKS: """急单插 ____ 旗，退货用____登记。

1. 红 | 红色
2. 千牛 | 千牛工作台 | SKU 表""",
    Kind.ORDER: """按先后排好。

1. 道歉
2. 要照片
3. 核对
4. 补发""",
    Kind.MATCH: """各归哪一班？

- 咨询 => 售前
- 催付 => 售前
- 退款 => 售后
- => 仓库""",
    Kind.SPOT: """哪几句说错了？

- 19:42 买家：在吗
- [x] 小周：明天一定到
    > 送到不能保证
- （40 分钟没有回复）
- [ ] 小周：16 点前付款今天发
- [x] 小周：我帮您改价""",
}


def block(kind: Kind, body: str | None = None, options: str = "", role: str = "题") -> str:
    """A block with id q1, closed, with an explanation."""
    lines = _BODIES[kind] if body is None else body
    return f"/// {role} | {kind}\n    编号: q1\n{options}\n{lines}\n\n解析：因为。\n///\n"


def item_of(kind: Kind, body: str | None = None, options: str = "", role: str = "题") -> Item:
    """The item of such a block, which must be without problems."""
    items, problems = parse_items("bank.md", block(kind, body, options, role), section="1.1")
    assert [str(problem) for problem in problems] == []
    return items[0]


def problems_of(kind: Kind, body: str, options: str = "", role: str = "题") -> list[str]:
    """The texts of the problems of such a block."""
    return [
        problem.problem for problem in parse_items("bank.md", block(kind, body, options, role))[1]
    ]
