import type * as Contract from './contracts/tiered-cache.ts';

/**
 * A second tier that can be closed. A time to live is a backstop, so that nothing stays for ever; whoever reads judges the
 * expiry by what is in the bytes.
 */
export interface Tier extends Contract.Tier {
  close(): Promise<void>;
}

export type { Edge } from './contracts/tiered-cache.ts';
