//! Where connections come in, until it is shut.

use std::net::SocketAddr;

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// A listening socket that lets nobody in any more once we are stopping. Where another process holds the same socket, whoever comes
/// then is let in there; axum's own way would let them in here and end with them.
#[derive(Debug)]
pub struct Door {
    listener: Option<TcpListener>,
    address: SocketAddr,
    stopping: watch::Receiver<bool>,
}

impl Door {
    /// Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// It is no socket that can be listened on.
    pub fn new(listener: std::net::TcpListener, stopping: watch::Receiver<bool>) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self { listener: Some(TcpListener::from_std(listener)?), address, stopping })
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
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        if let Some(listener) = &mut self.listener {
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => self.listener = None,
                came = Listener::accept(listener) => return came,
            }
        }
        std::future::pending().await
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}
