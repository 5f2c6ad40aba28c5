"""tests/interop/test_resumption.py - tickets of one stack, used by another: OpenSSL, GnuTLS, ours.

Each test connects twice; the second connection resumes the first. External PSKs are tried between our
own two ends only: neither peer has the importer of RFC 9258.
"""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs
from test_gnutls import priority

PSK = "mailer 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f outgoing\n"


def per_suite(test_class):
    """A named test for every run_ method, suite, and with or without HelloRetryRequest."""
    for run in [name for name in vars(test_class) if name.startswith("run_")]:
        for suite in peers.SUITES:
            for retry in (False, True):
                def test(self, run=run, suite=suite, retry=retry):
                    getattr(self, run)(suite, retry)
                setattr(test_class, "test_%s_%s_%s" % (
                    run[4:], suite.lower(), "hello_retry" if retry else "direct"), test)
    return test_class


class ResumptionTest(peers.InteropTest):

    def assertConnected(self, program, proof, suite, retry):
        facts = program.waits_for(r"connected: (TLS 1\.3[^\n]*)\n").group(1)
        self.assertRegex(facts, "^TLS 1.3, %s, [a-z0-9]+, %s" % (suite, proof))
        self.assertEqual("after HelloRetryRequest" in facts, retry, facts)

    def finish(self, client):
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def twice(self, port, suite, retry, *options):
        """Our client, twice; the second time by what it kept of the first."""
        session = self.path("session")
        groups = "secp256r1,x25519" if retry else "x25519"
        first = self.connect(port, "--groups", groups, "--session-out", session, *options)
        self.assertConnected(first, "ecdsa_secp256r1_sha256", suite, retry)
        self.finish(first)
        self.assertEqual(os.stat(session).st_mode & 0o777, 0o600)
        second = self.connect(port, "--groups", groups, "--session-in", session, *options)
        self.assertConnected(second, "resumed", suite, retry)
        self.assertNotIn("certificate of", second.err)
        self.finish(second)
        self.assertFalse(os.path.exists(session), "a session is used once")

    def serve_tickets(self, suite, *options):
        return self.serve("--tickets", "2", "--suites", suite, "--groups", "x25519", *options)

    def assertResumedAtServer(self, server, suite, retry):
        server.waits_for(r"connected: TLS 1\.3, %s, x25519, ecdsa(.|\n)*connected: TLS 1\.3, %s, "
                         "x25519, resumed[^\n]*\n" % (suite, suite))
        self.assertEqual(server.err.count("after HelloRetryRequest"), 2 if retry else 0)


@needs("openssl")
@per_suite
class Openssl(ResumptionTest):

    def run_our_client(self, suite, retry):
        server = self.start_server("openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert",
                                   self.path("p256.crt"), "-key", self.path("p256.key"),
                                   "-tls1_3", "-ciphersuites", suite, "-groups", "X25519",
                                   "-naccept", "2")
        self.twice(server.port, suite, retry)
        server.waits_for("Reused session-id")

    def s_client(self, server, groups, *options):
        return self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                          "-tls1_3", "-servername", "localhost", "-CAfile", self.ca, "-groups",
                          groups, "-verify_return_error", *options)

    def run_our_server(self, suite, retry):
        server = self.serve_tickets(suite)
        groups = "P-256:X25519" if retry else "X25519"
        session = self.path(self._testMethodName)
        first = self.s_client(server, groups, "-sess_out", session)
        first.waits_for("New, TLSv1.3")
        peers.until(lambda: os.path.exists(session) and b"-----END" in
                    self.read(self._testMethodName), "a session is written")
        self.finish(first)
        second = self.s_client(server, groups, "-sess_in", session)
        second.waits_for("Reused, TLSv1.3")
        second.send(b"an echo, please\n")
        second.waits_for("an echo, please\n")
        self.finish(second)
        self.assertResumedAtServer(server, suite, retry)


@needs("gnutls-serv", "gnutls-cli")
@per_suite
class Gnutls(ResumptionTest):

    def run_our_client(self, suite, retry):
        server = self.start_server("gnutls-serv", "--port", "PORT", "--priority",
                                   priority(suite, ["x25519"]), "--echo", "--disable-client-cert",
                                   "--x509certfile", self.path("p256.crt"), "--x509keyfile",
                                   self.path("p256.key"))
        self.twice(server.port, suite, retry)

    def run_our_server(self, suite, retry):
        server = self.serve_tickets(suite)
        groups = ["secp256r1", "x25519"] if retry else ["x25519"]
        client = self.start("gnutls-cli", "--port", str(server.port), "localhost", "--priority",
                            priority(suite, groups), "--single-key-share", "--x509cafile", self.ca,
                            "--resume", "--waitresumption")
        client.waits_for("This is a resumed session")
        client.send(b"an echo, please\n")
        client.waits_for("an echo, please\n")
        self.finish(client)
        self.assertResumedAtServer(server, suite, retry)


