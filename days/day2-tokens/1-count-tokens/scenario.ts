import type OpenAI from 'openai';
import { get_encoding, type Tiktoken } from 'tiktoken';
import type * as Subject from '#days/day2-tokens/1-count-tokens/count-tokens.ts';
import { defineScenario, leastEffort, modelFor, type Premise, type Random } from '#lib/provider';
import { findModel } from '#lib/provider/models.ts';
import { countTokens, type Encoding } from '#lib/provider/tokens.ts';
import type * as Contract from '../contracts/count-tokens.ts';
import { KINDS, type Kind, textOfKind } from '../texts.ts';

/** Most characters of one text that an estimate may have tokenised. */
export const MOST_READ = 4000;
/** A text with an estimate further off than this is estimated wrong. */
const TOLERANCE = 0.15;
const TOOL_TOLERANCE = 0.03;
const MODELS = (['small', 'middle', 'strong', 'thinker'] as const).map(modelFor);
/** Each list of tools is sent so many times; the first time teaches what it costs. */
const TIMES = 2;
const TOOL_LISTS = 3;

export const premises: Premise[] = [
  {
    says: 'All models of this lab have an encoding that tiktoken knows by name',
    holds: () => MODELS.every((model) => ['o200k_base', 'cl100k_base'].includes(encodingOf(model))),
  },
];

const HOSTILE_LENGTH = 200_000;

export interface Traffic {
  plain: Contract.Chat[];
  /** Lists of tools for the first time, then the same ones with another question. */
  withTools: Contract.Chat[];
  texts: { kind: Kind | 'mixed'; text: string }[];
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
  provider: { deployments: { small: {}, middle: {}, strong: {}, thinker: {} } },
  answer: () => 'Noted.',
  traffic: (random): Traffic => ({
    plain: Array.from({ length: 20 }, (_, i) => plainChat(random, i)),
    withTools: chatsWithTools(random),
    texts: [
      ...KINDS.flatMap((kind) =>
        [40, 900, 12_000].map((length) => ({ kind, text: textOfKind(kind, random, length) })),
      ),
      // What stands at the beginning of an upload says nothing about the rest.
      ...(['UUIDs', 'Japanese'] as const).map((kind) => ({
        kind: 'mixed' as const,
        text: textOfKind('English', random, 6000) + textOfKind(kind, random, 12_000),
      })),
    ],
    hostile: [
      { name: 'nothing', text: '' },
      { name: 'one letter', text: 'a'.repeat(HOSTILE_LENGTH) },
      { name: 'spaces', text: ' '.repeat(HOSTILE_LENGTH) },
      { name: 'an emoji', text: '👍🏽'.repeat(HOSTILE_LENGTH / 4) },
    ],
  }),
  async play(subject: typeof Subject, { openai, traffic }) {
    const meter = createMeter();
    const counter = subject.createTokenCounter(meter.tokenizer);
    const isCounter = [counter?.countChat, counter?.estimateTokens].every((it) => typeof it === 'function');
    const words = traffic.plain.map(({ messages: [message], ...rest }) =>
      given(() => {
        const chat = (content: string) => ({ ...rest, messages: [{ role: 'user' as const, content }] });
        return counter.countChat(chat(message?.content ?? '')) - counter.countChat(chat(''));
      }),
    );
    const estimates = [...traffic.texts, ...traffic.hostile].map(({ text }) => {
      const readBefore = meter.read();
      return { ...given(() => counter.estimateTokens(text)), read: meter.read() - readBefore };
    });
    const counts: Given[] = [];
    const bills: number[] = [];
    for (const chat of [...traffic.plain, ...traffic.withTools]) {
      counts.push(given(() => counter.countChat(structuredClone(chat))));
      const bill = await billed(openai, chat);
      bills.push(bill);
      counter.compare?.(structuredClone(chat), bill);
    }
    return { isCounter, counts, words, estimates, bills, encodersBuilt: meter.built() };
  },
  readings({ traffic, outcome }) {
    const { counts, bills, estimates } = outcome.value;
    const errors = counts.map(({ count }, i) => off(count, bills[i] ?? 0));
    const plain = traffic.plain.length;
    const again = plain + TOOL_LISTS;
    const exact = { unit: 'share', better: 'lower', limit: 0 } as const;
    return {
      'worst error on plain chats': { ...exact, value: Math.max(...errors.slice(0, plain)), target: 0 },
      'worst error with tools': {
        ...exact,
        value: Math.max(...errors.slice(again)),
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

/** Tools go to the Responses API, which takes them from every model. */
async function billed(openai: OpenAI, { model, messages, tools }: Contract.Chat): Promise<number> {
  const effort = leastEffort(model);
  if (!tools) {
    const { usage } = await openai.chat.completions.create({ model, messages, reasoning_effort: effort });
    return usage?.prompt_tokens ?? 0;
  }
  const { usage } = await openai.responses.create({
    model,
    input: messages.map(({ role, content }) => ({ role, content })),
    tools: tools.map(({ function: tool }) => ({ type: 'function', strict: null, ...tool })),
    tool_choice: 'none',
    store: false,
    ...(effort && { reasoning: { effort } }),
  });
  return usage?.input_tokens ?? 0;
}

export function encodingOf(model: string): Encoding {
  return findModel(model)?.encoding ?? 'o200k_base';
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
  return { ...asked(i), messages };
}

function asked(i: number) {
  const model = MODELS[i % MODELS.length] as string;
  return { model, encoding: encodingOf(model) };
}

const SUBJECTS = ['order', 'invoice', 'parcel', 'appointment', 'warranty'];

function chatsWithTools(random: Random): Contract.Chat[] {
  const lists = Array.from({ length: TOOL_LISTS }, (_, i) =>
    random
      .shuffle(SUBJECTS)
      .slice(0, 1 + 2 * i)
      .map((subject) => toolFor(subject, random)),
  );
  return Array.from({ length: TIMES * TOOL_LISTS }, (_, i) => ({
    ...asked(i % TOOL_LISTS),
    messages: [{ role: 'user', content: textOfKind('English', random, 80) }],
    tools: lists[i % TOOL_LISTS] as Contract.Tool[],
  }));
}

function toolFor(subject: string, random: Random): Contract.Tool {
  return {
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
  };
}
