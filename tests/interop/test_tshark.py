"""tests/interop/test_tshark.py - Wireshark reads our connections, given our key log.

What it shows is right only if the key log, the key schedule and every record's protection are, by
a decoder that is no TLS stack. It reads hybrid groups like any: the shared secret is not in the log.
"""
import os
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import SUITES, needs

CLIENT, SERVER = (40000, b"\x7f\0\0\1"), (443, b"\x7f\0\0\2")
REQUEST = b"".join(b"line %d, please\n" % n for n in range(3000))       # several records
CLIENT_HELLO, SERVER_HELLO, TICKET, ENCRYPTED_EXTENSIONS = 1, 2, 4, 8
CERTIFICATE, CERTIFICATE_VERIFY, FINISHED, KEY_UPDATE = 11, 15, 20, 24
FULL = [CLIENT_HELLO, SERVER_HELLO, ENCRYPTED_EXTENSIONS, CERTIFICATE, CERTIFICATE_VERIFY, FINISHED,
        FINISHED]


def packets(pieces):
    """IPv4 packets of a TCP connection in which these (from_client, bytes) went by."""
    sent = {True: 1, False: 1}
    for from_client, data in pieces:
        source, target = (CLIENT, SERVER) if from_client else (SERVER, CLIENT)
        for at in range(0, len(data), 1400):
            part = data[at:at + 1400]
            yield struct.pack(">BBHIBBH4s4sHHIIBBHHH", 0x45, 0, 40 + len(part), 0, 64, 6, 0,
                              source[1], target[1], source[0], target[0], sent[from_client],
                              sent[not from_client], 0x50, 0x18, 65535, 0, 0) + part
            sent[from_client] += len(part)


def pcap(pieces):
    """The file format of tcpdump, with link type 101: packets begin with their IP header."""
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)
    for n, packet in enumerate(packets(pieces)):
        out += struct.pack("<IIII", n, 0, len(packet), len(packet)) + packet
    return out


@needs("tshark")
class Tshark(peers.InteropTest):

    def tshark(self, *options):
        done = subprocess.run(["tshark", "-r", self.path("capture"), "-o", "tls.keylog_file:"
                               + self.path("keys"), *options], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "HOME": self.folder})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def exchange(self, server, *options):
        """A connection of our client to that server, with a relay that keeps what goes by."""
        relay = self.relay(server.port)
        client = self.connect(relay.port, "--keylog", self.path("keys"), *options)
        client.send(REQUEST)
        self.assertEqual(client.waits_for_bytes(len(REQUEST)), REQUEST)
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)
        self.assertTrue(relay.server_closed.wait(peers.DEADLINE))
        self.write("capture", pcap(relay.pieces))

    def check(self, messages, server, *options):
        """Wireshark sees these handshake messages, and the data of both sides."""
        self.exchange(server, *options)
        shown = self.tshark("-T", "fields", "-e", "tls.handshake.type", "-Y", "tls.handshake")
        self.assertEqual([int(n) for n in shown.replace(",", "\n").split()], messages)
        streams = {"": b"", "\t": b""}
        for line in self.tshark("-q", "-z", "follow,tls,raw,0").splitlines():
            if set(line) <= set("\t0123456789abcdef"):
                streams[line[:line.count("\t")]] += bytes.fromhex(line.strip())
        self.assertEqual(streams[""], REQUEST)
        self.assertEqual(streams["\t"], REQUEST)

    def test_hybrid_after_hello_retry(self):
        self.check(FULL[:2] * 2 + FULL[2:], self.serve("--groups", "SecP256r1MLKEM768"),
                   "--groups", "X25519MLKEM768,SecP256r1MLKEM768")

    def test_padded_records(self):
        self.check(FULL, self.serve("--pad", "512"), "--pad", "512")

    def test_keys_updated(self):
        self.check(FULL + 2 * [KEY_UPDATE], self.serve(), "--update-keys")

    def test_resumed(self):
        session = self.path("session")
        server = self.serve("--tickets", "1")
        self.check(FULL + [TICKET], server, "--session-out", session)
        self.check([n for n in FULL if n not in (CERTIFICATE, CERTIFICATE_VERIFY)] + [TICKET],
                   server, "--session-in", session)


for choice in [(s, "x25519") for s in SUITES] + [(SUITES[0], g) for g in (
        "secp256r1", "secp384r1", "X25519MLKEM768", "SecP256r1MLKEM768")]:
    def test(self, suite=choice[0], group=choice[1]):
        options = ("--suites", suite, "--groups", group)
        self.check(FULL, self.serve(*options), *options)
    setattr(Tshark, "test_%s_%s" % (choice[0].lower(), choice[1].lower()), test)


if __name__ == "__main__":
    unittest.main()
