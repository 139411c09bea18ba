import type { RunRecord } from '../../workbook/runs.ts';
import { alertsOf } from '../alerts.ts';
import { PANELS } from '../panel-data.ts';
import { make } from './dom.ts';

/** The alerts, newest first. A screen reader is told of those that come while the page is open. */
export function createAlerts(): {
  section: HTMLElement;
  show(records: readonly RunRecord[], visible: boolean): void;
} {
  const summary = make('p', { class: 'summary' });
  const list = make('ul', { class: 'alerts', tabindex: '0', 'aria-label': PANELS.alerts });
  const news = make('p', { role: 'alert', class: 'summary' });
  const section = make(
    'section',
    { class: 'panel', id: 'alerts', 'aria-labelledby': 'alerts-title' },
    make('h2', { id: 'alerts-title' }, PANELS.alerts),
    ...[news, summary, list],
  );
  let newest: string | undefined;
  return {
    section,
    show(records, visible) {
      const alerts = alertsOf(records);
      section.hidden = !visible;
      summary.textContent = alerts.length === 0 ? 'None.' : `${alerts.length}, newest first.`;
      const [first] = alerts;
      if (newest !== undefined && first && first.record !== newest)
        news.textContent = `New: ${first.lab}: ${first.text}`;
      newest = first?.record ?? '';
      list.replaceChildren(
        ...alerts.map(({ at, lab, subject, level, text }) =>
          make(
            'li',
            {},
            make('strong', { class: level }, level === 'problem' ? 'Problem' : 'Warning'),
            ` ${lab}${subject === 'yours' ? '' : ` (${subject})`}, `,
            make('time', { datetime: at }, new Date(at).toLocaleString()),
            `: ${text}`,
          ),
        ),
      );
    },
  };
}
