import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstrain.core.items.text import normalise, same, visible


@pytest.mark.parametrize(
    ("given_text", "accepted"),
    [
        ("千牛。", "千牛"),
        (" 千 牛 ", "千牛"),
        ("ＳＫＵ１２３", "sku123"),
        ("SKU 表", "sku表"),
        ("满 199 减 20", "满199减20"),
        ("在吗？！", "在吗"),
        ("您好，亲", "您好, 亲"),
        ("“先问”", '"先问"'),
        ("16：00", "16:00"),
        ("e\u0301", "é"),
        ("千\u200b牛", "千牛"),
        ("a  b\tc", "A B C"),
    ],
)
def test_texts_that_differ_in_form_are_the_same(given_text: str, accepted: str) -> None:
    assert same(given_text, accepted)


@pytest.mark.parametrize(
    ("given_text", "accepted"),
    [("①", "1"), ("℃", "°C"), ("客户", "顧客"), ("ab", "a b"), ("1.5", "15"), ("", "千牛")],
)
def test_texts_that_differ_in_substance_are_not_the_same(given_text: str, accepted: str) -> None:
    assert not same(given_text, accepted)


@given(st.text())
def test_normalise_is_idempotent(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(alphabet=st.characters(codec=None)))
def test_visible_text_can_be_stored(text: str) -> None:
    shown = visible(text)

    assert shown.encode() is not None
    assert shown.isprintable()
