"""tests/smtp/test_sealpostd.py - the submission server as a program, over real sockets.

S01..S18 are the lessons that the test dialogues in tests/dialogs/ are named after as well.
"""
import base64
import os
import pty
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import termios
import time
import unittest

from harness import (Client, Daemon, Folder, PASSWORD, SEALPOSTD, below_trace, connect, in_data,
                     plain, read_file, ready, run, wait_until)

MESSAGE = 'From: a@example.org\r\nSubject: test\r\n\r\nhello\r\n'
DAEMONS = []


def daemon():
    """The one that most tests share."""
    if not DAEMONS:
        DAEMONS.append(Daemon('limit message-size 20000000', 'limit messages 1000'))
    return DAEMONS[0]


def tearDownModule():
    while DAEMONS:
        d = DAEMONS.pop()
        assert d.stop() == 0, d.log()


class Case(unittest.TestCase):
    def tearDown(self):
        Client.close_all()


class OwnDaemon(Case):
    """For tests that need other limits, or that end it."""

    def start(self, *lines, **kwargs):
        d = Daemon(*lines, **kwargs)
        self.addCleanup(lambda: self.assertEqual(d.stop(), 0, d.log()))
        self.addCleanup(Client.close_all)
        return d


class CommandLine(unittest.TestCase):
    def refused(self, status, words, *argv):
        got, out, err = run(SEALPOSTD, *argv)
        self.assertEqual(got, status, err)
        for word in words:
            self.assertIn(word, err)

    def config(self, text, **replace):
        f = Folder.get()
        lines = {
            'hostname': 'hostname mail.example.org', 'domain': 'domain example.org',
            'tls': 'tls cert %s key %s' % (f.file('server.crt'), f.file('server.key')),
            'listen': 'listen submission 127.0.0.1:0',
            'users': 'users ' + f.file('some-users', ''),
            'deliver': 'deliver maildir %s/%%u' % f.path,
        }
        lines.update(replace)
        return f.file('config', '\n'.join([*lines.values(), text, '']))

    def test_usage(self):
        self.refused(64, ['usage:'])
        self.refused(64, ['usage:'], '--nonsense')
        self.refused(64, ['usage:'], '--check')
        self.refused(64, ['usage:'], 'user', 'add')
        self.refused(64, ['usage:'], '--config', '/x', 'more')

    def test_help_and_version(self):
        self.assertIn('usage:', run(SEALPOSTD, '--help')[1])
        self.assertRegex(run(SEALPOSTD, '--version')[1], r'^sealpostd \d')

    def test_configuration_that_is_missing(self):
        self.refused(78, ['/nonexistent/config: No such file'], '--config', '/nonexistent/config')

    def test_configuration_with_file_line_and_reason(self):
        path = self.config('colour blue')
        self.refused(78, [path + ':7: unknown setting `colour`'], '--config', path)
        path = self.config('', users='users relative/path')
        self.refused(78, [path + ':5: ', 'relative path'], '--config', path)
        path = self.config('limit sessions many')
        self.refused(78, [path + ':7: limit sessions: `many`'], '--config', path)

    def test_key_that_everybody_can_read(self):
        f = Folder.get()
        shutil.copy(f.file('server.key'), f.file('open.key'))
        os.chmod(f.file('open.key'), 0o644)
        path = self.config('', tls='tls cert %s key %s' % (f.file('server.crt'),
                                                           f.file('open.key')))
        self.refused(78, [f.file('open.key'), '644'], '--config', path)

    def test_key_that_is_missing_or_none(self):
        f = Folder.get()
        for name in (f.file('absent.key'), f.file('garbage.key', 'not a key\n'), f.path):
            path = self.config('', tls='tls cert %s key %s' % (f.file('server.crt'), name))
            self.refused(78, [name], '--config', path)

    def test_key_under_a_password(self):
        f = Folder.get()
        encrypted = f.file('encrypted.key', '')
        subprocess.run(['openssl', 'pkcs8', '-topk8', '-in', f.file('server.key'), '-out', encrypted,
                        '-passout', 'pass:secret', '-v2prf', 'hmacWithSHA256'], check=True, timeout=60)
        line = 'tls cert %s key %s' % (f.file('server.crt'), encrypted)
        password = ' key-password-file ' + f.file('password', 'secret\n')
        status, out, err = run(SEALPOSTD, '--config', self.config('', tls=line + password), '--check')
        self.assertEqual(status, 0, err)
        self.assertIn(line + password + '\n', out)
        self.refused(78, [encrypted + ':1: ', 'encrypted'], '--config', self.config('', tls=line))
        f.file('password', 'Secret\n')
        self.refused(78, [encrypted + ':1: wrong password'], '--config',
                     self.config('', tls=line + password))

    def test_key_of_another_certificate(self):
        f = Folder.get()
        f.server_certificate('other')
        path = self.config('', tls='tls cert %s key %s' % (f.file('server.crt'),
                                                           f.file('other.key')))
        self.refused(78, ['other.key'], '--config', path)

    @unittest.skipUnless(os.geteuid() == 0, 'needs root, to become somebody else')
    def test_key_that_cannot_be_read(self):
        """As another user, who may not be allowed to look into the source tree."""
        f = Folder.get()
        path = self.config('')
        program = shutil.copy(SEALPOSTD, f.path)
        os.chmod(f.path, 0o755)
        os.chmod(path, 0o644)
        try:
            status, _, err = run(program, '--config', path, user=65534)
        finally:
            os.chmod(f.path, 0o700)
            os.unlink(program)
        self.assertEqual(status, 78)
        self.assertIn('server.key: Permission denied', err)

    def test_users_file(self):
        f = Folder.get()
        path = self.config('', users='users ' + f.file('open-users', '', 0o604))
        self.refused(78, [f.file('open-users'), '0604'], '--config', path)
        path = self.config('', users='users ' + f.file('bad-users', 'alice:x\n'))
        self.refused(78, [f.file('bad-users') + ':1: '], '--config', path)

    def test_address_in_use(self):
        with socket.create_server(('127.0.0.1', 0)) as s:
            port = s.getsockname()[1]
            path = self.config('', listen='listen submission 127.0.0.1:%d' % port)
            self.refused(69, ['127.0.0.1 port %d: Address already in use' % port],
                         '--config', path)

    def test_check_prints_what_is_effective(self):
        path = self.config('limit recipients 7')
        status, out, err = run(SEALPOSTD, '--config', path, '--check')
        self.assertEqual(status, 0, err)
        self.assertIn('limit recipients 7\n', out)
        self.assertIn('limit message-size 36700160\n', out)
        again = Folder.get().file('config2', out)
        self.assertEqual(run(SEALPOSTD, '--config', again, '--check')[1], out)

    def test_user_add(self):
        f = Folder.get()
        path = f.file('added')
        self.assertEqual(run(SEALPOSTD, 'user', 'add', path, 'Carol', input=b'pw\nmore')[0], 0)
        with open(path) as users:
            self.assertRegex(users.read(), r'^carol:\$argon2id\$v=19\$m=19456,t=2,p=1\$')
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.assertEqual(run(SEALPOSTD, 'user', 'add', path, 'a/b', input=b'pw')[0], 65)
        self.assertEqual(run(SEALPOSTD, 'user', 'add', path, 'dave', input=b'')[0], 65)


    def test_interrupted_prompt_gives_the_echo_back(self):
        master, slave = pty.openpty()
        echoes = lambda: bool(termios.tcgetattr(slave)[3] & termios.ECHO)
        program = subprocess.Popen([SEALPOSTD, 'user', 'add', Folder.get().file('prompt'), 'bob'],
                                   stdin=slave, stdout=slave, stderr=slave)
        wait_until(lambda: not echoes())
        program.send_signal(signal.SIGINT)
        self.assertEqual(program.wait(5), -signal.SIGINT)
        self.assertTrue(echoes())
        os.close(master)
        os.close(slave)

    def test_user_add_keeps_the_rest(self):
        f = Folder.get()
        path = f.file('kept')
        run(SEALPOSTD, 'user', 'add', path, 'carol', input=b'pw')
        old = read_file(path).decode()
        f.file('kept', '# people\n\n' + old.strip() + '\n# end', 0o640)
        if os.geteuid() == 0:
            os.chown(path, 0, 12345)
        f.file('kept.new', 'what a crash has left')
        self.assertEqual(run(SEALPOSTD, 'user', 'add', path, 'dave', input=b'pw\r\n')[::2],
                         (0, ''))
        text = read_file(path).decode()
        self.assertTrue(text.startswith('# people\n\n' + old + '# end\ndave:$'), text)
        self.assertEqual(run(SEALPOSTD, 'user', 'add', path, 'carol', input=b'new')[0], 0)
        self.assertRegex(read_file(path).decode(),
                         r'^# people\n\ncarol:\$.*\n# end\ndave:\$.*\n$')
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        if os.geteuid() == 0:
            self.assertEqual(os.stat(path).st_gid, 12345)
        self.assertFalse(os.path.exists(path + '.new'))

    def test_user_add_many_at_once(self):
        path = Folder.get().file('crowd')
        all_of_them = [subprocess.Popen([SEALPOSTD, 'user', 'add', path, 'u%d' % i],
                                        stdin=subprocess.PIPE) for i in range(8)]
        for p in all_of_them:
            p.stdin.write(b'pw')
            p.stdin.close()
        self.assertEqual([p.wait(20) for p in all_of_them], [0] * 8)
        self.assertEqual(len(read_file(path).splitlines()), 8)


