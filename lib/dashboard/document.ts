/** What is put into the page. */
export interface DocumentParts {
  policy: string;
  style: string;
  script: string;
  /** Records as JSON in which no "<" stands. */
  records: string;
  live: boolean;
  savedAt: string;
}

/** The page before its script has run. */
export function documentHtml({ policy, style, script, records, live, savedAt }: DocumentParts): string {
  return `<!doctype html>
<html lang="en" data-live="${live}" data-saved-at="${savedAt}">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Dashboard · LLM optimisation workbook</title>
    <link rel="icon" href="data:,">
    <style>${style}</style>
  </head>
  <body>
    <a class="skip" href="#charts">Skip to the charts</a>
    <header>
      <h1>Dashboard</h1>
      <p id="status" role="status"></p>
    </header>
    <noscript><p>The charts are drawn by a script, and scripts are switched off here.</p></noscript>
    <form id="controls" aria-label="What is shown"></form>
    <section aria-labelledby="shown-title">
      <h2 id="shown-title">Shown</h2>
      <p id="shown"></p>
      <div id="replay" role="group" aria-label="Replay"></div>
    </section>
    <main id="charts" tabindex="-1"></main>
    <script type="application/json" id="records">${records}</script>
    <script>${script}</script>
  </body>
</html>
`;
}
