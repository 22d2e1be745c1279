"""What a finished review led to at its gate, in words for those who mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cstrain.core.catalogue.catalogue import Catalogue
from cstrain.core.pathway import words
from cstrain.core.pathway.gates import Verdict
from cstrain.core.pathway.standing import pinned
from cstrain.core.pathway.verdicts import decided_on, finding_from_json
from cstrain.core.pathway.words import Line
from cstrain.core.review.models import Review
from cstrain.core.review.subjects import marked_kind
from cstrain.kit.i18n import gettext as _
from cstrain.kit.i18n import pick

_LOOKS = {
    Verdict.PASS: "passed",
    Verdict.REPEAT: "failed",
    Verdict.WAIT: "waiting",
    Verdict.HELP: "needs_you",
    Verdict.OPEN: "in_progress",
}


@dataclass(frozen=True, slots=True)
class Followed:
    """What a gate said of a review.

    Attributes:
        state: As ``state_badge`` names it.
        headline: One sentence.
        lines: Every condition of the gate as it stood then.
        is_passed: Whether nothing is left to do at this gate.
    """

    state: str
    headline: str
    lines: Sequence[Line] = ()
    is_passed: bool = True


def followed(review: Review, catalogue: Catalogue) -> Followed:
    """What a done review led to; where no gate looked at it, that. One statement."""
    row = None
    if review.for_person_id is not None:
        return Followed("passed", _("单独评的一份，只用来对照。"))
    if review.done_at is not None:
        source_kind = "sampled_chat" if marked_kind(review.kind) else "attempt"
        row = decided_on(review.subject_id, review.done_at, source_kind=source_kind)
    if row is None:
        return Followed("passed", _("不算进关卡，成绩已经记下。"))
    verdict = Verdict(row.verdict)
    gate = pick(pinned(row.pathway_digest).stage(row.stage).gate.title)
    sentences = {
        Verdict.PASS: _("“%(gate)s”通过了", gate=gate),
        Verdict.REPEAT: _("“%(gate)s”没有通过，补学以后再考", gate=gate),
        Verdict.WAIT: _("“%(gate)s”还在等确认", gate=gate),
        Verdict.HELP: _("“%(gate)s”次数用完了，等带教决定", gate=gate),
        Verdict.OPEN: _("“%(gate)s”还没有考完", gate=gate),
    }
    # What the learner could do about it is no button for the trainer.
    lines = [
        replace(line, url=None) for line in words.lines(finding_from_json(row.findings), catalogue)
    ]
    return Followed(_LOOKS[verdict], sentences[verdict], lines, verdict is Verdict.PASS)