class Plaintext(Case):
    """Before TLS, on the submission port."""

    def hello(self):
        c = Client(daemon().submission)
        self.assertTrue(c.reply().startswith('220 mail.example.org ESMTP'))
        return c

    def greeted(self):
        c = self.hello()
        c.cmd('EHLO client.test')
        return c

    def test_what_is_offered(self):
        reply = self.hello().cmd('EHLO client.test')
        for word in ('STARTTLS', 'PIPELINING', 'SIZE 20000000', '8BITMIME',
                     'ENHANCEDSTATUSCODES'):
            self.assertIn(word, reply)
        self.assertNotIn('AUTH', reply)

    def test_s01_command_behind_starttls(self):
        c = self.greeted()
        c.send('STARTTLS\r\nNOOP\r\n')
        self.assertTrue(c.reply().startswith('501 5.5.1'))
        self.assertEqual(c.ended(), b'')

    def test_s01_command_in_front_of_the_hello(self):
        c = self.greeted()
        self.assertTrue(c.cmd('STARTTLS').startswith('220'))
        c.send('NOOP\r\n' + 'x' * 100)
        alert = c.ended()
        self.assertEqual(alert[:1], b'\x15')
        self.assertEqual(alert[5:7], b'\x02\x0a', alert)            # fatal, unexpected_message

    def test_s01_injected_command_is_not_run_after_the_handshake(self):
        c = self.greeted()
        self.assertTrue(c.cmd('STARTTLS').startswith('220'))
        c.secure()
        c.sock.settimeout(0.3)
        self.assertRaises(socket.timeout, c.sock.recv, 1)
        c.sock.settimeout(20)
        self.assertTrue(c.cmd('NOOP').startswith('250'))

    def test_s04_order_and_arguments(self):
        self.assertTrue(self.hello().cmd('STARTTLS').startswith('503'))
        self.assertTrue(self.greeted().cmd('STARTTLS now').startswith('501 5.5.4'))

    def test_s04_nothing_is_remembered(self):
        c = self.greeted()
        self.assertTrue(c.cmd('STARTTLS').startswith('220'))
        c.secure()
        self.assertTrue(c.cmd('MAIL FROM:<a@b.test>').startswith('503 5.5.1'))
        self.assertNotIn('STARTTLS', c.cmd('EHLO client.test'))
        self.assertTrue(c.cmd('STARTTLS').startswith('503 5.5.1'))

    def test_s05_auth_and_mail_in_the_clear(self):
        c = self.greeted()
        secret = plain(password='never in a log')
        self.assertTrue(c.cmd('AUTH PLAIN ' + secret).startswith('538 5.7.11'))
        self.assertTrue(c.cmd('MAIL FROM:<a@b.test>').startswith('530 5.7.0'))
        self.assertTrue(c.cmd('QUIT').startswith('221'))
        daemon().wait_log('reject .*code=538')
        self.assertNotIn(secret, daemon().log())

    def test_s19_other_protocols(self):
        c = self.hello()
        c.send('POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x\r\nQUIT\r\n')
        self.assertTrue(c.reply().startswith('502 5.7.0'))
        self.assertEqual(c.ended(), b'')
        c = Client(daemon().submission)
        c.reply()
        with self.assertRaises((ssl.SSLError, OSError)):
            c.secure()

    def test_s10_nul_in_a_command(self):
        self.assertTrue(self.greeted().cmd('NOOP \0x').startswith('501 5.5.2'))

    def test_s11_long_command(self):
        c = self.greeted()
        c.send('NOOP ' + 'x' * 2041 + '\r\n')                        # 2048 with its CRLF
        self.assertTrue(c.reply().startswith('250'))
        c = self.greeted()
        c.send('NOOP ' + 'x' * 2042 + '\r\n')
        self.assertTrue(c.reply().startswith('500 5.5.2'))
        self.assertEqual(c.ended(), b'')

    def test_s11_a_line_that_never_ends(self):
        c = self.greeted()
        sent = 0
        try:
            for _ in range(128):
                c.send(b'x' * 65536)
                sent += 65536
        except OSError:
            pass
        # what the kernels hold on the way comes on top of what was read
        self.assertLess(sent, 8 << 20)

    def test_an_idle_port_scan(self):
        before = daemon().descriptors()
        for _ in range(20):
            connect(daemon().submission).close()
        self.assertTrue(wait_until(lambda: daemon().descriptors() <= before))


