import * as subject from '#days/day1-latency/5-quota/quota.ts';
import { check, hold, meets, play } from '#lib/check';
import { endedInWords, isLetGo, leavesNoListener } from '#lib/check/cancellation.ts';
import { corners, LIMITS, type Phase, scenario } from './scenario/index.ts';
import { MINUTE_MS } from './scenario/jobs.ts';

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
  const { backAfter, more, lateMore } = (await cornersRun()).value.settled;
  backAfter.forEach((seen, i) => {
    hold(seen.how === 'resolved' && seen.afterMs <= (i === 0 ? 2000 : 60_000), {
      happened: `a request for 5,900 of the 6,000 tokens of a minute was settled with 100 after one second, and the ${['first', 'second', 'third'][i]} of three small ones that waited for it ${endedInWords(seen)}`,
      expected: 'the first to get through as soon as the tokens are back, and the others behind it',
      help: 'What `settle` gives back may be what the front of the queue waits for: look at the queue there too.',
    });
  });
  hold(more.afterMs >= UNDERESTIMATED_MS, {
    happened: `a request for 1,000 tokens used all 6,000 of the minute, as \`settle\` was told, and the next one for 600 ${endedInWords(more)}`,
    expected: `${seconds(UNDERESTIMATED_MS)} or more: until then 600 are not there again`,
    help: '`settle` corrects the books both ways: what was used beyond the estimate is missing as well.',
  });
  const { wide } = (await cornersRun()).value;
  hold(wide.how === 'resolved' && wide.afterMs <= MINUTE_MS + 1000, {
    happened: `of a used-up quota of 600,000 tokens a minute, a request for 60,000 ${endedInWords(wide)}`,
    expected: 'its turn within the minute: a tenth of it is there again after six seconds',
  });
  hold(lateMore.afterMs >= LATE_MS, {
    happened: `a request for 1,000 tokens was settled with 4,000 after 30 s, when the bucket was full again, and the next one for 5,900 ${endedInWords(lateMore)}`,
    expected: `${seconds(LATE_MS)} or more: 3,000 are missing from the moment of \`settle\` on`,
    help: 'Bring the level up to now before you take from it: a full bucket has not gained anything meanwhile.',
  });
});

check('lets a large request have its turn', { needs: [tokens] }, async () => {
  const { large, small } = (await cornersRun()).value.turns;
  hold(large.how === 'resolved' && large.afterMs <= 2 * 60_000, {
    happened: `of 120 small requests that came behind one for 5,000 of 6,000 tokens a minute, ${small.filter((it, i) => it.afterMs + (i + 1) * 1000 < large.afterMs).length} went first, and it ${endedInWords(large)}`,
    expected:
      'its turn within two minutes: the tokens for it are there after 50 s, if nobody else takes them',
    help: 'Who takes whoever fits lets the small ones eat up each token. Serve the front of the queue, and let the others wait behind it.',
  });
  const lost = small.find(({ how }) => how !== 'resolved');
  hold(lost === undefined, () => ({
    happened: `one of the small requests ${lost && endedInWords(lost)}`,
    expected: 'all of them to get through in the end',
  }));
});

check('lets a waiting request be aborted', { needs: [tokens] }, async () => {
  const { leaving, early, late } = (await cornersRun()).value;
  const { aborted, behind, alone } = leaving;
  isLetGo(aborted, 'a request that was aborted after 1 s of waiting', 1000);
  hold(behind.how === 'resolved' && behind.afterMs <= Math.max(alone.afterMs, aborted.afterMs) + 100, {
    happened: `the request behind the aborted one ${endedInWords(behind)}`,
    expected: `its turn after ${Math.round(alone.afterMs)} ms, as if it had been alone: who leaves the queue takes no tokens along`,
  });
  isLetGo(early.early, 'a request whose signal had aborted before it came', 0);
  hold(early.after.how === 'resolved' && early.after.afterMs <= alone.afterMs + 100, {
    happened: `the request behind one that had been aborted before it came ${endedInWords(early.after)}`,
    expected: `its turn after ${Math.round(alone.afterMs)} ms, as if it had been alone: who has left before uses nothing`,
  });
  leavesNoListener(late.late, 'a request that got through');
  late.after.forEach((seen, i) => {
    hold(seen.how === 'resolved', {
      happened: `a signal aborted after its request had got through; ${i === 0 ? 'the first' : 'the second'} of two that waited behind it ${endedInWords(seen)}`,
      expected: 'its turn: what is let through no longer waits, and leaves no queue',
      help: '`queue.splice(queue.indexOf(request), 1)` takes out the last of the queue if the request is not in it.',
    });
  });
});

check('turns away at once what can never fit', async () => {
  const { tooLarge, justFits } = (await cornersRun()).value;
  hold(tooLarge.how === 'rejected' && tooLarge.afterMs < 1000, {
    happened: `a request for 6,001 tokens, with 6,000 a minute, ${endedInWords(tooLarge)}`,
    expected: 'a RangeError at once: no wait makes room for it, and all others would wait behind it',
  });
  hold(tooLarge.isRangeError, {
    happened: `a request for 6,001 tokens, with 6,000 a minute, was turned away with "${tooLarge.error}"`,
    expected: 'a RangeError, so that the caller can tell it from a user who left',
  });
  hold(justFits.how === 'resolved', {
    happened: `a request for exactly 6,000 tokens, with 6,000 a minute, ${endedInWords(justFits)}`,
    expected: 'its turn when the bucket is full again, after a minute',
    help: 'It fits: only more than `tpm` never does.',
  });
});

check('leaves no timer behind when nothing waits', async () => {
  const { timersLeft } = (await cornersRun()).value;
  hold(timersLeft === 0, {
    happened: `nobody waited any more, and timers that keep the process from ending still ran: ${timersLeft}`,
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
/** Until 2,900 have. */
const LATE_MS = 29_000 - 1;

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function clockTime(ms: number): string {
  return `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, '0')}`;
}
