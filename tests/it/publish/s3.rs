//! A server that speaks enough of S3, believes nobody whose signature is wrong, and looks at each change at what it holds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tokio_util::task::AbortOnDropHandle;

use super::links::references;

pub const BUCKET: &str = "acme-status";
pub const KEY_ID: &str = "AKIDEXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI-s3cr3t";
pub const REGION: &str = "eu-central-1";

/// A file as it was put.
#[derive(Debug, Clone)]
pub struct Object {
    pub bytes: Bytes,
    pub kind: String,
    pub caching: String,
}

#[derive(Debug, Default)]
struct Held {
    objects: BTreeMap<String, Object>,
    /// `PUT index.html`, in order.
    log: Vec<String>,
    /// What was half, at any moment.
    wrong: Vec<String>,
}

/// The server; it ends with the test.
pub struct S3 {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    _task: AbortOnDropHandle<()>,
}

struct Inner {
    held: Mutex<Held>,
    down: AtomicBool,
}

impl S3 {
    #[expect(clippy::disallowed_methods, reason = "the handle aborts it when the test ends")]
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let inner = Arc::new(Inner { held: Mutex::default(), down: AtomicBool::new(false) });
        let app = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let serving = async move { axum::serve(listener, app).await.unwrap() };
        Self { address, inner, _task: AbortOnDropHandle::new(tokio::spawn(serving)) }
    }

    /// The entry of `publish` for it, with this prefix.
    pub fn yaml(&self, prefix: &str) -> String {
        format!(
            "publish:\n  - to: s3://{BUCKET}{prefix}\n    endpoint: http://{}\n    region: {REGION}\n    key_id: {KEY_ID}\n    secret_key: {SECRET}\n    every: 2s\n",
            self.address
        )
    }

    /// From now on it answers nothing but that something is wrong with it, or works again.
    pub fn set_down(&self, down: bool) {
        self.inner.down.store(down, Ordering::Release);
    }

    pub fn objects(&self) -> BTreeMap<String, Object> {
        self.inner.held.lock().unwrap().objects.clone()
    }

    /// Every file under a prefix, as text.
    pub fn files(&self, prefix: &str) -> BTreeMap<String, String> {
        let text = |object: Object| String::from_utf8_lossy(&object.bytes).into_owned();
        let inside = |(path, object): (String, Object)| Some((path.strip_prefix(prefix)?.to_owned(), text(object)));
        self.objects().into_iter().filter_map(inside).collect()
    }

    pub fn put(&self, path: &str, text: &str) {
        let object = Object { bytes: Bytes::from(text.to_owned()), kind: "text/plain".into(), caching: String::new() };
        self.inner.held.lock().unwrap().objects.insert(path.to_owned(), object);
    }

    pub fn log(&self) -> Vec<String> {
        self.inner.held.lock().unwrap().log.clone()
    }

    /// What was half, at any moment so far.
    pub fn wrong(&self) -> Vec<String> {
        self.inner.held.lock().unwrap().wrong.clone()
    }
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if inner.down.load(Ordering::Acquire) {
        return (StatusCode::SERVICE_UNAVAILABLE, "<Error><Code>SlowDown</Code></Error>").into_response();
    }
    if let Err(why) = signed(&method, &uri, &headers, &body) {
        let text = format!("<Error><Code>SignatureDoesNotMatch</Code><Message>{why}</Message></Error>");
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let Some(path) = uri.path().strip_prefix(&format!("/{BUCKET}/")).map(str::to_owned) else {
        return (StatusCode::NOT_FOUND, "<Error><Code>NoSuchBucket</Code></Error>").into_response();
    };
    let mut held = inner.held.lock().unwrap();
    let none = || (StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>").into_response();
    match method {
        Method::PUT => {
            let header = |name| headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
            let object = Object {
                bytes: body,
                kind: header(header::CONTENT_TYPE.as_str()),
                caching: header(header::CACHE_CONTROL.as_str()),
            };
            held.objects.insert(path.clone(), object);
            held.note("PUT", &path);
            ([(header::ETAG, "\"x\"")], "").into_response()
        }
        Method::GET | Method::HEAD => match held.objects.get(&path) {
            Some(object) => {
                let headers = [
                    (header::CONTENT_TYPE, object.kind.clone()),
                    (header::ETAG, "\"x\"".to_owned()),
                    (header::LAST_MODIFIED, "Fri, 02 Jan 2026 03:04:05 GMT".to_owned()),
                ];
                (headers, object.bytes.clone()).into_response()
            }
            None => none(),
        },
        Method::DELETE => {
            held.objects.remove(&path);
            held.note("DELETE", &path);
            StatusCode::NO_CONTENT.into_response()
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

impl Held {
    /// After each change: the combined page refers to nothing that is not there, and is as new as the sign of life says.
    fn note(&mut self, what: &str, path: &str) {
        self.log.push(format!("{what} {path}"));
        let indexes: Vec<String> = self.objects.keys().filter(|path| path.ends_with("index.html")).cloned().collect();
        let front = |path: &&String| {
            let parent = path.trim_end_matches("index.html");
            self.objects.contains_key(&format!("{parent}404.html"))
        };
        for index in indexes.iter().filter(front) {
            let html = String::from_utf8_lossy(&self.objects[index].bytes).into_owned();
            let (root, file) = index.split_at(index.len() - "index.html".len());
            for to in references(file, &html) {
                if !self.objects.contains_key(&format!("{root}{to}")) {
                    self.wrong.push(format!("after {what} {path}: {index} refers to {to}"));
                }
            }
            let made = html.split("data-generated=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
            if let Some(beat) = self.objects.get(&format!("{root}status.json")) {
                let beat: serde_json::Value = serde_json::from_slice(&beat.bytes).unwrap();
                if beat["generated_at"].as_str().unwrap() > made {
                    self.wrong.push(format!("after {what} {path}: the sign of life is newer than {index}"));
                }
            }
        }
    }
}

/// Checks a signature of AWS, version 4.
fn signed(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = header("authorization").strip_prefix("AWS4-HMAC-SHA256 ").ok_or("not signed")?;
    let part = |name: &str| {
        let parts = given.split(',').map(str::trim);
        parts.filter_map(|part| part.strip_prefix(name)).next().ok_or_else(|| format!("no {name}"))
    };
    let (credential, names, signature) = (part("Credential=")?, part("SignedHeaders=")?, part("Signature=")?);
    let scope = credential.strip_prefix(&format!("{KEY_ID}/")).ok_or("an unknown key")?;
    let date = scope.strip_suffix(&format!("/{REGION}/s3/aws4_request")).ok_or("another region or service")?;
    let digest = header("x-amz-content-sha256");
    if digest != "UNSIGNED-PAYLOAD" && digest != hex(&Sha256::digest(body)) {
        return Err("the body is another".into());
    }
    let lines: String = names.split(';').map(|name| format!("{name}:{}\n", header(name).trim())).collect();
    let mut query: Vec<&str> = uri.query().unwrap_or_default().split('&').filter(|part| !part.is_empty()).collect();
    query.sort_unstable();
    let request = format!("{method}\n{}\n{}\n{lines}\n{names}\n{digest}", uri.path(), query.join("&"));
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", header("x-amz-date"), hex(&Sha256::digest(request.as_bytes())));
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for word in [date, REGION, "s3", "aws4_request", &to_sign] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(word.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    if hex(&key) == signature { Ok(()) } else { Err("the signature is wrong".into()) }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
