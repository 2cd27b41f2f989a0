"""An index of the work that failed for good: the desk counts it on its first page."""

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"


def upgrade() -> None:
    dead = sa.text("state = 'dead'")
    op.create_index("ix_core_jobs_dead", "core_jobs", ["finished_at"], sqlite_where=dead, postgresql_where=dead)
