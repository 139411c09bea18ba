import * as subject from '#days/day3-caching/1-exact-cache/exact-cache.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { type Asked, differences, meaning, type Served, scenario } from './scenario/index.ts';
import { CHUNK_MS, type Said } from './scenario/replies.ts';

const run = play(scenario, subject);

step(1);

check('answers every request with an answer to exactly that request', async () => {
  const { notACall } = (await run()).value;
  hold(notACall === undefined, {
    happened: `\`cached\` returned ${notACall === 'undefined' ? 'nothing' : `something that cannot be called (${notACall})`}`,
    expected: 'a Call: a function that is asked as the one that it was given',
  });
  for (const { asked, madeFor } of await hits()) {
    if (madeFor.scope.tenant !== asked.scope.tenant || !isRepeatable(asked)) continue;
    hold(meaning(madeFor) === meaning(asked), () => ({
      happened: `${named(asked)} was answered from the store with the answer to ${named(madeFor)}, which differs in: ${differences(madeFor, asked).join(', ')}`,
      expected: 'two answers for two requests',
      help: 'Everything that can change the answer belongs into the key, as it was sent: lower case and single blanks are for other texts than "US" or code.',
    }));
  }
  for (const { name, isShared } of (await run()).value.pairs.differing)
    hold(!isShared, {
      happened: `two requests that differ in ${name} were given one answer`,
      expected: 'two calls: it can change the answer',
      help: 'Begin with the whole request and take out what cannot change the answer.',
    });
});

check('never gives one tenant the answer of another', async () => {
  for (const { asked, madeFor } of await hits()) {
    hold(madeFor.scope.tenant === asked.scope.tenant, () => ({
      happened: `tenant "${asked.scope.tenant}" (prompt version "${asked.scope.promptVersion}") got the answer that was made for tenant "${madeFor.scope.tenant}" (prompt version "${madeFor.scope.promptVersion}")`,
      expected: 'each tenant to be served from its own answers only',
      help: 'The scope belongs into the key, and joined so that "a" + "b:c" and "a:b" + "c" stay two: JSON does that, a colon does not.',
    }));
  }
  for (const { one, other, isShared } of (await run()).value.scopes)
    hold(!isShared, {
      happened: `tenant ${JSON.stringify(other.tenant)} with prompt version ${JSON.stringify(other.promptVersion)} was given the answer of tenant ${JSON.stringify(one.tenant)} with ${JSON.stringify(one.promptVersion)}`,
      expected: 'two answers: both read the same only where they are glued together',
      help: 'An array in JSON keeps its parts apart, whatever they hold.',
    });
});

check('finds a request again, however it is written', async () => {
  const played = await run();
  const help =
    'The same request comes with its fields in another order, with another `user`, with a blank line at its end.';
  for (const { name, isShared } of played.value.pairs.alike)
    hold(isShared, {
      happened: `two requests that differ in ${name} only were two calls`,
      expected: 'one: it cannot change the answer',
      help,
    });
  meets(played, 'hit rate', help);
  meets(played, 'spent on the help page', help);
});

step(2);

check('keeps no answer that failed, was filtered, cut off or given up', async () => {
  const { served } = (await run()).value;
  for (const it of served) {
    const { asked, reply, error, calls } = it;
    const finish = reply ? (reply.choices[0]?.finish_reason ?? 'nothing') : 'stop';
    hold(calls > 0 || (error === undefined && WHOLE.has(finish)), () => ({
      happened: `${named(asked)} was answered without a call with ${error === undefined ? `an answer that had ended with "${finish}"` : `the error of an earlier attempt (${error})`}`,
      expected: 'a new call; only what ended with "stop" or "tool_calls" is whole',
      help: 'A promise that is kept keeps its rejection too; and a 200 can carry half an answer.',
    }));
  }
  for (const { what, isReadOn, said, calls, got } of (await run()).value.halves)
    hold(calls > 1 || (isReadOn && isSame(got[1]?.said ?? [], said)), {
      happened: `${what} was kept, and the next one who asked got ${JSON.stringify(got[1]?.said)}`,
      expected: 'a new call: it is not whole',
      help: 'Whole is an answer of which each choice has come to its end. `finally` also runs for a reader who leaves.',
    });
});

