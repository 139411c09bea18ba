import type { RunRecord } from '../../workbook/runs.ts';
import { byId } from './dom.ts';
import { createScreen } from './screen.ts';

const { live, savedAt } = document.documentElement.dataset;
const records = JSON.parse(byId('records').textContent ?? '[]') as RunRecord[];
const screen = createScreen(records);
const status = byId('status');

if (live === 'true') {
  const last = records.at(-1)?.id ?? '';
  const events = new EventSource(`/events?after=${encodeURIComponent(last)}`);
  events.addEventListener('open', () => say('Live: what you check, run or benchmark appears here.'));
  events.addEventListener('error', () => say('The dashboard was stopped; waiting for it to come back.'));
  events.addEventListener('record', ({ data }) => screen.add(JSON.parse(data) as RunRecord));
} else {
  say(`Saved ${new Date(savedAt ?? '').toLocaleString()}.`);
}

// The part of the address after "#" is the view; a link into the page must not replace it.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  byId('charts').focus();
});

function say(text: string): void {
  if (status.textContent !== text) status.textContent = text;
}
