"""tests/interop/test_mail_servers.py - `sealpost send` submits to other people's mail servers.

Postfix runs as a private instance (own configuration, queue and data folders, loopback only) with
users in a sasldb and delivery into Maildirs; aiosmtpd runs in this process, over Python's ssl
module. Each test is one server, one transport, one way to log in and one message, which has to
arrive byte for byte below that server's trace fields; then what a server may refuse, each with
the exit status (sysexits.h) and the words that a user sees.
"""
import asyncio
import logging
import os
import pwd
import re
import signal
import ssl
import subprocess
import threading
import unittest

from mail_peers import (MECHANISMS, MESSAGES, MailTest, PASSWORD, RECIPIENT, SENDER, TRANSPORTS,
                        every_combination, on_the_wire)
from peers import DEADLINE, Program, free_port, listening, needs, until

try:
    from aiosmtpd.smtp import SMTP as AiosmtpdSession, AuthResult
except ImportError:
    AiosmtpdSession = None
logging.getLogger("mail.log").setLevel(logging.ERROR)       # aiosmtpd's, which warns of itself

OK, DATA_ERROR, NO_USER, UNAVAILABLE, TEMPORARY, PROTOCOL, PERMISSION = 0, 65, 67, 69, 75, 76, 77
NOBODY = pwd.getpwnam("nobody")
SECOND, LATER, UNKNOWN = "carol@example.org", "later@example.org", "nobody@example.org"


class ServerTest(MailTest):
    def assertEnds(self, got, status, *words):
        """What `sealpost` returned: its exit status, and that each of the words was said."""
        self.assertEqual(got[0], status, got[1])
        for word in words:
            self.assertIn(word, got[1])


# ---- Postfix ----

MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.com
mydestination =
mynetworks =
local_recipient_maps =
local_header_rewrite_clients =
alias_maps =
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_error_sleep_time = 0
notify_classes =
in_flow_delay = 0
message_size_limit = 12000000

virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_limit = 0
virtual_mailbox_maps = inline:{{ {{ bob@example.org = bob/ }}, {{ carol@example.org = carol/ }} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}

smtpd_tls_chain_files = {key}, {certificate}
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = mx.example.com
smtpd_sasl_authenticated_header = yes
cyrus_sasl_config_path = {folder}/etc/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ later@example.org = 450 4.2.0 come back later }} }}
smtpd_sender_restrictions =
    check_sender_access inline:{{ {{ mallory@example.org = REJECT not from you }} }}
header_checks = regexp:{folder}/header_checks
"""
MASTER_CF = """
rewrite   unix  -  -  n  -    -  trivial-rewrite
cleanup   unix  n  -  n  -    0  cleanup
qmgr      unix  n  -  n  300  1  qmgr
tlsmgr    unix  -  -  n  300  1  tlsmgr
bounce    unix  -  -  n  -    0  bounce
defer     unix  -  -  n  -    0  bounce
trace     unix  -  -  n  -    0  bounce
retry     unix  -  -  n  -    -  error
error     unix  -  -  n  -    -  error
proxymap  unix  -  -  n  -    -  proxymap
anvil     unix  -  -  n  -    1  anvil
virtual   unix  -  n  n  -    -  virtual
postlog   unix-dgram n - n  -  1  postlogd
"""
LISTENER = """127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode={wrapped}
  -o smtpd_sasl_mechanism_filter={mechanism}
  -o smtpd_tls_mandatory_protocols={versions}
"""
OLD = "old"                                     # in place of a mechanism: TLS 1.2 and no more
SASL_CONF = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {folder}/etc/sasl/users
"""
POSTFIX_TRACE = re.compile(
    rb"Return-Path: <alice@example\.org>\n(?:X-Original-To: [^\n]+\n)?Delivered-To: [^\n]+\n"
    rb"(?P<received>Received: [^\n]+\n(?:[ \t][^\n]*\n)+)")


