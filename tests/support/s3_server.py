"""A whole object store in one process: OpenStack Swift's proxy, account, container and object servers behind its S3
API. Run by the Python of an environment of its own (`requirements/s3.txt`), not by the one that runs the tests.

    python s3_server.py FOLDER PORT KEY SECRET

It checks signatures and their expiry as S3 does. Buckets: `songs`, and `small`, which takes less than a mebibyte. KEY
is `account:user`. What FOLDER holds from before is served again.
"""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import logging  # noqa: E402 - everything after the patch, which has to come first
import sys  # noqa: E402
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

warnings.filterwarnings("ignore")

import eventlet.wsgi  # noqa: E402
from swift.common import utils  # noqa: E402
from swift.common.http_protocol import SwiftHttpProtocol  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.swob import Request  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

SMALL = 1024 * 1024 - 1  #: bytes that the bucket `small` takes
DEVICE = "disk"
PARTS = ("account", "container", "object")
PIPELINE = "catch_errors gatekeeper healthcheck listing_formats s3api tempauth slo container-quotas proxy-server"

SWIFT_CONF = """
[swift-hash]
swift_hash_path_suffix = pansori
[storage-policy:0]
name = only
default = yes
"""
SERVER_CONF = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
log_level = ERROR
[app:main]
use = egg:swift#{part}
allow_versions = on
fallocate_reserve = 0
disable_fallocate = true
"""
PROXY_CONF = """
[DEFAULT]
swift_dir = {folder}
log_level = ERROR
[pipeline:main]
pipeline = {pipeline}
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
conn_timeout = 5
[filter:tempauth]
use = egg:swift#tempauth
user_{user} = {secret} .admin
allow_overrides = true
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
min_segment_size = 1
location = us-east-1
{filters}
"""


def main() -> None:
    folder, port, key, secret = Path(sys.argv[1]).absolute(), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    logging.disable(logging.ERROR)
    _configure(folder)
    listeners = {part: eventlet.listen(("127.0.0.1", 0)) for part in PARTS}
    _make_rings(folder, {part: listener.getsockname()[1] for part, listener in listeners.items()})
    for part, listener in listeners.items():
        conf = folder / f"{part}.conf"
        conf.write_text(SERVER_CONF.format(folder=folder, part=part))
        _serve(listener, loadapp(str(conf)))
    conf = folder / "proxy.conf"
    named = [name for name in PIPELINE.split() if name not in ("s3api", "tempauth", "proxy-server")]
    filters = "\n".join(f"[filter:{name}]\nuse = egg:swift#{name.replace('-', '_')}" for name in named)
    user = key.replace(":", "_")
    conf.write_text(PROXY_CONF.format(folder=folder, pipeline=PIPELINE, user=user, secret=secret, filters=filters))
    proxy = loadapp(str(conf))
    account = f"AUTH_{key.partition(':')[0]}"
    _make_bucket(proxy, f"{account}/songs", {})
    _make_bucket(proxy, f"{account}/songs+segments", {})
    _make_bucket(proxy, f"{account}/small", {"X-Container-Meta-Quota-Bytes": str(SMALL)})
    _serve(eventlet.listen(("127.0.0.1", port)), proxy)
    eventlet.event.Event().wait()


def _configure(folder: Path) -> None:
    (folder / "devices" / DEVICE).mkdir(parents=True, exist_ok=True)
    (folder / "swift.conf").write_text(SWIFT_CONF)
    utils.set_swift_dir(str(folder))


def _make_rings(folder: Path, ports: dict[str, int]) -> None:
    for part, port in ports.items():
        builder = RingBuilder(1, 1, 1)
        builder.add_dev(
            {"id": 0, "region": 1, "zone": 1, "weight": 1.0, "ip": "127.0.0.1", "port": port, "device": DEVICE}
        )
        builder.rebalance()
        builder.get_ring().save(str(folder / f"{part}.ring.gz"))


def _make_bucket(proxy: Any, name: str, headers: dict[str, str]) -> None:
    environment = {"REQUEST_METHOD": "PUT", "swift.authorize_override": True, "swift.authorize": lambda _: None}
    answer = Request.blank(f"/v1/{name}", environ=environment, headers=headers).get_response(proxy)
    assert answer.status_int in (201, 202), (answer.status, answer.body)


def _serve(listener: Any, app: Any) -> None:
    quiet = logging.getLogger("eventlet")
    eventlet.spawn(eventlet.wsgi.server, listener, app, quiet, protocol=SwiftHttpProtocol, log_output=False)


if __name__ == "__main__":
    main()
