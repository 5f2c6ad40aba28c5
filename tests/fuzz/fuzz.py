#!/usr/bin/env python3
"""tests/fuzz/fuzz.py - runs the harnesses of this folder, and keeps their corpora.

    make fuzz
    tests/fuzz/fuzz.py run [-m CPU_MINUTES] [HARNESS ...]     one after the other; stops at a finding
    tests/fuzz/fuzz.py pack [HARNESS ...]                     minimises what was found into corpus/

`run` begins with corpus/<harness>.txt, and with seeds from vectors/ and from the large public sets
($SEALPOST_VECTORS, by default ../shared/vectors). What it finds stays in build-fuzz/corpus/<harness>/;
a line per harness goes to build-fuzz/corpus/runs.txt. `pack` merges that (libFuzzer's -merge=1),
keeps some 16 KiB of it, and writes corpus/<harness>.txt, which tests/test_corpus.c replays.
"""
import argparse
import base64
import glob
import hashlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
VECTORS = os.path.join(TOP, "vectors")
SHARED = os.path.join(TOP, os.environ.get("SEALPOST_VECTORS", "../shared/vectors"))
BUILD = os.path.join(TOP, "build-fuzz", "tests", "fuzz")
FOUND = os.path.join(TOP, "build-fuzz", "corpus")
HARNESSES = sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(HERE, "*.c")))
INPUT_MAX = 4096                            # bytes of what is kept and what is tried
PACKED_MAX = 16384                          # bytes of a corpus that is kept


# ---- seeds ----

def records(path):
    """The cases of a file in the format of vectors/README.md, as dicts of hex or text."""
    with open(path, encoding="utf-8") as f:
        for case in f.read().split("\n\n"):
            fields = dict(re.findall(r'^(\w+) = "?([^"\n]*)"?$', case, re.M))
            if fields:
                yield fields


def public_text(path):
    """A file of the large public sets; nothing if they are not there."""
    path = os.path.join(SHARED, path)
    if not os.path.exists(path):
        print("skipped: no %s ($SEALPOST_VECTORS)" % path)
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def public(path):
    return json.loads(public_text(path) or "{}")


def pem_der(pem):
    return base64.b64decode("".join(pem.strip().split("\n")[1:-1]))


def pem(label, der):
    text = base64.encodebytes(der).replace(b"\n", b"")
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN %s-----" % label, *lines, b"-----END %s-----" % label, b""])


def vec16(data):
    return len(data).to_bytes(2, "big") + data


def der(tag, *parts):
    """Short lengths only."""
    body = b"".join(parts)
    return bytes((tag, len(body))) + body


def nist_ecdsa():
    """NIST's SigVer.rsp: scheme, SubjectPublicKeyInfo, message, signature."""
    sections = {"P-256,SHA-256": 0, "P-256,SHA-384": 1, "P-384,SHA-256": 2, "P-384,SHA-384": 3}
    curves = {"P-256": "06082a8648ce3d030107", "P-384": "06052b81040022"}
    record = re.compile(r"Msg = (\w+)\s+Qx = (\w+)\s+Qy = (\w+)\s+R = (\w+)\s+S = (\w+)")
    for section, body in re.findall(r"^\[(.*)\]\s*\n([^\[]*)",
                                    public_text("nist/ecdsa/SigVer.rsp"), re.M):
        for case in record.findall(body) if section in sections else ():
            message, x, y, *numbers = (bytes.fromhex(("0" + v)[-len(v) - len(v) % 2:]) for v in case)
            algorithm = bytes.fromhex("06072a8648ce3d0201" + curves[section.split(",")[0]])
            r, s = (n.lstrip(b"\0") for n in numbers)
            yield (sections[section], der(0x30, der(0x30, algorithm), der(3, b"\0\4", x, y)), message,
                   der(0x30, *(der(2, b"\0" * (n[0] >> 7), n) for n in (r, s))))


