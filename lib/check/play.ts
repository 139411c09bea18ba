import { inWords, type Reading, reached } from '../provider/metrics.ts';
import { type Run, type Scenario, simulate } from '../provider/scenario.ts';
import { hold, SubjectThrew } from './failure.ts';
import { traceOf } from './trace.ts';
import { session } from './vitest.ts';

/** A run as checks read it. `value` is what the subject returned; reading it fails the check if the subject threw. */
export interface PlayedRun<T, V> extends Run<T, V> {
  readonly value: V;
}

/**
 * Plays the scenario with the subject once, when the first check asks; every check then reads the same run. Its
 * figures become the lab's table, beside those of the naive version where the grader asks for it.
 */
export function play<S, T, V>(scenario: Scenario<S, T, V>, subject: S): () => Promise<PlayedRun<T, V>> {
  const { seed, loadBefore, metrics, plays, charts } = session();
  let played: Promise<PlayedRun<T, V>> | undefined;
  return () => {
    played ??= measure();
    return played;
  };

  async function measure(): Promise<PlayedRun<T, V>> {
    const run = await simulate(scenario, subject, { seed });
    plays.push({ ...traceOf(run), measured: scenario.readings !== undefined });
    const { outcome } = run;
    if (outcome.ok && scenario.chart) charts.push(scenario.chart({ ...run, outcome }));
    const naive = loadBefore && (await simulate(scenario, (await loadBefore()) as S, { seed }));
    for (const [name, { value, ...reading }] of Object.entries(run.readings)) {
      metrics.set(name, { name, ...reading, yours: value, before: naive?.readings[name]?.value ?? null });
    }
    return {
      ...run,
      get value() {
        if (!run.outcome.ok) throw new SubjectThrew(run.outcome.error, run.strayUrls);
        return run.outcome.value;
      },
    };
  }
}

/** Fails the check unless the named figure of the run reaches its target. `help` names the likely mistake. */
export function meets(run: Run<unknown, unknown>, name: string, help?: string): void {
  if (!run.outcome.ok) throw new SubjectThrew(run.outcome.error, run.strayUrls);
  const reading: Reading | undefined = run.readings[name];
  if (!reading) {
    const names = Object.keys(run.readings).join(', ');
    throw new Error(`The scenario has no reading "${name}". It has: ${names}.`);
  }
  const { value, target, limit, unit, better } = reading;
  hold(reached(reading), {
    happened: `${name} was ${inWords(value, unit)}`,
    expected:
      `${better === 'lower' ? 'at most' : 'at least'} ${inWords(target, unit)}` +
      (limit === null ? '' : ` (no code can beat ${inWords(limit, unit)})`),
    actual: inWords(value, unit),
    help,
  });
}
