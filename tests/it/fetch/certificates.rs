//! S14: a certificate counts only if it is valid, for this host, and from an authority that is trusted.

use std::sync::Arc;

use allclear::model::source::FailureKind;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::*;

/// A server of one certificate, which answers every request with the same page.
struct Secure {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Secure {
    async fn start(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Who distrusts the certificate hangs up in the middle: then there is nobody to answer.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut head = [0; 2_048];
                let _ = stream.read(&mut head).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, _tasks: tasks }
    }

    async fn ask(&self, ca: Option<&[u8]>) -> Result<Answer, FetchError> {
        let url: Url = format!("https://{}/", self.address).parse().unwrap();
        let request = Request { url: &url, accept: "*/*", headers: &[], allow_private: true, ca, validators: None };
        // Reckoning is slow without optimisation: these may take longer than others.
        let settings = Settings {
            connect: limits::CONNECT,
            first_byte: limits::FIRST_BYTE,
            whole: limits::WHOLE_ANSWER,
            ..quick()
        };
        Fetcher::new(settings, Clock::system()).unwrap().get(request).await
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

#[tokio::test]
async fn bad_certificates_are_refused_and_a_private_authority_counts_where_it_is_named() {
    let ours = authority();
    let pem = ours.pem();
    let ours_pem = Some(pem.as_bytes());
    let stranger = authority();
    let key = KeyPair::generate().unwrap();
    let named = |host: &str| CertificateParams::new([host.to_owned()]).unwrap();
    let good = named("127.0.0.1").signed_by(&key, &ours).unwrap();
    let mut past = named("127.0.0.1");
    past.not_before = date_time_ymd(2020, 1, 1);
    past.not_after = date_time_ymd(2021, 1, 1);

    let server = Secure::start(good.der().clone(), &key).await;
    assert_eq!(server.ask(ours_pem).await.unwrap().body.unwrap(), "ok");
    for (what, certificate, ca) in [
        ("from an authority that nobody named", good, None),
        ("expired", past.signed_by(&key, &ours).unwrap(), ours_pem),
        ("for another host", named("status.example").signed_by(&key, &ours).unwrap(), ours_pem),
        ("self-signed", named("127.0.0.1").self_signed(&key).unwrap(), ours_pem),
        ("from another authority", named("127.0.0.1").signed_by(&key, &stranger).unwrap(), ours_pem),
    ] {
        let server = Secure::start(certificate.der().clone(), &key).await;
        let error = server.ask(ca).await.expect_err(what);
        assert_eq!(error.kind, FailureKind::Broken, "{what}: {error}");
        assert!(error.message.contains("certificate"), "{what}: {error}");
    }
}
