import type OpenAI from 'openai';
import type { Fault, FaultEffect } from '#lib/provider';
import type * as Contract from '../../contracts/retry.ts';

export type Request = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** What the caller of an operation was told, and when. */
export interface Told {
  atMs: number;
  text?: string;
  error?: unknown;
}

/** Most attempts in the corners. */
export const ATTEMPTS = 3;
/** The pause before the second attempt in the corners, at most, on top of what the provider asks for. */
export const BASE_MS = 200;
/** Nobody waits longer in the corners, unless they say so. */
export const DEADLINE_MS = 8000;

export interface Changes extends Partial<Contract.RetryPolicy> {
  from?: OpenAI;
}

export function fault(promptIncludes: string, effect: FaultEffect, toMs?: number): Fault {
  return { when: { promptIncludes, ...(toMs !== undefined && { toMs }) }, effect };
}

export function textOf(completion: OpenAI.ChatCompletion): string {
  return completion.choices[0]?.message.content ?? '';
}

export async function everybody<K extends string>(
  operations: Record<K, Promise<string>[]>,
  now: () => number,
): Promise<Record<K, Told[]>> {
  const names = Object.keys(operations) as K[];
  const told = await Promise.all(names.map((name) => everyone(operations[name], now)));
  return Object.fromEntries(names.map((name, i) => [name, told[i]])) as Record<K, Told[]>;
}

/** Waits for all and notes what each was told, and when. */
export function everyone(operations: Promise<string>[], now: () => number): Promise<Told[]> {
  return Promise.all(
    operations.map((operation) =>
      operation.then(
        (text) => ({ atMs: now(), text }),
        (error: unknown) => ({ atMs: now(), error }),
      ),
    ),
  );
}
