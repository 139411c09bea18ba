import { goDuration } from './duration.ts';
import type { Deployment, QuotaPlan } from './provider-plan.ts';

/** Why a request does not fit its quota. */
export interface OverQuota {
  limited: 'requests' | 'tokens';
  /** In the vendor's words, after "Rate limit reached for … ". */
  detail: string;
  /** When it would fit; undefined if it never will, because it alone is larger than the limit. */
  waitMs: number | undefined;
}

/** A place in the quota, taken on arrival by estimate. */
export interface Lease {
  /** The tokens that were really used: at OpenAI the rest of the estimate is given back. */
  settle(tokens: number): void;
}

/** The quota of one deployment. Headers, texts and waits all come from the same counters. */
export interface Quota {
  take(nowMs: number, estimatedTokens: number): { lease: Lease } | { over: OverQuota };
  headers(nowMs: number): Record<string, string>;
}

const MINUTE_MS = 60_000;
const NO_LEASE: Lease = { settle: () => {} };

export function createQuota(
  { vendor, quota = {} }: Pick<Deployment, 'vendor' | 'quota'>,
  /** How many times faster than the client's the clock runs: for the times that headers tell. */
  speed = 1,
): Quota {
  return vendor === 'openai' ? openAiQuota(quota, speed) : azureQuota(quota, speed);
}

/**
 * OpenAI: buckets that refill all the time. A header's reset is the time until the bucket is full again,
 * `(limit - remaining) / limit` of a minute; the wait in a 429 is `(used + requested - limit) / limit` of a minute. Both
 * fit every real header and message found in public issues; the tests hold six of them.
 */
function openAiQuota(plan: QuotaPlan, speed: number): Quota {
  const requests = plan.requestsPerMin === undefined ? undefined : createBucket(plan.requestsPerMin, speed);
  const tokens = plan.tokensPerMin === undefined ? undefined : createBucket(plan.tokensPerMin, speed);
  const slice = createSlice(plan);
  return {
    take(nowMs, estimatedTokens) {
      const over =
        requests?.missing(nowMs, 1, 'requests') ??
        tokens?.missing(nowMs, estimatedTokens, 'tokens') ??
        slice.missing(nowMs);
      if (over) {
        if (plan.chargeRefused) requests?.add(nowMs, 1);
        return { over };
      }
      slice.add(nowMs);
      requests?.add(nowMs, 1);
      tokens?.add(nowMs, estimatedTokens);
      return {
        lease: {
          settle(used) {
            tokens?.add(nowMs, used - estimatedTokens);
          },
        },
      };
    },
    headers: (nowMs) => ({
      ...requests?.headers(nowMs, 'requests'),
      ...tokens?.headers(nowMs, 'tokens'),
    }),
  };
}

interface Bucket {
  add(nowMs: number, amount: number): void;
  missing(nowMs: number, amount: number, what: OverQuota['limited']): OverQuota | undefined;
  headers(nowMs: number, what: OverQuota['limited']): Record<string, string>;
}

const NAMES = { requests: 'requests per min (RPM)', tokens: 'tokens per min (TPM)' };

function createBucket(limit: number, speed: number): Bucket {
  let used = 0;
  let lastMs = 0;
  const usedAt = (nowMs: number) => {
    used = Math.max(0, used - (Math.max(0, nowMs - lastMs) / MINUTE_MS) * limit);
    lastMs = Math.max(lastMs, nowMs);
    return used;
  };
  return {
    add(nowMs, amount) {
      used = Math.min(limit, Math.max(0, usedAt(nowMs) + amount));
    },
    missing(nowMs, amount, limited) {
      if (amount > limit) {
        const detail = `on ${NAMES[limited]}: Limit ${limit}, Requested ${amount}`;
        return { limited, detail, waitMs: undefined };
      }
      // The wait is told in whole milliseconds, cut; so what one millisecond brings may be missing.
      if (usedAt(nowMs) + amount <= limit + limit / MINUTE_MS) return undefined;
      const shown = Math.ceil(used - 1e-6);
      return { limited, ...overBucket(limit, shown, amount, limited) };
    },
    headers(nowMs, what) {
      const remaining = Math.floor(limit - usedAt(nowMs) + 1e-6);
      return {
        [`x-ratelimit-limit-${what}`]: String(limit),
        [`x-ratelimit-remaining-${what}`]: String(remaining),
        [`x-ratelimit-reset-${what}`]: goDuration((((limit - remaining) / limit) * MINUTE_MS) / speed),
      };
    },
  };
}

