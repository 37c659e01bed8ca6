"""Index by recipient only what was tried: a plan is written sooner

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_message_recipient_accepted", "message")
    tried = sa.text("state != 'scheduled'")
    op.create_index("ix_message_recipient_tried", "message", ["recipient_key", "accepted_at"], sqlite_where=tried, postgresql_where=tried)


def downgrade() -> None:
    op.drop_index("ix_message_recipient_tried", "message")
    op.create_index("ix_message_recipient_accepted", "message", ["recipient_key", "accepted_at"])
