import { type AddressInfo, createServer, connect as netConnect, type Socket } from 'node:net';
import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';

/** Forty requests, eight at a time, through four places on real sockets; one in ten is cancelled half-way. */
export async function onRealSockets({ createPool }: typeof Subject) {
  const sockets = new Set<Socket>();
  const seen = { opened: 0, peak: 0, wrong: 0, answered: 0, cancelled: 0 };
  /** Sockets that the pool holds. The server learns of a closed one a little later. */
  let held = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    seen.opened += 1;
    socket.on('data', (data) => socket.write(`answer to ${data}`));
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pool = createPool<Socket>({
    max: 4,
    idleMs: 4000,
    connect: () =>
      new Promise((resolve, reject) => {
        held += 1;
        seen.peak = Math.max(seen.peak, held);
        const socket = netConnect(port, '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
      }),
    close(socket) {
      held -= 1;
      socket.destroy();
    },
    healthy: (socket) => !socket.destroyed,
  });
  let next = 0;
  const user = async () => {
    while (next < 40) {
      const number = next++;
      const socket = await pool.acquire();
      const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
      socket.write(`request ${number}`);
      if (number % 10 === 9) {
        seen.cancelled += 1;
        pool.release(socket, true);
        continue;
      }
      if ((await answer) === `answer to request ${number}`) seen.answered += 1;
      else seen.wrong += 1;
      pool.release(socket);
    }
  };
  // Real time, and only to get on with it: what is asserted are counts.
  let timer: NodeJS.Timeout | undefined;
  const stuck = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 1500);
  });
  await Promise.race([Promise.all(Array.from({ length: 8 }, user)), stuck]);
  clearTimeout(timer);
  next = 40;
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return seen;
}
