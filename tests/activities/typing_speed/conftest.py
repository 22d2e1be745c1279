from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask

from cstrain.config import shipped
from cstrain.core.catalogue import active
from cstrain.core.catalogue.publish import publish_folders
from cstrain.core.pathway.enrolments import enrol
from cstrain.core.people.access import Role
from cstrain.kit.clock import utc_now
from cstrain.kit.db import transaction
from tests.activities.typing_speed.typing_site import PATHWAY, Site
from tests.plugins.shop import MakePerson, SignIn


@pytest.fixture
def site(app: Flask, make_person: MakePerson, sign_in: SignIn, tmp_path: Path) -> Site:
    content = tmp_path / "content"
    shutil.copytree(shipped("content") / "typing", content / "typing")
    (content / "pathways").mkdir()
    (content / "pathways" / "short.yaml").write_text(PATHWAY, "utf-8")
    trainee, trainer = make_person(), make_person(Role.TRAINER, name="周姐")
    with app.app_context():
        with transaction():
            revision, checked = publish_folders(
                active.active().builder, [content], by=None, now=utc_now()
            )
        assert revision is not None, checked.problems
        with transaction():
            enrol(trainee.id, trainee.team_id, "short", now=utc_now())
    return Site(app, trainee, trainer, sign_in(trainee), sign_in(trainer))
