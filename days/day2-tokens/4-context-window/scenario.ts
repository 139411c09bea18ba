import type * as Subject from '#days/day2-tokens/4-context-window/fit-context.ts';
import {
  type Call,
  defineScenario,
  leastEffort,
  modelFor,
  type Premise,
  type Random,
  sum,
} from '#lib/provider';
import { countChatTokens } from '#lib/provider/chat-tokens.ts';
import { findModel } from '#lib/provider/models.ts';
import { priceOf } from '#lib/provider/money.ts';
import { textOf } from '#lib/provider/tokens.ts';
import type * as Contract from '../contracts/fit-context.ts';
import { provider } from '../provider.ts';

type Turn = Contract.Turn;

const MODEL = modelFor('small');
/** Without it the model thinks first: slower, and billed. */
const effort = leastEffort(MODEL);
export const LIMIT = 4000;
export const RESERVE = 500;
const EXCHANGES = 60;
/** A customer writes every twenty seconds, so the provider's cache never grows cold. */
const PAUSE_MS = 20_000;
const PRIMING = 3;
/** Everything but the answer: what a request may have. */
export const ROOM = LIMIT - RESERVE;

/** Tokens of a message that leaves less than half of the room to the rest. */
const LONG = 2400;

/** So much of the input is to come out of the cache: a window that is cut down to half of its room reads more. */
const MOST = 0.7;

export const premises: Premise[] = [
  {
    says: 'The small model caches up to breakpoints',
    holds: () => findModel(MODEL)?.promptCache === 'breakpoint',
  },
  { says: 'A write to the cache costs more than input', holds: () => WRITE > INPUT },
  { says: 'A read from the cache costs at most a quarter of input', holds: () => CACHED <= INPUT / 4 },
];

export interface Exchange {
  user: string;
  /** Without this in the messages nobody can answer. `kind` says how long ago it was said. */
  needs?: { fact: string; kind: 'pinned' | 'recent' };
  /** What happened after the user's message: perhaps a tool call with its result, then the reply. */
  after: Turn[];
}

export interface Request {
  exchange: Exchange;
  sent: Turn[];
  tokens: number;
  right: boolean;
  call: Call | undefined;
  /** Where in the chat stood what is sent; what did not stand there, as a summary, is left out. */
  places: number[];
}

/** A request that is not sent, at another limit. */
export interface Corner {
  sent: Turn[];
  limit: number;
  pinned: Turn | undefined;
}

/** One long chat with a service desk: rules, facts that matter later, look-ups with long results, and much talk. */
export const scenario = defineScenario({
  provider,
  answer: () => 'I have looked that up for you and written it down.',
  traffic: chat,
  async play(subject: typeof Subject, { openai, traffic, clock, ledger }) {
    const history: Turn[] = [{ role: 'system', content: RULES }];
    const requests: Request[] = [];
    for (const exchange of traffic) {
      history.push({ role: 'user', content: exchange.user });
      const options = { limit: LIMIT, reserveOutput: RESERVE, pins, tokensOf };
      const sent = subject.fitContext([...history], options);
      const calls = ledger.calls.length;
      // An error status is the subject's doing; the ledger has it.
      const request = { model: MODEL, messages: sent, prompt_cache_key: 'chat', reasoning_effort: effort };
      await openai.chat.completions.create(request).catch(() => {});
      const texts = sent.map((turn) => textOf(turn.content)).join('\n');
      const right = !exchange.needs || texts.includes(exchange.needs.fact);
      const places = placesOf(sent, history);
      requests.push({ exchange, sent, tokens: tokensOfAll(sent), right, call: ledger.calls[calls], places });
      history.push(...exchange.after);
      await clock.sleep(PAUSE_MS);
    }
    // The same chat at limits of all sizes: somewhere the cut falls on every message.
    const head = history.slice(0, history.findLastIndex((turn) => turn.role === 'user') + 1);
    const lookup = history.find((turn) => turn.role === 'tool') as Turn;
    const corners = Array.from({ length: 150 }, (_, i): Corner => {
      // Every second time the result of a tool is pinned.
      const pinned = i % 2 === 1 ? lookup : undefined;
      const limit = 1200 + 19 * i;
      const pins = (turn: Turn) => (pinned && textOf(turn.content) === textOf(pinned.content) ? 1 : 0);
      return {
        sent: subject.fitContext([...head], { limit, reserveOutput: 0, pins, tokensOf }),
        limit,
        pinned,
      };
    });
    // A message that takes more than half of the room by itself.
    const text = 'again and '.repeat(LONG / 2);
    const options = { limit: LIMIT, reserveOutput: RESERVE, pins, tokensOf };
    const sent = subject.fitContext([...head.slice(0, -1), { role: 'user', content: text }], options);
    return { requests, history, corners, long: { text, sent } };
  },
  readings({ outcome, traffic }) {
    const { requests, history } = outcome.value;
    const asked = requests.filter(({ exchange }) => exchange.needs);
    const calls = requests.map(({ call }) => call?.tokens ?? { input: 0, cached: 0, output: 0 });
    const input = sum(calls.map((tokens) => tokens.input));
    const answers = sum(calls.map((tokens) => tokens.output)) * OUTPUT;
    return {
      'questions answered right': {
        unit: 'share',
        better: 'higher',
        value: asked.filter(({ right }) => right).length / asked.length,
        target: 1,
        limit: 1,
      },
      'input read from the cache': {
        unit: 'share',
        better: 'higher',
        value: input === 0 ? 0 : sum(calls.map((tokens) => tokens.cached)) / input,
        target: MOST,
        limit: mostCached(history),
      },
      'bill of the chat': {
        unit: 'microUsd',
        better: 'lower',
        value: sum(requests.map(({ call }) => call?.costMicroUsd ?? 0)),
        // Requests that fill three quarters of their room on average; what they do not read they write.
        target: Math.round(EXCHANGES * 0.75 * ROOM * ((1 - MOST) * WRITE + MOST * CACHED) + answers),
        limit: Math.floor(leastInput(traffic) + answers),
      },
    };
  },
});

