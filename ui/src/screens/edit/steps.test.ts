import { expect, it } from 'vitest';
import { emptyFields } from '../../lib/text/fields';
import { Steps, type Form } from './steps.svelte';

const form = (change: Partial<Form['fields']> = {}, reason = ''): Form => ({
  fields: { ...emptyFields(), ...change },
  reason,
});
const base = (version: number) => ({ version, fields: emptyFields() });

it('whoever pauses begins a new step', () => {
  const steps = new Steps(form());
  steps.note(form({ definition: 'a' }), 0);
  steps.note(form({ definition: 'ab' }), 1_000);
  steps.note(form({ definition: 'abc' }), 3_000);
  expect(steps.past).toHaveLength(2);
  expect(steps.undo(base(1))?.form).toEqual(form({ definition: 'ab' }));
  expect(steps.undo(base(1))?.form).toEqual(form());
  expect(steps.undo(base(1))).toBeNull();
});

it('undo and redo of any plan give the same forms', () => {
  const forms = [form(), form({ term: 'a' }), form({ examples: ['x'] }), form({}, 'r'), form()];
  const steps = new Steps(forms[0] ?? form());
  forms.slice(1).forEach((one, at) => steps.note(one, at));
  const back = forms.slice(0, -1).map(() => steps.undo(base(1))?.form);
  expect(back.reverse()).toEqual(forms.slice(0, -1));
  const forth = forms.slice(1).map(() => steps.redo(base(1))?.form);
  expect(forth).toEqual(forms.slice(1));
});

it('a base goes back with its step, but never behind what was kept', () => {
  const steps = new Steps(form({ term: 'mijn' }));
  steps.jump(form({ term: 'hun' }), base(1));
  expect(steps.undo(base(2))?.base?.version).toBe(1);
  expect(steps.redo(base(1))?.base?.version).toBe(2);
  steps.keptAs(form({ term: 'hun' }));
  expect(steps.undo(base(3))).toEqual({ form: form({ term: 'mijn' }), base: null });
});

it('the oldest steps are forgotten', () => {
  const steps = new Steps(form());
  for (let n = 0; n < 500; n += 1) steps.note(form({ definition: `${n}` }), n * 10_000);
  expect(steps.past).toHaveLength(200);
});

it('a pasted book in every step does not fill the memory', () => {
  const steps = new Steps(form());
  const book = 'x'.repeat(1_000_000);
  for (let n = 0; n < 30; n += 1) steps.note(form({ definition: `${n}${book}` }), n * 10_000);
  expect(steps.past.length).toBeLessThan(21);
  expect(steps.undo(base(1))?.form.fields.definition.startsWith('28')).toBe(true);
});
