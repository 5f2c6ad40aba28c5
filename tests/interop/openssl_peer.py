"""tests/interop/openssl_peer.py - TLS 1.3 by the OpenSSL that the `cryptography` package brings
(3.5 or later, so with the hybrid groups), through pyOpenSSL; peer.h has the command line.

pyOpenSSL has no call for groups: they go through OpenSSL's configuration file. Nor has it one for
KeyUpdate.
"""
import argparse
import os
import socket
import sys
import tempfile

CONFIGURATION = """openssl_conf = init
[init]
ssl_conf = ssl
[ssl]
system_default = all
[all]
Groups = %s
"""
OURS = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384"}


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("serve", "connect", "about"))
    parser.add_argument("port", type=int)
    for name in ("--cert", "--key", "--ca", "--groups"):
        parser.add_argument(name)
    for name in ("--again", "--tls12", "--both"):
        parser.add_argument(name, action="store_true")
    return parser.parse_args()


arguments = options()
with tempfile.NamedTemporaryFile("w", suffix=".cnf") as f:
    if arguments.groups:
        f.write(CONFIGURATION % ":".join(OURS.get(g, g) for g in arguments.groups.split(",")))
        f.flush()
        os.environ["OPENSSL_CONF"] = f.name
    from OpenSSL import SSL                     # which reads it


def configure():
    context = SSL.Context(SSL.TLS_METHOD)
    old, new = SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION
    context.set_min_proto_version(old if arguments.tls12 or arguments.both else new)
    context.set_max_proto_version(old if arguments.tls12 else new)
    if arguments.cert:
        context.use_certificate_chain_file(arguments.cert)
        context.use_privatekey_file(arguments.key)
    if arguments.ca:
        context.load_verify_locations(arguments.ca)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    if arguments.role == "serve":
        context.set_session_id(b"peer")
    return context


def handshake(tls):
    tls.do_handshake()
    reused = SSL._lib.SSL_session_reused(tls._ssl)
    print("connected", SSL._ffi.string(SSL._lib.SSL_CIPHER_get_name(
        SSL._lib.SSL_get_current_cipher(tls._ssl))).decode(),
        tls.get_group_name(), "resumed" if reused else "full", flush=True)


def serve(context):
    for_ever = socket.create_server(("127.0.0.1", arguments.port))
    while True:
        tls = SSL.Connection(context, for_ever.accept()[0])
        tls.set_accept_state()
        try:
            handshake(tls)
            while True:
                tls.sendall(tls.recv(16384))
        except SSL.ZeroReturnError:
            tls.shutdown()
        except SSL.Error as error:
            print("failed", error, flush=True)
        tls.sock_shutdown(socket.SHUT_WR)
        tls.close()


def connect(context, session):
    tls = SSL.Connection(context, socket.create_connection(("127.0.0.1", arguments.port)))
    tls.set_connect_state()
    tls.set_tlsext_host_name(b"localhost")
    if session:
        tls.set_session(session)
    handshake(tls)
    for n in range(7):
        data, back = bytes([n]) * 16000, b""
        tls.sendall(data)
        while len(back) < len(data):
            back += tls.recv(16384)
        assert back == data, "another echo"
    session = tls.get_session()
    tls.shutdown()
    tls.close()
    return session


if arguments.role == "about":
    print(SSL.SSLeay_version(SSL.SSLEAY_VERSION).decode())
elif arguments.role == "serve":
    serve(configure())
else:
    try:
        configured = configure()
        ticket = connect(configured, None)
        if arguments.again:
            connect(configured, ticket)
    except SSL.Error as error:
        print("failed", error, flush=True)
        sys.exit(1)
