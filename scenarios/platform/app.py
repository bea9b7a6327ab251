"""A small platform: people log in, chat with an assistant, and log out. Data in PostgreSQL, sessions in Redis, transcripts in S3."""

import json
import os
import pathlib
import secrets
import threading
import urllib.request

import psycopg
import redis
from flask import Flask, g, jsonify, redirect, request
from markupsafe import escape
from werkzeug.security import check_password_hash, generate_password_hash

import s3

app = Flask(__name__)
sessions = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
HERE = pathlib.Path(__file__).parent


def database() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, row_factory=psycopg.rows.dict_row)


def migrate() -> None:
    with database() as db:
        db.execute("select pg_advisory_lock(1)")
        db.execute("create table if not exists migrations (name text primary key, applied timestamptz default now())")
        done = {row["name"] for row in db.execute("select name from migrations")}
        for file in sorted(HERE.glob("migrations/*.sql")):
            if file.name not in done:
                with db.transaction():
                    db.execute(file.read_text())
                    db.execute("insert into migrations (name) values (%s)", [file.name])
                print("migrated", file.name, flush=True)
        db.execute(
            "insert into people values (%s, 'Ada', %s) on conflict do nothing",
            ["ada@example.com", generate_password_hash(os.environ["ADA_PASSWORD"], "pbkdf2:sha256:1000")],
        )


@app.before_request
def find_session() -> None:
    token = request.cookies.get("session", "")
    g.email = sessions.get(f"session:{token}") if token else None


def refused():
    return (jsonify(error="log in first"), 401) if request.path.startswith("/api/") else redirect("/login", 303)


@app.get("/health")
def health():
    with database() as db:
        done = [row["name"] for row in db.execute("select name from migrations order by name")]
    return jsonify(status="up", database="up", sessions="up" if sessions.ping() else "down", migrations=done)


def page(title: str, content: str) -> str:
    return f"<!doctype html><html lang=en><title>{title}</title><link rel=icon href=data:,><main><h1>{title}</h1>{content}</main></html>"


@app.get("/login")
def login_form(problem: str = ""):
    form = (
        "<form method=post><label>E-mail <input type=email name=email required></label> "
        "<label>Password <input type=password name=password required></label> <button>Sign in</button></form>"
    )
    return page("Sign in", problem + form)


@app.post("/login")
def login():
    with database() as db:
        person = db.execute("select * from people where email = %s", [request.form["email"]]).fetchone()
    if not person or not check_password_hash(person["password_hash"], request.form["password"]):
        return login_form("<p role=alert>wrong e-mail or password</p>"), 403
    token = secrets.token_urlsafe(24)
    sessions.set(f"session:{token}", person["email"], ex=3600)
    answer = redirect("/chat", 303)
    answer.set_cookie("session", token, httponly=True, samesite="Lax")
    return answer


@app.post("/logout")
def logout():
    if not g.email:
        return refused()
    # Written before the session ends, so that no transcript is lost.
    s3.put(f"transcripts/{g.email}.json", json.dumps(history(), default=str).encode(), "application/json")
    sessions.delete("session:" + request.cookies["session"])
    answer = redirect("/login", 303)
    answer.delete_cookie("session")
    return answer


@app.get("/chat")
def chat():
    if not g.email:
        return refused()
    lines = "".join(f"<li data-testid={m['author']}>{escape(m['body'])}</li>" for m in history())
    form = "<form id=say><input aria-label=Message autocomplete=off> <button disabled>Send</button></form>"
    leave = "<form method=post action=/logout><button>Log out</button></form>"
    return page("Chat", f"<ul id=messages aria-label=Conversation>{lines}</ul>{form}{leave}<script src=/static/chat.js></script>")


@app.get("/api/v1")
def info():
    return jsonify(name="platform", version="1", person=g.email) if g.email else refused()


@app.get("/api/v1/messages")
def messages():
    return jsonify(history()) if g.email else refused()


@app.post("/api/v1/messages")
def send():
    if not g.email:
        return refused()
    with database() as db:
        message = write(db, g.email, "person", request.json["text"], None)
    threading.Thread(target=reply, args=[g.email, message]).start()
    return jsonify(message), 202


def history() -> list[dict]:
    with database() as db:
        return db.execute("select * from messages where email = %s order by id", [g.email]).fetchall()


def write(db: psycopg.Connection, email: str, author: str, body: str, to: int | None) -> dict:
    return db.execute(
        "insert into messages (email, author, body, in_reply_to) values (%s, %s, %s, %s) returning *",
        [email, author, body, to],
    ).fetchone()


def reply(email: str, message: dict) -> None:
    try:
        body = json.dumps({"text": message["body"]}).encode()
        ask = urllib.request.Request(
            os.environ["ASSISTANT_URL"] + "/reply", body, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(ask, timeout=10) as answer:
            text, author = json.load(answer)["text"], "assistant"
    except OSError as error:
        text, author = f"The assistant cannot answer: {error}", "error"
    with database() as db:
        write(db, email, author, text, message["id"])


migrate()
