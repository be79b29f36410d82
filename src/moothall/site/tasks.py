from procrastinate import JobContext
from procrastinate.contrib.django import app

# Once a clock that was ahead is put back, a worker that was killed meanwhile would count as alive until then, and a job
# wait so long for another try. The longest pause between tries is 3 ** 10 seconds.
_PUT_RIGHT = (
    "UPDATE procrastinate_workers SET last_heartbeat = now() WHERE last_heartbeat > now() + interval '1 minute'",
    "UPDATE procrastinate_jobs SET scheduled_at = now() "
    "WHERE status = 'todo' AND scheduled_at > now() + interval '1 day'",
)


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled_jobs", queueing_lock="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """A worker that was killed leaves its job marked as being done, by nobody; a group's next mails wait for it."""
    for statement in _PUT_RIGHT:
        await context.app.connector.execute_query_async(statement)
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)
