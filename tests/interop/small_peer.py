"""tests/interop/small_peer.py - the tests that every small peer program of ours goes through.

A peer is one file in its own language that takes the command line which peer.h describes. Its test
module says how the program is built, what it can do, and in `cannot` which of the tests below
it has no call for, with the reason; those tests do not exist for it.
"""
import functools
import os
import re
import shutil
import subprocess
import unittest

import peers
from peers import SUITES, Program
from test_authentication import AuthenticationTest

HYBRIDS = ("X25519MLKEM768", "SecP256r1MLKEM768")
# A group that a HelloRetryRequest asks for: the group of the share that came first. Our client
# sends one share of a hybrid group and one of a classic group.
RETRY_FROM = {"x25519": "secp256r1", "secp256r1": "x25519", "secp384r1": "x25519",
              "X25519MLKEM768": "SecP256r1MLKEM768", "SecP256r1MLKEM768": "X25519MLKEM768"}
SECOND = r"connected: [^\n]*\n(?:.|\n)*?connected: ([^\n]*)\n"
DATA = bytes(range(256)) * 400


class Optional(unittest.SkipTest):
    """A toolchain that README's command does not install: tests/run does not count it missing."""

    def __init__(self, reason):
        super().__init__("optional: " + reason)


@functools.lru_cache
def version_of(program, *arguments):
    """The first two numbers that a toolchain says of itself; (0, 0) if it is not there."""
    if not shutil.which(program):
        return (0, 0)
    said = subprocess.run([program, *arguments], capture_output=True, text=True, check=True).stdout
    return tuple(int(n) for n in re.search(r"(\d+)\.(\d+)", said).groups())


