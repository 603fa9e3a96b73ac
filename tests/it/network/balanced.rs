//! Behind balancers: the address of who comes is what a listed one says, and nobody else may say one; many that only wait.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use super::{Service, wait};

/// The header of the PROXY protocol, version 2: for this client at port 1, over TCP.
fn header(from: [u8; 4]) -> Vec<u8> {
    let mut bytes = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    bytes.extend(from);
    bytes.extend([127, 0, 0, 1, 0, 1, 0, 2]);
    bytes
}

/// Whether the connection is answered, or ended without a word.
fn answered(stream: &mut TcpStream) -> bool {
    let _cut = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: board\r\n\r\n");
    let mut piece = [0; 64];
    matches!(stream.read(&mut piece), Ok(read @ 1..) if piece[..read].starts_with(b"HTTP/1.1 200"))
}

fn behind(service: &Service, from: [u8; 4]) -> TcpStream {
    let mut stream = service.connect();
    stream.write_all(&header(from)).unwrap();
    stream
}

#[test]
fn strangers_behind_a_balancer_are_counted_by_their_own_address() {
    let service = Service::plain_with("[serve]\nbalancers = [\"127.0.0.0/8\"]\n");
    let (bad, good) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    let mut held: Vec<TcpStream> = (0..64).map(|_| behind(&service, bad)).collect();
    assert!(held.iter_mut().all(answered), "as many as one address has");
    assert!(!answered(&mut behind(&service, bad)), "and no more");
    assert!(answered(&mut behind(&service, good)), "nobody else is kept out for that");
    // The balancer looks after the service for itself.
    let mut local = service.connect();
    local.write_all(b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0").unwrap();
    assert!(answered(&mut local));
    // Who is listed says for whom, or is not heard.
    assert!(!answered(&mut service.connect()));
    held.clear();
    wait("they are gone", || answered(&mut behind(&service, bad)));
}

#[test]
fn a_header_of_who_is_no_balancer_is_no_request() {
    let service = Service::plain_with("[serve]\nbalancers = [\"192.0.2.1\"]\n");
    let said = service.raw(&[header([10, 0, 0, 1]), b"GET /healthz HTTP/1.1\r\n\r\n".to_vec()].concat());
    assert!(said.starts_with("HTTP/1.1 400") || said.is_empty(), "{said}");
    assert!(answered(&mut service.connect()), "and is counted by its own address");
    let home = crate::program::Home::new();
    home.file("serve.toml", "[serve]\nbalancers = [\"10.0.0.0/99\"]\n");
    let said = home.run("--db board.db --config serve.toml serve --socket quorate.sock").fails(2);
    assert!(said.contains("serve.balancers") && said.contains("10.0.0.0/99"), "{said}");
}

/// Whoever only waits keeps nobody out, and is ended; how many there may be is the service's files.
#[test]
fn many_that_only_wait_keep_nobody_out() {
    let service = Service::plain_with("[serve]\nbalancers = [\"127.0.0.1\"]\n");
    let ann = service.token("--person ann");
    let mut waiting = Vec::new();
    for from in 0..400_u16 {
        let [high, low] = from.to_be_bytes();
        waiting.push(behind(&service, [198, 18, high, low]));
    }
    let metrics = || {
        let mut stream = behind(&service, [198, 51, 100, 1]);
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: board\r\nConnection: close\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        said
    };
    let open = |said: &str| {
        let line = said.lines().find(|line| line.starts_with("quorate_connections ")).unwrap().to_owned();
        line.split(' ').next_back().unwrap().parse::<usize>().unwrap()
    };
    wait("all are taken", || open(&metrics()) > 350);
    let mut member = behind(&service, [198, 51, 100, 2]);
    let request = format!(
        "GET /v1/me HTTP/1.1\r\nHost: board\r\nConnection: close\r\nAuthorization: Bearer {ann}\r\n\r\n"
    );
    member.write_all(request.as_bytes()).unwrap();
    let mut said = String::new();
    member.read_to_string(&mut said).unwrap();
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("\"ann\""), "{said}");
    // Without a request they are ended after the time that headers may take.
    wait("they are ended", || open(&metrics()) < 10);
    drop(waiting);
}
