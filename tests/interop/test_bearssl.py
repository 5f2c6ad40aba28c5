"""tests/interop/test_bearssl.py - BearSSL as the old peer that must be refused cleanly.

BearSSL 0.6 has no TLS 1.3, so no handshake with it can complete; what is shown here is that each
side stops with the right alert and in words that help. Next to it, the downgrade that a man in the
middle would try: our ClientHello edited to offer TLS 1.2, against BearSSL, OpenSSL and GnuTLS.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

REFUSAL = "15030300020246"                      # alert, fatal, protocol_version
TLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"


def cut_records(size):
    """A relay's change: the first record's content in records of `size` bytes."""
    def change(piece):
        if piece[:1] != b"\x16":
            return [piece]
        content = piece[5:]
        parts = [content[i:i + size] for i in range(0, len(content), size)]
        return [piece[:3] + len(part).to_bytes(2, "big") + part for part in parts]
    return change


def one_byte(piece):
    return [piece[i:i + 1] for i in range(len(piece))]


class WithBearssl(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        if not os.path.exists("/usr/include/bearssl.h"):
            raise unittest.SkipTest("not installed: libbearssl-dev")
        super().setUpClass()
        for name in ("bearssl_client", "bearssl_server"):
            peers.compile_c(cls.path(name), name + ".c", "-lbearssl")

    def bearssl_server(self):
        certificate, key = (self.path("p256." + suffix) for suffix in ("der", "key"))
        subprocess.run(["openssl", "x509", "-in", self.path("p256.crt"), "-outform", "DER", "-out",
                        certificate], check=True)
        text = subprocess.run(["openssl", "ec", "-in", key, "-noout", "-text"], check=True,
                              capture_output=True, text=True).stdout
        scalar = text[text.index("priv:") + 5:text.index("pub:")]
        scalar = "".join(scalar.replace(":", "").split())[-64:].rjust(64, "0")
        return self.start_server(self.path("bearssl_server"), "PORT", certificate, scalar)


@needs("gcc")
class ClientOfBearssl(WithBearssl):

    def refuse(self, *change):
        server = self.serve()
        relay = self.relay(server.port, *change)
        client = self.start(self.path("bearssl_client"), str(relay.port))
        self.assertEqual(client.ends(), 0, client.said)
        self.assertEqual(client.out, b"last error 326\n")
        self.assertTrue(relay.server_closed.wait(peers.DEADLINE))
        self.assertEqual(relay.from_server.hex(), REFUSAL)
        server.waits_for("broken: protocol_version: the peer offers TLS 1.2 at most")
        self.assertAlive(server)

    def test_is_refused_with_protocol_version(self):
        self.refuse()

    def test_is_refused_when_it_sends_byte_by_byte(self):
        self.refuse(one_byte)

    def test_is_refused_when_its_hello_is_cut_in_two_records(self):
        self.refuse(cut_records(120))

    def test_is_refused_when_its_hello_is_cut_into_many_records(self):
        self.refuse(cut_records(7))

    def test_is_refused_when_every_byte_is_a_record(self):
        self.refuse(cut_records(1))


@needs("gcc", "openssl")
class ServerOfBearssl(WithBearssl):

    def is_refused(self, *change):
        server = self.bearssl_server()
        relay = self.relay(server.port, *change)
        client = self.connect(relay.port)
        self.assertEqual(client.ends(), 76)
        self.assertIn("the server refused with handshake_failure before a ServerHello: it may not "
                      "know TLS 1.3", client.err)
        server.waits_for("last error 552\n")
        self.assertEqual(relay.from_server.hex(), "15030300020228")

    def test_refuses_us_with_handshake_failure(self):
        self.is_refused()

    def test_refuses_us_byte_by_byte(self):
        self.is_refused(one_byte, one_byte)

    def test_refuses_us_when_our_hello_is_cut_into_many_records(self):
        self.is_refused(cut_records(100))

    def is_left(self, *change):
        """It answers with a ServerHello of TLS 1.2, and gets one alert."""
        server = self.bearssl_server()
        relay = self.relay(server.port, *change)
        client = self.start(self.downgrade_client(), str(relay.port))
        self.assertEqual(client.ends(), 0)
        self.assertRegex(client.said, "^sent protocol_version: the server chose TLS 1.2 or less")
        self.assertRegex(relay.from_server.hex(), "^160303....02......0303")
        hello = 5 + int.from_bytes(relay.from_client[3:5], "big")
        self.assertEqual(relay.from_client[hello:].hex(), REFUSAL)
        server.waits_for("last error 326\n")

    def test_that_is_talked_into_tls_1_2_is_left(self):
        self.is_left()

    def test_that_is_talked_into_tls_1_2_is_left_byte_by_byte(self):
        self.is_left(one_byte, one_byte)


@needs("gcc")
class Downgrade(peers.InteropTest):
    """A server that knows both versions was made to answer with TLS 1.2."""

    @needs("openssl")
    def test_of_openssl_is_noticed(self):
        server = self.start_server("openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert",
                                   self.path("p256.crt"), "-key", self.path("p256.key"))
        self.assertDowngradeNoticed(server)
        server.waits_for("alert number 47")

    @needs("gnutls-serv")
    def test_of_gnutls_is_noticed(self):
        server = self.start_server("gnutls-serv", "--port", "PORT", "--priority", TLS13, "--echo",
                                   "--x509certfile", self.path("p256.crt"),
                                   "--x509keyfile", self.path("p256.key"), "-d", "5")
        self.assertDowngradeNoticed(server)
        server.waits_for(r"Alert\[2\|47\] - Illegal parameter - was received")


if __name__ == "__main__":
    unittest.main()
