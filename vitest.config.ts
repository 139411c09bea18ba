import { availableParallelism } from 'node:os';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { heldImports } from './lib/grader/held-imports.ts';
import { PRESERVE_SYMLINKS } from './lib/workbook/home.ts';
import { cataloguePlugin, subjectPlugin } from './test/course/subject-plugin.ts';
import { noneRan } from './test/none-ran.ts';

/**
 * Our answers in the place of the learner's. vitest hands these conditions on to Node, and some packages keep a build
 * under `module` that Node cannot load, so that one is left out.
 */
const solution = ['solution', ...defaultServerConditions.filter((condition) => condition !== 'module')];

/**
 * Whole commands in a terminal, pages in a browser, what has to run into a limit: `npm run verify` runs these, `npm test`
 * does not.
 */
const LONG = [
  'test/browser/**/*.test.ts',
  'test/{lock-platforms,mutants}.test.ts',
  'test/cli/{benchmark,doctor,grade,hostile,installed,mistake,new,paths,read-only,report,review,run,session,start,storage,update}.test.ts',
  'test/grader/{agreement-even,agreement-odd,busy,causes,forged,grading,hostile,isolation,kept,module-cache,others}.test.ts',
  // Clients that only maintainers install.
  'test/provider/{package,second-client}.test.ts',
];

const resolve = { preserveSymlinks: PRESERVE_SYMLINKS };

/** Makes vitest's tests of a lab's checks. */
const CHECKS = ['lib/check/vitest.ts'];

/** Time is virtual; this only ends what hangs, also on a machine that is busy with other things. */
const PATIENT = { testTimeout: 300_000, hookTimeout: 300_000 };

/**
 * Five projects: the workbook's own tests, short and long, the changes of solutions that `npm run verify -- mutants` grades,
 * the labs against the learner's files and the solutions.
 * `#days/…` means the learner's file; with the condition `solution` it means ours.
 */
export default defineConfig({
  test: {
    // vitest would leave one core free, which on two cores doubles the time. One more than cores, because each waits for
    // its next file to be compiled now and then.
    maxWorkers: availableParallelism() + 1,
    reporters: ['default', noneRan],
    projects: [
      {
        test: {
          ...{ name: 'workbook', include: ['test/**/*.test.ts'], exclude: LONG, ...PATIENT },
          // Runs leave much behind that is short-lived: collecting it less often saves a tenth of the time.
          execArgv: ['--max-semi-space-size=64'],
          // Files share a process and its modules, an eighth of the time: test/course/leaks.test.ts holds that runs leave
          // nothing behind.
          isolate: false,
        },
        plugins: [subjectPlugin(), cataloguePlugin(), heldImports()],
        ssr: { resolve: { conditions: solution } },
        resolve,
      },
      {
        test: { name: 'long', include: LONG, ...PATIENT },
        plugins: [subjectPlugin(), heldImports()],
        ssr: { resolve: { conditions: solution } },
        resolve,
      },
      {
        test: { name: 'mutants', include: ['test/course/mutants.measure.ts'], ...PATIENT, testTimeout: 0 },
        plugins: [subjectPlugin(), heldImports()],
        ssr: { resolve: { conditions: solution } },
        resolve,
      },
      { test: { name: 'days', include: ['days/**/check.test.ts'] }, plugins: [heldImports()], resolve },
      {
        test: { name: 'solutions', include: ['days/**/check.test.ts'], setupFiles: CHECKS },
        plugins: [heldImports()],
        ssr: { resolve: { conditions: solution } },
        resolve,
      },
    ],
  },
});
