import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { materialise, readMistakes } from '../workbook/mistakes.ts';
import { allLabs, readWorkbook } from '../workbook/workbook.ts';

/**
 * Writes each mistake of the course out as a whole file, into a folder that compiler and linter can be started on, and
 * answers with that folder. What is a patch is code all the same.
 */
export function writeMistakesOut(root: string): string {
  const folder = join(root, '.workbook', 'mistakes');
  rmSync(folder, { recursive: true, force: true });
  for (const lab of allLabs(readWorkbook(root)))
    for (const mistake of readMistakes(lab)) materialise(root, lab, mistake);
  mkdirSync(folder, { recursive: true });
  for (const [name, settings] of Object.entries(SETTINGS)) writeFileSync(join(folder, name), settings);
  return folder;
}

const SETTINGS = {
  'tsconfig.json': '{ "extends": "../../test/tsconfig.json", "include": ["."] }\n',
  // A root of its own: the course's leaves out what git does not track.
  'biome.json': `{
  "root": true,
  "extends": ["../../biome.json"],
  "vcs": { "enabled": false },
  "files": { "includes": ["**/*.ts", "!**/*.json"] }
}
`,
};
