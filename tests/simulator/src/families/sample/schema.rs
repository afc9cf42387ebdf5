//! The request schemas of samples in the public API description: names, limits, required and
//! nullable members.

use crate::batch::shape::Shape::{Boolean, Limited, List, ListOfNullable, Object, Text};
use crate::batch::shape::{Shape, nullable, required};

/// `CreateSampleCreationBatch`
pub(super) static CREATE_BATCH: Shape = Object(&[required!("items", &List(&ITEM))]);

/// `CreateSampleCreationBatchSampleItem`
static ITEM: Shape = Object(&[
    required!("sampleToCreate", &SAMPLE),
    nullable!("dataToLink", &ListOfNullable(&DATA)),
    required!("completeSample", &Boolean),
]);

/// `CreateSample`
static SAMPLE: Shape = Object(&[
    required!("name", &NAME),
    nullable!("description", &NAME),
    nullable!("tags", &TAGS),
]);

/// Text of 1 to 255 characters.
static NAME: Shape = Limited {
    least: 1,
    most: 255,
    pattern: None,
};

/// `OptionalSampleTags`
static TAGS: Shape = Object(&[
    nullable!("technicalTags", &ListOfNullable(&Text)),
    nullable!("userTags", &ListOfNullable(&Text)),
    nullable!("connectorTags", &ListOfNullable(&Text)),
    nullable!("runInTags", &ListOfNullable(&Text)),
]);

/// `CreateSampleCreationBatchDataItem`
static DATA: Shape = Object(&[required!("dataId", &Text)]);
