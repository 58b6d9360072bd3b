//! Evaluates the Python expressions that headers and templates are made of.
//!
//! It knows texts, numbers, lists and their everyday operations; the rest is an [`EvalError`], and the caller decides who
//! else could know.

use indexmap::IndexMap;
use rustpython_ruff_python_ast::{BoolOp, CmpOp, ConversionFlag, Expr, ExprCall, FStringPart, InterpolatedStringElement, Number, Operator, UnaryOp};
use thiserror::Error;

use crate::methods;
use crate::percent::{self, Argument};
use crate::value::Value;

/// The names an expression can see.
pub type Names = IndexMap<String, Value>;

/// A text longer than this, made by repetition, is a mistake.
const MAX_REPEATED: usize = 100_000;

/// Why an expression has no value here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvalError {
    /// The expression is Python, but more than this evaluator knows.
    #[error("{0} is not supported here")]
    Unsupported(String),
    /// Python itself would refuse it.
    #[error("{0}")]
    Failed(String),
}

pub(crate) fn unsupported(what: impl Into<String>) -> EvalError {
    EvalError::Unsupported(what.into())
}

pub(crate) fn failed(what: impl Into<String>) -> EvalError {
    EvalError::Failed(what.into())
}

/// What only the surroundings know. Every method may decline, and by default does.
pub trait Host {
    /// Returns the value of a call of something that is not Python's own: `comma(x)`, `config.get_main_option("x")`.
    ///
    /// # Errors
    /// When the call is known and fails.
    fn call(&self, _callee: &str, _arguments: &[Value], _names: &Names) -> Result<Option<Value>, EvalError> {
        Ok(None)
    }

    /// Returns the value of a name that is not bound.
    fn unbound(&self, _name: &str) -> Option<Value> {
        None
    }

    /// Says whether there are names that only [`Host::expression`] can see.
    fn hides_names(&self) -> bool {
        false
    }

    /// Evaluates an expression that is more than this crate knows, for instance in a Python engine.
    fn expression(&self, _source: &str, _names: &Names) -> Option<Result<Value, String>> {
        None
    }

    /// Runs statements that are more than this crate knows; they may bind names.
    fn statements(&self, _source: &str, _names: &mut Names) -> Option<Result<(), String>> {
        None
    }
}

/// A host that knows nothing: pure Python only.
pub struct NoHost;

impl Host for NoHost {}

/// Returns the value of an expression.
///
/// # Errors
/// When Python would refuse it, or it is more than this evaluator knows.
pub fn evaluate(expression: &Expr, names: &Names, host: &dyn Host) -> Result<Value, EvalError> {
    Evaluator { names, host }.value(expression)
}

/// Applies a binary operator.
///
/// # Errors
/// When the operator does not go with the values.
pub fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, EvalError> {
    use Value::{Int, List, Str, Tuple};
    let number = |value: Option<i64>| value.map(Int).ok_or_else(|| failed("number too large"));
    match (operator, left, right) {
        (Operator::Add, Str(a), Str(b)) => Ok(Str(format!("{a}{b}"))),
        (Operator::Add, Tuple(a), Tuple(b)) => Ok(Tuple([a.as_slice(), b].concat())),
        (Operator::Add, List(a), List(b)) => Ok(List([a.as_slice(), b].concat())),
        (Operator::Add, Int(a), Int(b)) => number(a.checked_add(*b)),
        (Operator::Sub, Int(a), Int(b)) => number(a.checked_sub(*b)),
        (Operator::Mult, Int(a), Int(b)) => number(a.checked_mul(*b)),
        (Operator::Mult, Str(text), Int(times)) | (Operator::Mult, Int(times), Str(text)) => {
            let times = usize::try_from(*times).unwrap_or(0);
            if text.len().saturating_mul(times) > MAX_REPEATED {
                return Err(failed("text too long"));
            }
            Ok(Str(text.repeat(times)))
        }
        (Operator::Mod, Str(template), value) => percent_format(template, value),
        _ => Err(unsupported(format!("`{}` between these values", operator.as_str()))),
    }
}

/// Python's `template % value`.
fn percent_format(template: &str, value: &Value) -> Result<Value, EvalError> {
    let argument = |value: &Value| match value {
        Value::Int(number) => Argument::Number(*number),
        other => Argument::Text(other.to_string()),
    };
    if let Value::Dict(items) = value {
        return percent::format(template, |name| items.get(name).map(argument))
            .map(Value::Str)
            .map_err(|error| failed(error.to_string()));
    }
    let single = std::slice::from_ref(value);
    let values = match value {
        Value::Tuple(items) => items.as_slice(),
        _ => single,
    };
    // Unnamed conversions become named by position; `percent` does the rest.
    let mut named = String::new();
    let mut count = 0usize;
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        named.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            named.push('%');
            rest = after;
        } else {
            named.push_str(&format!("({count})"));
            count += 1;
        }
    }
    named.push_str(rest);
    if count != values.len() {
        return Err(failed("wrong number of arguments for format string"));
    }
    percent::format(&named, |name| {
        let index: usize = name.parse().ok()?;
        values.get(index).map(argument)
    })
    .map(Value::Str)
    .map_err(|error| failed(error.to_string()))
}

