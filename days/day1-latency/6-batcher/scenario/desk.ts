import type OpenAI from 'openai';
import type * as Subject from '#days/day1-latency/6-batcher/batcher.ts';
import { quick, randomFor, type World } from '#lib/provider';

export const MAX_SIZE = 10;
export const MAX_WAIT_MS = 100;
/** A caller that has heard nothing for so long goes away. */
const PATIENCE_MS = 20_000;

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

/** One message makes the provider refuse the whole call; for another the answer has no line. */
export const FLAGGED = '[raw payload attached]';
export const UNREADABLE = '####';

export async function sortMessages(
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
      const completion = await openai.chat.completions.create({
        ...quick(model),
        messages: request(shop, list),
      });
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
export function sortAll(prompt: string): string {
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
