import type * as Subject from '#days/day1-latency/6-batcher/batcher.ts';
import { defineScenario, sum, type World } from '#lib/provider';
import { provider } from '../../provider.ts';
import { fewestCalls, waitOf } from './bounds.ts';
import {
  FLAGGED,
  MAX_SIZE,
  MAX_WAIT_MS,
  type Message,
  SHOPS,
  sortAll,
  sortMessages,
  UNREADABLE,
} from './desk.ts';
import { dayOf } from './traffic.ts';

export { deskFor, FLAGGED, MAX_SIZE, type Message, plain, SHOPS, UNREADABLE } from './desk.ts';

/** Two shops give their incoming messages to desks. Each shop has a batcher of its own. */
export const scenario = defineScenario({
  provider,
  answer: ({ prompt }) => sortAll(prompt),
  traffic: (random) => SHOPS.flatMap((shop) => dayOf(shop, random)),
  play(subject: typeof Subject, world: World<Message[]>) {
    return sortMessages(subject, world, MAX_SIZE);
  },
  readings({ traffic, ledger, outcome }) {
    const { sorted, loads } = outcome.value;
    const waits = sorted.map((message) => waitOf(message, loads));
    const quiet = waits.filter((_, i) => sorted[i]?.quiet);
    // Who was forgotten asks again, alone.
    const calls = ledger.calls.length + sorted.filter(({ desk }) => desk === null).length;
    const fewest = sum(SHOPS.map((shop) => fewestCalls(traffic.filter((message) => message.shop === shop))));
    return {
      // The limit never asks twice for the same message in a day. Without a memory that costs a few calls more, and so
      // does a first request that could not know that others follow: a third is enough for both.
      'answers per call': {
        unit: 'count',
        better: 'higher',
        value: sorted.length / calls,
        target: traffic.length / fewest / 1.33,
        limit: traffic.length / fewest,
      },
      // The contract itself: a batch that fills slowly is sent when its first request has waited so long.
      'longest wait': {
        unit: 'ms',
        better: 'lower',
        value: Math.max(...waits),
        target: MAX_WAIT_MS,
        limit: 0,
      },
      // In quiet hours one request in ten meets a call that is under way; a rule that looks at that may wait for it.
      'mean wait in quiet hours': {
        unit: 'ms',
        better: 'lower',
        value: sum(quiet) / quiet.length,
        target: MAX_WAIT_MS / 3,
        limit: 0,
      },
    };
  },
});

const TOGETHER = 16;

/**
 * Sixteen messages come at once and fit into one call, which the provider refuses because of one of them. That one is
 * of the second half: before it comes, any prediction can know that it is not alone.
 */
export const refusal = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FLAGGED }, effect: { error: 'invalid_prompt' } }],
  answer: ({ prompt }) => sortAll(prompt),
  traffic(random): Message[] {
    const flagged = TOGETHER - 1 - random.int(TOGETHER / 2);
    const unreadable = random.int(TOGETHER / 2);
    return Array.from({ length: TOGETHER }, (_, i) => {
      const rest = i === flagged ? ` ${FLAGGED}` : i === unreadable ? ` ${UNREADABLE}` : '';
      return {
        shop: 'Harbour Shoes',
        text: `Order ${5000 + i} has not arrived${rest}`,
        atMs: 0,
        quiet: false,
      };
    });
  },
  play(subject: typeof Subject, world: World<Message[]>) {
    return sortMessages(subject, world, TOGETHER);
  },
});