/** The numbers of OpenAI's 429: what is said and what is waited follow from the same three. */
export function overBucket(
  limit: number,
  used: number,
  requested: number,
  limited: OverQuota['limited'],
): Pick<OverQuota, 'detail'> & { waitMs: number } {
  const waitMs = Math.floor(((used + requested - limit) / limit) * MINUTE_MS + 1e-6);
  const detail = `on ${NAMES[limited]}: Limit ${limit}, Used ${used}, Requested ${requested}`;
  return { detail, waitMs };
}

/**
 * Azure: an estimate of tokens is added on arrival to a counter that starts anew each minute and is never corrected;
 * requests are judged over short slices (Azure docs, "Manage Azure OpenAI quota").
 */
function azureQuota(plan: QuotaPlan, speed: number): Quota {
  const { requestsPerMin, tokensPerMin } = plan;
  const requests = createWindow(MINUTE_MS, requestsPerMin);
  const tokens = createWindow(MINUTE_MS, tokensPerMin);
  const slice = createSlice(plan);
  return {
    take(nowMs, estimatedTokens) {
      const over =
        slice.missing(nowMs) ??
        requests.missing(nowMs, 1, 'requests') ??
        tokens.missing(nowMs, estimatedTokens, 'tokens');
      if (over) {
        if (plan.chargeRefused) slice.add(nowMs);
        return { over };
      }
      slice.add(nowMs);
      requests.add(nowMs, 1);
      tokens.add(nowMs, estimatedTokens);
      return { lease: NO_LEASE };
    },
    headers: (nowMs) => ({
      ...(requestsPerMin && {
        'x-ratelimit-limit-requests': String(requestsPerMin),
        'x-ratelimit-remaining-requests': String(requests.left(nowMs)),
      }),
      ...(tokensPerMin && {
        'x-ratelimit-limit-tokens': String(tokensPerMin),
        'x-ratelimit-remaining-tokens': String(tokens.left(nowMs)),
        'x-ratelimit-reset-tokens': String(Math.ceil(tokens.resetMs(nowMs) / speed / 1000)),
      }),
    }),
  };
}

function createSlice({ sliceMs, requestsPerMin }: QuotaPlan) {
  const limit = sliceMs && requestsPerMin && Math.max(1, Math.ceil((requestsPerMin * sliceMs) / MINUTE_MS));
  const window = createWindow(sliceMs ?? MINUTE_MS, limit);
  return {
    add: (nowMs: number) => window.add(nowMs, 1),
    missing: (nowMs: number) => window.missing(nowMs, 1, 'requests'),
  };
}

/** A counter that starts anew at every whole multiple of its length. Without a limit everything fits. */
function createWindow(lengthMs: number, limit = Number.POSITIVE_INFINITY) {
  let index = 0;
  let used = 0;
  const usedAt = (nowMs: number) => {
    const current = Math.floor(nowMs / lengthMs);
    if (current !== index) used = 0;
    index = current;
    return used;
  };
  const resetMs = (nowMs: number) => lengthMs - (nowMs % lengthMs);
  return {
    resetMs,
    left: (nowMs: number) => Math.max(0, limit - usedAt(nowMs)),
    add: (nowMs: number, amount: number) => {
      used = usedAt(nowMs) + amount;
    },
    missing(nowMs: number, amount: number, limited: OverQuota['limited']): OverQuota | undefined {
      if (usedAt(nowMs) + amount <= limit) return undefined;
      const waitMs = amount > limit ? undefined : resetMs(nowMs);
      return {
        limited,
        detail: `on ${NAMES[limited]}: Limit ${limit}, Used ${used}, Requested ${amount}`,
        waitMs,
      };
    },
  };
}
