"""python3-librouteros against the simulated router: port and log-in method are the arguments."""

import os
import sys

from librouteros import connect
from librouteros.exceptions import LibRouterosError, TrapError
from librouteros.login import plain, token
from librouteros.query import And, Key, Or

port, method = int(sys.argv[1]), {"plain": plain, "token": token}[sys.argv[2]]


def log_in(password):
    return connect(host="127.0.0.1", port=port, username="admin", password=password, login_method=method, timeout=20)


try:
    log_in("wrong")
except LibRouterosError as error:
    assert "cannot log in" in str(error) or "invalid user name or password" in str(error), error
else:
    raise SystemExit("a wrong password was taken")

api = log_in(os.environ["ROUTER_PASSWORD"])
assert tuple(api("/system/identity/print")) == ({"name": "MikroTik"},)

secrets = api.path("ppp", "secret")
rows = tuple(secrets)
assert len(rows) == 3000, len(rows)
assert rows[0][".id"] == "*1" and rows[0]["name"] == "customer-000001" and rows[0]["disabled"] is False, rows[0]

new = secrets.add(name="anna", password="x", profile="package-1")
assert new == "*BB9", new
name, profile = Key("name"), Key("profile")
found = tuple(secrets.select(name, profile).where(name == "anna"))
assert found == ({"name": "anna", "profile": "package-1"},), found
secrets.update(**{".id": new, "comment": "house 3", "disabled": True})
found = tuple(secrets.select(Key("comment"), Key("disabled")).where(name == "anna"))
assert found == ({"comment": "house 3", "disabled": True},), found
both = tuple(secrets.select(name).where(Or(name == "anna", name == "customer-000007")))
assert len(both) == 2, both
some = tuple(secrets.select(name).where(And(profile == "package-1", Key("disabled") == "true")))
assert some == ({"name": "anna"},), some
assert len(tuple(secrets.select(name).where(name.In("anna", "customer-000001", "customer-000002")))) == 3
secrets.remove(new, "*1")
assert len(tuple(secrets.select(Key(".id")))) == 2999

for words, text in (
    (lambda: secrets.add(name="customer-000002"), "failure: secret with the same name already exists"),
    (lambda: secrets.remove("*FFFF"), "no such item"),
    (lambda: tuple(api("/ppp/secret/print", wrong="x")), "unknown parameter"),
):
    try:
        words()
    except TrapError as error:
        assert text in str(error), error
    else:
        raise SystemExit(f"`{text}` was not said")

# a list that is left half read does not confuse the next command of a new connection
half = iter(secrets)
next(half)
api.close()

api = log_in(os.environ["ROUTER_PASSWORD"])

other = log_in(os.environ["ROUTER_PASSWORD"])


# librouteros sends when it is asked for the first answer: what it sent is heard before the pool is made
def sent(api, *words):
    api.protocol.writeSentence(words[0], *words[1:])


sent(api, "/ip/pool/listen", ".tag=l")
sent(api, "/system/identity/print", ".tag=i")
for _ in range(2):
    reply, words = api.protocol.readSentence()
    assert ".tag=i" in words, (reply, words)
pool = other.path("ip", "pool").add(name="late", ranges="10.0.0.2-10.0.0.9")
reply, words = api.protocol.readSentence()
assert reply == "!re" and ".tag=l" in words and "=name=late" in words, (reply, words)
other.path("ip", "pool").remove(pool)
reply, words = api.protocol.readSentence()
assert any(word.startswith("=.dead=") for word in words), words
sent(api, "/cancel", "=tag=l", ".tag=c")
seen = [api.protocol.readSentence() for _ in range(3)]
assert [reply for reply, _ in seen] == ["!trap", "!done", "!done"], seen
assert "=message=interrupted" in seen[0][1], seen
api.close()
other.close()
print("all well")
