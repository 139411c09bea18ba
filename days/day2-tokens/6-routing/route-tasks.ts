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

/** Learns from samples of earlier work how to choose. The samples are not the tasks that are going to come. */
export function createRouter(_samples: Sample[], models: Model[]): (task: Task) => Choice {
  const strongest = models.at(-1)?.name ?? '';
  // TODO: the strongest model for everything is right, and dear.
  return () => ({
    models: [strongest],
    threshold: 0,
    imageModel: 'flux-dev',
    rationale: 'the best there is',
  });
}

export interface Hands {
  ask(model: string, task: Task): Promise<string>;
  /** The score of an answer. A judge is a model too, and is paid. */
  judge(model: string, task: Task, answer: string): Promise<number>;
}

/** Does a task as chosen and returns the answer. */
export async function cascade(task: Task, { models }: Choice, { ask }: Hands): Promise<string> {
  return ask(models[0] ?? '', task);
}
