"""Phrases of courtesy, which say nothing about the matter."""

import re
from functools import lru_cache
from typing import Final

_CODES: Final = re.compile(r"#E-[a-z]\d+|系统提示[：:][^\n]*", re.IGNORECASE)
_MORE: Final = (  # may I do anything else for you
    r"(?:请问|您看|那|看|好的){0,4}[^，,。！!\n？?]{0,12}?(?:还有|有|需要)"
    r"(?:其他|其它|别的|什么|问题|疑问|可以|还|这边|我|需要|的){1,8}[^，,。！!\n]{0,12}?"
    r"(?:帮|为您|需要|问题|疑问|咨询|了解|效劳|处理|需求)[^，,。！!\n？?]{0,12}?(?:吗|么|呢|嘛|哦|哈|$|？|\?)"
)
_FAREWELL: Final = (
    r"[^。！!\n，,]{0,20}?(?:感谢|谢谢)(?:您|亲)?[^。！!\n]*|[^，,。！!\n]{0,10}祝您?[^。！\n]*|再见|拜拜"
    r"|[^。\n，,]{0,20}(?:评价|好评)[^\n]{0,60}(?:满意|谢谢|感谢|支持)[^\n]*"
    r"|[^。\n]{0,60}(?:相遇|光临|尽管吩咐|为您效劳)[^\n]*"
)
_WELCOME: Final = (
    r"不客气|不用(?:客气|谢)|您?(?:太|真)?客气[了的哈呢]*|(?:都)?是?(?:这边|我们?)?应该(?:做)?的"
)
_GREETING: Final = r"您好|你好|亲爱的|[^，。\n]{0,30}很高兴为您服务[^\n]*|在的|小主|^亲"
_ASSENT: Final = (
    r"(?:^|(?<=[，,。\s！!]))(?:好的|好|嗯+|恩+|是的|是|哦|额|对|对的|收到|这样|了解)+"
    r"(?=[，,。\s呢哦哈~！!你]|$)"
)
_COURTESY: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (_MORE, _FAREWELL, _WELCOME, _GREETING, _ASSENT)
)
_PADDING: Final = re.compile(r"[亲哦呢哈呀啦哟噢喔嘛哒~～。，！!？?、,.\s的了吧…]")


@lru_cache(maxsize=4096)
def without_courtesy(text: str) -> str:
    """The text without greetings, thanks, offers of more help and plain assent."""
    text = _CODES.sub(" ", text)
    for pattern in _COURTESY:
        text = pattern.sub("，", text)
    return text


def is_courtesy(text: str) -> bool:
    """Whether a reply is nothing but courtesy: nothing is left without it."""
    return not _PADDING.sub("", without_courtesy(text))
