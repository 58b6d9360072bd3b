//! Writing Rust data as Python values.

use super::BridgeError;
use rustpython_vm::builtins::PyDictRef;
use rustpython_vm::{PyObjectRef, VirtualMachine};
use serde::ser::{self, Serialize};

/// Writes `value` as Python data.
///
/// # Errors
/// Only for map keys that are not text.
pub(crate) fn to_python<T: Serialize + ?Sized>(value: &T, vm: &VirtualMachine) -> Result<PyObjectRef, BridgeError> {
    value.serialize(Writer { vm })
}

#[derive(Clone, Copy)]
struct Writer<'a> {
    vm: &'a VirtualMachine,
}

impl Writer<'_> {
    fn text(self, text: &str) -> PyObjectRef {
        self.vm.ctx.new_str(text).into()
    }

    fn tagged(self, tag: &str, payload: PyObjectRef) -> PyObjectRef {
        self.vm.ctx.new_tuple(vec![self.text(tag), payload]).into()
    }
}

/// A sequence or map under construction; `tag` is set for enum variants.
struct Parts<'a> {
    writer: Writer<'a>,
    tag: Option<&'static str>,
    items: Vec<PyObjectRef>,
    tuple: bool,
}

struct Fields<'a> {
    writer: Writer<'a>,
    tag: Option<&'static str>,
    dict: PyDictRef,
    key: Option<String>,
}

impl<'a> Writer<'a> {
    fn parts(self, tag: Option<&'static str>, tuple: bool) -> Parts<'a> {
        Parts {
            writer: self,
            tag,
            items: Vec::new(),
            tuple,
        }
    }

    fn fields(self, tag: Option<&'static str>) -> Fields<'a> {
        Fields {
            writer: self,
            tag,
            dict: self.vm.ctx.new_dict(),
            key: None,
        }
    }
}

impl Parts<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        self.items.push(value.serialize(self.writer)?);
        Ok(())
    }

    fn done(self) -> Result<PyObjectRef, BridgeError> {
        let ctx = &self.writer.vm.ctx;
        let value: PyObjectRef = if self.tuple {
            ctx.new_tuple(self.items).into()
        } else {
            ctx.new_list(self.items).into()
        };
        Ok(match self.tag {
            Some(tag) => self.writer.tagged(tag, value),
            None => value,
        })
    }
}

impl Fields<'_> {
    fn put<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), BridgeError> {
        let value = value.serialize(self.writer).map_err(|error| error.inside(key))?;
        self.dict
            .set_item(key, value, self.writer.vm)
            .map_err(|_| BridgeError::new("a text could not be used as key").inside(key))
    }

    fn done(self) -> Result<PyObjectRef, BridgeError> {
        let value = self.dict.into();
        Ok(match self.tag {
            Some(tag) => self.writer.tagged(tag, value),
            None => value,
        })
    }
}

macro_rules! write_integers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<PyObjectRef, BridgeError> {
            Ok(self.vm.ctx.new_int(value).into())
        })*
    };
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = PyObjectRef;
    type Error = BridgeError;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    write_integers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, value: bool) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.new_bool(value).into())
    }

    fn serialize_f32(self, value: f32) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.new_float(f64::from(value)).into())
    }

    fn serialize_f64(self, value: f64) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.new_float(value).into())
    }

    fn serialize_char(self, value: char) -> Result<PyObjectRef, BridgeError> {
        Ok(self.text(value.encode_utf8(&mut [0; 4])))
    }

    fn serialize_str(self, value: &str) -> Result<PyObjectRef, BridgeError> {
        Ok(self.text(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.new_bytes(value.to_vec()).into())
    }

    fn serialize_none(self) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.none())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<PyObjectRef, BridgeError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.none())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<PyObjectRef, BridgeError> {
        Ok(self.vm.ctx.none())
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, tag: &'static str) -> Result<PyObjectRef, BridgeError> {
        Ok(self.text(tag))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<PyObjectRef, BridgeError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        tag: &'static str,
        value: &T,
    ) -> Result<PyObjectRef, BridgeError> {
        let payload = value.serialize(self).map_err(|error| error.inside(tag))?;
        Ok(self.tagged(tag, payload))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Parts<'a>, BridgeError> {
        Ok(self.parts(None, false))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Parts<'a>, BridgeError> {
        Ok(self.parts(None, true))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Parts<'a>, BridgeError> {
        Ok(self.parts(None, true))
    }

    fn serialize_tuple_variant(self, _name: &'static str, _index: u32, tag: &'static str, _len: usize) -> Result<Parts<'a>, BridgeError> {
        Ok(self.parts(Some(tag), true))
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Fields<'a>, BridgeError> {
        Ok(self.fields(None))
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Fields<'a>, BridgeError> {
        Ok(self.fields(None))
    }

    fn serialize_struct_variant(self, _name: &'static str, _index: u32, tag: &'static str, _len: usize) -> Result<Fields<'a>, BridgeError> {
        Ok(self.fields(Some(tag)))
    }
}

macro_rules! write_parts {
    ($($trait:ident :: $method:ident),*) => {
        $(impl ser::$trait for Parts<'_> {
            type Ok = PyObjectRef;
            type Error = BridgeError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
                self.push(value)
            }

            fn end(self) -> Result<PyObjectRef, BridgeError> {
                self.done()
            }
        })*
    };
}

write_parts!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! write_fields {
    ($($trait:ident),*) => {
        $(impl ser::$trait for Fields<'_> {
            type Ok = PyObjectRef;
            type Error = BridgeError;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), BridgeError> {
                self.put(key, value)
            }

            fn end(self) -> Result<PyObjectRef, BridgeError> {
                self.done()
            }
        })*
    };
}

write_fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Fields<'_> {
    type Ok = PyObjectRef;
    type Error = BridgeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), BridgeError> {
        let key = key.serialize(self.writer)?;
        let text = key
            .downcast_ref::<rustpython_vm::builtins::PyStr>()
            .and_then(|text| text.to_str().map(str::to_owned));
        self.key = Some(text.ok_or_else(|| BridgeError::new("a map key is not text"))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), BridgeError> {
        let key = self.key.take().unwrap_or_default();
        self.put(&key, value)
    }

    fn end(self) -> Result<PyObjectRef, BridgeError> {
        self.done()
    }
}
