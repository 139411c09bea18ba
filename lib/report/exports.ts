import { type CheckStatus, repeatCommand, type Verdict } from '../workbook/verdict.ts';

/** A verdict's checks, flat. A lab that could not be graded counts as one check that went wrong. */
export interface CheckRow {
  lab: string;
  name: string;
  status: CheckStatus;
  /** Everything a reader of a log needs, in one text. */
  text: string;
  wallMs: number;
}

/** The rows that every export is made from, so that they all tell the same. */
export function checkRows(verdicts: readonly Verdict[]): CheckRow[] {
  return verdicts.flatMap((verdict) => {
    const { id: lab, checks } = verdict;
    const wallMs = Math.round(verdict.wallMs / Math.max(1, checks.length));
    const rows = checks.map(({ name, status, message, expected, actual, help }): CheckRow => {
      const parts = [message, expected && `Expected: ${expected}.`, actual && `Measured: ${actual}.`, help];
      const again = status === 'pass' ? [] : [`Again: ${repeatCommand(verdict)}`];
      return { lab, name, status, wallMs, text: [...parts.filter(Boolean), ...again].join('\n') };
    });
    const said = rows.some((row) => row.status === 'fail' || row.status === 'error');
    if (verdict.status === 'passed' || said) return rows;
    const text = `${verdict.message ?? ''}\nAgain: ${repeatCommand(verdict)}`.trim();
    return [...rows, { lab, name: 'the lab can be graded', status: 'error' as const, wallMs, text }];
  });
}

/** JUnit XML: one suite a lab, one case a check. */
export function junitXml(verdicts: readonly Verdict[]): string {
  const suites = verdicts.map((verdict) => {
    const rows = checkRows([verdict]);
    const count = (status: CheckStatus) => rows.filter((row) => row.status === status).length;
    const head = `name="${xml(verdict.id)}" tests="${rows.length}" failures="${count('fail')}" errors="${count('error')}" skipped="${count('skipped')}" time="${verdict.wallMs / 1000}"`;
    return [`  <testsuite ${head}>`, ...rows.map(junitCase), '  </testsuite>'].join('\n');
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites>', ...suites, '</testsuites>', ''].join(
    '\n',
  );
}

/** The Common Test Report Format (ctrf.io). `stopMs` is when grading ended, since 1970. */
export function ctrfReport(verdicts: readonly Verdict[], stopMs: number): object {
  const rows = checkRows(verdicts);
  const count = (...statuses: CheckStatus[]) => rows.filter((row) => statuses.includes(row.status)).length;
  const wallMs = verdicts.reduce((sum, verdict) => sum + verdict.wallMs, 0);
  return {
    reportFormat: 'CTRF',
    specVersion: '0.0.0',
    results: {
      tool: { name: 'llm-optimisation-workbook' },
      summary: {
        tests: rows.length,
        passed: count('pass'),
        failed: count('fail', 'error'),
        skipped: count('skipped'),
        pending: 0,
        other: 0,
        start: stopMs - wallMs,
        stop: stopMs,
      },
      tests: rows.map(({ lab, name, status, text, wallMs }) => ({
        name,
        suite: [lab],
        status: CTRF_STATUS[status],
        duration: wallMs,
        ...(text && { message: text }),
      })),
    },
  };
}

/**
 * The payload of GitHub Classroom's autograding, in base64: every check is worth one point. Its reporter counts
 * `status` in one place and sums `score` in another, so that both must say the same.
 */
export function classroomPayload(verdicts: readonly Verdict[]): string {
  const rows = checkRows(verdicts);
  const passed = rows.every((row) => row.status === 'pass') && rows.length > 0;
  const payload = {
    version: 1,
    status: passed ? 'pass' : rows.some((row) => row.status === 'error') ? 'error' : 'fail',
    max_score: rows.length,
    tests: rows.map(({ lab, name, status, text, wallMs }) => ({
      name: `${lab}: ${name}`,
      status: status === 'pass' ? 'pass' : status === 'error' ? 'error' : 'fail',
      score: status === 'pass' ? 1 : 0,
      message: text,
      test_code: '',
      filename: '',
      line_no: 0,
      duration: wallMs,
    })),
  };
  return Buffer.from(JSON.stringify(payload)).toString('base64');
}

// --- helpers -----------------------------------------------------------------------------------------------------

const CTRF_STATUS = { pass: 'passed', fail: 'failed', error: 'failed', skipped: 'skipped' } as const;

const JUNIT_ELEMENT = { fail: 'failure', error: 'error', skipped: 'skipped' } as const;

function junitCase({ lab, name, status, text, wallMs }: CheckRow): string {
  const head = `    <testcase classname="${xml(lab)}" name="${xml(name)}" time="${wallMs / 1000}"`;
  if (status === 'pass') return `${head}/>`;
  const element = JUNIT_ELEMENT[status];
  const [first = ''] = text.split('\n');
  return `${head}>\n      <${element} message="${xml(first)}">${xml(text)}</${element}>\n    </testcase>`;
}

function xml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write these.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  );
}
