//! Authenticates a request, decides its version and passes it to its operation.

use http::HeaderValue;
use http::header::ALLOW;

use super::core::Core;
use super::format::{Deviation, Format, WrongVersion};
use crate::api::call::Call;
use crate::api::operation::Operation;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;

impl Core {
    /// Executes a request and returns the response, which may be a problem.
    pub(crate) async fn execute(&self, call: &Call, deviation: Deviation) -> ApiResponse {
        self.try_execute(call, deviation)
            .await
            .unwrap_or_else(|problem| self.problem_response(problem))
    }

    async fn try_execute(&self, call: &Call, deviation: Deviation) -> Result<ApiResponse, Problem> {
        let operation = call.operation.ok_or_else(|| no_operation(call))?;
        if call.too_large {
            return Err(Problem::new(
                Code::TooLarge,
                "The body is larger than the configured maximum; send several batches.",
            ));
        }
        let now = self.clock.now();
        let caller = self
            .state
            .lock()
            .credentials
            .authenticate(operation, &call.headers, now)?;
        let asked = self.settings.versions.response_version(operation, &call.headers)?;
        let (version, declared) = match deviation.version {
            None => (asked, asked),
            Some(WrongVersion::Declared) => (asked.other(), asked.other()),
            Some(WrongVersion::Undeclared) => (asked.other(), asked),
        };
        let format = Format {
            version,
            style: deviation.style.unwrap_or(self.settings.style),
            now,
            media_type: declared.media_type(),
        };
        match operation {
            Operation::CreateBatch(family) => {
                self.create_batch(family, call, &caller, format, deviation.forget_key)
                    .await
            }
            Operation::GetBatch(family) => self.get_batch(family, call, format),
            Operation::GetItems(family) => self.get_items(family, call, format, deviation.page),
            Operation::GetItem(family) => self.get_item(family, call, format),
            Operation::SearchAnalyses => self.search_analyses(call, format, deviation.page),
            Operation::GetAnalysis => self.get_analysis(call, format),
            Operation::AbortAnalysis => self.abort_analysis(call, format),
            Operation::GetAnalysisSteps => self.get_analysis_steps(call, format),
            Operation::GetAnalysisOutputs => self.get_analysis_outputs(call, format),
            Operation::ListData => self.list_data(call, format, deviation.page),
            Operation::ListPipelines => self.list_pipelines(call, format),
            Operation::ListStorages => self.list_storages(call, format),
            Operation::CreateToken => self.create_token(call, &caller, format, deviation.token),
            Operation::RefreshToken => self.refresh_token(&caller, format, deviation.token),
        }
    }
}

/// Returns the problem for a path or a method that does not exist.
fn no_operation(call: &Call) -> Problem {
    let Some(allowed) = &call.allowed else {
        let detail = format!(
            "Path {} does not exist; paths of the API begin with /ica/rest/api.",
            call.path
        );
        return Problem::new(Code::NotFound, detail).parameter("path", &call.path);
    };
    let detail = format!("This path does not have the method {}; use {allowed}.", call.method);
    let allow = HeaderValue::try_from(allowed.as_str()).expect("a method is a header value");
    Problem::new(Code::MethodNotAllowed, detail).header(ALLOW, allow)
}
