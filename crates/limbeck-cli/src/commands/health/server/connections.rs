//! A bounded number of connections. When one more comes, the oldest gives way: it is the one that dawdles.

use std::collections::VecDeque;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections that are served.
pub struct Connections {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    streams: VecDeque<(u64, TcpStream)>,
}

/// Gives the place free when dropped.
pub struct Ticket {
    number: u64,
    connections: Arc<Connections>,
}

impl Connections {
    pub fn new(most: usize) -> Self {
        Connections { most, open: Mutex::default() }
    }

    /// Takes a connection in; `None` where the system has no second handle for it.
    pub fn enter(self: &Arc<Self>, stream: &TcpStream) -> Option<Ticket> {
        let handle = stream.try_clone().ok()?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.streams.len() >= self.most
            && let Some((_, oldest)) = open.streams.pop_front()
        {
            // Its thread finds the connection closed and ends.
            let _ = oldest.shutdown(Shutdown::Both);
        }
        let number = open.next;
        open.next += 1;
        open.streams.push_back((number, handle));
        Some(Ticket {
            number,
            connections: Arc::clone(self),
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.streams.retain(|(number, _)| *number != self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::TcpListener;

    #[test]
    fn the_oldest_gives_way() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(Connections::new(2));
        let mut clients = Vec::new();
        let mut kept = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(address).unwrap());
            let (stream, _) = listener.accept().unwrap();
            let ticket = connections.enter(&stream).unwrap();
            kept.push((stream, ticket));
        }
        assert_eq!(clients[0].read(&mut [0]).unwrap(), 0, "closed");
        clients[1].set_read_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
        assert!(clients[1].read(&mut [0]).is_err(), "still open");
        kept.truncate(1);
        assert_eq!(connections.open.lock().unwrap().streams.len(), 0);
    }
}
