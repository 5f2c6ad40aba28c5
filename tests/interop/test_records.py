"""tests/interop/test_records.py - what the record layer agrees on with live peers: record size
limits (RFC 8449) and padding with GnuTLS, key limits and exporters with OpenSSL."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs
from test_gnutls import LINES, GnutlsTest, priority
from test_openssl import OpensslTest

TAG = 16
UPDATE = 5 + 1 + TAG                            # the fragment of a KeyUpdate


def fragments(stream):
    """The fragment lengths of the protected records in what went by."""
    lengths, at = [], 0
    while at + 5 <= len(stream):
        length = int.from_bytes(stream[at + 3:at + 5], "big")
        if stream[at] == 23:
            lengths.append(length)
        at += 5 + length
    return lengths


@needs("gnutls-serv", "gnutls-cli")
class Limits(GnutlsTest):

    def to_gnutls(self, server_options, client_options):
        """An echo of 20,480 bytes through a relay; the longest protected record each way."""
        server = self.gnutls_serv("--disable-client-cert", *server_options)
        relay = self.relay(server.port)
        client = self.connect(relay.port, *client_options)
        client.send(LINES[:20480])
        self.assertEqual(client.waits_for_bytes(20480), LINES[:20480])
        self.finish(client)
        return max(fragments(relay.from_client)), max(fragments(relay.from_server))

    def from_gnutls(self, server_options, client_options, length):
        """The same with lines of this length: gnutls-cli loses what its record does not hold."""
        server = self.serve(*server_options)
        relay = self.relay(server.port)
        client = self.gnutls_cli(relay.port, "--logfile", self.path("log"), *client_options)
        for _ in range(3):
            self.echo(client, b"a" * (length - 1) + b"\n")
        self.finish(client)
        return max(fragments(relay.from_client)), max(fragments(relay.from_server))

    def test_our_client_names_a_limit(self):
        _, from_server = self.to_gnutls((), ("--record-size-limit", "700"))
        self.assertLessEqual(from_server, 700 + TAG)
        self.assertGreater(from_server, 512)

    def test_our_server_names_a_limit(self):
        from_client, _ = self.from_gnutls(("--record-size-limit", "700"), (), 699)
        self.assertEqual(from_client, 700 + TAG)

    def test_the_server_names_a_limit(self):
        from_client, _ = self.to_gnutls(("--recordsize", "1024"), ())
        self.assertLessEqual(from_client, 1025 + TAG)
        self.assertGreater(from_client, 1000)

    def test_the_client_names_a_limit(self):
        _, from_server = self.from_gnutls((), ("--recordsize", "1024"), 1024)
        self.assertEqual(from_server, 1025 + TAG)

    def test_both_name_one_and_we_pad(self):
        from_client, from_server = self.to_gnutls(
            ("--recordsize", "1024"), ("--record-size-limit", "600", "--pad", "256"))
        self.assertEqual(from_client, 1025 + TAG)
        self.assertLessEqual(from_server, 600 + TAG)


@needs("gnutls-cli")
class Cookies(GnutlsTest):

    def test_s9_cookie_and_group_of_a_server_that_forgets(self):
        """GnuTLS 3.7 refuses a HelloRetryRequest with a cookie and no group."""
        server = self.serve("--cookie", "--groups", "secp256r1")
        client = self.gnutls_cli(server.port, "--single-key-share", priority=priority(
            "TLS_AES_128_GCM_SHA256", ["x25519", "secp256r1"]))
        self.echo(client)
        server.waits_for("after HelloRetryRequest")
        self.finish(client)


@needs("openssl")
class Keys(OpensslTest):

    def test_s13_eight_records_per_key_of_our_server(self):
        """10,000 records each way: s_client makes them small, and our echo has as many."""
        data = LINES * 5
        server = self.serve("--records-per-key", "8")
        relay = self.relay(server.port)
        client = self.s_client(relay.port, "-quiet", "-max_send_frag", "512")
        client.send(data)
        self.assertEqual(client.waits_for_bytes(len(data)), data)
        client.end_input()
        sent, echoed = fragments(relay.from_client), fragments(relay.from_server)
        self.assertGreater(len(sent), 10000)
        self.assertGreaterEqual(echoed.count(UPDATE), (len(echoed) - echoed.count(UPDATE)) // 8)

    def test_s13_two_records_per_key_of_our_client(self):
        server = self.s_server("-quiet")
        relay = self.relay(server.port)
        client = self.connect(relay.port, "--records-per-key", "2")
        self.talk(client, server)
        there = len(server.out)
        client.send(LINES)
        self.assertEqual(server.waits_for_bytes(there + len(LINES))[there:], LINES)
        self.talk(client, server)
        self.finish(client)
        self.assertGreater(fragments(relay.from_client).count(UPDATE), 100)

    def test_s9_cookie_of_a_server_that_forgets(self):
        server = self.serve("--cookie", "--trace")
        client = self.s_client(server.port)
        self.echo(client)
        self.assertIn("after HelloRetryRequest", server.waits_for("connected: [^\n]*\n").group(0))
        self.finish(client)

    def exported(self, ours, theirs):
        """OpenSSL prints upper case behind "Keying material: "."""
        mine = ours.waits_for("exported: ([0-9a-f]{64})\n").group(1)
        other = theirs.waits_for("Keying material: ([0-9A-F]{64})").group(1)
        self.assertEqual(mine, other.lower())

    def test_export_to_our_client(self):
        server = self.s_server("-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen",
                               "32")
        client = self.connect(server.port, "--export", "EXPORTER-Channel-Binding")
        self.exported(client, server)
        self.finish(client)

    def test_export_to_our_server(self):
        server = self.serve("--export", "EXPORTER-Channel-Binding")
        client = self.s_client(server.port, "-keymatexport", "EXPORTER-Channel-Binding",
                               "-keymatexportlen", "32")
        self.exported(server, client)
        self.finish(client)


del GnutlsTest, OpensslTest
