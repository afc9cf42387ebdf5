//! Parts of Rust code as one line of text.

use syn::visit_mut::VisitMut;
use syn::{Generics, Item, ItemImpl, Path, Signature, TraitItemFn, Type, TypeParamBound};

/// Returns a signature without the names of modules.
pub(super) fn signature(signature: &Signature) -> String {
    let mut signature = signature.clone();
    Short.visit_signature_mut(&mut signature);
    for input in &mut signature.inputs {
        // `mut` before a name is a matter of the body.
        match input {
            syn::FnArg::Receiver(receiver) => receiver.mutability = None,
            syn::FnArg::Typed(input) => {
                if let syn::Pat::Ident(name) = input.pat.as_mut() {
                    name.mutability = None;
                }
            }
        }
    }
    let function: TraitItemFn = syn::parse_quote!(#signature;);
    let text = item(&syn::parse_quote!(trait Any { #function }));
    text.trim_start_matches("trait Any { ")
        .trim_end_matches("; }")
        .to_owned()
}

pub(super) fn ty(ty: &Type) -> String {
    let mut ty = ty.clone();
    Short.visit_type_mut(&mut ty);
    let text = item(&syn::parse_quote!(type Any = #ty;));
    text.trim_start_matches("type Any = ").trim_end_matches(';').to_owned()
}

/// Returns generics with their bounds, those of a `where` too.
pub(super) fn generics(generics: &Generics) -> (String, String) {
    let mut generics = generics.clone();
    Short.visit_generics_mut(&mut generics);
    let (_, _, condition) = generics.split_for_impl();
    let text = item(&syn::parse_quote!(fn any #generics () #condition {}));
    let (parameters, rest) = text
        .trim_start_matches("fn any")
        .split_once("()")
        .expect("the function has no parameters");
    let condition = rest.trim_end_matches("{}").trim().trim_end_matches(',');
    (parameters.to_owned(), condition.to_owned())
}

pub(super) fn bounds<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> String {
    let generics: Generics = syn::parse_quote!(<T: #(#bounds)+*>);
    let (text, _) = self::generics(&generics);
    text.trim_start_matches("<T: ")
        .strip_suffix('>')
        .expect("the parameter ends")
        .to_owned()
}

/// Returns the head of an `impl`: `impl<F: Family> Batch<F>`.
pub(super) fn head(block: &ItemImpl) -> String {
    let mut block = block.clone();
    block.items.clear();
    block.attrs.clear();
    Short.visit_item_impl_mut(&mut block);
    item(&Item::Impl(block))
        .trim_end_matches("{}")
        .trim()
        .trim_end_matches(',')
        .to_owned()
}

/// Returns an item on one line.
fn item(item: &Item) -> String {
    let file = syn::parse_quote!(#item);
    let lines = prettyplease::unparse(&file);
    let mut text = lines.split_whitespace().collect::<Vec<_>>().join(" ");
    for (long, short) in [("( ", "("), (", )", ")"), (" )", ")"), ("< ", "<"), (", >", ">")] {
        text = text.replace(long, short);
    }
    text
}

/// Removes the modules in front of the names of types.
///
/// The last module stays where the name alone would be taken for the crate's own type.
struct Short;

/// Modules whose types have namesakes in the crate.
const KEPT: [&str; 4] = ["error", "raw", "result", "types"];

impl VisitMut for Short {
    fn visit_type_path_mut(&mut self, ty: &mut syn::TypePath) {
        let before = ty.path.segments.len();
        syn::visit_mut::visit_type_path_mut(self, ty);
        if let Some(qself) = &mut ty.qself {
            // Number of segments of the trait in `<T as Trait>::Name`.
            qself.position -= before - ty.path.segments.len();
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        syn::visit_mut::visit_path_mut(self, path);
        let is_type = |segment: &syn::PathSegment| segment.ident.to_string().starts_with(char::is_uppercase);
        if let Some(mut first) = path.segments.iter().position(is_type) {
            let is_kept = |segment: &syn::PathSegment| KEPT.iter().any(|kept| segment.ident == kept);
            if first > 0 && path.segments[0].ident != "crate" && is_kept(&path.segments[first - 1]) {
                first -= 1;
            }
            path.leading_colon = None;
            path.segments = path.segments.iter().skip(first).cloned().collect();
        }
    }
}
