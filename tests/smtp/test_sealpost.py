"""tests/smtp/test_sealpost.py - the submission client as a program, against scripted servers.

The servers are Python's ssl module and a script; what reached them is what counts.
"""
import base64
import os
import re
import shutil
import socket
import subprocess
import time
import unittest

from harness import (Daemon, FakeServer, Folder, PASSWORD, SEALPOST, below_trace, run)

MESSAGE = 'From: a@example.org\nSubject: test\n\nhello\n'
DAEMONS = []


def daemon():
    if not DAEMONS:
        DAEMONS.append(Daemon())
    return DAEMONS[0]


def tearDownModule():
    while DAEMONS:
        DAEMONS.pop().stop()


def greet(s, more=''):
    """From the greeting to the reply to EHLO."""
    s.send('220 fake.test ESMTP\r\n')
    s.expect('EHLO', '250-fake.test\r\n%s250-SIZE 50000000\r\n250-8BITMIME\r\n250 PIPELINING\r\n'
             % more)


def secured(s):
    greet(s, '250-STARTTLS\r\n')
    s.expect('STARTTLS', '220 go\r\n')
    s.start_tls()
    s.expect('EHLO', '250-fake.test\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE 50000000\r\n'
             '250-8BITMIME\r\n250 PIPELINING\r\n')


def take_message(s, final='250 2.0.0 queued as FAKE\r\n'):
    s.expect('MAIL', '250 ok\r\n')
    s.expect('RCPT', '250 ok\r\n')
    s.expect('DATA', '354 go\r\n')
    s.taken = s.message()
    s.send(final)


class Case(unittest.TestCase):
    def send(self, port, *options, message=MESSAGE, to=('bob@example.org',), tls='starttls',
             ca=True, server='localhost', sender='a@example.org'):
        """Status and stderr; a hang is an error."""
        argv = [SEALPOST, 'send', '--server', '%s:%d' % (server, port), '--tls', tls,
                '--from', sender]
        argv += ['--ca', Folder.get().file('ca.crt')] if ca else []
        data = message if isinstance(message, bytes) else message.encode()
        status, _, err = run(*argv, *options, *to, input=data)
        return status, err

    def login(self):
        return ('--user', 'alice', '--password-file',
                Folder.get().file('password', PASSWORD + '\n'))

    def check(self, script, status, words='', *options, tls='starttls', certificate='server',
              **kwargs):
        """Runs the client against a script; it must end with `status` and say `words`."""
        s = FakeServer(script, tls == 'implicit', certificate)
        got, err = self.send(s.port, *options, tls=tls, **kwargs)
        s.thread.join(20)
        self.assertEqual(got, status, err)
        self.assertIn(words, err)
        return s


