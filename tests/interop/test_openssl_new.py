"""tests/interop/test_openssl_new.py - an OpenSSL with the hybrid groups, which Debian 12's has not:
the one inside the Python package `cryptography`, through pyOpenSSL. pip fetches both.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer

PACKAGES = ("cryptography==50.0.2", "pyOpenSSL==26.4.0")


@peers.needs("openssl")
@small_peer.tests
class OpensslNew(small_peer.SmallPeer):
    hybrids = small_peer.HYBRIDS
    cannot = dict.fromkeys(("our_client_is_asked_to_update_keys",
                            "our_server_is_asked_to_update_keys"), "pyOpenSSL has no call for it")

    @classmethod
    def build(cls):
        folder = os.path.join(peers.TOP, peers.BUILD, "python")
        if not os.path.exists(os.path.join(folder, "OpenSSL")):
            done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target",
                                   folder, "--only-binary", ":all:", *PACKAGES], timeout=300)
            if done.returncode != 0:
                raise unittest.SkipTest("pip cannot fetch " + " ".join(PACKAGES))
        cls.environment = {"PYTHONPATH": folder}
        return [sys.executable, "-B", os.path.join(peers.INTEROP, "openssl_peer.py")]


if __name__ == "__main__":
    unittest.main()
