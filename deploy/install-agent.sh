#!/usr/bin/env bash
# Installs the loudspeaker agent on a Raspberry Pi from a copy of this project. Run as root; run again to update.
# With --proof: also what an ear (a microphone, or a line back from the amplifier) needs.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "Cần quyền root: sudo deploy/install-agent.sh / needs root" >&2; exit 2; }
apt-get install -y --no-install-recommends python3-venv libopusfile0 libasound2 || apt-get install -y --no-install-recommends python3-venv libopusfile0 libasound2t64
id loaban >/dev/null 2>&1 || useradd --system --home-dir /var/lib/loaban-agent --shell /usr/sbin/nologin --groups audio loaban
install -d /opt/loaban /etc/loaban
python3 -m venv /opt/loaban/.venv
lock=requirements-agent.lock
[ "${1:-}" = --proof ] && lock=requirements-proof.lock
/opt/loaban/.venv/bin/pip install --quiet --require-hashes -r "$lock"
rm -rf /opt/loaban/{audio,schedules,device_agent}  # a module that an update dropped must not stay
cp -r audio schedules device_agent /opt/loaban/
site=$(/opt/loaban/.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo /opt/loaban > "$site/loaban.pth"
printf '#!/opt/loaban/.venv/bin/python\nfrom device_agent.__main__ import main\n\nmain()\n' > /opt/loaban/.venv/bin/loaban-agent
chmod 755 /opt/loaban/.venv/bin/loaban-agent
ln -sf /opt/loaban/.venv/bin/loaban-agent /usr/local/bin/loaban-agent
install -d -o loaban -g loaban -m 700 /var/lib/loaban-agent
install -m 644 deploy/loaban-agent.service /etc/systemd/system/
systemctl daemon-reload
systemctl enable --quiet loaban-agent
if [ -e /etc/loaban/enrolment.json ]; then  # a trial without certificates
  chown loaban /etc/loaban/enrolment.json; chmod 600 /etc/loaban/enrolment.json
fi
if [ -e /var/lib/loaban-agent/enrolment.json ] || [ -e /etc/loaban/enrolment.json ]; then
  systemctl restart loaban-agent
  echo "Đã cài xong. / Installed."
else
  echo "Đã cài xong. Lấy mã trên trang Loa rồi chạy: sudo loaban-agent enrol MÃ https://máy-chủ / Installed; now enrol with a code."
fi
