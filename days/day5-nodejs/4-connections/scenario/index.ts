import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';
import { defineScenario, percentile } from '#lib/provider';
import { inAMinute, MAX, REQUEST_MS, start } from './wire.ts';

export { corners } from './corners.ts';
export { CHAT_MAX, CROWD, throughAgents } from './services.ts';
export { onRealSockets } from './sockets.ts';
export { MAX } from './wire.ts';

const REQUESTS = 200;

/** Two hundred short requests, about twenty a second. */
export const scenario = defineScenario({
  traffic: (random) => {
    let atMs = 0;
    return Array.from({ length: REQUESTS }, () => {
      atMs += random.exponential(50);
      return Math.round(atMs);
    });
  },
  async play(subject: typeof Subject, { traffic, clock }) {
    const { pool, server } = start(subject, clock);
    const tookMs = await inAMinute(
      clock,
      Promise.all(
        traffic.map(async (atMs, i) => {
          await clock.sleep(atMs);
          const wire = await pool.acquire();
          const lost = await wire.request(`request ${i}`).then(
            () => false,
            () => true,
          );
          pool.release(wire, lost);
          return clock.now() - atMs;
        }),
      ),
    );
    return { tookMs, ...server };
  },
  readings({ outcome }) {
    const { tookMs, handshakes } = outcome.value;
    // Five, and again whenever one of them was idle for too long.
    return {
      handshakes: { unit: 'count', better: 'lower', value: handshakes, target: 3 * MAX, limit: 1 },
      'p95 of a request': {
        unit: 'ms',
        better: 'lower',
        value: tookMs === 'stuck' ? 60_000 : percentile(tookMs, 95),
        target: 140,
        limit: REQUEST_MS,
      },
    };
  },
});
