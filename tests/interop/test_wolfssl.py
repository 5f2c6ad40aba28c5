"""tests/interop/test_wolfssl.py - wolfSSL, a library in C for small systems."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer


@peers.needs("gcc", "openssl")
@small_peer.tests
class Wolfssl(small_peer.SmallPeer):

    @classmethod
    def build(cls):
        if not os.path.exists("/usr/include/wolfssl/ssl.h"):
            raise unittest.SkipTest("not installed: libwolfssl-dev")
        peers.compile_c(cls.path("wolfssl_peer"), "wolfssl_peer.c", "-lwolfssl")
        return [cls.path("wolfssl_peer")]


if __name__ == "__main__":
    unittest.main()
