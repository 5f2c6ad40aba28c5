#!/usr/bin/python3
"""Writes vectors/wycheproof/edges.txt: of each flag and result in some of Project Wycheproof's
files the first few cases, as requests of sealvec's line protocol.

    vectors/convert_wycheproof.py ../shared/vectors/wycheproof > vectors/wycheproof/edges.txt
"""
import json
import sys

OF_EACH = 2                 # cases of one flag and result in one file

HEADER = """\
# Edge cases and forgeries: Project Wycheproof (C2SP, GitHub), testvectors_v1 at commit
# dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166 (2026-08-18), Apache-2.0. Of each flag and result in a
# file the first %d cases, by vectors/convert_wycheproof.py; `id` is file and tcId, `note` the
# comment. Each is a request of docs/sealvec.md with its answer. A zero X25519 result is `invalid`
# here (RFC 8446 §7.4.2); upstream calls it acceptable.
""" % OF_EACH

FILES = ("aes_gcm", "chacha20_poly1305", "hmac_sha256", "hmac_sha384", "hkdf_sha256",
         "pbkdf2_hmacsha256", "x25519", "ecdh_secp256r1", "ecdsa_secp256r1_sha256",
         "ecdsa_secp384r1_sha384", "ed25519", "rsa_signature_2048_sha256",
         "rsa_pss_2048_sha256_mgf1_32")


def word(text):
    return '"%s"' % text


def number(value):
    return "+%d" % value


def integer(text):
    return text[2:] if text.startswith("00") else text


def requests(algorithm, group, test):
    """(operation, parameters, answers) for a case."""
    kind, t = group["type"], test
    valid = t["result"] == "valid"
    if kind == "AeadTest":
        shared = {"algorithm": word(algorithm), "key": t["key"], "nonce": t["iv"],
                  "aad": t["aad"]}
        yield "aead-open", {**shared, "ciphertext": t["ct"], "tag": t["tag"]}, [t["msg"]]
        if valid:
            yield ("aead-seal", {**shared, "plaintext": t["msg"],
                                 "tag-length": number(len(t["tag"]) // 2)}, [t["ct"], t["tag"]])
    elif kind == "MacTest":
        yield ("hmac", {"hash": word("SHA-" + algorithm[7:]), "key": t["key"],
                        "message": t["msg"]}, [t["tag"]])
    elif kind == "HkdfTest":
        yield ("hkdf", {"hash": word("SHA-256"), "ikm": t["ikm"], "salt": t["salt"],
                        "info": t["info"], "length": number(t["size"])}, [t["okm"]])
    elif kind == "PbkdfTest":
        yield ("pbkdf2", {"hash": word("SHA-256"), "password": t["password"], "salt": t["salt"],
                          "iterations": number(t["iterationCount"]),
                          "length": number(t["dkLen"])}, [t["dk"]])
    elif kind == "XdhComp":
        yield ("xdh", {"curve": word("X25519"), "private": t["private"], "public": t["public"]},
               [t["shared"]])
    elif kind == "EcdhTest":
        yield ("ecdh", {"curve": word("P-256"), "private": t["private"], "spki": t["public"]},
               [t["shared"]])
    elif kind in ("EcdsaVerify", "EddsaVerify"):
        ed = kind == "EddsaVerify"
        key = group["publicKey"]
        curve = {"secp256r1": "P-256", "secp384r1": "P-384",
                 "edwards25519": "Ed25519"}[key["curve"]]
        more = {} if ed else {"hash": word(group["sha"]), "format": word("der")}
        yield ("eddsa-verify" if ed else "ecdsa-verify",
               {"curve": word(curve), **more, "public": key["pk" if ed else "uncompressed"],
                "message": t["msg"], "signature": t["sig"]}, [])
    else:
        key, pss = group["publicKey"], kind == "RsassaPssVerify"
        more = {"mgf-hash": word(group["mgfSha"]),
                "salt-length": number(group["sLen"])} if pss else {}
        yield ("rsa-pss-verify" if pss else "rsa-pkcs1-verify",
               {"hash": word(group["sha"]), **more, "modulus": integer(key["modulus"]),
                "exponent": key["publicExponent"], "message": t["msg"], "signature": t["sig"]}, [])


def chosen(groups):
    """The cases that some flag has too few of so far."""
    counts = {}
    for group in groups:
        for test in group["tests"]:
            kinds = [(flag, test["result"]) for flag in test["flags"] or [""]]
            if any(counts.get(kind, 0) < OF_EACH for kind in kinds):
                yield group, test
            for kind in kinds:
                counts[kind] = counts.get(kind, 0) + 1


def main():
    print(HEADER, end="")
    for name in FILES:
        with open("%s/%s_test.json" % (sys.argv[1], name)) as file:
            root = json.load(file)
        for group, test in chosen(root["testGroups"]):
            result = "invalid" if "ZeroSharedSecret" in test["flags"] else test["result"]
            if test.get("iterationCount", 0) > 5000:
                continue
            for operation, parameters, answers in requests(root["algorithm"], group, test):
                comment = test["comment"].encode("ascii", "replace").decode()
                print('\nid = "%s.%d%s"' % (name, test["tcId"],
                                           ".seal" if operation == "aead-seal" else ""))
                print('note = "%s"' % comment)
                print('flags = "%s"' % " ".join(test["flags"]))
                print('operation = "%s"' % operation)
                print('result = "%s"' % result)
                for key, value in parameters.items():
                    print(("%s = %s" % (key, value)).rstrip())
                for i, value in enumerate(answers):
                    print(("answer%s = %s" % ("" if i == 0 else i + 1, value)).rstrip())


main()
