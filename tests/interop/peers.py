"""tests/interop/peers.py - what the interop tests share: programs, ports, certificates, a relay.

Every program that a test starts belongs to its test case and is stopped by its own process id when
the test ends, however it ends. Everything happens on loopback, on ports that the system chose.
A test waits for what it expects and never for a fixed time; DEADLINE bounds each wait.
"""
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest

DEADLINE = int(os.environ.get("DEADLINE", "15"))    # seconds, for any one thing to happen
BUILD = os.environ.get("O", "build")
SEALTLS = os.path.join(BUILD, "tls13", "sealtls")
INTEROP = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(INTEROP))

SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
GROUPS = ("x25519", "secp256r1")
KEYS = {"p256": "ecdsa_secp256r1_sha256", "ed25519": "ed25519"}     # --algorithm: scheme
SCHEMES = {**KEYS, "p384": "ecdsa_secp384r1_sha384", "rsa": "rsa_pss_rsae_sha"}


def needs(*programs):
    """Skips a class of tests, with the reason, where a program is missing."""
    missing = [p for p in programs if not shutil.which(p)]
    return unittest.skipIf(missing, "not installed: " + ", ".join(missing))


def free_port():
    """For peers that cannot choose one by themselves."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port):
    """Whether somebody listens there; asked of the kernel, since to connect would use up the one
    connection that some peers are told to take."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table, encoding="ascii") as f:
            for line in f.readlines()[1:]:
                fields = line.split()
                if int(fields[1].rsplit(":", 1)[1], 16) == port and fields[3] == "0A":
                    return True
    return False


def until(condition, what, seconds=DEADLINE):
    """Waits for `condition` and returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("in %d s it did not happen: %s" % (
                seconds, what() if callable(what) else what))
        time.sleep(0.005)


def compile_c(output, source, *more):
    subprocess.run(["gcc", "-std=c11", "-D_GNU_SOURCE", "-I.", "-O1", "-Wall", "-Wextra", "-Werror",
                    "-o", output, os.path.join(INTEROP, source), *more],
                   check=True, cwd=TOP, timeout=60)


class Program:
    """A running program whose outputs are collected while it runs."""

    def __init__(self, arguments, **environment):
        self.arguments = [str(a) for a in arguments]
        self.process = subprocess.Popen(
            self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0, env={**os.environ, **environment})
        self.collected = {"out": bytearray(), "err": bytearray()}
        self.readers = [
            threading.Thread(target=self._collect, args=(stream, self.collected[name]), daemon=True)
            for name, stream in (("out", self.process.stdout), ("err", self.process.stderr))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _collect(stream, into):
        for piece in iter(lambda: stream.read(65536), b""):
            into += piece

    @property
    def out(self):
        return bytes(self.collected["out"])

    @property
    def err(self):
        return self.collected["err"].decode("utf-8", "replace")

    @property
    def said(self):
        """Both outputs as text."""
        return self.out.decode("utf-8", "replace") + self.err

    def send(self, data):
        """Gives it standard input; from another thread, so that both sides may be busy."""
        if isinstance(data, str):
            data = data.encode()
        threading.Thread(target=self._write, args=(data,), daemon=True).start()

    def _write(self, data):
        try:
            while data:
                data = data[self.process.stdin.write(data):]
        except (OSError, ValueError):
            pass                                # it ended; what it said tells why

    def end_input(self):
        try:
            self.process.stdin.close()
        except OSError:
            pass

    def waits_for(self, pattern):
        """The match of `pattern` in what it says."""
        def found():
            return re.search(pattern, self.said)

        def over():
            return self.process.poll() is not None and (self._drain() or True)
        until(lambda: found() or over(),
              lambda: "%s says %r\n%s" % (self.arguments[0], pattern, self.said))
        match = found()
        if not match:
            raise AssertionError("%s ended (%s) without %r\n%s" % (
                " ".join(self.arguments), self.process.returncode, pattern, self.said))
        return match

    def waits_for_bytes(self, count):
        until(lambda: len(self.collected["out"]) >= count,
              "%d bytes on standard output of %s" % (count, self.arguments[0]))
        return self.out

    def _drain(self):
        for reader in self.readers:
            reader.join(DEADLINE)

    def ends(self):
        """Its exit status, after all that it said has been collected."""
        try:
            status = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            raise AssertionError("%s did not end\n%s" % (" ".join(self.arguments), self.said))
        self._drain()
        return status

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._drain()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except OSError:
                pass


class Relay:
    """Between a client and a server: passes bytes on, through `change` on the client's way and
    `change_back` on the server's, and keeps what came in from each."""

    def __init__(self, port, change=lambda piece: [piece], change_back=lambda piece: [piece]):
        self.target = port
        self.change, self.change_back = change, change_back
        self.from_client, self.from_server = bytearray(), bytearray()
        self.pieces = []                        # (from the client?, bytes), in order of arrival
        self.server_closed = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = [self.listener]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            return
        self.sockets += [client, server]
        for s in (client, server):
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self._back, args=(client, server), daemon=True)
        back.start()
        self._forth(client, server)
        back.join()

    def _forth(self, client, server):
        try:
            for piece in iter(lambda: client.recv(65536), b""):
                self.from_client += piece
                self.pieces.append((True, piece))
                for part in self.change(piece):
                    server.sendall(part)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _back(self, client, server):
        try:
            for piece in iter(lambda: server.recv(65536), b""):
                self.from_server += piece
                self.pieces.append((False, piece))
                for part in self.change_back(piece):
                    client.sendall(part)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.server_closed.set()

    def stop(self):
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
        self.thread.join(DEADLINE)


