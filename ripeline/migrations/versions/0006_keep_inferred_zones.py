"""Keep the zones that telephone numbers and hours of activity speak for

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from models import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead", sa.Column("inferred_zone", sa.String(), nullable=True))
    op.add_column("lead", sa.Column("inferred_from", sa.String(), nullable=True))
    op.add_column("lead", sa.Column("inferred_percent", columns.Key, nullable=True))
    op.add_column("lead", sa.Column("inferred_at", columns.UtcDateTime(), nullable=True))


def downgrade() -> None:
    for name in ("inferred_at", "inferred_percent", "inferred_from", "inferred_zone"):
        op.drop_column("lead", name)
