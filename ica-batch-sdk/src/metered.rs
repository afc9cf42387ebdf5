//! Deserialization that counts the memory of its result.
//!
//! Three bytes of JSON, such as `{},`, become an element of hundreds of bytes. So the size of a
//! response does not limit the memory of what it is decoded into. The wrapper around a deserializer
//! counts the memory of each array and of each entry of a map. It fails when the sum exceeds the
//! budget.
//!
//! An array counts as the `Vec` that it becomes: with its spare capacity, and while it grows with
//! its old memory and its new one. The characters of texts are not counted, because they take no
//! more memory than in the response.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// Capacity of a `Vec` with its first element. That of a large element is 1.
const MIN_CAPACITY: usize = 4;

/// Memory of an allocation of a few bytes, such as a short text.
const ALLOCATION: usize = 32;

/// Memory of a map, as a multiple of its entries: nodes are at least half full.
const MAP_FACTOR: usize = 2;

/// Size of the key of an entry up to which the entry is a field of a struct, and its value was
/// counted as a part of the struct. A larger key is itself a part of a map.
const FIELD_NAME: usize = 8;

/// Memory that a deserialization may use.
pub(crate) struct Budget {
    /// Negative once it is exceeded.
    left: Cell<i64>,
}

impl Budget {
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            left: Cell::new(bytes.try_into().unwrap_or(i64::MAX)),
        }
    }

    /// Returns whether a deserialization used more than this budget.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.left.get() < 0
    }

    #[inline]
    fn charge<E: Error>(&self, bytes: usize) -> Result<(), E> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let left = self.left.get().saturating_sub(bytes);
        self.left.set(left);
        if left < 0 { Err(exceeded()) } else { Ok(()) }
    }

    /// Charges the growth of a `Vec` to twice this capacity, and returns the new capacity. While
    /// it grows, the old memory is in use, too.
    fn grow<E: Error>(&self, capacity: usize, element: usize) -> Result<usize, E> {
        let added = if capacity == 0 { MIN_CAPACITY } else { capacity };
        let old = element.saturating_mul(capacity);
        self.charge(element.saturating_mul(added).saturating_add(old))?;
        self.left.set(self.left.get().saturating_add(old as i64));
        Ok(capacity.saturating_add(added))
    }
}

/// Returns the memory of an element. One of the size of a text is taken for a text, which has an
/// allocation of its own.
const fn memory_of<T>() -> usize {
    let size = size_of::<T>();
    if size == size_of::<String>() {
        size + ALLOCATION
    } else {
        size
    }
}

#[cold]
fn exceeded<E: Error>() -> E {
    E::custom("the decoded value takes more memory than allowed")
}

/// Deserializes a value within the budget.
pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    inner: D,
    budget: &Budget,
) -> Result<T, D::Error> {
    T::deserialize(Metered { inner, budget })
}

/// A deserializer, visitor, seed or access whose elements are counted.
struct Metered<'b, T> {
    inner: T,
    budget: &'b Budget,
}

/// Forwards methods of a deserializer whose visitor gets no element.
macro_rules! forward {
    ($($method:ident)+) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
                self.inner.$method(visitor)
            }
        )+
    };
}

/// Forwards methods of a deserializer with a visitor that counts.
macro_rules! forward_metered {
    ($($method:ident($($argument:ident: $type:ty),*))+) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
                let Self { inner, budget } = self;
                inner.$method($($argument,)* Metered { inner: visitor, budget })
            }
        )+
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Metered<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_bool deserialize_char deserialize_unit deserialize_identifier deserialize_ignored_any
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
        deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf
    }

    forward_metered! {
        deserialize_any()
        deserialize_option()
        deserialize_seq()
        deserialize_map()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Forwards the values of a visitor that are not counted.
macro_rules! forward_values {
    ($($method:ident($type:ty))+) => {
        $(
            #[inline]
            fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
                self.inner.$method(value)
            }
        )+
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Metered<'_, V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(formatter)
    }

    forward_values! {
        visit_bool(bool) visit_char(char)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
        visit_f32(f32) visit_f64(f64)
        visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    #[inline]
    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    #[inline]
    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let budget = self.budget;
        self.inner.visit_some(Metered { inner, budget })
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let budget = self.budget;
        self.inner.visit_newtype_struct(Metered { inner, budget })
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let budget = self.budget;
        self.inner.visit_seq(MeteredSeq {
            elements: Metered { inner, budget },
            count: 0,
            capacity: 0,
        })
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let budget = self.budget;
        self.inner.visit_map(MeteredMap {
            entries: Metered { inner, budget },
            is_struct: true,
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        let budget = self.budget;
        self.inner.visit_enum(Metered { inner, budget })
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Metered<'_, T> {
    type Value = T::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<T::Value, D::Error> {
        let budget = self.budget;
        self.inner.deserialize(Metered { inner, budget })
    }
}

/// Elements of an array.
struct MeteredSeq<'b, A> {
    elements: Metered<'b, A>,
    count: usize,
    /// Capacity of a `Vec` with these elements.
    capacity: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for MeteredSeq<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let Metered { inner, budget } = &mut self.elements;
        let element = inner.next_element_seed(Metered { inner: seed, budget })?;
        if element.is_some() {
            if self.count == self.capacity {
                self.capacity = budget.grow(self.capacity, memory_of::<T::Value>())?;
            }
            self.count += 1;
        }
        Ok(element)
    }

    fn size_hint(&self) -> Option<usize> {
        self.elements.inner.size_hint()
    }
}

/// Entries of a map, or fields of a struct.
struct MeteredMap<'b, A> {
    entries: Metered<'b, A>,
    /// Whether the last key was the name of a field.
    is_struct: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for MeteredMap<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.is_struct = size_of::<K::Value>() <= FIELD_NAME;
        let Metered { inner, budget } = &mut self.entries;
        if self.is_struct {
            return inner.next_key_seed(seed);
        }
        budget.charge(memory_of::<K::Value>() * MAP_FACTOR)?;
        inner.next_key_seed(Metered { inner: seed, budget })
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let Metered { inner, budget } = &mut self.entries;
        if !self.is_struct {
            budget.charge(memory_of::<S::Value>() * MAP_FACTOR)?;
        }
        inner.next_value_seed(Metered { inner: seed, budget })
    }

    fn size_hint(&self) -> Option<usize> {
        self.entries.inner.size_hint()
    }
}

impl<'b, 'de, A: EnumAccess<'de>> EnumAccess<'de> for Metered<'b, A> {
    type Error = A::Error;
    type Variant = Metered<'b, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let Self { inner, budget } = self;
        let (value, inner) = inner.variant_seed(seed)?;
        Ok((value, Metered { inner, budget }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Metered<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        let Self { inner, budget } = self;
        inner.newtype_variant_seed(Metered { inner: seed, budget })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let Self { inner, budget } = self;
        inner.tuple_variant(len, Metered { inner: visitor, budget })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let Self { inner, budget } = self;
        inner.struct_variant(fields, Metered { inner: visitor, budget })
    }
}
