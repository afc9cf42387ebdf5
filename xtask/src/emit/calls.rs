//! Changes the methods of the client: the encoding of ids, and the decoding of responses.

use openapiv3::OpenAPI;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, File, Item, UseTree, parse_quote};

use crate::document::walk;
use crate::error::{Error, Result};

/// Replaces progenitor's functions in the client by those of the raw crate.
pub(super) fn change(file: &mut File, document: &OpenAPI) -> Result<()> {
    encode_ids(file);
    let mut decoding = Decoding { replaced: 0 };
    decoding.visit_file_mut(file);
    if decoding.replaced == 0 && has_bodies(document) {
        return Err(Error::could_not(
            "generate the client",
            "the output of progenitor decodes no response with `ResponseValue::from_response`; \
             adapt xtask/src/emit/calls.rs to its release",
        ));
    }
    Ok(())
}

/// Replaces the encoding of ids. progenitor does not encode a backslash, and a URL parser reads a
/// backslash as a slash.
fn encode_ids(file: &mut File) {
    for item in &mut file.items {
        if let Item::Use(import) = item
            && let UseTree::Path(path) = &mut import.tree
            && let UseTree::Group(group) = path.tree.as_mut()
        {
            let names = std::mem::take(&mut group.items).into_iter();
            let is_other = |name: &UseTree| !matches!(name, UseTree::Name(name) if name.ident == "encode_path");
            group.items = names.filter(is_other).collect();
        }
    }
    file.items.insert(
        0,
        parse_quote!(
            #[allow(unused_imports)]
            use crate::encode_path;
        ),
    );
}

/// Replaces the decoding of responses. progenitor limits neither time nor memory.
struct Decoding {
    replaced: usize,
}

impl VisitMut for Decoding {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let Expr::Call(call) = expression
            && is_decoding(&call.func)
        {
            let response = &call.args;
            *expression = parse_quote!(crate::decode(self.context(), #response));
            self.replaced += 1;
        }
    }
}

fn is_decoding(function: &Expr) -> bool {
    let Expr::Path(function) = function else {
        return false;
    };
    let names = function.path.segments.iter().map(|segment| segment.ident.to_string());
    names.eq(["ResponseValue", "from_response"])
}

/// Returns whether a response has a body to decode.
fn has_bodies(document: &OpenAPI) -> bool {
    let mut operations = document.operations();
    operations.any(|(_, _, operation)| walk::response_schemas(operation).next().is_some())
}
