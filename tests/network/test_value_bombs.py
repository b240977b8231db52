"""S8: small JSON whose values would fill the memory is refused in responses and bags."""

import gzip
import hashlib
import json
import os
import re
import zipfile
from pathlib import Path

import pytest

from reddit_archive import errors
from reddit_archive.files import fast_json
from reddit_archive.network.limits import ResponseLimits
from reddit_archive.network.session import Session
from tests.conftest import EXAMPLES, Run
from tests.support.media_server import Answer
from tests.support.network_servers import answering, json_body

BOMB = b"[" + b"[]," * 1_000_000 + b"0]"
PADDED = b'["' + b" " * 200_000 + b'"' + b",[]" * 5_000 + b"]"


def test_bomb__is_detected_by_bytes_per_value() -> None:
    assert fast_json.is_bomb(BOMB)
    assert not fast_json.is_bomb(BOMB[:900_000])
    assert not fast_json.is_bomb(b'"' + bytes(20_000_000) + BOMB)


def get(answer: Answer, limits: ResponseLimits | None) -> None:
    with answering(answer) as server, Session("It", [server.url("")], limits=limits) as session:
        session.get(server.url("/a"), timeout=5)


@pytest.mark.parametrize("body", [BOMB, PADDED], ids=["dense", "padded"])
def test_response__too_many_values(body: bytes) -> None:
    limits = ResponseLimits(max_values=5_000) if body is PADDED else None
    with pytest.raises(errors.ResponseRefusedError, match="more values than fit in memory"):
        get(json_body(body), limits)


def test_response__compressed_size_has_its_own_limit() -> None:
    limits = ResponseLimits(max_compressed_bytes=10_000, max_header_bytes=10_000)
    body = json_body(gzip.compress(os.urandom(30_000)), "Content-Encoding: gzip")
    with pytest.raises(errors.ResponseRefusedError, match="of data"):
        get(body, limits)


def write_bag(path: Path, snapshot: bytes, archive: bytes) -> Path:
    digest = hashlib.sha256(snapshot).hexdigest()
    time = re.sub("[-:]", "", json.loads(snapshot)["captured_at"])
    name = f"data/threads/t3_9bread1/{time}-{digest}.json"
    files = {name: snapshot, "data/ARCHIVE": archive}
    manifest = "".join(f"{hashlib.sha256(v).hexdigest()}  {k}\n" for k, v in files.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("b/bagit.txt", "BagIt-Version: 1.0\n")
        packed.writestr("b/manifest-sha256.txt", manifest)
        for inside, data in files.items():
            packed.writestr(f"b/{inside}", data)
    return path


@pytest.mark.slow
def test_bag__too_many_values(run: Run, tmp_path: Path) -> None:
    run("save", EXAMPLES / "short.json", "-q")
    stored = next((tmp_path / "archive" / "threads").rglob("*.json")).read_bytes()
    archive = (tmp_path / "archive" / "ARCHIVE").read_bytes()
    bomb = json.dumps(json.loads(stored)).encode()[:-1] + b',"x":' + BOMB + b"}"
    ran = run("import", write_bag(tmp_path / "bag.zip", bomb, archive))
    assert (ran.code, "more values than fit in memory" in ran.err) == (4, True)
    assert run("import", write_bag(tmp_path / "bag.zip", stored, archive)).code == 0