const { input: INPUT, cachedInput: CACHED = 0, cacheWrite: WRITE = 0, output: OUTPUT } = priceOf(MODEL);

function pins(turn: Turn): number {
  return textOf(turn.content).startsWith(NOTE) ? 1 : 0;
}

const known = new WeakMap<Turn, number>();

export function tokensOf(turn: Turn): number {
  const tokens = known.get(turn) ?? countChatTokens([turn]) - PRIMING;
  known.set(turn, tokens);
  return tokens;
}

export function tokensOfAll(turns: readonly Turn[]): number {
  return sum(turns.map(tokensOf)) + PRIMING;
}

/** Where each message stood: the first place behind the one before it, or, if there is none, the first of all. */
function placesOf(sent: readonly Turn[], history: readonly Turn[]): number[] {
  const keys = history.map((turn) => JSON.stringify(turn));
  const places: number[] = [];
  for (const turn of sent) {
    const key = JSON.stringify(turn);
    const later = keys.indexOf(key, (places.at(-1) ?? -1) + 1);
    const place = later < 0 ? keys.indexOf(key) : later;
    if (place >= 0) places.push(place);
  }
  return places;
}

/** The first message of a tool that answers no call before it, or a call that nothing answers; undefined if all is well. */
export function unpaired(turns: readonly Turn[]): Turn | undefined {
  const open = new Set<string>();
  for (const turn of turns) {
    if (turn.role === 'tool' && !open.delete(turn.tool_call_id)) return turn;
    if (turn.role !== 'assistant') continue;
    for (const call of turn.tool_calls ?? []) open.add(call.id);
  }
  return turns.find(
    (turn) => turn.role === 'assistant' && turn.tool_calls?.some((call) => open.has(call.id)),
  );
}

/** A bound: the user's new message was never sent before, so it cannot come out of the cache; a request has room for so much. */
function mostCached(history: readonly Turn[]): number {
  let seen = PRIMING;
  let input = 0;
  let fresh = 0;
  for (const turn of history) {
    seen += tokensOf(turn);
    if (turn.role !== 'user') continue;
    fresh += tokensOf(turn);
    input += Math.min(seen, ROOM);
  }
  return 1 - fresh / input;
}

/** A bound: of the rules and the new message, all but the message out of the cache. */
function leastInput(traffic: readonly Exchange[]): number {
  const rules = tokensOf({ role: 'system', content: RULES });
  const least = traffic.map(({ user }) => tokensOf({ role: 'user', content: user }) * INPUT + rules * CACHED);
  return sum(least);
}

// --- the chat --------------------------------------------------------------------------------------------------

