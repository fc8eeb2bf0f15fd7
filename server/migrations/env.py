"""How Alembic runs the migrations; started by Alembic alone.

Nobody imports this module.
"""

from alembic import context
from sqlmodel import SQLModel

import server.tables  # noqa: F401 - fills the metadata

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
