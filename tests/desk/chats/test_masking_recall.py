"""How much of what is personal is hidden, and that nothing else is."""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from cstrain.desk.chats.masking import mask, mask_conversation
from cstrain.desk.chats.masking.views import plain
from cstrain.desk.chats.message import Role, SourceMessage
from tests.desk.chats.made_personal import Given, identities, phones

LABELLED = Path(__file__).with_name("masking_labelled.jsonl")
CHATLOGS = Path(__file__).parents[3].parent / "shared" / "data" / "chatlogs"
#: So many digits of a number in a row tell of it.
TELLING_DIGITS = 6
PLACEHOLDER = re.compile(r"\[[\u4e00-\u9fff]{1,8}x?\]")
_DIGITS = str.maketrans("零〇○一幺二三四五六七八九壹贰叁肆伍陆柒捌玖oO", "000112345678912345678900")


def masked(texts: Sequence[str]) -> list[str]:
    """The masked texts of messages that one speaker writes one after the other."""
    messages = [SourceMessage(line, Role.BUYER, text) for line, text in enumerate(texts, 1)]
    return [each.text for each in mask_conversation(messages)]


def tells(texts: Iterable[str], value: str) -> bool:
    """Whether masked texts still tell a value, or enough of its digits in a row."""
    joined = "".join(texts)
    digits = re.sub(r"\D", "", plain(joined).translate(_DIGITS))
    number = re.sub(r"\D", "", plain(value).translate(_DIGITS))
    if len(number) < TELLING_DIGITS:
        return value in joined
    starts = range(len(number) - TELLING_DIGITS + 1)
    return any(number[start : start + TELLING_DIGITS] in digits for start in starts)


def report(found: dict[str, Counter[bool]]) -> None:
    for what, counts in sorted(found.items()):
        sys.stdout.write(f"{what}: {counts[True]} of {counts.total()}\n")


@pytest.mark.parametrize("given_of", [phones, identities])
def test_numbers_are_hidden_in_all_forms_in_which_people_give_them(
    given_of: Callable[[random.Random, int], Iterator[Given]],
) -> None:
    made: list[Given] = list(given_of(random.Random(20261123), 60))

    found: dict[str, Counter[bool]] = defaultdict(Counter)
    for given in made:
        found[given.form][not tells(masked(given.texts), given.number)] += 1

    report(found)
    worst = {form: counts for form, counts in found.items() if counts[True] < 0.9 * counts.total()}
    assert not worst
    assert sum(counts[True] for counts in found.values()) >= 0.98 * len(made)


@pytest.mark.skipif(not LABELLED.is_file(), reason="the labelled lines are not there")
def test_labelled_lines_by_another_hand() -> None:
    found: dict[str, Counter[bool]] = defaultdict(Counter)
    lost, false = [], []

    for line in LABELLED.read_text("utf-8").splitlines():
        labelled = json.loads(line)
        shown = masked(labelled["text"])
        for what, value in labelled.get("hidden", ()):
            is_hidden = not tells(shown, value)
            found[what][is_hidden] += 1
            if not is_hidden:
                lost.append((what, labelled["text"], shown))
        false += [
            (kept, labelled["text"], shown)
            for kept in labelled.get("kept", ())
            if kept not in "\n".join(shown)
        ]

    report(found)
    sys.stdout.write("\n".join(map(str, [*lost, *false])) + "\n")
    assert not false
    for what in ("phone", "id_card"):
        assert found[what][True] >= 0.98 * found[what].total() > 0


def real_texts() -> list[str]:
    texts = []
    for name, column in (("jddc/chat_sample.tsv", 6), ("jddc/dev2019_answer.txt", 0)):
        lines = (CHATLOGS / name).read_text("utf-8").splitlines()
        texts += [line.split("\t", column)[-1] for line in lines]
    for line in (CHATLOGS / "ecd/ECD_sample_test.tsv").read_text("utf-8").splitlines():
        texts += [each.replace(" ", "") for each in line.split("\t")[1:]]
    answer = json.loads((CHATLOGS / "jd_dongdong_api/chatlog_get_redacted.json").read_text("utf-8"))
    page = answer["jingdong_im_pop_chatlog_get_responce"]["ChatLogPage"]
    return list(dict.fromkeys([*texts, *(each["content"] for each in page["chatLogList"])]))


@pytest.mark.skipif(not CHATLOGS.is_dir(), reason="the real chat logs are not there")
def test_real_chats_keep_their_placeholders_and_product_numbers() -> None:
    texts = real_texts()
    hidden: Counter[str] = Counter()

    for text in texts:
        shown = mask(text)
        hidden.update(shown.counts)
        assert PLACEHOLDER.findall(shown.text) == PLACEHOLDER.findall(text)
        for number in re.findall(r"(?:商品ID：|jd\.com/)(\d{8,})", text):
            assert number in shown.text
        assert mask(shown.text).text == shown.text

    sys.stdout.write(f"{dict(hidden)} in {len(texts)} texts\n")
    assert hidden.total() < len(texts) / 500, "they were masked already"
