import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/1-exact-cache/exact-cache.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import { provider } from '../provider.ts';

type Request = Subject.ChatRequest;

/** One request of the trace. */
export interface Asked {
  request: Request;
  scope: Subject.Scope;
  /** The user leaves after so many milliseconds. */
  leavesAfterMs?: number;
  /** Part of the help-page traffic that hit rate and dollars are measured on. */
  faq?: true;
}

/** What came back for it. */
export interface Served {
  asked: Asked;
  /** A whole answer. */
  reply?: OpenAI.ChatCompletion;
  error?: unknown;
  /** The text of a stream. */
  streamed?: string;
  calls: number;
  costMicroUsd: number;
}

const FAQ_REQUESTS = 360;
const MODEL = 'gpt-4o';
const STAND_IN = 'gpt-4o-mini';
/** The model is down from here to there; the flaky prompt fails until the outage is over. */
const OUTAGE = { fromMs: 3_600_000, toMs: 3_700_000 };
const FLAKY = 'Is the service disturbed?';
const UNSAFE = 'How do I pick this lock?';
/** Fields that say who asks or how it is billed; the answer does not depend on them. */
const NOT_PART_OF_THE_QUESTION = ['user', 'metadata', 'store', 'stream', 'stream_options'];

/** A support product of three tenants: help-page questions, then the requests that a careless key confuses. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { deployment: MODEL, ...OUTAGE }, effect: { error: 'overloaded' } },
    { when: { promptIncludes: FLAKY, toMs: OUTAGE.toMs }, effect: { error: 'server_error' } },
  ],
  traffic: trace,
  async play(subject: typeof Subject, { openai, clock, ledger, traffic }) {
    /** Which request an answer was made for, by the id of the answer. */
    const madeFor = new Map<string, Asked>();
    const served: Served[] = [];
    const stored = new Map<string, string>();
    const store: Subject.Store = {
      get: async (key) => (stored.has(key) ? JSON.parse(stored.get(key) as string) : undefined),
      set: async (key, answer) => void stored.set(key, JSON.stringify(answer)),
    };
    const doors = new Map<string, Subject.Call>();
    /** What `cached` made, if nothing can be asked of it. */
    let notACall: string | undefined;
    let current: Asked | undefined;
    for (const asked of [
      ...traffic.before,
      'outage' as const,
      ...traffic.during,
      'over' as const,
      ...traffic.after,
    ]) {
      if (asked === 'outage') await clock.sleep(OUTAGE.fromMs - clock.now());
      else if (asked === 'over') await clock.sleep(OUTAGE.toMs - clock.now());
      else served.push(await put(asked));
    }
    return { served, madeFor, notACall };

    async function put(asked: Asked): Promise<Served> {
      const { request, scope, leavesAfterMs } = asked;
      const name = JSON.stringify(scope);
      const door = doors.get(name) ?? subject.cached(call, store, scope);
      doors.set(name, door);
      if (typeof door !== 'function') notACall = typeof door;
      current = asked;
      const before = ledger.totals();
      const result: Served = { asked, calls: 0, costMicroUsd: 0 };
      const user = new AbortController();
      if (leavesAfterMs !== undefined) setTimeout(() => user.abort(), leavesAfterMs);
      try {
        const reply = await door(structuredClone(request), { signal: user.signal });
        if (isStream(reply)) result.streamed = await textOf(reply);
        else result.reply = reply;
      } catch (error) {
        result.error = error;
      }
      result.calls = ledger.calls.length - before.calls;
      result.costMicroUsd = ledger.totals().costMicroUsd - before.costMicroUsd;
      return result;
    }

    /** How the product asks: the stand-in answers when the model is down, and unsafe answers are blanked. */
    async function call(sent: Request, options?: { signal?: AbortSignal }): Promise<Subject.Reply> {
      const settings = { maxRetries: 0, ...options };
      const reply = await openai.chat.completions
        .create(sent, settings)
        .catch((error: { status?: number }) => {
          if ((error.status ?? 0) < 500 || sent.model !== MODEL) throw error;
          return openai.chat.completions.create({ ...sent, model: STAND_IN }, settings);
        });
      if (isStream(reply)) return reply;
      // The id of the request at the provider: unlike the answer's own, it never repeats.
      const answer = { ...reply, id: reply._request_id ?? reply.id };
      const [choice] = answer.choices;
      if (choice && JSON.stringify(sent.messages).includes(UNSAFE)) {
        choice.finish_reason = 'content_filter';
        choice.message.content = '';
      }
      if (current) madeFor.set(answer.id, current);
      return answer;
    }
  },
  readings({ outcome, traffic, quote }) {
    const served = outcome.value.served.filter(({ asked }) => asked.faq);
    /** A hit counts if it is the answer to this very request; another one has to be asked for once more. */
    const isWrong = ({ asked, reply }: Served) => {
      const source = reply && outcome.value.madeFor.get(reply.id);
      return !source || meaning(source) !== meaning(asked);
    };
    const cost = (it: Served) =>
      it.costMicroUsd + (isWrong(it) ? quote('openai', it.asked.request).costMicroUsd : 0);
    const faq = traffic.before.filter((asked) => asked.faq);
    const needed = new Map(faq.toReversed().map((asked) => [meaning(asked), asked.request]));
    const bestRate = 1 - needed.size / faq.length;
    const bestCost = sum([...needed.values()].map((request) => quote('openai', request).costMicroUsd));
    return {
      // The first of its kind has to be asked; all others could be found again.
      'hit rate': {
        unit: 'share',
        better: 'higher',
        value: served.filter((it) => it.calls === 0 && !isWrong(it)).length / served.length,
        target: bestRate - 0.03,
        limit: bestRate,
      },
      'spent on the help page': {
        unit: 'microUsd',
        better: 'lower',
        value: sum(served.map(cost)),
        target: bestCost * 1.1,
        limit: bestCost,
      },
    };
  },
});

