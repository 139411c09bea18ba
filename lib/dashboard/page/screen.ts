import { inWords } from '../../provider/metrics.ts';
import { mainPlay } from '../../workbook/play-figures.ts';
import type { RunRecord } from '../../workbook/runs.ts';
import {
  attempts,
  benchmarkChart,
  historyChart,
  MEASURES,
  type Measure,
  metricNames,
} from '../attempt-charts.ts';
import { type ChartData, PANELS, type PanelName } from '../panel-data.ts';
import {
  costChart,
  errorsChart,
  hitsChart,
  latencyChart,
  type Stretch,
  stretchOf,
  tokensChart,
} from '../time-charts.ts';
import { createAlerts } from './alert-list.ts';
import { createControls } from './controls.ts';
import { byId, chooser } from './dom.ts';
import { createPanel, type Panel } from './panel.ts';
import { createReplay } from './replay.ts';
import { hashOf, type View, viewFrom } from './view.ts';

/** The charts whose axis is the time of one play. */
const OVER_TIME: Partial<Record<PanelName, (stretch: Stretch) => ChartData>> = {
  latency: latencyChart,
  cost: costChart,
  hits: hitsChart,
  errors: errorsChart,
  tokens: tokensChart,
};

/** Holds what is known and what is chosen, and keeps the page in step with both. */
export function createScreen(records: RunRecord[]): { add(record: RunRecord): void } {
  let view = viewFrom(location.hash);
  let loaded = '';
  const controls = createControls(byId('controls'), (change) => choose(change));
  const alerts = createAlerts();
  const metric = chooser('Figure', (name) => choose({ metric: name }));
  const measure = chooser('Compared by', (name) => choose({ measure: name as Measure }));
  const choices: Partial<Record<PanelName, HTMLElement>> = {
    history: metric.field,
    benchmark: measure.field,
  };
  const panels = new Map<PanelName, Panel>();
  for (const name of Object.keys(PANELS) as PanelName[]) if (name !== 'alerts') addPanel(name);
  byId('charts').append(alerts.section);
  const replay = createReplay({
    place: byId('replay'),
    onMove: () => drawTime(),
    onSpeed: (speed) => choose({ speed }),
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const panel of panels.values()) panel.restyle();
  });
  addEventListener('hashchange', () => {
    view = viewFrom(location.hash);
    draw();
  });
  draw();
  return {
    add(record) {
      if (records.some(({ id }) => id === record.id)) return;
      records.push(record);
      draw();
    },
  };

  function addPanel(name: PanelName): void {
    const panel = createPanel({
      ...{ name, title: PANELS[name], choice: choices[name] },
      onTable: (open) => {
        const others = view.tables.filter((each) => each !== name);
        remember({ tables: open ? [...others, name] : others });
      },
    });
    panels.set(name, panel);
    byId('charts').append(panel.section);
  }

  function choose(change: Partial<View>): void {
    remember(change);
    draw();
  }

  function remember(change: Partial<View>): void {
    view = { ...view, ...change };
    if (location.hash !== hashOf(view)) history.replaceState(null, '', hashOf(view));
  }

  /** The record that is looked at: the chosen one, else the newest of the lab. */
  function current(): RunRecord | undefined {
    const ofLab = records.filter(({ lab }) => view.lab === '' || lab === view.lab);
    return ofLab.find(({ id }) => id === view.run) ?? ofLab.at(-1);
  }

  function draw(): void {
    const record = current();
    controls.show(view, records);
    alerts.show(records, view.panels.includes('alerts'));
    for (const [name, panel] of panels) {
      panel.section.hidden = !view.panels.includes(name);
      panel.openTable(view.tables.includes(name));
    }
    byId('shown').textContent = record ? sentence(record) : NOTHING;
    replay.setSpeed(view.speed);
    if (loaded !== (record?.id ?? '')) {
      loaded = record?.id ?? '';
      replay.load(lastMs(record));
    }
    drawTime();
    drawAttempts(record);
  }

  function drawTime(): void {
    const record = current();
    const play = mainPlay(record?.plays ?? []) ?? { calls: [] };
    const stretch = stretchOf(play, lastMs(record), replay.nowMs(), view.windowMs);
    for (const [name, chart] of Object.entries(OVER_TIME)) {
      panels
        .get(name as PanelName)
        ?.show(play.calls.length > 0 ? chart(stretch) : undefined, 'This run made no calls.');
    }
  }

  function drawAttempts(record: RunRecord | undefined): void {
    const tries = record ? attempts(records, record.lab, record.subject) : [];
    const names = metricNames(tries);
    const name = names.includes(view.metric) ? view.metric : (names[0] ?? '');
    metric.set(
      names.map((each) => [each, each] as const),
      name,
    );
    metric.field.hidden = names.length === 0;
    panels.get('history')?.show(historyChart(tries, name), 'There are no attempts with figures yet.');
    measure.set(Object.entries(MEASURES), view.measure);
    const why = 'There is no benchmark with this figure yet: npm run lab -- benchmark makes one.';
    const ofLab = records.filter(({ lab }) => view.lab === '' || lab === view.lab);
    panels.get('benchmark')?.show(benchmarkChart(ofLab, view.measure), why);
  }
}

const NOTHING =
  'Nothing yet: check a lab, for example with npm run lab -- check day1.1, and it appears here.';

function lastMs(record: RunRecord | undefined): number {
  const play = mainPlay(record?.plays ?? []);
  return play ? Math.max(play.virtualMs, ...play.calls.map(({ endMs }) => endMs)) : 0;
}

function sentence(record: RunRecord): string {
  const { lab, title, subject, command, status, seed, at, plays } = record;
  const play = mainPlay(plays);
  const all = play?.totals?.calls ?? play?.calls.length ?? 0;
  const drawn = play && play.calls.length < all ? ` (${play.calls.length} of them are drawn)` : '';
  const calls = play ? `; ${all} calls${drawn} in ${inWords(play.virtualMs, 'ms')}` : '';
  return `${lab} ${title}: ${command} of ${subject}, ${status}, seed ${seed}, ${new Date(at).toLocaleString()}${calls}.`;
}
