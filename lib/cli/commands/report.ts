import { resolve } from 'node:path';
import { buildPage } from '../../dashboard/html.ts';
import { weekHtml } from '../../dashboard/week-document.ts';
import { wrap } from '../../report/text.ts';
import { plainJson } from '../../report/visible.ts';
import { certificateHtml } from '../../report/week-certificate.ts';
import { weekJson } from '../../report/week-json.ts';
import { weekBody } from '../../report/week-page.ts';
import { weekScreen } from '../../report/week-screen.ts';
import { saveReport } from '../../workbook/report-file.ts';
import { readRuns } from '../../workbook/runs.ts';
import { workbookVersion } from '../../workbook/version.ts';
import { gatherWeek, type Week } from '../../workbook/week.ts';
import { weekCharts } from '../../workbook/week-charts.ts';
import { readReflection } from '../../workbook/week-reflection.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain } from '../course.ts';

export interface ReportChoice {
  json: boolean;
  /** Where to save the page and the certificate: paths as they were given. */
  html?: string;
  certificate?: string;
  /** Whose certificate it is. */
  person?: string;
}

/** Shows the week, as text, as JSON, as a page, and as a certificate where it was earned. */
export async function report(
  context: Context,
  { workbook, progress }: Course,
  { json, html, certificate, person }: ReportChoice,
  now: () => Date = () => new Date(),
): Promise<ExitCode> {
  const { records, notice } = readRuns(context.root);
  if (notice) context.stderr.write(`${notice}\n`);
  const reflection = readReflection(context.root);
  const version = workbookVersion();
  const week = gatherWeek({ workbook, progress, records, reflection, workbookVersion: version, at: now() });
  if (json) say(context, plainJson(weekJson(week), 2));
  else if (html === undefined && certificate === undefined) say(context, weekScreen(week, context.style));
  const saved = html === undefined ? 0 : await savePage(context, html, week);
  const issued = certificate === undefined ? 0 : saveCertificate(context, certificate, week, person);
  return Math.max(saved, issued) as ExitCode;
}

// --- helpers -----------------------------------------------------------------------------------------------------

async function savePage(context: Context, html: string, week: Week): Promise<ExitCode> {
  const page = weekHtml(await buildPage('week'), weekBody(week), weekCharts(week));
  return save(context, 'The report', html, page);
}

function saveCertificate(context: Context, file: string, week: Week, person: string | undefined): ExitCode {
  const { certificate, capstone } = week;
  if (certificate.earned && capstone)
    return save(context, 'The certificate', file, certificateHtml(week, capstone, person));
  const { missing, of } = certificate;
  const labs = missing.map(({ id, title }) => `  ${id}  ${title}`);
  const figures = missing.length === 0 ? [`  ${week.next ?? ''}`] : [];
  complain(
    context,
    [
      wrap(
        `No certificate yet: ${of - missing.length} of the ${of} labs that it asks for have passed. Missing:`,
        context.style.width,
      ),
      ...labs,
      ...figures,
    ].join('\n'),
  );
  return 1;
}

/** What was saved is said on stderr, so that JSON on stdout stays one document. */
function save(context: Context, what: string, file: string, page: string): ExitCode {
  const path = resolve(context.cwd, file);
  const problem = saveReport(path, page);
  if (problem) return complain(context, problem);
  context.stderr.write(`${what} is in ${path}\n`);
  return 0;
}