@per_suite
class Ours(ResumptionTest):

    def run_resumption(self, suite, retry):
        server = self.serve_tickets(suite)
        self.twice(server.port, suite, retry, "--alpn", "smtp")
        self.assertResumedAtServer(server, suite, retry)

    def run_external_psk(self, suite, retry):
        """Without any certificate, and then resumed."""
        psk = self.write("psk", PSK)
        server = self.start(peers.SEALTLS, "serve", "0", "--psk", psk, "--suites", suite,
                            "--groups", "x25519", "--tickets", "1")
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        options = ("127.0.0.1:%d" % server.port, "--psk", psk, "--groups",
                   "secp256r1,x25519" if retry else "x25519")
        session = self.path("session")
        for proof, option in (("external PSK", "--session-out"), ("resumed", "--session-in")):
            client = self.start(peers.SEALTLS, "connect", *options, option, session)
            self.assertConnected(client, proof, suite, retry)
            client.send(b"an echo, please\n")
            client.waits_for("an echo, please\n")
            self.finish(client)


class Settings(ResumptionTest):
    """What a session is bound to; a session that does not fit leads to a full handshake."""

    def session(self, server, *options):
        path = self.path("session")
        self.finish(self.connect(server.port, "--session-out", path, *options))
        return path

    def proof(self, server, *options, **names):
        client = self.connect(server.port, *options, **names)
        proof = client.waits_for(r"connected: TLS 1\.3, [A-Z0-9_]+, [^,]+, ([^,\n]+)").group(1)
        self.finish(client)
        return proof

    def test_another_name(self):
        server = self.serve("--tickets", "1")
        path = self.session(server)
        self.assertEqual(self.proof(server, "--session-in", path, name="127.0.0.1"),
                         "ecdsa_secp256r1_sha256")

    def test_other_trust(self):
        server = self.serve("--tickets", "1")
        path = self.session(server)
        more = self.write("more.pem", self.read("ca.crt") + self.read("ca.crt"))
        self.assertEqual(self.proof(server, "--session-in", path, ca=more),
                         "ecdsa_secp256r1_sha256")

    def test_a_server_that_was_started_anew(self):
        path = self.session(self.serve("--tickets", "1"))
        self.assertEqual(self.proof(self.serve("--tickets", "1"), "--session-in", path),
                         "ecdsa_secp256r1_sha256")

    def test_a_file_that_is_no_session(self):
        server = self.serve()
        path = self.write("session", b"rubbish")
        self.assertEqual(self.proof(server, "--session-in", path), "ecdsa_secp256r1_sha256")

    def test_without_tickets_nothing_is_kept(self):
        path = self.session(self.serve("--tickets", "0"))
        self.assertFalse(os.path.exists(path))

    def test_a_session_that_others_can_read_is_refused(self):
        server = self.serve()
        client = self.connect(server.port, "--session-in", self.write("session", b"x", 0o644))
        self.assertEqual(client.ends(), 66)
        self.assertIn("session is open to others", client.err)

    def test_wrong_psks(self):
        good = self.write("good", PSK)
        server = self.start(peers.SEALTLS, "serve", "0", "--psk", good)
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        for text in (PSK.replace("0001", "1001"), PSK.replace("mailer", "sailor"),
                     PSK.replace("outgoing", "incoming")):
            client = self.start(peers.SEALTLS, "connect", "127.0.0.1:%d" % server.port, "--psk",
                                self.write("bad", text))
            self.assertEqual(client.ends(), 76)
            self.assertIn("decrypt_error", client.err)

    def test_files_that_are_no_psk(self):
        for text, reason in (("", "not one line"), ("name\n", "not one line"),
                             ("name 0\n", "not one line"), ("name 0g\n", "not one line"),
                             ("name 00 a b\n", "not one line"), (PSK + PSK, "not one line"),
                             ("name 00112233445566778899aabbccddee\n", "128 bits")):
            client = self.start(peers.SEALTLS, "connect", "127.0.0.1:1", "--psk",
                                self.write("bad", text))
            self.assertEqual(client.ends(), 66, text)
            self.assertIn(reason, client.err)


if __name__ == "__main__":
    unittest.main()
