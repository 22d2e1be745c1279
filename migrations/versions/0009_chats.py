"""Real chats: files, accounts, conversations, messages, what was refused; chains; the index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.create_table(
        "chain_link",
        sa.Column("id", number, nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("number", number, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("row_count", number, nullable=False),
        sa.Column("roll", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_link")),
        sa.UniqueConstraint("chain", "number", name=op.f("uq_chain_link_chain_number")),
    )
    op.create_table(
        "chat_message",
        sa.Column("id", number, nullable=False),
        sa.Column("import_id", number, nullable=False),
        sa.Column("conversation_id", number, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("at_ms", number, nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", number, nullable=True),
        sa.Column("auto_reason", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("erased_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_message")),
    )
    with op.batch_alter_table("chat_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_chat_message_conversation", ["conversation_id", "ordinal"], unique=False
        )
        batch_op.create_index("uq_chat_message_key", ["key"], unique=True)
    op.create_table(
        "chat_account",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person_id", number, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_chat_account_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_chat_account_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_account")),
        sa.UniqueConstraint(
            "team_id",
            "platform",
            "shop",
            "name",
            name=op.f("uq_chat_account_team_id_platform_shop_name"),
        ),
    )
    with op.batch_alter_table("chat_account", schema=None) as batch_op:
        batch_op.create_index("ix_chat_account_person", ["person_id"], unique=False)
    op.create_table(
        "chat_import",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("total_bytes", number, nullable=False),
        sa.Column("settings", json, nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_cancelled", sa.Boolean(), nullable=False),
        sa.Column("counts", json, nullable=False),
        sa.Column("conversations_done", number, nullable=False),
        sa.Column("refused_done", number, nullable=False),
        sa.Column("stored_count", number, nullable=False),
        sa.Column("roll", sa.LargeBinary(), nullable=False),
        sa.Column("link_number", sa.Integer(), nullable=True),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", number, nullable=True),
        sa.Column("by_person_id", number, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_chat_import_by_person_id_person")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_chat_import_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_import")),
    )
    with op.batch_alter_table("chat_import", schema=None) as batch_op:
        batch_op.create_index("ix_chat_import_digest", ["team_id", "digest"], unique=False)
        batch_op.create_index("ix_chat_import_team", ["team_id", "id"], unique=False)
    op.create_table(
        "chat_conversation",
        sa.Column("id", number, nullable=False),
        sa.Column("team_id", number, nullable=False),
        sa.Column("account_id", number, nullable=False),
        sa.Column("import_id", number, nullable=False),
        sa.Column("buyer_key", sa.LargeBinary(), nullable=True),
        sa.Column("buyer_nick", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("buyer_count", sa.Integer(), nullable=False),
        sa.Column("agent_count", sa.Integer(), nullable=False),
        sa.Column("bot_count", sa.Integer(), nullable=False),
        sa.Column("auto_count", sa.Integer(), nullable=False),
        sa.Column("account_count", sa.Integer(), nullable=False),
        sa.Column("round_count", sa.Integer(), nullable=False),
        sa.Column("answered_count", sa.Integer(), nullable=False),
        sa.Column("late_count", sa.Integer(), nullable=False),
        sa.Column("response_s", sa.Double(), nullable=False),
        sa.Column("first_response_s", sa.Double(), nullable=True),
        sa.Column("first_response_auto_s", sa.Double(), nullable=True),
        sa.Column("is_unanswered", sa.Boolean(), nullable=False),
        sa.Column("has_forbidden", sa.Boolean(), nullable=False),
        sa.Column("has_refund", sa.Boolean(), nullable=False),
        sa.Column("has_complaint", sa.Boolean(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["chat_account.id"],
            name=op.f("fk_chat_conversation_account_id_chat_account"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["chat_import.id"],
            name=op.f("fk_chat_conversation_import_id_chat_import"),
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_chat_conversation_team_id_team")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_conversation")),
    )
    with op.batch_alter_table("chat_conversation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_chat_conversation_account_day", ["account_id", "day"], unique=False
        )
        batch_op.create_index("ix_chat_conversation_buyer", ["team_id", "buyer_key"], unique=False)
        batch_op.create_index(
            "ix_chat_conversation_has_complaint",
            ["team_id", "day"],
            unique=False,
            sqlite_where=sa.text("has_complaint"),
            postgresql_where=sa.text("has_complaint"),
        )
        batch_op.create_index(
            "ix_chat_conversation_has_forbidden",
            ["team_id", "day"],
            unique=False,
            sqlite_where=sa.text("has_forbidden"),
            postgresql_where=sa.text("has_forbidden"),
        )
        batch_op.create_index(
            "ix_chat_conversation_has_refund",
            ["team_id", "day"],
            unique=False,
            sqlite_where=sa.text("has_refund"),
            postgresql_where=sa.text("has_refund"),
        )
        batch_op.create_index(
            "ix_chat_conversation_is_unanswered",
            ["team_id", "day"],
            unique=False,
            sqlite_where=sa.text("is_unanswered"),
            postgresql_where=sa.text("is_unanswered"),
        )
        batch_op.create_index(
            "ix_chat_conversation_rating",
            ["team_id", "rating"],
            unique=False,
            sqlite_where=sa.text("rating IS NOT NULL"),
            postgresql_where=sa.text("rating IS NOT NULL"),
        )
        batch_op.create_index("ix_chat_conversation_team_day", ["team_id", "day"], unique=False)
    op.create_table(
        "chat_refused",
        sa.Column("id", number, nullable=False),
        sa.Column("import_id", number, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", json, nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["chat_import.id"], name=op.f("fk_chat_refused_import_id_chat_import")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_refused")),
    )
    with op.batch_alter_table("chat_refused", schema=None) as batch_op:
        batch_op.create_index("ix_chat_refused_import", ["import_id", "id"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE chat_search USING fts5(tokens, content='', columnsize=0, "
            "tokenize='ascii')"
        )
        # Each batch of an import ends a piece of the index: fewer mergings of pieces.
        op.execute("INSERT INTO chat_search(chat_search, rank) VALUES ('automerge', 8)")
    else:
        op.execute(
            # Tokens lie in the rows as they are: packed and put aside, each look at a phrase would
            # unpack them, and PostgreSQL would take the table for so small that it reads all.
            "CREATE TABLE chat_search (owner_id bigint NOT NULL, piece integer NOT NULL, "
            "tokens tsvector NOT NULL, PRIMARY KEY (owner_id, piece)) "
            "WITH (toast_tuple_target = 8160)"
        )
        op.execute("CREATE INDEX ix_chat_search_tokens ON chat_search USING gin (tokens)")


def downgrade() -> None:
    op.execute("DROP TABLE chat_search")
    op.drop_table("chat_refused")
    op.drop_table("chat_conversation")
    op.drop_table("chat_import")
    op.drop_table("chat_account")
    op.drop_table("chat_message")
    op.drop_table("chain_link")
