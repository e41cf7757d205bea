#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints a directory with kube-apiserver, kube-controller-manager and kubectl, built
# from Debian's source package of Kubernetes, of which it distributes the client
# alone. They are kept in the cache, and made again only if that package or this
# script changed. Only fetching the package needs the network: the Go modules are
# in it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/kubernetes
suite=bookworm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
modules=/usr/share/gocode/src
programs=(kube-apiserver kube-controller-manager kubectl)
# The one in the package corrupts memory with Go 1.18 and later.
stale=github.com/modern-go/reflect2

die()
{
	echo "build-apiserver.sh: $*" >&2
	exit 1
}

for tool in go dpkg-source rsync; do
	[[ -n $(type -P "$tool") ]] || die "no $tool: run selftests/vm/setup.sh watch check"
done
[[ -d $modules/$stale ]] || die "no $modules/$stale: run selftests/vm/setup.sh watch"

# Another run may be building them.
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

# apt with lists of its own: the system's may have no sources.
apt=$cache/apt
options=(-q -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
	-o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=)

# The mirror of the system's own lists that has the suite.
mirror()
{
	apt-get indextargets --format "\$(REPO_URI) \$(RELEASE)" "Created-By: Packages" |
		awk -v suite="$suite" '$2 == suite { print $1; exit }'
}

update()
{
	local uri

	uri=$(mirror)
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	echo "deb-src [signed-by=$keyring] ${uri:-http://deb.debian.org/debian} $suite main" \
		>"$apt/sources.list"
	apt-get "${options[@]}" -o APT::Update::Error-Mode=any update >&2 ||
		die "cannot read what source packages there are"
}

known_version()
{
	apt-cache "${options[@]}" showsrc --only-source kubernetes 2>/dev/null |
		sed -n 's/^Version: //p' | sort -V | tail -n 1
}

# find_version: sets version, and the directory that is its.
find_version()
{
	local key

	version=$(known_version)
	[[ -n $version ]] || return
	key=$({
		echo "$version"
		go version
		cat "$here/${0##*/}"
	} | sha256sum | cut -c 1-16)
	binaries=$cache/bin-$key
}

if ! find_version; then
	update
	find_version || die "$suite has no source package kubernetes"
fi
if [[ -e $binaries ]]; then
	echo "$binaries"
	exit
fi

build=$cache/build
rm -rf "$build"
mkdir "$build"
# The version that was known may have been replaced.
if ! (cd "$build" && apt-get "${options[@]}" --download-only source --only-source \
	"kubernetes=$version" >&2); then
	update
	find_version
	(cd "$build" && apt-get "${options[@]}" --download-only source --only-source \
		"kubernetes=$version" >&2) || die "cannot fetch kubernetes $version"
fi
echo "building kube-apiserver, which takes several minutes; log: $cache/log" >&2

# Upstream's make wants the tree at its place below a GOPATH.
compile()
{
	cd "$build" && dpkg-source -x ./*.dsc tree && rm -r "tree/vendor/$stale" &&
		cp -r "$modules/$stale" "tree/vendor/$stale" && mkdir -p go/src/k8s.io &&
		ln -s "$build/tree" go/src/k8s.io/kubernetes &&
		make -C "$build/go/src/k8s.io/kubernetes" WHAT="${programs[*]/#/cmd/}" \
			GOLDFLAGS="-s -w" GOPATH="$build/go" GOCACHE="$build/cache" \
			HOME="$build" CGO_ENABLED=0 GOPROXY=off GOSUMDB=off
}

if ! (compile) >"$cache/log" 2>&1; then
	tail -n 20 "$cache/log" >&2
	exit 1
fi
mkdir "$build/bin"
cp "${programs[@]/#/$build/tree/_output/bin/}" "$build/bin"
find "$cache" -mindepth 1 -maxdepth 1 -name "bin-*" -exec rm -rf {} +
mv "$build/bin" "$binaries"
# What Go unpacks cannot be written to.
chmod -R u+w "$build"
rm -rf "$build"
echo "$binaries"
