"""What stands for a gate, kept in memory and never stale."""

from __future__ import annotations

from cstrain.core.evidence import ledger
from cstrain.core.evidence.outcome import EvidenceView
from tests.core.pathway.conftest import Way


def evidence(way: Way) -> tuple[EvidenceView, ...]:
    with way.app.test_request_context():
        return way.stand().evidence()


def test_new_evidence_is_seen_at_once_and_known_evidence_is_not_read_again(way: Way) -> None:
    way.enrol()
    assert evidence(way) == ()

    way.learn("1.1")
    first = evidence(way)
    again = evidence(way)
    way.learn("1.2")
    second = evidence(way)

    assert [view.activity for view in first] == ["1.1"]
    assert again is first
    assert [view.activity for view in second] == ["1.1", "1.2"]


def test_what_is_kept_is_what_the_ledger_says(way: Way) -> None:
    way.enrol()
    way.learn("1.1", "1.2")
    way.take("exam", 0.5)

    kept = evidence(way)

    with way.app.app_context():
        standing = way.stand()
        assert kept == ledger.of_enrolment(standing.enrolment_id, standing.cycle)
