//! Values that are read without the loss of a key.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// JSON value. A key that occurs twice is an error, where `Value` would keep the last one in
/// silence. Keys that YAML reads as numbers, such as `200`, are text.
#[derive(Debug)]
pub(super) struct Checked(pub(super) Value);

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Checked, E> {
        Ok(Checked(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Checked, E> {
        Ok(Checked(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Checked, E> {
        Ok(Checked(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Checked, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom(format_args!("{value} is not a JSON number")))?;
        Ok(Checked(Value::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Checked, E> {
        Ok(Checked(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Checked, E> {
        Ok(Checked(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Checked, E> {
        Ok(Checked(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Checked, D::Error> {
        Checked::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked, A::Error> {
        let mut list = Vec::new();
        while let Some(Checked(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Checked(Value::Array(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Checked, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key_seed(Key)? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!(
                    "the key {key:?} occurs twice in one object"
                )));
            }
            let Checked(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(Checked(Value::Object(map)))
    }
}

struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        match deserializer.deserialize_any(AnyValue)?.0 {
            Value::String(key) => Ok(key),
            Value::Number(number) => Ok(number.to_string()),
            Value::Bool(value) => Ok(value.to_string()),
            other => Err(D::Error::custom(format_args!("{other} is not a key"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Checked;

    #[test]
    fn a_key_that_occurs_twice_is_an_error() {
        let error = yaml_serde::from_str::<Checked>("a: 1\nb: {c: 1, c: 2}\n").unwrap_err();
        assert!(error.to_string().contains("\"c\" occurs twice"), "{error}");
        let error = serde_json::from_str::<Checked>("{\"a\": 1, \"a\": 1}").unwrap_err();
        assert!(error.to_string().contains("\"a\" occurs twice"), "{error}");
    }

    #[test]
    fn keys_that_are_numbers_become_text() {
        let read: Checked = yaml_serde::from_str("200: [1.5, null, -1, 'x', true]\n").unwrap();
        assert_eq!(read.0.to_string(), r#"{"200":[1.5,null,-1,"x",true]}"#);
    }
}
