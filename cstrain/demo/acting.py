"""Taking part as a trainee would: study, practise, sit an exam, type. Through the services only."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from cstrain.activities.quiz import service as quiz
from cstrain.activities.typing_speed import queries as typing_queries
from cstrain.activities.typing_speed import service as typing
from cstrain.core.pathway import attempts, by_hand, decisions, queries, standing
from cstrain.demo import lessons, receptions
from cstrain.demo.answers import respond
from cstrain.demo.keystrokes import type_passage
from cstrain.kit.db import transaction


@dataclass(slots=True)
class Actor:
    """One trainee at work, with a clock of its own that every deed moves on.

    Attributes:
        person_id: Who.
        rng: Decides everything about this person, so that every run is the same.
        now: The person's clock.
        skill: Share of questions answered right, 0 to 1.
        cpm: Typing speed, characters a minute.
        typing_error_ratio: Share of characters typed wrong.
    """

    person_id: int
    rng: random.Random
    now: datetime
    skill: float = 0.9
    cpm: float = 55.0
    typing_error_ratio: float = 0.01

    def wait(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> None:
        """Let time pass."""
        self.now += timedelta(days=days, hours=hours, minutes=minutes)

    def standing(self) -> standing.Standing:
        """Where the person stands now."""
        standing.forget()
        found = standing.of_person(self.person_id)
        assert found is not None  # noqa: S101 - the demo enrols everybody first
        return found

    def study(self, count: int | None = None) -> None:
        """Read the next lessons of the stage, all of them without a count."""
        found = self.standing()
        todo = [slug for slug in found.stage.learn if found.tally(slug).done_at is None]
        for slug in todo[:count]:
            self.read(slug)

    def read(self, slug: str) -> None:
        """Open every part of a lesson, answer its questions, and let it close."""
        minutes = self.rng.uniform(8, 16)
        with transaction():
            attempt = attempts.start(self.person_id, slug, now=self.now, rng=self.rng)
            self.wait(minutes=minutes)
            lessons.take(attempt, skill=self.skill, rng=self.rng, now=self.now)
            attempts.close(attempt.id, by=self.person_id, now=self.now)
        self.wait(minutes=self.rng.uniform(1, 6))

    def sit(self, slug: str, *, skill: float | None = None) -> None:
        """Take a quiz or an exam and hand it in."""
        share = self.skill if skill is None else skill
        with transaction():
            attempt = attempts.start(self.person_id, slug, now=self.now, rng=self.rng)
            epoch, questions, _marked = quiz.open_page(attempt.id)
            wrong = set(self.rng.sample(range(len(questions)), round(len(questions) * (1 - share))))
            for position, question in enumerate(questions):
                self.wait(minutes=self.rng.uniform(0.25, 0.8))
                raw = respond(question.frozen, right=position not in wrong, rng=self.rng)
                quiz.take_answer(
                    attempt.id,
                    quiz.Delivery(position, raw),
                    epoch=epoch,
                    seq=position + 1,
                    by=self.person_id,
                    now=self.now,
                )
            attempts.close(attempt.id, by=self.person_id, now=self.now)
        self.wait(minutes=self.rng.uniform(3, 10))

    def type(self, slug: str, *, trainer_id: int | None = None, cpm: float | None = None) -> None:
        """Do a typing run; an official one opened by a trainer's code, or unsupervised."""
        with transaction():
            attempt = attempts.start(self.person_id, slug, now=self.now, rng=self.rng)
            run = typing_queries.run_of(attempt.id)
            if trainer_id is not None:
                code = typing.issue_code(attempt.team_id, by=trainer_id, now=self.now)
                typing.supervise(attempt, code, now=self.now)
            typing.begin(attempt.id, now=self.now)
            chunks, value, last_ms, complete = type_passage(
                run.passage,
                cpm=cpm or self.cpm,
                error_ratio=self.typing_error_ratio,
                limit_ms=run.limit_ms,
                rng=self.rng,
            )
            begun = self.now
            for seq, events in enumerate(chunks, start=1):
                self.now = begun + timedelta(milliseconds=events[-1][0])
                typing.take_chunk(attempt.id, seq, events, now=self.now)
            self.now = begun + timedelta(milliseconds=last_ms if complete else run.limit_ms)
            typing.note_finish(
                attempt.id,
                {
                    "seq": len(chunks),
                    "final_value": value,
                    "client_ms": last_ms if complete else run.limit_ms,
                    "finished": complete,
                },
                now=self.now,
            )
            attempts.close(attempt.id, by=self.person_id, now=self.now)
        self.wait(minutes=self.rng.uniform(2, 8))

    def receive(self, slug: str, *, skill: float | None = None) -> None:
        """Serve the simulated customers of a session."""
        with transaction():
            attempt = attempts.start(self.person_id, slug, now=self.now, rng=self.rng)
            share = self.skill if skill is None else skill
            self.now = receptions.serve(attempt, skill=share, rng=self.rng)
            attempts.close(attempt.id, by=self.person_id, now=self.now)
        self.wait(minutes=self.rng.uniform(3, 10))

    def marked(self, by: int, comment: str) -> None:
        """Have the reception that waits marked by a trainer."""
        with transaction():
            receptions.mark(self.person_id, by=by, comment=comment, now=self.now)

    def relearn(self, count: int | None = None) -> None:
        """Do the open steps of the retraining plan."""
        found = self.standing()
        steps = [step for step in queries.plan(found.enrolment_id) if step.done_at is None]
        for step in steps[:count]:
            kind = found.catalogue().activity(step.activity).kind.name
            if kind == "typing_speed":
                self.type(step.activity)
            else:
                self.read(step.activity)

    def signed(self, by: int, reason: str, *, accepted: bool = True) -> None:
        """Have the current stage signed."""
        with transaction():
            enrolment = decisions.locked_enrolment(self.standing().enrolment_id)
            by_hand.sign_off(enrolment, accepted=accepted, reason=reason, by=by, now=self.now)
