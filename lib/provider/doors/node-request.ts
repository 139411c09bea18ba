import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import type { StopSignal } from '../../clock/index.ts';
import { CONTROL_URL } from '../control.ts';
import { SERVICES_URL } from '../media/services.ts';
import { SIMULATED_KEY } from '../vendors.ts';
import { pickHeaders, type WireRequest } from '../wire.ts';
import { parseMultipart } from './multipart.ts';

/** How long a client may take, and how much it may send. */
export interface Patience {
  /** To send a whole request. */
  requestMs: number;
  /** To send its headers, and to send anything at all after it has connected. */
  headersMs: number;
  /** To take in what was written to it. A silent answer is ours, not the client's: that has no limit. */
  drainMs: number;
  /**
   * To send the next request on the same connection; offered in `keep-alive`. After Node's five seconds, a client that is busy
   * for a moment would write into a closed one.
   */
  keepAliveMs: number;
  /** A body in bytes: OpenAI takes requests of 50 MB and files of 512 MB (guides on images and files). */
  bodyBytes: number;
  fileBytes: number;
}

export const PATIENCE: Patience = {
  requestMs: 300_000,
  headersMs: 30_000,
  drainMs: 60_000,
  keepAliveMs: 65_000,
  bodyBytes: 50 * 2 ** 20,
  fileBytes: 512 * 2 ** 20,
};

/** What a path on the port means at the real vendors. */
const ROADS: [prefix: string, target: string][] = [
  ['/v1/', 'https://api.openai.com/v1/'],
  ['/openai/', 'https://workbook.openai.azure.com/openai/'],
  ['/services/v1/', `${SERVICES_URL}/`],
  ['/control/', CONTROL_URL],
];

export function targetOf(path: string): string | undefined {
  const road = ROADS.find(([prefix]) => path.startsWith(prefix));
  return road && road[1] + path.slice(road[0].length);
}

/** The body, or undefined for one that is too large. Text as text, which is read fastest; a form as its parts. */
export async function receive(
  request: IncomingMessage,
  { bodyBytes, fileBytes }: Patience,
): Promise<Pick<WireRequest, 'text' | 'form'> | undefined> {
  const type = request.headers['content-type'] ?? '';
  const isForm = type.startsWith('multipart/');
  const most = isForm ? fileBytes : bodyBytes;
  const length = Number(request.headers['content-length'] ?? 0);
  if (length > most) return undefined;
  const bytes = await collect(request, most, length);
  if (!bytes) return undefined;
  return isForm ? { text: '', form: parseMultipart(bytes, type) } : { text: await textOf(bytes) };
}

/** The text of a body, of a long one bit by bit: to decode 20 MB takes as long as others may be kept waiting. */
async function textOf(bytes: Buffer): Promise<string> {
  if (bytes.length < LONG) return bytes.toString();
  const decoder = new StringDecoder();
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += LONG) {
    parts.push(decoder.write(bytes.subarray(at, at + LONG)));
    await new Promise((next) => setImmediate(next));
  }
  return parts.join('') + decoder.end();
}

const LONG = 1_000_000;

/** The bytes, in one place from the start where their number is known: to join 500 MB at the end takes long. */
function collect(request: IncomingMessage, most: number, length: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const known = length > SMALL ? Buffer.allocUnsafeSlow(length) : undefined;
    const parts: Buffer[] = [];
    let size = 0;
    request.on('data', (part: Buffer) => {
      if (known) part.copy(known, size);
      else parts.push(part);
      size += part.length;
      if (size <= most) return;
      parts.length = 0;
      resolve(undefined);
    });
    request.on('end', () => resolve(known ?? (parts.length === 1 ? parts[0] : Buffer.concat(parts))));
    request.on('error', reject).on('close', () => {
      if (!request.readableEnded) reject(new Error('The client went away.'));
    });
  });
}

const SMALL = 100_000;

/** The client's headers with its key swapped for the simulated one, if it is the right key. */
export function headersOf(request: IncomingMessage, key: string | undefined): WireRequest['headers'] {
  const headers = pickHeaders((name) => request.headers[name] as string | undefined);
  const [, bearer] = /^Bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined && fits(bearer, key)) headers.authorization = `Bearer ${SIMULATED_KEY}`;
  const apiKey = headers['api-key'];
  if (apiKey !== undefined && fits(apiKey, key)) headers['api-key'] = SIMULATED_KEY;
  return headers;
}

function fits(shown: string, key: string | undefined): boolean {
  return key === undefined ? shown !== '' : shown === key;
}

/** Tells that the client went away, at a fraction of what an `AbortController` costs. */
export class Departure implements StopSignal {
  aborted = false;
  reason: unknown;
  readonly #listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = new DOMException('This operation was aborted', 'AbortError');
    for (const listener of this.#listeners.splice(0)) listener();
  }
}
