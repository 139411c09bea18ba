import { readFileSync } from 'node:fs';
import { MADE_BY } from '../workbook/report-file.ts';
import type { Week } from '../workbook/week.ts';
import type { CapstoneFigures } from '../workbook/week-capstone.ts';
import { RULE } from '../workbook/week-certificate.ts';
import { html, Markup } from './markup.ts';
import { pointWords } from './verdict-screen.ts';
import { dayWords, performanceRows, resultRows } from './week-words.ts';

const STYLE = new URL('certificate.css', import.meta.url);

/** The certificate as a page that prints on one sheet. Without a name there is a line to write it on. */
export function certificateHtml(week: Week, capstone: CapstoneFigures, name = ''): string {
  const { workbookVersion, at, certificate } = week;
  const rows = [...resultRows(capstone), ...performanceRows(capstone)];
  const figures = rows
    .filter(({ words }) => words !== 'not measured')
    .map(
      ({ name, words, interval }) =>
        html`<div><dt>${name}</dt><dd>${words}${interval ? html`<small>${interval}</small>` : ''}</dd></div>`,
    );
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="generator" content="${MADE_BY}">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Certificate · LLM optimisation workbook</title>
    <link rel="icon" href="data:,">
    <style>${new Markup(readFileSync(STYLE, 'utf8'))}</style>
  </head>
  <body>
    <main>
      <header>
        <h1>LLM optimisation</h1>
        <p>This certifies that</p>
      </header>
      <p class="name">${name}</p>
      <div>
        <p>has completed the workbook, ${certificate.of - 1} labs and the capstone, with these figures of a simulated day.</p>
        <dl>${figures}</dl>
        <p>${bestWords(week)}${helpWords(week)}</p>
      </div>
      <footer>
        <p>Workbook ${workbookVersion} · seed ${capstone.seed} · measured ${dayWords(capstone.at)} · issued ${dayWords(at)}</p>
        <p>It asks for ${RULE}. Small print under a figure: where it lies with 95 % confidence.
        To measure the same again: npm run lab -- grade DIR --seed ${capstone.seed}</p>
      </footer>
    </main>
  </body>
</html>
`.text;
}

// --- helpers -----------------------------------------------------------------------------------------------------

function bestWords({ personalBest }: Week): string {
  if (!personalBest) return '';
  const { best, reference, limit } = personalBest;
  return `Best score ${pointWords(best)}; the reference has ${pointWords(reference)}, the limit is ${pointWords(limit)}. `;
}

/** The help that was taken is said, not judged. */
function helpWords({ days }: Week): string {
  const labs = days.flatMap((day) => day.labs);
  const hints = labs.reduce((sum, lab) => sum + lab.hints.seen, 0);
  const solutions = labs.filter(({ solution }) => solution !== null).length;
  const forced = labs.filter(({ solution }) => solution?.forced).length;
  const opened = solutions === 0 ? 'none' : `${solutions}, ${forced} of them before an attempt`;
  return `Hints read: ${hints}. Solutions opened: ${opened}.`;
}
