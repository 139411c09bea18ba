/** One request of a recorded trace. */
export interface TraceRequest {
  /** Since the first request of the trace. */
  atMs: number;
  inputTokens: number;
  outputTokens: number;
  /** Ids of the prompt's blocks of 512 tokens, where the trace has them: equal ids mean equal text. */
  blocks?: readonly number[];
}

/** Text or bytes in pieces of any size, as a file stream or a response body gives them. */
export type TextSource = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

/** A line of a trace that cannot be read. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly line: number;

  constructor(line: number, expected: string, received: string) {
    const shown = received.length > 80 ? `${received.slice(0, 80)}…` : received;
    super(`Trace, line ${line}: expected ${expected}; received "${shown}".`);
    this.line = line;
  }
}

export interface TraceOptions {
  /** Told of each bad line, which is then left out. Without it the first bad line ends the reading with its error. */
  onBadLine?: (error: TraceError) => void;
}

/**
 * Reads the Azure LLM inference traces (github.com/Azure/AzurePublicDataset, 2023 and 2024): a CSV of
 * `TIMESTAMP,ContextTokens,GeneratedTokens`. Streams: a file of any size takes the memory of one line.
 */
export async function* readAzureTrace(
  source: TextSource,
  options: TraceOptions = {},
): AsyncGenerator<TraceRequest> {
  let firstMs: number | undefined;
  for await (const { text, line } of linesOf(source)) {
    if (line === 1) {
      if (!/^\uFEFF?TIMESTAMP,ContextTokens,GeneratedTokens$/.test(text))
        throw new TraceError(line, 'the heading TIMESTAMP,ContextTokens,GeneratedTokens', text);
      continue;
    }
    const read = readRow(text);
    if (!read) {
      complain(
        new TraceError(
          line,
          'a time and two whole numbers, as in "2023-11-16 18:15:46.6805900,374,44"',
          text,
        ),
        options,
      );
      continue;
    }
    firstMs ??= read.ms;
    yield {
      atMs: Math.round((read.ms - firstMs) * 1000) / 1000,
      inputTokens: read.inputTokens,
      outputTokens: read.outputTokens,
    };
  }
}

/**
 * Reads the Mooncake traces (github.com/kvcache-ai/Mooncake): a JSON object a line with `timestamp` in milliseconds,
 * `input_length`, `output_length` and `hash_ids`.
 */
export async function* readMooncakeTrace(
  source: TextSource,
  options: TraceOptions = {},
): AsyncGenerator<TraceRequest> {
  let firstMs: number | undefined;
  for await (const { text, line } of linesOf(source)) {
    const read = readObject(text);
    if (!read) {
      const expected = 'an object with timestamp, input_length, output_length and hash_ids';
      complain(new TraceError(line, expected, text), options);
      continue;
    }
    firstMs ??= read.timestamp;
    yield {
      atMs: read.timestamp - firstMs,
      inputTokens: read.input_length,
      outputTokens: read.output_length,
      blocks: read.hash_ids,
    };
  }
}

/** Reads a trace in either format, told apart by its first character. */
export async function* readTrace(
  source: TextSource,
  options: TraceOptions = {},
): AsyncGenerator<TraceRequest> {
  const pieces = textOf(source);
  const { value: first = '' } = await pieces.next();
  const whole = (async function* () {
    yield first;
    yield* pieces;
  })();
  yield* first.trimStart().startsWith('{')
    ? readMooncakeTrace(whole, options)
    : readAzureTrace(whole, options);
}

function complain(error: TraceError, { onBadLine }: TraceOptions): void {
  if (!onBadLine) throw error;
  onBadLine(error);
}

/** The pieces that are not empty, as text. */
async function* textOf(source: TextSource): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  for await (const piece of source) {
    const text = typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    if (text !== '') yield text;
  }
  const rest = decoder.decode();
  if (rest !== '') yield rest;
}

/** Lines that are not empty, with their numbers in the file. */
async function* linesOf(source: TextSource): AsyncGenerator<{ text: string; line: number }> {
  let rest = '';
  let line = 0;
  for await (const piece of textOf(source)) {
    const rows = (rest + piece).split('\n');
    rest = rows.pop() ?? '';
    for (const row of rows) {
      line += 1;
      const text = row.replace(/\r$/, '');
      if (text !== '') yield { text, line };
    }
  }
  const text = rest.replace(/\r$/, '');
  if (text !== '') yield { text, line: line + 1 };
}

function readRow(text: string): { ms: number; inputTokens: number; outputTokens: number } | undefined {
  const [time = '', input = '', output = '', ...more] = text.split(',');
  // Seven digits of a second are more than Date.parse takes, and the zone is only in the later traces.
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?(?:\+00:00)?$/.exec(time);
  if (!parts || more.length > 0 || !/^\d+$/.test(input) || !/^\d+$/.test(output)) return undefined;
  const wholeMs = Date.parse(`${parts[1]}T${parts[2]}Z`);
  if (Number.isNaN(wholeMs)) return undefined;
  const ms = wholeMs + Number(`0${parts[3] ?? ''}`) * 1000;
  return { ms, inputTokens: Number(input), outputTokens: Number(output) };
}

interface MooncakeRow {
  timestamp: number;
  input_length: number;
  output_length: number;
  hash_ids: number[];
}

function readObject(text: string): MooncakeRow | undefined {
  try {
    const row = JSON.parse(text) as Partial<MooncakeRow> | null;
    const counts = [row?.timestamp, row?.input_length, row?.output_length];
    const ids = row?.hash_ids;
    const good = counts.every((value) => typeof value === 'number' && value >= 0) && Array.isArray(ids);
    return good && ids.every((id) => Number.isInteger(id)) ? (row as MooncakeRow) : undefined;
  } catch {
    return undefined;
  }
}
