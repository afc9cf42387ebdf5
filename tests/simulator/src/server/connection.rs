//! Connections: the accept loop, and resets.
//!
//! The accept loop is our own because a reset needs the socket. A connection that is closed with a
//! linger time of zero sends RST in place of FIN.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

/// A command to the accept loop. The loop acknowledges it when it is done.
#[derive(Debug)]
pub(crate) enum Command {
    /// Closes the open connections, and those that wait to be accepted.
    Close(std::sync::mpsc::Sender<()>),
    /// Refuses new connections and closes the open ones.
    StopAccepting(std::sync::mpsc::Sender<()>),
    /// Accepts connections again on the same port.
    Accept(std::sync::mpsc::Sender<io::Result<()>>),
}

/// A handle of one connection, for the requests on it.
#[derive(Debug, Default)]
pub(crate) struct Connection {
    reset: AtomicBool,
    ended: Notify,
}

impl Connection {
    /// Ends the connection with RST.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::SeqCst);
        self.ended.notify_one();
    }
}

/// Accepts connections until the sender of commands is dropped.
pub(crate) async fn run(listener: TcpListener, router: Router, mut commands: mpsc::UnboundedReceiver<Command>) {
    let Ok(address) = listener.local_addr() else { return };
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                None => return,
                Some(Command::Close(done)) => {
                    connections.shutdown().await;
                    if let Some(listener) = &listener {
                        close_waiting(listener, address).await;
                    }
                    done.send(()).ok();
                }
                Some(Command::StopAccepting(done)) => {
                    listener = None;
                    connections.shutdown().await;
                    // The sender of the command may have been dropped.
                    done.send(()).ok();
                }
                Some(Command::Accept(done)) => {
                    let bound = bind_again(&mut listener, address).await;
                    done.send(bound).ok();
                }
            },
            Some(stream) = accept(listener.as_ref()) => {
                connections.spawn(serve(stream, router.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn bind_again(listener: &mut Option<TcpListener>, address: SocketAddr) -> io::Result<()> {
    if listener.is_none() {
        *listener = Some(TcpListener::bind(address).await?);
    }
    Ok(())
}

/// Closes the connections that wait to be accepted. They are accepted in their order, so the last
/// one is a connection of our own.
async fn close_waiting(listener: &TcpListener, address: SocketAddr) {
    let Ok(last) = TcpStream::connect(address).await else {
        return;
    };
    let last = last.local_addr().ok();
    while let Ok((_, peer)) = listener.accept().await {
        if last.is_none_or(|last| last == peer) {
            return;
        }
    }
}

/// Returns the next connection, or `None` without a listener or if the connection failed.
async fn accept(listener: Option<&TcpListener>) -> Option<TcpStream> {
    let (stream, _) = listener?.accept().await.ok()?;
    stream.set_nodelay(true).ok()?;
    Some(stream)
}

async fn serve(stream: TcpStream, router: Router) {
    let connection = Arc::new(Connection::default());
    let service = TowerToHyperService::new(router);
    let io = TokioIo::new(Wire {
        stream,
        connection: connection.clone(),
    });
    let with_handle = {
        let connection = connection.clone();
        service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(connection.clone());
            service.call(request)
        })
    };
    tokio::select! {
        // An error here ends this connection only.
        _ = http1::Builder::new().serve_connection(io, with_handle) => {}
        () = connection.ended.notified() => {}
    }
}

/// A TCP stream that is closed with RST after [`Connection::reset`].
#[derive(Debug)]
struct Wire {
    stream: TcpStream,
    connection: Arc<Connection>,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.connection.reset.load(Ordering::SeqCst) {
            // A socket that is closed already needs no reset.
            self.stream.set_zero_linger().ok();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
