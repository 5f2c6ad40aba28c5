#!/usr/bin/python3
"""tests/interop/adapter_example.py - how to put an implementation under sealvec, in 30 lines.

    build/vectors/sealvec run --subject 'python3 tests/interop/adapter_example.py' vectors

Here the implementation is Python's hashlib and hmac; docs/sealvec.md lists all operations.
"""
import hashlib
import hmac
import sys

HASHES = {"SHA-1": "sha1", "SHA-224": "sha224", "SHA-256": "sha256", "SHA-384": "sha384",
          "SHA-512": "sha512", "SHA3-256": "sha3_256", "SHA3-512": "sha3_512"}


def answer(operation, p):
    if operation == "hash":
        return hashlib.new(HASHES[p["algorithm"]], bytes.fromhex(p["message"])).hexdigest()
    if operation == "hmac":
        return hmac.new(bytes.fromhex(p["key"]), bytes.fromhex(p["message"]),
                        HASHES[p["hash"]]).hexdigest()
    if operation == "pbkdf2":
        return hashlib.pbkdf2_hmac(HASHES[p["hash"]], bytes.fromhex(p["password"]), bytes.fromhex(
            p["salt"]), int(p["iterations"]), int(p["length"])).hex()
    return "unsupported operation " + operation


for line in sys.stdin:
    name, *parameters = line.split()
    try:
        print(answer(name, dict(p.split("=", 1) for p in parameters)), flush=True)
    except KeyError as unknown:
        print("unsupported", unknown, flush=True)
