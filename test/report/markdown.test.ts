import { expect, test } from 'vitest';
import { renderMarkdown } from '../../lib/report/markdown.ts';
import { createStyle } from '../../lib/report/style.ts';

const TASK = `# Fan-out

The report needs a summary of **each** of fifty tickets, and \`fanOut\` asks for them one after the other, which takes long.

- one result for each prompt;
- a call that fails is \`rejected\` in its place,
  the others stand.

\`\`\`ts
fanOut(client);
\`\`\`

| seed 1 | before | target |
| --- | --- | --- |
| makespan | 54.44 s | 3.52 s |

See [lab 3](../3-limiter/README.md) and [p-map](https://example.com/p-map).
`;

test('a task is laid out for a terminal of sixty columns', () => {
  expect(renderMarkdown(TASK, createStyle({ columns: 60 }, {}))).toMatchInlineSnapshot(`
    "Fan-out

    The report needs a summary of each of fifty tickets, and
    fanOut asks for them one after the other, which takes
    long.

      - one result for each prompt;
      - a call that fails is rejected in its place, the others
        stand.

        fanOut(client);

      seed 1    before   target
      makespan  54.44 s  3.52 s

    See lab 3 and
    p-map (https://example.com/p-map)."
  `);
});

test('the first line keeps its indentation where it is code', () => {
  const sketch = '```ts\nif (full) {\n  await turn();\n}\n```\n';
  expect(renderMarkdown(sketch, createStyle({ columns: 60 }, {}))).toBe(
    '    if (full) {\n      await turn();\n    }',
  );
});
