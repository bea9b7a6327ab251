"""The API of the automation server. Everything belongs to a tenant; what is another's is not there."""

import os
import time
from datetime import datetime, timezone

import jwt
from flask import Flask, abort, g, jsonify, request
from flask.json.provider import DefaultJSONProvider
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb
from werkzeug.security import check_password_hash, generate_password_hash

import executor
import rules
import store
import timers

SECRET = os.environ["JWT_SECRET"]
PUBLIC = {"health", "register", "login", "fire"}


class Json(DefaultJSONProvider):
    @staticmethod
    def default(value: object) -> object:
        return value.isoformat() if isinstance(value, datetime) else DefaultJSONProvider.default(value)


app = Flask(__name__)
app.json = Json(app)


@app.before_request
def authenticate() -> None:
    if request.endpoint in PUBLIC or request.endpoint is None:
        return
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    try:
        g.tenant = int(jwt.decode(token, SECRET, algorithms=["HS256"])["sub"])
    except jwt.InvalidTokenError as error:
        abort(401, f"log in first: {error}")
    if not store.rows("select 1 from tenants where id = %s and not gone", g.tenant):
        abort(401, "this tenant is gone")


@app.errorhandler(UniqueViolation)
def taken(_):
    return jsonify(error="this name is taken"), 409


for status in (400, 401, 404, 409, 422):
    app.register_error_handler(status, lambda error: (jsonify(error=error.description), error.code))


def mine(table: str, column: str, value: object) -> dict:
    found = store.rows(f"select * from {table} where tenant_id = %s and {column} = %s", g.tenant, value)
    return found[0] if found else abort(404, f"none of your {table} has the {column} {value}")


def create(table: str, **values: object) -> dict:
    with store.pool.connection() as db, db.transaction():
        return store.insert(db, table, tenant_id=g.tenant, **values)


# Who is there.


@app.get("/health")
def health():
    return jsonify(status="up", database="up" if store.rows("select 1") else "down")


@app.post("/auth/register")
def register():
    body = request.json
    if len(body["password"]) < 8:
        abort(422, "a password has at least 8 characters")
    with store.pool.connection() as db:
        secret = generate_password_hash(body["password"], "pbkdf2:sha256:1000")
        tenant = store.insert(db, "tenants", login=body["login"], password_hash=secret)
    return jsonify(id=tenant["id"], login=tenant["login"]), 201


@app.post("/auth/login")
def login():
    body = request.json
    found = store.rows("select * from tenants where login = %s and not gone", body["login"])
    if not found or not check_password_hash(found[0]["password_hash"], body["password"]):
        abort(401, "wrong login or password")
    claims = {"sub": str(found[0]["id"]), "exp": int(time.time()) + 3600}
    return jsonify(access_token=jwt.encode(claims, SECRET, "HS256"), token_type="bearer")


@app.get("/auth/me")
def me():
    return jsonify(store.rows("select id, login, created_at from tenants where id = %s", g.tenant)[0])


@app.delete("/auth/me")
def leave():
    """What happened stays on record; nothing more happens."""
    with store.pool.connection() as db, db.transaction():
        db.execute("update tenants set gone = true where id = %s", [g.tenant])
        db.execute("update triggers set gone = true, next_fire_at = null where tenant_id = %s", [g.tenant])
    return "", 204


# What is described: packs, actions, triggers, rules.


@app.post("/packs")
def create_pack():
    return jsonify(create("packs", ref=request.json["ref"], label=request.json.get("label", ""))), 201


@app.post("/actions")
def create_action():
    body = dict(request.json)
    kind, ref = body.pop("kind"), body.pop("ref")
    needed = {"shell": "command", "workflow": "steps", "inquiry": "prompt"}
    if kind not in needed or needed[kind] not in body:
        abort(422, f"an action is one of {', '.join(needed)}, with {', '.join(needed.values())}")
    pack = mine("packs", "ref", body.pop("pack"))
    return jsonify(create("actions", ref=ref, kind=kind, pack_id=pack["id"], definition=body)), 201


@app.post("/triggers")
def create_trigger():
    body = dict(request.json)
    kind, ref = body.pop("kind"), body.pop("ref")
    if kind not in {"webhook", "interval", "date", "cron"}:
        abort(422, f"no such kind of trigger: {kind}")
    if kind != "webhook" and (reason := timers.wrong(kind, body)):
        abort(422, reason)
    with store.pool.connection() as db, db.transaction():
        then = timers.next_fire(kind, body, datetime.now(timezone.utc))
        trigger = store.insert(db, "triggers", tenant_id=g.tenant, ref=ref, kind=kind, config=body, next_fire_at=then)
        store.wake(db, "timers")
    return jsonify(trigger | {"url": f"/webhooks/{trigger['key']}"}), 201


@app.delete("/triggers/<int:id>")
def delete_trigger(id):
    mine("triggers", "id", id)
    store.rows("update triggers set gone = true, next_fire_at = null where id = %s returning id", id)
    return "", 204


@app.post("/rules")
def create_rule():
    body = request.json
    criteria = body.get("criteria", [])
    if reason := rules.wrong(criteria):
        abort(422, reason)
    rule = create(
        "rules", ref=body["ref"], trigger_id=mine("triggers", "ref", body["trigger"])["id"],
        action_id=mine("actions", "ref", body["action"])["id"],
        criteria=criteria, parameters=body.get("parameters", {}),
    )
    return jsonify(rule), 201


