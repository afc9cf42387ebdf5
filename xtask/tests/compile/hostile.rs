//! The hostile descriptions that are accepted give clients that compile.

use std::collections::BTreeMap;

use crate::clients::Clients;
use crate::{bounds, names, operations, schemas, values};

/// `cargo test -p ica-batch-xtask --test compile -- --ignored hostile` runs it, in about a minute.
#[test]
#[ignore = "it takes long; .ci/run runs it"]
fn accepted_hostile_descriptions_compile() {
    let all = [
        bounds::cases(),
        names::cases(),
        operations::cases(),
        schemas::cases(),
        values::cases(),
    ];
    let mut clients = Clients::default();
    let mut modules = BTreeMap::<String, Vec<String>>::new();
    for case in all.into_iter().flatten() {
        if let Ok(generated) = xtask::generate(&case.text) {
            let module = clients.module(&generated.source);
            modules.entry(module).or_default().push(case.name);
        }
    }
    assert!(modules.len() > 100, "only {} clients were generated", modules.len());
    let errors = clients.errors("hostile-clients");
    let errors = errors.iter().map(|(module, errors)| (&modules[module], errors));
    let errors = errors.collect::<Vec<_>>();
    assert!(errors.is_empty(), "{errors:#?}");
}
