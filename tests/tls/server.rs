//! An HTTPS server with certificates of its own authority.

use std::convert::Infallible;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::server::{Acceptor, ClientHello};
use rustls::{CipherSuite, NamedGroup, ServerConfig};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;

/// A server on 127.0.0.1 that responds to each request with 404.
pub(super) struct TlsServer {
    pub(super) port: u16,
    folder: TempDir,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// One connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Host name that the client asked for. None for an IP address.
    pub(super) server_name: Option<String>,
    /// Protocols that the client offered.
    pub(super) offered: Vec<String>,
    pub(super) cipher_suites: Vec<CipherSuite>,
    pub(super) offers_hybrid_key_exchange: bool,
    /// Protocol of both sides. None when the handshake failed.
    pub(super) protocol: Option<String>,
}

impl TlsServer {
    /// Starts a server whose certificate is for `name`.
    pub(super) async fn start(name: &str) -> Self {
        let (config, authority) = certificates(name);
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("authority.pem"), authority).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let connection = serve(stream, Arc::clone(&config), Arc::clone(&seen));
                    // A client that rejects the certificate ends the connection.
                    tokio::spawn(async { drop(connection.await) });
                }
            }
        });
        Self { port, folder, seen }
    }

    /// Returns the path of the authority's certificate.
    pub(super) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Returns the one connection.
    pub(super) fn connection(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        let [connection] = &seen[..] else {
            panic!("one connection is expected: {seen:?}");
        };
        connection.clone()
    }
}

/// Returns the server's configuration and the certificate of the authority.
fn certificates(name: &str) -> (Arc<ServerConfig>, String) {
    let mut params = CertificateParams::new([]).unwrap();
    // OpenSSL takes a certificate whose issuer has its own name for self-signed.
    params
        .distinguished_name
        .push(DnType::CommonName, "authority of a test");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new([name.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    (Arc::new(config), authority)
}

async fn serve(stream: TcpStream, config: Arc<ServerConfig>, seen: Arc<Mutex<Vec<Seen>>>) -> io::Result<()> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let index = {
        let mut seen = seen.lock().unwrap();
        seen.push(read(&start.client_hello()));
        seen.len() - 1
    };
    let stream = start.into_stream(config).await?;
    let protocol = stream.get_ref().1.alpn_protocol().map(text);
    seen.lock().unwrap()[index].protocol = protocol;
    let service = service_fn(|_: Request<Incoming>| async {
        let response = Response::builder()
            .status(StatusCode::NOT_FOUND)
            .header(CONTENT_TYPE, "application/problem+json");
        Ok::<_, Infallible>(response.body("{}".to_owned()).unwrap())
    });
    let connection = auto::Builder::new(TokioExecutor::new());
    let served = connection.serve_connection(TokioIo::new(stream), service).await;
    served.map_err(io::Error::other)
}

fn read(hello: &ClientHello<'_>) -> Seen {
    Seen {
        server_name: hello.server_name().map(str::to_owned),
        offered: hello.alpn().into_iter().flatten().map(text).collect(),
        cipher_suites: hello.cipher_suites().to_vec(),
        offers_hybrid_key_exchange: hello
            .named_groups()
            .is_some_and(|groups| groups.contains(&NamedGroup::X25519MLKEM768)),
        protocol: None,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
