import { type MistakeHeader, printHeader } from './mistake-header.ts';
import { makePatch } from './patch.ts';

/** Where a new lab goes, as names. */
export interface NewLab {
  /** "day3-caching". */
  day: string;
  /** "8-my-lab". */
  slug: string;
}

/**
 * The files of a new lab, by path from the root of the workbook. They are a small lab that works: its starter fails,
 * its answers pass and its mistakes are rejected where they say, so that the author changes something sound.
 */
export function newLabFiles({ day, slug }: NewLab): Record<string, string> {
  const topic = slug.replace(/^\d+-/, '');
  const name = topic.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const lab = `days/${day}/${slug}`;
  const solution = `solutions/${day}/${slug}`;
  const solved = subject(name, '', PARALLEL);
  const starter = subject(name, '// TODO: each call waits for the one before it.', SEQUENTIAL);
  return {
    [`${lab}/README.md`]: readme(topic, name),
    [`${lab}/${topic}.ts`]: starter,
    [`${lab}/scenario.ts`]: scenario(`${day}/${slug}/${topic}.ts`, name),
    [`${lab}/check.test.ts`]: checks(`${day}/${slug}/${topic}.ts`, name),
    [`${lab}/hints.md`]: HINTS,
    [`${solution}/${topic}.ts`]: solved,
    [`${solution}/before.ts`]: starter,
    [`${solution}/NOTES.md`]: NOTES,
    [`${solution}/right/by-index.ts`]: subject(name, '', BY_INDEX),
    ...Object.fromEntries(
      MISTAKES.map(({ slug, body, ...header }) => [
        `${solution}/mistakes/${slug}.patch`,
        `${printHeader(header)}\n${makePatch(`${topic}.ts`, solved, subject(name, '', body))}`,
      ]),
    ),
  };
}

/** The table of a task, to be filled with lines of figures. */
export const FIGURES_MARK = '<!-- figures -->';

// --- code --------------------------------------------------------------------------------------------------------

const SEQUENTIAL = `const answers: string[] = [];
  for (const prompt of prompts) answers.push(await ask(client, model, prompt));
  return answers;`;

const PARALLEL = 'return Promise.all(prompts.map((prompt) => ask(client, model, prompt)));';

const BY_INDEX = `const answers: string[] = [];
  const write = async (prompt: string, index: number) => {
    answers[index] = await ask(client, model, prompt);
  };
  await Promise.all(prompts.map(write));
  return answers;`;

const MISTAKES: readonly (MistakeHeader & { slug: string; body: string })[] = [
  {
    slug: 'chain',
    belief: 'A chain of promises runs by itself, so its calls are under way together.',
    effect:
      'Each call waits for the one before it, and the whole takes as long as all of them one after the other.',
    rejectedBy: 'takes no longer than the slowest call',
    body: `let last: Promise<string[]> = Promise.resolve([]);
  for (const prompt of prompts) {
    last = last.then(async (answers) => [...answers, await ask(client, model, prompt)]);
  }
  return last;`,
  },
  {
    slug: 'arrival-order',
    belief: 'Each call adds its answer when it comes, so the list ends up complete.',
    effect: 'It is in the order of arrival: a fast answer stands in the place of another prompt.',
    rejectedBy: 'puts each answer in the place of its prompt',
    body: `const answers: string[] = [];
  await Promise.all(prompts.map(async (prompt) => answers.push(await ask(client, model, prompt))));
  return answers;`,
  },
  {
    slug: 'asks-twice',
    belief: 'A first round warms things up.',
    effect: 'Each prompt is sent twice, and billed twice.',
    rejectedBy: 'sends each prompt exactly once',
    body: `await Promise.all(prompts.map((prompt) => ask(client, model, prompt)));
  return Promise.all(prompts.map((prompt) => ask(client, model, prompt)));`,
  },
];

function subject(name: string, note: string, body: string): string {
  return `import type OpenAI from 'openai';

/** Answers every prompt, in the order of the prompts. */
export async function ${name}(client: OpenAI, model: string, prompts: string[]): Promise<string[]> {
  ${note === '' ? '' : `${note}\n  `}${body}
}

async function ask(client: OpenAI, model: string, prompt: string): Promise<string> {
  const completion = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
  });
  return completion.choices[0]?.message.content ?? '';
}
`;
}

function scenario(path: string, name: string): string {
  return `import type * as Subject from '#days/${path}';
import { defineScenario } from '#lib/provider';
import { provider } from '../provider.ts';

/** TODO: say what the traffic stands for. */
export const scenario = defineScenario({
  provider,
  traffic: (random) =>
    Array.from({ length: 8 }, (_, at) => \`Question \${at}: what is \${random.int(1000)} plus 1?\`),
  play: (subject: typeof Subject, { openai, model, traffic }) => subject.${name}(openai, model, traffic),
  readings({ settledMs, ledger }) {
    // TODO: compute the bound that no code can beat here.
    const limit = Math.max(...ledger.calls.map((call) => (call.endMs ?? 0) - call.startMs));
    return { makespan: { unit: 'ms', better: 'lower', value: settledMs, target: limit * 1.2, limit } };
  },
});
`;
}

function checks(path: string, name: string): string {
  return `import * as subject from '#days/${path}';
import { check, hold, meets, play } from '#lib/check';
import { scenario } from './scenario.ts';

const run = play(scenario, subject);

check('sends each prompt exactly once', async () => {
  const { traffic, ledger } = await run();
  for (const prompt of traffic) {
    const calls = ledger.callsFor(prompt).length;
    hold(calls === 1, {
      happened: \`the provider was asked \${calls} times for "\${prompt}"\`,
      expected: 'one call for each prompt; every further one is billed again',
    });
  }
});

check('puts each answer in the place of its prompt', async () => {
  const { value, traffic, ledger } = await run();
  traffic.forEach((prompt, at) => {
    const answers = ledger.callsFor(prompt).map((call) => call.answer);
    hold(answers.includes(value[at] ?? ''), {
      happened: \`place \${at} of what ${name} returned holds "\${value[at]}"\`,
      expected: \`the provider's answer to prompt \${at}\`,
      help: 'TODO: name the mistake that leads here, and where to look.',
    });
  });
});

check('takes no longer than the slowest call', async () => {
  meets(await run(), 'makespan', 'TODO: name the mistake that leads here, and where to look.');
});
`;
}

// --- prose -------------------------------------------------------------------------------------------------------

function readme(topic: string, name: string): string {
  const title = topic.charAt(0).toUpperCase() + topic.slice(1).replaceAll('-', ' ');
  return `# ${title}

Lane: core · 20 minutes

TODO: the situation in two or three sentences, with one number that hurts.

## Your task

Edit \`${topic}.ts\`. Keep the contract:

\`\`\`ts
${name}(client, model, prompts): Promise<string[]>
\`\`\`

## What is measured

TODO: the figure, and why nothing can beat the limit.

| seed 1 | before | solution | target | limit |
| --- | --- | --- | --- | --- |
${FIGURES_MARK}

## In production

TODO: what professionals use instead of writing this, with a source.
`;
}

const HINTS = `# Hints

## A nudge

TODO: the question to ask oneself, in one or two sentences that give nothing away.

## A pointer

TODO: the place in the code, or the page of the documentation, that the answer starts from.

## A sketch

TODO: nearly the answer, with gaps where the thinking is.
`;

const NOTES = `# Notes

TODO: why this way, why not the ways in \`mistakes/\`, what else would do, and what professionals use.
`;
