//! Tidies the documentation of the generated source.

use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta};

/// Puts one space before every line, and shows the published path in place of its aliases.
pub(super) fn tidy(file: &mut syn::File) {
    Tidy.visit_file_mut(file);
}

struct Tidy;

impl VisitMut for Tidy {
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        let Meta::NameValue(pair) = &mut attribute.meta else {
            return;
        };
        if pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) = &mut pair.value
        {
            *text = LitStr::new(&tidied(&text.value()), text.span());
        }
    }
}

fn tidied(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("`/./") {
        text = text.replace("`/./", "`/");
    }
    let lines = text.trim().lines().map(|line| format!(" {}", line.trim_end()));
    let lines = lines.map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_documentation_shows_the_published_path() {
        assert_eq!(
            super::tidied("Sends `GET /x` to `/././api`\n\nMore. "),
            " Sends `GET /x` to `/api`\n\n More."
        );
    }
}
