//! Values of rows, as the Python objects a driver would give.

use limbeck_expr::Literal;
use rustpython_vm::{PyObjectRef, PyResult, VirtualMachine};

/// Makes the Python object of a value. Classes that live in Python modules are imported when the first such value comes.
pub(crate) fn literal_to_python(value: &Literal, vm: &VirtualMachine) -> PyResult {
    let ctx = &vm.ctx;
    Ok(match value {
        Literal::Null => ctx.none(),
        Literal::Bool(value) => ctx.new_bool(*value).into(),
        Literal::Int(value) => ctx.new_int(*value).into(),
        Literal::BigInt(digits) => vm.ctx.types.int_type.as_object_ref(vm).call((digits.as_str(),), vm)?,
        Literal::Float(value) => ctx.new_float(*value).into(),
        Literal::Text(text) => ctx.new_str(text.as_str()).into(),
        Literal::Bytes(digits) => ctx.new_bytes(bytes(digits)).into(),
        Literal::Decimal(digits) => class("decimal", "Decimal", vm)?.call((digits.as_str(),), vm)?,
        Literal::Date(text) => from_iso("date", text, vm)?,
        Literal::Time(text) => from_iso("time", text, vm)?,
        Literal::DateTime(text) => from_iso("datetime", text, vm)?,
        Literal::Interval(days, seconds, microseconds) => class("datetime", "timedelta", vm)?.call((*days, *seconds, *microseconds), vm)?,
        Literal::Uuid(text) => class("uuid", "UUID", vm)?.call((text.as_str(),), vm)?,
        Literal::Json(text) => class("json", "loads", vm)?.call((text.as_str(),), vm)?,
        Literal::Array(items) => {
            let items = items.iter().map(|item| literal_to_python(item, vm)).collect::<PyResult<Vec<_>>>()?;
            ctx.new_list(items).into()
        }
    })
}

trait AsObjectRef {
    fn as_object_ref(&self, vm: &VirtualMachine) -> PyObjectRef;
}

impl AsObjectRef for &'static rustpython_vm::Py<rustpython_vm::builtins::PyType> {
    fn as_object_ref(&self, _vm: &VirtualMachine) -> PyObjectRef {
        (*self).to_owned().into()
    }
}

fn class(module: &'static str, name: &'static str, vm: &VirtualMachine) -> PyResult {
    vm.import(module, 0)?.get_attr(name, vm)
}

fn from_iso(name: &'static str, text: &str, vm: &VirtualMachine) -> PyResult {
    let class = class("datetime", name, vm)?;
    vm.call_method(&class, "fromisoformat", (text,))
}

/// The bytes of hexadecimal digits; the host writes them itself, so that anything else ends the value.
fn bytes(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks_exact(2)
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
