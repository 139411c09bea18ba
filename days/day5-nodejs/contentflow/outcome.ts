import { UPTIME_MS } from '#lib/clock';
import { type Call, type Ledger, sum } from '#lib/provider';
import type { Segment } from '../contracts/assistant.ts';
import { isPrepaid, leastMicroUsd, naiveMicroUsd, prepaidMicroUsd, soundMicroUsd } from './bill.ts';
import type { Day, Served } from './day.ts';
import { LADDER, SMALL, STRONG } from './ladder.ts';
import { helpSource, ID } from './oracle.ts';
import { isStale } from './texts.ts';
import type { Task } from './traffic.ts';
import { type Invented, inventedOf } from './words.ts';

export const SEGMENTS: readonly Segment[] = ['faq', 'account', 'document', 'expert', 'tagging'];

/** What became of a help question. */
export interface Help extends Served {
  /** Answered without a call of its own. */
  hit: boolean;
  /** Another topic's answer, from the cache. */
  wrong: boolean;
  foreign: boolean;
  stale: boolean;
  ref: string | undefined;
}

/** Everything that is known of a day when it is over. */
export interface Outcome {
  day: Day;
  seed: number;
  served: readonly Served[];
  help: readonly Help[];
  /** Calls of a model for an answer, lines of batches included. */
  calls: readonly Call[];
  quality: readonly Quality[];
  costMicroUsd: number;
  /** What went to everything but the help page. */
  restMicroUsd: number;
  naive: { costMicroUsd: number; restMicroUsd: number };
  least: { costMicroUsd: number; restMicroUsd: number };
  /** With everything done that each segment allows: what the help page costs without a cache, and what all else does. */
  sound: { helpMicroUsd: number; restMicroUsd: number };
  /** Answered with words that no model said. */
  invented: readonly Invented[];
  failed: readonly Served[];
  /** In the brown-out some answers may be less than was asked for, if they say so. */
  excused: readonly Served[];
  refused: number;
  steady: readonly Served[];
  brownOut: readonly Served[];
  peakEntries: number;
  allowanceMicroUsd: number;
}

export interface Quality {
  segment: Segment;
  share: number;
  /** What the strongest model reaches with everything that was found. */
  strong: number;
  /** Those that were answered. */
  asked: number;
}

const known = new WeakMap<readonly Served[], Outcome>();

/** Everything about a day; worked out once, however often it is asked for. */
export function outcomeOf(day: Day, served: readonly Served[], ledger: Ledger, seed: number): Outcome {
  const outcome = known.get(served) ?? workOut(day, served, ledger, seed);
  known.set(served, outcome);
  return outcome;
}

function workOut(day: Day, served: readonly Served[], ledger: Ledger, seed: number): Outcome {
  const calls = ledger.calls.filter(({ surface }) => surface === 'chat' || surface === 'batch line');
  const isHelp = (call: Call) => call.surface === 'chat' && call.prompt.match(ID) === null;
  const help = helpOf(day, served, calls.filter(isHelp));
  const rest = day.tasks.filter(({ topic }) => topic === undefined);
  const naive = (tasks: readonly Task[]) => sum(tasks.map((task) => naiveMicroUsd(task, day.plan)));
  const least = (tasks: readonly Task[]) =>
    sum(tasks.map((task) => leastMicroUsd(task, ablest(day, task, seed))));
  const sound = (tasks: readonly Task[]) => sum(tasks.map((task) => soundMicroUsd(task, day.plan)));
  const excused = served.filter((it) => isExcused(it, day));
  // What the cache has mixed up is counted as that, and failures are counted as failures.
  const mixedUp = new Set(help.filter((it) => it.wrong || it.foreign || it.stale).map(({ task }) => task));
  const judged = served.filter((it) => !excused.includes(it) && !hasFailed(it) && !mixedUp.has(it.task));
  const waited = served.filter(({ task }) => task.request.dueMs === undefined);
  return {
    ...{ day, seed, served, help, calls, excused },
    invented: inventedOf(served, calls),
    quality: SEGMENTS.map((segment) => qualityOf(segment, day, judged, seed)),
    costMicroUsd: ledger.totals().costMicroUsd,
    restMicroUsd: sum(calls.filter((call) => !isHelp(call)).map(({ costMicroUsd }) => costMicroUsd)),
    naive: { costMicroUsd: naive(day.tasks), restMicroUsd: naive(rest) },
    least: { costMicroUsd: least(firstOfKind(day.tasks)), restMicroUsd: least(rest) },
    sound: {
      helpMicroUsd: sound(day.tasks.filter(({ topic }) => topic !== undefined)),
      restMicroUsd: sound(rest),
    },
    failed: served.filter((it) => !excused.includes(it) && hasFailed(it)),
    refused: calls.filter(({ status }) => status === 429).length,
    steady: waited.filter((it) => !isInBrownOut(it, day)),
    brownOut: waited.filter((it) => isInBrownOut(it, day)),
    peakEntries: peakOf(help),
    allowanceMicroUsd: prepaidMicroUsd(day.tasks, day.plan),
  };
}

