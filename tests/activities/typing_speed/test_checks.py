import random
from typing import Any

import pytest

from cstrain.activities.typing_speed import checks
from cstrain.activities.typing_speed.checks import (
    Circumstances,
    FlagCode,
    Language,
    Severity,
    Verdict,
    inspect,
    scored_ms,
    verdict,
)
from cstrain.activities.typing_speed.eventlog import Event, gap_digest, parse, replay, rhythm
from cstrain.activities.typing_speed.scoring import Fixing, score

PASSAGE = "亲，您好！退货的运费由我们承担，您在订单页面点申请退货就可以，快递员会上门来取。" * 8


def honest_log(chars: int, seed: int = 1) -> list[list[Any]]:
    """A person who types one character after another, with a hand's rhythm."""
    rng = random.Random(seed)
    log: list[list[Any]] = []
    at = 0
    for index in range(chars):
        log.append([at, "k", "KeyN"])
        log.append([at + 1, "s"])
        for _ in range(2):
            at += rng.randint(90, 260)
            log.append([at, "k", "KeyI"])
        at += rng.randint(90, 260)
        log += [[at, "k", "Space"], [at + 1, "c", PASSAGE[index]]]
        log.append([at + 1, "e", index, 0, PASSAGE[index], "ime"])
        at += rng.randint(90, 400)
    return log


def flags_of(
    log: list[list[Any]], elapsed_ms: int | None = None, **changes: object
) -> dict[FlagCode, Severity]:
    events = parse(log)
    field = replay(events)
    elapsed_ms = elapsed_ms or max(events[-1].at_ms, 1)
    beat = rhythm(events, elapsed_ms)
    fixing = Fixing(field.fixed_count, field.fixes_count, beat.keydown_count)
    found = score(PASSAGE, field.text, elapsed_ms=elapsed_ms, finished=False, fixing=fixing)
    given: dict[str, Any] = {
        "official": True,
        "limit_ms": None,
        "finished": False,
        "final_value": field.text,
        "replayed": field.text,
    }
    flags = inspect(events, found, beat, Circumstances(**{**given, **changes}))
    return {flag.code: flag.severity for flag in flags}


def test_an_honest_run_has_no_flag() -> None:
    assert flags_of(honest_log(120)) == {}


def test_a_value_written_past_the_events_is_rejected() -> None:
    assert flags_of(honest_log(120), final_value="别的")[FlagCode.REPLAY_DIFFERS] is Severity.REJECT


def test_a_field_that_never_came_is_no_difference() -> None:
    assert flags_of(honest_log(120), final_value=None) == {}


def test_a_log_played_again_is_rejected() -> None:
    log = honest_log(120)
    digest = gap_digest(parse(log))

    assert flags_of(log, earlier_digests={digest})[FlagCode.LOG_REPEATED] is Severity.REJECT


def test_much_better_than_ever_asks_for_a_retest() -> None:
    assert FlagCode.ABOVE_OWN_BEST in flags_of(honest_log(120), own_best_net_cpm=45.0)
    assert FlagCode.ABOVE_OWN_BEST not in flags_of(honest_log(120), own_best_net_cpm=80.0)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"missing_chunk_count": 1}, FlagCode.CHUNK_MISSING),
        ({"late_event_count": 2}, FlagCode.LATE_EVENTS),
    ],
)
def test_a_broken_delivery_is_invalid(change: dict[str, int], code: FlagCode) -> None:
    assert flags_of(honest_log(120), **change)[code] is Severity.INVALID


def test_time_that_runs_backwards_is_invalid() -> None:
    log = honest_log(120)
    log[50][0] = 3

    assert flags_of(log)[FlagCode.TIME_BACKWARDS] is Severity.INVALID


def test_a_short_run_is_not_recorded() -> None:
    assert flags_of(honest_log(20))[FlagCode.TOO_LITTLE] is Severity.INVALID


def test_idling_and_an_empty_end_ask_for_a_look() -> None:
    log = honest_log(120)
    elapsed_ms = log[-1][0] * 2

    found = flags_of(log, elapsed_ms=elapsed_ms, limit_ms=elapsed_ms)

    assert {FlagCode.IDLE, FlagCode.TAIL_EMPTY} <= set(found)


def test_an_early_finish_has_no_empty_end() -> None:
    log = honest_log(120)
    elapsed_ms = log[-1][0] + 6000

    found = flags_of(log, elapsed_ms=elapsed_ms, limit_ms=300_000, finished=True)

    assert FlagCode.TAIL_EMPTY not in found


def away(times: int) -> tuple[Event, ...]:
    return parse(
        [[at * 10_000 + gap, kind] for at in range(times) for gap, kind in ((0, "b"), (3500, "f"))]
    )


