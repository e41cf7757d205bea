# SPDX-License-Identifier: GPL-2.0-only

PREFIX ?= /usr/local

# The kernel to build for: the running one, or the newest whose headers are
# installed. KDIR=/path/to/a/kernel's/build/tree chooses another.
RELEASE_H := include/generated/utsrelease.h
release = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' $(1)/$(RELEASE_H))
trees = $(patsubst %/$(RELEASE_H),%,$(wildcard $(addsuffix /$(RELEASE_H),$(1))))
without_rt = $(foreach tree,$(1),$(if $(findstring -rt-,$(call release,$(tree))),,$(tree)))
newest = $(word 2,$(shell printf '%s\n' $(foreach tree,$(1),'$(call release,$(tree)) $(tree)') | \
	sort -V | tail -n 1))
RUNNING := $(shell uname -r)
ifeq ($(origin KDIR),undefined)
KDIR := $(call trees,/lib/modules/$(RUNNING)/build)
ifeq ($(KDIR),)
ALL_TREES := $(call trees,/usr/src/linux-headers-* /lib/modules/*/build)
KDIR := $(call newest,$(or $(call without_rt,$(ALL_TREES)),$(ALL_TREES)))
endif
endif
KRELEASE = $(call release,$(KDIR))
KMAKE = $(MAKE) -C $(KDIR) M=$(CURDIR)
# Without the kernel's key, kbuild's attempt to sign would only print an error.
UNSIGNED = $(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=)

SPEC := Documentation/netlink/specs/svclb.yaml
YNL_GEN := Documentation/netlink/ynl_gen.py

.PHONY: all
all: module tool ## build svclb.ko and svclbctl (the default)

.PHONY: kdir
kdir:
ifeq ($(wildcard $(KDIR)/$(RELEASE_H)),)
	@echo "No kernel headers in '$(KDIR)': install a package linux-headers-..., or give KDIR=" >&2
	@exit 1
else ifneq ($(KRELEASE),$(RUNNING))
	@echo "Building for kernel $(KRELEASE) ($(KDIR)); the running kernel is $(RUNNING)."
endif

.PHONY: module
module: kdir ## build svclb.ko; KDIR= chooses the kernel, W=1 and C=1 check
	+$(KMAKE) modules

.PHONY: tool
tool: ## build svclbctl
	+$(MAKE) -C ctl

.PHONY: install
install: all ## install both; PREFIX= (/usr/local) is for the tool, DESTDIR= stages
	$(KMAKE) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates $(UNSIGNED) modules_install
	$(if $(DESTDIR),,depmod $(KRELEASE))
	$(MAKE) -C ctl PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) install

.PHONY: uninstall
uninstall: kdir ## remove what install installed
	rm -f $(DESTDIR)/lib/modules/$(KRELEASE)/updates/svclb.ko*
	$(if $(DESTDIR),,depmod $(KRELEASE))
	$(MAKE) -C ctl PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) uninstall

.PHONY: demo
demo: ## show svclb at work in a virtual machine
	selftests/vm/setup.sh demo
	+$(MAKE) all
	selftests/demo/run.sh

.PHONY: check
check: ## run all checks and tests; installs what they need
	selftests/vm/setup.sh check build bench demo watch
	selftests/check.sh

.PHONY: check-watch
check-watch: ## test svclbctl watch beside a genuine Kubernetes API server, for longer
	selftests/vm/setup.sh check build watch
	selftests/check.sh -e SVCLB_EVENTS=300000 -e SVCLB_CHURN=40 \
		selftests/static/watch-transport.sh selftests/watch*.sh

CPUS ?= 2
KERNEL ?= kasan
.PHONY: check-debug
check-debug: ## run the tests on KERNEL= kasan, kcsan, uml or debian with CPUS= (2)
	selftests/vm/setup.sh check build bench demo watch
	selftests/check.sh -j 1 -k $(KERNEL) -c $(CPUS) selftests/*.sh

# What injects faults and looks for leaks needs a debug kernel.
NOT_ON_RT := selftests/faults.sh selftests/fuzz-netlink.sh
.PHONY: check-rt
check-rt: ## run the tests on the distribution's PREEMPT_RT kernel
	selftests/vm/setup.sh check build bench demo rt
	selftests/check.sh -k rt $(filter-out $(NOT_ON_RT),$(wildcard selftests/*.sh))

.PHONY: bench-policy
bench-policy: ## measure what schedulers, source ranges and affinity cost a new flow
	selftests/vm/setup.sh check build bench
	selftests/bench/policy.sh

ROUNDS ?= 100000
.PHONY: bench-race
bench-race: ## race two datagrams of a flow ROUNDS= (100000) times, beside the peers
	selftests/vm/setup.sh check build bench
	selftests/bench/race.sh $(ROUNDS)

.PHONY: check-instruments
check-instruments: ## make sure that the debug kernels and tests notice planted mistakes
	selftests/vm/setup.sh check build bench demo
	selftests/check-instruments.sh

CASES ?=
.PHONY: conformance
conformance: ## play Kubernetes scenarios with real packets; CASES=DIR chooses others
	selftests/vm/setup.sh check build
	+$(MAKE) all
	selftests/conformance/run.sh $(if $(CASES),'$(CASES)')

TIME ?= 3600
.PHONY: fuzz
fuzz: ## fuzz requests, packets and the tool's input for TIME= seconds (3600)
	selftests/vm/setup.sh check build bench demo
	selftests/fuzz/run.sh $(TIME)

.PHONY: style
style: ## run the checks of style only
	selftests/static/checkpatch.sh
	selftests/static/shell.sh
	selftests/static/words.sh

.PHONY: bench-watch
bench-watch: ## measure what svclbctl watch costs, beside ipvsadm and nft
	selftests/vm/setup.sh check build bench
	+$(MAKE) all
	selftests/bench/watch.sh

.PHONY: bench-load
bench-load: ## measure loading 10,000 services beside IPVS, and what a new flow costs
	selftests/bench/load.sh

.PHONY: generated
generated: ## write the generated files anew from the netlink spec
	$(YNL_GEN) $(YNL_FLAGS) --mode uapi $(SPEC) -o uapi/svclb.h
	$(YNL_GEN) $(YNL_FLAGS) --mode policy-header $(SPEC) -o kmod/netlink_gen.h
	$(YNL_GEN) $(YNL_FLAGS) --mode policy-source $(SPEC) -o kmod/netlink_gen.c
	$(YNL_GEN) $(YNL_FLAGS) --mode rst $(SPEC) -o Documentation/netlink.rst

.PHONY: clean
clean: ## remove what was built
	$(if $(KDIR),+$(KMAKE) clean)
	+$(MAKE) -C ctl clean

.PHONY: help
help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target text; do printf '%-18s%s\n' "$$target" "$$text"; done
