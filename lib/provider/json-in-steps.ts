import type { Steps } from './steps.ts';

/**
 * What `JSON.parse` gives for a long text, in steps of a millisecond or two; throws where it does. The text is walked once.
 * What is short is left to `JSON.parse`, a stretch of neighbours at a time; only what is long is put together here.
 */
export function* parseInSteps(text: string): Steps<unknown> {
  const top: Frame = { ...frameAt(-1, true), value: [] };
  const frames = [top];
  let stepFrom = 0;
  let commas = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (at - stepFrom > STRETCH) {
      stepFrom = at;
      yield;
    }
    const frame = frames.at(-1) as Frame;
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const quick = text.indexOf('"', at + 1);
        const end = text.charCodeAt(quick - 1) === BACKSLASH ? yield* endOfString(text, at) : quick;
        if (end < 0) throw new SyntaxError('A string does not end.');
        // A long name is read with its value.
        if (end - at > LONG && (frame.isList || !isBlank(text, frame.slot, at))) {
          openAll(text, frames);
          const key = takeBefore(text, frame, at);
          put(frame, key, yield* longString(text, at + 1, end), end);
          stepFrom = end;
        }
        at = end;
        break;
      }
      case COMMA:
        commas += 1;
        if (commas > MOST_VALUES) throw new TooMuch('There are more values than any request has.');
        if (frame.isAfterLong) {
          if (!isBlank(text, frame.from, at)) throw new SyntaxError(`Something stands before ${at}.`);
          Object.assign(frame, { from: at + 1, isAfterLong: false, isOwed: true });
        } else if (at - frame.from > STRETCH) {
          openAll(text, frames);
          takeRun(text, frame, at);
        }
        frame.slot = at + 1;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (frames.length > DEEPEST) throw new TooMuch('It is nested too deeply.');
        frames.push(frameAt(at, text.charCodeAt(at) === OPEN_LIST));
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        if (frames.length === 1 || frame.isList !== (text.charCodeAt(at) === CLOSE_LIST))
          throw new SyntaxError(`Nothing is open that ends at ${at}.`);
        frames.pop();
        if (frame.value) put(frames.at(-1) as Frame, frame.key, closed(text, frame, at), at);
        break;
    }
  }
  if (frames.length > 1) throw new SyntaxError('The text ends too early.');
  const values = closed(text, top, text.length) as unknown[];
  if (values.length !== 1) throw new SyntaxError('One value is expected.');
  return values[0];
}

/** Well-formed or not, it is not read to its end. */
export class TooMuch extends Error {}

/** A list or object that is open where the text is being read. */
interface Frame {
  isList: boolean;
  openAt: number;
  /** What was taken of it; undefined as long as it may still be read in one go with its neighbours. */
  value: unknown[] | Record<string, unknown> | undefined;
  /** Under which name its parent keeps it, once it has a value. */
  key: string;
  /** From here on nothing was taken. */
  from: number;
  /** Where the child begins that is being read, name and all. */
  slot: number;
  /** The last thing that was taken is a long child, behind which only a comma may come. */
  isAfterLong: boolean;
  /** A comma was taken, so that something has to follow. */
  isOwed: boolean;
}

function frameAt(openAt: number, isList: boolean): Frame {
  const after = openAt + 1;
  const nothing = { value: undefined, key: '', isAfterLong: false, isOwed: false };
  return { isList, openAt, from: after, slot: after, ...nothing };
}

/** Gives values to all that are open, from outside in: what stands before the inner one goes into the outer one. */
function openAll(text: string, frames: readonly Frame[]): void {
  for (const [i, frame] of frames.entries()) {
    if (frame.value) continue;
    frame.key = takeBefore(text, frames[i - 1] as Frame, frame.openAt);
    frame.value = frame.isList ? [] : {};
  }
}

/** Takes the children before the one whose value begins at a place, and returns the name of that one. */
function takeBefore(text: string, frame: Frame, at: number): string {
  const { from, slot, isList } = frame;
  if (slot < from) throw new SyntaxError(`A comma is missing before ${at}.`);
  if (slot > from) takeRun(text, frame, slot - 1);
  const before = text.slice(slot, at);
  if (!isList) return Object.keys(JSON.parse(`{${before}0}`))[0] as string;
  if (before.trim() !== '') throw new SyntaxError(`Something stands before ${at}.`);
  return '';
}

/** Takes children up to a comma. */
function takeRun(text: string, frame: Frame, comma: number): void {
  if (take(frame, text.slice(frame.from, comma)) === 0)
    throw new SyntaxError(`Nothing stands before ${comma}.`);
  Object.assign(frame, { from: comma + 1, isOwed: true });
}

function take({ isList, value }: Frame, run: string): number {
  if (isList) {
    const items = JSON.parse(`[${run}]`) as unknown[];
    for (const item of items) (value as unknown[]).push(item);
    return items.length;
  }
  const fields = Object.entries(JSON.parse(`{${run}}`) as object);
  for (const [name, field] of fields) set(value as Record<string, unknown>, name, field);
  return fields.length;
}

function put(frame: Frame, key: string, child: unknown, end: number): void {
  if (frame.isList) (frame.value as unknown[]).push(child);
  else set(frame.value as Record<string, unknown>, key, child);
  Object.assign(frame, { from: end + 1, isAfterLong: true, isOwed: false });
}

/** As a field of its own also where it is called `__proto__`. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

function closed(text: string, frame: Frame, at: number): unknown {
  const rest = text.slice(frame.from, at);
  if (isBlank(text, frame.from, at)) {
    if (frame.isOwed) throw new SyntaxError(`Nothing stands before ${at}.`);
  } else if (frame.isAfterLong) throw new SyntaxError(`A comma is missing before ${at}.`);
  else take(frame, rest);
  return frame.value;
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (!' \t\n\r'.includes(text[at] as string)) return false;
  return true;
}

/** Where the string ends that begins at a place, -1 where it does not. */
function* endOfString(text: string, from: number): Steps<number> {
  let stepFrom = from;
  for (let at = text.indexOf('"', from + 1); ; at = text.indexOf('"', at + 1)) {
    if (at < 0) return -1;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
    if (at - stepFrom > STRETCH) {
      stepFrom = at;
      yield;
    }
  }
}

/** The text between two quotes, in pieces that cut no escape in two. */
function* longString(text: string, from: number, to: number): Steps<string> {
  const slashAt = text.indexOf('\\', from);
  const isPlain = slashAt < 0 || slashAt >= to;
  const pieces: string[] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + LONG);
    let cut = end;
    const slash = end < to ? text.lastIndexOf('\\', end - 1) : -1;
    if (slash >= at) {
      cut = slash;
      while (cut > at && text.charCodeAt(cut - 1) === BACKSLASH) cut -= 1;
      // Nothing but backslashes, two of which are one.
      if (cut === at) cut = at + (slash - at) - ((slash - at) % 2);
      if (cut === at) cut = Math.min(to, at + 6);
    }
    const piece = JSON.parse(`"${text.slice(at, cut)}"`);
    if (!isPlain) pieces.push(piece);
    at = cut;
    yield;
  }
  // As it stands, without a copy; to put a long one together takes a step of its own.
  if (isPlain) return text.slice(from, to);
  yield;
  const whole = pieces.join('');
  yield;
  return whole;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Characters between two steps, and what is read in one go. */
const STRETCH = 32_768;
/** A string from this length on is read in pieces. */
const LONG = 131_072;
/** Nothing that the vendors take is nested so deeply or has so many values: 300,000 tokens to embed are the most. */
const DEEPEST = 1000;
const MOST_VALUES = 1_000_000;
