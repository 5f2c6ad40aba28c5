"""tests/interop/test_bearssl_x509.py - our path validation and BearSSL's over the same chains.

The chains are x509-limbo's that are kept here, and with $SEALPOST_VECTORS all of it and BetterTLS.
Each case on which the two differ stands in bearssl_x509.ledger with the rule that decides.
"""
import base64
import datetime
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers
from peers import needs

LEDGER = os.path.join(peers.INTEROP, "bearssl_x509.ledger")
KEPT = os.path.join(peers.TOP, "vectors", "x509", "limbo.txt")
PUBLIC = os.path.join(peers.TOP, os.environ.get("SEALPOST_VECTORS", "../shared/vectors"), "limbo")
GENERATED = "2026-07-01T00:00:00+00:00"     # the time of cases that are valid "now"


def request(now, client, name, anchors, sent):
    return " ".join([str(now), str(int(client)), name or "-", ",".join(anchors) or "-",
                     ",".join(sent)])


def kept_cases():
    """id -> request, from the project's own text format."""
    cases = {}
    with open(KEPT) as file:
        for block in file.read().split("\n\n"):
            fields = dict(line.split(" = ", 1) for line in block.splitlines() if " = " in line
                          and not line.startswith("#"))
            if "id" not in fields:
                continue
            lists = [[v for k, v in fields.items() if k.startswith(name)] for name in
                     ("anchor", "sent")]
            cases[fields["id"].strip('"')] = request(
                int(fields["now"]), fields["client"] == "+1", fields["name"].strip('"'), *lists)
    return cases


def hex_of(pem):
    return base64.b64decode("".join(l for l in pem.splitlines() if "-----" not in l)).hex()


def public_cases(path):
    """id -> request, from limbo's JSON."""
    with open(path) as file:
        tests = json.load(file)["testcases"]
    cases = {}
    for case in tests:
        name = case["expected_peer_name"]
        when = (case["validation_time"] or GENERATED).replace("Z", "+00:00")
        cases[case["id"]] = request(
            int(datetime.datetime.fromisoformat(when).timestamp()),
            case["validation_kind"] == "CLIENT", name and name["value"],
            [hex_of(p) for p in case["trusted_certs"]],
            [hex_of(p) for p in [case["peer_certificate"]] + case["untrusted_intermediates"]])
    return cases


def ledger():
    """id -> (ours, BearSSL's) of every divergence that is explained."""
    entries = {}
    with open(LEDGER) as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                case, ours, theirs, kind, clause = line.split(None, 4)
                assert case not in entries and kind and clause.strip(), line
                entries[case] = ours, theirs
    return entries


@needs("gcc")
class X509(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        if not os.path.exists("/usr/include/bearssl.h"):
            raise unittest.SkipTest("not installed: libbearssl-dev")
        build = os.path.join(peers.TOP, peers.BUILD)
        cls.program = os.path.join(build, "bearssl_x509")
        subprocess.run(
            ["gcc", "-std=c11", "-D_GNU_SOURCE", "-I" + peers.TOP, "-O1", "-Wall", "-Wextra",
             "-Werror", "-o", cls.program, os.path.join(peers.INTEROP, "bearssl_x509.c"),
             os.path.join(build, "libsealtls.a"), os.path.join(build, "libsealcrypto.a"),
             "-lsodium", "-lbearssl"], check=True, timeout=60)

    def divergences(self, cases):
        """id -> (ours, BearSSL's) of those that differ, and our reasons."""
        lines = subprocess.run([self.program], input="".join(c + "\n" for c in cases.values()),
                               capture_output=True, text=True, check=True,
                               timeout=300).stdout.splitlines()
        self.assertEqual(len(lines), len(cases))
        found, reasons = {}, {}
        for case, line in zip(cases, lines):
            ours, theirs, reasons[case] = line.split(" ", 2)
            if (ours == "1") != (theirs == "0"):
                found[case] = ours, theirs
        return found, reasons

    def compare(self, cases, entries):
        found, reasons = self.divergences(cases)
        expected = {case: verdicts for case, verdicts in entries.items() if case in cases}
        for case in sorted(set(found) | set(expected)):
            self.assertEqual(found.get(case), expected.get(case),
                             "%s: (ours, BearSSL's) and the ledger; ours: %s" %
                             (case, reasons[case]))
        return len(found)

    def test_kept_chains(self):
        cases = kept_cases()
        self.assertGreater(len(cases), 80)
        self.assertLess(self.compare(cases, ledger()), len(cases) // 2)

    def test_public_chains(self):
        files = [os.path.join(PUBLIC, name) for name in ("limbo.json", "bettertls.json")]
        if not all(map(os.path.exists, files)):
            self.skipTest("optional: no public vectors at " + PUBLIC)
        cases = {**public_cases(files[0]), **public_cases(files[1])}
        self.assertEqual(set(ledger()) - set(cases), set())
        self.compare(cases, ledger())

    def test_a_divergence_that_is_new_or_gone_is_seen(self):
        cases, entries = kept_cases(), ledger()
        explained = min(set(cases) & set(entries))
        agreed = min(set(cases) - set(entries))
        two = {explained: cases[explained], agreed: cases[agreed]}
        self.compare(two, entries)
        with self.assertRaises(AssertionError):
            self.compare(two, {})
        with self.assertRaises(AssertionError):
            self.compare(two, {**entries, agreed: ("0", "0")})


if __name__ == "__main__":
    unittest.main()
