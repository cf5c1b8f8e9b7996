//! What systemd hands over and wants to hear: a listening socket, and that we are ready. Without systemd neither is there.

use std::{
    net::TcpListener,
    os::{
        linux::net::SocketAddrExt,
        unix::{ffi::OsStrExt, net as unix},
    },
};

/// The listening socket that was handed over (`LISTEN_FDS`): the first one. It outlives this process, so that a new one can take over
/// without anybody being turned away. Changes the environment, so that it must be called before there are threads.
///
/// # Errors
/// What was handed over is no TCP socket.
pub fn handed_over() -> std::io::Result<Option<TcpListener>> {
    listenfd::ListenFd::from_env().take_tcp_listener(0)
}

/// Tells systemd how we are, e.g. `READY=1`, if it asked to be told (`NOTIFY_SOCKET`).
pub fn tell(state: &str) {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let address = match name.as_bytes() {
        [b'@', name @ ..] => unix::SocketAddr::from_abstract_name(name),
        _ => unix::SocketAddr::from_pathname(&name),
    };
    let sent = address.and_then(|address| unix::UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    if let Err(error) = sent {
        tracing::warn!(%error, state, "systemd could not be told");
    }
}
