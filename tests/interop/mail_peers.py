"""tests/interop/mail_peers.py - what the mail tests share: the messages, and our server.

A message is kept in the form that it has in a file, with LF at its line ends; on the wire each is
CRLF. What arrives is compared byte for byte, below the fields that the receiving server puts on
top.
"""
import os
import re
import subprocess

from peers import BUILD, DEADLINE, InteropTest, Program

SEALPOST = os.path.join(BUILD, "smtp", "sealpost")
SEALPOSTD = os.path.join(BUILD, "smtp", "sealpostd")
PASSWORD = "correct horse, battery"
SENDER = "alice@example.org"
RECIPIENT = "bob@example.org"
HOSTNAME = "mail.example.org"
TRANSPORTS = ("starttls", "implicit")
MECHANISMS = ("plain", "login")

# Everything that some client or server would add if it were missing.
HEADER = (b"From: Alice <alice@example.org>\n"
          b"To: Bob <bob@example.org>\n"
          b"Subject: a message between peers\n"
          b"Date: Sun, 22 Nov 2026 01:28:05 +0000\n"
          b"Message-ID: <interop@example.org>\n")


def on_the_wire(message):
    return message.replace(b"\n", b"\r\n")


def filled(size):
    """A message of `size` octets on the wire: lines of many lengths, none of which repeats soon."""
    pieces = [HEADER + b"\n"]
    left = size - len(on_the_wire(pieces[0]))
    number = 0
    while left > 0:
        line = (b"%08d " % number + b"The quick brown fox jumps. " * 3)[:10 + number * 7 % 69]
        if left < len(line) + 2 + 4:                # the last line takes what is left
            line = (line + b"x" * 80)[:left - 2]
        pieces.append(line + b"\n")
        left -= len(line) + 2
        number += 1
    return b"".join(pieces)


def eight_bit():
    """UTF-8, and every byte from 128 to 255 on its own, which is no UTF-8."""
    lines = ["Grüße, Ελλάδα, 日本, 🦭".encode(), bytes(range(0x80, 0x100)), bytes([0xff]) * 60,
             b"a no-break space at the end\xa0"]
    return (HEADER + b"MIME-Version: 1.0\nContent-Type: application/octet-stream\n"
            b"Content-Transfer-Encoding: 8bit\n\n" + b"\n".join(lines) + b"\n")


def long_lines():
    """The longest lines that RFC 5322 §2.1.1 allows, in the header and in the body; those
    that begin with a dot have 999 octets on the wire."""
    header = b"X-Long: " + b"h" * 990 + b"\n"
    body = [b"b" * 998, b"", b"." + b"d" * 997, b"." * 998, b" " * 997 + b"e"]
    return HEADER + header + b"\n" + b"\n".join(body) + b"\n"


def leading_dots():
    """RFC 5321 §4.5.2, with a dot on its own as first, middle and last line of the body."""
    return HEADER + b"\n" + b"\n".join(
        [b".", b"..", b"...", b".x", b"..x", b"x.", b"", b".", b"", b". ", b".\t.", b"."]) + b"\n"


MESSAGES = {
    "one_kilobyte":  filled(1024),
    "ten_megabytes": filled(10 * 1024 * 1024),
    "eight_bit":     eight_bit(),
    "long_lines":    long_lines(),
    "leading_dots":  leading_dots(),
    "header_only":   HEADER,                        # not even the empty line behind it
}
assert len(on_the_wire(MESSAGES["one_kilobyte"])) == 1024
assert len(on_the_wire(MESSAGES["ten_megabytes"])) == 10 * 1024 * 1024

# The fields of ours: smtp/mail_io.c writes Return-Path and Delivered-To, smtp/message.c Received.
OUR_TRACE = re.compile(
    rb"Return-Path: <(?P<sender>[^\n>]*)>\n"
    rb"Delivered-To: (?P<recipient>[^\n]+)\n"
    rb"Received: (?:from (?P<name>[^\s]+)\n\t)?"
    rb"by mail\.example\.org \(sealpost\) with (?P<with>\w+)\n"
    rb"\tid (?P<id>[0-9A-Z]{26})\n"
    rb"(?:\tfor <(?P<for>[^\n>]+)>\n)?"
    rb"\ttls TLS_[A-Z0-9_]+ group (?:x25519|secp256r1) \(TLSv1\.3 ecdsa_secp256r1_sha256\);\n"
    rb"\t(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000\n")


