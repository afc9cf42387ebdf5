//! Expansion of a crate's own `macro_rules!`, as far as they define items.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{ImplItem, Item, Macro};

use super::Crate;

/// Limit on macros that expand to macros.
const MAX_DEPTH: usize = 8;

/// Replaces each call of a macro of the crate, where items or items of an `impl` may stand, by the
/// items that it defines.
///
/// Calls of other macros stay as they are, and so do calls in the bodies of functions.
pub(crate) fn expand(sources: &mut Crate) {
    let mut macros = BTreeMap::new();
    for module in &sources.modules {
        for item in &module.items {
            if let Item::Macro(item) = item
                && let Some(name) = &item.ident
            {
                macros.insert(name.to_string(), rules(item.mac.tokens.clone()));
            }
        }
    }
    let macros = Macros(macros);
    for module in &mut sources.modules {
        let items = std::mem::take(&mut module.items);
        module.items = items.into_iter().flat_map(|item| macros.items(item, 0)).collect();
    }
}

struct Macros(BTreeMap<String, Vec<Rule>>);

/// One arm of a macro: what it matches, and its body.
struct Rule {
    pattern: Vec<Pattern>,
    body: TokenStream,
}

impl Macros {
    fn items(&self, item: Item, depth: usize) -> Vec<Item> {
        match item {
            Item::Macro(item) if item.ident.is_none() => match self.call(&item.mac, depth) {
                Some(tokens) => {
                    let file = syn::parse2::<syn::File>(tokens).expect("the macro defines items");
                    let items = file.items.into_iter();
                    items.flat_map(|item| self.items(item, depth + 1)).collect()
                }
                None => vec![Item::Macro(item)],
            },
            Item::Impl(mut block) => {
                block.items = block
                    .items
                    .into_iter()
                    .flat_map(|item| self.impl_items(item, depth))
                    .collect();
                vec![Item::Impl(block)]
            }
            item => vec![item],
        }
    }

