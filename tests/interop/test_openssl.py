"""tests/interop/test_openssl.py - live handshakes with OpenSSL's s_server and s_client."""
import os
import re
import socket
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import DEADLINE, needs

OPENSSL_GROUP = {"x25519": "X25519", "secp256r1": "P-256"}
TEMP_KEY = {"x25519": "X25519", "secp256r1": "P-256"}          # as s_client reports it
MEGABYTE = os.urandom(1 << 20)


class OpensslTest(peers.InteropTest):

    def s_server(self, *options, key="p256", version="-tls1_3"):
        return self.start_server("openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert",
                                 self.path(key + ".crt"), "-key", self.path(key + ".key"), version,
                                 "-naccept", "1", *options)

    def s_client(self, port, *options, version="-tls1_3"):
        return self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % port, version,
                          "-servername", "localhost", "-CAfile", self.ca, "-verify_return_error",
                          *options)

    def talk(self, client, server):
        """A line from standard input to standard output, in each direction. The server speaks
        second: s_server hangs if its standard input is ready before its handshake is over."""
        self.lines = getattr(self, "lines", 0) + 1
        client.send("line %d, over to you\n" % self.lines)
        server.waits_for("line %d, over to you\n" % self.lines)
        server.send("line %d and back\n" % self.lines)
        client.waits_for("line %d and back\n" % self.lines)

    def echo(self, client, line=b"an echo, please\n"):
        """Our server's echo arrives at an s_client."""
        before = client.said.count(line.decode())
        client.send(line)
        peers.until(lambda: client.said.count(line.decode()) > before, "the echo\n" + client.said)

    def finish(self, client):
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)


@needs("openssl")
class EncryptedKeys(OpensslTest):
    """Keys that openssl pkcs8 has put under a password, as our server's and our CA's."""

    def encrypt(self, key, *options):
        done = subprocess.run(["openssl", "pkcs8", "-topk8", "-in", self.path(key), "-passout",
                               "pass:p w", "-v2", "aes-256-cbc", *options], check=True,
                              capture_output=True, timeout=60)
        return self.write("encrypted.key", done.stdout)

    def test_pbkdf2_and_scrypt(self):
        password = self.write("password", "p w\n")
        for options in (("-v2prf", "hmacWithSHA256"), ("-scrypt",)):
            self.encrypt("p256.key", *options)
            self.write("encrypted.crt", self.read("p256.crt"))
            server = self.serve("--key-password-file", password, key="encrypted")
            self.echo(self.s_client(server.port, "-quiet"))
            server.stop()

    def test_wrong_password(self):
        key = self.encrypt("p256.key", "-v2prf", "hmacWithSHA256")
        program = self.start(peers.SEALTLS, "serve", "0", "--cert", self.path("p256.crt"), "--key",
                             key, "--key-password-file", self.write("password", "pw\n"))
        self.assertEqual(program.ends(), 66)
        self.assertRegex(program.err, r"/encrypted\.key:1: wrong password, or the encrypted key is")

    def test_key_of_the_ca(self):
        key = self.encrypt("ca.key", "-v2prf", "hmacWithSHA256")
        self.make_cert("server", "--ca", self.ca, "--ca-key", key, "--ca-key-password-file",
                       self.write("password", "p w"), "--dns", "localhost", "--cert",
                       self.path("new.crt"), "--key", self.path("new.key"))
        self.echo(self.s_client(self.serve(key="new").port, "-quiet"))


@needs("openssl")
@peers.matrix
class Matrix(OpensslTest):

    def run_client(self, suite, group, key, retry):
        other = peers.GROUPS[1 - peers.GROUPS.index(group)]
        server = self.s_server("-ciphersuites", suite, "-groups", OPENSSL_GROUP[group], "-quiet",
                               key=key)
        client = self.connect(server.port, "--groups", other + "," + group if retry else group)
        self.assertFacts(client, suite, group, key, retry)
        self.talk(client, server)
        self.finish(client)

    def run_server(self, suite, group, key, retry):
        other = peers.GROUPS[1 - peers.GROUPS.index(group)]
        server = self.serve("--groups", group, key=key)
        offered = (other, group) if retry else (group,)
        client = self.s_client(server.port, "-ciphersuites", suite, "-groups",
                               ":".join(OPENSSL_GROUP[g] for g in offered))
        client.waits_for(r"New, TLSv1\.3, Cipher is " + suite)
        client.waits_for("Server Temp Key: " + TEMP_KEY[group] if group == "x25519"
                         else "Server Temp Key: ECDH, prime256v1")
        client.waits_for(r"Verify return code: 0 \(ok\)")
        self.assertFacts(server, suite, group, key, retry)
        self.echo(client)
        self.finish(client)


