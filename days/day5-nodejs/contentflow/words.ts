import type { Call } from '#lib/provider';
import type { Served } from './day.ts';
import { helpSource, ID } from './oracle.ts';

/** An answer that is not, from its first word to its last, what a model said to this request. */
export interface Invented extends Served {
  /** When a model had said its first word; undefined if none ever said this. */
  saidMs: number | undefined;
}

/**
 * Answers with words that no call for the request gave, or shown before it gave them. An answer of the help page may be
 * from an earlier call: its reference says from which. What failed, or says that it is less than was asked for, is not judged.
 */
export function inventedOf(served: readonly Served[], calls: readonly Call[]): Invented[] {
  const byName = new Map<string, Call[]>();
  for (const call of calls)
    for (const name of namesIn(call)) byName.set(name, [...(byName.get(name) ?? []), call]);
  return served.flatMap((it): Invented[] => {
    if (it.error !== undefined || it.degraded !== undefined || it.firstMs === undefined) return [];
    const name = it.task.topic === undefined ? it.task.request.id : (helpSource(it.text)?.ref ?? UNSURE);
    const said = (byName.get(name) ?? []).filter(({ answer }) => plain(answer).includes(plain(it.text)));
    if (said.length === 0) return [{ ...it, saidMs: undefined }];
    const saidMs = Math.min(...said.map(firstWordMs));
    return it.firstMs < saidMs ? [{ ...it, saidMs }] : [];
  });
}

const UNSURE = 'a help answer without a reference';

/** The requests that a call was for: their ids, or the reference of an answer of the help page. */
function namesIn({ prompt, answer }: Call): readonly string[] {
  return prompt.match(ID) ?? [helpSource(answer)?.ref ?? UNSURE];
}

function firstWordMs({ stream, firstTokenMs, endMs }: Call): number {
  return (stream ? firstTokenMs : endMs) ?? Number.POSITIVE_INFINITY;
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
