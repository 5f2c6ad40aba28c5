"""tests/interop/test_library.py - the libraries as a stranger meets them: installed, found by
pkg-config, compiled against by the two programs of docs/examples/, described by man pages.
"""
import glob
import os
import re
import shlex
import subprocess

from peers import DEADLINE, TOP, InteropTest, free_port, listening, needs, until

FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
PROGRAMS = {"sealtls": "1", "sealpost": "1", "sealpostd": "8"}


@needs("make", "cc", "pkg-config")
class Library(InteropTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.path("prefix")
        cls.run_("make", "--no-print-directory", "-C", TOP, "install", "PREFIX=" + cls.prefix)
        flags = cls.run_("pkg-config", "--cflags", "--libs", "sealtls",
                         PKG_CONFIG_PATH=cls.prefix + "/lib/pkgconfig")
        cls.flags = shlex.split(flags)
        for name in ("client", "server"):
            cls.run_("cc", *FLAGS, "-D_GNU_SOURCE", "%s/docs/examples/%s.c" % (TOP, name),
                     *cls.flags, "-o", cls.path(name))

    @classmethod
    def run_(cls, *command, **environment):
        done = subprocess.run(command, capture_output=True, text=True, timeout=10 * DEADLINE,
                              env={**os.environ, **environment}, check=False)
        if done.returncode != 0:
            raise AssertionError("%s\n%s%s" % (" ".join(command), done.stdout, done.stderr))
        return done.stdout

    def start_example(self, *arguments):
        port = free_port()
        server = self.start(self.path("server"), port, *arguments)
        until(lambda: listening(port), "the example server listens\n" + server.said)
        return port

    def test_example_client_with_example_server(self):
        port = self.start_example(self.path("p256.crt"), self.path("p256.key"))
        for _ in range(3):
            client = self.start(self.path("client"), "localhost", port, self.ca)
            self.assertEqual(client.ends(), 0, client.said)
            self.assertEqual(client.out, b"hello\n")

    def test_example_client_refuses_a_stranger(self):
        port = self.start_example(self.path("p256.crt"), self.path("p256.key"))
        self.make_cert("root", "--name", "another CA", "--cert", self.path("other.crt"),
                       "--key", self.path("other.key"))
        client = self.start(self.path("client"), "localhost", port, self.path("other.crt"))
        self.assertEqual(client.ends(), 1)
        self.assertRegex(client.err, "neither a trust anchor")
        self.assertEqual(client.out, b"")

    def test_example_client_with_openssl(self):
        server = self.start_server("openssl", "s_server", "-port", "PORT", "-cert",
                                   self.path("p256.crt"), "-key", self.path("p256.key"), "-rev")
        client = self.start(self.path("client"), "localhost", server.port, self.ca)
        client.waits_for("olleh\n")

    def test_example_server_with_openssl(self):
        port = self.start_example(self.path("p256.crt"), self.path("p256.key"))
        client = self.start("openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-quiet",
                            "-CAfile", self.ca, "-verify_return_error")
        client.send("over the network\n" * 4000)
        self.assertEqual(client.waits_for_bytes(68000), b"over the network\n" * 4000)

    def test_every_installed_header_stands_alone(self):
        include = self.prefix + "/include/sealpost"
        headers = sorted(glob.glob(include + "/**/*.h", recursive=True))
        self.assertGreater(len(headers), 10)
        source = self.write("headers.c", "".join('#include "%s"\n' % h for h in headers))
        self.run_("cc", *FLAGS, "-fsyntax-only", source, *self.flags)
        for header in headers:
            self.run_("cc", *FLAGS, "-fsyntax-only", "-x", "c", header, *self.flags)

    def test_only_libsodium_is_needed_at_run_time(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*?)\]",
                            self.run_("readelf", "-d", self.path("client")))
        self.assertEqual({n.split(".so")[0] for n in needed}, {"libsodium", "libc"})

    def help_of(self, program):
        """What a program says of itself, its commands' texts included."""
        path = "%s/bin/%s" % (self.prefix, program)
        text = self.run_(path, "--help")
        for command in {"sealtls": ("connect", "serve", "cert")}.get(program, ()):
            text += self.run_(path, command, "--help")
        return text

    def test_man_pages_have_the_options_that_the_programs_have(self):
        for program, section in PROGRAMS.items():
            with self.subTest(program=program):
                page = "%s/share/man/man%s/%s.%s" % (self.prefix, section, program, section)
                with open(page, encoding="utf-8") as f:
                    text = f.read().replace("Fl -", "--")     # mdoc's way to write it
                options = r"(?<![\w-])--([a-z][a-z0-9-]+)"
                everywhere = {"help", "version"}
                self.assertEqual(set(re.findall(options, self.help_of(program))) - everywhere,
                                 set(re.findall(options, text)) - everywhere)

    def test_every_program_says_its_version(self):
        with open(TOP + "/crypto/version.h", encoding="utf-8") as f:
            version = re.search('"(.*)"', f.read()).group(1)
        for program in PROGRAMS:
            self.assertEqual(self.run_("%s/bin/%s" % (self.prefix, program), "--version"),
                             "%s %s\n" % (program, version))


@needs("mandoc")
class ManPages(InteropTest):
    def test_man_pages_are_well_formed(self):
        for page in glob.glob(TOP + "/docs/man/*.[1-8]"):
            done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True,
                                  capture_output=True, timeout=DEADLINE, check=False)
            self.assertEqual(done.stdout + done.stderr, "")
