import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { chooseSubject, importsFor } from '../../lib/grader/subject.ts';
import { readProgress } from '../../lib/workbook/progress.ts';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';

const root = resolve('.');

test('a lab graded with a workbook that was read again still gets the learner’s file', () => {
  const [lab] = allLabs(readWorkbook(root));
  if (!lab) throw new Error('The workbook has no lab.');
  const choice = chooseSubject(lab, 'yours', root);
  if (!choice.ok) throw new Error(choice.problem);
  const imports = importsFor(
    readWorkbook(root),
    readProgress(join(root, 'test')).progress,
    lab,
    choice.subject,
  );
  expect(imports[`#days/${lab.key}/${lab.files[0]}`]).toBe(choice.subject.files[0]);
});
