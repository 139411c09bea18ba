import * as subject from '#days/day1-latency/2-streaming/stream-answer.ts';
import { check, hold, meets, play } from '#lib/check';
import { endedInWords } from '#lib/check/cancellation.ts';
import type { Call } from '#lib/provider';
import { PROMPTS, STALL_MS, scenario, type Watched } from './scenario.ts';

const run = play(scenario, subject);

const streams = check('shows the first words as soon as they are there', async () => {
  const played = await run();
  const { questions } = played.value;
  const at = questions.findIndex(({ shown }) => shown.length === 0);
  hold(at < 0, () => ({
    happened: `no word of the answer to "${played.traffic[at]}" was shown${questions[at]?.error === undefined ? '' : `: streamAnswer threw ${questions[at].error}`}`,
    expected: '`onToken` to be called with each piece of text',
  }));
  meets(
    played,
    'p95 TTFT',
    'Ask with `stream: true` and hand each piece on when it comes, not when all have come.',
  );
});

check('shows every word of a long answer, unchanged', { needs: [streams] }, async () => {
  const played = await run();
  const { value, traffic, ledger } = played;
  for (const [prompt, watched] of [...zip(traffic, value.questions), [PROMPTS.long, value.long] as const]) {
    const [call] = ledger.callsFor(prompt) as [Call];
    hold(call.outcome === 'answered' || call.answer === '', {
      happened: `the answer to "${prompt}" was given up after ${seconds((call.endMs ?? 0) - call.startMs)} while words were coming`,
      expected: 'a steady stream to be read to its end, however long it takes',
      help: '`stallMs` is for silence: start it anew with each chunk.',
    });
    const text = shownText(watched);
    hold(text === call.answer, {
      happened: `the page showed "…${around(text, call.answer)}…"`,
      expected: `what the provider wrote: "…${around(call.answer, text)}…"`,
      help: 'Pieces are joined as they are: no trimming, no cutting into bytes or characters.',
    });
  }
  meets(played, 'p95 whole answer', 'Return when the stream has ended. Nothing else is to be waited for.');
});

const billed = check('returns the text and the usage it was billed for', async () => {
  const { value, ledger } = await run();
  hold(value.long.error === undefined, {
    happened: `streamAnswer threw ${value.long.error}`,
    expected: 'a result',
    help: 'With `include_usage` the last chunk carries the usage and has no choice.',
  });
  const [call] = ledger.callsFor(PROMPTS.long) as [Call];
  const { result } = value.long;
  hold(typeof result?.text === 'string' && 'finish' in result, () => ({
    happened: `streamAnswer returned ${typeof result === 'string' ? 'the bare text' : JSON.stringify(result)}`,
    expected: 'a StreamedAnswer: { text, ttftMs, tpotMs, finish, usage }',
  }));
  hold(result.text === shownText(value.long), {
    happened: `text has ${result?.text.length} characters, ${shownText(value.long).length} were shown`,
    expected: 'the same text in both places',
  });
  hold(result.usage?.completion_tokens === call.tokens.output, {
    happened: `usage says ${result.usage?.completion_tokens ?? 'nothing'} of the output tokens`,
    expected: `${call.tokens.output}, as in the chunk that \`stream_options: { include_usage: true }\` asks for`,
  });
});

check('measures TTFT and TPOT at the words, not at the headers', { needs: [streams, billed] }, async () => {
  const { value } = await run();
  // In an answer of twenty tokens it matters whether the first one counts.
  for (const { startMs, shown, result } of [value.long, value.capped, value.thoughtful]) {
    const ttftMs = (shown[0]?.atMs ?? 0) - startMs;
    const thought = result?.usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    const tokens = (result?.usage?.completion_tokens ?? 0) - thought;
    const tpotMs = ((shown.at(-1)?.atMs ?? 0) - (shown[0]?.atMs ?? 0)) / (tokens - 1);
    hold(near(result?.ttftMs, ttftMs, 1), {
      happened: `ttftMs was ${shownNumber(result?.ttftMs)} for words that came after ${Math.round(ttftMs)} ms`,
      expected: 'the time until the first piece of text that is not empty',
      help: 'The response headers and the first chunk, which only names the role, come earlier.',
    });
    hold(near(result?.tpotMs, tpotMs, tpotMs * 0.02), {
      happened: `tpotMs was ${shownNumber(result?.tpotMs)} for a stream of ${tokens} tokens${thought > 0 ? ` after ${thought} that were thought` : ''}, ${tpotMs.toFixed(2)} ms each`,
      expected:
        '(time of the last token − time of the first) / (output tokens − 1), tokens as billed without those that were thought',
      help: 'Between n tokens there are n − 1 gaps. `reasoning_tokens` are part of `completion_tokens`, and nobody reads them.',
    });
  }
  const { single } = value;
  hold(single.result?.tpotMs === null, {
    happened: `tpotMs was ${shownNumber(single.result?.tpotMs)} for an answer of one token`,
    expected: 'null: there is no gap to measure',
  });
});

