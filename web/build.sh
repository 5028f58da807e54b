#!/usr/bin/env bash
# Builds the core for the browser.
#
# In:  crates/whytls-wasm, Cargo.lock, and wasm-opt in node_modules/.
# Out: web/pkg/whytls_wasm.js and web/pkg/whytls_wasm_bg.wasm.
# Not here: whether it is time to. That is the Makefile's.
set -euo pipefail
cd "$(dirname "$0")/.."

target=wasm32-unknown-unknown
tools=${WHYTLS_TOOLS:-$HOME/.cache/whytls-tools}
refused=target/rustup-has-no-$target

main() {
    local wasm new=target/wasm-pkg
    if rustup_target; then compile; else compile_with_debian; fi
    bindgen
    # Only a whole package takes the place of the last one.
    rm -rf $new
    "$bindgen" --target web --no-typescript --out-dir $new "$wasm"
    optimise $new/whytls_wasm_bg.wasm
    rm -rf web/pkg
    mv $new web/pkg
    ls -l web/pkg
}

# Whether the compiler that is in use has a standard library for the browser.
# Where rustup cannot fetch it, it is not asked again for a day.
rustup_target() {
    [ ! -d "$(rustc --print target-libdir --target $target)" ] || return 0
    [ -z "$(find $refused -mmin -1440 2>/dev/null)" ] || return 1
    timeout 90 rustup target add $target </dev/null >/dev/null 2>&1 && return 0
    mkdir -p target
    touch $refused
    return 1
}

compile() {
    cargo build --profile wasm -p whytls-wasm --target $target --locked
    wasm=target/$target/wasm/whytls_wasm.wasm
}

# Debian's compiler has the standard library as source only, and building that
# is a nightly's option. Its own folder: two compilers in one folder would throw
# out each other's work.
compile_with_debian() {
    echo "rustup has no $target here: using Debian's rustc-web"
    local packages="rustc-web cargo-web rust-web-src lld-19"
    # shellcheck disable=SC2086  # they are several words
    dpkg -s $packages >/dev/null 2>&1 || make --no-print-directory debian PACKAGES="$packages"
    env -u CARGO -u RUSTUP_TOOLCHAIN -u RUSTC_WRAPPER \
        RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=target/web \
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-19 \
        /usr/bin/cargo build --profile wasm -p whytls-wasm --target $target --locked \
        -Zbuild-std=std,panic_abort
    wasm=target/web/$target/wasm/whytls_wasm.wasm
}

# The program and the crate speak to each other in a form that changes with
# every version, so Cargo.lock decides which one is fetched.
bindgen() {
    local version
    version=$(sed -n '/^name = "wasm-bindgen"$/ { n; s/^version = "\(.*\)"$/\1/p }' Cargo.lock)
    local root=$tools/wasm-bindgen-$version
    bindgen=$root/bin/wasm-bindgen
    [ -x "$bindgen" ] ||
        cargo install --locked --root "$root" --bin wasm-bindgen --version "=$version" wasm-bindgen-cli
}

# Stripping took out the list of what rustc made use of, so it stands here.
optimise() {
    node_modules/.bin/wasm-opt -Oz "$1" -o "$1" \
        --enable-bulk-memory --enable-bulk-memory-opt --enable-multivalue --enable-mutable-globals \
        --enable-nontrapping-float-to-int --enable-reference-types --enable-sign-ext
}

main
