import { modelFor, type Random } from '#lib/provider';
import type * as Contract from '../../contracts/semantic-cache.ts';
import type { Intent } from '../../corpus.ts';

const TENANTS = 6;
const REQUESTS = 250;

export function requestsOf(
  hidden: readonly Intent[],
  random: Random,
): { query: Contract.Query; intent: Intent }[] {
  const order = random.shuffle(hidden);
  const requests = Array.from({ length: TENANTS }, (_, tenant) =>
    Array.from({ length: REQUESTS }, () => {
      // Popularity falls with the rank, though not as steeply as 1 / rank.
      const intent = order[Math.floor(order.length * random.next() ** 2.2)] as Intent;
      const text = random.pick(intent.questions);
      const typed =
        random.next() < 0.3 ? text.toLowerCase() : random.next() < 0.3 ? text.replace(/\?$/, '') : text;
      const query = { ...BASE, tenant: `tenant ${tenant}`, user: `user ${random.int(50)}`, text: typed };
      return { query, intent };
    }),
  );
  return random.shuffle(requests.flat());
}

export const BASE: Contract.Query = {
  tenant: 'acme',
  user: 'ann',
  model: modelFor('small'),
  system: 'You are the help desk.',
  earlier: [],
  text: '',
};
