//! Faults of ICA, of the network and of the journal.

use ica_simulator::{FaultKind, FaultPlan};

/// Rows of the journal that are made to fail: table and condition.
pub(super) const FAILURES: [(&str, &str); 8] = [
    ("submission", "state = 'planning'"),
    ("chunk", "label NOT LIKE '%.%' AND state = 'planned'"),
    ("chunk", "label LIKE '%.1' AND state = 'planned'"),
    ("submission", "state = 'planned'"),
    ("chunk", "state = 'sent'"),
    ("chunk", "state = 'created'"),
    ("chunk", "state IN ('split', 'rejected')"),
    ("analysis", "item IS NOT NULL"),
];

pub(super) fn plan(rate: f64, is_marked: bool) -> FaultPlan {
    let without_key = [
        FaultKind::ExecuteThenForgetKey(500),
        FaultKind::ExecuteThenForgetKey(503),
        FaultKind::ExecuteThenHtml(403),
        FaultKind::ExecuteThenHtml(404),
        FaultKind::ExecuteThenHtml(429),
    ];
    let kinds = [
        FaultKind::ExecuteThenReset,
        FaultKind::ExecuteThenStatus(500),
        FaultKind::ExecuteThenStatus(503),
        FaultKind::ResetBeforeExecuting,
        FaultKind::TruncateBody,
        FaultKind::MalformedJson,
        FaultKind::refuse(409),
        FaultKind::refuse_for(429, 30),
        FaultKind::refuse(503),
        FaultKind::HtmlBadGateway,
        FaultKind::ExpireToken,
        FaultKind::ExpireToken,
    ];
    let kinds = kinds.into_iter().chain(without_key.into_iter().filter(|_| is_marked));
    let kinds = kinds.collect::<Vec<_>>();
    let each = rate / kinds.len() as f64;
    kinds
        .into_iter()
        .fold(FaultPlan::new(), |plan, kind| plan.with(each, kind))
}
