import { readFileSync } from 'node:fs';
import { type Call, sum } from '#lib/provider';

/** What the Python reference made of the incident log. */
export interface Reference {
  /** `measured`: Python ran just now. `recorded`: read from python/recorded, because this machine has no Python. */
  source: 'measured' | 'recorded';
  python: string;
  elapsedMs: number;
  recordedOn?: string;
  /** One answer for each chunk of the log. */
  answers: string[];
  /** Calls that the provider saw. */
  calls: number;
  tokens: { input: number; output: number };
}

/** What calls sent and got to read. Thoughts are left out: they are drawn anew for each run. */
export function tokensOf(calls: readonly Call[]): Reference['tokens'] {
  return {
    input: sum(calls.map(({ tokens }) => tokens.input)),
    output: sum(calls.map(({ tokens }) => tokens.output - (tokens.reasoning ?? 0))),
  };
}

/** The chunks of python/incidents.txt. */
export function incidentLog(): string[] {
  return read('incidents.txt').trim().split(/\n\n/);
}

/** As `prompt_for` in optimiser.py. */
export function promptFor(chunk: string): string {
  return `Summarise this incident for the night report:\n${chunk}`;
}

/** The provider's answer to such a prompt: the same in every run, on every seed. */
export function summaryOf(prompt: string): string {
  const lines = prompt.split('\n').slice(1);
  const [, time = '', service = '', , text = ''] = /^(\S+) (\S+) (\S+) (.+)$/.exec(lines[0] ?? '') ?? [];
  const last = /^\S+ \S+ \S+ (.+)$/.exec(lines.at(-1) ?? '')?.[1] ?? '';
  return `At ${time} ${service} reported: ${text}.${lines.length > 1 ? ` Later: ${last}.` : ''}`;
}

export interface Traces {
  taskGroup: { began: string[]; cancelled: string[]; raised: string; stillRunning: string[] };
  cache: { row: string[]; together: string[]; failing: string[]; values: string[]; errors: string[] };
  deadline: { outcomes: string[]; events: string[] };
  context: { lines: string[]; outside: string };
}

/** What python/traces.py printed when it was last run. */
export function recordedTraces(): Traces {
  return JSON.parse(read('recorded/traces.json')) as Traces;
}

/** What optimiser.py printed and the provider counted when it was last recorded. */
export function recordedReference(): Reference {
  return { ...(JSON.parse(read('recorded/optimiser.json')) as Reference), source: 'recorded' };
}

function read(file: string): string {
  return readFileSync(new URL(`python/${file}`, import.meta.url), 'utf8');
}
