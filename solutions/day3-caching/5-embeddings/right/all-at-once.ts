import type OpenAI from 'openai';
import type { Embed, EmbedOptions, VectorStore } from '#course/day3-caching/contracts/embeddings.ts';

/** Gathers texts until the next one would not fit, then asks for all of them. */
class Request {
  static readonly most = 300_000;
  readonly texts: string[] = [];
  #tokens = 0;
  readonly #batch: number;

  constructor(batch: number) {
    this.#batch = batch;
  }

  /** Whether the text has found a place. */
  takes(text: string): boolean {
    const tokens = (text.length / 3) * 2;
    if (this.texts.length === this.#batch || (this.texts.length > 0 && this.#tokens + tokens > Request.most))
      return false;
    this.texts.push(text);
    this.#tokens += tokens;
    return true;
  }
}

/** Unit vectors (norm 1), one for each text, in the order of the texts. */
export function embedAll(
  client: OpenAI,
  store: VectorStore,
  texts: readonly string[],
  options: EmbedOptions,
): Promise<Float32Array[]> {
  const { model, dims, batch } = options;
  const distinct = texts.filter((text, i) => texts.indexOf(text) === i);
  const keyed = (text: string) => `${encodeURIComponent(model)}/${dims}/${text}`;
  const ask = ({ texts: input }: Request): Promise<[string, Float32Array][]> =>
    client.embeddings.create({ model, input, dimensions: dims, encoding_format: 'float' }).then(({ data }) =>
      Promise.all(
        data.map(async ({ embedding }, i): Promise<[string, Float32Array]> => {
          const text = input[i] as string;
          const vector = new Float32Array(embedding);
          await store.set(keyed(text), vector);
          return [text, vector];
        }),
      ),
    );
  return Promise.all(distinct.map(async (text) => [text, await store.get(keyed(text))] as const))
    .then((looked) => {
      const known = looked.flatMap(([text, vector]) => (vector ? [[text, vector] as const] : []));
      const requests: Request[] = [];
      for (const [text, vector] of looked) {
        if (vector || requests.at(-1)?.takes(text)) continue;
        const next = new Request(batch);
        next.takes(text);
        requests.push(next);
      }
      return Promise.all(requests.map(ask)).then((fresh) => new Map([...known, ...fresh.flat()]));
    })
    .then((all) => texts.map((text) => new Float32Array(all.get(text) ?? [])));
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

/** The mark is the content itself: nothing has to be hashed, and nothing can collide. */
export async function syncIndex(
  table: VectorTable,
  documents: readonly { id: string; text: string }[],
  embed: Embed,
  options: EmbedOptions,
): Promise<void> {
  const before = await table.marks();
  const after = new Map(
    documents.map(({ id, text }) => [id, { text, mark: [options.model, options.dims, text].join('\n') }]),
  );
  const gone = [...before.keys()].filter((id) => !after.has(id));
  const changed = [...after].filter(([id, { mark }]) => before.get(id) !== mark);
  const write = async () => {
    if (changed.length === 0) return;
    const vectors = await embed(
      changed.map(([, { text }]) => text),
      options,
    );
    await table.upsert(
      changed.flatMap(([id, { mark }], i) => {
        const vector = vectors[i];
        return vector ? [{ id, mark, vector }] : [];
      }),
    );
  };
  await Promise.all([gone.length > 0 ? table.remove(gone) : undefined, write()]);
}
