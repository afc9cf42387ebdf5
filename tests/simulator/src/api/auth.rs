//! Credentials: API keys, and the bearer tokens (JWT) that are minted from them.
//!
//! Facts of the public API description and of Illumina's help pages: an API key in `X-API-Key`
//! works on every operation but the refresh. A JWT from `POST /api/tokens` works as a bearer token
//! until its `exp`. A JWT minted from an API key cannot be refreshed.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

use super::operation::Operation;
use super::problem::{Code, Problem};

/// The origin of a token. It decides whether the token can be refreshed.
///
/// ```
/// use std::time::Duration;
///
/// use ica_simulator::{Simulator, TokenOrigin};
///
/// let simulator = Simulator::start();
/// let token = simulator.issue_token(TokenOrigin::User, Duration::from_secs(600));
/// assert_eq!(token.split('.').count(), 3); // a JWT
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenOrigin {
    /// Minted from an API key. It cannot be refreshed.
    ApiKey,
    /// Issued to a person who logged in. It can be refreshed.
    User,
}

/// The user of a credential. The id is a version-3 UUID, as in real responses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

impl User {
    pub(crate) fn named(name: &str) -> Self {
        Self {
            id: Uuid::new_v3(&Uuid::NAMESPACE_URL, name.as_bytes()),
            name: name.to_owned(),
        }
    }
}

/// An authenticated caller and the token that was sent, if any.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) token: Option<(String, TokenOrigin)>,
}

#[derive(Clone, Debug)]
struct IssuedToken {
    user: User,
    origin: TokenOrigin,
    expires: DateTime<Utc>,
}

/// The form of a token. Injected faults ask for the forms that are not a complete JWT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TokenForm {
    #[default]
    Jwt,
    WithoutExpiry,
    Opaque,
}

/// All keys and tokens of a simulator.
#[derive(Debug)]
pub(crate) struct Credentials {
    keys: HashMap<String, User>,
    tokens: HashMap<String, IssuedToken>,
    /// Number of tokens that requests have minted or refreshed.
    pub(crate) minted: usize,
    random: fastrand::Rng,
}

impl Credentials {
    /// Creates the credentials of these API keys. Each key belongs to a user of its own, unless
    /// `users` names the user.
    pub(crate) fn new(keys: &[String], users: &HashMap<String, String>, seed: u64) -> Self {
        let named = |(index, key): (usize, &String)| {
            let numbered = || format!("user-{}", index + 1);
            let user = users.get(key).cloned().unwrap_or_else(numbered);
            (key.clone(), User::named(&user))
        };
        Self {
            keys: keys.iter().enumerate().map(named).collect(),
            tokens: HashMap::new(),
            minted: 0,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Authenticates a caller, or returns the reason for the refusal.
    pub(crate) fn authenticate(
        &self,
        operation: Operation,
        headers: &HeaderMap,
        now: DateTime<Utc>,
    ) -> Result<Caller, Problem> {
        let bearer = bearer(headers);
        match operation {
            Operation::CreateToken => self
                .by_key(headers)
                .ok_or_else(|| refused(headers, "Send the API key in X-API-Key.")),
            Operation::RefreshToken => match bearer {
                Some(token) => self.by_token(&token, now),
                None => Err(refused(headers, "Send the token to refresh as a bearer token.")),
            },
            _ => match bearer {
                Some(token) => self.by_token(&token, now),
                None => self
                    .by_key(headers)
                    .ok_or_else(|| refused(headers, "Send an API key in X-API-Key, or a bearer token.")),
            },
        }
    }

    /// Returns the user of an API key.
    pub(crate) fn user(&self, api_key: &str) -> Option<&User> {
        self.keys.get(api_key)
    }

    fn by_key(&self, headers: &HeaderMap) -> Option<Caller> {
        let key = headers.get("x-api-key")?.to_str().ok()?;
        self.keys.get(key).map(|user| Caller {
            user: user.clone(),
            token: None,
        })
    }

    fn by_token(&self, text: &str, now: DateTime<Utc>) -> Result<Caller, Problem> {
        match self.tokens.get(text) {
            Some(token) if token.expires > now => Ok(Caller {
                user: token.user.clone(),
                token: Some((text.to_owned(), token.origin)),
            }),
            Some(_) => Err(unauthenticated("The token has expired; mint a new one.")),
            None => Err(unauthenticated("The token is unknown; mint a new one.")),
        }
    }

    /// Issues a token to a user and keeps it.
    pub(crate) fn issue(
        &mut self,
        user: &User,
        origin: TokenOrigin,
        lifetime: Duration,
        now: DateTime<Utc>,
        form: TokenForm,
    ) -> String {
        let lifetime = TimeDelta::from_std(lifetime).unwrap_or(TimeDelta::MAX);
        let expires = now.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let text = self.text(user, now, expires, form);
        self.tokens.insert(
            text.clone(),
            IssuedToken {
                user: user.clone(),
                origin,
                expires,
            },
        );
        text
    }

    fn text(&mut self, user: &User, now: DateTime<Utc>, expires: DateTime<Utc>, form: TokenForm) -> String {
        let mut random = [0_u8; 64];
        self.random.fill(&mut random);
        if form == TokenForm::Opaque {
            return format!("opaque-{}", URL_SAFE_NO_PAD.encode(&random[..32]));
        }
        let jti = uuid::Builder::from_random_bytes(random[..16].try_into().expect("16 bytes")).into_uuid();
        let mut claims = serde_json::json!({
            "iss": "ica-simulator",
            "sub": user.id,
            "jti": jti,
            "iat": now.timestamp(),
            "exp": expires.timestamp(),
        });
        if form == TokenForm::WithoutExpiry {
            claims.as_object_mut().expect("an object was just made").remove("exp");
        }
        let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": "simulator" });
        format!(
            "{}.{}.{}",
            part(&header),
            part(&claims),
            URL_SAFE_NO_PAD.encode(&random[16..])
        )
    }

    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.tokens.remove(token).is_some()
    }

    pub(crate) fn revoke_all(&mut self) {
        self.tokens.clear();
    }
}

/// Returns the text of the bearer token, if the request has one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn refused(headers: &HeaderMap, advice: &str) -> Problem {
    let reason = if headers.contains_key("x-api-key") {
        "The API key is not accepted here."
    } else if headers.contains_key(AUTHORIZATION) {
        "This kind of authorization is not accepted here."
    } else {
        "There are no credentials."
    };
    unauthenticated(format!("{reason} {advice}"))
}

