import * as subject from '#days/day2-tokens/5-prefix-layout/build-prompt.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { inWords, sum } from '#lib/provider';
import { textOf } from '#lib/provider/tokens.ts';
import { forgotten, type Sent, scenario } from './scenario.ts';

const run = play(scenario, subject);

step(1);

check('still sends everything that it was given', async () => {
  const { repeated, other, single } = (await run()).value;
  [...repeated, ...other, ...single].forEach((sent, i) => {
    const part = forgotten(sent);
    hold(part === undefined, {
      happened: `prompt ${i + 1} was sent without ${part}`,
      expected: 'every part somewhere in the prompt; the layout decides where, not whether',
      help: 'The model still has to know who is asking, and the date and time. Say it late.',
    });
  });
});

check('keeps tenants apart with a cache key of their own', async () => {
  const { repeated } = (await run()).value;
  const tenants = new Map<string, string>();
  for (const { built, input } of repeated) {
    const other = tenants.get(built.cacheKey) ?? input.user.tenant;
    hold(other === input.user.tenant && built.cacheKey.length <= 64, {
      happened:
        other === input.user.tenant
          ? `a cache key had ${built.cacheKey.length} characters`
          : `"${other}" and "${input.user.tenant}" had the same cache key, "${built.cacheKey}"`,
      expected: 'a key of at most 64 characters in which the tenant takes part',
      help: 'All traffic on one key also overflows: above some 15 requests a minute the provider uses machines that start cold.',
    });
    tenants.set(built.cacheKey, input.user.tenant);
  }
});

const layout = check('says first what stays the same', async () => {
  const played = await run();
  meets(played, 'input read where equal messages are found', firstDifference(played.value.other));
});

step(2);

const breakpoint = check('marks where the stable part ends', { needs: [layout] }, async () => {
  const played = await run();
  meets(played, 'input read from the cache', whyNotRead(played.value.repeated));
  for (const name of ['bill of the help desk', 'p90 TTFT']) meets(played, name);
});

check('does not pay for writing what nobody reads again', { needs: [breakpoint] }, async () => {
  const played = await run();
  meets(
    played,
    'bill of the single prompts',
    'A write costs more than plain input. A prompt that is not `reused` has no use for one: `explicit`, and no breakpoint.',
  );
});

/** Says why a layout that begins the same is not found again. */
function whyNotRead(sent: readonly Sent[]): string {
  const written = sum(sent.map(({ call }) => call.tokens.cacheWrite ?? 0));
  const input = sum(sent.map(({ call }) => call.tokens.input));
  if (sent.some(({ built }) => built.cacheKey === ''))
    return 'Without a `cacheKey` the provider does nothing with breakpoints.';
  if (written > input / 2)
    return `${inWords(written / input, 'share')} of the input was written to the cache and not read again: the only breakpoint stood at the end, behind what changes. Set one where the stable part ends.`;
  if (written === 0)
    return 'Nothing was written to the cache, so nothing could be read: no breakpoint stood behind 1,024 tokens or more.';
  return firstDifference(sent);
}

/** Says why two prompts of one tenant have no longer beginning in common. */
function firstDifference(sent: readonly Sent[]): string {
  const [one] = sent;
  const two = sent.slice(1).find(({ input }) => input.user.tenant === one?.input.user.tenant);
  if (!one || !two) return '';
  if (sent.some(({ built }) => built.cacheMode === 'explicit' && built.cacheKey === ''))
    return 'Without a `cacheKey` the provider does nothing with breakpoints, and `explicit` mode has no other.';
  if (one.built.cacheKey !== two.built.cacheKey)
    return `Two prompts of one tenant had the keys "${one.built.cacheKey}" and "${two.built.cacheKey}": another key is another machine, and a cold one.`;
  if (JSON.stringify(one.built.tools) !== JSON.stringify(two.built.tools))
    return 'The provider reads tools before all messages, and here they came in another order, or with their keys in another order.';
  const text = ({ built }: Sent) => built.messages.map(({ content }) => textOf(content)).join('\n');
  const [a, b] = [text(one), text(two)];
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const word = same - (/\S*$/.exec(b.slice(0, same))?.[0].length ?? 0);
  return `Two prompts of one tenant first differ after ${same} characters, at "${b.slice(word, word + 40)}". A message is found again as a whole or, without a breakpoint inside it, not at all: what changes belongs in a message of its own, behind at least 1,024 tokens that stay the same.`;
}
