import type { Choice, Model, Sample, Task } from '#course/day2-tokens/contracts/route-tasks.ts';

/** Fills in a table once, one row for each kind; choosing is then looking up. */
export function createRouter(samples: Sample[], models: Model[]): (task: Task) => Choice {
  const names = models.map(({ name }) => name);
  const first = names[0] ?? '';
  const last = names.at(-1) ?? '';
  const table = new Map<string, { direct: string; threshold: number; kept: number; figure: string }>();
  for (const kind of new Set(samples.map((sample) => sample.kind))) {
    const rate = (model: string, from = 0) => {
      const tried = samples.filter((it) => it.kind === kind && it.model === model && it.score >= from);
      const right = tried.filter((it) => it.right).length;
      return { tried: tried.length, right, share: tried.length === 0 ? 0 : right / tried.length };
    };
    const best = rate(last);
    const direct = names.find((name) => rate(name).right >= best.right - 0.02 * best.tried) ?? last;
    let threshold = 0;
    while (threshold < 1 && rate(first, threshold).share < 0.97) threshold += 0.01;
    const kept = rate(first, threshold).tried / rate(first).tried;
    table.set(kind, { direct, threshold, kept, figure: `${rate(direct).right} of ${rate(direct).tried}` });
  }
  return ({ kind, live, picture }) => {
    const row = table.get(kind) ?? { direct: last, threshold: 1, kept: 0, figure: '0 samples' };
    const imageModel = ({ none: null, web: 'flux-schnell', print: 'flux-dev' } as const)[picture];
    const cascaded = !live && row.direct === last && row.kept > 0.3;
    const chosen = cascaded ? [first, last] : [row.direct];
    const rationale = `${chosen.join(', then ')}: ${row.figure} with ${row.direct}, kept ${row.kept.toFixed(2)}`;
    return { models: chosen, threshold: row.threshold, imageModel, rationale };
  };
}

export interface Hands {
  ask(model: string, task: Task): Promise<string>;
  judge(model: string, task: Task, answer: string): Promise<number>;
}

export async function cascade(task: Task, choice: Choice, hands: Hands): Promise<string> {
  const [model = '', ...rest] = choice.models;
  const answer = await hands.ask(model, task);
  if (rest.length === 0 || (await hands.judge(model, task, answer)) >= choice.threshold) return answer;
  return cascade(task, { ...choice, models: rest }, hands);
}
