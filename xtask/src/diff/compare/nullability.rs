//! Compares whether null is allowed.

use super::schema::Spot;
use super::{Comparison, Field, Pair};

impl<'a> Comparison<'a> {
    pub(super) fn nullable(&mut self, pair: &Pair<'a>, field: &Field<'a>, spot: Spot<'_>) {
        // An absent list of a request is an empty one, and not an `Option`.
        let is_list = pair.before.text("type") == Some("array") && self.scope.uses.requests;
        let (allowed, forbidden) = if self.scope.is_problem {
            ("problem-loosely-read", "problem-loosely-read")
        } else if spot.is_required {
            ("null-allowed", "null-forbidden")
        } else if is_list {
            ("null-allowed-for-optional-list", "null-forbidden-for-optional-list")
        } else {
            ("null-allowed-where-optional", "null-forbidden-where-optional")
        };
        self.flag(field, allowed, forbidden);
    }
}
