import type { Alert, Decision, Lease, Policy, Row, Scope } from '#course/day4-metrics/contracts/budget.ts';

const DAY = 86_400_000;
const FIELDS = ['tenant', 'feature', 'model', 'calls', 'tokens', 'microUsd', 'share'] as const;

/** One day or one month. */
interface Period {
  id: string;
  limitMicroUsd: number;
  endMs: number;
}

interface Account {
  spent: number;
  held: number;
  /** When each threshold was announced; infinity once it needs no more attention. */
  announced: Map<Alert['threshold'], number>;
}

/** Money is taken off when a request is sent, not when it is billed: what is held is as good as spent. */
export class Budget {
  readonly policy: Policy;
  readonly rows: Row[] = [];
  #accounts = new Map<string, Account>();
  /** What is left of a lease, and the day and month that it was taken from. */
  #leases = new Map<Lease, { held: number; periods: Period[] }>();

  constructor(policy: Policy) {
    this.policy = policy;
  }

  reserve(scope: Scope, maxMicroUsd: number): Decision {
    const periods = this.#periods();
    const committed = Math.max(...periods.map((period) => this.#committed(period) / period.limitMicroUsd));
    for (const period of periods) {
      if (this.#committed(period) + maxMicroUsd <= period.limitMicroUsd) continue;
      this.#announce(period, 1);
      return { action: 'block', untilMs: period.endMs };
    }
    if (committed >= 0.9 && !scope.urgent) return { action: 'queue', untilMs: periods[0]?.endMs ?? 0 };
    const lease = { scope, maxMicroUsd };
    this.#leases.set(lease, { held: maxMicroUsd, periods });
    for (const { id } of periods) this.#account(id).held += maxMicroUsd;
    return { action: committed >= 0.8 ? 'downgrade' : 'proceed', lease };
  }

  charge(lease: Lease, model: string, microUsd: number, tokens: number): void {
    this.#attribute(lease.scope, model, microUsd, tokens);
    const open = this.#leases.get(lease);
    const used = Math.min(open?.held ?? 0, microUsd);
    if (open) open.held -= used;
    for (const period of open?.periods ?? this.#periods()) {
      const account = this.#account(period.id);
      account.held -= used;
      account.spent += microUsd;
      for (const threshold of [0.5, 0.8] as const)
        if (account.spent >= threshold * period.limitMicroUsd) this.#announce(period, threshold);
    }
  }

  release(lease: Lease): void {
    const open = this.#leases.get(lease);
    for (const { id } of open?.periods ?? []) this.#account(id).held -= open?.held ?? 0;
    this.#leases.delete(lease);
  }

  acknowledge(period: string, threshold: Alert['threshold']): void {
    this.#account(period).announced.set(threshold, Number.POSITIVE_INFINITY);
  }

  tick(): void {
    for (const [period, { announced }] of this.#accounts)
      for (const [threshold, sinceMs] of announced) {
        if (this.policy.now() < sinceMs + this.policy.escalateAfterMs) continue;
        announced.set(threshold, Number.POSITIVE_INFINITY);
        this.policy.notify({ period, threshold, escalated: true });
      }
  }

  /** What was spent, and for each day that is left what its weekday has cost so far. */
  forecast(): number {
    const [day, month] = this.#periods() as [Period, Period];
    const past = [...this.#accounts].filter(([id]) => id.length === day.id.length && id < day.id);
    const expect = (atMs: number) => {
      const alike = past.filter(([id]) => new Date(id).getUTCDay() === new Date(atMs).getUTCDay());
      const known = alike.length > 0 ? alike.slice(-4) : past;
      return known.reduce((sum, [, account]) => sum + account.spent, 0) / Math.max(1, known.length);
    };
    const today = this.#account(day.id).spent;
    let total = this.#account(month.id).spent - today + Math.max(today, expect(this.policy.now()));
    for (let atMs = day.endMs; atMs < month.endMs; atMs += DAY) total += expect(atMs);
    return total;
  }

  exportAs(format: 'csv' | 'json'): string {
    if (format === 'json') return JSON.stringify(this.rows);
    const lines = this.rows.map((row) => FIELDS.map((field) => row[field]));
    return [FIELDS, ...lines]
      .map((line) => line.map((value) => quoted(String(value))).join(','))
      .join('\r\n');
  }

  /** The day and the month of now, by the calendar of the bill. */
  #periods(): Period[] {
    const nowMs = this.policy.now();
    const now = new Date(nowMs);
    const id = now.toISOString();
    return [
      {
        id: id.slice(0, 10),
        limitMicroUsd: this.policy.dayMicroUsd,
        endMs: (Math.floor(nowMs / DAY) + 1) * DAY,
      },
      {
        id: id.slice(0, 7),
        limitMicroUsd: this.policy.monthMicroUsd,
        endMs: Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1),
      },
    ];
  }

  #account(id: string): Account {
    let account = this.#accounts.get(id);
    if (!account) {
      account = { spent: 0, held: 0, announced: new Map() };
      this.#accounts.set(id, account);
    }
    return account;
  }

  #committed({ id }: Period): number {
    const { spent, held } = this.#account(id);
    return spent + held;
  }

  #announce({ id }: Period, threshold: Alert['threshold']): void {
    const { announced } = this.#account(id);
    if (announced.has(threshold)) return;
    announced.set(threshold, this.policy.now());
    this.policy.notify({ period: id, threshold, escalated: false });
  }

  #attribute({ tenant, feature }: Scope, model: string, microUsd: number, tokens: number): void {
    let row = this.rows.find(
      (known) => known.tenant === tenant && known.feature === feature && known.model === model,
    );
    if (!row) {
      row = { tenant, feature, model, calls: 0, tokens: 0, microUsd: 0, share: 0 };
      this.rows.push(row);
    }
    row.calls += 1;
    row.tokens += tokens;
    row.microUsd += microUsd;
    const total = this.rows.reduce((sum, it) => sum + it.microUsd, 0);
    for (const it of this.rows) it.share = it.microUsd / total;
  }
}

function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
