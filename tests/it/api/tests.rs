//! The outline of a made-up crate: what it shows, and what it leaves out.

use super::outline::Outline;
use crate::source::{Crate, expand, exports};

fn outline(texts: &[(&str, &str)]) -> Outline {
    let texts = texts
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let mut sources = Crate::parse("toy", &texts.collect());
    expand(&mut sources);
    Outline::of(&sources, &exports(&sources))
}

#[test]
fn an_item_shows_with_its_methods_traits_features_and_macros() {
    let outline = outline(&[
        (
            "lib.rs",
            "mod inner;
             #[cfg(feature = \"more\")]
             mod more;
             mod macros;
             pub mod open;
             pub use inner::{Shape, Thing};
             #[cfg(feature = \"more\")]
             pub use more::Extra;",
        ),
        (
            "inner.rs",
            "use std::time::Duration;
             use crate::macros::{setters, shape};
             #[derive(Debug, Clone)] #[must_use]
             pub struct Thing<T> { pub id: u32, hidden: T }
             impl<T: Copy> Thing<T> {
                 setters!();
                 pub fn wait(mut self, time: std::time::Duration) -> Option<crate::inner::Shape> { todo(self) }
                 pub(crate) fn private(&self) {}
             }
             impl<T> IntoFuture for Thing<T> { type Output = Duration; fn into_future(self) {} }
             impl<T> Secret for Thing<T> {}
             trait Secret {}
             shape! { pub enum Shape { Round = 1, Square = 2 } }",
        ),
        (
            "macros.rs",
            "macro_rules! setters { () => { pub fn limit(mut self, limit: ::std::time::Duration) -> Self { self } }; }
             macro_rules! shape {
                 ($(#[$meta:meta])* pub enum $name:ident { $($variant:ident = $number:literal),* $(,)? }) => {
                     $(#[$meta])* #[non_exhaustive] pub enum $name { $($variant),* }
                     impl $name { pub const ALL: [Self; [$($number),*].len()] = [$(Self::$variant),*]; }
                 };
             }
             pub(crate) use {setters, shape};",
        ),
        ("more.rs", "pub struct Extra(pub u8); impl From<u8> for Extra {}"),
        (
            "open.rs",
            "pub trait Open: Send { type Key: Copy; const N: u8; #[doc(hidden)] fn open(&self) {} } fn no() {}",
        ),
    ]);
    assert_eq!(
        outline.to_string(),
        "PUBLIC ITEMS

struct Extra [feature more]
  0: u8
  impl From<u8> for Extra

enum Shape #[non_exhaustive]
  Round
  Square
  impl Shape
    const ALL: [Self; [1, 2].len()]

struct Thing<T> #[must_use]
  id: u32
  (private fields)
  impl<T: Copy> Thing<T>
    fn limit(self, limit: Duration) -> Self
    fn wait(self, time: Duration) -> Option<Shape>
  derive Clone
  derive Debug
  impl<T> IntoFuture for Thing<T>
    Output = Duration

trait open::Open: Send
  type Key: Copy
  const N: u8
  fn open(&self) (provided) #[doc(hidden)]

FOREIGN TYPES


TYPES OF THIS CRATE WITHOUT A PUBLIC PATH

"
    );
}

#[test]
fn foreign_types_are_found_wherever_a_signature_names_them() {
    let texts = |item: &str| {
        let text = format!("use one::Deep; use two as other; type Alias<T> = Result<T, three::Error>; {item}");
        [
            ("lib.rs".to_owned(), "mod inner; pub use inner::*;".to_owned()),
            ("inner.rs".to_owned(), text),
        ]
    };
    let found = |item: &str| {
        let texts = texts(item);
        let texts = texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        outline(&texts.collect::<Vec<_>>())
            .foreign
            .into_keys()
            .collect::<Vec<_>>()
    };
    for (item, expected) in [
        ("pub struct A { pub field: Vec<Deep> }", "one::Deep"),
        ("pub enum A { B(other::Type) }", "two::Type"),
        (
            "pub struct A; impl A { pub fn f(&self, f: impl Fn(Deep)) {} }",
            "one::Deep",
        ),
        (
            "pub struct A; impl A { pub fn f<T>(&self) where T: other::Trait {} }",
            "two::Trait",
        ),
        ("pub struct A; impl From<other::Type> for A {}", "two::Type"),
        (
            "pub struct A; impl IntoFuture for A { type Output = Deep; }",
            "one::Deep",
        ),
        ("pub trait A: other::Trait {}", "two::Trait"),
        ("pub trait A { fn f() -> Alias<u8>; }", "three::Error"),
        ("pub type A = Box<dyn other::Trait>;", "two::Trait"),
        ("pub use other::Type;", "two::Type"),
    ] {
        assert_eq!(found(item), [expected], "{item}");
    }
    for item in [
        "pub struct A { field: Deep }",
        "struct A { pub field: Deep }",
        "pub struct A; impl A { fn f(&self) -> Deep {} }",
        "pub struct A; impl A { pub fn f(&self) { let _: Deep = other::make(); } }",
        "pub struct A(pub std::time::Duration, pub ica_batch_sdk::types::Job);",
    ] {
        assert_eq!(found(item), [""; 0], "{item}");
    }
}
