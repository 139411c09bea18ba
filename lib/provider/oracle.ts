import { findModel } from './models.ts';
import { randomFor } from './random.ts';
import { textOf } from './tokens.ts';
import type { AnswerRequest, WriteAnswer } from './written.ts';

/** One question whose right answer is known. */
export interface OracleTask {
  /** Occurs in the request, so that the task is recognised however its prompt was rewritten. */
  id: string;
  /** What a right answer says. */
  answer: string;
  /** What a wrong one says instead. Default: a sentence that admits it. */
  wrong?: string;
  /** From 0, which every model can, to 1, which hardly any can. */
  difficulty: number;
  /**
   * From 0 to 1: a model solves the task if its chance is above. Drawn where left out; a scenario spreads it evenly over the
   * tasks of a kind where no verdict may hang on luck.
   */
  luck?: number;
  /** Texts that must all be in the request; without one the answer is wrong. */
  facts?: readonly string[];
}

/** Answers tasks as models do: by their skill, and only from what the prompt still says. */
export interface Oracle {
  /** For `answer` of a scenario. Requests without a known task get undefined, so a default answer. */
  answer: WriteAnswer;
  /** True if the text answers the task rightly. */
  isRight(id: string, text: string): boolean;
  /** Share of the given answers that are right. */
  quality(answers: Iterable<readonly [id: string, text: string]>): number;
  /** Whether a model gets a task right when no fact is missing. */
  solves(model: string, id: string, seed: number): boolean;
}

export interface OracleOptions {
  /** Several tasks in one request: share of them that the answer leaves out. Default 0.03 for each further task, at most 0.3. */
  dropShare?: number;
  /** Share that is answered twice. Default 0.01. */
  repeatShare?: number;
}

/** How sharply the chance of a right answer falls around a model's skill. */
const SLOPE = 0.08;

/** Asked for several tasks at once, a model is a little worse at each. */
const CROWD_PENALTY = 0.01;

export function createOracle(tasks: readonly OracleTask[], options: OracleOptions = {}): Oracle {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const known = [...byId.values()].sort((a, b) => b.id.length - a.id.length);

  const isRight = (id: string, text: string) => {
    const task = byId.get(id);
    if (!task) throw new Error(`The oracle has no task "${id}".`);
    return plain(text).includes(plain(task.answer));
  };

  return {
    isRight,
    quality(answers) {
      const verdicts = [...answers].map(([id, text]) => isRight(id, text));
      return verdicts.filter(Boolean).length / Math.max(1, verdicts.length);
    },
    solves: (model, id, seed) => {
      const task = byId.get(id);
      return task !== undefined && draw(task, seed) < chance(model, task.difficulty, 1);
    },
    answer(request) {
      const text = request.messages.map((message) => textOf(message.content)).join('\n');
      const asked = askedFor(known, request.prompt);
      if (asked.length === 0) return undefined;
      const says = (task: OracleTask) => answerOne(task, request, text, asked.length);
      const [only] = asked;
      if (asked.length === 1 && only && !request.schema) return says(only);
      return answerMany(asked, says, request, options);
    },
  };
}

/** The tasks in a prompt, in the order in which they occur. A task's id inside a longer id does not count. */
function askedFor(known: readonly OracleTask[], prompt: string): OracleTask[] {
  let rest = prompt;
  const found = known.flatMap((task) => {
    const at = rest.indexOf(task.id);
    if (at < 0) return [];
    rest = rest.split(task.id).join('\u0000'.repeat(task.id.length));
    return [{ task, at }];
  });
  return found.sort((a, b) => a.at - b.at).map(({ task }) => task);
}

function answerOne(task: OracleTask, request: AnswerRequest, text: string, together: number): string {
  const { facts = [], wrong = `I am not sure about ${task.id}.` } = task;
  const spaced = plain(text);
  const informed = facts.every((fact) => spaced.includes(plain(fact)));
  const able = draw(task, request.seed) < chance(request.model, task.difficulty, together);
  return informed && able ? task.answer : wrong;
}

/** One draw for each task, the same for all models: what a weaker model solves, a stronger one does too. */
function draw(task: OracleTask, seed: number): number {
  return task.luck ?? randomFor(seed, 'oracle', task.id).next();
}

function chance(model: string, difficulty: number, together: number): number {
  const known = findModel(model);
  if (!known) throw new Error(`The oracle knows no model "${model}".`);
  const skill = known.skill - CROWD_PENALTY * (together - 1);
  return 1 / (1 + Math.exp((difficulty - skill) / SLOPE));
}

/** Several answers under their ids: as JSON where a schema was asked for, else a line each. Some go missing. */
function answerMany(
  asked: readonly OracleTask[],
  says: (task: OracleTask) => string,
  { random, schema }: AnswerRequest,
  { dropShare = Math.min(0.3, 0.03 * (asked.length - 1)), repeatShare = 0.01 }: OracleOptions,
): string {
  const several = asked.length > 1;
  const kept = asked.filter(() => !several || random.next() >= dropShare);
  const repeated = kept.flatMap((task) => (several && random.next() < repeatShare ? [task, task] : [task]));
  const order = several && random.next() < 0.3 ? random.shuffle(repeated) : repeated;
  const results = order.map((task) => ({ id: task.id, answer: says(task) }));
  if (!schema) return results.map(({ id, answer }) => `${id}: ${answer}`).join('\n');
  // The first list in the schema takes the results; a schema without one takes the first answer.
  const properties = Object.entries((schema.properties ?? {}) as Record<string, { type?: string }>);
  const list = properties.find(([, property]) => property.type === 'array')?.[0];
  if (list) return JSON.stringify({ [list]: results });
  const [first] = properties.find(([, property]) => property.type === 'string') ?? ['answer'];
  return JSON.stringify({
    ...Object.fromEntries(properties.map(([key]) => [key, null])),
    [first]: results[0]?.answer,
  });
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim().toLowerCase();
}
