import { readFileSync } from 'node:fs';

/** The version of the workbook. */
export function workbookVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}

/** Which edition of the course this is: what is asked of an answer changes with it. */
export function workbookEdition(): number {
  return Number.parseInt(workbookVersion(), 10);
}
