//! Removes the operations whose requests progenitor cannot send.
//!
//! The full ICA description has a few uploads as `multipart/form-data`, which progenitor does not
//! support. They are removed and listed with the reason. Everything else is generated.

use openapiv3::{OpenAPI, Operation, ReferenceOr};

use crate::document::walk;

/// Operation that is not in the client.
///
/// ```
/// let spec = "
/// openapi: 3.0.1
/// info: { title: Tiny, version: '1' }
/// paths:
///   /api/files:
///     post:
///       operationId: uploadFile
///       requestBody: { content: { multipart/form-data: { schema: { type: object } } } }
///       responses: { '204': { description: The file is stored. } }
/// ";
/// let skipped = xtask::generate(spec)?.skipped;
/// assert_eq!(skipped[0].operation_id, "uploadFile");
/// assert_eq!(skipped[0].reason, "its request is multipart/form-data, which progenitor cannot send");
/// # Ok::<(), xtask::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Id of the operation.
    pub operation_id: String,
    /// Reason why it is not in the client.
    pub reason: String,
}

/// Removes the operations that cannot be generated, and returns them.
pub(super) fn lower(document: &mut OpenAPI) -> Vec<Skipped> {
    let mut skipped = Vec::new();
    for item in document.paths.paths.values_mut() {
        let ReferenceOr::Item(item) = item else {
            continue;
        };
        for (_, slot) in walk::slots(item) {
            if let Some(found) = slot.as_ref().and_then(reason) {
                skipped.push(found);
                *slot = None;
            }
        }
    }
    document.paths.paths.retain(|_, item| match item {
        ReferenceOr::Item(item) => item.iter().next().is_some(),
        ReferenceOr::Reference { .. } => true,
    });
    skipped
}

fn reason(operation: &Operation) -> Option<Skipped> {
    let ReferenceOr::Item(body) = operation.request_body.as_ref()? else {
        return None;
    };
    let multipart = |media: &String| media.starts_with("multipart/");
    let media = body.content.keys().find(|media| multipart(media))?;
    body.content.keys().all(multipart).then(|| Skipped {
        operation_id: operation.operation_id.clone().unwrap_or_default(),
        reason: format!("its request is {media}, which progenitor cannot send"),
    })
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn a_multipart_upload_is_removed_and_listed() {
        let mut document = fixture::document(
            "
/files:
  put:
    operationId: uploadFile
    requestBody: { content: { multipart/form-data: { schema: { type: object } } } }
    responses: { '204': { description: ok } }
  get:
    operationId: getFile
    responses: { '204': { description: ok } }
/uploads:
  post:
    operationId: createUpload
    requestBody: { content: { multipart/form-data: { schema: { type: object } } } }
    responses: { '204': { description: ok } }
",
            "",
        );
        let skipped = super::lower(&mut document);
        insta::assert_snapshot!(format!("{skipped:#?}\n{}", fixture::body(&document)));
    }
}