def difference(got, wanted):
    """Where two messages part, in words short enough for ten megabytes; None if they are equal."""
    if got == wanted:
        return None
    at = len(os.path.commonprefix([got, wanted]))
    return "%d bytes arrived, %d were sent; they part at byte %d: %r arrived, %r was sent" % (
        len(got), len(wanted), at, got[at:at + 60], wanted[at:at + 60])


class Sealpostd(Program):
    """Our server in a folder of its own, with users alice and bob and a listener of each kind."""

    def __init__(self, folder, certificate, key):
        self.mail = os.path.join(folder, "mail")
        os.mkdir(self.mail)
        users = os.path.join(folder, "users")
        for user in ("alice", "bob"):
            subprocess.run([SEALPOSTD, "user", "add", users, user], check=True, timeout=DEADLINE,
                           input=PASSWORD.encode() + b"\n", capture_output=True)
        config = os.path.join(folder, "sealpostd.conf")
        with open(config, "w") as f:
            f.write("hostname %s\ndomain example.org\ntls cert %s key %s\n"
                    "listen submission 127.0.0.1:0\nlisten submissions 127.0.0.1:0\n"
                    "users %s\ndeliver maildir %s/%%u\nlimit connections-per-minute 100000\n"
                    % (HOSTNAME, certificate, key, users, self.mail))
        super().__init__([SEALPOSTD, "--config", config])
        self.port = {transport: int(self.waits_for(
            r"listen listener=%s ip=127\.0\.0\.1 port=(\d+)\n" % listener).group(1))
            for transport, listener in (("starttls", "submission"), ("implicit", "submissions"))}

    def finish(self):
        """Ends in order: nothing was left undone, and a sanitizer has nothing to say."""
        try:
            self.process.terminate()
            if self.ends() != 0:
                raise AssertionError("sealpostd ended with status %d\n%s" % (
                    self.process.returncode, self.said))
        finally:
            self.stop()

    def take(self, user):
        """The one message in a mailbox, which is empty after that."""
        new = os.path.join(self.mail, user, "new")
        names = os.listdir(new)
        if len(names) != 1:
            raise AssertionError("%d messages in %s\n%s" % (len(names), new, self.said))
        with open(os.path.join(new, names[0]), "rb") as f:
            message = f.read()
        os.remove(os.path.join(new, names[0]))
        return message


class MailTest(InteropTest):
    """Has every message as a file, with LF and with CRLF, and a password in one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, message in MESSAGES.items():
            for form, data in ((".lf", message), (".crlf", on_the_wire(message))):
                with open(cls.path(name + form), "wb") as f:
                    f.write(data)
        with open(os.open(cls.path("password"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
            f.write(PASSWORD + "\n")

    def sealpost(self, port, transport, message, *recipients, user="alice", sender=SENDER,
                 options=(), data=None):
        """sealpost send, to its end: exit status, and what it said. The message is a file of the
        folder, or else `data` on standard input."""
        login = ["--user", user, "--password-file", self.path("password")] if user else []
        file = ["--file", self.path(message)] if message else []
        program = self.start(
            SEALPOST, "send", "--server", "localhost:%d" % port, "--tls", transport,
            "--ca", self.ca, "--from", sender, *file, *login, *options,
            *(recipients or (RECIPIENT,)))
        if data is not None:
            program.process.stdin.write(data)   # less than a pipe holds
            program.end_input()
        return program.ends(), program.said

    def assertSame(self, got, wanted):
        self.assertIsNone(difference(got, wanted))


def every_combination(test_class):
    """Gives the class a named test per transport, mechanism and message, which calls its deliver
    with the three."""
    for transport in TRANSPORTS:
        for mechanism in MECHANISMS:
            for name in MESSAGES:
                def test(self, choice=(transport, mechanism, name)):
                    self.deliver(*choice)
                test.__name__ = "test_%s_%s_%s" % (transport, mechanism, name)
                setattr(test_class, test.__name__, test)
    return test_class
