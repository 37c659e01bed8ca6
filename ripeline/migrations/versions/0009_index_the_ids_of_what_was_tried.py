"""Index the Message-IDs only of what was tried: they come from the unique ids of messages, so no plan needs a look for its equal

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NAMED = {"uq": "%(table_name)s_%(column_0_name)s_key"}
"""PostgreSQL names a unique constraint so; on SQLite it has none, and is found by this one."""

TRIED = sa.text("state != 'scheduled'")


def upgrade() -> None:
    with op.batch_alter_table("message", naming_convention=NAMED) as message:
        message.drop_constraint("message_mail_id_key", type_="unique")
    op.create_index("uq_message_mail_id_tried", "message", ["mail_id"], unique=True, sqlite_where=TRIED, postgresql_where=TRIED)


def downgrade() -> None:
    op.drop_index("uq_message_mail_id_tried", "message")
    with op.batch_alter_table("message") as message:
        message.create_unique_constraint("message_mail_id_key", ["mail_id"])
