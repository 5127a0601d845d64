//! A mail server that does as a test says, and remembers what it heard.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// What it does other than taking everything.
#[derive(Default, Clone)]
pub struct Script {
    /// A command that begins with this is answered with that; `.` is the end of a mail.
    pub refuse: Vec<(&'static str, &'static str)>,
    /// It falls silent at a command that begins with this; empty: before its greeting.
    pub hang: Option<&'static str>,
    /// Its certificate.
    pub tls: Option<TlsAcceptor>,
    /// It speaks TLS only when asked.
    pub starttls: bool,
}

/// The server.
pub struct Responder {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    _tasks: JoinSet<()>,
}

impl Responder {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (heard, connections) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicUsize>::default());
        let (notes, count) = (Arc::clone(&heard), Arc::clone(&connections));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut talks = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (script, notes) = (script.clone(), Arc::clone(&notes));
                talks.spawn(async move {
                    match &script.tls {
                        // Who distrusts the certificate hangs up in the middle: then there is nobody to talk to.
                        Some(tls) if !script.starttls => {
                            if let Ok(stream) = tls.accept(stream).await {
                                talk(stream, &script, &notes, true).await;
                            }
                        }
                        _ => {
                            let Some(stream) = talk(stream, &script, &notes, true).await else { return };
                            let Some(tls) = &script.tls else { return };
                            if let Ok(stream) = tls.accept(stream).await {
                                talk(stream, &Script { starttls: false, ..script.clone() }, &notes, false).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heard, connections, _tasks: tasks }
    }

    /// Commands in order; a mail is one entry, as it went over the wire.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

/// Answers until the other side leaves; gives the stream back where it is to become a secure one.
async fn talk<S>(stream: S, script: &Script, heard: &Mutex<Vec<String>>, greet: bool) -> Option<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    let silent =
        |command: &str| script.hang.is_some_and(|at| command.starts_with(at) && (at.is_empty() == command.is_empty()));
    if silent("") {
        std::future::pending::<()>().await;
    }
    if greet {
        stream.write_all(b"220 mail.example.com ESMTP\r\n").await.ok()?;
    }
    let mut in_mail = false;
    loop {
        let command = if in_mail {
            let mail = read_mail(&mut stream).await?;
            heard.lock().unwrap().push(mail);
            ".".to_owned()
        } else {
            let mut line = String::new();
            if stream.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let line = line.trim_end().to_owned();
            heard.lock().unwrap().push(line.clone());
            line
        };
        if silent(&command) {
            std::future::pending::<()>().await;
        }
        let refused = script.refuse.iter().find(|(at, _)| command.starts_with(at)).map(|(_, answer)| *answer);
        let answer = match (refused, command.split(' ').next().unwrap()) {
            (Some(answer), _) => answer,
            (None, "EHLO") if script.starttls => "250-mail.example.com\r\n250 STARTTLS",
            (None, "EHLO") => "250-mail.example.com\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            (None, "AUTH") => "235 2.7.0 welcome",
            (None, "STARTTLS") => "220 go ahead",
            (None, "DATA") => "354 go on",
            (None, ".") => "250 2.0.0 queued as 4F2",
            (None, "QUIT") => "221 bye",
            (None, _) => "250 2.1.0 fine",
        };
        in_mail = answer.starts_with("354");
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
        if command == "STARTTLS" && answer.starts_with("220") {
            return Some(stream.into_inner());
        }
    }
}

/// A mail as far as its lone dot.
async fn read_mail<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut mail = Vec::new();
    while !mail.ends_with(b"\r\n.\r\n") {
        if stream.read_until(b'\n', &mut mail).await.ok()? == 0 {
            return None;
        }
    }
    mail.truncate(mail.len() - b".\r\n".len());
    String::from_utf8(mail).ok()
}

/// One who signs certificates.
pub fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A server's certificate for these names.
pub fn certified(authority: &CertifiedIssuer<'static, KeyPair>, names: &[&str]) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, authority).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], private).unwrap();
    TlsAcceptor::from(Arc::new(config))
}
