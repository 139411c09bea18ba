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
    const taken = { day: this.#sum(today, 'all'), month: this.#sum(month, 'all') };
    if (taken.day + maxMicroUsd > dayMicroUsd) return this.#block(today, midnightMs);
    if (taken.month + maxMicroUsd > monthMicroUsd) return this.#block(month, nextMonthMs);
    const share = Math.max(taken.day / dayMicroUsd, taken.month / monthMicroUsd);
    if (share >= 0.9 && !scope.urgent) return { action: 'queue', untilMs: midnightMs };
    const lease = { scope, maxMicroUsd };
    this.#journal.push({ kind: 'hold', atMs: this.policy.now(), microUsd: maxMicroUsd, lease });
    return { action: share < 0.8 ? 'proceed' : 'downgrade', lease };
  }

  charge(lease: Lease, model: string, microUsd: number, tokens: number): void {
    const atMs = this.policy.now();
    this.#journal.push({ kind: 'bill', atMs, microUsd, lease, model, tokens });
    this.#journal.push({ kind: 'free', atMs, microUsd: -microUsd, lease });
    const periods = [
      [this.#today(), this.policy.dayMicroUsd],
      [this.#today().slice(0, 7), this.policy.monthMicroUsd],
    ] as const;
    for (const [period, limit] of periods)
      for (const threshold of [0.5, 0.8] as const)
        if (this.#sum(period, 'bill') >= threshold * limit) this.#alert(period, threshold);
  }

  release(lease: Lease): void {
    const own = this.#journal.filter((entry) => entry.lease === lease && entry.kind !== 'bill');
    const left = own.reduce((sum, entry) => sum + entry.microUsd, 0);
    this.#journal.push({ kind: 'free', atMs: this.policy.now(), microUsd: -left, lease });
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
      week += this.#sum(new Date(todayMs - day * DAY).toISOString().slice(0, 10), 'bill');
    return this.#sum(month, 'bill') + ((monthEndMs - todayMs) / DAY) * (week / 7);
  }

  exportAs(format: 'csv' | 'json'): string {
    if (format === 'json') return JSON.stringify(this.rows);
    const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
    return [HEADER, ...this.rows.map(Object.values)].map((row) => row.map(cell).join(',')).join('\n');
  }

  #block(period: string, untilMs: number): Decision {
    this.#alert(period, 1);
    return { action: 'block', untilMs };
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

  #sum(period: string, kind: 'bill' | 'all'): number {
    return this.#journal
      .filter((entry) => kind === 'all' || entry.kind === kind)
      .filter((entry) => new Date(entry.atMs).toISOString().startsWith(period))
      .reduce((sum, entry) => sum + entry.microUsd, 0);
  }
}
