//! Logging in by a province's identity service (统一身份认证): OpenID Connect, authorization code with PKCE. The service says who somebody is;
//! whose account that is has been linked by the security administrator before, and no account is made by itself.

mod token;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiesu_domain::Instant;
use serde::{Deserialize, Serialize};
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

use crate::app::random_bytes;
pub use token::{Claims, TokenError};
use token::{Jwks, Wanted};

/// What a centre knows of the service: `[oidc]` of its settings.
#[derive(Clone, Default, Deserialize, PartialEq)]
#[cfg_attr(test, derive(Serialize))]
#[serde(default, deny_unknown_fields)]
pub struct OidcSettings {
    /// Its address; what it says of itself is asked for below it.
    pub issuer: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    /// Where this centre is found by browsers: `https://12345.example.gov.cn`.
    pub our_address: Option<String>,
    /// What stands on the button.
    pub name: Option<String>,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// Where the browser comes back to.
pub const CALLBACK: &str = "/api/v1/oidc/callback";
/// Where the browser comes back to after logging out there; the service must know it (`post_logout_redirect_uris`).
pub const LEFT: &str = "/console/login";
/// For one answer of the service.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer.
const ANSWER_MOST: u64 = 1024 * 1024;

/// It did not work. `Debug` and `Display` go to the log and hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the identity service does not answer: {0}")]
    Away(String),
    #[error("the identity service answered with {0}")]
    Refused(u16),
    #[error("the identity service says of itself what does not fit: {0}")]
    Unfit(&'static str),
    #[error("its token is not good: {0}")]
    Token(#[from] TokenError),
}

/// What is kept with the browser between going there and coming back.
#[derive(Serialize, Deserialize)]
pub struct Flow {
    pub state: String,
    nonce: String,
    verifier: String,
    /// Seconds since 1970 until which it is good.
    pub until: i64,
}

impl std::fmt::Debug for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flow(…)")
    }
}

/// The service as it describes itself.
#[derive(Clone, Deserialize)]
struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    /// Where one logs out there; not every service has that.
    end_session_endpoint: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

#[derive(Default)]
struct Known {
    provider: Option<Provider>,
    keys: Option<Arc<Jwks>>,
}

/// The service, and how it is spoken to.
pub struct Oidc {
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    our_address: String,
    name: String,
    agent: Agent,
    known: Mutex<Known>,
}

