import type { Socket } from 'node:net';
import type OpenAI from 'openai';
import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';
import { createProvider, modelFor, SIMULATED_KEY } from '#lib/provider';
import { serveProvider } from '#lib/provider/doors/node.ts';

/** How often a trial looks whether something has happened, on the real clock. What is judged is whether it has, not when. */
const LOOKS = 60;
const LOOK_MS = 20;
/** For so long the server offers to keep a connection, and the services that are not to close any. */
const LONG_MS = 60_000;
const SHORT_MS = 50;

export const CHAT_MAX = 3;
/** More than there are places. */
export const CROWD = 12;

export interface Counted {
  /** Connections that were opened, and the most at one time. */
  opened: number;
  peak: number;
}

/** Two services behind one address, called by the SDK through agents of one's own; the server counts its connections. */
export async function throughAgents({ connectServices }: typeof Subject) {
  const open = new Set<Socket>();
  const counted: Counted = { opened: 0, peak: 0 };
  /** Chat answers are held back while this is pending. */
  let held: Promise<void> | undefined;
  const small = modelFor('small');
  const embedder = modelFor('embedder');
  const provider = createProvider({
    plan: { deployments: { [small]: { model: small }, [embedder]: { model: embedder } } },
    seed: 1,
    clock: { now: () => 0, sleep: async () => {} },
  });
  const answer: typeof provider.answer = (request) => {
    const answered = provider.answer(request);
    if (!answered || !held || !String(request.url).includes('/chat/')) return answered;
    return held.then(() => answered);
  };
  const server = await serveProvider(
    { answer },
    {
      port: 0,
      patience: { keepAliveMs: LONG_MS },
      onConnection(socket) {
        open.add(socket);
        counted.opened += 1;
        counted.peak = Math.max(counted.peak, open.size);
        socket.on('close', () => open.delete(socket));
      },
    },
  );
  const service = (max: number, idleMs: number) => ({
    ...{ baseURL: `${server.url}/v1`, apiKey: SIMULATED_KEY },
    ...{ max, idleMs },
  });
  const chat = (client: OpenAI, content: string) =>
    client.chat.completions.create({ model: small, messages: [{ role: 'user', content }] });
  const embed = (client: OpenAI) => client.embeddings.create({ model: embedder, input: 'a text' });
  const since = ({ opened }: Counted) => counted.opened - opened;
  const leftOpen = async () => {
    await until(() => open.size === 0);
    return open.size;
  };
  try {
    const { clients, close } = connectServices({
      chat: service(CHAT_MAX, LONG_MS),
      embeddings: service(1, LONG_MS),
    });
    const crowd = await settled(Array.from({ length: CROWD }, (_, i) => chat(clients.chat, `question ${i}`)));
    const first = { ...counted };
    const later: string[] = [];
    for (let i = 0; i < 5; i += 1) later.push(...(await settled([chat(clients.chat, `later ${i}`)])));
    const openedLater = since(first);
    let letGo = () => {};
    held = new Promise((resolve) => {
      letGo = resolve;
    });
    const busy = Array.from({ length: CHAT_MAX + 1 }, (_, i) => chat(clients.chat, `held ${i}`));
    let meanwhile = 'stuck';
    void embed(clients.embeddings).then(
      () => (meanwhile = 'answered'),
      (error) => (meanwhile = String(error)),
    );
    await until(() => meanwhile !== 'stuck');
    const seenMeanwhile = meanwhile;
    letGo();
    held = undefined;
    const released = await settled(busy);
    await close();
    const leftAtTheEnd = await leftOpen();
    for (const socket of open) socket.destroy();
    const quick = connectServices({ quick: service(2, SHORT_MS) });
    const last = await settled([chat(quick.clients.quick, 'last'), chat(quick.clients.quick, 'very last')]);
    const leftIdle = await leftOpen();
    await quick.close();
    const errors = [...crowd, ...later, ...released, ...last].filter((how) => how !== 'answered');
    return { first, openedLater, meanwhile: seenMeanwhile, leftAtTheEnd, leftIdle, errors };
  } finally {
    await server.close();
  }
}

function settled(calls: Promise<unknown>[]): Promise<string[]> {
  return Promise.all(calls.map((call) => call.then(() => 'answered', String)));
}

async function until(happened: () => boolean): Promise<void> {
  for (let look = 0; look < LOOKS && !happened(); look += 1)
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_MS);
    });
}