class SmallPeer(AuthenticationTest):
    groups = ("x25519", "secp256r1", "secp384r1")
    hybrids = ()
    keys = tuple(peers.SCHEMES)                 # kinds of its certificates and ours
    retry_from = {**RETRY_FROM, **dict.fromkeys(HYBRIDS, "x25519")}     # of its client
    remembers_group = False                     # its client: so resumes without another retry
    cannot = {}                                 # how tests begin: why this peer has none such
    environment = {}

    @classmethod
    def build(cls):
        """Makes the program; its command line without arguments."""
        raise NotImplementedError

    @classmethod
    def identity(cls, key):
        return ("--cert", cls.path(key + ".crt"), "--key", cls.path(key + ".key"))

    @classmethod
    def trust(cls):
        return ("--ca", cls.ca)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_more_keys()
        cls.program = cls.build()
        cls.servers = {}

    # ---- the peer in its two roles ----

    def peer_server(self, *options, key="p256"):
        """A server of this peer. It lives as long as the class, and serves all tests that want the
        same options; .said_before is what it had said when this test began."""
        kind = (key, *options)
        if kind not in self.servers:
            port = peers.free_port()
            server = Program([*self.program, "serve", port, *self.identity(key), *options],
                             **self.environment)
            self.addClassCleanup(server.stop)
            self.servers[kind] = server
            server.port = port
            peers.until(lambda: peers.listening(port) or server.process.poll() is not None,
                        lambda: "the server listens\n" + server.said)
        server = self.servers[kind]
        server.said_before = len(server.out)
        return server

    def server_says(self, server):
        """The next line of a peer's server."""
        peers.until(lambda: b"\n" in server.out[server.said_before:], "the server says something")
        return server.out[server.said_before:].partition(b"\n")[0].decode()

    def peer_client(self, port, *options):
        return self.start(*self.program, "connect", port, *self.trust(), *options,
                          **self.environment)

    # ---- what each test comes down to ----

    def assertSays(self, line, suite, group, resumed):
        said, its_suite, its_group, how = line.split()
        self.assertEqual((said, its_suite), ("connected", suite))
        self.assertIn(its_group.lower(), (group.lower(), "-"))
        self.assertIn(how, ("resumed" if resumed else "full", "-"))

    def client_meets(self, server, *options, suite=SUITES[0], group="x25519", offered=None,
                     key="p256"):
        """Our client against that server: both ends agree on the facts, 100 kB come back."""
        server.said_before = len(server.out)
        client = self.connect(server.port, "--suites", suite, "--groups", offered or group,
                              *options)
        self.assertFacts(client, suite, group, key, bool(offered))
        client.send(DATA)
        self.assertEqual(client.waits_for_bytes(len(DATA)), DATA)
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)
        self.assertSays(self.server_says(server), suite, group, key == "resumed")
        return client

    def server_is_met(self, *options, theirs=(), suite=SUITES[0], group="x25519", offered=None,
                      key="p256"):
        server = self.serve("--suites", suite, "--groups", group, *options, key=key)
        client = self.peer_client(server.port, "--groups", offered or group, *theirs)
        self.assertEqual(client.ends(), 0, client.said + server.said)
        self.assertFacts(server, suite, group, key, bool(offered))
        for n, line in enumerate(client.out.decode().splitlines()):
            self.assertSays(line, suite, group, n == 1)
        self.assertNotIn("broken", server.said)
        return server

    def run_client(self, suite, group, retry):
        self.client_meets(self.peer_server("--groups", group), suite=suite, group=group,
                          offered=RETRY_FROM[group] + "," + group if retry else None)

    def run_server(self, suite, group, retry):
        self.server_is_met(suite=suite, group=group,
                           offered=self.retry_from[group] + "," + group if retry else None)

    def run_client_key(self, key):
        self.client_meets(self.peer_server(key=key), key=key)

    def run_server_key(self, key):
        self.server_is_met(key=key)

    def run_client_resumes(self, suite, retry):
        server, session = self.peer_server("--groups", "secp256r1"), self.path("session")
        offered = "x25519,secp256r1" if retry else None
        for key, option in ("p256", "--session-out"), ("resumed", "--session-in"):
            self.client_meets(server, option, session, suite=suite, group="secp256r1",
                              offered=offered, key=key)

    def run_server_resumes(self, suite, retry):
        group = "secp256r1"
        server = self.server_is_met("--tickets", "2", suite=suite, group=group, theirs=("--again",),
                                    offered=self.retry_from[group] + "," + group if retry else None)
        second = server.waits_for(SECOND).group(1)
        self.assertIn("TLS 1.3, %s, %s, resumed" % (suite, group), second)
        self.assertEqual("after HelloRetryRequest" in second,
                         retry and not self.remembers_group)

    def run_client_shows(self, key):
        """The server wants a client certificate, and gets alice's with this kind of key."""
        certificate, private = self.alice(key)
        server = self.peer_server(*self.trust())
        client = self.client_meets(server, "--cert", certificate, "--key", private)
        client.waits_for("client " + peers.SCHEMES[key])

    def run_server_sees(self, key):
        server = self.server_is_met("--client-ca", self.ca, "--require-client-certificate",
                                    theirs=self.identity("alice-" + key))
        server.waits_for("client " + peers.SCHEMES[key])
        server.waits_for("alice")

    # ---- the tests that a class gets, beside those by suite, group and key ----

    def our_client_has_no_certificate(self):
        server = self.peer_server(*self.trust())
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertRegex(client.err, "the peer sent alert (certificate_required|bad_certificate|"
                                     "handshake_failure)")
        self.assertIn("failed", self.server_says(server))

    def our_server_refuses_a_client_without_certificate(self):
        server = self.serve("--client-ca", self.ca, "--require-client-certificate")
        client = self.peer_client(server.port)
        self.assertNotEqual(client.ends(), 0)
        server.waits_for("broken: certificate_required")

    def our_server_resumes_with_a_client_certificate(self):
        """What the first handshake proved stands in the ticket."""
        server = self.server_is_met("--client-ca", self.ca, "--require-client-certificate",
                                    "--tickets", "2", theirs=(*self.identity("alice-p256"),
                                                              "--again"))
        self.assertIn("resumed", server.waits_for(SECOND).group(1))

    def our_client_updates_keys(self):
        client = self.client_meets(self.peer_server(), "--update-keys", "--trace")
        self.assertRegex(client.err, "--> message +KeyUpdate")
        self.assertRegex(client.err, "<-- message +KeyUpdate")

    def our_client_is_asked_to_update_keys(self):
        client = self.client_meets(self.peer_server("--update-keys"), "--trace")
        self.assertRegex(client.err, "<-- message +KeyUpdate")
        self.assertRegex(client.err, "--> message +KeyUpdate")

    def our_client_greases(self):
        self.client_meets(self.peer_server(), "--grease")

    def our_client_pads_and_rekeys(self):
        client = self.client_meets(self.peer_server(), "--pad", "500", "--records-per-key", "2",
                                   "--trace")
        self.assertGreater(len(re.findall("--> message +KeyUpdate", client.err)), 2)

    def our_client_refuses_a_server_of_tls_1_2(self):
        server = self.peer_server("--tls12")
        client = self.connect(server.port)
        self.assertEqual(client.ends(), 76)
        self.assertRegex(client.err, "the server refused with .* before a ServerHello: it "
                                     "(may|does) not know TLS 1.3")
        self.assertIn("failed", self.server_says(server))

    def our_server_updates_keys(self):
        server = self.server_is_met("--update-keys", "--trace")
        self.assertRegex(server.err, "--> message +KeyUpdate")
        self.assertRegex(server.err, "<-- message +KeyUpdate")

    def our_server_is_asked_to_update_keys(self):
        server = self.server_is_met("--trace", theirs=("--update-keys",))
        self.assertRegex(server.err, "<-- message +KeyUpdate")
        self.assertRegex(server.err, "--> message +KeyUpdate")

    def our_server_asks_for_a_cookie_alone(self):
        """The share was the right one; what our server knew of the client is in the cookie."""
        self.server_is_met("--cookie", offered="x25519")

    def our_server_asks_for_a_cookie_and_a_share(self):
        self.server_is_met("--cookie", group="secp256r1",
                           offered=self.retry_from["secp256r1"] + ",secp256r1")

    def our_server_pads_and_rekeys(self):
        server = self.server_is_met("--pad", "500", "--records-per-key", "2", "--trace")
        self.assertGreater(len(re.findall("--> message +KeyUpdate", server.err)), 2)

    def our_server_refuses_a_client_of_tls_1_2(self):
        """RFC 9846 E.2: these seven bytes, and nothing else."""
        server = self.serve()
        relay = self.relay(server.port)
        client = self.peer_client(relay.port, "--tls12")
        self.assertNotEqual(client.ends(), 0)
        self.assertTrue(relay.server_closed.wait(peers.DEADLINE))
        self.assertEqual(relay.from_server.hex(), "15030300020246")
        server.waits_for("broken: protocol_version: the peer (offers TLS 1.2 at most|does not "
                         "offer TLS 1.3)")
        self.assertAlive(server)

    def our_client_notices_a_downgrade(self):
        """A server of both versions, made to answer with TLS 1.2, marks its random: §4.1.3."""
        server = self.peer_server("--both")
        self.assertDowngradeNoticed(server)
        self.assertIn("failed", self.server_says(server))


