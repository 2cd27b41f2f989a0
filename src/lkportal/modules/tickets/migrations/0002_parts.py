"""a request may be about a part of a thing: a line of a bill"""

import sqlalchemy as sa
from alembic import op

revision = "tickets_0002"
down_revision = "tickets_0001"


def upgrade() -> None:
    with op.batch_alter_table("tickets_tickets", schema=None) as batch_op:
        batch_op.alter_column("about_id", existing_type=sa.String(16), type_=sa.String(40), existing_nullable=False)
