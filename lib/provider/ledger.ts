import type { Tokens } from './money.ts';

/** One attempt as the provider saw it. All times are milliseconds of the clock in use; null until they happen. */
export interface Call {
  /** 1 for the first request that arrived. */
  readonly id: number;
  readonly vendor: 'openai' | 'azure';
  readonly deployment: string;
  readonly model: string;
  /** Text of the last user message. */
  readonly prompt: string;
  /** How often the client had tried this request before, by the SDK's own header. */
  readonly retries: number;
  readonly stream: boolean;
  readonly startMs: number;
  headersMs: number | null;
  firstTokenMs: number | null;
  endMs: number | null;
  /**
   * `answered`: complete. `refused`: an error status. `aborted`: the client went away. `broken`: the provider dropped
   * or stalled the answer. `open`: still under way.
   */
  outcome: 'open' | 'answered' | 'refused' | 'aborted' | 'broken';
  status: number | null;
  errorCode: string | null;
  finish: 'stop' | 'length' | null;
  /** What was generated, whether or not the client waited for it. */
  answer: string;
  tokens: Tokens;
  costMicroUsd: number;
}

export interface LedgerTotals {
  calls: number;
  answered: number;
  refused: number;
  aborted: number;
  broken: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costMicroUsd: number;
}

/** The provider's own record of every attempt. Checks grade by it. */
export interface Ledger {
  /** In order of arrival. */
  readonly calls: readonly Call[];
  /** The calls whose last user message is this prompt. */
  callsFor(prompt: string): Call[];
  totals(): LedgerTotals;
  /** Most calls under way at one time, over all deployments or on one. */
  peakInFlight(deployment?: string): number;
}

/** The side of the ledger that the provider writes. */
export interface LedgerWriter extends Ledger {
  open(
    call: Pick<Call, 'vendor' | 'deployment' | 'model' | 'prompt' | 'retries' | 'stream' | 'startMs'>,
  ): Call;
  /** The provider began to work on a call: from now until `close` it counts as in flight. */
  begin(call: Call): void;
  close(call: Call, end: Pick<Call, 'outcome' | 'endMs'> & Partial<Call>): void;
  inFlight(deployment?: string): number;
}

/** Key for "all deployments". No deployment can have an empty name. */
const ALL = '';

export function createLedger(): LedgerWriter {
  const calls: Call[] = [];
  const working = new Set<Call>();
  const flying = new Map<string, number>();
  const peaks = new Map<string, number>();

  return {
    calls,
    callsFor: (prompt) => calls.filter((call) => call.prompt === prompt),
    totals: () => total(calls),
    peakInFlight: (deployment = ALL) => peaks.get(deployment) ?? 0,
    inFlight: (deployment = ALL) => flying.get(deployment) ?? 0,
    open(fields) {
      const call: Call = {
        id: calls.length + 1,
        ...fields,
        headersMs: null,
        firstTokenMs: null,
        endMs: null,
        outcome: 'open',
        status: null,
        errorCode: null,
        finish: null,
        answer: '',
        tokens: { input: 0, cached: 0, output: 0 },
        costMicroUsd: 0,
      };
      calls.push(call);
      return call;
    },
    begin(call) {
      working.add(call);
      for (const key of [ALL, call.deployment]) count(key, 1);
    },
    close(call, end) {
      if (call.outcome !== 'open') return;
      Object.assign(call, end);
      if (!working.delete(call)) return;
      for (const key of [ALL, call.deployment]) count(key, -1);
    },
  };

  function count(key: string, change: 1 | -1): void {
    const now = (flying.get(key) ?? 0) + change;
    flying.set(key, now);
    peaks.set(key, Math.max(peaks.get(key) ?? 0, now));
  }
}

function total(calls: readonly Call[]): LedgerTotals {
  const sum = { calls: calls.length, answered: 0, refused: 0, aborted: 0, broken: 0 };
  const money = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costMicroUsd: 0 };
  for (const { outcome, tokens, costMicroUsd } of calls) {
    if (outcome !== 'open') sum[outcome] += 1;
    money.inputTokens += tokens.input;
    money.cachedTokens += tokens.cached;
    money.outputTokens += tokens.output;
    money.costMicroUsd += costMicroUsd;
  }
  return { ...sum, ...money };
}
