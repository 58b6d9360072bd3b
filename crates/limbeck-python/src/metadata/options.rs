//! The options of `context.configure(...)` that autogenerate follows.

use serde::{Deserialize, Serialize};

/// An option that is a truth value or a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// `False`.
    #[default]
    Off,
    /// `True`.
    On,
    /// A function, asked through [`crate::Engine::call_hooks`].
    Function,
}

impl Switch {
    /// Whether the thing is compared at all.
    pub fn is_on(self) -> bool {
        self != Switch::Off
    }
}

/// Each field is the option of the same name, defaults filled in; a `bool` for a function says that there is one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // Alembic's names
pub struct AutogenerateOptions {
    pub compare_type: Switch,
    pub compare_server_default: Switch,
    pub include_schemas: bool,
    pub include_object: bool,
    pub include_name: bool,
    pub render_item: bool,
    pub process_revision_directives: bool,
    pub render_as_batch: bool,
    pub user_module_prefix: Option<String>,
    pub sqlalchemy_module_prefix: String,
    pub alembic_module_prefix: String,
    /// `autogenerate_plugins=`, as given.
    pub plugins: Option<Vec<String>>,
    pub upgrade_token: String,
    pub downgrade_token: String,
    pub version_table: String,
    pub version_table_schema: Option<String>,
    /// What `@comparators.dispatch_for(...)` of the project is for, as far as such functions are not asked.
    pub own_comparators: Vec<String>,
    /// Whether the project, or a package that it imports, compares more than tables: `@comparators.dispatch_for("schema")`.
    pub compares_schemas: bool,
    /// Whether enum types are made by operations of their own, and never by the tables that use them (`alembic_postgresql_enum`).
    pub enums_apart: bool,
    /// `template_args=`, plain values only.
    pub template_args: serde_json::Map<String, serde_json::Value>,
}

impl Default for AutogenerateOptions {
    fn default() -> Self {
        AutogenerateOptions {
            compare_type: Switch::On,
            compare_server_default: Switch::Off,
            include_schemas: false,
            include_object: false,
            include_name: false,
            render_item: false,
            process_revision_directives: false,
            render_as_batch: false,
            user_module_prefix: None,
            sqlalchemy_module_prefix: "sa.".to_owned(),
            alembic_module_prefix: "op.".to_owned(),
            plugins: None,
            upgrade_token: "upgrades".to_owned(),
            downgrade_token: "downgrades".to_owned(),
            version_table: "alembic_version".to_owned(),
            version_table_schema: None,
            own_comparators: Vec::new(),
            compares_schemas: false,
            enums_apart: false,
            template_args: serde_json::Map::new(),
        }
    }
}

impl AutogenerateOptions {
    /// Whether comparing asks functions of env.py.
    pub fn has_hooks(&self) -> bool {
        self.include_object
            || self.include_name
            || self.render_item
            || self.process_revision_directives
            || self.compares_schemas
            || self.compare_type == Switch::Function
            || self.compare_server_default == Switch::Function
    }
}