export function tookMs({ startMs, endMs }: Served): number {
  return endMs - startMs;
}

export function firstMs({ startMs, firstMs, endMs }: Served): number {
  return (firstMs ?? endMs) - startMs;
}

/** What the prepaid questions have cost. A call for several requests is shared out among them. */
export function prepaidSpent({ day, calls }: Outcome): number {
  const prepaid = new Set(day.tasks.filter(isPrepaid).map(({ request }) => request.id));
  return sum(
    calls.map(({ prompt, costMicroUsd }) => {
      const ids = prompt.match(ID) ?? [];
      const share = ids.filter((id) => prepaid.has(id)).length / Math.max(1, ids.length);
      return share * costMicroUsd;
    }),
  );
}

// --- requests ---------------------------------------------------------------------------------------------------

function isInBrownOut({ startMs }: Served, { plan }: Day): boolean {
  return startMs >= plan.brownOut.fromMs && startMs < plan.brownOut.toMs;
}

/** An answer that says that it is less than was asked for, where that may be. */
function isExcused(served: Served, day: Day): boolean {
  if (served.degraded === 'allowance') return isPrepaid(served.task);
  return served.degraded === 'overload' && isInBrownOut(served, day) && served.text !== '';
}

function hasFailed({ error, text, degraded, endMs, task }: Served): boolean {
  const late = task.request.dueMs !== undefined && UPTIME_MS + endMs > task.request.dueMs;
  return error !== undefined || text === '' || degraded !== undefined || late;
}

function isRight({ task, text, startMs }: Served, { plan }: Day): boolean {
  if (task.topic === undefined) return text.includes(task.answer);
  const code = helpSource(text)?.code;
  return (
    code !== undefined &&
    code.topic === task.topic &&
    code.tenant === task.request.tenant &&
    !isStale(code, startMs, plan.updateMs)
  );
}

function qualityOf(segment: Segment, day: Day, judged: readonly Served[], seed: number): Quality {
  const asked = judged.filter((it) => it.task.request.segment === segment);
  const share = (count: number) => count / Math.max(1, asked.length);
  return {
    segment,
    share: share(asked.filter((it) => isRight(it, day)).length),
    strong: share(asked.filter(({ task }) => day.oracle.solves(STRONG, task, seed)).length),
    asked: asked.length,
  };
}

// --- the help page ----------------------------------------------------------------------------------------------

/** An answer is a hit if no call for it was begun after its question had come. */
function helpOf({ plan }: Day, served: readonly Served[], calls: readonly Call[]): Help[] {
  const begun = new Map<string, number>();
  for (const { answer, startMs } of calls) {
    const ref = helpSource(answer)?.ref;
    if (ref !== undefined) begun.set(ref, startMs);
  }
  return served.flatMap((it): Help[] => {
    const { task, text, startMs } = it;
    if (task.topic === undefined) return [];
    const { code, ref } = helpSource(text) ?? {};
    const hit = ref !== undefined && (begun.get(ref) ?? startMs) < startMs;
    const foreign = code !== undefined && code.tenant !== task.request.tenant;
    const wrong = code !== undefined && !foreign && code.topic !== task.topic;
    const stale = code !== undefined && !foreign && !wrong && isStale(code, startMs, plan.updateMs);
    return [{ ...it, hit, wrong, foreign, stale, ref }];
  });
}

/** An answer was kept from when it was first served until it was served last: at least so many at one time. */
function peakOf(help: readonly Help[]): number {
  const kept = new Map<string, { fromMs: number; toMs: number }>();
  for (const { ref, endMs } of help) {
    if (ref === undefined) continue;
    const span = kept.get(ref) ?? { fromMs: endMs, toMs: endMs };
    kept.set(ref, { fromMs: Math.min(span.fromMs, endMs), toMs: Math.max(span.toMs, endMs) });
  }
  const turns = [...kept.values()]
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .flatMap(({ fromMs, toMs }) => [
      { atMs: fromMs, change: 1 },
      { atMs: toMs, change: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || a.change - b.change);
  let [now, peak] = [0, 0];
  for (const { change } of turns) {
    now += change;
    peak = Math.max(peak, now);
  }
  return peak;
}

// --- what no code can beat --------------------------------------------------------------------------------------

/** The cheapest model that does the task; one that nobody does may as well go to the cheapest. */
export function ablest({ oracle }: Day, task: Task, seed: number): string {
  return LADDER.find((model) => oracle.solves(model, task, seed)) ?? SMALL;
}

/** A perfect cache asks once for each topic of each tenant. */
export function firstOfKind(tasks: readonly Task[]): Task[] {
  const seen = new Set<string>();
  return tasks.filter(({ topic, request }) => {
    const kind = topic === undefined ? request.id : `${request.tenant} ${topic}`;
    return !seen.has(kind) && seen.add(kind);
  });
}
