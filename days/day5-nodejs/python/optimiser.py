#!/usr/bin/env python3
"""The week's optimiser in Python: the reference that lab 5.1 ports to TypeScript.

Calls side by side behind a semaphore, an answer cache with single-flight, a log read by a generator, deadlines, a
request id that every log line finds, and a tracker. Python 3.9 or newer, standard library only.

    npm run provider                                   # in another terminal
    python3 optimiser.py --log incidents.txt           # the answers and the bill
    python3 -m cProfile -s cumulative optimiser.py     # where the time goes (lab 5.7)
"""

import argparse
import asyncio
import json
import platform
import sys
import time
from collections import OrderedDict, deque
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import urlsplit

# What is known of models: names, efforts, and prices in USD per million tokens, which is micro-dollars per token.
CATALOGUE = json.loads((Path(__file__).resolve().parents[3] / "lib/provider/catalogue.json").read_text(encoding="utf-8"))
SMALL = CATALOGUE["roles"]["small"]["model"]

request_id: ContextVar[str] = ContextVar("request_id", default="-")


# --- the four tools that lab 5.1 ports ---------------------------------------------------------------------------


async def gather_with_limit(limit, tasks):
    """Awaits the coroutine functions in `tasks`, at most `limit` at a time; results in their order.

    As in an asyncio.TaskGroup (Python 3.11): the first failure cancels the others, what has not begun never begins,
    and it is raised when all have ended. asyncio.gather by itself would let them run on.
    """
    semaphore = asyncio.Semaphore(limit)
    failures = []

    async def in_turn(task):
        async with semaphore:
            try:
                return await task()
            except Exception as failure:
                failures.append(failure)
                # Before the semaphore is released: it would let the next one in.
                for other in running:
                    other.cancel()
                raise

    running = [asyncio.ensure_future(in_turn(task)) for task in tasks]
    try:
        results = await asyncio.gather(*running, return_exceptions=True)
    except asyncio.CancelledError:
        await asyncio.gather(*running, return_exceptions=True)
        raise
    if failures:
        raise failures[0]
    return results


def lru_cached(maxsize):
    """functools.lru_cache for a coroutine function of one argument.

    What is kept is the future, so that two callers who come at the same time share one call. Failures are not kept.
    functools.lru_cache itself would keep the coroutine, which can be awaited only once.
    """

    def decorate(load):
        cache = OrderedDict()

        async def cached(key):
            if key in cache:
                cache.move_to_end(key)
            else:
                cache[key] = future = asyncio.ensure_future(load(key))
                future.add_done_callback(lambda done: forget_failure(key, done))
                if len(cache) > maxsize:
                    cache.popitem(last=False)
            return await asyncio.shield(cache[key])

        def forget_failure(key, done):
            if (done.cancelled() or done.exception()) and cache.get(key) is done:
                del cache[key]

        return cached

    return decorate


async def with_deadline(seconds, coroutine):
    """Awaits the coroutine; after `seconds` it is cancelled and asyncio.TimeoutError is raised."""
    return await asyncio.wait_for(coroutine, seconds)


# --- reading the log, counting, calling --------------------------------------------------------------------------


def log_generator(path):
    """Chunks of a log, separated by blank lines, the last one included; holds one chunk at a time."""
    chunk = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                chunk.append(line.strip())
            elif chunk:
                yield "\n".join(chunk)
                chunk = []
    if chunk:
        yield "\n".join(chunk)


