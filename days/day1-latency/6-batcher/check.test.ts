import * as subject from '#days/day1-latency/6-batcher/batcher.ts';
import { check, hold, meets, play, step } from '#lib/check';
import {
  deskFor,
  FLAGGED,
  MAX_SIZE,
  type Message,
  plain,
  refusal,
  SHOPS,
  scenario,
  UNREADABLE,
} from './scenario/index.ts';

const run = play(scenario, subject);
const refusalRun = play(refusal, subject);

step(1);

const answers = check('answers every request', async () => {
  const { sorted } = (await run()).value;
  const threw = sorted.find(({ error }) => error !== undefined);
  hold(threw === undefined, () => ({
    happened: `load("${threw?.text}") was rejected with ${threw?.error}`,
    expected: 'a value for each request, as the provider answered every call',
  }));
  const forgotten = sorted.filter(({ desk }) => desk === null);
  hold(forgotten.length === 0, () => ({
    happened: `${forgotten.length} of ${sorted.length} requests had no answer after 20 s; the last of them was one of ${together(sorted, forgotten)} that came at the same moment`,
    expected: `every request to be sent, also number ${MAX_SIZE + 1} of those that wait`,
    help: 'What is left in the queue after a flush needs a timer too.',
  }));
});

check('lets nothing pass from one shop to another', async () => {
  const { sorted } = (await run()).value;
  const stray = sorted.find(({ shop, desk }) => SHOPS.some((it) => it !== shop && desk?.startsWith(it)));
  hold(stray === undefined, () => ({
    happened: `"${stray?.text}" came from ${stray?.shop} and was answered with "${stray?.desk}"`,
    expected: 'each shop to be answered from its own calls: here there is one batcher for each of them',
    help: 'What lives outside `createBatcher` is shared by all batchers of the process.',
  }));
});

check('takes two messages for one only if they say the same', () => {
  for (const [one, other] of SAME)
    hold(subject.messageKey(one) === subject.messageKey(other), {
      happened: `${JSON.stringify(one)} and ${JSON.stringify(other)} have different keys`,
      expected:
        'one key for messages that differ only in case, in the number of spaces or in the marks at their end',
    });
  for (const [one, other] of DIFFERENT)
    hold(subject.messageKey(one) !== subject.messageKey(other), {
      happened: `${JSON.stringify(one)} and ${JSON.stringify(other)} have the same key, so one of them gets the answer to the other`,
      expected: 'different keys: each number, word and letter, and their order, can change the meaning',
      help: 'Remove what cannot matter, rather than keep what you think matters.',
    });
});

check('gives each caller the answer to its own message', { needs: [answers] }, async () => {
  const { sorted } = (await run()).value;
  const mixed = sorted.find(({ shop, text, desk }) => desk !== deskFor(shop, text));
  hold(mixed === undefined, () => ({
    happened: `"${mixed?.text}" was given ${mixed?.desk}, which is the answer to "${sorted.find(({ shop, text }) => deskFor(shop, text) === mixed?.desk)?.text}"`,
    expected: `${deskFor(mixed?.shop ?? '', mixed?.text ?? '')}, as the provider answered`,
    help: 'Values come in the order of the keys that you sent. With duplicates removed that is not the order of the callers.',
  }));
});

check('fails only the caller of a bad message', async () => {
  const { value, ledger } = await refusalRun();
  const fates = value.sorted.map((message) => ({ message, is: fateOf(message), ought: oughtOf(message) }));
  const wrong = fates.find(({ is, ought }) => is !== ought);
  hold(wrong === undefined, () => ({
    happened: `of 16 requests in one call ${count(fates, 'answered')} were answered, ${count(fates, 'rejected')} rejected and ${count(fates, 'forgotten')} never settled; "${wrong?.message.text}" was ${wrong?.is}`,
    expected:
      '14 answered and 2 rejected: the one that the provider refuses (the whole call rejects) and the one that has an Error in its place',
    help: 'A refused call says nothing about fifteen of the sixteen. Ask again without the one that is to blame.',
  }));
  hold(ledger.calls.length <= BISECTED + 3, {
    happened: `it took ${ledger.calls.length} calls to find the one bad message among 16`,
    expected: `about ${BISECTED}: the refused call, then its halves, and so on for the half that is refused again`,
    help: 'One call for each key costs as much as no batching at all.',
  });
});

step(2);

check('keeps no request waiting for longer than 100 ms', { needs: [answers] }, async () => {
  meets(
    await run(),
    'longest wait',
    'The first of a batch decides when it is sent. A timer that starts anew with each request waits for a pause.',
  );
});

check('sends full calls, and no more of them than needed', { needs: [answers] }, async () => {
  const played = await run();
  for (const { texts } of played.value.loads) {
    hold(texts.length > 0, {
      happened: 'a call was made for no message at all',
      expected: 'at least one',
      help: 'A batch that is sent because it is full leaves its timer behind. Clear it.',
    });
    hold(texts.length <= MAX_SIZE, {
      happened: `a call carried ${texts.length} messages`,
      expected: `at most maxSize, ${MAX_SIZE}`,
    });
    const twice = texts.find((text, i) => texts.slice(0, i).some((other) => plain(other) === plain(text)));
    hold(twice === undefined, {
      happened: `one call asked twice for "${twice}"`,
      expected: 'one place for all requests with the same key',
    });
  }
  meets(
    played,
    'answers per call',
    'Wait as long as you may while requests keep coming. And clear the timer of a full batch: it would send the next one half empty.',
  );
});

check('does not keep a request waiting when no other is expected', { needs: [answers] }, async () => {
  meets(
    await run(),
    'mean wait in quiet hours',
    'If the last request came seconds ago, or no call is under way, the next will not come within 100 ms.',
  );
});

/** One call for all, then two for each halving of sixteen. */
const BISECTED = 1 + 2 * Math.log2(16);

const SAME = [
  ['Where is my parcel?', 'where is my parcel'],
  ['The invoice is wrong.', 'The  invoice is wrong !!'],
  [' My code does not work', 'My code does not work\n'],
  ['Is it here?! ', 'is it here'],
  ['I\tpaid 12.50.', 'i paid 12.50'],
] as const;

const DIFFERENT = [
  ['Order 4711 is late', 'Order 4712 is late'],
  ['I paid 12.50', 'I paid 1250'],
  ['Version 1.2 fails', 'Version 12 fails'],
  ['Is it here? No', 'Is it here No'],
  ['The C++ code fails', 'The C code fails'],
  ['I was charged twice', 'I was not charged twice'],
  ['My parcel is now here', 'My parcel is nowhere'],
  ['Refund the shoes, not the lamp', 'Refund the lamp, not the shoes'],
  ['返品したい', '請求書が違う'],
] as const;

interface Fate {
  message: Message;
  is: string;
  ought: string;
}

function fateOf({ desk, error }: { desk: string | null; error?: unknown }): string {
  if (error !== undefined) return 'rejected';
  return desk === null ? 'forgotten' : 'answered';
}

function oughtOf({ text }: Message): string {
  return text.includes(FLAGGED) || text.includes(UNREADABLE) ? 'rejected' : 'answered';
}

function count(fates: readonly Fate[], is: string): number {
  return fates.filter((fate) => fate.is === is).length;
}

/** How many came at the moment of the last one that was forgotten, from the same shop. */
function together(all: readonly Message[], forgotten: readonly Message[]): number {
  const last = forgotten.at(-1);
  return all.filter(({ shop, atMs }) => shop === last?.shop && atMs === last.atMs).length;
}
