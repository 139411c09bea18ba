import * as subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { check, hold, meets, play } from '#lib/check';
import {
  bigLog,
  corners,
  type Failed,
  type Left,
  LINES,
  type Pass,
  PLACES,
  scenario,
} from './scenario/index.ts';

/** How many items the small sources have, and what is read of them in order. */
const TEN_ITEMS = 10;
const TEN = Array.from({ length: TEN_ITEMS }, (_, i) => i).join();

const run = play(scenario, subject);
const bigRun = play(bigLog, subject);
const cornersRun = play(corners, subject);

check('ends a chunk at a blank line, whatever kind of line ending the log has', async () => {
  const { unix, windows, empty } = (await cornersRun()).value.chunks;
  hold(show(windows) === '"db down\\nretry 1" "db up"', {
    happened: `a log with Windows line endings (CR LF) was split into ${show(windows)}`,
    expected: '"db down\\nretry 1" "db up"',
    help: 'After splitting at LF a blank line still holds a CR. Trim before you compare with the empty string.',
  });
  hold(show(unix) === '"db down\\nretry 1" "db up" "all clear"', {
    happened: `a log with two blank lines in a row and one of three spaces was split into ${show(unix)}`,
    expected: '"db down\\nretry 1" "db up" "all clear": no empty chunks',
  });
  hold(empty.length === 0, {
    happened: `an empty log gave ${show(empty)}`,
    expected: 'no chunk at all',
  });
});

check('gives the last chunk, though no blank line follows it', async () => {
  const { last, lastLine } = (await cornersRun()).value.chunks;
  for (const [gave, expected] of [
    [last, '"db down" "db up\\nall clear"'],
    [lastLine, '"db down" "db up"'],
  ] as const)
    hold(show(gave) === expected, {
      happened: `a log that ends without a blank line gave ${show(gave) || 'nothing'}`,
      expected,
      help: 'When the loop over the lines has ended, something may still be in hand.',
    });
});

check('gives each item its own result, in order or as they finish', async () => {
  const { inOrder, asTheyFinish } = (await run()).value;
  hold(inOrder.read.every((item, i) => item === i) && inOrder.read.length === inOrder.finishedMs.length, {
    happened: `with \`ordered\` the reader got ${shortList(inOrder.read)}`,
    expected: `the results of items 0 to ${inOrder.finishedMs.length - 1} in that order`,
  });
  const at = asTheyFinish.read.map((item) => asTheyFinish.finishedMs[item] ?? 0);
  hold(new Set(asTheyFinish.read).size === asTheyFinish.finishedMs.length, {
    happened: `without \`ordered\` the reader got ${asTheyFinish.read.length} results of ${asTheyFinish.finishedMs.length}`,
    expected: 'each result once',
  });
  hold(
    at.every((ms, i) => i === 0 || ms >= (at[i - 1] ?? 0)),
    {
      happened: `without \`ordered\` a result that was ready after ${Math.max(...at)} ms came before a quicker one`,
      expected: 'results in the order in which they finish',
    },
  );
  const { rooms, withoutOptions } = (await cornersRun()).value;
  hold(withoutOptions.read.join() === TEN, {
    happened: `without options the reader got ${shortList(withoutOptions.read)}`,
    expected: 'the order of the source, which is the default',
  });
  for (const { inOrder, asTheyFinish } of rooms)
    hold(inOrder.read.join() === TEN && sorted(asTheyFinish.read).join() === TEN, {
      happened: `of ten items with n = ${inOrder.n} the reader got ${shortList(inOrder.read)} in order, and ${shortList(asTheyFinish.read)} as they finish`,
      expected: 'each of the ten once',
    });
});

const bounded = check(`has at most ${PLACES} items under way and holds one more at most`, async () => {
  const played = await run();
  const { inOrder, asTheyFinish } = played.value;
  const passes: [string, Pass][] = [
    ['in order', inOrder],
    ['as they finish', asTheyFinish],
  ];
  for (const [how, { peakUnderWay, peakWaiting, peakHeld }] of passes) {
    hold(peakUnderWay <= PLACES, {
      happened: `${how}, ${peakUnderWay} items were under way at once`,
      expected: `${PLACES} at most; every item that is read ahead is a call, a file or a row in memory`,
      help: 'Take the next item from the source only when a place is free.',
    });
    hold(peakHeld <= PLACES + 1, {
      happened: `${how}, ${PLACES} items were under way and up to ${peakWaiting} more were held, most of them finished results behind a slow one`,
      expected: `at most ${PLACES + 1} items between source and reader`,
      help: 'In order, a slow item holds up the ones behind it. Stop reading the source until its result was read.',
    });
  }
  const { rooms, slowReader } = (await cornersRun()).value;
  for (const { inOrder, asTheyFinish } of rooms) {
    const { n } = inOrder;
    const most = Math.min(n, TEN_ITEMS);
    hold(inOrder.peak === most && asTheyFinish.peak === most, {
      happened: `of ten items with n = ${n}, ${inOrder.peak} were under way at once in order, and ${asTheyFinish.peak} as they finish`,
      expected: `${most} both times`,
    });
  }
  for (const [how, { held }] of [
    ['in order', slowReader.inOrder],
    ['as they finish', slowReader.asTheyFinish],
  ] as const)
    hold(held <= PLACES + 1, {
      happened: `${how}, for a reader that takes a second for each result, up to ${held} items were held`,
      expected: `at most ${PLACES + 1}: the source waits for the reader`,
      help: 'A place is free when its result has been read, not when it is there.',
    });
  meets(played, 'items held');
});

