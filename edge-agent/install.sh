#!/bin/sh
# Puts the Vigil agent on this board: its user, its folder, its service. Safe to run again; it changes only what differs.
#
#   sudo edge-agent/install.sh --url https://ward.example:8080 --code K7QX3-M9TBD [--fingerprint AB:CD:…]
#
# Without --url and --code the board is not enrolled yet; do that later with: sudo -u vigil vigil-agent enrol …
set -eu

usage() {
  cat <<'USAGE'
install.sh: puts the Vigil agent on this board as a service

  --url URL            central station, https://ward.example:8080
  --code CODE          one-time code from the app
  --fingerprint SHA    certificate of the server, as the app shows it
  --data FOLDER        spool, secret and log (default /var/lib/vigil-agent)
  --root FOLDER        installs below this folder instead of /, for images and tests; starts nothing
  --help
USAGE
}

fail() { printf 'install.sh: %s\n' "$1" >&2; exit "${2:-1}"; }
say() { printf '%s\n' "$1"; }

url='' code='' fingerprint='' data=/var/lib/vigil-agent root=''
while [ $# -gt 0 ]; do
  case "$1" in
    --help | -h) usage; exit 0 ;;
    --url | --code | --fingerprint | --data | --root)
      [ $# -ge 2 ] || fail "$1 needs a value." 2
      case "$1" in
        --url) url=$2 ;;
        --code) code=$2 ;;
        --fingerprint) fingerprint=$2 ;;
        --data) data=$2 ;;
        --root) root=${2%/} ;;
      esac
      shift 2 ;;
    *) usage >&2; fail "Unknown argument $1." 2 ;;
  esac
done
case "$data" in /*) ;; *) fail '--data must begin with /.' 2 ;; esac
if [ -n "$url" ] && [ -z "$code" ]; then fail '--url and --code belong together.' 2; fi
if [ -z "$url" ] && [ -n "$code" ]; then fail '--url and --code belong together.' 2; fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
house=$(dirname -- "$here")
# The service sees no home folders, whoever may read them; an image has a place of its own for the program.
case "$house/" in
  /home/* | /root/* | /run/user/*)
    [ -n "$root" ] || fail "The service may not look into home folders, so it could not start from $house. Move the program: sudo mv $house /opt/vigil && sudo /opt/vigil/edge-agent/install.sh …" ;;
esac
[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail 'Run it as root: sudo edge-agent/install.sh …'
command -v systemctl >/dev/null 2>&1 || [ -n "$root" ] || fail 'This board has no systemd. Start the agent by hand: npm run agent -- run'

# 1. What npm has: packages, the pinned Node, the I2C module built for it.
if [ -z "$root" ]; then
  command -v npm >/dev/null 2>&1 || fail 'npm is missing: sudo apt install -y g++ nodejs npm'
  (cd "$house" && npm run --silent agent -- --help >/dev/null) || fail 'The installation failed; the lines above say why.'
fi
node=$house/node_modules/.bin/node
[ -x "$node" ] || node=$(command -v node || true)
[ -n "$node" ] || fail 'Node is missing.'
node=$(readlink -f -- "$node")

# The agent in one file: the service may read its program, not write it.
if [ -z "$root" ]; then "$node" "$house/edge-agent/src/cli/main.ts" run --help >/dev/null || fail 'The agent does not start; the lines above say why.'; fi

# 2. A user of its own, without a password and without a shell, that may use the I2C bus, read the buttons and switch the buzzer. An image has its own users, not those of this machine.
if [ -n "$root" ]; then
  if [ -e "$root/etc/passwd" ]; then
    grep -q '^vigil:' "$root/etc/passwd" || useradd --root "$root" --system --user-group --home-dir "$data" --shell /usr/sbin/nologin vigil
    for group in i2c input gpio; do if grep -q "^$group:" "$root/etc/group"; then usermod --root "$root" -aG "$group" vigil; fi; done
  else say "No users below $root: make the user vigil in the image, in the group i2c, and give it $data."; fi
else
  if ! id vigil >/dev/null 2>&1; then
    useradd --system --user-group --home-dir "$data" --shell /usr/sbin/nologin vigil
    say 'Made the user vigil.'
  fi
  for group in i2c input gpio; do if getent group "$group" >/dev/null 2>&1; then usermod -aG "$group" vigil; fi; done
  getent group i2c >/dev/null 2>&1 || say 'There is no group i2c yet: switch I2C on (raspi-config, Interface Options) and run this again.'
fi

# 3. Its folder, for itself alone.
install -d -m 0700 "$root$data"
[ -n "$root" ] || chown -R vigil:vigil "$data"

# 4. The command and the service.
install -d -m 0755 "$root/usr/local/bin" "$root/etc/systemd/system"
cat > "$root/usr/local/bin/vigil-agent" <<COMMAND
#!/bin/sh
# The agent's commands on the data of the service, with its settings. sudo -u vigil vigil-agent doctor
export VIGIL_DATA="\${VIGIL_DATA:-$data}"
settings=/etc/vigil-agent.env
if [ -r "\$settings" ]; then
  while IFS='=' read -r name value || [ -n "\$name" ]; do
    case "\$name" in *[!A-Z_]*) continue ;; VIGIL_*) ;; *) continue ;; esac
    value=\${value#[\"\']} value=\${value%[\"\']}
    printenv "\$name" >/dev/null || export "\$name=\$value"
  done < "\$settings"
fi
exec "$node" "$house/edge-agent/src/cli/main.ts" "\$@"
COMMAND
chmod 0755 "$root/usr/local/bin/vigil-agent"
sed -e "s|@NODE@|$node|g" -e "s|@ROOT@|$house|g" -e "s|@DATA@|$data|g" "$here/install/vigil-agent.service" > "$root/etc/systemd/system/vigil-agent.service"
chmod 0644 "$root/etc/systemd/system/vigil-agent.service"

# 5. Enrolled, if a code was given; started where it is, in an image only marked to be started.
if [ -n "$code" ]; then
  set -- enrol --url "$url" --code "$code"
  if [ -n "$fingerprint" ]; then set -- "$@" --fingerprint "$fingerprint"; fi
  if [ -n "$root" ]; then VIGIL_DATA=$root$data "$root/usr/local/bin/vigil-agent" "$@"; else su -s /bin/sh vigil -c '"$0" "$@"' -- /usr/local/bin/vigil-agent "$@"; fi || fail 'The board could not be enrolled; the lines above say why. Everything else is installed: make a new code and run this again.'
fi
if [ -n "$root" ]; then
  install -d -m 0755 "$root/etc/systemd/system/multi-user.target.wants"
  ln -sf ../vigil-agent.service "$root/etc/systemd/system/multi-user.target.wants/vigil-agent.service"
  say "Installed below $root; the service starts with the image. Nothing was started here."
  exit 0
fi
systemctl daemon-reload
systemctl enable vigil-agent.service
if [ -e "$root$data/agent/enrolment.json" ]; then
  systemctl restart vigil-agent.service || fail 'Everything is installed, but the agent does not start yet. What is wrong, and what to do: sudo -u vigil vigil-agent doctor. It is tried again and again; nothing more is needed here.'
  say 'The agent runs. Look at it: sudo -u vigil vigil-agent doctor'
else
  say 'Installed, not enrolled: make a code in the app, then'
  say '  sudo -u vigil vigil-agent enrol --url https://SERVER:8080 --code CODE && sudo systemctl restart vigil-agent'
fi
