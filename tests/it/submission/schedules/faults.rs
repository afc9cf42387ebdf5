//! Faults of ICA, of the network and of the journal.

use chrono::TimeDelta;
use ica_simulator::{FaultKind, FaultPlan, Outage, OutageKind, RateLimit, RetryAfter};

use super::schedule::{HOUR, SECOND, Schedule};
use super::{Totals, count};
use crate::submission::failing::Failing;

/// Rows of the journal that are made to fail: table and condition.
const FAILURES: [(&str, &str); 8] = [
    ("submission", "state = 'planning'"),
    ("chunk", "label NOT LIKE '%.%' AND state = 'planned'"),
    ("chunk", "label LIKE '%.1' AND state = 'planned'"),
    ("submission", "state = 'planned'"),
    ("chunk", "state = 'sent'"),
    ("chunk", "state = 'created'"),
    ("chunk", "state IN ('split', 'rejected')"),
    ("analysis", "item IS NOT NULL"),
];

fn plan(rate: f64, is_marked: bool) -> FaultPlan {
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

impl Schedule<'_> {
    /// Begins the faults of ICA and of the network.
    pub(super) fn begin_faults(&mut self, totals: &mut Totals) {
        let fixture = &self.lane.fixture;
        let faults = fixture.simulator.faults();
        faults.clear();
        let rate = self.random.f64() * 0.4;
        faults.seeded(self.seed, plan(rate, self.is_marked));
        if self.random.u8(..8) == 0 {
            count(totals, "outage");
            self.begin_outage();
        }
        // A client remembers a low rate, so the next schedules of the lane are slow, too.
        if self.random.u8(..16) == 0 {
            count(totals, "rate limit");
            let limit = RateLimit::per_second(0.2 + 5.0 * self.random.f64()).burst(self.random.u32(1..20));
            faults.rate_limit(match self.random.bool() {
                true => limit,
                false => limit.without_retry_after(),
            });
        }
        if self.is_skewed {
            // Responses before this hour show that the clocks agree.
            fixture.clock.advance(HOUR + SECOND);
            let minutes = self.random.i64(6..60);
            let skew = TimeDelta::minutes(if self.random.bool() { minutes } else { -minutes });
            faults.date_skew(skew);
        }
    }

    fn begin_outage(&mut self) {
        let now = self.lane.fixture.simulator.clock().now();
        let kind = match self.random.bool() {
            true => OutageKind::Unavailable(RetryAfter::Absent),
            false => OutageKind::ConnectionsReset,
        };
        let length = SECOND * self.random.u32(1..1800);
        let outage = Outage::new(now..now + length, kind);
        self.lane.fixture.simulator.faults().outage(outage);
    }

    /// Lets a journal that is shared fail, in some schedules.
    pub(super) fn break_journal(&mut self) -> Option<Failing> {
        if self.random.u8(..4) > 0 {
            return None;
        }
        let (table, condition) = FAILURES[self.random.usize(..FAILURES.len())];
        Some(Failing::new(self.lane.fixture.journal.path(), table, condition))
    }
}
