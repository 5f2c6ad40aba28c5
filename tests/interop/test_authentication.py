"""tests/interop/test_authentication.py - client certificates, raw public keys and OCSP staples, live
with OpenSSL and GnuTLS in both roles."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

SCHEMES = {"p256": "ecdsa_secp256r1_sha256", "p384": "ecdsa_secp384r1_sha384",
           "ed25519": "ed25519", "rsa": "rsa_pss_rsae_sha256"}
TLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3"
RAW = TLS13 + ":-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-RAWPK"


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)


class AuthenticationTest(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for key in ("p256", "p384", "ed25519"):
            cls.make_cert("client", "--ca", cls.ca, "--ca-key", cls.path("ca.key"), "--name",
                          "alice", "--algorithm", key, "--cert", cls.path("alice-%s.crt" % key),
                          "--key", cls.path("alice-%s.key" % key))
        cls.make_rsa_client()

    @classmethod
    def make_rsa_client(cls):
        """`sealtls cert` makes no RSA."""
        key, leaf, request = (cls.path("alice-rsa" + end) for end in (".key", ".crt", ".csr"))
        with open(cls.path("usage"), "w", encoding="ascii") as f:
            f.write("keyUsage=digitalSignature\nextendedKeyUsage=clientAuth\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj",
                "/CN=alice")
        openssl("x509", "-req", "-in", request, "-CA", cls.ca, "-CAkey", cls.path("ca.key"),
                "-set_serial", "9", "-extfile", cls.path("usage"), "-out", leaf)
        os.chmod(key, 0o600)

    def alice(self, key):
        return self.path("alice-%s.crt" % key), self.path("alice-%s.key" % key)

    def pin(self, certificate):
        shown = subprocess.run([peers.SEALTLS, "cert", "show", certificate], check=True,
                               capture_output=True, timeout=peers.DEADLINE).stdout.decode()
        return re.search(r"sha256/[A-Za-z0-9+/=]{44}", shown).group(0)

    def finish(self, client):
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def asking_server(self, *options):
        return self.serve("--client-ca", self.ca, "--require-client-certificate", *options)


# ---- client certificates ----

@needs("openssl")
class OpensslClientCertificates(AuthenticationTest):

    def s_server(self, *options):
        return self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert", self.path("p256.crt"),
            "-key", self.path("p256.key"), "-tls1_3", "-CAfile", self.ca, "-verify_return_error",
            "-naccept", "1", *options)

    def s_client(self, port, *options):
        return self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-tls1_3",
                          "-servername", "localhost", "-CAfile", self.ca, "-verify_return_error",
                          *options)

    def our_client(self, key):
        certificate, private = self.alice(key)
        server = self.s_server("-Verify", "2")
        client = self.connect(server.port, "--cert", certificate, "--key", private)
        client.waits_for("connected: TLS 1.3, [^\n]*, client " + SCHEMES[key])
        client.send(b"it is alice\n")
        server.waits_for("it is alice")
        server.waits_for("subject=CN = alice")
        self.finish(client)

    def our_server(self, key):
        certificate, private = self.alice(key)
        server = self.asking_server()
        client = self.s_client(server.port, "-cert", certificate, "-key", private, "-quiet")
        server.waits_for("connected: TLS 1.3, [^\n]*, client %s of CN=alice" % SCHEMES[key])
        client.send(b"it is alice\n")
        client.waits_for("it is alice")

    def test_our_client_without_one(self):
        server = self.s_server("-Verify", "2")
        client = self.connect(server.port)
        client.waits_for("certificate_required")

    def test_our_client_where_it_is_optional(self):
        server = self.s_server("-verify", "2")
        client = self.connect(server.port)
        client.waits_for("connected: TLS 1.3")
        client.send(b"nobody\n")
        server.waits_for("nobody")
        self.finish(client)

    def test_our_server_without_one(self):
        server = self.asking_server()
        client = self.s_client(server.port)
        server.waits_for("broken: certificate_required")
        client.waits_for("alert certificate required|alert number 116")
        self.assertAlive_known(server)

    def assertAlive_known(self, server):
        certificate, private = self.alice("p256")
        client = self.connect(server.port, "--cert", certificate, "--key", private)
        client.send(b"still there?\n")
        self.assertEqual(client.waits_for_bytes(13), b"still there?\n")
        self.finish(client)

    def test_our_server_with_a_stranger(self):
        self.make_cert("root", "--name", "another CA", "--cert", self.path("other.crt"), "--key",
                       self.path("other.key"))
        self.make_cert("client", "--ca", self.path("other.crt"), "--ca-key",
                       self.path("other.key"), "--name", "mallory", "--cert",
                       self.path("mallory.crt"), "--key", self.path("mallory.key"))
        server = self.asking_server()
        client = self.s_client(server.port, "-cert", self.path("mallory.crt"), "-key",
                               self.path("mallory.key"))
        server.waits_for("broken: unknown_ca")
        client.waits_for("alert unknown ca")

    def test_pins_in_both_directions(self):
        certificate, private = self.alice("p256")
        server = self.serve("--client-pin", self.pin(certificate),
                            "--require-client-certificate")
        client = self.s_client(server.port, "-cert", certificate, "-key", private, "-quiet")
        server.waits_for("connected: TLS 1.3, [^\n]*, client [^\n]* of CN=alice")
        client.send(b"pinned\n")
        client.waits_for("pinned")


@needs("gnutls-serv", "gnutls-cli")
class GnutlsClientCertificates(AuthenticationTest):

    def our_client(self, key):
        certificate, private = self.alice(key)
        server = self.start_server(
            "gnutls-serv", "--port", "PORT", "--priority", TLS13, "--echo", "--require-client-cert",
            "--x509cafile", self.ca, "--x509certfile", self.path("p256.crt"), "--x509keyfile",
            self.path("p256.key"))
        client = self.connect(server.port, "--cert", certificate, "--key", private)
        client.waits_for("connected: TLS 1.3, [^\n]*, client " + SCHEMES[key])
        client.send(b"it is alice\n")
        client.waits_for("it is alice")
        server.waits_for("CN=alice")
        self.finish(client)

    def our_server(self, key):
        certificate, private = self.alice(key)
        server = self.asking_server()
        client = self.start("gnutls-cli", "--port", str(server.port), "localhost", "--priority",
                            TLS13, "--x509cafile", self.ca, "--x509certfile", certificate,
                            "--x509keyfile", private)
        server.waits_for("connected: TLS 1.3, [^\n]*, client %s of CN=alice" % SCHEMES[key])
        client.send(b"it is alice\n")
        client.waits_for("it is alice")
        self.finish(client)

    def test_our_server_without_one(self):
        server = self.asking_server()
        client = self.start("gnutls-cli", "--port", str(server.port), "localhost", "--priority",
                            TLS13, "--x509cafile", self.ca)
        server.waits_for("broken: certificate_required")
        client.waits_for("(?i)certificate is required|certificate required")


def each_key(test_class):
    for role in ("our_client", "our_server"):
        for key in SCHEMES:
            def test(self, role=role, key=key):
                getattr(self, role)(key)
            setattr(test_class, "test_%s_%s" % (role, key), test)


each_key(OpensslClientCertificates)
each_key(GnutlsClientCertificates)


# ---- raw public keys ----

@needs("gnutls-serv", "gnutls-cli")
class RawPublicKeys(AuthenticationTest):

    def public(self, name):
        """The file with the public half of NAME.key."""
        path = self.path(name + ".pub")
        openssl("pkey", "-in", self.path(name + ".key"), "-pubout", "-out", path)
        return path

    def test_our_client(self):
        server = self.start_server(
            "gnutls-serv", "--port", "PORT", "--priority", RAW, "--echo", "--disable-client-cert",
            "--rawpkkeyfile", self.path("p256.key"), "--rawpkfile", self.public("p256"))
        client = self.start(peers.SEALTLS, "connect", "localhost:%d" % server.port,
                            "--raw-public-key", "--pin", self.pin(self.path("p256.crt")))
        client.waits_for("connected: TLS 1.3")
        client.send(b"no certificate\n")
        client.waits_for("no certificate")
        self.finish(client)

    def test_our_client_with_another_pin(self):
        server = self.start_server(
            "gnutls-serv", "--port", "PORT", "--priority", RAW, "--echo", "--disable-client-cert",
            "--rawpkkeyfile", self.path("p256.key"), "--rawpkfile", self.public("p256"))
        client = self.start(peers.SEALTLS, "connect", "localhost:%d" % server.port,
                            "--raw-public-key", "--pin", self.pin(self.path("ed25519.crt")))
        client.waits_for("certificate_unknown: [^\n]*RFC 7250")
        self.assertNotEqual(client.ends(), 0)

    def test_our_server_and_the_client_too(self):
        server = self.start(peers.SEALTLS, "serve", "0", "--key", self.path("p256.key"),
                            "--raw-public-key", "--client-pin",
                            self.pin(self.path("alice-p256.crt")),
                            "--require-client-certificate")
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        client = self.start("gnutls-cli", "--port", str(server.port), "localhost", "--priority",
                            RAW, "--insecure", "--rawpkkeyfile", self.path("alice-p256.key"),
                            "--rawpkfile", self.public("alice-p256"))
        server.waits_for("connected: TLS 1.3, [^\n]*, client ecdsa_secp256r1_sha256")
        client.send(b"no certificates at all\n")
        client.waits_for("no certificates at all")
        self.finish(client)

    def test_ours_with_ours(self):
        server = self.start(peers.SEALTLS, "serve", "0", "--key", self.path("ed25519.key"),
                            "--raw-public-key", "--client-pin",
                            self.pin(self.path("alice-p384.crt")),
                            "--require-client-certificate")
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        client = self.start(peers.SEALTLS, "connect", "localhost:%d" % server.port,
                            "--raw-public-key", "--pin", self.pin(self.path("ed25519.crt")),
                            "--key", self.path("alice-p384.key"))
        client.send(b"two keys and nothing else\n")
        client.waits_for("two keys and nothing else")
        self.finish(client)


# ---- OCSP staples ----

@needs("openssl")
class Staples(AuthenticationTest):

    def staple(self, state):
        """An OCSP response for p256.crt: "V" good, "R" revoked; its file."""
        serial = openssl("x509", "-in", self.path("p256.crt"), "-noout", "-serial").stdout
        serial = serial.decode().strip().split("=")[1]
        revoked = "250101000000Z" if state == "R" else ""
        index = self.write("index." + state, "%s\t400101000000Z\t%s\t%s\tunknown\t/CN=localhost\n"
                           % (state, revoked, serial))
        path = self.path("staple." + state)
        openssl("ocsp", "-index", index, "-CA", self.ca, "-rsigner", self.ca, "-rkey",
                self.path("ca.key"), "-issuer", self.ca, "-cert", self.path("p256.crt"),
                "-respout", path, "-ndays", "3", "-noverify")
        return path

    def s_server(self, *options):
        return self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert", self.path("p256.crt"),
            "-key", self.path("p256.key"), "-tls1_3", "-quiet", *options)

    def test_our_client(self):
        server = self.s_server("-status_file", self.staple("V"))
        client = self.connect(server.port, "--ocsp")
        client.waits_for("connected: TLS 1.3, [^\n]*, OCSP good")
        self.finish(client)
        client = self.connect(server.port)               # one that does not ask
        client.waits_for("connected: TLS 1.3")
        self.assertNotIn("OCSP", client.said)

    def test_our_client_without_a_staple(self):
        server = self.s_server()
        client = self.connect(server.port, "--ocsp")
        client.waits_for("connected: TLS 1.3")
        self.assertNotIn("OCSP", client.said)

    def test_our_client_and_a_revoked_certificate(self):
        server = self.s_server("-status_file", self.staple("R"))
        client = self.connect(server.port, "--ocsp")
        client.waits_for("certificate_revoked: [^\n]*revoked")
        self.assertNotEqual(client.ends(), 0)

    def test_our_server(self):
        server = self.serve("--ocsp", self.staple("V"))
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-servername", "localhost", "-CAfile", self.ca, "-status")
        client.waits_for("OCSP Response Status: successful")
        client.waits_for("Cert Status: good")

    def test_our_server_unasked(self):
        server = self.serve("--ocsp", self.staple("V"))
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-servername", "localhost", "-CAfile", self.ca, "-msg")
        client.waits_for("Verify return code: 0")
        self.assertNotIn("OCSP", client.said)

    def test_what_is_not_a_response(self):
        path = self.write("no.der", b"not DER")
        server = self.start(peers.SEALTLS, "serve", "0", "--cert", self.path("p256.crt"), "--key",
                            self.path("p256.key"), "--ocsp", path)
        self.assertEqual(server.ends(), 66, server.said)


if __name__ == "__main__":
    unittest.main()
