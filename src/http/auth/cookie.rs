//! Our two cookies: who is signed in, and what a form was given to.

use axum::http::{HeaderMap, HeaderValue, header};

/// The cookie of a session. With the prefix a browser takes it only over TLS, for this host, from this host.
const SESSION: [&str; 2] = ["allclear", "__Host-allclear"];
/// The cookie that a form's token goes with where nobody is signed in yet.
const FORM: [&str; 2] = ["allclear-form", "__Host-allclear-form"];

/// What the session's cookie holds.
pub(super) fn session(headers: &HeaderMap, secure: bool) -> Option<String> {
    read(headers, name(SESSION, secure))
}

/// What the form's cookie holds.
pub(super) fn form(headers: &HeaderMap, secure: bool) -> Option<String> {
    read(headers, name(FORM, secure))
}

/// Sets the session's cookie for as long as the browser runs.
pub(super) fn set_session(headers: &mut HeaderMap, value: &str, secure: bool) {
    set(headers, name(SESSION, secure), value, secure, "");
}

/// Takes the session's cookie away.
pub(super) fn clear_session(headers: &mut HeaderMap, secure: bool) {
    set(headers, name(SESSION, secure), "", secure, "; Max-Age=0");
}

/// Sets the form's cookie.
pub(super) fn set_form(headers: &mut HeaderMap, value: &str, secure: bool) {
    set(headers, name(FORM, secure), value, secure, "");
}

fn name(names: [&'static str; 2], secure: bool) -> &'static str {
    names[usize::from(secure)]
}

fn set(headers: &mut HeaderMap, name: &str, value: &str, secure: bool, more: &str) {
    let secure = if secure { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

fn read(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s20_the_cookie_is_for_this_host_alone_and_for_no_script() {
        let mut headers = HeaderMap::new();
        set_session(&mut headers, "abc", true);
        assert_eq!(headers[header::SET_COOKIE], "__Host-allclear=abc; Path=/; HttpOnly; SameSite=Lax; Secure");
        let mut asked = HeaderMap::new();
        asked.insert(header::COOKIE, HeaderValue::from_static("a=b; allclear=plain; __Host-allclear=abc"));
        assert_eq!(session(&asked, true).as_deref(), Some("abc"), "one that came without TLS is another");
        assert_eq!(session(&asked, false).as_deref(), Some("plain"));
        assert_eq!(form(&asked, true), None);
    }
}