@pytest.mark.parametrize(
    ("times", "severity"), [(1, Severity.REVIEW), (2, Severity.REVIEW), (3, Severity.INVALID)]
)
def test_leaving_the_page(times: int, severity: Severity) -> None:
    flag = checks.left_page(away(times), 60_000, official=True)

    assert flag is not None
    assert flag.severity is severity
    assert checks.left_page(away(times), 60_000, official=False) is None


@pytest.mark.parametrize(
    ("chars", "why", "keys", "severity"),
    [
        (7, "insertText", 0, None),
        (8, "insertText", 0, Severity.REVIEW),
        (8, "ime", 0, None),
        (29, "ime", 0, None),
        (30, "ime", 0, Severity.REJECT),
        (30, "insertText", 1, Severity.REJECT),
        (30, "ime", 2, None),
    ],
)
def test_bulk_insert(chars: int, why: str, keys: int, severity: Severity | None) -> None:
    log: list[list[Any]] = [[at, "k", "KeyA"] for at in range(keys)]

    flag = checks.bulk_insert(parse([*log, [9, "e", 0, 0, "字" * chars, why]]))

    assert (flag and flag.severity) == severity


@pytest.mark.parametrize(
    ("official", "severity"), [(True, Severity.REVIEW), (False, Severity.NOTE)]
)
def test_a_paste_that_was_tried(official: bool, severity: Severity) -> None:
    flag = checks.blocked_input(parse([[0, "x", "paste"]]), official=official)

    assert flag is not None
    assert flag.severity is severity


@pytest.mark.parametrize(
    ("keys", "severity"),
    [(80, None), (79, Severity.REVIEW), (30, Severity.REVIEW), (29, Severity.REJECT)],
)
def test_too_few_keys_for_chinese(keys: int, severity: Severity | None) -> None:
    flag = checks.kspc_low(keys, 100)

    assert (flag and flag.severity) == severity
    assert checks.kspc_low(keys, 100, Language.EN) is None
    assert checks.kspc_low(keys, 0) is None


def test_text_out_of_nowhere() -> None:
    spoken = parse([[at * 2000, "e", at, 0, "好", "insertText"] for at in range(5)])
    typed = parse(
        [
            [0, "k", "KeyH"],
            [1, "s"],
            [4000, "c", "好"],
            [4000, "e", 0, 0, "好", "ime"],
        ]
    )

    flag = checks.text_without_keys(spoken)

    assert flag is not None
    assert flag.severity is Severity.REJECT
    assert checks.text_without_keys(typed) is None


@pytest.mark.parametrize(
    ("net", "language", "severity"),
    [
        (200, Language.ZH, None),
        (201, Language.ZH, Severity.REVIEW),
        (321, Language.ZH, Severity.REJECT),
        (1250, Language.EN, None),
        (1251, Language.EN, Severity.REVIEW),
        (1751, Language.EN, Severity.REJECT),
    ],
)
def test_speeds_of_contests(net: float, language: Language, severity: Severity | None) -> None:
    flag = checks.speed_implausible(net, language)

    assert (flag and flag.severity) == severity


def keys_every(gap_ms: int, count: int) -> tuple[Event, ...]:
    return parse([[at * gap_ms, "k", "KeyA"] for at in range(count)])


def test_keys_of_a_program() -> None:
    assert checks.keys_too_fast(keys_every(39, 60)) is not None
    assert checks.keys_too_fast(keys_every(40, 60)) is None
    assert checks.keys_too_fast(keys_every(39, 50)) is None
    assert checks.keys_too_even(keys_every(120, 101)) is not None
    assert checks.keys_too_even(keys_every(120, 100)) is None


@pytest.mark.parametrize(
    ("client_ms", "server_ms", "expected_ms", "flagged"),
    [
        (300_000, 306_000, 300_000, False),
        (300_000, 307_000, 307_000, True),
        (60_000, 62_000, 60_000, False),
        (60_000, 62_001, 62_001, True),
    ],
)
def test_clock_allowance(client_ms: int, server_ms: int, expected_ms: int, flagged: bool) -> None:
    duration_ms, flag = scored_ms(client_ms, server_ms)

    assert duration_ms == expected_ms
    assert (flag is not None) is flagged


def test_the_worst_flag_decides() -> None:
    note = checks.Flag(FlagCode.BLOCKED_INPUT, Severity.NOTE)
    review = checks.Flag(FlagCode.IDLE, Severity.REVIEW)
    invalid = checks.Flag(FlagCode.LATE_EVENTS, Severity.INVALID)

    assert verdict([]) is Verdict.VALID
    assert verdict([note]) is Verdict.VALID
    assert verdict([review, note]) is Verdict.REVIEW
    assert verdict([review, invalid]) is Verdict.INVALID


@pytest.mark.parametrize(
    ("passage", "language"), [(PASSAGE, Language.ZH), ("the quick brown fox", Language.EN)]
)
def test_language(passage: str, language: Language) -> None:
    assert checks.language_of(passage) is language
