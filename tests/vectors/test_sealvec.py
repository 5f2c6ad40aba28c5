"""tests/vectors/test_sealvec.py - the harness itself, and through it every subject there is.

The committed vectors (vectors/) are always run. The large public sets are run where
$SEALPOST_VECTORS (by default ../shared/vectors) has them; where it has not, that is said and is no
failure. Adapters are compiled here, in a folder that is removed again.
"""
import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get("O", "build"))
SEALVEC = os.path.join(BUILD, "vectors", "sealvec")
INTEROP = os.path.join(TOP, "tests", "interop")
COMMITTED = os.path.join(TOP, "vectors")
SHARED = os.environ.get("SEALPOST_VECTORS", os.path.join(TOP, "..", "shared", "vectors"))
EXAMPLE = "%s -B %s" % (sys.executable, os.path.join(INTEROP, "adapter_example.py"))
AES_BACK_ENDS = ("portable", "aesni", "vaes256", "vaes512", "armv8")
CHACHA_BACK_ENDS = ("libsodium", "avx2")


def sealvec(*arguments, **options):
    return subprocess.run([SEALVEC, *arguments], capture_output=True, text=True, timeout=300,
                          check=False, **options)


def shared(*names):
    """Paths below the large sets; none, after saying so, if they are not there."""
    paths = [os.path.join(SHARED, name) for name in names]
    if not os.path.isdir(SHARED):
        print("skipped: no large vector sets at %s ($SEALPOST_VECTORS)" % SHARED)
        return []
    return paths


class Harness(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="latin-1") as f:
                f.write(text)
        return path

    def script(self, body):
        """A command that speaks, or mis-speaks, the line protocol."""
        return "%s -B %s" % (sys.executable, self.path("subject.py", body))

    def report(self, *arguments, status=0):
        """The JSON report of a run that ends with that status."""
        done = sealvec("run", "--format", "json", *arguments)
        report = json.loads(done.stdout)
        bad = ["%s: %s" % (f["path"], c) for f in report["files"]
               for c in f["not_passed"] if c["outcome"] == "failed"]
        bad += [f["path"] + ": " + f["error"] for f in report["files"] if f["error"]]
        self.assertEqual(done.returncode, status, "\n".join(b[:1000] for b in bad[:9]))
        outcomes = ("passed", "failed", "skipped", "excluded")
        for part in [report, *report["files"]]:
            self.assertEqual(part["cases"], sum(part[o] for o in outcomes), part.get("path"))
        self.assertEqual(report["cases"], sum(f["cases"] for f in report["files"]))
        return report

    def all_pass(self, *arguments, least=1):
        report = self.report(*arguments)
        self.assertEqual((report["failed"], report["errors"]), (0, 0))
        self.assertGreaterEqual(report["passed"], least)
        return report


