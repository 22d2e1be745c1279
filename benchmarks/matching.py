"""How well the matcher knows right replies: on real agents, opposites, paraphrases, and its speed.

The real replies are three agents' answers to one customer turn (JDDC 2019, development set),
which stay outside the repository: ``CSTRAIN_CHATLOGS`` names the folder, or it lies beside.

- Halves: the first 16 sessions of the file were for tuning, the last 16 are reported.
- A reply is an agent's parts joined; "NULL", emoticons and the platform's own lines say nothing.
- Trivial replies are left out: what is empty, or nothing but greeting, thanks, farewell, plain
  assent or an offer of more help (``courtesy.is_courtesy``).
- Recognised: verdict RIGHT for an agent's reply, the other agents' replies to that turn being the
  references: one of them, or both. Random: every reply of all other sessions of the half.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

from benchmarks.listed_opposites import LISTED, LISTED_BLIND, LISTED_LATER
from benchmarks.opposites import pairs
from benchmarks.paraphrases import PARAPHRASES
from cstrain.activities.live_practice.matching import (
    Fact,
    FactState,
    Verdict,
    fact_of,
    find_fact,
    read_reply,
)
from cstrain.activities.live_practice.matching.courtesy import is_courtesy

#: Goals: recognised at least, random accepted at most, a line's milliseconds at most.
RECOGNISED, RANDOM, LINE_MS = 0.55, 0.01, 5.0
RESAMPLES = 1000
REFERENCE_COUNT, FACT_COUNT = 60, 15

Turn = Sequence[str]
Session = Sequence[Turn]


def report() -> None:
    """Print all figures with their goals."""
    print("Matcher of replies")
    file = chatlog()
    if file is None:
        print("  real replies: skipped, jddc/dev2019_answer.txt is not here (CSTRAIN_CHATLOGS)")
    else:
        sessions = read(file)
        half = len(sessions) // 2
        _real("tuned on", sessions[:half])
        _real("reported", sessions[half:])
    _opposites()
    _paraphrases()
    _speed()


def chatlog() -> Path | None:
    """The file of real replies, where it is."""
    beside = Path(__file__).resolve().parents[1].parent / "shared/data/chatlogs"
    file = Path(os.environ.get("CSTRAIN_CHATLOGS") or beside) / "jddc/dev2019_answer.txt"
    return file if file.is_file() else None


def read(file: Path) -> Sequence[Session]:
    """Sessions of turns of agents' replies, without the trivial ones."""
    sessions: list[list[Turn]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("<session"):
            sessions.append([])
        elif line.strip() and not line.startswith("</session"):
            replies = [_reply(each) for each in line.split("<sep>")]
            sessions[-1].append([each for each in replies if not is_courtesy(each)])
    return sessions


def _reply(parts: str) -> str:
    kept = (each.strip() for each in parts.split("!@@@!"))
    return "\n".join(
        each for each in kept if each and each != "NULL" and not each.startswith("系统提示")
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one session: pairs and how many of them were accepted."""

    right: int
    right_of: int
    random: int
    random_of: int


def _real(title: str, sessions: Sequence[Session]) -> None:
    for count, words in ((1, "one reference"), (2, "two references")):
        tallies = [_tally(sessions, place, count) for place in range(len(sessions))]
        tallies = [each for each in tallies if each.right_of]
        right, random = _rates(tallies)
        rng = Random(count)
        drawn = [_rates(rng.choices(tallies, k=len(tallies))) for _each in range(RESAMPLES)]
        rights, randoms = (sorted(each) for each in zip(*drawn, strict=True))
        low, high = int(RESAMPLES * 0.025), int(RESAMPLES * 0.975) - 1
        total = sum(each.right_of for each in tallies)
        print(
            f"  {title}, {words}: recognised {right:.3f} [{rights[low]:.3f}–{rights[high]:.3f}] "
            f"of {total} (goal ≥ {RECOGNISED}), random accepted {random:.4f} "
            f"[{randoms[low]:.4f}–{randoms[high]:.4f}] (goal ≤ {RANDOM})"
        )


def _rates(tallies: Sequence[Tally]) -> tuple[float, float]:
    return (
        sum(each.right for each in tallies) / sum(each.right_of for each in tallies),
        sum(each.random for each in tallies) / sum(each.random_of for each in tallies),
    )


def _tally(sessions: Sequence[Session], place: int, count: int) -> Tally:
    others = [
        reply
        for number, session in enumerate(sessions)
        if number != place
        for turn in session
        for reply in turn
    ]
    right = right_of = random = random_of = 0
    for turn in sessions[place]:
        for reply, references in _questions(turn, count):
            right_of += 1
            right += _accepts(reply, references)
            random_of += len(others)
            random += sum(_accepts(each, references) for each in others)
    return Tally(right, right_of, random, random_of)


def _questions(turn: Turn, count: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A reply and the references it is held against."""
    for place, reply in enumerate(turn):
        rest = [*turn[:place], *turn[place + 1 :]]
        if count == 1:
            for each in rest:
                yield reply, (each,)
        elif len(rest) == count:
            yield reply, tuple(rest)


def _accepts(reply: str, references: Sequence[str]) -> bool:
    return read_reply(reply, references=references).verdict is Verdict.RIGHT


def _opposites() -> None:
    _opposites_of("generated", [*pairs(Random(2026))])
    lists = (("listed", LISTED), ("listed later", LISTED_LATER), ("listed blind", LISTED_BLIND))
    for title, given in lists:
        _opposites_of(title, [*given, *((kind, other, one) for kind, one, other in given)])


def _opposites_of(title: str, given: Sequence[tuple[str, str, str]]) -> None:
    accepted: dict[str, int] = {}
    for kind, reference, reply in given:
        wrongly = (
            _accepts(reply, (reference,))
            or find_fact(reply, fact_of(reference)).state is FactState.RIGHT
        )
        accepted[kind] = accepted.get(kind, 0) + wrongly
    parts = ", ".join(f"{kind} {count}" for kind, count in accepted.items())
    total = sum(accepted.values())
    print(f"  opposites {title}, accepted: {total} of {len(given)} (goal 0): {parts}")


def _paraphrases() -> None:
    states = [find_fact(reply, fact_of(fact)).state for fact, reply in PARAPHRASES]
    right = states.count(FactState.RIGHT)
    wrong = states.count(FactState.WRONG)
    print(f"  paraphrases of facts: {right} of {len(states)} right, {wrong} taken for wrong")


def _speed() -> None:
    facts, references = _largest()
    lines = [reply for _fact, reply in PARAPHRASES]
    rounds = []
    for number in range(7):
        # A tail keeps the replies new to every cache; the scenario's sentences are not.
        replies = [f"{each}，{chr(0x4E00 + number * 97)}单" for each in lines]
        begun = time.perf_counter()
        for reply in replies:
            read_reply(reply, references=references, facts=facts)
        rounds.append((time.perf_counter() - begun) / len(replies))
    took_s = median(rounds[1:])
    loop_s = bare_s()
    reached = "reached" if took_s * 1000 <= LINE_MS else "MISSED"
    print(
        f"  one line, {REFERENCE_COUNT} references, {FACT_COUNT} facts: {took_s * 1000:.2f} ms "
        f"(goal ≤ {LINE_MS:g} ms: {reached}), {took_s / loop_s:.0f} × a bare loop of 10,000"
    )


def bare_s() -> float:
    """Median seconds of a bare loop of 10,000, a yardstick for what runs in this process."""
    times = []
    for _each in range(9):
        begun = time.perf_counter()
        for _number in range(10_000):
            pass
        times.append(time.perf_counter() - begun)
    return median(times)


def _largest() -> tuple[Sequence[Fact], Sequence[str]]:
    facts = [fact_of(fact) for fact in dict.fromkeys(fact for fact, _reply in PARAPHRASES)]
    references = [f"{reply}，请您{number}" for number, (_f, reply) in enumerate(PARAPHRASES)]
    return facts[:FACT_COUNT], references[:REFERENCE_COUNT]


if __name__ == "__main__":
    report()
