//! A server on 127.0.0.1 whose responses a test writes byte by byte.

use std::io;
use std::sync::{Arc, Mutex};

use ica_batch_sdk_ext::retry::RetryPolicy;
use ica_batch_sdk_ext::{Client, ClientBuilder, Credentials};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// API key of the clients of these tests. No text of a client may show it.
pub const API_KEY: &str = "hush-hush-api-key-0123456789";

/// Project of these tests.
pub const PROJECT: &str = "hostile-project";

/// A request, as far as a test looks at it.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Head of the request: the request line and the headers.
    pub head: String,
    pub body: Vec<u8>,
}

impl Received {
    /// Returns the value of a query parameter, as it was sent.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(found.1.trim())
    }
}

/// Response to a request.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Body,
}

/// Body of a response. A repeated one is never in memory as a whole.
#[derive(Debug, Clone)]
enum Body {
    Bytes(Vec<u8>),
    /// The whole response, with its head. The connection ends after it.
    Raw(Vec<u8>),
    Repeated {
        start: Vec<u8>,
        part: Vec<u8>,
        times: usize,
        end: Vec<u8>,
    },
}

impl Reply {
    /// Returns a JSON response.
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", Body::Bytes(body.into()))
    }

    /// Returns a JSON response that repeats a part between a start and an end.
    pub fn repeated(status: u16, start: &str, part: &str, times: usize, end: &str) -> Self {
        let body = Body::Repeated {
            start: start.into(),
            part: part.into(),
            times,
            end: end.into(),
        };
        Self::new(status, "application/json", body)
    }

    /// Returns a response of exactly these bytes, after which the connection ends.
    pub fn raw(response: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 0,
            headers: Vec::new(),
            body: Body::Raw(response.into()),
        }
    }

    fn new(status: u16, content_type: &str, body: Body) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.into())],
            body,
        }
    }

    /// Sets a header, in place of one with the same name.
    pub fn header(mut self, name: &str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    async fn write(&self, stream: &mut TcpStream) -> io::Result<()> {
        let length = match &self.body {
            Body::Raw(response) => {
                stream.write_all(response).await?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Body::Bytes(bytes) => bytes.len(),
            Body::Repeated {
                start,
                part,
                times,
                end,
            } => start.len() + part.len() * times + end.len(),
        };
        let mut head = format!("HTTP/1.1 {} X\r\ncontent-length: {length}\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            head.extend_from_slice(name.as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value);
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        stream.write_all(&head).await?;
        match &self.body {
            Body::Bytes(bytes) | Body::Raw(bytes) => stream.write_all(bytes).await,
            Body::Repeated {
                start,
                part,
                times,
                end,
            } => {
                stream.write_all(start).await?;
                let at_once = (64 * 1024 / part.len().max(1)).max(1);
                let chunk = part.repeat(at_once);
                for _ in 0..times / at_once {
                    stream.write_all(&chunk).await?;
                }
                stream.write_all(&part.repeat(times % at_once)).await?;
                stream.write_all(end).await
            }
        }
    }
}

type Handler = dyn FnMut(&Received) -> Reply + Send;

/// A server that responds as its handler says. It stops with the runtime of its test.
pub struct HostileServer {
    base_url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl HostileServer {
    /// Starts a server. The handler responds to every request.
    pub async fn start(handler: impl FnMut(&Received) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let handler: Arc<Mutex<Box<Handler>>> = Arc::new(Mutex::new(Box::new(handler)));
        tokio::spawn({
            let received = Arc::clone(&received);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let connection = serve(stream, Arc::clone(&handler), Arc::clone(&received));
                    // A client may close the connection at any time.
                    tokio::spawn(async { drop(connection.await) });
                }
            }
        });
        Self {
            base_url: format!("http://127.0.0.1:{port}/ica/rest"),
            received,
        }
    }

    /// Returns the base URL for a client.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Returns a builder of a client with the API key, which makes one attempt per call.
    pub fn client(&self) -> ClientBuilder {
        Client::builder()
            .base_url(&self.base_url)
            .credentials(Credentials::api_key_direct(API_KEY).unwrap())
            .retry(RetryPolicy::never())
    }
}

/// Serves the requests of one connection, one after the other.
async fn serve(
    mut stream: TcpStream,
    handler: Arc<Mutex<Box<Handler>>>,
    received: Arc<Mutex<Vec<Received>>>,
) -> io::Result<()> {
    // The head and the body are written separately, and would wait for each other otherwise.
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, value)| value.trim().parse::<usize>().unwrap());
        while bytes.len() < end + length {
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        }
        let body = bytes[end..end + length].to_vec();
        bytes.drain(..end + length);
        let mut line = head.split(' ').map(str::to_owned);
        let request = Received {
            method: line.next().unwrap_or_default(),
            target: line.next().unwrap_or_default(),
            head,
            body,
        };
        received.lock().unwrap().push(request.clone());
        let reply = handler.lock().unwrap()(&request);
        reply.write(&mut stream).await?;
    }
}
