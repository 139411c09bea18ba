import type OpenAI from 'openai';
import type * as Subject from '#days/day1-latency/6-batcher/batcher.ts';
import { defineScenario, type Random, randomFor, sum, type World } from '#lib/provider';
import { provider } from '../provider.ts';

export const MAX_SIZE = 10;
export const MAX_WAIT_MS = 100;
/** A caller that has heard nothing for so long goes away. */
export const PATIENCE_MS = 20_000;
export const SHOPS = ['Harbour Shoes', 'Lumen Lamps'];

export interface Message {
  shop: string;
  text: string;
  atMs: number;
  /** It came in a quiet hour, seconds away from the next one. */
  quiet: boolean;
}

/** One message as its caller saw it. */
export interface Sorted extends Message {
  settledMs: number;
  desk: string | null;
  error?: unknown;
}

/** One call, as the function that makes it saw it. */
export interface Load {
  shop: string;
  texts: string[];
  atMs: number;
  endMs: number;
}

/** Two shops give their incoming messages to desks. Each shop has a batcher of its own. */
export const scenario = defineScenario({
  provider,
  answer: ({ prompt }) => sortAll(prompt),
  traffic: (random) => SHOPS.flatMap((shop) => dayOf(shop, random)),
  play(subject: typeof Subject, world: World<Message[]>) {
    return sortMessages(subject, world, MAX_SIZE);
  },
  readings({ traffic, ledger, outcome }) {
    const { sorted, loads } = outcome.value;
    const waits = sorted.map((message) => waitOf(message, loads));
    const quiet = waits.filter((_, i) => sorted[i]?.quiet);
    // Who was forgotten asks again, alone.
    const calls = ledger.calls.length + sorted.filter(({ desk }) => desk === null).length;
    const fewest = sum(SHOPS.map((shop) => fewestCalls(traffic.filter((message) => message.shop === shop))));
    return {
      // The limit never asks twice for the same message in a day. Without a memory that costs a few calls more, and so
      // does a first request that could not know that others follow: a third is enough for both.
      'answers per call': {
        unit: 'count',
        better: 'higher',
        value: sorted.length / calls,
        target: traffic.length / fewest / 1.33,
        limit: traffic.length / fewest,
      },
      // The contract itself: a batch that fills slowly is sent when its first request has waited so long.
      'longest wait': {
        unit: 'ms',
        better: 'lower',
        value: Math.max(...waits),
        target: MAX_WAIT_MS,
        limit: 0,
      },
      // In quiet hours one request in ten meets a call that is under way; a rule that looks at that may wait for it.
      'mean wait in quiet hours': {
        unit: 'ms',
        better: 'lower',
        value: sum(quiet) / quiet.length,
        target: MAX_WAIT_MS / 3,
        limit: 0,
      },
    };
  },
});

/** One message makes the provider refuse the whole call; for another the answer has no line. */
export const FLAGGED = '[raw payload attached]';
export const UNREADABLE = '####';
const TOGETHER = 16;

/** Sixteen messages come at once and fit into one call, which the provider refuses because of one of them. */
export const refusal = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FLAGGED }, effect: { error: 'invalid_prompt' } }],
  answer: ({ prompt }) => sortAll(prompt),
  traffic(random): Message[] {
    const [flagged, unreadable] = random.shuffle(Array.from({ length: TOGETHER }, (_, i) => i));
    return Array.from({ length: TOGETHER }, (_, i) => {
      const rest = i === flagged ? ` ${FLAGGED}` : i === unreadable ? ` ${UNREADABLE}` : '';
      return {
        shop: 'Harbour Shoes',
        text: `Order ${5000 + i} has not arrived${rest}`,
        atMs: 0,
        quiet: false,
      };
    });
  },
  play(subject: typeof Subject, world: World<Message[]>) {
    return sortMessages(subject, world, TOGETHER);
  },
});

