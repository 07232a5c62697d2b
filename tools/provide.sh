#!/bin/sh
# Puts the tools of the module tools/NAME into .tools/bin: links to those on the PATH when all of them have the version that
# the module asks for, else built ones.
set -eu
cd "$(dirname "$0")/$1"
bin=$(cd ../.. && pwd)/.tools/bin
# Leaves Prometheus with static, file and http discovery and far less code to compile.
tags=remove_all_sd

# fits PROGRAM MODULE VERSION: by what Go recorded in the program, or by what it prints. Prometheus v0.315.0 prints 3.15.0.
fits() {
	go version -m "$1" 2>/dev/null | grep -q "^	mod	$2	$3	" && return 0
	printed=$(echo "${3#v}" | sed 's/^0\.3\([1-9][0-9]\)\./3.\1./; s/^0\.30\([0-9]\)\./3.\1./')
	[ -n "$printed" ] && "$1" --version 2>&1 | head -n 1 | grep -qwF "$printed"
}

mkdir -p "$bin"
# Without .tools/bin, which make puts in front: what is to be replaced is no source.
PATH=$(echo "$PATH" | tr : '\n' | grep -vxF "$bin" | paste -sd : -)
found=
while read -r package module version; do
	program=$(command -v "${package##*/}") && fits "$program" "$module" "$version" || { found=; break; }
	found="$found $program"
done <<END
$(go list -find -tags $tags -f '{{.ImportPath}} {{with .Module}}{{.Path}} {{.Version}}{{end}}' tool)
END

if [ -n "$found" ]; then
	echo "tools/$1: linked from the PATH:$found"
	# shellcheck disable=SC2086 # paths without blanks
	ln -sf $found "$bin/"
else
	echo "tools/$1: building"
	new=$(mktemp -d "$bin.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	CGO_ENABLED=0 go build -trimpath -tags $tags -o "$new/" tool ./...
	mv -f "$new"/* "$bin/" # replaces links, too
fi
