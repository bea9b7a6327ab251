"""Turns events into enforcements and executions, and executes: shell commands, workflows, inquiries."""

import json
import os
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
from psycopg.types.json import Jsonb

import rules
import store

ENDED = {"completed", "failed", "timeout", "cancelled"}
workers = ThreadPoolExecutor(max_workers=32)
processes: dict[int, subprocess.Popen] = {}
lock = threading.Lock()


def handle_events() -> None:
    """Each event meets the rules of its trigger once."""
    with store.pool.connection() as db, db.transaction():
        found = "select * from events where not handled order by id for update skip locked"
        for event in db.execute(found).fetchall():
            db.execute("update events set handled = true where id = %s", [event["id"]])
            wanted = "select * from rules where trigger_id = %s and enabled order by id"
            for rule in db.execute(wanted, [event["trigger_id"]]).fetchall():
                enforce(db, rule, event)


def enforce(db: psycopg.Connection, rule: dict, event: dict) -> None:
    tenant = event["tenant_id"]
    holds = rules.holds(rule["criteria"], event["payload"])
    enforcement = store.insert(
        db, "enforcements", tenant_id=tenant, rule_id=rule["id"], event_id=event["id"],
        status="enforced" if holds else "filtered",
    )
    if holds:
        known = {"event": {"id": event["id"], "payload": event["payload"]}}
        store.insert(
            db, "executions", tenant_id=tenant, action_id=rule["action_id"], enforcement_id=enforcement["id"],
            parameters=rules.fill(rule["parameters"], known),
        )


def start_executions() -> None:
    taken = store.rows(
        "update executions set status = 'running', started_at = clock_timestamp() "
        "where id in (select id from executions where status = 'requested' order by id for update skip locked) returning *"
    )
    for execution in sorted(taken, key=lambda each: each["id"]):
        workers.submit(execute, execution)


def execute(execution: dict) -> None:
    try:
        action = store.rows("select * from actions where id = %s", execution["action_id"])
        if action:                                      # else its tenant is gone
            KINDS[action[0]["kind"]](execution, action[0]["definition"])
    except Exception as error:
        print("execution", execution["id"], "broke:", repr(error), flush=True)
        end(execution["id"], "failed", {"error": str(error)})


def run_shell(execution: dict, definition: dict) -> None:
    """The parameters are on standard input; standard output is the result, as JSON where it is some."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", definition["command"]], text=True, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    with lock:
        processes[execution["id"]] = process
    try:
        out, err = process.communicate(json.dumps(execution["parameters"]), timeout=execution["timeout"])
    except subprocess.TimeoutExpired:
        kill(process)
        process.communicate()
        end(execution["id"], "timeout", {"error": f"it took longer than {execution['timeout']} s"})
        return
    finally:
        with lock:
            processes.pop(execution["id"], None)
    code = process.returncode
    result = {"exit_code": code, "output": as_json(out), "error": err.strip() or None}
    end(execution["id"], "completed" if code == 0 else "failed", result)


def as_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def kill(process: subprocess.Popen) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def ask(execution: dict, definition: dict) -> None:
    """An inquiry: the execution waits for somebody's answer."""
    with store.pool.connection() as db, db.transaction():
        prompt = rules.fill(definition["prompt"], {"parameters": execution["parameters"]})
        store.insert(
            db, "inquiries", tenant_id=execution["tenant_id"], execution_id=execution["id"],
            prompt=str(prompt), choices=definition.get("choices", []),
        )
        db.execute("update executions set status = 'waiting' where id = %s and status = 'running'", [execution["id"]])


def run_workflow(execution: dict, _: dict) -> None:
    with store.pool.connection() as db, db.transaction():
        advance(db, execution["id"])


def advance(db: psycopg.Connection, workflow_id: int) -> None:
    """Looks at the children of a workflow and does what is next. The lock on its row lets one child at a time do so."""
    flow = db.execute("select * from executions where id = %s for update", [workflow_id]).fetchone()
    if flow is None or flow["status"] != "running":
        return
    action = db.execute("select * from actions where id = %s", [flow["action_id"]]).fetchone()
    steps, results = action["definition"]["steps"], {}
    for number, step in enumerate(steps):
        children = db.execute(
            "select * from executions where parent_id = %s and step = %s order by item", [workflow_id, number]
        ).fetchall()
        if flow["begun"] <= number and not children:
            try:
                begun = begin_step(db, flow, number, step, results)
            except (LookupError, TypeError) as error:
                finish(db, workflow_id, "failed", {"error": str(error)})
                return
            if begun:
                return
        if any(child["status"] not in ENDED for child in children):
            return
        bad = [child for child in children if child["status"] != "completed"]
        if bad:
            error = f"{len(bad)} of {len(children)} in step {step['name']} did not complete"
            finish(db, workflow_id, "failed", {"error": error})
            return
        results[step["name"]] = [child["result"].get("output") for child in children]
    finish(db, workflow_id, "completed", {"output": results})


def begin_step(db: psycopg.Connection, flow: dict, number: int, step: dict, results: dict) -> bool:
    """Makes one execution, or one for each item; gives back whether there was any to make."""
    known = {"parameters": flow["parameters"], "results": results}
    items = rules.fill(step["with_items"], known) if "with_items" in step else [None]
    if not isinstance(items, list):
        raise TypeError(f"with_items is no list: {items}")
    action = db.execute(
        "select id from actions where tenant_id = %s and ref = %s", [flow["tenant_id"], step["action"]]
    ).fetchone()
    if action is None:
        raise LookupError(f"no such action: {step['action']}")
    for index, item in enumerate(items):
        store.insert(
            db, "executions", tenant_id=flow["tenant_id"], action_id=action["id"], parent_id=flow["id"],
            step=number, item=index, parameters=rules.fill(step.get("parameters", {}), known | {"item": item}),
        )
    db.execute("update executions set begun = %s where id = %s", [number + 1, flow["id"]])
    store.wake(db, "work")
    return bool(items)


def end(execution_id: int, status: str, result: dict) -> None:
    with store.pool.connection() as db, db.transaction():
        finish(db, execution_id, status, result)


def finish(db: psycopg.Connection, execution_id: int, status: str, result: dict) -> None:
    """The first end counts: what was cancelled stays cancelled."""
    ended = db.execute(
        "update executions set status = %s, result = %s, finished_at = clock_timestamp() "
        "where id = %s and status in ('requested', 'running', 'waiting') returning *",
        [status, Jsonb(result), execution_id],
    ).fetchone()
    if ended and ended["parent_id"]:
        advance(db, ended["parent_id"])


def kill_cancelled() -> None:
    with lock:
        at_work = list(processes)
    for row in store.rows("select id from executions where status = 'cancelled' and id = any(%s)", at_work):
        with lock:
            process = processes.get(row["id"])
        if process:
            kill(process)


KINDS = {"shell": run_shell, "workflow": run_workflow, "inquiry": ask}


def main() -> None:
    work = store.listen("work")
    # What an executor that was killed had begun begins again; a workflow looks which of its children are there.
    store.rows("update executions set status = 'requested' where status = 'running' returning id")
    print("the executor is ready", flush=True)
    while True:
        handle_events()
        start_executions()
        kill_cancelled()
        for _ in work.notifies(timeout=5, stop_after=1):
            pass


if __name__ == "__main__":
    main()
