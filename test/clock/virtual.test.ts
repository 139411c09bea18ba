import { spawn } from 'node:child_process';
import { pbkdf2, randomBytes, randomUUID, webcrypto } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { gunzip, gzip, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ClockLimitError, createVirtualClock, holdRunningClock, StuckError } from '#lib/clock';

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

test('50 parallel waits take exactly as long as one', async () => {
  const clock = createVirtualClock();
  await clock.run(() => Promise.all(Array.from({ length: 50 }, () => wait(1200))));
  expect(clock.now()).toBe(1200);
});

test('20 waits in sequence add up exactly', async () => {
  const clock = createVirtualClock();
  await clock.run(async () => {
    for (let i = 0; i < 20; i += 1) await wait(1200);
  });
  expect(clock.now()).toBe(24_000);
});

/** Real work between two waits, none of which may cost virtual time. Each is tried beside a ticking interval. */
const work: Record<string, () => unknown> = {
  'a file read': () => readFile('package.json'),
  'a file stream': async () => {
    for await (const _ of createReadStream('package-lock.json', { highWaterMark: 4096 }));
  },
  'an asynchronous gzip and gunzip': async () =>
    promisify(gunzip)(await promisify(gzip)('abc'.repeat(200_000))),
  'a synchronous gzip': () => gzipSync('abc'.repeat(1000)),
  'a digest by crypto.subtle': () => webcrypto.subtle.digest('SHA-256', new Uint8Array(5_000_000)),
  'a key derivation': () => promisify(pbkdf2)('secret', 'salt', 20_000, 32, 'sha256'),
  'synchronous randomness': () => [randomBytes(16), randomUUID()],
  'asynchronous randomness': () => promisify(randomBytes)(16),
  'a look-up of localhost': () => lookup('localhost'),
  'the text of a blob': () => new Blob(['x'.repeat(1_000_000)]).text(),
  'a parsed form': async () => {
    const body = new FormData();
    body.set('file', new File(['hello'], 'a.txt'));
    await new Request('http://localhost', { method: 'POST', body }).formData();
  },
  'a chain of setImmediate': async () => {
    for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
  },
  'ten messages between two ports': () =>
    new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      let count = 0;
      port2.onmessage = ({ data }) => port2.postMessage(data);
      port1.onmessage = () => {
        count += 1;
        if (count < 10) return port1.postMessage(count);
        port1.close();
        resolve();
      };
      port1.postMessage(count);
    }),
};

test.for(Object.keys(work))('%s between two waits costs no time', async (name) => {
  const clock = createVirtualClock();
  await clock.run(async () => {
    const ticking = setInterval(() => {}, 7);
    await wait(1200);
    await work[name]?.();
    await wait(1200);
    clearInterval(ticking);
  });
  expect(clock.now()).toBe(2400);
});

test('the running clock can be held without having it at hand; where none runs there is nothing to hold', async () => {
  holdRunningClock()();
  const clock = createVirtualClock();
  await clock.run(async () => {
    const late = wait(1000);
    const release = holdRunningClock();
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(clock.now()).toBe(0);
    release();
    await late;
  });
  expect(clock.now()).toBe(1000);
});

test('other work of the process holds time while it is held', async () => {
  const clock = createVirtualClock();
  await clock.run(async () => {
    const ticking = setInterval(() => {}, 10);
    const release = clock.hold();
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('close', resolve));
    release();
    clearInterval(ticking);
  });
  expect(clock.now()).toBe(0);
});

test('10,000 waits at once end in order, each at its own time', async () => {
  const clock = createVirtualClock();
  const ended: number[] = [];
  await clock.run(async () => {
    const waits = Array.from({ length: 10_000 }, (_, i) => wait(1 + ((i * 7919) % 10_000)));
    await Promise.all(waits.map((done) => done.then(() => ended.push(clock.now()))));
  });
  expect(ended).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
});

test('a promise that nothing will settle is named as the reason', async () => {
  const clock = createVirtualClock();
  const stuck = clock.run(async () => {
    await wait(250);
    await new Promise(() => {});
  });
  await expect(stuck).rejects.toThrow(StuckError);
  await expect(stuck).rejects.toThrow(/after 250 ms no timer/);
});

test('a loop that never ends is stopped by the limit on time or on timers', async () => {
  const forever = async () => {
    for (;;) await wait(60_000);
  };
  const noTime = async () => {
    for (;;) await wait(0);
  };
  const late = createVirtualClock({ maxMs: 3_600_000 }).run(forever);
  await expect(late).rejects.toThrow(ClockLimitError);
  await expect(late).rejects.toThrow('after 60 min of virtual time and 61 timers it was still not done');
  await expect(createVirtualClock({ maxTimers: 1000 }).run(noTime)).rejects.toThrow(
    /after 1,000 timers and [\d.]+ s of virtual time it was still not done/,
  );
});

test('an endless chain of setImmediate does not keep time from passing', async () => {
  const clock = createVirtualClock();
  let polls = 0;
  await clock.run(async () => {
    let done = false;
    const poll = () => {
      polls += 1;
      if (!done) setImmediate(poll);
    };
    poll();
    await wait(5);
    done = true;
  });
  expect(clock.now()).toBe(5);
  expect(polls).toBeGreaterThan(1);
});

test('what the body throws, and what a timer throws, reaches the caller', async () => {
  const fromBody = createVirtualClock().run(async () => {
    await wait(1);
    throw new Error('from the body');
  });
  await expect(fromBody).rejects.toThrow('from the body');
  const fromTimer = createVirtualClock().run(async () => {
    setTimeout(() => {
      throw new Error('from a timer');
    }, 1);
    await wait(10);
  });
  await expect(fromTimer).rejects.toThrow('from a timer');
});

test('only one virtual clock can run at a time', async () => {
  const inner = createVirtualClock();
  const outer = createVirtualClock().run(() => inner.run(async () => {}));
  await expect(outer).rejects.toThrow(/running already/);
});

test('a clock that is not running says so', () => {
  const clock = createVirtualClock();
  expect(() => clock.sleep(1)).toBeDefined();
  return expect(clock.sleep(1)).rejects.toThrow(/not running/);
});

test('the figures are the same while other processes take all cores', { timeout: 20_000 }, async () => {
  const play = async () => {
    const clock = createVirtualClock();
    const seen: number[] = [];
    await clock.run(async () => {
      const one = async (i: number) => {
        await wait(10 * i);
        await readFile('package.json');
        await promisify(gzip)('x'.repeat(10_000));
        await wait(3);
        seen.push(clock.now());
      };
      await Promise.all(Array.from({ length: 30 }, (_, i) => one(i)));
    });
    return seen;
  };
  const calm = await play();
  const burners = cpus().map(() =>
    spawn(process.execPath, ['-e', 'for(const e=Date.now()+4000;Date.now()<e;);']),
  );
  try {
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await play()).toEqual(calm);
  } finally {
    for (const burner of burners) burner.kill();
  }
  expect(calm).toEqual(Array.from({ length: 30 }, (_, i) => 10 * i + 3).map((ms, i) => (i === 0 ? 4 : ms)));
});
