"""Tell the variant of a message, and the total with which a lead entered its track

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from models import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("variant", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("entered_total", columns.Key, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_column("entered_total")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_column("variant")