class CommandLine(Case):
    def test_usage(self):
        for argv in ([], ['fetch'], ['send'], ['send', '--nonsense'],
                     ['send', '--server', 'h', 'a@b.test'],
                     ['send', '--server', 'h', '--from', 'a@b.test'],
                     ['send', '--server', 'h:port', '--from', '', 'a@b.test'],
                     ['send', '--server', 'h:70000', '--from', '', 'a@b.test'],
                     ['send', '--server', '[::1', '--from', '', 'a@b.test'],
                     ['send', '--server', 'h', '--tls', 'maybe', '--from', '', 'a@b.test'],
                     ['send', '--server', 'h', '--from', '', '--user', 'x', 'a@b.test'],
                     ['send', '--server', 'h', '--from', '', '--password-file', 'x', 'a@b.test'],
                     ['send', '--server', 'h', '--from', '', '--timeout', '0', 'a@b.test'],
                     ['send', '--server', 'h', '--from', '', '--timeout', '4294967297', 'a@b.test'],
                     ['send', '--server', 'h', '--from', '', '--ca', '/x',
                      '--insecure-accept-any-certificate', 'a@b.test']):
            status, _, err = run(SEALPOST, *argv, stdin=subprocess.DEVNULL)
            self.assertEqual(status, 64, (argv, err))
            self.assertTrue(err)
        for argv in (['--help'], ['send', '--help']):
            status, out, _ = run(SEALPOST, *argv)
            self.assertEqual((status, out[:20]), (0, 'usage: sealpost send'))
        self.assertEqual(run(SEALPOST, 'send', '--nonsense')[2].splitlines(),
                         ["sealpost: unrecognized option '--nonsense'",
                          '`sealpost --help` shows the options'])
        self.assertRegex(run(SEALPOST, '--version')[1], r'^sealpost \d')

    def test_password_file_that_others_can_read(self):
        path = Folder.get().file('open-password', PASSWORD, 0o640)
        status, err = self.send(1, '--user', 'alice', '--password-file', path)
        self.assertEqual(status, 78)
        self.assertIn(path + ': mode 0640', err)

    def test_password_that_is_not_there(self):
        status, err = self.send(1, '--user', 'alice', '--password-file', '/nonexistent/pw')
        self.assertEqual((status, '/nonexistent/pw: No such file' in err), (78, True))
        status, err = self.send(1, '--user', 'a', '--password-file', Folder.get().file('e', ''))
        self.assertEqual((status, 'no password' in err), (78, True))
        status, err = self.send(1, '--user', 'alice', '--password-command', 'exit 3')
        self.assertEqual((status, 'status 3' in err), (78, True))

    def test_ca_and_pins_that_are_none(self):
        status, err = self.send(1, '--ca', '/nonexistent/ca', ca=False)
        self.assertEqual((status, '/nonexistent/ca' in err), (78, True))
        path = Folder.get().file('no-ca', 'hello\n')
        status, err = self.send(1, '--ca', path, ca=False)
        self.assertEqual((status, path in err), (78, True))
        self.assertEqual(self.send(1, '--pin', 'sha256/short', ca=False)[0], 78)

    def test_messages_that_cannot_be_sent(self):
        for message, words in ((b'', 'empty'), (b'a: b\n\nx\ry\n', 'CR'), (b'a: b\n\n\0\n', 'NUL'),
                               (b'a: b\n\n' + b'x' * 999 + b'\n', '998')):
            status, err = self.send(1, message=message)
            self.assertEqual(status, 65, err)
            self.assertIn(words, err)
        status, err = self.send(1, '--file', '/nonexistent/message')
        self.assertIn('/nonexistent/message: No such file', err)

    def test_s13_addresses_that_are_none(self):
        for to in ('x@y.test>\r\nRCPT TO:<evil@z.test', 'a b@c.test', 'nobody', '', '<a@b.test>',
                   'a@b.test\n'):
            self.assertEqual(self.send(1, to=(to,))[0], 65, to)
        status, err = self.send(1, sender='a\nb@c.test')
        self.assertEqual(status, 65)
        self.assertRegex(err, r'^sealpost: the sender is no mail address: a\Sb@c\.test\n$')

    def test_nobody_is_there(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            port = s.getsockname()[1]
        status, err = self.send(port)
        self.assertEqual(status, 75)
        self.assertRegex(err, r'^sealpost: localhost: port \d+ \([0-9.:]+\): Connection refused\n$')
        self.assertEqual(self.send(1, server='no-such-host.invalid')[0] in (68, 75), True)


class Dialogue(Case):
    def test_starttls(self):
        s = self.check(lambda s: (secured(s), take_message(s), s.expect('QUIT', '221 bye\r\n')), 0)
        s.join()
        self.assertEqual(s.taken, MESSAGE.replace('\n', '\r\n').encode())
        self.assertEqual([l.split()[0] for l in s.in_the_clear()], [b'EHLO', b'STARTTLS'])

    def test_implicit(self):
        s = self.check(lambda s: (greet(s), take_message(s), s.expect('QUIT', '221 bye\r\n')), 0,
                       tls='implicit')
        s.join()
        self.assertEqual(s.in_the_clear(), [])

    def test_dots_and_the_last_line(self):
        s = self.check(lambda s: (secured(s), take_message(s)), 0,
                       message='a: b\n\n.\n..x\n.y\r\nlast')
        self.assertEqual(s.taken, b'a: b\r\n\r\n..\r\n...x\r\n..y\r\nlast\r\n')

    def test_login_plain_and_password_command(self):
        def script(s):
            secured(s)
            s.expect('AUTH PLAIN', '235 ok\r\n')
            take_message(s)
        s = self.check(script, 0, '', '--user', 'alice', '--password-command',
                       "printf 'correct horse\\nmore\\n'")
        line = next(l for _, l in s.heard if l.startswith(b'AUTH'))
        self.assertEqual(base64.b64decode(line.split()[2]), b'\0alice\0' + PASSWORD.encode())

    def test_login_is_used_when_there_is_no_plain(self):
        def script(s):
            greet(s, '250-AUTH LOGIN\r\n')
            s.expect('AUTH LOGIN', '334 VXNlcm5hbWU6\r\n')
            s.expect('YWxpY2U=', '334 UGFzc3dvcmQ6\r\n')
            s.expect(base64.b64encode(PASSWORD.encode()).decode(), '235 ok\r\n')
            take_message(s)
        self.check(script, 0, '', *self.login(), tls='implicit')

    def test_wrong_password(self):
        def script(s):
            secured(s)
            s.expect('AUTH', '535 5.7.8 no\r\n')
            s.expect('QUIT', '221 bye\r\n')
        s = self.check(script, 77, 'refused', *self.login())
        self.assertNotIn(b'MAIL', b''.join(l for _, l in s.heard))

    def test_refused_recipient_and_sender(self):
        def recipient(s):
            secured(s)
            s.expect('MAIL', '250 ok\r\n')
            s.expect('RCPT', '550 5.1.1 who?\r\n')
        self.check(recipient, 67, 'bob@example.org')

        def later(s):
            secured(s)
            s.expect('MAIL', '451 4.3.0 later\r\n')
            s.expect('RCPT', '503 5.5.1 no\r\n')
        self.check(later, 75, '451')

    def test_recipients_without_end_do_not_block_both_sides(self):
        def script(s):                       # one thing at a time: it does not read while it writes
            greet(s)
            s.expect('MAIL', '250 ok\r\n')
            for _ in range(5000):
                s.expect('RCPT', '250 2.1.5 ' + 'y' * 480 + '\r\n')
            s.expect('DATA', '354 go\r\n')
            s.message()
            s.send('250 2.0.0 ok\r\n')
        to = ['%s%d@example.org' % ('x' * 40, i) for i in range(5000)]
        self.check(script, 0, '', '--timeout', '10', tls='implicit', to=to)

    def test_timeout_is_for_a_reply_not_for_a_byte(self):
        def script(s):
            s.send('220 ')
            for _ in range(20):
                time.sleep(0.4)
                s.send('x')
        s = FakeServer(script)
        began = time.monotonic()
        status, err = self.send(s.port, '--timeout', '1')
        self.assertEqual(status, 75, err)
        self.assertLess(time.monotonic() - began, 4)

    def test_final_replies(self):
        for final, status in (('452 4.3.1 full\r\n', 75), ('554 5.6.0 bad\r\n', 65),
                              ('550 5.7.1 no\r\n', 69)):
            self.check(lambda s: (secured(s), take_message(s, final)), status, final[:3])

    def test_connection_lost_after_the_dot_is_not_success(self):
        def script(s):
            secured(s)
            take_message(s, '')
        self.check(script, 75, 'may or may not')

    def test_s17_truncated_after_the_reply_is_still_success(self):
        self.check(lambda s: (secured(s), take_message(s)), 0)

    def test_server_that_breaks_off_in_the_message(self):
        def script(s):
            secured(s)
            s.expect('MAIL', '250 ok\r\n')
            s.expect('RCPT', '250 ok\r\n')
            s.expect('DATA', '354 go\r\n')
            s.connection.recv(1000)
            s.send('521 5.5.2 no more\r\n')
        big = 'a: b\n\n' + ('x' * 98 + '\n') * 100000
        s = FakeServer(script)
        status, err = self.send(s.port, message=big)
        self.assertIn(status, (69, 75), err)
        self.assertNotEqual(status, 0)

    def test_s11_replies_without_end(self):
        def script(s):
            s.send('220 ')
            for _ in range(2000):
                s.send('x' * 65536)
        s = FakeServer(script)
        began = time.monotonic()
        status, err = self.send(s.port)
        self.assertEqual(status, 76, err)
        self.assertLess(time.monotonic() - began, 5)

    def test_remote_text_is_made_printable(self):
        def script(s):
            secured(s)
            s.expect('MAIL', '550 5.7.1 \x1b[31mred\x07\r\n')
        _, err = self.send(FakeServer(script).port)
        self.assertNotIn('\x1b', err)
        self.assertNotIn('\x07', err)

    def test_timeout(self):
        began = time.monotonic()
        self.check(lambda s: time.sleep(3), 75, '--tls implicit', '--timeout', '1')
        self.assertLess(time.monotonic() - began, 8)


class Starttls(Case):
    def nothing_leaked(self, s):
        for line in s.in_the_clear():
            self.assertNotRegex(line, rb'(?i)AUTH|MAIL|RCPT|DATA')

    def test_s02_replies_behind_the_220(self):
        def script(s):
            greet(s, '250-STARTTLS\r\n')
            s.expect('STARTTLS', '220 go\r\n250-fake.test\r\n250 AUTH PLAIN\r\n')
            s.start_tls()
        s = self.check(script, 76, 'STARTTLS', *self.login())
        self.nothing_leaked(s)

    def test_s02_a_220_of_several_lines_is_legal(self):
        def script(s):
            greet(s, '250-STARTTLS\r\n')
            s.expect('STARTTLS', '220-go\r\n220 ahead\r\n')
            s.start_tls()
            greet_again = '250-fake.test\r\n250 PIPELINING\r\n'
            s.expect('EHLO', greet_again)
            take_message(s)
        self.check(script, 0)

    def test_s03_not_offered(self):
        s = self.check(lambda s: (greet(s), s.line()), 69, 'STARTTLS', *self.login())
        self.nothing_leaked(s)

    def test_s03_refused(self):
        for reply, statuses in (('454 4.7.0 not now', (75, 76)), ('502 5.5.1 what', (76,)),
                                ('354 go', (76,)), ('250 sure', (76,))):
            def script(s):
                greet(s, '250-STARTTLS\r\n')
                s.expect('STARTTLS', reply + '\r\n')
                s.line()
            s = FakeServer(script)
            status, err = self.send(s.port, *self.login())
            s.thread.join(20)
            self.assertIn(status, statuses, (reply, err))
            self.nothing_leaked(s)

    def test_s03_ehlo_refused(self):
        def script(s):
            s.send('220 fake.test\r\n')
            s.expect('EHLO', '502 5.5.1 no\r\n')
            s.line()
        s = self.check(script, 69, '', *self.login())
        self.nothing_leaked(s)
        self.assertNotIn(b'HELO', b' '.join(s.in_the_clear()).replace(b'EHLO', b''))

    def test_plaintext_on_a_tls_port(self):
        s = FakeServer(lambda s: (s.send('220 fake.test ESMTP\r\n'), time.sleep(0.5)))
        status, err = self.send(s.port, tls='implicit')
        self.assertEqual(status, 76, err)
        self.assertIn('speaks plaintext here: use --tls starttls', err)


def openssl_certificate(name, *request, start=None, end=None, extensions=()):
    """A certificate of the test CA with what `sealtls cert` would never make: by `openssl ca`."""
    f = Folder.get()
    day = lambda days: time.strftime('%Y%m%d%H%M%SZ', time.gmtime(time.time() + days * 86400))
    f.file('index.txt', '')
    f.file('serial', '%02x' % (4096 + len(os.listdir(f.path))))
    extra = '\n'.join(extensions or ('keyUsage=digitalSignature', 'extendedKeyUsage=serverAuth'))
    config = f.file('openssl.cnf', """[ca]
default_ca=d
[d]
database=%s
serial=%s
new_certs_dir=%s
default_md=sha256
policy=p
unique_subject=no
[p]
commonName=supplied
[x]
basicConstraints=CA:FALSE
subjectAltName=DNS:localhost
%s
""" % (f.file('index.txt'), f.file('serial'), f.path, extra))
    key, csr, crt = (f.file('%s.%s' % (name, end_)) for end_ in ('key', 'csr', 'crt'))
    for argv in (('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key),
                 ('req', '-new', '-key', key, '-subj', '/CN=localhost', '-out', csr),
                 ('ca', '-batch', '-notext', '-config', config, '-extensions', 'x', '-cert', f.ca,
                  '-keyfile', f.ca_key, '-startdate', day(start or -1), '-enddate', day(end or 30),
                  '-in', csr, '-out', crt)):
        status, _, err = run('openssl', *argv)
        if status != 0:
            raise RuntimeError(err)
    return name


@unittest.skipUnless(shutil.which('openssl'), 'needs openssl, to make certificates that are wrong')
class BadCertificates(Case):
    """Each has a message and an alert of its own."""

    def refused(self, alert, words, certificate, **kwargs):
        s = FakeServer(lambda s: None, True, certificate)
        status, err = self.send(s.port, tls='implicit', **kwargs)
        s.thread.join(20)
        self.assertEqual(status, 76, err)
        self.assertIn('(alert %s sent)' % alert, err)
        self.assertRegex(err, words)
        self.assertIn(alert.replace('_', ' '), re.sub('[_ ]+', ' ', str(s.error).lower()))

    def test_expired(self):
        self.refused('certificate_expired', 'expired',
                     openssl_certificate('expired', start=-30, end=-1))

    def test_not_yet_valid(self):
        self.refused('certificate_expired', 'not valid before',         # RFC 8446 §6.2
                     openssl_certificate('early', start=10, end=30))

    def test_wrong_extended_key_usage(self):
        self.refused('unsupported_certificate', '(?i)usage',
                     openssl_certificate('client-only',
                                         extensions=('extendedKeyUsage=clientAuth',)))

    def test_wrong_key_usage(self):
        self.refused('unsupported_certificate', '(?i)usage',
                     openssl_certificate('no-signing', extensions=('keyUsage=keyAgreement',)))

    def test_self_signed(self):
        f = Folder.get()
        run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
            '-nodes', '-keyout', f.file('self.key'), '-out', f.file('self.crt'), '-subj',
            '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost')
        self.refused('unknown_ca', 'self-(issued|signed)|issuer|trust', 'self')


class Trust(Case):
    def refused(self, words, *options, **kwargs):
        return self.check(lambda s: None, 76, words, *options, tls='implicit', **kwargs)

    def test_wrong_name(self):
        Folder.get().server_certificate('named', 'mail.other.test')
        self.refused('localhost', certificate='named')

    def test_tls_name(self):
        Folder.get().server_certificate('named', 'mail.other.test')
        self.check(lambda s: (greet(s), take_message(s)), 0, '', '--tls-name', 'mail.other.test',
                   tls='implicit', certificate='named')

    def test_wrong_ca(self):
        f = Folder.get()
        f.make('root', '--name', 'Another root', '--force', '--cert', f.file('ca2.crt'),
               '--key', f.file('ca2.key'))
        self.refused('unknown_ca', '--ca', f.file('ca2.crt'), ca=False)

    def test_address_instead_of_a_name(self):
        self.check(lambda s: (greet(s), take_message(s)), 0, server='127.0.0.1', tls='implicit')

    def test_pin(self):
        f = Folder.get()
        shown = run(os.path.join(os.path.dirname(SEALPOST), '..', 'tls13', 'sealtls'), 'cert',
                    'show', f.file('server.crt'))[1]
        pin = re.search(r'sha256/\S+', shown).group(0)
        self.check(lambda s: (greet(s), take_message(s)), 0, '', '--pin', pin, tls='implicit',
                   ca=False)
        self.refused('', '--pin', 'sha256/' + 'A' * 43 + '=', ca=False)

    def test_system_trust_does_not_know_it(self):
        status, err = self.send(1, ca=False)
        if status == 78:
            self.skipTest('no system bundle here')
        self.refused('unknown_ca', ca=False)

    def test_insecure_says_so(self):
        s = self.check(lambda s: (greet(s), take_message(s)), 0, 'WARNING',
                       '--insecure-accept-any-certificate', tls='implicit', ca=False)
        s.join()

    def test_tls_1_2_server(self):
        import ssl
        s = FakeServer(lambda s: None, tls=True)
        s.context.maximum_version = ssl.TLSVersion.TLSv1_2
        status, err = self.send(s.port, tls='implicit')
        self.assertEqual(status, 76, err)
        self.assertIn('protocol', err)


class EndToEnd(Case):
    """Our client, our server."""

    def test_facts_and_words(self):
        for tls, port in (('starttls', daemon().submission), ('implicit', daemon().submissions)):
            status, err = self.send(port, '--facts', '--verbose', *self.login(), tls=tls,
                                    to=('alice@example.org',))
            self.assertEqual(status, 0, err)
            self.assertRegex(err, r'facts server=127.0.0.1 port=%d tls=%s version=TLSv1.3 '
                             r'suite=TLS_\w+ group=\w+ signature=\w+ hello_retry=no '
                             r'certificate="localhost" pin=sha256/\S{44} auth=PLAIN '
                             r'message=\d+ bytes_out=\d+ bytes_in=\d+ handshake_ms=\d+ '
                             r'total_ms=\d+' % (port, tls))
            self.assertIn('took the message: ', err)
            self.assertEqual(below_trace(daemon().messages()[-1]), MESSAGE.encode())

    def test_trace_has_the_handshake_and_no_secret(self):
        status, err = self.send(daemon().submissions, '--trace', *self.login(), tls='implicit',
                                to=('alice@example.org',))
        self.assertEqual(status, 0, err)
        for word in ('client_hello', 'certificate_verify', 'finished'):
            self.assertIn(word, err.lower().replace('clienthello', 'client_hello')
                          .replace('certificateverify', 'certificate_verify'))
        self.assertNotIn(PASSWORD, err)

    def test_messages_of_all_kinds(self):
        bodies = {
            '1 KB': 'a: b\n\n' + 'x' * 70 + '\n' * 14,
            '10 MB': 'a: b\n\n' + ('x' * 70 + '\n') * 150000,
            '8-bit': 'Subject: Grüße\n\nSchöne Grüße ☃\n',
            '998 octets': 'a: b\n\n' + 'y' * 998 + '\n',
            'leading dots': 'a: b\n\n.\n..\n.x\n...\n',
            'header only': 'a: b\nc: d\n',
            'no line end': 'a: b\n\nlast',
        }
        for name, body in bodies.items():
            with self.subTest(name):
                began = time.monotonic()
                status, err = self.send(daemon().submissions, *self.login(), tls='implicit',
                                        message=body, to=('bob@example.org',))
                self.assertEqual(status, 0, err)
                self.assertLess(time.monotonic() - began, 10)
                stored = below_trace(daemon().messages('bob')[-1])
                self.assertEqual(stored, (body.rstrip('\n') if name == 'no line end' else body)
                                 .encode() + (b'\n' if name == 'no line end' else b''))

    def test_message_through_a_pipe_as_file(self):
        status, err = self.send(daemon().submissions, '--file', '/dev/stdin', *self.login(),
                                tls='implicit', to=('alice@example.org',),
                                message='a: piped\n\nx\n')
        self.assertEqual(status, 0, err)
        self.assertEqual(below_trace(daemon().messages()[-1]), b'a: piped\n\nx\n')

    def shell(self, text, message=MESSAGE, *options):
        """The client under `sh -c`, as "$@" in `text`."""
        argv = [SEALPOST, 'send', '--server', 'localhost:%d' % daemon().submissions, '--from',
                'a@example.org', '--ca', Folder.get().file('ca.crt'), *self.login(), *options,
                'alice@example.org']
        return run('bash', '-c', text, 'sh', *argv, input=message.encode())

    def test_descriptors_that_are_closed(self):
        for text in ('exec "$@" 2>&-', 'exec "$@" >&- 2>&-'):
            before = len(daemon().messages())
            self.assertEqual(self.shell(text, MESSAGE, '--trace', '--verbose')[0], 0)
            self.assertEqual([below_trace(m) for m in daemon().messages()[before:]],
                             [MESSAGE.encode()])
        self.assertEqual(self.shell('exec "$@" 0<&- 2>&1')[0], 74)

    def test_nobody_reads_what_it_says(self):
        status, _, err = self.shell('{ "$@" 2>&1; echo $? >&2; } | exec <&-', MESSAGE,
                                    '--verbose', '--facts')
        self.assertEqual(err, '0\n', 'delivered, and yet it looks as if it was not')

    def test_password_is_the_first_line_of_much(self):
        more = Folder.get().file('long-password', PASSWORD + '\n' + 'x' * 100000)
        for option in (('--password-file', more), ('--password-command', 'cat ' + more)):
            status, err = self.send(daemon().submissions, '--user', 'alice', *option,
                                    tls='implicit', to=('alice@example.org',))
            self.assertEqual(status, 0, err)

    def test_without_login(self):
        status, err = self.send(daemon().submissions, tls='implicit')
        self.assertEqual(status, 77, err)
        self.assertIn('530', err)

    def test_one_bad_recipient_stops_it_all(self):
        before = len(daemon().messages())
        status, err = self.send(daemon().submissions, *self.login(), tls='implicit',
                                to=('alice@example.org', 'nobody@example.org', 'x@other.test'))
        self.assertEqual(status, 67, err)
        self.assertIn('nobody@example.org: 550', err)
        self.assertIn('x@other.test: 550', err)
        self.assertEqual(len(daemon().messages()), before)

    def test_tls_port_taken_for_a_starttls_port(self):
        status, err = self.send(daemon().submissions, '--timeout', '1', tls='starttls')
        self.assertEqual(status, 75)
        self.assertIn('use --tls implicit', err)


if __name__ == '__main__':
    unittest.main()
