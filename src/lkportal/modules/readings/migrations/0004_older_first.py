"""A reading that was put right may be let go before the one that put it right."""

from alembic import op

revision = "readings_0004"
down_revision = "readings_0003"


def upgrade() -> None:
    with op.batch_alter_table("readings_readings") as batch:
        batch.drop_constraint(op.f("fk_readings_readings_corrects_id"), type_="foreignkey")
