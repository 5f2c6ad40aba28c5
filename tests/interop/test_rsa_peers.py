"""tests/interop/test_rsa_peers.py - RSA certificates, live with OpenSSL in both roles."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")


@needs("openssl")
class Rsa(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for bits in (2048, 4096):
            cls.chain("rsa%d" % bits, bits)
        cls.chain("pss", 2048, *PSS)

    @classmethod
    def openssl(cls, *arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)

    @classmethod
    def chain(cls, name, bits, *options):
        """An RSA root NAME-ca.crt and a leaf NAME.crt for localhost, both keys of so many bits."""
        key, leaf, request = (cls.path(name + end) for end in (".key", ".crt", ".csr"))
        ca, ca_key = cls.path(name + "-ca.crt"), cls.path(name + "-ca.key")
        names = cls.path(name + ".names")
        with open(names, "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost\n")
        cls.openssl("req", "-x509", "-newkey", "rsa:%d" % bits, "-nodes", "-keyout", ca_key, "-out",
                    ca, "-subj", "/CN=RSA CA", "-addext", "keyUsage=critical,keyCertSign")
        cls.openssl("req", "-newkey", "rsa:%d" % bits, "-nodes", "-keyout", key, "-out", request,
                    "-subj", "/CN=leaf")
        cls.openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-set_serial", "7",
                    "-extfile", names, "-out", leaf, *options)
        os.chmod(key, 0o600)

    def our_client(self, name, scheme, *options):
        server = self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-cert", self.path(name + ".crt"),
            "-key", self.path(name + ".key"), "-tls1_3", "-naccept", "1", "-quiet", *options)
        client = self.connect(server.port, ca=self.path(name + "-ca.crt"))
        client.waits_for("connected: TLS 1.3, [^\n]*, " + scheme)
        client.send("forth\n")
        server.waits_for("forth\n")
        server.send("back\n")
        client.waits_for("back\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def our_server(self, name, scheme, *options):
        server = self.serve(key=name)
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-servername", "localhost", "-verify_return_error",
                            "-CAfile", self.path(name + "-ca.crt"), *options)
        client.waits_for("Peer signature type: RSA-PSS")
        client.waits_for(r"Verify return code: 0 \(ok\)")
        server.waits_for("connected: TLS 1.3, [^\n]*, " + scheme)
        client.send("an echo, please\n")
        client.waits_for("an echo, please\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def test_our_client_2048(self):
        self.our_client("rsa2048", "rsa_pss_rsae_sha256")

    def test_our_client_4096(self):
        self.our_client("rsa4096", "rsa_pss_rsae_sha256")

    def test_our_client_chain_signed_with_pss(self):
        self.our_client("pss", "rsa_pss_rsae_sha256")

    def test_our_client_other_hashes(self):
        for bits in ("384", "512"):
            self.our_client("rsa2048", "rsa_pss_rsae_sha" + bits, "-sigalgs", "RSA-PSS+SHA" + bits)

    def test_our_server_2048(self):
        self.our_server("rsa2048", "rsa_pss_rsae_sha256")

    def test_our_server_4096(self):
        self.our_server("rsa4096", "rsa_pss_rsae_sha256")

    def test_our_server_other_hashes(self):
        for bits in ("384", "512"):
            self.our_server("rsa2048", "rsa_pss_rsae_sha" + bits, "-sigalgs",
                            "RSA-PSS+SHA%s:RSA+SHA256" % bits)

    def test_our_server_with_a_pkcs1_key_file(self):
        self.openssl("rsa", "-traditional", "-in", self.path("rsa2048.key"), "-out",
                     self.path("old.key"))
        os.chmod(self.path("old.key"), 0o600)
        with open(self.path("old.key"), encoding="ascii") as f:
            self.assertIn("BEGIN RSA PRIVATE KEY", f.read())
        for end in (".crt", "-ca.crt"):
            self.write("old" + end, self.read("rsa2048" + end))
        self.our_server("old", "rsa_pss_rsae_sha256")


if __name__ == "__main__":
    unittest.main()