struct Evaluator<'a> {
    names: &'a Names,
    host: &'a dyn Host,
}

impl Evaluator<'_> {
    fn value(&self, expression: &Expr) -> Result<Value, EvalError> {
        match expression {
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::BooleanLiteral(literal) => Ok(Value::Bool(literal.value)),
            Expr::StringLiteral(literal) => Ok(literal.value.to_str().into()),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => number.as_i64().map(Value::Int).ok_or_else(|| unsupported("so large a number")),
                _ => Err(unsupported("a number with a fraction")),
            },
            Expr::Name(name) => self.name(name.id.as_str()),
            Expr::Tuple(tuple) => Ok(Value::Tuple(self.values(&tuple.elts)?)),
            Expr::List(list) => Ok(Value::List(self.values(&list.elts)?)),
            Expr::Set(set) => Ok(Value::Set(self.values(&set.elts)?)),
            Expr::Dict(dict) => self.dict(dict),
            Expr::FString(text) => self.f_string(text),
            Expr::BinOp(operation) => binary(operation.op, &self.value(&operation.left)?, &self.value(&operation.right)?),
            Expr::UnaryOp(operation) => self.unary(operation.op, &operation.operand),
            Expr::BoolOp(operation) => {
                let stop_at = operation.op == BoolOp::Or;
                let mut last = Value::None;
                for operand in &operation.values {
                    last = self.value(operand)?;
                    if last.truthy() == stop_at {
                        break;
                    }
                }
                Ok(last)
            }
            Expr::Compare(comparison) => {
                let mut left = self.value(&comparison.left)?;
                for (operator, right) in comparison.ops.iter().zip(&comparison.comparators) {
                    let right = self.value(right)?;
                    if !compare(*operator, &left, &right)? {
                        return Ok(Value::Bool(false));
                    }
                    left = right;
                }
                Ok(Value::Bool(true))
            }
            Expr::If(choice) => {
                if self.value(&choice.test)?.truthy() {
                    self.value(&choice.body)
                } else {
                    self.value(&choice.orelse)
                }
            }
            Expr::Attribute(attribute) => {
                let value = self.value(&attribute.value)?;
                methods::attribute(&value, attribute.attr.as_str())
            }
            Expr::Subscript(subscript) => {
                let value = self.value(&subscript.value)?;
                self.subscript(&value, &subscript.slice)
            }
            Expr::Call(call) => self.call(call),
            Expr::ListComp(comprehension) => self.comprehension(&comprehension.elt, &comprehension.generators).map(Value::List),
            Expr::Generator(comprehension) => self.comprehension(&comprehension.elt, &comprehension.generators).map(Value::List),
            _ => Err(unsupported("such an expression")),
        }
    }

    fn name(&self, name: &str) -> Result<Value, EvalError> {
        self.names
            .get(name)
            .cloned()
            .or_else(|| self.host.unbound(name))
            .ok_or_else(|| unsupported(format!("the name `{name}`")))
    }

    fn values(&self, expressions: &[Expr]) -> Result<Vec<Value>, EvalError> {
        let mut values = Vec::with_capacity(expressions.len());
        for expression in expressions {
            if let Expr::Starred(starred) = expression {
                values.extend(methods::iterate(&self.value(&starred.value)?)?);
            } else {
                values.push(self.value(expression)?);
            }
        }
        Ok(values)
    }

    fn dict(&self, dict: &rustpython_ruff_python_ast::ExprDict) -> Result<Value, EvalError> {
        let mut items = IndexMap::new();
        for item in &dict.items {
            let Some(Ok(Value::Str(key))) = item.key.as_ref().map(|key| self.value(key)) else {
                return Err(unsupported("a dict key that is no text"));
            };
            items.insert(key, self.value(&item.value)?);
        }
        Ok(Value::Dict(items))
    }

    fn f_string(&self, text: &rustpython_ruff_python_ast::ExprFString) -> Result<Value, EvalError> {
        let mut out = String::new();
        for part in text.value.iter() {
            match part {
                FStringPart::Literal(literal) => out.push_str(&literal.value),
                FStringPart::FString(part) => {
                    for element in part.elements.iter() {
                        match element {
                            InterpolatedStringElement::Literal(literal) => {
                                out.push_str(&literal.value);
                            }
                            InterpolatedStringElement::Interpolation(inner) => {
                                if inner.format_spec.is_some() || inner.debug_text.is_some() {
                                    return Err(unsupported("a format in an f-string"));
                                }
                                let value = self.value(&inner.expression)?;
                                match inner.conversion {
                                    ConversionFlag::Repr => out.push_str(&value.repr()),
                                    ConversionFlag::None | ConversionFlag::Str => {
                                        out.push_str(&value.to_string());
                                    }
                                    ConversionFlag::Ascii => {
                                        return Err(unsupported("`!a` in an f-string"));
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        Ok(Value::Str(out))
    }

    fn unary(&self, operator: UnaryOp, operand: &Expr) -> Result<Value, EvalError> {
        match (operator, self.value(operand)?) {
            (UnaryOp::Not, value) => Ok(Value::Bool(!value.truthy())),
            (UnaryOp::USub, Value::Int(number)) => number.checked_neg().map(Value::Int).ok_or_else(|| failed("number too large")),
            _ => Err(unsupported("this operator")),
        }
    }

    fn subscript(&self, value: &Value, index: &Expr) -> Result<Value, EvalError> {
        if let Expr::Slice(slice) = index {
            if slice.step.is_some() {
                return Err(unsupported("a slice with a step"));
            }
            let bound = |expression: &Option<Box<Expr>>| match expression {
                None => Ok(None),
                Some(expression) => match self.value(expression)? {
                    Value::Int(number) => Ok(Some(number)),
                    Value::None => Ok(None),
                    _ => Err(failed("slice indices must be integers")),
                },
            };
            return methods::slice(value, bound(&slice.lower)?, bound(&slice.upper)?);
        }
        methods::item(value, &self.value(index)?)
    }

    fn call(&self, call: &ExprCall) -> Result<Value, EvalError> {
        if !call.arguments.keywords.is_empty() {
            return Err(unsupported("a keyword argument"));
        }
        let arguments = self.values(&call.arguments.args)?;
        if let Some(name) = dotted(&call.func)
            && let Some(value) = self.host.call(&name, &arguments, self.names)?
        {
            return Ok(value);
        }
        match &*call.func {
            Expr::Name(name) if !self.names.contains_key(name.id.as_str()) => methods::builtin(name.id.as_str(), &arguments),
            Expr::Attribute(attribute) => {
                let value = self.value(&attribute.value)?;
                methods::method(&value, attribute.attr.as_str(), &arguments)
            }
            _ => Err(unsupported("such a call")),
        }
    }

    fn comprehension(&self, element: &Expr, generators: &[rustpython_ruff_python_ast::Comprehension]) -> Result<Vec<Value>, EvalError> {
        let [generator] = generators else {
            return Err(unsupported("a comprehension over several loops"));
        };
        let Expr::Name(target) = &generator.target else {
            return Err(unsupported("unpacking in a comprehension"));
        };
        let mut names = self.names.clone();
        let mut out = Vec::new();
        for item in methods::iterate(&self.value(&generator.iter)?)? {
            names.insert(target.id.to_string(), item);
            let inner = Evaluator {
                names: &names,
                host: self.host,
            };
            let mut wanted = true;
            for condition in &generator.ifs {
                wanted = wanted && inner.value(condition)?.truthy();
            }
            if wanted {
                out.push(inner.value(element)?);
            }
        }
        Ok(out)
    }
}

/// Returns `a.b.c` for such an expression.
fn dotted(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr)),
        _ => None,
    }
}

fn compare(operator: CmpOp, left: &Value, right: &Value) -> Result<bool, EvalError> {
    let ordering = || match (left, right) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Ok(a.cmp(b)),
        _ => Err(unsupported("this comparison")),
    };
    let contains = || match (left, right) {
        (Value::Str(part), Value::Str(whole)) => Ok(whole.contains(part.as_str())),
        (Value::Str(key), Value::Dict(items)) => Ok(items.contains_key(key)),
        (item, container) => Ok(methods::iterate(container)?.contains(item)),
    };
    Ok(match operator {
        CmpOp::Eq => left == right,
        CmpOp::NotEq => left != right,
        CmpOp::Is => left == right,
        CmpOp::IsNot => left != right,
        CmpOp::Lt => ordering()?.is_lt(),
        CmpOp::LtE => ordering()?.is_le(),
        CmpOp::Gt => ordering()?.is_gt(),
        CmpOp::GtE => ordering()?.is_ge(),
        CmpOp::In => contains()?,
        CmpOp::NotIn => !contains()?,
    })
}
