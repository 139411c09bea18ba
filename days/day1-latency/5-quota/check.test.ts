import * as subject from '#days/day1-latency/5-quota/quota.ts';
import { check, hold, meets, play } from '#lib/check';
import { corners, LIMITS, type Passed, type Phase, scenario } from './scenario/index.ts';

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

check('uses what the quota allows, and no more', { needs: [tokens] }, async () => {
  const played = await run();
  meets(played, 'refusals');
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
  const { afterMoreMs } = (await cornersRun()).value;
  hold(afterMoreMs >= UNDERESTIMATED_MS, {
    happened: `a request for 1,000 tokens used all 6,000 of the minute, as \`settle\` was told, and the next one for 600 got through after ${seconds(afterMoreMs)}`,
    expected: `${seconds(UNDERESTIMATED_MS)} or more: until then 600 are not there again`,
    help: '`settle` corrects the books both ways: what was used beyond the estimate is missing as well.',
  });
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
  const { early } = (await cornersRun()).value;
  hold(early.afterMs === 0 && String(early.reason) === 'Error: the user left', {
    happened: `a request whose signal had aborted before it came ${early.reason === undefined ? `got through ${when(early)}` : `was turned away with "${early.reason}" ${when(early)}`}`,
    expected: "a rejection at once, with the signal's reason",
    help: 'A signal that has aborted sends no event any more: look at `signal.aborted` first.',
  });
});

check('turns away at once what can never fit', async () => {
  const { tooLarge, justFits } = (await cornersRun()).value;
  hold(tooLarge.reason !== undefined && tooLarge.afterMs < 1000, {
    happened: `a request for 6,001 tokens, with 6,000 a minute, ${Number.isFinite(tooLarge.afterMs) ? `got through ${when(tooLarge)}` : 'was still waiting after three minutes'}`,
    expected: 'a RangeError at once: no wait makes room for it, and all others would wait behind it',
  });
  hold(tooLarge.reason instanceof RangeError, {
    happened: `a request for 6,001 tokens, with 6,000 a minute, was turned away with "${tooLarge.reason}"`,
    expected: 'a RangeError, so that the caller can tell it from a user who left',
  });
  hold(justFits.reason === undefined && Number.isFinite(justFits.afterMs), {
    happened: `a request for exactly 6,000 tokens, with 6,000 a minute, ${justFits.reason === undefined ? 'was still waiting after three minutes' : `was turned away with "${justFits.reason}"`}`,
    expected: 'its turn when the bucket is full again, after a minute',
    help: 'It fits: only more than `tpm` never does.',
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

/** Until 600 tokens of 6,000 a minute have come in. A millisecond's worth is not missed. */
const UNDERESTIMATED_MS = 6000 - 1;

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function when({ afterMs }: Passed): string {
  return Number.isFinite(afterMs) ? `after ${seconds(afterMs)}` : 'not within 3 minutes';
}

function clockTime(ms: number): string {
  return `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}`;
}
