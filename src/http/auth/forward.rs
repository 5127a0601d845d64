//! What proxies of ours say about a request. Nobody else's word counts: anybody can send such a header.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::model::signon::SignOn;

/// Who is connected to us.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Peer(pub(in crate::http) IpAddr);

/// Where a request really comes from: the last address that no proxy of ours has.
pub(super) fn address(headers: &HeaderMap, peer: Option<IpAddr>, sign_on: &SignOn) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    if !is_ours(peer, sign_on) {
        return Some(peer);
    }
    let said = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let said: Vec<&str> = said.flat_map(|list| list.split(',')).collect();
    let mut nearest = peer;
    for hop in said.into_iter().rev() {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        nearest = hop.to_canonical();
        if !is_ours(nearest, sign_on) {
            break;
        }
    }
    Some(nearest)
}

/// True where a proxy of ours says that it was asked over TLS.
pub(super) fn is_https(headers: &HeaderMap, peer: Option<IpAddr>, sign_on: &SignOn) -> bool {
    peer.is_some_and(|peer| is_ours(peer.to_canonical(), sign_on))
        && headers.get("x-forwarded-proto").is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"))
}

fn is_ours(address: IpAddr, sign_on: &SignOn) -> bool {
    sign_on.trusted_proxies.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s27_only_our_proxies_are_believed() {
        let sign_on = SignOn { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..SignOn::default() };
        for (peer, said, is) in [
            ("203.0.113.1", Some("198.51.100.1"), "203.0.113.1"),
            ("10.0.0.1", None, "10.0.0.1"),
            ("10.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
            ("::ffff:10.0.0.1", Some("198.51.100.1"), "198.51.100.1"),
            ("10.0.0.1", Some("1.2.3.4, 198.51.100.1"), "198.51.100.1"),
            ("10.0.0.1", Some("1.2.3.4, 198.51.100.1, 10.0.0.2"), "198.51.100.1"),
            ("10.0.0.1", Some("1.2.3.4, rubbish"), "10.0.0.1"),
            ("10.0.0.1", Some(""), "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            said.map(|said| headers.insert("x-forwarded-for", said.parse().unwrap()));
            headers.insert("x-forwarded-proto", "https".parse().unwrap());
            let peer: Option<IpAddr> = peer.parse().ok();
            assert_eq!(address(&headers, peer, &sign_on), is.parse().ok(), "{peer:?} {said:?}");
            assert_eq!(is_https(&headers, peer, &sign_on), peer.unwrap().to_canonical().to_string().starts_with("10."));
        }
    }
}
