import { createRequire } from 'node:module';
import { type Ranks, readRanks } from './byte-pairs.ts';
import { atOnce, type Steps } from './steps.ts';

const ENCODINGS = ['o200k_base', 'cl100k_base'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The ranks of an encoding. Whoever comes first waits half a second for them. */
export function ranksOf(encoding: Encoding): Ranks {
  return loaded.get(encoding) ?? atOnce(loadRanks(encoding));
}

/** The text that tokens stand for; undefined where one of them stands for nothing. */
export function decodeTokens(tokens: readonly number[], encoding: Encoding): string | undefined {
  const known = decoders.get(encoding) ?? atOnce(loadDecoder(encoding));
  const bytes = tokens.map((token) => known[token]);
  return bytes.includes(undefined) ? undefined : Buffer.from(bytes.join(''), 'latin1').toString();
}

const loaded = new Map<Encoding, Ranks>();
const loading = new Map<Encoding, Steps<Ranks>>();

/**
 * Reads the ranks of an encoding, which takes half a second, once. All who ask while they are being read go on with the
 * same reading.
 */
export function* loadRanks(encoding: Encoding): Steps<Ranks> {
  for (let ranks = loaded.get(encoding); ; ranks = loaded.get(encoding)) {
    if (ranks) return ranks;
    const reading = loading.get(encoding) ?? readRankFile(encoding);
    loading.set(encoding, reading);
    const step = reading.next();
    if (step.done) {
      loading.delete(encoding);
      loaded.set(encoding, step.value);
    }
    yield;
  }
}

function* readRankFile(encoding: Encoding): Steps<Ranks> {
  const file: { bpe_ranks: string } = createRequire(import.meta.url)(`tiktoken/encoders/${encoding}.json`);
  yield;
  return yield* readRanks(file.bpe_ranks);
}

/** For servers, so that no request has to wait for it. */
export function* loadAllRanks(): Steps<void> {
  for (const encoding of ENCODINGS) {
    yield* loadDecoder(encoding);
  }
}

export function ranksAreLoaded(): boolean {
  return ENCODINGS.every((encoding) => loaded.has(encoding));
}

const decoders = new Map<Encoding, readonly (string | undefined)[]>();

/** What decodes tokens. Reading it takes some milliseconds more. */
export function* loadDecoder(encoding: Encoding): Steps<readonly (string | undefined)[]> {
  const known = decoders.get(encoding);
  if (known) return known;
  const ranks = yield* loadRanks(encoding);
  const bytes: (string | undefined)[] = [];
  for (const [text, rank] of ranks) {
    while (bytes.length < rank) bytes.push(undefined);
    bytes.push(text);
    if (rank % 1000 === 0) yield;
  }
  decoders.set(encoding, bytes);
  return bytes;
}
