"""tests/interop/test_sealtls.py - the program: options, files, broken peers, STARTTLS, HTTP."""
import os
import random
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import DEADLINE, SEALTLS, needs

USAGE, NO_INPUT, UNAVAILABLE, PROTOCOL = 64, 66, 69, 76


class ProgramTest(peers.InteropTest):

    def refused(self, status, words, *arguments):
        program = self.start(SEALTLS, *arguments)
        self.assertEqual(program.ends(), status, program.said)
        self.assertRegex(program.err, words)
        self.assertEqual(program.out, b"")

    def credentials(self, key="p256"):
        return "--cert", self.path(key + ".crt"), "--key", self.path(key + ".key")

    def dial(self, server):
        s = socket.create_connection(("127.0.0.1", server.port), DEADLINE)
        self.addCleanup(s.close)
        return s

    def tls(self, server, plain=None):
        context = ssl.create_default_context(cafile=self.ca)
        s = context.wrap_socket(plain or self.dial(server), server_hostname="localhost",
                                suppress_ragged_eofs=False)
        self.addCleanup(s.close)
        return s

    def client_hello(self):
        """A good one, made by OpenSSL."""
        context = ssl.create_default_context(cafile=self.ca)
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            tls.do_handshake()
        return outgoing.read()

    def read_all(self, s):
        return b"".join(iter(lambda: s.recv(65536), b""))


class Options(ProgramTest):

    def test_help_of_each_command(self):
        for command in ([], ["connect"], ["serve"], ["cert"]):
            program = self.start(SEALTLS, *command, "--help")
            self.assertEqual(program.ends(), 0, command)
            self.assertTrue(program.out.startswith(b"usage: sealtls"))
            self.assertEqual(program.err, "")

    def test_unknown_command(self):
        program = self.start(SEALTLS, "conect")
        self.assertEqual(program.ends(), USAGE)

    def test_unknown_option(self):
        self.refused(USAGE, "unrecognized option '--tls12'", "connect", "localhost:1", "--tls12")

    def test_option_without_its_argument(self):
        self.refused(USAGE, "option '--ca' requires an argument", "connect", "localhost:1", "--ca")

    def test_connect_without_address(self):
        self.refused(USAGE, "connect needs one HOST:PORT", "connect")

    def test_connect_without_port(self):
        self.refused(USAGE, "connect needs one HOST:PORT", "connect", "localhost")

    def test_connect_to_a_port_that_is_no_number(self):
        self.refused(USAGE, "connect needs one HOST:PORT", "connect", "localhost:smtp")

    def test_connect_to_two_hosts(self):
        self.refused(USAGE, "connect needs one HOST:PORT", "connect", "a:1", "b:2")

    def test_unknown_suite(self):
        self.refused(USAGE, "TLS_RSA: a name that is not known", "connect", "localhost:1",
                     "--suites", "TLS_RSA")

    def test_group_named_twice(self):
        self.refused(USAGE, "comes twice", "connect", "localhost:1", "--groups", "x25519,x25519")

    def test_unknown_starttls_protocol(self):
        self.refused(USAGE, "--starttls ftp: smtp, imap or pop3", "connect", "localhost:1",
                     "--starttls", "ftp")

    def test_timeout_that_is_no_number(self):
        self.refused(USAGE, "--timeout 1s: not a number", "connect", "localhost:1", "--timeout",
                     "1s")

    def test_name_that_no_certificate_can_have(self):
        self.refused(USAGE, "bücher.example: the name is not ASCII", "connect", "127.0.0.1:1",
                     "--ca", self.ca, "--name", "bücher.example")

    def test_insecure_beside_ca(self):
        self.refused(USAGE, "makes no sense beside --ca or --pin", "connect", "localhost:1",
                     "--ca", self.ca, "--insecure-accept-any-certificate")

    def test_pin_that_is_none(self):
        self.refused(NO_INPUT, "pin", "connect", "localhost:1", "--pin", "sha256/short")

    def test_serve_without_certificate(self):
        self.refused(USAGE, "serve needs --cert FILE and --key FILE", "serve", "0")

    def test_serve_without_key(self):
        self.refused(USAGE, "serve needs --cert FILE and --key FILE", "serve", "0", "--cert",
                     self.ca)

    def test_count_of_zero(self):
        self.refused(USAGE, "--count 0: not a positive number", "serve", "0",
                     *self.credentials(), "--count", "0")

    def test_key_log_that_cannot_be_written(self):
        self.refused(NO_INPUT, "--keylog /nonexistent/log: No such file", "connect", "localhost:1",
                     "--keylog", "/nonexistent/log")

    def test_trace_twice(self):
        self.refused(USAGE, "--trace: twice", "connect", "localhost:1", "--trace", "--trace")


