import * as subject from '#days/day2-tokens/4-context-window/fit-context.ts';
import { check, hold, meets, play } from '#lib/check';
import { textOf } from '#lib/provider/tokens.ts';
import { LIMIT, RESERVE, type Request, ROOM, scenario, tokensOfAll, unpaired } from './scenario.ts';

const run = play(scenario, subject);

const fits = check('leaves room for the answer in every request', async () => {
  const { requests, corners } = (await run()).value;
  requests.forEach(({ tokens }, i) => {
    hold(tokens <= ROOM, {
      happened: `request ${i + 1} had ${tokens} tokens`,
      expected: `at most ${ROOM}: the limit of ${LIMIT} less ${RESERVE} for the answer`,
      help:
        tokens <= LIMIT
          ? 'It fits the limit, but the answer has to fit too, or it is cut short.'
          : 'Add up `tokensOf` of what you send, and 3. Characters are a bad guess for tool results.',
    });
  });
  for (const { sent, limit } of corners) {
    const tokens = tokensOfAll(sent);
    hold(tokens <= limit, {
      happened: `at a limit of ${limit}, with nothing to reserve, ${tokens} tokens were to be sent`,
      expected: `at most ${limit}`,
    });
  }
});

const PAIRS = 'Drop and keep whole exchanges: from one message of the user up to the next.';

const paired = check('keeps every tool call together with its result', async () => {
  const { requests, corners } = (await run()).value;
  requests.forEach(({ call, sent }, i) => {
    hold(call?.status === 200, {
      happened: `the provider refused request ${i + 1} with ${call?.status}: it began with ${beginning(sent)}`,
      expected:
        'an answer; a tool message needs the call that it answers before it, and a call needs its result',
      help: PAIRS,
    });
  });
  for (const { sent } of corners) {
    const odd = unpaired(sent);
    hold(odd === undefined, {
      happened: `at another limit, ${odd?.role === 'tool' ? 'the result of a tool was sent without its call' : 'a tool call was sent without its result'}`,
      expected: 'both or neither; the provider refuses the request with 400 otherwise',
      help: PAIRS,
    });
  }
});

check('always sends the rules and what was just written', { needs: [paired] }, async () => {
  const { requests, long } = (await run()).value;
  requests.forEach(({ sent, exchange, places }, i) => {
    hold(sent[0]?.role === 'system', {
      happened: `request ${i + 1} began with ${beginning(sent)}`,
      expected: 'the system message first, in every request',
      help: 'The rules are the oldest message, and the last that may go.',
    });
    hold(sent.at(-1)?.content === exchange.user, {
      happened: `request ${i + 1} ended with "${String(sent.at(-1)?.content).slice(0, 40)}…"`,
      expected: 'what the user has just written, at the end',
    });
    hold(inOrder(places), {
      happened: `request ${i + 1} had its messages in another order than the chat`,
      expected: 'everything in its order: what was said later comes later',
    });
  });
  hold(long.sent[0]?.role === 'system' && textOf(long.sent.at(-1)?.content) === long.text, {
    happened: `with a new message that takes more than half of the room, the request began with ${beginning(long.sent)} and ended with "${textOf(long.sent.at(-1)?.content).slice(0, 40)}…"`,
    expected: 'the rules first and the new message last all the same: both fit',
  });
});

check('remembers what is pinned', { needs: [paired] }, async () => {
  const { requests, corners } = (await run()).value;
  recalls(requests, 'pinned', 'Pinned messages stay as they are, wherever the rest is cut.');
  for (const { sent, pinned, limit } of corners) {
    hold(!pinned || sent.some(({ content }) => content === pinned.content), {
      happened: `at a limit of ${limit} a pinned result of a tool was not sent`,
      expected: 'what is pinned in every request, and with a result the call that it answers',
    });
  }
});

check('remembers what was said a moment ago', { needs: [paired] }, async () => {
  const played = await run();
  recalls(played.value.requests, 'recent', 'Fill the room: cut no further than half of it.');
  meets(played, 'questions answered right');
});

check('cuts in large steps, so that the beginning stays the same', { needs: [fits, paired] }, async () => {
  const played = await run();
  meets(
    played,
    'input read from the cache',
    'A window that moves with every message begins differently each time, and the provider reads everything anew. Cut rarely, and much.',
  );
  meets(played, 'bill of the chat');
});

function inOrder(places: readonly number[]): boolean {
  return places.every((place, i) => i === 0 || place > (places[i - 1] ?? 0));
}

function recalls(requests: Request[], kind: 'pinned' | 'recent', help: string): void {
  requests.forEach(({ exchange, right }, i) => {
    if (exchange.needs?.kind !== kind) return;
    hold(right, {
      happened: `request ${i + 1} asked "${exchange.user}" and did not hold "${exchange.needs.fact}"`,
      expected: 'the message that says so among those that are sent',
      help,
    });
  });
}

function beginning(sent: Request['sent']): string {
  const [first] = sent;
  if (!first) return 'nothing';
  return `${first.role === 'assistant' ? 'an' : 'a'} ${first.role} message`;
}
