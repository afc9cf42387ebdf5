//! The list of found analyses, page by page.

use std::sync::Arc;

use ica_batch_sdk::types::{AnalysisQueryParameters, AnalysisV4};
use ica_batch_sdk::{self as raw};

use super::super::foreign::scrub_v4;
use super::{SearchAnalyses, filters};
use crate::batch::ForeignTexts;
use crate::call::{CallOverrides, RawResult};
use crate::error::Result;
use crate::paging::{
    BoxedPage, CursorPages, ItemLimit, ItemStream, ListDeadline, ListIdentity, Page, PageQuery, PageStart, Pages,
    PagingMode, Position,
};

/// Limit of the analyses of a project. ICA documents none; this one ends a list without end after
/// ten thousand full pages.
const PROJECT: ItemLimit = ItemLimit {
    items: 10_000_000,
    of: "project",
};

/// Share of the response limit up to which a page is small, so that the next one is fetched ahead.
const SMALL_PAGE: u64 = 4;

/// Query for a page of found analyses.
type Query = PageQuery<Arc<AnalysisQueryParameters>>;

async fn list(client: raw::Client, project: &str, query: &Query) -> RawResult<Page<AnalysisV4>> {
    let parameters = query.parameters();
    let (offset, size, token) = (parameters.offset, parameters.size, parameters.token);
    let response = client.search_analyses(project, offset, size, token, None, &query.filter);
    let list = response.await?.into_inner();
    Ok(Page {
        items: list.items,
        next: list.next_page_token,
        total: list.total_item_count.and_then(|total| u64::try_from(total).ok()),
        bytes: client.context().response_bytes().unwrap_or_default(),
    })
}

impl SearchAnalyses {
    fn action(&self) -> String {
        format!("search the analyses of project {}", self.analyses.project)
    }

    /// Returns whether found analyses are compared with the filters.
    pub(super) fn compares(&self) -> bool {
        self.exact && filters::are_ambiguous(&self.filters)
    }

    /// Returns the time limit of a new list.
    pub(super) fn deadline_from_now(&self) -> Option<Arc<ListDeadline>> {
        let clock = self.analyses.core.clock();
        let limit = self.list_deadline?;
        Some(Arc::new(ListDeadline::new(Arc::clone(clock), limit)))
    }

    /// Returns the number of analyses that ICA finds, where the response contains it.
    pub(super) async fn total(&self, deadline: Option<&ListDeadline>) -> Result<Option<u64>> {
        let query = PageQuery {
            start: PageStart::Offset(0, 1),
            ..self.query(PageStart::First)
        };
        let page = self.page(self.overrides_within(deadline), query).await;
        let page = page.map_err(|error| match deadline {
            Some(deadline) if deadline.has_passed() => deadline.error().with_source(error),
            _ => error,
        });
        Ok(page?.total)
    }

    pub(super) fn stream_from(self, position: Position) -> ItemStream<AnalysisV4> {
        let deadline = self.deadline_from_now();
        self.stream_within(position, deadline)
    }

    pub(super) fn stream_within(
        self,
        position: Position,
        deadline: Option<Arc<ListDeadline>>,
    ) -> ItemStream<AnalysisV4> {
        let (identity, action) = (self.identity(), self.action());
        let filters = self.exact.then(|| self.filters.clone());
        let small = self.analyses.core.response_limit() / SMALL_PAGE;
        let (start, prefetch) = (position.page.clone(), self.prefetch.then_some(small));
        let pages = CursorPages::new(start, prefetch, self.fetch(deadline.clone())).limit(PROJECT);
        let stream = ItemStream::new(Pages::Cursor(pages), identity, action, position, |found| found.id);
        let stream = stream.within(deadline);
        match filters {
            Some(filters) => stream.keep(move |found| filters::match_exactly(&filters, found)),
            None => stream,
        }
    }

    /// Returns the function that fetches a page.
    fn fetch(
        self,
        deadline: Option<Arc<ListDeadline>>,
    ) -> impl FnMut(PageStart) -> BoxedPage<AnalysisV4> + Send + 'static {
        let search = Arc::new(self);
        move |start| {
            let search = Arc::clone(&search);
            let overrides = search.overrides_within(deadline.as_deref());
            Box::pin(async move { search.page(overrides, search.query(start)).await })
        }
    }

    fn query(&self, start: PageStart) -> Query {
        PageQuery {
            filter: Arc::new(self.filters.clone()),
            size: self.page_size,
            start,
        }
    }

    /// Returns the options of a call, with no more time than the list has left.
    fn overrides_within(&self, deadline: Option<&ListDeadline>) -> CallOverrides {
        let overrides = self.overrides.clone();
        match deadline {
            Some(deadline) => overrides.at_most(deadline.remaining(), self.analyses.core.options()),
            None => overrides,
        }
    }

    async fn page(&self, overrides: CallOverrides, query: Query) -> Result<Page<AnalysisV4>> {
        query.check()?;
        filters::check(&query.filter)?;
        let (core, project) = (&self.analyses.core, &self.analyses.project);
        let call = core
            .call("search_analyses", self.action())
            .overrides(&overrides)
            .only_reads();
        let mut page = call
            .run_checked(|raw| list(raw, project, &query), |page| query.check_page(page))
            .await?;
        let mut texts = ForeignTexts::new(core);
        page.items.iter_mut().for_each(|found| scrub_v4(found, &mut texts));
        Ok(page)
    }

    pub(super) fn identity(&self) -> ListIdentity {
        ListIdentity::new([
            ("project", self.analyses.project.to_string()),
            ("search for", "analyses".to_owned()),
            ("filters", filters::identity(&self.filters)),
            ("comparison", if self.exact { "exact" } else { "by ICA" }.to_owned()),
            ("page size", self.page_size.to_string()),
            ("paging by", PagingMode::Cursor.name().to_owned()),
        ])
    }
}
