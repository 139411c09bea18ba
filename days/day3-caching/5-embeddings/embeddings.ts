import type OpenAI from 'openai';
import type { Embed, EmbedOptions, VectorStore } from '#course/day3-caching/contracts/embeddings.ts';

/** Unit vectors (norm 1), one for each text, in the order of the texts. */
export async function embedAll(
  client: OpenAI,
  store: VectorStore,
  texts: readonly string[],
  { model, dims }: EmbedOptions,
): Promise<Float32Array[]> {
  void store; // TODO: one request for each text, each time anew.
  const vectors: Float32Array[] = [];
  for (const input of texts) {
    const { data } = await client.embeddings.create({ model, input, dimensions: dims });
    vectors.push(Float32Array.from(data[0]?.embedding ?? []));
  }
  return vectors;
}

/** `mark` is yours: whatever tells you later that the row is still right. */
export type Row = { id: string; mark: string; vector: Float32Array };

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
  await table.remove([...(await table.marks()).keys()]);
  const texts = documents.map(({ text }) => text);
  const vectors = await embed(texts, options);
  await table.upsert(documents.map(({ id }, i) => ({ id, mark: '', vector: vectors[i] as Float32Array })));
}
