import { expect, test } from 'vitest';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { program } from './program.ts';

const BARE = { EDITOR: '', VISUAL: '', WORKBOOK_EDITOR: '', TERM_PROGRAM: '', PATH: '' };

test('the doctor says of each thing whether it is here and what that means; what only helps fails nothing', async () => {
  const fixture = makeWorkbook();
  const { code, out } = await program(fixture.root, ['lab', 'doctor'], { env: BARE });
  fixture.remove();
  expect(code).toBe(0);
  expect(out).toMatch(/^found +Node +\d+\.\d+\.\d+ +Node 20\.19 or newer runs everything$/m);
  expect(out).toMatch(/^absent +Terminal +no +Menu, watch and quiz need one; all other commands work$/m);
  expect(out).toMatch(/^absent +Editor +none is set +Set EDITOR to have files opened from the menu$/m);
  expect(out).toMatch(/^absent +Python +not on PATH +Only that lab uses it; it says what to do without\.$/m);
  expect(out).toMatch(/^(found|absent) +Redis /m);
  expect(out).toMatch(/^(found|absent) +Models +catalogue of \d{4}-\d\d-\d\d /m);
  expect(out).toContain('Everything that the course needs is here.');
});

test('a package that is missing ends the doctor with 1 and the command that helps', async () => {
  const packages = JSON.stringify({ type: 'module', dependencies: { 'no-such-package': '1.0.0' } });
  const fixture = makeWorkbook({ 'package.json': packages });
  const { code, out } = await program(fixture.root, ['lab', 'doctor'], { env: BARE });
  fixture.remove();
  expect(code).toBe(1);
  expect(out).toMatch(
    /^missing +Package +no-such-package is not installed, wanted is 1\.0\.0 +`npm install` puts it right$/m,
  );
});
