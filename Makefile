# Makefile - builds, runs, tests and installs usher. GNU make; `make help` lists the targets.
# SPDX-License-Identifier: MIT

CC ?= cc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
B ?= build
.DEFAULT_GOAL := all

WARN := -Wall -Wextra -Wshadow -Wconversion -Wcast-qual -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wswitch-enum -Werror
HARD ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
ALL_CFLAGS = -std=c11 -pedantic $(WARN) $(CFLAGS) $(HARD) $(SAN) -fPIC -fvisibility=hidden -Iinclude -MMD -MP

pc = $(shell pkg-config --silence-errors $(1) $(2))
has = $(shell pkg-config --exists $(1) 2>/dev/null && echo yes)

# What each library is made of, and what it stands on.
usher_SRC := $(wildcard lib/base/*.c lib/core/*.c lib/wire/*.c lib/plug/memory/*.c)
usher_PC := libcjson
usher-uv_SRC := $(wildcard lib/uv/*.c lib/plug/local/*.c)
usher-uv_PC := libuv libsodium
usher-sqlite_SRC := $(wildcard lib/plug/sqlite/*.c)
usher-sqlite_PC := sqlite3
usher-lws_SRC := $(wildcard lib/plug/lws/*.c)
usher-lws_PC := libwebsockets libuv libcrypto
usher-sim_SRC := $(wildcard lib/sim/*.c)
usher-sim_PC := libcjson
LIBS := $(foreach l,usher usher-uv usher-sqlite usher-lws usher-sim,$(if $($l_SRC),$l))
READY := $(foreach l,$(LIBS),$(if $(call has,$($l_PC)),$l))
EXT := $(call pc,--libs,libcjson libuv libsodium sqlite3 libwebsockets libcrypto)
# The order of linking: a library stands before those it uses.
STATIC := $(foreach l,usher-sim usher-lws usher-sqlite usher-uv usher,$(if $(filter $l,$(LIBS)),$B/lib/lib$l.a))

obj = $(patsubst %.c,$B/obj/%.o,$(1))
SERVER_SRC := $(wildcard examples/server/*.c)
EXAMPLES := $(patsubst examples/%.c,$B/bin/%,$(wildcard examples/*.c))
TESTS := $(patsubst tests/%.c,$B/test/%,$(wildcard tests/unit/*_test.c tests/contract/*_test.c tests/sim/*_test.c))

# libwebsockets' headers are not clean under our warnings, and POSIX is for those who touch the system.
POSIX := lib/uv lib/plug examples tests lib/sim
$(foreach d,$(POSIX),$(eval $B/obj/$d/%.o: DEFS = -D_GNU_SOURCE))

all: setup-build ## build everything (the default)
	@$(MAKE) --no-print-directory everything

everything: $(STATIC) $(foreach l,$(filter-out usher-sim,$(LIBS)),$B/lib/lib$l.so) $(EXAMPLES) $(if $(SERVER_SRC),$B/bin/usher-server) programs

lib: ## build the libraries whose dependencies are here, and say what is left out
	@$(foreach l,$(filter-out $(READY),$(LIBS)),echo "lib$l is left out: one of these is missing: $($l_PC)";)
	@$(MAKE) --no-print-directory $(foreach l,$(READY),$B/lib/lib$l.a $(if $(filter usher-sim,$l),,$B/lib/lib$l.so))

run: setup-build ## start the example server on http://127.0.0.1:8080
	@$(MAKE) --no-print-directory $B/bin/usher-server
	@exec $B/bin/usher-server --config examples/server/demo.json --listen 127.0.0.1:8080 --store sqlite:$B/usher-demo.db

test: setup-test ## build and run every test
	@$(MAKE) --no-print-directory everything tests
	@B=$B sh tests/run.sh

check: test ## the same as test

check-san: setup-test ## every C test, and the server's, under ASan and UBSan
	@$(MAKE) --no-print-directory everything tests B=$B/san HARD= SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
	@B=$B/san SAN=1 sh tests/run.sh

setup-build:
	@sh tests/setup.sh build
setup-test:
	@sh tests/setup.sh test

tests: $(TESTS)
programs: $(patsubst tests/sim/%.c,$B/bin/%,$(wildcard tests/sim/*_main.c))

define library
$B/lib/lib$1.a: $(call obj,$($1_SRC))
	@mkdir -p $$(@D)
	@rm -f $$@
	$(AR) rcs $$@ $$^
$B/lib/lib$1.so: $(call obj,$($1_SRC)) $(if $(filter usher,$1),,$B/obj/base.a $B/lib/libusher.so)
	$(CC) $(SAN) -shared -Wl,-soname,lib$1.so.0.1 -Wl,-z,relro,-z,now $(if $(SAN),,-Wl,-z,defs) -o $$@ $(call obj,$($1_SRC)) $(if $(filter usher,$1),,$B/obj/base.a -L$B/lib -lusher) $$(call pc,--libs,$($1_PC)) $(LDFLAGS)
endef
$(foreach l,$(LIBS),$(eval $(call library,$l)))

# The structures of lib/base, hidden in every shared library that uses them.
$B/obj/base.a: $(call obj,$(filter-out lib/base/names.c,$(wildcard lib/base/*.c)))
	@rm -f $@
	$(AR) rcs $@ $^

$B/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(DEFS) $(CPPFLAGS) -c $< -o $@

$B/gen/pages.c: examples/server/embed.sh examples/server/demo.json $(shell find examples/server/web -type f 2>/dev/null)
	@mkdir -p $(@D)
	sh examples/server/embed.sh examples/server/web examples/server/demo.json > $@.part && mv $@.part $@
$B/obj/gen/pages.o: $B/gen/pages.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Iexamples/server -c $< -o $@

$B/bin/usher-server: $(call obj,$(SERVER_SRC)) $B/obj/gen/pages.o $(STATIC)
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(EXT) -lm -lpthread $(LDFLAGS)
$B/bin/%: $B/obj/examples/%.o $(STATIC)
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ $(EXT) -lm -lpthread $(LDFLAGS)

# Files of a test folder that are no tests of their own help the tests of their folder.
help_unit := $(call obj,$(filter-out %_test.c,$(wildcard tests/unit/*.c)))
help_contract := $(call obj,$(filter-out %_test.c,$(wildcard tests/contract/*.c)))
help_sim := $(call obj,$(filter-out %_test.c %_main.c,$(wildcard tests/sim/*.c)))
SERVER_PARTS := $(call obj,$(filter-out examples/server/main.c,$(SERVER_SRC))) $(if $(SERVER_SRC),$B/obj/gen/pages.o)
.SECONDEXPANSION:
$B/test/%: $B/obj/tests/%.o $$(help_$$(*D)) $(STATIC) $$(if $$(findstring unit/server_,$$@),$(SERVER_PARTS))
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $(filter %.o,$^) $(STATIC) $(EXT) -lcmocka -lm -lpthread $(LDFLAGS)

VERSION := $(shell sed -n 's/.*USHER_VERSION_STRING "\(.*\)"/\1/p' include/usher/version.h)
D = $(DESTDIR)$(PREFIX)
install: all ## install headers, libraries, .pc files and usher-server (PREFIX, DESTDIR)
	install -d $D/bin $D/lib/pkgconfig $D/include/usher/plug
	install -m 644 include/usher.h $D/include
	install -m 644 include/usher/*.h $D/include/usher
	install -m 644 include/usher/plug/*.h $D/include/usher/plug
	install -m 644 $B/lib/*.a $D/lib
	for l in $(filter-out usher-sim,$(LIBS)); do \
	    install -m 755 $B/lib/lib$$l.so $D/lib/lib$$l.so.0.1 && ln -sf lib$$l.so.0.1 $D/lib/lib$$l.so && \
	    sed 's|@PREFIX@|$(PREFIX)|;s|@VERSION@|$(VERSION)|' pkg-config/$$l.pc.in >$D/lib/pkgconfig/$$l.pc || exit 1; done
	install -m 755 $B/bin/usher-server $D/bin

uninstall: ## remove what install put there
	rm -rf $D/include/usher $D/include/usher.h $D/bin/usher-server $D/lib/libusher.* $D/lib/libusher-*
	rm -f $D/lib/pkgconfig/usher.pc $D/lib/pkgconfig/usher-*.pc

clean: ## remove what was built
	rm -rf build

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 12

-include $(shell find $B/obj -name '*.d' 2>/dev/null)
# .so files are installed without our build paths: they find one another by soname.
.PHONY: install uninstall all everything lib run test check check-san setup-build setup-test tests programs clean help
