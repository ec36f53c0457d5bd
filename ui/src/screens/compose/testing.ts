import { cleanup, render, waitFor } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect } from 'vitest';
import {
  useHost,
  type Commands,
  type DefineEvent,
  type DefineRequest,
  type DefineResult,
} from '../../lib/backend';
import { fakeHost, type Answers } from '../../lib/backend/fake';
import * as sample from '../../lib/backend/fake-data';
import type { Host } from '../../lib/backend';
import { app } from '../../lib/state/app.svelte';
import Screen from './Screen.svelte';

export const byId = <E extends HTMLElement = HTMLElement>(id: string): E | null =>
  document.querySelector<E>(`[data-testid="${id}"]`);

/** The part with this id, once it is there. */
export async function found<E extends HTMLElement = HTMLElement>(id: string): Promise<E> {
  await waitFor(() => expect(byId(id), id).not.toBeNull());
  return byId<E>(id) as E;
}

export async function type(id: string, text: string): Promise<HTMLInputElement> {
  const field = await found<HTMLInputElement>(id);
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return field;
}

export async function click(id: string): Promise<void> {
  (await found(id)).click();
}

export function press(key: string, more: KeyboardEventInit = {}): void {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }),
  );
}

/** Unfolds the part with this id, or the one under this heading, once it is there. */
export async function unfold(id: string): Promise<void> {
  const part = (await found(id)).closest('details') as HTMLDetailsElement;
  part.open = true;
  // The page under test does not say so by itself.
  part.dispatchEvent(new Event('toggle'));
  await tick();
}

/** Waits until what would be sent says this. */
export async function sends(text: string): Promise<void> {
  await unfold('outgoing-details');
  await waitFor(() => expect(byId('outgoing')?.textContent).toContain(text));
}

export const value = (id: string): string => byId<HTMLInputElement>(id)?.value ?? '';
export const page = (): string => document.body.textContent?.replace(/\s+/g, ' ') ?? '';

/** A host that writes down what it is asked, and whose model is played by the test. */
export class Played {
  readonly asked: { name: string; args: unknown }[] = [];
  readonly drafts: DefineRequest[] = [];
  #event: (event: DefineEvent) => void = () => {};
  #end: (result: DefineResult) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly host: Host;
  /** The one that was made last: a test may put another in the place of the first. */
  static last: Played;

  constructor(changed: Partial<Answers> = {}) {
    Played.last = this;
    const inner = fakeHost(changed);
    this.host = {
      ...inner,
      call: (name, args) => {
        this.asked.push({ name, args });
        return inner.call(name, args);
      },
      stream: (_name, args, onEvent) => {
        this.drafts.push(args);
        this.#event = onEvent;
        return new Promise((end, fail) => {
          this.#end = end;
          this.#fail = fail;
        });
      },
    };
  }

  calls<N extends keyof Commands>(name: N): Commands[N]['args'][] {
    return this.asked.filter((each) => each.name === name).map(({ args }) => args) as never;
  }

  stage(stage: Extract<DefineEvent, { event: 'stage' }>['stage'], leftOut: string[] = []): void {
    this.#event({ event: 'stage', stage, left_out: leftOut });
  }

  text(definition: string, explanation = ''): void {
    this.#event({ event: 'text', definition, explanation });
  }

  /** Ends the request with a draft. */
  answer(changed: Partial<DefineResult> = {}): void {
    this.#end({ ...sample.drafted('x'), ...changed });
  }

  refuse(error: unknown): void {
    this.#fail(error);
  }

  /** Ends what is under way: it would go on in the next test. */
  async finish(): Promise<void> {
    this.refuse(sample.CANCELLED);
    // What follows from it, also when nothing of it was shown yet.
    await new Promise((done) => setTimeout(done));
    await waitFor(() => expect(byId('drafting')).toBeNull());
  }
}

/** Has each test begin with a host of its own and end with nothing under way. */
export function playEach(begin: (played: Played) => void): void {
  beforeEach(() => {
    location.hash = '';
    app.info = null;
    app.settings = null;
    const played = new Played();
    useHost(played.host);
    begin(played);
  });
  afterEach(async () => {
    await Played.last.finish();
    cleanup();
  });
}

/** Opens *Opstellen*, on a term or not; gives the way to leave it. */
export function open(term?: string): () => void {
  const query: Record<string, string> = term === undefined ? {} : { term };
  return render(Screen, { route: { screen: 'opstellen', id: null, query } }).unmount;
}

/** Opens *Opstellen* and has a definition drafted; the model has not answered yet. */
export async function asked(): Promise<() => void> {
  const leave = open('toezicht');
  await click('compose-start');
  await found('drafting');
  return leave;
}
