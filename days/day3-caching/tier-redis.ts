import { createClient, RESP_TYPES } from '@redis/client';
import type { Tier } from './tier.ts';

export interface RedisTierOptions {
  url: string;
  /** In front of every key and channel. A server that was found is somebody's: choose it at random. */
  prefix: string;
  /** Keeps a virtual clock from stepping while an answer is on its way; returns what lets it go. */
  hold?: () => () => void;
}

/** Lets what is on its way end, where there is a connection to end it on; cut off, it would reject where nobody waits. */
async function ended(
  client: Pick<ReturnType<typeof createClient>, 'isOpen' | 'isReady' | 'close' | 'destroy'>,
) {
  if (client.isReady) await client.close();
  else if (client.isOpen) client.destroy();
}

/**
 * A second tier in Redis. Commands fail at once while the connection is down instead of waiting in line: whoever is in
 * front decides how long a look-up may take.
 */
export async function createRedisTier({
  url,
  prefix,
  hold = () => () => {},
}: RedisTierOptions): Promise<Tier> {
  const settings = {
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, 2000) },
  };
  const client = createClient(settings);
  const subscriber = client.duplicate();
  // Without a listener an error of the connection would end the process.
  for (const each of [client, subscriber]) each.on('error', () => {});
  await holding(() => Promise.all([client.connect(), subscriber.connect()]));
  const bytesClient = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const channel = `${prefix}messages`;

  return {
    get: (key) =>
      holding(async () => {
        const bytes = await bytesClient.get(prefix + key);
        return bytes === null ? undefined : Uint8Array.from(bytes as unknown as Buffer);
      }),
    set: (key, bytes, ttlMs) =>
      holding(async () => {
        const expiration = { type: 'PX' as const, value: Math.max(1, Math.ceil(ttlMs)) };
        await client.set(prefix + key, Buffer.from(bytes), { expiration });
      }),
    delete: (key) => holding(async () => void (await client.del(prefix + key))),
    publish: (message) => holding(async () => void (await client.publish(channel, message))),
    subscribe: (listener) => holding(() => subscriber.subscribe(channel, (message) => listener(message))),
    close: () => holding(async () => void (await Promise.all([client, subscriber].map(ended)))),
  };

  async function holding<T>(work: () => Promise<T>): Promise<T> {
    const release = hold();
    try {
      return await work();
    } finally {
      release();
    }
  }
}
