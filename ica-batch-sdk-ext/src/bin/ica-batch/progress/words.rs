//! Events of a run in the words of the program: what happens, and until when.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use ica_batch_sdk_ext::SubmissionEvent;

use crate::advice;

/// Returns the line about an event.
pub(super) fn line(event: &SubmissionEvent) -> String {
    advice::with_server(&text(event))
}

fn text(event: &SubmissionEvent) -> String {
    match event {
        SubmissionEvent::SetAside {
            chunk,
            rows,
            failure,
            is_searched: true,
            until,
        } => format!(
            "chunk {chunk} ({rows}): {failure}. ICA is searched for its analyses again at {}, so that none is started \
             twice. The chunk is sent again if ICA does not show them until the end of the settling time \
             (--settling-time)",
            time(*until)
        ),
        SubmissionEvent::SetAside {
            chunk,
            rows,
            failure,
            until,
            ..
        } => format!("chunk {chunk} ({rows}) waits until {}: {failure}", time(*until)),
        SubmissionEvent::Paused { failure, until } => format!("sending pauses until {}: {failure}", time(*until)),
        SubmissionEvent::Retrying {
            operation,
            failure,
            until,
        } => format!("{} is sent again at {}: {failure}", request(operation), time(*until)),
        SubmissionEvent::ClientPaused { reason, until } => {
            format!("no request is sent until {}: {reason}", time(*until))
        }
        SubmissionEvent::SearchSetAside { failure, until } => {
            format!(
                "ICA could not be searched, and is searched again at {}: {failure}",
                time(*until)
            )
        }
        SubmissionEvent::ListingSetAside {
            batch, failure, until, ..
        } => format!(
            "the analyses of batch {batch} could not be listed, and are listed again at {}: {failure}",
            time(*until)
        ),
        other => other.to_string(),
    }
}

/// Returns what a request asks for.
fn request(operation: &str) -> &'static str {
    match operation {
        "create_analysis_creation_batch" => "a request to create analyses",
        "search_analyses" => "a search of ICA",
        "get_analysis_creation_batch" => "the request for the state of a batch",
        _ if operation.contains("creation_batch_items") => "the request for the analyses of a batch",
        "create_jwt_token" | "refresh_jwt_token" => "the request for a token",
        _ => "a request",
    }
}

/// Returns a time of day, with the date if it is more than half a day away.
pub(super) fn time(time: SystemTime) -> String {
    let time = DateTime::<Utc>::from(time);
    let format = match (time - Utc::now()).num_hours().abs() {
        0..12 => "%H:%M:%SZ",
        _ => "%Y-%m-%dT%H:%M:%SZ",
    };
    time.format(format).to_string()
}

/// Returns a duration in its two largest units, such as `1h 5m`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let rounded = match seconds {
        0..3600 => seconds,
        3600..86_400 => seconds - seconds % 60,
        _ => seconds - seconds % 3600,
    };
    humantime::format_duration(Duration::from_secs(rounded)).to_string()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use ica_batch_sdk_ext::{ChunkRows, ErrorKind, LastFailure, SubmissionEvent};

    use super::{duration, line};

    #[test]
    fn a_chunk_without_a_known_response_says_what_happens_and_why() {
        let failure = "ICA shows 0 of its 5 analyses so far, and the response to its request is not known";
        let event = SubmissionEvent::SetAside {
            chunk: "1".to_owned(),
            rows: ChunkRows::new("a", "e", 5),
            failure: LastFailure::new(ErrorKind::Interrupted, failure),
            is_searched: true,
            until: SystemTime::UNIX_EPOCH + Duration::from_secs(90),
        };
        let text = line(&event);
        assert!(
            text.starts_with("chunk 1 (a to e): ICA shows 0 of its 5 analyses so far, and the response to its request is not known. ICA is searched")
                && text.contains("again at 1970-01-01T00:01:30Z, so that none is started twice"),
            "{text}"
        );
    }

    #[test]
    fn a_request_has_no_operation_id() {
        for (operation, name) in [
            ("search_analyses", "a search of ICA"),
            (
                "get_analysis_creation_batch_items_summary",
                "the request for the analyses of a batch",
            ),
            ("something_new", "a request"),
        ] {
            let event = SubmissionEvent::Retrying {
                operation: operation.to_owned(),
                failure: LastFailure::new(ErrorKind::Server, "server error (HTTP 503)"),
                until: SystemTime::UNIX_EPOCH,
            };
            assert!(
                line(&event).starts_with(&format!("{name} is sent again at ")),
                "{operation}"
            );
        }
    }

    #[test]
    fn a_long_duration_has_no_seconds() {
        assert_eq!(duration(Duration::from_secs(65)), "1m 5s");
        assert_eq!(duration(Duration::from_secs(3665)), "1h 1m");
        assert_eq!(duration(Duration::from_secs(90_065)), "1day 1h");
    }
}
