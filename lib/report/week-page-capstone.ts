import type { Week } from '../workbook/week.ts';
import type { Ablation } from '../workbook/week-ablation.ts';
import type { CapstoneFigures } from '../workbook/week-capstone.ts';
import { letter } from '../workbook/week-charts.ts';
import { html, type Markup } from './markup.ts';
import { pointWords, scoreLine } from './verdict-screen.ts';
import { plot, section, table } from './week-parts.ts';
import {
  ablationTable,
  dayWords,
  gateWords,
  multiplySentence,
  performanceRows,
  type ResultRow,
  resultRows,
} from './week-words.ts';

/** What the capstone measured; before it has passed, what leads there. */
export function capstoneSections(week: Week): Markup {
  const { capstone, next } = week;
  if (!capstone) return section('results', 'Results', html`<p>None yet. ${next ?? ''}</p>`);
  return html`${section(
    'results',
    'Results',
    html`${tiles(resultRows(capstone))}<h3>Performance</h3>${tiles(performanceRows(capstone))}
<p class="soft">In small print: where the figure lies with 95 % confidence.</p>`,
  )}
${gateSection(capstone)}
${capstone.ablation ? ablationSection(capstone, capstone.ablation) : ''}
${bestSection(week)}
${adviceSection(week)}`;
}

// --- helpers -----------------------------------------------------------------------------------------------------

function tiles(rows: readonly ResultRow[]): Markup {
  return html`<dl class="tiles">${rows.map(
    ({ name, words, interval }) =>
      html`<div><dt>${name}</dt><dd>${words}${interval ? html`<small>${interval}</small>` : ''}</dd></div>`,
  )}</dl>`;
}

function gateSection({ gates }: CapstoneFigures): Markup | '' {
  if (gates.length === 0) return '';
  const rows = gates.map(({ gate, value, target, unit, passed }) => [
    gate,
    gateWords(value, unit),
    gateWords(target, unit),
    passed ? 'passed' : 'not passed',
  ]);
  return section(
    'gates',
    'Gates',
    table('The gates of the capstone', ['Gate', 'Measured', 'Target', 'State'], rows),
  );
}

function ablationSection(capstone: CapstoneFigures, ablation: Ablation): Markup {
  const { head, rows } = ablationTable(ablation, (optimization, at) => `${letter(at)} ${optimization}`);
  return section(
    'ablation',
    'What each optimisation brought',
    html`<p>${multiplySentence(capstone)}</p>
<div class="panel">
${plot('ablation', 'Cost and times without each optimisation, as a multiple of those with all of them on')}
${table('The same traffic with optimisations switched off', head, rows)}
</div>`,
  );
}

function bestSection({ personalBest }: Week): Markup | '' {
  if (!personalBest) return '';
  const { attempts, seed } = personalBest;
  const rows = attempts.map((each, at) => [`#${at + 1}`, dayWords(each.at), pointWords(each.score)]);
  return section(
    'best',
    'Personal best',
    html`<p>${scoreLine(personalBest)} Answers that passed on seed ${seed}: ${attempts.length}.</p>
<div class="panel">
${plot('best', 'Score over the answers that passed, with the reference and the limit')}
${table('Scores', ['Answer', 'Day', 'Score'], rows)}
</div>`,
  );
}

function adviceSection({ recommendations }: Week): Markup | '' {
  if (!recommendations || recommendations.length === 0) return '';
  const items = recommendations.map(
    ({ advice, reason }) => html`<li>${advice}. <span class="soft">${reason}</span></li>`,
  );
  return section('recommendations', 'Recommendations', html`<ol>${items}</ol>`);
}
