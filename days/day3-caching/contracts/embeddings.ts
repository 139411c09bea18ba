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

export type Embed = (texts: readonly string[], options: EmbedOptions) => Promise<Float32Array[]>;
