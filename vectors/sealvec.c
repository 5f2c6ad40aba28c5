/* vectors/sealvec.c - runs test vectors against an implementation of cryptography. */
#include "vectors/exclusions.h"
#include "vectors/files.h"
#include "vectors/report.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
"sealvec - runs public test vectors against an implementation of cryptography\n"
"\n"
"  sealvec run [OPTION...] FILE|FOLDER...\n"
"  sealvec run --diff SUBJECT SUBJECT [OPTION...] FILE|FOLDER...\n"
"  sealvec serve SUBJECT\n"
"  sealvec --help\n"
"\n"
"run asks the subject every case of the files, compares, and prints a report. A folder stands for\n"
"every .json, .rsp, .fax and .txt file below it. It reads Project Wycheproof's JSON, NIST CAVP\n"
"response files, the traces of RFC 8448, x509-limbo and BetterTLS, and this project's own format\n"
"(vectors/README.md). Every case is one of: passed; failed; skipped, because the subject does not\n"
"offer the algorithm, size or operation, which is named; excluded, because an argument says that\n"
"the case does not apply (see --exclude). A file that has no case, or not as many as it says, is\n"
"in error.\n"
"\n"
"serve answers the line protocol (docs/sealvec.md) for a built-in subject on standard input and\n"
"output: to try the protocol out, and to compare implementations through it.\n"
"\n"
"Subjects\n"
"  ours            this project's crypto/ and tls13/ (the default)\n"
"  ours:NAME       the same with one back end forced: portable, aesni, vaes256, vaes512 or armv8\n"
"                  for AES-GCM, libsodium or avx2 for ChaCha20-Poly1305\n"
"  libsodium       libsodium's own primitives\n"
"  COMMAND         anything else is run by the shell and has to speak the line protocol on its\n"
"                  standard input and output, e.g. './adapter --fast' or 'python3 adapter.py'\n"
"\n"
"Options\n"
"  -s, --subject SUBJECT   what to test\n"
"  -f, --format FORMAT     table (the default), tap, junit or json\n"
"  -o, --output FILE       where the report goes instead of standard output\n"
"  -c, --case TEXT         only cases whose id has TEXT in it\n"
"  -e, --exclude FILE      lines of FILE CASE REASON, the first two as shell patterns: where such\n"
"                          a case fails, it counts as excluded\n"
"  -p, --policy POLICY     tls: what TLS 1.3 must refuse is to be refused even where a vector\n"
"                          calls it acceptable (the default for ours); none: either will do\n"
"  -t, --timeout SECONDS   for one answer of a COMMAND (60)\n"
"      --diff              compare two subjects' answers instead of judging them: a case passes\n"
"                          where both say the same, right or wrong\n"
"      --self-test         alter one bit in all that is expected, and in every signature that is\n"
"                          valid: now nothing may pass as valid, or the harness is broken\n"
"\n"
"Exit status\n"
"  0   nothing failed; with --diff: nothing differs\n"
"  1   a case failed, or differs\n"
"  2   a file is malformed, missing or has the wrong number of cases; wrong usage; no subject\n"
"\n"
"Examples\n"
"  sealvec run vectors\n"
"  sealvec run --subject 'python3 tests/interop/adapter_example.py' hmac_sha256_test.json\n"
"  sealvec run --diff ours:portable ours --format tap nist/aes_gcm\n"
"  echo 'hash algorithm=SHA-256 message=616263' | sealvec serve ours\n";

struct settings {
    const char *subject, *format, *output, *exclude, *policy;
    int timeout;
    bool diff, self_test;
};

static int usage(const char *what, const char *argument)
{
    fprintf(stderr, "sealvec: %s%s%s\nsealvec --help says how it is used\n", what,
            *argument ? ": " : "", argument);
    return 2;
}

static const struct {
    const char *name;
    void (*report)(FILE *out, const struct run *run);
} formats[] = {
    { "table", report_table }, { "tap", report_tap }, { "junit", report_junit },
    { "json", report_json },
};

