//! Setters that the requests of lists have.

/// Defines the setters of a list, for a type with the fields `page_size`, `prefetch` and
/// `list_deadline`. The argument names the elements of a page.
macro_rules! list_setters {
    ($elements:literal) => {
        #[doc = concat!("Sets the number of ", $elements, " per page: 1000 by default. ICA documents no")]
        /// maximum; a larger number than 100 000 would exceed the limit of a response.
        ///
        /// With 0, or with more than 100 000, the stream fails with
        /// [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent.
        pub fn page_size(mut self, size: u64) -> Self {
            self.page_size = size;
            self
        }

        /// Sets whether the next page is fetched while the caller works on this one. On by default,
        /// for one page. A page of more than a quarter of the
        /// [response limit](crate::ClientBuilder::response_limit) is alone in memory.
        pub fn prefetch(mut self, prefetch: bool) -> Self {
            self.prefetch = prefetch;
            self
        }

        /// Sets the time limit of the whole list, from its first page on: none by default.
        /// [`Items::list_deadline`](crate::Items::list_deadline) has the details.
        pub fn list_deadline(mut self, deadline: ::std::time::Duration) -> Self {
            self.list_deadline = Some(deadline);
            self
        }
    };
}
pub(crate) use list_setters;
