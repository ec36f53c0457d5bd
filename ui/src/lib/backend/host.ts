import type { Commands, Streams, UserError } from './generated';

export type CommandName = keyof Commands;
export type StreamName = keyof Streams;

/** Where the commands run. Every method rejects with a `UserError`. */
export interface Host {
  call<N extends CommandName>(name: N, args: Commands[N]['args']): Promise<Commands[N]['result']>;
  stream<N extends StreamName>(
    name: N,
    args: Streams[N]['args'],
    onEvent: (event: Streams[N]['event']) => void,
  ): Promise<Streams[N]['result']>;
  /** After a start that failed: try again, `afresh` with an empty file. */
  startAgain(afresh: boolean): Promise<void>;
}

export function isUserError(value: unknown): value is UserError {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value;
}

/** Whatever was thrown, as an error that a user can read. */
export function toUserError(value: unknown): UserError {
  if (isUserError(value)) return value;
  const detail = value instanceof Error ? value.message : String(value);
  return {
    code: 'BG-105',
    message: {
      nl: 'Het programma begreep deze opdracht niet.',
      en: 'The program did not understand this request.',
    },
    action: {
      nl: 'Probeer het opnieuw. Blijft het misgaan? Geef de code en het detail door aan uw beheerder.',
      en: 'Try again. If it keeps failing, give the code and the detail to your administrator.',
    },
    detail,
  };
}