class Subjects(Harness):
    """Each subject over what it offers; what it does not is skipped with a reason."""

    def adapter(self, name, header, *libraries):
        if not os.path.exists(header):
            self.skipTest("not installed: " + header)
        program = self.path("adapter")
        subprocess.run(
            ["gcc", "-std=c11", "-D_GNU_SOURCE", "-I" + TOP, "-O2", "-Wall", "-Wextra",
             "-Wconversion", "-Werror", "-o", program,
             os.path.join(INTEROP, "adapter_%s.c" % name), *libraries], check=True, timeout=120)
        return program

    def test_ours(self):
        self.all_pass(COMMITTED, least=640)

    def test_ours_over_the_large_sets(self):
        paths = shared("")
        if paths:
            report = self.all_pass(*paths, least=16700)
            for f in report["files"]:
                self.assertGreater(f["cases"], 0, f["path"])

    def each_back_end(self, names, *paths):
        """All that it reaches, by each implementation that this processor can run."""
        ran = []
        for name in names:
            done = sealvec("run", "--subject", "ours:" + name, *paths)
            if done.returncode == 2 and "no back end" in done.stderr:
                print("skipped: ours:%s: %s" % (name, done.stderr.strip()))
                continue
            self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
            self.assertIn("ours:" + name, done.stdout)
            ran.append(name)
        self.assertIn(names[0], ran)

    def test_each_aes_back_end(self):
        self.each_back_end(
            AES_BACK_ENDS, os.path.join(COMMITTED, "nist"), os.path.join(COMMITTED, "rfc"),
            *shared("nist/aes_gcm", "wycheproof/aes_gcm_test.json", "rfc/rfc8448_traces.json"))

    def test_each_chacha_back_end(self):
        self.each_back_end(
            CHACHA_BACK_ENDS, os.path.join(COMMITTED, "rfc", "chacha20_poly1305.txt"),
            os.path.join(COMMITTED, "wycheproof"),
            *shared("wycheproof/chacha20_poly1305_test.json"))

    def test_two_back_ends_do_not_differ(self):
        self.all_pass("--diff", "ours:portable", "ours", os.path.join(COMMITTED, "nist"))

    def test_libsodium(self):
        self.all_pass("--subject", "libsodium", COMMITTED, least=30)
        paths = shared("wycheproof", "rfc")
        if paths:
            self.all_pass("--subject", "libsodium", *paths, least=1400)

    def test_bearssl(self):
        adapter = self.adapter("bearssl", "/usr/include/bearssl.h", "-lbearssl")
        ledger = ("--exclude", os.path.join(INTEROP, "bearssl.exclude"))
        self.all_pass("--subject", adapter, *ledger, COMMITTED, least=300)
        paths = shared("wycheproof", "rfc", "nist/aes_gcm", "nist/ecdh", "nist/rsa",
                       "nist/sha2/SHA512LongMsg.rsp")
        if paths:
            report = self.all_pass("--subject", adapter, *ledger, *paths, least=15000)
            self.assertEqual(report["excluded"], 12)

    def test_openssl(self):
        adapter = self.adapter("openssl", "/usr/include/openssl/evp.h", "-lcrypto")
        ledger = ("--exclude", os.path.join(INTEROP, "openssl.exclude"))
        self.all_pass("--subject", adapter, self.path("CBCMCT128.rsp", (   # NIST's first record
            "# AESVS MCT test data for CBC\n\n[ENCRYPT]\n\nCOUNT = 0\n"
            "KEY = 8809e7dd3a959ee5d8dbb13f501f2274\nIV = e5c0bb535d7d54572ad06d170a0e58ae\n"
            "PLAINTEXT = 1fd4ee65603e6130cfc2a82ab3d56c24\n"
            "CIPHERTEXT = b127a5b4c4692d87483db0c3b0d11e64\n")))
        self.all_pass("--subject", adapter, *ledger, *(os.path.join(COMMITTED, d) for d in (
            "nist", "openssl", "rfc", "wycheproof")), least=450)
        paths = shared("wycheproof", "rfc", "nist/aes_gcm", "nist/ecdh", "nist/ecdsa/PKV.rsp",
                       "nist/aes_ecb", "nist/rsa", "nist/sha3/SHAKE256VariableOut.rsp")
        if paths:
            report = self.all_pass("--subject", adapter, *ledger, *paths, least=25000)
            self.assertEqual(report["excluded"], 2)

    def test_example_in_python(self):
        self.all_pass("--subject", EXAMPLE, COMMITTED, least=40)
        paths = shared("wycheproof/hmac_sha384_test.json", "nist/sha2/SHA256ShortMsg.rsp")
        if paths:
            self.all_pass("--subject", EXAMPLE, *paths, least=239)

    def test_nothing_passes_with_one_bit_altered(self):
        report = self.all_pass("--self-test", COMMITTED, least=300)
        self.assertEqual(report["mode"], "self-test")
        paths = shared("wycheproof", "rfc", "limbo", "nist/ecdsa", "nist/rsa", "nist/aes_gcm",
                       "nist/ecdh")
        if paths:
            self.all_pass("--self-test", *paths, least=4000)


