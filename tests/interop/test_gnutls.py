"""tests/interop/test_gnutls.py - live handshakes with GnuTLS's gnutls-serv and gnutls-cli."""
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

CIPHER = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
          "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}
GROUP = {"x25519": "X25519", "secp256r1": "SECP256R1"}
SIGNED = {"p256": "ECDSA-SECP256R1-SHA256", "ed25519": "EdDSA-Ed25519"}
TLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
TLS12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2"
LINES = b"".join(b"%063x\n" % (n * 0x9e3779b97f4a7c15) for n in range(1 << 14))
assert len(LINES) == 1 << 20                    # in lines, for gnutls-serv echoes text


def priority(suite, groups):
    return "%s:-CIPHER-ALL:+%s:-GROUP-ALL:%s" % (
        TLS13, CIPHER[suite], ":".join("+GROUP-" + GROUP[g] for g in groups))


class GnutlsTest(peers.InteropTest):

    def gnutls_serv(self, *options, key="p256", priority=TLS13, **environment):
        return self.start_server("gnutls-serv", "--port", "PORT", "--priority", priority, "--echo",
                                 "--crlf", "--x509certfile", self.path(key + ".crt"),
                                 "--x509keyfile", self.path(key + ".key"), *options,
                                 **environment)

    def gnutls_cli(self, port, *options, priority=TLS13, **environment):
        return self.start("gnutls-cli", "--port", str(port), "localhost", "--priority", priority,
                          "--x509cafile", self.ca, *options, **environment)

    def echo(self, client, line=b"an echo, please\n"):
        before = client.said.count(line.decode())
        client.send(line)
        peers.until(lambda: client.said.count(line.decode()) > before,
                    lambda: "the echo\n" + client.said)

    def finish(self, client):
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)


@needs("gnutls-serv", "gnutls-cli")
@peers.matrix
class Matrix(GnutlsTest):

    def run_client(self, suite, group, key, retry):
        other = peers.GROUPS[1 - peers.GROUPS.index(group)]
        server = self.gnutls_serv("--disable-client-cert", key=key,
                                  priority=priority(suite, [group]))
        client = self.connect(server.port, "--groups", other + "," + group if retry else group)
        self.assertFacts(client, suite, group, key, retry)
        self.echo(client)
        self.finish(client)

    def run_server(self, suite, group, key, retry):
        other = peers.GROUPS[1 - peers.GROUPS.index(group)]
        server = self.serve("--groups", group, key=key)
        client = self.gnutls_cli(server.port, "--single-key-share",
                                 priority=priority(suite, [other, group] if retry else [group]))
        description = client.waits_for("Description: ([^\n]*)").group(1)
        self.assertEqual(description, "(TLS1.3-X.509)-(ECDHE-%s)-(%s)-(%s)" % (
            GROUP[group], SIGNED[key], CIPHER[suite]))
        client.waits_for("The certificate is trusted")
        self.assertFacts(server, suite, group, key, retry)
        self.echo(client)
        self.finish(client)


@needs("gnutls-serv")
class OurClient(GnutlsTest):

    def test_megabyte_comes_back(self):
        server = self.gnutls_serv("--disable-client-cert")
        client = self.connect(server.port, "--quiet")
        client.send(LINES)
        self.assertEqual(client.waits_for_bytes(1 << 20), LINES)
        self.finish(client)

    def test_client_certificate_asked_for(self):
        server = self.gnutls_serv()
        client = self.connect(server.port, "--trace")
        client.waits_for("<-- message +CertificateRequest")
        client.waits_for("--> message +Certificate, 8 bytes")
        self.echo(client)
        self.finish(client)

    def test_client_certificate_required(self):
        server = self.gnutls_serv("--require-client-cert")
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertIn("the peer sent alert certificate_required", client.err)

    def test_alpn_agreed(self):
        server = self.gnutls_serv("--alpn", "smtp")
        client = self.connect(server.port, "--alpn", "imap,smtp")
        client.waits_for("ALPN smtp")
        self.finish(client)

    def test_alpn_mismatch_is_refused(self):
        server = self.gnutls_serv("--alpn", "imap", "--alpn-fatal")
        client = self.connect(server.port, "--alpn", "smtp")
        self.assertEqual(client.ends(), 76)
        self.assertIn("no_application_protocol", client.err)

    def test_server_name_is_sent(self):
        server = self.gnutls_serv("--sni-hostname", "localhost", "--sni-hostname-fatal")
        client = self.connect(server.port)
        self.echo(client)
        self.finish(client)

    def test_server_name_that_it_does_not_have(self):
        server = self.gnutls_serv("--sni-hostname", "example.org", "--sni-hostname-fatal")
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertIn("the peer sent alert unrecognized_name", client.err)

    def test_small_records_by_its_setting(self):
        server = self.gnutls_serv("--disable-client-cert", "--recordsize", "1024")
        client = self.connect(server.port)
        client.send(LINES[:50000])
        self.assertEqual(client.waits_for_bytes(50000), LINES[:50000])
        self.finish(client)

    def test_key_update_asked_for_by_us(self):
        server = self.gnutls_serv("--disable-client-cert")
        client = self.connect(server.port, "--update-keys", "--trace")
        self.echo(client)
        client.waits_for("<-- message +KeyUpdate")
        self.echo(client, b"and once more\n")
        self.finish(client)

    def test_server_of_tls_1_2(self):
        server = self.gnutls_serv(priority=TLS12)
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertRegex(client.err, "the server refused with .* before a ServerHello: it .* not "
                                     "know TLS 1.3")

    def test_key_log_is_the_same(self):
        server = self.gnutls_serv("--disable-client-cert", SSLKEYLOGFILE=self.path("theirs"))
        client = self.connect(server.port, "--keylog", self.path("ours"))
        self.echo(client)
        self.finish(client)
        assert_same_key_log(self)


