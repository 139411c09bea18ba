import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Call } from '#lib/provider';

export const DURATION = 'gen_ai.client.inference.duration';
export const FIRST_CHUNK = 'gen_ai.client.inference.time_to_first_chunk';
/** Of each call, for percentiles. */
export const OUTPUT_TOKENS = 'gen_ai.client.inference.operation.output_tokens';
/** Of all calls, for sums: what each counter counts of a bill. */
export const USAGE: Record<string, keyof Call['tokens']> = {
  'gen_ai.client.inference.usage.input_tokens': 'input',
  'gen_ai.client.inference.usage.cache_read.input_tokens': 'cached',
  'gen_ai.client.inference.usage.cache_write.input_tokens': 'cacheWrite',
  'gen_ai.client.inference.usage.output_tokens': 'output',
  'gen_ai.client.inference.usage.reasoning.output_tokens': 'reasoning',
};
export const CACHE = 'app.chat.cache';
export const COST = 'app.chat.cost';
/** As the conventions (v0.1.0) have them: 10 ms doubling to 82 s, and powers of four. */
export const SECONDS = Array.from({ length: 14 }, (_, i) => Number((0.01 * 2 ** i).toFixed(2)));
export const POWERS = Array.from({ length: 14 }, (_, i) => 4 ** i);

/** A meter, and all that was written to it. */
export function newMeter(): { meter: Meter; collect(): Promise<ResourceMetrics> } {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meters = new MeterProvider({ readers: [exporter] });
  const collect = async () => (await exporter.collect()).resourceMetrics;
  return { meter: meters.getMeter('help-page'), collect };
}

export interface Metric {
  name: string;
  unit: string;
  points: {
    attributes: Record<string, unknown>;
    /** Of a histogram. */
    count: number;
    sum: number;
    boundaries: number[] | null;
  }[];
}

export function flatten(metrics: ResourceMetrics): Metric[] {
  return metrics.scopeMetrics.flatMap((scope) =>
    scope.metrics.map(({ descriptor, dataPoints }) => ({
      name: descriptor.name,
      unit: descriptor.unit,
      points: dataPoints.map(({ attributes, value }) =>
        typeof value === 'number'
          ? { attributes, count: 1, sum: value, boundaries: null }
          : {
              attributes,
              count: value.count,
              sum: value.sum ?? 0,
              boundaries:
                'buckets' in value && 'boundaries' in value.buckets ? value.buckets.boundaries : null,
            },
      ),
    })),
  );
}

/** The name under which Prometheus knows a metric, without its suffixes. */
export function promName(name: string): string {
  return name.replaceAll('.', '_');
}
