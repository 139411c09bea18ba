import { inWords, inWordsApart, isImpossible, type Reading, reached } from '../provider/metrics.ts';
import { type PlayRecord, recordOf, replayed } from '../provider/replay.ts';
import { type Run, type Scenario, simulate } from '../provider/scenario.ts';
import { type BlockedCheck, type Finding, hold, SubjectThrew } from './failure.ts';
import { isMisread, MisreadValue } from './misread.ts';
import { type CheckSession, session } from './session.ts';
import { traceOf } from './trace.ts';

/** A run as checks read it. `value` is what the subject returned; reading it fails the check if the subject threw. */
export interface PlayedRun<T, V> extends Run<T, V> {
  readonly value: V;
  /** Why there are no figures of a run that came to a value. */
  readonly misread?: MisreadValue;
}

/**
 * Plays the scenario with the subject once, when the first check asks; every check then reads the same run. Its
 * figures become the lab's table, beside those of the naive version where the grader asks for it.
 */
export function play<S, T, V>(scenario: Scenario<S, T, V>, subject: S): () => Promise<PlayedRun<T, V>> {
  const own = session();
  const playIt = playing(() => scenario, subject, own);
  if (scenario.readings) own.unplayed += 1;
  let played: Promise<PlayedRun<T, V>> | undefined;
  return () => {
    played ??= measure();
    return played;
  };

  async function measure(): Promise<PlayedRun<T, V>> {
    const { seed, loadBefore, metrics, plays, charts } = own;
    const run = await playIt(undefined);
    plays.push({ ...traceOf(run), measured: scenario.readings !== undefined });
    const misread = describe(scenario, run, charts);
    const naive = loadBefore && (await simulate(scenario, (await loadBefore()) as S, { seed }));
    for (const [name, { value, ...reading }] of Object.entries(run.readings)) {
      metrics.set(name, { name, ...reading, yours: value, before: naive?.readings[name]?.value ?? null });
    }
    if (naive && Object.keys(run.readings).length > 0) own.unplayed -= 1;
    return readable(run, misread);
  }
}

/**
 * Plays further scenarios of one family with the subject, each time it is called: the argument, which is data, says
 * which. What comes of them is judged, not shown.
 */
export function playEach<A, S, T, V>(
  scenarioFor: (which: A) => Scenario<S, T, V>,
  subject: S,
): (which: A) => Promise<PlayedRun<T, V>> {
  const playIt = playing(scenarioFor, subject, session());
  return async (which) => readable(await playIt(which));
}

/**
 * Runs a function of the course that calls the subject outside of a play, where the subject lives. What it resolves to
 * comes back as data.
 */
export function trial<T>(body: () => Promise<T>): () => Promise<T> {
  const { elsewhere, programme } = session();
  programme?.push(body);
  const number = elsewhere?.next() ?? 0;
  return () => (elsewhere ? (elsewhere.ask(number, undefined) as Promise<T>) : body());
}

/** Plays here, or has it played where the subject lives and replays the record. The figures are taken by the caller. */
function playing<A, S, T, V>(
  scenarioFor: (which: A) => Scenario<S, T, V>,
  subject: S,
  { seed, elsewhere, programme }: CheckSession,
): (which: A) => Promise<Run<T, V>> {
  // Without readings, so that a value that cannot be read spoils only them.
  const playHere = (which: A) => simulate({ ...scenarioFor(which), readings: undefined }, subject, { seed });
  programme?.push(async (which) => recordOf(await playHere(which as A)));
  const number = elsewhere?.next() ?? 0;
  if (!elsewhere) return playHere;
  return async (which) =>
    replayed(scenarioFor(which), (await elsewhere.ask(number, which)) as PlayRecord<V>, seed);
}

function readable<T, V>(run: Run<T, V>, misread?: MisreadValue): PlayedRun<T, V> {
  return {
    ...run,
    ...(misread && { misread }),
    get value() {
      if (!run.outcome.ok) throw whyThereIsNone(run.outcome.error, run.strayUrls);
      return run.outcome.value;
    },
  };
}

/** Takes the figures of a run and draws its chart. Answers with what is wrong with a value that cannot be read so. */
function describe<S, T, V>(
  scenario: Scenario<S, T, V>,
  run: Run<T, V>,
  charts: string[] | undefined,
): MisreadValue | undefined {
  const { outcome } = run;
  if (!outcome.ok) return undefined;
  try {
    run.readings = scenario.readings?.({ ...run, outcome }) ?? {};
    if (charts && scenario.chart) charts.push(scenario.chart({ ...run, outcome }));
    return undefined;
  } catch (error) {
    if (isMisread(error)) return new MisreadValue(error);
    throw error;
  }
}

/** Why a run has no value: the subject threw, or the scenario could not go on with what the subject gave it. */
function whyThereIsNone(error: unknown, strayUrls: readonly string[]): BlockedCheck {
  return isMisread(error) && strayUrls.length === 0
    ? new MisreadValue(error)
    : new SubjectThrew(error, strayUrls);
}

/**
 * Fails the check unless the named figure of the run reaches its target, and also if it beats its limit. `help` says what
 * to look at.
 */
export function meets(
  run: Run<unknown, unknown> & { misread?: MisreadValue },
  name: string,
  help?: string,
): void {
  if (!run.outcome.ok) throw whyThereIsNone(run.outcome.error, run.strayUrls);
  if (run.misread) throw run.misread;
  const reading: Reading | undefined = run.readings[name];
  if (!reading) {
    const names = Object.keys(run.readings).join(', ');
    throw new Error(`The scenario has no reading "${name}". It has: ${names}.`);
  }
  session().judged.add(name);
  hold(!isImpossible(reading), () => impossible(name, reading));
  hold(reached(reading), () => missed(name, reading, help));
}

function missed(
  name: string,
  { value, target, limit, unit, better, isBestKnown }: Reading,
  help?: string,
): Finding {
  const [measured, asked] = inWordsApart(value, target, unit);
  const bound = isBestKnown ? 'the best known is' : 'no code can beat';
  return {
    happened: `${name} was ${measured}`,
    expected:
      `${better === 'lower' ? 'at most' : 'at least'} ${asked}` +
      (limit === null ? '' : ` (${bound} ${inWords(limit, unit)})`),
    actual: measured,
    help,
  };
}

function impossible(name: string, { value, limit, unit, better }: Reading): Finding {
  const [measured, bound] = inWordsApart(value, limit ?? 0, unit);
  return {
    happened: `${name} was ${measured}, which is better than any code can be`,
    expected: `${better === 'lower' ? `${bound} or more` : `${bound} or less`}, the limit of this traffic`,
    actual: measured,
    help: 'Was something left out: an answer cut short, a call not made, a part of the work dropped?',
  };
}