class Login(Case):
    def client(self):
        c = Client(daemon().submissions, tls=True)
        c.reply()
        self.assertIn('AUTH PLAIN', c.cmd('EHLO client.test'))
        return c

    def test_plain_and_login(self):
        self.assertTrue(self.client().cmd('AUTH PLAIN ' + plain()).startswith('235 2.7.0'))
        c = self.client()
        self.assertEqual(c.cmd('AUTH PLAIN').strip(), '334')
        self.assertTrue(c.cmd(plain()).startswith('235'))
        c = self.client()
        if 'LOGIN' in c.cmd('EHLO client.test'):
            self.assertTrue(c.cmd('AUTH LOGIN').startswith('334'))
            self.assertTrue(c.cmd(base64.b64encode(b'alice').decode()).startswith('334'))
            self.assertTrue(c.cmd(base64.b64encode(PASSWORD.encode()).decode()).startswith('235'))

    def test_s18_syntax(self):
        c = self.client()
        self.assertTrue(c.cmd('AUTH PLAIN').startswith('334'))
        self.assertTrue(c.cmd('*').startswith('501 5.7.0'))
        for argument, code in (('PLAIN !!!', '501 5.5.2'), ('PLAIN =', '501 5.5.4'),
                               ('PLAIN ' + plain().rstrip('='), '501'),
                               ('CRAM-MD5', '504 5.5.4')):
            self.assertTrue(self.client().cmd('AUTH ' + argument).startswith(code), argument)

    def test_s18_authorization_as_somebody_else(self):
        other = base64.b64encode(('root\0alice\0' + PASSWORD).encode()).decode()
        self.assertTrue(self.client().cmd('AUTH PLAIN ' + other).startswith('535 5.7.8'))

    def test_s10_nul_in_the_password(self):
        more = base64.b64encode(('\0alice\0' + PASSWORD + '\0x').encode()).decode()
        self.assertTrue(self.client().cmd('AUTH PLAIN ' + more).startswith('501'))

    def test_s18_once_and_not_within_a_transaction(self):
        c = ready(daemon())
        self.assertTrue(c.cmd('AUTH PLAIN ' + plain()).startswith('503'))
        c.cmd('MAIL FROM:<a@b.test>')
        self.assertTrue(c.cmd('AUTH PLAIN ' + plain()).startswith('503'))

    def test_s18_line_limit(self):
        c = self.client()
        self.assertTrue(c.cmd('AUTH PLAIN').startswith('334'))
        c.send('A' * 20000 + '\r\n')
        self.assertTrue(c.reply().startswith('500 5.5.6'))
        self.assertEqual(c.ended(), b'')

    def test_s18_unknown_user_and_wrong_password_look_the_same(self):
        answers = []
        for user in ('alice', 'nobody'):
            c = self.client()
            began = time.monotonic()
            reply = c.cmd('AUTH PLAIN ' + plain(user, 'wrong'))
            took = time.monotonic() - began
            self.assertGreater(took, 0.95)
            self.assertLess(took, 2.5)
            answers.append(re.sub(r'\[.*\]', '', reply))
        self.assertEqual(answers[0], answers[1])
        self.assertTrue(answers[0].startswith('535 5.7.8'))

    def test_s18_three_failures_end_it(self):
        c = self.client()
        for _ in range(2):
            self.assertTrue(c.cmd('AUTH PLAIN ' + plain('alice', 'wrong')).startswith('535'))
        last = c.cmd('AUTH PLAIN ' + plain('alice', 'wrong')).encode() + c.ended()
        self.assertIn(b'421 4.7.0', last)
        daemon().wait_log('^auth .*result=fail .*user=alice ip=127.0.0.1 count=3')
        self.assertNotIn('wrong', daemon().log().replace('wrong-protocol', ''))

    def test_others_are_served_while_a_password_is_verified(self):
        idle = ready(daemon())
        guessing = [self.client() for _ in range(8)]
        for c in guessing:
            c.send('AUTH PLAIN ' + plain('alice', 'guess') + '\r\n')
        began = time.monotonic()
        for _ in range(5):
            self.assertTrue(idle.cmd('NOOP').startswith('250'))
        self.assertLess(time.monotonic() - began, 0.3)
        for c in guessing:
            self.assertTrue(c.reply().startswith('535'))


