import type { Simulator } from './simulator.ts';
import type { Vendor } from './vendors.ts';
import type { WireRequest } from './wire.ts';
import type { WrittenAnswer } from './written.ts';

/** One request, once it is known whose it is. */
export interface Visit {
  simulator: Simulator;
  vendor: Vendor;
  request: WireRequest;
  /** Of the address: as it was written, and what follows it from the question mark on. */
  path: string;
  query: string;
  /** 1 for the first, in the order in which clients called. */
  ordinal: number;
  /** How many requests with the same body came before. */
  repeat: number;
  /** Parts of the path by name; in Azure's dated interface `deployment` is one of them. */
  params: Readonly<Record<string, string>>;
  /** The answer that a fault plan has written for this request. */
  scripted?: string | WrittenAnswer;
}
