#!/usr/bin/python3
"""Makes vectors/rfc/rfc9258_importer.txt. RFC 9258 has no test vectors, so these follow its text and that
of RFC 8446 §7.1 with Python's hmac and hashlib alone; nothing of this project has a part in them.

usage: vectors/make_importer.py
"""
import hashlib
import hmac
import pathlib
import struct

HEAD = """\
# Imported PSKs, RFC 9258 sections 5.1 and 5.2: an external PSK (hash, identity, context, key) for a target hash
# gives ImportedIdentity and ipskx; binder_key is that of "imp binder", and binder the one over
# transcript_hash (RFC 8446 section 4.2.11.2). RFC 9258 has no vectors: computed from its text by
# vectors/make_importer.py in November 2026, with Python's hmac and hashlib.
"""
KDF = {"sha256": 1, "sha384": 2}                 # RFC 9258 §10


def extract(h, salt, ikm):
    return hmac.new(salt or bytes(hashlib.new(h).digest_size), ikm, h).digest()


def expand(h, prk, info, length):
    out, block = b"", b""
    for i in range(1, 256):
        block = hmac.new(prk, block + info + bytes([i]), h).digest()
        out += block
        if len(out) >= length:
            return out[:length]


def expand_label(h, secret, label, context, length):
    label = b"tls13 " + label
    info = struct.pack(">HB", length, len(label)) + label + bytes([len(context)]) + context
    return expand(h, secret, info, length)


def case(h, target, identity, context, key):
    size = hashlib.new(target).digest_size
    imported = struct.pack(">H", len(identity)) + identity + struct.pack(">H", len(context)) + context \
        + struct.pack(">HH", 0x0304, KDF[target])
    epskx = extract(h, b"", key)
    ipskx = expand_label(h, epskx, b"derived psk", hashlib.new(h, imported).digest(), size)
    early = extract(target, b"", ipskx)
    binder_key = expand_label(target, early, b"imp binder", hashlib.new(target, b"").digest(), size)
    transcript_hash = hashlib.new(target, b"ClientHello up to the binders").digest()
    finished_key = expand_label(target, binder_key, b"finished", b"", size)
    binder = hmac.new(finished_key, transcript_hash, target).digest()
    return [("hash", '"%s"' % h), ("target", '"%s"' % target), ("identity", identity.hex()),
            ("context", context.hex()), ("key", key.hex()), ("ImportedIdentity", imported.hex()),
            ("ipskx", ipskx.hex()), ("binder_key", binder_key.hex()),
            ("transcript_hash", transcript_hash.hex()), ("binder", binder.hex())]


def main():
    inputs = [(b"mailer", b"", bytes(range(32))), (b"mailer", b"client to server", bytes(range(32))),
              (b"x", b"\0", bytes(16)), (bytes(range(256))[1:], b"c" * 255, b"\xff" * 64),
              (b"long key", b"context", bytes(range(200)))]
    path = pathlib.Path(__file__).parent / "rfc" / "rfc9258_importer.txt"
    with open(path, "w", encoding="ascii") as out:
        out.write(HEAD)
        for h in KDF:
            for target in KDF:
                for identity, context, key in inputs:
                    out.write("\n" + "".join(("%s = %s" % field).rstrip() + "\n"
                                             for field in case(h, target, identity, context, key)))


if __name__ == "__main__":
    main()
