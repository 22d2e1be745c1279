"""Commands about draws; they stand in the group ``cstrain chats``."""

from __future__ import annotations

import sys

import click

from cstrain.desk.quality import queries, words
from cstrain.kit.i18n import gettext as _


@click.command(name="verify-draw")
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
def verify_draw(*, number: int) -> None:
    """Do draw NUMBER again from what is kept of it, and say whether it comes out the same.

    It ends with status 1 where it does not. The conversations themselves are not needed.

    \b
    Example:
      cstrain chats verify-draw 12
    """  # noqa: D301 - click reads the \b
    differences = queries.verified(number)
    for each in differences:
        click.echo(words.DIFFERENCES[each], err=True)
    if differences:
        sys.exit(1)
    record, _plan = queries.record_of(number)
    click.echo(
        _(
            "第 %(n)s 次抽样对得上：%(window)s，按存下的种子重抽，%(count)s 条一条不差。",
            n=number,
            window=record.window.replace("/", "–"),
            count=len(record.drawn),
        )
    )
    click.echo(_("密钥的哈希：%(hash)s", hash=record.commitment))
    click.echo(_("抽样框的哈希：%(hash)s", hash=record.frame_digest))