check('starts the next item as soon as there is room for it', { needs: [bounded] }, async () => {
  const played = await run();
  meets(
    played,
    'makespan as they finish',
    'A batch waits for its slowest item while its other places stand empty.',
  );
  meets(
    played,
    'makespan in order',
    'When the oldest result has been read, there is room for one more item.',
  );
});

check('holds one chunk of a million lines, not the log', async () => {
  const played = await bigRun();
  const { taken, given } = played.value;
  hold(taken === given, {
    happened: `${taken} lines with text went in and ${given} came out`,
    expected: `every line of the ${LINES.toLocaleString('en-GB')} to be in exactly one chunk`,
  });
  meets(
    played,
    'lines held',
    'Give a chunk at the blank line that ends it. `[...lines]` is the buffet, not the belt.',
  );
  const [first, second] = (await cornersRun()).value.chunks.readWhenGiven;
  hold(first === 3 && second === 6, {
    happened: `of a log whose chunks end at its third and sixth line, the first chunk was given after ${first} lines had been read and the second after ${second}`,
    expected:
      'each to be given when the blank line after it is read, for a reader who follows a log that is still written',
  });
});

check('closes the source when the reader leaves early', async () => {
  const { left } = (await cornersRun()).value;
  const cases: [string, Left, number][] = [
    ['chunks', left.chunks, 3],
    ['mapConcurrent, in order', left.inOrder, PLACES + 2],
    ['mapConcurrent, as they finish', left.asTheyFinish, PLACES + 2],
  ];
  for (const [what, { closed, taken }, most] of cases) {
    hold(closed && taken <= most, {
      happened: closed
        ? `after \`break\`, ${what} went on to take ${taken} items from its source`
        : `after \`break\`, ${what} left its source open: the file behind it stays open too`,
      expected: 'the source to be closed when the reader has what it needs',
      help: '`for await` closes its source by itself. Who calls `next()` must call `return()`, in `finally`.',
    });
  }
});

check('passes an error on once and stops', async () => {
  const { value, unhandled } = await cornersRun();
  hold(unhandled.length === 0, {
    happened: `a rejection was handled by nobody: ${unhandled[0]}`,
    expected: 'the first error to reach the reader and no other to end the process',
    help: 'Items that are still under way can fail as well. Put a handler on each promise when you make it.',
  });
  const cases: [string, string, Failed][] = [
    ['items 2 and 3 failed (in order)', 'item 2 failed', value.failed.inOrder],
    ['items 2 and 3 failed (as they finish)', 'item 2 failed', value.failed.asTheyFinish],
    ['the source failed after three items (in order)', 'the source failed', value.broken.inOrder],
    ['the source failed after three items (as they finish)', 'the source failed', value.broken.asTheyFinish],
  ];
  for (const [what, expected, { errors, closed, taken }] of cases) {
    hold(errors.join() === expected, {
      happened: `${what} and the reader got ${errors.length === 0 ? 'no error' : errors.map((it) => `"${it}"`).join(' and ')}`,
      expected: `"${expected}", once, and then the end`,
    });
    hold(closed, {
      happened: `${what} and the source was left open`,
      expected: 'it to be closed',
      help: 'Close it in `finally`.',
    });
    hold(taken <= PLACES + 3, {
      happened: `${what}, and ${taken} items were taken from the source`,
      expected: `${PLACES + 3} at most: the two that were read and ${PLACES + 1} that were held, none after the error`,
    });
  }
});

function show(found: readonly string[]): string {
  return found.map((chunk) => JSON.stringify(chunk)).join(' ');
}

function shortList(items: readonly number[]): string {
  return items.length > 8 ? `${items.slice(0, 8).join(', ')} … (${items.length} results)` : items.join(', ');
}

function sorted(items: readonly number[]): number[] {
  return [...items].sort((a, b) => a - b);
}
