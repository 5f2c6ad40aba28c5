# Sealpost. `make` builds everything into build/; README.md has the two commands to start with.
# The link lines are the architecture: crypto <- tls13 <- smtp, each layer links those on its left.

CC       ?= cc
CFLAGS   ?= -O2 -g
O        ?= build
PREFIX   ?= /usr/local
PYTHON   ?= /usr/bin/python3

FLAGS    := -std=c11 -D_GNU_SOURCE -I. $(shell pkg-config --cflags libsodium) \
            -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Werror -MMD -MP
SODIUM   := $(shell pkg-config --libs libsodium)
CHECK     = $(shell pkg-config --libs check)

PROGRAMS := tls13/sealtls smtp/sealpost smtp/sealpostd
objs      = $(patsubst %.c,$O/%.o,$(filter-out $(PROGRAMS:=.c),$(foreach d,$1,$(wildcard $d/*.c))))
CRYPTO   := $O/libsealcrypto.a
TLS13    := $O/libsealtls.a $(CRYPTO)
SMTP     := $O/libsealsmtp.a $(TLS13)
SUITES   := $(patsubst tests/%.c,$O/tests/%,$(wildcard tests/test_*.c))
SUPPORT  := $(patsubst %.c,$O/%.o,$(filter-out $(wildcard tests/test_*.c),$(wildcard tests/*.c)))

all: $(addprefix $O/,$(PROGRAMS))

$O/libsealcrypto.a: $(call objs,crypto)
$O/libsealtls.a:    $(call objs,tls13 tls13/x509)
$O/libsealsmtp.a:   $(call objs,smtp)
$O/libsealtest.a:   $(SUPPORT)

$O/tls13/sealtls:                 $O/tls13/sealtls.o   $(TLS13)
$O/smtp/sealpost $O/smtp/sealpostd: $O/smtp/%:  $O/smtp/%.o   $(SMTP)
$(addprefix $O/,$(PROGRAMS)):
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(SODIUM)

$(SUITES): $O/tests/%: $O/tests/%.o $O/libsealtest.a $(SMTP)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(CHECK) $(SODIUM)

%.a:
	@rm -f $@
	$(AR) rcs $@ $^

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CFLAGS) -c -o $@ $<

layers:                                   # crypto <- tls13 <- smtp, and nothing upward
	@! grep -nE '^#include "(tls13|smtp)/' crypto/*.[ch]
	@! grep -nE '^#include "smtp/' tls13/*.[ch] tls13/x509/*.[ch]

suites: $(SUITES)

clean:
	rm -rf $O

-include $(shell find $O -name '*.d' 2>/dev/null)
.PHONY: all layers suites clean
.SECONDARY:
