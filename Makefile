# Sealpost. `make` builds everything into build/; README.md has the two commands to start with.
# The link lines are the architecture: crypto <- tls13 <- smtp, each layer links those on its left.

CC       ?= cc
CFLAGS   ?= -O2 -g
O        ?= build
PREFIX   ?= /usr/local
PYTHON   ?= /usr/bin/python3

ifeq ($(shell pkg-config --atleast-version=1.0.18 libsodium && echo yes),)
$(error libsodium 1.0.18 or later is needed: apt-get install pkg-config libsodium-dev)
endif
# On 32 bits: files and times beyond 2^31.
FLAGS    := -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 \
            -I. $(shell pkg-config --cflags libsodium) \
            -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror -MMD -MP
SODIUM   := $(shell pkg-config --libs libsodium)
CHECK     = $(shell pkg-config --libs check)

PROGRAMS := tls13/sealtls smtp/sealpost smtp/sealpostd
objs      = $(patsubst %.c,$O/%.o,$(filter-out $(PROGRAMS:=.c),$(foreach d,$1,$(wildcard $d/*.c))))
CRYPTO   := $O/libsealcrypto.a
TLS13    := $O/libsealtls.a $(CRYPTO)
SMTP     := $O/libsealsmtp.a $(TLS13)
SUITES   := $(patsubst tests/%.c,$O/tests/%,$(wildcard tests/test_*.c))
REPLAYS  := $(patsubst tests/fuzz/%.c,$O/tests/fuzz/replay_%.o,$(wildcard tests/fuzz/*.c))
SUPPORT  := $(patsubst %.c,$O/%.o,$(filter-out $(wildcard tests/test_*.c),$(wildcard tests/*.c)) $(addprefix vectors/,records.c exclusions.c memory.c))

all: $(addprefix $O/,$(PROGRAMS))

$O/libsealcrypto.a: $(call objs,crypto)
$O/libsealtls.a:    $(call objs,tls13 tls13/x509)
$O/libsealsmtp.a:   $(call objs,smtp)
$O/libsealtest.a:   $(SUPPORT)

$O/tls13/sealtls:                 $O/tls13/sealtls.o   $(TLS13)
$O/smtp/sealpost $O/smtp/sealpostd: $O/smtp/%:  $O/smtp/%.o   $(SMTP)
$(addprefix $O/,$(PROGRAMS)):
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SODIUM)

sealvec: $O/vectors/sealvec               # the test-vector harness; needs libjansson-dev
$O/vectors/sealvec: $(patsubst %.c,$O/%.o,$(wildcard vectors/*.c)) $(TLS13)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson $(SODIUM)

vectors:                                  # where the large public sets of vectors are
	@sed -n 's/^    //p' vectors/SOURCES

$(SUITES): $O/tests/%: $O/tests/%.o $O/libsealtest.a $(SMTP)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(CHECK) $(SODIUM)

%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CFLAGS) -c -o $@ $<

$O/tests/test_corpus: $(REPLAYS)
$(REPLAYS): $O/tests/fuzz/replay_%.o: tests/fuzz/%.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CFLAGS) -DLLVMFuzzerTestOneInput=replay_$* -c -o $@ $<

layers:                                   # crypto <- tls13 <- smtp, and nothing upward
	@! grep -nE '^#include "(tls13|smtp)/' crypto/*.[ch]
	@! grep -nE '^#include "smtp/' tls13/*.[ch] tls13/x509/*.[ch]

suites: $(SUITES) bogo-shim

test:                                     # every stage; tests/run says what there is
	@tests/run
asan:
	@tests/run asan
ctcheck:                                  # with every compiler and level
	@CT_BUILDS="gcc-O2 gcc-O3 clang-O2 clang-O3" tests/run ct
cross:                                    # other machines, under emulation
	@tests/cross
interop:
	@tests/run interop mail

demo: all
	@tests/demo

SANITIZE := -fsanitize=address,undefined
FUZZERS  := $(patsubst tests/fuzz/%.c,$O/tests/fuzz/%,$(wildcard tests/fuzz/*.c))
fuzz:                                     # build-fuzz/tests/fuzz/<decoder> [corpus folder]
	$(MAKE) O=build-fuzz CC=clang CFLAGS="-O1 -g -fsanitize=fuzzer-no-link $(SANITIZE)" fuzzers
fuzzers: $(FUZZERS)
$(FUZZERS): $O/tests/fuzz/%: $O/tests/fuzz/%.o $(SMTP)
	$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(SODIUM)

BENCHES  := $(patsubst bench/%.c,$O/bench/%,$(wildcard bench/bench_*.c))
bench: $(BENCHES)                         # ratios to OpenSSL, libsodium, BearSSL in one run
	@for b in $^; do $$b || exit 1; done
$(BENCHES): $O/bench/%: $O/bench/%.o $O/bench/measure.o $(SMTP)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcrypto -lbearssl $(SODIUM)

bogo-shim: $O/tests/bogo/shim             # our end of BoringSSL's tests: docs/bogo.md
$O/tests/bogo/shim: $(call objs,tests/bogo) $(TLS13)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SODIUM)

tables:                                   # rebuilds what a generator wrote
	for curve in p256 p384; do \
	    $(PYTHON) crypto/curve_table.py $$curve > $O/table.c || exit 1; \
	    mv $O/table.c crypto/$${curve}_table.c; done
	$(PYTHON) crypto/mlkem_table.py > $O/table.c && mv $O/table.c crypto/mlkem_table.c

# The headers that a program needs to use the engine: what these include, and nothing else.
VERSION   = $(shell sed -n 's/.*_VERSION "\(.*\)"/\1/p' crypto/version.h)
HEADERS   = $(filter %.h,$(shell $(CC) $(filter-out -M%,$(FLAGS)) -MM \
                                 $(addprefix tls13/,tls.h clock_io.h credential_io.h x509/trust_io.h)))
install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin lib/pkgconfig)
	install $(addprefix $O/,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $O/libsealcrypto.a $O/libsealtls.a $(DESTDIR)$(PREFIX)/lib
	for pc in sealcrypto sealtls; do \
	    sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' docs/$$pc.pc.in \
	    > $(DESTDIR)$(PREFIX)/lib/pkgconfig/$$pc.pc || exit 1; done
	for h in $(sort $(HEADERS)); do \
	    install -D -m 644 $$h $(DESTDIR)$(PREFIX)/include/sealpost/$$h || exit 1; done
	for m in docs/man/*.[1-8]; do \
	    install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${m##*.} $$m || exit 1; done

clean:
	rm -rf $O build-*

-include $(shell find $O -name '*.d' 2>/dev/null)
.PHONY: all sealvec vectors layers suites test asan ctcheck cross interop demo bench fuzz fuzzers bogo-shim tables install clean
.SECONDARY:
