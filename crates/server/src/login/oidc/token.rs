//! ID tokens: signed by a key of the service (RS256 or ES256, nothing else), for us, now, and in answer to our own question.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

/// Seconds by which the service's clock may be ahead or behind.
const DRIFT: i64 = 60;

/// A public key of the service.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// Its keys.
#[derive(Debug, Deserialize)]
pub(super) struct Jwks {
    pub keys: Vec<Jwk>,
}

/// Why a token is not good. Quotes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("it cannot be read")]
    Unreadable,
    #[error("it is signed in a way that is not taken")]
    Algorithm,
    #[error("it is signed with a key that is not known")]
    UnknownKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it is from somebody else, for somebody else, or answers another question")]
    NotOurs,
    #[error("it is not good at this time")]
    Time,
}

/// What is taken out of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// Whom the service means; nobody else's at that service, ever.
    pub subject: String,
}

/// What a token must say.
pub(super) struct Wanted<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub now: i64,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    iss: String,
    sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, TokenError> {
    let bytes = BASE64.decode(text).map_err(|_| TokenError::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Unreadable)
}

/// What a token says, once it is known to be good.
pub(super) fn checked(token: &str, keys: &Jwks, wanted: &Wanted<'_>) -> Result<Claims, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Unreadable)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Unreadable)?;
    let header: Header = part(header)?;
    let signature = BASE64.decode(signature).map_err(|_| TokenError::Unreadable)?;
    let kind = match header.alg.as_str() {
        "RS256" => "RSA",
        "ES256" => "EC",
        _ => return Err(TokenError::Algorithm),
    };
    let fits = |key: &&Jwk| key.kty == kind && key.purpose.as_deref().is_none_or(|p| p == "sig");
    let mut fitting = keys.keys.iter().filter(fits).filter(|key| header.kid.is_none() || key.kid == header.kid);
    // Without a name there must be no choice.
    let key = fitting.next().ok_or(TokenError::UnknownKey)?;
    if header.kid.is_none() && fitting.next().is_some() {
        return Err(TokenError::UnknownKey);
    }
    verified(key, signed.as_bytes(), &signature)?;
    let said: Said = part(claims)?;
    let (one, ours) = match &said.aud {
        Audience::One(aud) => (true, aud == wanted.client_id),
        Audience::Many(all) => (all.len() == 1, all.iter().any(|aud| aud == wanted.client_id)),
    };
    let azp = said.azp.as_deref().map_or(one, |azp| azp == wanted.client_id);
    if said.iss != wanted.issuer || !ours || !azp || said.nonce.as_deref() != Some(wanted.nonce) || said.sub.is_empty()
    {
        return Err(TokenError::NotOurs);
    }
    if said.exp <= wanted.now - DRIFT || said.iat > wanted.now + DRIFT {
        return Err(TokenError::Time);
    }
    Ok(Claims { subject: said.sub })
}

fn verified(key: &Jwk, signed: &[u8], signature: &[u8]) -> Result<(), TokenError> {
    let of = |text: &Option<String>| {
        let text = text.as_deref().ok_or(TokenError::UnknownKey)?;
        BASE64.decode(text).map_err(|_| TokenError::UnknownKey)
    };
    let good = if key.kty == "RSA" {
        let public = RsaPublicKeyComponents { n: of(&key.n)?, e: of(&key.e)? };
        public.verify(&signature::RSA_PKCS1_2048_8192_SHA256, signed, signature)
    } else {
        if key.crv.as_deref() != Some("P-256") {
            return Err(TokenError::UnknownKey);
        }
        // The point as it is written out uncompressed.
        let point = [vec![4], of(&key.x)?, of(&key.y)?].concat();
        UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(signed, signature)
    };
    good.map_err(|_| TokenError::Signature)
}