def tests(peer):
    """Gives a class its tests: each suite, directly and after a HelloRetryRequest; each group
    likewise; each key; and those above."""
    def add(name, run, *choice):
        if not any(name.startswith(test) for test in peer.cannot):
            setattr(peer, "test_" + name, lambda self: run(self, *choice))

    first, second, *others = peer.groups + peer.hybrids
    choices = [(suite, first, False) for suite in SUITES]
    choices += [(suite, second, True) for suite in SUITES]
    choices += [(SUITES[0], group, False) for group in (second, *others)]
    choices += [(SUITES[0], group, True) for group in (first, *others)]
    for role in "client", "server":
        run, run_key = (getattr(SmallPeer, "run_" + role + end) for end in ("", "_key"))
        for suite, group, retry in choices:
            if role == "client" or not retry or group in peer.retry_from:
                add("our_%s_%s_%s%s" % (role, suite.lower(), group.lower(),
                                        "_after_hello_retry" if retry else ""),
                    run, suite, group, retry)
        resumes = getattr(SmallPeer, "run_" + role + "_resumes")
        for suite in SUITES[:2]:                # a PSK belongs to a hash
            for retry in False, True:
                add("our_%s_resumes_%s%s" % (role, suite.lower(),
                                             "_after_hello_retry" if retry else ""),
                    resumes, suite, retry)
        run_alice = SmallPeer.run_client_shows if role == "client" else SmallPeer.run_server_sees
        for key in peer.keys:
            add("our_%s_key_%s" % (role, key), run_key, key)
            add("our_%s_client_certificate_%s" % (role, key), run_alice, key)
    for name, run in vars(SmallPeer).items():
        if name.startswith("our_"):
            add(name, run)
    return peer
