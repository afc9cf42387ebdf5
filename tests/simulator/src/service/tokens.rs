//! The two operations on tokens: mint and refresh.

use http::StatusCode;

use super::core::Core;
use super::format::Format;
use crate::api::auth::{Caller, TokenForm, TokenOrigin};
use crate::api::call::Call;
use crate::api::problem::{Code, Problem};
use crate::api::response::ApiResponse;
use crate::json::JsonWriter;

impl Core {
    pub(super) fn create_token(
        &self,
        call: &Call,
        caller: &Caller,
        format: Format,
        form: TokenForm,
    ) -> Result<ApiResponse, Problem> {
        if !call.body.is_empty() {
            return Err(Problem::new(
                Code::InvalidRequest,
                "This operation has no body; send none.",
            ));
        }
        Ok(self.mint(caller, TokenOrigin::ApiKey, format, form))
    }

    pub(super) fn refresh_token(
        &self,
        caller: &Caller,
        format: Format,
        form: TokenForm,
    ) -> Result<ApiResponse, Problem> {
        match &caller.token {
            Some((_, TokenOrigin::User)) => Ok(self.mint(caller, TokenOrigin::User, format, form)),
            _ => {
                let detail = "A token minted from an API key cannot be refreshed; mint a new one at POST /api/tokens.";
                Err(Problem::new(Code::NotRefreshable, detail))
            }
        }
    }

    fn mint(&self, caller: &Caller, origin: TokenOrigin, format: Format, form: TokenForm) -> ApiResponse {
        let credentials = &mut self.state.lock().credentials;
        let token = credentials.issue(&caller.user, origin, self.settings.token_lifetime, format.now, form);
        credentials.minted += 1;
        let mut w = JsonWriter::new(format.style);
        w.object(|w| w.optional("token", Some(&token), |w, token| w.string(token)));
        format.response(StatusCode::OK, w.finish())
    }
}
