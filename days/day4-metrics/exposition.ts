/** One line of a Prometheus exposition. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/**
 * Reads Prometheus's text format as strictly as `promtool check metrics`: names, label syntax, a TYPE before the
 * samples, histograms that add up. Throws with the line that is wrong.
 */
export function parseExposition(text: string): Sample[] {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type?.[1] && type[2]) types.set(type[1], type[2]);
    // Every other line with a # is a comment, also the one that an exporter without metrics writes.
    else if (line !== '' && (!line.startsWith('#') || line.startsWith('# TYPE')))
      samples.push(parseSample(line, types));
  }
  for (const [name, type] of types) if (type === 'histogram') checkHistogram(name, samples);
  return samples;
}

function parseSample(line: string, types: Map<string, string>): Sample {
  const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)(?: \d+)?$/.exec(line);
  if (!parts) throw new Error(`Not a sample: ${line}`);
  const [, name = '', list = '', number = ''] = parts;
  const family = name.replace(/_(bucket|sum|count)$/, '');
  if (!types.has(name) && !types.has(family)) throw new Error(`No TYPE before: ${line}`);
  const labels: Record<string, string> = {};
  const rest = list.replace(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g, (_, label: string, value: string) => {
    labels[label] = value.replace(/\\(.)/g, (_all, sign: string) => (sign === 'n' ? '\n' : sign));
    return '';
  });
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  if (rest !== '' || Number.isNaN(value)) throw new Error(`Not a sample: ${line}`);
  return { name, labels, value };
}

function checkHistogram(name: string, samples: Sample[]): void {
  const series = new Map<string, Sample[]>();
  for (const sample of samples)
    if (sample.name === `${name}_bucket` || sample.name === `${name}_count`) {
      const key = keyOf(sample.labels);
      series.set(key, [...(series.get(key) ?? []), sample]);
    }
  for (const [key, all] of series) {
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    if (buckets.at(-1)?.labels.le !== '+Inf' || buckets.at(-1)?.value !== count)
      throw new Error(`${name}${key}: the bucket +Inf must hold all ${count} values.`);
    buckets.forEach((bucket, i) => {
      if (i > 0 && bucket.value < (buckets[i - 1]?.value ?? 0))
        throw new Error(`${name}${key}: buckets are cumulative, and ${bucket.labels.le} holds too few.`);
    });
  }
}

function keyOf({ le: _, ...labels }: Record<string, string>): string {
  return JSON.stringify(Object.entries(labels).sort());
}

/** What `sum(name{labels})` gives. */
export function total(samples: Sample[], name: string, labels: Record<string, string | RegExp> = {}): number {
  return samples
    .filter((sample) => sample.name === name && matches(sample, labels))
    .reduce((sum, sample) => sum + sample.value, 0);
}

function matches(sample: Sample, labels: Record<string, string | RegExp>): boolean {
  return Object.entries(labels).every(([label, wanted]) => {
    const value = sample.labels[label] ?? '';
    return typeof wanted === 'string' ? value === wanted : wanted.test(value);
  });
}

/** What `histogram_quantile(q, sum by (le) (name_bucket))` gives: linear within the bucket in which the rank falls. */
export function histogramQuantile(samples: Sample[], name: string, q: number): number {
  const counts = new Map<number, number>();
  for (const sample of samples)
    if (sample.name === `${name}_bucket`) {
      const bound = sample.labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels.le);
      counts.set(bound, (counts.get(bound) ?? 0) + sample.value);
    }
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const rank = q * (buckets.at(-1)?.[1] ?? 0);
  const at = buckets.findIndex(([, count]) => count >= rank);
  const [upper = Number.NaN, count = 0] = buckets[at] ?? [];
  const [lower = 0, below = 0] = buckets[at - 1] ?? [];
  if (!Number.isFinite(upper)) return lower;
  return lower + ((upper - lower) * (rank - below)) / (count - below);
}
