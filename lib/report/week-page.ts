import type { Metric } from '../check/session.ts';
import { inWords, reached } from '../provider/metrics.ts';
import type { Week, WeekDay } from '../workbook/week.ts';
import { letter } from '../workbook/week-charts.ts';
import type { WeekLab } from '../workbook/week-lab.ts';
import { REFLECTION_FILE } from '../workbook/week-reflection.ts';
import { shortTitle, statusWord } from './list-screen.ts';
import { html, type Markup } from './markup.ts';
import { capstoneSections } from './week-page-capstone.ts';
import { plot, section, table } from './week-parts.ts';
import { dayWords, hintWords, solutionWords } from './week-words.ts';

/** The body of the week's page. Each chart stands beside a table with the same figures. */
export function weekBody(week: Week): string {
  const { workbookVersion, at, capstone, days } = week;
  const seed = capstone ? `; the capstone's figures are of seed ${capstone.seed}` : '';
  const links = days.map(({ id, title }) => html`<a href="#${id}">${title}</a> `);
  return html`<a class="skip" href="#results">Skip to the results</a>
<header>
  <h1>Your week</h1>
  <p class="soft">LLM optimisation workbook ${workbookVersion}, ${dayWords(at)}${seed}.</p>
  <nav aria-label="Parts of this page">${links}<a href="#reflection">Looking back</a></nav>
</header>
<main>
${capstoneSections(week)}
${days.map(daySection)}
${quizSection(days)}
${deliverableSection(week)}
${reflectionSection(week)}
${certificateSection(week)}
</main>
`.text;
}

// --- the labs ----------------------------------------------------------------------------------------------------

function daySection({ id, title, labs }: WeekDay): Markup {
  const passed = labs.filter(({ status }) => status === 'passed').length;
  const rows = labs.map((lab) => [
    `${lab.id} ${shortTitle(lab)}`,
    lab.lane,
    statusWord(lab),
    String(lab.attempts),
    hintWords(lab),
    solutionWords(lab),
  ]);
  const head = ['Lab', 'Lane', 'Status', 'Attempts', 'Hints', 'Solution'];
  const measured = labs.filter((lab) => (lab.measured?.metrics.length ?? 0) > 0);
  return section(
    id,
    `${title}: ${passed} of ${labs.length} passed`,
    html`${table(`The labs of ${id}`, head, rows, { words: true })}
${measured.length > 0 ? SCALE : ''}
<div class="charts">${measured.map(labPanel)}</div>`,
  );
}

const SCALE = html`<p class="soft">Each bar is a share of the largest of its four; the table has the figures.</p>`;

/** A panel with more figures takes the whole width. */
const MOST_NARROW = 6;

/** What a lab's figures were before and are now. */
function labPanel({ id, title, measured }: WeekLab): Markup {
  if (!measured) return html``;
  const { metrics, seed, passed } = measured;
  const words = (value: number | null, { unit }: Metric) => (value === null ? '–' : inWords(value, unit));
  const rows = metrics.map((metric, at) => [
    metrics.length > 1 ? `${letter(at)} ${metric.name}` : metric.name,
    words(metric.before, metric),
    html`${words(metric.yours, metric)}${intervalOf(metric)}`,
    words(metric.target, metric),
    words(metric.limit, metric),
  ]);
  const held = metrics.filter((metric) => reached({ ...metric, value: metric.yours })).length;
  const targets = `${held} of ${metrics.length} ${metrics.length === 1 ? 'target' : 'targets'} reached`;
  return html`<section class="panel${metrics.length > MOST_NARROW ? ' wide' : ''}" aria-labelledby="${id}-title">
  <h3 id="${id}-title">${id} ${title}</h3>
  <p class="soft">${targets}, seed ${seed}${passed ? '' : '; the checks do not pass yet'}.</p>
  ${plot(`lab ${id}`, `${id}: before, yours, target and limit, each as a share of the largest of the four`)}
  ${table(`${id}: figures`, ['Figure', 'Before', 'Yours', 'Target', 'Limit'], rows)}
</section>`;
}

function intervalOf({ interval, unit }: Metric): Markup | '' {
  return interval
    ? html`<small>${inWords(interval.low, unit)} to ${inWords(interval.high, unit)}</small>`
    : '';
}

// --- the rest of the week ----------------------------------------------------------------------------------------

function quizSection(days: readonly WeekDay[]): Markup {
  const rows = days.flatMap(({ title, quiz }) =>
    quiz ? [[title, quiz.right === null ? 'not taken yet' : `${quiz.right} of ${quiz.of} right`]] : [],
  );
  const reviews = days.flatMap(({ title, review }) =>
    review ? [[`${title}, review`, `${review.right} of ${review.of} right`]] : [],
  );
  const all = [...rows, ...reviews];
  return section('quizzes', 'Quizzes', table('Quizzes', ['Day', 'Last score'], all, { words: true }));
}

function deliverableSection({ deliverables }: Week): Markup {
  const rows = deliverables.map(({ what, done, where }) => [what, done ? 'done' : 'open', where]);
  return section(
    'deliverables',
    'What the week leaves behind',
    table('Deliverables', ['What', 'State', 'Where'], rows, { words: true }),
  );
}

function reflectionSection({ reflection }: Week): Markup {
  const items = reflection.map(
    ({ question, answer }) =>
      html`<li><p>${question}</p>${
        answer === ''
          ? html`<div class="lines" role="img" aria-label="Not answered yet"></div>`
          : html`<div class="answer">${answer}</div>`
      }</li>`,
  );
  return section(
    'reflection',
    'Looking back',
    html`<p class="soft">The answers stand in ${REFLECTION_FILE}; write there, and make this page again.</p>
<ol>${items}</ol>`,
  );
}

function certificateSection({ certificate }: Week): Markup {
  const { earned, missing, of } = certificate;
  const command = html`<code>npm run lab -- report --certificate certificate.html --name "Your Name"</code>`;
  if (earned) return section('certificate', 'Certificate', html`<p>Earned. ${command} makes it.</p>`);
  const items = missing.map(({ id, title }) => html`<li>${id} ${title}</li>`);
  return section(
    'certificate',
    'Certificate',
    html`<p>${of - missing.length} of the ${of} labs that it asks for have passed. Missing:</p>
<ul>${items.length > 0 ? items : html`<li>the capstone</li>`}</ul>`,
  );
}