class Files(ProgramTest):

    def serve_refused(self, words, cert, key):
        self.refused(NO_INPUT, words, "serve", "0", "--cert", cert, "--key", key)

    def test_missing_certificate(self):
        self.serve_refused("/none.crt: No such file", self.path("none.crt"), self.path("p256.key"))

    def test_missing_key(self):
        self.serve_refused("/none.key: No such file", self.path("p256.crt"), self.path("none.key"))

    def test_missing_ca(self):
        self.refused(NO_INPUT, "/none.crt: No such file", "connect", "localhost:1", "--ca",
                     self.path("none.crt"))

    def test_key_that_others_may_read(self):
        key = self.write("open.key", self.read("p256.key"), 0o644)
        self.serve_refused(r"/open\.key: private key is open to others \(mode 0644, owner \w+\): "
                           "chmod 600 it", self.path("p256.crt"), key)

    def test_key_that_the_group_may_read(self):
        key = self.write("group.key", self.read("p256.key"), 0o640)
        self.serve_refused(r"/group\.key: .*mode 0640", self.path("p256.crt"), key)

    def test_key_of_another_certificate(self):
        self.serve_refused("private key does not belong to the first certificate",
                           self.path("p256.crt"), self.path("ed25519.key"))

    def test_certificate_instead_of_a_key(self):
        self.serve_refused(r"/ca\.crt:1: not a private key|/ca\.crt: private key is open",
                           self.path("p256.crt"), self.write("ca.crt", self.read("ca.crt")))

    def malformed(self, words, change):
        text = change(self.read("p256.crt").decode())
        cert = self.write("bad.crt", text)
        self.serve_refused(words, cert, self.path("p256.key"))
        self.refused(NO_INPUT, r"/bad\.crt", "connect", "localhost:1", "--ca", cert)

    def test_pem_with_a_line_that_is_no_base64(self):
        lines = self.read("p256.crt").decode().split("\n")
        lines[3] = "*" + lines[3][1:]
        self.malformed(r"/bad\.crt:4: .*line is not base64", lambda _: "\n".join(lines))

    def test_pem_that_ends_inside_of_a_block(self):
        self.malformed(r"/bad\.crt:\d+: .*text ends inside of a block",
                       lambda t: t[:t.index("-----END")])

    def test_pem_whose_end_has_another_label(self):
        self.malformed(r"/bad\.crt:\d+: .*END has another label",
                       lambda t: t.replace("-----END CERTIFICATE", "-----END KEY"))

    def test_pem_around_what_is_no_certificate(self):
        self.malformed(r"/bad\.crt:1: certificate 1: it is not the DER of a certificate",
                       lambda t: "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")

    def test_file_without_any_pem(self):
        self.malformed(r"/bad\.crt: no certificate in this file", lambda t: "nothing here\n")

    def test_encrypted_key(self):
        key = self.write("locked.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
                                       "-----END ENCRYPTED PRIVATE KEY-----\n")
        self.serve_refused(r"/locked\.key:1: the key is encrypted, and no file with its password",
                           self.path("p256.crt"), key)


class FakeServer:
    """A plain-text server for one connection, on a thread: `talk` gets the socket."""

    def __init__(self, test, talk):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.talk = talk
        self.trouble = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        test.addCleanup(self.stop)

    def _run(self):
        try:
            s, _ = self.listener.accept()
            s.settimeout(DEADLINE)
            with s:
                self.talk(s)
        except OSError as trouble:
            self.trouble = trouble

    def stop(self):
        self.listener.close()
        self.thread.join(DEADLINE)


def line_of(s):
    line = b""
    while not line.endswith(b"\n"):
        piece = s.recv(1)
        if not piece:
            raise OSError("the client has gone")
        line += piece
    return line


