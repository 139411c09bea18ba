import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import type { Embed, EmbedOptions, VectorStore } from '#course/day3-caching/contracts/embeddings.ts';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Keeps the longest vector of each text and model and cuts shorter ones from it: the text-embedding-3 models are trained
 * for that. A request is closed when the next text would make it too large.
 */
export async function embedAll(
  client: OpenAI,
  store: VectorStore,
  texts: readonly string[],
  { model, dims, batch }: EmbedOptions,
): Promise<Float32Array[]> {
  const slots = new Map<string, number[]>();
  for (const [i, text] of texts.entries()) slots.set(text, [...(slots.get(text) ?? []), i]);
  const result: Float32Array[] = [];
  const place = (text: string, vector: ArrayLike<number>) => {
    for (const i of slots.get(text) ?? []) result[i] = shortened(vector, dims);
  };
  const open: string[] = [];
  let bytes = 0;
  const send = async () => {
    const input = open.splice(0);
    bytes = 0;
    if (input.length === 0) return;
    const { data } = await client.embeddings.create({ model, input, dimensions: Math.max(dims, 256) });
    for (const [i, text] of input.entries()) {
      const vector = Float32Array.from(data[i]?.embedding ?? []);
      await store.set(`${model} ${sha(text)}`, vector);
      place(text, vector);
    }
  };
  for (const text of slots.keys()) {
    const known = await store.get(`${model} ${sha(text)}`);
    if (known && known.length >= dims) {
      place(text, known);
      continue;
    }
    if (open.length === batch || bytes + text.length > 450_000) await send();
    open.push(text);
    bytes += text.length;
  }
  await send();
  return result;
}

function shortened(vector: ArrayLike<number>, dims: number): Float32Array {
  const cut = Float32Array.from(vector).slice(0, dims);
  const length = Math.hypot(...cut);
  return cut.map((value) => value / length);
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

/** Compares what is there with what should be, row by row. */
export async function syncIndex(
  table: VectorTable,
  documents: readonly { id: string; text: string }[],
  embed: Embed,
  options: EmbedOptions,
): Promise<void> {
  const leftOver = await table.marks();
  const stale: { id: string; text: string; mark: string }[] = [];
  for (const { id, text } of documents) {
    const mark = `${options.model}/${options.dims}/${sha(text)}`;
    if (leftOver.get(id) !== mark) stale.push({ id, text, mark });
    leftOver.delete(id);
  }
  await table.remove([...leftOver.keys()]);
  for (let i = 0; i < stale.length; i += options.batch) {
    const part = stale.slice(i, i + options.batch);
    const texts = part.map(({ text }) => text);
    const vectors = await embed(texts, options);
    await table.upsert(part.map(({ id, mark }, j) => ({ id, mark, vector: vectors[j] as Float32Array })));
  }
}
