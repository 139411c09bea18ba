import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/5-embeddings/embeddings.ts';
import { defineScenario, sum } from '#lib/provider';
import type * as Contract from '../../contracts/embeddings.ts';
import { provider } from '../../provider.ts';
import { createTable, nearest } from './table.ts';
import { type Day, daysOf, nightsOf, QUERIES, TABLE, TABLES, TOKENS_A_TABLE } from './texts.ts';

export { dot } from './table.ts';
export { LOOK_ALIKES } from './texts.ts';

/** What OpenAI takes in one embedding request, over all inputs. */
const TOKENS_A_REQUEST = 300_000;
/** A visit to the store. */
const STORE_MS = 1;

/** One call of `embedAll`, with what came back and what the provider says the vectors are. */
export interface Embedded {
  name: string;
  texts: string[];
  options: Contract.EmbedOptions;
  /** As they were handed out. */
  vectors: Float32Array[];
  /** What the provider gives for the texts, or for the first of them. */
  expected: Float32Array[];
  /** How many texts each of its requests held. */
  requests: number[];
  /** Writes to the store that were not over when it had resolved. */
  unwritten: number;
}

/** Three days of texts to embed, then four nights of an index that follows its documents. */
export const scenario = defineScenario({
  provider,
  traffic: (random) => ({ days: daysOf(random), nights: nightsOf(random) }),
  async play(subject: typeof Subject, { clock, openai, ledger, traffic }) {
    const kept = new Map<string, Float32Array>();
    let writes = 0;
    const store: Contract.VectorStore = {
      async get(key) {
        await clock.sleep(STORE_MS);
        return kept.get(key);
      },
      async set(key, vector) {
        writes += 1;
        await clock.sleep(STORE_MS);
        kept.set(key, vector);
        writes -= 1;
      },
    };
    const embedded: Embedded[] = [];
    for (const { name, texts, options } of traffic.days) {
      const from = ledger.calls.length;
      const vectors = await subject.embedAll(openai, store, texts, options);
      const unwritten = writes;
      const requests = ledger.calls.slice(from).map(({ inputs }) => inputs);
      const copies = vectors.map((vector) => vector.slice());
      embedded.push({ name, texts, options, vectors: copies, expected: [], requests, unwritten });
      // What a caller does to its own vectors is nobody else's business.
      for (const vector of vectors) vector.fill(0);
    }
    const [first] = traffic.days as [Day];
    const forNothing = {
      vectors: (await subject.embedAll(openai, store, [], first.options)).length,
      requests: ledger.calls.length - sum(embedded.map(({ requests }) => requests.length)),
    };
    const calls = ledger.calls.slice();
    // Of the long tables a few will do: they take the provider a while.
    for (const it of embedded)
      it.expected = await vectorsOf(
        openai,
        it.name === 'price tables' ? it.texts.slice(0, 4) : it.texts,
        it.options,
      );

    const table = createTable(clock);
    const searches: { name: string; query: string; found: string[]; wanted: string[] }[] = [];
    const written: { name: string; rows: number; embedded: number; needed: number; wrong: string[] }[] = [];
    let before = new Map<string, string>();
    for (const { name, documents, options } of traffic.nights) {
      const rowsBefore = table.written;
      let asked = 0;
      const embed: Contract.Embed = (texts, o) => {
        asked += texts.length;
        return vectorsOf(openai, texts, o);
      };
      await subject.syncIndex(table, documents, embed, options);
      const rows = table.rows();
      const { model, dims } = options;
      const now = new Map(documents.map(({ id, text }) => [id, JSON.stringify([model, dims, text])]));
      const needed = [...now].filter(([id, content]) => before.get(id) !== content).length;
      before = now;
      const vectors = await vectorsOf(
        openai,
        documents.map(({ text }) => text),
        options,
      );
      const all = documents.map(({ id }, i) => [id, vectors[i] as Float32Array] as const);
      const wrong = differing(rows, all);
      written.push({ name, rows: table.written - rowsBefore, embedded: asked, needed, wrong });
      const queries = await vectorsOf(openai, QUERIES, options);
      for (const [i, query] of QUERIES.entries()) {
        const vector = queries[i] as Float32Array;
        searches.push({ name, query, found: nearest(rows, vector), wanted: nearest(all, vector) });
      }
    }
    return { embedded, forNothing, calls, searches, written };
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
      // The same bound for requests: what has to be sent of each list, by what one request may hold.
      requests: {
        unit: 'count',
        better: 'lower',
        value: calls.length,
        target: fewest(traffic.days, ({ model, dims }) => [model, dims]),
        limit: fewest(traffic.days, ({ model }) => [model]),
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

/** Requests needed day by day, if each holds as many new texts as it may; a text is known by what `kindOf` says. */
function fewest(days: readonly Day[], kindOf: (options: Contract.EmbedOptions) => unknown[]): number {
  const known = new Set<string>();
  return sum(
    days.map(({ texts, options }) => {
      const key = (text: string) => JSON.stringify([...kindOf(options), text]);
      const fresh = [...new Set(texts)].filter((text) => !known.has(key(text)));
      for (const text of fresh) known.add(key(text));
      const tokens = fresh.filter((text) => text.startsWith(TABLE)).length * TOKENS_A_TABLE;
      return Math.max(Math.ceil(fresh.length / options.batch), Math.ceil(tokens / TOKENS_A_REQUEST));
    }),
  );
}

/** The ids of rows that one index has and the other has not, or with another vector. */
function differing(rows: Rows, wanted: Rows): string[] {
  const [there, right] = [new Map(rows), new Map(wanted)];
  return [...new Set([...there.keys(), ...right.keys()])].filter((id) => {
    const [a, b] = [there.get(id), right.get(id)];
    return !a || !b || a.length !== b.length || a.some((x, i) => Math.abs(x - (b[i] ?? 0)) > 1e-4);
  });
}

type Rows = (readonly [string, Float32Array])[];

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