async function sortMessages(
  { createBatcher, messageKey }: typeof Subject,
  { openai, model, clock, traffic }: World<Message[]>,
  maxSize: number,
): Promise<{ sorted: Sorted[]; loads: Load[] }> {
  const loads: Load[] = [];
  const options = { maxSize, maxWaitMs: MAX_WAIT_MS, keyOf: messageKey };
  const batchers = new Map(
    SHOPS.map((shop) => [shop, createBatcher<string, string>(loadFor(shop), options)]),
  );
  const sorted = await Promise.all(traffic.map(sort));
  return { sorted, loads };

  async function sort(message: Message): Promise<Sorted> {
    await clock.sleep(message.atMs);
    const patience = new AbortController();
    const answer = batchers
      .get(message.shop)
      ?.load(message.text)
      .then(
        (desk: unknown) => ({ desk: String(desk) }),
        (error: unknown) => ({ desk: null, error }),
      );
    const nothing = clock.sleep(PATIENCE_MS, patience.signal).then(
      () => ({ desk: null }),
      () => ({ desk: null }),
    );
    const seen = await Promise.race([answer, nothing]);
    patience.abort();
    return { ...message, desk: null, ...seen, settledMs: clock.now() };
  }

  function loadFor(shop: string) {
    return async (texts: string[]): Promise<(string | Error)[]> => {
      const load: Load = { shop, texts: [...texts], atMs: clock.now(), endMs: Number.POSITIVE_INFINITY };
      loads.push(load);
      const list = texts.map((text, i) => `${i + 1}. ${text}`).join('\n');
      const completion = await openai.chat.completions.create({ model, messages: request(shop, list) });
      load.endMs = clock.now();
      const lines = new Map(
        (completion.choices[0]?.message.content ?? '')
          .split('\n')
          .map((line) => line.split('. ') as [string, string]),
      );
      return texts.map(
        (text, i) => lines.get(String(i + 1)) ?? new Error(`The answer has no line for "${text}".`),
      );
    };
  }
}

function request(shop: string, list: string): OpenAI.ChatCompletionMessageParam[] {
  return [
    {
      role: 'system',
      content: 'Give each message to one desk. Answer with its number and the desk, a line each.',
    },
    { role: 'user', content: `Shop: ${shop}\n${list}` },
  ];
}

/** What the model answers: a line for each message, except those that it cannot read. */
function sortAll(prompt: string): string {
  const [shop = '', ...lines] = prompt.split('\n');
  return lines
    .filter((line) => !line.includes(UNREADABLE))
    .map((line) => {
      const [, number, text = ''] = /^(\d+)\. (.*)$/.exec(line) ?? [];
      return `${number}. ${deskFor(shop.replace('Shop: ', ''), text)}`;
    })
    .join('\n');
}

/** Where a message belongs: a desk of its shop, drawn from what it says, so that a mix-up shows. */
export function deskFor(shop: string, text: string): string {
  return `${shop}, desk ${10_000 + randomFor('desk', shop, plain(text)).int(90_000)}`;
}

/** A message without what does not change its meaning: case, runs of spaces, marks at its end. */
export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/[\s.!?]+$/, '')
    .trim();
}

/** How long a message waited until the call was made whose end brought its answer. */
function waitOf({ shop, text, atMs, settledMs, desk }: Sorted, loads: readonly Load[]): number {
  if (desk === null) return settledMs - atMs;
  const asked = plain(text);
  const carries = (load: Load) => load.texts.some((it) => plain(it) === asked);
  const ended = loads.filter((load) => load.shop === shop && load.endMs <= settledMs);
  const load = ended.find((each) => each.endMs === settledMs && carries(each)) ?? ended.find(carries);
  return Math.max(0, (load?.atMs ?? atMs) - atMs);
}

/**
 * The fewest calls that can carry a shop's messages if none waits longer than it may: a call is opened by a message
 * and takes all that come within its wait, up to its size. A message that came before in the day needs no place.
 */
function fewestCalls(messages: readonly Message[]): number {
  const seen = new Set<string>();
  let calls = 0;
  let size = 0;
  let openedMs = 0;
  for (const { text, atMs } of [...messages].sort((a, b) => a.atMs - b.atMs)) {
    if (seen.has(plain(text))) continue;
    seen.add(plain(text));
    if (size === 0 || size === MAX_SIZE || atMs > openedMs + MAX_WAIT_MS) {
      calls += 1;
      size = 0;
      openedMs = atMs;
    }
    size += 1;
  }
  return calls;
}

const MATTERS = [
  'Where is my parcel',
  'I want to send it back',
  'The invoice is wrong',
  'My code does not work',
];

/** A morning of steady traffic, a rush, quiet hours, and eleven messages at one moment. */
function dayOf(shop: string, random: Random): Message[] {
  const messages: Message[] = [];
  let nowMs = 0;
  const come = (count: number, meanGapMs: number, quiet = false) => {
    for (let i = 0; i < count; i += 1) {
      nowMs += Math.round(random.exponential(meanGapMs));
      messages.push({ shop, text: quiet ? about(random) : write(random), atMs: nowMs, quiet });
    }
  };
  come(30, 20);
  come(150, 4);
  nowMs += 10_000;
  come(10, 8000, true);
  nowMs += 10_000;
  come(MAX_SIZE + 1, 0);
  return messages;
}

/** In a rush one message in five says what others say, in another spelling. */
function write(random: Random): string {
  if (random.next() < 0.8) return about(random);
  const matter = random.pick(MATTERS);
  return random.pick([
    matter,
    `${matter}.`,
    `${matter}!`,
    matter.toLowerCase(),
    matter.replaceAll(' ', '  '),
  ]);
}

function about(random: Random): string {
  return `Order ${1000 + random.int(9000)}: the colour is not the one I chose`;
}
