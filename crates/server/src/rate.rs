//! How often somebody may ask: a bucket for each account and each address, in memory. It holds a minute's worth and fills evenly, so that a
//! page that asks for ten things at once is served and a program that asks for ever is not. A restart forgives.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{api::problem::Problem, app::App, limits::Limits, portal, serve::Peer};

/// Buckets kept; those that have filled up again go first.
const BUCKETS: usize = 50_000;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

/// Whose bucket it is: the name of its limit, and who.
type Key = (&'static str, String);

/// The buckets of a process.
#[derive(Debug, Default)]
pub struct Rates {
    buckets: Mutex<HashMap<Key, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: Instant,
    /// What it holds; it fills in a minute.
    most: f64,
}

impl Bucket {
    fn fill(&mut self, now: Instant) {
        let gone = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = self.most.min(self.left + gone * self.most / 60.0);
        self.at = self.at.max(now);
    }
}

/// What is left of a bucket, as the headers say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The limit's name in the settings.
    pub limit: &'static str,
    /// Requests a minute.
    pub most: u32,
    pub left: u32,
    /// Seconds until one more is there; 0 while some are left.
    pub wait: u64,
}

impl Rates {
    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// It is empty; says for how long.
    pub fn take(&self, limit: &'static str, who: &str, most: u32, now: Instant) -> Result<Rate, Rate> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS {
            buckets.retain(|_, b| {
                b.fill(now);
                b.left < b.most
            });
        }
        // Somebody comes from more addresses than can be kept: memory stays bounded whatever comes.
        if buckets.len() >= BUCKETS {
            buckets.clear();
        }
        let full = Bucket { left: most.into(), at: now, most: most.into() };
        let bucket = buckets.entry((limit, who.to_owned())).or_insert(full);
        bucket.fill(now);
        let rate = |left: f64, wait: u64| Rate { limit, most, left: left as u32, wait };
        if bucket.left < 1.0 {
            let wait = (1.0 - bucket.left) * 60.0 / bucket.most;
            return Err(rate(0.0, wait.ceil().max(1.0) as u64));
        }
        bucket.left -= 1.0;
        Ok(rate(bucket.left, 0))
    }
}

/// What the account's bucket said, told by the handler's extractor to the layer that writes headers.
#[derive(Clone, Debug, Default)]
pub struct OfAccount(Arc<OnceLock<Rate>>);

/// Counts a request of an account.
///
/// # Errors
/// 429 with the time after which it is open again.
pub fn of_account(app: &App, account: &str, extensions: &axum::http::Extensions) -> Result<(), Problem> {
    taken(app.rates.take("account", account, app.limits().account, Instant::now()), extensions)
}

fn taken(taken: Result<Rate, Rate>, extensions: &axum::http::Extensions) -> Result<(), Problem> {
    let (Ok(rate) | Err(rate)) = taken;
    if let Some(told) = extensions.get::<OfAccount>() {
        let _ = told.0.set(rate);
    }
    taken.map(drop).map_err(|rate| Problem::too_often(rate.limit, rate.wait))
}

/// Counts a request of a platform's key, which has a limit of its own.
///
/// # Errors
/// 429 with the time after which it is open again.
pub fn of_key(app: &App, key: &str, most: u32, extensions: &axum::http::Extensions) -> Result<(), Problem> {
    taken(app.rates.take("key", key, most, Instant::now()), extensions)
}

/// The address a request comes from, as [`by_address`] has found it; none in a test that calls the router.
pub fn origin(extensions: &axum::http::Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<Peer>>().map(|peer| peer.0.0.ip().to_canonical())
}

/// Counts every request by its address: generously for the staff's API, strictly for the public portal, most strictly its forms.
pub async fn by_address(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let of_portal = !["/api/", "/console"].iter().any(|p| request.uri().path().starts_with(p));
    let account = OfAccount::default();
    request.extensions_mut().insert(account.clone());
    // Without a connection there is no address: a test that calls the router.
    let address = address(&request, app.limits());
    if let Some(address) = address {
        // What stands behind (wrong query codes are counted by address) sees who asks, not the proxy.
        request.extensions_mut().insert(ConnectInfo(Peer(SocketAddr::new(address, 0))));
    }
    let taken = address.and_then(counted).map(|address| of_address(&app, &address, of_portal, request.method()));
    let mut response = match taken {
        Some(Err(rate)) if of_portal => portal::too_often(rate.wait),
        Some(Err(rate)) => Problem::too_often(rate.limit, rate.wait).into_response(),
        _ => next.run(request).await,
    };
    let rate = account.0.get().copied().or(taken.map(|(Ok(rate) | Err(rate))| rate));
    if let Some(rate) = rate {
        write(response.headers_mut(), rate);
    }
    response
}

