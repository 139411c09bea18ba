import type { Alert, Decision, Lease, Policy, Row, Scope } from '#course/day4-metrics/contracts/budget.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const FIELDS = ['tenant', 'feature', 'model', 'calls', 'tokens', 'microUsd', 'share'] as const;

/** One day or one month, by the calendar of the bill. */
interface Period {
  id: string;
  limitMicroUsd: number;
  endMs: number;
}

/** Money is taken off when a request is sent, not when it is billed: what is held is as good as spent. */
export class Budget {
  readonly policy: Policy;
  readonly rows: Row[] = [];
  /** By day and by month. */
  #spent = new Map<string, number>();
  /** What is left of each lease that was not released. Bills come later, so that it counts in each period until then. */
  #held = new Map<Lease, number>();
  /** When each threshold of a period was announced; infinity once it needs no more attention. */
  #announced = new Map<string, { alert: Alert; sinceMs: number }>();

  constructor(policy: Policy) {
    this.policy = policy;
  }

  reserve(scope: Scope, maxMicroUsd: number): Decision {
    const periods = this.#periods();
    const full = periods.filter((it) => this.#taken(it) + maxMicroUsd > it.limitMicroUsd);
    for (const period of full) this.#announce(period, 1);
    if (full.length > 0) return { action: 'block', untilMs: Math.max(...full.map(({ endMs }) => endMs)) };
    const share = Math.max(...periods.map((period) => this.#taken(period) / period.limitMicroUsd));
    if (share >= 0.9 && !scope.urgent) return { action: 'queue', untilMs: periods[0].endMs };
    const lease = { scope, maxMicroUsd };
    this.#held.set(lease, maxMicroUsd);
    return { action: share >= 0.8 ? 'downgrade' : 'proceed', lease };
  }

  charge(lease: Lease, model: string, microUsd: number, tokens: number): void {
    this.#attribute(lease.scope, model, microUsd, tokens);
    const held = this.#held.get(lease);
    if (held !== undefined) this.#held.set(lease, Math.max(0, held - microUsd));
    for (const period of this.#periods()) {
      const spent = this.#spentIn(period.id) + microUsd;
      this.#spent.set(period.id, spent);
      for (const threshold of [0.5, 0.8] as const)
        if (spent >= threshold * period.limitMicroUsd) this.#announce(period, threshold);
    }
  }

  release(lease: Lease): void {
    this.#held.delete(lease);
  }

  acknowledge(period: string, threshold: Alert['threshold']): void {
    const known = this.#announced.get(`${period} ${threshold}`);
    if (known) known.sinceMs = Number.POSITIVE_INFINITY;
  }

  tick(): void {
    for (const known of this.#announced.values()) {
      if (this.policy.now() < known.sinceMs + this.policy.escalateAfterMs) continue;
      known.sinceMs = Number.POSITIVE_INFINITY;
      this.policy.notify({ ...known.alert, escalated: true });
    }
  }

  /** What was spent, and for each day that is left the mean of its weekday in the last four weeks. */
  forecast(): number {
    const [day, month] = this.#periods();
    const todayMs = day.endMs - DAY;
    let total = this.#spentIn(month.id);
    for (let atMs = todayMs; atMs < month.endMs; atMs += DAY) {
      const weeksAhead = Math.floor((atMs - todayMs) / WEEK);
      for (let week = 1; week <= 4; week += 1)
        total += this.#spentIn(dayOf(atMs - (weeksAhead + week) * WEEK)) / 4;
    }
    return total;
  }

  exportAs(format: 'csv' | 'json'): string {
    if (format === 'json') return JSON.stringify(this.rows);
    const lines = this.rows.map((row) => FIELDS.map((field) => quoted(String(row[field]))));
    return [FIELDS, ...lines].map((line) => line.join(',')).join('\r\n');
  }

  #periods(): [day: Period, month: Period] {
    const nowMs = this.policy.now();
    const now = new Date(nowMs);
    const { dayMicroUsd, monthMicroUsd } = this.policy;
    const monthEndMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
    return [
      { id: dayOf(nowMs), limitMicroUsd: dayMicroUsd, endMs: (Math.floor(nowMs / DAY) + 1) * DAY },
      { id: dayOf(nowMs).slice(0, 7), limitMicroUsd: monthMicroUsd, endMs: monthEndMs },
    ];
  }

  #spentIn(id: string): number {
    return this.#spent.get(id) ?? 0;
  }

  #taken({ id }: Period): number {
    return [...this.#held.values()].reduce((sum, held) => sum + held, this.#spentIn(id));
  }

  #announce({ id }: Period, threshold: Alert['threshold']): void {
    if (this.#announced.has(`${id} ${threshold}`)) return;
    const alert = { period: id, threshold, escalated: false };
    this.#announced.set(`${id} ${threshold}`, { alert, sinceMs: this.policy.now() });
    this.policy.notify(alert);
  }

  #attribute({ tenant, feature }: Scope, model: string, microUsd: number, tokens: number): void {
    let row = this.rows.find((it) => it.tenant === tenant && it.feature === feature && it.model === model);
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

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** A cell of a CSV as RFC 4180 has it. */
function quoted(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
