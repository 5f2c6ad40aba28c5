"""tests/vectors/test_differential.py - ours against libsodium, BearSSL, libcrypto and Go.

Each primitive is asked the same random and edge-biased requests, by way of sealvec's line protocol,
of every implementation that has it; where two answer differently and LEDGER does not say why, the
test fails with the request. The inputs are the same in each run. By default 200 a primitive;

    DIFFERENTIAL=100000 python3 tests/vectors/test_differential.py

asks more, and other ones.
"""
import collections
import hashlib
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SEALVEC = os.path.join(TOP, os.environ.get("O", "build"), "vectors", "sealvec")
INTEROP = os.path.join(TOP, "tests", "interop")
sys.path.insert(0, INTEROP)
import small_peer

COUNT = int(os.environ.get("DIFFERENTIAL", "200"))

HASHES = {"SHA-256": 64, "SHA-384": 128, "SHA-512": 128}                    # bytes of a block
ORDERS = {
    "P-256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
    "P-384": int("f" * 48 + "c7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16),
}
SIZES = {"P-256": 32, "P-384": 48}
IDENTITY = "01" + 31 * "00"                     # of edwards25519


# ---- why two may differ: (peer, operation, does it apply to request, ours, theirs; reason) ----

def is_ber(request, ours, theirs):
    return ours == "invalid" and theirs == "valid" and "format=der" in request


def scalar_out_of_range(request, ours, _):
    curve = re.search("curve=(P-...)", request).group(1)
    scalar = int(re.search("private=([0-9a-f]*)", request).group(1) or "0", 16)
    return ours == "invalid" and not 0 < scalar < ORDERS[curve]


def small_order(request, ours, theirs):
    return ours == "invalid" and theirs == "valid" and " public=%s " % IDENTITY in request


def hybrid(request, ours, _):
    return ours == "invalid" and re.search(" public=0[67]", request)


def missing_null(request, ours, theirs):
    """The block under the signature names a hash without parameters (RFC 8017 §A.2.4, note)."""
    number = dict(re.findall(r"(\w+)=([0-9a-f]+)(?= |$)", request))
    block = pow(*(int(number[name], 16) for name in ("signature", "exponent", "modulus")))
    return ours == "invalid" and theirs == "valid" and "300b06096086480165030402" in "%x" % block


LEDGER = [
    ("BearSSL", "ecdsa-verify", is_ber, "its decoder takes BER (tests/interop/bearssl.exclude)"),
    ("BearSSL", "ecdh", scalar_out_of_range, "a scalar outside of 1 .. n - 1 is its caller's care"),
    ("BearSSL", "ec-public", scalar_out_of_range, "a scalar outside of 1 .. n - 1"),
    ("BearSSL", "rsa-pkcs1-verify", missing_null, "it takes a DigestInfo without its NULL"),
    ("OpenSSL", "ecdh", scalar_out_of_range, "it takes a private key above n"),
    ("OpenSSL", "ecdh", hybrid, "it takes the hybrid form of a point, 06 or 07 x y (X9.62)"),
    ("OpenSSL", "ec-check", hybrid, "it takes the hybrid form of a point"),
    ("OpenSSL", "eddsa-verify", small_order, "it takes public keys of small order"),
]


EXPLAINED = collections.Counter()


def explained(peer, request, ours, theirs):
    for p, operation, applies, reason in LEDGER:
        if peer == p and request.split()[0] == operation and applies(request, ours, theirs):
            EXPLAINED["%s, %s: %s" % (peer, operation, reason)] += 1
            return True
    return False


# ---- inputs ----

class Inputs(random.Random):
    """Random values, half of them at an edge."""

    def edge(self, n):
        """n bytes: random, or all the same, or with a run of zeros or ones at one end."""
        kind = self.randrange(8)
        if kind == 0:
            return self.choice((b"\0", b"\xff", b"\x80", b"\x7f")) * n
        data = bytearray(self.randbytes(n))
        if kind in (1, 2) and n:
            run = self.randrange(n + 1)
            data[:run] = (b"\0" if kind == 1 else b"\xff") * run
        elif kind == 3 and n:
            run = self.randrange(n + 1)
            data[n - run:] = b"\0" * run
        return bytes(data)

    def size(self, block, most=1000):
        """A length: at a multiple of the block, or one beside it, or any."""
        if self.random() < 0.6:
            return max(0, block * self.randrange(5) + self.choice((-1, 0, 1, -9, -17)))
        return self.randrange(most)

    def message(self, block=64):
        return self.edge(self.size(block)).hex()

    def scalar(self, curve):
        n = ORDERS[curve]
        edges = (0, 1, 2, 3, n - 1, n - 2, n, n + 1, 2 ** (8 * SIZES[curve]) - 1, n // 2)
        x = self.choice(edges) if self.random() < 0.3 else self.randrange(1, n)
        return "%0*x" % (2 * SIZES[curve], x)

    def bent(self, text):
        """The hex of `text`, every second time altered: a bit, a byte more or less."""
        data = bytearray.fromhex(text)
        kind = self.randrange(8)
        if kind < 3 and data:
            data[self.randrange(len(data))] ^= 1 << self.randrange(8)
        elif kind == 3:
            data = data[:-1] if self.random() < 0.5 else data + b"\0"
        return data.hex()


def request(operation, **parameters):
    return " ".join([operation] + ["%s=%s" % (name.replace("_", "-"), value)
                                   for name, value in parameters.items()])


class Differential(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.peers = {"libsodium": [SEALVEC, "serve", "libsodium"]}
        for name, header, library in (("BearSSL", "bearssl.h", "-lbearssl"),
                                      ("OpenSSL", "openssl/evp.h", "-lcrypto")):
            if not os.path.exists("/usr/include/" + header):
                print("skipped: %s: not installed: %s" % (name, header))
                continue
            program = os.path.join(folder.name, name)
            subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", "-I" + TOP, "-O2", "-o", program,
                            os.path.join(INTEROP, "adapter_%s.c" % name.lower()), library],
                           check=True, timeout=120)
            cls.peers[name] = [program]

    def setUp(self):
        self.inputs = Inputs("%s %d" % (self.id().rsplit(".", 1)[1], COUNT))

    @staticmethod
    def ask(command, requests):
        done = subprocess.run(command, input="".join(r + "\n" for r in requests), text=True,
                              capture_output=True, check=True, timeout=3600)
        answers = done.stdout.split("\n")[:-1]
        assert len(answers) == len(requests), command
        return answers

    def ours(self, requests):
        return self.ask([SEALVEC, "serve", "ours"], requests)

    def compare(self, requests, *least, peers=None):
        """All answer the same, or the ledger says why not. At least these peers have it."""
        ours, asked = self.ours(requests), collections.Counter()
        peers = peers or self.peers
        for peer, command in peers.items():
            for r, a, b in zip(requests, ours, self.ask(command, requests)):
                if a.startswith("unsupported") or b.startswith("unsupported"):
                    continue
                asked[peer] += 1
                if a != b and not explained(peer, r, a, b):
                    self.fail("%s\n%s\nours     %s\n%-8s %s" % (self.id(), r, a, peer, b))
        for peer in least:
            if peer in peers:
                self.assertGreater(asked[peer], len(requests) // 8, peer)
        return ours

    def many(self, make):
        return [make(self.inputs) for _ in range(COUNT)]

    # ---- symmetric ----

    def test_hash(self):
        self.compare(self.many(lambda r: request(
            "hash", algorithm=(h := r.choice([*HASHES])), message=r.message(HASHES[h]))),
            "libsodium", "BearSSL", "OpenSSL")

    def test_sha3_and_shake(self):
        def make(r):
            if r.random() < 0.5:
                return request("hash", algorithm=r.choice(("SHA3-256", "SHA3-512")),
                               message=r.message(r.choice((136, 72))))
            return request("xof", algorithm=r.choice(("SHAKE128", "SHAKE256")),
                           length=r.size(r.choice((168, 136))) or 1, message=r.message(168))
        self.compare(self.many(make), "OpenSSL")

    def test_hmac(self):
        self.compare(self.many(lambda r: request(
            "hmac", hash=(h := r.choice([*HASHES])), key=r.message(HASHES[h]) or "00",
            message=r.message(HASHES[h]))), "libsodium", "BearSSL", "OpenSSL")

    def test_hkdf(self):
        self.compare(self.many(lambda r: request(
            "hkdf", hash=(h := r.choice([*HASHES])), ikm=r.message(HASHES[h]) or "00",
            salt=r.message(HASHES[h]), info=r.message(), length=r.size(HASHES[h] // 2) or 1)),
            "BearSSL", "OpenSSL")

    def test_pbkdf2(self):
        self.compare(self.many(lambda r: request(
            "pbkdf2", hash=(h := r.choice([*HASHES])), password=r.message(HASHES[h]),
            salt=r.message(), iterations=r.randrange(1, 20), length=r.size(32, 200) or 1)),
            "OpenSSL")

    def aead(self, algorithm, key_lens):
        """Sealed, and then opened, as it is or bent."""
        seals = self.many(lambda r: request(
            "aead-seal", algorithm=algorithm, key=r.edge(r.choice(key_lens)).hex(),
            nonce=r.edge(12).hex(), aad=r.message(16), plaintext=r.message(r.choice((16, 128))),
            tag_length=16))
        opens, r = [], self.inputs
        for seal, sealed in zip(seals, self.compare(seals, "OpenSSL", "BearSSL")):
            ciphertext, tag = sealed.split(" ")
            if r.random() < 0.3:
                tag = "".join(r.sample(tag, len(tag)))
            head = seal.replace("aead-seal", "aead-open").split(" plaintext=")[0]
            opens.append("%s ciphertext=%s tag=%s" % (head, r.bent(ciphertext), tag))
        self.compare(opens, "OpenSSL", "BearSSL")

    def test_aes(self):
        """Blocks, either way."""
        self.compare(self.many(lambda r: request(
            r.choice(("block-encrypt", "block-decrypt")), algorithm="AES",
            key=r.edge(r.choice((16, 32))).hex(), input=r.edge(16 * r.randrange(1, 9)).hex())),
            "OpenSSL")

    def test_aes_cbc(self):
        """Decryption, without padding."""
        self.compare(self.many(lambda r: request(
            "cipher-decrypt", algorithm="AES-CBC", key=r.edge(r.choice((16, 32))).hex(),
            iv=r.edge(16).hex(), input=r.edge(16 * r.randrange(20)).hex())), "BearSSL", "OpenSSL")

    def test_aes_gcm(self):
        self.aead("AES-GCM", (16, 32))

    def test_chacha20_poly1305(self):
        self.aead("CHACHA20-POLY1305", (32,))

    # ---- curves ----

    def test_x25519(self):
        p = 2 ** 255 - 19
        small = (0, 1, p - 1, p, p + 1, 2 ** 255 - 1, 2 ** 256 - 1, 9,
                 39382357235489614581723060781553021112529911719440698176882885853963445705823,
                 325606250916557431795983626356110631294008115727848805560023387167927233504)

        def make(r):
            u = r.choice(small) if r.random() < 0.3 else int.from_bytes(r.edge(32), "little")
            return request("xdh", curve="X25519", private=r.edge(32).hex(),
                           public=u.to_bytes(32, "little").hex())
        self.compare(self.many(make), "libsodium", "BearSSL", "OpenSSL")

    def test_ecdh(self):
        publics = self.many(lambda r: request(
            "ec-public", curve=(c := r.choice([*SIZES])), private=r.scalar(c)))
        r = self.inputs
        points = self.compare(publics, "BearSSL", "OpenSSL")
        self.compare([request("ecdh", curve=p.split()[1][6:], private=r.scalar(p.split()[1][6:]),
                              public=r.bent(point))
                      for p, point in zip(publics, points) if point != "invalid"],
                     "BearSSL", "OpenSSL")
        self.compare([request("ec-check", curve=p.split()[1][6:], public=r.bent(point))
                      for p, point in zip(publics, points) if point != "invalid"], "OpenSSL")

    def test_ecdsa(self):
        """Signed the same by those who follow RFC 6979; then verified, as it is or bent."""
        r, keys, verifies = self.inputs, [], []
        for _ in range(COUNT):
            curve = r.choice([*SIZES])
            keys.append((curve, "%0*x" % (2 * SIZES[curve], r.randrange(1, ORDERS[curve])),
                         r.choice([*HASHES]), r.message()))
        points = self.ours([request("ec-public", curve=c, private=k) for c, k, _, _ in keys])
        signatures = self.compare([request("ecdsa-sign", curve=c, hash=h, private=k, message=m)
                                   for c, k, h, m in keys], "BearSSL")
        for (c, _, h, m), point, signature in zip(keys, points, signatures):
            verifies.append(request("ecdsa-verify", curve=c, hash=h, format="der", public=point,
                                    message=m, signature=self.other_signature(c, signature)))
        self.compare(verifies, "BearSSL", "OpenSSL")

    def other_signature(self, curve, signature):
        """Bent, or of r and s at an edge, in DER."""
        r, n = self.inputs, ORDERS[curve]
        if r.random() < 0.7:
            return r.bent(signature)
        if r.random() < 0.3:                                # r with a zero too many: BER
            data = bytearray.fromhex(signature)
            data[1] += 1
            data[3] += 1
            return (data[:4] + b"\0" + data[4:]).hex()
        body = b""
        for _ in range(2):
            x = r.choice((0, 1, n - 1, n, n + 1, r.randrange(n)))
            number = x.to_bytes(x.bit_length() // 8 + 1, "big")
            body += bytes((2, len(number))) + number
        return (b"\x30" + bytes((len(body),)) + body).hex()

    def test_ed25519(self):
        r = self.inputs
        keys = [(r.edge(32).hex(), r.message(128)) for _ in range(COUNT)]
        publics = self.compare([request("eddsa-public", curve="Ed25519", private=k)
                                for k, _ in keys], "libsodium", "OpenSSL")
        signatures = self.compare([request("eddsa-sign", curve="Ed25519", private=k, message=m)
                                   for k, m in keys], "libsodium", "OpenSSL")
        self.compare([request("eddsa-verify", curve="Ed25519", public=self.other_point(p),
                              message=m, signature=r.bent(s))
                      for (_, m), p, s in zip(keys, publics, signatures)], "libsodium", "OpenSSL")
        self.compare([request("eddsa-verify", curve="Ed25519", public=IDENTITY, message=m,
                              signature=p + self.scalar_of(k))
                      for (k, m), p in zip(keys[:8], publics)], "libsodium", "OpenSSL")

    @staticmethod
    def scalar_of(seed):
        """s of a key, s B = A: with the identity for a public key, (A, s) signs every message."""
        s = int.from_bytes(hashlib.sha512(bytes.fromhex(seed)).digest()[:32], "little")
        s = s & (2 ** 254 - 8) | 2 ** 254
        order = 2 ** 252 + 27742317777372353535851937790883648493
        return (s % order).to_bytes(32, "little").hex()

    def other_point(self, public):
        r = self.inputs
        if r.random() < 0.8:
            return public
        return r.choice((0, 1, 2 ** 255 - 20, 2 ** 255 - 19, 2 ** 255 - 18, 2 ** 256 - 1,
                         r.randrange(2 ** 256))).to_bytes(32, "little").hex()

    # ---- ML-KEM-768 ----

    def go(self):
        """Nobody else here has it."""
        if small_peer.version_of("go", "version") < (1, 26):
            raise small_peer.Optional("Go 1.26 or later, for ML-KEM with given random bytes")
        program = os.path.join(self.folder, "go")
        subprocess.run(["go", "build", "-o", program, os.path.join(INTEROP, "adapter_go.go")],
                       check=True, timeout=300)
        return {"Go": [program]}

    def encapsulation_key(self, key):
        """As it is, or of another length, or with a coefficient at the edge (FIPS 203 §7.2)."""
        r, data = self.inputs, bytearray.fromhex(key)
        kind = r.randrange(8)
        if kind < 4:
            i, high = 3 * r.randrange(384), r.randrange(2)
            pair = int.from_bytes(data[i:i + 3], "little")
            pair &= 0xfff if high else 0xfff000
            pair |= r.choice((0, 3327, 3328, 3329, 4095, r.randrange(4096))) << 12 * high
            data[i:i + 3] = pair.to_bytes(3, "little")
        elif kind == 4:
            data = data[:-1] if r.random() < 0.5 else data + b"\0"
        return data.hex()

    def ciphertext(self, text):
        """As it is, bent, shifted or of one byte."""
        kind, data = self.inputs.randrange(8), bytes.fromhex(text)
        if kind == 0:
            return self.inputs.edge(len(data)).hex()
        if kind == 1:
            shift = self.inputs.randrange(1, len(data))
            return (data[shift:] + data[:shift]).hex()
        return self.inputs.bent(text)

    def test_mlkem(self):
        """Keys of the same seeds; encapsulated to, and decapsulated, as they are or altered."""
        peers, r = self.go(), self.inputs
        name = "ML-KEM-768"
        seeds = [r.edge(64).hex() for _ in range(COUNT)]
        keys = self.compare([request("mlkem-keygen", algorithm=name, seed=s) for s in seeds],
                            "Go", peers=peers)
        sent = self.compare([request("mlkem-encaps", algorithm=name, random=r.edge(32).hex(),
                                     public=self.encapsulation_key(k)) for k in keys],
                            "Go", peers=peers)
        self.compare([request("mlkem-decaps", algorithm=name, seed=s,
                              ciphertext=self.ciphertext(c.split(" ")[0]))
                      for s, c in zip(seeds, sent) if c != "invalid"], "Go", peers=peers)

    # ---- RSA ----

    def rsa_keys(self):
        """Of vectors/nist/rsa.txt, as numbers; mostly the short ones, as time goes with their cube."""
        with open(os.path.join(TOP, "vectors", "nist", "rsa.txt"), encoding="utf-8") as f:
            records = [dict(re.findall(r"^(\w+) = ([0-9a-f]*)$", record, re.M))
                       for record in f.read().split("\n\n")]
        keys = [k for k in records if "qInv" in k]
        short = [k for k in keys if len(k["n"]) == 512]
        return [self.inputs.choice(keys if i % 10 == 0 else short) for i in range(COUNT)]

    @staticmethod
    def rsa_power(key, block):
        """block ^ d mod n in hex, whatever the block is (RFC 8017 §5.1.2)."""
        p, q, dp, dq, qinv = (int(key[name], 16) for name in ("p", "q", "dP", "dQ", "qInv"))
        m = int.from_bytes(block, "big") % int(key["n"], 16)
        m2 = pow(m % q, dq, q)
        h = (pow(m % p, dp, p) - m2) * qinv % p
        return "%0*x" % (len(key["n"]), m2 + q * h)

    def pkcs1_block(self, size, name, message):
        """EMSA-PKCS1-v1_5 (RFC 8017 §9.2), mostly with one mistake."""
        r = self.inputs
        digest = hashlib.new(name.replace("-", ""), message).digest()
        kind, oid = r.randrange(10), bytes.fromhex("06096086480165030402")
        oid += bytes((len(digest) // 16 - (2 if kind == 0 else 1),))
        algorithm = oid + (b"" if kind == 1 else b"\5\0")
        info = b"\x30" + bytes((len(algorithm),)) + algorithm + b"\4" + bytes((len(digest),)) + digest
        info = b"\x30" + bytes((len(info),)) + info
        if kind == 2:
            info += r.randbytes(r.randrange(1, 100))                  # and less padding
        block = bytearray(b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info)
        if kind in (3, 4, 5):
            block[r.randrange(size if kind == 3 else size - len(info))] ^= 1 << r.randrange(8)
        elif kind == 6:
            block = bytearray(b"\0\1\0" + info + r.randbytes(size - len(info) - 3))
        return bytes(block)

    def test_rsa_pkcs1(self):
        """Signed the same; verified as it is or bent, and with other blocks under the signature."""
        r, signs, verifies, keys = self.inputs, [], [], self.rsa_keys()
        for k in keys[:max(20, COUNT // 10)]:                       # they take milliseconds
            signs.append(request(
                "rsa-pkcs1-sign", hash=r.choice([*HASHES]), modulus=k["n"], exponent=k["e"],
                p=k["p"], q=k["q"], dp=k["dP"], dq=k["dQ"], qinv=k["qInv"], message=r.message()))
        signed = list(zip(keys, signs, self.compare(signs, "BearSSL")))
        for k, sign, signature in itertools.islice(itertools.cycle(signed), COUNT):
            head = sign.replace("rsa-pkcs1-sign", "rsa-pkcs1-verify").split(" p=")[0]
            message = sign.rsplit("message=", 1)[1]
            if r.random() < 0.5:
                signature = self.rsa_power(k, self.pkcs1_block(
                    len(signature) // 2, sign.split("hash=")[1].split()[0], bytes.fromhex(message)))
            verifies.append("%s message=%s signature=%s" % (head, message, r.bent(signature)
                                                            if r.random() < 0.5 else signature))
        self.compare(verifies, "BearSSL", "OpenSSL")

    def pss_block(self, bits, name, message, salt):
        """EMSA-PSS (RFC 8017 §9.1) of `bits` bits, mostly with one mistake."""
        r, kind = self.inputs, self.inputs.randrange(10)

        def hashed(data):
            return hashlib.new(name.replace("-", ""), data).digest()
        h = hashed(bytes(8) + hashed(message) + salt)
        db_len = (bits + 7) // 8 - len(h) - 1
        db = bytearray(bytes(db_len - len(salt) - 1) + b"\1" + salt)
        if kind in (0, 1):
            db[r.randrange(db_len if kind == 0 else db_len - len(salt))] ^= 1 << r.randrange(8)
        elif kind == 2:
            db = db[1:] + r.randbytes(1)                              # the salt is longer by one
        mask = b"".join(hashed(h + i.to_bytes(4, "big")) for i in range(db_len // len(h) + 1))
        block = bytearray(x ^ y for x, y in zip(db, mask))
        if kind != 3:
            block[0] &= 0xff >> 8 * ((bits + 7) // 8) - bits
        block += h + (r.randbytes(1) if kind == 4 else b"\xbc")
        if kind == 5:
            block[r.randrange(len(block))] ^= 1 << r.randrange(8)
        return bytes(block)

    def test_rsa_pss(self):
        """Blocks made here, right or with one mistake, four times each: as they are and bent, with
        their salt's length or another."""
        r, verifies = self.inputs, []
        for k in self.rsa_keys()[:max(20, COUNT // 4)]:
            h, message = r.choice([*HASHES]), r.message()
            size = hashlib.new(h.replace("-", "")).digest_size
            salt = r.edge(r.choice((size, size, size, 0, 1, size - 1, size + 1)))
            signature = self.rsa_power(k, self.pss_block(
                int(k["n"], 16).bit_length() - 1, h, bytes.fromhex(message), salt))
            for salt_length in (len(salt), len(salt), r.choice((len(salt) + 1, size, 0)), len(salt)):
                verifies.append(request(
                    "rsa-pss-verify", hash=h, mgf_hash=h, modulus=k["n"], exponent=k["e"],
                    message=message, salt_length=salt_length, signature=signature))
                signature = r.bent(signature)
        self.compare(verifies, "OpenSSL")


def tearDownModule():
    for reason, count in sorted(EXPLAINED.items()):
        print("%d explained: %s" % (count, reason))


if __name__ == "__main__":
    sys.exit(unittest.main())
