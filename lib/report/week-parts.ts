import { html, type Markup } from './markup.ts';

export function section(id: string, title: string, body: Markup): Markup {
  return html`<section aria-labelledby="${id}-heading" id="${id}">
<h2 id="${id}-heading">${title}</h2>
${body}
</section>`;
}

/** A place where the page's script draws. Who cannot see it is told the label, and reads the table beside it. */
export function plot(chart: string, label: string): Markup {
  return html`<div class="plot" role="img" aria-label="${label}" data-chart="${chart}"></div>`;
}

/** The first cell of a row is its name. What is too wide is moved sideways by itself. `words` reads from the left. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly (string | Markup)[])[],
  { words = false } = {},
): Markup {
  const heads = head.map((title) => html`<th scope="col">${title}</th>`);
  const lines = rows.map(
    ([name = '', ...cells]) =>
      html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
<table class="figures${words ? ' words' : ''}"><caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>${lines}</tbody></table></div>`;
}