check('serves no answer of the stand-in in place of the model', async () => {
  for (const { asked, model } of await hits()) {
    const { model: wanted } = asked.request;
    hold(model.replace(/-\d{4}-\d\d-\d\d$/, '') === wanted, () => ({
      happened: `${named(asked)} asked ${wanted} and was served, from the store, what ${model} had answered during an outage`,
      expected: "an answer of the model that was asked; the stand-in's is for the outage only",
      help: "`answer.model` says who answered: the name that was asked, or that name with a date. A name that only begins like the model's is another model's.",
    }));
  }
  hold((await run()).value.standInCalls > 1, {
    happened: 'a stream that the stand-in had written was kept, and given to one who asked the model',
    expected: "a new call; the stand-in's answer is for the outage only",
    help: 'Each chunk says in `model` who writes it.',
  });
});

check('asks anew when a fresh draw is wanted', async () => {
  const { served } = (await run()).value;
  for (const { asked, calls } of served) {
    hold(isRepeatable(asked) || calls > 0, () => ({
      happened: `${named(asked)}, with ${asked.scope.fresh ? '`fresh` in its scope' : `temperature ${asked.request.temperature}`}, was given the same draw as before`,
      expected: 'a call: whoever asks for another idea does not want the last one again',
      help: 'The policy of this product: `scope.fresh`, or a temperature above 0, asks for a new draw. All else may be reused.',
    }));
  }
  for (const { what, isShared } of (await run()).value.draws)
    hold(!isShared, {
      happened: what,
      expected: 'a call for each: a new draw is neither read from the store nor kept',
    });
});

check('gives a stream to whoever asks for one, and only to them', async () => {
  const { served } = (await run()).value;
  for (const { asked, reply, error, streamed } of served) {
    if (!reply && streamed === undefined) {
      hold(!asked.request.stream, {
        happened: `${named(asked)} asked for a stream and got the error ${error}`,
        expected: 'a stream',
      });
      continue;
    }
    hold((streamed !== undefined) === (asked.request.stream === true), () => ({
      happened: `${named(asked)} asked for a ${asked.request.stream ? 'stream and got a whole answer' : 'whole answer and got a stream'}`,
      expected: 'the kind of reply that was asked for',
      help: 'A page that reads `for await (const chunk of reply)` breaks on a stored object. Let streams pass, or play the stored answer as chunks.',
    }));
    hold(streamed !== '', {
      happened: `${named(asked)} got a stream without a word in it`,
      expected: 'a stream that nobody has read before',
    });
  }
  for (const { what, ways, said, got } of (await run()).value.reread)
    got.forEach((it, i) => {
      const [way, reader] = [ways[i], `the ${i === 0 ? 'first' : 'second'} of two who asked for ${what}`];
      hold(it.error === undefined && it.isStream === (way === 'stream'), {
        happened: `${reader} (${ways.join(', then ')}) got ${it.error ? `the error ${it.error}` : it.isStream ? 'a stream' : 'a whole answer'}`,
        expected: way === 'stream' ? 'a stream' : 'a whole answer',
      });
      hold(isSame(it.said, said), {
        happened: `${reader} (${ways.join(', then ')}) got ${JSON.stringify(it.said)}`,
        expected: `all of it: ${JSON.stringify(said)}`,
        help: 'A stream that is kept has more than words: calls of tools, in pieces, and several choices, each with its end.',
      });
      hold(it.firstMs <= CHUNK_MS + 10, {
        happened: `${reader} as a stream got its first chunk after ${Math.round(it.firstMs)} ms, and its last after ${Math.round(it.lastMs)}`,
        expected: `the first after ${CHUNK_MS} ms: each as it comes`,
        help: 'To keep a stream, gather it while you hand it on, in a generator.',
      });
    });
});

/** Answers that were served without a call, with the request that they were made for. */
async function hits(): Promise<{ asked: Asked; madeFor: Asked; model: string }[]> {
  const { served, madeFor } = (await run()).value;
  return served.flatMap(({ asked, reply, calls }: Served) => {
    if (calls > 0 || !reply) return [];
    const source = madeFor.get(reply.id);
    hold(source !== undefined, {
      happened: `${named(asked)} was answered with something that the provider never wrote`,
      expected: 'the stored answer, unchanged',
    });
    return [{ asked, madeFor: source, model: reply.model }];
  });
}

const WHOLE = new Set(['stop', 'tool_calls']);

function isSame(got: Said[], said: Said[]): boolean {
  return (
    got.length === said.length &&
    said.every(({ words, tool, finish }, i) => {
      const it = got[i];
      return (it?.words || undefined) === words && it?.tool?.join() === tool?.join() && it?.finish === finish;
    })
  );
}

function isRepeatable({ request, scope }: Asked): boolean {
  return !scope.fresh && (request.temperature ?? 0) === 0;
}

function named({ request, scope }: Asked): string {
  const text = JSON.stringify(request.messages.at(-1)?.content).slice(0, 60);
  return `${text} of ${scope.tenant}`;
}
