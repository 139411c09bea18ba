import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { findModel, MODEL_NAMES } from '../../lib/provider/models.ts';

/** Models with an announced last day before this are not taught any more. */
const UNTIL = '2027-07-01';

/** Named all the same: nothing that lives longer was found. Azure ends its embeddings on 15 April 2027. */
const NOTHING_NEWER = [
  'text-embedding-3-small',
  'text-embedding-3-large',
  'text-embedding-ada-002',
  'dall-e-3',
];

test('no text, default or deployment names a model that has an announced last day before July 2027', () => {
  const files = execFileSync('git', ['ls-files', 'README.md', 'docs', 'days', 'solutions', 'lib'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !file.endsWith('catalogue.json'));
  const ending = MODEL_NAMES.filter((name) =>
    Object.values(findModel(name)?.lastDay ?? {}).some((day) => day !== null && day < UNTIL),
  ).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(
    `(?<![\\w.-])(${ending.join('|').replaceAll('.', '\\.')})(?![\\w-]|\\.\\d)`,
    'g',
  );
  const named = files.flatMap((file) =>
    [...readFileSync(resolve(file), 'utf8').matchAll(pattern)].map(([, name]) => `${file}: ${name}`),
  );
  const wrong = named.filter((each) => !NOTHING_NEWER.some((name) => each.endsWith(`: ${name}`)));
  expect([...new Set(wrong)]).toEqual([]);
});
