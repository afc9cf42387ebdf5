//! An HTTP proxy that sends every connection to one port of this machine.

use std::io;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

pub(super) struct Proxy {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub(super) async fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        tokio::spawn({
            let requests = Arc::clone(&requests);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let tunnel = tunnel(stream, port, Arc::clone(&requests));
                    tokio::spawn(async { drop(tunnel.await) });
                }
            }
        });
        Self { url, requests }
    }

    /// Returns the first line of each request.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn tunnel(stream: TcpStream, port: u16, requests: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let mut client = BufReader::new(stream);
    let mut request = String::new();
    client.read_line(&mut request).await?;
    requests.lock().unwrap().push(request.trim_end().to_owned());
    let mut header = String::new();
    while client.read_line(&mut header).await? > 2 {
        header.clear();
    }
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").await?;
    let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
