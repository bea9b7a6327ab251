"""What takes long. The worker is started with `celery --app tasks worker`."""

import os
import time

from celery import Celery
from celery.signals import task_postrun, task_prerun
from redis import Redis

URL = os.environ["REDIS_URL"]

app = Celery("tasks", broker=URL, backend=URL)
# Without this a task goes from PENDING to its end at once, and nobody sees it at work.
app.conf.task_track_started = True
app.conf.worker_prefetch_multiplier = 1

store = Redis.from_url(URL, decode_responses=True)


@app.task(name="work")
def work(seconds, fail=False):
    time.sleep(seconds)
    if fail:
        raise RuntimeError(f"the disk was full after {seconds} s")
    return {"rows": int(seconds * 100)}


@task_prerun.connect
def note_start(task_id, **_):
    store.hset(f"task:{task_id}", "started_at", time.time())


@task_postrun.connect
def note_end(task_id, **_):
    store.hset(f"task:{task_id}", "finished_at", time.time())