static int find_format(const char *name)
{
    for (size_t i = 0; i < COUNT(formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Returns the index of the first argument behind the options, or -1 after a message. */
static int read_options(struct settings *s, struct run *run, int argc, char **argv)
{
    enum { DIFF = 256, SELF_TEST };
    static const struct option options[] = {
        { "subject", required_argument, NULL, 's' }, { "format", required_argument, NULL, 'f' },
        { "output", required_argument, NULL, 'o' },  { "case", required_argument, NULL, 'c' },
        { "exclude", required_argument, NULL, 'e' }, { "policy", required_argument, NULL, 'p' },
        { "timeout", required_argument, NULL, 't' }, { "diff", no_argument, NULL, DIFF },
        { "self-test", no_argument, NULL, SELF_TEST },
        { 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "s:f:o:c:e:p:t:", options, NULL)) != -1; )
        switch (option) {
        case 's': s->subject = optarg; break;
        case 'f': s->format = optarg; break;
        case 'o': s->output = optarg; break;
        case 'c': run->only = optarg; break;
        case 'e': s->exclude = optarg; break;
        case 'p': s->policy = optarg; break;
        case 't': s->timeout = atoi(optarg); break;
        case DIFF: s->diff = true; break;
        case SELF_TEST: s->self_test = true; break;
        default: return -1;
        }
    return optind;
}

static bool settings_good(const struct settings *s)
{
    if (find_format(s->format) < 0)
        return usage("no such format", s->format), false;
    if (s->policy && strcmp(s->policy, "tls") != 0 && strcmp(s->policy, "none") != 0)
        return usage("no such policy", s->policy), false;
    if (s->timeout < 1)
        return usage("the timeout is in seconds, at least 1", ""), false;
    if (s->diff && (s->self_test || s->subject))
        return usage("--diff goes with two SUBJECTs and without --subject, --self-test", ""), false;
    return true;
}

static int finish(struct run *run, const struct settings *s)
{
    FILE *out = s->output ? fopen(s->output, "w") : stdout;
    if (!out)
        return usage("cannot be written", s->output);
    formats[find_format(s->format)].report(out, run);
    if (fflush(out) != 0 || (s->output && fclose(out) != 0))
        return usage("the report could not be written", "");
    struct totals t = totals_of(run);
    if (run->only && t.cases == 0 && t.errors == 0)
        return usage("no case has this in its id", run->only);
    return t.errors > 0 ? 2 : t.count[FAILED] > 0 ? 1 : 0;
}

/* The names of what it is to be run against: one or, for --diff, the first two arguments. */
static bool open_subjects(struct run *run, const struct settings *s, char **argv)
{
    run->subject = subject_open(s->diff ? argv[0] : s->subject ? s->subject : "ours", s->timeout,
                                !s->diff);
    run->other = s->diff ? subject_open(argv[1], s->timeout, false) : NULL;
    return run->subject && (run->other || !s->diff);
}

static int run_all(struct run *run, const struct settings *s, int argc, char **argv)
{
    struct exclusions exclusions = { 0 };
    int first = s->diff ? 2 : 0, status = 2;
    if (argc <= first)
        return usage("nothing to run", "");
    if (open_subjects(run, s, argv)) {
        const char *wrong = s->exclude ? exclusions_read(&exclusions, s->exclude) : NULL;
        if (run->subject->ours)
            exclusions_ours(&exclusions);
        run->exclusions = &exclusions;
        run->mode = s->diff ? MODE_DIFF : s->self_test ? MODE_SELF_TEST : MODE_JUDGE;
        run->tls_policy = s->policy ? strcmp(s->policy, "tls") == 0 : run->subject->ours;
        run->progress = isatty(STDERR_FILENO);
        for (int i = first; !wrong && i < argc; i++)
            files_run(run, argv[i]);
        if (run->progress)
            fputs("\r\033[K", stderr);
        if (wrong)
            fprintf(stderr, "sealvec: %s: %s\n", s->exclude, wrong);
        else
            status = finish(run, s);
    }
    subject_close(run->subject);
    subject_close(run->other);
    run_free(run);
    exclusions_free(&exclusions);
    return status;
}

int main(int argc, char **argv)
{
    struct settings s = { .format = "table", .timeout = 60 };
    struct run run = { .mode = MODE_JUDGE };
    const char *command = argc > 1 ? argv[1] : "";
    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0
        || strcmp(command, "help") == 0)
        return fputs(help, stdout) < 0;
    if (strcmp(command, "serve") == 0)
        return argc == 3 ? subject_serve(argv[2]) : usage("serve takes one SUBJECT", "");
    if (strcmp(command, "run") != 0)
        return usage(*command ? "no such command" : "run, serve or --help", command);
    argv[1] = argv[0];                           /* which getopt's messages begin with */
    int first = read_options(&s, &run, argc - 1, argv + 1);
    if (first < 0 || !settings_good(&s))
        return 2;
    return run_all(&run, &s, argc - 1 - first, argv + 1 + first);
}
