import type { Alert, Decision, Lease, Policy, Row, Scope } from '#course/day4-metrics/contracts/budget.ts';

export class Budget {
  #spent = 0;
  rows: Row[] = [];
  readonly policy: Policy;
  constructor(policy: Policy) {
    this.policy = policy;
  }
  // TODO: what do fifty requests get that ask at the same moment?
  reserve(scope: Scope, maxMicroUsd: number): Decision {
    if (this.#spent < this.policy.dayMicroUsd) return { action: 'proceed', lease: { scope, maxMicroUsd } };
    return { action: 'block', untilMs: this.policy.now() + 86_400_000 };
  }
  /** For every attempt that was billed; `release` follows when the request has ended, well or badly. */
  charge({ scope: { tenant, feature } }: Lease, model: string, microUsd: number, tokens: number): void {
    this.#spent += microUsd;
    this.rows.push({ tenant, feature, model, calls: 1, tokens, microUsd, share: 1 });
    for (const threshold of [0.5, 0.8] as const)
      if (this.#spent >= threshold * this.policy.dayMicroUsd)
        this.policy.notify({
          period: new Date(this.policy.now()).toDateString(),
          threshold,
          escalated: false,
        });
  }
  release(_lease: Lease): void {}
  acknowledge(_period: string, _threshold: Alert['threshold']): void {}
  /** Called once a minute. */
  tick(): void {}
  /** What this month will have cost when it is over. */
  forecast = (): number => (this.#spent / new Date(this.policy.now()).getDate()) * 30;
  exportAs = (format: 'csv' | 'json'): string =>
    format === 'json' ? JSON.stringify(this.rows) : this.rows.map((row) => Object.values(row)).join('\n');
}
