"""tests/interop/test_java.py - Java's own TLS, JSSE."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer


@peers.needs("java", "javac", "openssl")
@small_peer.tests
class Java(small_peer.SmallPeer):
    # Its client sends a share of one X group and one of one secp group.
    retry_from = {"x25519": "x448", "secp256r1": "secp384r1", "secp384r1": "secp256r1"}

    cannot = {"our_server_asks_for_a_cookie_alone": "its client sends another share, unasked: "
                                                    "RFC 8446 §4.1.2"}

    @classmethod
    def build(cls):
        subprocess.run(["javac", "-d", cls.folder, os.path.join(peers.INTEROP, "JavaPeer.java")],
                       check=True, timeout=120)
        return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", cls.folder,
                "JavaPeer"]


if __name__ == "__main__":
    unittest.main()
