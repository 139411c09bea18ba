import { type Json, session } from './session.ts';

/**
 * Keeps data beside the figures, from within a check: it goes into the verdict and the file of runs. A later word on a
 * name counts.
 */
export function record(name: string, data: Json): void {
  session().data[name] = data;
}
