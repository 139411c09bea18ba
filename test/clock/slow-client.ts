import type { AddressInfo } from 'node:net';
import { createVirtualClock } from '../../lib/clock/index.ts';

/** Loads Node's server for the first time inside a play, then waits for it to drop a client that sends nothing. */
const { createServer } = await createVirtualClock().run(() => import('node:http'));
const { connect } = await import('node:net');

const LIMIT_MS = 50;
const limits = { requestTimeout: LIMIT_MS, headersTimeout: LIMIT_MS, connectionsCheckingInterval: LIMIT_MS };
const server = createServer(limits);
server.listen(0, '127.0.0.1', () => {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').resume();
  client.on('error', () => {});
  client.on('close', () => {
    console.log('dropped');
    server.close();
  });
});
