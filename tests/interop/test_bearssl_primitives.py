"""tests/interop/test_bearssl_primitives.py - TLS 1.3 with BearSSL's primitives at one end.

bearssl_algorithms.c in place of tls13/suite.c makes a sealtls that computes everything with BearSSL
(but HMAC and HKDF, which are ours over its hashes); the other end is ours, OpenSSL or GnuTLS. What
agrees then cannot rest on a mistake that both ends share.
"""
import itertools
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import SEALTLS, needs

GROUPS = ("x25519", "secp256r1", "secp384r1")
KEYS = ("p256", "p384", "rsa")
RETRY_FROM = {"x25519": "secp256r1", "secp256r1": "x25519", "secp384r1": "x25519"}
OPENSSL_GROUP = {"x25519": "X25519", "secp256r1": "P-256", "secp384r1": "P-384"}
GNUTLS_CIPHER = {"TLS_AES_128_GCM_SHA256": "AES-128-GCM", "TLS_AES_256_GCM_SHA384": "AES-256-GCM",
                 "TLS_CHACHA20_POLY1305_SHA256": "CHACHA20-POLY1305"}


def priority(suite, group):
    return "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+%s:-GROUP-ALL:+GROUP-%s" % (
        GNUTLS_CIPHER[suite], group.upper())


@needs("gcc", "openssl", "gnutls-serv", "gnutls-cli")
class Primitives(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        if not os.path.exists("/usr/include/bearssl.h"):
            raise unittest.SkipTest("not installed: libbearssl-dev")
        super().setUpClass()
        cls.make_more_keys()
        cls.bearssl = cls.path("sealtls-bearssl")
        build = os.path.join(peers.TOP, peers.BUILD)
        subprocess.run(
            ["gcc", "-std=c11", "-D_GNU_SOURCE", "-I" + peers.TOP, "-O2", "-Wall", "-Wextra",
             "-Werror", "-o", cls.bearssl, os.path.join(peers.INTEROP, "bearssl_algorithms.c"),
             os.path.join(peers.INTEROP, "bearssl_signatures.c"),
             os.path.join(build, "tls13", "sealtls.o"), os.path.join(build, "libsealtls.a"),
             os.path.join(build, "libsealcrypto.a"), "-lsodium", "-lbearssl"],
            check=True, timeout=60)

    def test_its_primitives_are_not_ours(self):
        symbols = subprocess.run(["nm", self.bearssl], check=True, capture_output=True,
                                 text=True).stdout
        for ours in ("group_x25519", "group_secp256r1", "group_secp384r1",
                     "signature_rsa_pss_sha256", "signature_rsa_pkcs1_sha256"):
            self.assertNotRegex(symbols, r" %s\n" % ours)
        self.assertRegex(symbols, "br_gcm_run")     # ours is there for tickets alone

    def serve_with(self, program, key, *options):
        server = self.start(program, "serve", "0", "--cert", self.path(key + ".crt"), "--key",
                            self.path(key + ".key"), *options)
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        return server

    def connect_with(self, program, port, *options):
        return self.start(program, "connect", "127.0.0.1:%d" % port, "--ca", self.ca, "--name",
                          "localhost", *options)

    def echo(self, client, data):
        client.send(data)
        self.assertEqual(client.waits_for_bytes(len(data)), data)
        client.end_input()
        self.assertEqual(client.ends(), 0, client.err)

    def between(self, client_program, server_program, suite, group, key, retry):
        server = self.serve_with(server_program, key, "--groups", group, "--suites", suite)
        client = self.connect_with(client_program, server.port, "--update-keys", "--groups",
                                   RETRY_FROM[group] + "," + group if retry else group)
        for end in client, server:
            self.assertFacts(end, suite, group, key, retry)
        self.echo(client, os.urandom(100000))

    def openssl_server(self, suite, group, key):
        server = self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-tls1_3", "-quiet", "-rev",
            "-cert", self.path(key + ".crt"), "-key", self.path(key + ".key"), "-ciphersuites",
            suite, "-groups", OPENSSL_GROUP[group])
        client = self.connect_with(self.bearssl, server.port)
        self.assertFacts(client, suite, group, key, group != "x25519")
        client.send(b"stressed\n")
        self.assertEqual(client.waits_for_bytes(9), b"desserts\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.err)

    def openssl_client(self, suite, group, key):
        server = self.serve_with(self.bearssl, key)
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-CAfile", self.ca, "-verify_return_error", "-servername",
                            "localhost", "-ciphersuites", suite, "-groups", OPENSSL_GROUP[group])
        self.gets_an_echo(client, server, suite, group, key)

    def gnutls_server(self, suite, group, key):
        server = self.start_server(
            "gnutls-serv", "--port", "PORT", "--priority", priority(suite, group), "--echo",
            "--crlf", "--disable-client-cert", "--x509certfile", self.path(key + ".crt"),
            "--x509keyfile", self.path(key + ".key"))
        client = self.connect_with(self.bearssl, server.port)
        self.assertFacts(client, suite, group, key, group != "x25519")
        self.echo(client, b"an echo, please\n")

    def gnutls_client(self, suite, group, key):
        server = self.serve_with(self.bearssl, key)
        client = self.start("gnutls-cli", "--port", str(server.port), "localhost", "--priority",
                            priority(suite, group), "--x509cafile", self.ca)
        client.waits_for("The certificate is trusted")
        self.gets_an_echo(client, server, suite, group, key)

    def gets_an_echo(self, client, server, suite, group, key):
        self.assertFacts(server, suite, group, key, False)
        client.send(b"an echo, please\n")
        client.waits_for("an echo, please")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)

    def test_client_believes_a_chain_signed_with_pkcs1(self):
        names = self.write("rsa-ca.names", "subjectAltName=DNS:localhost\n")
        for command in (
                ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                 self.path("rsa-ca.key"), "-out", self.path("rsa-ca.crt"), "-subj", "/CN=RSA CA",
                 "-addext", "keyUsage=critical,keyCertSign"),
                ("x509", "-req", "-in", self.path("rsa.csr"), "-CA", self.path("rsa-ca.crt"),
                 "-CAkey", self.path("rsa-ca.key"), "-set_serial", "8", "-extfile", names, "-out",
                 self.path("chained.crt"))):
            subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=60)
        self.write("chained.key", self.read("rsa.key"))
        server = self.serve_with(SEALTLS, "chained")
        client = self.start(self.bearssl, "connect", "127.0.0.1:%d" % server.port, "--ca",
                            self.path("rsa-ca.crt"), "--name", "localhost")
        client.waits_for("connected: .*rsa_pss_rsae_sha256")
        self.echo(client, b"an echo, please\n")


