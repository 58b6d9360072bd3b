//! Reading Python values as Rust data.

use super::BridgeError;
use rustpython_vm::builtins::{PyBytes, PyDict, PyFloat, PyInt, PyList, PyStr, PyTuple};
use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine};
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

/// Reads `value` as a `T`.
///
/// # Errors
/// The path to the first part that does not have the shape of the model.
pub(crate) fn from_python<T: DeserializeOwned>(value: &PyObject, vm: &VirtualMachine) -> Result<T, BridgeError> {
    T::deserialize(Reader { value, vm })
}

struct Reader<'a> {
    value: &'a PyObject,
    vm: &'a VirtualMachine,
}

impl<'a> Reader<'a> {
    fn at<'b>(&self, value: &'b PyObject) -> Reader<'b>
    where
        'a: 'b,
    {
        Reader { value, vm: self.vm }
    }

    fn text(value: &PyObject) -> Option<Result<String, BridgeError>> {
        let text = value.downcast_ref::<PyStr>()?;
        Some(match text.to_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(BridgeError::new("the text holds a lone surrogate, which no database can store")),
        })
    }

    /// The items of a list or tuple (any other iterable is refused: order and repeatability matter).
    fn items(&self) -> Option<Vec<PyObjectRef>> {
        if let Some(list) = self.value.downcast_ref::<PyList>() {
            return Some(list.borrow_vec().to_vec());
        }
        self.value.downcast_ref::<PyTuple>().map(|tuple| tuple.as_slice().to_vec())
    }

    fn unexpected(&self, wanted: &str) -> BridgeError {
        BridgeError::new(format!("expected {wanted}, found `{}`", self.value.class().name()))
    }
}

impl<'de> de::Deserializer<'de> for Reader<'_> {
    type Error = BridgeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        let vm = self.vm;
        if vm.is_none(self.value) {
            return visitor.visit_unit();
        }
        if self.value.class().is(vm.ctx.types.bool_type) {
            return visitor.visit_bool(self.value.is(&vm.ctx.true_value));
        }
        if let Some(text) = Self::text(self.value) {
            return visitor.visit_string(text?);
        }
        if let Some(int) = self.value.downcast_ref::<PyInt>() {
            if let Ok(value) = int.try_to_primitive::<i64>(vm) {
                return visitor.visit_i64(value);
            }
            if let Ok(value) = int.try_to_primitive::<u64>(vm) {
                return visitor.visit_u64(value);
            }
            return Err(BridgeError::new("the number does not fit 64 bits"));
        }
        if let Some(float) = self.value.downcast_ref::<PyFloat>() {
            return visitor.visit_f64(float.to_f64());
        }
        if let Some(bytes) = self.value.downcast_ref::<PyBytes>() {
            return visitor.visit_bytes(bytes.as_bytes());
        }
        if let Some(items) = self.items() {
            return visitor.visit_seq(Items { items, next: 0, vm });
        }
        if let Some(dict) = self.value.downcast_ref::<PyDict>() {
            return visitor.visit_map(Entries {
                entries: dict.items_vec().into_iter(),
                value: None,
                vm,
            });
        }
        Err(self.unexpected("plain data"))
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        if let Some(int) = self.value.downcast_ref::<PyInt>() {
            let text = int.to_str_radix_10();
            return match text.parse::<f64>() {
                Ok(value) => visitor.visit_f64(value),
                Err(_) => Err(self.unexpected("a number")),
            };
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        if self.vm.is_none(self.value) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, _variants: &'static [&'static str], visitor: V) -> Result<V::Value, BridgeError> {
        if let Some(tag) = Self::text(self.value) {
            return visitor.visit_enum(Variant {
                tag: tag?,
                payload: None,
                vm: self.vm,
            });
        }
        if let Some(items) = self.items()
            && let [tag, payload] = items.as_slice()
            && let Some(tag) = Self::text(tag)
        {
            return visitor.visit_enum(Variant {
                tag: tag?,
                payload: Some(payload.clone()),
                vm: self.vm,
            });
        }
        if let Some(dict) = self.value.downcast_ref::<PyDict>()
            && let [(tag, payload)] = dict.items_vec().as_slice()
            && let Some(tag) = Self::text(tag)
        {
            return visitor.visit_enum(Variant {
                tag: tag?,
                payload: Some(payload.clone()),
                vm: self.vm,
            });
        }
        Err(self.unexpected(&format!("`(tag, payload)` of {name}")))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BridgeError> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

struct Items<'a> {
    items: Vec<PyObjectRef>,
    next: usize,
    vm: &'a VirtualMachine,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = BridgeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, BridgeError> {
        let at = self.next;
        let Some(value) = self.items.get(at) else {
            return Ok(None);
        };
        self.next += 1;
        seed.deserialize(Reader { value, vm: self.vm })
            .map(Some)
            .map_err(|error| error.inside(format!("[{at}]")))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.next)
    }
}

struct Entries<'a> {
    entries: std::vec::IntoIter<(PyObjectRef, PyObjectRef)>,
    value: Option<(String, PyObjectRef)>,
    vm: &'a VirtualMachine,
}

impl<'de> de::MapAccess<'de> for Entries<'_> {
    type Error = BridgeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, BridgeError> {
        let Some((key, value)) = self.entries.next() else {
            return Ok(None);
        };
        let Some(key) = Reader::text(&key) else {
            return Err(BridgeError::new(format!("expected a text as key, found `{}`", key.class().name())));
        };
        let key = key?;
        self.value = Some((key.clone(), value));
        seed.deserialize(key.into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, BridgeError> {
        let Some((key, value)) = self.value.take() else {
            return Err(BridgeError::new("a value was asked for before its key"));
        };
        seed.deserialize(Reader { value: &value, vm: self.vm }).map_err(|error| error.inside(key))
    }
}

struct Variant<'a> {
    tag: String,
    payload: Option<PyObjectRef>,
    vm: &'a VirtualMachine,
}

impl<'de, 'a> de::EnumAccess<'de> for Variant<'a> {
    type Error = BridgeError;
    type Variant = Payload<'a>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Payload<'a>), BridgeError> {
        let payload = Payload {
            tag: self.tag.clone(),
            payload: self.payload,
            vm: self.vm,
        };
        Ok((seed.deserialize(self.tag.into_deserializer())?, payload))
    }
}

struct Payload<'a> {
    tag: String,
    payload: Option<PyObjectRef>,
    vm: &'a VirtualMachine,
}

impl Payload<'_> {
    fn read<T>(self, read: impl FnOnce(Reader<'_>) -> Result<T, BridgeError>) -> Result<T, BridgeError> {
        let none = self.vm.ctx.none();
        let value = self.payload.as_ref().unwrap_or(&none);
        read(Reader { value, vm: self.vm }.at(value)).map_err(|error| error.inside(self.tag))
    }
}

impl<'de> de::VariantAccess<'de> for Payload<'_> {
    type Error = BridgeError;

    fn unit_variant(self) -> Result<(), BridgeError> {
        match self.payload {
            Some(payload) if !self.vm.is_none(&payload) => Err(BridgeError::new(format!("`{}` takes no payload", self.tag))),
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, BridgeError> {
        self.read(|reader| seed.deserialize(reader))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, BridgeError> {
        self.read(|reader| de::Deserializer::deserialize_any(reader, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value, BridgeError> {
        self.read(|reader| de::Deserializer::deserialize_any(reader, visitor))
    }
}
