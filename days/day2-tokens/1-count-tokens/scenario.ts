import type OpenAI from 'openai';
import { get_encoding, type Tiktoken } from 'tiktoken';
import type * as Subject from '#days/day2-tokens/1-count-tokens/count-tokens.ts';
import { defineScenario, type Random } from '#lib/provider';
import { countTokens } from '#lib/provider/tokens.ts';
import type * as Contract from '../contracts/count-tokens.ts';
import { provider } from '../provider.ts';
import { KINDS, type Kind, textOfKind } from '../texts.ts';

/** Most characters of one text that an estimate may have tokenised. */
export const MOST_READ = 4000;
/** A text with an estimate further off than this is estimated wrong. */
const TOLERANCE = 0.15;
const TOOL_TOLERANCE = 0.03;
const PLAIN = ['gpt-4o-mini', 'gpt-4.1-nano', 'gpt-5.6-luna', 'gpt-4', 'gpt-3.5-turbo'];
const HOSTILE_LENGTH = 200_000;

export interface Traffic {
  plain: Contract.Chat[];
  withTools: Contract.Chat[];
  texts: { kind: Kind; text: string }[];
  /** Texts that take a tokenizer minutes, because it cannot split them. */
  hostile: { name: string; text: string }[];
}

/** A number that the subject gave, or what it threw. */
export interface Given {
  count: number;
  error?: unknown;
}

/** Chats whose bill is known because they are sent, and texts whose tokens are known because they are counted. */
export const scenario = defineScenario({
  provider,
  answer: () => 'Noted.',
  traffic: (random): Traffic => ({
    plain: Array.from({ length: 20 }, (_, i) => plainChat(random, i)),
    withTools: Array.from({ length: 6 }, (_, i) => chatWithTools(random, i)),
    texts: KINDS.flatMap((kind) =>
      [40, 900, 12_000].map((length) => ({ kind, text: textOfKind(kind, random, length) })),
    ),
    hostile: [
      { name: 'one letter', text: 'a'.repeat(HOSTILE_LENGTH) },
      { name: 'spaces', text: ' '.repeat(HOSTILE_LENGTH) },
      { name: 'an emoji', text: '👍🏽'.repeat(HOSTILE_LENGTH / 4) },
    ],
  }),
  async play(subject: typeof Subject, { openai, traffic }) {
    const meter = createMeter();
    const counter = subject.createTokenCounter(meter.tokenizer);
    const isCounter = [counter?.countChat, counter?.estimateTokens].every((it) => typeof it === 'function');
    const chats = [...traffic.plain, ...traffic.withTools];
    const counts = chats.map((chat) => given(() => counter.countChat(chat)));
    const words = traffic.plain.map(({ model, messages: [message] }) =>
      given(() => {
        const chat = (content: string) => ({ model, messages: [{ role: 'user' as const, content }] });
        return counter.countChat(chat(message?.content ?? '')) - counter.countChat(chat(''));
      }),
    );
    const estimates = [...traffic.texts, ...traffic.hostile].map(({ text }) => {
      const readBefore = meter.read();
      return { ...given(() => counter.estimateTokens(text)), read: meter.read() - readBefore };
    });
    const bills = await Promise.all(chats.map((chat) => billed(openai, chat)));
    return { isCounter, counts, words, estimates, bills, encodersBuilt: meter.built() };
  },
  readings({ traffic, outcome }) {
    const { counts, bills, estimates } = outcome.value;
    const errors = counts.map(({ count }, i) => off(count, bills[i] ?? 0));
    const plain = traffic.plain.length;
    const exact = { unit: 'share', better: 'lower', limit: 0 } as const;
    return {
      'worst error on plain chats': { ...exact, value: Math.max(...errors.slice(0, plain)), target: 0 },
      'worst error with tools': {
        ...exact,
        value: Math.max(...errors.slice(plain)),
        target: TOOL_TOLERANCE,
      },
      'worst error of an estimate': {
        ...exact,
        value: Math.max(
          ...traffic.texts.map(({ text }, i) => off(estimates[i]?.count ?? 0, countTokens(text))),
        ),
        target: TOLERANCE,
      },
    };
  },
});

/** How far a number is off, as a share of the right one. */
export function off(count: number, right: number): number {
  return Math.abs(count - right) / right;
}

async function billed(openai: OpenAI, chat: Contract.Chat): Promise<number> {
  const { usage } = await openai.chat.completions.create(chat);
  return usage?.prompt_tokens ?? 0;
}

function given(count: () => number): Given {
  try {
    return { count: count() };
  } catch (error) {
    return { count: 0, error };
  }
}

const shared = new Map<string, Tiktoken>();

/**
 * The package tiktoken with a meter on it: how many encoders were built and how many characters they were given. The
 * encoders behind it are built once per process. One text of more than `HOSTILE_LENGTH / 2` would take minutes, so it
 * is noted and refused.
 */
function createMeter() {
  let built = 0;
  let read = 0;
  const metered = (real: Tiktoken): Tiktoken => {
    const take = (text: string) => {
      read += text.length;
      if (text.length > HOSTILE_LENGTH / 2)
        throw new Error(`this lab does not wait for ${text.length} characters to be tokenised`);
    };
    const encode: Tiktoken['encode'] = (text, ...special) => {
      take(text);
      return real.encode(text, ...special);
    };
    const encode_ordinary: Tiktoken['encode_ordinary'] = (text) => {
      take(text);
      return real.encode_ordinary(text);
    };
    const decode: Tiktoken['decode'] = (tokens) => real.decode(tokens);
    return { name: real.name, encode, encode_ordinary, decode, free() {} } as unknown as Tiktoken;
  };
  const tokenizer: Contract.Tokenizer = {
    get_encoding(name) {
      built += 1;
      const real = shared.get(name) ?? get_encoding(name);
      shared.set(name, real);
      return metered(real);
    },
  };
  return { tokenizer, built: () => built, read: () => read };
}

function plainChat(random: Random, i: number): Contract.Chat {
  const kind = KINDS[i % KINDS.length] as Kind;
  const content = textOfKind(kind, random, 40 + random.int(600));
  const marked = i === 7 ? `${content}<|endoftext|>` : content;
  const messages: Contract.Message[] = [{ role: 'user', content: marked }];
  if (i % 2 === 0) messages.push({ role: 'assistant', content: textOfKind('English', random, 60) });
  if (i % 3 === 0) messages.push({ role: 'user', name: `guest_${random.int(999)}`, content: 'And then?' });
  if (i % 4 === 1) messages.push({ role: 'system', content: 'Answer in one sentence.' });
  return { model: PLAIN[i % PLAIN.length] as string, messages };
}

const SUBJECTS = ['order', 'invoice', 'parcel', 'appointment', 'warranty'];

function chatWithTools(random: Random, i: number): Contract.Chat {
  const tools = random.shuffle(SUBJECTS).slice(0, 1 + (i % 4));
  return {
    model: i % 3 === 2 ? 'gpt-4' : 'gpt-4o-mini',
    messages: [{ role: 'user', content: textOfKind('English', random, 80) }],
    tools: tools.map((subject) => ({
      type: 'function',
      function: {
        name: `find_${subject}`,
        description: `Finds the ${subject} of a customer and says how far it has come.`,
        parameters: {
          type: 'object',
          properties: {
            customer: { type: 'string', description: 'The number that stands on the contract.' },
            state: {
              type: 'string',
              description: `Only a ${subject} in this state`,
              enum: ['open', 'late', 'done'].slice(random.int(2)),
            },
          },
        },
      },
    })),
  };
}
