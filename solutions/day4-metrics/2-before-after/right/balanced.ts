import type { Comparison, Options, Run } from '#course/day4-metrics/contracts/compare.ts';
/** A balanced bootstrap, in which every request is drawn equally often in all; the interval follows from its spread. */
export const compare = (before: Run, after: Run, o: Options): Comparison => {
  const take = (run: Run) => {
    const groups: Record<string, number[]> = Object.create(null);
    for (const s of run.samples) {
      const value = o.metric === 'mean cost' ? s.costMicroUsd : s.latencyMs;
      groups[s.id] = [...(groups[s.id] ?? []), value];
    }
    return groups;
  };
  const [b, a] = [take(before), take(after)];
  const ids = Object.keys(b).filter((id) => id in a);
  const stat = (v: number[]) => {
    if (!o.metric.startsWith('p95')) return v.reduce((x, y) => x + y, 0) / v.length;
    v.sort((x, y) => x - y);
    return v[Math.ceil((v.length * 95) / 100) - 1] ?? 0;
  };
  const ratio = (list: string[]) =>
    stat(list.flatMap((id) => a[id] ?? [])) / stat(list.flatMap((id) => b[id] ?? []));
  const delta = ratio(ids) - 1;
  const cannot = ids.length < 30 || before.cache !== after.cache;
  if (cannot) return { delta, ci: [delta - 1, delta + 1], verdict: 'inconclusive' };
  const urn = Array.from({ length: o.resamples }, () => ids).flat();
  for (let i = urn.length - 1; i > 0; i--) {
    const j = Math.floor(o.random() * (i + 1));
    [urn[i], urn[j]] = [urn[j] ?? '', urn[i] ?? ''];
  }
  const logs = Array.from({ length: o.resamples }, (_, k) =>
    Math.log(ratio(urn.slice(k * ids.length, (k + 1) * ids.length))),
  );
  const mean = logs.reduce((x, y) => x + y, 0) / logs.length;
  const sd = Math.sqrt(logs.reduce((x, y) => x + (y - mean) ** 2, 0) / (logs.length - 1));
  const ci: [number, number] = [
    Math.exp(Math.log(1 + delta) - 1.99 * sd) - 1,
    Math.exp(Math.log(1 + delta) + 1.99 * sd) - 1,
  ];
  return { delta, ci, verdict: ci[0] > 0 ? 'worse' : ci[1] < 0 ? 'better' : 'inconclusive' };
};
