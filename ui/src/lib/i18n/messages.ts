import * as administration from '../../screens/administration/messages';
import * as batch from '../../screens/batch/messages';
import * as check from '../../screens/check/messages';
import * as compose from '../../screens/compose/messages';
import * as concept from '../../screens/concept/messages';
import * as edit from '../../screens/edit/messages';
import * as insight from '../../screens/insight/messages';
import * as mine from '../../screens/mine/messages';
import * as review from '../../screens/review/messages';
import * as rules from '../../screens/rules/messages';
import * as search from '../../screens/search/messages';
import * as settings from '../../screens/settings/messages';
import * as sharing from '../../screens/sharing/messages';
import * as sources from '../../screens/sources/messages';
import * as frame from './frame';

export const nl = {
  ...frame.nl,
  ...administration.nl,
  ...search.nl,
  ...concept.nl,
  ...check.nl,
  ...compose.nl,
  ...insight.nl,
  ...batch.nl,
  ...mine.nl,
  ...edit.nl,
  ...review.nl,
  ...rules.nl,
  ...settings.nl,
  ...sharing.nl,
  ...sources.nl,
} as const;

// A key that one language has and the other has not does not compile.
export const en: Record<keyof typeof nl, string> = {
  ...frame.en,
  ...administration.en,
  ...search.en,
  ...concept.en,
  ...check.en,
  ...compose.en,
  ...insight.en,
  ...batch.en,
  ...mine.en,
  ...edit.en,
  ...review.en,
  ...rules.en,
  ...settings.en,
  ...sharing.en,
  ...sources.en,
};
