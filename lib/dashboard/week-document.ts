import { MADE_BY } from '../workbook/report-file.ts';
import type { WeekChart } from '../workbook/week-charts.ts';
import { inData, inScript, type PageParts, policy } from './html.ts';

/** The week's page, which needs nothing else: its text, and a script that draws the charts in it. */
export function weekHtml({ style, script }: PageParts, body: string, charts: readonly WeekChart[]): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="generator" content="${MADE_BY}">
    <meta http-equiv="Content-Security-Policy" content="${policy(script, false)}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Your week · LLM optimisation workbook</title>
    <link rel="icon" href="data:,">
    <style>${style}</style>
  </head>
  <body>
${body}
    <script type="application/json" id="week">${inData(charts)}</script>
    <script>${inScript(script)}</script>
  </body>
</html>
`;
}