#[cfg(test)]
mod tests {
    use ring::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING as ES256, EcdsaKeyPair, KeyPair},
    };
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const WANTED: Wanted<'_> = Wanted { issuer: "https://id.example", client_id: "jiesu", nonce: "n-1", now: NOW };

    struct Service {
        pair: EcdsaKeyPair,
        keys: Jwks,
    }

    fn service(kid: &str) -> Service {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ES256, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ES256, pkcs8.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let (x, y) = (BASE64.encode(&point[1..33]), BASE64.encode(&point[33..]));
        let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "use": "sig", "kid": kid, "x": x, "y": y }] });
        Service { pair, keys: serde_json::from_value(keys).unwrap() }
    }

    impl Service {
        fn token(&self, header: Value, claims: Value) -> String {
            let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
            let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
            format!("{signed}.{}", BASE64.encode(signature))
        }

        fn says(&self, change: Value) -> Result<Claims, TokenError> {
            let mut claims = json!({ "iss": "https://id.example", "sub": "u-1", "aud": "jiesu", "nonce": "n-1",
                "iat": NOW, "exp": NOW + 60 });
            claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            checked(&self.token(json!({ "alg": "ES256", "kid": "k1" }), claims), &self.keys, &WANTED)
        }
    }

    #[test]
    fn a_good_token_names_its_subject_and_each_claim_is_looked_at() {
        let service = service("k1");
        let good = Ok(Claims { subject: "u-1".into() });
        assert_eq!(service.says(json!({})), good);
        assert_eq!(service.says(json!({ "aud": ["jiesu"] })), good);
        assert_eq!(service.says(json!({ "aud": ["other", "jiesu"], "azp": "jiesu" })), good);
        for wrong in [
            json!({ "iss": "https://evil.example" }),
            json!({ "aud": "other" }),
            json!({ "aud": ["other", "jiesu"] }),
            json!({ "azp": "other" }),
            json!({ "nonce": "n-2" }),
            json!({ "nonce": null }),
            json!({ "sub": "" }),
        ] {
            assert_eq!(service.says(wrong.clone()), Err(TokenError::NotOurs), "{wrong}");
        }
        assert_eq!(service.says(json!({ "exp": NOW - DRIFT + 1 })), good);
        assert_eq!(service.says(json!({ "exp": NOW - DRIFT })), Err(TokenError::Time));
        assert_eq!(service.says(json!({ "iat": NOW + DRIFT })), good);
        assert_eq!(service.says(json!({ "iat": NOW + DRIFT + 1 })), Err(TokenError::Time));
    }

    #[test]
    fn who_signs_decides_and_nobody_else() {
        let (ours, other) = (service("k1"), service("k1"));
        let claims = json!({ "iss": "https://id.example", "sub": "u-1", "aud": "jiesu", "nonce": "n-1", "iat": NOW, "exp": NOW + 60 });
        let token = |service: &Service, header| service.token(header, claims.clone());
        let check = |token: &str| checked(token, &ours.keys, &WANTED);
        assert_eq!(check(&token(&other, json!({ "alg": "ES256", "kid": "k1" }))), Err(TokenError::Signature));
        assert_eq!(check(&token(&ours, json!({ "alg": "ES256", "kid": "k2" }))), Err(TokenError::UnknownKey));
        assert!(check(&token(&ours, json!({ "alg": "ES256" }))).is_ok(), "one key, no choice");
        for alg in ["none", "HS256", "RS1", "ES384"] {
            assert_eq!(check(&token(&ours, json!({ "alg": alg, "kid": "k1" }))), Err(TokenError::Algorithm), "{alg}");
        }
        assert_eq!(
            check(&token(&ours, json!({ "alg": "RS256", "kid": "k1" }))),
            Err(TokenError::UnknownKey),
            "not for EC"
        );
        let good = token(&ours, json!({ "alg": "ES256", "kid": "k1" }));
        let (head, _) = good.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let forged = BASE64.encode(claims.to_string().replace("u-1", "u-2"));
        let signature = good.rsplit_once('.').unwrap().1;
        assert_eq!(check(&format!("{header}.{forged}.{signature}")), Err(TokenError::Signature));
        for broken in ["", ".", "..", "a.b", "a.b.c", &format!("{head}."), head] {
            assert!(check(broken).is_err(), "{broken}");
        }
    }
}
