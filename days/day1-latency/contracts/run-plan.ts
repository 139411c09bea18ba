/** Results of steps, by name. */
export type Parts = Record<string, unknown>;

export interface Step {
  /** Steps whose results `run` is given. A plan lists every step after those that it names. */
  needs: string[];
  run(inputs: Parts, signal: AbortSignal): Promise<unknown>;
  /** The part is only wanted if the result of that step says so. Its work may start before that is known. */
  onlyIf?: { step: string; says(result: unknown): boolean };
}

export interface PlanOptions {
  /** Parts without which there is no page. A step that these need is as important. */
  critical: string[];
  /** Shows what there is: first when all critical parts are there, then again with each part that comes later. */
  onPartial(parts: Parts): void;
  /** Aborted when the user leaves. */
  signal?: AbortSignal;
}
