import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import type { Embed, EmbedOptions, VectorStore } from '#course/day3-caching/contracts/embeddings.ts';

/** Lists of texts that one request each may hold: a generator, which knows only the list that it is filling. */
function* filled(texts: Iterable<string>, batch: number): Generator<string[]> {
  let list: string[] = [];
  let room = 300_000;
  for (const text of texts) {
    const tokens = Math.ceil((2 * text.length) / 3);
    if (list.length > 0 && (list.length >= batch || tokens > room)) {
      yield list;
      [list, room] = [[], 300_000];
    }
    list.push(text);
    room -= tokens;
  }
  if (list.length > 0) yield list;
}

/** Unit vectors (norm 1), one for each text, in the order of the texts. */
export async function embedAll(
  client: OpenAI,
  store: VectorStore,
  texts: readonly string[],
  { model, dims, batch }: EmbedOptions,
): Promise<Float32Array[]> {
  const digest = (text: string) => createHash('sha1').update(`${model}\0${dims}\0${text}`).digest('hex');
  const keys = texts.map(digest);
  const byKey = new Map<string, Float32Array>();
  const missing = new Map<string, string>();
  for (const [i, key] of keys.entries()) {
    if (byKey.has(key) || missing.has(key)) continue;
    const vector = await store.get(key);
    if (vector) byKey.set(key, vector);
    else missing.set(key, texts[i] as string);
  }
  for (const input of filled(missing.values(), batch)) {
    const answer = await client.embeddings.create({ model, dimensions: dims, input });
    for (const { embedding, index } of answer.data) {
      const key = digest(input[index] as string);
      const norm = Math.hypot(...embedding);
      byKey.set(
        key,
        Float32Array.from(embedding, (x) => x / norm),
      );
    }
  }
  for (const key of missing.keys()) await store.set(key, (byKey.get(key) as Float32Array).slice());
  return keys.map((key) => Float32Array.from(byKey.get(key) as Float32Array));
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

/** Writes row by row of what has to be written, and removes last, so that a search is never left with too little. */
export async function syncIndex(
  table: VectorTable,
  documents: readonly { id: string; text: string }[],
  embed: Embed,
  options: EmbedOptions,
): Promise<void> {
  const marks = await table.marks();
  for (const { id, text } of documents) {
    const mark = createHash('md5')
      .update(JSON.stringify({ m: options.model, d: options.dims, text }))
      .digest('hex');
    const isRight = marks.get(id) === mark;
    marks.delete(id);
    if (isRight) continue;
    const [vector] = await embed([text], options);
    if (vector) await table.upsert([{ id, mark, vector }]);
  }
  for (const id of marks.keys()) await table.remove([id]);
}
