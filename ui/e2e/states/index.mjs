// Every screen in every state in which a user may meet it. Each entry brings the page there: `before`
// the screen is opened `at` its address, `open` until it stands, `close` to leave nothing behind.
import { ADMINISTRATION } from './administration.mjs';
import { BATCH } from './batch.mjs';
import { COMPOSE } from './compose.mjs';
import { CONCEPT } from './concept.mjs';
import { INSIGHT } from './insight.mjs';
import { LOOKUP } from './lookup.mjs';
import { REVIEW } from './review.mjs';
import { RULES } from './rules.mjs';
import { SETTINGS } from './settings.mjs';
import { SHARING } from './sharing.mjs';
import { SOURCES } from './sources.mjs';

export const STATES = [
  ...LOOKUP,
  ...CONCEPT,
  ...COMPOSE,
  ...BATCH,
  ...REVIEW,
  ...RULES,
  ...INSIGHT,
  ...SETTINGS,
  ...SHARING,
  ...ADMINISTRATION,
  ...SOURCES,
];
