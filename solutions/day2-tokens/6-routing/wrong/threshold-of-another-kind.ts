/** A piece of work. `live`: somebody waits for it. `picture`: what is to be drawn for it, if anything. */
export interface Task {
  id: string;
  kind: string;
  text: string;
  live: boolean;
  picture: 'none' | 'web' | 'print';
}

/** A text model, from cheap to dear. */
export interface Model {
  name: string;
  /** Mean price of a task. */
  microUsd: number;
}

/** What a model made of a task whose right answer is known, and what the cheap judge thought of it, 0 to 1. */
export interface Sample {
  kind: string;
  model: string;
  right: boolean;
  score: number;
}

export interface Choice {
  /** Asked in turn until the judge is content with an answer; the last one's answer stands. */
  models: string[];
  /** An answer with a lower score goes on to the next model. */
  threshold: number;
  imageModel: 'flux-schnell' | 'flux-dev' | null;
  /** For the log: which models, and the figure that speaks for them. */
  rationale: string;
}

export const rejectedBy = 'is nearly as good in every kind of task';

/** Chooses the threshold on tags and applies it to everything. */
export function createRouter(samples: Sample[], models: Model[]): (task: Task) => Choice {
  const [cheapest, strongest] = [models[0], models.at(-1)];
  const of = (kind: string, model: string) => samples.filter((it) => it.kind === kind && it.model === model);
  return ({ kind, live, picture }) => {
    const imageModel = picture === 'none' ? null : picture === 'print' ? 'flux-dev' : 'flux-schnell';
    if (!cheapest || !strongest) return { models: [], threshold: 0, imageModel, rationale: 'no models' };
    const best = share(of(kind, strongest.name));
    const enough = models.find((model) => share(of(kind, model.name)) >= best - TOLERANCE) ?? strongest;
    const threshold = lowestSafe(of('tag', cheapest.name));
    const passed = of(kind, cheapest.name).filter(({ score }) => score >= threshold).length;
    const kept = passed / of(kind, cheapest.name).length;
    // The judge and the first answer have to cost less than what is saved where they are good enough.
    const tried = 2 * cheapest.microUsd + (1 - kept) * strongest.microUsd;
    if (!live && tried < enough.microUsd) {
      const rationale = `${cheapest.name} keeps ${percent(kept)} of ${kind}, the rest goes to ${strongest.name}`;
      return { models: [cheapest.name, strongest.name], threshold, imageModel, rationale };
    }
    const rationale = `${enough.name} gets ${percent(share(of(kind, enough.name)))} of ${kind} right, ${percent(best)} is the best`;
    return { models: [enough.name], threshold: 0, imageModel, rationale };
  };
}

/** How many points a model may be behind the strongest on the samples of a kind. */
const TOLERANCE = 0.03;

function share(samples: Sample[]): number {
  return samples.filter(({ right }) => right).length / Math.max(1, samples.length);
}

/** The lowest score above which 97 of 100 answers were right. */
function lowestSafe(samples: Sample[]): number {
  const scores = samples.map(({ score }) => score).sort((a, b) => a - b);
  const safe = scores.find((at) => share(samples.filter(({ score }) => score >= at)) >= 0.97);
  return safe ?? 1;
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

export interface Hands {
  ask(model: string, task: Task): Promise<string>;
  /** The score of an answer. A judge is a model too, and is paid. */
  judge(model: string, task: Task, answer: string): Promise<number>;
}

/** Does a task as chosen and returns the answer. */
export async function cascade(
  task: Task,
  { models, threshold }: Choice,
  { ask, judge }: Hands,
): Promise<string> {
  const [first = '', ...others] = models;
  let answer = await ask(first, task);
  for (const next of others) {
    if ((await judge(first, task, answer)) >= threshold) break;
    answer = await ask(next, task);
  }
  return answer;
}
