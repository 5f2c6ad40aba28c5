"""tests/interop/test_bearssl_primitives.py - TLS 1.3 with BearSSL's primitives at one end.

bearssl_algorithms.c in place of tls13/suite.c makes a sealtls that computes everything with BearSSL
(but HMAC and HKDF, which are ours over its hashes); the other end is ours, or OpenSSL. What
agrees then cannot rest on a mistake that both ends share.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import SEALTLS, needs

OPENSSL_GROUP = {"x25519": "X25519", "secp256r1": "P-256"}


@needs("gcc", "openssl")
class Primitives(peers.InteropTest):

    @classmethod
    def setUpClass(cls):
        if not os.path.exists("/usr/include/bearssl.h"):
            raise unittest.SkipTest("not installed: libbearssl-dev")
        super().setUpClass()
        cls.bearssl = cls.path("sealtls-bearssl")
        build = os.path.join(peers.TOP, peers.BUILD)
        subprocess.run(
            ["gcc", "-std=c11", "-D_GNU_SOURCE", "-I" + peers.TOP, "-O2", "-Wall", "-Wextra",
             "-Werror", "-o", cls.bearssl, os.path.join(peers.INTEROP, "bearssl_algorithms.c"),
             os.path.join(build, "tls13", "sealtls.o"), os.path.join(build, "libsealtls.a"),
             os.path.join(build, "libsealcrypto.a"), "-lsodium", "-lbearssl"],
            check=True, timeout=60)

    def test_its_primitives_are_not_ours(self):
        symbols = subprocess.run(["nm", self.bearssl], check=True, capture_output=True,
                                 text=True).stdout
        for ours in ("aead_aes_128_gcm", "aead_aes_256_gcm", "aead_chacha20_poly1305",
                     "group_x25519", "group_secp256r1"):
            self.assertNotRegex(symbols, r" %s\n" % ours)
        self.assertRegex(symbols, "br_gcm_run")

    def serve_with(self, program, *options):
        server = self.start(program, "serve", "0", "--cert", self.path("p256.crt"), "--key",
                            self.path("p256.key"), *options)
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        return server

    def connect_with(self, program, port, *options):
        return self.start(program, "connect", "127.0.0.1:%d" % port, "--ca", self.ca, "--name",
                          "localhost", *options)

    def between(self, client_program, server_program, suite, group, retry):
        other = peers.GROUPS[1 - peers.GROUPS.index(group)]
        server = self.serve_with(server_program, "--groups", group, "--suites", suite)
        client = self.connect_with(client_program, server.port, "--update-keys", "--groups",
                                   other + "," + group if retry else group)
        for end in client, server:
            self.assertFacts(end, suite, group, "p256", retry)
        data = os.urandom(100000)
        client.send(data)
        self.assertEqual(client.waits_for_bytes(len(data)), data)
        client.end_input()
        self.assertEqual(client.ends(), 0, client.err)

    def openssl_server(self, suite, group, _):
        server = self.start_server(
            "openssl", "s_server", "-accept", "127.0.0.1:PORT", "-tls1_3", "-quiet", "-rev",
            "-cert", self.path("p256.crt"), "-key", self.path("p256.key"), "-ciphersuites", suite,
            "-groups", OPENSSL_GROUP[group])
        client = self.connect_with(self.bearssl, server.port)
        self.assertFacts(client, suite, group, "p256", group != "x25519")
        client.send(b"stressed\n")
        self.assertEqual(client.waits_for_bytes(9), b"desserts\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.err)

    def openssl_client(self, suite, group, _):
        server = self.serve_with(self.bearssl)
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % server.port,
                            "-tls1_3", "-CAfile", self.ca, "-verify_return_error", "-servername",
                            "localhost", "-ciphersuites", suite, "-groups", OPENSSL_GROUP[group])
        self.assertFacts(server, suite, group, "p256", False)
        client.send(b"an echo, please\n")
        client.waits_for("an echo, please")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)


def add_tests():
    pairs = {
        "bearssl_client_our_server": lambda t, *c: t.between(t.bearssl, SEALTLS, *c),
        "our_client_bearssl_server": lambda t, *c: t.between(SEALTLS, t.bearssl, *c),
        "bearssl_client_openssl_server": lambda t, *c: t.openssl_server(*c),
        "openssl_client_bearssl_server": lambda t, *c: t.openssl_client(*c),
    }
    for pair, run in pairs.items():
        for suite in peers.SUITES:
            for group in peers.GROUPS:
                for retry in (False, True)[:1 if "openssl" in pair else 2]:
                    name = "test_%s_%s_%s%s" % (pair, suite.lower(), group,
                                                "_hello_retry" if retry else "")
                    setattr(Primitives, name, lambda self, run=run, choice=(suite, group, retry):
                            run(self, *choice))


add_tests()

if __name__ == "__main__":
    unittest.main()
