"""How many chats of each agent a draw was made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counts = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("sample_draw") as batch_op:
        batch_op.add_column(sa.Column("agent_counts", counts, nullable=False, server_default="{}"))
    with op.batch_alter_table("sample_draw") as batch_op:
        batch_op.alter_column("agent_counts", server_default=None)


def downgrade() -> None:
    op.drop_column("sample_draw", "agent_counts")
