"""tests/interop/test_certificates.py - certificates that our client must not believe.

OpenSSL makes each of them and s_server presents it: ours ends with exit status 76 and a sentence of
its own, and the peer sees the alert that RFC 8446 §6.2 has for the case.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

BAD_CERTIFICATE, UNSUPPORTED, EXPIRED, UNKNOWN_CA = 42, 43, 45, 48
PAST, LONG_AGO, LATER, FAR = "20200101000000Z", "20190101000000Z", "20480101000000Z", \
                             "20490101000000Z"
SERVER = {"basicConstraints": "critical,CA:false", "keyUsage": "critical,digitalSignature",
          "extendedKeyUsage": "serverAuth", "subjectAltName": "DNS:localhost"}

CA_CONFIG = """[ca]
default_ca = here
[here]
database = %s
new_certs_dir = %s
default_md = sha256
policy = any
unique_subject = no
rand_serial = yes
[any]
commonName = supplied
"""


@needs("openssl")
class Refused(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.path("ca.cnf")
        open(cls.path("index.txt"), "w", encoding="ascii").close()
        with open(cls.config, "w", encoding="ascii") as f:
            f.write(CA_CONFIG % (cls.path("index.txt"), cls.folder))

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)

    def request(self, name, common_name="localhost", key=("-newkey", "ec", "-pkeyopt",
                                                          "ec_paramgen_curve:P-256")):
        self.openssl("req", "-new", *key, "-nodes", "-subj", "/CN=" + common_name,
                     "-keyout", self.path(name + ".key"), "-out", self.path(name + ".csr"))

    def issue(self, name, extensions, dates=(LONG_AGO, FAR), ca="ca", common_name="localhost"):
        """A certificate that is good except for what the arguments say: NAME.crt and NAME.key."""
        self.request(name, common_name)
        chosen = {**SERVER, **extensions}
        self.write(name + ".ext", "".join("%s = %s\n" % e for e in chosen.items() if e[1]))
        self.openssl("ca", "-batch", "-config", self.config, "-notext",
                     "-cert", self.path(ca + ".crt"), "-keyfile", self.path(ca + ".key"),
                     "-startdate", dates[0], "-enddate", dates[1],
                     "-extfile", self.path(name + ".ext"),
                     "-in", self.path(name + ".csr"), "-out", self.path(name + ".crt"))

    def make_ca(self, name, common_name):
        self.make_cert("root", "--name", common_name, "--cert", self.path(name + ".crt"), "--key",
                       self.path(name + ".key"), "--force")

    def present(self, name, *options, ca=None):
        server = self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-tls1_3", "-cert",
            self.path(name + ".crt"), "-key", self.path(name + ".key"), *options)
        return server, self.connect(server.port, ca=ca)

    def refused(self, name, alert, words, *options, ca=None):
        server, client = self.present(name, *options, ca=ca)
        self.assertEqual(client.ends(), 76, client.said)
        self.assertIn(words, client.err)
        self.assertEqual(client.out, b"")
        server.waits_for("alert number %d\\b" % alert)

    def test_good_one_is_believed(self):
        self.issue("good", {})
        _, client = self.present("good")
        client.waits_for('connected: .*\n.*certificate of "localhost" by "interop CA"')
        client.end_input()
        self.assertEqual(client.ends(), 0)

    def test_wrong_name(self):
        self.issue("wrong", {"subjectAltName": "DNS:mail.example.org,IP:192.0.2.1"})
        self.refused("wrong", BAD_CERTIFICATE, "bad_certificate: certificate is not for localhost "
                     "but for mail.example.org, 192.0.2.1")

    def test_name_in_the_common_name_alone(self):
        self.issue("common", {"subjectAltName": None})
        self.refused("common", BAD_CERTIFICATE, "a common name does not count")

    def test_expired(self):
        self.issue("old", {}, (LONG_AGO, PAST))
        self.refused("old", EXPIRED, "certificate_expired: certificate expired 2020-01-01")

    def test_not_yet_valid(self):
        self.issue("new", {}, (LATER, FAR))
        self.refused("new", EXPIRED,
                     "certificate_expired: certificate is not valid before 2048-01-01")

    def test_self_signed(self):
        self.request("self")
        self.openssl("req", "-x509", "-key", self.path("self.key"), "-subj", "/CN=localhost",
                     "-addext", "subjectAltName=DNS:localhost", "-days", "9",
                     "-out", self.path("self.crt"))
        self.refused("self", UNKNOWN_CA, "unknown_ca: certificate is self-signed and is not a "
                     "trust anchor")

    def test_ca_that_is_not_trusted(self):
        self.make_ca("stranger", "some other CA")
        self.issue("strange", {}, ca="stranger")
        self.refused("strange", UNKNOWN_CA, 'unknown_ca: issuer "some other CA" is neither a trust '
                     "anchor nor among the certificates sent")

    def test_ca_that_is_not_trusted_and_is_sent_along(self):
        self.make_ca("stranger", "some other CA")
        self.issue("strange", {}, ca="stranger")
        self.refused("strange", UNKNOWN_CA, "unknown_ca: ", "-cert_chain",
                     self.path("stranger.crt"))

    def test_ca_that_only_has_the_right_name(self):
        self.make_ca("impostor", "interop CA")
        self.issue("forged", {"authorityKeyIdentifier": None}, ca="impostor")
        self.refused("forged", BAD_CERTIFICATE, "bad_certificate: signature does not verify with "
                     "the issuer's key")

    def test_key_usage_without_signing(self):
        self.issue("agree", {"keyUsage": "critical,keyAgreement"})
        self.refused("agree", UNSUPPORTED, "unsupported_certificate: keyUsage does not allow "
                     "digitalSignature")

    def test_for_clients_only(self):
        self.issue("client", {"extendedKeyUsage": "clientAuth"})
        self.refused("client", UNSUPPORTED, "unsupported_certificate: extKeyUsage does not allow "
                     "serverAuth")

    def test_unknown_critical_extension(self):
        self.issue("odd", {"1.2.3.4": "critical,ASN1:UTF8String:new rule"})
        self.refused("odd", UNSUPPORTED, "critical extension 1.2.3.4 is not known")

    def test_issuer_that_is_no_ca(self):
        self.issue("leaf", {}, common_name="a server")
        self.issue("below", {}, ca="leaf")
        self.refused("below", BAD_CERTIFICATE, "issuer is not a CA: basicConstraints says so",
                     "-cert_chain", self.path("leaf.crt"))

    def test_issuer_that_may_not_sign_certificates(self):
        self.issue("between", {"basicConstraints": "critical,CA:true", "subjectAltName": None,
                               "extendedKeyUsage": None, "keyUsage": "critical,cRLSign"},
                   common_name="between CA")
        self.issue("under", {}, ca="between")
        self.refused("under", UNSUPPORTED, "keyUsage of the issuer does not allow keyCertSign",
                     "-cert_chain", self.path("between.crt"))

    def test_issuer_that_has_expired(self):
        self.issue("between", {"basicConstraints": "critical,CA:true", "subjectAltName": None,
                               "extendedKeyUsage": None, "keyUsage": "critical,keyCertSign"},
                   (LONG_AGO, PAST), common_name="between CA")
        self.issue("under", {}, ca="between")
        self.refused("under", EXPIRED, 'certificate expired 2020-01-01',
                     "-cert_chain", self.path("between.crt"))

    def test_name_constraints_of_the_issuer(self):
        self.issue("between", {"basicConstraints": "critical,CA:true", "subjectAltName": None,
                               "extendedKeyUsage": None, "keyUsage": "critical,keyCertSign",
                               "nameConstraints": "critical,permitted;DNS:example.org"},
                   common_name="between CA")
        self.issue("under", {}, ca="between")
        self.refused("under", BAD_CERTIFICATE, "bad_certificate: certificate ", "-cert_chain",
                     self.path("between.crt"))

    def test_intermediate_that_is_not_sent(self):
        self.issue("between", {"basicConstraints": "critical,CA:true", "subjectAltName": None,
                               "extendedKeyUsage": None, "keyUsage": "critical,keyCertSign"},
                   common_name="between CA")
        self.issue("under", {}, ca="between")
        self.refused("under", UNKNOWN_CA, 'issuer "between CA" is neither')

    def test_signed_with_short_rsa(self):
        """An RSA key below 2048 bits signs nothing that is believed."""
        self.openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=RSA CA",
                     "-days", "9", "-addext", "keyUsage=critical,keyCertSign",
                     "-keyout", self.path("rsa.key"), "-out", self.path("rsa.crt"))
        self.issue("signed", {}, ca="rsa")
        self.refused("signed", UNSUPPORTED, "RSA key (128 bytes) does not have 2048", ca=self.path("rsa.crt"))

    def test_pin_of_another_key(self):
        self.issue("good", {})
        server = self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-tls1_3", "-cert",
            self.path("good.crt"), "-key", self.path("good.key"))
        client = self.start(peers.SEALTLS, "connect", "127.0.0.1:%d" % server.port, "--name",
                            "localhost", "--pin", "sha256/" + "A" * 43 + "=")
        self.assertEqual(client.ends(), 76)
        self.assertIn("is not one of the pinned keys", client.err)
        server.waits_for("alert number 46")


if __name__ == "__main__":
    unittest.main()
