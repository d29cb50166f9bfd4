"""Alembic's entry point. `ledger.session.migrate` calls it with an open connection: no ini file is needed."""

from alembic import context

from national_kpi.ledger.cycle import AuditEvent

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=AuditEvent.metadata,  # of all tables: those of the cycle use the others
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