class Connect(ProgramTest):

    def test_connection_refused(self):
        self.refused(UNAVAILABLE, r"127\.0\.0\.1:\d+: Connection refused", "connect",
                     "127.0.0.1:%d" % peers.free_port(), "--ca", self.ca)

    def test_unknown_host(self):
        self.refused(UNAVAILABLE, "^sealtls: nosuch.invalid: ", "connect", "nosuch.invalid:443",
                     "--ca", self.ca)

    def test_server_that_speaks_plain_text(self):
        fake = FakeServer(self, lambda s: (s.sendall(b"220 mail.example.org ESMTP\r\n"),
                                           self.read_all(s)))
        client = self.connect(fake.port)
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertIn("unexpected_message: not a TLS record: the peer may be speaking plain text",
                      client.err)

    def test_server_that_says_nothing(self):
        fake = FakeServer(self, self.read_all)
        client = self.connect(fake.port, "--timeout", "1")
        self.assertEqual(client.ends(), UNAVAILABLE)
        self.assertIn("said nothing in time", client.err)

    def test_server_that_hangs_up(self):
        fake = FakeServer(self, lambda s: s.recv(1))
        client = self.connect(fake.port)
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertRegex(client.err, "the connection ended during the handshake|reset by peer")

    def test_server_that_cuts_its_handshake_short(self):
        server = self.serve()
        with self.dial(server) as s:
            s.sendall(self.client_hello())
            flight = s.recv(65536)
        fake = FakeServer(self, lambda s: (s.recv(65536), s.sendall(flight[:60])))
        client = self.connect(fake.port)
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertEqual(client.out, b"")

    def test_insecure_believes_any_certificate(self):
        server = self.serve()
        client = self.start(SEALTLS, "connect", "127.0.0.1:%d" % server.port, "--name",
                            "other.example", "--insecure-accept-any-certificate")
        client.waits_for("connected")
        client.end_input()
        self.assertEqual(client.ends(), 0)

    def test_pin_is_enough(self):
        server = self.serve()
        shown = self.start(SEALTLS, "cert", "show", self.path("p256.crt"))
        pin = shown.waits_for("sha256/[A-Za-z0-9+/]{43}=").group(0)
        client = self.start(SEALTLS, "connect", "127.0.0.1:%d" % server.port, "--pin", pin)
        client.waits_for("connected")
        client.end_input()
        self.assertEqual(client.ends(), 0)

    def test_quiet_says_nothing(self):
        server = self.serve()
        client = self.connect(server.port, "--quiet")
        client.send(b"hello\n")
        client.waits_for_bytes(6)
        client.end_input()
        self.assertEqual(client.ends(), 0)
        self.assertEqual(client.err, "")


STARTTLS = {                                    # greeting, then (what is asked, what is answered)
    "smtp": (b"220-mail.example.org\r\n220 ESMTP\r\n",
             [(b"EHLO ", b"250-mail.example.org\r\n250-SIZE 9\r\n250 STARTTLS\r\n"),
              (b"STARTTLS\r\n", b"220 go ahead\r\n")]),
    "imap": (b"* OK IMAP4rev1\r\n",
             [(b"a1 CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\n"),
              (b"a2 STARTTLS\r\n", b"a2 OK begin\r\n")]),
    "pop3": (b"+OK POP3\r\n",
             [(b"CAPA\r\n", b"+OK\r\nSTLS\r\nUSER\r\n.\r\n"),
              (b"STLS\r\n", b"+OK begin\r\n")]),
}