check('tells an answer that was cut short from a complete one', async () => {
  const { value } = await run();
  const finishes = [value.capped.result?.finish, value.long.result?.finish].join(', ');
  hold(finishes === 'length, stop', {
    happened: `an answer capped at 20 tokens and a complete one ended with: ${finishes}`,
    expected: 'length, stop',
    help: 'The chunk after the last word carries `finish_reason`.',
  });
});

check('stops the provider when the user presses stop', { needs: [streams] }, async () => {
  const { value, ledger } = await run();
  const [call] = ledger.callsFor(PROMPTS.stopped) as [Call];
  hold(call.outcome === 'aborted', {
    happened: `the provider went on to the end and billed ${call.tokens.output} tokens`,
    expected:
      'a request that ends when `signal` aborts; every token written after that is paid for and read by nobody',
    help: 'The SDK takes a `signal` in its second argument.',
  });
  endedWith(value.stopped, 'aborted', 'when the user pressed stop');
  const { stoppedEarly: early } = value;
  const wentOnMs = early.endMs - (early.stoppedMs ?? 0);
  hold(wentOnMs <= 50, {
    happened: `stop was pressed before the first word, and the request went on for another ${Math.round(wentOnMs)} ms`,
    expected: 'it to end at once, whatever has arrived by then',
    help: 'A loop over the chunks only looks at the signal when a chunk comes. Hand the signal to the SDK.',
  });
  endedWith(early, 'aborted', 'when the user pressed stop before the first word');
  const { gone } = value;
  const calls = ledger.callsFor(PROMPTS.gone).length;
  hold(gone.how === 'resolved' && gone.value?.finish === 'aborted' && gone.value.text === '' && calls === 0, {
    happened: `the signal had aborted before the call; streamAnswer ${endedInWords(gone)} and "${gone.value?.finish}", after ${calls} calls`,
    expected: '"aborted", no text and no call',
  });
});

check('gives up a stream that goes silent', { needs: [streams] }, async () => {
  const { value, ledger } = await run();
  const ends = [
    { prompt: PROMPTS.stalled, watched: value.stalled, when: 'after the last word' },
    { prompt: PROMPTS.silent, watched: value.silent, when: 'after the call, before the first chunk' },
  ];
  for (const { prompt, watched, when } of ends) {
    const [call] = ledger.callsFor(prompt) as [Call];
    const waitedMs = watched.endMs - (watched.shown.at(-1)?.atMs ?? watched.startMs);
    hold(near(waitedMs, STALL_MS, 100) && call.outcome === 'aborted', {
      happened: `nothing came any more ${when}, and it waited for ${seconds(waitedMs)}`,
      expected: `the request to be given up after stallMs, ${seconds(STALL_MS)}`,
      help: "The SDK's own timeout is ten minutes, and covers the wait for headers only. Start your timer with the call.",
    });
    endedWith(watched, 'stalled', `when nothing came any more ${when}`);
  }
});

check('keeps what had arrived when the connection breaks', { needs: [streams] }, async () => {
  const { value } = await run();
  endedWith(value.broken, 'error', 'when the connection broke');
  endedWith(
    value.ended,
    'error',
    'when the stream ended in the middle of the answer, without a `finish_reason`',
  );
  hold(value.timersLeft === 0, {
    happened: `an answer was complete, and ${value.timersLeft} timers still kept the process alive`,
    expected: 'none',
  });
});

function endedWith({ result, error, shown }: Watched, finish: string, when: string): void {
  const text = shown.map((piece) => piece.text).join('');
  hold(result?.finish === finish && result.text === text, {
    happened: result
      ? `${when}, it ended with "${result.finish}" and ${result.text.length} of the ${text.length} characters shown`
      : `${when}, it ${error === undefined ? 'returned nothing' : `threw ${error}`}`,
    expected: `"${finish}" and the text that had been shown by then`,
    help: 'What has arrived is worth keeping, and the caller must be able to tell that it is not all.',
  });
}

function shownText({ shown }: Watched): string {
  return shown.map((piece) => piece.text).join('');
}

function zip(prompts: string[], watched: Watched[]): (readonly [string, Watched])[] {
  return prompts.map((prompt, index) => [prompt, watched[index] as Watched] as const);
}

/** The place where two texts part, with a little before it. */
function around(text: string, other: string): string {
  const at = [...text].findIndex((character, index) => character !== [...other][index]);
  return at < 0 ? text.slice(-20) : [...text].slice(Math.max(0, at - 15), at + 15).join('');
}

function near(value: number | null | undefined, expected: number, tolerance: number): boolean {
  return typeof value === 'number' && Math.abs(value - expected) <= tolerance;
}

function shownNumber(value: number | null | undefined): string {
  return typeof value === 'number' ? `${Math.round(value * 100) / 100} ms` : String(value);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
