import type { Choice, Hands, Model, Sample, Task } from '#course/day2-tokens/contracts/route-tasks.ts';

interface Plan {
  models: string[];
  threshold: number;
  right: number;
  cost: number;
}

/** Tries every pair and every threshold on the samples of a kind, and takes the cheapest that loses at most 2 points. */
export function createRouter(samples: Sample[], models: Model[]): (task: Task) => Choice {
  const PICTURES = { none: null, web: 'flux-schnell', print: 'flux-dev' } as const;
  const strong = models.at(-1) as Model;
  const plans = new Map<string, Plan>();
  const share = (own: Sample[]) => own.filter(({ right }) => right).length / own.length;
  function planFor(kind: string, live: boolean): Plan {
    const key = kind + live;
    const known = plans.get(key);
    if (known) return known;
    const of = (model: Model) => samples.filter((s) => s.kind === kind && s.model === model.name);
    const strongOnes = of(strong);
    const fallback: Plan = {
      models: [strong.name],
      threshold: 0,
      right: strongOnes.length ? share(strongOnes) : 1,
      cost: strong.microUsd,
    };
    const options: Plan[] = [fallback];
    for (const model of models.slice(0, -1)) {
      const own = of(model);
      if (own.length === 0) continue;
      options.push({ models: [model.name], threshold: 0, right: share(own), cost: model.microUsd });
      if (live) continue;
      for (let threshold = 0.05; threshold < 1; threshold += 0.05) {
        const passed = own.filter((s) => s.score >= threshold);
        const rest = own.length - passed.length;
        const right = (passed.filter((s) => s.right).length + rest * fallback.right) / own.length;
        options.push({
          models: [model.name, strong.name],
          threshold,
          right,
          cost: 2 * model.microUsd + (rest / own.length) * strong.microUsd,
        });
      }
    }
    const best =
      options.filter((o) => o.right >= fallback.right - 0.015).sort((a, b) => a.cost - b.cost)[0] ?? fallback;
    plans.set(key, best);
    return best;
  }
  return (task) => {
    const { models: names, threshold, right } = planFor(task.kind, task.live);
    return {
      models: names,
      threshold,
      imageModel: PICTURES[task.picture],
      rationale: `${names.join(', then ')} (${right.toFixed(3)} right)`,
    };
  };
}

export async function cascade(
  task: Task,
  { models, threshold }: Choice,
  { ask, judge }: Hands,
): Promise<string> {
  let answer = '';
  for (const [i, model] of models.entries()) {
    answer = await ask(model, task);
    if (i === models.length - 1 || (await judge(model, task, answer)) >= threshold) break;
  }
  return answer;
}
