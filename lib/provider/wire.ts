import type { StopSignal } from '../clock/index.ts';
import type { Steps } from './steps.ts';

/** A request as a door hands it to the core: plain values, whatever brought it. */
export interface WireRequest {
  /** In capitals. */
  method: string;
  /** Where it goes at the real vendors, with host and query. */
  url: string;
  /** By lower-case name. Only those that the core reads need to be there: `READ_HEADERS`. */
  headers: Readonly<Record<string, string | undefined>>;
  text: string;
  /** The parts of a multipart body. */
  form?: WireForm | undefined;
  /** Aborts when the client goes away; undefined for a client that never does. */
  signal: StopSignal | undefined;
}

/** Texts and files by name. */
export type WireForm = Map<string, string | WireFile>;

export interface WireFile {
  name: string;
  size: number;
  bytes(): Uint8Array | Promise<Uint8Array>;
}

/** What the core answers. A door gives it the shape of its transport. */
export interface WireAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | EventStream;
}

/** An answer that comes bit by bit. Begins to flow when it is given a sink, whether or not anybody reads. */
export interface EventStream {
  /** Returns how to stop it: the client went away. */
  flow(sink: Sink): (reason: unknown) => void;
}

/** Where a door takes the bits of a stream. After `end` or `fail` nothing more comes. */
export interface Sink {
  write(text: string): void;
  end(): void;
  /** The connection is lost. */
  fail(error: unknown): void;
}

/** What a client sees when the connection is lost. */
export function connectionLost(): TypeError {
  return new TypeError('terminated', { cause: LOST });
}

const LOST = new Error('other side closed');

export function isLost(error: unknown): boolean {
  return error instanceof TypeError && error.cause === LOST;
}

/** The headers that the core reads, of which a door hands over those that are there. */
export const READ_HEADERS = [
  'authorization',
  'api-key',
  'content-type',
  'x-stainless-retry-count',
  'x-session-id',
  'x-control-key',
] as const;

export function pickHeaders(read: (name: string) => string | null | undefined): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of READ_HEADERS) {
    const value = read(name);
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}

const JSON_TYPE = 'application/json';

/** An answer as JSON. */
export function jsonAnswer(value: unknown, headers: Record<string, string> = {}, status = 200): WireAnswer {
  return textAnswer(JSON.stringify(value), headers, status);
}

/** An answer whose JSON is written already. Its headers are added to those that are given. */
export function textAnswer(body: string, headers: Record<string, string>, status = 200): WireAnswer {
  headers['content-type'] = JSON_TYPE;
  return { status, headers, body };
}

const encoder = new TextEncoder();

/** The bytes of a text that comes in many parts: written one by one, as to join and encode 40 MB at once takes long. */
export function* bytesInSteps(parts: readonly string[]): Steps<Uint8Array> {
  let length = 0;
  for (const part of parts) {
    length += Buffer.byteLength(part);
    yield;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    at += encoder.encodeInto(part, whole.subarray(at)).written;
    yield;
  }
  return whole;
}

/**
 * The bytes of a bit of a stream. A network does not respect characters, so a bit that holds more than ASCII comes in two,
 * cut inside its first such character.
 */
export function bytesOf(text: string): Uint8Array[] {
  const bytes = encoder.encode(text);
  if (bytes.length === text.length) return [bytes];
  const cut = bytes.findIndex((byte) => byte >= 0x80) + 1;
  return [bytes.subarray(0, cut), bytes.subarray(cut)];
}
