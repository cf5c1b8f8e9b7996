//! Where connections come in, until it is shut.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, mpsc, watch},
};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::tls::Tls;

/// Handshakes under way at once. Each takes memory before it has said who it is.
const SHAKING: usize = 1024;

/// A connection as it is served, without TLS or with it.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// A listening socket that lets nobody in any more once we are stopping. Where another process holds the same socket, whoever comes
/// then is let in there; axum's own way would let them in here and end with them.
#[derive(Debug)]
pub struct Door {
    listener: Option<TcpListener>,
    address: SocketAddr,
    stopping: watch::Receiver<bool>,
    shaking: Option<Shaking>,
}

/// Handshakes run beside the door: nobody who opens a connection and says nothing holds up the next one.
#[derive(Debug)]
struct Shaking {
    tls: Tls,
    room: Arc<Semaphore>,
    to: mpsc::Sender<(Box<TlsStream<TcpStream>>, SocketAddr)>,
    done: mpsc::Receiver<(Box<TlsStream<TcpStream>>, SocketAddr)>,
}

impl Shaking {
    fn new(tls: Tls) -> Self {
        let (to, done) = mpsc::channel(SHAKING);
        Self { tls, room: Arc::new(Semaphore::new(SHAKING)), to, done }
    }

    /// Begins one; where there is no room for it the connection is closed.
    fn begin(&self, stream: TcpStream, address: SocketAddr) {
        let Ok(room) = self.room.clone().try_acquire_owned() else { return };
        let (tls, to) = (self.tls.clone(), self.to.clone());
        tokio::spawn(async move {
            if let Some(stream) = tls.shake(stream).await {
                let _ = to.send((Box::new(stream), address)).await;
            }
            drop(room);
        });
    }
}

impl Door {
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// It is no socket that can be listened on.
    pub fn new(
        listener: std::net::TcpListener,
        tls: Option<Tls>,
        stopping: watch::Receiver<bool>,
    ) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shaking = tls.map(Shaking::new);
        Ok(Self { listener: Some(TcpListener::from_std(listener)?), address, stopping, shaking })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Door>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        Peer(*stream.remote_addr())
    }
}

impl Listener for Door {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping), if self.listener.is_some() => self.listener = None,
                Some((stream, address)) = shaken(&mut self.shaking) => return (Either::Right(stream), address),
                (stream, address) = came(&mut self.listener) => match &self.shaking {
                    None => return (Either::Left(stream), address),
                    Some(shaking) => shaking.begin(stream, address),
                },
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// Who comes next, as long as the door is open.
async fn came(listener: &mut Option<TcpListener>) -> (TcpStream, SocketAddr) {
    match listener {
        Some(listener) => Listener::accept(listener).await,
        None => std::future::pending().await,
    }
}

/// Whose handshake is done.
async fn shaken(shaking: &mut Option<Shaking>) -> Option<(Box<TlsStream<TcpStream>>, SocketAddr)> {
    match shaking {
        Some(shaking) => shaking.done.recv().await,
        None => std::future::pending().await,
    }
}
