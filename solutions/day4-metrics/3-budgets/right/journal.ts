import type { Alert, Decision, Lease, Policy, Row, Scope } from '#course/day4-metrics/contracts/budget.ts';

type Entry =
  | { kind: 'hold' | 'free'; atMs: number; microUsd: number; lease: Lease }
  | { kind: 'bill'; atMs: number; microUsd: number; lease: Lease; model: string; tokens: number };

const DAY = 86_400_000;
const HEADER = ['tenant', 'feature', 'model', 'calls', 'tokens', 'microUsd', 'share'];
const NOTHING = { calls: 0, tokens: 0, microUsd: 0, share: 0 };

/** Writes down what happened, and works everything else out from that: sums, rows, the forecast. */
export class Budget {
  readonly policy: Policy;
  #journal: Entry[] = [];
  #alerts: (Alert & { atMs: number; done: boolean })[] = [];

  constructor(policy: Policy) {
    this.policy = policy;
  }

  get rows(): Row[] {
    const rows = new Map<string, Row>();
    let total = 0;
    for (const entry of this.#journal) {
      if (entry.kind !== 'bill') continue;
      const { tenant, feature } = entry.lease.scope;
      const key = JSON.stringify([tenant, feature, entry.model]);
      const row = rows.get(key) ?? { tenant, feature, model: entry.model, ...NOTHING };
      const [tokens, microUsd] = [row.tokens + entry.tokens, row.microUsd + entry.microUsd];
      rows.set(key, { ...row, calls: row.calls + 1, tokens, microUsd });
      total += entry.microUsd;
    }
    return [...rows.values()].map((row) => ({ ...row, share: row.microUsd / total }));
  }

  reserve(scope: Scope, maxMicroUsd: number): Decision {
    const { dayMicroUsd, monthMicroUsd } = this.policy;
    const [today, month] = [this.#today(), this.#today().slice(0, 7)];
    const midnightMs = Date.parse(today) + DAY;
    const nextMonthMs = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1);
    const held = this.#held();
    const taken = { day: this.#billed(today) + held, month: this.#billed(month) + held };
    const [dayIsFull, monthIsFull] = [
      taken.day + maxMicroUsd > dayMicroUsd,
      taken.month + maxMicroUsd > monthMicroUsd,
    ];
    if (dayIsFull) this.#alert(today, 1);
    if (monthIsFull) this.#alert(month, 1);
    if (monthIsFull) return { action: 'block', untilMs: nextMonthMs };
    if (dayIsFull) return { action: 'block', untilMs: midnightMs };
    const share = Math.max(taken.day / dayMicroUsd, taken.month / monthMicroUsd);
    if (share >= 0.9 && !scope.urgent) return { action: 'queue', untilMs: midnightMs };
    const lease = { scope, maxMicroUsd };
    this.#journal.push({ kind: 'hold', atMs: this.policy.now(), microUsd: maxMicroUsd, lease });
    return { action: share < 0.8 ? 'proceed' : 'downgrade', lease };
  }

  charge(lease: Lease, model: string, microUsd: number, tokens: number): void {
    const atMs = this.policy.now();
    this.#journal.push({ kind: 'bill', atMs, microUsd, lease, model, tokens });
    this.#free(lease, microUsd);
    const periods = [
      [this.#today(), this.policy.dayMicroUsd],
      [this.#today().slice(0, 7), this.policy.monthMicroUsd],
    ] as const;
    for (const [period, limit] of periods)
      for (const threshold of [0.5, 0.8] as const)
        if (this.#billed(period) >= threshold * limit) this.#alert(period, threshold);
  }

  release(lease: Lease): void {
    this.#free(lease, Number.POSITIVE_INFINITY);
  }

  acknowledge(period: string, threshold: Alert['threshold']): void {
    for (const alert of this.#alerts)
      if (alert.period === period && alert.threshold === threshold) alert.done = true;
  }

  tick(): void {
    for (const alert of this.#alerts) {
      if (alert.done || this.policy.now() - alert.atMs < this.policy.escalateAfterMs) continue;
      alert.done = true;
      this.policy.notify({ period: alert.period, threshold: alert.threshold, escalated: true });
    }
  }

  /** The last seven days stand for every seven days to come. */
  forecast(): number {
    const month = this.#today().slice(0, 7);
    const monthEndMs = Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1);
    const todayMs = Date.parse(this.#today());
    let week = 0;
    for (let day = 1; day <= 7; day += 1)
      week += this.#billed(new Date(todayMs - day * DAY).toISOString().slice(0, 10));
    return this.#billed(month) + ((monthEndMs - todayMs) / DAY) * (week / 7);
  }

  exportAs(format: 'csv' | 'json'): string {
    if (format === 'json') return JSON.stringify(this.rows);
    const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
    return [HEADER, ...this.rows.map(Object.values)].map((row) => row.map(cell).join(',')).join('\n');
  }

  #alert(period: string, threshold: Alert['threshold']): void {
    if (this.#alerts.some((alert) => alert.period === period && alert.threshold === threshold)) return;
    const alert = { period, threshold, escalated: false };
    this.#alerts.push({ ...alert, atMs: this.policy.now(), done: false });
    this.policy.notify(alert);
  }

  #today(): string {
    return new Date(this.policy.now()).toISOString().slice(0, 10);
  }

  /** Gives back so much of a lease, if so much is left. */
  #free(lease: Lease, microUsd: number): void {
    const freed = Math.min(microUsd, this.#held(lease));
    this.#journal.push({ kind: 'free', atMs: this.policy.now(), microUsd: -freed, lease });
  }

  /** What is under way, of one lease or of all. */
  #held(lease?: Lease): number {
    return this.#journal
      .filter((entry) => entry.kind !== 'bill' && (!lease || entry.lease === lease))
      .reduce((sum, entry) => sum + entry.microUsd, 0);
  }

  #billed(period: string): number {
    return this.#journal
      .filter((entry) => entry.kind === 'bill' && new Date(entry.atMs).toISOString().startsWith(period))
      .reduce((sum, entry) => sum + entry.microUsd, 0);
  }
}
