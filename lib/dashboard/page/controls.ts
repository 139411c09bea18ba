import type { RunRecord } from '../../workbook/runs.ts';
import { PANELS, type PanelName } from '../panel-data.ts';
import { chooser, make } from './dom.ts';
import { type View, WINDOWS } from './view.ts';

/** What can be chosen: lab, run, window, panels. */
export interface Controls {
  show(view: View, records: readonly RunRecord[]): void;
}

/** Runs that are offered: the newest ones. */
const MOST_RUNS = 100;

export function createControls(form: HTMLElement, choose: (change: Partial<View>) => void): Controls {
  const lab = chooser('Lab', (value) => choose({ lab: value, run: '' }));
  const run = chooser('Run', (value) => choose({ run: value }));
  const span = chooser('Window', (value) => choose({ windowMs: Number(value) }));
  const boxes = new Map<PanelName, HTMLInputElement>();
  const set = make('fieldset', {}, make('legend', {}, 'Panels'));
  for (const [name, title] of Object.entries(PANELS) as [PanelName, string][]) {
    const box = make('input', { type: 'checkbox' });
    box.addEventListener('change', () =>
      choose({ panels: [...boxes].flatMap(([each, { checked }]) => (checked ? [each] : [])) }),
    );
    boxes.set(name, box);
    set.append(make('label', {}, box, title));
  }
  form.append(lab.field, run.field, span.field, set);
  form.addEventListener('submit', (event) => event.preventDefault());
  return {
    show(view, records) {
      const labs = new Map(records.map((record) => [record.lab, `${record.lab} ${record.title}`]));
      const sorted = [...labs].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
      lab.set([['', 'all labs'], ...sorted], labs.has(view.lab) ? view.lab : '');
      const runs = records
        .filter((record) => view.lab === '' || record.lab === view.lab)
        .slice(-MOST_RUNS)
        .reverse();
      const known = runs.some(({ id }) => id === view.run);
      run.set(
        [['', 'the newest'], ...runs.map((record) => [record.id, nameOf(record)] as const)],
        known ? view.run : '',
      );
      span.set(windows(), String(view.windowMs));
      for (const [name, box] of boxes) box.checked = view.panels.includes(name);
    },
  };
}

/** Numbers as keys come in ascending order. */
function windows(): [string, string][] {
  return Object.entries(WINDOWS).map(([ms, words]) => [ms, ms === '0' ? words : `the last ${words}`]);
}

function nameOf({ at, lab, subject, command, status }: RunRecord): string {
  return `${new Date(at).toLocaleString()}: ${lab} ${subject}, ${command}, ${status}`;
}
