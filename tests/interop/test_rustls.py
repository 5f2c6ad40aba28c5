"""tests/interop/test_rustls.py - rustls, built by cargo from the versions in rustls/Cargo.lock.

Its primitives are graviola's, which are nobody else's here, X25519MLKEM768 among them. Debian 12's
own cargo is too old for it: without a later one these tests are left out.
"""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer


@peers.needs("openssl")
@small_peer.tests
class Rustls(small_peer.SmallPeer):
    remembers_group = True
    hybrids = ("X25519MLKEM768",)

    @classmethod
    def setUpClass(cls):
        if small_peer.version_of("cargo", "--version") < (1, 85):
            raise small_peer.Optional("cargo 1.85 or later")
        super().setUpClass()

    @classmethod
    def build(cls):
        manifest = os.path.join(peers.INTEROP, "rustls", "Cargo.toml")
        if subprocess.run(["cargo", "fetch", "--quiet", "--locked", "--manifest-path", manifest],
                          timeout=300).returncode != 0:
            raise unittest.SkipTest("cargo cannot fetch rustls")
        target = os.path.join(peers.TOP, peers.BUILD, "rustls_peer")
        subprocess.run(["cargo", "build", "--quiet", "--locked", "--manifest-path", manifest,
                        "--target-dir", target], check=True, timeout=500)
        return [os.path.join(target, "debug", "rustls_peer")]


if __name__ == "__main__":
    unittest.main()