class Postfix(Program):
    """A private instance: master in the foreground, with its daemons in a session of their own."""

    def __init__(self, folder, certificate, key):
        self.folder = folder
        self.port = {(t, m): free_port() for t in TRANSPORTS for m in MECHANISMS + (OLD,)}
        os.chmod(folder, 0o711)                 # its daemons are not root
        for name in ("etc", "etc/sasl", "data", "queue", "mail"):
            os.mkdir(os.path.join(folder, name), 0o755)
        os.chown(os.path.join(folder, "mail"), NOBODY.pw_uid, NOBODY.pw_gid)
        os.chown(os.path.join(folder, "data"), pwd.getpwnam("postfix").pw_uid, -1)
        self.configure(certificate, key)
        self.add_user("alice")
        etc = os.path.join(folder, "etc")
        subprocess.run(["postfix", "-c", etc, "check"], check=True, capture_output=True,
                       timeout=DEADLINE)
        daemons = subprocess.run(["postconf", "-c", etc, "-h", "daemon_directory"], check=True,
                                 capture_output=True, timeout=DEADLINE).stdout.decode().strip()
        super().__init__(["setsid", os.path.join(daemons, "master"), "-d", "-c", etc])
        for port in self.port.values():
            until(lambda: listening(port), lambda: "Postfix listens\n" + self.log)

    def configure(self, certificate, key):
        listeners = "".join(LISTENER.format(
            port=port, wrapped="yes" if transport == "implicit" else "no", mechanism=mechanism,
            versions="<=TLSv1.2" if mechanism == OLD else ">=TLSv1.3")
            for (transport, mechanism), port in self.port.items())
        texts = {
            "etc/main.cf": MAIN_CF, "etc/master.cf": MASTER_CF + listeners,
            "etc/sasl/smtpd.conf": SASL_CONF,
            "header_checks": "/^Subject: spam$/ REJECT no spam here\n",
        }
        for name, text in texts.items():
            with open(os.path.join(self.folder, name), "w") as f:
                f.write(text.format(folder=self.folder, certificate=certificate, key=key,
                                    uid=NOBODY.pw_uid, gid=NOBODY.pw_gid))

    def add_user(self, name):
        users = os.path.join(self.folder, "etc", "sasl", "users")
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", users, "-u", "mx.example.com", name],
                       input=PASSWORD.encode(), check=True, capture_output=True, timeout=DEADLINE)
        os.chown(users, pwd.getpwnam("postfix").pw_uid, -1)

    @property
    def log(self):
        try:
            with open(os.path.join(self.folder, "maillog")) as f:
                return self.said + f.read()
        except FileNotFoundError:
            return self.said

    def mailbox(self, user):
        new = os.path.join(self.folder, "mail", user, "new")
        return [os.path.join(new, name) for name in os.listdir(new)] if os.path.isdir(new) else []

    def take(self, user):
        """The one message in a mailbox, once it is there."""
        until(lambda: self.mailbox(user),
              lambda: "Postfix delivers to %s\n%s" % (user, self.log))
        (path,) = self.mailbox(user)
        with open(path, "rb") as f:
            message = f.read()
        os.remove(path)
        return message

    def stop(self):
        """The whole session: every daemon that master started is in it."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(DEADLINE)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                pass
        super().stop()


@needs("postfix", "saslpasswd2", "setsid")
@unittest.skipUnless(os.geteuid() == 0, "Postfix has to be started by root")
@every_combination
class ToPostfix(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = Postfix(cls.folder, cls.path("p256.crt"), cls.path("p256.key"))
        cls.addClassCleanup(cls.server.stop)

    def send(self, message="one_kilobyte.lf", *recipients, transport="starttls", mechanism="plain",
             **more):
        return self.sealpost(self.server.port[transport, mechanism], transport, message,
                             *recipients, **more)

    def assertTaken(self, user, wanted):
        arrived = self.server.take(user)
        trace = POSTFIX_TRACE.match(arrived)
        self.assertIsNotNone(trace, arrived[:1000])
        self.assertSame(arrived[trace.end():], wanted)
        self.assertIn(b"using TLSv1.3 ", trace["received"])
        self.assertIn(b"(Authenticated sender: alice", trace["received"])

    def deliver(self, transport, mechanism, name):
        self.assertEnds(self.send(name + ".lf", transport=transport, mechanism=mechanism,
                                  options=["--facts"]),
                        OK, "version=TLSv1.3", "auth=" + mechanism.upper())
        self.assertTaken("bob", MESSAGES[name])

    def test_two_recipients(self):
        self.assertEnds(self.send("leading_dots.crlf", RECIPIENT, SECOND), OK)
        for user in ("bob", "carol"):
            self.assertTaken(user, MESSAGES["leading_dots"])

    def test_refused_recipient(self):
        """All or nothing: the one that would have been taken gets nothing either."""
        self.assertEnds(self.send("one_kilobyte.lf", RECIPIENT, UNKNOWN), NO_USER, UNKNOWN, "550")
        self.assertEqual(self.server.mailbox("bob"), [])

    def test_recipient_later(self):
        self.assertEnds(self.send("one_kilobyte.lf", LATER), TEMPORARY, LATER, "come back later")

    def test_refused_sender(self):
        """Postfix says it in its reply to RCPT (smtpd_delay_reject)."""
        self.assertEnds(self.send(sender="mallory@example.org"), UNAVAILABLE, "not from you")

    def test_refused_content(self):
        self.write("spam", MESSAGES["one_kilobyte"].replace(b"Subject: a message between peers",
                                                            b"Subject: spam"))
        self.assertEnds(self.send("spam"), UNAVAILABLE, "refused the message", "no spam here")

    def test_larger_than_its_size_limit(self):
        """The client knows it from EHLO, and sends no byte of it."""
        self.write("large", MESSAGES["ten_megabytes"] + MESSAGES["ten_megabytes"][-2000000:])
        self.assertEnds(self.send("large"), DATA_ERROR, "larger than the server takes")

    def test_wrong_password(self):
        wrong = self.write("wrong", "guess\n")
        for mechanism in MECHANISMS:
            got = self.send(mechanism=mechanism, user=None,
                            options=["--user", "alice", "--password-file", wrong])
            self.assertEnds(got, PERMISSION, "user name or password refused", "535")

    def test_tls_1_2_at_most(self):
        for transport in TRANSPORTS:
            got = self.send(transport=transport, mechanism=OLD)
            self.assertEnds(got, PROTOCOL, "protocol_version")

    def test_without_login(self):
        self.assertEnds(self.send(user=None), UNAVAILABLE, "554")


# ---- aiosmtpd ----

class Inbox:
    """aiosmtpd's handler: keeps what arrives, and answers by the address that is named."""

    REPLIES = {                                 # to RCPT
        UNKNOWN: "550 5.1.1 no such user here",
        LATER: "450 4.2.0 come back later",
        "plain550@example.org": "550 we do not know each other",
        "policy@example.org": "550 5.7.1 not for you",
        "full@example.org": "452 4.2.2 mailbox full",
    }
    SENDERS = {                                 # to MAIL
        "mallory@example.org": "550 5.7.1 not from you",
        "slow@example.org": "451 4.7.1 greylisted",
        "blocked@example.org": "550 5.1.0 bad sender",
    }

    def __init__(self):
        self.messages = []                      # of Envelope
        self.final = "250 2.0.0 taken"
        self.closes = False                     # after the final dot, with what `final` says

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address in self.SENDERS:
            return self.SENDERS[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.REPLIES:
            return self.REPLIES[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient"

    async def handle_DATA(self, server, session, envelope):
        self.messages.append(envelope)
        if self.closes:
            if self.final:
                await server.push(self.final)
            server.transport.close()
        return self.final


class Aiosmtpd:
    """A listener in a thread of its own; `options` are those of aiosmtpd.smtp.SMTP."""

    def __init__(self, certificate, key, transport, mechanism="plain", **options):
        self.inbox = Inbox()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.implicit = transport == "implicit"
        self.options = {
            "hostname": "mx.example.com", "decode_data": False, "timeout": DEADLINE,
            "auth_required": True, "authenticator": self.authenticate,
            "auth_exclude_mechanism": [m.upper() for m in MECHANISMS if m != mechanism], **options}
        if self.implicit:                       # TLS is to aiosmtpd what STARTTLS began
            self.options.update(auth_required=False, auth_require_tls=False)
        else:
            self.options.update(tls_context=self.context, require_starttls=True)
        self.logins = []                        # their mechanisms
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(self.loop.create_server(
            self.session, "127.0.0.1", 0, ssl=self.context if self.implicit else None))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def session(self):
        return AiosmtpdSession(self.inbox, loop=self.loop, **self.options)

    def authenticate(self, server, session, envelope, mechanism, given):
        good = given.login == b"alice" and given.password == PASSWORD.encode()
        if good:
            self.logins.append(mechanism)
        return AuthResult(success=good, handled=False)

    async def finish(self):
        self.server.close()
        sessions = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in sessions:
            task.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await asyncio.sleep(0)
        self.loop.stop()

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.finish(), self.loop)
        self.thread.join(DEADLINE)
        self.loop.close()


@unittest.skipUnless(AiosmtpdSession, "not installed: aiosmtpd (python3-aiosmtpd)")
@every_combination
class ToAiosmtpd(ServerTest):
    def serve(self, transport="starttls", mechanism="plain", **options):
        server = Aiosmtpd(self.path("p256.crt"), self.path("p256.key"), transport, mechanism,
                          **options)
        self.addCleanup(server.stop)
        return server

    def send(self, server, message="one_kilobyte.lf", *recipients, **more):
        return self.sealpost(server.port, "implicit" if server.implicit else "starttls", message,
                             *recipients, **more)

    def assertTaken(self, server, name, *recipients):
        (envelope,) = server.inbox.messages
        self.assertEqual(envelope.mail_from, SENDER)
        self.assertEqual(envelope.rcpt_tos, list(recipients or (RECIPIENT,)))
        self.assertSame(envelope.original_content, on_the_wire(MESSAGES[name]))
        return envelope

    def deliver(self, transport, mechanism, name):
        server = self.serve(transport, mechanism)
        self.assertEnds(self.send(server, name + ".lf", options=["--facts"]), OK,
                        "version=TLSv1.3", "auth=" + mechanism.upper())
        envelope = self.assertTaken(server, name)
        self.assertEqual(server.logins, [mechanism.upper()])
        size = "SIZE=%d" % len(on_the_wire(MESSAGES[name]))
        body = ["BODY=8BITMIME"] if name == "eight_bit" else []
        self.assertEqual(envelope.mail_options, [size] + body)

    # ---- who gets it ----

    def test_many_recipients(self):
        server = self.serve()
        everybody = ["user%d@example.org" % i for i in range(100)]
        self.assertEnds(self.send(server, "one_kilobyte.lf", *everybody), OK)
        self.assertTaken(server, "one_kilobyte", *everybody)

    def test_null_sender(self):
        server = self.serve()
        self.assertEnds(self.send(server, sender=""), OK)
        self.assertEqual(server.inbox.messages[0].mail_from, "<>")

    def test_message_from_standard_input(self):
        server = self.serve()
        self.assertEnds(self.send(server, None, data=MESSAGES["leading_dots"]), OK)
        self.assertTaken(server, "leading_dots")

    def test_message_with_crlf_from_standard_input(self):
        server = self.serve()
        self.assertEnds(self.send(server, None, data=on_the_wire(MESSAGES["leading_dots"])), OK)
        self.assertTaken(server, "leading_dots")

    def refuses_recipients(self, status, words, *recipients):
        """Nothing arrives, for the others neither."""
        server = self.serve()
        self.assertEnds(self.send(server, "one_kilobyte.lf", *recipients), status, *words)
        self.assertEqual(server.inbox.messages, [])

    def test_refused_recipient(self):
        self.refuses_recipients(NO_USER, [UNKNOWN, "550", "no such user here"], UNKNOWN)

    def test_refused_recipient_among_others(self):
        self.refuses_recipients(NO_USER, [UNKNOWN], RECIPIENT, UNKNOWN, SECOND)

    def test_refused_recipient_without_enhanced_code(self):
        self.refuses_recipients(NO_USER, ["plain550@example.org"], "plain550@example.org")

    def test_recipient_refused_by_policy(self):
        self.refuses_recipients(UNAVAILABLE, ["not for you"], "policy@example.org")

    def test_recipient_later(self):
        self.refuses_recipients(TEMPORARY, [LATER, "come back later"], RECIPIENT, LATER)

    def test_recipient_over_quota(self):
        self.refuses_recipients(TEMPORARY, ["mailbox full"], "full@example.org")

    def test_permanent_refusal_weighs_more_than_a_temporary_one(self):
        self.refuses_recipients(NO_USER, [LATER, UNKNOWN], LATER, UNKNOWN)

    # ---- who sends it ----

    def refuses_sender(self, status, sender, words):
        server = self.serve()
        self.assertEnds(self.send(server, sender=sender), status, words)
        self.assertEqual(server.inbox.messages, [])

    def test_sender_refused_by_policy(self):
        self.refuses_sender(PERMISSION, "mallory@example.org", "not from you")

    def test_sender_refused(self):
        self.refuses_sender(UNAVAILABLE, "blocked@example.org", "bad sender")

    def test_sender_later(self):
        self.refuses_sender(TEMPORARY, "slow@example.org", "greylisted")

    def test_wrong_password(self):
        wrong = self.write("wrong", "guess\n")
        for mechanism in MECHANISMS:
            server = self.serve(mechanism=mechanism)
            self.assertEnds(self.send(server, user=None, options=[
                "--user", "alice", "--password-file", wrong]), PERMISSION, "535")

    def test_no_mechanism_of_ours(self):
        server = self.serve(auth_exclude_mechanism=["PLAIN", "LOGIN"])
        self.assertEnds(self.send(server), UNAVAILABLE, "AUTH")

    def test_login_missing(self):
        self.assertEnds(self.send(self.serve(), user=None), PERMISSION, "530")

    # ---- the message ----

    def test_larger_than_its_size_limit(self):
        server = self.serve(data_size_limit=1023)
        self.assertEnds(self.send(server), DATA_ERROR, "larger than the server takes")
        self.assertEqual(server.inbox.messages, [])

    def test_exactly_its_size_limit(self):
        server = self.serve(data_size_limit=1024)
        self.assertEnds(self.send(server), OK)
        self.assertTaken(server, "one_kilobyte")

    def answers_the_message(self, final, status, *words, closes=False):
        server = self.serve()
        server.inbox.final, server.inbox.closes = final, closes
        self.assertEnds(self.send(server), status, *words)

    def test_content_refused(self):
        self.answers_the_message("554 5.6.0 malformed", DATA_ERROR, "malformed")

    def test_size_refused_after_all(self):
        self.answers_the_message("552 5.3.4 too big after all", DATA_ERROR, "too big after all")

    def test_message_refused_by_policy(self):
        self.answers_the_message("554 5.7.1 no spam here", UNAVAILABLE, "no spam here")

    def test_message_later(self):
        self.answers_the_message("452 4.3.1 disk full", TEMPORARY, "disk full")

    def test_closes_after_its_answer(self):
        """The message was taken; that nobody answers QUIT changes nothing."""
        self.answers_the_message("250 2.0.0 taken", OK, closes=True)

    def test_closes_after_a_refusal(self):
        self.answers_the_message("554 5.6.0 malformed", DATA_ERROR, "malformed", closes=True)

    def test_closes_instead_of_an_answer(self):
        """Nobody knows whether it was taken, and the user is told that."""
        self.answers_the_message("", TEMPORARY, "may or may not have been delivered", closes=True)


del ServerTest                                  # has no tests of its own


if __name__ == "__main__":
    unittest.main()
