"""Made examples of what chat tools export, and what must come out of them.

The texts are made; what tools call their fields is taken from their public descriptions.
"""

from __future__ import annotations

import json
from typing import Any

#: 2024-05-01 10:00:00 in Shanghai.
START = 1714528800


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def dongdong(*chats: list[dict[str, Any]]) -> str:
    pages = [
        {
            "jingdong_im_pop_chatlog_get_responce": {
                "code": "0",
                "ChatLogPage": {"totalRecord": len(chat), "chatLogList": chat},
            }
        }
        for chat in chats
    ]
    return "\n".join(map(dumped, pages))


def jd(content: str, *, sent: bool, at_ms: int = START * 1000) -> dict[str, Any]:
    return {
        "content": content,
        "sid": "14a7",
        "waiterSend": sent,
        "time": at_ms,
        "skuId": 100,
        "customer": "tu***5",
        "waiter": "山泉洁洁",
        "channel": 21 if sent else 11,
    }


def pdd(content: str, role: str, **more: Any) -> dict[str, Any]:
    user = {"role": "user", "uid": "u1"}
    mall = {"role": "mall_cs", "mall_id": "m1", "uid": "m1", "csid": "美"}
    sides = {"from": user, "to": mall} if role == "user" else {"from": mall, "to": user}
    told = {
        "content": content,
        **sides,
        "msg_id": "9",
        "nickname": "景**",
        "ts": str(START),
        "type": 0,
    }
    return {"message": {**told, **more}}


