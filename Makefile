# Makefile - builds, runs, tests and installs usher. GNU make; `make help` lists the targets.
# SPDX-License-Identifier: MIT

CFLAGS ?= -O2 -g
WERROR ?= -Werror
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
# Everything that is made is made under $B.
B ?= build
FUZZ_SECONDS ?= 60
# V=1 shows whole commands.
Q := $(if $(V),,@)
say = @$(if $(V),:,echo '  $(1) $@')
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
# Objects of programs are kept.
.SECONDARY:
.SUFFIXES:

VERSION := $(shell sed -n 's/.*USHER_VERSION_STRING "\(.*\)"/\1/p' include/usher/version.h)
# Before 1.0 the ABI may change with the minor version: the soname carries it.
SOVER := $(basename $(VERSION))

# --- Flags -------------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes \
        -Wvla -Wswitch-enum -Wformat -Werror=format-security $(WERROR)
# Only what this compiler knows: not every processor has every one of these.
knows = $(shell $(CC) -Werror $(1) -E -x c /dev/null >/dev/null 2>&1 && echo $(1))
HARD ?= -fstack-protector-strong $(call knows,-fstack-clash-protection) \
        $(call knows,-fcf-protection=full) \
        $(if $(filter -O -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARD := $(HARD)
LINK := -Wl,--as-needed,-z,relro,-z,now,-z,noexecstack

# pkg-config may be missing on a bare machine: then these are empty until set-up has run.
pc = $(foreach p,$(2),$(shell pkg-config $(1) $p 2>/dev/null))
has = $(shell pkg-config --exists $(1) 2>/dev/null && echo yes)
PACKAGES := libwebsockets libcrypto sqlite3 libuv libsodium libcjson
EXT := $(call pc,--libs,$(PACKAGES)) -lm -lpthread
# Other people's headers are not judged by our warnings.
FOREIGN := $(patsubst -I%,-isystem %,$(call pc,--cflags,$(PACKAGES) cmocka))

COMPILE = $(CC) -std=c11 -pedantic $(WARN) $(CFLAGS) $(HARD) $(SAN) -fPIC -fvisibility=hidden \
          -Iinclude $(FOREIGN) -MMD -MP
# lib/base, lib/core and lib/wire are plain C11; the rest touches the system.
$(foreach d,lib/uv lib/plug lib/sim examples tests,$(eval $B/obj/$d/%.o: DEFS = -D_GNU_SOURCE))

# --- What is made of what ----------------------------------------------------------------------

usher_SRC := $(wildcard lib/base/*.c lib/core/*.c lib/wire/*.c lib/plug/memory/*.c)
usher_PC := libcjson
usher-uv_SRC := $(wildcard lib/uv/*.c lib/plug/local/*.c)
usher-uv_PC := libcjson libuv libsodium
usher-sqlite_SRC := $(wildcard lib/plug/sqlite/*.c)
usher-sqlite_PC := libcjson sqlite3
usher-lws_SRC := $(wildcard lib/plug/lws/*.c)
usher-lws_PC := libcjson libwebsockets libuv libcrypto
usher-sim_SRC := $(wildcard lib/sim/*.c) lib/base/check.c
usher-sim_PC := libcjson
# In the order of linking: a library stands before those that it uses.
LIBS := $(foreach l,usher-sim usher-lws usher-sqlite usher-uv usher,$(if $($l_SRC),$l))
SHARED_LIBS := $(filter-out usher-sim,$(LIBS))
STATIC_LIBS := $(filter-out usher-lws,$(LIBS))

obj = $(patsubst %.c,$B/obj/%.o,$(1))
# Our own programs are linked statically, with lws too; its archive is not installed.
archive = $(if $(filter usher-lws,$(1)),$B/obj,$B/lib)/lib$(1).a
made = $(call archive,$(1)) $(if $(filter $(1),$(SHARED_LIBS)),$B/lib/lib$(1).so)
STATIC := $(foreach l,$(LIBS),$(call archive,$l))

SERVER_SRC := $(wildcard examples/server/*.c)
SERVER := $(if $(SERVER_SRC),$B/bin/usher-server)
WHATIF_SRC := $(wildcard examples/whatif/*.c)
WHATIF := $(if $(WHATIF_SRC),$B/bin/usher-sim)
PROGRAMS := $(SERVER) $(WHATIF) $(patsubst examples/%.c,$B/bin/%,$(wildcard examples/*.c)) \
            $(patsubst examples/embed/%.c,$B/bin/%,$(wildcard examples/embed/*.c)) \
            $(patsubst tests/sim/%_main.c,$B/bin/usher-sim-%,$(wildcard tests/sim/*_main.c))
TESTS := $(patsubst tests/%.c,$B/test/%,$(wildcard $(foreach d,unit contract sim,tests/$d/*_test.c)))
BENCHES := $(patsubst tests/bench/%_main.c,$B/bench/%,$(wildcard tests/bench/*_main.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$B/bin/%,$(wildcard tests/fuzz/fuzz_*.c))

# Where set-up puts a newer Node.js, if the machine's own is too old for the tests.
export PATH := $(CURDIR)/build/node/bin:$(PATH)

# --- Targets -----------------------------------------------------------------------------------

# These run set-up first and then make again, because what pkg-config says may have changed.
# One after another: two makes at a time would build the same files twice.
ENTRANCES := all lib run test check check-san check-full install
ifneq ($(filter $(ENTRANCES),$(or $(MAKECMDGOALS),all)),)
.NOTPARALLEL:
endif
AGAIN := +@$(MAKE) --no-print-directory
SANITIZED := HARD= SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"

all: setup-build ## build everything (the default)
	$(AGAIN) everything

missing = $(sort $(foreach p,$($1_PC),$(if $(call has,$p),,$p)))
lib: ## build the libraries whose dependencies are here, and say what is left out
	@$(foreach l,$(LIBS),$(if $(call missing,$l),echo "lib$l is left out; missing: $(call missing,$l)";))
	@$(if $(call missing,usher),echo "No library can do without libcjson." >&2; exit 1)
	$(AGAIN) $(foreach l,$(LIBS),$(if $(call missing,$l),,$(call made,$l)))

run: setup-build ## start the example server on http://127.0.0.1:8080
	$(AGAIN) $(SERVER)
	@exec $(SERVER) --config examples/server/demo.json --listen 127.0.0.1:8080 --store sqlite:$B/usher-demo.db

test: setup-test ## build and run every test
	$(AGAIN) everything tests
	@B=$B sh tests/run.sh

check: test ## the same as test

check-san: setup-test ## every C test, and the server's, under ASan and UBSan
	$(AGAIN) everything tests B=$B/san $(SANITIZED)
	@B=$B/san SAN=1 USHER_SEEDS=$${USHER_SEEDS:-200} sh tests/run.sh

check-full: test check-san ## both, then TSan, valgrind, SEEDS=100000, KILLS=100, FUZZ_SECONDS=60 a target
	$(AGAIN) everything tests B=$B/tsan HARD= SAN="-fsanitize=thread"
	@B=$B/tsan SAN=1 USHER_SEEDS=200 sh tests/run.sh
	@B=$B sh tests/full.sh
	@B=$B sh tests/chroot/run.sh
	$(AGAIN) fuzz

fuzz: setup-test ## fuzz each target in tests/fuzz for FUZZ_SECONDS
	$(AGAIN) fuzz-programs B=$B/fuzz CC=clang HARD= \
	    SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"
	@for name in $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)); do \
	    mkdir -p $B/fuzz/$$name && (cd $B/fuzz && bin/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) \
	        -print_final_stats=1 $$name $(CURDIR)/tests/fuzz/$$name) || exit 1; done

bench: setup-test ## measure, compare, print a table: PARTS="core route wire relay idle ready widget" QUICK=1 BENCH_STRICT=1
	$(AGAIN) everything bench-programs
	@B=$B node tests/bench/bench.mjs

setup-build: ## install what building needs (silent when nothing is missing)
	@sh tests/setup.sh build
setup-test: ## install what testing needs
	@sh tests/setup.sh test
setup-deb: ## install what packaging for Debian needs
	@sh tests/setup.sh deb

everything: $(foreach l,$(LIBS),$(call made,$l)) $(PROGRAMS) ## all, without set-up

tests: $(TESTS) ## build the C tests, without set-up
	@rm -f $(filter-out $(TESTS),$(wildcard $(foreach d,unit contract sim,$B/test/$d/*_test)))

fuzz-programs: $(FUZZERS) ## build the fuzz targets (make fuzz sets their flags)

bench-programs: $(BENCHES) ## build what bench runs, without set-up

format: ## lay out the C files by .clang-format (not include/, which is set as tables)
	@sh tests/check/format.sh --write

guarantees: ## show that each promise of docs/guarantees.md is held by tests, and by a canary
	@sh tests/check/guarantees.sh

canaries: setup-test ## plant each bug of tests/canary in a copy of the sources: its test must notice
	@sh tests/canary/run.sh

# --- Rules -------------------------------------------------------------------------------------

# Other flags make other objects.
$B/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(CPPFLAGS)' | cmp -s - $@ || echo '$(COMPILE) $(CPPFLAGS)' >$@
FORCE:

$B/obj/%.o: %.c $B/flags
	$(call say,cc  )
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(DEFS) $(CPPFLAGS) -c $< -o $@

# The structures of lib/base, hidden in every shared library that uses them.
$B/obj/base.a: $(call obj,$(filter-out lib/base/names.c,$(wildcard lib/base/*.c)))
	$(call say,ar  )
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

define library
$(call archive,$1): $(call obj,$($1_SRC))
	$$(call say,ar  )
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^
$B/lib/lib$1.so: $(call obj,$($1_SRC)) $(if $(filter usher,$1),,$B/obj/base.a $B/lib/libusher.so)
	$$(call say,link)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(CFLAGS) $$(SAN) -shared -Wl,-soname,lib$1.so.$(SOVER) $(LINK) $(if $(SAN),,-Wl,-z,defs) \
	    -o $$@ $$^ $$(call pc,--libs,$($1_PC)) $$(LDFLAGS)
	@ln -sf lib$1.so $$@.$(SOVER)
endef
$(foreach l,$(LIBS),$(eval $(call library,$l)))

WEB := $(shell find examples/server/web -type f 2>/dev/null)
$B/gen/pages.c: examples/server/embed.sh examples/server/demo.json $(WEB)
	$(call say,make)
	@mkdir -p $(@D)
	$(Q)sh examples/server/embed.sh examples/server/web examples/server/demo.json >$@
$B/obj/gen/pages.o: $B/gen/pages.c $B/flags
	$(call say,cc  )
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -Iexamples/server $(CPPFLAGS) -c $< -o $@

program = $(CC) $(CFLAGS) $(SAN) -pie $(LINK) -o $@ $(filter %.o,$^) $(STATIC) $(EXT) $(LDFLAGS)
$B/bin/usher-server: $(call obj,$(SERVER_SRC)) $B/obj/gen/pages.o $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program)
$B/bin/usher-sim: $(call obj,$(WHATIF_SRC)) $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program)
$B/bin/%: $B/obj/examples/%.o $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program)
$B/bin/%: $B/obj/examples/embed/%.o $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program)
$B/bin/fuzz_%: $B/obj/tests/fuzz/fuzz_%.o $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program) -fsanitize=fuzzer

# Files of a test folder that are neither tests nor programs help all that are.
helpers = $(call obj,$(filter-out %_test.c %_main.c,$(wildcard tests/$1/*.c)))
help_unit := $(call helpers,unit)
help_contract := $(call helpers,contract)
help_sim := $(call helpers,sim)
$B/bench/%: $B/obj/tests/bench/%_main.o $(call helpers,bench) $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program)
SERVER_PARTS := $(if $(SERVER),$(call obj,$(filter-out %/main.c,$(SERVER_SRC))) $B/obj/gen/pages.o)
WHATIF_PARTS := $(call obj,$(filter-out %/main.c,$(WHATIF_SRC)))
$B/bin/usher-sim-%: $B/obj/tests/sim/%_main.o $(help_sim) $(STATIC)
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program)
.SECONDEXPANSION:
$B/test/%: $B/obj/tests/%.o $$(help_$$(*D)) $(STATIC) $$(if $$(findstring unit/server_,$$@),$(SERVER_PARTS)) \
           $$(if $$(findstring unit/whatif_,$$@),$(WHATIF_PARTS))
	$(call say,link)
	@mkdir -p $(@D)
	$(Q)$(program) $(call pc,--libs,cmocka)

# --- Installing --------------------------------------------------------------------------------

D = $(DESTDIR)$(PREFIX)
L = $(DESTDIR)$(LIBDIR)
HEADERS := $(patsubst include/%,%,$(wildcard include/*.h include/usher/*.h include/usher/plug/*.h))

install: all reference ## install headers, libraries, .pc files, usher-server and usher-sim (PREFIX, LIBDIR, DESTDIR)
	install -d $D/bin $D/include/usher/plug $D/share/man/man1 $D/share/doc/usher/reference $L/pkgconfig
	for h in $(HEADERS); do install -m 644 include/$$h $D/include/$$h || exit 1; done
	for l in $(STATIC_LIBS); do install -m 644 $B/lib/lib$$l.a $L || exit 1; done
	for l in $(SHARED_LIBS); do install -m 755 $B/lib/lib$$l.so $L/lib$$l.so.$(VERSION) && \
	    ln -sf lib$$l.so.$(VERSION) $L/lib$$l.so.$(SOVER) && \
	    ln -sf lib$$l.so.$(SOVER) $L/lib$$l.so || exit 1; done
	for l in $(LIBS); do sed 's|@PREFIX@|$(PREFIX)|;s|@LIBDIR@|$(patsubst $(PREFIX)/%,\$${prefix}/%,$(LIBDIR))|;s|@VERSION@|$(VERSION)|' \
	    pkg-config/$$l.pc.in >$L/pkgconfig/$$l.pc || exit 1; done
	install -m 755 $(SERVER) $(WHATIF) $D/bin
	install -m 644 docs/usher-server.1 docs/usher-sim.1 $D/share/man/man1
	install -m 644 $B/reference/* $D/share/doc/usher/reference

uninstall: ## remove what install put there
	rm -f $(addprefix $D/include/,$(HEADERS)) $D/bin/usher-server $D/bin/usher-sim $D/share/man/man1/usher-server.1 $D/share/man/man1/usher-sim.1
	for l in $(LIBS); do rm -f $L/lib$$l.a $L/lib$$l.so $L/lib$$l.so.* $L/pkgconfig/$$l.pc; done
	rm -rf $D/share/doc/usher/reference
	-rmdir $D/include/usher/plug $D/include/usher $D/share/doc/usher 2>/dev/null

TARBALL := $B/usher-$(VERSION).tar.gz
dist: ## a source tarball of what git tracks: build/usher-VERSION.tar.gz
	@sh pkg-config/dist.sh $(VERSION) $(TARBALL)

distcheck: setup-test dist ## unpack it elsewhere: build, test, install, uninstall
	@sh tests/install/distcheck.sh $(VERSION) $(TARBALL)

deb: setup-deb dist ## Debian packages in build/deb: libusher0, libusher-dev, usher-server
	@sh pkg-config/deb.sh $(VERSION) $(TARBALL) $B/deb

reference: $B/reference/index.html ## the HTML reference of the public headers, in build/reference
$B/reference/index.html: docs/reference.awk $(addprefix include/,$(HEADERS))
	$(call say,make)
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)awk -v out=$(@D) -v version=$(VERSION) -f $^

clean: ## remove what was built
	rm -rf $B

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 15

.PHONY: all lib run test check check-san check-full fuzz setup-build setup-test setup-deb everything tests \
        fuzz-programs bench bench-programs format guarantees canaries install uninstall dist distcheck deb reference clean help FORCE
-include $(shell find $B/obj -name '*.d' 2>/dev/null)