class Starttls(ProgramTest):

    def speak(self, s, protocol, behind=b"", refuse=None):
        """Our end of the plain lines."""
        greeting, exchanges = STARTTLS[protocol]
        s.sendall(greeting)
        for i, (asked, answered) in enumerate(exchanges):
            if not line_of(s).startswith(asked):
                raise OSError("not what was expected")
            last = i == len(exchanges) - 1
            s.sendall(refuse if last and refuse else answered + (behind if last else b""))

    def secure(self, s, protocol):
        self.speak(s, protocol)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("p256.crt"), self.path("p256.key"))
        with context.wrap_socket(s, server_side=True) as tls:
            tls.sendall(tls.recv(100).upper())
            tls.unwrap()

    def succeeds(self, protocol):
        fake = FakeServer(self, lambda s: self.secure(s, protocol))
        client = self.connect(fake.port, "--starttls", protocol)
        client.send(b"capital\n")
        self.assertEqual(client.ends(), 0, client.err)
        self.assertEqual(client.out, b"CAPITAL\n")

    def test_smtp(self):
        self.succeeds("smtp")

    def test_imap(self):
        self.succeeds("imap")

    def test_pop3(self):
        self.succeeds("pop3")

    def injected(self, protocol, behind):
        """Bytes behind the consent come from whoever stands in the way: no TLS with those."""
        heard = []
        fake = FakeServer(self, lambda s: (self.speak(s, protocol, behind),
                                           heard.append(self.read_all(s))))
        client = self.connect(fake.port, "--starttls", protocol)
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertIn("bytes behind its consent to start TLS (injection?)", client.err)
        fake.stop()
        self.assertEqual(heard, [b""])

    def test_n23_smtp_injection(self):
        self.injected("smtp", b"250 injected\r\n")

    def test_imap_injection(self):
        self.injected("imap", b"* CAPABILITY AUTH=PLAIN\r\n")

    def test_pop3_injection(self):
        self.injected("pop3", b"+OK injected\r\n")

    def test_n23_injection_without_a_line_end(self):
        self.injected("smtp", b"x")

    def test_refusal(self):
        for protocol, words in (("smtp", b"454 not now\r\n"), ("imap", b"a2 NO\r\n"),
                                ("pop3", b"-ERR\r\n")):
            with self.subTest(protocol):
                fake = FakeServer(self, lambda s, p=protocol, w=words: (
                    self.speak(s, p, refuse=w), self.read_all(s)))
                client = self.connect(fake.port, "--starttls", protocol)
                self.assertEqual(client.ends(), PROTOCOL)
                self.assertIn("the server refused to start TLS", client.err)

    def test_line_without_end(self):
        fake = FakeServer(self, lambda s: (s.sendall(b"220" + b"-" * 5000), self.read_all(s)))
        client = self.connect(fake.port, "--starttls", "smtp")
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertIn("a line that is too long", client.err)

    def test_lines_without_end(self):
        fake = FakeServer(self, lambda s: (s.sendall(b"220-more\r\n" * 200), self.read_all(s)))
        client = self.connect(fake.port, "--starttls", "smtp")
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertIn("too many lines before TLS", client.err)

    def test_server_that_hangs_up_before_tls(self):
        fake = FakeServer(self, lambda s: s.sendall(b"220 hello\r\n"))
        client = self.connect(fake.port, "--starttls", "smtp")
        self.assertEqual(client.ends(), PROTOCOL)
        self.assertIn("closed the connection before TLS", client.err)


