# What the commands in Tools share: installing what is missing, and saying plainly what cannot be.
# Sourced by bash scripts that stand in the repository's root.

say() { printf '\n== %s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The Debian packages that the build needs.
readonly BUILD_PACKAGES=(libsqlite3-dev libzstd-dev libroaring-dev libxxhash-dev zlib1g-dev)

# Installs those of the given Debian packages that are missing.
install_packages() {
  local missing=()
  for package in "$@"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null \
      | grep --quiet 'install ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  local run=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null \
      || fail "these packages are missing and need root: run 'apt-get install ${missing[*]}'"
    run=(sudo)
  fi
  "${run[@]}" apt-get update --quiet --quiet || true
  DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install --yes --quiet --no-install-recommends \
    "${missing[@]}" >/dev/null \
    || fail "apt-get could not install ${missing[*]}; install them by hand and repeat"
}

need_swift() {
  command -v swift >/dev/null \
    || fail "Swift 6.3 or later is needed: install it from swift.org and put it on the PATH"
}

need_build_tools() {
  need_swift
  if command -v dpkg-query >/dev/null; then
    install_packages "${BUILD_PACKAGES[@]}"
  else
    say "not a Debian system: the build needs the libraries and headers of SQLite, zstd, CRoaring, xxHash"
  fi
}

# Makes a virtual environment in $1 with the requirements of file $2, once for each content of it.
python_environment() {
  local folder=$1 requirements=$2 mark
  mark=$folder/$(sha256sum "$requirements" | cut -c1-16).installed
  [ -f "$mark" ] && return 0
  say "making the Python environment $folder"
  python3 -m venv "$folder" 2>/dev/null || {
    install_packages python3-venv
    python3 -m venv "$folder"
  }
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" \
    || return 1
  touch "$mark"
}
