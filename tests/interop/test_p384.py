"""tests/interop/test_p384.py - secp384r1 and P-384 certificates, live with OpenSSL in both roles."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

SUITE = "TLS_AES_256_GCM_SHA384"


@needs("openssl")
class P384(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_cert("server", "--ca", cls.ca, "--ca-key", cls.path("ca.key"), "--dns",
                      "localhost", "--algorithm", "p384", "--cert", cls.path("p384.crt"),
                      "--key", cls.path("p384.key"))

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)

    def our_client(self, key, *groups, retry=False, ca=None, files=None):
        server = self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert", self.path((files or key) + ".crt"),
            "-key", self.path((files or key) + ".key"), "-tls1_3", "-naccept", "1", "-quiet",
            "-ciphersuites", SUITE, "-groups", "P-384")
        client = self.connect(server.port, "--groups", ",".join(groups), ca=ca)
        self.assertFacts(client, SUITE, "secp384r1", key, retry)
        client.send("forth\n")
        server.waits_for("forth\n")
        server.send("back\n")
        client.waits_for("back\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def our_server(self, key, groups, retry=False, ca=None, files=None):
        server = self.serve("--groups", "secp384r1", key=files or key)
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-servername", "localhost", "-CAfile", ca or self.ca,
                            "-verify_return_error", "-ciphersuites", SUITE, "-groups", groups)
        client.waits_for(r"Server Temp Key: ECDH, (secp384r1|P-384)")
        client.waits_for(r"Verify return code: 0 \(ok\)")
        self.assertFacts(server, SUITE, "secp384r1", key, retry)
        client.send("an echo, please\n")
        client.waits_for("an echo, please\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def test_our_client(self):
        self.our_client("p384", "secp384r1")

    def test_our_client_after_hello_retry(self):
        self.our_client("p384", "x25519", "secp384r1", retry=True)

    def test_our_client_group_alone(self):
        self.our_client("p256", "secp384r1")

    def test_our_server(self):
        self.our_server("p384", "P-384")

    def test_our_server_after_hello_retry(self):
        self.our_server("p384", "X25519:P-384", retry=True)

    def test_our_server_group_alone(self):
        self.our_server("p256", "P-384")

    def test_keys_that_openssl_wrote(self):
        """PKCS #8, and SEC 1 after `openssl ec`; the certificate is its own anchor."""
        crt, key = self.path("other.crt"), self.path("other.key")
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384",
                     "-nodes", "-sha256", "-subj", "/CN=localhost", "-addext",
                     "subjectAltName=DNS:localhost", "-keyout", key, "-out", crt)
        self.our_server("p384", "P-384", ca=crt, files="other")
        self.openssl("ec", "-in", key, "-out", key)
        self.assertIn(b"BEGIN EC PRIVATE KEY", self.read("other.key"))
        self.our_server("p384", "P-384", ca=crt, files="other")

    def chain(self, curve, digest):
        """Our client believes a leaf that a CA with this kind of key signs so."""
        ca, leaf = self.path("ca-" + digest), self.path("leaf-" + digest)
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + curve,
                     "-nodes", "-" + digest, "-subj", "/CN=other CA", "-addext",
                     "keyUsage=critical,keyCertSign", "-keyout", ca + ".key", "-out", ca + ".crt")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-nodes",
                     "-subj", "/CN=localhost", "-keyout", leaf + ".key", "-out", leaf + ".csr")
        extensions = self.write("leaf.ext", "subjectAltName=DNS:localhost\n")
        self.openssl("x509", "-req", "-" + digest, "-in", leaf + ".csr", "-CA", ca + ".crt",
                     "-CAkey", ca + ".key", "-set_serial", "17", "-extfile", extensions,
                     "-out", leaf + ".crt")
        self.our_client("p384", "secp384r1", ca=ca + ".crt", files=leaf)

    def test_ca_p384_with_sha256(self):
        self.chain("P-384", "sha256")

    def test_ca_p256_with_sha384(self):
        self.chain("P-256", "sha384")
