import type * as Subject from '#days/day1-latency/7-critical-path/run-plan.ts';
import { defineScenario, type World } from '#lib/provider';
import { provider } from '../../provider.ts';
import { type Page, PLAIN, show } from './pages.ts';

/** When the user of the first corner leaves. */
export const LEAVES_MS = 700;

/** What the page of this customer is decided to be, later than its letter is written. */
const DECIDED_LATE = { refund: 3, none: 2 };

/**
 * Two pages that come to nothing, one whose user leaves, one whose orders cannot be read; and two on which the decision
 * is slow.
 */
export const corners = defineScenario({
  provider,
  faults: Object.values(DECIDED_LATE).map((customer) => ({
    when: { promptIncludes: `Thread of customer ${customer}` },
    effect: { slowdown: 10 },
  })),
  answer: ({ prompt, sentences }) =>
    prompt.startsWith(`Thread of customer ${DECIDED_LATE.refund}`)
      ? `${sentences(100)} Refund.`
      : sentences(100),
  traffic: () => [0, 1, 2, 3].map((customer): Page => ({ ...PLAIN, customer })),
  async play(subject: typeof Subject, world: World<Page[]>) {
    const [left, broken, none, refund] = world.traffic as [Page, Page, Page, Page];
    const user = new AbortController();
    setTimeout(() => user.abort(new Error('the user left')), LEAVES_MS);
    return {
      left: await show(subject, world, left, { signal: user.signal }),
      broken: await show(subject, world, broken, { breaks: 'orders' }),
      none: await show(subject, world, none),
      refund: await show(subject, world, refund),
    };
  },
});
