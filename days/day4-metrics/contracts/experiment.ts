export type Arm = 'control' | 'treatment';

/** One request of a user. */
export interface Observation {
  costMicroUsd: number;
  /** Whether the answer was good. */
  good: boolean;
}

/** `ship`: the treatment is cheaper. `drop`: it is dearer. `stop`: it does harm. `keep`: no difference by the end. */
export type Decision = 'running' | 'ship' | 'drop' | 'stop' | 'keep';

/** Each setting is a level from 0 to 5. */
export type Settings = [cache: number, batch: number, routing: number];

export interface Trial {
  cost: number;
  quality: number;
}
