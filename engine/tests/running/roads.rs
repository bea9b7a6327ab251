//! The roads to a system: certificates that the machine trusts, and a SOCKS proxy in between.

use super::Project;
use super::common::Tls;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[test]
fn the_certificates_of_the_machine_are_trusted() {
    let server = Tls::new();
    let script = format!("assert http.get(\"{}/\").text == \"ok\";", server.url());
    let project = Project::script(&script).file("roots.pem", &server.certificate);
    // The machine as it is does not know the server; with its certificate among the roots it does.
    project.run(&["run", "a.rhai"]).exits(1);
    let roots = project.path("roots.pem");
    let project = project.env("SSL_CERT_FILE", &roots.to_string_lossy());
    project.run(&["run", "a.rhai"]).passes();
}

#[test]
fn requests_go_through_a_socks_proxy_that_looks_up_the_name_or_gets_the_address() {
    let proxy = Socks::start();
    let script = format!(
        r#"
let far = http.client(#{{ proxy: "socks5h://127.0.0.1:{0}" }});
assert far.get("http://far.test/there").text == "GET /there";
let near = http.client(#{{ proxy: "socks5://127.0.0.1:{0}" }});
assert near.get("http://127.0.0.1:81/here").text == "GET /here";
"#,
        proxy.port
    );
    Project::script(&script).run(&["run", "a.rhai"]).passes();
    assert_eq!(proxy.asked(), ["far.test:80", "127.0.0.1:81"]);
}

/// A SOCKS5 proxy (RFC 1928) without authentication, which leads everywhere to one server that repeats what it is asked.
struct Socks {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    fn start() -> Self {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let target = server.local_addr().expect("an address");
        std::thread::spawn(move || {
            server
                .incoming()
                .flatten()
                .for_each(|stream| drop(echo(stream)))
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = asked.clone();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let Ok(place) = handshake(&mut client) else {
                    continue;
                };
                heard.lock().expect("unpoisoned").push(place);
                let server = TcpStream::connect(target).expect("a server");
                relay(client, server);
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("unpoisoned").clone()
    }
}

/// Gives the place the client wants to go to, having told it that it is there.
fn handshake(client: &mut TcpStream) -> std::io::Result<String> {
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        client.read_exact(&mut bytes).map(|()| bytes)
    };
    let methods = take(2)?[1];
    take(methods.into())?;
    client.write_all(&[5, 0])?;
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        client.read_exact(&mut bytes).map(|()| bytes)
    };
    let host = match take(4)?[3] {
        1 => {
            let parts: Vec<String> = take(4)?.iter().map(u8::to_string).collect();
            parts.join(".")
        }
        _ => {
            let length = take(1)?[0];
            String::from_utf8_lossy(&take(length.into())?).into_owned()
        }
    };
    let port = take(2)?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(format!("{host}:{}", u16::from_be_bytes([port[0], port[1]])))
}

fn relay(client: TcpStream, server: TcpStream) {
    let pipe = |mut from: TcpStream, mut to: TcpStream| {
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    };
    let second = |stream: &TcpStream| stream.try_clone().expect("a second handle");
    pipe(second(&client), second(&server));
    pipe(server, client);
}

fn echo(mut stream: TcpStream) -> std::io::Result<()> {
    let mut bytes = [0; 4096];
    let count = stream.read(&mut bytes)?;
    let head = String::from_utf8_lossy(&bytes[..count]).into_owned();
    let asked = head.split(" HTTP/").next().unwrap_or_default();
    let length = asked.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{asked}"
    )
}
