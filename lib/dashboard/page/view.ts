import { MEASURES, type Measure } from '../attempt-charts.ts';
import { PANELS, type PanelName } from '../panel-data.ts';

/** What the person chose to see. It is kept in the part of the address after "#", so that it can be passed on. */
export interface View {
  /** Id of a record; empty for the newest. */
  run: string;
  /** Lab to which the choice of runs is narrowed; empty for all. */
  lab: string;
  panels: PanelName[];
  /** Panels whose table is open. */
  tables: PanelName[];
  /** Milliseconds of virtual time that are looked back; 0 for the whole play. */
  windowMs: number;
  /** Name of the figure in the history; empty for the first. */
  metric: string;
  measure: Measure;
  /** How many times faster than human speed a replay goes. */
  speed: number;
}

export const WINDOWS = {
  0: 'the whole play',
  1000: '1 s',
  10000: '10 s',
  60000: '1 min',
  600000: '10 min',
  3600000: '1 h',
};
export const SPEEDS = {
  1: 'human speed',
  10: '10 times',
  60: '60 times',
  600: '600 times',
  3600: '1 h in 1 s',
};

const ALL = Object.keys(PANELS) as PanelName[];

/** Reads the address. What cannot be understood is as if it were not there. */
export function viewFrom(hash: string): View {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const numberOf = (name: string, known: object, fallback: number) =>
    Object.hasOwn(known, given.get(name) ?? '') ? Number(given.get(name)) : fallback;
  const measure = given.get('measure') ?? '';
  return {
    run: given.get('run') ?? '',
    lab: given.get('lab') ?? '',
    panels: panelsIn(given.get('panels')) ?? ALL,
    tables: panelsIn(given.get('tables')) ?? [],
    windowMs: numberOf('window', WINDOWS, 0),
    metric: given.get('metric') ?? '',
    measure: Object.hasOwn(MEASURES, measure) ? (measure as Measure) : 'virtualMs',
    speed: numberOf('speed', SPEEDS, 1),
  };
}

/** The address of a view, without what is as it is anyway. */
export function hashOf(view: View): string {
  const words = new URLSearchParams();
  if (view.lab) words.set('lab', view.lab);
  if (view.run) words.set('run', view.run);
  if (view.panels.length !== ALL.length) words.set('panels', view.panels.join(',') || 'none');
  if (view.tables.length > 0) words.set('tables', view.tables.join(','));
  if (view.windowMs > 0) words.set('window', String(view.windowMs));
  if (view.metric) words.set('metric', view.metric);
  if (view.measure !== 'virtualMs') words.set('measure', view.measure);
  if (view.speed !== 1) words.set('speed', String(view.speed));
  return `#${String(words).replaceAll('%2C', ',')}`;
}

function panelsIn(text: string | null): PanelName[] | undefined {
  if (text === null) return undefined;
  const words = text.split(',');
  return ALL.filter((name) => words.includes(name));
}
