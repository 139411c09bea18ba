import type { WeekChart } from '../../workbook/week-charts.ts';
import { weekChartData } from '../week-chart-data.ts';
import { type Chart, createChart } from './chart.ts';
import { byId } from './dom.ts';

// Draws the charts of the week's page, each where the page left a place for it.

const charts = JSON.parse(byId('week').textContent ?? '[]') as WeekChart[];
const drawn: Chart[] = [];
for (const place of document.querySelectorAll<HTMLElement>('[data-chart]')) {
  const data = charts.find(({ name }) => name === place.dataset.chart);
  if (!data) continue;
  const chart = createChart(place);
  chart.draw(weekChartData(data));
  drawn.push(chart);
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', restyle);
// On paper the charts are as wide as a column of the sheet, and light.
addEventListener('beforeprint', () => printing(true));
addEventListener('afterprint', () => printing(false));

function printing(on: boolean): void {
  document.documentElement.classList.toggle('paper', on);
  restyle();
}

function restyle(): void {
  for (const chart of drawn) chart.restyle();
}
