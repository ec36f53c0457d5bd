import type { StreamName } from './host';
import { toUserError, type Host } from './host';
import type { Streams, UserError } from './generated';

const KEPT = 'begrip-token';

/** Takes the token of this run out of the address, so that it is not seen or shared. */
export function takeToken(): string | null {
  const found = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (found) {
    sessionStorage.setItem(KEPT, decodeURIComponent(found));
    history.replaceState(null, '', '#/zoeken');
  }
  return sessionStorage.getItem(KEPT);
}

type Line<N extends StreamName> =
  { event: Streams[N]['event'] } | { result: Streams[N]['result'] } | { error: UserError };

/** The same commands over HTTP on this machine, for tests in a browser. */
export function loopbackHost(token: string): Host {
  const post = async (path: string, args: unknown): Promise<Response> => {
    try {
      return await fetch(`/api/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-begrip-token': token },
        body: JSON.stringify(args),
      });
    } catch (error) {
      throw toUserError(error);
    }
  };
  const refusal = async (response: Response): Promise<UserError> =>
    toUserError(await response.json().catch(() => `HTTP ${response.status}`));
  return {
    async call(name, args) {
      const response = await post(`call/${name}`, args);
      if (!response.ok) throw await refusal(response);
      return response.json();
    },
    async stream<N extends StreamName>(
      name: N,
      args: Streams[N]['args'],
      onEvent: (event: Streams[N]['event']) => void,
    ) {
      const response = await post(`stream/${name}`, args);
      if (!response.ok || !response.body) throw await refusal(response);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { done, value } = await reader.read();
        const lines = (rest + (value ?? '')).split('\n');
        rest = lines.pop() ?? '';
        for (const text of lines) {
          const line = JSON.parse(text) as Line<N>;
          if ('event' in line) onEvent(line.event);
          else if ('error' in line) throw line.error;
          else return line.result;
        }
        if (done) throw toUserError('the stream ended without an answer');
      }
    },
    startAgain: async () => location.reload(),
  };
}
