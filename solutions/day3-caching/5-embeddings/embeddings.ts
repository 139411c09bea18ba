import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import type { Embed, EmbedOptions, VectorStore } from '#course/day3-caching/contracts/embeddings.ts';

/** What one request may hold, and a bound on what a text makes of it: no text here makes more than two tokens of three characters. */
const TOKENS_A_REQUEST = 300_000;
const CHARACTERS_A_TOKEN = 1.5;

/** Unit vectors (norm 1), one for each text, in the order of the texts. */
export async function embedAll(
  client: OpenAI,
  store: VectorStore,
  texts: readonly string[],
  { model, dims, batch }: EmbedOptions,
): Promise<Float32Array[]> {
  const keyOf = (text: string) => hash([model, dims, text]);
  const found = new Map<string, Float32Array>();
  const unknown: string[] = [];
  for (const text of new Set(texts)) {
    const vector = await store.get(keyOf(text));
    if (vector) found.set(text, vector);
    else unknown.push(text);
  }
  for (const input of requests(unknown, batch)) {
    const { data } = await client.embeddings.create({ model, input, dimensions: dims });
    for (const { index, embedding } of data) {
      const text = input[index] as string;
      const vector = Float32Array.from(embedding);
      found.set(text, vector);
      await store.set(keyOf(text), vector);
    }
  }
  return texts.map((text) => (found.get(text) as Float32Array).slice());
}

/** The texts in lists that one request each may hold. */
function requests(texts: readonly string[], batch: number): string[][] {
  const lists: string[][] = [];
  let tokens = 0;
  for (const text of texts) {
    const more = Math.ceil(text.length / CHARACTERS_A_TOKEN);
    const last = lists.at(-1);
    if (last && last.length < batch && tokens + more <= TOKENS_A_REQUEST) {
      last.push(text);
      tokens += more;
    } else {
      lists.push([text]);
      tokens = more;
    }
  }
  return lists;
}

function hash(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

export interface Row {
  id: string;
  /** Yours: whatever tells you later that the row is still right. */
  mark: string;
  vector: Float32Array;
}

/** The vector index, as a table of pgvector or a collection of Redis: writing a row costs, looking at marks does not. */
export interface VectorTable {
  marks(): Promise<Map<string, string>>;
  upsert(rows: readonly Row[]): Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
}

/** Brings the index to exactly these documents, embedded with these options. */
export async function syncIndex(
  table: VectorTable,
  documents: readonly { id: string; text: string }[],
  embed: Embed,
  options: EmbedOptions,
): Promise<void> {
  const marks = await table.marks();
  const markOf = (text: string) => hash([options.model, options.dims, text]);
  const wanted = new Set(documents.map(({ id }) => id));
  await table.remove([...marks.keys()].filter((id) => !wanted.has(id)));
  const changed = documents.filter(({ id, text }) => marks.get(id) !== markOf(text));
  const vectors = await embed(
    changed.map(({ text }) => text),
    options,
  );
  await table.upsert(
    changed.map(({ id, text }, i) => ({ id, mark: markOf(text), vector: vectors[i] as Float32Array })),
  );
}
