#!/bin/sh
# Builds real parts that tests need into .cache/bin: tests/parts/build.sh coredns
# Their versions are those of tools/go.mod (a tool directive each); what is younger than that file is not built again.
set -eu
cd "$(dirname "$0")/tools"
binaries=../../../.cache/bin
mkdir -p "$binaries"

package_of() {
  case $1 in
    coredns) echo github.com/coredns/coredns ;;
    *) echo "tests/parts/build.sh: no part is called '$1'; there is: coredns" >&2; exit 2 ;;
  esac
}

command -v go >/dev/null || { echo "tests/parts/build.sh: Go 1.26 or later is needed (the demo and the unit tests run without)" >&2; exit 1; }
# Without ",direct": a version that the proxy lacks would else end in a confusing try to reach a version-control host.
GOPROXY=$(go env GOPROXY | sed 's/,direct//')
GOFLAGS="$(go env GOFLAGS) -trimpath -mod=readonly"
export GOPROXY GOFLAGS CGO_ENABLED=0

for name in "$@"; do
  package=$(package_of "$name")
  if [ -x "$binaries/$name" ] && [ "$binaries/$name" -nt go.mod ]; then
    echo ".cache/bin/$name is up to date"
    continue
  fi
  go build -ldflags "-s -w" -o "$binaries/$name" "$package"
  echo ".cache/bin/$name"
done
