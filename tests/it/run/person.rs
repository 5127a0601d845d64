//! Somebody with a browser: keeps cookies, fills in forms as they were given out, follows where it is led.

use std::collections::BTreeMap;

use super::server::{Answer, Home, SOON, Server};

pub const PASSWORD: &str = "three green bicycles";

/// A configuration without sources, with these lines.
pub fn home(lines: &str) -> Home {
    Home::new(&format!("{lines}\nsources: []\n"))
}

/// One browser.
#[derive(Default, Clone)]
pub struct Person {
    pub cookies: BTreeMap<String, String>,
    /// Header lines sent with everything.
    pub headers: String,
}

impl Person {
    /// What its browser sends along with everything.
    pub fn head(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = if pairs.is_empty() { String::new() } else { format!("cookie: {}\r\n", pairs.join("; ")) };
        format!("{cookies}{}", self.headers)
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer.head.lines() {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if !name.eq_ignore_ascii_case("set-cookie") {
                continue;
            }
            let (name, rest) = value.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub async fn get(&mut self, server: &Server, path: &str) -> Answer {
        let answer = server.ask("GET", path, &self.head(), "").await;
        self.keep(&answer);
        answer
    }

    /// Opens a page and sends one of its forms with these fields, as its browser would.
    pub async fn fill(&mut self, server: &Server, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let shown = self.get(server, page).await;
        assert_eq!(shown.status(), "200", "{page}: {} {}", shown.head, shown.body);
        self.send(server, &shown, action, fields).await
    }

    /// Sends a form of a page that was shown.
    pub async fn send(&mut self, server: &Server, shown: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all: Vec<(String, String)> = hidden(&shown.body, action);
        for (name, value) in fields {
            all.retain(|(known, _)| known != name);
            all.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.post(server, action, &all).await
    }

    /// Posts these fields from a page of the site.
    pub async fn post(&mut self, server: &Server, action: &str, fields: &[(String, String)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n";
        let answer = server.ask("POST", action, &format!("{}{kind}", self.head()), &body).await;
        self.keep(&answer);
        answer
    }

    /// Makes the first account with the link in the log.
    pub async fn set_up(server: &Server, name: &str) -> Self {
        let mut person = Self::default();
        let path = set_up_path(server);
        let fields = [("name", name), ("password", PASSWORD), ("again", PASSWORD)];
        let made = person.fill(server, &path, "/admin/setup", &fields).await;
        assert_eq!(made.header("location"), Some("/admin/account"), "{} {}", made.head, made.body);
        person
    }

    /// Signs in by name and password.
    pub async fn sign_in(server: &Server, name: &str, password: &str) -> (Self, Answer) {
        let mut person = Self::default();
        let fields = [("name", name), ("password", password)];
        let answer = person.fill(server, "/admin/sign-in", "/admin/sign-in", &fields).await;
        (person, answer)
    }

    pub async fn is_signed_in(&mut self, server: &Server) -> bool {
        self.get(server, "/admin/account").await.status() == "200"
    }
}

/// The path of the link that the log holds, as soon as it does.
pub fn set_up_path(server: &Server) -> String {
    let began = std::time::Instant::now();
    let log = loop {
        let log = server.log();
        if log.contains("/admin/setup?code=") {
            break log;
        }
        assert!(began.elapsed() < SOON, "no link: {log}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    };
    let (_, rest) = log.split_once("/admin/setup?code=").unwrap();
    let code: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    format!("/admin/setup?code={code}")
}

/// The hidden fields of the form with this action.
fn hidden(html: &str, action: &str) -> Vec<(String, String)> {
    let page = scraper::Html::parse_document(html);
    let form = scraper::Selector::parse("form").unwrap();
    let input = scraper::Selector::parse("input[type=hidden][name]").unwrap();
    let forms = page.select(&form).filter(|form| form.value().attr("action") == Some(action));
    let Some(form) = forms.into_iter().next() else { panic!("no form {action}: {html}") };
    let value = |input: scraper::ElementRef<'_>, name| input.value().attr(name).unwrap_or_default().to_owned();
    form.select(&input).map(|input| (value(input, "name"), value(input, "value"))).collect()
}

/// Has an admin invite somebody, who joins with the usual password.
pub async fn invite(server: &Server, admin: &mut Person, name: &str, role: &str) -> Person {
    let fields = [("name", name), ("role", role)];
    let link = admin.fill(server, "/admin/people", "/admin/people", &fields).await;
    let link = texts(&link.body, ".once code").pop().unwrap_or_else(|| panic!("no link: {}", link.body));
    let path = link.split_once("/admin/").map(|(_, rest)| format!("/admin/{rest}")).unwrap();
    let mut invited = Person::default();
    let fields = [("password", PASSWORD), ("again", PASSWORD)];
    let joined = invited.fill(server, &path, "/admin/join", &fields).await;
    assert_eq!(joined.header("location"), Some("/admin/account"), "{}", joined.body);
    assert_eq!(invited.clone().get(server, &path).await.status(), "404", "a link works once");
    invited
}

/// The id of the account of this name.
pub async fn id_of(server: &Server, admin: &mut Person, name: &str) -> String {
    let people: serde_json::Value = serde_json::from_str(&admin.get(server, "/api/v1/people").await.body).unwrap();
    let all = people["items"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

/// The value of the first field of this name.
pub fn value_of(html: &str, name: &str) -> String {
    let page = scraper::Html::parse_document(html);
    let field = scraper::Selector::parse(&format!("input[name={name}]")).unwrap();
    page.select(&field).next().unwrap().value().attr("value").unwrap().to_owned()
}

/// The texts of what the selector finds.
pub fn texts(html: &str, selector: &str) -> Vec<String> {
    let page = scraper::Html::parse_document(html);
    let found = scraper::Selector::parse(selector).unwrap();
    page.select(&found).map(|one| one.text().collect()).collect()
}