def seeds_verify():
    """The order is that of `schemes` in verify.c."""
    for scheme, spki, message, signature in nist_ecdsa():
        yield bytes((scheme,)) + vec16(spki) + vec16(message) + signature
    files = ("ecdsa_secp256r1_sha256", None, "ecdsa_secp384r1_sha256", "ecdsa_secp384r1_sha384",
             "ed25519", "rsa_pss_2048_sha256_mgf1_32", "rsa_pss_2048_sha384_mgf1_48",
             "rsa_pss_4096_sha512_mgf1_64", "rsa_signature_2048_sha256",
             "rsa_signature_2048_sha384", "rsa_signature_2048_sha512")
    for scheme, name in enumerate(files):
        for group in public("wycheproof/%s_test.json" % name).get("testGroups", ()) if name else ():
            for case in group["tests"]:
                yield bytes((scheme,)) + vec16(bytes.fromhex(group["publicKeyDer"])) \
                    + vec16(bytes.fromhex(case["msg"])) + bytes.fromhex(case["sig"])


def keys():
    for case in records(os.path.join(VECTORS, "x509", "keys.txt")):
        yield case["form"], bytes.fromhex(case["der"]), bytes.fromhex(case["spki"])


def chains():
    """Of x509-limbo and BetterTLS, and our own: leaf first, the anchors last."""
    for name in ("limbo", "bettertls"):
        for case in public("limbo/%s.json" % name).get("testcases", ()):
            yield [pem_der(p) for p in [case["peer_certificate"],
                                        *case["untrusted_intermediates"], *case["trusted_certs"]]]
    for case in records(os.path.join(VECTORS, "x509", "limbo.txt")):
        yield [bytes.fromhex(case[field]) for field in
               ("sent1", "sent2", "sent3", "sent4", "anchor1", "anchor2") if field in case]


def ocsp():
    for case in records(os.path.join(VECTORS, "x509", "ocsp.txt")):
        if "response" in case:
            yield [bytes.fromhex(case[field]) for field in ("response", "leaf", "root")]


def seeds_pem_key():
    labels = {"sec1": b"EC PRIVATE KEY", "pkcs8": b"PRIVATE KEY", "pkcs1": b"RSA PRIVATE KEY"}
    for form, der, spki in keys():
        yield from (der, spki, pem(labels[form], der), pem(b"PUBLIC KEY", spki))
    for group in public("wycheproof/rsa_pkcs1_2048_sig_gen_test.json").get("testGroups", ()):
        der = bytes.fromhex(group["privateKeyPkcs8"])
        yield from (der, pem(b"PRIVATE KEY", der))
    for group in public("wycheproof/ecdh_secp256r1_test.json").get("testGroups", ()):
        for case in group["tests"]:
            yield bytes.fromhex(case["public"])
    for case in records(os.path.join(VECTORS, "x509", "encrypted_keys.txt")):
        if "der" in case:
            yield bytes.fromhex(case["der"])


def seeds_der():
    for _, der, spki in keys():
        yield from (der, spki)
    for values in [*ocsp(), *chains()]:
        yield from values


def seeds_x509():
    for chain in chains():
        yield b"".join(chain)


def seeds_ocsp():
    for values in ocsp():
        yield from (values[0], b"".join(values))


def seeds_smtp_server():
    for path in glob.glob(os.path.join(TOP, "tests", "dialogs", "*.txt")):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        said = "".join(line + "\r\n" for line in re.findall("^C: ?(.*)$", text, re.M)).encode()
        yield from (bytes((first,)) + said for first in (0, 3))


def seeds_tls_client():
    """Each mix of PSKs with each flag, after some records; and a KeyUpdate."""
    for first in range(0, 128, 16):
        for flag in (0, *(1 << i for i in range(8))):
            for count in (0, 1, 2, 4, 7, 15):
                edit = b"\1\0\x2a\1\0\x50\1\0\xa0\1" if flag == 128 else b""
                yield bytes((first + count, flag)) + edit + b"\x16\0\5\x18\0\0\1\1"


