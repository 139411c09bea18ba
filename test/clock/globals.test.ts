import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as namedTimeout } from 'node:timers';
import timersPromises, { scheduler, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createRealClock, createVirtualClock } from '#lib/clock';

/** How long the virtual clock says the body took. */
async function virtually(body: () => Promise<unknown>): Promise<number> {
  const clock = createVirtualClock();
  await clock.run(body);
  return clock.now();
}

test('timers/promises is virtual, also through a named import', async () => {
  expect(await virtually(() => sleep(100))).toBe(100);
  expect(await virtually(() => timersPromises.setTimeout(100))).toBe(100);
  expect(await virtually(() => scheduler.wait(100))).toBe(100);
  expect(await virtually(() => promisify(setTimeout)(100))).toBe(100);
  expect(await virtually(() => new Promise((resolve) => namedTimeout(resolve, 100)))).toBe(100);
  const ticks = async () => {
    let count = 0;
    for await (const _ of timersPromises.setInterval(10)) if (++count === 5) break;
  };
  expect(await virtually(ticks)).toBe(50);
});

test('sleep of timers/promises passes its value on and obeys a signal', async () => {
  await virtually(async () => {
    expect(await sleep(5, 'value')).toBe('value');
    const aborted = sleep(1000, undefined, { signal: AbortSignal.timeout(50) });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
    expect(performance.now()).toBe(60_055);
  });
});

test('delays are what Node makes of them: whole milliseconds, at least one', async () => {
  const delays: [unknown, number][] = [
    [0, 1],
    [0.4, 1],
    [1.9, 1],
    [-5, 1],
    [Number.NaN, 1],
    [Number.POSITIVE_INFINITY, 1],
    [undefined, 1],
    ['20', 20],
    [20.9, 20],
  ];
  for (const [delay, tookMs] of delays) {
    const body = () => new Promise((resolve) => setTimeout(resolve, delay as number));
    expect([delay, await virtually(body)]).toEqual([delay, tookMs]);
  }
});

test('an interval of zero takes time', async () => {
  const body = () =>
    new Promise<void>((resolve) => {
      let count = 0;
      const timer = setInterval(() => {
        if (++count < 10) return;
        clearInterval(timer);
        resolve();
      }, 0);
    });
  expect(await virtually(body)).toBe(10);
});

test('AbortSignal.timeout aborts at its time with a TimeoutError', async () => {
  await virtually(async () => {
    const signal = AbortSignal.any([AbortSignal.timeout(75), new AbortController().signal]);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    expect(performance.now()).toBe(60_075);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });
});

test('all ways to ask the time agree', async () => {
  await virtually(async () => {
    const startMs = Date.now();
    const start = process.hrtime.bigint();
    await sleep(1234);
    expect(performance.now()).toBe(61_234);
    expect(Date.now() - startMs).toBe(1234);
    expect(process.hrtime.bigint() - start).toBe(1_234_000_000n);
    expect(new Date().toISOString()).toBe('2026-01-05T09:00:01.234Z');
  });
});

test('a sleep of the clock ends early with the reason of its signal', async () => {
  const clock = createVirtualClock();
  await clock.run(async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(clock.sleep(100, controller.signal)).rejects.toThrow('enough');
    await expect(clock.sleep(100, controller.signal)).rejects.toThrow('enough');
    expect(clock.now()).toBe(30);
    await clock.sleep(0);
    expect(clock.now()).toBe(30);
  });
});

test('all globals are put back, after success, failure and twice over', async () => {
  const before = snapshot();
  await virtually(() => sleep(1));
  expect(snapshot()).toEqual(before);
  await virtually(() => Promise.reject(new Error('no'))).catch(() => {});
  expect(snapshot()).toEqual(before);
});

test('a real timer that was set before can be cleared while time is virtual', async () => {
  let fired = false;
  const timer = setTimeout(() => {
    fired = true;
  }, 20);
  await virtually(async () => clearTimeout(timer));
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(fired).toBe(false);
});

test('the real clock runs at human speed and can be interrupted', async () => {
  const clock = createRealClock();
  const sleeping = clock.sleep(60_000, AbortSignal.timeout(5));
  await expect(sleeping).rejects.toMatchObject({ name: 'TimeoutError' });
  await clock.sleep(1);
  expect(clock.now()).toBeGreaterThan(0);
});

function snapshot() {
  return [
    setTimeout,
    setInterval,
    clearTimeout,
    clearInterval,
    Date,
    performance.now,
    process.hrtime,
    AbortSignal.timeout,
    sleep,
    namedTimeout,
    scheduler.wait,
    fetch,
  ];
}

test('a server that is first loaded while time is virtual still drops slow clients in real time', async () => {
  const loaded = await program(['--import', 'tsx', resolve('test/clock/slow-client.ts')]);
  expect(loaded).toBe('dropped\n');
});

/** What a program prints, in a process of its own. */
function program(args: string[]): Promise<string> {
  return new Promise((done) => execFile(process.execPath, args, { timeout: 30_000 }, (_, out) => done(out)));
}