pub(crate) fn unauthenticated(detail: impl Into<String>) -> Problem {
    Problem::new(Code::Unauthenticated, detail).header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::family::Family;

    const GET_BATCH: Operation = Operation::GetBatch(Family::Analysis);

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            http::HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )])
    }

    #[test]
    fn a_token_is_a_jwt_that_expires() {
        let mut credentials = Credentials::new(&["key".to_owned()], &HashMap::new(), 1);
        let now = Utc::now();
        let user = credentials.user("key").unwrap().clone();
        let token = credentials.issue(&user, TokenOrigin::User, Duration::from_secs(60), now, TokenForm::Jwt);
        let parts: Vec<_> = token.split('.').collect();
        assert_eq!(parts.len(), 3);
        let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 60);

        let sent = headers("authorization", &format!("Bearer {token}"));
        assert!(credentials.authenticate(GET_BATCH, &sent, now).is_ok());
        assert!(credentials.authenticate(Operation::CreateToken, &sent, now).is_err());
        assert!(
            credentials
                .authenticate(GET_BATCH, &sent, now + TimeDelta::seconds(60))
                .is_err()
        );
        assert!(credentials.revoke(&token));
        assert!(credentials.authenticate(GET_BATCH, &sent, now).is_err());
    }

    #[test]
    fn a_key_works_everywhere_but_on_refresh() {
        let credentials = Credentials::new(&["key".to_owned()], &HashMap::new(), 1);
        for operation in Operation::ALL {
            let accepted = credentials
                .authenticate(operation, &headers("x-api-key", "key"), Utc::now())
                .is_ok();
            assert_eq!(accepted, operation != Operation::RefreshToken, "{operation}");
            assert!(
                credentials
                    .authenticate(operation, &headers("x-api-key", "other"), Utc::now())
                    .is_err()
            );
            assert!(
                credentials
                    .authenticate(operation, &headers("authorization", "Basic a2V5"), Utc::now())
                    .is_err()
            );
        }
    }

    #[test]
    fn owners_are_version_3_uuids() {
        assert_eq!(User::named("user-1").id.get_version_num(), 3);
    }
}
