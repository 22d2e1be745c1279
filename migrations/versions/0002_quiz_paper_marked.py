"""Marked questions are kept with the paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("quiz_paper", schema=None) as batch_op:
        batch_op.add_column(sa.Column("marked", json, nullable=False, server_default="[]"))
    with op.batch_alter_table("quiz_paper", schema=None) as batch_op:
        batch_op.alter_column("marked", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("quiz_paper", schema=None) as batch_op:
        batch_op.drop_column("marked")
