import * as subject from '#days/day1-latency/5-quota/quota.ts';
import { check, hold, meets, play } from '#lib/check';
import { corners, LIMITS, type Passed, type Phase, scenario } from './scenario.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);

const requests = check('sends no more requests than the minute has room for', async () => {
  await admitsAll(
    'tickets',
    `A bouncer counts who is inside, the provider counts who came in the last minute: at one second a call, even ${LIMITS.rpm / 10} at a time are ${LIMITS.rpm * 6} a minute.`,
  );
});

check('keeps to the quota where two minutes meet', { needs: [requests] }, async () => {
  await admitsAll(
    'late',
    `A counter that is set to zero each minute lets ${LIMITS.rpm} through before the edge and ${LIMITS.rpm} after it. The provider's own count falls bit by bit.`,
  );
});

const tokens = check('sends no more tokens than the minute has room for', { needs: [requests] }, async () => {
  await admitsAll(
    'reports',
    'Tokens have a limit of their own, and the provider counts them when a request arrives: prompt and output cap, as `acquire` is told. Charged after the answer, a burst is through before the first charge.',
  );
});

check('uses what the quota allows', { needs: [tokens] }, async () => {
  const played = await run();
  meets(
    played,
    'quota used, requests',
    'Start with a full bucket, and send the next one in the moment in which it fits.',
  );
  meets(
    played,
    'quota used, tokens',
    'The estimate counts the whole output cap. What was not used comes back with `settle`.',
  );
});

check('lets a large request have its turn', { needs: [tokens] }, async () => {
  const { large, small } = (await cornersRun()).value.turns;
  hold(large.afterMs <= 2 * 60_000, {
    happened: `a request for 5,000 of 6,000 tokens a minute got through ${when(large)}, and ${small.filter((it) => it.afterMs < large.afterMs).length} small ones that came after it went first`,
    expected:
      'its turn within two minutes: the tokens for it are there after 50 s, if nobody else takes them',
    help: 'Who takes whoever fits lets the small ones eat up each token. Serve the front of the queue, and let the others wait behind it.',
  });
  const last = small.at(-1) as Passed;
  hold(Number.isFinite(last.afterMs), {
    happened: 'the last of the small requests never got through',
    expected: 'all of them in the end',
  });
});

check('lets a waiting request be aborted', { needs: [tokens] }, async () => {
  const { aborted, behind, alone } = (await cornersRun()).value.leaving;
  const told = aborted.reason === undefined ? 'got through' : `was turned away with "${aborted.reason}"`;
  hold(aborted.afterMs === 1000 && String(aborted.reason) === 'Error: the user left', {
    happened: `a request that was aborted after 1 s of waiting ${told} ${when(aborted)}`,
    expected: "a rejection at once, with the signal's reason",
    help: 'Listen to the signal while the request waits; nobody should queue for a page that is closed.',
  });
  hold(behind.afterMs <= Math.max(alone.afterMs, aborted.afterMs) + 100, {
    happened: `the request behind the aborted one got through ${when(behind)}`,
    expected: `its turn ${when(alone)}, as if it had been alone: who leaves the queue takes no tokens along`,
  });
});

check('turns away at once what can never fit', async () => {
  const { tooLarge } = (await cornersRun()).value;
  hold(tooLarge.reason !== undefined && tooLarge.afterMs < 1000, {
    happened: `a request for 6,001 tokens, with 6,000 a minute, ${Number.isFinite(tooLarge.afterMs) ? `got through ${when(tooLarge)}` : 'was still waiting after three minutes'}`,
    expected: 'an error at once: no wait makes room for it, and all others would wait behind it',
  });
});

check('leaves no timer behind when nothing waits', async () => {
  const { timersLeft } = (await cornersRun()).value;
  hold(timersLeft === 0, {
    happened: `three minutes after the last request, timers that keep the process from ending still ran: ${timersLeft}`,
    expected: 'none: a script that uses the quota should end when its work is done',
    help: 'A bucket need not be filled drop by drop. Compute its level from the time that has passed, when somebody asks.',
  });
});

/** Fails the check if the provider refused requests of this part of the morning. */
async function admitsAll(phase: Phase, help: string): Promise<void> {
  const played = await run();
  void played.value;
  const { traffic, ledger } = played;
  const prompts = traffic.filter((job) => job.phase === phase).map((job) => job.prompt);
  const refused = prompts.flatMap((prompt) => ledger.callsFor(prompt)).filter((call) => call.status === 429);
  hold(refused.length === 0, {
    happened: `the provider refused ${refused.length} of ${prompts.length} requests with 429, the first ${clockTime(refused[0]?.startMs ?? 0)} into the run`,
    expected: 'none: each request is held back until there is room for it',
    help,
  });
}

function when({ afterMs }: Passed): string {
  return Number.isFinite(afterMs) ? `after ${Math.round(afterMs / 100) / 10} s` : 'not within 3 minutes';
}

function clockTime(ms: number): string {
  return `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}`;
}
