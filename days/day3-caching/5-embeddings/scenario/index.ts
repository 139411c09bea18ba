import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/5-embeddings/embeddings.ts';
import { defineScenario, sum } from '#lib/provider';
import type * as Contract from '../../contracts/embeddings.ts';
import { provider } from '../../provider.ts';
import { createTable, nearest } from './table.ts';
import { BATCH, type Day, daysOf, nightsOf, QUERIES, TABLE, TABLES, TOKENS_A_TABLE } from './texts.ts';

export { dot } from './table.ts';

/** What OpenAI takes in one embedding request, over all inputs. */
const TOKENS_A_REQUEST = 300_000;

/** One call of `embedAll`, with what came back and what the provider says the vectors are. */
export interface Embedded {
  name: string;
  texts: string[];
  options: Contract.EmbedOptions;
  /** As they were handed out. */
  vectors: Float32Array[];
  /** What the provider gives for the texts, or for the first of them. */
  expected: Float32Array[];
}

/** Three days of texts to embed, then four nights of an index that follows its documents. */
export const scenario = defineScenario({
  provider,
  traffic: (random) => ({ days: daysOf(random), nights: nightsOf(random) }),
  async play(subject: typeof Subject, { openai, ledger, traffic }) {
    const kept = new Map<string, Float32Array>();
    const store: Contract.VectorStore = {
      get: async (key) => kept.get(key),
      set: async (key, vector) => void kept.set(key, vector),
    };
    const embedded: Embedded[] = [];
    for (const { name, texts, options } of traffic.days) {
      const vectors = await subject.embedAll(openai, store, texts, options);
      embedded.push({ name, texts, options, vectors: vectors.map((vector) => vector.slice()), expected: [] });
      // What a caller does to its own vectors is nobody else's business.
      for (const vector of vectors) vector.fill(0);
    }
    const calls = ledger.calls.slice();
    // Of the long tables a few will do: they take the provider a while.
    for (const it of embedded)
      it.expected = await vectorsOf(
        openai,
        it.name === 'price tables' ? it.texts.slice(0, 4) : it.texts,
        it.options,
      );

    const table = createTable();
    const searches: { name: string; query: string; found: string[]; wanted: string[] }[] = [];
    const written: { name: string; rows: number; needed: number }[] = [];
    let before = new Map<string, string>();
    for (const { name, documents, options } of traffic.nights) {
      const rowsBefore = table.written;
      await subject.syncIndex(table, documents, (texts, o) => vectorsOf(openai, texts, o), options);
      const now = new Map(documents.map(({ id, text }) => [id, JSON.stringify([options, text])]));
      const needed = [...now].filter(([id, content]) => before.get(id) !== content).length;
      written.push({ name, rows: table.written - rowsBefore, needed });
      before = now;
      const vectors = await vectorsOf(
        openai,
        documents.map(({ text }) => text),
        options,
      );
      const all = documents.map(({ id }, i) => [id, vectors[i] as Float32Array] as const);
      const queries = await vectorsOf(openai, QUERIES, options);
      for (const [i, query] of QUERIES.entries()) {
        const vector = queries[i] as Float32Array;
        searches.push({ name, query, found: nearest(table.rows(), vector), wanted: nearest(all, vector) });
      }
    }
    return { embedded, calls, searches, written };
  },
  readings({ outcome, traffic }) {
    const { calls, written } = outcome.value;
    const distinct = (key: (day: Day, text: string) => string) =>
      new Set(traffic.days.flatMap((day) => day.texts.map((text) => key(day, text)))).size;
    const rows = sum(written.map(({ needed }) => needed));
    return {
      // A vector of fewer dimensions can be cut from a longer one of the same model, so that is the bound.
      'texts embedded': {
        unit: 'count',
        better: 'lower',
        value: sum(calls.map(({ inputs }) => inputs)),
        target: distinct((day, text) => JSON.stringify([day.options.model, day.options.dims, text])),
        limit: distinct((day, text) => JSON.stringify([day.options.model, text])),
      },
      // Cutting shorter vectors from longer ones saves one request.
      requests: {
        unit: 'count',
        better: 'lower',
        value: calls.length,
        target: fewest(traffic.days) + 2,
        limit: fewest(traffic.days) - 1,
      },
      'rows written': {
        unit: 'count',
        better: 'lower',
        value: sum(written.map((it) => it.rows)),
        target: rows,
        limit: rows,
      },
    };
  },
});

/** Requests needed day by day, if each holds as many new texts as it may. */
function fewest(days: readonly Day[]): number {
  const known = new Set<string>();
  return sum(
    days.map(({ texts, options }) => {
      const key = (text: string) => JSON.stringify([options.model, options.dims, text]);
      const fresh = [...new Set(texts)].filter((text) => !known.has(key(text)));
      for (const text of fresh) known.add(key(text));
      const tokens = fresh.filter((text) => text.startsWith(TABLE)).length * TOKENS_A_TABLE;
      return Math.max(Math.ceil(fresh.length / BATCH), Math.ceil(tokens / TOKENS_A_REQUEST));
    }),
  );
}

async function vectorsOf(
  openai: OpenAI,
  texts: readonly string[],
  { model, dims }: Contract.EmbedOptions,
): Promise<Float32Array[]> {
  const found = new Map<string, Float32Array>();
  const distinct = [...new Set(texts)];
  for (let i = 0; i < distinct.length; i += TABLES / 2) {
    const input = distinct.slice(i, i + TABLES / 2);
    const { data } = await openai.embeddings.create({ model, input, dimensions: dims });
    data.forEach(({ embedding }, j) => void found.set(input[j] as string, Float32Array.from(embedding)));
  }
  return texts.map((text) => (found.get(text) as Float32Array).slice());
}