const NOTE = 'Please note:';
const RULES = [
  'You are the service desk of a furniture maker. Be brief and kind.',
  'Look orders up before you say anything about them. Never promise a date that you have not looked up.',
  'Never name a price without its currency. If you do not know, say so and offer to call back.',
].join(' ');
const TALK = [
  'The table looks lovely in the photographs, and my sister has the same one in oak, which she likes a lot.',
  'I was wondering whether the chairs come in another colour too, perhaps a darker one that fits the shelf.',
  'We are moving at the end of the month, so please bear with me, everything is in boxes at the moment.',
  'By the way, the assembly went well the last time, and the two people who came were very friendly.',
];
const REPLIES = [
  'Thank you for telling me. I have made a note of it for the colleagues, and we will keep it in mind for you.',
  'That is good to hear. If anything else comes up before the delivery, write to me here at any time.',
  'I understand. There is nothing that you have to do for now; we will be in touch before the van leaves.',
];
const CITIES = ['Linz', 'Graz', 'Brno', 'Győr', 'Passau', 'Bolzano', 'Maribor', 'Zwolle', 'Aarhus', 'Gdynia'];

function chat(random: Random): Exchange[] {
  const facts = pinnedFacts(random);
  const exchanges: Exchange[] = [];
  const lookedUp: { at: number; order: number; fact: string }[] = [];
  for (let i = 0; i < EXCHANGES; i += 1) {
    const talk = `${random.pick(TALK)} ${random.pick(TALK)}`;
    const reply: Turn = { role: 'assistant', content: `${random.pick(REPLIES)} ${random.pick(REPLIES)}` };
    const fact = facts.find(({ saidAt }) => saidAt === i);
    const question = facts.find(({ askedAt }) => askedAt.includes(i));
    const lookup = lookedUp.find(({ at }) => at === i - 3);
    if (fact) {
      exchanges.push({ user: `${NOTE} ${fact.fact}. ${talk}`, after: [reply] });
    } else if (question) {
      const needs = { fact: question.fact, kind: 'pinned' as const };
      exchanges.push({ user: question.question, needs, after: [reply] });
    } else if (lookup) {
      const user = `Where did you say was order ${lookup.order}?`;
      exchanges.push({ user, needs: { fact: lookup.fact, kind: 'recent' }, after: [reply] });
    } else if (i % 4 === 0) {
      const order = 5000 + i * 10 + random.int(10);
      const result = lookUp(order, random);
      lookedUp.push({ at: i, order, fact: result.fact });
      exchanges.push({ user: `Can you look up order ${order} for me?`, after: [...result.turns, reply] });
    } else {
      exchanges.push({ user: talk, after: [reply] });
    }
  }
  return exchanges;
}

function pinnedFacts(random: Random) {
  const facts: [fact: string, question: string][] = [
    [`my contract number is ${10_000 + random.int(90_000)}`, 'Which contract number do you have for me?'],
    [`the door is only ${60 + random.int(20)} cm wide`, 'Will the wardrobe fit through my door?'],
    [
      `my son is allergic to ${random.pick(['latex', 'wool', 'horsehair'])}`,
      'Is there anything in it for my son?',
    ],
    [`deliver to ${random.pick(CITIES)}, not to the old address`, 'Where is it going to be delivered?'],
    [`I can pay ${400 + 10 * random.int(90)} EUR at most`, 'Is that still within what I can pay?'],
  ];
  return facts.map(([fact, question], n) => ({
    fact,
    question,
    saidAt: 1 + 2 * n,
    askedAt: [30 + 5 * n + random.int(2) * 2, 57 - 2 * n].filter((at) => at % 2 === 1 || at < 50),
  }));
}

/** A look-up whose result is long, as results are. */
function lookUp(order: number, random: Random): { turns: Turn[]; fact: string } {
  const id = `call_${order}`;
  const fact = `bay ${100 + random.int(900)}`;
  const items = Array.from({ length: 6 }, (_, n) => ({
    position: n + 1,
    article: `F-${random.int(10_000)}`,
    state: random.pick(['packed', 'in production', 'at the depot']),
    checked: `2026-01-0${1 + random.int(9)}T08:${10 + random.int(49)}:00Z`,
  }));
  const content = JSON.stringify({ order, depot: random.pick(CITIES), place: fact, items });
  const call = {
    id,
    type: 'function' as const,
    function: { name: 'find_order', arguments: `{"order":${order}}` },
  };
  return {
    fact,
    turns: [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: id, content },
    ],
  };
}
