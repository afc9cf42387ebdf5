//! Makes page offsets and page sizes integers.
//!
//! ICA publishes `pageOffset` and `pageSize` as strings. They are numbers of rows. As integers, a
//! page size of `"many"` does not compile.

use openapiv3::{IntegerType, OpenAPI, Parameter, ReferenceOr, Schema, SchemaKind, Type, VariantOrUnknownOrEmpty};

use crate::document::walk;

/// Parameters, each with its least value.
const COUNTS: [(&str, i64); 2] = [("pageOffset", 0), ("pageSize", 1)];

/// Makes the paging parameters of every operation integers.
pub(super) fn lower(document: &mut OpenAPI) {
    for operation in walk::operations_mut(document) {
        for parameter in operation.parameters.iter_mut().filter_map(walk::item_mut) {
            if let Some(least) = least(parameter)
                && let Some(ReferenceOr::Item(schema)) = walk::parameter_schema_mut(parameter)
            {
                make_count(schema, least);
            }
        }
    }
}

fn least(parameter: &Parameter) -> Option<i64> {
    let Parameter::Query { parameter_data, .. } = parameter else {
        return None;
    };
    let found = COUNTS.iter().find(|(name, _)| *name == parameter_data.name);
    found.map(|(_, least)| *least)
}

fn make_count(schema: &mut Schema, least: i64) {
    if matches!(schema.schema_kind, SchemaKind::Type(Type::String(_))) {
        schema.schema_kind = SchemaKind::Type(Type::Integer(IntegerType {
            format: VariantOrUnknownOrEmpty::Unknown("uint64".to_owned()),
            minimum: Some(least),
            ..IntegerType::default()
        }));
    }
}

#[cfg(test)]
mod tests {
    use crate::document::fixture;

    #[test]
    fn paging_counts_become_integers_and_the_token_stays_text() {
        let mut document = fixture::document(
            "
/things:
  get:
    operationId: getThings
    parameters:
      - { name: pageOffset, in: query, schema: { type: string } }
      - { name: pageSize, in: query, schema: { type: string } }
      - { name: pageToken, in: query, schema: { type: string } }
    responses: { '204': { description: ok } }
",
            "",
        );
        super::lower(&mut document);
        insta::assert_snapshot!(fixture::body(&document));
    }
}
