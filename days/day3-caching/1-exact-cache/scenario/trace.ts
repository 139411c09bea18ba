import type OpenAI from 'openai';
import { leastEffort, modelFor, type Random } from '#lib/provider';
import type { Asked, Request } from './meaning.ts';

const FAQ_REQUESTS = 360;
export const MODEL = modelFor('strong');
export const STAND_IN = modelFor('small');
/** What our gateway calls the stand-in when it answers for the model. */
export const STAND_IN_NAME = `${MODEL}-mini`;

const LEAST = leastEffort(MODEL);
/** A temperature can only be asked of a model that does not think. */
const SAMPLES = LEAST === 'none' || LEAST === undefined;
const AT_ONCE = { reasoning_effort: LEAST, ...(SAMPLES && { temperature: 0 }) };
const THINKING = { reasoning_effort: 'medium' as const };

export const FLAKY = 'Is the service disturbed?';
export const UNSAFE = 'How do I pick this lock?';

const V7 = 'v7';
const ACME = { tenant: 'acme', promptVersion: V7 };
const TENANTS = ['acme', 'birch', 'cedar'];
const VERBS = ['change', 'cancel', 'export', 'share', 'find', 'print', 'move', 'rename'];
const THINGS = ['my invoice', 'my order', 'a report', 'the address', 'my plan'];
const QUESTIONS = THINGS.flatMap((thing) => VERBS.map((verb) => `How do I ${verb} ${thing}?`));

export function trace(random: Random): { before: Asked[]; during: Asked[]; after: Asked[] } {
  const help = Array.from({ length: FAQ_REQUESTS }, () => helpRequest(random));
  const groups = lookalikes().map((group) => [...group, group[0] as Asked]);
  const outage = asks({ messages: [user('Which plan has single sign-on?')] });
  const flaky = asks({ messages: [user(FLAKY)], model: STAND_IN });
  const idea = asks({
    messages: [user('Give me a name for a bakery.')],
    ...(SAMPLES && { temperature: 0.9 }),
  });
  const another = {
    ...asks({ messages: [user('Give me a rhyme on month.')] }),
    scope: { ...ACME, fresh: true },
  };
  const cut = asks({ messages: [user('Explain every clause of the contract.')], max_completion_tokens: 12 });
  const unsafe = asks({ messages: [user(UNSAFE)] });
  const left = asks({ messages: [user('Write the whole guide.')], max_completion_tokens: 900 });
  const read = asks({ messages: [user('How long is a trial?')] });
  const streamed = { ...read, request: { ...read.request, stream: true } };
  return {
    before: [
      ...help,
      // Other tenants come last, so that a key that confuses requests is seen to do so within one tenant first.
      ...[...random.shuffle(groups.slice(0, -2)), ...groups.slice(-2)].flat(),
      ...[...(SAMPLES ? [idea, idea] : []), another, another, cut, cut, unsafe, unsafe],
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
  // Some questions are worth a thought.
  const how = question.includes('report') || question.includes('order') ? THINKING : AT_ONCE;
  const request: Request =
    random.next() < 0.5
      ? { model: MODEL, messages, ...how, max_completion_tokens: 4000 }
      : { max_completion_tokens: 4000, ...how, messages, model: MODEL };
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
    [
      one,
      other({ seed: 7 }),
      other(SAMPLES ? { top_p: 0.2 } : { seed: 8 }),
      other({ max_completion_tokens: 300 }),
    ],
    [one, other({ ...THINKING, temperature: undefined }), other({ verbosity: 'low' })],
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
  const request = { model: MODEL, ...AT_ONCE, messages: [], ...fields } as Request;
  return { request: JSON.parse(JSON.stringify(request)), scope: ACME };
}

export function user(content: string): OpenAI.ChatCompletionUserMessageParam {
  return { role: 'user', content };
}
