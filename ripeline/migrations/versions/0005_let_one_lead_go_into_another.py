"""Let one lead go into another

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"  # as models.columns.Key; SQLite adds a reference only in this one statement
    op.execute(f"ALTER TABLE lead ADD COLUMN merged_into {kind} REFERENCES lead (id)")


def downgrade() -> None:
    op.execute("ALTER TABLE lead DROP COLUMN merged_into")
