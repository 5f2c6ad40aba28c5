"""tests/interop/test_mail_clients.py - other people's mail clients submit to sealpostd.

Each test is one client, one transport (STARTTLS on a submission listener, implicit TLS on a
submissions listener), one way to log in and one message; the message has to be in the Maildir byte
for byte below our trace fields. A client's tests share a server, which ends in order after them.
"""
import shlex
import smtplib
import ssl
import unittest

from mail_peers import (DEADLINE, MESSAGES, MailTest, OUR_TRACE, PASSWORD, RECIPIENT, SENDER,
                        Sealpostd, every_combination, on_the_wire)
from peers import needs, until

CLIENT_NAME = "client.example.net"


class ClientTest(MailTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Sealpostd(cls.folder, cls.path("p256.crt"), cls.path("p256.key"))
        cls.addClassCleanup(cls.server.finish)

    def submit(self, transport, mechanism, name):
        raise NotImplementedError

    def expected(self, name):
        """The message as this client sends it."""
        return MESSAGES[name]

    def run_client(self, *arguments):
        program = self.start(*arguments)
        self.assertEqual(program.ends(), 0, program.said + self.server.said)

    def deliver(self, transport, mechanism, name):
        logged = len(self.server.said)
        self.submit(transport, mechanism, name)
        arrived = self.server.take("bob")
        trace = OUR_TRACE.match(arrived)
        self.assertIsNotNone(trace, arrived[:1000])
        self.assertEqual((trace["sender"], trace["recipient"], trace["for"], trace["with"]),
                         (SENDER.encode(), RECIPIENT.encode(), RECIPIENT.encode(), b"ESMTPSA"))
        self.assertEqual(trace["name"], CLIENT_NAME.encode())
        self.assertSame(arrived[trace.end():], self.expected(name))
        login = "result=ok mech=%s user=alice" % mechanism.upper()
        until(lambda: login in self.server.said[logged:], "the server logs: " + login)


@needs("swaks")
@every_combination
class Swaks(ClientTest):
    TLS = {"starttls": "--tls", "implicit": "--tlsc"}

    def expected(self, name):
        """swaks ends every header with an empty line."""
        return MESSAGES[name] + (b"\n" if name == "header_only" else b"")

    def submit(self, transport, mechanism, name):
        """Of its data swaks wants the final dot, and takes any last line that is one for it. Of a
        name with two addresses it tries one only."""
        data = self.write("swaks-data", self.expected(name) + b".")
        self.run_client(
            "swaks", "--silent", "2", "--server", "127.0.0.1:%d" % self.server.port[transport],
            self.TLS[transport], "--tls-verify", "--tls-ca-path", self.ca, "--ehlo", CLIENT_NAME,
            "--auth", mechanism.upper(), "--auth-user", "alice", "--auth-password", PASSWORD,
            "--from", SENDER, "--to", RECIPIENT, "--data", "@" + data)


@needs("curl")
@every_combination
class Curl(ClientTest):
    SCHEME = {"starttls": "smtp", "implicit": "smtps"}

    def submit(self, transport, mechanism, name):
        """curl takes the line ends of its file as they are."""
        self.run_client(
            "curl", "--silent", "--show-error", "--disable", "--ssl-reqd", "--tlsv1.3",
            "--cacert", self.ca, "--url", "%s://localhost:%d/%s" % (
                self.SCHEME[transport], self.server.port[transport], CLIENT_NAME),
            "--user", "alice:" + PASSWORD, "--login-options", "AUTH=" + mechanism.upper(),
            "--mail-from", SENDER, "--mail-rcpt", RECIPIENT,
            "--upload-file", self.path(name + ".crlf"))


@needs("msmtp")
@every_combination
class Msmtp(ClientTest):
    def submit(self, transport, mechanism, name):
        config = self.write("msmtprc", "\n".join([
            "account interop", "host localhost", "port %d" % self.server.port[transport],
            "tls on", "tls_starttls " + ("on" if transport == "starttls" else "off"),
            "tls_trust_file " + self.ca, "domain " + CLIENT_NAME, "from " + SENDER,
            "auth " + mechanism, "user alice",
            "passwordeval cat " + shlex.quote(self.path("password")), ""]))
        self.run_client("sh", "-c", "exec msmtp --file=%s --account=interop %s < %s" % (
            config, RECIPIENT, self.path(name + ".lf")))


@every_combination
class Smtplib(ClientTest):
    def session(self, transport, context):
        port = self.server.port[transport]
        if transport == "implicit":
            return smtplib.SMTP_SSL("localhost", port, CLIENT_NAME, timeout=DEADLINE,
                                    context=context)
        smtp = smtplib.SMTP("localhost", port, CLIENT_NAME, timeout=DEADLINE)
        smtp.starttls(context=context)
        return smtp

    def submit(self, transport, mechanism, name):
        context = ssl.create_default_context(cafile=self.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        with self.session(transport, context) as smtp:
            smtp.ehlo_or_helo_if_needed()
            smtp.user, smtp.password = "alice", PASSWORD
            smtp.auth(mechanism.upper(), getattr(smtp, "auth_" + mechanism))
            refused = smtp.sendmail(SENDER, [RECIPIENT], on_the_wire(MESSAGES[name]))
            self.assertEqual(refused, {})


del ClientTest                                  # has no tests of its own


if __name__ == "__main__":
    unittest.main()
