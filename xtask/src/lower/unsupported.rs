//! Sets aside the operations whose bodies progenitor cannot send.
//!
//! A published ICA description as a whole holds a few file uploads as `multipart/form-data`. progenitor has
//! no form for them, so they are taken out and listed with the reason; everything else is generated.

use openapiv3::{OpenAPI, Operation, ReferenceOr};

use super::walk;

/// An operation that is not in the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The operation's id.
    pub operation_id: String,
    /// Why it was left out.
    pub reason: String,
}

/// Takes out what cannot be generated and returns it.
pub fn lower(document: &mut OpenAPI) -> Vec<Skipped> {
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
        reason: format!("takes {media}, which progenitor cannot send"),
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture;

    #[test]
    fn a_multipart_upload_is_taken_out_and_named() {
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
