import { expect, test } from 'vitest';
import { traceOf } from '../../lib/check/trace.ts';
import { createLedger } from '../../lib/provider/ledger.ts';
import { playFigures } from '../../lib/workbook/play-figures.ts';

test('calls that a long play does not keep one by one are counted all the same', () => {
  const ledger = createLedger();
  for (let i = 0; i < 2000; i += 1) {
    const call = ledger.open({ vendor: 'openai', deployment: 'm', model: 'm', startMs: i });
    ledger.close(call, { outcome: i < 999 ? 'answered' : 'refused', endMs: i + 1 });
  }
  const play = traceOf({ ledger, settledMs: 2000 });
  expect(play.calls).toHaveLength(1000);
  expect(playFigures([play])).toMatchObject({ calls: 2000, unanswered: 1001 });
});
