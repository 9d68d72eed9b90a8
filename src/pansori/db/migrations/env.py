"""Alembic's entry. The connection, with its transaction and lock, comes from `pansori.db.upgrade`."""

from alembic import context

from pansori.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters tables by copying them
    compare_type=True,
)
context.run_migrations()
