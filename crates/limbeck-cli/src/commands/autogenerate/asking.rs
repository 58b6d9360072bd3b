//! What the comparison asks while it runs: env.py's own functions, and the server.

use limbeck_db::Connection;
use limbeck_diff::Hooks;
use limbeck_expr::Literal;
use limbeck_ops::HostError;
use std::cell::RefCell;

/// The project's answers, and the server's.
pub struct Asking<'a> {
    pub connection: &'a RefCell<Box<dyn Connection>>,
}

impl Hooks for Asking<'_> {
    fn equal_on_server(&mut self, have: &str, wanted: &str) -> Result<bool, HostError> {
        let sql = format!("SELECT {have} = {wanted}");
        let result = self.connection.borrow_mut().query(&sql, &[]).map_err(|error| HostError {
            statement: Some(sql.clone()),
            ..error.into()
        })?;
        Ok(matches!(result.rows.first().and_then(|row| row.first()), Some(Literal::Bool(true))))
    }
}
