"""What stands on a certificate, in Chinese and English, for the page and the PDF alike."""

from __future__ import annotations

import contextvars
import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from cstrain.core.certification.queries import CertificateView
from cstrain.core.certification.status import both
from cstrain.kit import i18n
from cstrain.kit.i18n import gettext as _

#: What people may read out: two groups of five.
_GROUP = 5


@dataclass(frozen=True, slots=True)
class Twice:
    """One text in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        """Both on one line; once where they are the same."""
        return self.zh if self.en in {"", self.zh} else f"{self.zh}  {self.en}"


@dataclass(frozen=True, slots=True)
class Paper:
    """The texts of a certificate.

    Attributes:
        statement: What the holder has done; stands under the name.
        facts: (heading, text) pairs at the foot.
        verify_url: Where the QR code leads.
    """

    title: Twice
    intro: Twice
    name: str
    employee: Twice
    statement: Twice
    facts: tuple[tuple[Twice, Twice], ...]
    verify: Twice
    verify_url: str
    number: str

    @property
    def key(self) -> str:
        """A name for exactly these texts."""
        text = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def texts(self) -> list[str]:
        """Everything that must be printable."""
        pairs = [self.title, self.intro, self.employee, self.statement, self.verify]
        pairs += [each for fact in self.facts for each in fact]
        inside = [text for pair in pairs for text in (pair.zh, pair.en)]
        return [self.name, self.verify_url, *inside]


def paper_of(found: CertificateView, verify_url: str) -> Paper:
    """The texts of a certificate, whatever language is spoken now."""
    queues = [both(queue) for queue in found.queues]
    pathway = both(found.pathway_title)
    return Paper(
        title=Twice(*both(found.title)),
        intro=_twice(lambda: _("兹证明")),
        name=found.name,
        employee=_twice(lambda: _("工号 %(no)s", no=found.employee_no)),
        statement=Twice(
            _in("zh", lambda: _statement(pathway[0], [zh for zh, _en in queues])),
            _in("en", lambda: _statement(pathway[1], [en for _zh, en in queues])),
        ),
        facts=(
            (_twice(lambda: _("发证店铺")), Twice(found.team_name, "")),
            (_twice(lambda: _("证书编号")), Twice(grouped(found.number), "")),
            (_twice(lambda: _("发证日期")), _twice(lambda: i18n.day(found.valid_from_on))),
            (_twice(lambda: _("有效期至")), _twice(lambda: i18n.day(found.valid_until_on))),
        ),
        verify=_twice(lambda: _("扫码核验")),
        verify_url=verify_url,
        number=found.number,
    )


def grouped(number: str) -> str:
    """A number in groups, as it is read out: ``7K2QD 9F0MX``."""
    return " ".join(number[at : at + _GROUP] for at in range(0, len(number), _GROUP))


def _statement(pathway: str, queues: list[str]) -> str:
    if not queues:
        return _("修完“%(pathway)s”，各关考核全部通过，可以上岗独立接待。", pathway=pathway)
    return _(
        "修完“%(pathway)s”，各关考核全部通过，可以上岗独立接待：%(queues)s。",
        pathway=pathway,
        queues=_("、").join(queues),
    )


def _twice(words: Callable[[], str]) -> Twice:
    return Twice(_in("zh", words), _in("en", words))


def _in(language: str, words: Callable[[], str]) -> str:
    """What ``words`` says in a language; the reader's own stays as it is."""

    def spoken() -> str:
        i18n.speak(language)
        return words()

    return contextvars.copy_context().run(spoken)
