//! Tests of the error type.

use std::error::Error as _;
use std::sync::Arc;

use super::{Error, ErrorKind, Execution, Problem, Scrubber};

#[test]
fn it_is_a_standard_error_of_one_pointer() {
    fn assert_error<T: std::error::Error + Send + Sync + 'static>() {}
    assert_error::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn a_shared_error_shares_its_texts() {
    let problem = Problem::from_bytes(br#"{"title":"X"}"#, &Scrubber::without_secrets());
    let error = Error::new(ErrorKind::Server, "server error (HTTP 500)".repeat(100))
        .could_not("read batch 7")
        .with_problem(problem)
        .with_source("a source");
    let shared = error.share();
    assert_eq!(format!("{shared:?}"), format!("{error:?}"));
    assert!(std::ptr::eq(shared.problem().unwrap(), error.problem().unwrap()));
    assert!(std::ptr::eq(shared.source().unwrap(), error.source().unwrap()));
    assert!(Arc::ptr_eq(&shared.0.what, &error.0.what));
    let [one, other] = [shared.0.action, error.0.action].map(Option::unwrap);
    assert!(Arc::ptr_eq(&one, &other));
}

#[test]
fn it_converts_into_other_error_types() {
    fn fails() -> Result<(), anyhow::Error> {
        Err(Error::new(ErrorKind::Server, "server error (HTTP 500)"))?
    }
    async fn fails_later() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err(Error::new(ErrorKind::Server, "server error (HTTP 500)"))?
    }
    assert!(fails().unwrap_err().downcast_ref::<Error>().is_some());
    fn assert_send<T: Send>(_: T) {}
    assert_send(fails_later());
}

#[test]
fn the_advice_after_a_create_depends_on_its_key() {
    let lost_by = |kind, key: Option<&str>| {
        let error = Error::new(kind, "it failed").with_execution(Execution::Unknown);
        error.with_key(key.map(|key| key.parse().unwrap())).to_string()
    };
    for kind in [ErrorKind::Interrupted, ErrorKind::Server] {
        let lost = lost_by(kind, None);
        assert!(lost.ends_with("check in the project whether the batch exists before you send it again"));
    }
    let lost = lost_by(ErrorKind::Interrupted, Some("k"));
    assert!(lost.ends_with("with the same idempotency key again, which creates nothing twice"));
    let lost = lost_by(ErrorKind::Server, Some("k"));
    assert!(lost.contains("check in the project whether the batch exists") && lost.contains("ICA forgets the key"));
}

/// The credential may be right, so the advice is not about it.
#[test]
fn the_advice_about_a_refusal_by_a_proxy_names_the_proxy() {
    let refusals = [
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::VersionNotSupported,
        ErrorKind::Rejected,
    ];
    for kind in refusals {
        let error = || Error::new(kind, "refused").with_status(Some(403)).of_proxy(true);
        let expected = "refused; check the proxy and the base URL, then send it again";
        assert_eq!(error().to_string(), expected, "{kind:?}");
        let create = error().with_execution(Execution::Unknown);
        assert!(
            create
                .to_string()
                .ends_with("whether the batch exists, before you send it again")
        );
        let create = create.with_key(Some("k".parse().unwrap())).to_string();
        assert!(create.contains("the proxy and the base URL") && create.contains("the same idempotency key again"));
    }
    let failed = Error::new(ErrorKind::Server, "it failed").of_proxy(true);
    assert_eq!(failed.to_string(), "it failed; send it again");
}

#[test]
fn display_is_one_sentence_that_ends_with_advice() {
    let error = Error::new(ErrorKind::NotFound, "not found (HTTP 404)").could_not("read batch 7");
    assert_eq!(
        error.to_string(),
        "could not read batch 7: not found (HTTP 404); check the ids, and that the user of the credential may see them"
    );
}