@app.patch("/rules/<int:id>")
def change_rule(id):
    mine("rules", "id", id)
    changed = store.rows("update rules set enabled = %s where id = %s returning *", request.json["enabled"], id)
    return jsonify(changed[0])


@app.post("/webhooks/<uuid:key>")
def fire(key):
    """Whoever knows the address may fire it."""
    found = store.rows("select * from triggers where key = %s and kind = 'webhook' and not gone", key)
    if not found:
        abort(404, "no such webhook")
    payload = request.get_json() if request.data else {}
    with store.pool.connection() as db, db.transaction():
        event = store.emit(db, found[0], payload)
    return jsonify(event=event["id"]), 202


# What happens: events, enforcements, executions, inquiries.

FILTERS = {
    "events": {"trigger": "trigger_id"},
    "enforcements": {"rule": "rule_id", "event": "event_id", "status": "status"},
    "executions": {"action": "action_id", "enforcement": "enforcement_id", "parent": "parent_id", "status": "status"},
    "inquiries": {"execution": "execution_id", "status": "status"},
    "packs": {}, "actions": {}, "triggers": {}, "rules": {"trigger": "trigger_id"},
}


@app.get("/<table>")
def index(table):
    """All of a kind, oldest first, by filters: ?trigger=7."""
    known = FILTERS.get(table) if table in FILTERS else abort(404, "no such list")
    sql, values = f"select * from {table} where tenant_id = %s", [g.tenant]
    for name, value in request.args.items():
        if name not in known:
            abort(400, f"no such filter: {name}")
        sql, values = f"{sql} and {known[name]} = %s", [*values, value]
    return jsonify(store.rows(sql + " order by id", *values))


@app.get("/<table>/<int:id>")
def one(table, id):
    return jsonify(mine(table, "id", id)) if table in FILTERS else abort(404, "no such list")


@app.post("/executions")
def execute():
    body = request.json
    action = mine("actions", "ref", body["action"])
    with store.pool.connection() as db, db.transaction():
        execution = store.insert(
            db, "executions", tenant_id=g.tenant, action_id=action["id"],
            parameters=body.get("parameters", {}), timeout=body.get("timeout"),
        )
        store.wake(db, "work")
    return jsonify(execution), 202


@app.post("/executions/<int:id>/cancel")
def cancel(id):
    mine("executions", "id", id)
    with store.pool.connection() as db, db.transaction():
        executor.finish(db, id, "cancelled", {"error": "cancelled by its tenant"})
        store.wake(db, "work")
    return jsonify(mine("executions", "id", id))


@app.post("/inquiries/<int:id>/respond")
def respond(id):
    inquiry, response = mine("inquiries", "id", id), request.json["response"]
    if inquiry["choices"] and response not in inquiry["choices"]:
        abort(422, f"{response} is none of {', '.join(inquiry['choices'])}")
    with store.pool.connection() as db, db.transaction():
        answered = db.execute(
            "update inquiries set status = 'answered', response = %s where id = %s and status = 'pending' returning *",
            [Jsonb(response), id],
        ).fetchone()
        if not answered:
            abort(409, "it is answered already")
        executor.finish(db, inquiry["execution_id"], "completed", {"output": response})
        store.wake(db, "work")
    return jsonify(answered)


# What is kept: values by key, encrypted and for a time where asked.


@app.put("/datastore/<key>")
def keep(key):
    body = request.json
    value, sealed = Jsonb(body["value"]), bool(body.get("encrypted"))
    kept = store.rows(
        "insert into datastore (tenant_id, key, value, sealed, expires_at) values (%(tenant)s, %(key)s, "
        "case when not %(hide)s then %(value)s::jsonb end, "
        "case when %(hide)s then pgp_sym_encrypt(%(value)s::jsonb::text, %(secret)s) end, "
        "clock_timestamp() + make_interval(secs => %(ttl)s)) "
        "on conflict (tenant_id, key) do update set value = excluded.value, sealed = excluded.sealed, "
        "expires_at = excluded.expires_at, updated_at = clock_timestamp() returning updated_at, expires_at",
        {"tenant": g.tenant, "key": key, "value": value, "hide": sealed, "secret": SECRET, "ttl": body.get("ttl")},
    )[0]
    return jsonify(key=key, encrypted=sealed, **kept)


LIVE = "tenant_id = %s and (expires_at is null or expires_at > clock_timestamp())"


@app.get("/datastore")
def keys():
    return jsonify([row["key"] for row in store.rows(f"select key from datastore where {LIVE} order by key", g.tenant)])


@app.get("/datastore/<key>")
def read(key):
    found = store.rows(
        "select coalesce(value, pgp_sym_decrypt(sealed, %s)::jsonb) as value, sealed is not null as encrypted, "
        f"updated_at, expires_at from datastore where {LIVE} and key = %s",
        SECRET, g.tenant, key,
    )
    return jsonify(found[0] | {"key": key}) if found else abort(404, f"no such key: {key}")


@app.delete("/datastore/<key>")
def forget(key):
    gone = store.rows("delete from datastore where tenant_id = %s and key = %s returning key", g.tenant, key)
    return ("", 204) if gone else abort(404, f"no such key: {key}")


store.migrate()
