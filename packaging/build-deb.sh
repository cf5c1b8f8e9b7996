#!/usr/bin/env bash
# Makes a Debian package of a binary that is built: packaging/build-deb.sh BINARY FOLDER [VERSION]
# Not by cargo-deb: that is another program to compile on each machine, for what are two dozen lines here.
#   COMPRESSION=none|gzip|xz   quick for a test, small (the default) for people
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binary=$1 out=$2
version=${3:-$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)}
architecture=$(dpkg --print-architecture)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/jiesu
put() { install -D -m "$1" "$2" "$root/$3"; }
compressed() { gzip -9n <"$1" >"$work/file" && put 644 "$work/file" "$2"; }

put 755 "$binary" usr/bin/jiesu
strip --strip-unneeded "$root/usr/bin/jiesu"
put 644 packaging/jiesu.toml etc/jiesu/jiesu.toml
for unit in jiesu.service jiesu-worker.service; do
  put 644 "packaging/systemd/$unit" "lib/systemd/system/$unit"
  put 644 packaging/systemd/confined.conf "lib/systemd/system/$unit.d/confined.conf"
done
put 644 packaging/systemd/jiesu.socket lib/systemd/system/jiesu.socket
put 644 packaging/jiesu.toml usr/share/doc/jiesu/jiesu.toml
put 644 packaging/deb/copyright usr/share/doc/jiesu/copyright
put 644 packaging/deb/lintian-overrides usr/share/lintian/overrides/jiesu
compressed docs/operating.md usr/share/doc/jiesu/operating.md.gz
compressed CHANGELOG.md usr/share/doc/jiesu/CHANGELOG.md.gz
printf 'jiesu (%s) stable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- %s  %s\n' "$version" \
  "$(sed -n 's/^Maintainer: //p' packaging/deb/control)" "$(date -R -r CHANGELOG.md)" >"$work/changelog"
compressed "$work/changelog" usr/share/doc/jiesu/changelog.gz
node packaging/third-party.mjs >"$work/third-party.txt"
compressed "$work/third-party.txt" usr/share/doc/jiesu/third-party.txt.gz

size=$(du -k -s "$root" | cut -f1)
sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@SIZE@/$size/" packaging/deb/control >"$work/control"
put 644 "$work/control" DEBIAN/control
for script in postinst prerm postrm; do put 755 "packaging/deb/$script" "DEBIAN/$script"; done
echo /etc/jiesu/jiesu.toml >"$root/DEBIAN/conffiles"
(cd "$root" && find . -path ./DEBIAN -prune -o -type f ! -path ./etc/\* -printf '%P\n' | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +

mkdir -p "$out"
package=$out/jiesu_${version}_$architecture.deb
dpkg-deb --root-owner-group -Z"${COMPRESSION:-xz}" --build "$root" "$package" >/dev/null
echo "$package"
