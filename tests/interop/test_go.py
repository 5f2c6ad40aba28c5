"""tests/interop/test_go.py - Go's crypto/tls: a state machine that shares no line with the others.
Go 1.24 and later have X25519MLKEM768, 1.26 and later SecP256r1MLKEM768; Debian 12's 1.19 neither.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer


GO = small_peer.version_of("go", "version")


@peers.needs("openssl")
@small_peer.tests
class Go(small_peer.SmallPeer):
    # Go sorts the groups as it likes, whatever the order in which they are given.
    retry_from = {"secp256r1": "x25519", "secp384r1": "x25519",
                  "SecP256r1MLKEM768": "X25519MLKEM768"}
    hybrids = small_peer.HYBRIDS
    cannot = dict.fromkeys(("our_client_is_asked_to_update_keys",
                            "our_server_is_asked_to_update_keys"), "no call for it")

    @classmethod
    def setUpClass(cls):
        if GO < (1, 19):
            raise small_peer.Optional("Go")
        super().setUpClass()

    def setUp(self):
        """Debian 12's Go 1.19 will do for the rest."""
        needed = {"secp256r1mlkem768": (1, 26), "x25519mlkem768": (1, 24)}
        for group, version in needed.items():
            if group in self.id() and GO < version:
                raise small_peer.Optional("Go %d.%d or later, for ML-KEM" % version)
        if "server_resumes" in self.id() and "after_hello_retry" in self.id() and GO < (1, 21):
            raise small_peer.Optional("Go 1.21 or later: 1.19.6 to 1.20.3 compute this binder "
                                      "wrongly (golang/go#59424)")

    @classmethod
    def build(cls):
        program = cls.path("go_peer")
        subprocess.run(["go", "build", "-o", program,
                        os.path.join(peers.INTEROP, "go_peer.go")], check=True, timeout=300)
        return [program]


if __name__ == "__main__":
    unittest.main()
