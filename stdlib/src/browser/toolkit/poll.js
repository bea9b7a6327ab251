// Looking again until it is so, for a slice of the wait: the host looks at deadline and cancellation between slices.

const PAUSE = 10;

/** The next frame, or a moment where frames do not come: a page that is not shown draws none. Gives whether one came. */
function nextFrame() {
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(false), 50);
    const frame = requestAnimationFrame(() => done(true));
    function done(came) {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      resolve(came);
    }
  });
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/**
 * Calls `attempt` until it gives something with `done`, or the slice is over; then it gives the last verdict. What a look
 * tells goes into the log if it differs from the look before. A look that takes long is repeated less often.
 */
async function poll(slice, attempt) {
  const began = performance.now();
  const log = [];
  let last = "";
  for (;;) {
    const looked = performance.now();
    lookAnew();
    const lines = [];
    let answer;
    try {
      answer = await attempt((line) => lines.push(line));
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      return { wrong: error.message, log: [...log, ...lines] };
    }
    if (lines.join("\n") !== last) log.push(...lines);
    last = lines.join("\n");
    const now = performance.now();
    if (answer.done || now - began >= slice) return { ...answer, log, took: Math.round(now - began) };
    await pause(Math.max(PAUSE, 2 * (now - looked - (answer.waited || 0))));
  }
}

/** Looks once, without waiting. */
function once(attempt) {
  lookAnew();
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { wrong: error.message };
  }
}