impl std::fmt::Debug for Oidc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oidc").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Oidc {
    /// `None`: no service is named.
    ///
    /// # Errors
    /// What is missing or wrong in the settings: its name, and in Chinese what would do.
    pub fn new(settings: &OidcSettings) -> Result<Option<Oidc>, (&'static str, &'static str)> {
        let Some(issuer) = settings.issuer.clone() else { return Ok(None) };
        let safe = |address: &str| {
            address.starts_with("https://")
                || ["http://127.0.0.1", "http://localhost"].iter().any(|local| address.starts_with(local))
        };
        if !safe(&issuer) {
            return Err(("issuer", "应以 https:// 开头"));
        }
        let client_id = settings.client_id.clone().ok_or(("client_id", "没有写；请填写身份认证平台分配的应用编号"))?;
        let our_address = settings.our_address.clone().filter(|address| safe(address));
        let our_address = our_address.ok_or(("our_address", "应是浏览器打开本系统的地址，以 https:// 开头"))?;
        // The authorities that the machine trusts: an administration often has its own.
        let roots = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(roots);
        Ok(Some(Oidc {
            issuer: issuer.trim_end_matches('/').to_owned(),
            client_id,
            client_secret: settings.client_secret.clone(),
            our_address: our_address.trim_end_matches('/').to_owned(),
            name: settings.name.clone().unwrap_or_else(|| "统一身份认证".into()),
            agent: config.build().into(),
            known: Mutex::default(),
        }))
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What stands on the button.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn redirect(&self) -> String {
        format!("{}{CALLBACK}", self.our_address)
    }

    /// Where the browser goes, and what is kept with it. Blocks while the service is asked.
    ///
    /// # Errors
    /// The service is away or does not fit.
    pub fn begin(&self, now: Instant, seconds: i64) -> Result<(String, Flow), OidcError> {
        let provider = self.provider()?;
        let secret = || BASE64.encode(random_bytes::<32>());
        let flow = Flow { state: secret(), nonce: secret(), verifier: secret(), until: now.as_second() + seconds };
        let challenge = BASE64.encode(ring::digest::digest(&ring::digest::SHA256, flow.verifier.as_bytes()));
        let query = form(&[
            ("response_type", "code"),
            ("scope", "openid"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect()),
            ("state", &flow.state),
            ("nonce", &flow.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let joint = if provider.authorization_endpoint.contains('?') { '&' } else { '?' };
        Ok((format!("{}{joint}{query}", provider.authorization_endpoint), flow))
    }

    /// Who came back with this code, and the token that says so. Blocks while the service is asked.
    ///
    /// # Errors
    /// The service is away, refuses the code, or its token is not good.
    pub fn finish(&self, flow: &Flow, code: &str, now: Instant) -> Result<(Claims, String), OidcError> {
        let provider = self.provider()?;
        let fields = form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect()),
            ("code_verifier", &flow.verifier),
            ("client_id", &self.client_id),
        ]);
        let mut request = self
            .agent
            .post(&provider.token_endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        if let Some(secret) = &self.client_secret {
            let pair = format!("{}:{}", escaped(&self.client_id), escaped(secret));
            let basic = base64::engine::general_purpose::STANDARD.encode(pair);
            request = request.header("authorization", format!("Basic {basic}"));
        }
        let tokens: Tokens = read(request.send(&fields))?;
        let wanted =
            Wanted { issuer: &provider.issuer, client_id: &self.client_id, nonce: &flow.nonce, now: now.as_second() };
        let checked =
            |again| token::checked(&tokens.id_token, &*self.keys(&provider, again)?, &wanted).map_err(OidcError::from);
        let claims = match checked(false) {
            // The service has new keys since. It gave us this token itself: nobody else can make us ask.
            Err(OidcError::Token(TokenError::UnknownKey)) => checked(true),
            other => other,
        }?;
        Ok((claims, tokens.id_token))
    }

    /// Where the browser goes to log out of the service too, and comes back to our log-in from (OpenID Connect RP-Initiated Logout 1.0). Blocks
    /// while the service is asked; `None`: it has no such place.
    ///
    /// # Errors
    /// The service is away or does not fit.
    pub fn leave(&self, id_token: &str) -> Result<Option<String>, OidcError> {
        let Some(there) = self.provider()?.end_session_endpoint else { return Ok(None) };
        let query = form(&[
            ("id_token_hint", id_token),
            ("client_id", &self.client_id),
            ("post_logout_redirect_uri", &format!("{}{LEFT}", self.our_address)),
        ]);
        let joint = if there.contains('?') { '&' } else { '?' };
        Ok(Some(format!("{there}{joint}{query}")))
    }

    fn provider(&self) -> Result<Provider, OidcError> {
        if let Some(known) = &self.known.lock().unwrap_or_else(PoisonError::into_inner).provider {
            return Ok(known.clone());
        }
        let address = format!("{}/.well-known/openid-configuration", self.issuer);
        let found: Provider = read(self.agent.get(address).call())?;
        if found.issuer.trim_end_matches('/') != self.issuer {
            return Err(OidcError::Unfit("it calls itself by another address"));
        }
        let all = [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri];
        let safe = all.into_iter().chain(&found.end_session_endpoint).all(|address| address.starts_with("https://"));
        if self.issuer.starts_with("https://") && !safe {
            return Err(OidcError::Unfit("one of its addresses is not https"));
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).provider = Some(found.clone());
        Ok(found)
    }

    fn keys(&self, provider: &Provider, again: bool) -> Result<Arc<Jwks>, OidcError> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = known().keys.clone().filter(|_| !again) {
            return Ok(keys);
        }
        let keys: Arc<Jwks> = Arc::new(read(self.agent.get(&provider.jwks_uri).call())?);
        known().keys = Some(keys.clone());
        Ok(keys)
    }
}

fn read<T: serde::de::DeserializeOwned>(
    answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<T, OidcError> {
    let mut answer = answer.map_err(|e| OidcError::Away(e.to_string()))?;
    if !answer.status().is_success() {
        return Err(OidcError::Refused(answer.status().as_u16()));
    }
    let body = answer.body_mut().with_config().limit(ANSWER_MOST);
    // What it holds may be a token: the reader's own words quote it.
    body.read_json().map_err(|_| OidcError::Unfit("an answer that cannot be read"))
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    pairs.join("&")
}

/// For a part of an address or a form.
fn escaped(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