@needs("openssl")
class OurClient(OpensslTest):

    def test_megabyte_each_way(self):
        server = self.s_server("-quiet")
        client = self.connect(server.port)
        self.talk(client, server)
        there, back = len(server.out), len(client.out)
        client.send(MEGABYTE)
        server.send(MEGABYTE)
        self.assertEqual(server.waits_for_bytes(there + len(MEGABYTE))[there:], MEGABYTE)
        self.assertEqual(client.waits_for_bytes(back + len(MEGABYTE))[back:], MEGABYTE)
        self.finish(client)

    def test_alpn_agreed(self):
        server = self.s_server("-alpn", "imap,smtp")
        client = self.connect(server.port, "--alpn", "smtp")
        client.waits_for("ALPN smtp")
        server.waits_for("ALPN protocols advertised by the client: smtp")
        self.finish(client)

    def test_alpn_mismatch_is_refused(self):
        server = self.s_server("-alpn", "imap")
        client = self.connect(server.port, "--alpn", "smtp")
        self.assertEqual(client.ends(), 76)
        self.assertIn("no_application_protocol", client.err)

    def test_alpn_ignored_by_the_server(self):
        server = self.s_server()
        client = self.connect(server.port, "--alpn", "smtp")
        self.assertNotIn("ALPN", client.waits_for("connected: [^\n]*\n").group(0))
        self.finish(client)

    def test_server_name_is_sent(self):
        server = self.s_server("-servername", "localhost", "-servername_fatal", "-cert2",
                               self.path("ed25519.crt"), "-key2", self.path("ed25519.key"))
        client = self.connect(server.port)
        server.waits_for('Hostname in TLS extension: "localhost"')
        self.finish(client)

    def test_server_name_is_not_sent_for_an_address(self):
        server = self.s_server("-servername", "localhost", "-cert2", self.path("ed25519.crt"),
                               "-key2", self.path("ed25519.key"))
        client = self.connect(server.port, name="127.0.0.1")
        client.waits_for("connected")
        self.finish(client)
        self.assertNotIn("Hostname in TLS extension", server.said)

    def test_record_padding_is_taken_off(self):
        server = self.s_server("-quiet", "-record_padding", "1000")
        client = self.connect(server.port, "--trace")
        self.talk(client, server)
        client.waits_for(r"<-- record +application_data, 16 bytes, protected .* 5 \+ 1\d\d\d")
        self.finish(client)

    def test_records_of_512_bytes(self):
        server = self.s_server("-quiet", "-max_send_frag", "512")
        client = self.connect(server.port)
        self.talk(client, server)
        back = len(client.out)
        server.send(MEGABYTE[:100000])
        self.assertEqual(client.waits_for_bytes(back + 100000)[back:], MEGABYTE[:100000])
        self.finish(client)

    def test_handshake_messages_in_records_of_512_bytes(self):
        """A chain that does not fit into one record."""
        chain = self.write("chain.pem", self.read("p256.crt") + 2 * self.read("ca.crt"))
        server = self.s_server("-quiet", "-max_send_frag", "512", "-cert_chain", chain)
        client = self.connect(server.port)
        self.talk(client, server)
        self.finish(client)

    def test_key_update_of_the_server_alone(self):
        server = self.s_server()
        client = self.connect(server.port, "--trace")
        client.waits_for("connected")
        server.send(b"k\n")
        client.waits_for("<-- message +KeyUpdate")
        self.talk(client, server)
        self.assertNotRegex(client.err, "--> message +KeyUpdate")
        self.finish(client)

    def test_key_update_asked_for_by_the_server(self):
        server = self.s_server()
        client = self.connect(server.port, "--trace")
        client.waits_for("connected")
        for n in range(1, 4):
            server.send(b"K\n")
            peers.until(lambda: len(re.findall("--> message +KeyUpdate", client.err)) == n,
                        "KeyUpdate number %d is answered" % n)
            self.talk(client, server)
        self.finish(client)

    def test_key_update_asked_for_by_us(self):
        server = self.s_server("-msg")
        client = self.connect(server.port, "--update-keys", "--trace")
        server.waits_for("<<< TLS 1.3, Handshake [^\n]*KeyUpdate")
        self.talk(client, server)               # OpenSSL answers when it writes next
        client.waits_for("<-- message +KeyUpdate")
        self.finish(client)

    def test_client_certificate_asked_for(self):
        server = self.s_server("-verify", "1")
        client = self.connect(server.port, "--trace")
        client.waits_for("<-- message +CertificateRequest")
        client.waits_for("--> message +Certificate, 8 bytes")
        self.talk(client, server)
        self.finish(client)

    def test_client_certificate_required(self):
        server = self.s_server("-Verify", "1")
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertIn("certificate_required", client.err)

    def test_cookie_is_sent_back(self):
        """s_server -stateless takes no change_cipher_spec behind its HelloRetryRequest, not even
        from s_client: OpenSSL 3.0.19. So the relay takes ours away."""
        server = self.s_server("-stateless")
        relay = self.relay(server.port, lambda b: [b.replace(b"\x14\x03\x03\0\1\1", b"")])
        client = self.connect(relay.port, "--trace")
        client.waits_for("<-- message +HelloRetryRequest")
        self.talk(client, server)
        self.finish(client)

    def test_without_middlebox_compatibility(self):
        server = self.s_server("-no_middlebox")
        client = self.connect(server.port)
        self.talk(client, server)
        self.finish(client)

    def test_many_session_tickets_are_passed_over(self):
        server = self.s_server("-num_tickets", "20")
        client = self.connect(server.port)
        self.talk(client, server)
        self.finish(client)

    def test_ed25519_alone_offered(self):
        server = self.s_server("-dcert", self.path("ed25519.crt"), "-dkey",
                               self.path("ed25519.key"))
        client = self.connect(server.port, "--schemes", "ed25519,ecdsa_secp256r1_sha256")
        client.waits_for("connected: .*(ed25519|ecdsa)")
        self.finish(client)

    def test_s10_server_of_tls_1_2(self):
        server = self.s_server(version="-tls1_2")
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertRegex(client.err, "protocol_version.* TLS 1.3")

    def test_key_log_is_the_same(self):
        server = self.s_server("-keylogfile", self.path("theirs"))
        client = self.connect(server.port, "--keylog", self.path("ours"))
        self.talk(client, server)
        self.finish(client)
        assert_same_key_log(self)

    def test_close_notify_both_ways(self):
        """The server's end of the stream ends ours, and it gets our close_notify."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("p256.crt"), self.path("p256.key"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = self.connect(listener.getsockname()[1], "--trace")
            plain, _ = listener.accept()
            plain.settimeout(DEADLINE)
            with context.wrap_socket(plain, server_side=True, suppress_ragged_eofs=False) as tls:
                tls.sendall(b"goodbye\n")
                tls.unwrap().close()            # fails unless a close_notify comes back
        self.assertEqual(client.ends(), 0, client.err)
        self.assertEqual(client.out, b"goodbye\n")

    def test_truncation_is_an_error(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("p256.crt"), self.path("p256.key"))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = self.connect(listener.getsockname()[1])
            plain, _ = listener.accept()
            plain.settimeout(DEADLINE)
            tls = context.wrap_socket(plain, server_side=True)
            tls.sendall(b"half of i")
            client.waits_for_bytes(9)
            socket.socket.shutdown(tls, socket.SHUT_WR)
            self.assertEqual(client.ends(), 76)
            tls.close()
        self.assertIn("truncated", client.err)


@needs("openssl")
class OurServer(OpensslTest):

    def test_megabyte_each_way(self):
        server = self.serve()
        for suite in peers.SUITES:
            client = self.s_client(server.port, "-quiet", "-no_ign_eof", "-nocommands",
                                   "-ciphersuites", suite)
            client.send(MEGABYTE)
            self.assertEqual(client.waits_for_bytes(1 << 20), MEGABYTE)
            self.finish(client)

    def test_alpn_agreed(self):
        server = self.serve("--alpn", "imap,smtp")
        client = self.s_client(server.port, "-alpn", "smtp,imap")
        client.waits_for("ALPN protocol: imap")
        server.waits_for("ALPN imap")
        self.finish(client)

    def test_alpn_mismatch_is_refused(self):
        server = self.serve("--alpn", "imap")
        client = self.s_client(server.port, "-alpn", "smtp")
        client.waits_for("alert number 120")
        server.waits_for("no application protocol in common")
        self.assertAlive(server)

    def test_alpn_not_configured(self):
        server = self.serve()
        client = self.s_client(server.port, "-alpn", "smtp")
        client.waits_for("No ALPN negotiated")
        self.finish(client)

    def test_server_name_is_known(self):
        server = self.serve()
        client = self.s_client(server.port)
        server.waits_for("connected: .*, name localhost")
        self.finish(client)

    def test_without_server_name(self):
        server = self.serve()
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-noservername", "-CAfile", self.ca)
        facts = server.waits_for("connected: [^\n]*\n").group(0)
        self.assertNotIn("name", facts)
        self.echo(client)
        self.finish(client)

    def test_record_padding_is_taken_off(self):
        server = self.serve("--trace")
        client = self.s_client(server.port, "-record_padding", "1000")
        self.echo(client)
        server.waits_for(r"<-- record +application_data, 16 bytes, protected .* 5 \+ 1\d\d\d")
        self.finish(client)

    def test_records_of_512_bytes(self):
        server = self.serve()
        client = self.s_client(server.port, "-quiet", "-no_ign_eof", "-nocommands",
                               "-max_send_frag", "512", "-split_send_frag", "512")
        client.send(MEGABYTE[:100000])
        self.assertEqual(client.waits_for_bytes(100000), MEGABYTE[:100000])
        self.finish(client)

    def test_key_update_of_the_client_alone(self):
        server = self.serve("--trace")
        client = self.s_client(server.port)
        client.waits_for("Verify return code")
        client.send(b"k\n")
        server.waits_for("<-- message +KeyUpdate")
        self.echo(client)
        self.assertNotRegex(server.err, "--> message +KeyUpdate")
        self.finish(client)

    def test_key_update_asked_for_by_the_client(self):
        server = self.serve("--trace")
        client = self.s_client(server.port)
        client.waits_for("Verify return code")
        for n in range(1, 4):
            client.send(b"K\n")
            peers.until(lambda: len(re.findall("--> message +KeyUpdate", server.err)) == n,
                        "KeyUpdate number %d is answered" % n)
            self.echo(client, b"line %d\n" % n)
        self.finish(client)

    def test_key_update_asked_for_by_us(self):
        server = self.serve("--update-keys", "--trace")
        client = self.s_client(server.port, "-msg")
        client.waits_for("<<< TLS 1.3, Handshake [^\n]*KeyUpdate")
        self.echo(client)
        server.waits_for("<-- message +KeyUpdate")
        self.finish(client)

    def early_data(self, *server_options):
        """A session of an OpenSSL server makes s_client send a PSK and early data to ours."""
        theirs = self.s_server("-early_data", "-max_early_data", "8192")
        first = self.s_client(theirs.port, "-sess_out", self.path("session"))
        peers.until(lambda: os.path.exists(self.path("session"))
                    and b"-----END" in self.read("session"), "a session is written")
        first.end_input()
        first.ends()
        server = self.serve("--trace", *server_options)
        client = self.s_client(server.port, "-sess_in", self.path("session"), "-early_data",
                               self.write("early", b"too early\n" * 700))
        client.waits_for("Early data was rejected")
        self.echo(client)
        self.assertNotIn("too early", client.said)
        self.finish(client)

    def test_early_data_is_passed_over(self):
        self.early_data()

    def test_early_data_before_hello_retry_is_passed_over(self):
        self.early_data("--groups", "secp256r1")

    def test_without_middlebox_compatibility(self):
        server = self.serve()
        client = self.s_client(server.port, "-no_middlebox")
        self.echo(client)
        self.finish(client)

    def test_client_of_both_versions_gets_tls_1_3(self):
        server = self.serve()
        client = self.s_client(server.port, version="-no_ssl3")
        client.waits_for("New, TLSv1.3")
        self.echo(client)
        self.finish(client)

    def test_two_key_types(self):
        server = self.serve("--cert", self.path("ed25519.crt"), "--key", self.path("ed25519.key"))
        for scheme, shown in (("ed25519", "ed25519"), ("ECDSA+SHA256", "ECDSA")):
            client = self.s_client(server.port, "-sigalgs", scheme)
            client.waits_for("Peer signature type: " + shown)
            self.finish(client)

    def test_no_signature_scheme_in_common(self):
        server = self.serve()
        client = self.s_client(server.port, "-sigalgs", "RSA-PSS+SHA256")
        client.waits_for("alert number 40")
        server.waits_for("no certificate of ours fits the peer's signature_algorithms")
        self.assertAlive(server)

    def test_no_group_in_common(self):
        server = self.serve()
        client = self.s_client(server.port, "-groups", "X448")
        client.waits_for("alert number 40")
        server.waits_for("no group in common")
        self.assertAlive(server)

    def test_no_suite_in_common(self):
        server = self.serve("--suites", "TLS_AES_128_GCM_SHA256")
        client = self.s_client(server.port, "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256")
        client.waits_for("alert number 40")
        server.waits_for("no cipher suite in common")
        self.assertAlive(server)

    def test_s10_client_of_tls_1_2(self):
        server = self.serve()
        client = self.s_client(server.port, version="-tls1_2")
        client.waits_for("alert number 70")
        server.waits_for("the peer offers TLS 1.2 at most")
        self.assertAlive(server)

    def test_client_of_tls_1_2_gets_exactly_these_bytes(self):
        """RFC 9846 E.2: one alert, protocol_version, and the end."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        hello = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            hello.do_handshake()
        server = self.serve()
        with socket.create_connection(("127.0.0.1", server.port), DEADLINE) as s:
            s.sendall(outgoing.read())
            answer = b"".join(iter(lambda: s.recv(4096), b""))
        self.assertEqual(answer.hex(), "15030300020246")
        self.assertAlive(server)

    def test_key_log_is_the_same(self):
        server = self.serve("--keylog", self.path("ours"))
        client = self.s_client(server.port, "-keylogfile", self.path("theirs"))
        self.echo(client)
        self.finish(client)
        assert_same_key_log(self)

    def python_client(self, server):
        context = ssl.create_default_context(cafile=self.ca)
        plain = socket.create_connection(("127.0.0.1", server.port), DEADLINE)
        return context.wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)

    def test_close_notify_both_ways(self):
        server = self.serve("--trace")
        with self.python_client(server) as tls:
            tls.sendall(b"goodbye\n")
            self.assertEqual(tls.recv(100), b"goodbye\n")
            tls.unwrap().close()
        server.waits_for("<-- alert +close_notify")
        server.waits_for("--> (alert +close_notify|record +alert)")

    def test_truncation_is_noticed(self):
        server = self.serve()
        with self.python_client(server) as tls:
            tls.sendall(b"half of i")
            self.assertEqual(tls.recv(100), b"half of i")
        server.waits_for("broken: .*truncated")
        self.assertAlive(server)

    def test_client_that_does_not_know_our_ca(self):
        server = self.serve()
        self.make_cert("root", "--name", "other CA", "--cert", self.path("other.crt"), "--key",
                       self.path("other.key"), "--force")
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-CAfile", self.path("other.crt"), "-verify_return_error")
        self.assertEqual(client.ends(), 1)
        server.waits_for("broken: .*unknown_ca")
        self.assertAlive(server)

    def test_client_that_expects_another_name(self):
        server = self.serve()
        client = self.s_client(server.port, "-verify_hostname", "example.org")
        self.assertEqual(client.ends(), 1)
        server.waits_for("broken: .*(bad_certificate|certificate_unknown)")
        self.assertAlive(server)


def assert_same_key_log(test):
    def lines(name):
        with open(test.path(name), "r", encoding="ascii") as f:
            return sorted(line for line in f.read().splitlines() if not line.startswith("#"))
    test.assertEqual(len(lines("ours")), 5)
    test.assertEqual(lines("ours"), lines("theirs"))


if __name__ == "__main__":
    unittest.main()
