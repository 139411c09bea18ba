import type { Alert, Decision, Lease, Policy, Row, Scope } from '#course/day4-metrics/contracts/budget.ts';

const DAY = 86_400_000;
/** Running sums: one for each day and month, and one for all that is reserved. */
class Period {
  spent = 0;
  name: string;
  limit: number;
  endMs: number;
  constructor(name: string, limit: number, endMs: number) {
    this.name = name;
    this.limit = limit;
    this.endMs = endMs;
  }
}
export class Budget {
  readonly policy: Policy;
  #leases = new Map<Lease, number>();
  #reserved = 0;
  #periods = new Map<string, Period>();
  #table = new Map<string, Row>();
  #total = 0;
  #days = new Map<number, number>();
  #alerts = new Map<string, { alert: Alert; at: number; done: boolean }>();
  constructor(policy: Policy) {
    this.policy = policy;
  }
  #now(): [Period, Period] {
    const d = new Date(this.policy.now());
    const iso = d.toISOString();
    const get = (name: string, limit: number, end: number) => {
      const period = this.#periods.get(name) ?? new Period(name, limit, end);
      this.#periods.set(name, period);
      return period;
    };
    return [
      get(
        iso.slice(0, 10),
        this.policy.dayMicroUsd,
        Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), d.getUTCDate() + 1),
      ),
      get(iso.slice(0, 7), this.policy.monthMicroUsd, Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + 1, 1)),
    ];
  }
  #alert(p: Period, threshold: Alert['threshold']) {
    const k = `${p.name} ${threshold}`;
    if (this.#alerts.has(k)) return;
    const alert: Alert = { period: p.name, threshold, escalated: false };
    this.#alerts.set(k, { alert, at: this.policy.now(), done: false });
    this.policy.notify({ ...alert });
  }
  reserve(scope: Scope, maxMicroUsd: number): Decision {
    const periods = this.#now();
    const full = periods.filter((p) => p.spent + this.#reserved + maxMicroUsd > p.limit);
    if (full.length) {
      for (const p of full) this.#alert(p, 1);
      return { action: 'block', untilMs: Math.max(...full.map((p) => p.endMs)) };
    }
    const taken = Math.max(...periods.map((p) => (p.spent + this.#reserved) / p.limit));
    if (taken >= 0.9 && !scope.urgent) return { action: 'queue', untilMs: periods[0].endMs };
    const lease = { scope, maxMicroUsd };
    this.#leases.set(lease, maxMicroUsd);
    this.#reserved += maxMicroUsd;
    return { action: taken >= 0.8 ? 'downgrade' : 'proceed', lease };
  }
  charge(lease: Lease, model: string, microUsd: number, tokens: number): void {
    const left = this.#leases.get(lease);
    if (left !== undefined) {
      const used = Math.min(left, microUsd);
      this.#leases.set(lease, left - used);
      this.#reserved -= used;
    }
    const { tenant, feature } = lease.scope;
    const k = JSON.stringify([tenant, feature, model]);
    const row = this.#table.get(k) ?? { tenant, feature, model, calls: 0, tokens: 0, microUsd: 0, share: 0 };
    this.#table.set(k, row);
    row.calls++;
    row.tokens += tokens;
    row.microUsd += microUsd;
    this.#total += microUsd;
    const d = Math.floor(this.policy.now() / DAY);
    this.#days.set(d, (this.#days.get(d) ?? 0) + microUsd);
    for (const p of this.#now()) {
      p.spent += microUsd;
      for (const t of [0.5, 0.8] as const) if (p.spent >= t * p.limit) this.#alert(p, t);
    }
  }
  release(lease: Lease): void {
    this.#reserved -= this.#leases.get(lease) ?? 0;
    this.#leases.delete(lease);
    if (!this.#leases.size) this.#reserved = 0;
  }
  acknowledge(period: string, threshold: Alert['threshold']): void {
    const a = this.#alerts.get(`${period} ${threshold}`);
    if (a) a.done = true;
  }
  tick(): void {
    for (const a of this.#alerts.values())
      if (!a.done && this.policy.now() - a.at >= this.policy.escalateAfterMs) {
        a.done = true;
        this.policy.notify({ ...a.alert, escalated: true });
      }
  }
  get rows(): Row[] {
    return [...this.#table.values()].map((r) => ({
      ...r,
      share: this.#total ? r.microUsd / this.#total : 0,
    }));
  }
  forecast = (): number => {
    const now = this.policy.now();
    const today = Math.floor(now / DAY);
    const d = new Date(now);
    const from = Date.UTC(d.getUTCFullYear(), d.getUTCMonth(), 1) / DAY;
    const to = Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + 1, 1) / DAY;
    const weekend = (x: number) => [0, 6].includes(new Date(x * DAY).getUTCDay());
    const seen = [...this.#days.keys()];
    const first = seen.length ? Math.min(...seen) : today;
    const past = { work: [] as number[], rest: [] as number[] };
    for (let x = first; x < today; x++) (weekend(x) ? past.rest : past.work).push(this.#days.get(x) ?? 0);
    const mean = (v: number[]) => v.reduce((s, y) => s + y, 0) / v.length;
    const part = (now - today * DAY) / DAY;
    const running = (this.#days.get(today) ?? 0) / Math.max(part, 1 / 24);
    const work = past.work.length
      ? mean(past.work)
      : past.rest.length
        ? mean(past.rest) * 3
        : weekend(today)
          ? running * 3
          : running;
    const rest = past.rest.length ? mean(past.rest) : work / 3;
    let sum = 0;
    for (let x = from; x < to; x++) {
      const usual = weekend(x) ? rest : work;
      const spent = this.#days.get(x) ?? 0;
      sum += x < today ? spent : x === today ? spent + usual * (1 - part) : usual;
    }
    return sum;
  };
  exportAs = (format: 'csv' | 'json'): string => {
    if (format === 'json') return JSON.stringify(this.rows);
    const cols = ['tenant', 'feature', 'model', 'calls', 'tokens', 'microUsd', 'share'] as const;
    const cell = (v: string | number) =>
      /[",\r\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v);
    return [cols.join(','), ...this.rows.map((r) => cols.map((c) => cell(r[c])).join(','))].join('\r\n');
  };
}