class Serve(ProgramTest):

    def test_port_in_use(self):
        server = self.serve()
        self.refused(UNAVAILABLE, r"127\.0\.0\.1:%d: Address already in use" % server.port,
                     "serve", str(server.port), *self.credentials())

    def test_count(self):
        server = self.serve("--count", "2")
        for _ in range(2):
            self.assertIsNone(server.process.poll())
            self.assertAlive(server)
        self.assertEqual(server.ends(), 0)

    def break_garbage(self, s):
        s.sendall(random.Random(self.broken).randbytes(300))

    def break_half_hello(self, s):
        hello = self.client_hello()
        s.sendall(hello[:len(hello) * (self.broken % 7 + 1) // 9])

    def break_after_hello(self, s):
        s.sendall(self.client_hello())
        s.recv(1)

    def break_finished(self, s):
        s.sendall(self.client_hello() + b"\x17\x03\x03\0\x30" + bytes(48))
        self.read_all(s)

    def break_by_reset(self, s):
        s.sendall(self.client_hello())
        s.recv(100)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def test_fifty_broken_connections(self):
        server = self.serve()
        ways = (self.break_garbage, self.break_half_hello, self.break_after_hello,
                self.break_finished, self.break_by_reset)
        for self.broken in range(50):
            with socket.create_connection(("127.0.0.1", server.port), DEADLINE) as s:
                ways[self.broken % len(ways)](s)
        self.assertAlive(server)
        peers.until(lambda: server.err.count("broken: ") == 50, "50 lines say that it was broken")
        self.assertAlive(server)

    def test_slow_connection_does_not_hold_up_others(self):
        server = self.serve()
        slow = self.dial(server)
        slow.sendall(self.client_hello()[:40])
        self.assertAlive(server)

    def test_idle_connection_is_dropped(self):
        server = self.serve("--timeout", "1")
        slow = self.dial(server)
        self.assertEqual(self.read_all(slow), b"")
        server.waits_for("dropped: nothing happened in time")

    def test_alert_arrives_although_more_was_sent(self):
        """Half-close and drain: unread bytes would make the end a reset, which eats the alert."""
        server = self.serve()
        s = self.dial(server)
        s.sendall(b"GET / HTTP/1.1\r\n" * 2000)
        self.assertEqual(self.read_all(s).hex(), "1503030002020a")
        self.assertAlive(server)

    def test_hello_one_byte_at_a_time(self):
        server = self.serve()
        relay = self.relay(server.port, lambda piece: [piece[i:i + 1] for i in range(len(piece))])
        client = self.connect(relay.port)
        client.send(b"slowly\n")
        self.assertEqual(client.waits_for_bytes(7), b"slowly\n")
        client.end_input()
        self.assertEqual(client.ends(), 0)


class Http(ProgramTest):

    @needs("curl")
    def test_curl_gets_the_page(self):
        server = self.serve("--http")
        curl = subprocess.run(
            ["curl", "--silent", "--show-error", "--tlsv1.3", "--noproxy", "*", "--cacert", self.ca,
             "--resolve", "localhost:%d:127.0.0.1" % server.port,
             "https://localhost:%d/" % server.port],
            capture_output=True, text=True, timeout=DEADLINE)
        self.assertEqual(curl.returncode, 0, curl.stderr)
        self.assertRegex(curl.stdout, "<p>TLS 1.3, TLS_[A-Z0-9_]+, x25519, ecdsa_secp256r1_sha256")

    def page(self, tls):
        got = b""
        while not re.search(rb"\r\n\r\n.*</?p>.*\n\Z", got, re.S):
            piece = tls.recv(65536)
            self.assertTrue(piece, got)
            got += piece
        return got

    def test_two_requests_on_one_connection(self):
        server = self.serve("--http")
        with self.tls(server) as tls:
            for _ in range(2):
                tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                head, body = self.page(tls).split(b"\r\n\r\n", 1)
                self.assertTrue(head.startswith(b"HTTP/1.1 200 OK\r\n"))
                self.assertIn(b"Content-Length: %d" % len(body), head)
            tls.unwrap()

    def test_two_requests_at_once(self):
        server = self.serve("--http")
        with self.tls(server) as tls:
            tls.sendall(2 * b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            got = b""
            while got.count(b"HTTP/1.1 200 OK") < 2 or not got.endswith(b"\n"):
                got += tls.recv(65536)
            tls.unwrap()

    def test_request_in_pieces(self):
        server = self.serve("--http")
        with self.tls(server) as tls:
            for piece in (b"GET / HT", b"TP/1.1\r", b"\nHost: x\r\n", b"\r", b"\n"):
                tls.sendall(piece)
                time.sleep(0.01)
            self.page(tls)
            tls.unwrap()


class Secrets(ProgramTest):

    def talk(self, *options, **environment):
        """A connection of our two ends; what each has said."""
        server = self.serve(*options)
        client = self.start(SEALTLS, "connect", "127.0.0.1:%d" % server.port, "--ca", self.ca,
                            "--name", "localhost", *options, **environment)
        client.send(b"hello\n")
        client.waits_for_bytes(6)
        client.end_input()
        self.assertEqual(client.ends(), 0)
        server.waits_for("connected")
        return client, server

    def test_no_key_log_unless_asked_for(self):
        self.talk(SSLKEYLOGFILE=self.path("never"))
        self.assertFalse(os.path.exists(self.path("never")))

    def test_both_ends_log_the_same_and_for_the_owner_alone(self):
        self.talk("--keylog", self.path("log"))
        lines = self.read("log").decode().splitlines()
        self.assertEqual(len(lines), 10)
        self.assertEqual(len(set(lines)), 5)
        self.assertEqual(os.stat(self.path("log")).st_mode & 0o777, 0o600)
        os.unlink(self.path("log"))

    def test_trace_shows_no_secret(self):
        log = self.path("traced")
        client, server = self.talk("--trace", "--keylog", log)
        secrets = [line.split()[2] for line in self.read("traced").decode().splitlines()]
        self.assertEqual(len(secrets), 10)
        for program in client, server:
            program.waits_for('secret     "c hs traffic"')
            for secret in secrets:
                self.assertNotIn(secret[:16], program.err)
            self.assertNotRegex(program.err, "[0-9a-f]{16}")


if __name__ == "__main__":
    unittest.main()
