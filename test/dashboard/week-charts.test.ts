import { expect, test } from 'vitest';
import { weekChartData } from '../../lib/dashboard/week-chart-data.ts';

test('bars of a group stand side by side, a gap between groups, the name under the middle', () => {
  const series = [
    { name: 'before', values: [1, 1] },
    { name: 'yours', values: [0.5, null] },
    { name: 'target', values: [0.6, 0.2] },
  ];
  const data = weekChartData({ name: 'x', shape: 'bars', unit: 'share', labels: ['A', 'B'], series });
  expect(data.xs).toEqual([0, 1, 2, 4, 5, 6]);
  expect(data.xs.map(data.xWords)).toEqual(['', 'A', '', '', 'B', '']);
  expect(data.series.map(({ values }) => values)).toEqual([
    [1, null, null, 1, null, null],
    [null, 0.5, null, null, null, null],
    [null, null, 0.6, null, null, 0.2],
  ]);
});

test('lines go from attempt to attempt', () => {
  const series = [{ name: 'score', values: [60, 74] }];
  const data = weekChartData({ name: 'best', shape: 'line', unit: 'points', labels: ['#1', '#2'], series });
  expect(data).toMatchObject({ xs: [1, 2], range: [0.5, 2.5], series });
  expect([1, 1.5, 2].map(data.xWords)).toEqual(['#1', '', '#2']);
});
