"""tests/smtp/harness.py - sealpostd in a temporary folder, and raw clients and servers to face it.

Python's own ssl module is the other end: a peer that shares no code with ours.
"""
import base64
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, os.environ.get('O', 'build'))
SEALPOST = os.path.join(BUILD, 'smtp', 'sealpost')
SEALPOSTD = os.path.join(BUILD, 'smtp', 'sealpostd')
SEALTLS = os.path.join(BUILD, 'tls13', 'sealtls')
PASSWORD = 'correct horse'


def run(*argv, **kwargs):
    """A program to its end: status, stdout, stderr as text."""
    kwargs.setdefault('timeout', 60)
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)
    return p.returncode, p.stdout.decode(), p.stderr.decode()


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def read_file(path):
    with open(path, 'rb') as f:
        return f.read()


class Folder:
    """A temporary folder with a CA and a server certificate for localhost, made once."""
    shared = None

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix='sealpost-test-')
        self.make('root', '--name', 'Test root', '--out-dir', self.path)
        self.server_certificate('server')
        self.ca, self.ca_key = self.file('ca.crt'), self.file('ca.key')

    @classmethod
    def get(cls):
        if cls.shared is None:
            cls.shared = cls()
            import atexit
            atexit.register(shutil.rmtree, cls.shared.path, ignore_errors=True)
        return cls.shared

    def make(self, *argv):
        status, _, err = run(SEALTLS, 'cert', *argv)
        if status != 0:
            raise RuntimeError(err)

    def server_certificate(self, name, *dns):
        ca, key = self.file('ca.crt'), self.file('ca.key')
        names = [x for n in dns or ('localhost',) for x in ('--dns', n)]
        self.make('server', '--ca', ca, '--ca-key', key, *names, '--ip', '127.0.0.1', '--force',
                  '--cert', self.file(name + '.crt'), '--key', self.file(name + '.key'))

    def file(self, name, content=None, mode=0o600):
        path = os.path.join(self.path, name)
        if content is not None:
            with open(path, 'wb') as f:
                f.write(content if isinstance(content, bytes) else content.encode())
            os.chmod(path, mode)
        return path


