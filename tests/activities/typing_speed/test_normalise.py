import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.activities.typing_speed.normalise import WidthPolicy, is_han, normalise


@given(st.text(), st.sampled_from(WidthPolicy), st.booleans())
def test_normalising_again_changes_nothing(text: str, policy: WidthPolicy, trim: bool) -> None:
    once = normalise(text, policy, trim=trim)

    again = normalise(once.text, policy, trim=trim)

    assert again.text == once.text


@given(st.text(), st.sampled_from(WidthPolicy))
def test_every_character_knows_where_it_comes_from(text: str, policy: WidthPolicy) -> None:
    found = normalise(text, policy)

    assert len(found.text) == len(found.shown) == len(found.sources)
    assert list(found.sources) == sorted(found.sources)
    assert all(0 <= source < len(text) for source in found.sources)


@pytest.mark.parametrize("text", ["①", "…", "℃", "㎏", "￥", "。", "、", "《》"])
def test_no_compatibility_folding(text: str) -> None:
    assert normalise(text).text == text


@pytest.mark.parametrize(
    ("text", "lenient", "strict"),
    [
        ("亲，您好！", "亲,您好!", "亲，您好！"),
        ("“好”，（１００％）", '"好",(100%)', "“好”，（１００％）"),
        ("SKU 是 多少", "SKU是多少", "SKU 是 多少"),
        ("a  b\u3000c\u00a0", "a b c", "a b c"),
        ("一\r\n二\u200b\ufeff", "一二", "一二"),
        ("hello world", "hello world", "hello world"),
    ],
)
def test_policies(text: str, lenient: str, strict: str) -> None:
    assert normalise(text, WidthPolicy.LENIENT).text == lenient
    assert normalise(text, WidthPolicy.STRICT).text == strict


def test_shown_keeps_the_width_as_written() -> None:
    found = normalise("亲， 您好！")

    assert found.text == "亲,您好!"
    assert found.shown == "亲，您好！"
    assert found.sources == (0, 1, 3, 4, 5)


def test_spaces_at_the_ends_can_be_kept() -> None:
    assert normalise("hello ", trim=False).text == "hello "


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert normalise("cafe\u0301").text == normalise("caf\u00e9").text


@pytest.mark.parametrize(
    ("char", "han"), [("字", True), ("。", False), ("あ", False), ("a", False)]
)
def test_han(char: str, han: bool) -> None:
    assert is_han(char) is han