/** Everything that makes this request what it is, in one order: requests with the same meaning may share an answer. */
export function meaning(asked: Asked): string {
  return JSON.stringify([asked.scope.tenant, parts(asked)]);
}

/** The fields in which two requests differ. */
export function differences(one: Asked, other: Asked): string[] {
  const [a, b] = [parts(one), parts(other)];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

function parts({ request, scope }: Asked): Record<string, unknown> {
  const messages = request.messages.map(({ content, ...rest }) => ({
    ...rest,
    content: typeof content === 'string' ? content.trim() : content,
  }));
  const kept = Object.entries({ ...request, messages, 'prompt version': scope.promptVersion })
    .filter(([name]) => !NOT_PART_OF_THE_QUESTION.includes(name))
    .map(([name, value]) => [name, inOrder(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(kept);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, inOrder(inner)]));
}

function isStream(reply: Subject.Reply): reply is AsyncIterable<OpenAI.ChatCompletionChunk> {
  return Symbol.asyncIterator in reply;
}

async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

// --- the trace ---------------------------------------------------------------------------------------------------

const V7 = 'v7';
const TENANTS = ['acme', 'birch', 'cedar'];
const VERBS = ['change', 'cancel', 'export', 'share', 'find', 'print', 'move', 'rename'];
const THINGS = ['my invoice', 'my order', 'a report', 'the address', 'my plan'];
const QUESTIONS = THINGS.flatMap((thing) => VERBS.map((verb) => `How do I ${verb} ${thing}?`));

function trace(random: Random): { before: Asked[]; during: Asked[]; after: Asked[] } {
  const help = Array.from({ length: FAQ_REQUESTS }, () => helpRequest(random));
  const groups = lookalikes().map((group) => [...group, group[0] as Asked]);
  const outage = asks({ messages: [user('Which plan has single sign-on?')] });
  const flaky = asks({ messages: [user(FLAKY)], model: STAND_IN });
  const idea = asks({ messages: [user('Give me a name for a bakery.')], temperature: 0.9 });
  const plain = asks({ messages: [user('Give me a rhyme on month.')], temperature: undefined });
  const cut = asks({ messages: [user('Explain every clause of the contract.')], max_tokens: 12 });
  const unsafe = asks({ messages: [user(UNSAFE)] });
  const left = asks({ messages: [user('Write the whole guide.')], max_tokens: 900 });
  const read = asks({ messages: [user('How long is a trial?')] });
  const streamed = { ...read, request: { ...read.request, stream: true } };
  return {
    before: [
      ...help,
      // Other tenants come last, so that a key that confuses requests is seen to do so within one tenant first.
      ...[...random.shuffle(groups.slice(0, -2)), ...groups.slice(-2)].flat(),
      ...[idea, idea, plain, plain, cut, cut, unsafe, unsafe],
      ...[{ ...left, leavesAfterMs: 40 }, left, read, streamed, streamed, read, flaky],
    ],
    during: [outage, outage],
    after: [outage, flaky],
  };
}

/** A question of the help page. Clients write it differently: another order of fields, a user id, a blank at the end. */
function helpRequest(random: Random): Asked {
  const tenant = random.pick(TENANTS);
  const rank = Math.floor(QUESTIONS.length ** random.next()) - 1;
  const question = `${QUESTIONS[rank]}${random.next() < 0.2 ? '\n' : ''}`;
  const messages = [
    {
      role: 'system' as const,
      content: `You are the help page of ${tenant}. Answer in two sentences.`,
    },
    random.next() < 0.4 ? { content: question, role: 'user' as const } : user(question),
  ];
  const request: Request =
    random.next() < 0.5
      ? { model: MODEL, messages, temperature: 0, max_tokens: 400 }
      : { max_tokens: 400, temperature: 0, messages, model: MODEL };
  if (random.next() < 0.5) request.user = `user-${random.int(1000)}`;
  return { request, scope: { tenant, promptVersion: V7 }, faq: true };
}

/** Groups of requests that look alike and are not. Each group starts and ends with the same one. */
function lookalikes(): Asked[][] {
  const question = [user('Summarise the attached ticket.')];
  const one = asks({ messages: question });
  const other = (fields: Partial<Request>) => asks({ messages: question, ...fields } as Partial<Request>);
  const says = (content: string) => asks({ messages: [user(content)] });
  const tool = (name: string) => ({ type: 'function' as const, function: { name, parameters: {} } });
  const as = (tenant: string, promptVersion: string): Asked => ({ ...one, scope: { tenant, promptVersion } });
  return [
    [one, other({ messages: [{ role: 'system', content: 'Answer in French.' }, ...question] })],
    [one, other({ tools: [tool('refund')] }), other({ tools: [tool('escalate')] })],
    [one, other({ response_format: { type: 'json_object' } })],
    [one, other({ seed: 7 }), other({ top_p: 0.2 }), other({ max_tokens: 300 })],
    [other({ stop: ['\n'] }), other({ stop: [' '] })],
    [one, as('acme', 'v8')],
    [says('What does "US" stand for?'), says('What does "us" stand for?')],
    [says('Fix: if x:\n  y()\nz()'), says('Fix: if x:\n  y()\n  z()')],
    [
      asks({ messages: [user('Hello.'), { role: 'assistant', content: 'Yes?' }, user('Again.')] }),
      asks({ messages: [user('Hello.:assistant:Yes?:user:Again.')] }),
    ],
    [as('birch', V7), as('cedar', V7)],
    [as('dune', 'eu:v2'), as('dune:eu', 'v2')],
  ];
}

function asks(fields: Partial<Request>): Asked {
  const request = { model: MODEL, temperature: 0, messages: [], ...fields } as Request;
  return { request: JSON.parse(JSON.stringify(request)), scope: { tenant: 'acme', promptVersion: V7 } };
}

function user(content: string): OpenAI.ChatCompletionUserMessageParam {
  return { role: 'user', content };
}
