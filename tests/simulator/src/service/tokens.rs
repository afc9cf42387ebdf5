//! Minting and refreshing tokens.

use http::StatusCode;

use super::Core;
use super::execute::Writing;
use crate::api::auth::{Caller, TokenForm, TokenOrigin};
use crate::api::call::Call;
use crate::api::problem::{Code, Problem};
use crate::api::response::Answer;
use crate::json::JsonWriter;

impl Core {
    pub(super) fn create_token(
        &self,
        call: &Call,
        caller: &Caller,
        writing: Writing,
        form: TokenForm,
    ) -> Result<Answer, Problem> {
        if !call.body.is_empty() {
            return Err(Problem::new(
                Code::InvalidRequest,
                "This operation takes no body; send none.",
            ));
        }
        Ok(self.mint(caller, TokenOrigin::ApiKey, writing, form))
    }

    pub(super) fn refresh_token(&self, caller: &Caller, writing: Writing, form: TokenForm) -> Result<Answer, Problem> {
        match &caller.token {
            Some((_, TokenOrigin::User)) => Ok(self.mint(caller, TokenOrigin::User, writing, form)),
            _ => {
                let detail = "A token minted from an API key cannot be refreshed; mint a new one at POST /api/tokens.";
                Err(Problem::new(Code::NotRefreshable, detail))
            }
        }
    }

    fn mint(&self, caller: &Caller, origin: TokenOrigin, writing: Writing, form: TokenForm) -> Answer {
        let credentials = &mut self.state.lock().credentials;
        let token = credentials.issue(&caller.user, origin, self.settings.token_lifetime, writing.now, form);
        credentials.minted += 1;
        let mut w = JsonWriter::new(writing.style);
        w.object(|w| w.maybe("token", Some(&token), |w, token| w.string(token)));
        writing.answer(StatusCode::OK, w.finish())
    }
}
