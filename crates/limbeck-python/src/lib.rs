//! The Python engine: sandboxed VM, module loader, and the alembic and sqlalchemy vocabulary.
