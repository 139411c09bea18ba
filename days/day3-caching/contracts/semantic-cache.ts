export interface Query {
  tenant: string;
  user: string;
  model: string;
  system: string;
  /** What the user said before in this conversation. */
  earlier: string[];
  text: string;
}

export interface Answer {
  text: string;
  /** Made from the user's own data: true for nobody else. */
  personal?: boolean;
}

/** A question and its nearest neighbour in the calibration set: how alike, and whether they have the same answer. */
export interface Pair {
  question: string;
  neighbour: string;
  similarity: number;
  same: boolean;
}

/** Unit vectors (norm 1). */
export type Embed = (texts: string[]) => Promise<Float32Array[]>;
