import type { Choice, Hands, Model, Sample, Task } from '#course/day2-tokens/contracts/route-tasks.ts';

/** Learns from samples of earlier work how to choose. The samples are not the tasks that are going to come. */
export function createRouter(samples: Sample[], models: Model[]): (task: Task) => Choice {
  const [cheapest, strongest] = [models[0] as Model, models.at(-1) as Model];
  const of = (kind: string, model: string) => samples.filter((it) => it.kind === kind && it.model === model);
  return ({ kind, live, picture }) => {
    const imageModel = picture === 'none' ? null : picture === 'print' ? 'flux-dev' : 'flux-schnell';
    const best = share(of(kind, strongest.name));
    const enough = models.find((model) => share(of(kind, model.name)) >= best - TOLERANCE) ?? strongest;
    const threshold = lowestSafe(of(kind, cheapest.name));
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

/** Of no samples no share is right, and nothing compares with it: such a kind goes to the strongest. */
function share(samples: Sample[]): number {
  return samples.filter(({ right }) => right).length / samples.length;
}

/** The lowest score above which 97 of 100 answers were right. */
function lowestSafe(samples: Sample[]): number {
  const scores = samples.map(({ score }) => score);
  const safe = scores.filter((at) => share(samples.filter(({ score }) => score >= at)) >= 0.97);
  return Math.min(1, ...safe);
}

function percent(part: number): string {
  return part.toLocaleString('en', { style: 'percent' });
}

/** Does a task as chosen and returns the answer. */
export async function cascade(
  task: Task,
  { models, threshold }: Choice,
  { ask, judge }: Hands,
): Promise<string> {
  const [first = '', second] = models;
  const answer = await ask(first, task);
  if (second === undefined || (await judge(first, task, answer)) >= threshold) return answer;
  return ask(second, task);
}