SMUGGLED = ('MAIL FROM:<evil@b.test>\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n'
            'Subject: smuggled\r\n\r\nx\r\n.\r\n')


class Content(Case):
    def setUp(self):
        for user in ('alice', 'bob'):
            shutil.rmtree(os.path.join(daemon().mail, user), ignore_errors=True)

    def client(self, *recipients):
        c = in_data(daemon(), *recipients)
        return c

    def deliver(self, body, *recipients):
        c = self.client(*recipients)
        c.send(body)
        reply = c.reply()
        self.assertTrue(reply.startswith('250 2.0.0'), reply)
        return c

    def nothing_arrived(self):
        for user in ('alice', 'bob'):
            for sub in ('new', 'tmp'):
                self.assertEqual(daemon().messages(user, sub), [])

    def test_bytes_arrive_as_they_were_sent(self):
        self.deliver(MESSAGE + '.\r\n')
        (stored,) = daemon().messages()
        self.assertEqual(below_trace(stored), MESSAGE.replace('\r\n', '\n').encode())
        self.assertIn(b'Return-Path: <alice@example.org>\n', stored)
        self.assertIn(b'with ESMTPSA', stored)
        self.assertRegex(stored, rb'tls TLS_AES_\d+_GCM_SHA\d+')
        self.assertNotIn(b'127.0.0.1', stored)

    def test_by_starttls_too(self):
        c = ready(daemon(), starttls=True)
        for line in ('MAIL FROM:<>', 'RCPT TO:<alice@example.org>'):
            self.assertTrue(c.cmd(line).startswith('250'))
        self.assertTrue(c.cmd('DATA').startswith('354'))
        c.send(MESSAGE + '.\r\n')
        self.assertTrue(c.reply().startswith('250'))
        self.assertIn(b'Return-Path: <>\n', daemon().messages()[0])

    def test_every_recipient_has_one(self):
        self.deliver(MESSAGE + '.\r\n', 'alice@example.org', 'BOB+tag@Example.ORG')
        (a,), (b,) = daemon().messages('alice'), daemon().messages('bob')
        self.assertEqual(below_trace(a), below_trace(b))
        self.assertIn(b'Delivered-To: alice@example.org\n', a)
        self.assertNotIn(b'bob', a.lower())                        # nobody sees the others
        self.assertIn(b'Delivered-To: BOB+tag@example.org\n', b)

    def test_ten_megabytes_eight_bit_and_long_lines(self):
        line = bytes(c for c in range(256) if c not in (0, 10, 13)) * 4
        body = b'Subject: x\r\n\r\n' + (line[:998] + b'\r\n') * 10000
        began = time.monotonic()
        self.deliver(body + b'.\r\n')
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(below_trace(daemon().messages()[0]), body.replace(b'\r\n', b'\n'))

    def test_pipelined_with_quit_behind_the_dot(self):
        c = ready(daemon())
        c.send('MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n')
        self.assertEqual([c.reply()[:3] for _ in range(3)], ['250', '250', '354'])
        c.send(MESSAGE + '.\r\nQUIT\r\n')
        self.assertEqual([c.reply()[:3] for _ in range(2)], ['250', '221'])
        self.assertEqual(c.ended(), b'')
        self.assertEqual(len(daemon().messages()), 1)

    def test_s06_nothing_is_smuggled(self):
        sequences = ('\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\r\n', '\r.\n',
                     '\n.\r', '\r\r\n.\r\r\n')
        for sequence in sequences:
            for split in (False, True):
                with self.subTest(sequence=sequence, split=split):
                    c = self.client()
                    parts = ('Subject: x\r\n\r\nbody', sequence, SMUGGLED)
                    try:
                        c.send(*(parts if split else [''.join(parts)]))
                    except OSError:
                        pass                                       # it has hung up already
                    self.assertTrue(c.reply().startswith('521 5.5.2'))
                    self.assertEqual(c.ended(), b'')
        self.nothing_arrived()

    def test_s06_s10_nul_beside_the_dot(self):
        for sequence in ('\r\n\0.\r\n', '\r\n.\0\r\n'):
            c = self.client()
            c.send('Subject: x\r\n\r\nbody' + sequence + 'more\r\n.\r\n')
            self.assertTrue(c.reply().startswith('554 5.6.0'))
            self.assertTrue(c.cmd('NOOP').startswith('250'))
        self.nothing_arrived()

    def test_s07_too_big_is_skipped_to_its_end(self):
        c = self.client()
        c.send('Subject: x\r\n\r\n')
        for _ in range(21):
            c.send(('x' * 98 + '\r\n') * 10000)
        c.send('..\r\nMAIL FROM:<evil@b.test>\r\n.\r\n')
        self.assertTrue(c.reply().startswith('552 5.3.4'))
        self.assertTrue(c.cmd('RCPT TO:<bob@example.org>').startswith('503'))
        self.assertTrue(c.cmd('MAIL FROM:<a@b.test> SIZE=20000001').startswith('552 5.3.4'))
        self.nothing_arrived()

    def test_s08_dots(self):
        self.deliver('Subject: x\r\n\r\n.x\r\n..\r\n...\r\n..y\r\n.\r\n')
        self.assertEqual(below_trace(daemon().messages()[0]), b'Subject: x\n\nx\n.\n..\n.y\n')
        c = self.client()
        c.send('.\r\n')
        self.assertTrue(c.reply().startswith('554 5.6.0'))
        self.assertEqual(len(daemon().messages()), 1)

    def test_s11_body_lines(self):
        self.deliver('Subject: x\r\n\r\n' + 'y' * 998 + '\r\n.\r\n')
        c = self.client()
        c.send('Subject: x\r\n\r\n' + 'y' * 999 + '\r\n.\r\n')
        self.assertTrue(c.reply().startswith('554 5.6.0'))
        self.assertEqual(len(daemon().messages()), 1)

    def test_s14_bytes_behind_data(self):
        c = ready(daemon())
        c.send('MAIL FROM:<a@b.test>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\nSubject: x\r\n')
        self.assertEqual([c.reply()[:3] for _ in range(3)], ['250', '250', '554'])
        self.assertEqual(c.ended(), b'')
        self.nothing_arrived()

    def test_s17_truncated_stream(self):
        for half in ('', 'Subject: x\r\n\r\nhalf', MESSAGE, MESSAGE + '.', MESSAGE + '.\r'):
            with self.subTest(half=half):
                c = self.client()
                c.send(half)
                c.close()                                          # FIN without close_notify
        daemon().wait_log('disconnect .*reason=truncated')
        self.assertTrue(wait_until(lambda: daemon().messages(sub='tmp') == []))
        self.nothing_arrived()

    def test_s17_reset_in_the_middle(self):
        c = self.client()
        c.send(MESSAGE)
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        c.close()
        self.assertTrue(wait_until(lambda: daemon().messages(sub='tmp') == []))
        self.nothing_arrived()

    def test_s17_close_notify_then_plaintext(self):
        c = self.client()
        c.send('Subject: x\r\n\r\nhalf')
        raw = socket.socket(fileno=os.dup(c.sock.fileno()))
        raw.settimeout(20)
        c.sock.settimeout(20)
        try:
            plain_socket = c.sock.unwrap()                         # close_notify, both ways
        except (ssl.SSLError, OSError):
            plain_socket = raw
        try:
            plain_socket.sendall(b'\r\n.\r\nNOOP\r\n')
            rest = plain_socket.recv(65536)
        except OSError:
            rest = b''
        raw.close()
        self.assertNotIn(b'250', rest)
        self.nothing_arrived()

    def test_s09_s22_recipients(self):
        c = ready(daemon())
        c.cmd('MAIL FROM:<a@b.test>')
        for address, code in (('nobody@example.org', '550 5.1.1'),
                              ('alice@other.test', '550 5.7.1'),
                              ('../../etc/passwd@example.org', '550 5.1.1'),
                              ('|/bin/sh@example.org', '550'), ('@a.test:x@other.test', '550'),
                              ('alice%other.test@example.org', '550 5.1.1')):
            self.assertRegex(c.cmd('RCPT TO:<%s>' % address), '^(501|%s)' % code, address)
        c.cmd('RSET')

    def test_many_recipients(self):
        c = ready(daemon())
        c.cmd('MAIL FROM:<a@b.test>')
        c.send(''.join('RCPT TO:<alice+%d@example.org>\r\n' % i for i in range(120)))
        self.assertEqual({c.reply()[:3] for _ in range(120)}, {'250'})
        self.assertTrue(c.cmd('DATA').startswith('354'))
        c.send(MESSAGE + '.\r\n')
        self.assertTrue(c.reply().startswith('250'))
        self.assertEqual(len(daemon().messages()), 120)


