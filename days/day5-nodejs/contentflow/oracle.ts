import { createOracle, type Oracle, type OracleTask, type Random, randomFor } from '#lib/provider';
import { textOf } from '#lib/provider/tokens.ts';
import { INTENTS } from '../../day3-caching/corpus.ts';
import type { Segment } from '../contracts/assistant.ts';
import { type Code, codeIn, codeOf, TENANTS } from './texts.ts';
import { DIFFICULTY, type Task } from './traffic.ts';

/** The models of a day as they answer its tasks, and what came of an answer. */
export interface DayOracle {
  answer: Oracle['answer'];
  /** Whether a model is able to do the task, given all that it needs. */
  solves(model: string, task: Task, seed: number): boolean;
}

/** An id of a request in a text. Questions of the help page have none. */
export const ID = /\b[ADET]\d{5}\b/g;

/** Answers from what the prompt says, as well as the model can. */
export function createDayOracle(tasks: readonly Task[]): DayOracle {
  const byId = new Map(tasks.map((task) => [task.request.id, taskOf(task)]));
  const help = createOracle(TENANTS.flatMap((tenant) => INTENTS.map((_, topic) => helpTask(tenant, topic))));
  const others = createOracle([...byId.values()]);
  return {
    solves: (model, { request, topic }, seed) =>
      topic === undefined
        ? others.solves(model, request.id, seed)
        : help.solves(model, helpTask(request.tenant, topic).id, seed),
    answer(asked) {
      const ids = new Set(asked.prompt.match(ID) ?? []);
      const found = [...ids].flatMap((id) => byId.get(id) ?? []);
      if (found.length > 0) return createOracle(found).answer(asked);
      const topic = topicIn(asked.prompt);
      if (topic === undefined) return undefined;
      const text = asked.messages.map(({ content }) => textOf(content)).join('\n');
      const code = codeUnder(text, topic);
      const able =
        code && help.solves(asked.model, helpTask(codeIn(code)?.tenant ?? '', topic).id, asked.seed);
      return able ? helpAnswer(code, asked.random) : 'I am not sure which entry of the help page you mean.';
    },
  };
}

/** The right answer in full. */
export function rightText(task: Task): string {
  if (task.topic === undefined) return taskOf(task).answer;
  return helpAnswer(codeOf(task.request.tenant, 1, task.topic), randomFor('any'));
}

/** The text of a help answer names the entry, and by its reference which of several answers it is. */
function helpAnswer(code: string, random: Random): string {
  return `Entry ${code} of the help page is yours. It takes about two minutes. (ref ${random.int(1e6)})`;
}

/** What a help answer was made from and which answer it is; undefined for any other text. */
export function helpSource(text: string): { code: Code | undefined; ref: string } | undefined {
  const ref = /\(ref (\d+)\)/.exec(text)?.[1];
  return ref === undefined ? undefined : { code: codeIn(text), ref };
}

/** Answers have the length that they have at work: an expert's takes long to write. */
function taskOf({ request, answer, facts }: Task): OracleTask {
  const { id, segment } = request;
  return {
    id,
    facts,
    difficulty: DIFFICULTY[segment],
    answer: SAID[segment](answer),
    wrong: SAID[segment](segment === 'tagging' ? 'tag unknown' : 'not stated'),
  };
}

const SAID: Record<Segment, (answer: string) => string> = {
  faq: (answer) => answer,
  account: (answer) => `For you it is ${answer}, by the terms of your contract.`,
  document: (answer) => `They weigh ${answer}, without the box.`,
  expert: (answer) =>
    `I would follow ${answer}: order early and in three parts, hold a tenth back until the index is known, let the ` +
    'longer term go, and look at it again when the first bundle has come in.',
  tagging: (answer) => answer,
};

/** The chance of a right help answer depends on tenant and topic, not on the wording. */
function helpTask(tenant: string, topic: number): OracleTask {
  return { id: `${tenant} topic ${topic}`, answer: '', difficulty: DIFFICULTY.faq };
}

/** The entry that a help page in the prompt gives for the topic. */
function codeUnder(text: string, topic: number): string | undefined {
  const line = `\n- ${INTENTS[topic]?.id}: entry `;
  const at = text.indexOf(line);
  return at < 0 ? undefined : /^\S+/.exec(text.slice(at + line.length))?.[0];
}

const topics = new Map<string, number>();

/** The topic of the question in a prompt, which is a line of it, or stands somewhere in it. */
function topicIn(prompt: string): number | undefined {
  if (topics.size === 0)
    for (const [topic, { questions }] of INTENTS.entries())
      for (const question of questions) topics.set(bare(question), topic);
  for (const line of prompt.split('\n').toReversed()) {
    const known = topics.get(bare(line));
    if (known !== undefined) return known;
  }
  const plain = bare(prompt);
  const within = [...topics.keys()].filter((question) => plain.includes(question));
  return topics.get(within.sort((a, b) => b.length - a.length)[0] ?? '');
}

function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[?.!\s]+$/, '')
    .trim();
}
