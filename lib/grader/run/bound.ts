import { costMicroUsd, type ModelPrice } from '../../provider/money.ts';
import type { Account } from './account.ts';

/** The most tokens that a request can be billed for, and its body, in which its output is capped. */
export interface Bounded {
  input: number;
  output: number;
  body?: string;
}

export interface BoundOptions extends Pick<Account, 'outputCap'> {
  price: ModelPrice;
  /** What one call of the run may cost, if all are to be paid for. */
  shareMicroUsd: number;
}

/** Output that a call without a cap of its own gets at most, and at least: less is no answer. */
const MOST_OUTPUT = 1000;
const LEAST_OUTPUT = 64;

type Body = Record<string, unknown>;

/** Bounds what a request can cost, by capping its output if it has no cap; says so where that cannot be done. */
export function boundRequest(
  url: string,
  init: RequestInit | undefined,
  options: BoundOptions,
): Bounded | { problem: string } {
  if ((init?.method ?? 'GET').toUpperCase() !== 'POST') return { input: 0, output: 0 };
  const path = new URL(url).pathname;
  const text = typeof init?.body === 'string' ? init.body : '';
  const input = Buffer.byteLength(text);
  if (path.endsWith('/embeddings')) return { input, output: 0 };
  const field = capField(path, options.outputCap);
  const body = parse(text);
  if (field === undefined || body === undefined) return unbounded(`a request to ${path}`);
  const dear = DEAR.exec(text)?.slice(1).find(Boolean);
  if (dear !== undefined) return unbounded(`"${dear}" in a request`);
  const answers = typeof body.n === 'number' ? body.n : 1;
  const said = [body.max_completion_tokens, body.max_output_tokens, body.max_tokens].find(isCount);
  const cap = said ?? affordable(input, options);
  return { input, output: cap * answers, body: said === undefined ? withCap(body, field, cap) : text };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Parts that are billed by other measures than the length of the request: pictures, sound, files, searches, haste. */
const DEAR =
  /"(?:type":"(image_url|input_image|input_audio|input_file|file|web_search\w*|file_search)"|service_tier":"(priority|fast|ultrafast)"|(prediction)":\{)/;

function capField(path: string, outputCap: Account['outputCap']): string | undefined {
  if (path.endsWith('/chat/completions')) return outputCap;
  return path.endsWith('/responses') ? 'max_output_tokens' : undefined;
}

/** The output that is left of a call's share once its input is paid, within reason. */
function affordable(input: number, { price, shareMicroUsd }: BoundOptions): number {
  const forInput = costMicroUsd({ input, cached: 0, output: 0 }, price);
  const tokens = Math.floor((shareMicroUsd - forInput) / price.output);
  return Math.max(LEAST_OUTPUT, Math.min(MOST_OUTPUT, tokens));
}

function unbounded(what: string): { problem: string } {
  const problem =
    `The most that ${what} can cost is not known beforehand, so it is not sent. ` +
    'A live run sends chats, responses and embeddings of text.';
  return { problem };
}

function withCap(body: Body, field: string, cap: number): string {
  return JSON.stringify({ ...body, [field]: cap });
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}

function parse(text: string): Body | undefined {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return undefined;
  }
}
