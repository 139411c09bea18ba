import type { Fault, FaultEffect, FaultMatch } from './faults.ts';
import { inWords } from './metrics.ts';

/** A fault plan as lines of text: when, whom, what; with a bar for windows of time. */
export function faultTimeline(plan: readonly Fault[]): string {
  if (plan.length === 0) return 'No faults.';
  const endMs = Math.max(...plan.map(({ when }) => when.toMs ?? when.fromMs ?? 0), 1);
  return plan.map(({ when, effect }) => `${bar(when, endMs)}  ${times(when)}: ${says(effect)}`).join('\n');
}

const WIDTH = 40;

function bar({ fromMs = 0, toMs }: FaultMatch, endMs: number): string {
  const at = (ms: number) => Math.min(WIDTH, Math.round((ms / endMs) * WIDTH));
  const from = Math.min(at(fromMs), WIDTH - 1);
  const to = Math.max(from + 1, toMs === undefined ? WIDTH : at(toMs));
  return `[${' '.repeat(from)}${'#'.repeat(to - from)}${' '.repeat(WIDTH - to)}]`;
}

function times(when: FaultMatch): string {
  const { fromMs, toMs, ordinal, share, promptIncludes, deployment, times: most } = when;
  const parts = [
    fromMs !== undefined && `from ${inWords(fromMs, 'ms')}`,
    toMs !== undefined && `to ${inWords(toMs, 'ms')}`,
    ordinal !== undefined && `request ${[ordinal].flat().join(', ')}`,
    share !== undefined && `${inWords(share, 'share')} of the requests`,
    promptIncludes !== undefined && `prompts with "${promptIncludes}"`,
    deployment !== undefined && `on ${deployment}`,
    most !== undefined && `the first ${most}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? parts.join(' ') : 'every request';
}

function says(effect: FaultEffect): string {
  if ('error' in effect) {
    const wait =
      effect.retryAfterMs === undefined ? '' : `, retry after ${inWords(effect.retryAfterMs, 'ms')}`;
    return `${effect.error}${wait}`;
  }
  if ('stallAfterTokens' in effect)
    return `silent after ${effect.stallAfterTokens} tokens, dropped ${inWords(effect.forMs ?? 300_000, 'ms')} later`;
  if ('cutAfterTokens' in effect) return `dropped after ${effect.cutAfterTokens} tokens`;
  if ('endAfterTokens' in effect) return `ends unfinished after ${effect.endAfterTokens} tokens`;
  if ('finishAfterTokens' in effect) return `${effect.finish} after ${effect.finishAfterTokens} tokens`;
  if ('malformedAfterTokens' in effect) return `a broken event after ${effect.malformedAfterTokens} tokens`;
  if ('failAfterTokens' in effect) return `an error event after ${effect.failAfterTokens} tokens`;
  if ('delayMs' in effect) return `begins ${inWords(effect.delayMs, 'ms')} later`;
  return 'slowdown' in effect ? `${effect.slowdown} times slower` : 'a written answer';
}