GOOD = {
    "algorithm": "HMACSHA256", "schema": "mac_test_schema_v1.json", "numberOfTests": 2,
    "testGroups": [{"type": "MacTest", "keySize": 32, "tagSize": 128, "tests": [
        {"tcId": 1, "comment": "cut to half", "flags": ["Half"], "key": "4a656665",
         "msg": "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "tag": "5bdcc146bf60754e6a042426089575c7", "result": "valid"},
        {"tcId": 2, "comment": "<&\"#> another", "flags": [], "key": "4a656665", "msg": "00",
         "tag": "5bdcc146bf60754e6a042426089575c7", "result": "invalid"}]}],
}


def changed(*path_and_value):
    """GOOD with one member replaced, or removed where the value is None."""
    *path, last, value = path_and_value
    copy = json.loads(json.dumps(GOOD))
    at = copy
    for step in path:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return json.dumps(copy)


CASE = ("testGroups", 0, "tests", 0)


class Files(Harness):
    """A file that is not what it says is an error that names file and place."""

    def assertError(self, name, text, *words):
        path = self.path(name, text)
        done = sealvec("run", path)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for word in (path, *words):
            self.assertIn(word, done.stdout)

    def test_good_one(self):
        report = self.all_pass(self.path("good.json", json.dumps(GOOD)))
        self.assertEqual(report["passed"], 2)

    def test_count(self):
        self.assertError("few.json", changed("numberOfTests", 3), "has 3 cases and has 2")
        self.assertError("many.json", changed("numberOfTests", 1), "says that it has 1")
        self.assertError("less.json", changed("numberOfTests", -1), "numberOfTests", "negative")
        self.assertError("twin.json", changed("testGroups", 0, "tests", 1, "tcId", 1),
                         "more than one case is called 1")
        self.assertError("none.json", changed("testGroups", []), "no case")
        self.assertError("empty.json", '{"testcases": []}', "no case")
        self.assertError("empty.rsp", "", "no case")
        self.assertError("comment.rsp", "# nothing\n[L = 32]\n", "no case")

    def test_json_that_is_none(self):
        self.assertError("cut.json", json.dumps(GOOD)[:200], "line 1, column")
        self.assertError("twice.json", '{"testGroups": [], "testGroups": []}', "duplicate")
        self.assertError("bytes.json", '{"testGroups": "\xff"}', "line 1, column")
        self.assertError("deep.json", "{\"a\":" * 5000, "line 1, column")
        self.assertError("mark.json", "\xef\xbb\xbf" + json.dumps(GOOD), "line 1, column")
        self.assertError("prose.json", "no vectors here", "line 1, column")

    def test_members(self):
        at = "testGroups[0].tests[0]"
        for name in ("key", "msg", "tag", "result", "tcId"):
            member = "%s.%s: " % (at, name)
            self.assertError("gone.json", changed(*CASE, name, None), member + "is missing")
            self.assertError("type.json", changed(*CASE, name, []), member + "is not")
        self.assertError("hex.json", changed(*CASE, "key", "4a6"), at + ".key", "hex")
        self.assertError("hex.json", changed(*CASE, "key", "zz"), at + ".key", "hex")
        self.assertError("word.json", changed(*CASE, "result", "perhaps"), at)
        self.assertError("groups.json", changed("testGroups", 3), "testGroups: is not a list")
        self.assertError("group.json", changed("testGroups", 0, "tests", None),
                         "testGroups[0].tests: is missing")
        self.assertError("object.json", changed("testGroups", [7]), "testGroups[0]")

    def test_response_files(self):
        self.assertError("SHA256a.rsp", "Len = 8\nMsg = 0\nMD = zz\n", "line 3", "MD", "hex")
        self.assertError("SHA256b.rsp", "Len = 80\nMsg = 00\nMD = 00\n", "Len")
        self.assertError("SHA256c.rsp", "Len = x\nMsg = 00\nMD = 00\n", "Len", "number")
        self.assertError("prose.rsp", "Msg = 00\n\nno vectors here\nnor here\n", "line 4", "NAME")
        self.assertError("binary", "Len = 8\nMsg = 00\nMD = 00\n\0", "of no known kind")
        self.assertError("many.rsp", "".join("a%d = 1\n" % i for i in range(100)), "line 49")
        self.assertError("PKV.rsp", "[P-256]\nQx = 1\nQy = 2\nResult = Q\n", "neither P nor F")

    def test_certificates(self):
        case = {"id": "a", "expected_result": "SUCCESS", "validation_kind": "SERVER",
                "peer_certificate": "no pem", "trusted_certs": [], "untrusted_intermediates": []}
        self.assertError("pem.json", json.dumps({"testcases": [case]}), "testcases[0]", "PEM")
        case["expected_result"] = "MAYBE"
        self.assertError("result.json", json.dumps({"testcases": [case]}), "expected_result")

    def test_unknown(self):
        self.assertError("letter.json", '{"dear": "reader"}', "of no known kind")
        done = sealvec("run", self.path("missing.json"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("No such file", done.stdout)
        os.mkdir(self.path("hollow"))
        done = sealvec("run", self.path("hollow"))
        self.assertEqual(done.returncode, 2)
        self.path("hollow/letter.txt", "Dear reader,\n")
        done = sealvec("run", self.path("hollow"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("a folder without a file of vectors", done.stdout)

    def test_what_is_no_regular_file(self):
        os.mkfifo(self.path("pipe.json"))
        for path in (self.path("pipe.json"), "/dev/zero"):
            done = sealvec("run", path)
            self.assertEqual(done.returncode, 2)
            self.assertIn("no regular file", done.stdout)

    def test_a_folder_that_links_to_itself(self):
        self.path("good.json", json.dumps(GOOD))
        os.mkdir(self.path("below"))
        os.symlink("..", self.path("below/above"))
        self.assertEqual(len(self.all_pass(self.folder)["files"]), 1)

    def test_unsupported_is_skipped_by_name(self):
        report = self.report(self.path("type.json", changed("testGroups", 0, "type", "FpeStrTest")))
        self.assertEqual(report["skipped"], 2)
        self.assertIn("group type FpeStrTest", report["files"][0]["not_passed"][0]["reason"])
        report = self.report(self.path("hash.json", changed("algorithm", "HMACWHIRLPOOL")))
        self.assertIn("WHIRLPOOL", report["files"][0]["not_passed"][0]["reason"])
        report = self.report(self.path("odd.rsp", "Colour = 00\n"))
        self.assertIn("Colour", report["files"][0]["not_passed"][0]["reason"])

    def test_a_tag_that_is_cut_is_sealed(self):
        """NIST's gcmEncryptExtIV128.rsp, [Taglen = 96], its first record."""
        record = "Key = b01e45cc3088aaba9fa43d81d481823f\nIV = 5a2c4a66468713456a4bd5e1\n" \
                 "PT = \nAAD = \nCT = \nTag = 014280f944f53c681164b2f%s\n"
        report = self.report(self.path("gcmEncryptExtIV128.rsp", record % "f"))
        self.assertEqual(report["passed"], 1)
        self.report(self.path("gcmEncryptExtIV256.rsp", record % "e"), status=1)
        report = self.report(self.path("gcmDecrypt128.rsp", record % "f"))
        self.assertIn("tag of other than 128 bits", report["files"][0]["not_passed"][0]["reason"])

    def reasons(self, *arguments):
        return [c["reason"] for f in self.report(*arguments)["files"] for c in f["not_passed"]]

    def test_an_algorithm_is_not_taken_for_another(self):
        """What has another one's name in its own, or was made from another one's vectors."""
        aead = "Key = %s\nIV = %s\nAAD =\nCT =\nPT =\nTag = %s\n" % (
            "00" * 16, "00" * 12, "11" * 16)
        block = "KEY = %s\nPLAINTEXT = %s\nCIPHERTEXT = %s\n" % (("00" * 16,) * 3)
        for name, text, reason in (
                ("aes-128-gcm-siv.txt", aead, "aead AES-GCM-SIV"),
                ("rfc8998.rsp", "# SM4 GCM\n" + aead, "aead SM4-GCM"),
                ("rfc7253.rsp", "# AES\nNonce = 00\nAAD =\n" + block,
                 "authenticated encryption other than with key, nonce and tag"),
                ("cast5-ofb.txt", "# from the AESVS data for CBC\n[DECRYPT]\nIV = 00\n" + block,
                 "cipher CAST5-OFB with a key of 16 bytes"),
                ("AESCFB1.rsp", "IV = 00\n" + block, "CFB1, whose text is single bits"),
                ("OFBMCT.rsp", "# AES\nIV = 00\n" + block, "Monte Carlo test in OFB mode"),
                ("XYZ.rsp", "# AES\nIV = 00\n" + block,
                 "a block cipher or mode that the file does not name")):
            self.assertEqual(self.reasons(self.path(name, text)), [reason])

    def test_a_record_ends_where_its_first_name_comes_again(self):
        one = ("Len = 8\nMsg = 00\n"
               "MD = 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d\n")
        self.assertEqual(self.all_pass(self.path("SHA256.rsp", 3 * one))["cases"], 3)
        report = self.report(self.path("SHA256bad.rsp", one.replace("MD = 6e", "MD = 6f") + one),
                             status=1)
        self.assertEqual((report["passed"], report["failed"]), (1, 1))

    def test_monte_carlo_of_a_block_cipher(self):
        """The first record of NIST's ECBMCT128.rsp."""
        self.all_pass(self.path("ECBMCT128.rsp", (
            "# AESVS MCT test data for ECB\n\n[ENCRYPT]\n\nCOUNT = 0\n"
            "KEY = 139a35422f1d61de3c91787fe0507afd\n"
            "PLAINTEXT = b9145a768b7dc489a096b546f43b231f\n"
            "CIPHERTEXT = d7c3ffac9031238650901e157364c386\n")))

    def test_known_answers_of_ml_kem(self):
        """As its authors' program prints them, with our own answers to the same."""
        seed, m = bytes(range(64)).hex(), "5a" * 32

        def ask(operation, line):
            return sealvec("serve", "ours", input="mlkem-%s algorithm=ML-KEM-768 %s\n" % (
                operation, line)).stdout.split()
        (pk,) = ask("keygen", "seed=" + seed)
        ct, ss = ask("encaps", "public=%s random=%s" % (pk, m))
        (ss_n,) = ask("decaps", "seed=%s ciphertext=%s" % (seed, "00" + ct[2:]))
        record = ("count = 0\nz = %s\nd = %s\nmsg = %s\nseed = 00\npk = %s\nsk = 00\nct_n = %s\n"
                  "ss_n = %s\nct = %s\nss = %%s\n" % (seed[64:], seed[:64], m, pk, "00" + ct[2:],
                                                      ss_n, ct))
        report = self.report(self.path("kat_MLKEM_768.rsp", record % ss + record % ss_n), status=1)
        self.assertEqual((report["passed"], report["failed"]), (1, 1))
        self.assertEqual(self.reasons(self.path("kat_MLKEM_512.rsp", record % ss)), ["ML-KEM-512"])

    def wycheproof(self, algorithm, kind, result="valid", **case):
        case = {"tcId": 1, "result": result, **case}
        group = {"type": kind, "curve": "curve448", "tests": [case]}
        return self.path("one.json", json.dumps(
            {"algorithm": algorithm, "numberOfTests": 1, "testGroups": [group]}))

    def test_asked_in_another_way(self):
        """GMAC as GCM; CBC without its padding; PBES2 by its parts. By vectors of Wycheproof."""
        gmac = {"key": "98b08a72ffde0ded4bec9d2a8db57235", "iv": "1595248735310eb710519c2b",
                "msg": "", "tag": "5118cc71501c8273a43662b981191750"}
        self.all_pass(self.wycheproof("AES-GMAC", "MacWithIvTest", **gmac))
        self.all_pass("--self-test", self.wycheproof("AES-GMAC", "MacWithIvTest", **gmac))
        self.assertEqual(self.reasons(self.wycheproof("VMAC-AES", "MacWithIvTest", **gmac)),
                         ["operation mac"])
        cbc = {"key": "e34f15c7bd819930fe9d66e0c166e61c", "iv": "da9520f7d3520277035173299388bee2",
               "msg": "", "ct": "b10ab60153276941361000414aed0a9d"}
        self.all_pass(self.wycheproof("AES-CBC-PKCS5", "IndCpaTest", **cbc))
        self.all_pass("--self-test", self.wycheproof("AES-CBC-PKCS5", "IndCpaTest", **cbc))
        self.assertEqual(
            self.reasons(self.wycheproof("AES-CBC-PKCS5", "IndCpaTest", "invalid", **cbc)),
            ["cipher AES-CBC-PKCS5 with a key of 16 bytes"])
        pbe = {"password": "7743656734722c30", "salt": "fcd9a324f025ef40", "iterationCount": 4096,
               "iv": "42f02ff71b8524d1678ab2e34f9e7d47", "msg": "",
               "ct": "ea457d8dccf91c46949b4a6d07ace4e0"}
        self.all_pass(self.wycheproof("PbeWithHmacSha256AndAes_128", "PbeTest", **pbe))
        by_sha1 = self.wycheproof("PbeWithHmacSha1AndAes_128", "PbeTest", **pbe)
        self.assertEqual(self.reasons(by_sha1), ["hash SHA-1"])

    def test_x448_keys_are_read_as_x25519_ones_are(self):
        der = {"private": "3046020100300506032b656f043a0438" + "04" * 56,
               "public": "3042300506032b656f033900" + "05" * 56, "shared": "00" * 56}
        self.assertEqual(self.reasons(self.wycheproof("XDH", "XdhAsnComp", **der)), ["curve X448"])

    def test_keys_in_other_forms(self):
        """X25519 with the base point, 1 G on P-256, as DER, PEM and JWK; and what is none."""
        private = bytes(range(32))
        public = (9).to_bytes(32, "little")
        shared = sealvec("serve", "libsodium", input="xdh-public curve=X25519 private=%s\n"
                         % private.hex()).stdout.strip()
        x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"

        def pem(label, der):
            lines = re.findall(".{1,64}", base64.b64encode(der).decode())
            return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, "\n".join(lines), label)

        def b64(data):
            return base64.urlsafe_b64encode(data).decode().rstrip("=")

        spki = bytes.fromhex("302a300506032b656e032100") + public
        pkcs8 = bytes.fromhex("302e020100300506032b656e04220420") + private
        ec_spki = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200 04" + x + y)
        ec_pkcs8 = bytes.fromhex("3041020100301306072a8648ce3d020106082a8648ce3d0301070427"
                                 "3025020101 0420" + "00" * 31 + "01")
        ec, okp = {"kty": "EC", "crv": "P-256"}, {"kty": "OKP", "crv": "X25519"}
        kinds = (
            ("XdhAsnComp", "curve25519", pkcs8.hex(), spki.hex(), shared),
            ("XdhPemComp", "curve25519", pem("PRIVATE KEY", pkcs8), pem("PUBLIC KEY", spki),
             shared),
            ("XdhJwkComp", "curve25519", {**okp, "d": b64(private)}, {**okp, "x": b64(public)},
             shared),
            ("EcdhPemTest", "secp256r1", pem("PRIVATE KEY", ec_pkcs8),
             pem("PUBLIC KEY", ec_spki), x),
            ("EcdhWebcryptoTest", "P-256", {**ec, "d": b64(bytes(31) + b"\1")},
             {**ec, "x": b64(bytes.fromhex(x)), "y": b64(bytes.fromhex(y))}, x),
        )
        for kind, curve, mine, theirs, result in kinds:
            case = {"tcId": 1, "private": mine, "public": theirs, "shared": result,
                    "result": "valid"}
            group = {"type": kind, "curve": curve, "tests": [case]}
            root = {"algorithm": "XDH", "numberOfTests": 1, "testGroups": [group]}
            self.all_pass(self.path("key.json", json.dumps(root)))
            case["public"] = {} if isinstance(theirs, dict) else ""
            report = self.report(self.path("key.json", json.dumps(root)))
            self.assertEqual(report["skipped"], 1, kind)

    def test_a_folder_passes_over_what_is_no_vector_file(self):
        self.path("good.json", json.dumps(GOOD))
        self.path("letter.txt", "Dear reader,\n")
        self.path("README.md", "= =\n")
        self.assertEqual(len(self.all_pass(self.folder)["files"]), 1)


class Reports(Harness):

    def setUp(self):
        super().setUp()
        self.good = self.path("good.json", json.dumps(GOOD))
        wrong = changed(*CASE, "tag", "00dcc146bf60754e6a042426089575c7")
        self.wrong = self.path("wrong.json", wrong)

    def test_table(self):
        done = sealvec("run", self.wrong)
        self.assertEqual(done.returncode, 1)
        for text in ("FAILED %s: 1, cut to half: value 1 differs at byte 0" % self.wrong,
                     "request   hmac hash=SHA-256 key=4a656665 message=77",
                     "answer    5bdc", "expected  00dc",
                     "1 files, 2 cases: 1 passed, 1 failed, 0 skipped, 0 excluded"):
            self.assertIn(text, done.stdout)

    def test_tap(self):
        done = sealvec("run", "--format", "tap", self.good, self.wrong)
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], "TAP version 13")
        self.assertEqual(lines[1], "1..4")
        points = [l for l in lines if not l.startswith(("#", "1..", "TAP"))]
        for number, line in enumerate(points, 1):
            self.assertRegex(line, r"^(not )?ok %d - [^#]*$" % number)
        self.assertEqual([l.startswith("ok") for l in points], [True, True, False, True])

    def test_tap_counts_a_file_in_error(self):
        done = sealvec("run", "--format", "tap", self.path("bad.json", "{"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("1..1\n", done.stdout)
        self.assertIn("not ok 1 - ", done.stdout)

    def test_junit(self):
        out = self.path("report.xml")
        done = sealvec("run", "--format", "junit", "--output", out, self.good, self.wrong,
                       self.path("bad.json", "{"))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        root = xml.etree.ElementTree.parse(out).getroot()
        self.assertEqual({k: root.get(k) for k in ("tests", "failures", "errors", "skipped")},
                         {"tests": "5", "failures": "1", "errors": "1", "skipped": "0"})
        for suite in root:
            self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
        self.assertIn("differs", root.find("testsuite/testcase/failure").get("message"))

    def test_skipped_and_excluded_in_each(self):
        skips = self.path("skips.json", changed("algorithm", "HMACSHA1"))
        ledger = self.path("ledger", "# why\nwrong.json Half the tag is from elsewhere\n")
        arguments = ("--exclude", ledger, skips, self.wrong)
        report = self.report(*arguments)
        self.assertEqual([report[k] for k in ("passed", "failed", "skipped", "excluded")],
                         [1, 0, 2, 1])
        tap = sealvec("run", "--format", "tap", *arguments).stdout
        self.assertIn("# SKIP hash SHA-1", tap)
        self.assertIn("# SKIP excluded: the tag is from elsewhere", tap)
        junit = sealvec("run", "--format", "junit", *arguments).stdout
        self.assertEqual(len(xml.etree.ElementTree.fromstring(junit).findall(".//skipped")), 3)
        table = sealvec("run", *arguments).stdout
        self.assertIn("      2  hash SHA-1\n", table)
        self.assertIn("      1  the tag is from elsewhere\n", table)

    def test_one_case_alone(self):
        self.assertEqual(self.report("--case", "2", self.wrong)["cases"], 1)
        done = sealvec("run", "--case", "3", self.wrong)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no case has this in its id: 3", done.stderr)

    def test_self_test_notices_a_harness_that_does_not(self):
        """A subject that says yes to everything is caught."""
        yes = self.script("for line in __import__('sys').stdin: print('valid', flush=True)\n")
        curve = os.path.join(COMMITTED, "rfc", "ed25519.txt")
        report = self.report("--self-test", "--subject", yes, curve, status=1)
        self.assertIn("passes as valid", report["files"][0]["not_passed"][0]["reason"])

    def test_usage(self):
        for arguments in ((), ("fly",), ("run",), ("run", "--format", "pdf", self.good),
                          ("run", "--policy", "lax", self.good),
                          ("run", "--timeout", "0", self.good),
                          ("run", "--wings", self.good), ("run", "--diff", "ours", "libsodium"),
                          ("run", "--diff", "--self-test", "ours", "libsodium", self.good),
                          ("run", "--exclude", self.path("nowhere"), self.good),
                          ("run", "--exclude", self.path("short", "one two\n"), self.good),
                          ("run", "--output", "/nowhere/report", self.good),
                          ("run", "--subject", "ours:abacus", self.good),
                          ("serve",), ("serve", "abacus")):
            done = sealvec(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("sealvec", done.stderr)
        self.assertEqual(sealvec("--help").returncode, 0)


class Protocol(Harness):

    def setUp(self):
        super().setUp()
        self.good = self.path("good.json", json.dumps(GOOD))

    def test_serving(self):
        done = sealvec("serve", "ours", input=(
            "hash algorithm=SHA-256 message=616263\n"
            "hmac hash=SHA-256 key= message=\n"
            "ecdsa-verify curve=P-256 hash=SHA-256 format=der public=04 message= signature=30\r\n"
            "fly\n\nhash algorithm=SHA-256 message=6\nhash algorithm\nhkdf hash=SHA-256 ikm= salt= "
            "info= length=8161\nhkdf hash=SHA-256 ikm= salt= info= length=0\n"))
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout.splitlines(), [
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
            "invalid", "unsupported operation fly", "unsupported request: an empty line",
            "unsupported request: message: not a value of its kind",
            "unsupported request: no '=' in algorithm", "invalid", ""])

    def test_a_served_subject_is_the_same_as_a_built_in_one(self):
        report = self.all_pass("--diff", "%s serve ours" % SEALVEC, "ours",
                               os.path.join(COMMITTED, "rfc"), os.path.join(COMMITTED, "x509"))
        self.assertEqual(report["mode"], "diff")

    def test_the_page_tells_the_truth(self):
        """docs/sealvec.md: its session, and that it lists every operation there is."""
        with open(os.path.join(TOP, "docs", "sealvec.md"), encoding="utf-8") as f:
            page = f.read()
        typed, said = [], []
        for line in page.split("$ build/vectors/sealvec serve ours\n", 1)[1].splitlines():
            if not line.startswith("    "):
                break
            (typed if line.startswith("    $ ") else said).append(line[4:].removeprefix("$ "))
        done = sealvec("serve", "ours", input="".join(l + "\n" for l in typed))
        self.assertEqual(done.stdout.splitlines(), said)
        self.assertEqual(len(said), 5)
        for name in ("subject_ours.c", "subject_libsodium.c"):
            with open(os.path.join(COMMITTED, name), encoding="utf-8") as f:
                for operation in re.findall(r'^    \{ "([a-z0-9-]+)", +on_', f.read(), re.M):
                    self.assertIn("`%s`" % operation, page)

    def test_difference(self):
        liar = self.script("for line in __import__('sys').stdin: print('00' * 32, flush=True)\n")
        report = self.report("--diff", liar, "ours", self.good, status=1)
        self.assertEqual(report["failed"], 2)
        detail = report["files"][0]["not_passed"][0]["detail"]
        self.assertIn("request   hmac", detail)
        self.assertIn("ours  5bdc", detail)

    def test_a_subject_that_dies_fails_one_case_and_is_started_again(self):
        dies = self.script("import sys, hmac\n"
                           "for line in sys.stdin:\n"
                           "    p = dict(x.split('=') for x in line.split()[1:])\n"
                           "    if p['message'] == '00': sys.exit(9)\n"
                           "    key, m = (bytes.fromhex(p[x]) for x in ('key', 'message'))\n"
                           "    print(hmac.new(key, m, 'sha256').hexdigest(), flush=True)\n")
        report = self.report("--subject", dies, self.good, self.good, status=1)
        self.assertEqual((report["passed"], report["failed"]), (2, 2))
        self.assertIn("exit status 9", report["files"][0]["not_passed"][0]["reason"])

    def test_a_subject_that_is_not_there_ends_the_run(self):
        report = self.report("--subject", "/nowhere/adapter", COMMITTED, status=2)
        self.assertLess(report["cases"], 10)
        self.assertIn("exit status 127", report["files"][0]["error"])

    def test_a_subject_that_hangs(self):
        hangs = self.script("__import__('time').sleep(60)\n")
        report = self.report("--subject", hangs, "--timeout", "1", self.good, status=1)
        self.assertIn("no answer in 1 seconds", report["files"][0]["not_passed"][0]["reason"])

    def test_a_subject_that_hangs_ends_with_sealvec(self):
        """The pipe has an end when nobody holds its other one."""
        hangs = self.script("import sys, time\nprint('here', file=sys.stderr, flush=True)\n"
                            "time.sleep(60)\n")
        with subprocess.Popen([SEALVEC, "run", "--subject", hangs, self.good], text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
            self.assertEqual(run.stderr.readline(), "here\n")
            run.send_signal(signal.SIGINT)
            run.communicate(timeout=20)
            self.assertEqual(run.returncode, -signal.SIGINT)

    def test_nonsense(self):
        for answer in ("hello", "0", "00 11 22", "valid\\nvalid", "VALID", "Unsupported", "\\0"):
            says = self.script("for line in __import__('sys').stdin: print('%s', flush=True)\n"
                               % answer)
            report = self.report("--subject", says, self.good, status=1)
            self.assertGreaterEqual(report["failed"], 1, answer)

    def test_nonsense_is_given_up(self):
        """An answer that is none counts as a subject that is lost, like an exit."""
        says = self.script("for line in __import__('sys').stdin: print('hello', flush=True)\n")
        report = self.report("--subject", says, COMMITTED, status=2)
        self.assertLess(report["cases"], 6)
        self.assertIn("answered \"hello\"", report["files"][0]["error"])

    def test_what_is_said_unasked_is_no_answer(self):
        """A second line must not be taken for the answer to the next request. The other subject
        answers when that line is there."""
        mark = self.path("spoken")
        talks = ("import os, sys, time\n"
                 "for line in sys.stdin:\n"
                 "    print('00' * 32, flush=True)\n"
                 "    time.sleep(0.1)\n"
                 "    print('00' * 32, flush=True)\n"
                 "    open(%r, 'w').close()\n" % mark)
        waits = ("import os, sys, time\n"
                 "for line in sys.stdin:\n"
                 "    while not os.path.exists(%r): time.sleep(0.05)\n"
                 "    print('00' * 32, flush=True)\n" % mark)
        subjects = ["%s -B %s" % (sys.executable, self.path(name, body))
                    for name, body in (("talks.py", talks), ("waits.py", waits))]
        report = self.report("--diff", *subjects, self.good, status=1)
        self.assertEqual((report["passed"], report["failed"]), (1, 1))
        self.assertIn("speaks without being asked", report["files"][0]["not_passed"][0]["detail"])

    def test_a_command_is_one_for_the_shell(self):
        adapter = "cd / && TRIED=1 %s" % EXAMPLE
        self.all_pass("--subject", adapter, self.good)
        hangs = self.script("__import__('time').sleep(60)\n")
        report = self.report("--subject", "true; %s; true" % hangs, "--timeout", "1", "--case", "1",
                             self.good, status=1)
        self.assertIn("no answer in 1 seconds", report["files"][0]["not_passed"][0]["reason"])

    def test_a_subject_that_does_not_read(self):
        hangs = self.script("__import__('time').sleep(60)\n")
        long = self.path("long.json", changed(*CASE, "msg", "00" * 100000))
        report = self.report("--subject", hangs, "--timeout", "1", "--case", "1", long, status=1)
        self.assertIn("the request was not read in 1 seconds",
                      report["files"][0]["not_passed"][0]["reason"])
        mute = self.script("import os, time\nos.close(1)\ntime.sleep(60)\n")
        report = self.report("--subject", "exec " + mute, "--case", "1", self.good, status=1)
        self.assertIn("closed its input or output", report["files"][0]["not_passed"][0]["reason"])


if __name__ == "__main__":
    if not shutil.which("gcc"):
        sys.exit("gcc is needed")
    unittest.main()
