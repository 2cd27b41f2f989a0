"""Photos that wait for their reading."""

import sqlalchemy as sa
from alembic import op

revision = "readings_0003"
down_revision = "readings_0002"


def upgrade() -> None:
    with op.batch_alter_table("readings_photos") as batch:
        batch.alter_column(
            "reading_id", existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        )
