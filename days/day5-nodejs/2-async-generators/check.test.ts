import * as subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { check, hold, meets, play } from '#lib/check';
import { bigLog, corners, type Left, LINES, type Pass, PLACES, scenario } from './scenario/index.ts';

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
  const { last } = (await cornersRun()).value.chunks;
  hold(show(last) === '"db down" "db up\\nall clear"', {
    happened: `a log that ends without a blank line gave ${show(last) || 'nothing'}`,
    expected: '"db down" "db up\\nall clear"',
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
  for (const { n, inOrder, asTheyFinish } of (await cornersRun()).value.rooms)
    hold(inOrder === n && asTheyFinish === n, {
      happened: `of ten items with n = ${n}, ${inOrder} were under way at once in order, and ${asTheyFinish} as they finish`,
      expected: `${n} both times`,
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
    happened: `two items failed; one rejection reached the reader, another was handled by nobody: ${unhandled[0]}`,
    expected: 'the first error to reach the reader and no other to end the process',
    help: 'Items that are still under way can fail as well. Put a handler on each promise when you make it.',
  });
  for (const [how, { errors, closed }] of [
    ['in order', value.failed.inOrder],
    ['as they finish', value.failed.asTheyFinish],
  ] as const) {
    hold(errors.join() === 'item 2 failed', {
      happened: `items 2 and 3 failed (${how}) and the reader got ${errors.length === 0 ? 'no error' : errors.map((it) => `"${it}"`).join(' and ')}`,
      expected: '"item 2 failed", once, and then the end',
    });
    hold(closed, {
      happened: `after the error (${how}) the source was left open`,
      expected: 'it to be closed',
      help: 'Close it in `finally`.',
    });
  }
});

function show(found: readonly string[]): string {
  return found.map((chunk) => JSON.stringify(chunk)).join(' ');
}

function shortList(items: readonly number[]): string {
  return items.length > 8 ? `${items.slice(0, 8).join(', ')} … (${items.length} results)` : items.join(', ');
}