class Daemon:
    """sealpostd with alice and bob as users; `lines` are added to its configuration."""
    count = 0

    def __init__(self, *lines, mail=None, preexec=None):
        self.folder = Folder.get()
        Daemon.count += 1
        self.home = os.path.join(self.folder.path, 'daemon%d' % Daemon.count)
        os.mkdir(self.home, 0o700)
        self.mail = mail or os.path.join(self.home, 'mail')
        os.makedirs(self.mail, exist_ok=True)
        users = self.folder.file('users')
        if not os.path.exists(users):
            for name in ('alice', 'bob'):
                run(SEALPOSTD, 'user', 'add', users, name, input=PASSWORD.encode())
        for name in ('server.crt', 'server.key', 'users'):
            shutil.copy2(self.folder.file(name), self.home)
        self.config = os.path.join(self.home, 'config')
        with open(self.config, 'w') as f:
            f.write(self.text(*lines))
        self.log_path = os.path.join(self.home, 'log')
        with open(self.log_path, 'wb') as log:
            self.process = subprocess.Popen([SEALPOSTD, '--config', self.config], stderr=log,
                                            stdin=subprocess.DEVNULL, preexec_fn=preexec)
        if not wait_until(lambda: self.log().count('listen ') == 2):
            self.process.kill()
            raise RuntimeError('sealpostd did not start: ' + self.log())
        self.submission, self.submissions = (
            int(re.search(r'listener=%s .*port=(\d+)' % kind, self.log()).group(1))
            for kind in ('submission', 'submissions'))

    def text(self, *lines):
        limits = {'connections-per-minute': 100000, 'sessions-per-ip': 200, 'sessions': 300,
                  'auth-failures-per-minute': 1000}
        kept = [k for k in limits if not any(' %s ' % k in l for l in lines)]
        return '\n'.join([
            'hostname mail.example.org', 'domain example.org',
            'tls cert %s/server.crt key %s/server.key' % (self.home, self.home),
            'listen submission 127.0.0.1:0', 'listen submissions 127.0.0.1:0',
            'users %s/users' % self.home, 'deliver maildir %s/%%u' % self.mail,
            *('limit %s %d' % (k, limits[k]) for k in kept), *lines, ''])

    def log(self):
        with open(self.log_path) as f:
            return f.read()

    def wait_log(self, pattern, seconds=10):
        if not wait_until(lambda: re.search(pattern, self.log(), re.M), seconds):
            raise AssertionError('no %r in the log:\n%s' % (pattern, self.log()))

    def messages(self, user='alice', sub='new'):
        """What is in a mailbox: the files' contents, oldest first."""
        folder = os.path.join(self.mail, user, sub)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        return [read_file(os.path.join(folder, n)) for n in names]

    def descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.process.pid))

    def cpu_seconds(self):
        with open('/proc/%d/stat' % self.process.pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def stop(self):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def below_trace(message):
    """The message without the fields that the server puts on top."""
    match = re.match(rb'Return-Path: .*\nDelivered-To: .*\nReceived: .*\n(?:\t.*\n)+', message)
    return message[match.end():] if match else None


def context(ca=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version = ssl.TLSVersion.TLSv1_3
    c.load_verify_locations(ca or Folder.get().file('ca.crt'))
    return c


class Client:
    """Sends bytes, reads replies. Nothing is done for it."""
    opened = []

    def __init__(self, port, tls=False):
        self.sock = socket.create_connection(('127.0.0.1', port), timeout=20)
        Client.opened.append(self)
        self.buffer = b''
        if tls:
            self.secure()

    def secure(self):
        self.sock = context().wrap_socket(self.sock, server_hostname='localhost',
                                          suppress_ragged_eofs=False)

    def send(self, *parts):
        """Each part in a segment (and record) of its own."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i, part in enumerate(parts):
            if i > 0:
                time.sleep(0.03)
            self.sock.sendall(part if isinstance(part, bytes) else part.encode())

    def line(self):
        while b'\n' not in self.buffer:
            try:
                more = self.sock.recv(65536)
            except (ssl.SSLEOFError, ConnectionResetError):
                more = b''
            if not more:
                raise EOFError(self.buffer)
            self.buffer += more
        line, self.buffer = self.buffer.split(b'\n', 1)
        assert line.endswith(b'\r'), line
        return line[:-1].decode()

    def reply(self):
        """A whole reply, as its lines joined."""
        lines = [self.line()]
        while lines[-1][3:4] == '-':
            lines.append(self.line())
        return '\n'.join(lines)

    def cmd(self, text):
        self.send(text + '\r\n')
        return self.reply()

    def ended(self):
        """Everything until the end of the stream; None if it does not end."""
        rest = self.buffer
        try:
            while True:
                more = self.sock.recv(65536)
                if not more:
                    return rest
                rest += more
        except (ssl.SSLEOFError, ConnectionResetError):
            return rest
        except socket.timeout:
            return None

    def close(self):
        self.sock.close()

    @classmethod
    def close_all(cls):
        while cls.opened:
            c = cls.opened.pop()
            getattr(c, 'sock', c).close()


def connect(port):
    """A socket, closed by Client.close_all."""
    s = socket.create_connection(('127.0.0.1', port), timeout=20)
    Client.opened.append(s)
    return s


def plain(user='alice', password=PASSWORD):
    return base64.b64encode(('\0%s\0%s' % (user, password)).encode()).decode()


def ready(daemon, starttls=False):
    """A session that has logged in."""
    if starttls:
        c = Client(daemon.submission)
        c.reply()
        c.cmd('EHLO client.test')
        assert c.cmd('STARTTLS').startswith('220')
        c.secure()
    else:
        c = Client(daemon.submissions, tls=True)
        c.reply()
    c.cmd('EHLO client.test')
    reply = c.cmd('AUTH PLAIN ' + plain())
    assert reply.startswith('235'), reply
    return c


def in_data(daemon, *recipients):
    c = ready(daemon)
    assert c.cmd('MAIL FROM:<alice@example.org>').startswith('250')
    for to in recipients or ('alice@example.org',):
        assert c.cmd('RCPT TO:<%s>' % to).startswith('250')
    assert c.cmd('DATA').startswith('354')
    return c


class FakeServer:
    """A server that follows a script: a function of its connection, in a thread. What it read is in
    `heard`; an error in the script is raised by join()."""

    def __init__(self, script, tls=False, certificate='server'):
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.socket.settimeout(20)
        self.port = self.socket.getsockname()[1]
        self.script, self.tls, self.heard, self.error = script, tls, [], None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(Folder.get().file(certificate + '.crt'),
                                     Folder.get().file(certificate + '.key'))
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            self.connection, _ = self.socket.accept()
            self.connection.settimeout(20)
            self.buffer, self.secure = b'', False
            if self.tls:
                self.start_tls()
            self.script(self)
        except Exception as e:                       # handed to the test
            self.error = e
        finally:
            if hasattr(self, 'connection'):
                self.connection.close()
            self.socket.close()

    def start_tls(self):
        self.connection = self.context.wrap_socket(self.connection, server_side=True,
                                                   suppress_ragged_eofs=False)
        self.secure = True

    def send(self, data):
        self.connection.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        while b'\r\n' not in self.buffer:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        line, self.buffer = self.buffer.split(b'\r\n', 1)
        self.heard.append((self.secure, line))
        return line

    def expect(self, verb, answer):
        line = self.line()
        assert line.upper().startswith(verb.upper().encode()), (verb, line)
        self.send(answer)

    def message(self):
        """The bytes of DATA up to the final dot, as they were on the wire."""
        while b'\r\n.\r\n' not in self.buffer:
            more = self.connection.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        text, self.buffer = self.buffer.split(b'\r\n.\r\n', 1)
        return text + b'\r\n'

    def join(self):
        self.thread.join(20)
        if self.error is not None:
            raise self.error

    def in_the_clear(self):
        return [line for secure, line in self.heard if not secure]