seeds_tls_server = seeds_tls_client


# ---- files ----

def folder(harness):
    return os.path.join(FOUND, harness)


def packed(harness):
    return os.path.join(HERE, "corpus", harness + ".txt")


def write(path, data):
    with open(os.path.join(path, hashlib.sha1(data).hexdigest()), "wb") as f:
        f.write(data)


def begin(harness):
    os.makedirs(folder(harness), exist_ok=True)
    if os.path.exists(packed(harness)):
        for case in records(packed(harness)):
            write(folder(harness), bytes.fromhex(case["input"]))
    for seed in globals().get("seeds_" + harness, lambda: ())():
        if len(seed) <= INPUT_MAX:
            write(folder(harness), seed)


# ---- running ----

def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(harness, minutes):
    """True if nothing was found in so much CPU time, which is not the time by the clock."""
    begin(harness)
    command = [os.path.join(BUILD, harness), "-max_len=%d" % INPUT_MAX, "-print_final_stats=1",
               "-timeout=20", "-artifact_prefix=%s-" % folder(harness), folder(harness)]
    log_path = folder(harness) + ".log"
    with open(log_path, "w", encoding="utf-8") as log, \
            subprocess.Popen(command, stdout=log, stderr=log) as fuzzer:
        used = 0
        while fuzzer.poll() is None:
            time.sleep(2)
            used = max(used, cpu_seconds(fuzzer.pid))
            if used >= 60 * minutes:
                fuzzer.send_signal(signal.SIGUSR1)
                break
    with open(log_path, encoding="utf-8", errors="replace") as log:
        text = log.read()
    last = (re.findall(r"^#\d+\s.*cov: .*$", text, re.M) or ["no run"])[-1].split(" L: ")[0]
    good = fuzzer.returncode == 0
    line = "%s: %.1f CPU minutes, %s%s" % (harness, used / 60, " ".join(last.split()),
                                           "" if good else ", FINDING: see " + log_path)
    print(line, flush=True)
    with open(os.path.join(FOUND, "runs.txt"), "a", encoding="utf-8") as f:
        f.write(line + "\n")
    return good


def merge(harness):
    """One input for each thing that any of them reaches, the smallest that does (libFuzzer)."""
    merged = folder(harness) + ".merged"
    subprocess.run(["rm", "-rf", merged], check=True)
    os.makedirs(merged)
    subprocess.run([os.path.join(BUILD, harness), "-merge=1", "-max_len=%d" % INPUT_MAX, merged,
                    folder(harness)], check=True, stderr=subprocess.DEVNULL)


def pack(harness):
    """Of the merged inputs, by size, every first, second, ... until they have room."""
    inputs = []
    for path in glob.glob(os.path.join(folder(harness) + ".merged", "*")):
        with open(path, "rb") as f:
            inputs.append(f.read())
    inputs.sort(key=lambda data: (len(data), data))
    step = next(n for n in itertools.count(1) if sum(map(len, inputs[::n])) <= PACKED_MAX)
    with open(packed(harness), "w", encoding="ascii") as f:
        f.write("# Inputs of tests/fuzz/%s.c, minimised by tests/fuzz/fuzz.py pack.\n" % harness)
        for data in inputs[::step]:
            f.write("\ninput = %s\n" % data.hex())
    print("%s: %d of %d inputs kept" % (harness, len(inputs[::step]), len(inputs)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("verb", choices=("run", "pack"))
    parser.add_argument("-m", "--minutes", type=float, default=30)
    parser.add_argument("harness", nargs="*", help=", ".join(HARNESSES))
    options = parser.parse_intermixed_args()
    harnesses = options.harness or HARNESSES
    if options.verb == "run":
        return 0 if all(run(h, options.minutes) for h in harnesses) else 1
    for harness in harnesses:
        merge(harness)
        pack(harness)
    return 0


if __name__ == "__main__":
    sys.exit(main())
