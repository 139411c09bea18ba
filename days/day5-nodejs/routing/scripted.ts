import OpenAI from 'openai';
import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import type { Clock } from '#lib/clock';
import type * as Contract from '../contracts/router.ts';

/** What a deployment does with a call: after so long it answers or fails, having shown something or not. */
export interface Turn {
  ms: number;
  error?: unknown;
  shows?: string;
}

/** An attempt as it reached a deployment. What is not a user's question is the router's own. */
export interface Sent {
  to: string;
  prompt: string;
  isUsers: boolean;
  atMs: number;
  endMs: number;
  isAborted: boolean;
}

/** What became of a user's question. */
export interface Told {
  text?: string;
  error?: string;
  /** It was rejected with the very error that the deployment gave. */
  isTheirs: boolean;
  shown: string;
  /** Who was asked, in this order. */
  asked: string[];
}

export interface Script {
  deployments?: readonly Contract.Deployment[];
  /** Default: east, whenever it is offered. */
  balance?: Contract.RouterOptions['balance'];
  /** What the n-th call to a deployment meets, so long after the start. */
  turn(call: { to: string; nth: number; atMs: number; isUsers: boolean }): Turn;
}

/** Longer than anything here lasts. */
export const HANGS_MS = 3_600_000;
const QUESTION = /^Question \d+:/;

/** A router before deployments that do as they are told, so that every corner of its contract is there on each seed. */
export function scripted({ Router }: Pick<typeof Subject, 'Router'>, clock: Clock, script: Script) {
  const { turn, deployments = [{ name: 'east' }, { name: 'west' }, { name: 'north' }] } = script;
  const startMs = clock.now();
  const sent: Sent[] = [];
  const counts: Record<string, number> = {};
  const askedBy: Record<string, string[]> = {};
  const errors = new Set<unknown>();
  const send: Contract.RouterOptions['send'] = async ({ name: to }, { messages, onToken }, signal) => {
    const prompt = String(messages.at(-1)?.content);
    const isUsers = QUESTION.test(prompt);
    const atMs = clock.now() - startMs;
    const call: Sent = { to, prompt, isUsers, atMs, endMs: Number.POSITIVE_INFINITY, isAborted: false };
    sent.push(call);
    askedBy[prompt]?.push(to);
    const nth = (counts[to] ?? 0) + 1;
    counts[to] = nth;
    const { ms, error, shows } = turn({ to, nth, atMs, isUsers });
    try {
      if (shows) onToken?.(shows);
      await clock.sleep(ms, signal);
    } catch {
      call.isAborted = true;
      throw new OpenAI.APIUserAbortError();
    } finally {
      call.endMs = clock.now() - startMs;
    }
    if (error !== undefined) {
      errors.add(error);
      throw error;
    }
    return `${to} says yes`;
  };
  const balance = script.balance ?? ((offered) => offered.find(isEast) ?? (offered[0] as Contract.Candidate));
  const router = new Router({ deployments, send, balance, random: () => 0.5 });
  let questions = 0;
  return {
    router,
    sent,
    nowMs: () => clock.now() - startMs,
    /** Asks as a user does; a streamed answer is never asked for twice. */
    async ask({ isStreamed = false, tenant }: { isStreamed?: boolean; tenant?: string } = {}): Promise<Told> {
      questions += 1;
      const prompt = `Question ${questions}: is it settled?`;
      const told: Told = { isTheirs: false, shown: '', asked: [] };
      askedBy[prompt] = told.asked;
      const onToken = (text: string) => {
        told.shown += text;
      };
      try {
        const messages = [{ role: 'user' as const, content: prompt }];
        told.text = await router.call({
          messages,
          ...(isStreamed && { onToken }),
          ...(tenant && { tenant }),
        });
      } catch (error) {
        told.error = String(error);
        told.isTheirs = errors.has(error);
      }
      return told;
    },
  };
}

/** The error as the SDK throws it. */
export function refusal(status: number, headers?: Record<string, string>): Error {
  return OpenAI.APIError.generate(status, undefined, 'Try again later.', new Headers(headers));
}

function isEast({ deployment }: Contract.Candidate): boolean {
  return deployment.name === 'east';
}
