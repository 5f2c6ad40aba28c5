"""tests/interop/test_erlang.py - Erlang's ssl, whose server sends a cookie in HelloRetryRequest."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
import small_peer


@peers.needs("erl", "erlc", "openssl")
@small_peer.tests
class Erlang(small_peer.SmallPeer):
    cannot = {"our_server_resumes": "its hello has no psk_key_exchange_modes, so that it should "
                                    "get no ticket: RFC 8446 §4.2.9",
              "our_server_asks_for_a_cookie_alone": "its client crashes where a HelloRetryRequest "
                                                    "has no key_share"}

    environment = {"ERL_CRASH_DUMP": "/dev/null"}

    @classmethod
    def build(cls):
        subprocess.run(["erlc", "-o", cls.folder, os.path.join(peers.INTEROP, "erlang_peer.erl")],
                       check=True, timeout=peers.DEADLINE)
        return ["erl", "-noshell", "-pa", cls.folder, "-s", "erlang_peer", "-extra"]


if __name__ == "__main__":
    unittest.main()
