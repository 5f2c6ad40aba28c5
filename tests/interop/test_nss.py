"""tests/interop/test_nss.py - NSS, the library of Firefox."""
import os
import re
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer


@peers.needs("gcc", "openssl", "certutil", "pk12util")
@small_peer.tests
class Nss(small_peer.SmallPeer):
    keys = ("p256", "p384", "rsa")              # NSS 3.87 has no Ed25519

    @classmethod
    def build(cls):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "nss"], capture_output=True,
                               text=True)
        if flags.returncode != 0:
            raise unittest.SkipTest("not installed: libnss3-dev")
        peers.compile_c(cls.path("nss_peer"), "nss_peer.c", *flags.stdout.split())
        for name in ("trust", *cls.keys, *("alice-" + key for key in cls.keys)):
            cls.make_database(name)
        return [cls.path("nss_peer")]

    @classmethod
    def make_database(cls, name):
        """With our CA trusted for both roles, and with the certificate of that name, if any."""
        bundle, folder = cls.path("own.p12"), cls.path("nss-" + name)
        os.mkdir(folder)
        commands = [["certutil", "-N", "-d", "sql:" + folder, "--empty-password"],
                    ["certutil", "-A", "-d", "sql:" + folder, "-n", "ca", "-t", "CT,C,", "-a",
                     "-i", cls.ca]]
        if name != "trust":
            commands += [["openssl", "pkcs12", "-export", "-in", cls.path(name + ".crt"), "-inkey",
                          cls.path(name + ".key"), "-name", "own", "-passout", "pass:", "-out",
                          bundle],
                         ["pk12util", "-i", bundle, "-d", "sql:" + folder, "-W", "", "-K", ""]]
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, timeout=peers.DEADLINE)

    @classmethod
    def identity(cls, key):
        return ("--cert", "sql:" + cls.path("nss-" + key))

    @classmethod
    def trust(cls):
        return ("--ca", "sql:" + cls.path("nss-trust"))

    def longest_received(self, program):
        """What our end says of the protected records that came."""
        lengths = re.findall(r"<-- record +application_data, (\d+) bytes, protected", program.err)
        return max(int(n) for n in lengths)

    def test_our_client_names_a_record_size_limit(self):
        client = self.client_meets(self.peer_server(), "--record-size-limit", "700", "--trace")
        self.assertEqual(self.longest_received(client), 699)

    def test_our_server_names_a_record_size_limit(self):
        server = self.server_is_met("--record-size-limit", "700", "--trace")
        self.assertEqual(self.longest_received(server), 699)


if __name__ == "__main__":
    unittest.main()
