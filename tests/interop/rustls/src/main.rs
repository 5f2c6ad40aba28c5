// tests/interop/rustls - TLS 1.3 by rustls; ../peer.h has the command line.
use std::collections::HashMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, SupportedKxGroup};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{version, ClientConfig, ClientConnection, ConnectionCommon, HandshakeKind};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use rustls::SupportedProtocolVersion;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Options = HashMap<String, String>;

const FLAGS: [&str; 4] = ["--again", "--update-keys", "--tls12", "--both"];

fn versions(options: &Options) -> Vec<&'static SupportedProtocolVersion> {
    if options.contains_key("--both") {
        vec![&version::TLS13, &version::TLS12]
    } else if options.contains_key("--tls12") {
        vec![&version::TLS12]
    } else {
        vec![&version::TLS13]
    }
}

/// graviola's algorithms; of its groups those of --groups, in that order.
fn provider(options: &Options) -> Arc<CryptoProvider> {
    let mut provider = rustls_graviola::default_provider();
    if let Some(names) = options.get("--groups") {
        let named = |name: &str| -> &'static dyn SupportedKxGroup {
            let found = provider.kx_groups.iter().find(|g| {
                format!("{:?}", g.name()).eq_ignore_ascii_case(name)
            });
            *found.expect("a group that graviola has")
        };
        provider.kx_groups = names.split(',').map(named).collect();
    }
    Arc::new(provider)
}

fn chain(options: &Options) -> Outcome<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let certificates = CertificateDer::pem_file_iter(&options["--cert"])?;
    Ok((certificates.collect::<Result<_, _>>()?, PrivateKeyDer::from_pem_file(&options["--key"])?))
}

fn roots(file: &str) -> Outcome<Arc<RootCertStore>> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file)? {
        store.add(certificate?)?;
    }
    Ok(Arc::new(store))
}

fn tell<Side>(tls: &ConnectionCommon<Side>) {
    let suite = format!("{:?}", tls.negotiated_cipher_suite().unwrap().suite());
    let group = tls.negotiated_key_exchange_group().map(|g| format!("{:?}", g.name()));
    let how = match tls.handshake_kind() {
        Some(HandshakeKind::Resumed) => "resumed",
        _ => "full",
    };
    let suite = suite.replace("TLS13_", "TLS_");
    println!("connected {suite} {} {how}", group.unwrap_or("-".into()));
}

fn serve(port: u16, options: &Options) -> Outcome<()> {
    let provider = provider(options);
    let config = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions(options))?;
    let config = match options.get("--ca") {
        Some(file) => config.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(roots(file)?, provider).build()?),
        None => config.with_no_client_auth(),
    };
    let (certificates, key) = chain(options)?;
    let mut config = config.with_single_cert(certificates, key)?;
    config.ticketer = rustls_graviola::Ticketer::new()?;
    let config = Arc::new(config);
    for plain in TcpListener::bind(("127.0.0.1", port))?.incoming() {
        if let Err(error) = echo(ServerConnection::new(config.clone())?, plain?, options) {
            println!("failed {error}");
        }
    }
    Ok(())
}

fn echo(mut tls: ServerConnection, mut plain: TcpStream, options: &Options) -> Outcome<()> {
    plain.set_nodelay(true)?;
    while tls.is_handshaking() {
        if let Err(error) = tls.complete_io(&mut plain) {
            let _ = tls.write_tls(&mut plain);              // the alert
            return Err(error.into());
        }
    }
    tell(&tls);
    let mut stream = StreamOwned::new(tls, plain);
    let mut data = [0; 16384];
    let mut update = options.contains_key("--update-keys");
    loop {
        let n = stream.read(&mut data)?;
        if n == 0 {
            stream.conn.send_close_notify();
            stream.flush()?;
            return Ok(());
        }
        if update {
            stream.conn.refresh_traffic_keys()?;
            update = false;
        }
        stream.write_all(&data[..n])?;
        stream.flush()?;
    }
}

fn client(options: &Options) -> Outcome<Arc<ClientConfig>> {
    let config = ClientConfig::builder_with_provider(provider(options))
        .with_protocol_versions(&versions(options))?
        .with_root_certificates(roots(&options["--ca"])?);
    Ok(Arc::new(if options.contains_key("--cert") {
        let (certificates, key) = chain(options)?;
        config.with_client_auth_cert(certificates, key)?
    } else {
        config.with_no_client_auth()
    }))
}

fn connect(port: u16, config: Arc<ClientConfig>, options: &Options) -> Outcome<()> {
    let mut plain = TcpStream::connect(("127.0.0.1", port))?;
    plain.set_nodelay(true)?;
    let mut tls = ClientConnection::new(config, ServerName::try_from("localhost")?)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut plain)?;
    }
    tell(&tls);
    let mut stream = StreamOwned::new(tls, plain);
    for piece in 0..7 {
        let (data, mut back) = ([piece; 16000], [0; 16000]);
        stream.write_all(&data)?;
        stream.read_exact(&mut back)?;
        if back != data {
            return Err("another echo".into());
        }
        if piece == 0 && options.contains_key("--update-keys") {
            stream.conn.refresh_traffic_keys()?;
        }
    }
    stream.conn.send_close_notify();
    stream.flush()?;
    Ok(())
}

fn run(arguments: Vec<String>) -> Outcome<()> {
    let mut options = Options::new();
    let mut rest = arguments[3..].iter();
    while let Some(name) = rest.next() {
        let flag = FLAGS.contains(&name.as_str());
        options.insert(name.clone(), if flag { "" } else { rest.next().unwrap() }.into());
    }
    let port = arguments[2].parse()?;
    if arguments[1] == "serve" {
        return serve(port, &options);
    }
    let config = client(&options)?;
    for _ in 0..=usize::from(options.contains_key("--again")) {
        connect(port, config.clone(), &options)?;
    }
    Ok(())
}

fn main() {
    if let Err(error) = run(std::env::args().collect()) {
        println!("failed {error}");
        std::process::exit(1);
    }
}
