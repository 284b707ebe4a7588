#!/bin/sh
# Installs the system libraries that are missing, and says so. Usage: scripts/setup.sh
set -e
packages="pkg-config libopenblas-dev libzstd-dev libpng-dev libjpeg-dev zlib1g-dev libxxhash-dev"
formulae="openblas zstd libpng jpeg-turbo zlib xxhash"

if ! command -v swift >/dev/null; then
    echo "Swift 6.2 or later is needed: https://www.swift.org/install" >&2
    exit 1
fi

if command -v dpkg >/dev/null; then
    missing=
    for package in $packages; do
        dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
    done
    [ -n "$missing" ] || exit 0
    as_root=
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These libraries are missing, and there is no sudo to install them:$missing" >&2
            echo "Ask an administrator to run: apt-get install$missing" >&2
            exit 1
        fi
        as_root=sudo
    fi
    echo "Installing with apt-get:$missing"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086 — a list of words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
    echo "Installed."
elif command -v brew >/dev/null; then
    missing=
    for formula in $formulae; do
        brew list "$formula" >/dev/null 2>&1 || missing="$missing $formula"
    done
    [ -n "$missing" ] || exit 0
    echo "Installing with brew:$missing"
    # shellcheck disable=SC2086
    brew install $missing
else
    echo "Neither apt nor brew is here. Please install what your system calls: $packages" >&2
fi
