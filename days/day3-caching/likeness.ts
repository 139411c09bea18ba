import type OpenAI from 'openai';
import { modelFor, type Random } from '#lib/provider';
import type { Pair } from './contracts/semantic-cache.ts';
import type { Intent } from './corpus.ts';

const MODEL = modelFor('embedder');
const DIMENSIONS = 256;
/** Questions in one call: below the vendor's limits of 2,048 texts and 300,000 tokens. */
const MOST_INPUTS = 1000;

/** A part of the calibration questions that is stored, and the others, which ask. */
export interface Round {
  stored: Labelled[];
  asking: Labelled[];
}

interface Labelled {
  id: string;
  question: string;
}

/** The vectors of a list of questions, and how alike these are. Both are reckoned once. */
export function createLikeness(list: readonly string[]) {
  const questions = [...new Set(list)];
  const vectors = new Map<string, Float32Array>();
  const alike = new Map<string, Map<string, number>>();
  const spellings = new Map(questions.map((question) => [canonical(question), question]));

  return {
    /** Asks for all vectors. */
    async learn(openai: OpenAI): Promise<void> {
      for (let i = vectors.size; i < questions.length; i += MOST_INPUTS) {
        const input = questions.slice(i, i + MOST_INPUTS);
        const { data } = await openai.embeddings.create({ model: MODEL, input, dimensions: DIMENSIONS });
        data.forEach(
          ({ embedding }, j) => void vectors.set(input[j] as string, Float32Array.from(embedding)),
        );
      }
    },

    async vectorOf(text: string, openai: OpenAI): Promise<Float32Array> {
      // Capitals and marks at the end change nothing about a vector.
      const known = vectors.get(text) ?? vectors.get(spellings.get(canonical(text)) ?? '');
      if (known) return known.slice();
      const { data } = await openai.embeddings.create({ model: MODEL, input: text, dimensions: DIMENSIONS });
      const vector = Float32Array.from(data[0]?.embedding ?? []);
      vectors.set(text, vector);
      return vector.slice();
    },

    /** For each question that is asked, the most similar one that is stored. */
    pairsOf({ stored, asking }: Round): Pair[] {
      return asking.map(({ id, question }) => {
        const best = { similarity: -1, question: '', id: '' };
        for (const other of stored) {
          const similarity = likeness(question, other.question);
          if (similarity > best.similarity) Object.assign(best, other, { similarity });
        }
        return { question, neighbour: best.question, similarity: best.similarity, same: best.id === id };
      });
    },
  };

  function likeness(a: string, b: string): number {
    const known = alike.get(a)?.get(b);
    if (known !== undefined) return known;
    const value = cosine(vectors.get(a) as Float32Array, vectors.get(b) as Float32Array);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      alike.set(one, (alike.get(one) ?? new Map<string, number>()).set(other, value));
    return value;
  }
}

/** Half of the questions of each intent to calibrate with; the traffic comes from the other half. */
export function split(
  intents: readonly Intent[],
  random: Random,
): { calibration: Intent[]; hidden: Intent[] } {
  const parts = intents.map((intent) => {
    const questions = random.shuffle(intent.questions);
    const half = Math.ceil(questions.length / 2);
    return [
      { ...intent, questions: questions.slice(half) },
      { ...intent, questions: questions.slice(0, half) },
    ] as const;
  });
  return { calibration: parts.map(([one]) => one), hidden: parts.map(([, other]) => other) };
}

export function roundOf(intents: readonly Intent[], random: Random): Round {
  const all = random.shuffle(
    intents.flatMap(({ id, questions }) => questions.map((question) => ({ id, question }))),
  );
  return { stored: all.slice(0, all.length / 2), asking: all.slice(all.length / 2) };
}

/** The curve behind the threshold: hits and wrong answers of the bare similarity on labelled pairs. */
export function curve(pairs: readonly Pair[]): string {
  const lines = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95].map((threshold) => {
    const hits = pairs.filter(({ similarity }) => similarity >= threshold);
    const wrong = hits.filter(({ same }) => !same).length;
    const share = (count: number) => `${((100 * count) / pairs.length).toFixed(1)} %`.padStart(7);
    const bar = '█'.repeat(Math.round((30 * hits.length) / pairs.length));
    return `${threshold.toFixed(2)}  ${share(hits.length)} hits  ${share(wrong)} wrong  ${bar}`;
  });
  return lines.join('\n');
}

export function canonical(text: string): string {
  return text
    .toLowerCase()
    .replace(/[?.!]+$/, '')
    .trim();
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
