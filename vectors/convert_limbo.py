#!/usr/bin/python3
"""Writes vectors/x509/limbo.txt from a limbo.json (C2SP/x509-limbo).

    vectors/convert_limbo.py limbo.json > vectors/x509/limbo.txt

Cases of more than 6000 bytes are left out, for the size of the file.
"""
import base64
import datetime
import json
import sys

HEADER = """\
# Chains of certificates and whether they are to be believed: x509-limbo (C2SP, GitHub), Apache-2.0,
# made with its generator at commit 8a2e6f41023b1716dc16fe63335e4bb972e4c3f6 (2026-06-29), with
# pyca/cryptography 48.0.0. Keys and serial numbers were drawn anew, so certificate bytes differ
# from upstream's limbo.json; ids and expectations are upstream's. Converted by
# vectors/convert_limbo.py. sent1 is the peer's own certificate; now is in seconds
# since 1970; client = 1 asks for clientAuth; depth is the greatest number of intermediates.
"""

GENERATED = "2026-07-01T00:00:00+00:00"      # the time of cases that are valid "now"


def der(pem):
    return base64.b64decode("".join(l for l in pem.splitlines() if "-----" not in l))


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)["testcases"]
    print(HEADER, end="")
    for case in cases:
        sent = [der(case["peer_certificate"])] + [der(p) for p in case["untrusted_intermediates"]]
        anchors = [der(p) for p in case["trusted_certs"]]
        if sum(map(len, sent + anchors)) > 6000:
            continue
        when = datetime.datetime.fromisoformat(case["validation_time"] or GENERATED)
        print(f'\nid = "{case["id"]}"')
        name = case["expected_peer_name"]
        print(f'name = "{name["value"] if name else ""}"')
        print(f'client = +{int(case["validation_kind"] == "CLIENT")}')
        print(f"now = +{int(when.timestamp())}")
        print(f'believed = +{int(case["expected_result"] == "SUCCESS")}')
        if case["max_chain_depth"] is not None:
            print(f'depth = +{case["max_chain_depth"]}')
        for i, anchor in enumerate(anchors):
            print(f"anchor{i + 1} = {anchor.hex()}")
        for i, certificate in enumerate(sent):
            print(f"sent{i + 1} = {certificate.hex()}")


main()