class PerformanceTracker:
    """Latency, tokens and cost of the last `keep` calls, and the totals of all."""

    def __init__(self, keep=1000):
        self.latencies = deque(maxlen=keep)
        self.calls = self.tokens = self.cost_micro_usd = 0

    def track_call(self, latency, tokens, cost_micro_usd):
        self.latencies.append(latency)
        self.calls += 1
        self.tokens += tokens
        self.cost_micro_usd += cost_micro_usd

    def get_stats(self):
        if not self.latencies:
            return {"calls": 0, "avg_latency": None, "p95_latency": None, "total_tokens": 0, "total_cost_micro_usd": 0}
        ordered = sorted(self.latencies)
        return {
            "calls": self.calls,
            "avg_latency": sum(ordered) / len(ordered),
            "p95_latency": ordered[max(0, -(-95 * len(ordered) // 100) - 1)],
            "total_tokens": self.tokens,
            "total_cost_micro_usd": self.cost_micro_usd,
        }


def cost_micro_usd(model, usage):
    """Whole micro-dollars, rounded once, half up: integers of millionths of a micro-dollar until then."""
    price = CATALOGUE["models"][model]["price"]
    plain, output = price["input"], price["output"]
    to_cache = min(price.get("cacheWrite", {"": plain}).values())
    details = usage.get("prompt_tokens_details") or {}
    read, kept = details.get("cached_tokens", 0), details.get("cache_write_tokens", 0)
    parts = (
        (usage["prompt_tokens"] - read - kept, plain),
        (read, price.get("cachedInput", plain)),
        (kept, to_cache),
        (usage["completion_tokens"], output),
    )
    pico = sum(tokens * round(usd * 1_000_000) for tokens, usd in parts)
    return (pico + 500_000) // 1_000_000


def least_effort(model):
    """The effort with which a model answers soonest; None for one that does not think."""
    efforts = CATALOGUE["families"][CATALOGUE["models"][model]["family"]]["efforts"]
    return efforts[0] if efforts else None


class LlmClient:
    """Chat completions over plain HTTP, enough for the simulated provider. At work this is openai.AsyncOpenAI."""

    def __init__(self, base_url, api_key, model, effort=None):
        self.url, self.api_key, self.model = urlsplit(base_url), api_key, model
        # Left out, the model thinks first: slower, and billed.
        self.effort = {"reasoning_effort": effort} if effort else {}

    async def create(self, prompt):
        messages = [{"role": "user", "content": prompt}]
        status, body = await self._post({"model": self.model, "messages": messages, **self.effort})
        answer = json.loads(body)
        if status != 200:
            raise RuntimeError(f"HTTP {status}: {answer['error']['message']}")
        return answer["choices"][0]["message"]["content"], answer["usage"]

    async def _post(self, body):
        data = json.dumps(body).encode()
        reader, writer = await asyncio.open_connection(self.url.hostname, self.url.port or 80)
        try:
            head = (
                f"POST {self.url.path}/chat/completions HTTP/1.1\r\nHost: {self.url.netloc}\r\n"
                f"Authorization: Bearer {self.api_key}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
            )
            writer.write(head.encode() + data)
            await writer.drain()
            raw = await reader.read()
        finally:
            writer.close()
        return parse_response(raw)


def parse_response(raw):
    """Status and body of an HTTP/1.1 response that has arrived as a whole."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    if b"transfer-encoding: chunked" not in head.lower():
        return status, body
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if length == 0:
            break
        whole, body = whole + rest[:length], rest[length + 2 :]
    return status, whole


# --- the orchestrator --------------------------------------------------------------------------------------------


class OptimizedOrchestrator:
    """A summary for each chunk of a log. Equal chunks are asked for once, also when they are under way together."""

    def __init__(self, client, limit=4, cache_size=64, deadline=30.0):
        self.client, self.limit, self.deadline = client, limit, deadline
        self.tracker = PerformanceTracker()
        self.log = []
        self.summarise = lru_cached(cache_size)(self._summarise)

    async def _summarise(self, chunk):
        started = time.perf_counter()
        answer, usage = await with_deadline(self.deadline, self.client.create(prompt_for(chunk)))
        cost = cost_micro_usd(self.client.model, usage)
        self.tracker.track_call(time.perf_counter() - started, usage["total_tokens"], cost)
        return answer

    async def process_one(self, number, chunk):
        request_id.set(f"chunk-{number}")
        answer = await self.summarise(chunk)
        self.log.append(f"{request_id.get()}: {len(answer)} characters")
        return answer

    async def run(self, chunks):
        """Takes the chunks in windows of eight times the limit, so that the generator is not drained at once."""
        answers, window = [], []
        for number, chunk in enumerate(chunks):
            window.append(lambda number=number, chunk=chunk: self.process_one(number, chunk))
            if len(window) == 8 * self.limit:
                answers += await gather_with_limit(self.limit, window)
                window = []
        return answers + await gather_with_limit(self.limit, window)


def prompt_for(chunk):
    return f"Summarise this incident for the night report:\n{chunk}"


def main(arguments):
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description="Summarises an incident log through an OpenAI-compatible provider.")
    parser.add_argument("--base-url", default="http://127.0.0.1:4010/v1")
    parser.add_argument("--api-key", default="sk-simulated-0000-not-a-secret")
    parser.add_argument("--model", default=SMALL)
    parser.add_argument("--effort", default=least_effort(SMALL))
    parser.add_argument("--log", default=str(here / "incidents.txt"))
    parser.add_argument("--limit", type=int, default=4)
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    orchestrator = OptimizedOrchestrator(
        LlmClient(options.base_url, options.api_key, options.model, options.effort), limit=options.limit
    )
    answers = asyncio.run(orchestrator.run(log_generator(options.log)))
    report = {
        "python": platform.python_version(),
        "elapsedMs": round((time.perf_counter() - started) * 1000),
        "answers": answers,
        "requests": orchestrator.log,
        "stats": orchestrator.tracker.get_stats(),
    }
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
