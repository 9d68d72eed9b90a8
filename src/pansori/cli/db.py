"""`pansori db`."""

from __future__ import annotations

import json

from sqlalchemy import make_url

from pansori import db, settings
from pansori.cli.exits import tell
from pansori.cli.language import say
from pansori.db import Database
from pansori.domain.errors import ConfigurationError
from pansori.lexicon.particles import attach


def upgrade_database() -> int:
    database = Database(settings.load().database)
    try:
        before = db.revision(database)
        db.upgrade(database)
        after = db.revision(database)
    finally:
        database.close()
    if before == after:
        print(say(f"The database is up to date ({after}).", f"데이터베이스가 최신이에요 ({after})."))
    else:
        print(say(f"The database is now at {after}.", f"데이터베이스를 {attach(after or '', '으로/로')} 올렸어요."))
    return 0


def check_database(as_json: bool) -> int:
    url = settings.load().database
    database = Database(url)
    try:
        found, trouble = db.revision(database), None
        try:
            db.check(database)
        except ConfigurationError as error:
            trouble = error
    finally:
        database.close()
    shown = make_url(url).render_as_string(hide_password=True)
    if as_json:
        print(json.dumps({"url": shown, "revision": found, "newest": db.HEAD, "fits": trouble is None}, indent=2))
    else:
        print(f"{shown}\n{say('revision', '개정')} {found or '–'}, {say('newest', '최신')} {db.HEAD}")
    return 0 if trouble is None else tell(trouble)
