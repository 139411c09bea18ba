import { readFileSync } from 'node:fs';
import * as subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { inLines, measureCsv } from './own-questions.ts';

// Repeats the measurement of lab 6, with your code, on other questions: npx tsx days/day3-caching/measure.ts FILE.csv
const [path] = process.argv.slice(2);
try {
  if (!path) throw new Error('Which file? npx tsx days/day3-caching/measure.ts FILE.csv');
  console.log(inLines(await measureCsv(readFileSync(path, 'utf8'), subject)));
} catch (error) {
  console.error(`Nothing was measured. ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
