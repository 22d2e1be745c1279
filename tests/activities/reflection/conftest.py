from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from cstrain.core.pathway import enrolments
from cstrain.core.people.access import Role
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from cstrain.testing import FakeKind, install, publish
from tests.activities.reflection.reflection_course import COURSE, Desk
from tests.plugins.shop import MakePerson, SignIn


@pytest.fixture
def desk(app: Flask, tmp_path: Path, make_person: MakePerson, sign_in: SignIn) -> Desk:
    """The course, a trainee on the pathway, and the trainee's trainer."""
    install(app, FakeKind())
    publish(app, tmp_path / "content", COURSE)
    trainee, trainer = make_person(), make_person(Role.TRAINER)
    with app.app_context(), transaction():
        enrolments.enrol(trainee.id, trainee.team_id, "three-exams", now=utc_now())
    return Desk(app, trainee, trainer, sign_in(trainee), sign_in(trainer))
