//! Paths in token trees, where macros may hide them.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Macros whose arguments are code that the program writes, not code of its own.
const QUOTING: [&str; 4] = ["quote", "quote_spanned", "parse_quote", "parse_quote_spanned"];

/// A path as it is written in code, with its first line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PathUse {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// Returns the paths of two or more segments in these tokens. `$crate` is read as `crate`.
///
/// Not returned are paths that begin with `::`, which lead to another crate, the path of a
/// visibility, `pub(in …)`, and paths in code that `quote!` writes.
pub(crate) fn paths_in(tokens: TokenStream) -> Vec<PathUse> {
    let mut found = Vec::new();
    walk(tokens, &mut found);
    found
}

/// Returns the identifiers in these tokens.
pub(crate) fn idents_in(tokens: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut streams = vec![tokens];
    while let Some(stream) = streams.pop() {
        for token in stream {
            match token {
                TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
                TokenTree::Group(group) => streams.push(group.stream()),
                _ => {}
            }
        }
    }
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<PathUse>) {
    let tokens = tokens.into_iter().collect::<Vec<_>>();
    let mut position = 0;
    while let Some(token) = tokens.get(position) {
        match token {
            TokenTree::Ident(ident) if ident == "pub" => {
                let is_group = matches!(tokens.get(position + 1), Some(TokenTree::Group(_)));
                position += if is_group { 2 } else { 1 };
            }
            TokenTree::Ident(ident) => {
                let is_start = position < 2 || !is_separator(&tokens, position - 2);
                let mut path = vec![ident.to_string()];
                let line = ident.span().start().line;
                position = follow(&tokens, position + 1, &mut path, line, is_start, found);
                if path.last().is_some_and(|name| QUOTING.contains(&name.as_str())) && is_macro_call(&tokens, position)
                {
                    position += 2;
                }
            }
            TokenTree::Group(group) => {
                walk(group.stream(), found);
                position += 1;
            }
            _ => position += 1,
        }
    }
}

/// Reads the rest of a path, and returns the position after it.
fn follow(
    tokens: &[TokenTree],
    mut position: usize,
    path: &mut Vec<String>,
    line: usize,
    is_start: bool,
    found: &mut Vec<PathUse>,
) -> usize {
    while is_separator(tokens, position) {
        match tokens.get(position + 2) {
            Some(TokenTree::Ident(ident)) => {
                path.push(ident.to_string());
                position += 3;
            }
            // A `use` declaration in a body.
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                for part in parts(group.stream()) {
                    let mut rest = path.clone();
                    let Some(TokenTree::Ident(first)) = part.first() else {
                        continue;
                    };
                    let line = first.span().start().line;
                    if first != "self" {
                        rest.push(first.to_string());
                    }
                    follow(&part, 1, &mut rest, line, is_start, found);
                }
                return position + 3;
            }
            _ => break,
        }
    }
    if is_start && path.len() > 1 {
        let path = path.clone();
        found.push(PathUse { path, line });
    }
    position
}

fn is_macro_call(tokens: &[TokenTree], position: usize) -> bool {
    matches!(tokens.get(position), Some(TokenTree::Punct(punct)) if punct.as_char() == '!')
        && matches!(tokens.get(position + 1), Some(TokenTree::Group(_)))
}

fn is_separator(tokens: &[TokenTree], position: usize) -> bool {
    let colon = |token: Option<&TokenTree>| match token {
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => Some(punct.spacing()),
        _ => None,
    };
    colon(tokens.get(position)) == Some(Spacing::Joint) && colon(tokens.get(position + 1)).is_some()
}

/// Splits tokens at commas.
fn parts(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(Vec::new()),
            _ => parts.last_mut().expect("there is a first part").push(token),
        }
    }
    parts
}
