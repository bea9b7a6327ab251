// Fake time, in the page's own world. `clock` is the one object it leaves there.
(start) => {
  if (globalThis.__scenarioClock) return globalThis.__scenarioClock.set(start);
  const RealDate = Date;
  let now = start;
  let ticks = 0;
  let next = 1;
  const timers = new Map();
  const add = (due, run, every) => {
    const id = next++;
    timers.set(id, { id, due, run, every });
    return id;
  };
  const calling = (callback, args) => () => (typeof callback === 'function' ? callback(...args) : (0, eval)(String(callback)));
  const drop = (id) => timers.delete(id);
  const origin = start;
  class FakeDate extends RealDate {
    constructor(...args) {
      if (args.length) super(...args);
      else super(now);
    }
    static now() {
      return now;
    }
  }
  const FakeDateFunction = new Proxy(FakeDate, { apply: () => new FakeDate().toString() });
  const own = {
    Date: FakeDateFunction,
    setTimeout: (callback, wait = 0, ...args) => add(now + Math.max(0, +wait || 0), calling(callback, args)),
    setInterval: (callback, wait = 0, ...args) =>
      add(now + Math.max(1, +wait || 0), calling(callback, args), Math.max(1, +wait || 0)),
    clearTimeout: drop,
    clearInterval: drop,
    requestAnimationFrame: (callback) => add(now + 16, () => callback(now - origin)),
    cancelAnimationFrame: drop,
  };
  Object.assign(globalThis, own);
  performance.now = () => now - origin + ticks;
  const pass = (until) => {
    for (;;) {
      const due = [...timers.values()].filter((it) => it.due <= until).sort((a, b) => a.due - b.due || a.id - b.id)[0];
      if (!due) break;
      now = Math.max(now, due.due);
      if (due.every) due.due += due.every;
      else timers.delete(due.id);
      try {
        due.run();
      } catch (error) {
        reportError(error);
      }
    }
    now = Math.max(now, until);
  };
  const clock = {
    set: (to) => {
      now = to;
    },
    advance: (by) => pass(now + by),
    now: () => now,
  };
  Object.defineProperty(globalThis, '__scenarioClock', { value: clock, enumerable: false });
}
