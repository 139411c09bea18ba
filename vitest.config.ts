import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { subjectPlugin } from './test/course/subject-plugin.ts';

/**
 * Three projects: the workbook's own tests, the labs against the learner's files, the labs against the solutions.
 * `#days/…` means the learner's file; with the condition `solution` it means ours.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'workbook', include: ['test/**/*.test.ts'] },
        plugins: [subjectPlugin()],
        ssr: { resolve: { conditions: ['solution', ...defaultServerConditions] } },
      },
      { test: { name: 'days', include: ['days/**/check.test.ts'] } },
      {
        test: { name: 'solutions', include: ['days/**/check.test.ts'] },
        ssr: { resolve: { conditions: ['solution', ...defaultServerConditions] } },
      },
    ],
  },
});
