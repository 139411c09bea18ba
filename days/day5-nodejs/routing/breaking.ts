import OpenAI from 'openai';
import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import { HANGS_MS, refusal, type Script, scripted, type Told } from './scripted.ts';

export const INNOCENT = [400, 401, 403, 404, 422];
/** What says that a deployment is ill. */
export const FAILURES: Record<string, () => unknown> = {
  ...Object.fromEntries([500, 502, 503, 529].map((it) => [`a ${it}`, () => refusal(it)])),
  'a lost connection': () => new OpenAI.APIConnectionError({ message: 'Reset.' }),
  'a connection that timed out': () => new OpenAI.APIConnectionTimeoutError(),
};
const WELL = { ms: 100 };
const CALLS = 5;

/** East fails in every way there is, and users ask one after the other. */
export const failing = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const oneByOne = async (turn: Script['turn'], count: number, isStreamed = false) => {
      const { ask } = scripted(subject, clock, { turn });
      const all: Told[] = [];
      for (let i = 0; i < count; i += 1) all.push(await ask({ isStreamed }));
      return all;
    };
    const east = (error: () => unknown, shows?: string): Script['turn'] => {
      return ({ to }) => (to === 'east' ? { ms: 20, error: error(), ...(shows && { shows }) } : WELL);
    };
    const innocent = [];
    for (const status of INNOCENT)
      innocent.push(
        await oneByOne(
          east(() => refusal(status)),
          CALLS,
        ),
      );
    const failures: Record<string, Told[]> = {};
    for (const [name, error] of Object.entries(FAILURES)) failures[name] = await oneByOne(east(error), CALLS);
    const [refused] = await oneByOne(
      east(() => refusal(429, { 'retry-after': '60' })),
      1,
    );
    const scattered: Script['turn'] = ({ to, nth }) =>
      to === 'east' && nth % 6 === 0 ? { ms: 20, error: refusal(500) } : WELL;
    return {
      innocent,
      failures,
      refused,
      scattered: await oneByOne(scattered, 40),
      everywhere: (await oneByOne(() => ({ ms: 20, error: refusal(503) }), 1))[0],
      shown: (
        await oneByOne(
          east(() => refusal(500), 'All of '),
          1,
          true,
        )
      )[0],
      unshown: (
        await oneByOne(
          east(() => refusal(500)),
          1,
          true,
        )
      )[0],
      allShut: await afterAllFailed(subject, clock),
      trials: await trials(subject, clock),
    };
  },
});

/** Everybody fails until every breaker is open; then all are well at once. */
async function afterAllFailed(subject: Pick<typeof Subject, 'Router'>, clock: Clock): Promise<Told> {
  let isOver = false;
  const { ask } = scripted(subject, clock, {
    turn: () => (isOver ? WELL : { ms: 20, error: refusal(503) }),
  });
  for (let i = 0; i < 3; i += 1) await ask();
  isOver = true;
  return ask();
}

const TRIAL_MS = 8000;
const ILL_UNTIL_MS = 80_000;

/** East fails at once, then after eight seconds each, for over a minute. Two users a second, and no check. */
async function trials(subject: Pick<typeof Subject, 'Router'>, clock: Clock) {
  const { ask, sent } = scripted(subject, clock, {
    turn({ to, nth, atMs }) {
      if (to !== 'east' || atMs >= ILL_UNTIL_MS) return WELL;
      return { ms: nth <= 3 ? 20 : TRIAL_MS, error: refusal(500) };
    },
  });
  const all = [];
  for (let i = 0; i < 260; i += 1) {
    all.push(ask({ isStreamed: true }));
    await clock.sleep(500);
  }
  await Promise.all(all);
  const calls = sent.filter((it) => it.to === 'east' && it.atMs < ILL_UNTIL_MS);
  const after = await Promise.all([ask(), ask(), ask()]);
  return { calls: calls.map(({ atMs, endMs }) => ({ atMs, endMs })), after: after.map((it) => it.asked[0]) };
}

export const CHECK_EVERY_MS = 5000;
/** How a 429 may say how long to wait. */
export const WAITS: { headers: Record<string, string>; askedMs: number }[] = [
  { headers: { 'retry-after-ms': '25000' }, askedMs: 25_000 },
  { headers: { 'retry-after': '40' }, askedMs: 40_000 },
  { headers: { 'retry-after-ms': '2500', 'retry-after': '3' }, askedMs: 2500 },
];

/** East refuses one call, to a user or to a check, says when to come back, and is well. When was it asked again? */
export const waiting = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const again = async (headers: Record<string, string>, askedMs: number, isByCheck: boolean) => {
      const { ask, router, sent, nowMs } = scripted(subject, clock, {
        turn: ({ to, nth }) => (to === 'east' && nth === 1 ? { ms: 20, error: refusal(429, headers) } : WELL),
      });
      if (isByCheck) await router.check();
      else await ask();
      const refusedMs = sent.find(({ to }) => to === 'east')?.endMs ?? 0;
      const checks = checking(clock, router, askedMs);
      while (nowMs() < askedMs + 2000) {
        await clock.sleep(250);
        await ask();
      }
      await checks;
      const [, ...later] = sent.filter(({ to }) => to === 'east');
      const afterMs = (isUsers: boolean) => {
        const call = later.find((it) => it.isUsers === isUsers);
        return call && call.atMs - refusedMs;
      };
      return { userMs: afterMs(true), checkMs: afterMs(false) };
    };
    const byUser = [];
    for (const { headers, askedMs } of WAITS) byUser.push(await again(headers, askedMs, false));
    return { byUser, byCheck: await again({ 'retry-after': '25' }, 25_000, true) };
  },
});

async function checking(clock: Clock, router: Subject.Router, untilMs: number): Promise<void> {
  for (let atMs = 0; atMs < untilMs; atMs += CHECK_EVERY_MS) {
    await clock.sleep(CHECK_EVERY_MS);
    await router.check();
  }
}

/** Checks alone: of a region that hangs, of one that is well again, and when everything fails. */
export const checks = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const hung = scripted(subject, clock, { turn: ({ to }) => ({ ms: to === 'east' ? HANGS_MS : 100 }) });
    const endedMs: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      await clock.sleep(CHECK_EVERY_MS);
      const startMs = clock.now();
      hung.router.check().then(
        () => endedMs.push(clock.now() - startMs),
        () => {},
      );
    }
    await clock.sleep(CHECK_EVERY_MS + 100);
    const own = hung.sent.filter((it) => !it.isUsers);
    // A user whom nobody tells of the hanging region waits for ever.
    const hungUser = hung.ask();
    await clock.sleep(1000);
    const hungAsked = hung.sent.filter((it) => it.isUsers).map((it) => it.to);
    hungUser.catch(() => {});

    let isIll = true;
    const back = scripted(subject, clock, {
      turn: ({ to }) => (to === 'east' && isIll ? { ms: 20, error: refusal(500) } : WELL),
    });
    for (let i = 0; i < 3; i += 1) await back.ask();
    isIll = false;
    await clock.sleep(1000);
    await back.router.check();

    const all = scripted(subject, clock, { turn: () => ({ ms: 20, error: refusal(503) }) });
    const rejected = await all.router.check().then(() => undefined, String);
    return {
      endedMs,
      hungAsked,
      perCheck: own.length / 4,
      longest: own.reduce((most, { prompt }) => Math.max(most, prompt.length), 0),
      back: (await back.ask()).asked,
      rejected,
    };
  },
});
