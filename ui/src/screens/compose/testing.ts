import { cleanup, render, waitFor } from '@testing-library/svelte';
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
