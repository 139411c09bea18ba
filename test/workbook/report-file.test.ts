import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MADE_BY, saveReport } from '../../lib/workbook/report-file.ts';

const PAGE = `<!doctype html>\n<meta name="generator" content="${MADE_BY}">\n`;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'report-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a page is saved, in a new folder too, and saved again over the old one', () => {
  const path = join(root, 'new', 'report.html');
  expect(saveReport(path, PAGE)).toBeUndefined();
  expect(saveReport(path, `${PAGE}later`)).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe(`${PAGE}later`);
});

test('a file that is no page of the workbook is left as it is', () => {
  const path = join(root, 'thesis.html');
  writeFileSync(path, 'years of work');
  expect(saveReport(path, PAGE)).toContain('thesis.html exists and is no page of this workbook');
  expect(readFileSync(path, 'utf8')).toBe('years of work');
});

test('a folder in the place of the file is said, and so is a place that cannot be written to', () => {
  mkdirSync(join(root, 'folder'));
  expect(saveReport(join(root, 'folder'), PAGE)).toContain('is no page of this workbook');
  writeFileSync(join(root, 'file'), '');
  expect(saveReport(join(root, 'file', 'report.html'), PAGE)).toMatch(
    /could not be written to .* Give another place\.$/,
  );
});
