import * as subject from '#days/day2-tokens/1-count-tokens/count-tokens.ts';
import { check, hold, meets, play } from '#lib/check';
import { inWords } from '#lib/provider';
import { countTokens } from '#lib/provider/tokens.ts';
import { encodingOf, type Given, MOST_READ, off, scenario } from './scenario.ts';

const run = play(scenario, subject);

const words = check('counts words as the tokenizer of the model does', async () => {
  const { value, traffic } = await run();
  hold(value.isCounter, {
    happened: '`createTokenCounter` returned something without `countChat` or `estimateTokens`',
    expected: 'an object with both functions',
  });
  traffic.plain.forEach(({ model, messages: [message] }, i) => {
    const text = message?.content ?? '';
    const given = value.words[i] as Given;
    hold(given.error === undefined, {
      happened: `countChat threw ${given.error} on a chat for ${model}: "…${text.slice(-30)}"`,
      expected: 'a number for every model and every text',
      help: 'Ask for the encoding by its name (`chat.encoding`): the package does not know the names of models that came after it. `<|…|>` from a user is plain text (`encode_ordinary`).',
    });
    const right = countTokens(text, encodingOf(model));
    hold(given.count === right, {
      happened: `${given.count} tokens were counted for the words "${text.slice(0, 40)}…"`,
      expected: `${right}, as the tokenizer of ${model} makes of them`,
      help: wordsHelp(given.count, text, model),
    });
  });
});

check('adds what each message costs besides its words', { needs: [words] }, async () => {
  const played = await run();
  const { value, traffic } = played;
  traffic.plain.forEach(({ messages, model }, i) => {
    const [count, bill] = [value.counts[i]?.count, value.bills[i] as number];
    hold(count === bill, {
      happened: `countChat said ${count} for ${messages.length} messages to ${model}`,
      expected: `${bill}, which is what the provider's usage says`,
      help: 'Each message costs 3 tokens and its role, a name 1 more and itself, and 3 tokens prime the answer.',
    });
  });
  meets(played, 'worst error on plain chats');
});

check('counts tools that were sent before to within 3 %', { needs: [words] }, async () => {
  const played = await run();
  const { value, traffic } = played;
  const first = traffic.plain.length;
  traffic.withTools.forEach(({ tools = [] }, i) => {
    // The first time nobody knows what they cost.
    if (i < traffic.withTools.length / 2) return;
    const [count, bill] = [value.counts[first + i]?.count ?? 0, value.bills[first + i] as number];
    hold(off(count, bill) <= 0.03, {
      happened: `countChat said ${count} for another chat with the same ${tools.length === 1 ? 'tool' : `${tools.length} tools`}`,
      expected: `${bill} or within 3 % of it, as in the provider's usage`,
      help: 'How tools are rendered is not published. The first `usage` with them says what they cost: `compare` is told, and the next count can know.',
    });
  });
  meets(played, 'worst error with tools');
});

check('builds an encoder once, not once for each call', async () => {
  const { encodersBuilt } = (await run()).value;
  hold(encodersBuilt <= 4, {
    happened: `encoders were built ${encodersBuilt} times, a fifth of a second each`,
    expected: 'one for each encoding, kept for the next call',
  });
});

check('tokenises a bounded part of a text that it estimates', async () => {
  const { value, traffic } = await run();
  [...traffic.texts, ...traffic.hostile].forEach(({ text }, i) => {
    const { read = 0 } = value.estimates[i] ?? {};
    hold(read <= MOST_READ, {
      happened: `to estimate a text of ${inWords(text.length, 'count')} characters, ${inWords(read, 'count')} were tokenised`,
      expected: `at most ${inWords(MOST_READ, 'count')}, however long the text is`,
      help: 'A run without a border costs a tokenizer the square of its length: twice as long takes four times the time.',
    });
  });
});

check('estimates any kind of text to within 15 %', async () => {
  const played = await run();
  const { value, traffic } = played;
  traffic.texts.forEach(({ kind, text }, i) => {
    const { count = 0 } = value.estimates[i] ?? {};
    const right = countTokens(text);
    hold(off(count, right) <= 0.15, {
      happened: `${text.length} characters of ${kind} were estimated as ${inWords(count, 'count')} tokens`,
      expected: `${inWords(right, 'count')}, give or take 15 %`,
      help:
        kind === 'mixed'
          ? 'The beginning of a text does not say what comes later. Read pieces from all over it.'
          : 'Four characters a token is English prose. Japanese and UUIDs have one for every one and a half or two.',
    });
  });
  traffic.hostile.forEach(({ name, text }, i) => {
    const { count, error } = value.estimates[traffic.texts.length + i] as Given;
    const right = (countTokens(text.slice(0, 1000)) * text.length) / 1000;
    if (name === 'nothing') {
      hold(error === undefined && count === 0, {
        happened: `an empty text was estimated as ${error ?? count}`,
        expected: '0 tokens',
      });
      return;
    }
    hold(error === undefined && count >= right / 10 && count <= right * 10, {
      happened: `${inWords(text.length, 'count')} characters of nothing but ${name} were estimated as ${error ?? inWords(count, 'count')}`,
      expected: `a number in the order of ${inWords(right, 'count')} tokens`,
    });
  });
  meets(played, 'worst error of an estimate');
});

/** Names the mistake that leads to such a number. */
function wordsHelp(count: number, text: string, model: string): string | undefined {
  const other = encodingOf(model) === 'o200k_base' ? 'cl100k_base' : 'o200k_base';
  if (count === countTokens(text, other))
    return `That is the count of ${other}; ${model} has ${encodingOf(model)}.`;
  if (Math.abs(count - text.length / 4) <= 1) return 'That is its length divided by four.';
  if (Math.abs(count - text.split(/\s+/).length * 1.3) <= 2) return 'That is its words times 1.3.';
  return undefined;
}
