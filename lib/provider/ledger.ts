import { microUsd, type Tier, type Tokens } from './money.ts';

/** What was asked of the provider. */
export type Surface =
  | 'chat'
  | 'responses'
  | 'embeddings'
  | 'images'
  | 'speech'
  | 'service'
  | 'batch line'
  | 'other';

/** One attempt as the provider saw it. All times are milliseconds of the clock in use; null until they happen. */
export interface Call {
  /** 1 for the first request that arrived. */
  readonly id: number;
  readonly surface: Surface;
  readonly vendor: 'openai' | 'azure';
  readonly deployment: string;
  readonly model: string;
  /** Text of the last user message. */
  readonly prompt: string;
  /** Where the request went, host and query included. */
  readonly url: string;
  /** How the client showed its key. */
  readonly auth: 'bearer' | 'api-key' | 'none';
  /** How often the client had tried this request before, by the SDK's own header. */
  readonly retries: number;
  readonly stream: boolean;
  readonly startMs: number;
  /** How long the call waited for a place on its deployment. */
  queuedMs: number;
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
  finish: 'stop' | 'length' | 'tool_calls' | 'content_filter' | null;
  /** What was generated, whether or not the client waited for it. */
  answer: string;
  tokens: Tokens;
  tier: Tier;
  /** What a service counted: images, characters, seconds. */
  units: number;
  /** Number of texts in a call for embeddings. */
  inputs: number;
  costMicroUsd: number;
  /** The same, not rounded: whole millionths of a micro-dollar. */
  costPicoUsd: number;
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
  reasoningTokens: number;
  cacheWriteTokens: number;
  /** Exact, where `costMicroUsd` adds up what each call was rounded to. */
  costPicoUsd: number;
}

/** The provider's own record of every attempt. Checks grade by it. */
export interface Ledger {
  /** In order of arrival. Empty where the ledger keeps totals only. */
  readonly calls: readonly Call[];
  /** The calls whose last user message is this prompt. */
  callsFor(prompt: string): Call[];
  totals(): LedgerTotals;
  /** Most calls under way at one time, over all deployments or on one. */
  peakInFlight(deployment?: string): number;
}

type Opening = Pick<Call, 'vendor' | 'deployment' | 'model' | 'startMs'> & Partial<Call>;

/** The side of the ledger that the provider writes. */
export interface LedgerWriter extends Ledger {
  open(call: Opening): Call;
  /** The provider began to work on a call: from now until `close` it counts as in flight. */
  begin(call: Call): void;
  close(call: Call, end: Pick<Call, 'outcome' | 'endMs'> & Partial<Call>): void;
  inFlight(deployment?: string): number;
}

/** Key for "all deployments". No deployment can have an empty name. */
const ALL = '';

/** `keep: 'totals'` forgets each call when it ends, so that a run of a million calls needs no more memory than one. */
export function createLedger(keep: 'calls' | 'totals' = 'calls'): LedgerWriter {
  const calls: Call[] = [];
  const working = new Set<Call>();
  const flying = new Map<string, number>();
  const peaks = new Map<string, number>();
  const totals = noTotals();

  return {
    calls,
    callsFor(prompt) {
      if (keep === 'totals') throw new Error('This ledger keeps totals only: ask for `ledger: "calls"`.');
      return calls.filter((call) => call.prompt === prompt);
    },
    totals: () => ({ ...totals }),
    peakInFlight: (deployment = ALL) => peaks.get(deployment) ?? 0,
    inFlight: (deployment = ALL) => flying.get(deployment) ?? 0,
    open(fields) {
      totals.calls += 1;
      const call = newCall(totals.calls, fields);
      if (keep === 'calls') calls.push(call);
      return call;
    },
    begin(call) {
      working.add(call);
      count(ALL, 1);
      count(call.deployment, 1);
    },
    close(call, end) {
      if (call.outcome !== 'open') return;
      Object.assign(call, end);
      if (end.costPicoUsd !== undefined) call.costMicroUsd = microUsd(end.costPicoUsd);
      addTo(totals, call);
      if (!working.delete(call)) return;
      count(ALL, -1);
      count(call.deployment, -1);
    },
  };

  function count(key: string, change: 1 | -1): void {
    const now = (flying.get(key) ?? 0) + change;
    flying.set(key, now);
    if (now > (peaks.get(key) ?? 0)) peaks.set(key, now);
  }
}

/** A ledger of calls that were made elsewhere. */
export function ledgerOf(calls: readonly Call[], peaks: Readonly<Record<string, number>>): Ledger {
  const totals = noTotals();
  for (const call of calls) {
    totals.calls += 1;
    if (call.outcome !== 'open') addTo(totals, call);
  }
  return {
    calls,
    callsFor: (prompt) => calls.filter((call) => call.prompt === prompt),
    totals: () => ({ ...totals }),
    peakInFlight: (deployment = ALL) => peaks[deployment] ?? 0,
  };
}

/** One literal, so that all calls have one shape, which is what makes them fast to write and read. */
function newCall(id: number, fields: Opening): Call {
  return {
    id,
    surface: fields.surface ?? 'other',
    vendor: fields.vendor,
    deployment: fields.deployment,
    model: fields.model,
    prompt: fields.prompt ?? '',
    url: fields.url ?? '',
    auth: fields.auth ?? 'none',
    retries: fields.retries ?? 0,
    stream: fields.stream ?? false,
    startMs: fields.startMs,
    queuedMs: 0,
    headersMs: null,
    firstTokenMs: null,
    endMs: null,
    outcome: 'open',
    status: null,
    errorCode: null,
    finish: null,
    answer: '',
    tokens: { input: 0, cached: 0, output: 0 },
    tier: 'standard',
    units: 0,
    inputs: fields.inputs ?? 0,
    costMicroUsd: 0,
    costPicoUsd: 0,
  };
}

function noTotals(): LedgerTotals {
  const counts = { calls: 0, answered: 0, refused: 0, aborted: 0, broken: 0 };
  const tokens = {
    inputTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cacheWriteTokens: 0,
  };
  return { ...counts, ...tokens, costMicroUsd: 0, costPicoUsd: 0 };
}

function addTo(totals: LedgerTotals, call: Call): void {
  if (call.outcome !== 'open') totals[call.outcome] += 1;
  totals.inputTokens += call.tokens.input;
  totals.cachedTokens += call.tokens.cached;
  totals.outputTokens += call.tokens.output;
  totals.reasoningTokens += call.tokens.reasoning ?? 0;
  totals.cacheWriteTokens += call.tokens.cacheWrite ?? 0;
  totals.costMicroUsd += call.costMicroUsd;
  totals.costPicoUsd += call.costPicoUsd;
}
