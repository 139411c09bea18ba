import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, limitsFrom } from '../../lib/grader/limits.ts';

test('a slow or small machine is given other limits by its environment', () => {
  expect(limitsFrom({ WORKBOOK_TIME_LIMIT: '30' })).toEqual({ checksMs: 30_000, loadMs: 30_000 });
  expect(limitsFrom({ WORKBOOK_MEMORY_LIMIT: '512' })).toEqual({ memoryMb: 512, heapMb: 384 });
});

test('less time for the checks is no less time to load them', () => {
  expect(limitsFrom({ WORKBOOK_TIME_LIMIT: '2' })).toEqual({ checksMs: 2000, loadMs: DEFAULT_LIMITS.loadMs });
});

test('what is no number above 0 changes nothing', () => {
  for (const text of ['', '0', '-1', 'long']) {
    expect(limitsFrom({ WORKBOOK_TIME_LIMIT: text, WORKBOOK_MEMORY_LIMIT: text })).toEqual({});
  }
});
