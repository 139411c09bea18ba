#!/usr/bin/env python3
"""What the four tools of optimiser.py do in the corners. Lab 5.1 holds the port against this.

    python3 -B traces.py > recorded/traces.json
"""

import asyncio
import json
import sys

from optimiser import gather_with_limit, lru_cached, request_id, with_deadline

UNIT = 0.02  # seconds of real time


async def task_group():
    """Six tasks, three at a time. The second one fails while the first and the third are under way."""
    began, cancelled, ended = [], [], []

    def task(name, units, fails=False):
        async def body():
            began.append(name)
            try:
                await asyncio.sleep(units * UNIT)
                if fails:
                    raise ValueError(f"{name} failed")
            except asyncio.CancelledError:
                await asyncio.sleep(UNIT)  # puts its things in order before it goes
                cancelled.append(name)
                raise
            finally:
                ended.append(name)
            return name

        return body

    tasks = [task("a", 5), task("b", 2, fails=True), task("c", 4), task("d", 1), task("e", 1), task("f", 1)]
    raised = "nothing"
    try:
        await gather_with_limit(3, tasks)
    except ValueError as error:
        raised = str(error)
    open_when_raised = sorted(set(began) - set(ended))
    await asyncio.sleep(8 * UNIT)
    return {"began": began, "cancelled": sorted(cancelled), "raised": raised, "stillRunning": open_when_raised}


async def cache():
    """Two places: A B A C A B one after the other, then three calls of D at once, then E, which fails, twice."""
    loads = []

    @lru_cached(2)
    async def load(key):
        loads.append(key)
        await asyncio.sleep(UNIT)
        if key == "E":
            raise ValueError("E failed")
        return key.lower()

    values = [await load(key) for key in "ABACAB"]
    after_row = list(loads)
    values += await asyncio.gather(*(load("D") for _ in range(3)))
    errors = []
    for _ in range(2):
        try:
            await load("E")
        except ValueError as error:
            errors.append(str(error))
    return {"row": after_row, "together": loads[len(after_row) : -2], "failing": loads[-2:], "values": values, "errors": errors}


async def deadline():
    """Work of five units under a deadline of two; work of one unit; work that fails."""
    events = []

    async def work(name, units, fails=False):
        try:
            await asyncio.sleep(units * UNIT)
        except asyncio.CancelledError:
            events.append(f"{name} cancelled")
            raise
        if fails:
            raise ValueError(f"{name} failed")
        events.append(f"{name} ended")
        return name

    async def outcome(coroutine):
        try:
            return await with_deadline(2 * UNIT, coroutine)
        except asyncio.TimeoutError:
            return "TimeoutError"
        except ValueError as error:
            return str(error)

    outcomes = [await outcome(work("slow", 5)), await outcome(work("quick", 1)), await outcome(work("broken", 1, True))]
    await asyncio.sleep(8 * UNIT)
    return {"outcomes": outcomes, "events": events}


async def context():
    """Three requests that take turns; each asks three times who it is."""
    lines = []

    async def deep():
        await asyncio.sleep(UNIT)
        return request_id.get()

    async def request(name):
        request_id.set(name)
        seen = [request_id.get()]
        await asyncio.sleep(UNIT)
        seen.append(request_id.get())
        seen.append(await deep())
        lines.append(" ".join(seen))

    await asyncio.gather(*(asyncio.ensure_future(request(name)) for name in ("r1", "r2", "r3")))
    return {"lines": sorted(lines), "outside": request_id.get()}


async def main():
    situations = {"taskGroup": task_group, "cache": cache, "deadline": deadline, "context": context}
    json.dump({name: await situation() for name, situation in situations.items()}, sys.stdout, indent=2)
    print()


asyncio.run(main())
