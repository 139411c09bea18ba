import type * as Subject from '#days/day1-latency/7-critical-path/run-plan.ts';
import { defineScenario, percentile, sum, type World } from '#lib/provider';
import { provider } from '../../provider.ts';
import { criticalAfterMs, foresee, lastOf, tokensUntilDecided, unwantedCalls } from './bounds.ts';
import { CRITICAL, FLAGGED, PAGES, type Page, pageOf, show } from './pages.ts';

export { foresee } from './bounds.ts';
export { corners, LEAVES_MS } from './corners.ts';
export { CRITICAL, LETTER, type Seen } from './pages.ts';
export { LEAVES_MS as PLAN_LEAVES_MS, plans } from './plans.ts';

/** Twenty help pages, each made of eight steps. */
export const scenario = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FLAGGED }, effect: { error: 'invalid_prompt' } }],
  answer: ({ prompt, sentences }) => {
    const customer = Number(/customer (\d+)/.exec(prompt)?.[1]);
    if (prompt.startsWith('Thread')) return `${sentences(100)} ${customer % 2 ? 'Refund.' : 'No refund.'}`;
    if (prompt.startsWith('Refund letter')) return sentences(600);
    return sentences(prompt.startsWith('Title') ? 10 : 80);
  },
  traffic: (random) => Array.from({ length: PAGES }, (_, customer) => pageOf(customer, random)),
  play: (subject: typeof Subject, world: World<Page[]>) =>
    Promise.all(world.traffic.map((page) => show(subject, world, page))),
  readings(run) {
    const { value: seen } = run.outcome;
    const foreseen = run.traffic.map((page) => foresee(page, run));
    const criticalMs = percentile(
      foreseen.map((parts) => lastOf(parts, CRITICAL)),
      95,
    );
    const wholeMs = percentile(
      foreseen.map((parts) => lastOf(parts, Object.keys(parts))),
      95,
    );
    return {
      'p95 critical content': {
        unit: 'ms',
        better: 'lower',
        value: percentile(seen.map(criticalAfterMs), 95),
        target: criticalMs * 1.1,
        limit: criticalMs,
      },
      'p95 whole page': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          seen.map(({ startMs, endMs }) => endMs - startMs),
          95,
        ),
        target: wholeMs * 1.1,
        limit: wholeMs,
      },
      // Who waits for the decision writes nothing for nothing, and is late on the pages that do want the letter. Who
      // starts early pays for what is written until the decision is there; the target allows for that and a tenth.
      'tokens for nothing': {
        unit: 'tokens',
        better: 'lower',
        value: sum(unwantedCalls(run).map((call) => call.tokens.output)),
        target: sum(run.traffic.map((page) => (page.wantsRefund ? 0 : tokensUntilDecided(page, run)))) * 1.1,
        limit: 0,
      },
    };
  },
});