class InteropTest(unittest.TestCase):
    """A test with a folder of its class's own, in which there is a CA and a server certificate for
    localhost and 127.0.0.1 with each kind of key."""

    @classmethod
    def setUpClass(cls):
        if not os.access(SEALTLS, os.X_OK):
            raise unittest.SkipTest("%s is not built" % SEALTLS)
        cls.folder = tempfile.mkdtemp(prefix="sealpost-interop-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.ca = cls.path("ca.crt")
        cls.make_cert("root", "--name", "interop CA", "--cert", cls.ca, "--key", cls.path("ca.key"))
        for key in KEYS:
            cls.make_cert("server", "--ca", cls.ca, "--ca-key", cls.path("ca.key"),
                          "--dns", "localhost", "--ip", "127.0.0.1", "--algorithm", key,
                          "--cert", cls.path(key + ".crt"), "--key", cls.path(key + ".key"))

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder, name)

    @classmethod
    def make_cert(cls, *arguments):
        subprocess.run([SEALTLS, "cert", *arguments], check=True, capture_output=True,
                       timeout=DEADLINE)

    @classmethod
    def make_more_keys(cls):
        """Certificates for localhost with a P-384 and an RSA key; `sealtls cert` makes no RSA."""
        cls.make_cert("server", "--ca", cls.ca, "--ca-key", cls.path("ca.key"), "--dns",
                      "localhost", "--ip", "127.0.0.1", "--algorithm", "p384", "--cert",
                      cls.path("p384.crt"), "--key", cls.path("p384.key"))
        with open(cls.path("names"), "w", encoding="ascii") as f:
            f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        for command in (
                ("req", "-newkey", "rsa:2048", "-nodes", "-keyout", cls.path("rsa.key"), "-out",
                 cls.path("rsa.csr"), "-subj", "/CN=localhost"),
                ("x509", "-req", "-in", cls.path("rsa.csr"), "-CA", cls.ca, "-CAkey",
                 cls.path("ca.key"), "-set_serial", "7", "-extfile", cls.path("names"), "-out",
                 cls.path("rsa.crt"))):
            subprocess.run(["openssl", *command], check=True, capture_output=True, timeout=60)
        os.chmod(cls.path("rsa.key"), 0o600)

    def write(self, name, data, mode=0o600):
        """A file in the folder; its path."""
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        os.chmod(path, mode)
        return path

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def start(self, *arguments, **environment):
        program = Program(arguments, **environment)
        self.addCleanup(program.stop)
        return program

    def relay(self, port, *change):
        relay = Relay(port, *change)
        self.addCleanup(relay.stop)
        return relay

    def start_server(self, *arguments, **environment):
        """A peer's server, with .port; its command line has "PORT" where that goes."""
        port = free_port()
        server = self.start(*(re.sub(r"\bPORT\b", str(port), str(a)) for a in arguments),
                            **environment)
        server.port = port
        until(lambda: listening(port) or server.process.poll() is not None,
              "%s listens\n%s" % (arguments[0], server.said))
        if server.process.poll() is not None:
            raise AssertionError("%s ended\n%s" % (" ".join(server.arguments), server.said))
        return server

    # ---- our two roles ----

    def serve(self, *options, key="p256"):
        """sealtls serve; the program, with its port in .port."""
        server = self.start(SEALTLS, "serve", "0", "--cert", self.path(key + ".crt"),
                            "--key", self.path(key + ".key"), *options)
        server.port = int(server.waits_for(r"listening on [^\n]*:(\d+)\n").group(1))
        return server

    def connect(self, port, *options, name="localhost", ca=None):
        return self.start(SEALTLS, "connect", "127.0.0.1:%d" % port, "--ca", ca or self.ca,
                          "--name", name, *options)

    def assertFacts(self, program, suite, group, key, retry):
        """What our end says of the connection; for `key` "resumed" in a resumed one."""
        facts = program.waits_for(r"connected: (TLS 1\.3[^\n]*)\n").group(1)
        self.assertIn("TLS 1.3, %s, %s, %s" % (suite, group, SCHEMES.get(key, key)), facts)
        self.assertEqual("after HelloRetryRequest" in facts, retry, facts)

    def downgrade_client(self):
        """The program that offers TLS 1.2 in place of our client."""
        program = self.path("downgrade_client")
        if not os.path.exists(program):
            compile_c(program, "downgrade_client.c", os.path.join(BUILD, "libsealtls.a"),
                      os.path.join(BUILD, "libsealcrypto.a"), "-lsodium")
        return program

    def assertDowngradeNoticed(self, server):
        client = self.start(self.downgrade_client(), str(server.port))
        self.assertEqual(client.ends(), 0, server.said)
        self.assertRegex(client.said,
                         "^sent illegal_parameter: downgrade: the server knows TLS 1.3")

    def assertAlive(self, server):
        """The server still serves: a connection of our own client."""
        client = self.connect(server.port)
        client.send(b"still there?\n")
        self.assertEqual(client.waits_for_bytes(13), b"still there?\n")
        client.end_input()
        self.assertEqual(client.ends(), 0, client.said)


def matrix(test_class):
    """Gives the class a named test per role and combination, which calls its run_client or
    run_server with (suite, group, key, retry)."""
    for role in ("client", "server"):
        for suite in SUITES:
            for group in GROUPS:
                for key in KEYS:
                    for retry in (False, True):
                        name = "test_our_%s_%s_%s_%s_%s" % (
                            role, suite.lower(), group, key, "hello_retry" if retry else "direct")

                        def test(self, role=role, choice=(suite, group, key, retry)):
                            getattr(self, "run_" + role)(*choice)
                        test.__name__ = name
                        setattr(test_class, name, test)
    return test_class
