import type OpenAI from 'openai';

/** Where vectors are kept. It hands out the very arrays that it was given. */
export interface VectorStore {
  get(key: string): Promise<Float32Array | undefined>;
  set(key: string, vector: Float32Array): Promise<void>;
}

export interface EmbedOptions {
  model: string;
  /** How many numbers a vector is to have. */
  dims: number;
  /** Most texts for one request. */
  batch: number;
}

/** Unit vectors (norm 1), one for each text, in the order of the texts. */
export async function embedAll(
  client: OpenAI,
  store: VectorStore,
  texts: readonly string[],
  { model, dims }: EmbedOptions,
): Promise<Float32Array[]> {
  void store; // TODO: one request for each text, each time anew, also for a text that comes ten times.
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

export type Embed = (texts: readonly string[], options: EmbedOptions) => Promise<Float32Array[]>;

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
