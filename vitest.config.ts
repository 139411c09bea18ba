import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { heldImports } from './lib/grader/held-imports.ts';
import { subjectPlugin } from './test/course/subject-plugin.ts';

/**
 * Our answers in the place of the learner's. vitest hands these conditions on to Node, and some packages keep a build
 * under `module` that Node cannot load, so that one is left out.
 */
const solution = ['solution', ...defaultServerConditions.filter((condition) => condition !== 'module')];

/**
 * Three projects: the workbook's own tests, the labs against the learner's files, the labs against the solutions.
 * `#days/…` means the learner's file; with the condition `solution` it means ours.
 */
export default defineConfig({
  test: {
    projects: [
      {
        // Time is virtual; this only ends what hangs, also on a machine that is busy with other things.
        test: { name: 'workbook', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
        plugins: [subjectPlugin(), heldImports()],
        ssr: { resolve: { conditions: solution } },
      },
      { test: { name: 'days', include: ['days/**/check.test.ts'] }, plugins: [heldImports()] },
      {
        test: { name: 'solutions', include: ['days/**/check.test.ts'] },
        plugins: [heldImports()],
        ssr: { resolve: { conditions: solution } },
      },
    ],
  },
});