@needs("gnutls-cli")
class OurServer(GnutlsTest):

    def test_megabyte_comes_back(self):
        server = self.serve()
        client = self.gnutls_cli(server.port, "--logfile", self.path("log"))
        client.send(LINES)
        self.assertEqual(client.waits_for_bytes(1 << 20), LINES)
        self.finish(client)

    def test_rekey_with_an_answer(self):
        server = self.serve("--trace")
        client = self.gnutls_cli(server.port, "--inline-commands")
        self.echo(client)
        client.send(b"^rekey^\n")
        server.waits_for("<-- message +KeyUpdate")
        server.waits_for("--> message +KeyUpdate")
        self.echo(client, b"and once more\n")
        self.finish(client)

    def test_rekey_of_the_client_alone(self):
        server = self.serve("--trace")
        client = self.gnutls_cli(server.port, "--inline-commands")
        self.echo(client)
        client.send(b"^rekey1^\n")
        server.waits_for("<-- message +KeyUpdate")
        self.echo(client, b"and once more\n")
        self.assertNotRegex(server.err, "--> message +KeyUpdate")
        self.finish(client)

    def test_key_update_asked_for_by_us(self):
        server = self.serve("--trace", "--update-keys")
        client = self.gnutls_cli(server.port)
        self.echo(client)
        self.echo(client, b"and once more\n")   # GnuTLS answers when it writes next
        server.waits_for("<-- message +KeyUpdate")
        self.echo(client, b"and at last\n")
        self.finish(client)

    def test_alpn_agreed(self):
        server = self.serve("--alpn", "imap,smtp")
        client = self.gnutls_cli(server.port, "--alpn", "smtp")
        client.waits_for("Application protocol: smtp")
        self.finish(client)

    def test_alpn_mismatch_is_refused(self):
        server = self.serve("--alpn", "imap")
        client = self.gnutls_cli(server.port, "--alpn", "smtp")
        self.assertEqual(client.ends(), 1)
        self.assertIn("No supported application protocol could be negotiated", client.said)
        self.assertAlive(server)

    def test_two_shares(self):
        server = self.serve("--groups", "secp256r1,x25519")
        client = self.gnutls_cli(server.port, priority=TLS13 + ":-GROUP-ALL:+GROUP-X25519"
                                                               ":+GROUP-SECP256R1")
        self.assertFacts(server, "TLS_AES_128_GCM_SHA256", "secp256r1", "p256", False)
        self.finish(client)

    def test_client_of_tls_1_2(self):
        server = self.serve()
        client = self.gnutls_cli(server.port, priority=TLS12)
        self.assertEqual(client.ends(), 1)
        self.assertIn("Error in protocol version", client.said)
        server.waits_for("broken: protocol_version: the peer offers TLS 1.2 at most")
        self.assertAlive(server)

    def test_client_that_does_not_know_our_ca(self):
        server = self.serve()
        self.make_cert("root", "--name", "other CA", "--cert", self.path("other.crt"), "--key",
                       self.path("other.key"), "--force")
        client = self.start("gnutls-cli", "--port", str(server.port), "localhost", "--x509cafile",
                            self.path("other.crt"))
        self.assertEqual(client.ends(), 1)
        server.waits_for("broken: the peer sent alert (unknown_ca|bad_certificate)")
        self.assertAlive(server)

    def test_client_that_expects_another_name(self):
        server = self.serve()
        client = self.gnutls_cli(server.port, "--verify-hostname", "example.org")
        self.assertEqual(client.ends(), 1)
        server.waits_for("broken: the peer sent alert (unknown_ca|bad_certificate)")
        self.assertAlive(server)

    def test_key_log_is_the_same(self):
        server = self.serve("--keylog", self.path("ours"))
        client = self.gnutls_cli(server.port, SSLKEYLOGFILE=self.path("theirs"))
        self.echo(client)
        self.finish(client)
        assert_same_key_log(self)


def assert_same_key_log(test):
    """GnuTLS has no EXPORTER_SECRET for some versions, and none of ours may differ."""
    def lines(name):
        return set(re.findall("^[A-Z_0-9]+ [0-9a-f]+ [0-9a-f]+$", test.read(name).decode(), re.M))
    test.assertEqual(len(lines("ours")), 5)
    test.assertEqual(lines("ours"), lines("theirs"))


if __name__ == "__main__":
    unittest.main()
