import { BARS_OF_A_GROUP, type ChartData, type PanelName } from '../panel-data.ts';
import { createChart, valueWords } from './chart.ts';
import { make } from './dom.ts';

/** A chart with its heading, its sentence and its table. */
export interface Panel {
  section: HTMLElement;
  /** Draws the data; with none, says `why`. */
  show(data: ChartData | undefined, why: string): void;
  openTable(open: boolean): void;
  restyle(): void;
}

export interface PanelOptions {
  name: PanelName;
  title: string;
  /** A choice of this panel alone. */
  choice?: HTMLElement;
  onTable(open: boolean): void;
}

export function createPanel({ name, title, choice, onTable }: PanelOptions): Panel {
  const summary = make('p', { class: 'summary', id: `${name}-summary` });
  const plot = make('div', {
    class: 'plot',
    role: 'img',
    'aria-labelledby': `${name}-title ${name}-summary`,
  });
  const rows = make('div', {
    class: 'scroll',
    tabindex: '0',
    role: 'region',
    'aria-label': `${title}: table`,
  });
  const details = make('details', {}, make('summary', {}, `${title} as a table`), rows);
  const section = make(
    'section',
    { class: 'panel', id: name, 'aria-labelledby': `${name}-title` },
    make('h2', { id: `${name}-title` }, title),
    ...(choice ? [choice] : []),
    summary,
    plot,
    details,
  );
  const chart = createChart(plot);
  let shown: ChartData | undefined;
  details.addEventListener('toggle', () => {
    fillTable();
    onTable(details.open);
  });
  const fillTable = () => details.open && shown && rows.replaceChildren(tableOf(title, shown));
  return {
    section,
    show(data, why) {
      shown = data;
      summary.textContent = data ? data.summary : why;
      plot.hidden = !data;
      details.hidden = !data;
      section.classList.toggle('wide', data !== undefined && isWide(data));
      if (data && section.isConnected && !section.hidden) chart.draw(data);
      fillTable();
    },
    openTable(open) {
      if (details.open !== open) details.open = open;
    },
    restyle: () => shown && !section.hidden && chart.restyle(),
  };
}

/** More groups of bars than can be told apart in a column. */
function isWide({ shape, xs }: ChartData): boolean {
  return shape === 'bars' && xs.length > MOST_GROUPS * BARS_OF_A_GROUP;
}

const MOST_GROUPS = 8;

/** The rows in which anything was measured. */
function tableOf(title: string, data: ChartData): HTMLElement {
  const { xName, series, unit } = data;
  const head = (text: string, scope: string) => make('th', { scope }, text);
  const body = rowsOf(data).map(({ name, values }) => {
    const cells = values.map((value) => make('td', {}, valueWords(value, unit) || '–'));
    return make('tr', {}, head(name, 'row'), ...cells);
  });
  const top = make('tr', {}, head(xName, 'col'), ...series.map(({ name }) => head(name, 'col')));
  return make(
    'table',
    { class: 'figures' },
    make('caption', {}, title),
    make('thead', {}, top),
    make('tbody', {}, ...body),
  );
}

interface Row {
  name: string;
  values: (number | null)[];
}

/** Bars that stand together, each at a place of its own, are one row. */
function rowsOf({ xs, xWords, series, shape }: ChartData): Row[] {
  const perRow = shape === 'bars' ? BARS_OF_A_GROUP : 1;
  const starts = xs.map((_, at) => at).filter((at) => at % perRow === 0);
  return starts.flatMap((start): Row[] => {
    const places = xs.map((_, at) => at).slice(start, start + perRow);
    const values = series.map(
      (each) => places.map((at) => each.values[at]).find((value) => value != null) ?? null,
    );
    const name = places.map((at) => xWords(xs[at] ?? 0)).find((words) => words !== '') ?? '';
    return values.every((value) => value === null) ? [] : [{ name, values }];
  });
}
