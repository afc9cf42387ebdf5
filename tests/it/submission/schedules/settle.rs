//! The end of a schedule: rows are sent again, and everything is audited.

use std::collections::BTreeMap;

use ica_batch_sdk_ext::Journal;
use ica_simulator::Fate;

use super::schedule::{HOUR, MOST_RUNS, SECOND, Schedule, Sends};
use super::{FAILING, INVALID, Totals, UNCREATED, count};

impl Schedule<'_> {
    /// Sends rows again that were rejected, not created, or failed, ends the faults, and audits. Returns
    /// how often each analysis must exist.
    pub(super) async fn settle(&mut self, journal: &Journal, totals: &mut Totals) -> BTreeMap<String, usize> {
        let (mut invalid, mut uncreated, mut failing) = (0, 0, 1);
        if self.retries && (self.has(INVALID) || self.has(UNCREATED)) {
            count(totals, if self.has(INVALID) { "retried" } else { "created again" });
            self.send_again(&[INVALID, UNCREATED], journal, Sends::NotCreated, totals)
                .await;
            (invalid, uncreated) = (1, 1);
        }
        if self.reruns && self.has(FAILING) {
            count(totals, "rerun");
            self.send_again(&[FAILING], journal, Sends::Failed, totals).await;
            failing = 2;
        }
        let fixture = &self.lane.fixture;
        fixture.simulator.faults().clear();
        // The difference that responses showed is forgotten after an hour.
        fixture.clock.advance(HOUR + SECOND);
        let mut expected = BTreeMap::new();
        for name in &self.names {
            let times = match name {
                name if name.ends_with(INVALID) => invalid,
                name if name.ends_with(UNCREATED) => uncreated,
                name if name.ends_with(FAILING) => failing,
                _ => 1,
            };
            if times > 0 {
                expected.insert(name.clone(), times);
            }
        }
        if !self.is_marked {
            return expected;
        }
        let submission = || fixture.project.submission(self.name(), journal).allow_other_user();
        if self.has(UNCREATED) {
            // An audit expects an analysis of each accepted row until its item was listed.
            submission().run().await.unwrap();
        }
        let audit = submission().audit().await.unwrap();
        assert!(audit.is_clean(), "{self:?}: {audit} {:?}", audit.findings());
        expected
    }

    fn has(&self, end: &str) -> bool {
        self.names.iter().any(|name| name.ends_with(end))
    }

    /// Sends the rows with these ends of their names again, which now succeed. The faults go on.
    async fn send_again(&mut self, ends: &[&str], journal: &Journal, sends: Sends, totals: &mut Totals) {
        let lane = self.lane;
        let submission = || {
            let submission = lane.fixture.project.submission(self.name(), journal);
            submission.allow_other_user()
        };
        // Until then the journal does not know each failure.
        for attempt in 0.. {
            let Err(error) = submission().wait().await else { break };
            assert!(attempt < MOST_RUNS, "{error:?}");
            lane.fixture.clock.advance(20 * SECOND);
        }
        // A request in flight would still be executed, with the new fate.
        lane.fixture.simulator.close_connections();
        let again = { self.names.iter() }.filter(|name| ends.iter().any(|end| name.ends_with(end)));
        again.for_each(|name| lane.fixture.simulator.set_fate(name, Fate::Succeed));
        self.run_to_success(Some(journal), sends, totals).await;
    }
}
