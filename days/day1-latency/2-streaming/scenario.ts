import type * as Subject from '#days/day1-latency/2-streaming/stream-answer.ts';
import { callAndLeave } from '#lib/check/cancellation.ts';
import { timersLeftBy } from '#lib/check/timers.ts';
import { defineScenario, LAB_PACE, modelFor, percentile, quick, type World } from '#lib/provider';
import { thinkingTokens } from '#lib/provider/models.ts';
import type * as Contract from '../contracts/stream-answer.ts';
import { provider } from '../provider.ts';

/** Silence that ends a stream in this lab: longer than any thought here, shorter than the long answer. */
export const STALL_MS = Math.max(5000, (5000 * thinkingTokens('low')) / LAB_PACE.small.outputPerSec);
/** The user presses stop so long after the first words, or after the question where the first words are not there yet. */
const PATIENCE_MS = { words: 300, question: 20 };
const QUESTIONS = 20;
const TOPICS = ['refunds', 'invoices', 'passwords', 'deliveries', 'opening hours', 'warranties'];

/** What the user saw of one answer, and what the subject returned for it. */
export interface Watched {
  startMs: number;
  endMs: number;
  shown: { atMs: number; text: string }[];
  /** When the user pressed stop; null if nobody did. */
  stoppedMs: number | null;
  result: Contract.StreamedAnswer | null;
  error?: unknown;
}

/** A help page: twenty questions, one long answer, and nine that end in another way than planned. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { promptIncludes: 'router' }, effect: { stallAfterTokens: 12 } },
    { when: { promptIncludes: 'modem' }, effect: { cutAfterTokens: 15 } },
    { when: { promptIncludes: 'antenna' }, effect: { endAfterTokens: 15 } },
    { when: { promptIncludes: 'cable' }, effect: { error: 'overloaded', afterMs: 60_000 } },
  ],
  answer: ({ prompt, sentences }) => {
    if (prompt === PROMPTS.single) return 'Yes';
    return prompt.startsWith('Question') ? undefined : sentences(ANSWER_TOKENS[prompt] ?? CAPPED_TOKENS);
  },
  traffic: (random) =>
    Array.from({ length: QUESTIONS }, (_, i) => `Question ${i}: what about ${random.pick(TOPICS)}?`),
  async play(subject: typeof Subject, { openai, model, clock, traffic, quote }) {
    const ask = (content: string, { stops, effort, cap = 2 * LONG_TOKENS }: Asked = {}): Promise<Watched> =>
      watch(
        (onToken, signal) => {
          const messages = [{ role: 'user' as const, content }];
          const request = {
            ...quick(model),
            ...(effort && { reasoning_effort: effort }),
            max_completion_tokens: cap,
            messages,
          };
          return subject.streamAnswer(openai, request, { onToken, signal, stallMs: STALL_MS });
        },
        clock.now,
        stops,
      );
    return {
      questions: await Promise.all(traffic.map((question) => ask(question))),
      long: await ask(PROMPTS.long),
      thoughtful: await ask(PROMPTS.thoughtful, { effort: 'low' }),
      capped: await ask(PROMPTS.capped, { cap: twentyWords(quote) }),
      single: await ask(PROMPTS.single),
      stopped: await ask(PROMPTS.stopped, { stops: 'words' }),
      stoppedEarly: await ask(PROMPTS.stoppedEarly, { stops: 'question' }),
      stalled: await ask(PROMPTS.stalled),
      silent: await ask(PROMPTS.silent),
      broken: await ask(PROMPTS.broken),
      ended: await ask(PROMPTS.ended),
      gone: await callAndLeave(clock, 'before', (signal) => {
        const messages = [{ role: 'user' as const, content: PROMPTS.gone }];
        const onToken = () => {};
        return subject.streamAnswer(
          openai,
          { ...quick(model), messages },
          { onToken, signal, stallMs: STALL_MS },
        );
      }),
      timersLeft: await timersLeftBy(clock, () => ask('Question 100: what about fees?')),
    };
  },
  readings({ traffic, quote, outcome }) {
    const quotes = traffic.map((content) =>
      quote('openai', { ...quick(modelFor('small')), messages: [{ role: 'user', content }] }),
    );
    const firstMs = percentile(
      quotes.map((it) => it.firstTokenMs),
      95,
    );
    const wholeMs = percentile(
      quotes.map((it) => it.totalMs),
      95,
    );
    const { questions } = outcome.value;
    const seen = questions.map(({ shown, startMs, endMs }) => (shown[0]?.atMs ?? endMs) - startMs);
    const ended = questions.map(({ startMs, endMs }) => endMs - startMs);
    return {
      'p95 TTFT': {
        unit: 'ms',
        better: 'lower',
        value: percentile(seen, 95),
        target: firstMs * 1.1,
        limit: firstMs,
      },
      'p95 whole answer': {
        unit: 'ms',
        better: 'lower',
        value: percentile(ended, 95),
        target: wholeMs * 1.1,
        limit: wholeMs,
      },
    };
  },
});

export const PROMPTS = {
  long: 'Please print the whole manual.',
  thoughtful: 'Which plan is the cheapest for us?',
  capped: 'List every setting there is.',
  stopped: 'Tell me the story of the company.',
  stoppedEarly: 'Tell me another one.',
  stalled: 'Why does my router blink?',
  silent: 'Why is my cable warm?',
  broken: 'Why does my modem hum?',
  ended: 'Why does my antenna bend?',
  gone: 'Is anybody still here?',
  single: 'Yes or no?',
};

/** Longer than the silence that ends a stream. */
const LONG_TOKENS = Math.ceil((LAB_PACE.small.outputPerSec * STALL_MS * 1.5) / 1000);
const ANSWER_TOKENS: Record<string, number> = { [PROMPTS.long]: LONG_TOKENS };
const CAPPED_TOKENS = 200;

/** A cap that leaves twenty tokens of an answer; a model that must think gets what it thinks besides. */
function twentyWords(quote: World<unknown>['quote']): number {
  const whole = quote('openai', {
    ...quick(modelFor('small')),
    messages: [{ role: 'user', content: PROMPTS.capped }],
  });
  return whole.outputTokens - CAPPED_TOKENS + 20;
}

/** How a question is asked, and after what the user presses stop. */
interface Asked {
  stops?: keyof typeof PATIENCE_MS | undefined;
  /** How much the model is to think. Default: as little as it can. */
  effort?: 'low';
  /** Most tokens of the answer. */
  cap?: number;
}

/** Stands in for the page: notes what is shown and when, and presses stop if it is to. */
async function watch(
  start: (onToken: (text: string) => void, signal: AbortSignal) => Promise<Contract.StreamedAnswer>,
  now: () => number,
  stops: Asked['stops'],
): Promise<Watched> {
  const user = new AbortController();
  const watched: Watched = { startMs: now(), endMs: 0, shown: [], stoppedMs: null, result: null };
  const stop = () => {
    watched.stoppedMs = now();
    user.abort();
  };
  if (stops === 'question') setTimeout(stop, PATIENCE_MS.question);
  try {
    watched.result = await start((text) => {
      if (stops === 'words' && watched.shown.length === 0) setTimeout(stop, PATIENCE_MS.words);
      watched.shown.push({ atMs: now(), text });
    }, user.signal);
  } catch (error) {
    watched.error = error;
  }
  watched.endMs = now();
  return watched;
}