CHATWOOT = [
    {
        "id": 1,
        "content": "在吗",
        "conversation_id": 7,
        "message_type": 0,
        "created_at": START,
        "private": False,
        "sender_type": "Contact",
        "sender": {"name": "甲"},
    },
    {
        "id": 2,
        "content": "别理他",
        "conversation_id": 7,
        "message_type": 1,
        "created_at": START,
        "private": True,
    },
    {
        "id": 3,
        "content": "在的",
        "conversation_id": 7,
        "message_type": 1,
        "created_at": START,
        "private": False,
        "sender_type": "User",
        "sender": {"name": "美"},
    },
    {
        "id": 4,
        "content": "您好",
        "conversation_id": 7,
        "message_type": 1,
        "created_at": START,
        "private": False,
        "sender_type": "AgentBot",
        "sender": {"name": "助"},
    },
    {
        "id": 5,
        "content": "已分配",
        "conversation_id": 7,
        "message_type": 2,
        "created_at": START,
        "private": False,
    },
]
ZENDESK = {
    "chats": [
        {
            "id": "z1",
            "visitor": {"id": "v1", "name": "甲"},
            "type": "chat",
            "rating": "good",
            "history": [
                {"type": "chat.memberjoin", "timestamp": "2024-05-01T02:00:00Z", "name": "甲"},
                {
                    "type": "chat.msg",
                    "timestamp": "2024-05-01T02:00:00Z",
                    "sender_type": "Visitor",
                    "msg": "在吗",
                    "msg_id": "1",
                    "name": "甲",
                },
                {
                    "type": "chat.msg",
                    "timestamp": "2024-05-01T02:00:09Z",
                    "sender_type": "Agent",
                    "msg": "在的",
                    "msg_id": "2",
                    "agent_id": 5,
                    "name": "美",
                },
            ],
        }
    ]
}
INTERCOM = {
    "type": "conversation",
    "id": "i1",
    "created_at": START,
    "source": {
        "id": "s",
        "body": "<p>在吗<br>亲 &amp; 好</p>",
        "author": {"type": "user", "id": "甲"},
    },
    "conversation_parts": {
        "conversation_parts": [
            {
                "id": "1",
                "part_type": "note",
                "body": "<p>小心</p>",
                "created_at": START,
                "author": {"type": "admin", "id": "5"},
            },
            {
                "id": "2",
                "part_type": "comment",
                "body": "<p>在的</p>",
                "created_at": START + 9,
                "author": {"type": "admin", "id": "5", "name": "美"},
            },
            {
                "id": "3",
                "part_type": "close",
                "body": None,
                "created_at": START + 10,
                "author": {"type": "admin", "id": "5"},
            },
        ]
    },
}
EXAMPLES: dict[str, tuple[str, list[tuple[str, str, str, str]]]] = {
    "jd_dongdong": (
        dongdong(
            [jd("在吗", sent=False), jd("买 1 &#x26; 送 1", sent=True)],
            [jd("#E-s21", sent=False, at_ms=START * 1000 + 5)],
        ),
        [
            ("buyer", "山泉洁洁", "tu***5", "在吗"),
            ("agent", "山泉洁洁", "tu***5", "买 1 & 送 1"),
            ("buyer", "山泉洁洁", "tu***5", "#E-s21"),
        ],
    ),
    "qianniu_page": (
        dumped(
            {
                "active_user_nickname": "甲",
                "shopname": "山泉",
                "items": [
                    {"chatTime": "09:59:59", "chatName": "山泉:服务助手", "chatTextLeft": "您好"},
                    {"groupTime": "2024-05-01"},
                    {"chatTime": "10:00:00", "chatName": "甲", "chatTextLeft": "在吗"},
                    {"chatTime": "10:00:09", "chatName": "山泉:美", "chatTextRight": "在的"},
                    {
                        "chatTime": "10:00:10",
                        "chatName": "山泉:美",
                        "img": "https://img.example/a.jpg",
                    },
                    {"other": 1},
                ],
            }
        ),
        [
            ("bot", "服务助手", "甲", "您好"),
            ("buyer", "", "甲", "在吗"),
            ("agent", "美", "甲", "在的"),
            ("agent", "美", "甲", "https://img.example/a.jpg"),
            ("", "", "", "unknown_record"),
        ],
    ),
    "taobao_top": (
        dumped(
            {
                "chatlog_get_response": {
                    "from_id": "cntaobao山泉:美",
                    "to_id": "cntaobao甲",
                    "count": 2,
                    "ret": 10000,
                    "msgs": [
                        {"direction": 1, "time": "2024-05-01 10:00:00", "content": "在吗"},
                        {
                            "direction": 0,
                            "time": "2024-05-01 10:00:09",
                            "content": "亲，在的，请问您看中哪款",
                        },
                    ],
                }
            }
        ),
        [("buyer", "美", "甲", "在吗"), ("agent", "美", "甲", "亲，在的，请问您看中哪款")],
    ),
    "taobao_sql": (
        (
            "dp_id,service_staff_id,buyer_nick,direction,type,content,url_list,num_iids,time\n"
            "山泉,山泉:美,甲,0,0,在吗,NULL,123,2024-05-01 10:00:00\n"
            '山泉,山泉:美,甲,1,0,"亲,您好",NULL,NULL,2024-05-01 10:00:09\n'
            "山泉,山泉:美,1.00260847862E+13,1,0,您好,NULL,NULL,2024-05-01 10:00:09\n"
        ),
        [
            ("buyer", "美", "甲", "在吗"),
            ("agent", "美", "甲", "亲,您好"),
            ("", "", "", "id_digits_lost"),
        ],
    ),
    "pdd_push": (
        "\n".join(
            map(
                dumped,
                [
                    pdd("在吗", "user"),
                    pdd("在的", "mall_cs"),
                    pdd("", "user", type=1002, info={"withdraw_hint": "甲撤回了一条消息"}),
                    {"message": {"from": {"role": "robot"}, "ts": "1"}},
                ],
            )
        ),
        [
            ("buyer", "美", "u1", "在吗"),
            ("agent", "美", "u1", "在的"),
            ("buyer", "美", "u1", "甲撤回了一条消息"),
            ("", "", "", "unknown_role"),
        ],
    ),
    "ai_assistant": (
        dumped(
            [
                {
                    "role": "user",
                    "category": "",
                    "context_type": "TEXT",
                    "context": {"text": "在吗", "url": None},
                    "message_time": "2024-05-01T10:00:00",
                    "role_name": "甲",
                    "record_id": "r1",
                },
                {
                    "role": "assistant",
                    "category": "agent_response",
                    "context_type": "IMAGE",
                    "context": {"text": "", "url": "https://img.example/a"},
                    "message_time": "2024-05-01T10:00:09",
                    "role_name": "山泉:美",
                    "record_id": "r1",
                },
                {
                    "role": "assistant",
                    "category": "report",
                    "context_type": "TEXT",
                    "context": {"text": "小结"},
                    "message_time": "2024-05-01T10:00:10",
                    "role_name": "山泉:美",
                    "record_id": "r1",
                },
            ]
        )
        + "\n导出完成 2 条",
        [
            ("buyer", "", "甲", "在吗"),
            ("agent", "美", "甲", "https://img.example/a"),
            ("", "", "", "note"),
            ("", "", "", "noise"),
        ],
    ),
    "xiaoduo": (
        (
            "day,platform,shop_id,snick,cnick,act,msg,msg_time,msg_id,plat_goods_id,send_msg_from\n"
            "20240501,tb,5,cntaobao山泉:美,cntaobao甲,recv_msg,在吗,2024-05-01 10:00:00,a,0,0\n"
            "20240501,tb,5,cntaobao山泉:美,cntaobao甲,send_msg,您好,2024-05-01 10:00:00,b,7,auto\n"
            "20240501,tb,5,cntaobao山泉:美,cntaobao甲,send_msg,在的,2024-05-01 10:00:09,c,7,0\n"
            "20240501,tb,5,cntaobao山泉:美,cntaobao甲,poke,在的,2024-05-01 10:00:09,c,7,0\n"
        ),
        [
            ("buyer", "美", "甲", "在吗"),
            ("auto", "美", "甲", "您好"),
            ("agent", "美", "甲", "在的"),
            ("", "", "", "unknown_role"),
        ],
    ),
    "intercom": (
        dumped(INTERCOM),
        [
            ("buyer", "", "甲", "在吗\n亲 & 好"),
            ("", "", "", "note"),
            ("agent", "美", "甲", "在的"),
            ("system", "", "甲", "close"),
        ],
    ),
    "zendesk": (
        dumped(ZENDESK),
        [
            ("system", "", "v1", "甲 chat.memberjoin"),
            ("buyer", "", "v1", "在吗"),
            ("agent", "美", "v1", "在的"),
        ],
    ),
    "chatwoot": (
        dumped({"meta": {}, "payload": CHATWOOT}),
        [
            ("buyer", "", "甲", "在吗"),
            ("", "", "", "note"),
            ("agent", "美", "", "在的"),
            ("bot", "助", "", "您好"),
            ("system", "", "", "已分配"),
        ],
    ),
    "uneed": (
        "# 美妆\n```json\n"
        + json.dumps(
            {
                "sid": "s1",
                "sellerid": "2",
                "userid": "3",
                "dialogue": [
                    {
                        "seq_no": 1,
                        "time": "2024-05-01 09:59:59.999996",
                        "sender_type": "用户",
                        "send_content": "在吗",
                    },
                    {
                        "seq_no": 2,
                        "time": "2024-05-01 10:00:09",
                        "sender_type": "客服",
                        "send_content": "在的",
                    },
                    {
                        "seq_no": 3,
                        "time": "2024-05-01 10:00:09",
                        "sender_type": "路人",
                        "send_content": "在的",
                    },
                ],
            },
            ensure_ascii=False,
            indent=2,
        )
        + "\n```\n",
        [("buyer", "", "3", "在吗"), ("agent", "", "3", "在的"), ("", "", "", "unknown_role")],
    ),
    "jddc": (
        (
            "s1abcd\tU1\t0\t0\t0\tnan\t在吗\n"
            's1abcd\tU1\t1\t0\t0\t100\t他说"好\t的\n'
            "s1abcd\tU1\t1\t0\t0\t100\t系统提示：会话将切断\n"
            "s1abcd\tU1\t2\t0\t0\t100\t在\n"
            "s1abcd\tU1\t0\n"
            "s1abcd\tU1\t0\t0"
        ),
        [
            ("buyer", "", "U1", "在吗"),
            ("agent", "", "U1", '他说"好\t的'),
            ("system", "", "U1", "系统提示：会话将切断"),
            ("", "", "", "unknown_role"),
            ("", "", "", "too_few_columns"),
            ("", "", "", "cut_off"),
        ],
    ),
    "jddc_blocks": (
        (
            "<session a_1>\n<context>\nQ:\t在吗!@@@!有货吗\nA:\t在的<sep>NULL<sep>有!@@@!有的\n"
            "Q:\tNULL\n"
            "</context>\n<Q1>好的</Q1>\n</session a_1>\n"
        ),
        [
            ("buyer", "", "", "在吗"),
            ("buyer", "", "", "有货吗"),
            ("agent", "", "", "在的"),
            ("", "", "", "no_text"),
            ("buyer", "", "", "好的"),
        ],
    ),
}
