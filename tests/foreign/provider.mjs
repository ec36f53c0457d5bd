// An OpenID provider that is not ours (npm `oidc-provider`), as an organisation may have one: strict, with pages to
// sign in and to consent, keys that it can change, and sign-ins that it can end.
//
//   node provider.mjs CLIENT AUDIENCE
//
// Its first line of output names it; then comes a line of JSON for all that happens. `rotate` on its input gives it new
// keys, `end` ends every sign-in.

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

import Provider from 'oidc-provider';
import { createMemoryAdapter } from 'oidc-provider/lib/adapters/memory_adapter.js';

const [client, audience] = process.argv.slice(2);

// It makes signed access tokens for a resource alone, and every resource has an address.
const RESOURCE = 'https://begrip.example';

// What it holds stays when its keys change.
const adapter = createMemoryAdapter();
const cookies = { keys: [randomUUID()] };
const grants = new Set();

function tell(event, more = {}) {
  process.stdout.write(`${JSON.stringify({ event, ...more })}\n`);
}

/** One for what says who signed in, another for access: two algorithms that the server must know. */
function keys() {
  const key = (kind, options, alg) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
    alg,
    kid: randomUUID(),
    use: 'sig',
  });
  return [
    key('rsa', { modulusLength: 2048 }, 'RS256'),
    key('ec', { namedCurve: 'P-256' }, 'ES256'),
  ];
}

/** Whoever signs in: the number that was typed, and what follows from it. */
function person(number) {
  return { sub: number, name: `Persoon ${number}`, email: `${number}@om.example`, email_verified: true };
}

function provider(issuer) {
  const made = new Provider(issuer, {
    clients: [
      {
        client_id: client,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/aangemeld'],
      },
    ],
    jwks: { keys: keys() },
    adapter,
    cookies,
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    findAccount: (_, number) => ({ accountId: number, claims: () => person(number) }),
    extraTokenClaims: (_, token) => {
      const { email, email_verified } = person(token.accountId);
      return { email, email_verified };
    },
    features: {
      devInteractions: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 300,
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
  made.on('grant.success', (ctx) => {
    const { Grant } = ctx.oidc.entities;
    if (Grant) grants.add(Grant.jti);
    tell('grant', { type: ctx.oidc.params.grant_type });
  });
  made.on('authorization.accepted', (ctx) => {
    const { scope, prompt, code_challenge_method } = ctx.oidc.params;
    tell('accepted', { scope, prompt, code_challenge_method });
  });
  made.on('grant.error', (_, error) => tell('refused', { error: error.error }));
  made.on('authorization.error', (_, error) => tell('refused', { error: error.error }));
  made.on('grant.revoked', () => tell('revoked'));
  made.on('server_error', (_, error) => tell('fault', { error: String(error.stack) }));
  return made;
}

const server = createServer((request, response) => serve(request, response));
let serve;
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  let now = provider(issuer);
  serve = now.callback();
  tell('listens', { issuer });
  createInterface({ input: process.stdin }).on('line', async (order) => {
    if (order === 'rotate') {
      now = provider(issuer);
      serve = now.callback();
    } else if (order === 'end') {
      for (const grant of grants) await now.RefreshToken.revokeByGrantId(grant);
    }
    tell('done', { order });
  });
});