fn of_address(app: &App, address: &str, of_portal: bool, method: &Method) -> Result<Rate, Rate> {
    let (limits, now) = (app.limits(), Instant::now());
    if !of_portal {
        return app.rates.take("address", address, limits.address, now);
    }
    if *method == Method::POST {
        app.rates.take("portal_forms", address, limits.portal_forms, now)?;
    }
    app.rates.take("portal", address, limits.portal, now)
}

/// Who asks: the other end of the connection, or whom a proxy of ours names. The last name that is not a proxy's counts: what stands before
/// it anybody can write.
fn address(request: &Request, limits: &Limits) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<Peer>>()?.0.0.ip().to_canonical();
    if !limits.proxies.contains(&peer) {
        return Some(peer);
    }
    let named = request.headers().get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok());
    let named: Vec<IpAddr> = named.flat_map(|v| v.split(',')).filter_map(|a| a.trim().parse().ok()).collect();
    Some(named.into_iter().rev().find(|a| !limits.proxies.contains(a)).unwrap_or(peer))
}

/// The key an address is counted under. Private addresses are a proxy or an office, not a person: the proxy counts those behind it.
pub(crate) fn counted(ip: IpAddr) -> Option<String> {
    match ip.to_canonical() {
        IpAddr::V4(v4) if v4.is_private() || v4.is_loopback() || v4.is_link_local() => None,
        IpAddr::V4(v4) => Some(format!("address {v4}")),
        IpAddr::V6(v6) if v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() => None,
        // One subscriber has a whole /64.
        IpAddr::V6(v6) => Some(format!("address {:x?}", &v6.segments()[..4])),
    }
}

/// By the IETF's draft of the RateLimit fields.
fn write(headers: &mut HeaderMap, rate: Rate) {
    let policy = HeaderValue::from_str(&format!("\"{}\";q={};w=60", rate.limit, rate.most));
    let left = HeaderValue::from_str(&format!("\"{}\";r={};t={}", rate.limit, rate.left, rate.wait));
    if let (Ok(policy), Ok(left)) = (policy, left) {
        headers.insert(POLICY, policy);
        headers.insert(LEFT, left);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_minutes_worth_at_once_and_then_evenly() {
        let (rates, start) = (Rates::default(), Instant::now());
        let take = |who: &str, seconds: f64| rates.take("account", who, 60, start + Duration::from_secs_f64(seconds));
        for left in (0..60).rev() {
            assert_eq!(take("a", 0.0).unwrap().left, left);
        }
        assert_eq!(take("a", 0.0).unwrap_err().wait, 1);
        assert!(take("b", 0.0).is_ok(), "another one's bucket is full");
        assert!(take("a", 0.9).is_err());
        assert!(take("a", 1.0).is_ok());
        assert!(take("a", 1.0).is_err());
        assert_eq!(take("a", 3600.0).unwrap().left, 59, "it never holds more than a minute's worth");
    }

    #[test]
    fn invented_addresses_do_not_fill_the_memory() {
        let (rates, now) = (Rates::default(), Instant::now());
        for i in 0..BUCKETS + 10 {
            rates.take("address", &i.to_string(), 10, now).unwrap();
        }
        assert!(rates.buckets.lock().unwrap().len() <= BUCKETS);
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let of = |peer: &str, forwarded: &str, proxies: &[&str]| {
            let mut request = Request::new(axum::body::Body::empty());
            let peer: SocketAddr = format!("{peer}:1").parse().unwrap();
            request.extensions_mut().insert(ConnectInfo(Peer(peer)));
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
            let proxies = proxies.iter().map(|p| p.parse().unwrap()).collect();
            address(&request, &Limits { proxies, ..Limits::default() }).unwrap().to_string()
        };
        assert_eq!(of("10.0.0.1", "1.2.3.4", &[]), "10.0.0.1");
        assert_eq!(of("10.0.0.1", "6.6.6.6, 1.2.3.4", &["10.0.0.1"]), "1.2.3.4");
        assert_eq!(of("10.0.0.1", "1.2.3.4, 10.0.0.2", &["10.0.0.1", "10.0.0.2"]), "1.2.3.4");
        assert_eq!(of("10.0.0.1", "nonsense", &["10.0.0.1"]), "10.0.0.1");
    }

    #[test]
    fn only_public_addresses_are_counted() {
        let of = |ip: &str| counted(ip.parse().unwrap());
        assert!(
            ["127.0.0.1", "10.1.2.3", "192.168.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]
                .iter()
                .all(|a| of(a).is_none())
        );
        assert_eq!(of("203.0.113.9").as_deref(), Some("address 203.0.113.9"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
    }
}
