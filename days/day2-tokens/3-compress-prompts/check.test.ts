import * as subject from '#days/day2-tokens/3-compress-prompts/compress-prompt.ts';
import { check, hold, meets, play } from '#lib/check';
import { inWords } from '#lib/provider';
import {
  abbreviated,
  budgetOf,
  countTokens,
  NAMES,
  PROTECT,
  READ_SHARE,
  type Sent,
  saved,
  scenario,
  share,
  standsInOneLine,
  TO_SAVE,
} from './scenario.ts';

const run = play(scenario, subject);

check('leaves what is protected byte for byte', async () => {
  const { after } = (await run()).value;
  for (const { prompt, text } of NAMES.flatMap((name) => after[name])) {
    const kept = [prompt.parts.shared, ...(prompt.page ? [prompt.page] : [])];
    const spans = kept.flatMap((part) => PROTECT.flatMap((pattern) => part.match(pattern) ?? []));
    for (const span of spans) {
      hold(text.includes(span), {
        happened: `this did not go out as it was: ${shown(span)}`,
        expected:
          'every match of `protect` unchanged, blanks and line ends included, wherever its page is kept',
        help: 'In code, YAML and tables a blank has a meaning. Work on what lies between the protected spans.',
      });
    }
  }
});

check('keeps what the answers need', async () => {
  const played = await run();
  const { before, after } = played.value;
  for (const name of NAMES) {
    const lost = after[name].find(({ right }, i) => !right && before[name][i]?.right);
    hold(share(after[name]) >= share(before[name]) - 0.01, () => ({
      happened: `the prompt "${name}" had ${inWords(share(after[name]), 'share')} right answers, ${inWords(share(before[name]), 'share')} before`,
      expected: 'at most 1 point fewer',
      help: lost && `To the question "${lost.prompt.parts.question}" this was missing: ${missing(lost)}`,
    }));
  }
  meets(played, 'right answers, least of three prompts');
});

const saves = check(`saves at least ${TO_SAVE * 100} % of the tokens of each prompt`, async () => {
  const played = await run();
  const { value, traffic } = played;
  for (const name of NAMES) {
    const [before, after] = [value.before[name], value.after[name]];
    const words = abbreviated(traffic[name]);
    hold(saved(before, after) >= TO_SAVE, {
      happened: `${inWords(saved(before, after), 'share')} of the tokens of the prompt "${name}" were saved`,
      expected: `at least ${TO_SAVE * 100} %, and every text within its budget`,
      help:
        `Look for what is said twice, and for fields that nobody reads. Shorter words do not help: abbreviating ` +
        `five of them takes these ${words.before} tokens to ${words.after}.`,
    });
    const over = after.find(({ tokens, prompt }) => tokens > budgetOf(prompt));
    hold(!over, () => ({
      happened: `a text of the prompt "${name}" had ${over?.tokens} tokens`,
      expected: `at most its budget of ${over && budgetOf(over.prompt)}`,
    }));
  }
  meets(played, 'tokens saved, least of three prompts');
});

check('reports the tokens it saved', { needs: [saves] }, async () => {
  const { after } = (await run()).value;
  for (const { long, tokens, text, claimed } of NAMES.flatMap((name) => after[name])) {
    const right = countTokens(long) - tokens;
    hold(claimed === right, {
      happened: `${claimed} were reported as saved`,
      expected: `${right} tokens`,
      help:
        claimed === long.length - text.length
          ? 'Those were characters.'
          : 'Count both texts with `countTokens`.',
    });
  }
});

check('does not give up the discount of a cached prefix', { needs: [saves] }, async () => {
  const played = await run();
  const { before, after } = played.value;
  const cached = (sent: Sent[]) => Math.max(...sent.map(({ call }) => call.tokens.cached));
  meets(
    played,
    'bill of the shop prompt',
    `Today ${cached(before.shop)} of its tokens come out of the provider's cache at ${inWords(READ_SHARE, 'share')} of the price, with yours ` +
      `${cached(after.shop)}. A prefix is only cached from 1,024 tokens on, and only if it is the same in every request.`,
  );
});

check('documents what the bill lost, not only the prompts', async () => {
  const { savings, report } = (await run()).value;
  const less = (from: number, to: number) => `${Math.round((1 - to / from) * 100)} %`;
  for (const { prompt, tokensBefore, tokensAfter, usdBefore, usdAfter } of savings)
    reports(report, prompt, [less(tokensBefore, tokensAfter), less(usdBefore, usdAfter)]);
  const total = (of: 'tokensBefore' | 'tokensAfter' | 'usdBefore' | 'usdAfter') =>
    savings.reduce((sum, saving) => sum + saving[of], 0);
  reports(report, 'total', [
    less(total('tokensBefore'), total('tokensAfter')),
    less(total('usdBefore'), total('usdAfter')),
  ]);
});

function reports(report: string, about: string, figures: string[]): void {
  const line = report.split('\n').find((text) => text.includes(about));
  for (const figure of figures) {
    hold(line?.replaceAll('\u00a0', ' ').includes(figure) === true, {
      happened: `the line about "${about}" says: ${line ?? 'there is none'}`,
      expected: `"${figure}" in it; whole per cent of tokens and of dollars saved`,
      help:
        about === 'total'
          ? 'Percentages of different things have no average: divide the sums.'
          : 'Tokens and dollars do not fall alike: cached input is cheap, output expensive. Take the dollars from the bill.',
    });
  }
}

function missing({ prompt, text }: Sent): string {
  const need =
    prompt.needs.find((span) => !text.includes(span)) ??
    prompt.lines?.find((group) => !standsInOneLine(group, text))?.join(' … ');
  return need ? shown(need) : `${prompt.together.join(', ')} in one record`;
}

function shown(text: string): string {
  const line = text.replaceAll('\n', ' ⏎ ');
  return `"${line.length > 90 ? `${line.slice(0, 90)}…` : line}"`;
}
