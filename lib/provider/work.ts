import { drawPace } from './latency.ts';
import type { Call } from './ledger.ts';
import { hash32, randomFor } from './random.ts';
import { inTurns, type Steps } from './steps.ts';
import type { Job } from './visit.ts';
import type { WireAnswer } from './wire.ts';

/** What a model works on when its answer comes in one piece. */
export interface Work {
  /** What it is about; with `kind`, what its duration is drawn by. */
  about: string;
  kind: 'work' | 'embed';
  /** Tokens that it reads first. */
  inputTokens: number;
}

type Bill = Pick<Call, 'costPicoUsd'> & Partial<Pick<Call, 'units' | 'tokens'>>;

/** Waits as long as the model works on something that comes in one piece, then bills it. Given up, it is billed too. */
export async function afterWork(
  job: Job,
  { about, kind, inputTokens }: Work,
  bill: Bill,
  answer: () => Steps<WireAnswer>,
): Promise<WireAnswer> {
  const { visit, deployment, beganMs, slowdown } = job;
  const { clock, seed } = visit.simulator;
  const random = randomFor(seed, deployment.name, hash32(about), visit.repeat, kind);
  const pace = drawPace(deployment.latency, inputTokens, random, deployment.stragglers)({ slowdown });
  try {
    await clock.sleep(beganMs + pace.firstTokenMs - clock.now(), visit.request.signal);
  } catch (aborted) {
    job.end({ outcome: 'aborted', ...bill });
    throw aborted;
  }
  const nowMs = clock.now();
  job.end({
    outcome: 'answered',
    status: 200,
    headersMs: nowMs,
    firstTokenMs: nowMs,
    finish: 'stop',
    ...bill,
  });
  return inTurns(answer(), visit.simulator.pause);
}
