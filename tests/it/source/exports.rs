//! Public items of a crate, by the paths that users write.

use syn::{Item, Visibility};

use super::{Crate, Target, feature_of, parse};

/// One public item.
pub(crate) struct Export {
    /// Path below the crate, such as `retry::RetryPolicy`.
    pub(crate) path: String,
    pub(crate) target: Target,
    /// Feature that the item needs.
    pub(crate) feature: Option<String>,
}

/// Returns what the root of a crate and its public modules export, sorted by path.
pub(crate) fn exports(sources: &Crate) -> Vec<Export> {
    let mut found = Vec::new();
    visit(sources, 0, "", None, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn visit(sources: &Crate, index: usize, prefix: &str, feature: Option<&str>, found: &mut Vec<Export>) {
    let module = &sources.modules[index];
    let needs = |own: Option<String>| own.or_else(|| feature.map(str::to_owned));
    for import in module.uses.iter().filter(|import| import.is_public) {
        let target = sources.resolve(index, &import.path);
        match &import.name {
            Some(name) => found.push(Export {
                path: format!("{prefix}{name}"),
                target,
                feature: needs(import.feature.clone()),
            }),
            None => {
                if let Target::Here { module, item: None } = target {
                    visit(sources, module, prefix, needs(import.feature.clone()).as_deref(), found);
                }
            }
        }
    }
    for item in &module.items {
        let Some(name) = parse::name_of(item) else { continue };
        if matches!(visibility(item), Some(Visibility::Public(_))) {
            found.push(Export {
                path: format!("{prefix}{name}"),
                target: Target::Here {
                    module: index,
                    item: Some(name.to_string()),
                },
                feature: needs(feature_of(parse::attributes(item))),
            });
        }
    }
    for (name, child) in &module.children {
        let child_module = &sources.modules[*child];
        if child_module.is_public {
            let prefix = format!("{prefix}{name}::");
            visit(
                sources,
                *child,
                &prefix,
                needs(child_module.feature.clone()).as_deref(),
                found,
            );
        }
    }
}

pub(crate) fn visibility(item: &Item) -> Option<&Visibility> {
    match item {
        Item::Const(item) => Some(&item.vis),
        Item::Enum(item) => Some(&item.vis),
        Item::Fn(item) => Some(&item.vis),
        Item::Static(item) => Some(&item.vis),
        Item::Struct(item) => Some(&item.vis),
        Item::Trait(item) => Some(&item.vis),
        Item::Type(item) => Some(&item.vis),
        _ => None,
    }
}
