import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/1-exact-cache/exact-cache.ts';
import { defineScenario, sum } from '#lib/provider';
import type * as Contract from '../../contracts/exact-cache.ts';
import { provider } from '../../provider.ts';
import { draws, gluedScopes, halves, pairs, reread, standInStream } from './corners.ts';
import { type Asked, isStream, meaning, type Request, textOf } from './meaning.ts';
import { newStore } from './replies.ts';
import { FLAKY, MODEL, STAND_IN, STAND_IN_NAME, trace, UNSAFE } from './trace.ts';

export { type Asked, differences, meaning } from './meaning.ts';

/** What came back for it. */
export interface Served {
  asked: Asked;
  /** A whole answer. */
  reply?: OpenAI.ChatCompletion;
  error?: unknown;
  /** The text of a stream. */
  streamed?: string;
  calls: number;
  costMicroUsd: number;
}

/** The model is down from here to there; the flaky prompt fails until the outage is over. */
const OUTAGE = { fromMs: 3_600_000, toMs: 3_700_000 };

/** A support product of three tenants: help-page questions, then the requests that a careless key confuses. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { deployment: MODEL, ...OUTAGE }, effect: { error: 'overloaded' } },
    { when: { promptIncludes: FLAKY, toMs: OUTAGE.toMs }, effect: { error: 'server_error' } },
  ],
  traffic: trace,
  async play(subject: typeof Subject, { openai, clock, ledger, traffic }) {
    /** Which request an answer was made for, by the id of the answer. */
    const madeFor = new Map<string, Asked>();
    const served: Served[] = [];
    const store = newStore();
    const doors = new Map<string, Contract.Call>();
    /** What `cached` made, if nothing can be asked of it. */
    let notACall: string | undefined;
    let current: Asked | undefined;
    for (const asked of [
      ...traffic.before,
      'outage' as const,
      ...traffic.during,
      'over' as const,
      ...traffic.after,
    ]) {
      if (asked === 'outage') await clock.sleep(OUTAGE.fromMs - clock.now());
      else if (asked === 'over') await clock.sleep(OUTAGE.toMs - clock.now());
      else served.push(await put(asked));
    }
    return {
      served,
      madeFor,
      notACall,
      pairs: await pairs(subject),
      draws: await draws(subject),
      scopes: await gluedScopes(subject),
      halves: await halves(subject, clock),
      standInCalls: await standInStream(subject, clock),
      reread: await reread(subject, clock),
    };

    async function put(asked: Asked): Promise<Served> {
      const { request, scope, leavesAfterMs } = asked;
      const name = JSON.stringify(scope);
      const door = doors.get(name) ?? subject.cached(call, store, scope);
      doors.set(name, door);
      if (typeof door !== 'function') notACall = typeof door;
      current = asked;
      const before = ledger.totals();
      const result: Served = { asked, calls: 0, costMicroUsd: 0 };
      const user = new AbortController();
      if (leavesAfterMs !== undefined) setTimeout(() => user.abort(), leavesAfterMs);
      try {
        const reply = await door(structuredClone(request), { signal: user.signal });
        if (isStream(reply)) result.streamed = await textOf(reply);
        else result.reply = reply;
      } catch (error) {
        result.error = error;
      }
      result.calls = ledger.calls.length - before.calls;
      result.costMicroUsd = ledger.totals().costMicroUsd - before.costMicroUsd;
      return result;
    }

    /** How the product asks: the stand-in answers when the model is down, and unsafe answers are blanked. */
    async function call(sent: Request, options?: { signal?: AbortSignal }): Promise<Contract.Reply> {
      const settings = { maxRetries: 0, ...options };
      const reply = await openai.chat.completions
        .create(sent, settings)
        .catch(async (error: { status?: number }) => {
          if ((error.status ?? 0) < 500 || sent.model !== MODEL) throw error;
          const answer = await openai.chat.completions.create({ ...sent, model: STAND_IN }, settings);
          return isStream(answer) ? answer : Object.assign(answer, { model: STAND_IN_NAME });
        });
      if (isStream(reply)) return reply;
      // The id of the request at the provider: unlike the answer's own, it never repeats.
      const answer = { ...reply, id: reply._request_id ?? reply.id };
      const [choice] = answer.choices;
      if (choice && JSON.stringify(sent.messages).includes(UNSAFE)) {
        choice.finish_reason = 'content_filter';
        choice.message.content = '';
      }
      if (current) madeFor.set(answer.id, current);
      return answer;
    }
  },
  readings({ outcome, traffic, quote }) {
    const served = outcome.value.served.filter(({ asked }) => asked.faq);
    /** A hit counts if it is the answer to this very request; another one has to be asked for once more. */
    const isWrong = ({ asked, reply }: Served) => {
      const source = reply && outcome.value.madeFor.get(reply.id);
      return !source || meaning(source) !== meaning(asked);
    };
    const cost = (it: Served) =>
      it.costMicroUsd + (isWrong(it) ? quote('openai', it.asked.request).costMicroUsd : 0);
    const faq = traffic.before.filter((asked) => asked.faq);
    const needed = new Map(faq.toReversed().map((asked) => [meaning(asked), asked.request]));
    const bestRate = 1 - needed.size / faq.length;
    const bestCost = sum([...needed.values()].map((request) => quote('openai', request).costMicroUsd));
    return {
      // The first of its kind has to be asked; all others could be found again.
      'hit rate': {
        unit: 'share',
        better: 'higher',
        value: served.filter((it) => it.calls === 0 && !isWrong(it)).length / served.length,
        target: bestRate - 0.03,
        limit: bestRate,
      },
      'spent on the help page': {
        unit: 'microUsd',
        better: 'lower',
        value: sum(served.map(cost)),
        target: bestCost * 1.1,
        limit: bestCost,
      },
    };
  },
});