class Storage(OwnDaemon):
    """A disk that is full: what was acknowledged stays, what was not leaves nothing."""

    def setUp(self):
        self.disk = Folder.get().file('disk')
        os.makedirs(self.disk, exist_ok=True)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'sealpost-test',
                           self.disk], stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest('a small tmpfs cannot be mounted here')
        self.addCleanup(subprocess.run, ['umount', '-l', self.disk])

    def send(self, d, size):
        c = in_data(d, 'alice@example.org')
        body = 'Subject: x\r\n\r\n' + ('y' * 98 + '\r\n') * (size // 100)
        c.send(body + '.\r\n')
        reply = c.reply()
        c.close()
        return reply

    def test_full_disk(self):
        d = self.start(mail=self.disk)
        taken = 0
        while taken < 50:
            reply = self.send(d, 300000)
            if not reply.startswith('250'):
                break
            taken += 1
        self.assertTrue(reply.startswith('452 4.3.1'), reply)
        self.assertGreater(taken, 2)
        self.assertEqual(len(d.messages()), taken)
        self.assertEqual(d.messages(sub='tmp'), [])
        for stored in d.messages():
            self.assertEqual(len(below_trace(stored)), 12 + 99 * 3000)
        d.wait_log('result=fail stage=write reason="No space left on device"')

        os.unlink(os.path.join(self.disk, 'alice', 'new',
                               sorted(os.listdir(os.path.join(self.disk, 'alice', 'new')))[0]))
        self.assertTrue(self.send(d, 300000).startswith('250'))

    def test_size_that_was_announced(self):
        d = self.start(mail=self.disk)
        c = ready(d)
        c.cmd('MAIL FROM:<a@b.test> SIZE=3000000')
        c.cmd('RCPT TO:<alice@example.org>')
        self.assertTrue(c.cmd('DATA').startswith('452 4.3.1'))
        self.assertTrue(c.cmd('MAIL FROM:<a@b.test> SIZE=1000').startswith('250'))

    def test_second_copy_does_not_fit(self):
        d = self.start(mail=self.disk)
        c = in_data(d, 'alice@example.org', 'bob@example.org')
        c.send('Subject: x\r\n\r\n' + ('y' * 98 + '\r\n') * 12000 + '.\r\n')
        self.assertTrue(c.reply().startswith('452 4.3.1'))
        for user in ('alice', 'bob'):
            self.assertEqual(d.messages(user) + d.messages(user, 'tmp'), [])
        self.assertTrue(c.cmd('NOOP').startswith('250'))

    def test_mailbox_that_cannot_be_made(self):
        d = self.start(mail=self.disk)
        with open(os.path.join(self.disk, 'bob'), 'w'):
            pass
        c = ready(d)
        c.cmd('MAIL FROM:<a@b.test>')
        self.assertTrue(c.cmd('RCPT TO:<bob@example.org>').startswith('250'))
        self.assertTrue(c.cmd('DATA').startswith('451 4.3.0'))


class Process(OwnDaemon):
    def test_term_ends_idle_sessions_with_421(self):
        d = self.start()
        c, t = Client(d.submission), ready(d)
        c.reply()
        handshaking = connect(d.submissions)
        d.process.send_signal(signal.SIGTERM)
        self.assertTrue(c.reply().startswith('421 4.3.2'))
        self.assertTrue(t.reply().startswith('421 4.3.2'))
        for x in (c.sock, t.sock, handshaking):
            x.close()
        self.assertEqual(d.process.wait(10), 0)

    def test_term_in_the_middle_of_a_message(self):
        d = self.start()
        c = in_data(d)
        c.send('Subject: x\r\n\r\nhalf')
        d.process.send_signal(signal.SIGTERM)
        self.assertTrue(c.reply().startswith('421'))
        c.close()
        self.assertEqual(d.process.wait(10), 0)
        self.assertEqual(d.messages() + d.messages(sub='tmp'), [])

    def test_term_does_not_wait_for_the_silent(self):
        d = self.start()
        silent = [connect(d.submission) for _ in range(3)]
        d.wait_log('(?:connect.*\n.*){3}')
        began = time.monotonic()
        self.assertEqual(d.stop(), 0)
        self.assertLess(time.monotonic() - began, 15)
        for s in silent:
            s.close()

    def test_term_does_not_wait_for_one_who_never_reads(self):
        d = self.start('limit junk 1000000')
        c = ready(d)
        c.sock.setblocking(False)
        try:
            for _ in range(1000):
                c.sock.send(b'NOOP\r\n' * 2000)
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
        time.sleep(0.5)
        began = time.monotonic()
        self.assertEqual(d.stop(), 0)
        self.assertLess(time.monotonic() - began, 15)

    def test_descriptors_that_are_closed(self):
        for closed in ('2>&-', '0<&- >&- 2>&-'):
            d = self.start()
            log = d.home + '/own-log'
            with open(d.config, 'a') as config:
                config.write('log file %s\n' % log)
            d.stop()
            p = subprocess.Popen(['bash', '-c', 'exec "$@" ' + closed, 'sh', SEALPOSTD,
                                  '--config', d.config])
            try:
                self.assertTrue(wait_until(lambda: os.path.exists(log) and
                                           read_file(log).decode().count(' listen ') == 2))
                for i in range(3):
                    os.rename(log, log + '.1')
                    p.send_signal(signal.SIGHUP)
                    self.assertTrue(wait_until(lambda: os.path.exists(log) and
                                               b'Z reload result=ok' in read_file(log)))
                names = [os.readlink(f.path) for f in os.scandir('/proc/%d/fd' % p.pid)]
                self.assertEqual([n for n in names if 'own-log' in n], [log])
            finally:
                p.terminate()
                self.assertEqual(p.wait(15), 0)

    def test_a_message_that_trickles_in(self):
        d = self.start()
        c = in_data(d)
        began = time.monotonic()
        c.send('Subject: slow\r\n\r\n')
        c.sock.settimeout(4)
        while time.monotonic() - began < 75:
            try:
                if c.sock.pending() or c.reply():
                    break
            except socket.timeout:
                c.send('x')
        self.assertLess(time.monotonic() - began, 70)
        d.wait_log('disconnect .*reason=timeout')
        self.assertEqual(d.messages() + d.messages(sub='tmp'), [])

    def subject(self, d):
        with socket.create_connection(('127.0.0.1', d.submissions)) as s:
            c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            c.load_verify_locations(Folder.get().file('ca.crt'))
            c.check_hostname = False
            with c.wrap_socket(s) as t:
                return t.getpeercert()['subjectAltName'][0][1]

    def test_hup_takes_a_new_certificate(self):
        f, d = Folder.get(), self.start()
        self.assertEqual(self.subject(d), 'localhost')
        old = ready(d)
        f.server_certificate('renewed', 'renewed.test')
        for end in ('crt', 'key'):
            shutil.copy2(f.file('renewed.' + end), os.path.join(d.home, 'server.' + end))
        d.process.send_signal(signal.SIGHUP)
        d.wait_log('reload result=ok')
        self.assertEqual(self.subject(d), 'renewed.test')
        self.assertTrue(old.cmd('NOOP').startswith('250'))

    def test_hup_keeps_what_works(self):
        d = self.start()
        with open(os.path.join(d.home, 'server.crt'), 'w') as broken:
            broken.write('-----BEGIN CERTIFICATE-----\n')
        d.process.send_signal(signal.SIGHUP)
        d.wait_log('reload result=fail reason=".*server.crt')
        self.assertEqual(self.subject(d), 'localhost')

    def test_hup_takes_new_users_and_reopens_the_log(self):
        f = Folder.get()
        log = f.file('own-log')
        d = self.start()
        with open(d.config, 'a') as config:
            config.write('log file %s\n' % log)
        d.stop()
        with open(os.devnull, 'w') as null:
            p = subprocess.Popen([SEALPOSTD, '--config', d.config], stderr=null)
        try:
            self.assertTrue(wait_until(lambda: os.path.exists(log)
                                       and read_file(log).decode().count('listen ') == 2))
            os.rename(log, log + '.1')
            run(SEALPOSTD, 'user', 'add', os.path.join(d.home, 'users'), 'carol',
                input=PASSWORD.encode())
            p.send_signal(signal.SIGHUP)
            self.assertTrue(wait_until(lambda: os.path.exists(log)))
            self.assertTrue(wait_until(lambda: 'reload result=ok' in read_file(log).decode()))
            first = read_file(log + '.1').decode()
            port = int(re.search(r'submissions .*port=(\d+)', first).group(1))
            c = Client(port, tls=True)
            c.reply()
            c.cmd('EHLO x.test')
            self.assertTrue(c.cmd('AUTH PLAIN ' + plain('carol')).startswith('235'))
            c.close()
        finally:
            p.terminate()
            self.assertEqual(p.wait(15), 0)

    def test_broken_connections_leave_nothing_behind(self):
        d = self.start()
        before = d.descriptors()
        for i in range(150):
            s = connect((d.submission, d.submissions)[i % 2])
            s.sendall((b'', b'\x16\x03\x01', b'EHLO x\r\nSTARTTLS\r\n', b'\x16\x03\x01\xff\xff',
                       os.urandom(200))[i % 5])
            if i % 3 == 0:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            s.close()
        self.assertTrue(wait_until(lambda: d.descriptors() == before),
                        '%d, then %d' % (before, d.descriptors()))
        c = in_data(d)
        c.send(MESSAGE + '.\r\n')
        self.assertTrue(c.reply().startswith('250'))

    def test_out_of_descriptors_does_not_spin(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        d = self.start(preexec=limit)
        many = [connect(d.submission) for _ in range(60)]
        d.wait_log('^full reason="Too many open files"')
        before = d.cpu_seconds()
        time.sleep(1.5)
        self.assertLess(d.cpu_seconds() - before, 0.5)
        for s in many:
            s.close()
        time.sleep(0.2)
        c = Client(d.submission)
        self.assertTrue(c.reply().startswith('220'))

    def test_sessions_per_address(self):
        d = self.start('limit sessions-per-ip 2')
        a, b, c = (Client(d.submission) for _ in range(3))
        self.assertTrue(a.reply().startswith('220') and b.reply().startswith('220'))
        self.assertTrue(c.reply().startswith('421 4.7.0'))
        self.assertEqual(c.ended(), b'')
        a.close()
        self.assertTrue(wait_until(lambda: Client(d.submission).reply().startswith('220')))

    def test_sessions_in_all_and_per_minute(self):
        d = self.start('limit sessions 1')
        a = Client(d.submission)
        self.assertTrue(a.reply().startswith('220'))
        self.assertTrue(Client(d.submission).reply().startswith('421 4.3.2'))
        d = self.start('limit connections-per-minute 2')
        replies = [Client(d.submission).reply()[:9] for _ in range(3)]
        self.assertEqual(replies[2], '421 4.7.0')

    def test_failed_logins_per_address(self):
        d = self.start('limit auth-failures-per-minute 2')
        for user in ('alice', 'nobody'):
            c = Client(d.submissions, tls=True)
            c.reply()
            c.cmd('EHLO x.test')
            self.assertTrue(c.cmd('AUTH PLAIN ' + plain(user, 'wrong')).startswith('535'))
            c.close()
        self.assertTrue(Client(d.submission).reply().startswith('421 4.7.0'))

    def test_time_for_the_handshake_and_between_commands(self):
        d = self.start('limit handshake-seconds 1', 'limit idle-seconds 1')
        s = connect(d.submissions)
        c = Client(d.submission)
        c.reply()
        began = time.monotonic()
        self.assertTrue(c.reply().startswith('421 4.4.2'))
        self.assertEqual(c.ended(), b'')
        s.recv(100)
        self.assertLess(time.monotonic() - began, 8)
        d.wait_log('tls .*result=fail .*took too long')

    def test_tls_1_2_is_refused_and_said(self):
        d = self.start()
        c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        c.maximum_version = ssl.TLSVersion.TLSv1_2
        c.load_verify_locations(Folder.get().file('ca.crt'))
        with socket.create_connection(('127.0.0.1', d.submissions)) as s:
            with self.assertRaises(ssl.SSLError) as caught:
                c.wrap_socket(s, server_hostname='localhost')
        self.assertIn('PROTOCOL_VERSION', str(caught.exception).upper())
        d.wait_log('tls .*result=fail alert=protocol_version by=us')

    def test_many_sessions_at_once(self):
        d = self.start('limit sessions-per-ip 300')
        clients = [in_data(d) for _ in range(40)]
        for i, c in enumerate(clients):
            c.send('Subject: %d\r\n\r\n' % i)
        for c in clients:
            c.send('body\r\n.\r\n')
        for c in clients:
            self.assertTrue(c.reply().startswith('250'))
            c.close()
        self.assertEqual(len(d.messages()), 40)


if __name__ == '__main__':
    unittest.main()