def add_tests():
    """Between BearSSL's primitives and ours everything with everything; a third party's library
    meets each suite and group, and each key."""
    def add(name, run, choice):
        test = "test_" + "_".join([name, choice[0].lower(), *choice[1:3]])
        setattr(Primitives, test + ("_after_hello_retry" if True in choice else ""),
                lambda self: run(self, *choice))

    for name, run in (
            ("bearssl_client_our_server", lambda t, *c: t.between(t.bearssl, SEALTLS, *c)),
            ("our_client_bearssl_server", lambda t, *c: t.between(SEALTLS, t.bearssl, *c))):
        for suite, group, key in itertools.product(peers.SUITES, GROUPS, KEYS):
            add(name, run, (suite, group, key, False))
        for suite, group in itertools.product(peers.SUITES, GROUPS):
            add(name, run, (suite, group, "p256", True))
    for name in "openssl_server", "openssl_client", "gnutls_server", "gnutls_client":
        run = getattr(Primitives, name)
        for suite, group in itertools.product(peers.SUITES, GROUPS):
            add("bearssl_and_" + name, run, (suite, group, "p256"))
        for key in KEYS[1:]:
            add("bearssl_and_" + name, run, (peers.SUITES[0], "x25519", key))


add_tests()

if __name__ == "__main__":
    unittest.main()
