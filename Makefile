# What people type here. `make` alone lists it; the two that a reader needs are
# `make run` and `make test`, and both fetch whatever is missing first.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

# Where `make run` serves the site. With SERVE=0 it ends after the diagnosis.
PORT  ?= 8080
SERVE ?= 1

# cargo takes every core by itself, and the runners' closing lines stay in order.
.NOTPARALLEL:

# A shell that was open before rustup came does not know where its commands are.
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
# The paths below count on target/.
unexport CARGO_TARGET_DIR

whytls  := target/release/whytls
example := web/examples/windows-7-mail.md
# whytls ends with 1 when it found a problem, which is what it was asked for.
found   := || [ $$? -eq 1 ]

.PHONY: help
help: ## List what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: site ## Diagnose a sample paste, then serve the site (PORT=8080, SERVE=0)
	$(whytls) $(example) $(found)
ifneq ($(SERVE),0)
	exec $(whytls) site serve -o target/site --port $(PORT)
endif

.PHONY: test
test: test-native test-browser ## Run every test, the page in a browser included

.PHONY: test-native
test-native: | need-cc
	cargo test --workspace --exclude whytls-wasm --locked

# The files by name: node 20 takes a folder, node 22 takes it for a module.
.PHONY: test-browser
test-browser: site | need-chromium
	node --test --test-reporter=spec tests/browser/*.test.mjs

.PHONY: check
check: browser := wasm32-unknown-unknown
check: | need-cc ## Format, lints, the content's tests, docs, nothing generated committed
	cargo fmt --all --check
	cargo clippy --workspace --exclude whytls-wasm --all-targets --locked -- -D warnings
	target=; [ ! -d "$$(rustc --print target-libdir --target $(browser))" ] || target="--target $(browser)"; \
	cargo clippy -p whytls-wasm $$target --locked -- -D warnings
	cargo test --quiet -p whytls --locked
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --lib --no-deps --locked
	@if git rev-parse --git-dir >/dev/null 2>&1 && git ls-files --cached --ignored --exclude-standard | grep .; \
	then echo "these are generated: take them out of the repository" >&2; exit 1; fi

.PHONY: bless
bless: | need-cc ## Rewrite the reports and transcripts that tests expect; read the diff
	WHYTLS_BLESS=1 cargo test --locked -p whytls --test cases --test packets
	TRYCMD=overwrite cargo test --locked -p whytls-cli --test transcripts

.PHONY: bench
bench: cli | need-cc need-python3 ## Measure the core, and captures beside tshark and nDPI
	cargo bench --locked -p whytls
	python3 tests/captures/bench.py $(whytls)

.PHONY: site
site: cli wasm ## Build the static site into target/site
	mkdir -p target/reports
	$(whytls) report --flavor jekyll --date 2023-04-27 --lang zh-CN -o target/reports/windows-7-mail.zh-CN.md $(example) $(found)
	$(whytls) report --flavor jekyll --date 2023-04-27 --lang en -o target/reports/windows-7-mail.md $(example) $(found)
	$(whytls) site build --reports target/reports -o target/site

.PHONY: cli
cli: | need-cc ## Build the command-line program, target/release/whytls
	cargo build --release --locked -p whytls-cli

.PHONY: wasm
wasm: web/pkg/whytls_wasm_bg.wasm ## Build the core for the browser into web/pkg

# Folders stand in the list too, so that a file that goes away counts as a change.
web/pkg/whytls_wasm_bg.wasm: Cargo.toml Cargo.lock web/build.sh node_modules/.package-lock.json \
		$(shell find crates/whytls crates/whytls-wasm content) | need-cc
	web/build.sh

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	npm ci
	touch $@

.PHONY: new-problem
new-problem: export name = $(or $(CAUSE),index)
new-problem: ## Lay out a page: SLUG=weak-dh-key, and CAUSE=old-java for a cause's page
	@LC_ALL=C; for word in "$${SLUG:-}" "$$name"; do \
	  [[ $$word =~ ^[a-z0-9-]+$$ ]] || { echo "SLUG=… (and CAUSE=…) of a-z, 0-9 and -, not \"$$word\"" >&2; exit 1; }; \
	done; \
	page="content/problems/$$SLUG/$$name"; \
	for file in "$$page.md" "$$page.zh-CN.md"; do \
	  [ ! -e "$$file" ] || { echo "$$file is there already" >&2; exit 1; }; \
	done; \
	mkdir -p "content/problems/$$SLUG"; \
	printf '%s\n' "$$page_en" > "$$page.md"; \
	printf '%s\n' "$$page_zh" > "$$page.zh-CN.md"; \
	printf 'fill in %s\n' "$$page.md" "$$page.zh-CN.md"

.PHONY: clean
clean: ## Remove all that was built or fetched here
	rm -rf target web/pkg node_modules

# `need-COMMAND`: nothing where the command is there; else Debian's packages for it.
packages_cc       := gcc libc6-dev
packages_chromium := chromium fonts-liberation
packages_python3  := python3
need-%:
	@command -v $* >/dev/null || $(MAKE) --no-print-directory debian PACKAGES="$(packages_$*)"

.PHONY: debian
debian:
	@stop() { echo "$$1: $(PACKAGES)" >&2; exit 1; }; \
	command -v apt-get >/dev/null || stop "please install what Debian has in these packages"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	[ -z "$$sudo" ] || command -v sudo >/dev/null || stop "please install these packages as root"; \
	$$sudo apt-get -q update; \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $(PACKAGES)

# What `make new-problem` writes. No fact has an empty name, so `make check`
# refuses the page until it is filled in.
define page_en
+++
title = ""
sources = [""]

[[when]]                     # a clause: all of its lines hold; a list means any one of them
proves = "likely"            # certain, likely or possible
"" = [""]
+++

## What happened

## Why

## What to do

### … {#remedy risk=safe}

## How to be sure

### … {#check}

## What does not help

### … {#in-vain}

## Examples

```paste finds
```

```paste spares
```
endef

define page_zh
+++
title = ""
+++

## 发生了什么

## 原因

## 怎么办

### … {#remedy risk=safe}

## 如何确认

### … {#check}

## 哪些办法没有用

### … {#in-vain}
endef

new-problem: export page_en := $(page_en)
new-problem: export page_zh := $(page_zh)
