import { inspect } from 'node:util';
import type * as Subject from '#days/day5-nodejs/3-two-providers/client.ts';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/client.ts';
import { provider } from '../../provider.ts';
import {
  type Account,
  type Asked,
  accounts,
  DEPLOYMENT,
  differences,
  type Visit,
  WRONG_KEY,
} from './accounts.ts';
import { createEntra, listenToConsole, ON_THE_WAY, TOKEN_LIFE_MS, watchTheWire } from './wire.ts';

export { type Asked, differences } from './accounts.ts';
export { FLAGGED } from './wire.ts';

export const RETRY_AFTER_MS = 1500;
/** The SDK tries a call once and then twice more. */
export const SDK_TRIES = 3;

/** Long enough for the prompt cache, so that of the same question asked twice something is read from there. */
const MANUAL = 'The manual says that a ticket is closed when its customer is content. '.repeat(120);

/** Five accounts with one and the same code, and what goes wrong at two of them. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { promptIncludes: '[flagged]', deployment: DEPLOYMENT }, effect: { error: 'content_filter' } },
    { when: { promptIncludes: '[flagged]' }, effect: { error: 'invalid_prompt' } },
    {
      when: { promptIncludes: '[busy]' },
      effect: { error: 'rate_limit', retryAfterMs: RETRY_AFTER_MS },
    },
    { when: { promptIncludes: '[down]' }, effect: { error: 'server_error' } },
  ],
  traffic: (random) => ({ topic: random.pick(['refunds', 'invoices', 'deliveries', 'passwords']) }),
  async play(subject: typeof Subject, { openai, clock, traffic }) {
    const key = openai.apiKey ?? '';
    const entra = createEntra(clock);
    const watch = watchTheWire(key, entra.valid);
    const written: string[] = [];
    const clients: Contract.LlmClient[] = [];
    const errors: unknown[] = [];
    const create = (env: Contract.Env, usesToken = false) => {
      const client = subject.createClient(env, usesToken ? entra.getToken : undefined);
      clients.push(client);
      return client;
    };
    const ask = async (client: Contract.LlmClient, prompt: string): Promise<Asked> => {
      try {
        return { prompt, reply: await client.ask(prompt) };
      } catch (error) {
        errors.push(error);
        const { kind, retryAfterMs, message } = error as Partial<Subject.LlmError>;
        return { prompt, failed: { kind, retryAfterMs, message: message ?? String(error) } };
      }
    };
    const stopListening = listenToConsole(written);
    try {
      const visits: Visit[] = [];
      for (const account of accounts(key)) {
        watch.start();
        const client = create(account.env, account.usesToken);
        const asked = [await ask(client, `${account.name}: first question about ${traffic.topic}`)];
        const long = `${account.name}: what of this is about ${traffic.topic}? ${MANUAL}`;
        asked.push(await ask(client, long));
        await clock.sleep(TOKEN_LIFE_MS * 1.2);
        asked.push(await ask(client, long));
        visits.push({ account, asked, ...watch.seen() });
      }
      const [openAi, , , dated] = accounts(key) as [Account, Account, Account, Account];
      const odd = { OPENAI_REASONING_EFFORT: 'enormous' };
      const failures = {
        openai: await fail(create(openAi.env), 'openai'),
        azure: await fail(create(dated.env), 'azure'),
        openaiKey: await ask(create({ ...openAi.env, OPENAI_API_KEY: WRONG_KEY }), 'openai wrong key'),
        azureKey: await ask(create({ ...dated.env, AZURE_OPENAI_API_KEY: WRONG_KEY }), 'azure wrong key'),
        odd: {
          openai: await ask(create({ ...openAi.env, ...odd }), 'openai odd'),
          azure: await ask(create({ ...dated.env, ...odd }), 'azure odd'),
        },
        noDeployment: await ask(
          create({ ...dated.env, AZURE_OPENAI_DEPLOYMENT: 'nowhere' }),
          'azure nowhere',
        ),
      };
      const oddAnswers = {
        openai: await answers(create(openAi.env), 'openai'),
        azure: await answers(create(dated.env), 'azure'),
      };
      const secrets = { 'the API key': key, 'a wrong API key': WRONG_KEY, 'a token': 'entra-token-' };
      const places = {
        'what it wrote to the console': written.join('\n'),
        'an error': errors.map((error) => inspect(error, { depth: 8 })).join('\n'),
        'the client object, once somebody logs it': clients
          .map((client) => inspect(client, { depth: 8 }))
          .join('\n'),
      };
      const leaks = Object.entries(places).flatMap(([place, text]) =>
        Object.entries(secrets).flatMap(([what, secret]) => (text.includes(secret) ? [{ place, what }] : [])),
      );
      return { visits, failures, oddAnswers, leaks, key };
    } finally {
      stopListening();
      watch.stop();
    }

    async function answers(client: Contract.LlmClient, who: string) {
      return {
        proxied: await ask(client, `${who} ${ON_THE_WAY.proxied} ${MANUAL}`),
        rough: await ask(client, `${who} ${ON_THE_WAY.flagged} question`),
      };
    }

    async function fail(client: Contract.LlmClient, who: string) {
      return {
        blocked: await ask(client, `${who} [flagged] payload`),
        busy: await ask(client, `${who} [busy] question`),
        down: await ask(client, `${who} [down] question`),
        slowed: await ask(client, `${who} [busy] ${ON_THE_WAY.proxied} question`),
        tooLong: await ask(client, `${who} ${ON_THE_WAY.tooLong} question`),
        forbidden: await ask(client, `${who} ${ON_THE_WAY.forbidden} question`),
        unreachable: await ask(client, `${who} ${ON_THE_WAY.unreachable} question`),
      };
    }
  },
  readings({ outcome }) {
    const { visits, key } = outcome.value;
    const right = visits.filter((visit) => differences(visit, key).length === 0).length;
    // Every account can be served exactly as its documentation says.
    return {
      'accounts served as documented': {
        unit: 'share',
        better: 'higher',
        value: right / visits.length,
        target: 1,
        limit: 1,
      },
    };
  },
});
