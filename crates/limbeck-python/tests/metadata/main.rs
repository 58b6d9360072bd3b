//! The wanted schema of model files against what real SQLAlchemy and Alembic made of the same files (`record.py`), and env.py's functions.

mod alike;
mod hooks;
mod missing;
mod models;
mod refusals;
mod support;