    fn impl_items(&self, item: ImplItem, depth: usize) -> Vec<ImplItem> {
        match item {
            ImplItem::Macro(item) => match self.call(&item.mac, depth) {
                Some(tokens) => {
                    let block: syn::ItemImpl = syn::parse_quote!(impl Any { #tokens });
                    let items = block.items.into_iter();
                    items.flat_map(|item| self.impl_items(item, depth + 1)).collect()
                }
                None => vec![ImplItem::Macro(item)],
            },
            item => vec![item],
        }
    }

    fn call(&self, call: &Macro, depth: usize) -> Option<TokenStream> {
        assert!(depth < MAX_DEPTH, "{} expands to itself", call.path.to_token_stream());
        let name = call.path.segments.last()?.ident.to_string();
        let rules = self.0.get(&name)?;
        let expanded = rules.iter().find_map(|rule| {
            let parser = |input: ParseStream<'_>| read(&rule.pattern, input);
            let bound = parser.parse2(call.tokens.clone()).ok()?;
            Some(write(rule.body.clone(), &bound))
        });
        Some(expanded.unwrap_or_else(|| panic!("no arm of {name}! matches {}", call.tokens)))
    }
}

enum Pattern {
    Token(TokenTree),
    Group(Delimiter, Vec<Pattern>),
    /// `$name:kind`
    Fragment(String, String),
    /// `$( … ) separator operator`
    Repeat(Vec<Pattern>, Option<TokenTree>, char),
}

/// Values of the fragments of a macro.
type Bound = BTreeMap<String, Binding>;

#[derive(Clone)]
enum Binding {
    One(TokenStream),
    Many(Vec<Binding>),
}

fn rules(tokens: TokenStream) -> Vec<Rule> {
    let groups = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let groups = groups.collect::<Vec<_>>();
    let pairs = groups.chunks_exact(2);
    let rules = pairs.map(|pair| Rule {
        pattern: patterns(pair[0].clone()),
        body: pair[1].clone(),
    });
    rules.collect()
}

fn patterns(tokens: TokenStream) -> Vec<Pattern> {
    let mut tokens = tokens.into_iter();
    let mut found = Vec::new();
    while let Some(token) = tokens.next() {
        found.push(match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match tokens.next().expect("`$` stands before a name")
            {
                TokenTree::Group(group) => {
                    let (separator, operator) = repetition(&mut tokens);
                    Pattern::Repeat(patterns(group.stream()), separator, operator)
                }
                name => {
                    tokens.next();
                    let kind = tokens.next().expect("a fragment has a kind");
                    Pattern::Fragment(name.to_string(), kind.to_string())
                }
            },
            TokenTree::Group(group) => Pattern::Group(group.delimiter(), patterns(group.stream())),
            token => Pattern::Token(token),
        });
    }
    found
}

/// Reads the separator and the operator after `$( … )`.
fn repetition(tokens: &mut impl Iterator<Item = TokenTree>) -> (Option<TokenTree>, char) {
    let operator = |token: &TokenTree| match token {
        TokenTree::Punct(punct) if matches!(punct.as_char(), '*' | '+' | '?') => Some(punct.as_char()),
        _ => None,
    };
    let first = tokens.next().expect("a repetition has an operator");
    match operator(&first) {
        Some(found) => (None, found),
        None => {
            let next = tokens.next().expect("a repetition has an operator");
            (Some(first), operator(&next).expect("a repetition has an operator"))
        }
    }
}

/// Reads the arguments of a macro by a pattern.
fn read(pattern: &[Pattern], input: ParseStream<'_>) -> syn::Result<Bound> {
    let mut bound = Bound::new();
    for part in pattern {
        match part {
            Pattern::Token(expected) => token(expected, input)?,
            Pattern::Group(delimiter, inner) => match input.parse::<TokenTree>()? {
                TokenTree::Group(group) if group.delimiter() == *delimiter => {
                    let parser = |input: ParseStream<'_>| read(inner, input);
                    bound.extend(parser.parse2(group.stream())?);
                }
                _ => return Err(input.error("expected a group")),
            },
            Pattern::Fragment(name, kind) => {
                bound.insert(name.clone(), Binding::One(fragment(kind, input)?));
            }
            Pattern::Repeat(inner, separator, operator) => {
                let mut rounds = Vec::new();
                while !input.is_empty() && (*operator != '?' || rounds.is_empty()) {
                    let fork = input.fork();
                    let round = match (&separator, rounds.is_empty()) {
                        (Some(separator), false) => token(separator, &fork).and_then(|()| read(inner, &fork)),
                        _ => read(inner, &fork),
                    };
                    let Ok(round) = round else { break };
                    input.advance_to(&fork);
                    rounds.push(round);
                }
                for name in names(inner) {
                    let round = |round: &Bound| round[&name].clone();
                    bound.insert(name.clone(), Binding::Many(rounds.iter().map(round).collect()));
                }
            }
        }
    }
    Ok(bound)
}

fn token(expected: &TokenTree, input: ParseStream<'_>) -> syn::Result<()> {
    match input.parse::<TokenTree>()?.to_string() == expected.to_string() {
        true => Ok(()),
        false => Err(input.error(format!("expected {expected}"))),
    }
}

fn fragment(kind: &str, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    Ok(match kind {
        "expr" => input.parse::<syn::Expr>()?.to_token_stream(),
        "ident" => input.call(Ident::parse_any)?.to_token_stream(),
        "literal" => input.parse::<syn::Lit>()?.to_token_stream(),
        "meta" => input.parse::<syn::Meta>()?.to_token_stream(),
        "path" => input.parse::<syn::Path>()?.to_token_stream(),
        "tt" => input.parse::<TokenTree>()?.to_token_stream(),
        "ty" => input.parse::<syn::Type>()?.to_token_stream(),
        "vis" => input.parse::<syn::Visibility>()?.to_token_stream(),
        other => panic!("macros with ${other} are not expanded by the tests yet: add it here"),
    })
}

fn names(pattern: &[Pattern]) -> Vec<String> {
    let names = pattern.iter().flat_map(|part| match part {
        Pattern::Token(_) => Vec::new(),
        Pattern::Group(_, inner) | Pattern::Repeat(inner, ..) => names(inner),
        Pattern::Fragment(name, _) => vec![name.clone()],
    });
    names.collect()
}

/// Returns the body of a macro with its fragments in place.
fn write(body: TokenStream, bound: &Bound) -> TokenStream {
    let mut written = TokenStream::new();
    let mut tokens = body.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Group(group)) => {
                    let (separator, _) = repetition(&mut tokens);
                    for (round, bound) in rounds(group.stream(), bound).iter().enumerate() {
                        written.extend(separator.clone().filter(|_| round > 0));
                        written.extend(write(group.stream(), bound));
                    }
                }
                Some(TokenTree::Ident(name)) if name == "crate" => {
                    written.extend([TokenTree::Ident(Ident::new("crate", Span::call_site()))]);
                }
                Some(name) => match bound.get(&name.to_string()) {
                    Some(Binding::One(tokens)) => written.extend(tokens.clone()),
                    _ => panic!("${name} is not bound once"),
                },
                None => panic!("`$` stands before a name"),
            },
            TokenTree::Group(group) => {
                let group = Group::new(group.delimiter(), write(group.stream(), bound));
                written.extend([TokenTree::Group(group)]);
            }
            token => written.extend([token]),
        }
    }
    written
}

/// Returns the bindings of each round of a repetition, by the repeated fragments that occur in it.
fn rounds(body: TokenStream, bound: &Bound) -> Vec<Bound> {
    let used = used_names(body);
    let repeated = bound.iter().filter_map(|(name, binding)| match binding {
        Binding::Many(rounds) if used.contains(name) => Some((name, rounds)),
        _ => None,
    });
    let repeated = repeated.collect::<Vec<_>>();
    let count = repeated.iter().map(|(_, rounds)| rounds.len()).max().unwrap_or(0);
    let round = |round: usize| {
        let mut bound = bound.clone();
        for (name, rounds) in &repeated {
            bound.insert((*name).clone(), rounds[round].clone());
        }
        bound
    };
    (0..count).map(round).collect()
}

/// Returns the names after `$` in a body.
fn used_names(body: TokenStream) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut is_after_dollar = false;
    for token in body {
        match &token {
            TokenTree::Ident(name) if is_after_dollar => drop(found.insert(name.to_string())),
            TokenTree::Group(group) => found.extend(used_names(group.stream())),
            _ => {}
        }
        is_after_dollar = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '$');
    }
    found
}
