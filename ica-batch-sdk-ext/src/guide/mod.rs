// The chapters are Markdown files. A module has the docs of each, so that its examples are tests.
// Most chapters show submissions, so their text needs the feature `journal`.

#[cfg_attr(feature = "journal", doc = include_str!("first_ten_minutes.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod first_ten_minutes {}

#[cfg_attr(feature = "journal", doc = include_str!("night.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod night {}

#[cfg_attr(feature = "journal", doc = include_str!("failures.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod failures {}

#[doc = include_str!("following.md")]
pub mod following {}

#[doc = include_str!("versions.md")]
pub mod versions {}

#[cfg_attr(feature = "journal", doc = include_str!("once.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod once {}

#[cfg_attr(feature = "journal", doc = include_str!("testing.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod testing {}

#[cfg_attr(feature = "journal", doc = include_str!("containers.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod containers {}

#[doc = include_str!("regenerate.md")]
pub mod regenerate {}

#[cfg_attr(feature = "journal", doc = include_str!("coming_from.md"))]
#[cfg_attr(not(feature = "journal"), doc = "This chapter needs the feature `journal`.")]
pub mod coming_from {}
