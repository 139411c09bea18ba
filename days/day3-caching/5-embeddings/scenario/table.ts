import type * as Subject from '#days/day3-caching/5-embeddings/embeddings.ts';
import type { World } from '#lib/provider';

const NEAREST = 5;
/** A visit to the database. What it changes is changed when it is over. */
const VISIT_MS = 2;

export function createTable(clock: Pick<World<unknown>['clock'], 'sleep'>) {
  const rows = new Map<string, Subject.Row>();
  return {
    written: 0,
    rows: () => [...rows.values()].map(({ id, vector }) => [id, vector] as const),
    async marks() {
      await clock.sleep(VISIT_MS);
      return new Map([...rows.values()].map(({ id, mark }) => [id, mark]));
    },
    async upsert(added: readonly Subject.Row[]) {
      await clock.sleep(VISIT_MS);
      this.written += added.length;
      for (const { id, mark, vector } of added) rows.set(id, { id, mark, vector: vector.slice() });
    },
    async remove(ids: readonly string[]) {
      await clock.sleep(3 * VISIT_MS);
      for (const id of ids) rows.delete(id);
    },
  };
}

/** Brute force: the ids of the rows whose vectors are closest. */
export function nearest(rows: readonly (readonly [string, Float32Array])[], query: Float32Array): string[] {
  const scored = rows.map(([id, vector]) => ({ id, score: dot(vector, query) }));
  return scored
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    .slice(0, NEAREST)
    .map(({ id }) => id);
}

export function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((total, value, i) => total + value * (b[i] ?? 0), 0);
}
