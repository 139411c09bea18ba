/** A piece of work. `live`: somebody waits for it. `picture`: what is to be drawn for it, if anything. */
export interface Task {
  id: string;
  kind: string;
  text: string;
  live: boolean;
  picture: 'none' | 'web' | 'print';
}

/** A text model, from cheap to expensive. */
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

export interface Hands {
  ask(model: string, task: Task): Promise<string>;
  /** The score of an answer. A judge is a model too, and is paid. */
  judge(model: string, task: Task, answer: string): Promise<number>;
}
